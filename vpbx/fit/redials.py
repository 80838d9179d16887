"""Callers who call again: how often and how soon, where callers can be told apart.

Belongs here: chains of attempts by one caller. Does not belong here: what a redial does to a run.

A call is a redial of the caller's call before if that one was given up or got a busy tone and ended
at most `window` before. Who does not come back within the window never does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.interop.calls import CallLog
from vpbx.units import MINUTE_US, SECOND_US

WINDOW_US = 60 * MINUTE_US
CAUSES = (Outcome.ABANDONED, Outcome.ABANDONED_IVR, Outcome.BLOCKED)
LEAST_ENDS = 30
"""With fewer failed attempts of known callers, nothing is said of redials."""


class RedialFit(NamedTuple):
    """Redials: by cause the share with its standard error and of how many ends; delays (s)."""

    after: dict[Outcome, tuple[float, float, int]]
    delays_s: NDArray[np.float64]
    attempts: int
    """Most attempts of one caller in a chain."""


def redials(log: CallLog) -> tuple[NDArray[np.int64], RedialFit | None]:
    """The attempt number of each call (0 the first), and what is fitted; None: not enough known."""
    calls = log.calls
    attempt = np.zeros(len(calls.line), np.int64)
    again = np.zeros(len(calls.line), np.bool_)
    delays: list[float] = []
    end = np.max([calls.arrived_at, calls.left_at, calls.ended_at], axis=0)
    end = np.maximum(end, calls.arrived_at + np.maximum(calls.ivr_us, 0))
    order = np.lexsort((calls.arrived_at, calls.caller))
    failed = np.isin(calls.outcome, CAUSES)
    for one, two in zip(order[:-1].tolist(), order[1:].tolist(), strict=True):
        gap = int(calls.arrived_at[two] - end[one])
        same = calls.caller[one] >= 0 and calls.caller[one] == calls.caller[two]
        if same and failed[one] and 0 <= gap <= WINDOW_US:
            attempt[two] = attempt[one] + 1
            again[one] = True
            delays.append(gap / SECOND_US)
    known = failed & (calls.caller >= 0)
    if int(known.sum()) < LEAST_ENDS or not delays:
        return np.zeros_like(attempt), None
    after = {}
    for cause in CAUSES:
        ends = known & (calls.outcome == cause)
        n = int(ends.sum())
        if n:
            share = float(again[ends].mean())
            after[cause] = (share, float(np.sqrt(share * (1.0 - share) / n)), n)
    return attempt, RedialFit(after, np.array(delays), int(attempt.max()) + 1)
