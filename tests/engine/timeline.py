"""Hand-worked timelines: a short scenario and arrivals in, tables of calls and visits out.

Belongs here: building a scenario whose every time is known, and showing records as text in whole
seconds and names. A table that a test expects may leave out columns; a left-out column is asserted
all the same, to hold the value that `_CALL_DEFAULTS` or `_VISIT_DEFAULTS` gives.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from vpbx.codes import Outcome
from vpbx.engine.difference import differences
from vpbx.engine.records import CALL_COLUMNS, VISIT_COLUMNS, Records, answered_at
from vpbx.engine.run import run_replication
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load

START = datetime(2019, 4, 15)
"""A Monday."""

_BASE: dict[str, Any] = {
    "name": "timeline",
    "clock": {"start": START.isoformat(" "), "duration": "1 h", "timezone": "UTC"},
    "queues": {"q": {}},
}
_CALLER = {"dials": {"100": "100%"}}
_CALL_DEFAULTS = {
    "redial": "-", "day": "0", "class": "c", "number": "100", "goal": "-", "attempt": "0"
}  # fmt: skip
_VISIT_DEFAULTS = {"queue": "q", "node": "q", "priority": "0", "told": "-"}
_SHORT = {
    "arrived_at": "arrived", "answered_after": "answered", "ended_at": "ended", "redial_at": "redial",
    "caller_class": "class", "last_node": "node", "joined_at": "joined", "left_at": "left",
    "talk_until": "talk", "wrap_up_until": "wrap", "told_s": "told",
}  # fmt: skip


class Run(NamedTuple):
    """A run of a scenario, and the scenario compiled."""

    compiled: Compiled
    records: Records


def scenario(
    folder: Path,
    text: str,
    arrivals: Mapping[str, Sequence[float]],
    base: Mapping[str, Any] = _BASE,
) -> Path:
    """File of a scenario whose classes arrive at these seconds; what the text leaves out is usual."""
    own: dict[str, Any] = yaml.safe_load(text) or {}
    tree = _merged(base, own)
    tree.setdefault("flow", {"q": {"queue": "q"}})
    tree.setdefault("numbers", {"100": {"enter": next(iter(tree["flow"]))}})
    tree.setdefault("callers", {})
    start = datetime.fromisoformat(str(tree["clock"]["start"]))
    for name, seconds in arrivals.items():
        times = [(start + timedelta(seconds=at)).isoformat(" ") for at in seconds]
        (folder / f"{name}.csv").write_text("\n".join(["arrived", *times, ""]), "utf-8")
        recorded = {"trace": {"file": f"{name}.csv", "dither": False}}
        tree["callers"][name] = _CALLER | recorded | tree["callers"].get(name, {})
    file = folder / "scenario.yaml"
    file.write_text(json.dumps(tree, default=str, ensure_ascii=False), "utf-8")
    return file


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `own` worked in; only the clock is joined key by key."""
    clock = {**base["clock"], **own.get("clock", {})}
    return {**base, **own, "clock": clock}


def run(
    folder: Path, text: str, *, seed: int = 1, replication: int = 0, **arrivals: Sequence[float]
) -> Run:
    """Runs a scenario by both engines, which must leave the same; arrivals of each class in seconds, as
    recorded, without dither."""
    file = scenario(folder, text, arrivals)
    compiled = compile_scenario(load(file).scenario, folder)
    made = Run(compiled, run_replication(compiled, seed, replication))
    other = run_replication(compiled, seed, replication, "compiled")
    assert not differences(made.records, other, 20)
    return made


def seconds(us: int) -> str:
    """Microseconds as seconds without needless zeros; `-` for none."""
    if us < 0:
        return "-"
    whole, rest = divmod(int(us), 1_000_000)
    return str(whole) if rest == 0 else f"{whole}.{rest:06d}".rstrip("0")


def calls(of: Run) -> list[dict[str, str]]:
    """The table of calls as text."""
    names = of.compiled.names
    say = {
        "caller_class": names.classes,
        "number": names.numbers,
        "goal": names.goals,
        "last_node": names.nodes,
    }
    shown = of.records.calls._asdict() | {"answered_after": answered_at(of.records.calls)}
    return _rows(shown, {k: c.unit for k, c in CALL_COLUMNS.items()}, say)


def visits(of: Run) -> list[dict[str, str]]:
    """The table of visits as text; agents are numbered through all groups."""
    names = of.compiled.names
    say = {"queue": names.queues, "node": names.nodes, "group": names.groups}
    rows, first = of.records.visits, of.compiled.program.groups.first_agent
    agent = np.where(rows.agent >= 0, first[rows.group] + rows.agent, -1)
    shown = rows._asdict() | {"agent": agent}
    return _rows(shown, {k: c.unit for k, c in VISIT_COLUMNS.items()}, say)


def _rows(
    columns: Mapping[str, Any], units: Mapping[str, str], say: Mapping[str, Sequence[str]]
) -> list[dict[str, str]]:
    shown = {
        _SHORT.get(name, name): [_cell(int(v), units[name], say.get(name)) for v in values]
        for name, values in columns.items()
    }
    return [dict(zip(shown, row, strict=True)) for row in zip(*shown.values(), strict=True)]


def _cell(value: int, unit: str, names: Sequence[str] | None) -> str:
    if unit == "us":
        return seconds(value)
    if unit == "code":
        return Outcome(value).name.lower() if value >= 0 else "-"
    if value < 0 and (names or unit in ("index", "s")):
        return "-"
    return names[value] if names else str(value)


def expected_calls(text: str) -> list[dict[str, str]]:
    """Rows that a test expects; ordinals left out count the rows of each class."""
    rows, seen = [], dict[str, int]()
    for cells in _cells(text):
        row = {**_CALL_DEFAULTS, **cells}
        seen[row["class"]] = seen.get(row["class"], -1) + 1
        row.setdefault("ordinal", str(seen[row["class"]]))
        rows.append({_SHORT.get(name, name): row[_SHORT.get(name, name)] for name in CALL_COLUMNS})
    return rows


def expected_visits(text: str) -> list[dict[str, str]]:
    """Rows that a test expects; a group left out is g where there is an agent."""
    rows = []
    for cells in _cells(text):
        row = {**_VISIT_DEFAULTS, "group": "-" if cells["agent"] == "-" else "g", **cells}
        rows.append({_SHORT.get(name, name): row[_SHORT.get(name, name)] for name in VISIT_COLUMNS})
    return rows


def _cells(text: str) -> list[dict[str, str]]:
    """Rows of a table whose first line names the columns."""
    lines = [line.split() for line in text.strip().splitlines()]
    if not lines:
        return []
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def check(of: Run, *, calls_are: str, visits_are: str = "") -> None:
    """Every cell of both tables is as expected."""
    assert expected_calls(calls_are) == calls(of)
    assert expected_visits(visits_are) == visits(of)


def edges(of: Run) -> dict[tuple[str, str, str], int]:
    """How often each way out of a node was taken: (from, exit, to) → times; only those taken."""
    from vpbx.codes import KEYS, Exit

    table, names = of.compiled.program.edges, of.compiled.names.nodes
    counted = of.records.grid.edges.sum(axis=0)
    found: dict[tuple[str, str, str], int] = {}
    for edge in counted.nonzero()[0]:
        way = int(table.exit[edge])
        how = KEYS[way] if way < len(KEYS) else Exit(way).name.lower()
        to = int(table.to_node[edge])
        key = (names[table.from_node[edge]], how, names[to] if to >= 0 else "-")
        found[key] = found.get(key, 0) + int(counted[edge])
    return found


def node_seconds(of: Run) -> dict[str, float]:
    """Caller-time spent in each uncontended node; only those where any was spent."""
    total = of.records.grid.node_time.sum(axis=0) / 1e6
    return {n: float(t) for n, t in zip(of.compiled.names.nodes, total, strict=True) if t}
