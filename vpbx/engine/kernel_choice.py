"""Who takes which call, where queues have rare features, in the compiled engine.

Belongs here: choosing an agent for a call and a call for an agent; nothing changes. Does not belong
here: what follows (`kernel_phones`), the platforms' own order (`kernel_platforms`).
"""

from vpbx._jit import njit_called
from vpbx.codes import Picks, Purpose, Strategy
from vpbx.engine import kernel_core as core
from vpbx.engine.kernel_core import State
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER

_PICK_AGENT = int(Purpose.PICK_AGENT)
_LONGEST_IDLE, _FEWEST_CALLS = int(Strategy.LONGEST_IDLE), int(Strategy.FEWEST_CALLS)
_ROUND_ROBIN, _AT_RANDOM = int(Strategy.ROUND_ROBIN), int(Strategy.RANDOM)
_IN_ORDER, _LONGEST_QUEUE = int(Picks.IN_ORDER), int(Picks.LONGEST_QUEUE)


# --- a call for an agent ----------------------------------------------------------------------------


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


# --- an agent for a call ----------------------------------------------------------------------------


@njit_called
def least_penalty(program: Packed, state: State, leaf: int, now: int) -> int:
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
def is_candidate(
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
def choose(program: Packed, state: State, leaf: int, now: int) -> int:
    """The idle agent whom a call takes: least penalty, then the queue's strategy; -1: none."""
    least = least_penalty(program, state, leaf, now)
    if least == NEVER:
        return -1
    slot, x = state.slots[leaf], state.extras[leaf]
    queue = wide(slot.queue)
    strategy, cursor = program.queues[queue].strategy, state.queues[queue].cursor
    n, nth = 0, -1
    if strategy == _AT_RANDOM:
        for group in range(state.groups.shape[0]):
            if is_candidate(program, state, leaf, group, least, now):
                n += state.groups[group].n_idle
        u = core.uniform(state, slot, _PICK_AGENT, wide(x.rings) + wide(slot.answers))
        nth = int(u * n)
    best, seen = -1, 0
    for group in range(state.groups.shape[0]):
        if not is_candidate(program, state, leaf, group, least, now):
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
