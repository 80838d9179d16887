"""Compiling the engine ahead of the first run.

Belongs here: the smallest run that makes every compiled function. Does not belong here: where
compiled code is kept (`_jit`).
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vpbx.garbage import collect_rarely

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

    Two other processes do it, one the engine, one what counts its records: the compiler is held by one
    thread of a process at a time, and hears no Ctrl-C while it compiles. What they leave undone, for
    whatever reason, is compiled here.
    """
    if is_compiled():
        return
    if tell is not None:
        tell("compiling the engine, once on this machine: about half a minute …")
    others = [_elsewhere(engine) for engine in _ENGINES]
    try:
        for other in others:
            other.wait()
    finally:
        for other in others:
            other.kill()
            other.wait()
    _a_run("compiled", counted=True)


_ENGINES = ("compiled", "reference")
"""A run of the second compiles draws, walk and counting."""


def _elsewhere(engine: str) -> subprocess.Popen[bytes]:
    """Another process in which a run of an engine is made."""
    command = [sys.executable, "-m", "vpbx.study.warmup", engine]
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)


def _a_run(engine: str, counted: bool) -> None:
    """A minute by an engine, and its tally."""
    from vpbx.engine.run import run_replication
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.measures.tally import tally

    scenario, compiled = _a_minute()
    records = run_replication(compiled, 1, 0, engine)
    if counted:
        tally(records, scenario_frame(scenario, compiled))


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
    collect_rarely()
    _a_run(sys.argv[1], counted=sys.argv[1] == "reference")
