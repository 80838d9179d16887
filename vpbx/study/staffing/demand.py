"""What the queues ask for: calls by time and agents busy if nobody ever waited.

Belongs here: a pilot with ample staff, and from it the rate of joining each queue (menus' delay,
branches and redials included), service times, patience, the modified offered load by slot. Does not
belong here: how many agents that takes (`start`).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.errors import UsageError
from vpbx.program.program import GRID_US
from vpbx.study.staffing.lab import Days, Lab, count, joined
from vpbx.study.staffing.start import modified_offered_load
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.scenario.models import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GRID_S = GRID_US / SECOND_US
_FIRST_AMPLE = 100
_MOST_AMPLE = 100_000
_NOBODY_WAITS = 0.001


@dataclass(frozen=True)
class Demand:
    """What came to each queue under ample staff."""

    rates: Floats
    """(base intervals, queues) calls a second."""
    served_s: tuple[Floats, ...]
    """By queue: handle time and wrap-up of the calls served, a sample."""
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
        served = self.served_s[queue]
        return 1.0 / max(float(served.mean()), 1e-6) if len(served) else 0.0


def pilot(lab: Lab, queues: Sequence[int], n: int) -> Demand:
    """Runs `n` days with so many agents that nobody waits for one of the `queues`.

    Where waiting does not go away (a group that others hold up), the largest staff tried stands.
    """
    ample = _FIRST_AMPLE
    while True:
        records = _records(lab, ample, n)
        if ample >= _MOST_AMPLE or _waiting(records, queues) <= _NOBODY_WAITS:
            return _demand(lab, records, ample)
        ample *= 5


def _records(lab: Lab, ample: int, n: int) -> list["Records"]:
    from vpbx.engine.run import run_replication

    staff = np.full((len(lab.groups), lab.slots.n), ample, np.int64)
    compiled = lab.compiled(staff)
    with ThreadPoolExecutor(lab.workers) as pool:
        return list(
            pool.map(lambda i: run_replication(compiled, lab.seed, i, "compiled"), range(n))
        )


def _waiting(records: Sequence["Records"], queues: Sequence[int]) -> float:
    """Share of visits to the queues that wait."""
    joined_n, waited = 0, 0
    for one in records:
        visits = one.visits
        asked = np.isin(visits.queue, queues) & (visits.outcome != Outcome.BLOCKED)
        joined_n += int(asked.sum())
        waited += int((visits.left_at > visits.joined_at)[asked].sum())
    return waited / max(1, joined_n)


def _demand(lab: Lab, records: Sequence["Records"], ample: int) -> Demand:
    program, slots = lab.base.compiled.program, lab.slots
    n_queues, n_base = len(program.queues.capacity), slots.n_base
    counts = np.zeros((n_base, n_queues))
    for one in records:
        base = one.visits.joined_at // GRID_US
        inside = base < n_base
        np.add.at(counts, (base[inside], one.visits.queue[inside]), 1.0)
    rates = counts / (len(records) * GRID_S)
    served = tuple(_served_s(records, queue) for queue in range(n_queues))
    busy = np.stack(
        [modified_offered_load(rates[:, q], GRID_S, served[q]) for q in range(n_queues)], axis=1
    )
    return Demand(
        rates=rates,
        served_s=served,
        patience_rate=_patience_rates(lab.base.loaded.scenario, records, n_queues),
        load=by_slot(lab, busy),
        ample=ample,
        days=joined([count(one, program, slots, lab.thresholds_us) for one in records]),
    )


def by_slot(lab: Lab, busy: Floats) -> Floats:
    """(slots, …) means of (base intervals, …)."""
    slots = lab.slots
    of_base = slots.of_base[: slots.n_base]
    out = np.zeros((slots.n, *busy.shape[1:]))
    np.add.at(out, of_base, busy)
    share = np.bincount(of_base, minlength=slots.n)
    return np.asarray(out / share.reshape(-1, *[1] * (busy.ndim - 1)))


def _served_s(records: Sequence["Records"], queue: int) -> Floats:
    parts = []
    for one in records:
        visits = one.visits
        answered = (visits.outcome == Outcome.ANSWERED) & (visits.queue == queue)
        free_at = np.maximum(np.maximum(visits.wrap_up_until, visits.talk_until), visits.left_at)
        parts.append((free_at - visits.left_at)[answered] / SECOND_US)
    return np.concatenate(parts)


def _patience_rates(scenario: "Scenario", records: Sequence["Records"], n_queues: int) -> Floats:
    classes = list(scenario.callers.values())
    by_class = np.array(
        [SECOND_US / max(c.patience.mean_us, SECOND_US) if c.patience else 0.0 for c in classes]
    )
    out = np.zeros(n_queues)
    visits = np.concatenate([one.visits.queue for one in records])
    callers = np.concatenate([one.calls.caller_class[one.visits.call] for one in records])
    for queue in range(n_queues):
        shares = np.bincount(callers[visits == queue], minlength=len(classes))
        out[queue] = float(shares @ by_class) / max(1, int(shares.sum()))
    return out


def require_calls(demand: Demand, queues: Sequence[int], names: Sequence[str]) -> None:
    """Raises `UsageError` for a queue that nobody reaches: there is nothing to plan for."""
    for queue in queues:
        if demand.rates[:, queue].sum() <= 0:
            raise UsageError(f'nobody reaches the queue "{names[queue]}": there is nothing to plan')
