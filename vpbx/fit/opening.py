"""When the desk is open, inferred from when agents answer.

Belongs here: opening hours by weekday. Does not belong here: heads (`duty`).

An interval of a weekday is open when agents answered in it on at least half of such days; a day is
open from its first open interval to its last. Hours are told apart only where callers outside them
mostly do not get to the queue: where they do, the queue itself shows what happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.fit.heads import table_text
from vpbx.interop.calls import Calls, day_us
from vpbx.units import DAY_US, MINUTE_US

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WIDTH_MIN = 15
LEAST_OUTSIDE = 10
"""Fewer calls outside the hours than this teach nothing about what happens there."""
MOST_JOINING = 0.5
STRAY = 0.05
"""Intervals with a smaller part of the busiest interval's answers are strays."""
_PER_DAY = 1440 // WIDTH_MIN


@dataclass(frozen=True)
class Opening:
    """Open intervals `open[weekday, quarter]`, and what was seen outside them."""

    open: Bools
    outside: int
    joined_outside: int

    def holds(self, at_us: Ints) -> Bools:
        """Whether instants (us of local time since 1970) lie within the hours."""
        weekday = (at_us // DAY_US + 3) % 7  # 1970-01-01 was a Thursday
        return np.asarray(self.open[weekday, at_us % DAY_US // (WIDTH_MIN * MINUTE_US)])

    def texts(self) -> list[str]:
        """Hours in the language: `mon 07:00-24:00`, equal days together."""
        minutes = np.repeat(self.open.astype(np.int64), WIDTH_MIN, axis=1)
        lines = table_text(minutes, range(7), "").splitlines()
        return [line.split('"')[1] for line in lines]


def fit_opening(calls: Calls, days: Sequence[date]) -> Opening | None:
    """The opening hours; None where callers outside get to the queue, or none are seen there."""
    found = _usual_hours(calls, days)
    opening = Opening(found, 0, 0)
    outside = ~opening.holds(calls.arrived_at)
    joined = outside & (calls.joined_at >= 0)
    n, n_joined = int(outside.sum()), int(joined.sum())
    if n < LEAST_OUTSIDE or n_joined > MOST_JOINING * n:
        return None
    return Opening(found, n, n_joined)


def _usual_hours(calls: Calls, days: Sequence[date]) -> Bools:
    answered_at = calls.left_at[calls.outcome == Outcome.ANSWERED]
    first = day_us(days[0])
    day = (answered_at - first) // DAY_US
    interval = (answered_at - first) % DAY_US // (WIDTH_MIN * MINUTE_US)
    inside = (day >= 0) & (day < len(days))
    counts = np.zeros((len(days), _PER_DAY), np.int64)
    np.add.at(counts, (day[inside], interval[inside]), 1)
    weekday = np.array([one.weekday() for one in days])
    found = np.zeros((7, _PER_DAY), np.bool_)
    for w in range(7):
        mine = counts[weekday == w]
        mine = mine[mine.any(axis=1)]
        if len(mine):
            total = mine.sum(axis=0)
            usual = (2 * (mine > 0).sum(axis=0) >= len(mine)) & (total > STRAY * total.max())
            found[w] = _hull(usual)
    return found


def _hull(row: Bools) -> Bools:
    """True from the first true to the last."""
    return np.logical_or.accumulate(row) & np.logical_or.accumulate(row[::-1])[::-1]
