"""Waits in 1-second bins, kept sparsely; percentiles from them.

Belongs here: the bins and what is read off them. Does not belong here: which visits count
(`tally`).

Bin k holds waits in [k, k + 1) s; the last one, from 4 h, is open. Those who did not wait at all
are counted apart, for where most are answered at once the median is 0, not half a second. Slots
0–23 are the local hour of joining, slot 24 is for visits without an hour (the drain; scopes that
are not kept by hour).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import mean_estimate
from vpbx.measures.result import Estimate
from vpbx.measures.survival import kaplan_meier_counts, restricted_mean

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

N_BINS = 4 * 3600 + 1
"""Bins of one second, the open one included."""
PLACES = 1 + N_BINS
"""Place 0 is for no wait at all; bin k stands at place 1 + k."""
SLOTS = 25
NO_HOUR = 24
PERCENTILES = {"p50": 0.50, "p80": 0.80, "p90": 0.90, "p95": 0.95, "p99": 0.99}


class Bins(NamedTuple):
    """Counts of waits by member, abandoned or not, slot and bin; only bins that hold something.

    `key` = ((member x 2 + abandoned) x 25 + slot) x places + place, rising.
    """

    key: Ints
    counts: NDArray[np.int32]


def bins(table: NDArray[np.int32], slot: int | None) -> Bins:
    """Bins of a table of counts by place: a row a member and abandoned or not, in slot `slot`; with
    None, by slot too."""
    flat = table.ravel()
    held = np.flatnonzero(flat)
    row, place = np.divmod(held, table.shape[1])
    block = row if slot is None else row * SLOTS + slot
    return Bins(block * PLACES + place, flat[held])


def answered_by_member(found: Bins, members: int) -> Floats:
    """Counts (members, places used) of answered waits, all slots together."""
    block, place = np.divmod(found.key, PLACES)
    who = block // SLOTS
    kept = who % 2 == 0
    width = int(place.max(initial=0)) + 1
    cell = (who[kept] // 2) * width + place[kept]
    counts = np.bincount(cell, found.counts[kept], minlength=members * width)
    return counts.reshape(members, width).astype(np.float64)


def histograms(
    all_bins: list[Bins], member: int | None, abandoned: bool, slot: int | None
) -> Floats:
    """Counts (replications, places used); `member` or `slot` None sums over all of them."""
    found = [_select(one, member, abandoned, slot) for one in all_bins]
    width = 1 + max((int(place[-1]) for place, _ in found if len(place)), default=0)
    rows = [np.bincount(place, count, minlength=width) for place, count in found]
    return np.array(rows, np.float64).reshape(len(all_bins), width)


def _select(
    one: Bins, member: int | None, abandoned: bool, slot: int | None
) -> tuple[Ints, NDArray[np.int32]]:
    block, place = np.divmod(one.key, PLACES)
    who, where = np.divmod(block, SLOTS)
    wanted = who % 2 == int(abandoned)
    if member is not None:
        wanted &= who // 2 == member
    if slot is not None:
        wanted &= where == slot
    order = np.argsort(place[wanted], kind="stable")
    return place[wanted][order], one.counts[wanted][order]


def percentile(counts: Floats, p: float) -> Floats:
    """p-quantile of each row of counts (rows, places), in s; NaN for an empty row.

    Linear inside the bin that holds the rank p n; 0 for a rank among those who did not wait; the
    lower edge, 4 h, for one in the open bin.
    """
    return np.asarray(percentiles(counts, (p,))[0])


def percentiles(counts: Floats, shares: Sequence[float]) -> Floats:
    """(shares, rows) quantiles of each row of counts, as `percentile` gives them one by one."""
    below, rows = np.cumsum(counts, axis=1), np.arange(len(counts))
    rank = np.multiply.outer(shares, below[:, -1])
    place = np.array([np.searchsorted(b, r) for b, r in zip(below, rank.T, strict=True)], np.int64)
    place = np.minimum(place.reshape(rank.T.shape).T, counts.shape[1] - 1)
    inside = counts[rows, place]
    share = np.divide(
        rank - (below[rows, place] - inside), inside, out=np.full(rank.shape, np.nan),
        where=inside > 0,
    )  # fmt: skip
    edge = (place == 0) | (place == PLACES - 1)
    return np.asarray(np.maximum(place - 1, 0) + np.where(edge, 0.0 * share, share))


def percentile_estimate(counts: Floats, p: float) -> Estimate:
    """Percentile of all replications pooled, the interval from each one's own percentile."""
    pooled = percentile(counts.sum(axis=0, keepdims=True), p)
    return Estimate(float(pooled[0]), mean_estimate(percentile(counts, p)).half_width)


def virtual_waits(answered: Floats, abandoned: Floats) -> Floats:
    """Kaplan–Meier mean virtual wait of each replication, s, restricted to the longest seen.

    Waits stand at the middle of their bin. NaN where nobody waited.
    """
    width = max(answered.shape[1], abandoned.shape[1])
    middle = np.maximum(np.arange(width) - 0.5, 0.0)
    pairs = zip(_padded(answered, width), _padded(abandoned, width), strict=True)
    return np.array([restricted_mean(kaplan_meier_counts(middle, a, b)) for a, b in pairs])


def by_second(counts: Floats) -> Floats:
    """Mean counts over replications in all bins: [0, 1) s, those who did not wait included, …"""
    mean = counts.mean(axis=0)
    full = np.pad(mean, (0, PLACES - len(mean)))
    full[1] += full[0]
    return full[1:]


def _padded(counts: Floats, width: int) -> Floats:
    return np.pad(counts, ((0, 0), (0, width - counts.shape[1])))
