"""What the queues ask for: calls by time and agents busy if nobody ever waited.

Belongs here: a pilot with ample staff, and from it the rate of joining each queue (menus' delay,
branches and redials included), service times, patience, the modified offered load by slot. Does not
belong here: how many agents that takes (`start`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.errors import UsageError
from vpbx.program.program import GRID_US
from vpbx.study.staffing.lab import Days, Lab, StaffedDays
from vpbx.study.staffing.start import edges_s, limited_mean, load_of
from vpbx.units import MOST_AGENTS, SECOND_US

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.scenario.models import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GRID_S = GRID_US / SECOND_US
_FIRST_AMPLE = 100
_MOST_AMPLE = MOST_AGENTS
_NOBODY_WAITS = 0.001


@dataclass(frozen=True)
class Demand:
    """What came to each queue under ample staff."""

    rates: Floats
    """(base intervals, queues) calls a second."""
    mean_service_s: Floats
    """(queues,) mean handle time and wrap-up; 0 where nobody was served."""
    patience_rate: Floats
    """(queues,) 1 / mean patience, averaged over callers; 0: endless."""
    load: Floats
    """(slots, queues) modified offered load, erlang."""
    ample: int
    """Agents of each varied group in the pilot."""
    days: Days
    """The pilot, counted."""

    def service_rate(self, queue: int) -> float:
        """1 / mean handle time and wrap-up; 0 when nobody was served."""
        mean = float(self.mean_service_s[queue])
        return 1.0 / max(mean, 1e-6) if mean > 0 else 0.0


def pilot(lab: Lab, queues: Sequence[int], n: int) -> Demand:
    """Runs `n` days with so many agents that nobody waits for one of the `queues`.

    Where waiting does not go away (a group that others hold up), the largest staff tried stands.
    """
    ample = _FIRST_AMPLE
    while True:
        job = _pilot_job(lab, ample)
        numbers = lab.numbers(job, range(n))
        rest, days = numbers[:, : job.size], lab.layout.days(numbers[:, job.size :])
        offered, waited = (days.queues[name][:, :, queues].sum() for name in ("offered", "waited"))
        if ample >= _MOST_AMPLE or waited <= _NOBODY_WAITS * max(1.0, offered):
            return _demand(lab, job, rest, days, ample)
        ample = min(5 * ample, _MOST_AMPLE)


@dataclass(frozen=True, kw_only=True)
class Pilot(StaffedDays):
    """Days under ample staff, and what the first guess needs of them.

    A row of numbers: (base intervals, queues) calls; (base intervals + 1, queues) summed service, none
    counted beyond `edges_s`; (queues,) calls served and (queues,) their service; (classes, queues)
    visits; then what `Layout` says.
    """

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Of the tables of a row."""
        n, queues = self.slots.n_base, self.layout.n_queues
        classes = len(self.compiled.names.classes)
        return (n, queues), (n + 1, queues), (1, queues), (1, queues), (classes, queues)

    @property
    def size(self) -> int:
        """Numbers of these tables."""
        return sum(rows * columns for rows, columns in self.shapes)

    def row(self, records: "Records") -> Floats:
        """(numbers,) of a replication."""
        calls, limited, served, seconds, classes = (np.zeros(shape) for shape in self.shapes)
        visits, edges = records.visits, edges_s(self.slots.n_base, GRID_S)
        base = visits.joined_at // GRID_US
        inside = base < self.slots.n_base
        np.add.at(calls, (base[inside], visits.queue[inside]), 1.0)
        np.add.at(classes, (records.calls.caller_class[visits.call], visits.queue), 1.0)
        for queue in range(self.layout.n_queues):
            own = _served_s(records, queue)
            served[0, queue], seconds[0, queue] = len(own), own.sum()
            if len(own):
                limited[:, queue] = limited_mean(own, edges) * len(own)
        tables = (calls, limited, served, seconds, classes)
        return np.concatenate([*(t.ravel() for t in tables), super().row(records)])


def _pilot_job(lab: Lab, ample: int) -> Pilot:
    asked = {"pilot": json.loads(lab.asked), "interval_us": None, "quantities": [], "whole": []}
    staff = np.full((len(lab.groups), lab.slots.n), ample, np.int64)
    return lab.job(Pilot, staff, json.dumps(asked))


def _demand(lab: Lab, job: Pilot, numbers: Floats, days: Days, ample: int) -> Demand:
    sums, at, tables = numbers.sum(axis=0), 0, []
    for rows, columns in job.shapes:
        tables.append(sums[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    calls, limited, served, seconds, classes = tables
    rates, there = calls / (len(numbers) * GRID_S), np.maximum(served[0], 1.0)
    busy = np.stack(
        [load_of(rates[:, q], limited[:, q] / there[q]) for q in range(rates.shape[1])], axis=1
    )
    return Demand(
        rates=rates,
        mean_service_s=seconds[0] / there,
        patience_rate=_patience_rates(lab.base.loaded.scenario, classes),
        load=by_slot(lab, busy),
        ample=ample,
        days=days,
    )


def by_slot(lab: Lab, busy: Floats) -> Floats:
    """(slots, …) means of (base intervals, …)."""
    slots = lab.slots
    of_base = slots.of_base[: slots.n_base]
    out = np.zeros((slots.n, *busy.shape[1:]))
    np.add.at(out, of_base, busy)
    share = np.bincount(of_base, minlength=slots.n)
    return np.asarray(out / share.reshape(-1, *[1] * (busy.ndim - 1)))


def _served_s(records: "Records", queue: int) -> Floats:
    """Handle time and wrap-up of the calls served from a queue."""
    visits = records.visits
    answered = (visits.outcome == Outcome.ANSWERED) & (visits.queue == queue)
    free_at = np.maximum(np.maximum(visits.wrap_up_until, visits.talk_until), visits.left_at)
    return np.asarray((free_at - visits.left_at)[answered] / SECOND_US)


def _patience_rates(scenario: "Scenario", visits: Floats) -> Floats:
    """(queues,) mean of 1 / mean patience over the callers of each queue."""
    by_class = np.array(
        [
            SECOND_US / max(c.patience.mean_us, SECOND_US) if c.patience else 0.0
            for c in scenario.callers.values()
        ]
    )
    return np.asarray(by_class @ visits / np.maximum(visits.sum(axis=0), 1.0))


def require_calls(demand: Demand, queues: Sequence[int], names: Sequence[str]) -> None:
    """Raises `UsageError` for a queue that nobody reaches: there is nothing to plan for."""
    for queue in queues:
        if demand.rates[:, queue].sum() <= 0:
            raise UsageError(f'nobody reaches the queue "{names[queue]}": there is nothing to plan')
