"""Agents' phones in the compiled engine: calls are offered, ring, are answered, missed or called back.

Belongs here: what `phones` is in the reference engine, and the answer. Does not belong here: whom a
call is offered to (`kernel_choice`).
"""

from vpbx import draws
from vpbx._jit import njit_called
from vpbx.codes import LegKind, Phase, Platform, Purpose, Strategy
from vpbx.engine import kernel_channels as channels
from vpbx.engine import kernel_choice as choice
from vpbx.engine import kernel_core as core
from vpbx.engine import kernel_limits as limits
from vpbx.engine import kernel_talk as talk
from vpbx.engine.kernel_core import NOTHING, State, Tables
from vpbx.engine.walk import Counts
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER

_PHONE_ANSWERED, _RING_TIMEOUT = int(Phase.PHONE_ANSWERED), int(Phase.RING_TIMEOUT)
_RETRY = int(Phase.RETRY)
_PHONE, _PHONE_MISSED = int(Purpose.PHONE), int(Purpose.PHONE_MISSED)
_DIAL_BACK, _DIAL_BACK_MISSED = int(Purpose.DIAL_BACK), int(Purpose.DIAL_BACK_MISSED)
_RING_ALL = int(Strategy.RING_ALL)
_CALLBACK_LEG = int(LegKind.CALLBACK)
_ASTERISK = int(Platform.ASTERISK)


# --- offers and answers -----------------------------------------------------------------------------


@njit_called
def try_assign(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> bool:
    """A newly eligible call takes an agent; whether it found one."""
    if limits.follows(program, wide(state.slots[leaf].queue)):
        core.pend_look(state)
        return False
    agent = choice.choose(program, state, leaf, now) if state.extras[leaf].ring_agent < 0 else -1
    if agent >= 0:
        offer(program, state, tables, leaf, agent, now)
    return agent >= 0


@njit_called
def offer(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> None:
    """An agent is to take a call: at once, or when the phone has rung."""
    x, queue = state.extras[leaf], wide(state.slots[leaf].queue)
    state.queues[queue].cursor = agent
    if not program.queues[queue].special:
        core.take_out(state, tables, leaf, now)
        core.answer_call(program, state, tables, leaf, agent, now)
    elif x.kind == core.CALL and program.queues[queue].strategy == _RING_ALL:
        _ring_everybody(program, state, leaf, agent, now)
    else:
        connect_to(program, state, tables, leaf, agent, now)


@njit_called
def connect_to(
    program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int
) -> None:
    """The agent takes a call at once, or when the phone has rung; or calls back."""
    x, group = state.extras[leaf], wide(state.agents[agent].group)
    if x.kind == core.CALLBACK:
        _dial_back(program, state, tables, leaf, agent, now)
    elif x.kind == core.CALL and program.groups[group].rings:
        n = wide(x.rings)
        x.rings += 1
        delay = _answers_after(program, state, leaf, n, agent)
        limits.start_ringing(state, leaf, agent, now)
        x.ring_agent, x.rings_all = agent, 0
        timeout = program.groups[group].ring_us
        _schedule_ring(program, state, agent, delay, timeout, now)
        limits.schedule_waiting(program, state, leaf)
    else:
        answer(program, state, tables, leaf, agent, now)


@njit_called
def answer(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> None:
    """The agent takes the call, which waited until now."""
    x = state.extras[leaf]
    x.ring_agent = -1
    core.take_out(state, tables, leaf, now)
    limits.has_left(program, state, leaf)
    state.agents[agent].misses = 0
    core.answer_call(program, state, tables, leaf, agent, now)
    if x.held_until == 1:
        talk.release_held(program, state, tables, leaf, now)


# --- phones -----------------------------------------------------------------------------------------


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
    least = choice.least_penalty(program, state, leaf, now)
    own = wide(state.agents[agent].group)
    all_of_them = least < NEVER and choice.is_candidate(program, state, leaf, own, least, now)
    for group in range(state.groups.shape[0]):
        if all_of_them and not choice.is_candidate(program, state, leaf, group, least, now):
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
        limits.start_ringing(state, leaf, one, now)
    x.ring_agent, x.rings_all = winner if winner >= 0 else first, 1
    _schedule_ring(program, state, wide(x.ring_agent), best, timeout, now)
    limits.schedule_waiting(program, state, leaf)


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
    limits.ring_over(state, leaf)
    if phase == _PHONE_ANSWERED:
        if x.rings_all:
            _stop_others(program, state, leaf, agent, now)
        limits.stop_ringing(state, agent, now)
        answer(program, state, tables, leaf, agent, now)
        return NOTHING
    x.ring_agent = -1
    if x.kind == core.CALLBACK:
        return _in_vain(program, state, tables, leaf, agent, now)
    if x.rings_all:
        for other in range(state.agents.shape[0]):
            if state.agents[other].rings_for == leaf:
                limits.stop_ringing(state, other, now)
                _pause(program, state, counts, other, now)
    else:
        limits.stop_ringing(state, agent, now)
        _pause(program, state, counts, agent, now)
    if x.overdue:
        return -3 - leaf
    platform = program.platforms[wide(state.slots[leaf].queue)]
    if platform.platform == _ASTERISK:
        x.not_before = x.retry_at = now + platform.retry_us
        limits.schedule_waiting(program, state, leaf)
    elif not try_assign(program, state, tables, leaf, now):
        limits.schedule_waiting(program, state, leaf)
    return NOTHING


@njit_called
def _stop_others(program: Packed, state: State, leaf: int, winner: int, now: int) -> None:
    """Somebody else has answered: the others are free, idle since when they were."""
    for other in range(state.agents.shape[0]):
        if other != winner and state.agents[other].rings_for == leaf:
            limits.stop_ringing(state, other, now)
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
    limits.start_ringing(state, leaf, agent, now)
    x.ring_agent, x.rings_all = agent, 0
    u = core.uniform(state, slot, _DIAL_BACK, n)
    delay, gives_up = draws.duration_us(program.flow.dists, own.callback_dist, u), 0
    u, gives_up = core.uniform(state, slot, _DIAL_BACK_MISSED, n), own.callback_gives_up_us
    trunk, row = own.callback_trunk, wide(slot.row)
    x.leg = channels.seize_leg(program, state, tables, row, trunk, _CALLBACK_LEG, now)
    if trunk >= 0 and x.leg < 0:  # no line free: that was in vain, at once
        gives_up, u = 0, 1.0
    answers = u < own.callback_answers and delay <= gives_up
    _schedule_ring(program, state, agent, delay if answers else -1, gives_up, now)
    limits.schedule_waiting(program, state, leaf)


@njit_called
def _in_vain(program: Packed, state: State, tables: Tables, leaf: int, agent: int, now: int) -> int:
    """The caller did not answer: another try later, or none."""
    slot, x = state.slots[leaf], state.extras[leaf]
    own = program.waits[program.flow.nodes[wide(slot.node)].wait]
    limits.stop_ringing(state, agent, now)
    channels.release_leg(state, tables, wide(x.leg), now)
    x.leg = -1
    core.free_agent(program, state, agent, now, now)
    if x.tries >= own.callback_attempts:
        return -3 - leaf
    x.not_before = x.retry_at = now + own.callback_retry_us
    limits.schedule_waiting(program, state, leaf)
    return NOTHING
