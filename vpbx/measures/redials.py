"""Redials by what made the caller call again, and those that the end of the run dropped.

Belongs here: finding the attempt before a redial, and counting by its outcome. Does not belong here:
whether and when a caller calls again (`engine`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Calls

Ints = NDArray[np.int64]

CAUSES = (
    Outcome.BLOCKED,
    Outcome.ABANDONED,
    Outcome.ABANDONED_IVR,
    Outcome.LOST,
    Outcome.REFUSED,
)
"""Outcomes after which a caller may call again."""


def column_of(cause: int) -> str:
    """Name of the column, and of the measure: `redials_after_abandoned_ivr`."""
    return f"redials_after_{Outcome(cause).name.lower()}"


def attempt_before(calls: Calls) -> Ints:
    """Row of the same caller's attempt before each call; -1 for a first attempt.

    A caller is class, day and ordinal; who makes attempt n + 1 has a `redial_at` in attempt n.
    """
    before = np.full(len(calls.attempt), -1, np.int64)
    rows = np.flatnonzero((calls.attempt > 0) | (calls.redial_at >= 0))
    keys = (calls.attempt, calls.ordinal, calls.day, calls.caller_class)
    order = rows[np.lexsort(tuple(key[rows] for key in keys))]
    again = np.flatnonzero(calls.attempt[order] > 0)
    before[order[again]] = order[again - 1]
    return before


def redial_columns(
    calls: Calls, end_at: int, causes: tuple[int, ...]
) -> dict[str, NDArray[np.bool_]]:
    """What is counted of redials: a column a cause; and calls whose redial was due after the end.

    `causes` are the outcomes after which anybody calls again; without any, there is no column.
    """
    if not causes:
        return {}
    before = attempt_before(calls)
    redials = before >= 0
    found = {column_of(cause): redials & (calls.outcome[before] == cause) for cause in causes}
    found["redials_dropped"] = np.asarray(calls.redial_at > end_at)
    return found
