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
from vpbx.engine.booking import calendar_time, stack
from vpbx.engine.kernel import State, Tables
from vpbx.engine.parts import NEVER, Cut, Ending, row_type
from vpbx.engine.records import CALL_COLUMNS, VISIT_COLUMNS, Calls, Grid, Records, Visits
from vpbx.engine.walk import Counts
from vpbx.errors import SimulationError
from vpbx.program.packed import pack
from vpbx.program.program import GRID_US, Program
from vpbx.traffic.workload import Arrivals

Ints = NDArray[np.int64]
T = TypeVar("T")

_SLICE = 1_000_000
"""Events between two looks at the outside world: a third of a second or less."""
PART_ROWS = 1 << 17
"""Calls (and visits) that the tables have room for where records are handed out in parts."""


def is_compiled() -> bool:
    """Whether the kernel lies compiled on disk (or in memory already)."""
    return bool(getattr(kernel.advance, "signatures", True)) or kept("kernel.advance")


def run_compiled(
    program: Program, seed: int, replication: int, workload: Iterator[Arrivals]
) -> Records:
    """The records of one replication by the compiled engine."""
    run = _Run(program, seed, replication, workload, 5 / 4)
    while not run.goes_to_the_end():
        run.tables = _with_room(run.state, run.tables, 1024)
    s, tables = run.state.scalars, run.tables
    calls = _columns(Calls, tables.calls, int(s[kernel.N_CALLS]))
    visits = _columns(Visits, tables.visits, int(s[kernel.N_VISITS]))
    return Records(calls, visits, *run.ending())


def run_in_cuts(
    program: Program,
    seed: int,
    replication: int,
    workload: Iterator[Arrivals],
    rows: int = PART_ROWS,
) -> Iterator[Cut]:
    """The same records, a full table at a time: memory does not grow with the run (`part_of`).

    The engine's tables have room for so many rows, or for twice as many as there are calls at once.
    """
    run = _Run(program, seed, replication, workload, 0)
    run.tables = _with_room(run.state, run.tables, rows)
    while not run.goes_to_the_end():
        cut, run.tables = _cut(run.state, run.tables, rows)
        yield cut
    cut, _ = _cut(run.state, run.tables, 0)
    yield cut._replace(until=NEVER, ending=run.ending())


class _Run:
    """A replication under way; when a day begins, the tables are given room for `room` times its
    first attempts."""

    def __init__(
        self,
        program: Program,
        seed: int,
        replication: int,
        workload: Iterator[Arrivals],
        room: float,
    ) -> None:
        self.program, self.packed, self.workload = program, pack(program), workload
        self.state = _new_state(program, draws.stream_key(seed, replication), 256)
        self.tables, self.counts, self.room = _new_tables(program), _new_counts(program), room
        self._begin_day()

    def _begin_day(self) -> None:
        self.block = _next_block(self.state, self.workload)
        if self.room:
            more = int(len(self.block.arrived_at) * self.room)
            self.tables = _with_room(self.state, self.tables, more)

    def goes_to_the_end(self) -> bool:
        """Goes on until the run is over (True) or the tables are full (False)."""
        while True:
            why = kernel.advance(
                self.packed, self.state, self.tables, self.counts, self.block, _SLICE
            )
            if why in (kernel.DONE, kernel.NEEDS_ROWS):
                return bool(why == kernel.DONE)
            if why == kernel.NEEDS_ARRIVALS:
                self._begin_day()
            elif why == kernel.NEEDS_SLOTS:
                self.state = _with_leaves(self.state, 2 * len(self.state.slots))

    def ending(self) -> Ending:
        """The books, when the run is over."""
        return _ending(self.program, int(self.state.scalars[kernel.NOW]), self.tables, self.counts)


# --- cuts: all that knows how a slot names its rows ----------------------------------------------


def _cut(state: State, tables: Tables, rows: int) -> tuple[Cut, Tables]:
    """The tables as they stand, and new ones for so many rows more that begin with the calls that go
    on, whose slots learn where they are now.

    Calls that ended at this very instant, of which more may come, stay as well; none at the end.
    """
    s, slots = state.scalars, state.slots
    calls = cast(NDArray[np.void], tables.calls)[: int(s[kernel.N_CALLS])]
    visits = cast(NDArray[np.void], tables.visits)[: int(s[kernel.N_VISITS])]
    life = slots[len(state.agents) :, kernel._LIFE]
    live = np.flatnonzero((life == kernel._LIVE) | (life == kernel._WAITING)) + len(state.agents)
    goes_on = (calls["ended_at"] == s[kernel.NOW]) & (s[kernel.OVER] == 0)
    goes_on[slots[live, kernel._ROW]] = True
    kept, kept_visits = np.flatnonzero(goes_on), np.flatnonzero(goes_on[visits["call"]])
    room = max(rows, 2 * len(kept), 2 * len(kept_visits))
    new_calls, new_visits = np.empty(room, calls.dtype), np.empty(room, visits.dtype)
    new_calls[: len(kept)], new_visits[: len(kept_visits)] = calls[kept], visits[kept_visits]
    own = new_visits["call"][: len(kept_visits)]
    own[:] = np.searchsorted(kept, own)
    slots[live, kernel._ROW] = np.searchsorted(kept, slots[live, kernel._ROW])
    slots[live, kernel._VISIT] = np.searchsorted(kept_visits, slots[live, kernel._VISIT])
    s[kernel.N_CALLS], s[kernel.N_VISITS] = len(kept), len(kept_visits)
    cut = Cut(calls, visits, goes_on, int(s[kernel.NOW]), None)
    return cut, tables._replace(
        calls=cast(Calls, new_calls.view(np.recarray)),
        visits=cast(Visits, new_visits.view(np.recarray)),
    )


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
    nodes = program.flow.nodes
    at_nodes = np.append(nodes.priority[nodes.state_dependent == 1], 0)
    sums = (
        program.classes.priority[:, None, None]
        + program.numbers.priority[None, :, None]
        + at_nodes[None, None, :]
    )
    return np.unique(sums)[::-1].astype(np.int64)


def _new_state(program: Program, key: int, n_slots: int) -> State:
    """A state before the first event, with room for so many calls at once."""
    n_queues, n_groups = len(program.queues.capacity), len(program.groups.picks)
    n_agents, priorities = int(program.groups.first_agent[-1]), _priorities(program)
    leaves = 1 << (n_agents + n_slots - 1).bit_length()
    scalars = np.zeros(kernel.SCALARS, np.int64)
    scalars[kernel.KEY] = key
    scalars[kernel.HORIZON_AT] = program.clock.duration_us
    scalars[kernel.CHANGE_AT] = 0 if n_groups else kernel.NEVER
    scalars[kernel.PRIORITY_FROM] = priorities[-1]
    rank = np.zeros(int(priorities[0] - priorities[-1]) + 1, np.int64)
    rank[priorities - priorities[-1]] = np.arange(len(priorities))
    agents = np.full((n_agents, kernel.AGENT), -1, np.int64)
    agents[:, :6] = 0
    agents[:, 0] = np.repeat(np.arange(n_groups), np.diff(program.groups.first_agent))
    n_trunks = len(program.trunks.calendar)
    calendars = program.flow.calendars
    state = State(
        scalars=scalars,
        tree=np.zeros(2, np.int64),
        slots=np.zeros((0, kernel.SLOT), np.int64),
        free=np.zeros(0, np.int64),
        agents=agents,
        groups=_record(
            kernel.OfGroups,
            n_groups,
            idle_first=-1,
            idle_last=-1,
            staff_step=calendars.start[program.groups.calendar],
        ),
        queues=_record(kernel.OfQueues, n_queues),
        lines=_record(kernel.Lines, (n_queues, len(priorities)), first=-1, last=-1),
        trunks=_record(
            kernel.OfTrunks, n_trunks, channel_step=calendars.start[program.trunks.calendar]
        ),
        levels=_record(kernel.Levels, _n_levels(program)),
        rank=rank,
        newly_idle=np.zeros(2 * n_agents + 1, np.int64),
        newly_waiting=np.zeros(0, np.int64),
    )
    return _with_leaves(state, leaves)


def _with_leaves(state: State, leaves: int) -> State:
    """The state with more leaves; the tree is built anew."""
    if leaves > kernel.MOST_LEAVES:
        raise SimulationError(f"more than {kernel.MOST_LEAVES:,} agents and calls at once")
    old = max(len(state.slots), len(state.agents))
    slots = np.zeros((leaves, kernel.SLOT), np.int64)
    slots[: len(state.slots)] = state.slots
    slots[len(state.slots) :, kernel.DUE_AT] = kernel.NEVER
    free = np.zeros(leaves, np.int64)
    n_free = int(state.scalars[kernel.N_FREE])
    free[: leaves - old] = np.arange(leaves - 1, old - 1, -1)
    free[leaves - old : leaves - old + n_free] = state.free[:n_free]
    state.scalars[kernel.N_FREE] = leaves - old + n_free
    newly_waiting = np.zeros(leaves, np.int64)
    newly_waiting[: len(state.newly_waiting)] = state.newly_waiting
    grown = state._replace(
        tree=np.zeros(2 * leaves, np.int64), slots=slots, free=free, newly_waiting=newly_waiting
    )
    kernel.rebase(grown)
    return grown


def _next_block(state: State, workload: Iterator[Arrivals]) -> Arrivals:
    """The next day's first attempts; an empty last block after the last day."""
    arrivals = next(workload, None)
    s = state.scalars
    s[kernel.NEXT_ARRIVAL], s[kernel.LAST_BLOCK] = 0, arrivals is None
    if arrivals is None:
        empty = np.zeros(0, np.int64)
        columns = (np.int64, np.int16, np.int16, np.int16, np.int32, np.int32)
        arrivals = Arrivals._make(empty.astype(kind) for kind in columns)
    s[kernel.N_ARRIVALS] = len(arrivals.arrived_at)
    return arrivals


def _record(table: type[T], shape: int | tuple[int, ...], **values: object) -> T:
    """A record array of int64 columns, 0 where no value is given."""
    fields: tuple[str, ...] = table._fields  # type: ignore[attr-defined]
    made = np.zeros(shape, [(name, np.int64) for name in fields]).view(np.recarray)
    for name, value in values.items():
        made[name] = value
    return cast(T, made)


def _new_tables(program: Program) -> Tables:
    """Empty tables."""
    shape = (_n_intervals(program), _n_levels(program))
    calls = np.zeros(0, row_type(CALL_COLUMNS)).view(np.recarray)
    visits = np.zeros(0, row_type(VISIT_COLUMNS)).view(np.recarray)
    grid = _record(kernel.Booked, shape)
    return Tables(cast(Calls, calls), cast(Visits, visits), grid)


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


def _ending(program: Program, end: int, tables: Tables, counts: Counts) -> Ending:
    """The books, cut to size."""
    n, edge_n = max(1, -(-end // GRID_US)), end // GRID_US + 1
    n_queues, n_groups = len(program.queues.capacity), len(program.groups.picks)
    cuts = np.cumsum([n_queues, n_groups, n_groups, n_groups])
    time, peak = tables.grid.time[:n], tables.grid.peak[:n]
    queue_time, logged_in, talk, wrap_up, trunk_time = np.split(time, cuts, axis=1)
    queue_peak, *_, trunk_peak = np.split(peak, cuts, axis=1)
    grid = Grid(
        edges=_folded(counts.edges[:edge_n], n),
        node_time=_folded(counts.node_time[:edge_n], n),
        queue_time=queue_time,
        queue_peak=queue_peak,
        logged_in=logged_in,
        talk=talk,
        wrap_up=wrap_up,
        trunk_time=trunk_time,
        trunk_peak=trunk_peak,
        channels=stack([calendar_time(program, int(c), end) for c in program.trunks.calendar], n),
    )
    return Ending(grid, end)


def _folded(counts: Ints, n: int) -> Ints:
    """The first n intervals, in place; what happened at the very end belongs to the last."""
    counts[n - 1] += counts[n:].sum(axis=0)
    return counts[:n]
