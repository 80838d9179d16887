"""How long how many callers waited: queue lengths weighted by time.

Belongs here: what is read off the time spent at each length. Does not belong here: the sweep over the
instants of joining and leaving (`counting`), mean and longest queue, which engines book as they go.

Times are whole microseconds, so that the times of all lengths add up to the time measured exactly.
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import mean_estimate, mean_series
from vpbx.measures.result import OPEN_LENGTH, Estimate, QueueLengths, Series

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PERCENTS = {"p50": 50, "p80": 80, "p90": 90, "p95": 95, "p99": 99}


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
