"""Time by queue length: joins and leaves in the order of time, swept over; compiled.

Belongs here: the two loops. Does not belong here: which parts of a run they see (`fold`). Compiled
code: it imports roots of the package only.
"""

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit
from vpbx.engine.records import Visits

Ints = NDArray[np.int64]


@njit
def gather(visits: Visits, since: int, until: int, n_queues: int, out: Ints, n: int) -> int:
    """Appends joins and leaves in [since, until) to `out` (n there so far); how many there are then.

    As one number each, which sorts by instant, joins before leaves: no length is below 0. Who left at
    the instant of joining did not wait.
    """
    for i in range(len(visits)):
        joined, left = int(visits.joined_at[i]), int(visits.left_at[i])
        queue = int(visits.queue[i])
        if left > joined:
            if since <= joined < until:
                out[n] = ((joined - since) << 1) * n_queues + queue
                n += 1
            if since <= left < until:
                out[n] = ((left - since) << 1 | 1) * n_queues + queue
                n += 1
    return n


@njit
def sweep(
    events: Ints, since: int, start: int, end: int, waiting: Ints, booked: Ints, time: Ints
) -> None:
    """Time by number waiting, of each queue and (last row) of all together, over sorted events.

    `waiting` is the number now, `booked` the instant up to which its time is in `time`; only the time
    in [start, end) counts. The last length is open.
    """
    n_queues, most = waiting.shape[0] - 1, time.shape[1] - 1
    for i in range(events.shape[0]):
        queue, rest = events[i] % n_queues, events[i] // n_queues
        at, by = min(max(since + (rest >> 1), start), end), 1 - 2 * (rest & 1)
        for row in (queue, n_queues):
            time[row, min(waiting[row], most)] += at - booked[row]
            booked[row] = at
            waiting[row] += by
