"""What is counted of whole tables of records, as columns: for studies, which ask for a few of them.

Belongs here: a row of records → what it counts as. Does not belong here: counting a run in parts
(`counting`, by the same rules), sums by cell (`study.counting`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Visits
from vpbx.measures.frame import Frame
from vpbx.measures.redials import column_of

Ints = NDArray[np.int64]
Columns = dict[str, NDArray[np.generic]]

_SETTLED = (Outcome.ANSWERED, Outcome.SELF_SERVED, Outcome.FORWARDED, Outcome.CALLBACK_DONE)


def call_columns(calls: Calls) -> dict[str, NDArray[np.bool_]]:
    """What is counted of calls."""
    ended = calls.outcome
    return {
        "offered": np.ones(len(ended), np.bool_),
        "callers": calls.attempt == 0,
        "redials": calls.attempt > 0,
        "answered": ended == Outcome.ANSWERED,
        "abandoned": ended == Outcome.ABANDONED,
        "abandoned_ivr": ended == Outcome.ABANDONED_IVR,
        "blocked": ended == Outcome.BLOCKED,
        "self_served": ended == Outcome.SELF_SERVED,
        "lost": ended == Outcome.LOST,
        "refused": ended == Outcome.REFUSED,
        # a settled caller does not call again, so this counts callers, not calls
        "resolved": np.isin(ended, _SETTLED) & (calls.redial_at < 0),
    }


def answered(visits: Visits) -> NDArray[np.bool_]:
    """Whether each visit was answered."""
    return np.asarray(visits.outcome == Outcome.ANSWERED)


def visit_columns(fr: Frame, calls: Calls, visits: Visits) -> Columns:
    """What is counted and summed of visits to queues."""
    wait = visits.left_at - visits.joined_at
    served, abandoned = answered(visits), visits.outcome == Outcome.ABANDONED
    full = visits.outcome == Outcome.BLOCKED
    told = served & (visits.told_s >= 0)
    told_us = visits.told_s.astype(np.int64) * 1_000_000
    first = _first_visits(visits)
    columns: Columns = {
        "v_offered": np.ones(len(wait), np.bool_),
        "v_answered": served,
        "v_abandoned": abandoned,
        "v_short": abandoned & (wait < fr.short_abandon_us[visits.queue]),
        "v_blocked": full,
        "v_waited": ~full,
        "v_told": told,
        "v_first": first,
        "wait_answered": np.where(served, wait, 0),
        "wait_abandoned": np.where(abandoned, wait, 0),
        "wait_all": np.where(full, 0, wait),
        "handle": np.where(served, _free_at(visits) - visits.left_at, 0),
        "told": np.where(told, told_us, 0),
        "told_error": np.where(told, told_us - wait, 0),
        "to_queue": np.where(first, visits.joined_at - calls.answered_at[visits.call], 0),
    }
    for k, threshold in enumerate(fr.thresholds_us):
        columns[f"answered_in_{k}"] = served & (wait <= threshold)
        columns[f"abandoned_in_{k}"] = abandoned & (wait <= threshold)
    return columns


def _free_at(visits: Visits) -> Ints:
    """When the agent was free again; a call without wrap-up ends with its talk."""
    return np.maximum(np.maximum(visits.wrap_up_until, visits.talk_until), visits.left_at)


def _first_visits(visits: Visits) -> NDArray[np.bool_]:
    """Whether a visit is its call's first: visits stand in the order of joining."""
    first = np.zeros(len(visits.call), np.bool_)
    first[np.unique(visits.call, return_index=True)[1]] = True
    return first


def redial_columns(
    calls: Calls, end_at: int, causes: tuple[int, ...]
) -> dict[str, NDArray[np.bool_]]:
    """What is counted of redials: a column a cause; and calls whose redial was due after the end.

    `causes` are the outcomes after which anybody calls again; without any, there is no column.
    """
    if not causes:
        return {}
    before = _attempt_before(calls)
    redials = before >= 0
    found = {column_of(cause): redials & (calls.outcome[before] == cause) for cause in causes}
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
