"""The page that all studies share: sentences, verdicts, pictures, tables, definitions, the command.

Belongs here: the frame of a study's report, and its files. Does not belong here: what one kind of
study says (`comparison`, `sweeping`, …), drawing (`charts`), the page of a run (`page`).
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vpbx.measures.register import measure
from vpbx.report.page import Drawing, Verdict, together
from vpbx.report.style import LIGHT, Theme, drawing
from vpbx.report.summary import as_json
from vpbx.report.tables import Column, Table
from vpbx.report.template import fill

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Theme], "Figure"]


@dataclass(frozen=True)
class Chart:
    """A picture of a study: a name (of its file, too), a caption, and how it is drawn."""

    name: str
    caption: str
    draw: Draw


@dataclass(frozen=True)
class Section:
    """A heading, a note under it, pictures, tables; those in `folded` are shut at first."""

    title: str
    note: str = ""
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()


@dataclass(frozen=True)
class StudyPage:
    """All that stands on a study's page. `measures` are the names whose formulas it explains."""

    title: str
    byline: str
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]
    method: tuple[str, ...]
    """How the figures came about, a paragraph each."""
    run: str
    lead: str = ""
    verdicts: tuple[Verdict, ...] = ()
    measures: tuple[str, ...] = ()


def write_study(
    page: StudyPage, data: Mapping[str, Any], folder: Path, command: Sequence[str]
) -> None:
    """Write `report.html`, `study.json` and the pictures into a folder; raises `FileError`.

    The same page and data give the same bytes.
    """
    from vpbx.store.files import write_atomically

    write_atomically(folder / "study.json", as_json(data))
    shown: dict[str, Drawing] = {}
    with drawing(LIGHT):
        for section in page.sections:
            for chart in section.charts:
                shown[chart.name] = _drawn(chart, folder)
    write_atomically(folder / "report.html", html(page, shown, command).encode())


def _drawn(chart: Chart, folder: Path) -> Drawing:
    """A chart as files, and as an element of the page."""
    from vpbx.report import render
    from vpbx.store.files import write_atomically

    figure = chart.draw(LIGHT)
    document = render.svg(figure, LIGHT)
    render.settle(figure)
    place = folder / "pictures" / chart.name
    write_atomically(place.with_name(f"{chart.name}.svg"), document.encode())
    write_atomically(place.with_name(f"{chart.name}.png"), render.png(figure, LIGHT))
    inline = render.inline(document, chart.name, chart.caption, LIGHT)
    return Drawing(chart.name, chart.caption, inline)


def html(page: StudyPage, drawings: Mapping[str, Drawing], command: Sequence[str]) -> str:
    """The page as HTML text; `drawings` by the names of the charts."""
    from markupsafe import Markup

    shown = {name: one._replace(svg=Markup(one.svg)) for name, one in drawings.items()}
    return fill(
        "study.html.j2",
        page=page,
        drawings=shown,
        command=shlex.join(command),
        definitions=definitions(page.measures),
        together=together,
        columns=lambda table, row: zip(table.columns, row, strict=True),
    )


def definitions(names: Sequence[str]) -> Table:
    """The formulas of measures."""
    rows = tuple((name, measure(name).unit, measure(name).formula) for name in dict.fromkeys(names))
    columns = (
        Column("measure", numeric=False),
        Column("unit", numeric=False),
        Column("formula", numeric=False),
    )
    return Table("definitions", "Definitions", columns, rows)


def columns_of(labels: Sequence[str], texts: int = 1) -> tuple[Column, ...]:
    """Headings; the first few are of words, the others of numbers."""
    return tuple(Column(label, numeric=i >= texts) for i, label in enumerate(labels))


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Rows in stretches of at most so many."""
    return (rows[i : i + size] for i in range(0, len(rows), size))


def effort_sentences(effort: Mapping[str, Any] | None) -> Iterator[str]:
    """How many replications were run and why, and what stratifying them was worth; of no effort,
    nothing."""
    if effort is None:
        return
    n = f"{effort['replications']:,} replications"
    if effort["asked"] is not None:
        asked = f"± {100 * effort['asked']:g} % of every main figure (points, for shares)"
        if effort["reached"]:
            yield f"{n} gave {asked}, the precision asked for, after {effort['looks']} looks."
        else:
            yield (
                f"The precision asked for, {asked}, was not reached at the cap of {n}; least precise "
                f"is {effort['least_precise']}."
            )
    if effort["stratified"]:
        saved = effort["variance_saved_by_strata"]
        worth = "" if saved is None else f" That saved what {saved:.1f} times as many would cost."
        yield (
            "The days' busyness was spread evenly: of every ten replications one has each tenth of "
            f"its law, and intervals are computed from these sets.{worth}"
        )


def control_sentences(data: Mapping[str, Any]) -> Iterator[str]:
    """What control variates were worth; nothing where there were none."""
    saved = data["variance_saved_by_controls"]
    if saved is not None:
        yield (
            "Arrivals and work, whose means are known, served as control variates of the whole run wherever "
            f"that narrowed an interval: half of those are as narrow as of {saved:.3g} times as many "
            "replications, or narrower."
        )
