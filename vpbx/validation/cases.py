"""What the suite holds: cases, each a scenario, what is measured of it, and the value it must have.

Belongs here: the types, and reading them from `suite.toml` and the tables beside it. Does not belong
here: running, judging.
"""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vpbx.units import duration_us
from vpbx.validation.traces import Trace, read_traces

HERE = Path(__file__).parent
SUITE = HERE / "suite.toml"

POWER = {"wait": 0.01, "count": 0.003, "rare": 0.01, "moment": 0.04}
"""What four standard errors may be of a figure, by its kind.

A count is of most calls. What befalls few calls (abandonment, blocking) is rare: under exponential
patience the abandonments are the patience rate times the waiting time, and known no better. A moment
is a probability or a queue at one instant of a day.
"""


@dataclass(frozen=True)
class Row:
    """One figure of a case and its reference value.

    The figure is the sum of `sum` over a unit (a day or a run), over `over`: "calls", the first
    attempts expected; "time", the unit's length; or the names of sums, for a ratio. `per`, where it
    is not 0, takes its place. Sums and their meaning: `quantities.QUANTITIES`. Times are in the case's
    unit of time.
    """

    what: str
    sum: str
    over: tuple[str, ...]
    value: float
    kind: str
    power: float
    """What four standard errors may be of the value."""
    source: str
    per: float = 0.0
    caller_class: str = ""
    """Only of callers of this class; "" of all."""
    queue: str = ""
    """Only of visits to this queue; "" to any."""
    group: str = ""
    """Only of agents of this group, and of visits that they answered; "" of all."""
    at_us: int = 0
    """The instant of the day, or the wait, that the sum asks about."""
    value_error: float = 0.0
    """Standard error of the reference value."""
    half_unit: float = 0.0
    """Half a unit of the last digit in which it was printed."""


@dataclass(frozen=True)
class Case:
    """A scenario and the figures wanted of it."""

    name: str
    title: str
    scenario: str
    """File of `scenarios/validation`."""
    sets: tuple[str, ...]
    unit: str
    """What is independent: "day", each day of the runs, or "run", each run after its warm-up."""
    runs: int
    quick_runs: int
    quick_sets: tuple[str, ...]
    """Settings that make a run of the quick suite shorter."""
    threshold_us: int
    """Wait within which an answer is in time (strictly)."""
    time_us: int
    """The unit of time of the reference values."""
    tail_us: int
    """Calls of the end of a run that do not count, so that those that count are worked off."""
    controls: tuple[str, ...]
    parts: int
    """Parts of a unit whose arrivals are controls of their own."""
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True)
class Formula:
    """A column of a table that a function of `measures.theory` must reproduce in every row."""

    name: str
    title: str
    table: str
    column: str
    function: str
    """Name in `formulas.FORMULAS`."""
    tolerance: float
    """Largest relative difference."""
    source: str


@dataclass(frozen=True)
class Suite:
    """Everything that `vpbx validate` goes through."""

    formulas: tuple[Formula, ...]
    cases: tuple[Case, ...]
    sources: Mapping[str, str]
    """Citation by short name."""
    traces: tuple[Trace, ...] = ()


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a reference table."""
    with (HERE / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def scenario_file(name: str) -> Path:
    """Where a scenario of the suite lies: in the package as installed, or beside it in the sources."""
    from vpbx.errors import FileError

    path = Path("scenarios", "validation", name)
    package = HERE.parent
    for root in (package, package.parent):
        if (root / path).is_file():
            return root / path
    raise FileError(path, "there is no such file; the suite's scenarios are not installed")


def read_suite(file: Path = SUITE) -> Suite:
    """The suite as data."""
    with file.open("rb") as opened:
        tree = tomllib.load(opened)
    return Suite(
        formulas=tuple(Formula(**one) for one in tree["formula"]),
        cases=tuple(_case(one) for one in tree["case"]),
        sources=tree["sources"],
        traces=read_traces(),
    )


def _case(tree: Mapping[str, Any]) -> Case:
    source = tree.get("source", "")
    return Case(
        name=tree["name"],
        title=tree["title"],
        scenario=tree["scenario"],
        sets=tuple(tree.get("set", ())),
        unit=tree.get("unit", "run"),
        runs=tree["runs"],
        quick_runs=tree["quick_runs"],
        quick_sets=tuple(tree.get("quick_set", ())),
        threshold_us=duration_us(tree.get("threshold", "20 s")),
        time_us=duration_us(tree.get("time", "1 min")),
        tail_us=duration_us(tree.get("tail", "0 s")),
        controls=tuple(tree.get("controls", ("arrivals", "service"))),
        parts=tree.get("parts", 1),
        rows=tuple(_row(one, source) for one in tree["row"]),
        note=tree.get("note", ""),
    )


def _row(tree: Mapping[str, Any], source: str) -> Row:
    kind = tree["kind"]
    return Row(
        what=tree["what"],
        sum=tree["sum"],
        over=_names(tree.get("over", "calls")),
        value=_value(tree["value"]),
        kind=kind,
        power=tree.get("power", POWER[kind]),
        source=tree.get("source", source),
        per=tree.get("per", 0.0),
        caller_class=tree.get("class", ""),
        queue=tree.get("queue", ""),
        group=tree.get("group", ""),
        at_us=duration_us(tree.get("at", "0 s")),
        value_error=tree.get("value_error", 0.0),
        half_unit=tree.get("half_unit", 0.0),
    )


def _names(text: str | Sequence[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _value(given: Any) -> float:
    """A number, or a cell of a table times a factor: {table, row (from 0), column, times}."""
    if not isinstance(given, Mapping):
        return float(given)
    cell = table(given["table"])[given["row"]][given["column"]]
    return float(cell) * float(given.get("times", 1.0))
