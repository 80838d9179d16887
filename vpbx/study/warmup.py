"""Compiling the engine ahead of the first run.

Belongs here: the smallest run that makes every compiled function. Does not belong here: where
compiled code is kept (`_jit`).
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vpbx.program.compile import Compiled
    from vpbx.scenario.models import Scenario


def is_compiled() -> bool:
    """Whether the compiled engine needs no compiling any more."""
    from vpbx.engine import run

    return run.is_compiled()


def warm_up(tell: Callable[[str], None] | None = None) -> None:
    """Compiles the compiled engine, unless it lies on disk: runs it on a minute of nothing much. Then
    `tell` hears first what takes its time.

    Meanwhile another process compiles what counts its records: the compiler is held by one thread of
    a process at a time. What that leaves undone, for whatever reason, is compiled here.
    """
    from vpbx.engine.run import run_replication
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.measures.tally import tally

    if is_compiled():
        return
    if tell is not None:
        tell("compiling the engine, once on this machine: about half a minute …")
    scenario, compiled = _a_minute()
    with _the_rest_elsewhere():
        records = run_replication(compiled, 1, 0, "compiled")
    tally(records, scenario_frame(scenario, compiled))


@contextmanager
def _the_rest_elsewhere() -> Iterator[None]:
    """Another process compiles all but the engine itself; it is done, or stopped, at the end."""
    command = [sys.executable, "-m", "vpbx.study.warmup"]
    nothing = subprocess.DEVNULL
    other = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)
    try:
        yield
        other.wait()
    finally:
        other.kill()
        other.wait()


def _the_rest() -> None:
    """Compiles draws, walk and counting: by a run of the reference engine."""
    from vpbx.engine.run import run_replication
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.measures.tally import tally

    scenario, compiled = _a_minute()
    tally(run_replication(compiled, 1, 0, "reference"), scenario_frame(scenario, compiled))


def _a_minute() -> "tuple[Scenario, Compiled]":
    from vpbx.program.compile import compile_scenario
    from vpbx.scenario.models import Scenario

    minute = Scenario.model_validate(
        {
            "name": "a minute",
            "clock": {"start": "2024-01-01 00:00", "duration": "1 min"},
            "numbers": {"1": {"enter": "end"}},
            "flow": {"end": {"queue": "line"}},
            "queues": {"line": {}},
            "agents": {"one": {"serves": {"line": {"handle_time": "1 min"}}, "heads": 1}},
            "callers": {"one": {"volume": "1/day", "dials": {"1": 1}}},
        }
    )
    return minute, compile_scenario(minute, Path())


if __name__ == "__main__":
    _the_rest()
