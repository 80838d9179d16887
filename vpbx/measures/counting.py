"""The loops of the tally: one pass over the calls of a part, one over its visits, compiled.

Belongs here: adding rows up, as plain loops over flat arrays. Does not belong here: what the sums are
named and what becomes of them (`fold`). What these loops import are roots of the package and the other
compiled files of this room, all of which the cache of compiled code watches.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit, njit_inline
from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Visits
from vpbx.measures.again import Again, recall, remember
from vpbx.measures.sums import (
    CALLBACK,
    CALLERS,
    DROPPED,
    FIRST_CAUSE,
    FIRST_ENDED,
    FIRST_IN_TIME,
    FIRST_LAST,
    G_ANSWERED,
    G_HANDLE,
    HANDLE,
    MESSAGE,
    OFFERED,
    ON_THE_LINE,
    R_BALKED,
    R_CALLBACK_CUT,
    R_CALLBACK_DONE,
    R_CALLBACK_FAILED,
    R_CLEARED,
    R_CUT,
    R_FAILED,
    R_FORWARDED,
    R_MESSAGE,
    R_MESSAGE_DONE,
    R_TIMED_OUT,
    REDIALS,
    RESOLVED,
    T_BLOCKED,
    T_OFFERED,
    TO_QUEUE,
    TOLD,
    TOLD_ERROR,
    V_ABANDONED,
    V_ANSWERED,
    V_BLOCKED,
    V_FIRST,
    V_OFFERED,
    V_SHORT,
    V_TOLD,
    V_WAITED,
    WAIT_ABANDONED,
    WAIT_ALL,
    WAIT_ANSWERED,
    CallSums,
    Ints,
    VisitSums,
    Where,
)
from vpbx.units import SECOND_US

Flags = NDArray[np.bool_]
Kinds = NDArray[np.int8]

_ANSWERED, _ABANDONED, _BLOCKED = (
    int(Outcome.ANSWERED),
    int(Outcome.ABANDONED),
    int(Outcome.BLOCKED),
)
_BALKED, _FORWARDED, _TIMED_OUT = (
    int(Outcome.BALKED),
    int(Outcome.FORWARDED),
    int(Outcome.TIMED_OUT),
)
_CLEARED, _FAILED, _CALLBACK_FAILED = (
    int(Outcome.CLEARED),
    int(Outcome.FAILED),
    int(Outcome.CALLBACK_FAILED),
)


class Ended(NamedTuple):
    """What is counted of a call."""

    first: bool
    outcome: int
    redial_at: int
    before: int
    """How the attempt before ended; -1: there was none, or it is not known."""


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


@njit_inline
def _bump(sums: Ints, rows: Ints, member: int, column: int) -> None:
    """One more in a member's column, in both rows."""
    sums[rows[0], member, column] += 1
    sums[rows[1], member, column] += 1


@njit_inline
def _count_call(where: Where, sums: Ints, rows: Ints, member: int, ended: Ended) -> None:
    """One call in the sums of a family."""
    _bump(sums, rows, member, OFFERED)
    _bump(sums, rows, member, CALLERS if ended.first else REDIALS)
    _bump(sums, rows, member, FIRST_ENDED + ended.outcome)
    if ended.redial_at < 0 and where.settles[ended.outcome]:
        _bump(sums, rows, member, RESOLVED)
    if ended.redial_at > where.last_us:
        _bump(sums, rows, member, DROPPED)
    if ended.redial_at < 0 or ended.redial_at > where.last_us:
        _bump(sums, rows, member, FIRST_LAST + ended.outcome)
    if ended.before >= 0:
        _bump(sums, rows, member, FIRST_CAUSE + where.cause_of[ended.before])


@njit_inline
def _answered_at(calls: Calls, i: int) -> int:
    """When the system answered a call; -1: it did not (`records.answered_at`)."""
    after = int(calls.answered_after[i])
    return int(calls.arrived_at[i]) + after if after >= 0 else -1


@njit
def count_calls(calls: Calls, where: Where, sums: CallSums, again: Again) -> None:
    """Adds up the calls of a part."""
    for i in range(len(calls)):
        at, outcome = int(calls.arrived_at[i]), int(calls.outcome[i])
        number, caller_class = int(calls.number[i]), int(calls.caller_class[i])
        redial_at, answered_at = int(calls.redial_at[i]), _answered_at(calls, i)
        first, rows = calls.attempt[i] == 0, where.row_of[_base(where, at)]
        caller = caller_class << 52 | int(calls.day[i]) << 32 | int(calls.ordinal[i])
        before = -1 if first else recall(again, caller)
        if 0 <= redial_at <= where.last_us:
            remember(again, caller, outcome)
        ended = Ended(first, outcome, redial_at, before)
        _count_call(where, sums.number, rows, number, ended)
        _count_call(where, sums.caller_class, rows, caller_class, ended)

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
def _rare(outcome: int, kind: int) -> int:
    """Where a visit that is out of the ordinary is counted; -1: it is not."""
    if kind == MESSAGE:
        return R_MESSAGE_DONE if outcome == _ANSWERED else R_MESSAGE
    if kind == CALLBACK and outcome == _CALLBACK_FAILED:
        return R_CALLBACK_FAILED
    if kind == CALLBACK:
        return R_CALLBACK_DONE if outcome == _ANSWERED else R_CALLBACK_CUT
    if outcome == _BALKED:
        return R_BALKED
    if outcome == _TIMED_OUT:
        return R_TIMED_OUT
    if outcome == _FORWARDED:
        return R_FORWARDED
    if outcome == _CLEARED:
        return R_CLEARED
    if outcome == _FAILED:
        return R_FAILED
    return -1 if outcome in (_ANSWERED, _ABANDONED, _BLOCKED) else R_CUT


@njit_inline
def _add_rare(sums: Ints, rows: Ints, member: int, column: int, wait: int) -> None:
    """One more, and its wait, in both rows."""
    for k in range(2):
        sums[rows[k], member, column, 0] += 1
        sums[rows[k], member, column, 1] += wait


@njit_inline
def _fill(
    visits: Visits, i: int, where: Where, values: Ints, first: bool, answered_at: int
) -> None:
    """What one visit of a caller on the line adds to each column."""
    wait, outcome = visits.left_at[i] - visits.joined_at[i], visits.outcome[i]
    values[:] = 0
    values[V_OFFERED] = 1
    if outcome != _BLOCKED and (wait > 0 or (outcome not in (_BALKED, _FORWARDED))):
        values[V_WAITED], values[WAIT_ALL] = 1, wait
    if outcome == _BLOCKED:
        values[V_BLOCKED] = 1
    elif outcome == _ANSWERED:
        values[V_ANSWERED], values[WAIT_ANSWERED] = 1, wait
        values[HANDLE] = _handled(visits, i)
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


@njit_inline
def _handled(visits: Visits, i: int) -> int:
    """Talk and wrap-up (us) of an answered visit."""
    free_at = max(visits.wrap_up_until[i], visits.talk_until[i], visits.left_at[i])
    return int(free_at - visits.left_at[i])


@njit_inline
def _fill_off_the_line(visits: Visits, i: int, values: Ints, kind: int) -> None:
    """What a call back or a message adds to the columns of callers on the line: a caller who was to be
    called back was offered to the queue; and the agents' work."""
    values[:] = 0
    values[V_OFFERED] = kind == CALLBACK
    if visits.outcome[i] == _ANSWERED:
        values[HANDLE] = _handled(visits, i)


@njit_inline
def _place_of(wait: int, last: int) -> int:
    """The bin of a wait."""
    return min(1 + wait // SECOND_US, last) if wait > 0 else 0


@njit
def count_visits(
    calls: Calls,
    visits: Visits,
    kinds: Kinds,
    where: Where,
    calls_sums: CallSums,
    sums: VisitSums,
    values: Ints,
    seen: Flags,
) -> None:
    """Adds up the visits of a part; `values` is a scratch row as long as the columns.

    Visits stand in the order of joining, so the first row that names a call is its first visit:
    `seen` (calls) tells which have been met, none at the beginning. `kinds` (visits): who waits.
    Callers who hang up and are called back are not on the phone meanwhile.
    """
    last = sums.class_bins.shape[1] - 1
    for i in range(len(visits)):
        call, queue = int(visits.call[i]), int(visits.queue[i])
        joined, left = int(visits.joined_at[i]), int(visits.left_at[i])
        outcome, kind = int(visits.outcome[i]), int(kinds[i])
        number, caller_class = int(calls.number[call]), int(calls.caller_class[call])
        if kind == ON_THE_LINE:
            _fill(visits, i, where, values, not seen[call], _answered_at(calls, call))
        else:
            _fill_off_the_line(visits, i, values, kind)
        seen[call] = True
        base, arrived = _base(where, joined), int(calls.arrived_at[call])
        rows, queue_rows = where.row_of[_base(where, arrived)], where.row_of[base]
        _add(sums.number, values, rows, number)
        _add(sums.caller_class, values, rows, caller_class)
        _add(sums.queue, values, queue_rows, queue)

        wait, rare = left - joined, _rare(outcome, kind)
        if rare >= 0:
            _add_rare(sums.number_rare, rows, number, rare, wait)
            _add_rare(sums.class_rare, rows, caller_class, rare, wait)
            _add_rare(sums.queue_rare, queue_rows, queue, rare, wait)
        if outcome == _ANSWERED:
            for k in range(2):
                sums.group[queue_rows[k], visits.group[i], G_ANSWERED] += 1
                sums.group[queue_rows[k], visits.group[i], G_HANDLE] += values[HANDLE]
        if kind == ON_THE_LINE and outcome == _ANSWERED:
            _add_longest(sums.longest_number, wait, rows, number)
            _add_longest(sums.longest_class, wait, rows, caller_class)
            _add_longest(sums.longest_queue, wait, queue_rows, queue)
        if kind == ON_THE_LINE and outcome in (_ANSWERED, _ABANDONED):
            place, gone = _place_of(wait, last), 1 if outcome == _ABANDONED else 0
            if arrived >= where.measured_from:
                sums.number_bins[number * 2 + gone, place] += 1
                sums.class_bins[caller_class * 2 + gone, place] += 1
            if joined >= where.measured_from:
                sums.queue_bins[
                    (queue * 2 + gone) * where.n_slots + where.hour_of[base], place
                ] += 1
        if kind == CALLBACK:
            _add_span(where, calls_sums.number_spans, number, left, joined)
            _add_span(where, calls_sums.class_spans, caller_class, left, joined)
        since = joined if kind == ON_THE_LINE else left
        _add_span(where, sums.queue_spans, queue, since, max(int(visits.talk_until[i]), left))
        if joined < where.duration_us:
            sums.ends[joined // where.interval_us, queue] += 1
        if left < where.duration_us:
            sums.ends[left // where.interval_us, queue] -= 1
