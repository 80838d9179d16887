"""Axes that all time pictures share: the clock under, the busy hour behind, the legend above.

Belongs here: making and dressing matplotlib axes. Does not belong here: what is drawn on them.
Horizontal positions are hours since the start of the run.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.result import Result, Series
from vpbx.report import keys, words
from vpbx.report.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

BUSY_HOUR = "busy hour"
"""Every stripe's label starts with this."""
_MAX_LEGEND_COLUMNS = 4
_LEGEND_LETTERS = 108
"""So many letters of a legend stand beside each other …"""
_LEGEND_HANDLE = 8
"""… of which each entry's sign and space take so many."""
_BAND_ROOM = 2.0
"""The axis is at most this many times as high as the highest line on it."""
_MANY = 200
"""More intervals than this are drawn with thinner lines."""


def start_of(result: Result) -> datetime:
    """Local date and time of the run's start."""
    return datetime.fromisoformat(result.meta.start).replace(tzinfo=None)


def edges_h(result: Result) -> Floats:
    """Borders of the intervals in hours, one more than there are intervals."""
    starts = np.asarray(result.interval_starts_s, dtype=np.float64)
    return np.append(starts, starts[-1:] + result.meta.interval_s) / 3600.0


def middles_h(result: Result) -> Floats:
    """Middle of each interval in hours."""
    edges = edges_h(result)
    return (edges[:-1] + edges[1:]) / 2.0


def clipped(result: Result, values: Floats) -> Floats:
    """The first values, one an interval shown; as floats, so that gaps can be NaN."""
    return np.asarray(values, dtype=np.float64)[: len(result.interval_starts_s)]


def _tick_step_h(hours: float) -> int:
    for longest, step in ((6, 1), (14, 2), (30, 3), (60, 6), (84, 12), (16 * 24, 24)):
        if hours <= longest:
            return step
    return 24 * 7 if hours <= 200 * 24 else 24 * 28


def _tick_label(at: datetime, step_h: int, first: bool) -> str:
    if step_h >= 24:
        return f"{at:%a}\n{at.day} {at:%b}"
    dated = step_h > 3 and (first or at.hour == 0)
    return f"{at:%H:%M}\n{at.day} {at:%b}" if dated else f"{at:%H:%M}"


def _ticks(result: Result) -> tuple[list[float], list[str]]:
    """Positions and local clock times of the ticks: whole hours, midnights in long runs."""
    start, edges = start_of(result), edges_h(result)
    step = _tick_step_h(edges[-1] - edges[0])
    first = start + timedelta(hours=float(edges[0]))
    at = first.replace(hour=first.hour // step * step if step < 24 else 0, minute=0, second=0)
    positions: list[float] = []
    labels: list[str] = []
    while (position := (at - start) / timedelta(hours=1)) <= edges[-1] + 1e-9:
        if position >= edges[0] - 1e-9:
            positions.append(position)
            labels.append(_tick_label(at, step, not labels))
        at += timedelta(hours=step)
    return positions, labels


def clock_axis(axes: "Axes", result: Result, label: bool = True) -> None:
    """Local clock time along the bottom."""
    positions, labels = _ticks(result)
    edges = edges_h(result)
    axes.set_xticks(positions, labels)
    axes.set_xlim(edges[0], edges[-1])
    if label:
        axes.set_xlabel(f"local time ({result.meta.timezone})")


def _busy_stripes(result: Result, minute: int) -> list[tuple[float, float]]:
    """Parts of the time axis, in hours, that lie in the hour from this minute of the day on."""
    start, edges = start_of(result), edges_h(result)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    offset = (midnight - start) / timedelta(hours=1) + minute / 60.0
    days = np.arange(np.floor((edges[0] - offset) / 24), np.ceil((edges[-1] - offset) / 24) + 1)
    spans = [(offset + 24 * day, offset + 24 * day + 1) for day in days]
    kept = [(max(a, edges[0]), min(b, edges[-1])) for a, b in spans]
    return [(a, b) for a, b in kept if b - a > 1e-9]


def mark_busy_hour(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
    """Stripe over the busy hour of the scope, every day."""
    busy = keys.busy_hour(result, scope)
    if busy is None or busy.tcbh_min < 0 or busy.tcbh_erlang <= 0:
        return
    text = f"{BUSY_HOUR} {words.hour_span(busy.tcbh_min)}"
    for index, (left, right) in enumerate(_busy_stripes(result, busy.tcbh_min)):
        axes.axvspan(
            left,
            right,
            color=theme.busy,
            lw=0,
            zorder=0.5,
            label=text if index == 0 else f"_{text}",
        )


def legend_above(axes: "Axes", title: str) -> None:
    """Title at the left and the legend under it, both above the data."""
    handles, labels = axes.get_legend_handles_labels()
    stripes = [i for i, text in enumerate(labels) if text.startswith(BUSY_HOUR)]
    order = [i for i in range(len(labels)) if i not in stripes] + stripes
    n_columns = _legend_columns([labels[i] for i in order])
    if order:
        axes.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=n_columns,
            borderaxespad=0.2,
            columnspacing=1.4,
        )
    lines = -(-len(order) // n_columns)
    axes.set_title(title, pad=6 + 13 * lines, fontweight="bold")


def _legend_columns(labels: Sequence[str]) -> int:
    """As many columns as fit beside each other; entries run down the columns."""
    lengths = np.array([len(label) for label in labels], np.int64)
    for n in range(_MAX_LEGEND_COLUMNS, 1, -1):
        columns = np.array_split(lengths, n)  # as matplotlib splits them
        if sum(column.max(initial=0) + _LEGEND_HANDLE for column in columns) <= _LEGEND_LETTERS:
            return n
    return 1


def line_with_band(
    axes: "Axes", x: Floats, series: Series, colour: str, label: str, **line: Any
) -> None:
    """Mean as a line and its 95 % interval as a band; gaps where there is no figure."""
    mean = np.asarray(series.mean, dtype=np.float64)[: len(x)]
    half = np.nan_to_num(np.asarray(series.half_width, dtype=np.float64)[: len(x)])
    lone = _lone_points(mean)
    axes.plot(x, mean, color=colour, label=label, **{"lw": line_width(len(x)), **line})
    if lone.any():
        axes.plot(x[lone], mean[lone], ".", color=colour, markersize=4)
    if half.any():
        axes.fill_between(
            x, np.maximum(mean - half, 0.0), mean + half, color=colour, alpha=0.22, lw=0
        )


def line_width(points: int) -> float:
    """Width of the main line in points; thinner where there are many intervals."""
    return 1.6 if points <= _MANY else 1.0


def _lone_points(mean: Floats) -> NDArray[np.bool_]:
    """Values with a gap on both sides, which a line would not show."""
    here = np.isfinite(mean)
    padded = np.pad(here, 1)
    lone: NDArray[np.bool_] = here & ~padded[:-2] & ~padded[2:]
    return lone


def stacked_axes(figure: "Figure", rows: int) -> "Sequence[Axes]":
    """Axes under each other that share the time axis."""
    grid = figure.subplots(rows, 1, sharex=True, squeeze=False)
    return list(grid[:, 0])


def from_zero(axes: "Axes", at_least: float = 0.0) -> None:
    """Vertical axis from 0, never of no height; a wide band does not flatten the line in it."""
    lines = [np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines]
    highest = max(
        (float(y[np.isfinite(y)].max()) for y in lines if np.isfinite(y).any()), default=0
    )
    top = axes.get_ylim()[1]
    if axes.collections and highest > 0:
        top = min(top, _BAND_ROOM * highest)
    top = max(top, at_least)
    axes.set_ylim(0.0, top if np.isfinite(top) and top > 0 else 1.0)


def whole_numbers(axes: "Axes") -> None:
    """Vertical axis of things that are counted: from 0 to 1 at least, ticks at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    from_zero(axes, 1.0)


def minutes_scale(longest_s: float) -> tuple[float, str]:
    """Divisor and unit in which waits up to this many seconds read well."""
    return (60.0, "min") if longest_s >= 180 else (1.0, "s")
