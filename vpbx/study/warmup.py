"""Compiling the engine ahead of the first run.

Belongs here: the smallest run that makes every compiled function. Does not belong here: where
compiled code is kept (`_jit`).
"""

from pathlib import Path


def is_compiled() -> bool:
    """Whether the compiled engine needs no compiling any more."""
    from vpbx.engine import run

    return run.is_compiled()


def warm_up() -> None:
    """Compiles the compiled engine, unless it lies on disk: runs it on a minute of nothing much."""
    from vpbx.engine.run import run_replication
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.measures.tally import tally
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
    compiled = compile_scenario(minute, Path())
    tally(run_replication(compiled, 1, 0, "compiled"), scenario_frame(minute, compiled))
