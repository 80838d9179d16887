"""The compiled engine's memory: its state and tables, as large as a run needs.

Belongs here: making and lengthening them. Does not belong here: what is in them (`kernel_core`), when
they are too small (`compiled`).
"""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vpbx import lending
from vpbx.codes import Platform
from vpbx.engine import kernel_core as core
from vpbx.engine.kernel_core import State, Tables
from vpbx.engine.parts import no_rows
from vpbx.engine.records import CALL_COLUMNS, LEG_COLUMNS, VISIT_COLUMNS
from vpbx.engine.walk import PROGRESS
from vpbx.errors import SimulationError
from vpbx.program.packed import Packed
from vpbx.program.program import GRID_US, Program
from vpbx.rows import Rows, aligned, columns, new_rows, raw
from vpbx.units import NEVER, NEVER_YET

Ints = NDArray[np.int64]

LEAVES = 256
"""Of a state, before anybody knows how many are needed."""


def n_intervals(program: Program) -> int:
    """Base intervals that a run can reach."""
    return (program.clock.duration_us + program.clock.drain_us) // GRID_US + 2


def _n_levels(program: Program) -> int:
    """Queues; logged in, talking, wrapping up by group; trunks; ringing by group."""
    n_groups = len(program.groups.picks)
    return len(program.queues.capacity) + 4 * n_groups + len(program.trunks.calendar)


def _priorities(program: Program) -> Ints:
    """Every priority that a call can have in a queue, the highest first."""
    nodes, classes, numbers = program.flow.nodes, program.classes, program.numbers
    at_nodes = {0, *nodes.priority[nodes.state_dependent == 1].tolist()}
    skips = {0, *program.waits.skip_priority.tolist()}
    sums = {0} | {
        of_class + of_number + at_node + skip
        for of_class in set(classes.priority.tolist())
        for of_number in set(numbers.priority.tolist())
        for at_node in at_nodes
        for skip in skips
    }
    return np.array(sorted(sums, reverse=True), np.int64)


def new_state(program: Program, packed: Packed, key: int, n_slots: int) -> State:
    """A state before the first event, with so many slots (a power of two)."""
    n_queues, n_groups = len(program.queues.capacity), len(program.groups.picks)
    n_agents, priorities = int(program.groups.first_agent[-1]), _priorities(program)
    scalars = np.zeros(core.SCALARS, np.int64)
    scalars[core.KEY] = key
    scalars[core.HORIZON_AT] = program.clock.duration_us
    scalars[core.CHANGE_AT] = 0 if n_groups else NEVER
    scalars[core.PRIORITY_FROM] = priorities[-1]
    scalars[core.MARGIN] = n_agents + 1 if packed.special else 0
    rank = np.zeros(int(priorities[0] - priorities[-1]) + 1, np.int64)
    rank[priorities - priorities[-1]] = np.arange(len(priorities))
    scalars[core.INTERVAL_END] = GRID_US
    calendars = program.flow.calendars
    group_of = np.repeat(np.arange(n_groups), np.diff(program.groups.first_agent))
    places = np.arange(n_agents) - program.groups.first_agent[group_of]
    follows = program.platforms.platform != Platform.OWN
    most_legs = int(program.rings.n_legs.max(initial=0))
    state = State(
        scalars=scalars,
        tree=np.zeros(2, np.int64),
        slots=new_rows(core.Slot, 0),
        progress=np.zeros((0, PROGRESS), np.int32),
        free=np.zeros(0, np.int64),
        agents=new_rows(
            core.Agent,
            n_agents,
            group=group_of,
            place=places,
            earlier=-1,
            later=-1,
            rings_for=-1,
            leaf=-1,
        ),
        groups=new_rows(
            core.Group,
            n_groups,
            idle_first=-1,
            idle_last=-1,
            staff_step=calendars.start[program.groups.calendar],
        ),
        queues=new_rows(core.Queue, n_queues, cursor=np.where(follows, 0, -1)),
        lines=new_rows(core.Line, (n_queues, len(priorities)), first=-1, last=-1),
        trunks=new_rows(
            core.Trunk,
            len(program.trunks.calendar),
            channel_step=calendars.start[program.trunks.calendar],
        ),
        levels=new_rows(core.Level, _n_levels(program)),
        rank=rank,
        ahead=np.zeros((2, 0)),
        newly_idle=np.zeros(2 * n_agents + 1, np.int64),
        extras=new_rows(core.Extra, 0),
        ringing=new_rows(core.Ringing, (0, most_legs)),
        leg_order=np.zeros((0, most_legs), np.int64),
        in_use=np.zeros(len(program.extensions.lines), np.int64),
        ring_cursor=np.zeros(len(program.rings.mode), np.int64),
        pasts=new_rows(core.Past, n_agents, talked_at=NEVER_YET),
        looking=np.full(n_queues, -1, np.int64),
    )
    return with_leaves(state, max(n_slots, 1 << (2 * int(scalars[core.MARGIN])).bit_length()))


def with_leaves(state: State, leaves: int) -> State:
    """The state with more leaves, the tree built anew; the one given is left as it is, since other threads
    may read it."""
    if leaves > core.MOST_LEAVES:
        raise SimulationError(f"more than {core.MOST_LEAVES:,} calls and wrap-ups at once")
    old = state.slots.shape[0]
    free = np.zeros(leaves, np.int64)
    n_free = int(state.scalars[core.N_FREE])
    free[: leaves - old] = np.arange(leaves - 1, old - 1, -1)
    free[leaves - old : leaves - old + n_free] = state.free[:n_free]
    scalars = state.scalars.copy()
    scalars[core.N_FREE] = leaves - old + n_free
    special = leaves if state.scalars[core.MARGIN] else 0
    n_legs = state.ringing.shape[1]
    grown = state._replace(
        scalars=scalars,
        tree=np.zeros(2 * leaves, np.int64),
        slots=_longer(state.slots, new_rows(core.Slot, leaves, due_at=NEVER)),
        progress=_longer(state.progress, aligned((leaves, PROGRESS), np.int32)),
        free=free,
        extras=_longer(state.extras, new_rows(core.Extra, special)),
        ringing=_longer(state.ringing, new_rows(core.Ringing, (special, n_legs))),
        leg_order=_longer(state.leg_order, np.zeros((special, n_legs), np.int64)),
    )
    core.rebase(grown)
    return grown


class Spare:
    """States of one Program that replications take and give back: to begin anew, a state gets the bytes
    of one that has never run, which takes a twentieth of the time of making another."""

    def __init__(self, program: Program, packed: Packed) -> None:
        self._fresh = new_state(program, packed, 0, LEAVES)
        self._idle: list[_Kept] = []

    def take(self, key: int) -> "_Kept":
        """A state before the first event; `key`: of its draws."""
        fresh = self._fresh
        try:
            kept = self._idle.pop()  # another thread may have taken the last
        except IndexError:
            kept = None
        if kept is None or kept.fresh is not fresh:
            kept = _Kept(fresh)
        for own, new in kept.pairs:
            own[...] = new
        kept.state.scalars[core.KEY] = key
        return kept

    def give_back(self, kept: "_Kept", last: State) -> None:
        """After a run, whose last state this is: if it needed more leaves, all later ones have them."""
        leaves = last.slots.shape[0]
        if leaves > self._fresh.slots.shape[0]:
            self._fresh = with_leaves(self._fresh, leaves)
        elif kept.fresh is self._fresh:
            self._idle.append(kept)


class _Kept:
    """A state of the same size as a fresh one, and the bytes of both, array by array."""

    def __init__(self, fresh: State) -> None:
        self.fresh = fresh
        self.state = State(*(_another(array) for array in fresh))
        pairs = zip(self.state, fresh, strict=True)
        self.pairs = [(raw(own), raw(new)) for own, new in pairs if columns(own).size]


def _another(array: Any) -> Any:
    """An array of the same layout."""
    made: Any = aligned(array.shape, array.dtype)
    return made.view(type(array))


def _longer(old: Any, new: Any) -> Any:
    """A longer table that begins as the old one."""
    columns(new)[: len(old)] = columns(old)
    return new


def new_tables(program: Program) -> Tables:
    """Empty tables."""
    shape = (n_intervals(program), _n_levels(program))
    calls, visits, legs = _NO_ROWS
    return Tables(calls, visits, legs, new_rows(core.Booked, shape))


_NO_ROWS = tuple(no_rows(kinds) for kinds in (CALL_COLUMNS, VISIT_COLUMNS, LEG_COLUMNS))


def with_room(state: State, tables: Tables, more: int) -> Tables:
    """The tables with room for so many calls and visits more."""
    s = state.scalars
    legs = tables.legs
    if s[core.MARGIN]:
        legs = _grown(legs, int(s[core.N_LEGS]), max(1024, 2 * int(s[core.MARGIN]) + 64))
    return tables._replace(
        calls=_grown(tables.calls, int(s[core.N_CALLS]), more),
        visits=_grown(tables.visits, int(s[core.N_VISITS]), more),
        legs=legs,
    )


def _grown(table: Rows[Any], n: int, more: int) -> Rows[Any]:
    """A table of n rows with room for `more`, or for twice as many; the kernel fills whole rows, and what is
    not filled takes no memory."""
    rows = columns(table)
    if len(rows) - n > more:
        return table
    longer = lending.empty(2 * n + more + 256, rows.dtype)
    raw(longer)[: n * rows.itemsize] = raw(rows)[: n * rows.itemsize]
    return cast(Rows[Any], longer.view(np.recarray))
