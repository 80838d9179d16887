"""One replication cut into independent units: whole days, or the run after its warm-up.

Belongs here: which call belongs to which unit, what of the input has a known mean. Does not belong
here: which figures are wanted (`quantities`), statistics (`estimate`).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.units import DAY_US
from vpbx.validation.cases import Case, Row

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.program.compile import Compiled
    from vpbx.scenario.models import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BLOCKS = (2.5, 7.5, 22.5)
"""Lengths, in mean handle times, of the blocks of time whose work is compared (`Cut.bursts`)."""

_MOMENTS = 4
"""Moments of the day's load that are controls where days differ."""


@dataclass(frozen=True)
class Model:
    """A case's scenario made ready: what all its replications share."""

    case: Case
    scenario: "Scenario"
    compiled: "Compiled"

    @cached_property
    def since_us(self) -> int:
        """Start of what counts."""
        return 0 if self.case.unit == "day" else self.scenario.clock.warm_up

    @cached_property
    def until_us(self) -> int:
        """End of what counts."""
        return self.scenario.clock.duration - self.case.tail_us

    @cached_property
    def unit_us(self) -> int:
        """Length of a unit."""
        return DAY_US if self.case.unit == "day" else self.until_us - self.since_us

    @cached_property
    def n_units(self) -> int:
        """Units in a replication."""
        return (self.until_us - self.since_us) // self.unit_us

    def expected(self, class_index: int, since: int, until: int) -> float:
        """First attempts of a class expected between two instants."""
        rates = self.compiled.load.classes[class_index].rates
        edges = np.array([since, until])
        return sum(float(np.diff(np.interp(edges, one.at, one.expected))[0]) for one in rates)

    def class_index(self, name: str) -> int:
        """Index of a caller class; -1 for all ("")."""
        return self.compiled.names.classes.index(name) if name else -1

    def calls_of_unit(self, name: str) -> float:
        """First attempts of a class ("" all) expected in the first unit, as in every other."""
        n = len(self.compiled.names.classes)
        one = self.class_index(name)
        ends = (self.since_us, self.since_us + self.unit_us)
        return sum(self.expected(c, *ends) for c in (range(n) if one < 0 else (one,)))

    @cached_property
    def service_moments_us(self) -> tuple[float, float]:
        """Mean and mean square of the handle time of the only queue (or the time a line is held)."""
        for group in self.scenario.agents.values():
            for serves in group.serves.values():
                law = serves.handle_time
                return law.mean_us, law.mean_us**2 * (1.0 + law.cv**2)
        raise ValueError(f"{self.case.name}: nobody serves, so that service is no control")


@dataclass(frozen=True)
class Cut:
    """A replication's records by unit; visits and calls outside every unit count nowhere."""

    model: Model
    records: "Records"
    queue: int = -1
    """Only visits to this queue; -1: to any."""
    group: int = -1
    """Only this group's agents, and visits that they answered; -1: any."""

    def of(self, row: Row) -> "Cut":
        """What of the records a row is about."""
        names = self.model.compiled.names
        queue = names.queues.index(row.queue) if row.queue else -1
        group = names.groups.index(row.group) if row.group else -1
        return replace(self, queue=queue, group=group)

    @property
    def case(self) -> Case:
        """The case."""
        return self.model.case

    @cached_property
    def unit_of_call(self) -> Ints:
        """Unit of each call by its arrival; -1: none."""
        at = self.records.calls.arrived_at
        unit = (at - self.model.since_us) // self.model.unit_us
        inside = (at >= self.model.since_us) & (at < self.model.until_us)
        return np.where(inside & (unit < self.model.n_units), unit, -1)

    @cached_property
    def unit_of_visit(self) -> Ints:
        """Unit of each visit by the arrival of its call."""
        return np.asarray(self.unit_of_call[self.records.visits.call])

    @cached_property
    def class_of_visit(self) -> NDArray[np.int16]:
        """Caller class of each visit."""
        return self.records.calls.caller_class[self.records.visits.call]

    @cached_property
    def wait_us(self) -> Ints:
        """Wait of each visit."""
        return self.records.visits.left_at - self.records.visits.joined_at

    @cached_property
    def answered(self) -> Bools:
        """Visits answered."""
        return np.asarray(self.records.visits.outcome == Outcome.ANSWERED)

    @cached_property
    def abandoned(self) -> Bools:
        """Visits abandoned."""
        return np.asarray(self.records.visits.outcome == Outcome.ABANDONED)

    def of_visits(self, kept: Bools, caller_class: str, weights: Ints | None = None) -> Floats:
        """Number (or sum of weights) of these visits in each unit."""
        if caller_class:
            kept = kept & (self.class_of_visit == self.model.class_index(caller_class))
        if self.queue >= 0:
            kept = kept & (self.records.visits.queue == self.queue)
        if self.group >= 0:
            kept = kept & (self.records.visits.group == self.group)
        return self._by_unit(self.unit_of_visit, kept, weights)

    def of_calls(self, kept: Bools, caller_class: str, weights: Ints | None = None) -> Floats:
        """Number (or sum of weights) of these calls in each unit."""
        if caller_class:
            index = self.model.class_index(caller_class)
            kept = kept & (self.records.calls.caller_class == index)
        return self._by_unit(self.unit_of_call, kept, weights)

    def _by_unit(self, unit: Ints, kept: Bools, weights: Ints | None) -> Floats:
        kept = kept & (unit >= 0)
        given = None if weights is None else weights[kept]
        found = np.bincount(unit[kept], given, self.model.n_units)
        return found.astype(np.float64)

    def of_grid(self, column: NDArray[np.int64]) -> Floats:
        """Integral of a column of the grid (intervals, members) over each unit, us."""
        model, grid_us = self.model, self.model.compiled.program.clock.grid_us
        first, last = model.since_us // grid_us, model.until_us // grid_us
        whole = np.zeros((last, column.shape[1]), np.int64)
        n = min(last, len(column))
        whole[:n] = column[:n]
        return np.asarray(whole[first:].sum(axis=1).reshape(model.n_units, -1).sum(axis=1), float)

    def of_days(self, column: NDArray[np.int64], since: int, until: int) -> Floats:
        """Integral of a column of the grid between two times of each day, us; units are days."""
        grid_us, n_units = self.model.compiled.program.clock.grid_us, self.model.n_units
        a_day = DAY_US // grid_us
        whole = np.zeros(a_day * n_units, np.int64)
        n = min(len(whole), len(column))
        whole[:n] = column[:n].sum(axis=1)
        within = whole.reshape(n_units, a_day)[:, since // grid_us : until // grid_us]
        return np.asarray(within.sum(axis=1), float)

    def controls(self) -> Floats:
        """(units, controls) figures whose mean is 0, from the input alone."""
        found: list[Floats] = []
        if "arrivals" in self.case.controls:
            found += self._arrivals()
        if "service" in self.case.controls:
            found.append(self._service())
        if "bursts" in self.case.controls:
            found += self._bursts()
        if "busyness" in self.case.controls:
            found += self._busyness()
        return np.column_stack(found) if found else np.zeros((self.model.n_units, 0))

    def _arrivals(self) -> list[Floats]:
        """First attempts less those expected, by class and part of the unit."""
        model, calls = self.model, self.records.calls
        n = model.n_units * self.case.parts
        width = model.unit_us / self.case.parts
        part = np.floor((calls.arrived_at - model.since_us) / width).astype(np.int64)
        first = (calls.attempt == 0) & (self.unit_of_call >= 0)
        found = []
        for c in range(len(model.compiled.names.classes)):
            counted = np.bincount(part[first & (calls.caller_class == c)], minlength=n)
            by_part = counted[:n].reshape(model.n_units, self.case.parts).T
            for i, counts in enumerate(by_part):
                since = model.since_us + round(i * width)
                until = model.since_us + round((i + 1) * width)
                found.append(np.asarray(counts - model.expected(c, since, until), np.float64))
        return found

    def _service(self) -> Floats:
        """Handle time of those answered less the mean, whoever was answered."""
        visits, mean = self.records.visits, self.model.service_moments_us[0]
        spent = visits.talk_until - visits.left_at
        n = self.of_visits(self.answered, "")
        return (self.of_visits(self.answered, "", spent) - n * mean) / mean

    def _busyness(self) -> list[Floats]:
        """Factorial moments of the day's first attempts, less their means, where days differ.

        With a gamma factor B of shape a on a Poisson load L: E[A (A - 1) .. (A - k + 1)] = L^k E[B^k],
        E[B^k] = a (a + 1) .. (a + k - 1) / a^k. They follow what a figure owes to the day's factor,
        which is not linear in it.
        """
        (caller_class,) = self.model.scenario.callers.values()
        assert caller_class.busyness is not None
        shape, load = caller_class.busyness.cv**-2.0, self.model.calls_of_unit("")
        counted = self.of_calls(self.records.calls.attempt == 0, "")
        product, mean, found = np.ones(len(counted)), 1.0, []
        for k in range(_MOMENTS):
            product = product * (counted - k) / load
            mean *= (shape + k) / shape
            found.append(product - mean)
        return found

    def _bursts(self) -> list[Floats]:
        """Squares, and products with the next, of the work that blocks of a run bring, centred.

        The work of a block of length L is compound Poisson: variance rate x L x E[S^2], independent
        of the next block's. Only where every call is served.
        """
        model, calls, visits = self.model, self.records.calls, self.records.visits
        mean, square = model.service_moments_us
        duration = model.scenario.clock.duration
        rate = sum(
            model.expected(c, 0, duration) / duration
            for c in range(len(model.compiled.names.classes))
        )
        work = (visits.talk_until - visits.left_at) / mean
        found = []
        for length in _BLOCKS:
            n = int(duration / (length * mean))
            block = (calls.arrived_at[visits.call] / (length * mean)).astype(np.int64)
            brought = np.bincount(block, work, n)[:n] - rate * length * mean
            spread = rate * length * square / mean
            found.append(np.array([float((brought**2).sum() - n * spread)]))
            found.append(np.array([float((brought[1:] * brought[:-1]).sum())]))
        return found
