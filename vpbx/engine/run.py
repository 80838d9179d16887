"""Runs a replication: chooses the engine, checks that the run kept the rules.

Belongs here: the one door through which studies run an engine. Does not belong here: many runs
(`study`), figures (`measures`).
"""

from collections.abc import Generator, Iterator

from vpbx.engine.ahead import ahead
from vpbx.engine.conservation import Laws
from vpbx.engine.parts import Cut, Part, as_part, part_of
from vpbx.engine.records import Records
from vpbx.engine.reference import Reference
from vpbx.engine.story import Story, Told
from vpbx.errors import UsageError
from vpbx.program.compile import Compiled
from vpbx.program.program import Program
from vpbx.traffic.workload import expected_calls, workload

ENGINES = ("auto", "reference", "compiled")

_REFERENCE_CALLS_PER_S = 8_000
_COMPILE_S = 30
"""What decides between the engines where the compiled one must be compiled first; both rough."""
_LONG_CALLS = 200_000
"""First attempts of a run that is worth a second thread."""


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
    arrivals = workload(compiled.load, seed, replication)
    if engine == "reference":
        records = Reference(compiled.program, seed, replication, Told()).run(arrivals)
    else:
        from vpbx.engine.compiled import run_compiled

        records = run_compiled(compiled.program, seed, replication, arrivals)
    check_conservation(compiled.program, records)
    return records


def parts_of(
    compiled: Compiled, seed: int, replication: int, engine: str = "reference"
) -> Generator[Part]:
    """The records of one replication in parts, checked; memory does not grow with the run (by the
    reference engine there is one part only). Raises `SimulationError` with the last one.

    The engine of a long run works in a thread of its own, and so does its Workload, a day ahead:
    what is done with the parts costs no time where there are two processors.
    """
    laws = Laws(compiled.program)
    for part in _parts_unchecked(compiled, seed, replication, engine):
        laws.add(part.calls, part.visits, part.extra_legs)
        if part.ending is not None:
            laws.check(part.ending.grid)
        yield part


def _parts_unchecked(
    compiled: Compiled, seed: int, replication: int, engine: str
) -> Iterator[Part]:
    if engine == "reference":
        arrivals = workload(compiled.load, seed, replication)
        yield as_part(Reference(compiled.program, seed, replication, Told()).run(arrivals))
        return
    with ahead(_cuts(compiled, seed, replication), 1, _is_long(compiled)) as cuts:
        yield from map(part_of, cuts)


def _cuts(compiled: Compiled, seed: int, replication: int) -> Iterator[Cut]:
    from vpbx.engine.compiled import run_in_cuts

    days = workload(compiled.load, seed, replication)
    with ahead(days, 2, _is_long(compiled)) as arrivals:
        yield from run_in_cuts(compiled.program, seed, replication, arrivals)


def _is_long(compiled: Compiled) -> bool:
    """Whether a run is long enough for threads to pay."""
    return expected_calls(compiled.load) > _LONG_CALLS


def both_engines(compiled: Compiled, seed: int, replication: int) -> tuple[Records, Records]:
    """What the reference engine and the compiled one leave of a replication: not checked, but to be
    compared (`difference`)."""
    from vpbx.engine.compiled import run_compiled

    reference = Reference(compiled.program, seed, replication, Told())
    one = reference.run(workload(compiled.load, seed, replication))
    arrivals = workload(compiled.load, seed, replication)
    return one, run_compiled(compiled.program, seed, replication, arrivals)


def story_of_call(
    compiled: Compiled, seed: int, replication: int, row: int, engine: str = "reference"
) -> Story:
    """The story of the call in this row of a replication's table of calls, by one of the engines:
    both tell the same, step by step. Empty when there is no such call."""
    arrivals = workload(compiled.load, seed, replication)
    if engine == "compiled":
        from vpbx.engine.kernel_story import watched

        return watched(compiled.program, seed, replication, arrivals, row)
    told = Told(row)
    Reference(compiled.program, seed, replication, told).run(arrivals)
    return told.story


def check_conservation(program: Program, records: Records) -> None:
    """Checks what every run must keep (semantics §4): calls, channel-time, agent-time, order in time."""
    laws = Laws(program)
    laws.add(records.calls, records.visits, records.extra_legs)
    laws.check(records.grid)
