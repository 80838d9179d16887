"""Many replications of one scenario, and what came of them.

Belongs here: refuse what cannot run, compile once, run every replication, tally it, keep its
records, put all together. Does not belong here: processes (`pool`), estimates (`measures`), pages
(`report`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vpbx.errors import Problem, ScenarioError, UsageError
from vpbx.measures.result import Result
from vpbx.study.about import edge_labels, meta_of
from vpbx.study.pool import cores, each

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.measures.frame import Frame
    from vpbx.measures.tally import Tally
    from vpbx.program.compile import Compiled
    from vpbx.scenario.load import Loaded
    from vpbx.store.local import LocalStart

Notice = Callable[[str], None]
"""Told what takes its time before the first replication."""

Progress = Callable[[int, int], None]
"""Told how many replications are done, and of how many."""


@dataclass(frozen=True)
class Job:
    """What every replication shares."""

    compiled: "Compiled"
    frame: "Frame"
    seed: int
    parts: Path | None
    """Where the records' parts go; None: records are not kept."""
    engine: str
    """Which engine runs; the records are the same."""
    start: "LocalStart"
    summary: bool = False
    """Records are counted as they come and not kept."""


def require_sound(loaded: "Loaded") -> list[Problem]:
    """All warnings, the call flow's included; raises `ScenarioError` when the lint finds errors."""
    from vpbx.flow.lint import lint

    problems = lint(loaded.scenario, loaded.marks)
    if any(not problem.warning for problem in problems):
        raise ScenarioError(problems)
    return [*loaded.warnings, *problems]


def replicate(
    loaded: "Loaded",
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    records_folder: Path | None = None,
    engine: str = "auto",
    notice: Notice | None = None,
    keep_finished: bool = False,
) -> Result:
    """Run a scenario and put its replications together.

    `replications` and `seed` default to the scenario's own; `workers` to the processors at hand.
    With `records_folder`, the records of all replications are written there as Parquet, unless the
    scenario keeps summaries only (then what an earlier run left there is removed). The result and
    the files depend on the scenario, the seed and the number of replications only.

    With `keep_finished`, a `KeyboardInterrupt` ends the run early, not in vain: the replications
    before the first unfinished one are put together, as if only so many had been asked for
    (`meta.planned` tells). Without one finished, it is raised as ever. Raises `ScenarioError`,
    `FileError`, `SimulationError`.
    """
    from vpbx.engine.run import chosen_engine
    from vpbx.measures.scenario_frame import scenario_frame
    from vpbx.program.compile import compile_scenario
    from vpbx.store.local import LocalStart
    from vpbx.study.warmup import warm_up

    scenario = loaded.scenario
    count = scenario.replications if replications is None else replications
    _require(count >= 1, f"at least 1 replication is needed, got {count}")
    _require(workers is None or workers >= 1, f"at least 1 worker is needed, got {workers}")
    summary = scenario.measures.records == "summary"
    if records_folder is not None and summary:
        _remove_tables(records_folder)
    keeps = records_folder is not None and not summary
    parts = records_folder / "parts" if keeps and records_folder else None
    compiled = compile_scenario(scenario, loaded.file.parent)
    frame = scenario_frame(scenario, compiled)
    start = LocalStart(scenario.clock.start, scenario.clock.timezone)
    engine = chosen_engine(engine, compiled, count)
    if engine == "compiled":
        warm_up(notice)
    chosen = scenario.seed if seed is None else seed
    job = Job(compiled, frame, chosen, parts, engine, start, summary)
    try:
        if parts is not None:
            _fresh(parts)
        tallies = _tallies(job, count, workers or cores(), progress, keep_finished)
        if parts is not None and records_folder is not None:
            _merge(parts, len(tallies), records_folder)
    finally:
        _remove(parts)
    return _summarise(tallies, loaded, job, count)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise UsageError(message)


def _tallies(
    job: Job, count: int, workers: int, progress: Progress | None, keep_finished: bool
) -> list["Tally"]:
    """One tally a replication, in their order.

    The first runs here, so that what it compiles is there for the workers.
    """
    found: dict[int, Tally] = {}
    try:
        for indices in ([0], list(range(1, count))):
            for index, tally in each(run_one, job, indices, workers):
                found[index] = tally
                if progress is not None:
                    progress(len(found), count)
    except KeyboardInterrupt:
        if not keep_finished or 0 not in found:
            raise
    done = next(index for index in range(len(found) + 1) if index not in found)
    return [found[index] for index in range(done)]


def run_one(job: Job, replication: int) -> "Tally":
    """Run and tally one replication, writing its records' part where that is wanted."""
    from vpbx.engine.run import run_replication
    from vpbx.measures.tally import tally

    if job.summary:
        return _folded(job, replication)
    records = run_replication(job.compiled, job.seed, replication, job.engine)
    if job.parts is not None:
        _write_part(records, job, replication, job.parts)
    return tally(records, job.frame)


def _folded(job: Job, replication: int) -> "Tally":
    """Run one replication and tally it as it goes, in memory that does not grow with the run."""
    from vpbx.engine.run import parts_of
    from vpbx.measures.fold import fold

    parts = parts_of(job.compiled, job.seed, replication, job.engine)
    return fold(parts, job.frame, job.compiled.program.clock)


def _write_part(records: "Records", job: Job, replication: int, parts: Path) -> None:
    from vpbx.store.tables import write_parts

    program, names = job.compiled.program, job.compiled.names
    write_parts(records, program, names, replication, parts, job.start)


def _merge(parts: Path, count: int, folder: Path) -> None:
    from vpbx.store.tables import merge_parts

    merge_parts(parts, count, folder)


def _fresh(parts: Path) -> None:
    """An empty folder for parts: what an interrupted run left is removed."""
    from vpbx.store.files import make_folder

    _remove(parts)
    make_folder(parts)


def _remove_tables(folder: Path) -> None:
    """Remove an earlier run's call data: they would not belong to this result."""
    from vpbx.store.tables import remove_tables

    remove_tables(folder)


def _remove(parts: Path | None) -> None:
    from vpbx.store.tables import remove_parts

    if parts is not None:
        remove_parts(parts)


def _summarise(tallies: list["Tally"], loaded: "Loaded", job: Job, planned: int) -> Result:
    from vpbx.measures.summarise import summarise
    from vpbx.scenario.check import resolve_targets

    compiled, scenario = job.compiled, loaded.scenario
    return summarise(
        tallies,
        job.frame,
        compiled.names,
        meta_of(loaded, job.seed, len(tallies), planned),
        resolve_targets(scenario),
        edge_labels(scenario, compiled.program.edges, compiled.names),
    )
