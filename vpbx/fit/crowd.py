"""How many a caller found waiting, and from how many on callers give up sooner.

Belongs here: the count, the bands of counts, whether they tell callers apart. Does not belong here:
the patience of a band (`patience`).

Callers who hear that many are before them give up sooner: in a log this shows as more abandonments
per second waited among those who found many waiting. A patience that knows nothing of it foretells
overload that lasts too long. Source of the effect: Mandelbaum and Zeltyn (2013), Data-stories about
(im)patient customers in tele-queues, Queueing Systems 75, section 4.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vpbx.interop.calls import Calls

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_ABANDONED = 80
"""A band of counts holds so many abandonments: its rate is known to 11 %."""
LEAST_EVIDENCE = 10.8
"""Twice the log-likelihood that each band beyond the first must add on average: chi-squared of one
degree of freedom passes it once in a thousand cases."""


def found_waiting(calls: Calls, queue_of_call: Ints, serves: Sequence[Sequence[int]]) -> Ints:
    """For each call, how many waited for the same agents when it joined; -1 where it did not join.

    `serves` holds the queues of each group of agents; those who join at one instant do not count
    for one another.
    """
    found = np.full(len(calls.line), -1, np.int64)
    joined = calls.joined_at >= 0
    for queue in np.unique(queue_of_call[joined]).tolist():
        rivals = {queue, *(q for group in serves if queue in group for q in group)}
        mine = joined & (queue_of_call == queue)
        near = joined & np.isin(queue_of_call, list(rivals))
        at = calls.joined_at[mine]
        came = np.searchsorted(np.sort(calls.joined_at[near]), at, side="left")
        gone = np.searchsorted(np.sort(calls.left_at[near]), at, side="right")
        found[mine] = np.maximum(came - gone, 0)
    return found


def bands(found: Ints, waits_s: Floats, abandoned: Bools) -> tuple[int, ...]:
    """Counts from which bands begin, the first 0; (0,) where callers are alike whoever waits.

    A band ends as soon as it holds enough abandonments; what is left over joins the last one.
    """
    waited = waits_s > 0
    most = int(found.max(initial=0)) + 1
    gave_up = np.bincount(found[waited & abandoned], minlength=most)
    starts, held = [0], 0
    for count in range(most):
        if held >= LEAST_ABANDONED:
            starts.append(count)
            held = 0
        held += int(gave_up[count])
    if held < LEAST_ABANDONED and len(starts) > 1:
        starts.pop()
    time = np.bincount(found[waited], waits_s[waited], most).astype(np.float64)
    return tuple(starts) if _differ(gave_up, time, starts) else (0,)


def _differ(gave_up: Ints, time: Floats, starts: Sequence[int]) -> bool:
    """Whether a rate of giving up for each band tells enough more than one rate for all.

    Twice the log-likelihood ratio of exponential patience: 2 sum d log(d / e), with d abandonments
    and e those due at the common rate.
    """
    if len(starts) < 2:
        return False
    d = np.add.reduceat(gave_up, starts).astype(np.float64)
    waited = np.add.reduceat(time, starts)
    due = waited * d.sum() / waited.sum()
    told = 2.0 * float(np.sum(d * np.log(np.where(d > 0, d, 1.0) / due)))
    return told > LEAST_EVIDENCE * (len(starts) - 1)
