"""Waits by hour, counted in one way for what was observed and what was simulated.

Belongs here: the table and the figures drawn from it. Does not belong here: where the calls come
from (`backtest`).

All calls that joined a queue count, those answered at once and those given up included, in the hour
in which they arrived.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LONGEST_S = 3600
"""Waits beyond an hour are counted together."""
PERCENTILES = (50, 80, 90, 95, 99)


class Joined(NamedTuple):
    """Calls that joined a queue: hour of arrival since the period's first midnight, wait, end."""

    hour: Ints
    wait_s: Floats
    outcome: Ints


class Hours(NamedTuple):
    """Counts by hour of the period, (hours,); `waits[h, s]` calls that waited [s, s + 1) s."""

    calls: Floats
    wait_s: Floats
    answered: Floats
    abandoned: Floats
    in_time: Floats
    waits: Floats
    """(24, 3601) by hour of the day."""


def by_hour(joined: Joined, n_hours: int, service_level_s: float) -> Hours:
    """The table of some calls; those outside the period are left out."""
    inside = (joined.hour >= 0) & (joined.hour < n_hours)
    hour, wait = joined.hour[inside], joined.wait_s[inside]
    outcome = joined.outcome[inside]

    def count(which: Bools | Floats) -> Floats:
        return np.bincount(hour, weights=which, minlength=n_hours).astype(np.float64)

    answered = outcome == Outcome.ANSWERED
    waits = np.zeros((24, LONGEST_S + 1))
    np.add.at(waits, (hour % 24, np.minimum(wait, LONGEST_S).astype(np.int64)), 1.0)
    return Hours(
        count(np.ones(len(hour))),
        count(wait),
        count(answered),
        count(outcome == Outcome.ABANDONED),
        count(answered & (wait <= service_level_s)),
        waits,
    )


def mean_of(tables: list[Hours]) -> Hours:
    """The mean of several tables, cell by cell."""
    return Hours._make(np.mean(columns, axis=0) for columns in zip(*tables, strict=True))


def by_clock(table: Hours) -> Hours:
    """The table with hours of the period summed by hour of the day."""
    summed = [column.reshape(-1, 24).sum(axis=0) for column in table[:-1]]
    return Hours._make((*summed, table.waits))


def ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where the whole is 0."""
    found = np.full(len(whole), math.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def mean_waits(table: Hours) -> Floats:
    """Mean wait of all calls (s) by hour."""
    return ratio(table.wait_s, table.calls)


class Figures(NamedTuple):
    """A few figures of some hours together: seconds and shares, NaN without calls."""

    calls: float
    mean_wait_s: float
    p50_s: float
    p80_s: float
    p90_s: float
    p95_s: float
    p99_s: float
    abandoned: float
    service_level: float


def totals(table: Hours) -> Figures:
    """The figures of the whole period."""
    calls = float(table.calls.sum())
    return _figures(
        calls, float(table.wait_s.sum()), float(table.abandoned.sum()),
        float(table.in_time.sum()), table.waits.sum(axis=0),
    )  # fmt: skip


def clock_figures(table: Hours) -> list[Figures]:
    """The figures of each hour of the day."""
    day = by_clock(table)
    rows = zip(day.calls, day.wait_s, day.abandoned, day.in_time, day.waits, strict=True)
    return [_figures(float(n), float(w), float(a), float(t), h) for n, w, a, t, h in rows]


def _figures(
    calls: float, wait_s: float, abandoned: float, in_time: float, waits: Floats
) -> Figures:
    if calls <= 0:
        return Figures._make((0.0, *[math.nan] * 8))
    points = [_percentile(waits, p) for p in PERCENTILES]
    return Figures._make((calls, wait_s / calls, *points, abandoned / calls, in_time / calls))


def _percentile(waits: Floats, p: int) -> float:
    """Wait (s, within its second) that p % of calls do not pass; calls of a second lie in its middle.

    Calls answered at once count as 0.
    """
    cumulative = np.cumsum(waits)
    due = p / 100.0 * cumulative[-1]
    return float(np.searchsorted(cumulative, due - 1e-9))


def correlation(one: Floats, two: Floats) -> float:
    """Pearson's correlation where both are known; NaN with fewer than 3 hours or no spread."""
    both = np.isfinite(one) & np.isfinite(two)
    x, y = one[both], two[both]
    if len(x) < 3 or x.std() == 0 or y.std() == 0:
        return math.nan
    return float(np.corrcoef(x, y)[0, 1])
