"""What is counted of whole tables of records, as columns: for studies, which ask for a few of them.

Belongs here: a row of records → what it counts as. Does not belong here: counting a run in parts
(`counting`, by the same rules), sums by cell (`study.counting`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Legs, Visits, answered_at
from vpbx.measures.frame import Frame
from vpbx.measures.kinds import visit_kinds
from vpbx.measures.outcomes import there
from vpbx.measures.redials import TALKED, UNSETTLED, column_of
from vpbx.measures.sums import CALLBACK, MESSAGE, ON_THE_LINE

Ints = NDArray[np.int64]
Columns = dict[str, NDArray[np.generic]]

_SETTLED = (Outcome.ANSWERED, Outcome.SELF_SERVED, Outcome.FORWARDED, Outcome.CALLBACK_DONE)


def call_columns(calls: Calls, outcomes: tuple[int, ...], end_at: int) -> Columns:
    """What is counted of calls, by the outcomes that there can be."""
    ended = calls.outcome
    last = (calls.redial_at < 0) | (calls.redial_at > end_at)
    found: Columns = {
        "offered": np.ones(len(ended), np.bool_),
        "callers": calls.attempt == 0,
        "redials": calls.attempt > 0,
        # a settled caller does not call again, so this counts callers, not calls
        "resolved": np.isin(ended, _SETTLED) & (calls.redial_at < 0),
    }
    for outcome in outcomes:
        name = Outcome(outcome).name.lower()
        this = np.asarray(ended == outcome)
        found |= {name: this, f"last_{name}": this & last}
    return found


def answered(visits: Visits) -> NDArray[np.bool_]:
    """Whether each visit was answered."""
    return np.asarray(visits.outcome == Outcome.ANSWERED)


def visit_columns(fr: Frame, calls: Calls, visits: Visits, extra: Legs) -> Columns:
    """What is counted and summed of visits to queues."""
    kinds = visit_kinds(fr, calls, visits, extra)
    on_the_line, called_back = kinds == ON_THE_LINE, kinds == CALLBACK
    wait, ended = visits.left_at - visits.joined_at, visits.outcome
    taken_up = answered(visits)
    served, abandoned = taken_up & on_the_line, ended == Outcome.ABANDONED
    full = on_the_line & (ended == Outcome.BLOCKED)
    never = (wait == 0) & np.isin(ended, (Outcome.BALKED, Outcome.FORWARDED))
    waited = on_the_line & ~full & ~never
    told = served & (visits.told_s >= 0)
    told_us = visits.told_s.astype(np.int64) * 1_000_000
    first = _first_visits(visits, len(calls.number)) & on_the_line
    columns: Columns = {
        "v_offered": on_the_line | called_back,
        "v_answered": served,
        "v_abandoned": abandoned,
        "v_short": abandoned & (wait < fr.short_abandon_us[visits.queue]),
        "v_blocked": full,
        "v_waited": waited,
        "v_told": told,
        "v_first": first,
        "wait_answered": np.where(served, wait, 0),
        "wait_abandoned": np.where(abandoned, wait, 0),
        "wait_all": np.where(waited, wait, 0),
        "handle": np.where(taken_up, _free_at(visits) - visits.left_at, 0),
        "told": np.where(told, told_us, 0),
        "told_error": np.where(told, told_us - wait, 0),
        "to_queue": np.where(first, visits.joined_at - answered_at(calls)[visits.call], 0),
    }
    for k, threshold in enumerate(fr.thresholds_us):
        columns[f"answered_in_{k}"] = served & (wait <= threshold)
        columns[f"abandoned_in_{k}"] = abandoned & (wait <= threshold)
    return columns | _rare_columns(fr, visits, kinds)


def _rare_columns(fr: Frame, visits: Visits, kinds: NDArray[np.int8]) -> Columns:
    """What becomes of visits beside answers, abandons and busy tones."""
    wait, taken_up = visits.left_at - visits.joined_at, answered(visits)
    done, message = taken_up & (kinds == CALLBACK), kinds == MESSAGE
    handled = taken_up & message
    found: Columns = {
        "v_balked": visits.outcome == Outcome.BALKED,
        "v_timed_out": visits.outcome == Outcome.TIMED_OUT,
        "v_cleared": visits.outcome == Outcome.CLEARED,
        "v_failed": (visits.outcome == Outcome.FAILED) & (kinds == ON_THE_LINE),
        "v_forwarded": visits.outcome == Outcome.FORWARDED,
        "v_callbacks": kinds == CALLBACK,
        "v_callback_done": done,
        "v_callback_failed": visits.outcome == Outcome.CALLBACK_FAILED,
        "v_messages": message,
        "v_messages_done": handled,
        "wait_callback": np.where(done, wait, 0),
        "wait_message": np.where(handled, wait, 0),
    }
    names = there(fr)
    return {name: column for name, column in found.items() if name in names} | {
        "v_handled": taken_up
    }


def _free_at(visits: Visits) -> Ints:
    """When the agent was free again; a call without wrap-up ends with its talk."""
    return np.maximum(np.maximum(visits.wrap_up_until, visits.talk_until), visits.left_at)


def _first_visits(visits: Visits, n_calls: int) -> NDArray[np.bool_]:
    """Whether a visit is its call's first: visits stand in the order of joining."""
    rows = np.arange(len(visits.call))
    first_of = np.full(n_calls, -1, np.int64)
    first_of[visits.call[::-1]] = rows[::-1]  # of equal places the one put last stays
    return np.asarray(first_of[visits.call] == rows)


def redial_columns(
    calls: Calls, end_at: int, causes: tuple[int, ...]
) -> dict[str, NDArray[np.bool_]]:
    """What is counted of redials: a column a cause; and calls whose redial was due after the end.

    `causes` are those for which anybody calls again; without any, there is no column.
    """
    if not causes:
        return {}
    before = _attempt_before(calls)
    why = np.where(np.isin(calls.outcome, TALKED), UNSETTLED, calls.outcome)[before]
    found = {column_of(cause): (before >= 0) & (why == cause) for cause in causes}
    found["redials_dropped"] = np.asarray(calls.redial_at > end_at)
    return found


def _attempt_before(calls: Calls) -> Ints:
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
