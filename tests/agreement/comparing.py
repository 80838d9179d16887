"""Running both engines on one scenario.

Belongs here: what several files of comparisons share. Does not belong here: scenarios.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from vpbx.engine.compiled import run_in_cuts
from vpbx.engine.difference import differences
from vpbx.engine.parts import Part, part_of
from vpbx.engine.records import Calls, Legs, Records, Visits
from vpbx.engine.reference import Reference
from vpbx.engine.run import run_replication, story_of_call
from vpbx.engine.story import Numbered, Story, Told
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load
from vpbx.traffic.workload import workload

Step = tuple[int, str, dict[str, int]]
Steps = list[Step]
"""A story: instant (us), what happens, facts."""

START = "2019-04-15 00:00"
"""A Monday."""


def agree(compiled: Compiled, seed: int, replication: int = 0) -> Records:
    """Asserts that both engines leave the same, in every column; what they leave."""
    one = run_replication(compiled, seed, replication, "reference")
    other = run_replication(compiled, seed, replication, "compiled")
    assert not differences(one, other, 20)
    return one


def agrees_in_parts(compiled: Compiled, seed: int, whole: Records, rows: int = 8) -> None:
    """Asserts that records handed out in parts, of tables with so few rows, make up the whole."""
    arrivals = workload(compiled.load, seed, 0)
    cuts = run_in_cuts(compiled.program, seed, 0, arrivals, rows)
    parts = _by_caller(_put_together([part_of(cut) for cut in cuts]))
    assert not differences(_by_caller(whole), parts, 20)


def _put_together(parts: list[Part]) -> Records:
    """The records of which these are the parts."""
    before = np.cumsum([0, *(len(part.calls) for part in parts)])
    made: list[Any] = []
    kinds: dict[str, Any] = {"calls": Calls, "visits": Visits, "extra_legs": Legs}
    for table, kind in kinds.items():
        rows = [getattr(part, table) for part in parts]
        columns = {name: [np.array(own[name]) for own in rows] for name in kind._fields}
        if "call" in columns:
            moved = zip(columns["call"], before.tolist(), strict=False)
            columns["call"] = [call + n for call, n in moved]
        made.append(kind(*(np.concatenate(column) for column in columns.values())))
    ending = parts[-1].ending
    assert ending is not None
    return Records(made[0], made[1], made[2], ending.grid, ending.end_at)


def _by_caller(records: Records) -> Records:
    """The same records in the order of callers and attempts, each call's visits and legs in a row."""
    calls: Any = records.calls
    order = np.lexsort((calls.attempt, calls.ordinal, calls.day, calls.caller_class))
    place = np.argsort(order)

    def moved(table: Any) -> Any:
        rows = np.argsort(place[table.call], kind="stable")
        own = table._replace(call=place[table.call].astype(table.call.dtype))
        return own._make(column[rows] for column in own)

    sorted_calls = calls._make(column[order] for column in calls)
    visits, legs = moved(records.visits), moved(records.extra_legs)
    return records._replace(calls=sorted_calls, visits=visits, extra_legs=legs)


def by_reference(compiled: Compiled, seed: int) -> Records:
    """What the reference engine leaves, whether or not it kept the rules."""
    engine = Reference(compiled.program, seed, 0, Told())
    return engine.run(workload(compiled.load, seed, 0))


class _AllTold(Told):
    """Every call's story is told."""

    def __init__(self) -> None:
        super().__init__()
        self.stories: dict[int, Story] = {}

    def story_of(self, call: Numbered) -> Story:
        return self.stories.setdefault(call.row, Story())


def tell_the_same(compiled: Compiled, seed: int, most: int = 1_000_000) -> list[Steps]:
    """Asserts that both engines tell the same story of each call (of `most` of them, chosen alike), step
    by step; the stories."""
    told = _AllTold()
    arrivals = workload(compiled.load, seed, 0)
    n = len(Reference(compiled.program, seed, 0, told).run(arrivals).calls.outcome)
    rows = range(n) if n <= most else np.linspace(0, n - 1, most).astype(int).tolist()
    assert rows
    stories = [told.stories[row].steps for row in rows]
    for row, steps in zip(rows, stories, strict=True):
        other = story_of_call(compiled, seed, 0, row, "compiled").steps
        assert sorted(other, key=_at) == sorted(steps, key=_at), f"call {row}"
    return stories


def _at(step: Step) -> int:
    return step[0]


def written(
    folder: Path, tree: Mapping[str, Any], arrivals: Mapping[str, Sequence[float]]
) -> Compiled:
    """A scenario as data, its classes arriving at these seconds, as recorded, without dither."""
    clock = {"start": START, "timezone": "UTC"} | dict(tree["clock"])
    start = datetime.fromisoformat(clock["start"])
    callers = {name: dict(caller) for name, caller in tree["callers"].items()}
    for name, seconds in arrivals.items():
        times = [(start + timedelta(seconds=at)).isoformat(" ") for at in sorted(seconds)]
        (folder / f"{name}.csv").write_text("\n".join(["arrived", *times, ""]), "utf-8")
        callers[name]["trace"] = {"file": f"{name}.csv", "dither": False}
    file = folder / "scenario.yaml"
    whole = {"name": "compared", **tree, "clock": clock, "callers": callers}
    file.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    return compile_scenario(load(file).scenario, folder)
