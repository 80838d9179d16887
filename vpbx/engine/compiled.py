"""Drives the compiled engine: makes its state and tables, feeds it days, gives out the records.

Belongs here: memory and hand-over between Python and the kernel. Does not belong here: rules of the
telephone system (`kernel`).
"""

from collections.abc import Iterator
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from vpbx import draws
from vpbx._jit import kept
from vpbx.engine import kernel
from vpbx.engine.booking import calendar_time, fold, stack
from vpbx.engine.kernel import State, Tables
from vpbx.engine.records import (
    CALL_COLUMNS,
    VISIT_COLUMNS,
    Calls,
    Column,
    Grid,
    Records,
    Visits,
)
from vpbx.engine.walk import PROGRESS, Counts
from vpbx.errors import SimulationError
from vpbx.program.packed import pack
from vpbx.program.program import GRID_US, Program
from vpbx.rows import columns, new_rows
from vpbx.traffic.workload import Arrivals

Ints = NDArray[np.int64]
T = TypeVar("T")

_SLICE = 2_000_000
"""Events between two looks at the outside world: about half a second."""


def is_compiled() -> bool:
    """Whether the kernel lies compiled on disk (or in memory already)."""
    return bool(getattr(kernel.advance, "signatures", True)) or kept("kernel.advance")


def run_compiled(
    program: Program, seed: int, replication: int, workload: Iterator[Arrivals]
) -> Records:
    """The records of one replication by the compiled engine."""
    packed_program = pack(program)
    state = _new_state(program, draws.stream_key(seed, replication), 256)
    tables = _new_tables(program)
    counts = _new_counts(program)
    state, block = _next_block(state, workload)
    tables = _with_room(state, tables, len(block.arrived_at) * 5 // 4)
    while True:
        why = kernel.advance(packed_program, state, tables, counts, block, _SLICE)
        if why == kernel.DONE:
            return _records(program, state, tables, counts)
        if why == kernel.NEEDS_ARRIVALS:
            state, block = _next_block(state, workload)
            tables = _with_room(state, tables, len(block.arrived_at) * 5 // 4)
        elif why == kernel.NEEDS_ROWS:
            tables = _with_room(state, tables, 1024)
        elif why == kernel.NEEDS_SLOTS:
            state = _with_leaves(state, 2 * state.slots.shape[0])


def _n_intervals(program: Program) -> int:
    return (program.clock.duration_us + program.clock.drain_us) // GRID_US + 2


def _new_counts(program: Program) -> Counts:
    n = _n_intervals(program)
    return Counts(
        edges=np.zeros((n, len(program.edges.exit)), np.int64),
        node_time=np.zeros((n, len(program.flow.nodes.op)), np.int64),
        trail=np.zeros((0, 4), np.int64),
    )


def _n_levels(program: Program) -> int:
    """Queues; logged in, talking and wrapping up by group; trunks."""
    return (
        len(program.queues.capacity) + 3 * len(program.groups.picks) + len(program.trunks.calendar)
    )


def _priorities(program: Program) -> Ints:
    """Every priority that a call can have in a queue, the highest first."""
    nodes, classes, numbers = program.flow.nodes, program.classes, program.numbers
    at_nodes = {0, *nodes.priority[nodes.state_dependent == 1].tolist()}
    sums = {
        of_class + of_number + at_node
        for of_class in set(classes.priority.tolist())
        for of_number in set(numbers.priority.tolist())
        for at_node in at_nodes
    }
    return np.array(sorted(sums, reverse=True), np.int64)


def _new_state(program: Program, key: int, n_slots: int) -> State:
    """A state before the first event, with so many slots (a power of two)."""
    n_queues, n_groups = len(program.queues.capacity), len(program.groups.picks)
    n_agents, priorities = int(program.groups.first_agent[-1]), _priorities(program)
    scalars = np.zeros(kernel.SCALARS, np.int64)
    scalars[kernel.KEY] = key
    scalars[kernel.HORIZON_AT] = program.clock.duration_us
    scalars[kernel.CHANGE_AT] = 0 if n_groups else kernel.NEVER
    scalars[kernel.PRIORITY_FROM] = priorities[-1]
    rank = np.zeros(int(priorities[0] - priorities[-1]) + 1, np.int64)
    rank[priorities - priorities[-1]] = np.arange(len(priorities))
    scalars[kernel.INTERVAL_END] = GRID_US
    calendars = program.flow.calendars
    group_of = np.repeat(np.arange(n_groups), np.diff(program.groups.first_agent))
    state = State(
        scalars=scalars,
        tree=np.zeros(2, np.int64),
        slots=new_rows(kernel.Slot, 0),
        progress=np.zeros((0, PROGRESS), np.int64),
        free=np.zeros(0, np.int64),
        agents=new_rows(kernel.Agent, n_agents, group=group_of, earlier=-1, later=-1),
        groups=new_rows(
            kernel.Group,
            n_groups,
            idle_first=-1,
            idle_last=-1,
            staff_step=calendars.start[program.groups.calendar],
        ),
        queues=new_rows(kernel.Queue, n_queues),
        lines=new_rows(kernel.Line, (n_queues, len(priorities)), first=-1, last=-1),
        trunks=new_rows(
            kernel.Trunk,
            len(program.trunks.calendar),
            channel_step=calendars.start[program.trunks.calendar],
        ),
        levels=new_rows(kernel.Level, _n_levels(program)),
        rank=rank,
        ahead=np.zeros((2, 0)),
        newly_idle=np.zeros(2 * n_agents + 1, np.int64),
    )
    return _with_leaves(state, n_slots)


def _with_leaves(state: State, leaves: int) -> State:
    """The state with more leaves; the tree is built anew."""
    if leaves > kernel.MOST_LEAVES:
        raise SimulationError(f"more than {kernel.MOST_LEAVES:,} calls and wrap-ups at once")
    old = state.slots.shape[0]
    slots = new_rows(kernel.Slot, leaves, due_at=kernel.NEVER)
    columns(slots)[:old] = state.slots
    progress = np.zeros((leaves, PROGRESS), np.int64)
    progress[:old] = state.progress
    free = np.zeros(leaves, np.int64)
    n_free = int(state.scalars[kernel.N_FREE])
    free[: leaves - old] = np.arange(leaves - 1, old - 1, -1)
    free[leaves - old : leaves - old + n_free] = state.free[:n_free]
    state.scalars[kernel.N_FREE] = leaves - old + n_free
    tree = np.zeros(2 * leaves, np.int64)
    grown = state._replace(tree=tree, slots=slots, progress=progress, free=free)
    kernel.rebase(grown)
    return grown


def _next_block(state: State, workload: Iterator[Arrivals]) -> tuple[State, Arrivals]:
    """The next day's first attempts, with their draws; an empty block after the last day."""
    arrivals = next(workload, None)
    s = state.scalars
    s[kernel.NEXT_ARRIVAL], s[kernel.LAST_BLOCK] = 0, arrivals is None
    if arrivals is None:
        empty = np.zeros(0, np.int64)
        columns = (np.int64, np.int16, np.int16, np.int16, np.int32, np.int32)
        arrivals = Arrivals._make(empty.astype(kind) for kind in columns)
    n = s[kernel.N_ARRIVALS] = len(arrivals.arrived_at)
    ahead = np.empty((2, n))
    kernel.draw_ahead(int(s[kernel.KEY]), arrivals, ahead)
    return state._replace(ahead=ahead), arrivals


def _dtype(columns: dict[str, Column]) -> np.dtype[np.void]:
    return np.dtype([(name, column.dtype) for name, column in columns.items()])


def _new_tables(program: Program) -> Tables:
    """Empty tables."""
    shape = (_n_intervals(program), _n_levels(program))
    calls = np.zeros(0, _dtype(CALL_COLUMNS)).view(np.recarray)
    visits = np.zeros(0, _dtype(VISIT_COLUMNS)).view(np.recarray)
    return Tables(calls, visits, new_rows(kernel.Booked, shape))


def _with_room(state: State, tables: Tables, more: int) -> Tables:
    """The tables with room for so many calls and visits more."""
    s = state.scalars
    calls = _grown(tables.calls, int(s[kernel.N_CALLS]), more)
    visits = _grown(tables.visits, int(s[kernel.N_VISITS]), more)
    return tables._replace(calls=calls, visits=visits)


def _grown(table: T, n: int, more: int) -> T:
    """A table of n rows with room for `more`, or for a quarter more; the kernel fills whole rows."""
    rows = cast(NDArray[np.void], table)
    if len(rows) - n > more:
        return table
    longer = np.empty(n + more + n // 4 + 256, rows.dtype)
    longer[:n] = rows[:n]
    return cast(T, longer.view(np.recarray))


def _columns(table: type[T], rows: object, n: int) -> T:
    """The first n rows of a record array as a table of columns."""
    made = cast(NDArray[np.void], rows)[:n]
    return table(*(made[name] for name in table._fields))  # type: ignore[attr-defined]


def _records(program: Program, state: State, tables: Tables, counts: Counts) -> Records:
    """All that the run leaves, cut to size."""
    s = state.scalars
    end, n_calls, n_visits = (int(s[i]) for i in (kernel.NOW, kernel.N_CALLS, kernel.N_VISITS))
    n, edge_n = max(1, -(-end // GRID_US)), end // GRID_US + 1
    n_queues, n_groups = len(program.queues.capacity), len(program.groups.picks)
    cuts = np.cumsum([n_queues, n_groups, n_groups, n_groups])
    booked = columns(tables.grid)[:n]
    time, peak = booked["time"], booked["peak"]
    queue_time, logged_in, talk, wrap_up, trunk_time = np.split(time, cuts, axis=1)
    queue_peak, *_, trunk_peak = np.split(peak, cuts, axis=1)
    grid = Grid(
        edges=fold(counts.edges[:edge_n], n),
        node_time=fold(counts.node_time[:edge_n], n),
        queue_time=queue_time,
        queue_peak=queue_peak,
        logged_in=logged_in,
        talk=talk,
        wrap_up=wrap_up,
        trunk_time=trunk_time,
        trunk_peak=trunk_peak,
        channels=stack([calendar_time(program, int(c), end) for c in program.trunks.calendar], n),
    )
    calls, visits = (
        _columns(Calls, tables.calls, n_calls),
        _columns(Visits, tables.visits, n_visits),
    )
    return Records(calls, visits, grid, end)
