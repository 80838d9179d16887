"""Charts of studies: lines with bands, intervals side by side, heat maps, bars.

Belongs here: drawing plain numbers on matplotlib's axes. Does not belong here: which numbers
(`comparison`, `sweeping`, …), pictures of one run (`figures`).
"""

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.report import words
from vpbx.report.axes import minutes_scale
from vpbx.report.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
_MOST_TICKS = 13
_MOST_LINES = 6
_SIDE_LETTERS = 32
"""Letters beside a vertical axis of the height of a curve's."""


class Line(NamedTuple):
    """Values with half widths over a common axis; NaN is a gap."""

    label: str
    values: Floats
    half_widths: Floats


class Scale(NamedTuple):
    """How a unit is drawn: divisor, and label of the axis."""

    divisor: float
    label: str


def scale_of(unit: str, largest: float, what: str = "", currency: str = "") -> Scale:
    """Minutes for long waits, per cent for shares, the unit itself (of money its currency) otherwise."""
    if unit == "s":
        divisor, name = minutes_scale(largest)
        return Scale(divisor, f"{what}, {name}" if what else name)
    if unit == "share":
        return Scale(0.01, f"{what}, %" if what else "%")
    name = (currency or unit) if unit == "money" else unit
    return Scale(1.0, f"{what}, {name}" if what else name)


def _side(axis: "Axes", scale: Scale) -> None:
    """The label of the vertical axis, in lines that fit beside it; thousands apart on its ticks."""
    axis.set_ylabel("\n".join(wrap(scale.label, _SIDE_LETTERS)))
    if max(map(abs, axis.get_ylim())) >= 1000:
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def floats(values: Sequence[float | None]) -> Floats:
    """Plain data as numbers; None is NaN."""
    return np.array([np.nan if v is None else v for v in values], np.float64)


def colours(theme: Theme) -> tuple[str, ...]:
    """Colours of lines beside each other, in their order."""
    return (theme.offered, theme.wait, theme.abandoned, theme.answered, theme.blocked, theme.accent)


def over_time(
    theme: Theme, labels: Sequence[str], lines: Sequence[Line], scale: Scale, title: str,
    gap: Line | None = None,
) -> "Figure":  # fmt: skip
    """Lines with their bands over the intervals of the day; under them, `gap` around zero."""
    figure = new_figure(2.3 + (1.5 if gap else 0.0))
    axes = figure.subplots(
        2 if gap else 1, 1, sharex=True, squeeze=False, height_ratios=[3, 2] if gap else [1]
    )[:, 0]
    x = np.arange(len(labels), dtype=np.float64)
    for line, colour in zip(lines, colours(theme), strict=False):
        _banded(axes[0], x, line, scale.divisor, colour)
    axes[0].set_ylim(bottom=0)
    axes[0].set_ylabel(scale.label)
    axes[0].set_title(title, loc="left", fontweight="bold")
    axes[0].legend(loc="best")
    if gap is not None:
        _banded(axes[1], x, gap, scale.divisor, theme.wait)
        axes[1].axhline(0, color=theme.muted, lw=0.8)
        axes[1].set_ylabel(gap.label)
    _clock_ticks(axes[-1], labels)
    return figure


def _banded(
    axis: "Axes", x: Floats, line: Line, divisor: float, colour: str, marker: str = "None"
) -> None:
    mean, half = line.values / divisor, np.nan_to_num(line.half_widths) / divisor
    axis.plot(x, mean, marker=marker, color=colour, label=line.label, markersize=4)
    axis.fill_between(x, mean - half, mean + half, color=colour, alpha=0.22, lw=0)


def _clock_ticks(axis: "Axes", labels: Sequence[str]) -> None:
    step = -(-len(labels) // _MOST_TICKS)
    step = next((s for s in (1, 2, 3, 4, 6, 8, 12, 24, 48) if s >= step), step)
    places = list(range(0, len(labels), step))
    dated = any(" " in label for label in labels)
    axis.set_xticks(places, [labels[i].replace(" ", "\n") if dated else labels[i] for i in places])
    axis.set_xlim(-0.5, max(0.5, len(labels) - 0.5))


def curves(
    theme: Theme, x: Floats, x_label: str, lines: Sequence[Line], scale: Scale,
    level: float | None = None, tick_labels: Sequence[str] | None = None,
) -> "Figure":  # fmt: skip
    """Response curves with bands over a parameter; `level` is a target's value."""
    figure = new_figure(3.0)
    axis = figure.subplots()
    for line, colour in zip(lines[:_MOST_LINES], colours(theme), strict=False):
        _banded(axis, x, line, scale.divisor, colour, "o")
    if level is not None:
        axis.axhline(level / scale.divisor, color=theme.target, lw=1.0, ls="--", label="target")
    axis.set_xlabel(x_label)
    if tick_labels is not None:
        axis.set_xticks(x, tick_labels)
    _room_for(axis, lines, scale.divisor)
    _side(axis, scale)
    if len(lines) > 1 or level is not None:
        axis.legend(loc="best")
    return figure


def _room_for(axis: "Axes", lines: Sequence[Line], divisor: float) -> None:
    """The axis starts at zero where values come near it."""
    values = np.concatenate([line.values for line in lines]) / divisor
    values = values[np.isfinite(values)]
    if len(values) and values.min() >= 0 and values.min() < 0.5 * values.max():
        axis.set_ylim(bottom=0)


class Heat(NamedTuple):
    """Values over two parameters: rows by `y`, columns by `x`; NaN is a gap."""

    x_labels: Sequence[str]
    y_labels: Sequence[str]
    x_title: str
    y_title: str
    values: Floats


def heat_map(
    theme: Theme, heat: Heat, unit: str, scale: Scale, level: float | None = None
) -> "Figure":
    """A cell a point of the grid, with its figure; `level` draws the contour of a target."""
    from matplotlib.colors import LinearSegmentedColormap

    rows, cols = heat.values.shape
    figure = new_figure(max(2.4, 0.9 + 0.36 * rows))
    axis = figure.subplots()
    shades = LinearSegmentedColormap.from_list("quiet", [theme.soft, theme.staff])
    image = axis.imshow(
        heat.values / scale.divisor, cmap=shades, aspect="auto", origin="lower",
        interpolation="nearest",
    )  # fmt: skip
    if rows * cols <= 150:
        for i in range(rows):
            for j in range(cols):
                text = words.quantity(float(heat.values[i, j]), unit)
                axis.text(j, i, text, ha="center", va="center", color=theme.ink, fontsize=7.5)
    if level is not None and min(rows, cols) >= 2 and np.isfinite(heat.values).all():
        low, high = heat.values.min(), heat.values.max()
        if low < level < high:
            axis.contour(heat.values, levels=[level], colors=[theme.target], linewidths=1.6)
    axis.set_xticks(range(cols), heat.x_labels)
    axis.set_yticks(range(rows), heat.y_labels)
    axis.set_xlabel(heat.x_title)
    axis.set_ylabel(heat.y_title)
    axis.grid(visible=False)
    figure.colorbar(image, ax=axis, label=scale.label)
    return figure


class Bar(NamedTuple):
    """A bar from `low` to `high`, with whiskers, if any; `note` stands beside it."""

    label: str
    low: float
    high: float
    note: str = ""


def tornado(theme: Theme, bars: Sequence[Bar], base: float, scale: Scale) -> "Figure":
    """A bar a parameter, the longest on top, around the value of the scenario as it is."""
    figure = new_figure(0.9 + 0.34 * max(2, len(bars)))
    axis = figure.subplots()
    for i, bar in enumerate(bars):
        for end, colour in ((bar.low, theme.staff), (bar.high, theme.wait)):
            axis.barh(
                i, (end - base) / scale.divisor, left=base / scale.divisor, color=colour, height=0.6
            )
    axis.axvline(base / scale.divisor, color=theme.ink, lw=1.0)
    axis.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")
    axis.set_xlabel(scale.label)
    return figure


def shares(theme: Theme, bars: Sequence[Bar], half_widths: Sequence[float], label: str) -> "Figure":
    """A bar a parameter from 0 to `high`, with whiskers of a confidence interval."""
    figure = new_figure(0.9 + 0.34 * max(2, len(bars)))
    axis = figure.subplots()
    axis.barh(
        range(len(bars)), [bar.high for bar in bars], xerr=np.nan_to_num(half_widths),
        color=theme.wait, ecolor=theme.ink, height=0.6,
    )  # fmt: skip
    axis.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")
    axis.set_xlim(left=0)
    axis.set_xlabel(label)
    return figure


def scatter(
    theme: Theme, x: Floats, x_label: str, line: Line, scale: Scale, level: float | None = None
) -> "Figure":
    """Points with their intervals over one of several parameters."""
    figure = new_figure(2.8)
    axis = figure.subplots()
    axis.errorbar(
        x, line.values / scale.divisor, np.nan_to_num(line.half_widths) / scale.divisor,
        fmt="o", color=theme.wait, ecolor=theme.muted, elinewidth=0.8, markersize=4,
    )  # fmt: skip
    if level is not None:
        axis.axhline(level / scale.divisor, color=theme.target, lw=1.0, ls="--", label="target")
        axis.legend(loc="best")
    axis.set_xlabel(x_label)
    _room_for(axis, [line], scale.divisor)
    _side(axis, scale)
    return figure
