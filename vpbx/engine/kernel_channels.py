"""Getting through to a number, and channels beside a call's own, in the compiled engine.

Belongs here: bad connections, licensed channels, legs; under the names of `reference` and `channels`.
Does not belong here: what happens to a call that has got through.
"""

from vpbx import draws
from vpbx._jit import njit_called, njit_inline
from vpbx.codes import Outcome, Phase, Purpose
from vpbx.engine import kernel_core as core
from vpbx.engine.kernel_core import ENDS, NOTHING, State, Tables
from vpbx.engine.records import LONGEST_CONNECTION_US
from vpbx.engine.walk import calendar_value
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER

_BLOCKED, _FAILED, _SUSPENDED = int(Outcome.BLOCKED), int(Outcome.FAILED), int(Outcome.SUSPENDED)
_REFUSED = int(Outcome.REFUSED)
_END_OF_WALK = int(Phase.END_OF_WALK)
_CONNECT, _CONNECT_FAILS = int(Purpose.CONNECT), int(Purpose.CONNECT_FAILS)


# --- arrival ----------------------------------------------------------------------------------------


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


# --- channels beside a call's own -------------------------------------------------------------------


@njit_called
def seize_leg(
    program: Packed, state: State, tables: Tables, slot_row: int, trunk: int, kind: int, now: int
) -> int:
    """A channel beside the call's own: its row among the legs; -1: none free, or none needed."""
    if trunk < 0 or not _licensed_channel(program, state, now):
        return -1
    if not core.take_channel(program, state, trunk, now):
        return -1
    return leg_row(state, tables, slot_row, trunk, kind, now, -1)


@njit_called
def leg_row(
    state: State, tables: Tables, call: int, trunk: int, kind: int, since: int, until: int
) -> int:
    """Enters a leg in the records; its row. `until` is -1 while it is held."""
    s = state.scalars
    row = s[core.N_LEGS]
    s[core.N_LEGS] += 1
    leg = tables.legs[row]
    leg.call, leg.trunk, leg.kind, leg.held_from, leg.held_until = call, trunk, kind, since, until
    return row


@njit_called
def release_leg(state: State, tables: Tables, leg: int, now: int) -> None:
    """The channel of a leg is free again; -1: there is none."""
    if leg >= 0:
        trunk = wide(tables.legs[leg].trunk)
        state.trunks[trunk].held -= 1
        core.change(state, core.trunk_level(state, trunk), now, -1)
        tables.legs[leg].held_until = now
