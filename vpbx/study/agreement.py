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
    """What a comparison found, and how much there was to compare."""

    n_calls: int
    n_visits: int
    n_legs: int
    n_intervals: int
    disagreement: "Disagreement | None"


class Disagreement(NamedTuple):
    """The first call, in the order of arrival, of which the engines do not make the same."""

    call: int
    """Its row in the table of calls; -1: all calls are the same, only the books differ."""
    who: str
    """Who calls; empty when no call differs."""
    tables: list[tuple[str, list[Row]]]
    """The call's row, then those of its visits: title, cells by column."""
    differing: list[Row]
    """The cells that differ."""
    stories: tuple[list[str], list[str]] | None
    """The call as the reference engine tells it, and as the compiled one does, a line a step; None when
    no call differs."""


def compare_engines(loaded: "Loaded", seed: int | None = None, replication: int = 0) -> Agreement:
    """Runs a replication by both engines, and compares every column."""
    from vpbx.engine.difference import first_difference
    from vpbx.engine.run import both_engines, story_of_call
    from vpbx.program.compile import compile_scenario
    from vpbx.study.story import local_clock, told, who

    scenario = loaded.scenario
    compiled = compile_scenario(scenario, loaded.file.parent)
    chosen = scenario.seed if seed is None else seed
    one, other = both_engines(compiled, chosen, replication)
    first, found = first_difference(one, other), None
    if first is not None:
        stories, caller = None, ""
        if first.call >= 0:
            calls = max(one.calls, other.calls, key=lambda calls: len(calls.outcome))
            caller = who(first.call, calls, compiled.names)
            by_reference, by_compiled = (
                told(
                    scenario, compiled, story_of_call(compiled, chosen, replication, first.call, by)
                )
                for by in ("reference", "compiled")
            )
            stories = by_reference, by_compiled
        words = _tables(first, compiled.names, local_clock(scenario))
        found = Disagreement(first.call, caller, *words, stories)
    sizes = (len(one.calls.outcome), len(one.visits.call), len(one.extra_legs.call))
    return Agreement(*sizes, len(one.grid.edges), found)


def _tables(
    first: "FirstDifference", names: "Names", clock: Callable[[int], str]
) -> tuple[list[tuple[str, list[Row]]], list[Row]]:
    """The differing call's rows in words, and the cells that differ."""

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
    return tables, differing


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
