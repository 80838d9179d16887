"""The benchmark's page: tables, a chart of bars, a plot of cost over size.

Belongs here: how measured speeds look. Does not belong here: measuring; what is shown comes as plain
data, the same that `summary.json` holds.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vpbx.report.style import LIGHT, Theme, drawing, new_figure
from vpbx.report.template import fill

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPTIONS = {
    "speed": "Calls a second of CPU time, one thread; each step of the scale is ten times as fast.",
    "scale": "What a call costs in runs of different lengths (workload W1).",
}


def write_benchmark(summary: dict[str, Any], folder: Path) -> None:
    """Write report.html, summary.json and the pictures; raises `FileError`."""
    from vpbx.report import render
    from vpbx.store.files import write_atomically

    text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    write_atomically(folder / "summary.json", text.encode())
    shown = []
    with drawing(LIGHT):
        for name, figure in _figures(summary, LIGHT):
            document = render.svg(figure, LIGHT)
            render.settle(figure)
            write_atomically(folder / "pictures" / f"{name}.svg", document.encode())
            write_atomically(folder / "pictures" / f"{name}.png", render.png(figure, LIGHT))
            inline = render.inline(document, name, CAPTIONS[name], LIGHT)
            shown.append((name, CAPTIONS[name], inline))
    write_atomically(folder / "report.html", page(summary, shown).encode())


def page(summary: dict[str, Any], pictures: list[tuple[str, str, str]]) -> str:
    """The page as HTML text; pictures are (name, caption, inline SVG)."""
    from markupsafe import Markup

    return fill(
        "benchmark.html.j2",
        summary=summary,
        pictures=[(name, caption, Markup(svg)) for name, caption, svg in pictures],
        three=three,
        cost=cost,
    )


def three(value: float) -> str:
    """Three significant figures, in plain notation."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cost(nanoseconds: float) -> str:
    """A CPU time in the unit that fits."""
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{three(nanoseconds / size)} {unit}"
    return f"{nanoseconds:.0f} ns"


def _figures(summary: dict[str, Any], theme: Theme) -> Iterator[tuple[str, "Figure"]]:
    """The pictures that there is something for."""
    workloads = {name: rows for name, rows in summary["workloads"].items() if rows}
    if workloads:
        yield "speed", _bars(workloads, theme)
    if len(summary["scale"]) > 1:
        yield "scale", _scale(summary["scale"], theme)


def _bars(workloads: dict[str, Any], theme: Theme) -> "Figure":
    """A bar a program, a row of axes a workload, on one logarithmic scale."""
    sizes = [len(rows) for rows in workloads.values()]
    figure = new_figure(0.9 + 0.28 * sum(sizes) + 0.45 * len(sizes))
    axes = figure.subplots(len(sizes), squeeze=False, sharex=True, height_ratios=sizes)[:, 0]
    for axis, (name, rows) in zip(axes, workloads.items(), strict=True):
        _row_of_bars(axis, name, rows, theme)
    axes[-1].set_xlabel("calls a second")
    return figure


def _row_of_bars(axis: "Axes", name: str, rows: dict[str, Any], theme: Theme) -> None:
    titles = [row["title"] for row in rows.values()]
    speeds = [row["calls_per_s"] for row in rows.values()]
    own = ("compiled", "reference")
    colours = [theme.wait if key in own else theme.muted for key in rows]
    bars = axis.barh(range(len(rows)), speeds, color=colours, height=0.7)
    axis.bar_label(bars, [_rounded(speed) for speed in speeds], padding=4, color=theme.ink)
    axis.set_yticks(range(len(rows)), titles)
    axis.invert_yaxis()
    axis.set_xscale("log")
    axis.set_xlim(min(1e3, min(speeds) / 2), max(speeds) * 8)
    _plain_powers(axis)
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")
    axis.set_title(name)


def _plain_powers(axis: "Axes") -> None:
    """Powers of ten in plain figures and words, nothing between them."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _rounded(value)))
    axis.xaxis.set_minor_locator(NullLocator())


def _rounded(value: float) -> str:
    """Three significant figures: 44,800 or 4.69 million."""
    if value >= 999_500:
        return f"{three(float(f'{value / 1e6:.3g}'))} million"
    return f"{float(f'{value:.3g}'):,.0f}"


def _scale(points: list[dict[str, Any]], theme: Theme) -> "Figure":
    """Cost of a call over the calls in a run."""
    figure = new_figure(2.6)
    axis = figure.subplots()
    sizes = [point["calls"] for point in points]
    costs = [point["cpu_ns_per_call"] for point in points]
    axis.plot(sizes, costs, color=theme.muted)
    for kind, marker, filled in (("full", "o", theme.wait), ("summary", "s", theme.paper)):
        chosen = [i for i, point in enumerate(points) if point["records"] == kind]
        if chosen:
            axis.plot(
                [sizes[i] for i in chosen],
                [costs[i] for i in chosen],
                marker,
                color=theme.wait,
                markerfacecolor=filled,
                label=f"{kind} records",
            )
    axis.set_xscale("log")
    _plain_powers(axis)
    axis.set_ylim(0, max(costs) * 1.25)
    axis.set_xlabel("calls in a run")
    axis.set_ylabel("CPU time per call, ns")
    axis.legend(loc="lower right")
    return figure
