"""Whether both engines make the same of a replication; if not, the first differing call in words.

Belongs here: running both, and the words. Does not belong here: what counts as a difference
(`engine.difference`), printing (`cli.diff`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from vpbx.codes import Outcome

if TYPE_CHECKING:
    from vpbx.engine.difference import FirstDifference
    from vpbx.program.program import Names
    from vpbx.scenario.load import Loaded

Row = tuple[str, str, str]
"""A column, what the reference engine holds in it, what the compiled one does."""


class Agreement(NamedTuple):
    """What a comparison found."""

    n_calls: int
    n_visits: int
    disagreement: "Disagreement | None"


class Disagreement(NamedTuple):
    """The first call, in the order of arrival, of which the engines do not make the same."""

    call: int
    """Its row in the table of calls; -1: all calls are the same, only the books differ."""
    tables: list[tuple[str, list[Row]]]
    """The call's row, then those of its visits: title, cells by column."""
    differing: list[Row]
    """The cells that differ."""
    story: list[str]
    """The call as the reference engine tells it."""


def compare_engines(loaded: "Loaded", seed: int | None = None, replication: int = 0) -> Agreement:
    """Runs a replication by both engines, and compares every column."""
    from vpbx.engine.difference import first_difference
    from vpbx.engine.run import both_engines
    from vpbx.program.compile import compile_scenario
    from vpbx.study.story import local_clock, told

    scenario = loaded.scenario
    compiled = compile_scenario(scenario, loaded.file.parent)
    chosen = scenario.seed if seed is None else seed
    one, other = both_engines(compiled, chosen, replication)
    first, found = first_difference(one, other), None
    if first is not None:
        story = []
        if 0 <= first.call < len(one.calls.outcome):
            story = told(scenario, compiled, chosen, replication, first.call)
        found = _in_words(first, story, compiled.names, local_clock(scenario))
    return Agreement(len(one.calls.outcome), len(one.visits.call), found)


def _in_words(
    first: "FirstDifference", story: list[str], names: "Names", clock: Callable[[int], str]
) -> Disagreement:
    """A difference in words."""

    def cell(column: str, value: object) -> str:
        return _cell(column, value, names, clock)

    def rows(one: dict[str, int], other: dict[str, int]) -> list[Row]:
        columns = one or other
        return [(c, cell(c, one.get(c)), cell(c, other.get(c))) for c in columns]

    tables = [(f"call {first.call}", rows(first.a.call, first.b.call))] if first.call >= 0 else []
    for i in range(max(len(first.a.visits), len(first.b.visits))):
        one, other = ((side.visits + [{}] * (i + 1))[i] for side in (first.a, first.b))
        tables.append((f"its visit {i}", rows(one, other)))
    differing = [
        (f"{d.table}.{d.column}, row {d.row}", cell(d.column, d.a), cell(d.column, d.b))
        for d in first.cells
    ]
    return Disagreement(first.call, tables, differing, story)


def _cell(column: str, value: object, names: "Names", clock: Callable[[int], str]) -> str:
    """A value in words: names for indices, the local time (and microseconds) for instants."""
    from vpbx.engine.records import CALL_COLUMNS, VISIT_COLUMNS
    from vpbx.store.columns import names_by_column

    described = CALL_COLUMNS.get(column) or VISIT_COLUMNS.get(column)
    if not isinstance(value, int):
        return "nothing" if value is None else str(value)
    if described is None or value < 0:
        return str(value)
    if described.unit == "us":
        return f"{clock(value)} ({value} us)"
    if described.unit == "code":
        return Outcome(value).name.lower()
    named = names_by_column(names).get(column)
    return f"{value} ({named[value]})" if named else str(value)
