"""The sums of a tally while it is being counted: their tables, and what each column is.

Belongs here: layout. Does not belong here: adding up (`counting`), what the sums are named and what
becomes of them (`fold`). Compiled code uses this: it imports roots of the package only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome

Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

_OUTCOMES = len(Outcome)

# Columns of the sums of calls: from FIRST_ENDED on calls by outcome, from FIRST_LAST on callers by the
# outcome of their last attempt, from FIRST_CAUSE on redials by what came before
OFFERED, CALLERS, REDIALS, RESOLVED, DROPPED, FIRST_ENDED = range(6)
FIRST_LAST = FIRST_ENDED + _OUTCOMES
FIRST_CAUSE = FIRST_LAST + _OUTCOMES
CALL_COLUMNS = FIRST_CAUSE + _OUTCOMES + 1

# Columns of the sums of visits; two more a threshold follow
(
    V_OFFERED, V_ANSWERED, V_ABANDONED, V_SHORT, V_BLOCKED, V_WAITED, V_TOLD, V_FIRST,
    WAIT_ANSWERED, WAIT_ABANDONED, WAIT_ALL, HANDLE, TOLD, TOLD_ERROR, TO_QUEUE, FIRST_IN_TIME,
) = range(16)  # fmt: skip

# What becomes of a visit that is neither answered, abandoned nor blocked, or is no caller on the line
R_BALKED, R_TIMED_OUT, R_FORWARDED, R_CLEARED, R_FAILED, R_CUT = range(6)
R_CALLBACK_DONE, R_CALLBACK_FAILED, R_CALLBACK_CUT, R_MESSAGE, R_MESSAGE_DONE = range(6, 11)
RARE_COLUMNS = 11

# Who waits
ON_THE_LINE, CALLBACK, MESSAGE = 0, 1, 2

# Columns of the sums of trunks and of groups
T_OFFERED, T_BLOCKED = 0, 1
G_ANSWERED, G_HANDLE = 0, 1


class Where(NamedTuple):
    """Where things are counted: all arrays int64, instants and times in microseconds."""

    grid_us: int
    duration_us: int
    measured_from: int
    last_us: int
    """Redials due later are dropped."""
    interval_us: int
    n_slots: int
    """Of the wait bins."""
    row_of: Ints
    """(base intervals + 1, 2) rows of each base interval; the last: of all after the duration."""
    hour_of: Ints
    """(base intervals + 1) slot of the wait bins."""
    trunk_of_number: Ints
    short_us: Ints
    """(queues) abandonments below this are short."""
    thresholds_us: Ints
    cause_of: Ints
    """(outcomes) what makes a caller call again whose call ended so: the outcome; after a talk, that it
    did not settle the matter."""
    settles: Ints
    """(outcomes) 1 where a caller who does not call again is settled."""


class CallSums(NamedTuple):
    """Sums of calls, (rows, members, columns) unless said otherwise."""

    number: Ints
    caller_class: Ints
    trunk: Ints
    entered: Ints
    """(numbers, classes) calls answered by the system, after the warm-up."""
    number_spans: Ints
    """(base intervals, numbers, 2): see `counting`."""
    class_spans: Ints


class VisitSums(NamedTuple):
    """Sums of visits to queues, (rows, members, columns) unless said otherwise."""

    number: Ints
    caller_class: Ints
    queue: Ints
    group: Ints
    number_rare: Ints
    """(rows, members, `RARE_COLUMNS`, 2): how many, and how long they waited."""
    class_rare: Ints
    queue_rare: Ints
    longest_number: Ints
    """(rows, members) longest wait of those answered."""
    longest_class: Ints
    longest_queue: Ints
    number_bins: Counts
    """(members x 2, places): waits of those answered and of those who abandoned."""
    class_bins: Counts
    queue_bins: Counts
    """(members x 2 x slots, places)"""
    queue_spans: Ints
    ends: Ints
    """(intervals, queues) callers who joined less those who left in each interval of the run."""
