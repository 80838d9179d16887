"""Units of work: what every study is cut into, wherever it runs and whatever is kept of it.

Belongs here: a unit, what a job must be able to do, units through executor and ledger. Does not belong
here: jobs (`evaluate`, `staffing.lab`), executors (`executors`), the store (`ledger`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.program.compile import Compiled
    from vpbx.study.ledger import Ledger

Floats = NDArray[np.float64]

BLOCK = 10
"""Replications of a unit of work; units start at multiples of it, so that longer studies reuse
what shorter ones left."""


class Unit(NamedTuple):
    """A stretch of replications of one variant."""

    variant: int
    start: int
    n: int


class Work(Protocol):
    """What every unit of one variant shares; can be sent to other processes."""

    @property
    def digest(self) -> str:
        """Of the scenario, everything that was changed in it included."""

    @property
    def seed(self) -> int:
        """Of every draw."""

    @property
    def engine(self) -> str:
        """Which engine runs it."""

    @property
    def asked(self) -> str:
        """What the numbers are, as JSON: interval_us; quantities, each over the whole run and then by
        interval; whole, those of the whole run only."""

    def run(self, unit: Unit) -> Floats:
        """(replications, 1 or 2, size) numbers of a unit: numerators, and denominators if not all 1."""


@dataclass(frozen=True, kw_only=True)
class CountedRuns(ABC):
    """Work that counts each replication of one compiled scenario into a row of numbers."""

    compiled: "Compiled"
    seed: int
    digest: str
    asked: str
    engine: str = "compiled"

    @abstractmethod
    def row(self, records: "Records") -> Floats:
        """(numbers,) of a replication."""

    def run(self, unit: Unit) -> Floats:
        """(replications, 1, numbers) of a unit."""
        from vpbx.engine.run import run_replication

        each = range(unit.start, unit.start + unit.n)
        rows = [self.row(run_replication(self.compiled, self.seed, r, self.engine)) for r in each]
        return np.stack(rows)[:, None]


def run_unit(job: Work, unit: Unit) -> Floats:
    """The numbers of a unit; the function that executors call."""
    return job.run(unit)


def stretches(variant: int, indices: Sequence[int]) -> Iterator[Unit]:
    """Units of these replications, in rising order: none reaches beyond a whole block."""
    start = n = 0
    for index in indices:
        if n and index == start + n and index % BLOCK:
            n += 1
            continue
        if n:
            yield Unit(variant, start, n)
        start, n = index, 1
    if n:
        yield Unit(variant, start, n)


def results(
    jobs: Sequence[Work],
    units: Sequence[Unit],
    executor: Executor | None,
    ledger: "Ledger | None",
) -> Iterator[tuple[Unit, Floats]]:
    """Units and what they gave, in the order of finishing; those of the ledger first."""
    from vpbx.study.executors import each_unit

    left = []
    for unit in units:
        kept = None if ledger is None else ledger.get(jobs[unit.variant], unit)
        if kept is None:
            left.append(unit)
        else:
            yield unit, kept
    for unit, values in each_unit(jobs, left, executor):
        if ledger is not None:
            ledger.put(jobs[unit.variant], unit, values)
        yield unit, values


def numbers(
    job: Work, indices: Sequence[int], executor: Executor | None, ledger: "Ledger | None"
) -> Floats:
    """(replications, numbers) of a job for replications in rising order."""
    units = list(stretches(0, indices))
    found = dict(results([job], units, executor, ledger))
    return np.concatenate([found[unit][:, 0] for unit in units])
