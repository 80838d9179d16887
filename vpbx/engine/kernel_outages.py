"""Outages in the compiled engine: calls that are cut when a trunk or a group of agents fails.

Belongs here: what `outages` is in the reference engine. Does not belong here: when it happens
(`kernel`).
"""

from vpbx._jit import njit_called
from vpbx.codes import Op, Outcome, Phase
from vpbx.engine import kernel_channels as channels
from vpbx.engine import kernel_core as core
from vpbx.engine import kernel_extensions as extensions
from vpbx.engine import kernel_limits as limits
from vpbx.engine import kernel_talk as talk
from vpbx.engine.kernel_core import ENDS, State, Tables
from vpbx.program.packed import Packed
from vpbx.rows import wide

_FAILED = int(Outcome.FAILED)
_END_OF_TALK = int(Phase.END_OF_TALK)
_OP_QUEUE = int(Op.QUEUE)


@njit_called
def is_cut(program: Packed, state: State, leaf: int, trunk: int, group: int) -> bool:
    """Whether an outage of a trunk, or of a group's agents, ends a call."""
    slot, x = state.slots[leaf], state.extras[leaf]
    if x.kind == core.MESSAGE or (slot.life != core.LIVE and slot.life != core.WAITING):
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
    extensions.release_all(state, tables, leaf, now)
    if slot.life == core.WAITING:
        limits.take_out(program, state, tables, leaf, now)
        tables.visits[wide(slot.visit)].outcome = _FAILED
    elif _talks(program, state, leaf):
        talk.wraps_up(program, state, tables, leaf, now)
        channels.release_leg(state, tables, wide(x.leg), now)
    talk.release_held(program, state, tables, leaf, now)
    return ENDS - _FAILED
