"""How long a call waits, in the compiled engine: patience, longest wait, leaving key, announcements,
widening.

Belongs here: what `limits` is in the reference engine, and leaving the line. Does not belong here: what
becomes of a call that has left (`kernel_joining`).
"""

from vpbx import draws
from vpbx._jit import njit_called
from vpbx.codes import Phase, Platform, Purpose
from vpbx.engine import kernel_core as core
from vpbx.engine.kernel_core import State, Tables
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER, SECOND_US

_RETRY, _END_OF_PATIENCE = int(Phase.RETRY), int(Phase.END_OF_PATIENCE)
_MAXIMUM_WAIT, _ANNOUNCEMENT = int(Phase.MAXIMUM_WAIT), int(Phase.ANNOUNCEMENT)
_BALK, _REACTION_TO_WAIT = int(Purpose.BALK), int(Purpose.REACTION_TO_WAIT)
_LEAVE_QUEUE, _LEAVE_QUEUE_AFTER = int(Purpose.LEAVE_QUEUE), int(Purpose.LEAVE_QUEUE_AFTER)
_OWN_ORDER = int(Platform.OWN)


# --- what ends a wait -------------------------------------------------------------------------------


@njit_called
def follows(program: Packed, queue: int) -> bool:
    """Whether a queue follows a platform."""
    return program.platforms[queue].platform != _OWN_ORDER


@njit_called
def next_stage(program: Packed, queue: int, joined_at: int, waited: int) -> int:
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
def set_limits(program: Packed, state: State, leaf: int, now: int) -> None:
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
def balks_at(program: Packed, state: State, leaf: int) -> bool:
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
def is_announced(program: Packed, state: State, leaf: int, now: int) -> bool:
    """The wait is told again: whether the caller hangs up; or stays longer."""
    slot, x = state.slots[leaf], state.extras[leaf]
    row = program.flow.nodes[wide(slot.node)].wait
    x.told_s = core.expected_wait_s(program, state, wide(slot.queue), now)
    if balks_at(program, state, leaf):
        return True
    if x.told_s >= 0 and x.patience_at < NEVER:
        x.patience_at = now + _stretched(program, x.patience_at - now, row)
    x.announce_at = now + program.waits[row].every_us
    return False


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


# --- leaving the line -------------------------------------------------------------------------------


@njit_called
def take_out(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> None:
    """A call leaves the queue, whatever for; phones that ring for it fall silent."""
    core.take_out(state, tables, leaf, now)
    if state.extras[leaf].ring_agent >= 0:
        for agent in range(state.agents.shape[0]):
            if state.agents[agent].rings_for == leaf:
                stop_ringing(state, agent, now)
                core.end_agent_event(state, agent)
                core.free_agent(program, state, agent, state.agents[agent].idle_since, now)
        state.extras[leaf].ring_agent = -1
    has_left(program, state, leaf)


@njit_called
def has_left(program: Packed, state: State, leaf: int) -> None:
    """A call is out of a platform's queue: the next in line may have the turn."""
    if follows(program, wide(state.slots[leaf].queue)):
        ring_over(state, leaf)
        core.pend_look(state)


@njit_called
def ring_over(state: State, leaf: int) -> None:
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
            if state.extras[leaf].kind == core.CALL:
                return leaf
            leaf = wide(state.slots[leaf].after)
    return -1


@njit_called
def start_ringing(state: State, leaf: int, agent: int, now: int) -> None:
    """An agent's phone begins to ring for a call."""
    core.no_longer_idle(state, agent)
    state.agents[agent].rings_for = leaf
    core.change(state, core.ringing_level(state, wide(state.agents[agent].group)), now, 1)


@njit_called
def stop_ringing(state: State, agent: int, now: int) -> None:
    """An agent's phone no longer rings."""
    state.agents[agent].rings_for = -1
    core.change(state, core.ringing_level(state, wide(state.agents[agent].group)), now, -1)
