"""The engines of vpbx as measured programs: a scenario, loaded and compiled, run and counted.

Belongs here: which scenario a workload is, and what of it is timed: Workload, engine, full records in
memory, and the checks of every run; not loading, compiling or writing. Does not belong here: peers.
"""

import inspect
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vpbx.bench.models import FIGURES, W2_NAMED, ClassSums, figures_of
from vpbx.bench.models import Outcome as Sums
from vpbx.bench.programs import Absent, Reading, Sample, peak_rss_mb, readings
from vpbx.errors import FileError

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.measures.tally import Tally
    from vpbx.program.compile import Compiled

ROUND_S = 0.3
"""CPU time that a round takes at least: enough that clocks and caches do not matter."""

HOURLY_CALLS = {"W1": 6_000, "W2": 200_000 * 2.0 / 24.25, "W3": 32_000}
"""First calls in the hour from 10:00, the busiest or nearly, of each workload."""

CHECKED_DAYS = 12
"""Whole days by which an engine that is fast enough is judged."""


def scenario_file(workload: str) -> Path:
    """Where a workload's scenario lies: in the package as installed, or beside it in the sources."""
    name = Path("scenarios", "benchmarks", f"{workload.lower()}.yaml")
    package = Path(__file__).parent.parent
    for root in (package, package.parent):
        if (root / name).is_file():
            return root / name
    raise FileError(name, "there is no such file; the benchmark's scenarios are not installed")


@lru_cache(maxsize=4)
def compiled_scenario(workload: str, sets: Sequence[str] = ()) -> "Compiled":
    """A workload made ready for the engines, with settings as for `--set`."""
    from vpbx.program.compile import compile_scenario
    from vpbx.scenario.load import load

    loaded = load(scenario_file(workload), sets)
    return compile_scenario(loaded.scenario, loaded.file.parent)


def run_engine(engine: str, compiled: "Compiled", replication: int) -> "Records":
    """The records of one replication by one engine; raises `Absent` if there is no such engine."""
    from vpbx.engine import run

    door: Any = run.run_replication
    if "engine" in inspect.signature(door).parameters:
        records: Records = door(compiled, 1, replication, engine=engine)
        return records
    if engine != "reference":
        raise Absent(f"this version has no {engine} engine")
    plain: Records = door(compiled, 1, replication)
    return plain


def summary_runner(engine: str, workload: str, sets: Sequence[str]) -> Callable[[int], "Tally"]:
    """What runs a replication of a workload and tallies it as it goes, records not kept."""
    from vpbx.engine.run import parts_of
    from vpbx.measures.fold import fold
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.program.compile import compile_scenario
    from vpbx.scenario.load import load

    loaded = load(scenario_file(workload), sets)
    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    fr = scenario_frame(loaded.scenario, compiled)
    return lambda index: fold(parts_of(compiled, 1, index, engine), fr, compiled.program.clock)


class EngineRunner:
    """An engine on a workload; `calls` bounds how many a round takes."""

    def __init__(self, engine: str, workload: str, calls: float) -> None:
        self.engine, self.workload = engine, workload
        self.sets = _cut(workload, calls)
        self.note = f"about {calls:,.0f} first calls from 10:00 on, a round" if self.sets else ""
        self.compiled = compiled_scenario(workload, self.sets)
        self.days = 1
        run_engine(engine, self.compiled, 0)  # compiles what is not compiled yet
        if not self.sets:
            self.days = max(1, round(ROUND_S / (self.run(-1).cpu_ns / 1e9)))

    def check(self) -> list[Reading]:
        """W1 by Erlang A, W2 by the C loop with the same rule for shifts; whole days only."""
        if self.sets or self.workload == "W3":
            return []
        found = [
            figures_of(sums(run_engine(self.engine, self.compiled, day), self.compiled))
            for day in range(CHECKED_DAYS)
        ]
        return readings(found, W2_NAMED if self.workload == "W2" else FIGURES[self.workload])

    def run(self, turn: int) -> Sample:
        """Some replications, one after another."""
        calls = 0
        start = time.process_time_ns()
        for day in range(self.days):
            records = run_engine(self.engine, self.compiled, 100 + turn * self.days + day)
            calls += len(records.calls.outcome)
            del records
        return Sample(calls, time.process_time_ns() - start)

    def peak_rss_mb(self) -> float:
        """Of this process."""
        return peak_rss_mb()


def _cut(workload: str, calls: float) -> tuple[str, ...]:
    """Settings that leave about so many calls of a workload; none, if the whole is no more."""
    minutes = int(calls / HOURLY_CALLS[workload] * 60)
    if minutes >= 24 * 60:
        return ()
    start = "2019-04-15" if workload == "W3" else "2024-03-04"
    return (
        f"clock.start={start} 10:00",
        f"clock.duration={max(1, minutes)} min",
        "clock.warm_up=0 s",
    )


def sums(records: "Records", compiled: "Compiled") -> Sums:
    """The sums of a run of W1 or W2 by class, as the peers count them."""
    import numpy as np

    from vpbx.codes import Outcome

    visits, calls = records.visits, records.calls
    warm_up_us = 3_600_000_000 if len(compiled.names.classes) == 1 else 0  # W1 alone has one
    wait_s = (visits.left_at - visits.joined_at) / 1e6
    counted = calls.arrived_at[visits.call] >= warm_up_us
    left = visits.outcome == int(Outcome.ABANDONED)
    by_class = []
    for index in range(2):
        of_class = counted & (calls.caller_class[visits.call] == index)
        by_class.append(
            ClassSums(
                calls=int(np.count_nonzero(of_class)),
                abandoned=int(np.count_nonzero(left & of_class)),
                waited=int(np.count_nonzero((wait_s > 0) & of_class)),
                wait_s=float(wait_s[of_class].sum()),
            )
        )
    return Sums(len(calls.outcome), *by_class)
