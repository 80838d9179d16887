"""The report as files: report.html, summary.json and the pictures, each written whole.

Belongs here: which files a report has. Does not belong here: what is in them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vpbx.measures.result import Result
from vpbx.report.summary import as_json, summary
from vpbx.scenario.models import Scenario

FORMATS = ("png", "svg")

Write = Callable[[Path, bytes], object]


def write_report(
    result: Result,
    scenario: Scenario,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    pages: bool = True,
    command: str | None = None,
    write: Write | None = None,
) -> None:
    """Write `summary.json`, and with `pages` the page `report.html` and the folder `pictures`.

    `formats` of the picture files: "png", "svg"; `command` is the line that reproduces the run;
    `write` puts bytes at a path (atomically, unless given). Raises `FileError`.
    """
    put = write or _atomic_writer()
    put(folder / "summary.json", as_json(summary(result)))
    if pages:
        _write_pages(result, scenario, folder, formats, command, put)


def _atomic_writer() -> Write:
    from vpbx.store.files import write_atomically

    return write_atomically


def _write_pages(
    result: Result,
    scenario: Scenario,
    folder: Path,
    formats: Sequence[str],
    command: str | None,
    put: Write,
) -> None:
    """The page and its pictures; each figure is drawn once."""
    from vpbx.report import figures, render
    from vpbx.report.page import Drawing, page
    from vpbx.report.style import LIGHT, drawing

    shown = []
    with drawing(LIGHT):
        for picture in figures.pictures(result, scenario, LIGHT):
            document = render.svg(picture.figure, LIGHT)
            render.settle(picture.figure)
            if "svg" in formats:
                put(folder / "pictures" / f"{picture.name}.svg", document.encode("utf-8"))
            if "png" in formats:
                image = render.png(picture.figure, LIGHT)
                put(folder / "pictures" / f"{picture.name}.png", image)
            inline = render.inline(document, picture.name, picture.caption, LIGHT)
            shown.append(Drawing(picture.name, picture.caption, inline, picture.width_px))
    licence = _licence(scenario, folder, formats, put)
    html = page(result, scenario, shown, command, licence)
    put(folder / "report.html", html.encode("utf-8"))


def _licence(
    scenario: Scenario, folder: Path, formats: Sequence[str], put: Write
) -> dict[str, Any] | None:
    """The licence's history for the page, and its picture's files; None without a licence."""
    if scenario.licence is None:
        return None
    from vpbx.licence.cost import plan_costs
    from vpbx.licence.timeline import licence_timeline
    from vpbx.report import licence

    timeline = licence_timeline(scenario)
    since = scenario.licence.since or scenario.clock.start.date()
    costs = plan_costs(scenario.licence, since, timezone=scenario.clock.timezone)
    shown, files = licence.drawn(timeline, formats)
    for name, data in files.items():
        put(folder / "pictures" / name, data)
    return licence.section(timeline, costs, shown)
