"""Pictures of pooled waits: their distribution with percentiles, and the weekday × hour heat map.

Belongs here: functions (result, theme) -> Figure, None where there is nothing to show. Does not
belong here: waits along the run's clock (`figures_queue`).
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.result import Result, Waits
from vpbx.report import axes as dress
from vpbx.report import keys, words
from vpbx.report.figures_queue import MOST_ROWS
from vpbx.report.style import ROW_IN, Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

_BARS = 60
"""About as many bars as a picture of this width shows apart."""
_LETTER = 0.01
"""Width of a letter beside a percentile's line, as a share of the axis."""
_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def wait_distribution(result: Result, theme: Theme) -> "Figure | None":
    """How many calls waited how long, answered and abandoned, counts on a logarithmic scale."""
    shown = [(s, w) for s in keys.scopes(result, "queue") if (w := keys.waits(result, s))]
    shown = [(s, w) for s, w in shown if w.answered.sum() + w.abandoned.sum() > 0][:MOST_ROWS]
    if not shown:
        return None
    figure = new_figure(0.6 + (ROW_IN + (0.7 if len(shown) == 1 else 0.3)) * len(shown))
    grid = figure.subplots(len(shown), 1, squeeze=False)
    for axes, (scope, waits) in zip(grid[:, 0], shown, strict=True):
        _draw_distribution(axes, waits, theme)
        dress.legend_above(axes, f"How long callers waited · {words.scope_name(scope)}")
    return figure


def _draw_distribution(axes: "Axes", waits: Waits, theme: Theme) -> None:
    last = _last_bin(waits)
    width = next((w for w in _WIDTHS_S if last / w <= _BARS), _WIDTHS_S[-1])
    divisor, unit = dress.minutes_scale(last)
    edges = np.arange(0, last + width + 1, width) / divisor
    answered, abandoned = (
        _rebin(c, width, len(edges) - 1) for c in (waits.answered, waits.abandoned)
    )
    if answered.any():
        axes.stairs(
            _positive(answered), edges, fill=True, color=theme.wait, alpha=0.55, label="answered"
        )
    if abandoned.any():
        axes.stairs(
            _positive(abandoned),
            edges,
            baseline=None,
            color=theme.abandoned,
            lw=1.4,
            label="abandoned",
        )
    counts = np.concatenate([answered, abandoned])
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.minorticks_off()
    axes.set_ylim(_floor(counts), counts.max() * 4)
    axes.set_xlim(0, edges[-1])
    axes.set_xlabel(f"wait ({unit}; bars of {words.duration(width)})")
    axes.set_ylabel("calls a replication")
    _mark_percentiles(axes, waits, divisor, theme)


def _last_bin(waits: Waits) -> int:
    """Seconds up to which anything worth a bar happened; the open last bin is left out."""
    counts = (waits.answered + waits.abandoned)[:-1]
    seen = np.flatnonzero(counts > counts.sum() * 1e-6)
    return int(seen[-1]) + 1 if seen.size else 1


def _rebin(counts: Floats, width: int, bars: int) -> Floats:
    """1-second counts added up into bars."""
    kept = counts[: width * bars]
    sums = np.bincount(np.arange(len(kept)) // width, weights=kept, minlength=bars)
    return np.asarray(sums, dtype=np.float64)


def _positive(counts: Floats) -> Floats:
    return np.where(counts > 0, counts, np.nan)


def _floor(counts: Floats) -> float:
    """Bottom of the logarithmic scale: a little under the smallest count, four decades at most."""
    positive = counts[counts > 0]
    return float(max(positive.min() * 0.6, counts.max() * 1e-4))


def _mark_percentiles(axes: "Axes", waits: Waits, divisor: float, theme: Theme) -> None:
    """Upright lines with their names at the top; those too close to tell apart share a name."""
    right = axes.get_xlim()[1]
    groups: list[tuple[str, float]] = []
    for name in ("p50", "p80", "p90", "p95", "p99"):
        value = waits.percentiles[name].mean / divisor if name in waits.percentiles else np.nan
        if not np.isfinite(value) or value > right:
            continue
        axes.axvline(value, color=theme.ink, lw=0.8, ls=":")
        if groups and value - groups[-1][1] < 0.07 * right:
            groups[-1] = (f"{groups[-1][0]}, {name[1:]}", value)
        else:
            groups.append((name[1:], value))
    ends = [0.0, 0.0]
    """Where the last name of each of two lines ends: a name takes the first line that is free."""
    for names, value in groups:
        line = 0 if ends[0] <= value else 1
        text = f"{names} %"
        ends[line] = value + _LETTER * len(text) * right
        axes.annotate(
            text,
            (value, 0.97 - 0.1 * line),
            xycoords=("data", "axes fraction"),
            xytext=(2, 0),
            textcoords="offset points",
            va="top",
            fontsize=7.5,
            color=theme.ink,
        )


def week_heat_map(result: Result, theme: Theme) -> "Figure | None":
    """Mean wait (offered calls, where nobody waits) by weekday and hour, darkest at its worst."""
    found = _weekly(result)
    if found is None:
        return None
    scope, values, name, unit = found
    figure = new_figure(3.0)
    axes = figure.subplots()
    mesh = axes.pcolormesh(np.arange(25), np.arange(8), values, cmap="cividis_r", vmin=0, lw=0)
    axes.set_xticks(np.arange(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
    axes.set_yticks(np.arange(7) + 0.5, _DAYS)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set_xlabel(f"hour of arrival, local time ({result.meta.timezone})")
    axes.set_ylabel("weekday")
    _outline_busy_hour(axes, result, scope, theme)
    dress.legend_above(axes, f"{name} by weekday and hour · {words.scope_name(scope)}")
    figure.colorbar(mesh, ax=axes, label=f"{name.lower()} ({unit})", pad=0.01)
    return figure


def _weekly(result: Result) -> tuple[str, Floats, str, str] | None:
    for scope in (*keys.scopes(result, "queue"), "all"):
        wait = keys.weekly(result, scope, keys.MEAN_WAIT)
        if wait is not None and np.isfinite(wait.mean).any():
            divisor, unit = dress.minutes_scale(float(np.nanmax(wait.mean)))
            return scope, np.asarray(wait.mean) / divisor, "Mean wait", unit
    offered = keys.weekly(result, "all", keys.OFFERED)
    return None if offered is None else ("all", np.asarray(offered.mean), "Calls offered", "calls")


def _outline_busy_hour(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
    busy = keys.busy_hour(result, scope)
    if busy is not None and busy.tcbh_min >= 0 and busy.tcbh_erlang > 0:
        left = busy.tcbh_min / 60
        text = f"{dress.BUSY_HOUR} {words.hour_span(busy.tcbh_min)}"
        axes.axvspan(left, left + 1, fill=False, ec=theme.abandoned, lw=1.5, label=text)
