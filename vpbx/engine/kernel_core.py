"""The compiled engine's state, and what every call goes through: the model of `reference` and `desk`.

Belongs here: the arrays, the pending events, and the handlers of the usual way of a call, in the order
of the reference engine and under the same names. Does not belong here: what most scenarios leave
unused (`kernel_joining`, `kernel_phones` …), the loop and the choice of handler (`kernel`). A call
lives in a *slot*; it waits for at most one thing at a time, so the pending events are a winner tree
with a leaf a slot; an agent's wrap-up has a slot of its own. A leaf holds

    (time - epoch) << 28 | phase << 24 | leaf

so that the root names what happens next. First attempts, staff changes, the assignment of the present
instant and the horizon are single numbers beside the tree. Ties of calls are run in the order of
(caller, attempt), as `semantics.md` demands.

The loop can stop anywhere and be called again: all that is known stands in `State` and `Tables`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx import draws
from vpbx._jit import njit, njit_called, njit_inline, rarely, soon
from vpbx.codes import (
    Case,
    Estimator,
    Leaving,
    Outcome,
    Phase,
    Picks,
    Purpose,
    Relation,
    Strategy,
)
from vpbx.engine.records import LONGEST_TOLD_S, MOST_WAITING
from vpbx.engine.walk import (
    PROGRESS,
    Counts,
    Places,
    Progress,
    Walked,
    Walker,
    chance,
    static_case_inline,
    walk_inline,
)
from vpbx.program.packed import Packed
from vpbx.program.program import GRID_US
from vpbx.rows import (
    Float64,
    Index16,
    Index32,
    Int8,
    Int16,
    Int32,
    Int64,
    Rows,
    wide,
)
from vpbx.traffic.workload import Arrivals
from vpbx.units import NEVER, SECOND_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# --- codes as plain numbers ----------------------------------------------------------------------

_END_OF_TALK, _END_OF_WRAP_UP = int(Phase.END_OF_TALK), int(Phase.END_OF_WRAP_UP)
_CHANGE, _ASSIGN = int(Phase.CHANGE), int(Phase.ASSIGN)
_END_OF_PATIENCE, _END_OF_WALK = int(Phase.END_OF_PATIENCE), int(Phase.END_OF_WALK)
_ARRIVAL, _HORIZON = int(Phase.ARRIVAL), int(Phase.HORIZON)
_ANSWERED, _ABANDONED, _CUT = int(Outcome.ANSWERED), int(Outcome.ABANDONED), int(Outcome.CUT)
_BLOCKED, _REFUSED, _LOST = int(Outcome.BLOCKED), int(Outcome.REFUSED), int(Outcome.LOST)
_FORWARDED = int(Outcome.FORWARDED)
_ABANDONED_IVR, _SELF_SERVED = int(Outcome.ABANDONED_IVR), int(Outcome.SELF_SERVED)
_CASE_QUEUE_LENGTH, _CASE_EXPECTED_WAIT = int(Case.QUEUE_LENGTH), int(Case.EXPECTED_WAIT)
_CASE_AGENTS_FREE, _CASE_POSITION = int(Case.AGENTS_FREE), int(Case.POSITION)
_CASE_SHARE = int(Case.SHARE)
_LT, _LE, _GT = int(Relation.LT), int(Relation.LE), int(Relation.GT)
_IN_ORDER, _LONGEST_QUEUE = int(Picks.IN_ORDER), int(Picks.LONGEST_QUEUE)
_LONGEST_IDLE, _LINEAR = int(Strategy.LONGEST_IDLE), int(Strategy.LINEAR)
_FEWEST_CALLS, _FIRST_FREE = int(Strategy.FEWEST_CALLS), int(Leaving.FIRST_FREE)
_ASTERISK, _LAST_SERVED = int(Estimator.ASTERISK), int(Estimator.LAST_SERVED)
_HEAD_OF_LINE = int(Estimator.HEAD_OF_LINE)
_PATIENCE, _HANDLE_TIME = int(Purpose.PATIENCE), int(Purpose.HANDLE_TIME)
_WRAP_UP, _PICK_AGENT = int(Purpose.WRAP_UP), int(Purpose.PICK_AGENT)
_REDIAL = int(Purpose.REDIAL)
_IVR_PATIENCE, _KNOWS_MENU = int(Purpose.IVR_PATIENCE), int(Purpose.KNOWS_MENU)
_AT_STATE_NODE, _AT_LIMIT = int(Walked.AT_STATE_NODE), int(Walked.AT_LIMIT)
_HUNG_UP = int(Walked.HUNG_UP)

_FAR = 1 << 34
"""Microseconds from the epoch (nearly 5 h) beyond which a leaf holds a stand-in until the next rebase."""
WINDOW = 1 << 33
"""Microseconds (over 2 h) after which the epoch is set anew."""
MOST_LEAVES = 1 << 24
"""Calls and wrap-ups at once: as many as the leaf's bits of a key can tell apart."""
_LEAF = MOST_LEAVES - 1
_EARLY, _ROWS_EARLY = 16, 4
"""How many first attempts, or rows of the records, before their use they are fetched."""
NOTHING = -1
"""A handler's answer: nothing follows now. A node's index: the call walks on from it."""
ENDS = -2
"""A handler's answer `ENDS - outcome`: the call ends."""

# --- layout --------------------------------------------------------------------------------------

FREE, LIVE, WAITING, ORBIT, WRAPPING_UP = 0, 1, 2, 3, 4
AGENTS = 1 << 62
"""Added to an agent's index in the place of a caller: agents come after all callers."""
CALL, CALLBACK, MESSAGE = 0, 1, 2
"""Kinds of visits (`state.Kind`)."""
REFUSING, CONNECTING = 7, 8
"""Reasons to stop walking beside `Walked`: the refusal has been heard; the call gets through."""
NEWLY, LISTED = 2, 1
UNDRAWN = -1.0

# Places of the run's single numbers
(
    NOW, EPOCH, NEXT_ARRIVAL, N_ARRIVALS, LAST_BLOCK, CHANGE_AT, HORIZON_AT, STOP_PENDING, OVER,
    N_LIVE, N_ORBIT, N_BUSY, N_CALLS, N_VISITS, N_FREE, N_NEWLY_IDLE, INTERVAL, INTERVAL_END, KEY,
    PRIORITY_FROM, TIED, N_ASSIGNING, N_LEGS, MOMENT, MARGIN, N_OFFERS, FREEING,
) = range(27)  # fmt: skip
SCALARS = 27


class Slot:
    """A call in the system, a caller who will call again, or an agent's wrap-up.

    What a talk needs comes first: the processor fetches 64 bytes at once.
    """

    due_at: Int64
    """When something happens next; NEVER: nothing of itself."""
    caller: Int64
    row: Index32
    visit: Index32
    agent: Index32
    before: Int32
    after: Int32
    """Neighbours in the line."""
    joins: Int32
    answers: Int32
    caller_class: Index16
    number: Index16
    queue: Index16
    group: Index16
    """Of the agent."""
    rank: Index16
    attempt: Index16
    node: Int16
    trunk: Int16
    due_phase: Int8
    life: Int8
    why: Int8
    """Why the walk stopped."""
    walked: Int8
    """1 when `State.progress` is this call's."""
    goal: Int16
    joined_at: Int64
    gives_up_at: Int64
    """End of the patience with the menus."""
    patience_u: Float64
    """The uniform of the patience at the first joining, where it is drawn already."""
    handle_u: Float64
    """The uniform of the next handle time, where it is drawn already."""


class Agent:
    """A person."""

    idle_since: Int64
    n_calls: Int32
    earlier: Int32
    later: Int32
    """Neighbours in the group's list of the idle."""
    group: Index16
    place: Int16
    """Within the group."""
    logged_in: Int8
    leaving: Int8
    idle: Int8
    """NEWLY: to be assigned at this instant, and not in the list yet; LISTED."""
    misses: Int8
    """Calls missed in a row."""
    rings_for: Int32
    """The leaf of the call for which the phone rings; -1: none."""
    leaf: Int32
    """Its own leaf, while the phone rings or the agent pauses; -1: none."""


class Past:
    """What an agent has done, where queues follow a platform."""

    talked_at: Int64
    """When the last talk ended; before any instant: never."""
    talk_us: Int64
    """Time spent talking."""
    offered: Int64
    """Number of the last offer by a platform's queue; 0: none yet."""


class Group:
    """An agent group now."""

    idle_first: Int64
    """First and last idle agent, by (idle since, index); -1: none."""
    idle_last: Int64
    n_idle: Int64
    n_logged_in: Int64
    staff_step: Int64
    """The next step of the group's calendar."""
    wanted: Int64
    """Agents that should be on the phone now."""


class Queue:
    """A queue now."""

    n_waiting: Int64
    average_s: Int64
    last_served_s: Int64
    cursor: Int64
    """round_robin: the agent to whom the last call went; Asterisk's: the place where the search begins."""


class Line:
    """First and last waiting slot of a queue and priority; -1: none."""

    first: Int64
    last: Int64


class Trunk:
    """A trunk now."""

    held: Int64
    channel_step: Int64
    """The present step of the trunk's calendar."""


class Level:
    """A queue; those of a group who are logged in, talk, wrap up; a trunk."""

    value: Int64
    since: Int64
    """Booked up to here."""
    time: Int64
    """Integral and peak in the present interval."""
    peak: Int64


class Extra:
    """What a call has besides, where the Program has rare tables: see `state.Call`, `state.Visit`."""

    patience_at: Int64
    """What may happen to a call that waits, next of its kind; NEVER: it cannot."""
    leaves_at: Int64
    max_wait_at: Int64
    announce_at: Int64
    stage_at: Int64
    retry_at: Int64
    order_at: Int64
    """What orders it within its rank."""
    first_joined_at: Int64
    not_before: Int64
    ring_agent: Int32
    """The agent on whose leaf the ringing stands; -1: nobody's phone rings for it."""
    told_s: Int32
    leg: Int32
    """Row of the leg of a call back; -1: none."""
    reactions: Int32
    rings: Int32
    legs_tried: Int32
    order_draws: Int32
    held_visit: Index32
    held_agent: Int32
    held_answer: Int32
    held_queue: Index16
    held_until: Int8
    kind: Int8
    balks: Int8
    tries: Int8
    unsettled: Int8
    forwarded: Int8
    rings_all: Int8
    rings_now: Int8
    """1 while extensions ring for it."""
    n_ringing: Int8
    """Extensions that ring or talk for it (`State.ringing`)."""
    place: Index16
    """Place of the ringing leg in the order in which they are tried."""
    winner: Index16
    overdue: Int8
    """The longest wait is over; leaves when the phones that ring for it stop."""
    pointer: Int32
    """Where in a platform's list of agents this caller's search goes on."""
    next_cursor: Int32
    """Where the queue's search will go on when its phones have rung; -1: as it was."""


class Ringing:
    """An extension that rings or talks for a call, with its channel."""

    ends_at: Int64
    extension: Index32
    leg: Int32
    place: Index16
    answers: Int8


class State(NamedTuple):
    """All that changes while a replication runs, apart from its records."""

    scalars: Ints
    """(SCALARS) the run's single numbers, by the places above."""
    tree: Ints
    """(2 x leaves) winner tree; node 1 is the root, leaf l stands at leaves + l."""
    slots: Rows[Slot]
    """(leaves) by leaf."""
    progress: Places
    """(leaves, PROGRESS) the callers' progress through the menus."""
    free: Ints
    """(leaves) stack of free leaves; `N_FREE` of them."""
    agents: Rows[Agent]
    groups: Rows[Group]
    queues: Rows[Queue]
    lines: Rows[Line]
    """(queues, priorities)"""
    trunks: Rows[Trunk]
    levels: Rows[Level]
    rank: Ints
    """Rank of a priority (0 the highest), by priority - PRIORITY_FROM."""
    ahead: Floats
    """(2, first attempts) uniforms of the first patience and the first handle time."""
    newly_idle: Ints
    """Agents to be assigned at this instant, by index; `N_NEWLY_IDLE` of them."""
    extras: Rows[Extra]
    """(leaves)"""
    ringing: Rows[Ringing]
    """(leaves, legs of the longest ring node)"""
    leg_order: Ints
    """(leaves, legs of the longest ring node) places of the legs, in the order of trying."""
    in_use: Ints
    """(extensions) calls that ring or talk."""
    ring_cursor: Ints
    """(ring nodes) one_by_one: the leg with which the next call starts."""
    pasts: Rows[Past]
    """(agents)"""
    looking: Ints
    """(queues) the next caller of a platform's queue to look for an agent; -1: none."""


class Booked:
    """Integral and peak of a level over an interval."""

    time: Int64
    peak: Int64


class Tables(NamedTuple):
    """The records being filled."""

    calls: Rows[Any]
    """Rows of `records.Calls`."""
    visits: Rows[Any]
    """Rows of `records.Visits`."""
    legs: Rows[Any]
    """Rows of `records.Legs`."""
    grid: Rows[Booked]
    """(intervals, levels)"""


# --- pending events ------------------------------------------------------------------------------


@njit_inline
def _stand_in(leaf: int, far: int) -> int:
    """A key that no event has: of an empty leaf (far = 1), or of one due beyond the window (0)."""
    return (_FAR + (far << 33) + leaf) << 28 | leaf


@njit_inline
def _key(at: int, epoch: int, phase: int, leaf: int) -> int:
    """The key of an event."""
    if rarely(at - epoch >= _FAR):
        return _stand_in(leaf, 0)
    return (at - epoch) << 28 | phase << 24 | leaf


@njit_inline
def _put(state: State, leaf: int, key: int) -> None:
    """Sets a leaf and plays its matches up to the root.

    Before one of two events of the same time and phase comes to the root, the two (or others of that
    time and phase) have met in a match: that is noted in TIED.
    """
    tree = state.tree
    i = (tree.shape[0] >> 1) + leaf
    tree[i] = key
    while i > 1:
        other = tree[i ^ 1]
        if rarely((other ^ key) >> 24 == 0):
            state.scalars[TIED] = max(state.scalars[TIED], key >> 24)
        key = min(other, key)
        i >>= 1
        tree[i] = key


@njit_inline
def schedule(state: State, leaf: int, at: int, phase: int) -> None:
    """The slot's next event."""
    slot = state.slots[leaf]
    slot.due_at, slot.due_phase = at, phase
    _put(state, leaf, _key(at, state.scalars[EPOCH], phase, leaf))


@njit_inline
def schedule_within(program: Packed, state: State, leaf: int, at: int, phase: int) -> None:
    """As `schedule`, unless the run is over by then."""
    if at <= horizon_us(program):
        schedule(state, leaf, at, phase)
    else:
        unschedule(state, leaf)


@njit_inline
def unschedule(state: State, leaf: int) -> None:
    """Nothing happens to the slot of itself."""
    state.slots[leaf].due_at = NEVER
    _put(state, leaf, _stand_in(leaf, 1))


@njit_inline
def take_slot(state: State) -> int:
    """A free slot; `advance` sees to it that there is one at every event."""
    s = state.scalars
    s[N_FREE] -= 1
    return state.free[s[N_FREE]]


@njit_inline
def free_slot(state: State, leaf: int) -> None:
    """Gives a slot back."""
    s = state.scalars
    state.slots[leaf].life = FREE
    state.free[s[N_FREE]] = leaf
    s[N_FREE] += 1
    unschedule(state, leaf)


@njit
def rebase(state: State) -> None:
    """Builds the tree anew for a new epoch."""
    epoch, tree = state.scalars[EPOCH], state.tree
    leaves, tied = tree.shape[0] >> 1, 0
    for leaf in range(leaves):
        slot = state.slots[leaf]
        due = slot.due_at < NEVER
        key = _key(slot.due_at, epoch, wide(slot.due_phase), leaf) if due else _stand_in(leaf, 1)
        tree[leaves + leaf] = key
    for i in range(leaves - 1, 0, -1):
        one, other = tree[2 * i], tree[2 * i + 1]
        if one >> 24 == other >> 24:
            tied = max(tied, one >> 24)
        tree[i] = min(one, other)
    state.scalars[TIED] = tied


@njit_inline
def goes_before(state: State, leaf: int, other: int) -> bool:
    """Order of callers who came at one instant: (caller, attempt)."""
    one, two = state.slots[leaf], state.slots[other]
    if one.caller != two.caller:
        return one.caller < two.caller
    return one.attempt < two.attempt


@njit_called
def _first_of_tie(state: State, root: int) -> int:
    """Of all leaves with the root's time and phase, the one of the least (caller, attempt)."""
    tree = state.tree
    leaves = tree.shape[0] >> 1
    prefix = root >> 24
    best = root & _LEAF
    i = 1
    while i > 0:
        tied = tree[i] >> 24 == prefix
        if tied and i >= leaves and goes_before(state, i - leaves, best):
            best = i - leaves
        if tied and i < leaves:
            i = 2 * i
            continue
        while i & 1:  # a right child, or the root: everything below is done
            i >>= 1
        i = i + 1 if i > 0 else 0
    return best


@njit_inline
def winner(state: State, root: int) -> int:
    """The leaf to run: the root's, or another of the same time and phase that goes first."""
    if rarely(root >> 24 <= state.scalars[TIED]):
        return _first_of_tie(state, root)
    return root & _LEAF


# --- books ---------------------------------------------------------------------------------------


@njit_inline
def change(state: State, level: int, now: int, by: int) -> None:
    """A level changes; what it was is booked in the present interval."""
    own = state.levels[level]
    since, value = own.since, own.value
    if now > since:
        own.time += value * (now - since)
        own.peak = max(own.peak, value)
        own.since = now
    own.value = value + by


@njit_called
def close_interval(state: State, tables: Tables, end: int) -> None:
    """Writes the levels of the present interval, up to its end or the run's."""
    for level in range(state.levels.shape[0]):
        change(state, level, end, 0)
        own, booked = state.levels[level], tables.grid[state.scalars[INTERVAL], level]
        booked.time, booked.peak = own.time, own.peak
        own.time = own.peak = 0


@njit_called
def next_interval(state: State, tables: Tables, now: int) -> None:
    """Closes the intervals that are over now."""
    s = state.scalars
    present = now // GRID_US
    while s[INTERVAL] < present:
        close_interval(state, tables, (s[INTERVAL] + 1) * GRID_US)
        s[INTERVAL] += 1
    s[INTERVAL_END] = (present + 1) * GRID_US


@njit_inline
def leave(state: State, counts: Counts, edge: int) -> None:
    """Counts an exit from a node of the system's state."""
    counts.edges[state.scalars[INTERVAL], edge] += 1


@njit_inline
def talk_level(state: State, group: int) -> int:
    """The level of a group's agents who talk; those logged in come before, those in wrap-up after."""
    return state.queues.shape[0] + state.groups.shape[0] + group


@njit_inline
def ringing_level(state: State, group: int) -> int:
    """The level of a group's agents whose phones ring."""
    return trunk_level(state, state.trunks.shape[0]) + group


@njit_inline
def trunk_level(state: State, trunk: int) -> int:
    """The level of a trunk's channels held."""
    return state.queues.shape[0] + 3 * state.groups.shape[0] + trunk


# --- draws ---------------------------------------------------------------------------------------


@njit_inline
def uniform(state: State, slot: Slot, purpose: int, n: int) -> float:
    """The uniform of a call's attempt for a purpose."""
    return draws.uniform(state.scalars[KEY], slot.caller, wide(slot.attempt), purpose, n)


@njit_inline
def horizon_us(program: Packed) -> int:
    """When the run ends at the latest."""
    return program.clock.duration_us + program.clock.drain_us


# --- arrival -------------------------------------------------------------------------------------


@njit
def draw_ahead(key: int, block: Arrivals, ahead: Floats) -> None:
    """The draws that nearly every first attempt of a block needs (`State.ahead`).

    Here the compiler makes several callers' at once, which takes a fifth of the time of one by one.
    """
    for i in range(block.arrived_at.shape[0]):
        u, v = draws.pair_inline(key, block.caller[i], 0, _PATIENCE, 0)
        ahead[0, i], ahead[1, i] = u, v


@njit_inline
def new_call(state: State, block: Arrivals, i: int, caller: int) -> int:
    """A slot for a first attempt."""
    leaf = take_slot(state)
    slot = state.slots[leaf]
    slot.caller, slot.attempt, slot.caller_class = caller, 0, caller >> 52
    slot.number, slot.goal = block.number[i], block.goal[i]
    slot.patience_u, slot.handle_u = state.ahead[0, i], state.ahead[1, i]
    _fetch_later(state, block, i + _EARLY)
    return leaf


@njit_inline
def _fetch_later(state: State, block: Arrivals, i: int) -> None:
    """Has the processor fetch what a later first attempt is made of: between two of them it reads so much
    else that it does not see by itself that these columns are read in order."""
    soon(block.arrived_at, i)
    soon(block.caller, i)
    soon(block.number, i)
    soon(block.goal, i)
    soon(state.ahead[0], i)
    soon(state.ahead[1], i)


@njit_inline
def arrive(state: State, tables: Tables, leaf: int, now: int) -> None:
    """Enters a call in the records."""
    slot = state.slots[leaf]
    slot.life, slot.gives_up_at = LIVE, NEVER
    slot.trunk, slot.node, slot.why, slot.walked = -1, -1, 0, 0
    slot.joins, slot.answers = 0, 0
    enter_call(state, tables, slot, now)


@njit_inline
def enter(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """Access and trunk; the node at which the call enters the flow."""
    slot, numbers = state.slots[leaf], program.numbers
    c, number = wide(slot.caller_class), wide(slot.number)
    access = program.access[number, program.classes[c].network]
    if access != -2:
        slot.why = REFUSING
        return access if access >= 0 else ENDS - _REFUSED
    if not seize(program, state, tables, slot, numbers[number].trunk, 0, now):
        return ENDS - _BLOCKED
    return numbers[number].enter


@njit_inline
def answered_at(tables: Tables, row: int) -> int:
    """When the system answered a call; -1: it did not."""
    call = tables.calls[row]
    return call.arrived_at + call.answered_after if call.answered_after >= 0 else -1


@njit_inline
def enter_call(state: State, tables: Tables, slot: Slot, now: int) -> None:
    """Begins the call's row; `hang_up` fills in the rest."""
    s, caller = state.scalars, slot.caller
    call = tables.calls[s[N_CALLS]]
    slot.row = s[N_CALLS]
    s[N_CALLS] += 1
    soon(tables.calls, s[N_CALLS] + _ROWS_EARLY)
    s[N_LIVE] += 1
    call.arrived_at, call.answered_after = now, -1
    call.ordinal, call.day = caller & 0xFFFFFFFF, (caller >> 32) & 0xFFFFF
    call.caller_class, call.number, call.goal = slot.caller_class, slot.number, slot.goal
    call.attempt = slot.attempt


# --- trunk ---------------------------------------------------------------------------------------


@njit_inline
def take_channel(program: Packed, state: State, trunk: int, now: int) -> bool:
    """A channel of a trunk is held from now on; False when none is free."""
    calendars, own = program.flow.calendars, state.trunks[trunk]
    step, end = own.channel_step, calendars.start[program.trunks[trunk].calendar + 1]
    while step + 1 < end and calendars.at[step + 1] <= now:
        step += 1
    own.channel_step = step
    if own.held >= calendars.value[step]:
        return False
    own.held += 1
    change(state, trunk_level(state, trunk), now, 1)
    return True


@njit_inline
def seize(
    program: Packed, state: State, tables: Tables, slot: Slot, trunk: int, after: int, now: int
) -> bool:
    """Takes a channel and answers, so long after arrival; False when none is free."""
    if trunk >= 0 and not take_channel(program, state, trunk, now):
        return False
    slot.trunk = trunk
    tables.calls[wide(slot.row)].answered_after = after
    dist = program.classes[wide(slot.caller_class)].ivr_patience_dist
    if dist >= 0:
        u = uniform(state, slot, _IVR_PATIENCE, 0)
        slot.gives_up_at = now + draws.duration_us(program.flow.dists, dist, u)
    return True


# --- walk ----------------------------------------------------------------------------------------


@njit_inline
def walk_call(
    program: Packed, state: State, counts: Counts, leaf: int, node: int, now: int, alone: bool
) -> bool:
    """Walks from a node and schedules the end of the walk.

    True: the walk ends at this very instant, and `alone` said that nothing comes before its end.
    """
    slot = state.slots[leaf]
    why, at = _AT_STATE_NODE, now
    own = program.flow.nodes[node]
    if slot.gives_up_at <= now or own.module >= 0 or not own.state_dependent:
        why, node, at = _walk_on(program, state, counts, leaf, node, now)
    slot.node = node
    if slot.why != REFUSING:
        slot.why = why
    if why == _AT_LIMIT:
        if at < slot.gives_up_at:
            unschedule(state, leaf)  # an outage, or the horizon, will cut it
        else:
            schedule(state, leaf, at, _END_OF_PATIENCE)
        return False
    if alone and at == now:
        return True
    schedule(state, leaf, at, _END_OF_WALK)
    return False


@njit_inline
def _walk_on(
    program: Packed, state: State, counts: Counts, leaf: int, node: int, now: int
) -> tuple[int, int, int]:
    """Why the walk stops, where, when."""
    slot, progress = state.slots[leaf], state.progress[leaf]
    who = walker(program, state, leaf)
    limit, gives_up = limit_of(program, slot, now)
    return walk_inline(program.flow, who, progress, counts, node, now, limit, gives_up)


@njit_inline
def walker(program: Packed, state: State, leaf: int) -> Walker:
    """Who walks; the caller's progress is there from then on."""
    slot, key = state.slots[leaf], state.scalars[KEY]
    c = wide(slot.caller_class)
    own = program.classes[c]
    if not slot.walked:
        slot.walked = 1
        first_steps(program, slot, state.progress[leaf], key)
    return Walker(
        key, slot.caller, wide(slot.attempt), c, own.network, own.presses_wrong,
        own.presses_nothing,
    )  # fmt: skip


@njit_inline
def limit_of(program: Packed, slot: Slot, now: int) -> tuple[int, bool]:
    """The instant from which nothing in a walk happens, and whether the caller hangs up then."""
    end, trunk = horizon_us(program) + 1, wide(slot.trunk)
    for i in range(program.moments.shape[0]):
        one = program.moments[i]
        if trunk >= 0 and one.trunk == trunk and one.at > now:
            end = min(end, one.at)
            break
    if slot.gives_up_at < end:
        return slot.gives_up_at, True
    return end, False


@njit_inline
def reached(program: Packed, state: State, leaf: int) -> None:
    """The caller has what was wanted."""
    walker(program, state, leaf)
    state.progress[leaf, Progress.REACHED], state.progress[leaf, Progress.TYPED] = 1, 0


@njit_inline
def first_steps(program: Packed, slot: Slot, progress: Places, key: int) -> None:
    """The progress of a call that has not walked yet."""
    c, goal, number = wide(slot.caller_class), wide(slot.goal), wide(slot.number)
    for i in range(PROGRESS):
        progress[i] = 0
    knows = program.classes[c].knows_menu
    progress[Progress.GOAL] = goal
    progress[Progress.KNOWS] = knows >= 1.0 or (
        knows > 0.0 and draws.uniform(key, slot.caller, 0, _KNOWS_MENU, 0) < knows
    )
    progress[Progress.FORCED] = program.forced_start[c, goal, number] if goal >= 0 else -1
    progress[Progress.REACHED] = slot.answers > 0


@njit_inline
def hung_up(program: Packed, state: State, leaf: int) -> int:
    """What a call is whose walk has ended."""
    slot = state.slots[leaf]
    if slot.answers > 0:
        return _ANSWERED
    if rarely(program.special) and state.extras[leaf].forwarded:
        return _FORWARDED
    return _SELF_SERVED if slot.walked and state.progress[leaf, Progress.REACHED] else _LOST


@njit_inline
def branch(program: Packed, state: State, counts: Counts, leaf: int, now: int) -> int:
    """The node of the first case that holds, or the end of the call."""
    slot, cases = state.slots[leaf], program.flow.cases
    at_node = program.flow.nodes[wide(slot.node)]
    following, edge, by_chance = at_node.otherwise, at_node.otherwise_edge, -1
    if rarely(program.special):
        node, who = wide(slot.node), walker(program, state, leaf)
        by_chance = chance(program.flow, who, state.progress[leaf], node)
    for case in range(at_node.row, at_node.row + at_node.n_cases):
        if case_holds(program, state, slot, case, now, by_chance):
            following, edge = cases[case].next, cases[case].edge
            break
    leave(state, counts, edge)
    return following if following >= 0 else ENDS - hung_up(program, state, leaf)


@njit_inline
def case_holds(
    program: Packed, state: State, slot: Slot, case: int, now: int, by_chance: int
) -> bool:
    """Whether a case of a branch, or the condition of an offer, holds now."""
    own, c = program.flow.cases[case], wide(slot.caller_class)
    if own.kind < _CASE_QUEUE_LENGTH or own.kind == _CASE_SHARE:
        who = Walker(0, 0, 0, c, program.classes[c].network, 0.0, 0.0)
        return static_case_inline(program.flow, who, case, now, by_chance)
    found = _state(program, state, own.kind, own.operand, now)
    value, relation = own.value, own.relation
    if relation == _LT:
        return found < value
    if relation == _LE:
        return found <= value
    return found > value if relation == _GT else found >= value


@njit_inline
def _state(program: Packed, state: State, what: int, queue: int, now: int) -> int:
    """What a state case asks about a queue; expected waits in us."""
    if what == _CASE_EXPECTED_WAIT:
        expected = expected_wait_s(program, state, queue, now)
        return NEVER if expected < 0 else expected * SECOND_US
    if what == _CASE_AGENTS_FREE:
        return agents_free(program, state, queue)
    return state.queues[queue].n_waiting + (1 if what == _CASE_POSITION else 0)


@njit_inline
def agents_free(program: Packed, state: State, queue: int) -> int:
    """Idle agents who serve a queue."""
    free = 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty >= 0:
            free += state.groups[group].n_idle
    return free


# --- queue ---------------------------------------------------------------------------------------


@njit_inline
def plain_queue(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """Enters a visit to the node's queue; the call takes an agent, or joins unless the queue is full.

    The assignment that a joining call sets off (semantics §6) is made here: nothing can come between,
    since whatever could had happened before a walk ended at this instant.
    """
    slot, s = state.slots[leaf], state.scalars
    at_node = program.flow.nodes[wide(slot.node)]
    queue, visit = at_node.row, s[N_VISITS]
    agent = _choose(program, state, slot, queue)
    full = agent < 0 and 0 <= program.queues[queue].capacity <= state.queues[queue].n_waiting
    priority = priority_of(program, slot)
    slot.visit, slot.queue, slot.joined_at = visit, queue, now
    enter_visit(state, tables, slot, queue, priority, now)
    if at_node.announces and not full:
        told_s = expected_wait_s(program, state, queue, now)
        tables.visits[visit].told_s = min(told_s, LONGEST_TOLD_S)
    if full:
        tables.visits[visit].outcome, tables.visits[visit].left_at = _BLOCKED, now
        leave(state, counts, at_node.full_edge)
        return at_node.full if at_node.full >= 0 else ENDS - _BLOCKED
    slot.joins += 1
    if agent >= 0:
        answer_call(program, state, tables, leaf, agent, now)
    else:
        join(state, leaf, queue, state.rank[priority - s[PRIORITY_FROM]], now)
        _start_patience(program, state, leaf, now)
    return NOTHING


@njit_inline
def priority_of(program: Packed, slot: Slot) -> int:
    """Priority of a call in the queue of its node."""
    return (
        program.classes[wide(slot.caller_class)].priority
        + program.numbers[wide(slot.number)].priority
        + program.flow.nodes[wide(slot.node)].priority
    )


@njit_inline
def enter_visit(
    state: State, tables: Tables, slot: Slot, queue: int, priority: int, now: int
) -> None:
    """Begins the visit's row."""
    s = state.scalars
    row = tables.visits[s[N_VISITS]]
    s[N_VISITS] += 1
    soon(tables.visits, s[N_VISITS] + _ROWS_EARLY)
    row.call, row.queue, row.node, row.priority = slot.row, queue, slot.node, priority
    row.waiting, row.joined_at = min(state.queues[queue].n_waiting, MOST_WAITING), now
    row.told_s, row.outcome, row.group, row.agent = -1, -1, -1, -1
    row.talk_until, row.wrap_up_until = -1, -1


@njit_inline
def join(state: State, leaf: int, queue: int, rank: int, now: int) -> None:
    """Takes the last place of its priority (among those of this instant by caller and attempt)."""
    slots = state.slots
    slot, line = slots[leaf], state.lines[queue, rank]
    slot.life, slot.rank = WAITING, rank
    before = line.last
    while before >= 0 and slots[before].joined_at == now and goes_before(state, leaf, before):
        before = wide(slots[before].before)
    insert(state, leaf, line, before)
    state.queues[queue].n_waiting += 1
    change(state, queue, now, 1)


@njit_inline
def insert(state: State, leaf: int, line: Line, before: int) -> None:
    """Puts a call into a line, after another; -1: at its head."""
    slots = state.slots
    after = wide(slots[before].after) if before >= 0 else line.first
    slots[leaf].before, slots[leaf].after = before, after
    if before >= 0:
        slots[before].after = leaf
    else:
        line.first = leaf
    if after >= 0:
        slots[after].before = leaf
    else:
        line.last = leaf


@njit_inline
def _start_patience(program: Packed, state: State, leaf: int, now: int) -> None:
    """Schedules the end of patience."""
    slot = state.slots[leaf]
    own = program.classes[wide(slot.caller_class)]
    if own.patience_dist >= 0:
        u = patience_u(program, state, slot)
        until = now + draws.duration_us(program.flow.dists, own.patience_dist, u)
        if until <= horizon_us(program):
            schedule(state, leaf, until, _END_OF_PATIENCE)
            return
    unschedule(state, leaf)


@njit_inline
def patience_u(program: Packed, state: State, slot: Slot) -> float:
    """The uniform of the patience; the handle time's often comes with it."""
    u = slot.patience_u
    if u >= 0.0 and slot.joins == 1:
        return u
    own = program.classes[wide(slot.caller_class)]
    attempt, n = 0 if own.keeps_patience else wide(slot.attempt), wide(slot.joins) - 1
    u, handle_u = draws.uniform_pair(state.scalars[KEY], slot.caller, attempt, _PATIENCE, n)
    if n == slot.answers and own.keeps_handle_time == own.keeps_patience:
        slot.handle_u = handle_u
    return u


@njit_inline
def take_out(state: State, tables: Tables, leaf: int, now: int) -> None:
    """A call leaves the queue, whatever for."""
    slots = state.slots
    slot = slots[leaf]
    queue, before, after = wide(slot.queue), wide(slot.before), wide(slot.after)
    line = state.lines[queue, wide(slot.rank)]
    if before >= 0:
        slots[before].after = after
    else:
        line.first = after
    if after >= 0:
        slots[after].before = before
    else:
        line.last = before
    state.queues[queue].n_waiting -= 1
    change(state, queue, now, -1)
    slot.life = LIVE
    tables.visits[wide(slot.visit)].left_at = now


@njit_inline
def end_of_patience(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """Patience ends, in the queue or before it."""
    slot = state.slots[leaf]
    if slot.life != WAITING:
        return ENDS - _ABANDONED_IVR
    take_out(state, tables, leaf, now)
    tables.visits[wide(slot.visit)].outcome = _ABANDONED
    leave(state, counts, program.flow.nodes[wide(slot.node)].hang_up_edge)
    return ENDS - _ABANDONED


@njit_inline
def head_of(state: State, queue: int) -> int:
    """Who is served next in a queue; -1: nobody waits."""
    for rank in range(state.lines.shape[1]):
        first = state.lines[queue, rank].first
        if first >= 0:
            return first
    return -1


@njit_inline
def expected_wait_s(program: Packed, state: State, queue: int, now: int) -> int:
    """Expected wait in whole seconds by the queue's estimator; -1 when it cannot be told."""
    estimator, own = program.queues[queue].estimator, state.queues[queue]
    if estimator == _ASTERISK:
        return own.average_s
    if estimator == _LAST_SERVED:
        return own.last_served_s
    if estimator == _HEAD_OF_LINE:
        head = head_of(state, queue)
        return (now - state.slots[head].joined_at) // SECOND_US if head >= 0 else 0
    agents = 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty >= 0:
            agents += state.groups[group].n_logged_in
    if agents == 0:
        return -1
    return (own.n_waiting + 1) * program.queues[queue].aht_s // agents


# --- assignment ----------------------------------------------------------------------------------


@njit_inline
def pick(program: Packed, state: State, agent: int) -> int:
    """The waiting call that a freed agent takes, by the group's `picks`; -1: none waits."""
    group = wide(state.agents[agent].group)
    picks, best = program.groups[group].picks, -1
    for place in range(program.serves.shape[1]):
        queue = program.serves[group, place].queue_order
        if queue < 0:
            break
        if state.queues[queue].n_waiting > 0 and (
            best < 0 or _picked_before(program, state, picks, queue, best)
        ):
            best = queue
    return head_of(state, best) if best >= 0 else -1


@njit_inline
def _picked_before(program: Packed, state: State, picks: int, queue: int, best: int) -> bool:
    """Whether a freed agent turns to this queue rather than to one listed before it."""
    if picks == _IN_ORDER:
        return False
    if picks == _LONGEST_QUEUE:
        return state.queues[queue].n_waiting > state.queues[best].n_waiting
    weight, other_weight = program.queues[queue].weight, program.queues[best].weight
    if weight != other_weight:
        return weight > other_weight
    head, other_head = head_of(state, queue), head_of(state, best)
    one, other = state.slots[head], state.slots[other_head]
    if one.rank != other.rank:
        return one.rank < other.rank
    if one.joined_at != other.joined_at:
        return one.joined_at < other.joined_at
    return goes_before(state, head, other_head)


@njit_inline
def _choose(program: Packed, state: State, slot: Slot, queue: int) -> int:
    """The idle agent whom a call takes: least penalty, then the queue's strategy; -1: none."""
    least = NEVER
    n_idle = 0
    for group in range(state.groups.shape[0]):
        own, idle = program.serves[group, queue].penalty, state.groups[group].n_idle
        if own >= 0 and idle > 0:
            if own < least:
                least, n_idle = own, 0
            if own == least:
                n_idle += idle
    if n_idle == 0:
        return -1
    strategy = program.queues[queue].strategy
    if strategy == _LONGEST_IDLE:
        return _longest_idle(program, state, queue, least)
    if strategy == _FEWEST_CALLS:
        return _fewest_calls(program, state, queue, least)
    n = 0
    if strategy != _LINEAR:
        n = int(uniform(state, slot, _PICK_AGENT, wide(slot.answers)) * n_idle)
    return _nth_idle(program, state, queue, least, n)


@njit_inline
def _longest_idle(program: Packed, state: State, queue: int, least: int) -> int:
    """The first of the groups' idle lists by (idle since, index)."""
    agents, best = state.agents, -1
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty == least:
            first = state.groups[group].idle_first
            if first >= 0 and (best < 0 or agents[first].idle_since < agents[best].idle_since):
                best = first
    return best


@njit_inline
def _nth_idle(program: Packed, state: State, queue: int, least: int, n: int) -> int:
    """The n-th idle agent of the groups of least penalty, by index."""
    first_agent = program.first_agent
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty == least:
            for agent in range(first_agent[group], first_agent[group + 1]):
                if state.agents[agent].idle:
                    if n == 0:
                        return agent
                    n -= 1
    return -1


@njit_inline
def _fewest_calls(program: Packed, state: State, queue: int, least: int) -> int:
    """The idle agent with the fewest calls; the lower index, if equal."""
    agents, best = state.agents, -1
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty == least:
            agent = state.groups[group].idle_first
            while agent >= 0:
                fewer = best < 0 or agents[agent].n_calls < agents[best].n_calls
                equal = best >= 0 and agents[agent].n_calls == agents[best].n_calls
                if fewer or (equal and agent < best):
                    best = agent
                agent = wide(agents[agent].later)
    return best


@njit_inline
def answer_call(
    program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int
) -> None:
    """The agent takes the call, which no longer waits (or never did)."""
    slot, own = state.slots[leaf], state.agents[agent]
    queue, group = wide(slot.queue), wide(own.group)
    line, waited_s = state.queues[queue], (now - slot.joined_at) // SECOND_US
    line.average_s = (3 * line.average_s + waited_s) // 4
    line.last_served_s = waited_s
    no_longer_idle(state, agent)
    own.n_calls += 1
    state.scalars[N_BUSY] += 1
    change(state, talk_level(state, group), now, 1)
    u = _handle_u(program, state, slot)
    handle = program.serves[group, queue].handle_dist
    until = now + draws.duration_us(program.flow.dists, handle, u)
    slot.agent, slot.group, slot.gives_up_at = agent, group, NEVER
    slot.answers += 1
    if slot.walked:
        state.progress[leaf, Progress.REACHED], state.progress[leaf, Progress.TYPED] = 1, 0
    visit = tables.visits[wide(slot.visit)]
    visit.outcome, visit.group, visit.agent = _ANSWERED, group, own.place
    visit.left_at, visit.talk_until = now, min(until, horizon_us(program))
    schedule(state, leaf, until, _END_OF_TALK)


@njit_inline
def _handle_u(program: Packed, state: State, slot: Slot) -> float:
    """The uniform of the handle time."""
    u = slot.handle_u
    slot.handle_u = UNDRAWN
    if u >= 0.0:
        return u
    kept = program.classes[wide(slot.caller_class)].keeps_handle_time
    attempt, n = 0 if kept else wide(slot.attempt), wide(slot.answers)
    return draws.uniform(state.scalars[KEY], slot.caller, attempt, _HANDLE_TIME, n)


# --- talk and wrap-up ----------------------------------------------------------------------------


@njit_inline
def end_of_talk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The caller is free; the agent goes through wrap-up."""
    slot = state.slots[leaf]
    agent, at_node = wide(slot.agent), program.flow.nodes[wide(slot.node)]
    group = wide(slot.group)
    own = program.serves[group, wide(slot.queue)]
    wrap_up = own.wrap_up_us
    if wrap_up < 0:
        u = uniform(state, slot, _WRAP_UP, wide(slot.answers) - 1)
        wrap_up = draws.duration_us(program.flow.dists, own.wrap_up_dist, u)
    until = min(now + wrap_up, horizon_us(program))
    tables.visits[wide(slot.visit)].wrap_up_until = until
    change(state, talk_level(state, group), now, -1)
    if wrap_up > 0:
        begin_wrap_up(state, agent, now, now + wrap_up)
    elif program.groups[group].leaving == _FIRST_FREE:  # the first agent's end decides
        state.scalars[FREEING] = agent + 1
    else:  # at this very instant, before anybody could see the difference
        freed(program, state, agent, now)
    leave(state, counts, at_node.next_edge)
    return at_node.next if at_node.next >= 0 else ENDS - _ANSWERED


@njit_inline
def begin_wrap_up(state: State, agent: int, now: int, until: int) -> None:
    """Schedules the end of an agent's wrap-up; such ends come in the order of agents."""
    group = wide(state.agents[agent].group)
    change(state, talk_level(state, group) + state.groups.shape[0], now, 1)
    leaf = take_slot(state)
    slot = state.slots[leaf]
    slot.life, slot.agent, slot.caller, slot.attempt = WRAPPING_UP, agent, AGENTS + agent, 0
    schedule(state, leaf, until, _END_OF_WRAP_UP)


@njit_inline
def end_of_wrap_up(program: Packed, state: State, leaf: int, now: int) -> None:
    """The wrap-up is over."""
    agent = wide(state.slots[leaf].agent)
    group = wide(state.agents[agent].group)
    free_slot(state, leaf)
    change(state, talk_level(state, group) + state.groups.shape[0], now, -1)
    freed(program, state, agent, now)
    check_over(program, state, now)


@njit_inline
def end_no_wrap_up(program: Packed, state: State, alone: bool) -> None:
    """A wrap-up of no length (`FREEING`): it ends here if it comes before all that is pending; otherwise
    it takes its place among that."""
    s = state.scalars
    agent, now = s[FREEING] - 1, s[NOW]
    s[FREEING] = 0
    if alone:
        freed(program, state, agent, now)
        check_over(program, state, now)
    else:
        begin_wrap_up(state, agent, now, now)


@njit_inline
def agent_event(program: Packed, state: State, agent: int, at: int, phase: int) -> None:
    """Something happens to an agent apart from wrap-up; agents come after all callers."""
    own = state.agents[agent]
    if own.leaf < 0:
        own.leaf = take_slot(state)
    slot = state.slots[wide(own.leaf)]
    slot.life, slot.agent, slot.caller, slot.attempt = WRAPPING_UP, agent, AGENTS + agent, 0
    schedule_within(program, state, wide(own.leaf), at, phase)


@njit_inline
def end_agent_event(state: State, agent: int) -> None:
    """Nothing happens to an agent of itself."""
    if state.agents[agent].leaf >= 0:
        free_slot(state, wide(state.agents[agent].leaf))
        state.agents[agent].leaf = -1


@njit_inline
def freed(program: Packed, state: State, agent: int, now: int) -> None:
    """A call is done with: the agent is idle again, or goes home."""
    state.scalars[N_BUSY] -= 1
    free_agent(program, state, agent, now, now)


@njit_inline
def free_agent(program: Packed, state: State, agent: int, since: int, now: int) -> None:
    """The agent is idle (since then), or goes home."""
    group = wide(state.agents[agent].group)
    own = state.groups[group]
    if state.agents[agent].leaving or (
        own.n_logged_in > own.wanted and program.groups[group].leaving == _FIRST_FREE
    ):
        log_out(state, agent, now)
        if program.by_platform:
            pend_look(state)
    else:
        become_idle(state, agent, since)


@njit_called
def pend_look(state: State) -> None:
    """Callers of a platform's queues look for agents at this instant: an assignment is pending.

    An agent who is not newly idle stands in the list for it, and is passed over.
    """
    if state.scalars[N_NEWLY_IDLE] == 0 and state.agents.shape[0] > 0:
        state.newly_idle[0] = 0
        state.scalars[N_NEWLY_IDLE] = 1


@njit_inline
def become_idle(state: State, agent: int, since: int) -> None:
    """The assignment of this instant will find work for the agent, or list him as idle."""
    s, newly_idle = state.scalars, state.newly_idle
    state.agents[agent].idle, state.agents[agent].idle_since = NEWLY, since
    place = s[N_NEWLY_IDLE]
    s[N_NEWLY_IDLE] += 1
    while place > 0 and newly_idle[place - 1] > agent:
        newly_idle[place] = newly_idle[place - 1]
        place -= 1
    newly_idle[place] = agent


@njit_inline
def list_idle(state: State, agent: int) -> None:
    """Puts an agent into the idle list, by (idle since, index)."""
    agents, own = state.agents, state.agents[agent]
    group = state.groups[wide(own.group)]
    own.idle = LISTED
    before, since = group.idle_last, own.idle_since
    while before >= 0 and (
        agents[before].idle_since > since or (agents[before].idle_since == since and before > agent)
    ):
        before = wide(agents[before].earlier)
    after = wide(agents[before].later) if before >= 0 else group.idle_first
    own.earlier, own.later = before, after
    if before >= 0:
        agents[before].later = agent
    else:
        group.idle_first = agent
    if after >= 0:
        agents[after].earlier = agent
    else:
        group.idle_last = agent
    group.n_idle += 1


@njit_inline
def no_longer_idle(state: State, agent: int) -> None:
    """Takes an agent out of the idle list."""
    agents, own = state.agents, state.agents[agent]
    listed, own.idle = own.idle == LISTED, 0
    if not listed:
        return
    before, after, group = wide(own.earlier), wide(own.later), state.groups[wide(own.group)]
    if before >= 0:
        agents[before].later = after
    else:
        group.idle_first = after
    if after >= 0:
        agents[after].earlier = before
    else:
        group.idle_last = before
    group.n_idle -= 1


# --- staffing ------------------------------------------------------------------------------------


@njit_called
def change_staff(program: Packed, state: State, now: int) -> None:
    """All staff changes of this instant, by group; finds the next instant with one."""
    calendars, groups = program.flow.calendars, program.groups
    following = NEVER
    for group in range(groups.shape[0]):
        step, end = state.groups[group].staff_step, calendars.start[groups[group].calendar + 1]
        if step < end and max(calendars.at[step], 0) == now:
            _staff(program, state, group, calendars.value[step], now)
            step += 1
            state.groups[group].staff_step = step
        if step < end:
            following = min(following, max(calendars.at[step], 0))
    state.scalars[CHANGE_AT] = following


@njit_called
def _staff(program: Packed, state: State, group: int, count: int, now: int) -> None:
    """Sets the number of agents on the phone (semantics §6, schedules)."""
    agents, first_agent = state.agents, program.first_agent
    first, end = first_agent[group], first_agent[group + 1]
    marks = program.groups[group].leaving != _FIRST_FREE
    state.groups[group].wanted = count
    present = 0
    for agent in range(first, end):
        present += agents[agent].logged_in and not agents[agent].leaving
    for agent in range(end - 1, first - 1, -1):
        if present > count and agents[agent].idle:
            log_out(state, agent, now)
            present -= 1
            if program.by_platform:
                pend_look(state)
    for agent in range(end - 1, first - 1, -1):
        if marks and present > count and agents[agent].logged_in and not agents[agent].leaving:
            agents[agent].leaving = 1
            present -= 1
    for agent in range(first, end):
        if present < count and agents[agent].leaving:
            agents[agent].leaving = 0
            present += 1
    for agent in range(first, end):
        if present < count and not agents[agent].logged_in:
            _log_in(state, agent, now)
            present += 1


@njit_inline
def _log_in(state: State, agent: int, now: int) -> None:
    """An agent comes on the phone."""
    group = wide(state.agents[agent].group)
    state.agents[agent].logged_in = 1
    state.groups[group].n_logged_in += 1
    change(state, state.queues.shape[0] + group, now, 1)
    become_idle(state, agent, now)


@njit_inline
def log_out(state: State, agent: int, now: int) -> None:
    """An agent goes home."""
    group = wide(state.agents[agent].group)
    if state.agents[agent].idle:
        no_longer_idle(state, agent)
    state.agents[agent].logged_in = state.agents[agent].leaving = 0
    state.agents[agent].misses = 0
    state.groups[group].n_logged_in -= 1
    change(state, state.queues.shape[0] + group, now, -1)


# --- end of the call, redial ---------------------------------------------------------------------


@njit_inline
def end_call(
    program: Packed, state: State, tables: Tables, leaf: int, outcome: int, cause: int, now: int
) -> None:
    """The call ends; the caller may call again, for this cause, in the same slot."""
    slot, s = state.slots[leaf], state.scalars
    redial_at = _redial_at(program, state, slot, cause, now)
    hang_up(state, tables, slot, outcome, redial_at, now)
    if 0 <= redial_at <= horizon_us(program):
        number = program.redials[wide(slot.caller_class), cause].redial_number
        if number >= 0:
            slot.number = number
        slot.attempt += 1
        slot.life, slot.patience_u, slot.handle_u = ORBIT, UNDRAWN, UNDRAWN
        s[N_ORBIT] += 1
        schedule(state, leaf, redial_at, _ARRIVAL)
    else:
        free_slot(state, leaf)
    check_over(program, state, now)


@njit_inline
def _redial_at(program: Packed, state: State, slot: Slot, cause: int, now: int) -> int:
    """When the caller calls again; -1: never."""
    own = program.redials[wide(slot.caller_class), cause]
    if own.redial <= 0.0 or slot.attempt + 1 >= own.attempts:
        return -1
    key, attempt = state.scalars[KEY], wide(slot.attempt)
    u, delay_u = draws.uniform_pair(key, slot.caller, attempt, _REDIAL, 0)
    if u >= own.redial:
        return -1
    return now + draws.duration_us(program.flow.dists, own.redial_delay_dist, delay_u)


@njit_inline
def hang_up(
    state: State, tables: Tables, slot: Slot, outcome: int, redial_at: int, now: int
) -> None:
    """Frees the line and completes the call's row."""
    trunk, call = wide(slot.trunk), tables.calls[wide(slot.row)]
    if trunk >= 0:
        state.trunks[trunk].held -= 1
        change(state, trunk_level(state, trunk), now, -1)
    state.scalars[N_LIVE] -= 1
    call.ended_at, call.redial_at = now, redial_at
    call.last_node, call.outcome = slot.node, outcome


# --- horizon -------------------------------------------------------------------------------------


@njit_inline
def check_over(program: Packed, state: State, now: int) -> None:
    """A draining run is over when nobody is left, nobody will call again, agents are done."""
    s = state.scalars
    if now >= program.clock.duration_us and s[N_LIVE] + s[N_ORBIT] + s[N_BUSY] == 0:
        s[STOP_PENDING] = 1
