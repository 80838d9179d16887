"""How long how many callers waited: queue lengths weighted by time.

Belongs here: the sweep over the instants of joining and leaving, and what is read off it. Does not
belong here: which visits there are (`tally`), mean and longest queue, which engines book as they go.

Times are whole microseconds, so that the times of all lengths add up to the time measured exactly.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import mean_estimate, mean_series
from vpbx.measures.result import OPEN_LENGTH, Estimate, QueueLengths, Series

if TYPE_CHECKING:
    from vpbx.engine.records import Visits
    from vpbx.measures.frame import Frame

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PERCENTS = {"p50": 50, "p80": 80, "p90": 90, "p95": 95, "p99": 99}


def time_by_length(joined: Ints, left: Ints, since: int, until: int) -> Ints:
    """Time (us) of [since, until) during which k callers waited, k = 0 … 500; the last is open.

    `joined` and `left`: a visit each. Who left at the instant of joining did not wait.
    """
    start, end = np.clip(joined, since, until), np.clip(left, since, until)
    stays = end > start
    ones = np.ones(np.count_nonzero(stays), np.int64)
    at = np.concatenate([[since], start[stays], end[stays], [max(since, until)]])
    step = np.concatenate([[0], ones, -ones, [0]])
    order = np.argsort(at, kind="stable")  # joins before leaves: no length is below 0
    length = np.minimum(np.cumsum(step[order])[:-1], OPEN_LENGTH)
    found = np.zeros(OPEN_LENGTH + 1, np.int64)
    np.add.at(found, length, np.diff(at[order]))
    return found


def lengths(visits: "Visits", fr: "Frame") -> dict[str, Ints]:
    """(members, lengths up to the longest) time (us) by length, of each queue and of all together."""
    since = fr.first_base * fr.grid_us
    queues = [visits.queue == k for k in range(fr.n_queues)]
    everybody = np.ones(len(visits.queue), np.bool_)
    found = {}
    for family, members in (("all", [everybody]), ("queue", queues)):
        rows = [
            time_by_length(visits.joined_at[m], visits.left_at[m], since, fr.duration_us)
            for m in members
        ]
        found[family] = _without_tail(np.array(rows, np.int64).reshape(-1, OPEN_LENGTH + 1))
    return found


def _without_tail(rows: Ints) -> Ints:
    seen = np.flatnonzero(rows.any(axis=0))
    return rows[:, : int(seen[-1]) + 1 if seen.size else 1]


def waiting_at_ends(visits: "Visits", fr: "Frame") -> Ints:
    """(intervals, queues) callers waiting just before each interval of the run ends.

    Who joins or leaves at that very instant does so in the next interval.
    """
    n = -(-fr.duration_us // fr.interval_us)
    ends = np.minimum(np.arange(1, n + 1) * fr.interval_us, fr.duration_us)
    found = np.zeros((n, fr.n_queues), np.int64)
    for k in range(fr.n_queues):
        mine = visits.queue == k
        joined, left = np.sort(visits.joined_at[mine]), np.sort(visits.left_at[mine])
        found[:, k] = np.searchsorted(joined, ends) - np.searchsorted(left, ends)
    return found


def length_percentile(times: Ints, percent: int) -> Floats:
    """Of each row: the least k such that at most k waited during so many per cent of the time.

    NaN for a row without time. Whole numbers throughout: no rounding decides.
    """
    below = np.cumsum(times, axis=1)
    least = (below * 100 < percent * below[:, -1:]).sum(axis=1)
    return np.where(below[:, -1] > 0, least.astype(np.float64), np.nan)


def queue_lengths(rows: list[Ints]) -> QueueLengths:
    """Distribution over replications of one queue, a row of times by length a replication."""
    width = max(len(row) for row in rows)
    times = np.array([np.pad(row, (0, width - len(row))) for row in rows])
    total = times.sum(axis=1, keepdims=True)
    shares = np.divide(times, total, out=np.full(times.shape, np.nan), where=total > 0)
    known = {name: _percentile_estimate(times, percent) for name, percent in PERCENTS.items()}
    pooled = np.pad(mean_series(shares).mean, (0, OPEN_LENGTH + 1 - width))
    return QueueLengths(pooled, mean_estimate(shares[:, 0]), known)


def _percentile_estimate(times: Ints, percent: int) -> Estimate:
    """Percentile of all replications pooled, the interval from each one's own."""
    pooled = length_percentile(times.sum(axis=0, keepdims=True), percent)
    own = mean_estimate(length_percentile(times, percent))
    return Estimate(float(pooled[0]), own.half_width)


def at_end_series(counts: list[Ints], measured: NDArray[np.bool_]) -> Series:
    """(intervals,) mean of the callers waiting at interval ends; NaN where nothing was measured."""
    return mean_series(np.where(measured, np.array(counts, np.float64), np.nan))
