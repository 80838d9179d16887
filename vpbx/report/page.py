"""The HTML page: one file that needs no network and no script.

Belongs here: what stands on the page and in which order. Does not belong here: numbers (`tables`,
`prose`), drawings (`figures`), files (`write`). Everything a user wrote is escaped by the template;
only the drawings, which are made here from escaped text, go in as they are.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple

from vpbx.measures.result import Estimate, Result, TargetResult
from vpbx.report import keys, prose, words
from vpbx.report.inputs import facts_cited, input_tables
from vpbx.report.tables import Column, Table, definitions, tables
from vpbx.report.tables_pbx import licence_table, money_table, offers_table, outcome_table
from vpbx.report.template import fill
from vpbx.scenario.models import Scenario

MARKS = {"met": "✓", "missed": "✗", "undecided": "?"}


class Drawing(NamedTuple):
    """A picture on the page: an inline SVG element, already escaped, and its caption."""

    name: str
    caption: str
    svg: str
    width_px: int = 0
    """Its own width, beyond which it scrolls; 0: as wide as the text."""


class Verdict(NamedTuple):
    """A target's line on the page."""

    kind: str
    mark: str
    text: str
    value: str
    at: str
    needed: str
    facts: str


def page(
    result: Result,
    scenario: Scenario,
    drawings: Sequence[Drawing],
    command: str | None = None,
    licence: dict[str, Any] | None = None,
) -> str:
    """The page as HTML text; `command` reproduces the run (made from the Result, if None).

    `licence` is the licence's history (`report.licence.section`), for scenarios that have one.
    """
    from markupsafe import Markup

    shown = [drawing._replace(svg=Markup(drawing.svg)) for drawing in drawings]
    return fill(
        "report.html.j2",
        **_texts(result, scenario, command),
        pictures=shown,
        tables=_named(_all_tables(result)),
        licence=licence,
        lost=licence_table(result),
        inputs=_named(input_tables(scenario)),
        definitions=definitions(result),
        worst=worst_table(result),
        together=together,
        columns=lambda table, row: zip(table.columns, row, strict=True),
    )


def _all_tables(result: Result) -> list[Table]:
    """How calls ended and what was offered, before the usual tables."""
    first = (outcome_table(result), offers_table(result), money_table(result))
    return [*(table for table in first if table.rows), *tables(result)]


def together(text: str) -> str:
    """The text with numbers and their units kept on one line."""
    text = re.sub(r"(?<=\d) (?=(?:s|min|h|%|days?|calls)\b|%)", "\u00a0", text)
    return re.sub(r"(?<=[±≤≥]) ", "\u00a0", text)


def _texts(result: Result, scenario: Scenario, command: str | None) -> dict[str, Any]:
    return {
        "meta": result.meta,
        "byline": byline(result),
        "verdicts": [_verdict(target) for target in result.targets],
        "paragraphs": prose.manager_text(result),
        "note": f"Calls and callers are counts {prose.per_run(result)}, means over the replications; ± is "
        "half the width of the 95 % confidence interval. A heading's hint says its formula.",
        "facts": ", ".join(dict.fromkeys([*result.meta.facts, *facts_cited(scenario)])),
        "statistics": statistics(result) + callbacks_text(result),
        "run": run_text(result),
        "command": command or command_line(result),
    }


def byline(result: Result) -> str:
    """When and how often: `1 day from Monday 15 April 2019, 00:00 (Europe/Moscow), 50 times`."""
    meta = result.meta
    start = datetime.fromisoformat(meta.start)
    times = "once" if meta.replications == 1 else f"{meta.replications:,} times"
    at = f"{start:%A} {start.day} {start:%B %Y, %H:%M}"
    if meta.interrupted:
        times += f"; interrupted: {meta.planned:,} were asked for"
    return f"{words.span(meta.duration_s)} from {at} ({meta.timezone}), simulated {times}"


def _verdict(target: TargetResult) -> Verdict:
    needed = target.replications_needed
    return Verdict(
        kind=target.verdict,
        mark=MARKS[target.verdict],
        text=target.text,
        value=words.estimate(Estimate(target.value, target.half_width), target.unit),
        at="" if target.unit == "clock time" else target.at,
        needed=f"about {needed:,} replications would decide"
        if target.verdict == "undecided" and needed > 0
        else "",
        facts=", ".join(target.facts),
    )


def worst_table(result: Result) -> Table:
    """For each queue the interval with the longest mean wait, and what stood against what then."""
    shown = (
        ("offered", keys.OFFERED, words.count),
        ("mean wait", keys.MEAN_WAIT, words.duration),
        ("longest queue", keys.QUEUE_MAX, words.count),
        ("offered load (erlang)", keys.OFFERED_LOAD, words.count),
        ("agents on the phone", keys.AGENTS, words.count),
    )
    rows = []
    for scope in keys.scopes(result, "queue"):
        worst = prose.worst_interval(result, scope)
        if worst is None:
            continue
        cells = (say(_at(result, scope, name, worst.row)) for _, name, say in shown)
        rows.append((words.scope_name(scope), worst.label, *cells))
    columns = (Column("queue", numeric=False), Column("from", numeric=False))
    heads = tuple(Column(label) for label, _, _ in shown)
    title = f"The worst {prose.interval_words(result)} of each queue"
    return Table("worst", title, (*columns, *heads), tuple(rows))


def _at(result: Result, scope: str, name: str, row: int) -> float:
    """A figure of an interval; NaN where there is none."""
    found = keys.series(result, scope, name)
    return float(found.mean[row]) if found is not None and row < len(found.mean) else float("nan")


def statistics(result: Result) -> str:
    """How the figures and their half widths came about."""
    if result.meta.replications < 2:
        return (
            "Figures are those of one replication; confidence intervals need at least two. "
            "Intervals are those of arrival."
        )
    return (
        f"Each figure is a mean over {result.meta.replications:,} independent replications; ± is "
        "half the width of its 95 % confidence interval (Student's t). Ratios such as mean waits "
        "and shares are ratios of sums, their intervals by the delta method. Calls count in the "
        "interval in which they arrive. A target is met when the whole confidence interval lies "
        "inside its band, missed when it lies outside, undecided otherwise. The time-consistent "
        "busy hour (TCBH) is the hour with the largest mean traffic over days, on a quarter-hour "
        "grid; ADPH is the mean of each day's own peak hour (ITU-T E.600)."
    )


_CALLBACKS = {
    "excluded": "are left out of service levels",
    "missed": "count in service levels as offered and not answered",
    "answered": "count in service levels as answered in time once the call back is made",
}


def callbacks_text(result: Result) -> str:
    """What a caller counts as who is to be called back; nothing where nobody is."""
    counts_as = result.meta.callback_counts_as
    if not counts_as:
        return ""
    return (
        f" Callers who hang up to be called back {_CALLBACKS[counts_as]}; their waits have a measure "
        "of their own and are in no other."
    )


def run_text(result: Result) -> str:
    """Replications, seed and version."""
    meta = result.meta
    times = f"{meta.replications:,} replication{'' if meta.replications == 1 else 's'}"
    return f"{times}, seed {meta.seed}, vpbx {meta.version}."


def command_line(result: Result) -> str:
    """The command that gives the same figures again (without values set on the command line)."""
    meta = result.meta
    name = shlex.quote(PurePath(meta.file).name)
    return f"vpbx run {name} --replications {meta.replications} --seed {meta.seed}"


def _named(found: Iterable[Table]) -> list[Table]:
    """Tables whose names can be ids: letters of any alphabet, digits, `-`, `_` and `.`."""
    return [table._replace(name=re.sub(r"[^\w.-]+", "_", table.name)) for table in found]
