"""The loops of the tally: one pass over the calls of a part, one over its visits, compiled.

Belongs here: adding rows up, as plain loops over flat arrays. Does not belong here: what the sums are
named and what becomes of them (`fold`). What these loops import are roots of the package only, for the
cache of compiled code watches the roots and this file.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit, njit_inline
from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Visits
from vpbx.units import SECOND_US

Ints = NDArray[np.int64]
Counts = NDArray[np.int32]
Flags = NDArray[np.bool_]

_ANSWERED, _ABANDONED, _BLOCKED = (
    int(Outcome.ANSWERED),
    int(Outcome.ABANDONED),
    int(Outcome.BLOCKED),
)

# Columns of the sums of calls; those from FIRST_CAUSE on: redials by the outcome before
OFFERED, CALLERS, REDIALS, RESOLVED, DROPPED, OTHER, FIRST_ENDED = range(7)

# Columns of the sums of visits; two more a threshold follow
(
    V_OFFERED, V_ANSWERED, V_ABANDONED, V_SHORT, V_BLOCKED, V_WAITED, V_TOLD, V_FIRST,
    WAIT_ANSWERED, WAIT_ABANDONED, WAIT_ALL, HANDLE, TOLD, TOLD_ERROR, TO_QUEUE, FIRST_IN_TIME,
) = range(16)  # fmt: skip

# Columns of the sums of trunks and of groups
T_OFFERED, T_BLOCKED = 0, 1
G_ANSWERED, G_HANDLE = 0, 1

EMPTY = -1
"""A free place among the callers who are to call again."""
_MIX = 0x9E3779B97F4A7C15 >> 1


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
    ended_column: Ints
    """(outcomes) the column of calls that ended so."""
    again_column: Ints
    """(outcomes) the column of redials after a call that ended so."""
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
    """(base intervals, numbers, 2): see `_add_span`."""
    class_spans: Ints


class VisitSums(NamedTuple):
    """Sums of visits to queues, (rows, members, columns) unless said otherwise."""

    number: Ints
    caller_class: Ints
    queue: Ints
    group: Ints
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


class Again(NamedTuple):
    """Callers who are to call again, and why: a hash table of open addressing (linear probing)."""

    caller: Ints
    outcome: Ints


@njit_inline
def _home(caller: int, mask: int) -> int:
    """The place where the search for a caller begins."""
    return (caller * _MIX >> 20) & mask


@njit
def remember(again: Again, caller: int, outcome: int) -> None:
    """Enters a caller who is not in the table yet; there must be room."""
    mask = len(again.caller) - 1
    place = _home(caller, mask)
    while again.caller[place] != EMPTY:
        place = (place + 1) & mask
    again.caller[place], again.outcome[place] = caller, outcome


@njit
def recall(again: Again, caller: int) -> int:
    """Takes a caller out; the outcome of the attempt before, -1 for one who is not there.

    Those behind move up where their search would else miss them (Knuth, vol. 3, 6.4, algorithm R).
    """
    mask = len(again.caller) - 1
    place = _home(caller, mask)
    while again.caller[place] != caller:
        if again.caller[place] == EMPTY:
            return -1
        place = (place + 1) & mask
    found = again.outcome[place]
    hole = place
    while True:
        place = (place + 1) & mask
        other = again.caller[place]
        if other == EMPTY:
            break
        if (place - _home(other, mask)) & mask >= (place - hole) & mask:
            again.caller[hole], again.outcome[hole] = other, again.outcome[place]
            hole = place
    again.caller[hole] = EMPTY
    return int(found)


@njit
def move(old: Again, new: Again) -> int:
    """Enters all callers of one table into another; how many there were."""
    n = 0
    for place in range(len(old.caller)):
        if old.caller[place] != EMPTY:
            remember(new, old.caller[place], old.outcome[place])
            n += 1
    return n


@njit_inline
def _base(where: Where, at: int) -> int:
    """Base interval of an instant; all beyond the duration share the last."""
    return len(where.hour_of) - 1 if at >= where.duration_us else at // where.grid_us


@njit_inline
def _add(sums: Ints, values: Ints, rows: Ints, member: int) -> None:
    """Adds values to a member's columns in both rows."""
    for k in range(2):
        into = sums[rows[k], member]
        for column in range(values.shape[0]):
            into[column] += values[column]


@njit_inline
def _add_longest(longest: Ints, wait: int, rows: Ints, member: int) -> None:
    """The longest wait in both rows."""
    for k in range(2):
        longest[rows[k], member] = max(longest[rows[k], member], wait)


@njit_inline
def _add_instant(where: Where, spans: Ints, member: int, at: int, sign: int) -> None:
    if at < where.duration_us:
        base = at // where.grid_us
        end = min((base + 1) * where.grid_us, where.duration_us)
        spans[base, member, 0] += sign * (end - at)
        spans[base, member, 1] += sign


@njit_inline
def _add_span(where: Where, spans: Ints, member: int, since: int, until: int) -> None:
    """A span of time: what is left of its first interval, and one more member in all later ones;
    less the same for its end. Running sums of the second, times width, plus the first make the time."""
    _add_instant(where, spans, member, since, 1)
    _add_instant(where, spans, member, until, -1)


@njit
def count_calls(calls: Calls, where: Where, sums: CallSums, again: Again, values: Ints) -> None:
    """Adds up the calls of a part; `values` is a scratch row as long as the columns."""
    for i in range(len(calls)):
        at, outcome = int(calls.arrived_at[i]), int(calls.outcome[i])
        number, caller_class = int(calls.number[i]), int(calls.caller_class[i])
        redial_at, answered_at = int(calls.redial_at[i]), int(calls.answered_at[i])
        first, rows = calls.attempt[i] == 0, where.row_of[_base(where, at)]
        values[:] = 0
        values[OFFERED] = 1
        values[CALLERS if first else REDIALS] = 1
        values[where.ended_column[outcome]] = 1
        values[RESOLVED] = where.settles[outcome] if redial_at < 0 else 0
        values[DROPPED] = redial_at > where.last_us
        caller = caller_class << 52 | int(calls.day[i]) << 32 | int(calls.ordinal[i])
        if not first:
            before = recall(again, caller)
            if before >= 0:
                values[where.again_column[before]] = 1
        if 0 <= redial_at <= where.last_us:
            remember(again, caller, outcome)
        _add(sums.number, values, rows, number)
        _add(sums.caller_class, values, rows, caller_class)

        trunk, refused_a_line = (
            where.trunk_of_number[number],
            outcome == _BLOCKED and answered_at < 0,
        )
        if trunk >= 0 and (answered_at >= 0 or refused_a_line):
            for k in range(2):
                sums.trunk[rows[k], trunk, T_OFFERED] += 1
                sums.trunk[rows[k], trunk, T_BLOCKED] += refused_a_line
        if answered_at >= 0:
            _add_span(where, sums.number_spans, number, answered_at, int(calls.ended_at[i]))
            _add_span(where, sums.class_spans, caller_class, answered_at, int(calls.ended_at[i]))
            if at >= where.measured_from:
                sums.entered[number, caller_class] += 1


@njit_inline
def _fill(
    visits: Visits, i: int, where: Where, values: Ints, first: bool, answered_at: int
) -> None:
    """What one visit adds to each column."""
    wait, outcome = visits.left_at[i] - visits.joined_at[i], visits.outcome[i]
    values[:] = 0
    values[V_OFFERED] = 1
    if outcome == _BLOCKED:
        values[V_BLOCKED] = 1
    else:
        values[V_WAITED], values[WAIT_ALL] = 1, wait
    if outcome == _ANSWERED:
        free_at = max(visits.wrap_up_until[i], visits.talk_until[i], visits.left_at[i])
        values[V_ANSWERED], values[WAIT_ANSWERED] = 1, wait
        values[HANDLE] = free_at - visits.left_at[i]
        if visits.told_s[i] >= 0:
            told = int(visits.told_s[i]) * SECOND_US
            values[V_TOLD], values[TOLD], values[TOLD_ERROR] = 1, told, told - wait
    elif outcome == _ABANDONED:
        values[V_ABANDONED], values[WAIT_ABANDONED] = 1, wait
        values[V_SHORT] = wait < where.short_us[visits.queue[i]]
    if first:
        values[V_FIRST], values[TO_QUEUE] = 1, visits.joined_at[i] - answered_at
    for k in range(where.thresholds_us.shape[0]):
        if wait <= where.thresholds_us[k]:
            values[FIRST_IN_TIME + 2 * k] = outcome == _ANSWERED
            values[FIRST_IN_TIME + 2 * k + 1] = outcome == _ABANDONED


@njit
def count_visits(
    calls: Calls, visits: Visits, where: Where, sums: VisitSums, values: Ints, seen: Flags
) -> None:
    """Adds up the visits of a part; `values` is a scratch row as long as the columns.

    Visits stand in the order of joining, so the first row that names a call is its first visit:
    `seen` (calls) tells which have been met, none at the beginning.
    """
    last = sums.class_bins.shape[1] - 1
    for i in range(len(visits)):
        call, queue = int(visits.call[i]), int(visits.queue[i])
        joined, left = int(visits.joined_at[i]), int(visits.left_at[i])
        outcome = int(visits.outcome[i])
        number, caller_class = int(calls.number[call]), int(calls.caller_class[call])
        _fill(visits, i, where, values, not seen[call], int(calls.answered_at[call]))
        seen[call] = True
        base, arrived = _base(where, joined), int(calls.arrived_at[call])
        rows, queue_rows = where.row_of[_base(where, arrived)], where.row_of[base]
        _add(sums.number, values, rows, number)
        _add(sums.caller_class, values, rows, caller_class)
        _add(sums.queue, values, queue_rows, queue)

        wait = left - joined
        if outcome == _ANSWERED:
            _add_longest(sums.longest_number, wait, rows, number)
            _add_longest(sums.longest_class, wait, rows, caller_class)
            _add_longest(sums.longest_queue, wait, queue_rows, queue)
            for k in range(2):
                sums.group[queue_rows[k], visits.group[i], G_ANSWERED] += 1
                sums.group[queue_rows[k], visits.group[i], G_HANDLE] += values[HANDLE]
        if outcome in (_ANSWERED, _ABANDONED):
            place = min(1 + wait // SECOND_US, last) if wait > 0 else 0
            gone = 1 if outcome == _ABANDONED else 0
            if arrived >= where.measured_from:
                sums.number_bins[number * 2 + gone, place] += 1
                sums.class_bins[caller_class * 2 + gone, place] += 1
            if joined >= where.measured_from:
                sums.queue_bins[
                    (queue * 2 + gone) * where.n_slots + where.hour_of[base], place
                ] += 1
        _add_span(where, sums.queue_spans, queue, joined, max(int(visits.talk_until[i]), left))
        if joined < where.duration_us:
            sums.ends[joined // where.interval_us, queue] += 1
        if left < where.duration_us:
            sums.ends[left // where.interval_us, queue] -= 1


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
