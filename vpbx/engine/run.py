"""Runs a replication: chooses the engine, checks that the run kept the rules.

Belongs here: the one door through which studies run an engine, and the conservation laws. Does not
belong here: many runs (`study`), figures (`measures`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Records, legs
from vpbx.engine.reference import Reference
from vpbx.engine.story import Story, Told
from vpbx.errors import SimulationError, UsageError
from vpbx.program.compile import Compiled
from vpbx.program.program import Program
from vpbx.traffic.workload import expected_calls, workload

ENGINES = ("auto", "reference", "compiled")

_REFERENCE_CALLS_PER_S = 8_000
_COMPILE_S = 30
"""What decides between the engines where the compiled one must be compiled first; both rough."""


def chosen_engine(engine: str, compiled: Compiled, replications: int) -> str:
    """The engine to use; "auto": the compiled one, unless compiling it would take longer than the
    whole work by the other. Raises `UsageError` for an engine that does not exist."""
    if engine not in ENGINES:
        raise UsageError(f'there is no engine "{engine}"; engines are {", ".join(ENGINES)}')
    if engine != "auto":
        return engine
    work_s = expected_calls(compiled.load) * replications / _REFERENCE_CALLS_PER_S
    return "compiled" if work_s > _COMPILE_S or is_compiled() else "reference"


def is_compiled() -> bool:
    """Whether the compiled engine needs no compiling any more."""
    from vpbx.engine import compiled

    return compiled.is_compiled()


def run_replication(
    compiled: Compiled, seed: int, replication: int, engine: str = "reference"
) -> Records:
    """The records of one replication, checked; raises `SimulationError` when a rule was broken.

    Both engines, "reference" and "compiled", give the same records, bit by bit.
    """
    if engine == "reference":
        return tell_call(compiled, seed, replication, -1)[0]
    from vpbx.engine.compiled import run_compiled

    arrivals = workload(compiled.load, seed, replication)
    records = run_compiled(compiled.program, seed, replication, arrivals)
    check_conservation(compiled.program, records)
    return records


def both_engines(compiled: Compiled, seed: int, replication: int) -> tuple[Records, Records]:
    """What the reference engine and the compiled one leave of a replication: not checked, but to be
    compared (`difference`)."""
    from vpbx.engine.compiled import run_compiled

    reference = Reference(compiled.program, seed, replication, Told())
    one = reference.run(workload(compiled.load, seed, replication))
    arrivals = workload(compiled.load, seed, replication)
    return one, run_compiled(compiled.program, seed, replication, arrivals)


def tell_call(compiled: Compiled, seed: int, replication: int, row: int) -> tuple[Records, Story]:
    """The records of one replication, and the story of the call in this row of its table."""
    told = Told(row)
    engine = Reference(compiled.program, seed, replication, told)
    records = engine.run(workload(compiled.load, seed, replication))
    check_conservation(compiled.program, records)
    return records, told.story


def check_conservation(program: Program, records: Records) -> None:
    """Checks what every run must keep (semantics §4): calls, channel-time, agent-time, order in time."""
    calls, visits, grid = records.calls, records.visits, records.grid
    _equal("outcomes", _count(calls.outcome >= 0), len(calls.outcome))
    horizon = program.clock.duration_us + program.clock.drain_us
    came_again = _count((calls.redial_at >= 0) & (calls.redial_at <= min(horizon, records.end_at)))
    _equal("redials", _count(calls.attempt > 0), came_again)
    held = legs(records, program.numbers.trunk)
    held_us = int((held.held_until - held.held_from).sum())
    _equal("channel-time", int(grid.trunk_time.sum()), held_us)
    answered = visits.outcome == Outcome.ANSWERED
    talked = answered & (visits.talk_until >= 0)
    wrapped = visits.wrap_up_until >= 0
    _equal(
        "talk time", int(grid.talk.sum()), int((visits.talk_until - visits.left_at)[talked].sum())
    )
    wrap_up = (visits.wrap_up_until - visits.talk_until)[wrapped]
    _equal("wrap-up time", int(grid.wrap_up.sum()), int(wrap_up.sum()))
    _equal(
        "waiting time", int(grid.queue_time.sum()), int((visits.left_at - visits.joined_at).sum())
    )
    for what, times in (
        ("a call", calls.ended_at - calls.arrived_at),
        ("a wait", visits.left_at - visits.joined_at),
        ("a talk", (visits.talk_until - visits.left_at)[talked]),
        ("a wrap-up", wrap_up),
    ):
        if times.size and times.min() < 0:
            raise SimulationError(f"{what} lasts less than no time (row {int(times.argmin())})")
    if np.any(grid.ringing + grid.talk + grid.wrap_up > grid.logged_in):
        raise SimulationError("agents were busy for longer than they were logged in")
    if np.any(grid.trunk_time > np.maximum(grid.channels, grid.trunk_peak * program.clock.grid_us)):
        raise SimulationError("more channel-time was held than there was")


def _count(mask: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask))


def _equal(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise SimulationError(f"{what} not conserved: {found} instead of {expected}")
