"""The validation suite's page: every reference value beside ours, and two pictures of the differences.

Belongs here: how verdicts look. Does not belong here: reaching them; what is shown comes as plain data,
the same that `summary.json` holds.
"""

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vpbx.report.style import LIGHT, Theme, drawing, new_figure
from vpbx.report.template import fill

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPTIONS = {
    "differences": "Each dot is a figure: how many standard errors it lies from its reference value. "
    "The bar is what the case allows. Orange: wrong (a cross), or not known well enough.",
    "waits": "Mean waits: ours over the reference, less 1, with four standard errors to either side. "
    "The band is one percent.",
}
_FARTHEST = 8.0
"""Standard errors beyond which a dot stands at the edge."""
_WIDEST = 5.0
"""Percent beyond which the waits are cut off, whatever the runs."""


def write_validation(summary: dict[str, Any], folder: Path) -> None:
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

    rows = [row for case in summary["cases"] for row in case["rows"]]
    return fill(
        "validation.html.j2",
        summary=summary,
        pictures=[(name, caption, Markup(svg)) for name, caption, svg in pictures],
        n_rows=len(rows),
        n_wrong=sum(row["verdict"] == "wrong" for row in rows),
        n_weak=sum(row["verdict"] == "weak" for row in rows),
        n_calls=sum(case["calls"] for case in summary["cases"]),
        places=places,
    )


def places(value: float, error: float) -> str:
    """A value to the second digit of its error; seven digits where the error is none."""
    if not error or not isfinite(error):
        return f"{value:.7g}"
    digits = 0
    while error * 10**digits < 10.0 and digits < 12:
        digits += 1
    return f"{value:.{digits}f}"


def _figures(summary: dict[str, Any], theme: Theme) -> Iterator[tuple[str, "Figure"]]:
    """The pictures that there is something for."""
    if summary["cases"]:
        yield "differences", _differences(summary["cases"], theme)
    waits = [
        (_label(case, row), row)
        for case in summary["cases"]
        for row in case["rows"]
        if row["kind"] == "wait"
    ]
    if waits:
        yield "waits", _waits(waits, theme)


def _differences(cases: list[dict[str, Any]], theme: Theme) -> "Figure":
    """A line a case, a dot a figure."""
    figure = new_figure(0.9 + 0.24 * len(cases))
    axis = figure.subplots()
    for i, case in enumerate(cases):
        limit = case["rows"][0]["limit"]
        axis.barh(i, 2 * limit, left=-limit, height=0.5, color=theme.soft, zorder=1)
        for row in case["rows"]:
            z = max(-_FARTHEST, min(_FARTHEST, row["z"] if isfinite(row["z"]) else _FARTHEST))
            colour = theme.wait if row["passed"] else theme.abandoned
            marker = "o" if row["verdict"] != "wrong" else "X"
            axis.plot(z, i, marker, color=colour, markersize=4.5, zorder=3)
    axis.axvline(0.0, color=theme.muted, linewidth=0.8, zorder=2)
    axis.set_xlim(-_FARTHEST, _FARTHEST)
    axis.set_xlabel("standard errors from the reference")
    _titles(axis, [case["title"] for case in cases])
    return figure


def _waits(waits: list[tuple[str, dict[str, Any]]], theme: Theme) -> "Figure":
    """A line a mean wait: its difference in percent, with four standard errors."""
    figure = new_figure(0.9 + 0.24 * len(waits))
    axis = figure.subplots()
    axis.axvspan(-1.0, 1.0, color=theme.soft, zorder=0)
    widest = 1.5
    for i, (_, row) in enumerate(waits):
        away = 100.0 * (row["found"] / row["reference"] - 1.0)
        reach = 100.0 * row["reach"]
        colour = theme.wait if row["passed"] else theme.abandoned
        axis.errorbar(away, i, xerr=reach, fmt="o", color=colour, markersize=4, capsize=2)
        widest = max(widest, abs(away) + reach)
    axis.axvline(0.0, color=theme.muted, linewidth=0.8)
    widest = min(widest * 1.05, _WIDEST)
    axis.set_xlim(-widest, widest)
    axis.set_xlabel("difference from the reference, %")
    _titles(axis, [title for title, _ in waits])
    return figure


def _label(case: dict[str, Any], row: dict[str, Any]) -> str:
    """The case's title, with the figure's name where several are waits."""
    several = sum(one["kind"] == "wait" for one in case["rows"]) > 1
    return f"{_shortened(case['title'], 36)}: {row['what']}" if several else case["title"]


def _titles(axis: "Axes", titles: list[str]) -> None:
    """The lines' titles, the first at the top."""
    axis.set_yticks(range(len(titles)), [_shortened(title) for title in titles])
    axis.set_ylim(len(titles) - 0.5, -0.5)
    axis.tick_params(axis="y", labelsize=7.5, length=0)
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")


def _shortened(title: str, most: int = 58) -> str:
    return title if len(title) <= most else title[: most - 2].rstrip(" ,:") + " …"
