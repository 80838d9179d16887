"""The story of one call: what happened to it, line by line.

Belongs here: finding the call that is meant, and running its replication with the trace on. Does
not belong here: what the lines say (`engine`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vpbx.errors import UsageError

if TYPE_CHECKING:
    from vpbx.engine.records import Calls
    from vpbx.engine.story import Story
    from vpbx.program.compile import Compiled
    from vpbx.program.program import Names
    from vpbx.scenario.load import Loaded
    from vpbx.scenario.models import Scenario

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def call_row(text: str, calls: "Calls", names: "Names") -> int:
    """Row of the call that `text` means: the row itself, or class/day/ordinal (its first attempt).

    Raises `UsageError` when there is no such call.
    """
    n_calls = len(calls.arrived_at)
    if text.isascii() and text.isdigit():
        if int(text) >= n_calls:
            raise UsageError(f"there is no call {text}: replication 0 has calls 0 to {n_calls - 1}")
        return int(text)
    caller, day, ordinal = _caller(text, names)
    same = (calls.caller_class == caller) & (calls.day == day) & (calls.ordinal == ordinal)
    rows = np.flatnonzero(same & (calls.attempt == 0))
    if len(rows) == 0:
        raise UsageError(f'there is no caller "{text}" in replication 0')
    return int(rows[0])


def _caller(text: str, names: "Names") -> tuple[int, int, int]:
    """Class, day and ordinal of `prepaid/0/17`."""
    name, *rest = text.split("/")
    if len(rest) != 2 or not all(part.isascii() and part.isdigit() for part in rest):
        raise UsageError(
            f'"{text}" names no call; write a row (17) or class/day/ordinal (prepaid/0/17)'
        )
    if name not in names.classes:
        raise UsageError(
            f'there is no caller class "{name}"; there are: {", ".join(names.classes)}'
        )
    return names.classes.index(name), int(rest[0]), int(rest[1])


def story(loaded: "Loaded", call: str, seed: int | None = None, engine: str = "auto") -> list[str]:
    """The lines that tell what happened to a call of replication 0, by the reference engine unless the
    other is asked for; raises `UsageError`."""
    from vpbx.engine.run import chosen_engine, run_replication, story_of_call
    from vpbx.program.compile import compile_scenario

    scenario = loaded.scenario
    compiled = compile_scenario(scenario, loaded.file.parent)
    by = "reference" if engine == "auto" else chosen_engine(engine, compiled, 1)
    chosen = scenario.seed if seed is None else seed
    calls = run_replication(compiled, chosen, 0, by).calls
    row = call_row(call, calls, compiled.names)
    steps = story_of_call(compiled, chosen, 0, row, by)
    return [who(row, calls, compiled.names), *told(scenario, compiled, steps)]


def told(scenario: "Scenario", compiled: "Compiled", steps: "Story") -> list[str]:
    """The lines that tell a story."""
    from vpbx.engine.story import Tongue, story_lines
    from vpbx.study.about import edge_labels

    program, names = compiled.program, compiled.names
    labels = edge_labels(scenario, program.edges, names)
    melodies = {
        name: node.ring.melody
        for name, node in scenario.flow.items()
        if node.ring is not None and node.ring.melody
    }
    tongue = Tongue(program, names, labels, local_clock(scenario), melodies)
    return story_lines(steps, tongue)


def local_clock(scenario: "Scenario") -> Callable[[int], str]:
    """Local date and clock time of simulated instants (us): `Mon 15 Apr 2019 07:21:04.123`."""
    from vpbx.store.local import LocalStart, local_times

    start = LocalStart(scenario.clock.start, scenario.clock.timezone)

    def text(at_us: int) -> str:
        at = local_times(np.array([at_us], np.int64), start)[0].astype(object)
        day = f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"
        return f"{day} {at:%H:%M:%S}.{at.microsecond // 1000:03d}"

    return text


def who(row: int, calls: "Calls", names: "Names") -> str:
    """The caller: `call 17: prepaid/0/17, first attempt, wants agent`."""
    name = names.classes[calls.caller_class[row]]
    goal = int(calls.goal[row])
    wants = f", wants {names.goals[goal]}" if goal >= 0 else ""
    caller = f"{name}/{calls.day[row]}/{calls.ordinal[row]}"
    return f"call {row}: {caller}, {_which(int(calls.attempt[row]))}{wants}"


def _which(attempt: int) -> str:
    return f"redial {attempt}" if attempt else "first attempt"
