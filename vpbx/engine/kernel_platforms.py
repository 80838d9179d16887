"""Asterisk's and FreeSWITCH's orders of service in the compiled engine (`platforms` of the reference).

Belongs here: who may try, which agents are rung. They are called, not put into their callers. Does not
belong here: phones that ring (`kernel_phones`), talks (`kernel_talk`), the loop (`kernel`).
"""

from vpbx._jit import njit_called
from vpbx.codes import Platform, Purpose, Strategy
from vpbx.engine import kernel_core as core
from vpbx.engine import kernel_phones as phones
from vpbx.engine.kernel_core import State, Tables
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER, SECOND_US

_OWN, _ASTERISK = int(Platform.OWN), int(Platform.ASTERISK)
_LINEAR, _FEWEST_CALLS = int(Strategy.LINEAR), int(Strategy.FEWEST_CALLS)
_AT_RANDOM, _ROUND_ROBIN = int(Strategy.RANDOM), int(Strategy.ROUND_ROBIN)
_RING_ALL, _WEIGHTED_RANDOM = int(Strategy.RING_ALL), int(Strategy.WEIGHTED_RANDOM)
_LEAST_RECENT, _LEAST_TALK = int(Strategy.LEAST_RECENT), int(Strategy.LEAST_TALK)
_TOP_DOWN, _METRIC = int(Strategy.TOP_DOWN), int(Purpose.METRIC)
TIER = 1_000_000
"""Asterisk: what a step of penalty adds to a metric."""


# --- looking -------------------------------------------------------------------------------------


@njit_called
def look(program: Packed, state: State, tables: Tables, now: int) -> None:
    """Whoever may try tries, until nobody finds an agent any more."""
    while _any_free(program, state) and _one_finds(program, state, tables, now):
        pass


@njit_called
def _any_free(program: Packed, state: State) -> bool:
    """Whether some agent waits for calls of a platform."""
    for group in range(state.groups.shape[0]):
        if program.groups[group].platform and state.groups[group].n_idle > 0:
            return True
    return False


@njit_called
def _one_finds(program: Packed, state: State, tables: Tables, now: int) -> bool:
    """The first caller who finds an agent, in the order of all queues; whether there was one."""
    looking = state.looking
    for queue in range(looking.shape[0]):
        looking[queue] = _next_in_turn(program, state, queue, -1, now)
    while True:
        best = -1
        for queue in range(looking.shape[0]):
            leaf = looking[queue]
            if leaf >= 0 and (best < 0 or _goes_before(state, leaf, best)):
                best = leaf
        if best < 0:
            return False
        if _tries(program, state, tables, best, now):
            return True
        queue = wide(state.slots[best].queue)
        looking[queue] = _next_in_turn(program, state, queue, best, now)


@njit_called
def _goes_before(state: State, leaf: int, other: int) -> bool:
    """The order of service, between queues too."""
    one, two = state.slots[leaf], state.slots[other]
    if one.rank != two.rank:
        return one.rank < two.rank
    at, other_at = state.extras[leaf].order_at, state.extras[other].order_at
    return at < other_at if at != other_at else core.goes_before(state, leaf, other)


@njit_called
def _next_in_turn(program: Packed, state: State, queue: int, behind: int, now: int) -> int:
    """The next caller of a queue who may try, behind one who did (-1: the first); -1: none."""
    own = program.platforms[queue]
    if own.platform == _OWN or state.queues[queue].n_waiting == 0:
        return -1
    free, ahead, place, past = _free(program, state, queue), 0, 0, behind < 0
    for rank in range(state.lines.shape[1]):
        leaf = state.lines[queue, rank].first
        while leaf >= 0:
            x = state.extras[leaf]
            if own.platform == _ASTERISK and (ahead >= free or (place > 0 and not own.autofill)):
                return -1
            if past and x.ring_agent < 0 and x.not_before <= now:
                return leaf
            past = past or leaf == behind
            ahead += x.ring_agent < 0
            place += 1
            leaf = wide(state.slots[leaf].after)
    return -1


@njit_called
def _free(program: Packed, state: State, queue: int) -> int:
    """Free agents of a queue; Asterisk: any number is one where only one caller is connected."""
    free = core.agents_free(program, state, queue)
    if not program.platforms[queue].autofill or program.queues[queue].strategy == _RING_ALL:
        return min(free, 1)
    return free


@njit_called
def _tries(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> bool:
    """A caller looks for an agent; whether there was one."""
    if program.platforms[wide(state.slots[leaf].queue)].platform == _ASTERISK:
        return _members(program, state, tables, leaf, now)
    return _tiers(program, state, tables, leaf, now)


# --- Asterisk ------------------------------------------------------------------------------------


@njit_called
def _members(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> bool:
    """The free agent of the least metric, the first in the list if equal; all of them (ringall)."""
    queue = wide(state.slots[leaf].queue)
    n, counts = _n_members(program, state, queue), _penalties_count(program, state, queue)
    best, best_metric, best_place, place = -1, NEVER, -1, -1
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty < 0:
            continue
        penalty = _in_reach(program, state, leaf, group, counts, now)
        for agent in range(program.first_agent[group], program.first_agent[group + 1]):
            place += 1
            if penalty < 0 or not _may_ring(program, state, agent, queue):
                continue
            metric = _metric(program, state, leaf, agent, place, n, penalty, counts, now)
            if metric < best_metric:
                best, best_metric, best_place = agent, metric, place
    if best < 0:
        return False
    strategy = program.queues[queue].strategy
    if strategy == _RING_ALL:
        for group in range(state.groups.shape[0]):
            if program.serves[group, queue].penalty < 0:
                continue
            penalty = _in_reach(program, state, leaf, group, counts, now)
            if penalty >= 0 and TIER * penalty * counts == best_metric:
                _mark(program, state, leaf, group, queue)
    pointer = -1
    if strategy == _ROUND_ROBIN or strategy == _LINEAR:
        pointer = _goes_on(program, state, leaf, best_metric, best_place, n, counts, now)
    _offer(program, state, tables, leaf, best, pointer, now)
    return True


@njit_called
def _n_members(program: Packed, state: State, queue: int) -> int:
    """Agents in a queue's list."""
    n = 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty >= 0:
            n += program.first_agent[group + 1] - program.first_agent[group]
    return n


@njit_called
def _penalties_count(program: Packed, state: State, queue: int) -> int:
    """1 when more agents are logged in than the limit up to which penalties do not count."""
    n = 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty >= 0:
            n += state.groups[group].n_logged_in
    return 1 if n > program.platforms[queue].members_limit else 0


@njit_called
def _in_reach(program: Packed, state: State, leaf: int, group: int, counts: int, now: int) -> int:
    """A group's penalty for a caller, lifted to the least that counts; -1: out of reach."""
    slot = state.slots[leaf]
    own = program.platforms[wide(slot.queue)]
    penalty = program.serves[group, wide(slot.queue)].penalty
    if not counts:
        return penalty
    least, most, lifts_to = 0, penalty, 0
    for i in range(own.first_window, own.first_window + own.n_windows):
        window = program.windows[i]
        if now - slot.joined_at >= window.from_us:
            least, most, lifts_to = window.least, window.most, window.lifts_to
    penalty = max(penalty, lifts_to)
    return penalty if least <= penalty <= most else -1


@njit_called
def _pointer(program: Packed, state: State, leaf: int) -> int:
    """The place in the list with which the search begins."""
    queue = wide(state.slots[leaf].queue)
    if program.queues[queue].strategy == _LINEAR:
        return wide(state.extras[leaf].pointer)
    return state.queues[queue].cursor


@njit_called
def _metric(
    program: Packed,
    state: State,
    leaf: int,
    agent: int,
    place: int,
    n: int,
    penalty: int,
    counts: int,
    now: int,
) -> int:
    """How late an agent is rung."""
    strategy = program.queues[wide(state.slots[leaf].queue)].strategy
    tier, talked_at = TIER * penalty * counts, state.pasts[agent].talked_at
    if strategy == _LINEAR or strategy == _ROUND_ROBIN:
        return tier + place + (n if place < _pointer(program, state, leaf) else 0)
    if strategy == _WEIGHTED_RANDOM:
        return int(_drawn(state, leaf, agent) * (1 + penalty) * 1000)
    if strategy == _AT_RANDOM:
        return tier + int(_drawn(state, leaf, agent) * 1000)
    if strategy == _FEWEST_CALLS:
        return tier + wide(state.agents[agent].n_calls)
    if strategy == _LEAST_RECENT and talked_at >= 0:
        return tier + TIER - (now // SECOND_US - talked_at // SECOND_US)
    return tier


@njit_called
def _drawn(state: State, leaf: int, agent: int) -> float:
    """A uniform of the caller's try for an agent."""
    slot = state.slots[leaf]
    n = wide(state.extras[leaf].rings) + wide(slot.answers)
    return core.uniform(state, slot, _METRIC, n << 20 | agent)


@njit_called
def _may_ring(program: Packed, state: State, agent: int, queue: int) -> bool:
    """Whether an agent is free, and not withheld for a heavier queue."""
    if state.agents[agent].idle == 0:
        return False
    group, weight = wide(state.agents[agent].group), program.queues[queue].weight
    for place in range(program.serves.shape[1]):
        other = program.serves[group, place].queue_order
        if other < 0:
            break
        if program.queues[other].weight > weight and (
            state.queues[other].n_waiting >= _free(program, state, other)
        ):
            return False
    return True


@njit_called
def _mark(program: Packed, state: State, leaf: int, group: int, queue: int) -> None:
    """Phones of a group's agents who may be rung will ring for a caller."""
    for agent in range(program.first_agent[group], program.first_agent[group + 1]):
        if state.extras[leaf].kind == core.CALL and _may_ring(program, state, agent, queue):
            state.agents[agent].rings_for = leaf


@njit_called
def _goes_on(
    program: Packed,
    state: State,
    leaf: int,
    metric: int,
    place: int,
    n: int,
    counts: int,
    now: int,
) -> int:
    """The place from which the search goes on: of whoever would have been rung next."""
    queue, pointer = wide(state.slots[leaf].queue), _pointer(program, state, leaf)
    best, best_metric, wrapped, other = -1, NEVER, False, -1
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty < 0:
            continue
        penalty = _in_reach(program, state, leaf, group, counts, now)
        for agent in range(program.first_agent[group], program.first_agent[group + 1]):
            other += 1
            if penalty < 0:
                continue
            wrapped = wrapped or other > pointer
            own = _metric(program, state, leaf, agent, other, n, penalty, counts, now)
            later = own > metric or (own == metric and other > place)
            if later and own < best_metric:
                best, best_metric = other, own
    if best >= 0:
        return best
    return 0 if wrapped else pointer + 1


# --- FreeSWITCH ----------------------------------------------------------------------------------


@njit_called
def _tiers(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> bool:
    """The first free agent, level by level as far as the caller may go; all of them (ring-all)."""
    queue = wide(state.slots[leaf].queue)
    strategy, reached, present, first = program.queues[queue].strategy, 0, 0, -1
    last = -1
    if strategy == _ROUND_ROBIN or strategy == _TOP_DOWN:
        last = _last_offered(program, state, leaf, queue)
    if last >= 0:
        level = program.serves[wide(state.agents[last].group), queue].penalty
        behind = _present(program, state, queue, level, last)
        if behind > 0:
            if not _opens(program, state, leaf, level, reached, present, now):
                return False
            reached, present = max(reached, level), behind
            first = _first_free(program, state, leaf, queue, level, last)
    level = -1
    while first < 0 or strategy == _RING_ALL:
        level = _next_level(program, state, queue, level)
        if level == NEVER or not _opens(program, state, leaf, level, reached, present, now):
            break
        here = _present(program, state, queue, level, -1)
        present = here if level > reached else present + here
        reached = max(reached, level)
        free = _first_free(program, state, leaf, queue, level, -1)
        first = free if first < 0 else first
        if free >= 0 and strategy == _RING_ALL:
            for group in range(state.groups.shape[0]):
                if program.serves[group, queue].penalty == level:
                    _mark(program, state, leaf, group, queue)
    if first < 0:
        return False
    _offer(program, state, tables, leaf, first, -1, now)
    return True


@njit_called
def _opens(
    program: Packed, state: State, leaf: int, level: int, reached: int, present: int, now: int
) -> bool:
    """Whether a caller may go on to agents of a level."""
    slot = state.slots[leaf]
    own = program.platforms[wide(slot.queue)]
    if own.level_wait_us < 0 or level <= reached:
        return True
    opens = own.level_wait_us * level if own.multiplies else own.level_wait_us
    return now - slot.joined_at >= opens or (own.no_agent_no_wait != 0 and present == 0)


@njit_called
def _next_level(program: Packed, state: State, queue: int, level: int) -> int:
    """The next level at which somebody is logged in; NEVER: there is none."""
    least = NEVER
    for group in range(state.groups.shape[0]):
        own = program.serves[group, queue].penalty
        if own > level and own < least and state.groups[group].n_logged_in > 0:
            least = own
    return least


@njit_called
def _present(program: Packed, state: State, queue: int, level: int, behind: int) -> int:
    """Agents of a level who are logged in, behind one in the list (-1: all)."""
    n = 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty != level:
            continue
        for agent in range(program.first_agent[group], program.first_agent[group + 1]):
            n += state.agents[agent].logged_in and agent > behind
    return n


@njit_called
def _first_free(
    program: Packed, state: State, leaf: int, queue: int, level: int, behind: int
) -> int:
    """The free agent of a level who comes first, behind one in the list (-1: of all); -1: none."""
    best, best_key = -1, 0.0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty != level:
            continue
        for agent in range(program.first_agent[group], program.first_agent[group + 1]):
            if state.agents[agent].idle == 0 or agent <= behind:
                continue
            key = _order(program, state, leaf, agent)
            if best < 0 or key < best_key:
                best, best_key = agent, key
    return best


@njit_called
def _order(program: Packed, state: State, leaf: int, agent: int) -> float:
    """What orders agents of a level before their place in the list."""
    strategy = program.queues[wide(state.slots[leaf].queue)].strategy
    if strategy == _LEAST_RECENT:
        return float(state.pasts[agent].talked_at)
    if strategy == _LEAST_TALK:
        return float(state.pasts[agent].talk_us)
    if strategy == _FEWEST_CALLS:
        return float(wide(state.agents[agent].n_calls))
    return _drawn(state, leaf, agent) if strategy == _AT_RANDOM else 0.0


@njit_called
def _last_offered(program: Packed, state: State, leaf: int, queue: int) -> int:
    """The agent behind whom the search begins: of the queue, or of the caller; -1: nobody."""
    if program.queues[queue].strategy == _TOP_DOWN:
        return wide(state.extras[leaf].pointer) - 1
    best, latest = -1, 0
    for group in range(state.groups.shape[0]):
        if program.serves[group, queue].penalty < 0:
            continue
        for agent in range(program.first_agent[group], program.first_agent[group + 1]):
            if state.pasts[agent].offered > latest:
                best, latest = agent, state.pasts[agent].offered
    return best


# --- offers --------------------------------------------------------------------------------------


@njit_called
def _offer(
    program: Packed, state: State, tables: Tables, leaf: int, agent: int, pointer: int, now: int
) -> None:
    """An agent, or all marked, are to take a call: at once, or when their phones have rung."""
    x, s = state.extras[leaf], state.scalars
    strategy = program.queues[wide(state.slots[leaf].queue)].strategy
    rings_all = strategy == _RING_ALL and x.kind == core.CALL
    for one in range(state.agents.shape[0]) if rings_all else range(agent, agent + 1):
        if one == agent or state.agents[one].rings_for == leaf:
            s[core.N_OFFERS] += 1
            state.pasts[one].offered = s[core.N_OFFERS]
    if strategy == _LINEAR:
        x.pointer = max(pointer, 0)
    elif strategy == _TOP_DOWN:
        x.pointer = agent + 1
    elif strategy == _ROUND_ROBIN:
        x.next_cursor = pointer
    if rings_all:
        phones.ring_marked(program, state, leaf, now)
    else:
        phones.connect_to(program, state, tables, leaf, agent, now)
