"""Running both engines on one scenario.

Belongs here: what several files of comparisons share. Does not belong here: scenarios.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from vpbx.engine.difference import differences
from vpbx.engine.records import Records
from vpbx.engine.reference import Reference
from vpbx.engine.run import run_replication
from vpbx.engine.story import Told
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load
from vpbx.traffic.workload import workload

START = "2019-04-15 00:00"
"""A Monday."""


def agree(compiled: Compiled, seed: int, replication: int = 0) -> Records:
    """Asserts that both engines leave the same, in every column; what they leave."""
    one = run_replication(compiled, seed, replication, "reference")
    other = run_replication(compiled, seed, replication, "compiled")
    assert not differences(one, other, 20)
    return one


def by_reference(compiled: Compiled, seed: int) -> Records:
    """What the reference engine leaves, whether or not it kept the rules."""
    engine = Reference(compiled.program, seed, 0, Told())
    return engine.run(workload(compiled.load, seed, 0))


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
