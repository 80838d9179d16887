"""Joining a queue with rare features, waiting in it, and leaving it unanswered, in the compiled engine.

Belongs here: what `joining` and the queue's part of `state_nodes` are in the reference engine; mailboxes.
Does not belong here: a plain queue (`kernel_core`), what limits a wait (`kernel_limits`).
"""

from vpbx._jit import njit_called
from vpbx.codes import Exit, LegKind, Outcome, Phase, Platform, Purpose
from vpbx.engine import kernel_channels as channels
from vpbx.engine import kernel_core as core
from vpbx.engine import kernel_limits as limits
from vpbx.engine import kernel_phones as phones
from vpbx.engine import kernel_talk as talk
from vpbx.engine.kernel_core import ENDS, NOTHING, State, Tables
from vpbx.engine.records import LONGEST_TOLD_S
from vpbx.engine.walk import Counts, Walked, leave_message
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER

_ABANDONED, _BALKED = int(Outcome.ABANDONED), int(Outcome.BALKED)
_FORWARDED, _TIMED_OUT = int(Outcome.FORWARDED), int(Outcome.TIMED_OUT)
_BLOCKED, _VOICEMAIL = int(Outcome.BLOCKED), int(Outcome.VOICEMAIL)
_END_OF_WALK, _RETRY = int(Phase.END_OF_WALK), int(Phase.RETRY)
_END_OF_PATIENCE, _MAXIMUM_WAIT = int(Phase.END_OF_PATIENCE), int(Phase.MAXIMUM_WAIT)
_FULL, _EMPTY, _HANG_UP = int(Exit.FULL), int(Exit.EMPTY), int(Exit.HANG_UP)
_BY_TIME, _BY_KEY, _ELSEWHERE = int(Exit.TIMED_OUT), int(Exit.LEFT), int(Exit.ELSEWHERE)
_BY_CLEARING = int(Exit.CLEARED)
_ELSEWHERE_TAKEN, _CALLBACK_TAKEN = int(Purpose.ELSEWHERE_TAKEN), int(Purpose.CALLBACK_TAKEN)
_PAID_SKIP_TAKEN = int(Purpose.PAID_SKIP_TAKEN)
_OWN_LINE = int(LegKind.OWN)
_FREESWITCH = int(Platform.FREESWITCH)
_AT_LIMIT = int(Walked.AT_LIMIT)


# --- joining ----------------------------------------------------------------------------------------


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
    x.kind, x.told_s, x.balks = core.CALL, -1, 0
    core.enter_visit(state, tables, slot, own, priority, now)
    capacity = program.queues[own].capacity
    if row >= 0 and program.waits[row].checks_empty and _logged_in(program, state, own) == 0:
        return _turned_away(program, state, tables, counts, leaf, _BLOCKED, _EMPTY, now)
    if 0 <= capacity <= state.queues[own].n_waiting and (not free or limits.follows(program, own)):
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
    if x.kind == core.CALLBACK:
        _give_up_line(state, tables, leaf, now)
    priority = wide(tables.visits[visit].priority)
    if program.platforms[own].since_answer:
        first = core.answered_at(tables, wide(slot.row))
    _join(program, state, tables, leaf, first if first >= 0 else now, priority, now)
    return NOTHING


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
    if limits.balks_at(program, state, leaf):
        return _HANG_UP
    if _takes(state, leaf, _ELSEWHERE_TAKEN, own.elsewhere_p, n) and _offered(
        program, state, leaf, own.elsewhere_case, now
    ):
        return _ELSEWHERE
    if _takes(state, leaf, _CALLBACK_TAKEN, own.callback_p, n) and _offered(
        program, state, leaf, own.callback_case, now
    ):
        x.kind = core.CALLBACK
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
def _give_up_line(state: State, tables: Tables, leaf: int, now: int) -> None:
    """A caller hangs up, while the call goes on without a line."""
    slot = state.slots[leaf]
    trunk, row = wide(slot.trunk), wide(slot.row)
    if trunk >= 0:
        state.trunks[trunk].held -= 1
        core.change(state, core.trunk_level(state, trunk), now, -1)
        since = core.answered_at(tables, row)
        channels.leg_row(state, tables, row, trunk, _OWN_LINE, since, now)
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
    if x.kind == core.CALL:
        slot.joins += 1
        limits.set_limits(program, state, leaf, now)
    x.stage_at = limits.next_stage(program, queue, now, 0)
    if not phones.try_assign(program, state, tables, leaf, now):
        limits.schedule_waiting(program, state, leaf)


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


# --- while waiting ----------------------------------------------------------------------------------


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
            x.stage_at = limits.next_stage(program, queue, slot.joined_at, now - slot.joined_at)
        if phones.try_assign(program, state, tables, leaf, now):
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
    elif limits.is_announced(program, state, leaf, now):
        return leave_line(program, state, tables, counts, leaf, _BALKED, _HANG_UP, now)
    limits.schedule_waiting(program, state, leaf)
    return NOTHING


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
    limits.take_out(program, state, tables, leaf, now)
    tables.visits[wide(state.slots[leaf].visit)].outcome = outcome
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
    talk.release_held(program, state, tables, leaf, now)
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


# --- voicemail --------------------------------------------------------------------------------------


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
    x.kind, x.told_s = core.MESSAGE, -1
    x.first_joined_at = now if x.first_joined_at < 0 else x.first_joined_at
    priority = core.priority_of(program, slot)
    core.enter_visit(state, tables, slot, queue, priority, now)
    _join(program, state, tables, leaf, now, priority, now)
    return NOTHING
