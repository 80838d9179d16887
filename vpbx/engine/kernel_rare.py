"""What most scenarios leave unused, in the compiled engine: offers, ringing, overflow, messages, outages.

Belongs here: handlers that run only where the Program's rare tables ask for them, under the names of
the reference engine (`joining`, `phones`, `extensions`, `desk`). They are called, not put into their
callers: the usual way of a call stays short. Does not belong here: the loop and the choice of handler
(`kernel`), what every call goes through (`kernel_core`).
"""

from vpbx import draws
from vpbx._jit import njit_called, njit_inline
from vpbx.codes import (
    Exit,
    LegKind,
    Op,
    Outcome,
    Phase,
    Picks,
    Platform,
    Purpose,
    RingMode,
    Strategy,
)
from vpbx.engine import kernel_core as core
from vpbx.engine.kernel_core import ENDS, NOTHING, State, Tables
from vpbx.engine.records import LONGEST_CONNECTION_US, LONGEST_TOLD_S
from vpbx.engine.walk import Counts, Walked, calendar_value, leave_message
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER, SECOND_US, TEN_THOUSANDTHS

_ANSWERED, _ABANDONED, _BALKED = int(Outcome.ANSWERED), int(Outcome.ABANDONED), int(Outcome.BALKED)
_FORWARDED, _TIMED_OUT = int(Outcome.FORWARDED), int(Outcome.TIMED_OUT)
_BLOCKED, _CLEARED, _FAILED = int(Outcome.BLOCKED), int(Outcome.CLEARED), int(Outcome.FAILED)
_SUSPENDED, _REFUSED = int(Outcome.SUSPENDED), int(Outcome.REFUSED)
_VOICEMAIL, _CALLBACK_DONE = int(Outcome.VOICEMAIL), int(Outcome.CALLBACK_DONE)
_CALLBACK_FAILED, _CUT = int(Outcome.CALLBACK_FAILED), int(Outcome.CUT)
_END_OF_TALK, _END_OF_WALK = int(Phase.END_OF_TALK), int(Phase.END_OF_WALK)
_PHONE_ANSWERED, _RING_TIMEOUT = int(Phase.PHONE_ANSWERED), int(Phase.RING_TIMEOUT)
_RETRY, _END_OF_PATIENCE = int(Phase.RETRY), int(Phase.END_OF_PATIENCE)
_MAXIMUM_WAIT, _ANNOUNCEMENT = int(Phase.MAXIMUM_WAIT), int(Phase.ANNOUNCEMENT)
_FULL, _EMPTY, _HANG_UP = int(Exit.FULL), int(Exit.EMPTY), int(Exit.HANG_UP)
_BY_TIME, _BY_KEY, _ELSEWHERE = int(Exit.TIMED_OUT), int(Exit.LEFT), int(Exit.ELSEWHERE)
_BY_CLEARING = int(Exit.CLEARED)
_BALK, _REACTION_TO_WAIT = int(Purpose.BALK), int(Purpose.REACTION_TO_WAIT)
_LEAVE_QUEUE, _LEAVE_QUEUE_AFTER = int(Purpose.LEAVE_QUEUE), int(Purpose.LEAVE_QUEUE_AFTER)
_ELSEWHERE_TAKEN, _CALLBACK_TAKEN = int(Purpose.ELSEWHERE_TAKEN), int(Purpose.CALLBACK_TAKEN)
_PAID_SKIP_TAKEN, _UNSETTLED = int(Purpose.PAID_SKIP_TAKEN), int(Purpose.UNSETTLED)
_PHONE, _PHONE_MISSED = int(Purpose.PHONE), int(Purpose.PHONE_MISSED)
_DIAL_BACK, _DIAL_BACK_MISSED = int(Purpose.DIAL_BACK), int(Purpose.DIAL_BACK_MISSED)
_LEG, _LEG_MISSED, _LEG_BUSY = int(Purpose.LEG), int(Purpose.LEG_MISSED), int(Purpose.LEG_BUSY)
_LEG_ORDER, _LEG_TALK = int(Purpose.LEG_ORDER), int(Purpose.LEG_TALK)
_CONNECT, _CONNECT_FAILS = int(Purpose.CONNECT), int(Purpose.CONNECT_FAILS)
_PICK_AGENT, _WRAP_UP = int(Purpose.PICK_AGENT), int(Purpose.WRAP_UP)
_LINEAR, _RING_ALL = int(Strategy.LINEAR), int(Strategy.RING_ALL)
_LONGEST_IDLE, _FEWEST_CALLS = int(Strategy.LONGEST_IDLE), int(Strategy.FEWEST_CALLS)
_ROUND_ROBIN, _AT_RANDOM = int(Strategy.ROUND_ROBIN), int(Strategy.RANDOM)
_IN_ORDER, _LONGEST_QUEUE = int(Picks.IN_ORDER), int(Picks.LONGEST_QUEUE)
_ALL, _ONE_BY_ONE, _RANDOM = int(RingMode.ALL), int(RingMode.ONE_BY_ONE), int(RingMode.RANDOM)
_OWN_LINE, _FORWARDED_LEG = int(LegKind.OWN), int(LegKind.FORWARDED)
_CALLBACK_LEG = int(LegKind.CALLBACK)
_OWN_ORDER, _ASTERISK = int(Platform.OWN), int(Platform.ASTERISK)
_FREESWITCH = int(Platform.FREESWITCH)
_OP_QUEUE, _OP_RING = int(Op.QUEUE), int(Op.RING)
_AT_LIMIT = int(Walked.AT_LIMIT)
CALL, CALLBACK, MESSAGE = range(3)
"""Kinds of visits (`state.Kind`)."""
MOST_LEGS = 16


# --- arrival -------------------------------------------------------------------------------------


@njit_inline
def forget(state: State, leaf: int) -> None:
    """A new attempt: nothing rare has happened to it yet."""
    x = state.extras[leaf]
    x.patience_at = x.leaves_at = x.max_wait_at = x.announce_at = x.stage_at = NEVER
    x.retry_at = NEVER
    x.first_joined_at, x.not_before = -1, 0
    x.told_s, x.leg, x.ring_agent, x.held_agent = -1, -1, -1, -1
    x.reactions = x.rings = x.legs_tried = x.order_draws = 0
    x.kind = x.balks = x.tries = x.unsettled = x.forwarded = 0
    x.rings_all = x.rings_now = x.held_until = 0
    x.n_ringing = 0


@njit_inline
def connect(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """The call gets through to the number, after some time and not always (M12)."""
    slot = state.slots[leaf]
    own = program.numbers[wide(slot.number)]
    if own.connect_dist < 0:
        return enter(program, state, tables, leaf, now)
    u = core.uniform(state, slot, _CONNECT, 0)
    takes = draws.duration_us(program.flow.dists, own.connect_dist, u)
    takes = min(takes, LONGEST_CONNECTION_US)
    if takes > 0:
        slot.why = core.CONNECTING
        core.schedule_within(program, state, leaf, now + takes, _END_OF_WALK)
        return NOTHING
    return connected(program, state, tables, leaf, now)


@njit_inline
def connected(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """The connection holds, or fails."""
    slot = state.slots[leaf]
    slot.why = 0
    fails = program.numbers[wide(slot.number)].connect_fails
    if core.uniform(state, slot, _CONNECT_FAILS, 0) < fails:
        return ENDS - _FAILED
    return enter(program, state, tables, leaf, now)


@njit_called
def enter(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """Access, licence, trunk; the node at which the call enters the flow."""
    slot, calendars = state.slots[leaf], program.flow.calendars
    c, number = wide(slot.caller_class), wide(slot.number)
    own, licence = program.numbers[number], program.licence[0]
    access = program.access[number, program.classes[c].network]
    if access != -2:
        slot.why = core.REFUSING
        return access if access >= 0 else ENDS - _REFUSED
    if licence.active >= 0 and calendar_value(calendars, licence.active, now) == 0:
        return ENDS - _SUSPENDED
    if own.out >= 0 and calendar_value(calendars, own.out, now) != 0:
        return ENDS - _FAILED
    if own.trunk >= 0 and not _licensed_channel(program, state, now):
        return ENDS - _BLOCKED
    after = now - tables.calls[wide(slot.row)].arrived_at
    if not core.seize(program, state, tables, slot, own.trunk, after, now):
        return ENDS - _BLOCKED
    return own.enter


@njit_called
def _licensed_channel(program: Packed, state: State, now: int) -> bool:
    """Whether the licence allows another channel."""
    calendar = program.licence[0].channels
    if calendar < 0:
        return True
    held = 0
    for trunk in range(state.trunks.shape[0]):
        held += state.trunks[trunk].held
    return held < calendar_value(program.flow.calendars, calendar, now)


# --- channels beside a call's own ------------------------------------------------------------------


@njit_called
def _seize_leg(
    program: Packed, state: State, tables: Tables, slot_row: int, trunk: int, kind: int, now: int
) -> int:
    """A channel beside the call's own: its row among the legs; -1: none free, or none needed."""
    if trunk < 0 or not _licensed_channel(program, state, now):
        return -1
    if not core.take_channel(program, state, trunk, now):
        return -1
    return _leg_row(state, tables, slot_row, trunk, kind, now, -1)


@njit_called
def _leg_row(
    state: State, tables: Tables, call: int, trunk: int, kind: int, since: int, until: int
) -> int:
    s = state.scalars
    row = s[core.N_LEGS]
    s[core.N_LEGS] += 1
    leg = tables.legs[row]
    leg.call, leg.trunk, leg.kind, leg.held_from, leg.held_until = call, trunk, kind, since, until
    return row


@njit_called
def _release_leg(state: State, tables: Tables, leg: int, now: int) -> None:
    """The channel of a leg is free again; -1: there is none."""
    if leg >= 0:
        trunk = wide(tables.legs[leg].trunk)
        state.trunks[trunk].held -= 1
        core.change(state, core.trunk_level(state, trunk), now, -1)
        tables.legs[leg].held_until = now


# --- queue ---------------------------------------------------------------------------------------


@njit_called
def queue(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """Comes to a queue: turned away, or joins; then takes an agent, or waits."""
    slot, x = state.slots[leaf], state.extras[leaf]
    at_node = program.flow.nodes[wide(slot.node)]
    own, row, visit = at_node.row, at_node.wait, state.scalars[core.N_VISITS]
    free = core.agents_free(program, state, own) > 0
    priority = core.priority_of(program, slot)
    slot.visit, slot.queue, slot.joined_at = visit, own, now
    first = x.first_joined_at if row >= 0 and program.waits[row].keep_place else -1
    x.first_joined_at = now if x.first_joined_at < 0 else x.first_joined_at
    x.kind, x.told_s, x.balks = CALL, -1, 0
    core.enter_visit(state, tables, slot, own, priority, now)
    capacity = program.queues[own].capacity
    if row >= 0 and program.waits[row].checks_empty and _logged_in(program, state, own) == 0:
        return _turned_away(program, state, tables, counts, leaf, _BLOCKED, _EMPTY, now)
    if 0 <= capacity <= state.queues[own].n_waiting and (not free or follows(program, own)):
        return _turned_away(program, state, tables, counts, leaf, _BLOCKED, _FULL, now)
    if at_node.announces:
        x.told_s = core.expected_wait_s(program, state, own, now)
        tables.visits[visit].told_s = min(wide(x.told_s), LONGEST_TOLD_S)
    if row >= 0 and not free:
        turned = _hears(program, state, tables, counts, leaf, row, now)
        if turned == _HANG_UP:
            return _turned_away(program, state, tables, counts, leaf, _BALKED, _HANG_UP, now)
        if turned == _ELSEWHERE:
            return _turned_away(program, state, tables, counts, leaf, _FORWARDED, _ELSEWHERE, now)
    if x.kind == CALLBACK:
        _give_up_line(state, tables, leaf, now)
    priority = wide(tables.visits[visit].priority)
    if program.platforms[own].since_answer:
        first = core.answered_at(tables, wide(slot.row))
    _join(program, state, tables, leaf, first if first >= 0 else now, priority, now)
    return NOTHING


@njit_called
def follows(program: Packed, queue: int) -> bool:
    """Whether a queue follows a platform."""
    return program.platforms[queue].platform != _OWN_ORDER


@njit_called
def _logged_in(program: Packed, state: State, queue: int) -> int:
    """Agents on the phone who serve a queue."""
    agents = 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty >= 0:
            agents += state.groups[group].n_logged_in
    return agents


@njit_called
def _hears(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, row: int, now: int
) -> int:
    """A caller who has to wait hears how long, and what is offered; by which way it leaves, 0: none."""
    slot, x, own, n = state.slots[leaf], state.extras[leaf], program.waits[row], 0
    n = wide(slot.joins)
    if _balks_at(program, state, leaf):
        return _HANG_UP
    if _takes(state, leaf, _ELSEWHERE_TAKEN, own.elsewhere_p, n) and _offered(
        program, state, leaf, own.elsewhere_case, now
    ):
        return _ELSEWHERE
    if _takes(state, leaf, _CALLBACK_TAKEN, own.callback_p, n) and _offered(
        program, state, leaf, own.callback_case, now
    ):
        x.kind = CALLBACK
        core.leave(state, counts, own.callback_edge)
    elif _takes(state, leaf, _PAID_SKIP_TAKEN, own.skip_p, n) and _offered(
        program, state, leaf, own.skip_case, now
    ):
        tables.visits[wide(slot.visit)].priority += own.skip_priority
        core.leave(state, counts, own.skip_edge)
    return 0


@njit_called
def _takes(state: State, leaf: int, purpose: int, p: float, n: int) -> bool:
    """Whether the caller would take an offer."""
    return p > 0.0 and core.uniform(state, state.slots[leaf], purpose, n) < p


@njit_called
def _offered(program: Packed, state: State, leaf: int, case: int, now: int) -> bool:
    """Whether an offer is made now."""
    return case < 0 or core.case_holds(program, state, state.slots[leaf], case, now, -1)


@njit_called
def _balks_at(program: Packed, state: State, leaf: int) -> bool:
    """Whether a caller who is told the wait hangs up."""
    slot, x, p = state.slots[leaf], state.extras[leaf], 0.0
    row, told_s = program.flow.nodes[wide(slot.node)].wait, wide(x.told_s)
    if row < 0 or told_s < 0:
        return False
    own = program.waits[row]
    for i in range(own.first_reaction, own.first_reaction + own.n_reactions):
        if told_s * SECOND_US >= program.reactions[i].told_us:
            p = program.reactions[i].p
    if p == 0.0:
        return False
    x.reactions += 1
    return core.uniform(state, slot, _REACTION_TO_WAIT, wide(x.reactions) - 1) < p


@njit_called
def _give_up_line(state: State, tables: Tables, leaf: int, now: int) -> None:
    """A caller hangs up, while the call goes on without a line."""
    slot = state.slots[leaf]
    trunk, row = wide(slot.trunk), wide(slot.row)
    if trunk >= 0:
        state.trunks[trunk].held -= 1
        core.change(state, core.trunk_level(state, trunk), now, -1)
        since = core.answered_at(tables, row)
        _leg_row(state, tables, row, trunk, _OWN_LINE, since, now)
        slot.trunk = -1


@njit_called
def _turned_away(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    outcome: int,
    by: int,
    now: int,
) -> int:
    """A call does not get into the queue."""
    visit = tables.visits[wide(state.slots[leaf].visit)]
    visit.outcome, visit.left_at = outcome, now
    return _not_served(program, state, tables, counts, leaf, outcome, by, now)


@njit_called
def _not_served(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    outcome: int,
    by: int,
    now: int,
) -> int:
    """The call left the queue, or did not get in: by another way, or to its end."""
    release_held(program, state, tables, leaf, now)
    at_node = program.flow.nodes[wide(state.slots[leaf].node)]
    following, edge = -1, at_node.hang_up_edge
    if by == _FULL:
        following, edge = at_node.full, at_node.full_edge
    elif by != _HANG_UP and at_node.wait >= 0:
        own = program.waits[at_node.wait]
        if by == _EMPTY:
            following, edge = own.empty, own.empty_edge
        elif by == _BY_TIME:
            following, edge = own.timed_out, own.timed_out_edge
        elif by == _BY_KEY:
            following, edge = own.leave_to, own.leave_edge
        elif by == _ELSEWHERE:
            following, edge = own.elsewhere_to, own.elsewhere_edge
        elif by == _BY_CLEARING:
            edge = own.cleared_edge
    core.leave(state, counts, edge)
    return following if following >= 0 else ENDS - outcome


@njit_called
def _join(
    program: Packed,
    state: State,
    tables: Tables,
    leaf: int,
    first_joined_at: int,
    priority: int,
    now: int,
) -> None:
    """Takes a place in the queue; what ends the wait is settled; an agent who is idle takes the call."""
    slot, x = state.slots[leaf], state.extras[leaf]
    queue, credit = wide(slot.queue), program.queues[wide(slot.queue)].credit_us
    x.order_at = first_joined_at
    if credit >= 0:
        x.order_at, priority = first_joined_at - priority * credit, 0
    _take_place(state, leaf, queue, state.rank[priority - state.scalars[core.PRIORITY_FROM]], now)
    x.patience_at = x.leaves_at = x.max_wait_at = x.announce_at = NEVER
    x.retry_at, x.not_before, x.tries = NEVER, 0, 0
    x.pointer, x.next_cursor, x.overdue = 0, -1, 0
    if x.kind == CALL:
        slot.joins += 1
        _limits(program, state, leaf, now)
    x.stage_at = _next_stage(program, queue, now, 0)
    if not try_assign(program, state, tables, leaf, now):
        schedule_waiting(program, state, leaf)


@njit_called
def _take_place(state: State, leaf: int, queue: int, rank: int, now: int) -> None:
    """Joins the line of a rank, by (place, caller, attempt)."""
    slots, extras = state.slots, state.extras
    slot, line, own = slots[leaf], state.lines[queue, rank], extras[leaf].order_at
    slot.life, slot.rank = core.WAITING, rank
    before = line.last
    while before >= 0 and (
        extras[before].order_at > own
        or (extras[before].order_at == own and core.goes_before(state, leaf, before))
    ):
        before = wide(slots[before].before)
    core.insert(state, leaf, line, before)
    state.queues[queue].n_waiting += 1
    core.change(state, queue, now, 1)


@njit_called
def _next_stage(program: Packed, queue: int, joined_at: int, waited: int) -> int:
    """When the next group opens to a call; NEVER: none does."""
    least, platform = NEVER, program.platforms[queue]
    for group in range(program.serves.shape[0]):
        own = program.serves[group, queue]
        if own.penalty >= 0 and own.after_us > waited:
            least = min(least, own.after_us)
        if own.penalty > 0 and platform.level_wait_us >= 0:
            levels = own.penalty if platform.multiplies else 1
            if platform.level_wait_us * levels > waited:
                least = min(least, platform.level_wait_us * levels)
    for i in range(platform.first_window, platform.first_window + platform.n_windows):
        if program.windows[i].from_us > waited:
            least = min(least, program.windows[i].from_us)
    return NEVER if least == NEVER else joined_at + least


@njit_called
def _limits(program: Packed, state: State, leaf: int, now: int) -> None:
    """What ends a caller's wait without an answer, and what the caller hears meanwhile."""
    slot, x = state.slots[leaf], state.extras[leaf]
    own, n = program.classes[wide(slot.caller_class)], wide(slot.joins) - 1
    row = program.flow.nodes[wide(slot.node)].wait
    patience = _patience(program, state, slot)
    if patience >= 0:
        u = core.patience_u(program, state, slot)
        lasts = draws.duration_us(program.flow.dists, patience, u)
        x.patience_at = now + (_stretched(program, lasts, row) if x.told_s >= 0 else lasts)
    if own.balks > 0.0 and core.uniform(state, slot, _BALK, n) < own.balks:
        x.balks, x.patience_at = 1, now
    if row < 0:
        return
    at_node = program.waits[row]
    if at_node.leave_p > 0.0 and core.uniform(state, slot, _LEAVE_QUEUE, n) < at_node.leave_p:
        u = core.uniform(state, slot, _LEAVE_QUEUE_AFTER, n)
        x.leaves_at = now + draws.duration_us(program.flow.dists, at_node.leave_dist, u)
    if at_node.max_wait_us >= 0:
        x.max_wait_at = now + at_node.max_wait_us
    if at_node.every_us > 0:
        x.announce_at = now + at_node.every_us


@njit_called
def _patience(program: Packed, state: State, slot: core.Slot) -> int:
    """The law of patience, which may depend on how many were found waiting; -1: endless."""
    own = program.classes[wide(slot.caller_class)]
    patience, first, n = own.patience_dist, own.first_crowd, own.n_crowds
    found = _crowd(program, state, wide(slot.queue)) - 1 if n else 0  # the caller waits already
    for i in range(first, first + n):
        if found >= program.crowds[i].waiting:
            patience = program.crowds[i].patience_dist
    return patience


@njit_called
def _crowd(program: Packed, state: State, queue: int) -> int:
    """Calls that wait in a queue, and in those that a group which serves it serves too."""
    found = state.queues[queue].n_waiting
    for other in range(state.queues.shape[0]):
        shared = False
        for group in range(program.serves.shape[0]):
            serves = program.serves[group]
            shared = shared or (serves[queue].penalty >= 0 and serves[other].penalty >= 0)
        if shared and other != queue:
            found += state.queues[other].n_waiting
    return found


@njit_called
def _stretched(program: Packed, patience: int, row: int) -> int:
    """Patience of a caller who has been told the wait."""
    stays = 1.0 if row < 0 else program.waits[row].stays
    return patience if stays == 1.0 else draws.rounded(patience * stays)


@njit_called
def schedule_waiting(program: Packed, state: State, leaf: int) -> None:
    """What happens next to a call that waits."""
    x = state.extras[leaf]
    at, phase = min(x.stage_at, x.retry_at), _RETRY
    impatient_at = min(x.patience_at, x.leaves_at)
    if impatient_at < at:
        at, phase = impatient_at, _END_OF_PATIENCE
    if x.max_wait_at < at:
        at, phase = x.max_wait_at, _MAXIMUM_WAIT
    if x.announce_at < at:
        at, phase = x.announce_at, _ANNOUNCEMENT
    core.schedule_within(program, state, leaf, at, phase)


@njit_called
def waiting_event(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    phase: int,
    now: int,
) -> int:
    """Something happens to a call that waits."""
    slot, x = state.slots[leaf], state.extras[leaf]
    if phase == _RETRY:
        if x.retry_at == now:
            x.retry_at = NEVER
        if x.stage_at == now:
            queue = wide(slot.queue)
            x.stage_at = _next_stage(program, queue, slot.joined_at, now - slot.joined_at)
        if try_assign(program, state, tables, leaf, now):
            return NOTHING
    elif phase == _END_OF_PATIENCE:
        if x.patience_at == now:
            how = _BALKED if x.balks else _ABANDONED
            return leave_line(program, state, tables, counts, leaf, how, _HANG_UP, now)
        return leave_line(program, state, tables, counts, leaf, _FORWARDED, _BY_KEY, now)
    elif phase == _MAXIMUM_WAIT:
        lets_ring = program.platforms[wide(slot.queue)].platform == _FREESWITCH
        if not lets_ring or x.ring_agent < 0:
            return leave_line(program, state, tables, counts, leaf, _TIMED_OUT, _BY_TIME, now)
        x.max_wait_at, x.overdue = NEVER, 1
    elif _announce(program, state, leaf, now):
        return leave_line(program, state, tables, counts, leaf, _BALKED, _HANG_UP, now)
    schedule_waiting(program, state, leaf)
    return NOTHING


@njit_called
def _announce(program: Packed, state: State, leaf: int, now: int) -> bool:
    """The wait is told again: whether the caller hangs up; or stays longer."""
    slot, x = state.slots[leaf], state.extras[leaf]
    row = program.flow.nodes[wide(slot.node)].wait
    x.told_s = core.expected_wait_s(program, state, wide(slot.queue), now)
    if _balks_at(program, state, leaf):
        return True
    if x.told_s >= 0 and x.patience_at < NEVER:
        x.patience_at = now + _stretched(program, x.patience_at - now, row)
    x.announce_at = now + program.waits[row].every_us
    return False


@njit_called
def leave_line(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    outcome: int,
    by: int,
    now: int,
) -> int:
    """A call leaves the queue unanswered."""
    take_out(program, state, tables, leaf, now)
    tables.visits[wide(state.slots[leaf].visit)].outcome = outcome
    return _not_served(program, state, tables, counts, leaf, outcome, by, now)


@njit_called
def take_out(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> None:
    """A call leaves the queue, whatever for; phones that ring for it fall silent."""
    core.take_out(state, tables, leaf, now)
    if state.extras[leaf].ring_agent >= 0:
        for agent in range(state.agents.shape[0]):
            if state.agents[agent].rings_for == leaf:
                _stop_ringing(state, agent, now)
                core.end_agent_event(state, agent)
                core.free_agent(program, state, agent, state.agents[agent].idle_since, now)
        state.extras[leaf].ring_agent = -1
    _left(program, state, leaf)


@njit_called
def _left(program: Packed, state: State, leaf: int) -> None:
    """A call is out of a platform's queue: the next in line may have the turn."""
    if follows(program, wide(state.slots[leaf].queue)):
        _ring_over(state, leaf)
        core.pend_look(state)


@njit_called
def _ring_over(state: State, leaf: int) -> None:
    """Nothing rings for a caller any more, or never did: the queue's pointer goes on."""
    x = state.extras[leaf]
    if x.next_cursor >= 0:
        state.queues[wide(state.slots[leaf].queue)].cursor = wide(x.next_cursor)
        x.next_cursor = -1


@njit_called
def next_to_clear(state: State, queue: int) -> int:
    """The next caller on the line of a queue that closes; -1: none."""
    for rank in range(state.lines.shape[1]):
        leaf = state.lines[queue, rank].first
        while leaf >= 0:
            if state.extras[leaf].kind == CALL:
                return leaf
            leaf = wide(state.slots[leaf].after)
    return -1


# --- assignment ----------------------------------------------------------------------------------


@njit_called
def _may_serve(program: Packed, state: State, group: int, leaf: int, now: int) -> bool:
    """Whether a group may serve a waiting call now."""
    slot, x = state.slots[leaf], state.extras[leaf]
    own = program.serves[group, wide(slot.queue)]
    return (
        own.penalty >= 0
        and x.ring_agent < 0
        and x.not_before <= now
        and now - slot.joined_at >= own.after_us
    )


@njit_called
def _has_spare(program: Packed, state: State, group: int, queue: int) -> bool:
    """Whether enough of a group are idle for it to serve this queue."""
    spare = program.serves[group, queue].spare
    if spare == 0:
        return True
    idle = 0
    for agent in range(program.first_agent[group], program.first_agent[group + 1]):
        idle += state.agents[agent].idle != 0
    return idle > spare


@njit_called
def _first(program: Packed, state: State, queue: int, group: int, now: int) -> int:
    """The first in a queue's line whom a group may serve now; -1: none."""
    if state.queues[queue].n_waiting == 0 or not _has_spare(program, state, group, queue):
        return -1
    if not program.queues[queue].special:
        return core.head_of(state, queue)
    for rank in range(state.lines.shape[1]):
        leaf = state.lines[queue, rank].first
        while leaf >= 0:
            if _may_serve(program, state, group, leaf, now):
                return leaf
            leaf = wide(state.slots[leaf].after)
    return -1


@njit_called
def pick(program: Packed, state: State, agent: int, now: int) -> int:
    """The waiting call that a freed agent takes, by the group's `picks`; -1: none."""
    group = wide(state.agents[agent].group)
    if program.groups[group].platform:
        return -1  # callers look for agents
    picks, best = program.groups[group].picks, -1
    for place in range(program.serves.shape[1]):
        queue = program.serves[group, place].queue_order
        if queue < 0:
            break
        leaf = _first(program, state, queue, group, now)
        if leaf >= 0 and (best < 0 or _picked_before(program, state, picks, leaf, best)):
            best = leaf
    return best


@njit_called
def _picked_before(program: Packed, state: State, picks: int, leaf: int, best: int) -> bool:
    """Whether a freed agent turns to this call rather than to one of a queue listed before its."""
    if picks == _IN_ORDER:
        return False
    one, other = state.slots[leaf], state.slots[best]
    queue, other_queue = wide(one.queue), wide(other.queue)
    if picks == _LONGEST_QUEUE:
        return state.queues[queue].n_waiting > state.queues[other_queue].n_waiting
    weight, other_weight = program.queues[queue].weight, program.queues[other_queue].weight
    if weight != other_weight:
        return weight > other_weight
    if one.rank != other.rank:
        return one.rank < other.rank
    place, other_place = _place(program, state, leaf), _place(program, state, best)
    if place != other_place:
        return place < other_place
    return core.goes_before(state, leaf, best)


@njit_called
def _place(program: Packed, state: State, leaf: int) -> int:
    """What orders a call within its rank."""
    special = program.queues[wide(state.slots[leaf].queue)].special
    return state.extras[leaf].order_at if special else state.slots[leaf].joined_at


@njit_called
def try_assign(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> bool:
    """A newly eligible call takes an agent; whether it found one."""
    if follows(program, wide(state.slots[leaf].queue)):
        core.pend_look(state)
        return False
    agent = _choose(program, state, leaf, now) if state.extras[leaf].ring_agent < 0 else -1
    if agent >= 0:
        offer(program, state, tables, leaf, agent, now)
    return agent >= 0


@njit_called
def _least_penalty(program: Packed, state: State, leaf: int, now: int) -> int:
    """The least penalty of an idle agent who may serve a call now; NEVER: there is none."""
    queue, least = wide(state.slots[leaf].queue), NEVER
    for group in range(state.groups.shape[0]):
        if _may_serve(program, state, group, leaf, now) and _has_spare(
            program, state, group, queue
        ):
            own = program.serves[group, queue].penalty
            if own < least and _any_idle(program, state, group):
                least = own
    return least


@njit_called
def _any_idle(program: Packed, state: State, group: int) -> bool:
    """Whether some agent of a group is idle, listed or about to be."""
    if state.groups[group].n_idle > 0:
        return True
    for i in range(state.scalars[core.N_ASSIGNING]):
        agent = state.newly_idle[i]
        if state.agents[agent].idle != 0 and state.agents[agent].group == group:
            return True
    return False


@njit_called
def _is_candidate(
    program: Packed, state: State, leaf: int, group: int, least: int, now: int
) -> bool:
    """Whether a group's idle agents are among those who may take a call now."""
    queue = wide(state.slots[leaf].queue)
    return (
        program.serves[group, queue].penalty == least
        and _may_serve(program, state, group, leaf, now)
        and _has_spare(program, state, group, queue)
    )


@njit_called
def _choose(program: Packed, state: State, leaf: int, now: int) -> int:
    """The idle agent whom a call takes: least penalty, then the queue's strategy; -1: none."""
    least = _least_penalty(program, state, leaf, now)
    if least == NEVER:
        return -1
    slot, x = state.slots[leaf], state.extras[leaf]
    queue = wide(slot.queue)
    strategy, cursor = program.queues[queue].strategy, state.queues[queue].cursor
    n, nth = 0, -1
    if strategy == _AT_RANDOM:
        for group in range(state.groups.shape[0]):
            if _is_candidate(program, state, leaf, group, least, now):
                n += state.groups[group].n_idle
        u = core.uniform(state, slot, _PICK_AGENT, wide(x.rings) + wide(slot.answers))
        nth = int(u * n)
    best, seen = -1, 0
    for group in range(state.groups.shape[0]):
        if not _is_candidate(program, state, leaf, group, least, now):
            continue
        if strategy == _LONGEST_IDLE:
            first = state.groups[group].idle_first
            if first >= 0 and (best < 0 or _idle_before(state, first, best)):
                best = first
            continue
        for agent in range(program.first_agent[group], program.first_agent[group + 1]):
            if state.agents[agent].idle == 0:
                continue
            if nth >= 0:
                if seen == nth:
                    return agent
                seen += 1
            elif best < 0 or _preferred(state, strategy, cursor, agent, best):
                best = agent
    return best


@njit_called
def _idle_before(state: State, agent: int, other: int) -> bool:
    """Whether an agent has been idle for longer; the lower index, if equal."""
    one, two = state.agents[agent], state.agents[other]
    if one.idle_since != two.idle_since:
        return one.idle_since < two.idle_since
    return agent < other


@njit_called
def _preferred(state: State, strategy: int, cursor: int, agent: int, best: int) -> bool:
    """Whether a later agent goes before the best one so far."""
    if strategy == _FEWEST_CALLS:
        return state.agents[agent].n_calls < state.agents[best].n_calls
    if strategy == _ROUND_ROBIN:
        return best <= cursor < agent
    return False


@njit_called
def offer(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> None:
    """An agent is to take a call: at once, or when the phone has rung."""
    x, queue = state.extras[leaf], wide(state.slots[leaf].queue)
    state.queues[queue].cursor = agent
    if not program.queues[queue].special:
        core.take_out(state, tables, leaf, now)
        core.answer_call(program, state, tables, leaf, agent, now)
    elif x.kind == CALL and program.queues[queue].strategy == _RING_ALL:
        _ring_everybody(program, state, leaf, agent, now)
    else:
        connect_to(program, state, tables, leaf, agent, now)


@njit_called
def connect_to(
    program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int
) -> None:
    """The agent takes a call at once, or when the phone has rung; or calls back."""
    x, group = state.extras[leaf], wide(state.agents[agent].group)
    if x.kind == CALLBACK:
        _dial_back(program, state, tables, leaf, agent, now)
    elif x.kind == CALL and program.groups[group].rings:
        n = wide(x.rings)
        x.rings += 1
        delay = _answers_after(program, state, leaf, n, agent)
        _start_ringing(state, leaf, agent, now)
        x.ring_agent, x.rings_all = agent, 0
        timeout = program.groups[group].ring_us
        _schedule_ring(program, state, agent, delay, timeout, now)
        schedule_waiting(program, state, leaf)
    else:
        answer(program, state, tables, leaf, agent, now)


@njit_called
def answer(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> None:
    """The agent takes the call, which waited until now."""
    x = state.extras[leaf]
    x.ring_agent = -1
    core.take_out(state, tables, leaf, now)
    _left(program, state, leaf)
    state.agents[agent].misses = 0
    core.answer_call(program, state, tables, leaf, agent, now)
    if x.held_until == 1:
        release_held(program, state, tables, leaf, now)


# --- phones --------------------------------------------------------------------------------------


@njit_called
def _answers_after(program: Packed, state: State, leaf: int, n: int, agent: int) -> int:
    """How long an agent's phone rings until the answer (us); -1: it is missed."""
    slot, own = state.slots[leaf], program.groups[wide(state.agents[agent].group)]
    if not own.rings:
        return 0
    if program.queues[wide(slot.queue)].strategy == _RING_ALL:
        n = n << 20 | agent
    u = core.uniform(state, slot, _PHONE, n)
    delay = draws.duration_us(program.flow.dists, own.phone_dist, u)
    missed = core.uniform(state, slot, _PHONE_MISSED, n) < own.missed
    return -1 if missed or delay > own.ring_us else delay


@njit_called
def _schedule_ring(
    program: Packed, state: State, agent: int, delay: int, timeout: int, now: int
) -> None:
    """When the phone stops ringing: answered, or missed (delay -1)."""
    if delay >= 0:
        core.agent_event(program, state, agent, now + delay, _PHONE_ANSWERED)
    else:
        core.agent_event(program, state, agent, now + timeout, _RING_TIMEOUT)


@njit_called
def _ring_everybody(program: Packed, state: State, leaf: int, agent: int, now: int) -> None:
    """ring_all: everybody idle of the least penalty, whoever was free first."""
    least = _least_penalty(program, state, leaf, now)
    own = wide(state.agents[agent].group)
    all_of_them = least < NEVER and _is_candidate(program, state, leaf, own, least, now)
    for group in range(state.groups.shape[0]):
        if all_of_them and not _is_candidate(program, state, leaf, group, least, now):
            continue
        for one in range(program.first_agent[group], program.first_agent[group + 1]):
            if state.agents[one].idle != 0 if all_of_them else one == agent:
                state.agents[one].rings_for = leaf
    ring_marked(program, state, leaf, now)


@njit_called
def ring_marked(program: Packed, state: State, leaf: int, now: int) -> None:
    """The phones of all agents marked for a call ring; the earliest answer counts."""
    x = state.extras[leaf]
    n = wide(x.rings)
    x.rings += 1
    best, winner, timeout, first = -1, -1, 0, -1
    for one in range(state.agents.shape[0]):
        if state.agents[one].rings_for != leaf:
            continue
        first = one if first < 0 else first
        timeout = max(timeout, program.groups[wide(state.agents[one].group)].ring_us)
        delay = _answers_after(program, state, leaf, n, one)
        if delay >= 0 and (best < 0 or delay < best):
            best, winner = delay, one
        _start_ringing(state, leaf, one, now)
    x.ring_agent, x.rings_all = winner if winner >= 0 else first, 1
    _schedule_ring(program, state, wide(x.ring_agent), best, timeout, now)
    schedule_waiting(program, state, leaf)


@njit_called
def _start_ringing(state: State, leaf: int, agent: int, now: int) -> None:
    core.no_longer_idle(state, agent)
    state.agents[agent].rings_for = leaf
    core.change(state, core.ringing_level(state, wide(state.agents[agent].group)), now, 1)


@njit_called
def _stop_ringing(state: State, agent: int, now: int) -> None:
    state.agents[agent].rings_for = -1
    core.change(state, core.ringing_level(state, wide(state.agents[agent].group)), now, -1)


@njit_called
def phone_event(
    program: Packed, state: State, tables: Tables, counts: Counts, agent: int, phase: int, now: int
) -> int:
    """An agent's phone is answered, missed, or the agent's pause is over.

    A call back that was the last one in vain, and a call whose longest wait is over, is told as
    `-3 - leaf`.
    """
    own = state.agents[agent]
    leaf = wide(own.rings_for)
    core.end_agent_event(state, agent)
    if phase == _RETRY:
        core.free_agent(program, state, agent, own.idle_since, now)
        return NOTHING
    x = state.extras[leaf]
    _ring_over(state, leaf)
    if phase == _PHONE_ANSWERED:
        if x.rings_all:
            _stop_others(program, state, leaf, agent, now)
        _stop_ringing(state, agent, now)
        answer(program, state, tables, leaf, agent, now)
        return NOTHING
    x.ring_agent = -1
    if x.kind == CALLBACK:
        return _in_vain(program, state, tables, leaf, agent, now)
    if x.rings_all:
        for other in range(state.agents.shape[0]):
            if state.agents[other].rings_for == leaf:
                _stop_ringing(state, other, now)
                _pause(program, state, counts, other, now)
    else:
        _stop_ringing(state, agent, now)
        _pause(program, state, counts, agent, now)
    if x.overdue:
        return -3 - leaf
    platform = program.platforms[wide(state.slots[leaf].queue)]
    if platform.platform == _ASTERISK:
        x.not_before = x.retry_at = now + platform.retry_us
        schedule_waiting(program, state, leaf)
    elif not try_assign(program, state, tables, leaf, now):
        schedule_waiting(program, state, leaf)
    return NOTHING


@njit_called
def _stop_others(program: Packed, state: State, leaf: int, winner: int, now: int) -> None:
    """Somebody else has answered: the others are free, idle since when they were."""
    for other in range(state.agents.shape[0]):
        if other != winner and state.agents[other].rings_for == leaf:
            _stop_ringing(state, other, now)
            core.free_agent(program, state, other, state.agents[other].idle_since, now)


@njit_called
def _pause(program: Packed, state: State, counts: Counts, agent: int, now: int) -> None:
    """An agent who missed a call pauses."""
    own, interval = state.agents[agent], state.scalars[core.INTERVAL]
    counts.missed[interval, wide(own.group)] += 1
    group = program.groups[wide(own.group)]
    if now - state.pasts[agent].talked_at >= group.autopause_delay_us:
        own.misses += 1
    pause = group.retry_us
    if own.misses == group.autopause:
        own.misses, pause = 0, group.pause_us
        counts.autopauses[interval, wide(own.group)] += 1
    if pause == 0 and group.platform:  # before the caller looks again
        core.free_agent(program, state, agent, own.idle_since, now)
        return
    core.agent_event(program, state, agent, now + pause, _RETRY)


@njit_called
def _dial_back(
    program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int
) -> None:
    """The agent calls back a caller who has hung up."""
    slot, x = state.slots[leaf], state.extras[leaf]
    own, n = program.waits[program.flow.nodes[wide(slot.node)].wait], wide(x.tries)
    x.tries += 1
    _start_ringing(state, leaf, agent, now)
    x.ring_agent, x.rings_all = agent, 0
    u = core.uniform(state, slot, _DIAL_BACK, n)
    delay, gives_up = draws.duration_us(program.flow.dists, own.callback_dist, u), 0
    u, gives_up = core.uniform(state, slot, _DIAL_BACK_MISSED, n), own.callback_gives_up_us
    trunk, row = own.callback_trunk, wide(slot.row)
    x.leg = _seize_leg(program, state, tables, row, trunk, _CALLBACK_LEG, now)
    if trunk >= 0 and x.leg < 0:  # no line free: that was in vain, at once
        gives_up, u = 0, 1.0
    answers = u < own.callback_answers and delay <= gives_up
    _schedule_ring(program, state, agent, delay if answers else -1, gives_up, now)
    schedule_waiting(program, state, leaf)


@njit_called
def _in_vain(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> int:
    """The caller did not answer: another try later, or none."""
    slot, x = state.slots[leaf], state.extras[leaf]
    own = program.waits[program.flow.nodes[wide(slot.node)].wait]
    _stop_ringing(state, agent, now)
    _release_leg(state, tables, wide(x.leg), now)
    x.leg = -1
    core.free_agent(program, state, agent, now, now)
    if x.tries >= own.callback_attempts:
        return -3 - leaf
    x.not_before = x.retry_at = now + own.callback_retry_us
    schedule_waiting(program, state, leaf)
    return NOTHING


# --- talk and wrap-up ----------------------------------------------------------------------------


@njit_inline
def end_of_talk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The talk is over: the agent wraps up, or stays with a call that is passed on."""
    slot, x = state.slots[leaf], state.extras[leaf]
    at_node = program.flow.nodes[wide(slot.node)]
    if at_node.op == _OP_RING:
        _release_all(state, tables, leaf, now)
        core.leave(state, counts, at_node.next_edge)
        return at_node.next if at_node.next >= 0 else ENDS - core.hung_up(program, state, leaf)
    if x.kind == MESSAGE:
        _wrap_up(program, state, tables, leaf, now)
        state.scalars[core.N_LIVE] -= 1
        core.free_slot(state, leaf)
        core.check_over(program, state, now)
        return NOTHING
    release_held(program, state, tables, leaf, now)
    following, holds = at_node.next, 0
    if following >= 0 and program.flow.nodes[following].op == _OP_QUEUE:
        row = program.flow.nodes[following].wait
        holds = program.waits[row].holds_agent if row >= 0 else 0
    if holds and x.kind == CALL:
        x.held_until, x.held_agent, x.held_visit = holds, slot.agent, slot.visit
        x.held_queue, x.held_answer = slot.queue, slot.answers - 1
        tables.visits[wide(slot.visit)].talk_until = core.horizon_us(program)
    else:
        _wrap_up(program, state, tables, leaf, now)
    if x.kind == CALLBACK:
        _release_leg(state, tables, wide(x.leg), now)
        return ENDS - _CALLBACK_DONE
    core.leave(state, counts, at_node.next_edge)
    return following if following >= 0 else ENDS - _ANSWERED


@njit_called
def _wrap_up(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> None:
    """The agent of a call's talk goes through wrap-up."""
    slot = state.slots[leaf]
    _wrap_up_after(
        program, state, tables, leaf, wide(slot.agent), wide(slot.queue), wide(slot.visit),
        wide(slot.answers) - 1, now,
    )  # fmt: skip


@njit_called
def _wrap_up_after(
    program: Packed,
    state: State,
    tables: Tables,
    leaf: int,
    agent: int,
    queue: int,
    visit: int,
    n: int,
    now: int,
) -> None:
    """An agent goes through wrap-up after a call's n-th talk; the matter is settled, or not."""
    slot, x, group = state.slots[leaf], state.extras[leaf], wide(state.agents[agent].group)
    own = program.serves[group, queue]
    if own.settled_p < 1.0:
        x.unsettled = core.uniform(state, slot, _UNSETTLED, n) >= own.settled_p
    past = state.pasts[agent]
    past.talked_at, past.talk_us = now, past.talk_us + now - tables.visits[visit].left_at
    u = core.uniform(state, slot, _WRAP_UP, n)
    until = now + draws.duration_us(program.flow.dists, own.wrap_up_dist, u)
    tables.visits[visit].talk_until = now
    tables.visits[visit].wrap_up_until = min(until, core.horizon_us(program))
    core.change(state, core.talk_level(state, group), now, -1)
    core.begin_wrap_up(state, agent, now, until)


@njit_called
def release_held(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> None:
    """The agent who stayed with a call that was passed on wraps up."""
    x = state.extras[leaf]
    if x.held_until == 0:
        return
    x.held_until = 0
    _wrap_up_after(
        program, state, tables, leaf, wide(x.held_agent), wide(x.held_queue), wide(x.held_visit),
        wide(x.held_answer), now,
    )  # fmt: skip


# --- voicemail -----------------------------------------------------------------------------------


@njit_called
def voicemail(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The caller leaves a message."""
    slot = state.slots[leaf]
    node = wide(slot.node)
    at_node = program.flow.nodes[node]
    queue = at_node.row
    if queue >= 0 and 0 <= at_node.capacity <= state.queues[queue].n_waiting:
        core.leave(state, counts, at_node.full_edge)
        return at_node.full if at_node.full >= 0 else ENDS - _BLOCKED
    limit, gives_up = core.limit_of(program, slot, now)
    who = core.walker(program, state, leaf)
    why, at = leave_message(
        program.flow, who, state.progress[leaf], counts, node, now, limit, gives_up
    )
    slot.why = why
    if why == _AT_LIMIT:
        if gives_up:
            core.schedule_within(program, state, leaf, at, _END_OF_PATIENCE)
        else:
            core.unschedule(state, leaf)  # an outage, or the horizon, will cut it
        return NOTHING
    core.schedule_within(program, state, leaf, at, _END_OF_WALK)
    return NOTHING


@njit_called
def message_left(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """The caller hangs up; the message waits for an agent, if anybody sees to messages."""
    slot, x = state.slots[leaf], state.extras[leaf]
    queue = program.flow.nodes[wide(slot.node)].row
    if queue < 0:
        return ENDS - _VOICEMAIL
    core.hang_up(state, tables, slot, _VOICEMAIL, -1, now)
    state.scalars[core.N_LIVE] += 1  # until an agent has seen to the message
    slot.trunk = -1
    slot.visit, slot.queue, slot.joined_at = state.scalars[core.N_VISITS], queue, now
    x.kind, x.told_s = MESSAGE, -1
    x.first_joined_at = now if x.first_joined_at < 0 else x.first_joined_at
    priority = core.priority_of(program, slot)
    core.enter_visit(state, tables, slot, queue, priority, now)
    _join(program, state, tables, leaf, now, priority, now)
    return NOTHING


# --- extensions ----------------------------------------------------------------------------------


@njit_called
def ring(program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int) -> int:
    """Rings extensions or outside numbers, until somebody answers."""
    slot, x = state.slots[leaf], state.extras[leaf]
    own = program.classes[wide(slot.caller_class)]
    slot.joins += 1
    x.patience_at = NEVER
    if own.patience_dist >= 0:
        u = core.patience_u(program, state, slot)
        x.patience_at = now + draws.duration_us(program.flow.dists, own.patience_dist, u)
    x.rings_now, x.n_ringing = 1, 0
    row = program.flow.nodes[wide(slot.node)].row
    if program.rings[row].mode == _ALL:
        for place in range(program.rings[row].n_legs):
            leg = program.rings[row].first_leg + place
            _start_leg(program, state, tables, leaf, program.legs[leg].extension, place, now)
        if x.n_ringing == 0:
            return _nobody(program, state, counts, leaf)
        _schedule_legs(program, state, leaf)
        return NOTHING
    _order_legs(program, state, leaf, row)
    x.place = 0
    return _next_leg(program, state, tables, counts, leaf, -1, now)


@njit_called
def _order_legs(program: Packed, state: State, leaf: int, row: int) -> None:
    """The legs' places in the order in which they are tried."""
    x, order = state.extras[leaf], state.leg_order[leaf]
    n, mode = program.rings[row].n_legs, program.rings[row].mode
    start = state.ring_cursor[row] if mode == _ONE_BY_ONE else 0
    for place in range(n):
        order[place] = (start + place) % n
    if mode == _RANDOM:
        for place in range(n - 1):
            u = core.uniform(state, state.slots[leaf], _LEG_ORDER, wide(x.order_draws))
            x.order_draws += 1
            other = place + int(u * (n - place))
            order[place], order[other] = order[other], order[place]


@njit_called
def _next_leg(
    program: Packed,
    state: State,
    tables: Tables,
    counts: Counts,
    leaf: int,
    extension: int,
    now: int,
) -> int:
    """The next extension rings: where calls go on, or that of the next leg; or nobody is left."""
    x, row = state.extras[leaf], program.flow.nodes[wide(state.slots[leaf].node)].row
    while x.place < program.rings[row].n_legs:
        place = state.leg_order[leaf, x.place]
        if extension < 0:
            extension = program.legs[program.rings[row].first_leg + place].extension
        if _start_leg(program, state, tables, leaf, extension, place, now):
            _schedule_legs(program, state, leaf)
            return NOTHING
        extension = -1
        x.place += 1
    return _nobody(program, state, counts, leaf)


@njit_called
def _nobody(program: Packed, state: State, counts: Counts, leaf: int) -> int:
    """Nobody answered at a ring node."""
    state.extras[leaf].rings_now = 0
    at_node = program.flow.nodes[wide(state.slots[leaf].node)]
    core.leave(state, counts, at_node.otherwise_edge)
    return (
        at_node.otherwise if at_node.otherwise >= 0 else ENDS - core.hung_up(program, state, leaf)
    )


@njit_called
def _reached(program: Packed, extension: int, now: int) -> int:
    """The extension to which calls go on now."""
    while True:
        own = program.extensions[extension]
        if own.always >= 0:
            extension = own.always
        elif own.outside_hours >= 0 and not calendar_value(
            program.flow.calendars, own.outside_hours, now
        ):
            extension = own.outside_to
        else:
            return extension


@njit_called
def _start_leg(
    program: Packed,
    state: State,
    tables: Tables,
    leaf: int,
    extension: int,
    place: int,
    now: int,
) -> bool:
    """An extension, or the one to which its calls go on, starts to ring; False: all are busy."""
    slot, x, calendars = state.slots[leaf], state.extras[leaf], program.flow.calendars
    row, n, leg = wide(slot.row), 0, -1
    while extension >= 0:
        extension = _reached(program, extension, now)
        own = program.extensions[extension]
        n = wide(x.legs_tried)
        x.legs_tried += 1
        busy = core.uniform(state, slot, _LEG_BUSY, n) * TEN_THOUSANDTHS < calendar_value(
            calendars, own.busy, now
        )
        if not busy and state.in_use[extension] < own.lines:
            leg = _seize_leg(program, state, tables, row, own.trunk, _FORWARDED_LEG, now)
            if own.trunk < 0 or leg >= 0:
                break
        extension = own.busy_to
    if extension < 0:
        return False
    state.in_use[extension] += 1
    own = program.extensions[extension]
    u = core.uniform(state, slot, _LEG, n)
    delay = draws.duration_us(program.flow.dists, own.answers_dist, u)
    missed = core.uniform(state, slot, _LEG_MISSED, n) * TEN_THOUSANDTHS < calendar_value(
        calendars, own.missed, now
    )
    first = program.rings[program.flow.nodes[wide(slot.node)].row].first_leg
    ring_us = program.legs[first + place].ring_us
    answers = not missed and delay <= ring_us
    ringing = state.ringing[leaf, wide(x.n_ringing)]
    x.n_ringing += 1
    ringing.extension, ringing.leg, ringing.place = extension, leg, place
    ringing.answers, ringing.ends_at = answers, now + (delay if answers else ring_us)
    return True


@njit_called
def _schedule_legs(program: Packed, state: State, leaf: int) -> None:
    """The earliest answer, the end of ringing, or the end of the caller's patience."""
    x = state.extras[leaf]
    best = -1
    for i in range(x.n_ringing):
        one = state.ringing[leaf, i]
        if one.answers and (best < 0 or one.ends_at < state.ringing[leaf, best].ends_at):
            best = i
    phase = _PHONE_ANSWERED if best >= 0 else _RING_TIMEOUT
    if best < 0:
        best = 0
        for i in range(x.n_ringing):
            if state.ringing[leaf, i].ends_at > state.ringing[leaf, best].ends_at:
                best = i
    x.winner = best
    at = state.ringing[leaf, best].ends_at
    if x.patience_at < at:
        at, phase = x.patience_at, _END_OF_PATIENCE
    core.schedule_within(program, state, leaf, at, phase)


@njit_called
def _release(state: State, tables: Tables, leaf: int, i: int, now: int) -> None:
    """An extension is free again, and so is its channel."""
    one = state.ringing[leaf, i]
    state.in_use[wide(one.extension)] -= 1
    _release_leg(state, tables, wide(one.leg), now)


@njit_called
def _release_all(state: State, tables: Tables, leaf: int, now: int) -> None:
    """Whatever rings or talks for a call is free again."""
    for i in range(state.extras[leaf].n_ringing):
        _release(state, tables, leaf, i, now)
    state.extras[leaf].n_ringing = 0


@njit_called
def ring_event(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, phase: int, now: int
) -> int:
    """Somebody answers at a ring node, nobody does, or the caller gives up."""
    slot, x = state.slots[leaf], state.extras[leaf]
    node = wide(slot.node)
    row = program.flow.nodes[node].row
    if phase == _END_OF_PATIENCE:
        _release_all(state, tables, leaf, now)
        x.rings_now = 0
        core.leave(state, counts, program.flow.nodes[node].hang_up_edge)
        return ENDS - _ABANDONED
    if phase == _RING_TIMEOUT:
        extension = program.extensions[wide(state.ringing[leaf, 0].extension)].no_answer_to
        _release_all(state, tables, leaf, now)
        if program.rings[row].mode == _ALL:
            return _nobody(program, state, counts, leaf)
        if extension < 0:
            x.place += 1
        return _next_leg(program, state, tables, counts, leaf, extension, now)
    for i in range(x.n_ringing):
        if i != x.winner:
            _release(state, tables, leaf, i, now)
    winner, talks = state.ringing[leaf, wide(x.winner)], state.ringing[leaf, 0]
    talks.extension, talks.leg, talks.place = winner.extension, winner.leg, winner.place
    x.n_ringing, x.rings_now, x.forwarded, slot.gives_up_at = 1, 0, 1, NEVER
    state.ring_cursor[row] = (talks.place + 1) % program.rings[row].n_legs
    core.reached(program, state, leaf)
    dist = program.extensions[wide(talks.extension)].talk_dist
    u = core.uniform(state, slot, _LEG_TALK, wide(x.legs_tried))
    talk = draws.duration_us(program.flow.dists, dist, u)
    core.schedule_within(program, state, leaf, now + talk, _END_OF_TALK)
    return NOTHING


# --- outage --------------------------------------------------------------------------------------


@njit_called
def is_cut(program: Packed, state: State, leaf: int, trunk: int, group: int) -> bool:
    """Whether an outage of a trunk, or of a group's agents, ends a call."""
    slot, x = state.slots[leaf], state.extras[leaf]
    if x.kind == MESSAGE or (slot.life != core.LIVE and slot.life != core.WAITING):
        return False
    if trunk >= 0 and slot.trunk == trunk:
        return True
    for i in range(x.n_ringing):
        if trunk >= 0 and program.extensions[wide(state.ringing[leaf, i].extension)].trunk == trunk:
            return True
    return (
        group >= 0
        and _talks(program, state, leaf)
        and (state.agents[wide(slot.agent)].group == group)
    )


@njit_called
def is_held(state: State, leaf: int, group: int) -> bool:
    """Whether an agent of a group stays with a call that was passed on."""
    slot, x = state.slots[leaf], state.extras[leaf]
    in_system = slot.life == core.LIVE or slot.life == core.WAITING
    return in_system and x.held_until != 0 and state.agents[wide(x.held_agent)].group == group


@njit_called
def _talks(program: Packed, state: State, leaf: int) -> bool:
    """Whether a call is in a talk with an agent."""
    slot = state.slots[leaf]
    in_queue = program.flow.nodes[wide(slot.node)].op == _OP_QUEUE if slot.node >= 0 else False
    return in_queue and slot.life == core.LIVE and slot.due_phase == _END_OF_TALK


@njit_called
def cut(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> int:
    """An outage ends a call, whatever it was doing."""
    slot, x = state.slots[leaf], state.extras[leaf]
    _release_all(state, tables, leaf, now)
    if slot.life == core.WAITING:
        take_out(program, state, tables, leaf, now)
        tables.visits[wide(slot.visit)].outcome = _FAILED
    elif _talks(program, state, leaf):
        _wrap_up(program, state, tables, leaf, now)
        _release_leg(state, tables, wide(x.leg), now)
    release_held(program, state, tables, leaf, now)
    return ENDS - _FAILED
