"""Records: what a run leaves, as flat tables; both engines fill the same.

Belongs here: the layout, and each column's meaning and unit, said once. Does not belong here: any
figure computed from them (`measures`), files (`store`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import LegKind
from vpbx.units import MINUTE_US

Array = NDArray[np.generic]

LONGEST_CONNECTION_US = 30 * MINUTE_US
"""A call that has not got through to the number by then gets through: `answered_after` has room for it."""
MOST_WAITING = 32_767
"""The largest `waiting` that a visit tells."""
LONGEST_TOLD_S = 32_767
"""The longest `told_s`."""


class Column(NamedTuple):
    """A column of a table: its type, unit and meaning."""

    dtype: str
    unit: str
    meaning: str


class Calls(NamedTuple):
    """One row a call (an attempt), in the order of arrival. Columns: `CALL_COLUMNS`."""

    arrived_at: NDArray[np.int64]
    ended_at: NDArray[np.int64]
    redial_at: NDArray[np.int64]
    answered_after: NDArray[np.int32]
    ordinal: NDArray[np.int32]
    day: NDArray[np.int16]
    caller_class: NDArray[np.int16]
    number: NDArray[np.int16]
    goal: NDArray[np.int16]
    last_node: NDArray[np.int16]
    attempt: NDArray[np.int8]
    outcome: NDArray[np.int8]


CALL_COLUMNS = {
    "arrived_at": Column("int64", "us", "arrival at the number, since the start of the clock"),
    "ended_at": Column("int64", "us", "hang-up"),
    "redial_at": Column(
        "int64", "us", "when the caller calls again; -1: never. After the end of the run: dropped"
    ),
    "answered_after": Column(
        "int32",
        "us",
        "answer by the system, so long after arrival; -1: none (refused or blocked at the trunk)",
    ),
    "ordinal": Column("int32", "1", "number of the caller within class and day, from 0"),
    "day": Column("int16", "1", "local day of the first attempt, 0 the day of the clock's start"),
    "caller_class": Column("int16", "index", "caller class"),
    "number": Column("int16", "index", "number dialled"),
    "goal": Column("int16", "index", "what the caller wanted when dialling; -1: nothing named"),
    "last_node": Column("int16", "index", "the node at which the call ended; -1: it entered none"),
    "attempt": Column("int8", "1", "0 the first attempt, 1 the first redial …"),
    "outcome": Column("int8", "code", "how it ended (codes.Outcome)"),
}


class Visits(NamedTuple):
    """One row a visit of a call to a queue, in the order of joining. Columns: `VISIT_COLUMNS`."""

    call: NDArray[np.int32]
    queue: NDArray[np.int16]
    node: NDArray[np.int16]
    priority: NDArray[np.int16]
    outcome: NDArray[np.int8]
    group: NDArray[np.int16]
    agent: NDArray[np.int16]
    waiting: NDArray[np.int16]
    told_s: NDArray[np.int16]
    joined_at: NDArray[np.int64]
    left_at: NDArray[np.int64]
    talk_until: NDArray[np.int64]
    wrap_up_until: NDArray[np.int64]


VISIT_COLUMNS = {
    "call": Column("int32", "index", "row of the call in `calls`"),
    "queue": Column("int16", "index", "queue"),
    "node": Column("int16", "index", "the node of the flow at which it joined"),
    "priority": Column("int16", "1", "priority in the queue, higher first"),
    "outcome": Column(
        "int8", "code", "ANSWERED, ABANDONED, BLOCKED (queue full) or CUT (codes.Outcome)"
    ),
    "group": Column("int16", "index", "group that answered; -1: none"),
    "agent": Column(
        "int16", "index", "agent who answered, numbered within the group from 0; -1: none"
    ),
    "waiting": Column(
        "int16", "calls", "callers waiting in the queue just before it joined; 32,767: or more"
    ),
    "told_s": Column(
        "int16",
        "s",
        "expected wait told at joining; -1: none told or unknown; 32,767 (9 h): or more",
    ),
    "joined_at": Column("int64", "us", "joined the queue (or found it full)"),
    "left_at": Column("int64", "us", "left the queue: answer, abandonment, cut"),
    "talk_until": Column("int64", "us", "end of talk; -1: none. The horizon, when cut"),
    "wrap_up_until": Column(
        "int64", "us", "end of the agent's wrap-up; -1: none. The horizon, when cut"
    ),
}


class Legs(NamedTuple):
    """One row a channel held. Columns: `LEG_COLUMNS`."""

    call: NDArray[np.int32]
    trunk: NDArray[np.int16]
    kind: NDArray[np.int8]
    held_from: NDArray[np.int64]
    held_until: NDArray[np.int64]


LEG_COLUMNS = {
    "call": Column("int32", "index", "row of the call in `calls`"),
    "trunk": Column("int16", "index", "trunk"),
    "kind": Column(
        "int8",
        "code",
        "0: the caller's own line, 1: a forwarded leg, 2: a call back (codes.LegKind)",
    ),
    "held_from": Column("int64", "us", "channel seized"),
    "held_until": Column("int64", "us", "channel released"),
}


class Grid(NamedTuple):
    """Counts and times by base interval (5 min): interval i covers [i, i + 1) x `grid_us`.

    All int64, integrals in microseconds, so that sums are exact. An interval lasts to the end of the
    run at most; there are as many as the run reached.
    """

    edges: NDArray[np.int64]
    """(intervals, edges) calls that left a node by this edge."""
    node_time: NDArray[np.int64]
    """(intervals, nodes) caller-time spent in uncontended nodes, booked where the node was left."""
    queue_time: NDArray[np.int64]
    """(intervals, queues) integral of the number waiting."""
    queue_peak: NDArray[np.int64]
    """(intervals, queues) most callers waiting at once (seen after all that happens at an instant)."""
    missed: NDArray[np.int64]
    """(intervals, groups) phones that rang in vain: not answered in time."""
    autopauses: NDArray[np.int64]
    """(intervals, groups) agents taken off the phone after misses in a row."""
    ringing: NDArray[np.int64]
    """(intervals, groups) agent-time with the phone ringing, or dialling back."""
    logged_in: NDArray[np.int64]
    """(intervals, groups) agent-time on the phone (logged in), working off a last call included."""
    talk: NDArray[np.int64]
    """(intervals, groups) agent-time talking."""
    wrap_up: NDArray[np.int64]
    """(intervals, groups) agent-time in after-call work."""
    trunk_time: NDArray[np.int64]
    """(intervals, trunks) channel-time held."""
    trunk_peak: NDArray[np.int64]
    """(intervals, trunks) most channels held at once."""
    channels: NDArray[np.int64]
    """(intervals, trunks) channel-time available."""


class Records(NamedTuple):
    """All that one replication leaves."""

    calls: Calls
    visits: Visits
    extra_legs: Legs
    """Channels beside a call's own: forwarded legs and calls back, in the order of seizure; and the
    own lines of calls that gave theirs up before they ended (kind OWN)."""
    grid: Grid
    end_at: int
    """When the run was over: the horizon, or the last event of the drain (us)."""


def answered_at(calls: Calls) -> NDArray[np.int64]:
    """When the system answered each call (us); -1: it did not."""
    return np.where(calls.answered_after >= 0, calls.arrived_at + calls.answered_after, -1)


def legs(records: Records, trunk_of_number: NDArray[np.int64]) -> Legs:
    """The channels held: one a call that the system answered on a number with a trunk, then the rest."""
    calls, extra = records.calls, records.extra_legs
    trunk = trunk_of_number[calls.number]
    given_up = np.zeros(len(calls.number), bool)
    given_up[extra.call[extra.kind == LegKind.OWN]] = True
    held = np.flatnonzero((trunk >= 0) & (calls.answered_after >= 0) & ~given_up).astype(np.int32)
    own = Legs(
        call=held,
        trunk=trunk[held].astype(np.int16),
        kind=np.full(len(held), LegKind.OWN, np.int8),
        held_from=answered_at(calls)[held],
        held_until=calls.ended_at[held],
    )
    columns = (np.concatenate([getattr(own, f), getattr(extra, f)]) for f in Legs._fields)
    return Legs(*columns)
