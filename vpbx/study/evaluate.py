"""Evaluating variants: per-replication values of the quantities asked for, under common draws.

Belongs here: units of work, putting their results together, estimates of them. Does not belong
here: making variants (`variant`), counting one replication (`counting`), where units run
(`executors`), what is kept of them (`ledger`), differences between variants (`differences`).

Every variant sees the same callers: replication r of seed s draws the same numbers whatever else
was changed, for a draw is a function of (seed, replication, caller, attempt, purpose).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.measures.estimate import first, ratio_series, t_quantile
from vpbx.measures.result import Estimate, Series
from vpbx.study.counting import count
from vpbx.study.counting_plan import Plan, plan
from vpbx.study.quantities import Ask, Quantity, ask_text, require_known
from vpbx.study.replicate import Progress
from vpbx.study.strata import SET, cvs, stratified
from vpbx.study.variant import Prepared, Variant, prepare
from vpbx.study.work import Unit, results, stretches

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.program.compile import Compiled
    from vpbx.study.ledger import Ledger

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Job:
    """What every unit of one variant shares; can be sent to other processes."""

    compiled: "Compiled"
    plan: Plan
    seed: int
    engine: str
    digest: str
    strata: tuple[tuple[float, bool], ...] = ()
    """Laws of busyness that are stratified (`strata.cvs`); none: plain draws."""

    @property
    def asked(self) -> str:
        """What the numbers are (`work.Work`)."""
        return ask_text(self.plan.ask)

    def run(self, unit: Unit) -> Floats:
        """(replications, 2, size) of a unit."""
        each = range(unit.start, unit.start + unit.n)
        return np.stack([count(_records(self, r), self.plan) for r in each])


@dataclass(frozen=True)
class Values:
    """What replications `first` … of one variant gave.

    `numerator` and `denominator` are (replications, size), laid out as `Ask.layout` says: `of`
    gives those of one quantity. A count has the denominator 1. NaN: no value there (a percentile of
    a day on which nobody was answered).
    """

    name: str
    digest: str
    ask: Ask
    numerator: Floats
    denominator: Floats
    first: int = 0
    sets: bool = False
    """Whether busyness was stratified: then whole sets, not replications, are independent."""

    def __len__(self) -> int:
        return len(self.numerator)

    @property
    def n_places(self) -> int:
        """Places of a quantity: the whole run, then the intervals, where they were asked for."""
        size = int(self.numerator.shape[1])
        return (size - len(self.ask.whole)) // max(1, len(self.ask.quantities))

    @cached_property
    def _layout(self) -> dict[Quantity, slice]:
        return self.ask.layout(self.n_places)

    def of(self, quantity: Quantity) -> tuple[Floats, Floats]:
        """Numerators and denominators (replications, places) of a quantity; place 0 is the run.

        Of stratified busyness: the sums of each set of replications, which estimates are made of.
        """
        above, below = self.plain(quantity)
        return _by_set(above, below) if self.sets else (above, below)

    def plain(self, quantity: Quantity) -> tuple[Floats, Floats]:
        """The same, of single replications always."""
        part = self._layout[quantity]
        return self.numerator[:, part], self.denominator[:, part]

    def total(self, quantity: Quantity) -> Estimate:
        """The figure of the whole run with its 95 % interval (ratios by the delta method)."""
        above, below = self.of(quantity)
        return first(ratio_series(above[:, :1], below[:, :1]))

    def by_interval(self, quantity: Quantity) -> Series:
        """The figures of the intervals with their 95 % intervals."""
        above, below = self.of(quantity)
        return ratio_series(above[:, 1:], below[:, 1:])

    def saved(self, quantity: Quantity) -> float:
        """What stratifying saved: variance over plain replications / over sets; 1 without strata.

        The plain variance is that of the stratified replications as if they were independent.
        """
        if not self.sets:
            return 1.0
        above, below = self.plain(quantity)
        plain = first(ratio_series(above[:, :1], below[:, :1])).half_width
        own = self.total(quantity).half_width
        freedom = len(above) - 1, len(above) // SET - 1
        plain, own = (w / t_quantile(f) for w, f in zip((plain, own), freedom, strict=True))
        return (plain / own) ** 2 if own > 0 else float("nan")

    def each(self, quantity: Quantity) -> Floats:
        """(replications, places) figures of each replication alone; NaN where it has none.

        For P(a day meets the target) and the worst days; never to be averaged in place of `total`.
        """
        above, below = self.plain(quantity)
        found = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
        return np.asarray(found)


def evaluate(
    variants: Sequence[Variant | Prepared],
    ask: Ask,
    replications: range,
    seed: int | None = None,
    executor: Executor | None = None,
    engine: str = "auto",
    progress: Progress | None = None,
    ledger: "Ledger | None" = None,
    stratify: bool = False,
) -> list[Values]:
    """Values of every variant over the same replications, in the order of the variants.

    `seed` defaults to the first variant's own. `executor`: threads on this machine's processors,
    if not given (processes for the reference engine). With a `ledger`, units that it holds are not
    run, and others are put there as they finish. With `stratify`, the days' busyness is spread
    evenly over sets of replications (`strata`), if all of them are whole. The values depend on
    nothing but the variants, the seed and the replications. Raises `ScenarioError`, `UsageError`,
    `SimulationError`.
    """
    if len(replications) < 1 or replications.step != 1 or replications.start < 0:
        raise UsageError("a study needs at least one replication, counted up from 0 on")
    ready = [v if isinstance(v, Prepared) else prepare(v) for v in variants]
    jobs = jobs_of(ready, ask, replications, seed, engine)
    if stratify and len(replications) % SET == replications.start % SET == 0:
        jobs = [_stratified(job, one) for job, one in zip(jobs, ready, strict=True)]
    units = list(_units(len(ready), replications))
    found = np.empty((len(ready), len(replications), 2, jobs[0].plan.size))
    done = 0
    for unit, values in results(jobs, units, executor, ledger):
        at = unit.start - replications.start
        found[unit.variant, at : at + unit.n] = values
        done += unit.n
        if progress is not None:
            progress(done, len(ready) * len(replications))
    return [
        Values(
            one.name, one.digest, ask, block[:, 0], block[:, 1], replications.start,
            bool(job.strata),
        )
        for one, job, block in zip(ready, jobs, found, strict=True)
    ]  # fmt: skip


def jobs_of(
    ready: Sequence[Prepared], ask: Ask, replications: range, seed: int | None, engine: str
) -> list[Job]:
    """A job of each variant; raises `UsageError` when they cannot be compared interval by interval."""
    from vpbx.engine.run import chosen_engine

    if not ready:
        raise UsageError("there is no variant to evaluate")
    for one in ready:
        require_known(ask.everything, one.compiled.names)
    shared = ready[0].loaded.scenario.seed if seed is None else seed
    engine = chosen_engine(engine, ready[0].compiled, len(replications) * len(ready))
    plans = [plan(one.frame, one.compiled.names, ask) for one in ready]
    if len({own.n_places for own in plans}) > 1:
        raise UsageError("the variants last differently long: leave out the intervals")
    return [
        Job(one.compiled, own, shared, engine, one.digest)
        for one, own in zip(ready, plans, strict=True)
    ]


def _records(job: Job, replication: int) -> "Records":
    from vpbx.engine.run import run_replication

    compiled = job.compiled
    if job.strata:
        compiled = stratified(compiled, job.strata, job.seed, replication)
    return run_replication(compiled, job.seed, replication, job.engine)


def _stratified(job: Job, ready: Prepared) -> Job:
    """The job with stratified busyness, under a digest of its own; as it is, where none varies."""
    laws = cvs(ready.loaded.scenario)
    if not any(cv > 0 for cv, _ in laws):
        return job
    return replace(job, strata=laws, digest=f"{job.digest}/sets of {SET}")


def _by_set(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Sums over each set of replications, of those that have a value."""
    there = ~(np.isnan(above) | np.isnan(below))
    shape = (-1, SET, above.shape[1])
    g, d = np.where(there, above, 0.0).reshape(shape), np.where(there, below, 0.0).reshape(shape)
    seen = there.reshape(shape).any(axis=1)
    return np.where(seen, g.sum(axis=1), np.nan), np.where(seen, d.sum(axis=1), np.nan)


def _units(n_variants: int, replications: range) -> Iterator[Unit]:
    """Blocks of replications, all variants of a block before the next block."""
    for unit in stretches(0, replications):
        for variant in range(n_variants):
            yield unit._replace(variant=variant)


def joined(parts: Sequence[Values]) -> Values:
    """Values of the same variant over consecutive replications as one."""
    return replace(
        parts[0],
        numerator=np.concatenate([part.numerator for part in parts]),
        denominator=np.concatenate([part.denominator for part in parts]),
    )
