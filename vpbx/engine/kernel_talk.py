"""The end of a talk with rare features, in the compiled engine: warm transfers, calls back, unsettled
matters.

Belongs here: what follows a talk for caller and agent. Does not belong here: the usual end of a talk
(`kernel_core`).
"""

from vpbx import draws
from vpbx._jit import njit_called, njit_inline
from vpbx.codes import Op, Outcome, Purpose
from vpbx.engine import kernel_channels as channels
from vpbx.engine import kernel_core as core
from vpbx.engine import kernel_extensions as extensions
from vpbx.engine.kernel_core import ENDS, NOTHING, State, Tables
from vpbx.engine.walk import Counts
from vpbx.program.packed import Packed
from vpbx.rows import wide

_ANSWERED, _CALLBACK_DONE = int(Outcome.ANSWERED), int(Outcome.CALLBACK_DONE)
_UNSETTLED, _WRAP_UP = int(Purpose.UNSETTLED), int(Purpose.WRAP_UP)
_OP_QUEUE, _OP_RING = int(Op.QUEUE), int(Op.RING)


@njit_inline
def end_of_talk(
    program: Packed, state: State, tables: Tables, counts: Counts, leaf: int, now: int
) -> int:
    """The talk is over: the agent wraps up, or stays with a call that is passed on."""
    slot, x = state.slots[leaf], state.extras[leaf]
    at_node = program.flow.nodes[wide(slot.node)]
    if at_node.op == _OP_RING:
        extensions.release_all(state, tables, leaf, now)
        core.leave(state, counts, at_node.next_edge)
        return at_node.next if at_node.next >= 0 else ENDS - core.hung_up(program, state, leaf)
    if x.kind == core.MESSAGE:
        wraps_up(program, state, tables, leaf, now)
        state.scalars[core.N_LIVE] -= 1
        core.free_slot(state, leaf)
        core.check_over(program, state, now)
        return NOTHING
    release_held(program, state, tables, leaf, now)
    following, holds = at_node.next, 0
    if following >= 0 and program.flow.nodes[following].op == _OP_QUEUE:
        row = program.flow.nodes[following].wait
        holds = program.waits[row].holds_agent if row >= 0 else 0
    if holds and x.kind == core.CALL:
        x.held_until, x.held_agent, x.held_visit = holds, slot.agent, slot.visit
        x.held_queue, x.held_answer = slot.queue, slot.answers - 1
        tables.visits[wide(slot.visit)].talk_until = core.horizon_us(program)
    else:
        wraps_up(program, state, tables, leaf, now)
    if x.kind == core.CALLBACK:
        channels.release_leg(state, tables, wide(x.leg), now)
        return ENDS - _CALLBACK_DONE
    core.leave(state, counts, at_node.next_edge)
    return following if following >= 0 else ENDS - _ANSWERED


@njit_called
def wraps_up(program: Packed, state: State, tables: Tables, leaf: int, now: int) -> None:
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
