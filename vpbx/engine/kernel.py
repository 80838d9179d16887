"""The compiled engine: the model of `reference` and `desk` as one loop over arrays.

The sections and handlers stand in the order of the reference engine, under the same names. A call
lives in a *slot*; it waits for at most one thing at a time, so the pending events are a winner tree
with a leaf a slot (after the agents' leaves: their ends of wrap-up). A leaf holds

    (time - epoch) << 28 | phase << 24 | leaf

so that the root names what happens next. First attempts, staff changes, the assignment of the present
instant and the horizon are single numbers beside the tree. Ties of calls are run in the order of
(caller, attempt), as `semantics.md` demands.

`advance` can stop anywhere and be called again: all that is known stands in `State` and `Tables`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx import draws
from vpbx._jit import njit, njit_inline
from vpbx.codes import Case, Estimator, Op, Outcome, Phase, Picks, Purpose, Relation, Strategy
from vpbx.engine.records import Calls, Visits
from vpbx.engine.walk import (
    PROGRESS,
    Counts,
    Progress,
    Walked,
    Walker,
    static_case,
    walk,
)
from vpbx.program.packed import Packed
from vpbx.program.program import GRID_US
from vpbx.traffic.workload import Arrivals
from vpbx.units import SECOND_US

Ints = NDArray[np.int64]

# --- codes as plain numbers ----------------------------------------------------------------------

_END_OF_TALK, _END_OF_WRAP_UP = int(Phase.END_OF_TALK), int(Phase.END_OF_WRAP_UP)
_CHANGE, _ASSIGN = int(Phase.CHANGE), int(Phase.ASSIGN)
_END_OF_PATIENCE, _END_OF_WALK = int(Phase.END_OF_PATIENCE), int(Phase.END_OF_WALK)
_ARRIVAL, _HORIZON = int(Phase.ARRIVAL), int(Phase.HORIZON)
_ANSWERED, _ABANDONED, _CUT = int(Outcome.ANSWERED), int(Outcome.ABANDONED), int(Outcome.CUT)
_BLOCKED, _REFUSED, _LOST = int(Outcome.BLOCKED), int(Outcome.REFUSED), int(Outcome.LOST)
_ABANDONED_IVR, _SELF_SERVED = int(Outcome.ABANDONED_IVR), int(Outcome.SELF_SERVED)
_QUEUE = int(Op.QUEUE)
_CASE_QUEUE_LENGTH, _CASE_EXPECTED_WAIT = int(Case.QUEUE_LENGTH), int(Case.EXPECTED_WAIT)
_CASE_AGENTS_FREE, _CASE_POSITION = int(Case.AGENTS_FREE), int(Case.POSITION)
_LT, _LE, _GT = int(Relation.LT), int(Relation.LE), int(Relation.GT)
_IN_ORDER, _LONGEST_QUEUE = int(Picks.IN_ORDER), int(Picks.LONGEST_QUEUE)
_LONGEST_IDLE, _LINEAR = int(Strategy.LONGEST_IDLE), int(Strategy.LINEAR)
_FEWEST_CALLS = int(Strategy.FEWEST_CALLS)
_ASTERISK, _LAST_SERVED = int(Estimator.ASTERISK), int(Estimator.LAST_SERVED)
_HEAD_OF_LINE = int(Estimator.HEAD_OF_LINE)
_PATIENCE, _HANDLE_TIME = int(Purpose.PATIENCE), int(Purpose.HANDLE_TIME)
_WRAP_UP, _PICK_AGENT = int(Purpose.WRAP_UP), int(Purpose.PICK_AGENT)
_REDIAL, _REDIAL_DELAY = int(Purpose.REDIAL), int(Purpose.REDIAL_DELAY)
_IVR_PATIENCE, _KNOWS_MENU = int(Purpose.IVR_PATIENCE), int(Purpose.KNOWS_MENU)
_AT_STATE_NODE, _AT_LIMIT = int(Walked.AT_STATE_NODE), int(Walked.AT_LIMIT)
_HUNG_UP = int(Walked.HUNG_UP)

NEVER = 1 << 60
_UNKNOWN_WAIT = 1 << 60
_NO_KEY = 1 << 62
_FAR = 1 << 34
"""Microseconds from the epoch (nearly 5 h) beyond which a leaf holds a stand-in until the next rebase."""
_WINDOW = 1 << 33
"""Microseconds (over 2 h) after which the epoch is set anew."""
MOST_LEAVES = 1 << 24
"""Agents and calls at once: as many as the leaf's bits of a key can tell apart."""
_LEAF = MOST_LEAVES - 1
_NOTHING = -1
"""A handler's answer: nothing follows now. A node's index: the call walks on from it."""
_ENDS = -2
"""A handler's answer `_ENDS - outcome`: the call ends."""

# --- layout --------------------------------------------------------------------------------------

# Columns of a slot
(
    _CALLER, _ATTEMPT, _CLASS, _NUMBER, _GOAL, _ROW, _LIFE, _ARRIVED_AT,
    _ANSWERED_AT, _GIVES_UP_AT, _TRUNK, _NODE, _WHY, DUE_AT, _DUE_PHASE, _JOINS,
    _ANSWERS, _QUEUE_OF, _LEVEL, _JOINED_AT, _VISIT, _AGENT, _BEFORE, _AFTER,
    _ANSWER_N, _RANK,
) = range(26)  # fmt: skip
_PROGRESS_FROM = 26
SLOT = _PROGRESS_FROM + PROGRESS
_FREE, _LIVE, _WAITING, _ORBIT = 0, 1, 2, 3
_REFUSING = 7
"""A reason to stop walking beside `Walked`: the refusal has been heard."""

# Columns of an agent
_GROUP, _LOGGED_IN, _LEAVING, _IDLE, _IDLE_SINCE, _N_CALLS, _EARLIER, _LATER = range(8)
AGENT = 8

# Places of the run's single numbers
(
    NOW, EPOCH, NEXT_ARRIVAL, N_ARRIVALS, LAST_BLOCK, CHANGE_AT, HORIZON_AT, ASSIGN_PENDING,
    STOP_PENDING, OVER, N_LIVE, N_ORBIT, N_BUSY, N_CALLS, N_VISITS, N_FREE,
    N_NEWLY_IDLE, N_NEWLY_WAITING, INTERVAL, KEY, PRIORITY_FROM, N_LEVELS,
) = range(22)  # fmt: skip
SCALARS = 22

# Why `advance` came back
DONE, NEEDS_ARRIVALS, NEEDS_ROWS, NEEDS_SLOTS, PAUSED = range(5)


class OfGroups(NamedTuple):
    """Agent groups now."""

    idle_first: Ints
    """First and last idle agent, by (idle since, index); -1: none."""
    idle_last: Ints
    n_idle: Ints
    n_logged_in: Ints
    staff_step: Ints
    """The next step of the group's calendar."""


class OfQueues(NamedTuple):
    """Queues now."""

    n_waiting: Ints
    average_s: Ints
    last_served_s: Ints


class Lines(NamedTuple):
    """(queues, priorities) first and last waiting slot; -1: none."""

    first: Ints
    last: Ints


class OfTrunks(NamedTuple):
    """Trunks now."""

    held: Ints
    channel_step: Ints
    """The present step of the trunk's calendar."""


class Levels(NamedTuple):
    """Queues; logged in, talking and wrapping up by group; trunks."""

    value: Ints
    since: Ints
    """Booked up to here."""


class State(NamedTuple):
    """All that changes while a replication runs, apart from its records."""

    scalars: Ints
    """(SCALARS) the run's single numbers, by the places above."""
    tree: Ints
    """(2 x leaves) winner tree; node 1 is the root, leaf l stands at leaves + l."""
    slots: Ints
    """(leaves, SLOT) calls, by leaf; the agents' leaves are not used."""
    free: Ints
    """(leaves) stack of free leaves; `N_FREE` of them."""
    agents: Ints
    """(agents, AGENT)"""
    groups: OfGroups
    queues: OfQueues
    lines: Lines
    trunks: OfTrunks
    levels: Levels
    rank: Ints
    """Rank of a priority (0 the highest), by priority - PRIORITY_FROM."""
    newly_idle: Ints
    newly_waiting: Ints


class Booked(NamedTuple):
    """(intervals, levels) integral and peak of each level."""

    time: Ints
    peak: Ints


class Tables(NamedTuple):
    """The records being filled, as record arrays."""

    calls: Calls
    visits: Visits
    grid: Booked


# --- pending events ------------------------------------------------------------------------------


@njit_inline
def _stand_in(leaf: int, far: int) -> int:
    """A key that no event has: of an empty leaf (far = 1), or of one due beyond the window (0)."""
    return (_FAR + (far << 33) + leaf) << 28 | leaf


@njit_inline
def _key(at: int, epoch: int, phase: int, leaf: int) -> int:
    """The key of an event."""
    if at - epoch >= _FAR:
        return _stand_in(leaf, 0)
    return (at - epoch) << 28 | phase << 24 | leaf


@njit_inline
def _put(tree: Ints, leaf: int, key: int) -> None:
    """Sets a leaf and plays its matches up to the root."""
    i = (tree.shape[0] >> 1) + leaf
    tree[i] = key
    while i > 1:
        other = tree[i ^ 1]
        key = min(other, key)
        i >>= 1
        tree[i] = key


@njit_inline
def _schedule(state: State, leaf: int, at: int, phase: int) -> None:
    """The slot's next event."""
    slot = state.slots[leaf]
    slot[DUE_AT], slot[_DUE_PHASE] = at, phase
    _put(state.tree, leaf, _key(at, state.scalars[EPOCH], phase, leaf))


@njit
def rebase(state: State) -> None:
    """Builds the tree anew for a new epoch."""
    scalars, tree, slots = state.scalars, state.tree, state.slots
    leaves = tree.shape[0] >> 1
    for leaf in range(leaves):
        due = slots[leaf, DUE_AT]
        key = _stand_in(leaf, 1)
        if due < NEVER:
            key = _key(due, scalars[EPOCH], slots[leaf, _DUE_PHASE], leaf)
        tree[leaves + leaf] = key
    for i in range(leaves - 1, 0, -1):
        tree[i] = min(tree[2 * i], tree[2 * i + 1])


@njit_inline
def _goes_before(slots: Ints, leaf: int, other: int) -> bool:
    """Order of callers who came at one instant: (caller, attempt)."""
    if slots[leaf, _CALLER] != slots[other, _CALLER]:
        return slots[leaf, _CALLER] < slots[other, _CALLER]
    return slots[leaf, _ATTEMPT] < slots[other, _ATTEMPT]


@njit
def _first_of_tie(tree: Ints, slots: Ints, root: int) -> int:
    """Of all leaves with the root's time and phase, the one of the least (caller, attempt)."""
    leaves = tree.shape[0] >> 1
    prefix = root >> 24
    best = root & _LEAF
    i = 1
    while i > 0:
        tied = tree[i] >> 24 == prefix
        if tied and i >= leaves and _goes_before(slots, i - leaves, best):
            best = i - leaves
        if tied and i < leaves:
            i = 2 * i
            continue
        while i & 1:  # a right child, or the root: everything below is done
            i >>= 1
        i = i + 1 if i > 0 else 0
    return best


@njit_inline
def _winner(tree: Ints, slots: Ints, root: int) -> int:
    """The leaf to run: the root's, or another of the same time and phase that goes first."""
    leaf = root & _LEAF
    i = (tree.shape[0] >> 1) + leaf
    prefix = root >> 24
    tie = False
    while i > 1:
        tie |= tree[i ^ 1] >> 24 == prefix
        i >>= 1
    return _first_of_tie(tree, slots, root) if tie else leaf


# --- books ---------------------------------------------------------------------------------------


@njit_inline
def _change(state: State, tables: Tables, level: int, now: int, by: int) -> None:
    """A level changes; what it was is booked in the present interval."""
    value, since = state.levels.value[level], state.levels.since[level]
    if now > since:
        interval = state.scalars[INTERVAL]
        tables.grid.time[interval, level] += value * (now - since)
        tables.grid.peak[interval, level] = max(tables.grid.peak[interval, level], value)
        state.levels.since[level] = now
    state.levels.value[level] = value + by


@njit
def _next_interval(state: State, tables: Tables, now: int) -> None:
    """Books all levels up to the ends of the intervals that are over now."""
    present = now // GRID_US
    while state.scalars[INTERVAL] < present:
        end = (state.scalars[INTERVAL] + 1) * GRID_US
        for level in range(state.levels.value.shape[0]):
            _change(state, tables, level, end, 0)
        state.scalars[INTERVAL] += 1


@njit_inline
def _leave(counts: Counts, now: int, edge: int) -> None:
    """Counts an exit from a node of the system's state."""
    counts.edges[now // GRID_US, edge] += 1


# --- arrival -------------------------------------------------------------------------------------


@njit_inline
def _new_call(
    program: Packed, state: State, caller: int, caller_class: int, number: int, goal: int
) -> int:
    """A slot for a first attempt."""
    scalars = state.scalars
    scalars[N_FREE] -= 1
    leaf = state.free[scalars[N_FREE]]
    slot = state.slots[leaf]
    slot[_CALLER], slot[_ATTEMPT], slot[_CLASS] = caller, 0, caller_class
    slot[_NUMBER], slot[_GOAL] = number, goal
    return leaf


@njit_inline
def _caller(block: Arrivals, i: int) -> int:
    """The caller of a first attempt (`draws.caller_id`)."""
    caller_class, day = np.int64(block.caller_class[i]), np.int64(block.day[i])
    return int(caller_class << 52 | day << 32 | np.int64(block.ordinal[i]))


@njit_inline
def _arrive(program: Packed, state: State, leaf: int, now: int) -> int:
    """A call arrives: access, trunk, and the node at which it enters (`_call` of the reference)."""
    scalars, classes, numbers = state.scalars, program.classes, program.numbers
    slot = state.slots[leaf]
    caller_class, number, goal = slot[_CLASS], slot[_NUMBER], slot[_GOAL]
    slot[_ROW] = scalars[N_CALLS]
    scalars[N_CALLS] += 1
    scalars[N_LIVE] += 1
    slot[_LIFE], slot[_ARRIVED_AT], slot[_ANSWERED_AT] = _LIVE, now, -1
    slot[_GIVES_UP_AT], slot[_TRUNK], slot[_NODE], slot[_WHY] = NEVER, -1, -1, 0
    slot[_JOINS], slot[_ANSWERS] = 0, 0
    for i in range(_PROGRESS_FROM, SLOT):
        slot[i] = 0
    slot[_PROGRESS_FROM + Progress.GOAL] = goal
    slot[_PROGRESS_FROM + Progress.KNOWS] = _knows(
        program, scalars[KEY], slot[_CALLER], caller_class
    )
    slot[_PROGRESS_FROM + Progress.FORCED] = (
        program.forced_start[caller_class, goal, number] if goal >= 0 else -1
    )
    access = program.access[number, classes.network[caller_class]]
    if access != -2:
        slot[_WHY] = _REFUSING
        return access if access >= 0 else _ENDS - _REFUSED
    if not _seize(program, state, slot, numbers.trunk[number], now):
        return _ENDS - _BLOCKED
    return numbers.enter[number]


@njit_inline
def _knows(program: Packed, key: int, caller: int, caller_class: int) -> int:
    """1 when the caller knows the menu."""
    p = program.classes.knows_menu[caller_class]
    if p <= 0.0 or p >= 1.0:
        return 1 if p >= 1.0 else 0
    return 1 if draws.uniform(key, caller, 0, _KNOWS_MENU, 0) < p else 0


# --- trunk ---------------------------------------------------------------------------------------


@njit_inline
def _seize(program: Packed, state: State, slot: Ints, trunk: int, now: int) -> bool:
    """Takes a channel and answers; False when none is free. The caller books the level."""
    if trunk >= 0:
        calendars = program.flow.calendars
        calendar = program.trunks.calendar[trunk]
        step = state.trunks.channel_step[trunk]
        while step + 1 < calendars.start[calendar + 1] and calendars.at[step + 1] <= now:
            step += 1
        state.trunks.channel_step[trunk] = step
        if state.trunks.held[trunk] >= calendars.value[step]:
            return False
        state.trunks.held[trunk] += 1
    slot[_TRUNK], slot[_ANSWERED_AT] = trunk, now
    dist = program.classes.ivr_patience_dist[slot[_CLASS]]
    if dist >= 0:
        u = draws.uniform(state.scalars[KEY], slot[_CALLER], slot[_ATTEMPT], _IVR_PATIENCE, 0)
        slot[_GIVES_UP_AT] = now + draws.duration_us(program.flow.dists, dist, u)
    return True


@njit_inline
def _trunk_level(program: Packed, trunk: int) -> int:
    """The level of a trunk's channels held."""
    return program.queues.capacity.shape[0] + 3 * program.groups.picks.shape[0] + trunk


# --- walk ----------------------------------------------------------------------------------------


@njit_inline
def _walk(program: Packed, state: State, counts: Counts, leaf: int, node: int, now: int) -> None:
    """Walks from a node and schedules the end of the walk."""
    slot, classes = state.slots[leaf], program.classes
    horizon = program.clock.duration_us + program.clock.drain_us
    gives_up = slot[_GIVES_UP_AT] <= horizon
    limit = slot[_GIVES_UP_AT] if gives_up else horizon + 1
    c = slot[_CLASS]
    who = Walker(
        state.scalars[KEY], slot[_CALLER], slot[_ATTEMPT], c, classes.network[c],
        classes.presses_wrong[c], classes.presses_nothing[c],
    )  # fmt: skip
    why, node, at = walk(
        program.flow, who, slot[_PROGRESS_FROM:], counts, node, now, limit, gives_up
    )
    slot[_NODE] = node
    if slot[_WHY] != _REFUSING:
        slot[_WHY] = why
    if why == _AT_LIMIT and at > horizon:
        slot[DUE_AT] = NEVER  # the horizon will cut it
        _put(state.tree, leaf, _stand_in(leaf, 1))
    else:
        _schedule(state, leaf, at, _END_OF_PATIENCE if why == _AT_LIMIT else _END_OF_WALK)


@njit_inline
def _hung_up(slot: Ints) -> int:
    """What a call is whose walk has ended."""
    if slot[_ANSWERS] > 0:
        return _ANSWERED
    return _SELF_SERVED if slot[_PROGRESS_FROM + Progress.REACHED] else _LOST


@njit_inline
def _end_of_walk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The walk is over: the call ends, joins a queue, or is branched by the system's state."""
    slot = state.slots[leaf]
    if slot[_WHY] == _REFUSING:
        return _ENDS - _REFUSED
    if slot[_WHY] == _HUNG_UP:
        return _ENDS - _hung_up(slot)
    if program.flow.nodes.op[slot[_NODE]] == _QUEUE:
        return _queue(program, state, tables, counts, leaf, now)
    return _branch(program, state, counts, slot, now)


@njit_inline
def _branch(program: Packed, state: State, counts: Counts, slot: Ints, now: int) -> int:
    """The node of the first case that holds, or the end of the call."""
    nodes, cases, node = program.flow.nodes, program.flow.cases, slot[_NODE]
    following, edge = nodes.otherwise[node], nodes.otherwise_edge[node]
    for case in range(nodes.row[node], nodes.row[node] + nodes.n_cases[node]):
        if _case_holds(program, state, slot, case, now):
            following, edge = cases.next[case], cases.edge[case]
            break
    _leave(counts, now, edge)
    return following if following >= 0 else _ENDS - _hung_up(slot)


@njit_inline
def _case_holds(program: Packed, state: State, slot: Ints, case: int, now: int) -> bool:
    """Whether a case of a branch holds now."""
    cases, c = program.flow.cases, slot[_CLASS]
    if cases.kind[case] < _CASE_QUEUE_LENGTH:
        who = Walker(0, 0, 0, c, program.classes.network[c], 0.0, 0.0)
        return static_case(program.flow, who, case, now)
    found = _state(program, state, cases.kind[case], cases.operand[case], now)
    value, relation = cases.value[case], cases.relation[case]
    if relation == _LT:
        return found < value
    if relation == _LE:
        return found <= value
    return found > value if relation == _GT else found >= value


@njit_inline
def _state(program: Packed, state: State, what: int, queue: int, now: int) -> int:
    """What a state case asks about a queue; expected waits in us."""
    if what == _CASE_EXPECTED_WAIT:
        expected = _expected_wait_s(program, state, queue, now)
        return _UNKNOWN_WAIT if expected < 0 else expected * SECOND_US
    if what == _CASE_AGENTS_FREE:
        return _agents_free(program, state, queue)
    return state.queues.n_waiting[queue] + (1 if what == _CASE_POSITION else 0)


@njit_inline
def _agents_free(program: Packed, state: State, queue: int) -> int:
    """Idle agents who serve a queue."""
    free = 0
    for group in range(state.groups.n_idle.shape[0]):
        if program.serves.penalty[group, queue] >= 0:
            free += state.groups.n_idle[group]
    return free


# --- queue ---------------------------------------------------------------------------------------


@njit_inline
def _queue(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """Enters a visit to the node's queue in the records, and joins unless the queue is full."""
    slot, nodes, scalars = state.slots[leaf], program.flow.nodes, state.scalars
    node = slot[_NODE]
    queue, visit = nodes.row[node], scalars[N_VISITS]
    scalars[N_VISITS] += 1
    waiting, capacity = state.queues.n_waiting[queue], program.queues.capacity[queue]
    priority = (
        program.classes.priority[slot[_CLASS]]
        + program.numbers.priority[slot[_NUMBER]]
        + nodes.priority[node]
    )
    full = 0 <= capacity <= waiting and _agents_free(program, state, queue) == 0
    tables.visits.call[visit], tables.visits.queue[visit] = slot[_ROW], queue
    tables.visits.node[visit], tables.visits.priority[visit] = node, priority
    tables.visits.waiting[visit], tables.visits.joined_at[visit] = waiting, now
    tables.visits.told_s[visit], tables.visits.outcome[visit] = -1, -1
    tables.visits.group[visit], tables.visits.agent[visit] = -1, -1
    tables.visits.talk_until[visit], tables.visits.wrap_up_until[visit] = -1, -1
    if nodes.announces[node] and not full:
        tables.visits.told_s[visit] = _expected_wait_s(program, state, queue, now)
    if full:
        tables.visits.outcome[visit], tables.visits.left_at[visit] = _BLOCKED, now
        _leave(counts, now, nodes.full_edge[node])
        return nodes.full[node] if nodes.full[node] >= 0 else _ENDS - _BLOCKED
    slot[_VISIT], slot[_QUEUE_OF], slot[_JOINED_AT] = visit, queue, now
    _join(state, tables, leaf, queue, state.rank[priority - scalars[PRIORITY_FROM]], now)
    return _NOTHING


@njit_inline
def _join(state: State, tables: Tables, leaf: int, queue: int, rank: int, now: int) -> None:
    """Takes the last place of its priority (among those of this instant by caller and attempt).

    Patience starts too; its end is scheduled by the assignment of this instant, if that leaves the
    call waiting: until then the leaf keeps its stale key, which the assignment always precedes.
    """
    slots, scalars = state.slots, state.scalars
    slot = slots[leaf]
    slot[_LIFE], slot[_RANK] = _WAITING, rank
    slot[_JOINS] += 1
    before = state.lines.last[queue, rank]
    while before >= 0 and slots[before, _JOINED_AT] == now and _goes_before(slots, leaf, before):
        before = slots[before, _BEFORE]
    after = slots[before, _AFTER] if before >= 0 else state.lines.first[queue, rank]
    slot[_BEFORE], slot[_AFTER] = before, after
    if before >= 0:
        slots[before, _AFTER] = leaf
    else:
        state.lines.first[queue, rank] = leaf
    if after >= 0:
        slots[after, _BEFORE] = leaf
    else:
        state.lines.last[queue, rank] = leaf
    state.queues.n_waiting[queue] += 1
    _change(state, tables, queue, now, 1)
    place = scalars[N_NEWLY_WAITING]
    scalars[N_NEWLY_WAITING] += 1
    while place > 0:
        other = state.newly_waiting[place - 1]
        first = slots[other, _RANK] > rank
        if not first and (slots[other, _RANK] < rank or not _goes_before(slots, leaf, other)):
            break
        state.newly_waiting[place] = other
        place -= 1
    state.newly_waiting[place] = leaf
    scalars[ASSIGN_PENDING] = 1


@njit_inline
def _take_out(state: State, tables: Tables, leaf: int, now: int) -> None:
    """A call leaves the queue, whatever for."""
    slots = state.slots
    slot = slots[leaf]
    queue, rank, before, after = slot[_QUEUE_OF], slot[_RANK], slot[_BEFORE], slot[_AFTER]
    if before >= 0:
        slots[before, _AFTER] = after
    else:
        state.lines.first[queue, rank] = after
    if after >= 0:
        slots[after, _BEFORE] = before
    else:
        state.lines.last[queue, rank] = before
    state.queues.n_waiting[queue] -= 1
    _change(state, tables, queue, now, -1)
    slot[_LIFE] = _LIVE
    tables.visits.left_at[slot[_VISIT]] = now


@njit_inline
def _end_of_patience(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """Patience ends, in the queue or before it."""
    slot = state.slots[leaf]
    if slot[_LIFE] != _WAITING:
        return _ENDS - _ABANDONED_IVR
    _take_out(state, tables, leaf, now)
    tables.visits.outcome[slot[_VISIT]] = _ABANDONED
    _leave(counts, now, program.flow.nodes.hang_up_edge[slot[_NODE]])
    return _ENDS - _ABANDONED


@njit_inline
def _head(state: State, queue: int) -> int:
    """Who is served next in a queue; -1: nobody waits."""
    for rank in range(state.lines.first.shape[1]):
        if state.lines.first[queue, rank] >= 0:
            return state.lines.first[queue, rank]
    return -1


@njit_inline
def _expected_wait_s(program: Packed, state: State, queue: int, now: int) -> int:
    """Expected wait in whole seconds by the queue's estimator; -1 when it cannot be told."""
    estimator = program.queues.estimator[queue]
    if estimator == _ASTERISK:
        return state.queues.average_s[queue]
    if estimator == _LAST_SERVED:
        return state.queues.last_served_s[queue]
    if estimator == _HEAD_OF_LINE:
        head = _head(state, queue)
        return (now - state.slots[head, _JOINED_AT]) // SECOND_US if head >= 0 else 0
    agents = 0
    for group in range(state.groups.n_logged_in.shape[0]):
        if program.serves.penalty[group, queue] >= 0:
            agents += state.groups.n_logged_in[group]
    if agents == 0:
        return -1
    return (state.queues.n_waiting[queue] + 1) * program.queues.aht_s[queue] // agents


# --- assignment ----------------------------------------------------------------------------------


@njit_inline
def _assign(program: Packed, state: State, tables: Tables, now: int) -> None:
    """Newly idle agents take calls, then newly waiting calls take agents (semantics §6)."""
    scalars = state.scalars
    n_agents, n_calls = scalars[N_NEWLY_IDLE], scalars[N_NEWLY_WAITING]
    scalars[ASSIGN_PENDING] = scalars[N_NEWLY_IDLE] = scalars[N_NEWLY_WAITING] = 0
    for i in range(n_agents + n_calls):
        if i < n_agents:
            agent = state.newly_idle[i]
            leaf = _pick(program, state, agent) if state.agents[agent, _IDLE] else -1
        else:
            leaf = state.newly_waiting[i - n_agents]
            waits = state.slots[leaf, _LIFE] == _WAITING
            agent = _choose(program, state, leaf) if waits else -1
        if agent >= 0 and leaf >= 0:
            _answer(program, state, tables, leaf, agent, now)
    for i in range(n_calls):
        _start_patience(program, state, state.newly_waiting[i])


@njit_inline
def _start_patience(program: Packed, state: State, leaf: int) -> None:
    """Schedules the end of patience of a call that the assignment of its joining left waiting."""
    slot, classes = state.slots[leaf], program.classes
    if slot[_LIFE] != _WAITING:
        return
    dist = classes.patience_dist[slot[_CLASS]]
    horizon = program.clock.duration_us + program.clock.drain_us
    if dist >= 0:
        attempt = 0 if classes.keeps_patience[slot[_CLASS]] else slot[_ATTEMPT]
        key, n = state.scalars[KEY], slot[_JOINS] - 1
        u = draws.uniform(key, slot[_CALLER], attempt, _PATIENCE, n)
        until = slot[_JOINED_AT] + draws.duration_us(program.flow.dists, dist, u)
        if until <= horizon:
            _schedule(state, leaf, until, _END_OF_PATIENCE)
            return
    slot[DUE_AT] = NEVER
    _put(state.tree, leaf, _stand_in(leaf, 1))


@njit_inline
def _pick(program: Packed, state: State, agent: int) -> int:
    """The waiting call that a freed agent takes, by the group's `picks`; -1: none waits."""
    group = state.agents[agent, _GROUP]
    picks, best = program.groups.picks[group], -1
    for place in range(program.serves.queue_order.shape[1]):
        queue = program.serves.queue_order[group, place]
        if queue < 0:
            break
        if state.queues.n_waiting[queue] > 0 and (
            best < 0 or _picked_before(program, state, picks, queue, best)
        ):
            best = queue
    return _head(state, best) if best >= 0 else -1


@njit_inline
def _picked_before(program: Packed, state: State, picks: int, queue: int, best: int) -> bool:
    """Whether a freed agent turns to this queue rather than to one listed before it."""
    if picks == _IN_ORDER:
        return False
    if picks == _LONGEST_QUEUE:
        return state.queues.n_waiting[queue] > state.queues.n_waiting[best]
    weight, slots = program.queues.weight, state.slots
    if weight[queue] != weight[best]:
        return weight[queue] > weight[best]
    one, other = _head(state, queue), _head(state, best)
    if slots[one, _RANK] != slots[other, _RANK]:
        return slots[one, _RANK] < slots[other, _RANK]
    if slots[one, _JOINED_AT] != slots[other, _JOINED_AT]:
        return slots[one, _JOINED_AT] < slots[other, _JOINED_AT]
    return _goes_before(slots, one, other)


@njit_inline
def _choose(program: Packed, state: State, leaf: int) -> int:
    """The idle agent whom a call takes: least penalty, then the queue's strategy; -1: none."""
    queue, penalty = state.slots[leaf, _QUEUE_OF], program.serves.penalty
    least = NEVER
    n_idle = 0
    for group in range(penalty.shape[0]):
        own = penalty[group, queue]
        if own >= 0 and state.groups.n_idle[group] > 0:
            if own < least:
                least, n_idle = own, 0
            if own == least:
                n_idle += state.groups.n_idle[group]
    if n_idle == 0:
        return -1
    strategy = program.queues.strategy[queue]
    if strategy == _LONGEST_IDLE:
        return _longest_idle(state, penalty, queue, least)
    if strategy == _LINEAR:
        return _nth_idle(program, state, penalty, queue, least, 0)
    if strategy == _FEWEST_CALLS:
        return _fewest_calls(state, penalty, queue, least)
    slot = state.slots[leaf]
    u = draws.uniform(
        state.scalars[KEY], slot[_CALLER], slot[_ATTEMPT], _PICK_AGENT, slot[_ANSWERS]
    )
    return _nth_idle(program, state, penalty, queue, least, int(u * n_idle))


@njit_inline
def _longest_idle(state: State, penalty: Ints, queue: int, least: int) -> int:
    """The first of the groups' idle lists by (idle since, index)."""
    best = -1
    for group in range(penalty.shape[0]):
        if penalty[group, queue] == least:
            first = state.groups.idle_first[group]
            if first >= 0 and (
                best < 0 or state.agents[first, _IDLE_SINCE] < state.agents[best, _IDLE_SINCE]
            ):
                best = first
    return best


@njit_inline
def _nth_idle(program: Packed, state: State, penalty: Ints, queue: int, least: int, n: int) -> int:
    """The n-th idle agent of the groups of least penalty, by index."""
    first_agent = program.first_agent
    for group in range(penalty.shape[0]):
        if penalty[group, queue] == least:
            for agent in range(first_agent[group], first_agent[group + 1]):
                if state.agents[agent, _IDLE]:
                    if n == 0:
                        return agent
                    n -= 1
    return -1


@njit_inline
def _fewest_calls(state: State, penalty: Ints, queue: int, least: int) -> int:
    """The idle agent with the fewest calls; the lower index, if equal."""
    best = -1
    for group in range(penalty.shape[0]):
        if penalty[group, queue] == least:
            agent = state.groups.idle_first[group]
            while agent >= 0:
                fewer = best < 0 or state.agents[agent, _N_CALLS] < state.agents[best, _N_CALLS]
                equal = best >= 0 and state.agents[agent, _N_CALLS] == state.agents[best, _N_CALLS]
                if fewer or (equal and agent < best):
                    best = agent
                agent = state.agents[agent, _LATER]
    return best


@njit_inline
def _answer(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> None:
    """The agent takes the call."""
    slot, scalars = state.slots[leaf], state.scalars
    queue, group, visit = slot[_QUEUE_OF], state.agents[agent, _GROUP], slot[_VISIT]
    _take_out(state, tables, leaf, now)
    waited_s = (now - slot[_JOINED_AT]) // SECOND_US
    state.queues.average_s[queue] = (3 * state.queues.average_s[queue] + waited_s) // 4
    state.queues.last_served_s[queue] = waited_s
    _no_longer_idle(state, agent)
    state.agents[agent, _N_CALLS] += 1
    scalars[N_BUSY] += 1
    _change(state, tables, _talk_level(state, group), now, 1)
    attempt = 0 if program.classes.keeps_handle_time[slot[_CLASS]] else slot[_ATTEMPT]
    u = draws.uniform(scalars[KEY], slot[_CALLER], attempt, _HANDLE_TIME, slot[_ANSWERS])
    dist = program.serves.handle_dist[group, queue]
    until = now + draws.duration_us(program.flow.dists, dist, u)
    slot[_AGENT], slot[_ANSWER_N], slot[_GIVES_UP_AT] = agent, slot[_ANSWERS], NEVER
    slot[_PROGRESS_FROM + Progress.REACHED] = 1
    slot[_PROGRESS_FROM + Progress.TYPED] = 0
    slot[_ANSWERS] += 1
    horizon = program.clock.duration_us + program.clock.drain_us
    tables.visits.outcome[visit], tables.visits.group[visit] = _ANSWERED, group
    tables.visits.agent[visit], tables.visits.talk_until[visit] = agent, min(until, horizon)
    _schedule(state, leaf, until, _END_OF_TALK)


@njit_inline
def _talk_level(state: State, group: int) -> int:
    """The level of a group's agents who talk; the next group of levels is wrap-up."""
    return state.queues.n_waiting.shape[0] + state.groups.n_idle.shape[0] + group


# --- talk and wrap-up ----------------------------------------------------------------------------


@njit_inline
def _end_of_talk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The caller is free; the agent goes through wrap-up."""
    slot, nodes = state.slots[leaf], program.flow.nodes
    agent = slot[_AGENT]
    group = state.agents[agent, _GROUP]
    dist = program.serves.wrap_up_dist[group, slot[_QUEUE_OF]]
    wrap_up = draws.constant_us(program.flow.dists, dist)
    if wrap_up < 0:
        n = slot[_ANSWER_N]
        u = draws.uniform(state.scalars[KEY], slot[_CALLER], slot[_ATTEMPT], _WRAP_UP, n)
        wrap_up = draws.duration_us(program.flow.dists, dist, u)
    horizon = program.clock.duration_us + program.clock.drain_us
    tables.visits.wrap_up_until[slot[_VISIT]] = min(now + wrap_up, horizon)
    _change(state, tables, _talk_level(state, group), now, -1)
    if wrap_up > 0:
        _change(state, tables, _talk_level(state, group) + state.groups.n_idle.shape[0], now, 1)
        _schedule(state, agent, now + wrap_up, _END_OF_WRAP_UP)
    else:  # at this very instant, before anybody could see the difference
        _freed(program, state, tables, agent, now)
    node = slot[_NODE]
    _leave(counts, now, nodes.next_edge[node])
    return nodes.next[node] if nodes.next[node] >= 0 else _ENDS - _ANSWERED


@njit_inline
def _end_of_wrap_up(program: Packed, state: State, tables: Tables, agent: int, now: int) -> None:
    """The wrap-up is over."""
    state.slots[agent, DUE_AT] = NEVER
    _put(state.tree, agent, _stand_in(agent, 1))
    group = state.agents[agent, _GROUP]
    _change(state, tables, _talk_level(state, group) + state.groups.n_idle.shape[0], now, -1)
    _freed(program, state, tables, agent, now)
    _check_over(program, state, now)


@njit_inline
def _freed(program: Packed, state: State, tables: Tables, agent: int, now: int) -> None:
    """The agent is idle again, or goes home."""
    state.scalars[N_BUSY] -= 1
    if state.agents[agent, _LEAVING]:
        _log_out(state, tables, agent, now)
    else:
        _become_idle(state, agent, now)


@njit_inline
def _become_idle(state: State, agent: int, now: int) -> None:
    """Puts an agent into the idle list, by (idle since, index), and among the newly idle."""
    agents, scalars = state.agents, state.scalars
    own = agents[agent]
    group = own[_GROUP]
    own[_IDLE], own[_IDLE_SINCE] = 1, now
    before = state.groups.idle_last[group]
    while before >= 0 and agents[before, _IDLE_SINCE] == now and before > agent:
        before = agents[before, _EARLIER]
    after = agents[before, _LATER] if before >= 0 else state.groups.idle_first[group]
    own[_EARLIER], own[_LATER] = before, after
    if before >= 0:
        agents[before, _LATER] = agent
    else:
        state.groups.idle_first[group] = agent
    if after >= 0:
        agents[after, _EARLIER] = agent
    else:
        state.groups.idle_last[group] = agent
    state.groups.n_idle[group] += 1
    place = scalars[N_NEWLY_IDLE]
    scalars[N_NEWLY_IDLE] += 1
    while place > 0 and state.newly_idle[place - 1] > agent:
        state.newly_idle[place] = state.newly_idle[place - 1]
        place -= 1
    state.newly_idle[place] = agent
    scalars[ASSIGN_PENDING] = 1


@njit_inline
def _no_longer_idle(state: State, agent: int) -> None:
    """Takes an agent out of the idle list."""
    agents = state.agents
    own = agents[agent]
    group, before, after = own[_GROUP], own[_EARLIER], own[_LATER]
    if before >= 0:
        agents[before, _LATER] = after
    else:
        state.groups.idle_first[group] = after
    if after >= 0:
        agents[after, _EARLIER] = before
    else:
        state.groups.idle_last[group] = before
    own[_IDLE] = 0
    state.groups.n_idle[group] -= 1


# --- staffing ------------------------------------------------------------------------------------


@njit
def _change_staff(program: Packed, state: State, tables: Tables, now: int) -> None:
    """All staff changes of this instant, by group; finds the next instant with one."""
    calendars, groups = program.flow.calendars, program.groups
    following = NEVER
    for group in range(groups.calendar.shape[0]):
        step, end = state.groups.staff_step[group], calendars.start[groups.calendar[group] + 1]
        if step < end and max(calendars.at[step], 0) == now:
            _staff(program, state, tables, group, calendars.value[step], now)
            step += 1
            state.groups.staff_step[group] = step
        if step < end:
            following = min(following, max(calendars.at[step], 0))
    state.scalars[CHANGE_AT] = following


@njit
def _staff(program: Packed, state: State, tables: Tables, group: int, count: int, now: int) -> None:
    """Sets the number of agents on the phone (semantics §6, schedules)."""
    agents, first_agent = state.agents, program.first_agent
    first, end = first_agent[group], first_agent[group + 1]
    present = 0
    for agent in range(first, end):
        present += agents[agent, _LOGGED_IN] and not agents[agent, _LEAVING]
    for agent in range(end - 1, first - 1, -1):
        if present > count and agents[agent, _IDLE]:
            _log_out(state, tables, agent, now)
            present -= 1
    for agent in range(end - 1, first - 1, -1):
        if present > count and agents[agent, _LOGGED_IN] and not agents[agent, _LEAVING]:
            agents[agent, _LEAVING] = 1
            present -= 1
    for agent in range(first, end):
        if present < count and agents[agent, _LEAVING]:
            agents[agent, _LEAVING] = 0
            present += 1
    for agent in range(first, end):
        if present < count and not agents[agent, _LOGGED_IN]:
            _log_in(state, tables, agent, now)
            present += 1


@njit_inline
def _log_in(state: State, tables: Tables, agent: int, now: int) -> None:
    """An agent comes on the phone."""
    group = state.agents[agent, _GROUP]
    state.agents[agent, _LOGGED_IN] = 1
    state.groups.n_logged_in[group] += 1
    _change(state, tables, state.queues.n_waiting.shape[0] + group, now, 1)
    _become_idle(state, agent, now)


@njit_inline
def _log_out(state: State, tables: Tables, agent: int, now: int) -> None:
    """An agent goes home."""
    group = state.agents[agent, _GROUP]
    if state.agents[agent, _IDLE]:
        _no_longer_idle(state, agent)
    state.agents[agent, _LOGGED_IN] = state.agents[agent, _LEAVING] = 0
    state.groups.n_logged_in[group] -= 1
    _change(state, tables, state.queues.n_waiting.shape[0] + group, now, -1)


# --- end of the call, redial ---------------------------------------------------------------------


@njit_inline
def _end(program: Packed, state: State, tables: Tables, leaf: int, outcome: int, now: int) -> None:
    """The call ends; the caller may call again, in the same slot."""
    slot, scalars, classes = state.slots[leaf], state.scalars, program.classes
    c, redial_at = slot[_CLASS], -1
    horizon = program.clock.duration_us + program.clock.drain_us
    p = program.redial[c, outcome]
    if p > 0.0 and slot[_ATTEMPT] + 1 < classes.attempts[c]:
        u = draws.uniform(scalars[KEY], slot[_CALLER], slot[_ATTEMPT], _REDIAL, 0)
        if u < p:
            u = draws.uniform(scalars[KEY], slot[_CALLER], slot[_ATTEMPT], _REDIAL_DELAY, 0)
            redial_at = now + draws.duration_us(program.flow.dists, classes.redial_delay_dist[c], u)
    _hang_up(program, state, tables, slot, outcome, redial_at, now)
    if 0 <= redial_at <= horizon:
        slot[_ATTEMPT] += 1
        slot[_LIFE] = _ORBIT
        scalars[N_ORBIT] += 1
        _schedule(state, leaf, redial_at, _ARRIVAL)
    else:
        slot[_LIFE], slot[DUE_AT] = _FREE, NEVER
        state.free[scalars[N_FREE]] = leaf
        scalars[N_FREE] += 1
        _put(state.tree, leaf, _stand_in(leaf, 1))
    _check_over(program, state, now)


@njit_inline
def _hang_up(
    program: Packed,
    state: State,
    tables: Tables,
    slot: Ints,
    outcome: int,
    redial_at: int,
    now: int,
) -> None:
    """Frees the line and writes the call's row."""
    trunk, row, caller = slot[_TRUNK], slot[_ROW], slot[_CALLER]
    if trunk >= 0:
        state.trunks.held[trunk] -= 1
        _change(state, tables, _trunk_level(program, trunk), now, -1)
    state.scalars[N_LIVE] -= 1
    tables.calls.arrived_at[row], tables.calls.answered_at[row] = (
        slot[_ARRIVED_AT],
        slot[_ANSWERED_AT],
    )
    tables.calls.ended_at[row], tables.calls.redial_at[row] = now, redial_at
    tables.calls.ordinal[row], tables.calls.day[row] = caller & 0xFFFFFFFF, (caller >> 32) & 0xFFFFF
    tables.calls.caller_class[row], tables.calls.number[row] = slot[_CLASS], slot[_NUMBER]
    tables.calls.goal[row], tables.calls.last_node[row] = slot[_GOAL], slot[_NODE]
    tables.calls.attempt[row], tables.calls.outcome[row] = slot[_ATTEMPT], outcome


# --- horizon -------------------------------------------------------------------------------------


@njit_inline
def _check_over(program: Packed, state: State, now: int) -> None:
    """A draining run is over when nobody is left, nobody will call again, agents are done."""
    s = state.scalars
    left = s[N_LIVE] + s[N_ORBIT] + s[N_BUSY]
    if now >= program.clock.duration_us and left == 0:
        s[STOP_PENDING] = 1


@njit
def _horizon(program: Packed, state: State, tables: Tables, now: int) -> None:
    """The duration ends, the drain is done, or its limit is reached: then callers are cut."""
    s = state.scalars
    horizon = program.clock.duration_us + program.clock.drain_us
    if s[STOP_PENDING]:
        s[STOP_PENDING] = 0
        s[OVER] = s[N_LIVE] + s[N_ORBIT] + s[N_BUSY] == 0
        return
    s[HORIZON_AT] = horizon
    if now < horizon:
        _check_over(program, state, now)
        return
    for leaf in range(state.agents.shape[0], state.slots.shape[0]):
        slot = state.slots[leaf]
        if slot[_LIFE] == _WAITING:
            _take_out(state, tables, leaf, now)
            tables.visits.outcome[slot[_VISIT]] = _CUT
        if slot[_LIFE] == _LIVE:
            _hang_up(program, state, tables, slot, _CUT, -1, now)
            slot[_LIFE] = _FREE
    s[OVER] = 1


# --- the loop ------------------------------------------------------------------------------------


@njit
def _earliest(state: State, block: Arrivals) -> int:
    """The instant of the next event, whatever it is."""
    s = state.scalars
    earliest = min(s[CHANGE_AT], s[HORIZON_AT])
    if s[NEXT_ARRIVAL] < s[N_ARRIVALS]:
        earliest = min(earliest, block.arrived_at[s[NEXT_ARRIVAL]])
    for leaf in range(state.slots.shape[0]):
        earliest = min(earliest, state.slots[leaf, DUE_AT])
    return earliest


@njit
def _is_over(program: Packed, state: State, tables: Tables, now: int) -> bool:
    """The horizon at this instant; when the run is over, all levels are booked to the end."""
    _horizon(program, state, tables, now)
    if state.scalars[OVER]:
        _next_interval(state, tables, now)
        for level in range(state.levels.value.shape[0]):
            _change(state, tables, level, now, 0)
    return state.scalars[OVER] == 1


@njit_inline
def _arrival_key(s: Ints, block: Arrivals) -> int:
    """Time and phase of the next first attempt."""
    if s[NEXT_ARRIVAL] >= s[N_ARRIVALS]:
        return _NO_KEY
    return (block.arrived_at[s[NEXT_ARRIVAL]] - s[EPOCH]) << 4 | _ARRIVAL


@njit_inline
def _calendar_key(s: Ints) -> int:
    """Time and phase of the next change of staff, or of the horizon."""
    horizon = (s[HORIZON_AT] - s[EPOCH]) << 4 | _HORIZON
    if s[CHANGE_AT] == NEVER:
        return horizon
    return min(horizon, (s[CHANGE_AT] - s[EPOCH]) << 4 | _CHANGE)


@njit_inline
def _pending_key(s: Ints) -> int:
    """Time and phase of what is pending at this instant: assignment, or the end of the run."""
    phase = _ASSIGN if s[ASSIGN_PENDING] else _HORIZON
    return (s[NOW] - s[EPOCH]) << 4 | phase


@njit
def advance(
    program: Packed, state: State, tables: Tables, counts: Counts, block: Arrivals, events: int
) -> int:
    """Runs up to so many events; why it came back.

    Before going on, the caller gives what is needed: the next day's arrivals, longer tables, a larger
    state.
    """
    s, tree, slots = state.scalars, state.tree, state.slots
    n_agents = state.agents.shape[0]
    arrival, calendar = _arrival_key(s, block), _calendar_key(s)
    for _ in range(events):
        if arrival == _NO_KEY and not s[LAST_BLOCK]:
            return NEEDS_ARRIVALS
        root = tree[1]
        following = min(root >> 24, arrival, calendar)
        if s[ASSIGN_PENDING] | s[STOP_PENDING]:
            pending = _pending_key(s)
            if pending < following:
                if s[ASSIGN_PENDING]:
                    _assign(program, state, tables, s[NOW])
                elif _is_over(program, state, tables, s[NOW]):
                    return DONE
                continue
        if following >> 4 >= _WINDOW:
            s[EPOCH] = _earliest(state, block)
            rebase(state)
            arrival, calendar = _arrival_key(s, block), _calendar_key(s)
            continue
        now, phase = s[EPOCH] + (following >> 4), following & 15
        if phase >= _END_OF_WALK and (
            s[N_CALLS] >= tables.calls.outcome.shape[0]
            or s[N_VISITS] >= tables.visits.outcome.shape[0]
        ):
            return NEEDS_ROWS
        if following == arrival and s[N_FREE] == 0:
            return NEEDS_SLOTS
        s[NOW] = now
        if now >= (s[INTERVAL] + 1) * GRID_US:
            _next_interval(state, tables, now)
        if following == calendar:
            if phase == _CHANGE:
                _change_staff(program, state, tables, now)
            elif _is_over(program, state, tables, now):
                return DONE
            calendar = _calendar_key(s)
            continue

        leaf = -1
        if following == root >> 24:
            leaf = _winner(tree, slots, root)
        if following == arrival:
            coming = s[NEXT_ARRIVAL]
            caller = _caller(block, coming)
            if leaf < 0 or caller < slots[leaf, _CALLER]:
                leaf = _new_call(
                    program, state, caller, block.caller_class[coming], block.number[coming],
                    block.goal[coming],
                )  # fmt: skip
                s[NEXT_ARRIVAL] = coming + 1
                s[N_ORBIT] += 1
                arrival = _arrival_key(s, block)

        if leaf < n_agents:
            _end_of_wrap_up(program, state, tables, leaf, now)
            continue
        if phase == _END_OF_WALK:
            answer = _end_of_walk(program, state, tables, counts, leaf, now)
        elif phase == _END_OF_TALK:
            answer = _end_of_talk(program, state, tables, counts, leaf, now)
        elif phase == _ARRIVAL:
            s[N_ORBIT] -= 1
            answer = _arrive(program, state, leaf, now)
            if slots[leaf, _TRUNK] >= 0:
                _change(state, tables, _trunk_level(program, slots[leaf, _TRUNK]), now, 1)
        else:
            answer = _end_of_patience(program, state, tables, counts, leaf, now)
        if answer >= 0:
            _walk(program, state, counts, leaf, answer, now)
        elif answer <= _ENDS:
            _end(program, state, tables, leaf, _ENDS - answer, now)
    return PAUSED
