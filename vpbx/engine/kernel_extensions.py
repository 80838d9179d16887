"""Ring nodes in the compiled engine: extensions and outside numbers that ring and talk.

Belongs here: what `extensions` is in the reference engine. Does not belong here: agents' phones
(`kernel_phones`).
"""

from vpbx import draws
from vpbx._jit import njit_called
from vpbx.codes import LegKind, Outcome, Phase, Purpose, RingMode
from vpbx.engine import kernel_channels as channels
from vpbx.engine import kernel_core as core
from vpbx.engine.kernel_core import ENDS, NOTHING, State, Tables
from vpbx.engine.walk import Counts, calendar_value
from vpbx.program.packed import Packed
from vpbx.rows import wide
from vpbx.units import NEVER, TEN_THOUSANDTHS

_ABANDONED = int(Outcome.ABANDONED)
_END_OF_TALK, _PHONE_ANSWERED = int(Phase.END_OF_TALK), int(Phase.PHONE_ANSWERED)
_RING_TIMEOUT, _END_OF_PATIENCE = int(Phase.RING_TIMEOUT), int(Phase.END_OF_PATIENCE)
_LEG, _LEG_MISSED, _LEG_BUSY = int(Purpose.LEG), int(Purpose.LEG_MISSED), int(Purpose.LEG_BUSY)
_LEG_ORDER, _LEG_TALK = int(Purpose.LEG_ORDER), int(Purpose.LEG_TALK)
_ALL, _ONE_BY_ONE, _RANDOM = int(RingMode.ALL), int(RingMode.ONE_BY_ONE), int(RingMode.RANDOM)
_FORWARDED_LEG = int(LegKind.FORWARDED)


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
            leg = channels.seize_leg(program, state, tables, row, own.trunk, _FORWARDED_LEG, now)
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
    channels.release_leg(state, tables, wide(one.leg), now)


@njit_called
def release_all(state: State, tables: Tables, leaf: int, now: int) -> None:
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
        release_all(state, tables, leaf, now)
        x.rings_now = 0
        core.leave(state, counts, program.flow.nodes[node].hang_up_edge)
        return ENDS - _ABANDONED
    if phase == _RING_TIMEOUT:
        extension = program.extensions[wide(state.ringing[leaf, 0].extension)].no_answer_to
        release_all(state, tables, leaf, now)
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
