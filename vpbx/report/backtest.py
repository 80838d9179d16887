"""The back-test's page: predicted against observed, by hour and in all.

Belongs here: how it looks. Does not belong here: the figures, which come as plain data, the same
that `summary.json` holds.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vpbx.report.page import MARKS
from vpbx.report.style import LIGHT, Theme, drawing, new_figure
from vpbx.report.template import fill

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPTIONS = {
    "hours": "Mean wait of all calls by hour of arrival. The band spans the least and the greatest "
    "of the simulated periods; dots are what was observed (hours with five calls or more).",
    "clock": "The same figures by hour of the day, all days together.",
    "scatter": "Each dot is an hour of the period; on the line, predicted equals observed.",
    "waits": "Share of calls that waited longer than so long.",
}
MEASURES = (
    ("mean_wait_s", "mean wait of all calls", "s"),
    ("p50_s", "half wait at most", "s"),
    ("p80_s", "80 % wait at most", "s"),
    ("p90_s", "90 % wait at most", "s"),
    ("p95_s", "95 % wait at most", "s"),
    ("p99_s", "99 % wait at most", "s"),
    ("abandoned", "abandoned", "share"),
    ("service_level", "service level", "share"),
    ("calls", "calls that joined a queue", "calls"),
)
"""Measures of the totals in the order of the table: key, words, unit."""
LEAST_CALLS = 5
VERDICTS = {True: "met", False: "missed", None: "undecided"}
"""A goal's verdict by whether it is met."""

Floats = NDArray[np.float64]


def write_backtest(summary: dict[str, Any], folder: Path) -> None:
    """Write report.html, summary.json and the pictures; raises `FileError`."""
    from vpbx.report import render
    from vpbx.store.files import write_atomically

    text = json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / "summary.json", text.encode())
    shown = []
    with drawing(LIGHT):
        for name, figure in _figures(summary, LIGHT):
            document = render.svg(figure, LIGHT)
            render.settle(figure)
            write_atomically(folder / "pictures" / f"{name}.svg", document.encode())
            write_atomically(folder / "pictures" / f"{name}.png", render.png(figure, LIGHT))
            shown.append(
                (name, CAPTIONS[name], render.inline(document, name, CAPTIONS[name], LIGHT))
            )
    write_atomically(folder / "report.html", page(summary, shown).encode())


def page(summary: dict[str, Any], pictures: list[tuple[str, str, str]]) -> str:
    """The page as HTML text; pictures are (name, caption, inline SVG)."""
    from markupsafe import Markup

    return fill(
        "backtest.html.j2",
        summary=summary,
        pictures=[(name, caption, Markup(svg)) for name, caption, svg in pictures],
        measures=MEASURES,
        told=told,
        verdicts=VERDICTS,
        marks=MARKS,
    )


def told(value: float | None, unit: str, sign: bool = False) -> str:
    """A figure in its unit: `28.5 s`, `6.4 %`, `6,000`; a dash where there is none."""
    if value is None:
        return "–"
    plus = "+" if sign else ""
    if unit == "share":
        return f"{100 * value:{plus}.1f} %"
    return f"{value:{plus},.0f}" if unit == "calls" else f"{value:{plus},.1f} s"


def _figures(summary: dict[str, Any], theme: Theme) -> Iterator[tuple[str, "Figure"]]:
    """The pictures that there is something for."""
    yield "hours", _hours(summary["by_hour"], theme)
    yield "clock", _clock(summary, theme)
    yield "scatter", _scatter(summary["by_hour"], theme)
    yield "waits", _waits(summary["waits"], theme)


def _column(table: dict[str, Any], name: str) -> Floats:
    return np.array(table[name], dtype=np.float64)


def _hours(table: dict[str, Any], theme: Theme) -> "Figure":
    """Mean wait by hour of the period, a row of axes a week."""
    weeks = -(-len(table["starts"]) // 168)
    figure = new_figure(0.7 + 2.3 * weeks)
    grid = figure.subplots(weeks, 1, squeeze=False)[:, 0]
    for week, axes in enumerate(grid):
        _week(axes, table, range(168 * week, min(168 * (week + 1), len(table["starts"]))), theme)
    grid[0].legend(loc="upper left", ncols=3)
    grid[0].set_title("Mean wait by hour", fontweight="bold")
    return figure


def _week(axes: "Axes", table: dict[str, Any], hours: range, theme: Theme) -> None:
    x = np.array(hours) + 0.5
    few = _column(table, "calls")[hours] < LEAST_CALLS
    mean, low, high, observed = (
        np.where(few, np.nan, _column(table, name)[hours])
        for name in ("mean_wait_s", "mean_wait_low_s", "mean_wait_high_s", "mean_wait_observed_s")
    )
    axes.fill_between(x, low, high, color=theme.wait, alpha=0.2, lw=0, label="range of the runs")
    axes.plot(x, mean, color=theme.wait, label="predicted")
    axes.plot(x, observed, "o", color=theme.target, markersize=3.2, label="observed")
    highest = np.nanmax(np.concatenate((mean, observed, [1.0])))
    axes.set_ylim(0, 1.7 * highest)
    axes.set_ylabel("s")
    days = [hour for hour in hours if hour % 24 == 0]
    at = [datetime.fromisoformat(table["starts"][hour]) for hour in days]
    axes.set_xticks([day + 12 for day in days], [f"{one:%a} {one.day} {one:%b}" for one in at])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(hours[0], hours[-1] + 1)
    for day in days[1:]:
        axes.axvline(day, color=theme.grid, lw=0.8)


def _clock(summary: dict[str, Any], theme: Theme) -> "Figure":
    """Mean wait, abandonment and service level by hour of the day."""
    rows = [row for row in summary["by_clock"] if row["observed"]["calls"] >= LEAST_CALLS]
    hours = np.array([row["hour"] for row in rows])
    figure = new_figure(5.6)
    grid = figure.subplots(3, 1, sharex=True)
    within = f"answered within {summary['service_level_s']:g} s, %"
    titles = {"mean_wait_s": "mean wait, s", "abandoned": "abandoned, %", "service_level": within}
    for axes, (name, title) in zip(grid, titles.items(), strict=True):
        scale = 1.0 if name.endswith("_s") else 100.0
        for side, colour, move in (
            ("predicted", theme.wait, -0.2),
            ("observed", theme.target, 0.2),
        ):
            values = np.array([row[side][name] for row in rows], dtype=np.float64)
            axes.bar(hours + 0.5 + move, scale * values, 0.36, color=colour, label=side)
        axes.set_title(title)
    grid[0].legend(loc="upper right", ncols=2)
    grid[-1].set_xticks(np.append(hours, hours[-1:] + 1))
    grid[-1].set_xlabel("hour of the day")
    return figure


def _scatter(table: dict[str, Any], theme: Theme) -> "Figure":
    """Observed over predicted mean wait, an hour a dot."""
    calls = _column(table, "calls")
    kept = calls >= LEAST_CALLS
    x, y = _column(table, "mean_wait_s")[kept], _column(table, "mean_wait_observed_s")[kept]
    figure = new_figure(3.8)
    axes = figure.subplots()
    highest = float(np.nanmax(np.concatenate((x, y, [1.0])))) * 1.05
    axes.plot([0, highest], [0, highest], color=theme.muted, lw=1)
    axes.scatter(x, y, s=6 + calls[kept] / 3, color=theme.wait, alpha=0.6, lw=0)
    axes.set_xlim(0, highest)
    axes.set_ylim(0, highest)
    axes.set_xlabel("predicted mean wait, s")
    axes.set_ylabel("observed, s")
    axes.grid(visible=True, axis="x")
    return figure


def _waits(curves: dict[str, Any], theme: Theme) -> "Figure":
    """Share of calls that waited longer, predicted and observed."""
    figure = new_figure(2.8)
    axes = figure.subplots()
    at = np.array(curves["at_s"]) / 60.0
    for side, colour in (("predicted", theme.wait), ("observed", theme.target)):
        axes.plot(at, 100.0 * np.array(curves[side]), color=colour, label=side)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, at[-1])
    axes.set_xlabel("wait, min")
    axes.set_ylabel("% of calls wait longer")
    axes.legend(loc="upper right")
    return figure
