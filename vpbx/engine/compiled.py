"""Drives the compiled engine: feeds it days, gives out the records.

Belongs here: hand-over between Python and the kernel. Does not belong here: its memory (`memory`),
rules of the telephone system (`kernel`).
"""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from vpbx import draws, lending
from vpbx._jit import kept
from vpbx.engine import kernel
from vpbx.engine import kernel_core as core
from vpbx.engine.booking import calendar_time, stack
from vpbx.engine.kernel_core import State, Tables
from vpbx.engine.memory import Spare, n_intervals, new_tables, with_leaves, with_room
from vpbx.engine.parts import Cut, Ending
from vpbx.engine.records import Calls, Grid, Legs, Records, Visits
from vpbx.engine.walk import Counts
from vpbx.program.packed import pack
from vpbx.program.program import GRID_US, Program
from vpbx.rows import columns
from vpbx.traffic.workload import COLUMN_TYPES, Arrivals
from vpbx.units import NEVER

Ints = NDArray[np.int64]
T = TypeVar("T")

EVENTS = 1_000_000
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
    run = Run(program, seed, replication, workload, 5 / 4)
    while not run.goes_to_the_end():
        run.tables = with_room(run.state, run.tables, 1024)
    s, tables = run.state.scalars, run.tables
    return Records(
        _columns(Calls, tables.calls, int(s[core.N_CALLS])),
        _columns(Visits, tables.visits, int(s[core.N_VISITS])),
        run.legs(),
        *run.ending(),
    )


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
    run = Run(program, seed, replication, workload, 0)
    run.tables = with_room(run.state, run.tables, rows)
    while not run.goes_to_the_end():
        cut, run.tables = _cut(run.state, run.tables, rows)
        yield cut
    run.legs()
    calls, visits, legs = _filled(run.state, run.tables)
    nothing = np.zeros(len(calls), np.bool_)
    yield Cut(calls, visits, legs, nothing, NEVER, run.ending())


class _Shared:
    """What replications of a Program share, also several at once in threads."""

    def __init__(self, program: Program) -> None:
        self.program, self.packed = program, pack(program)
        self.spare = Spare(program, self.packed)


_last_shared: list[_Shared] = []


def _shared(program: Program) -> _Shared:
    """Of the Program that ran last, if it is this one: studies run one again and again."""
    last = _last_shared[-1:]
    if last and last[0].program is program:
        return last[0]
    made = _Shared(program)
    _last_shared[:] = [made]
    return made


class Run:
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
        self.shared, self.workload = _shared(program), workload
        self.program, self.packed = program, self.shared.packed
        self.kept = self.shared.spare.take(draws.stream_key(seed, replication))
        self.state = self.kept.state
        self.tables, self.counts, self.room = new_tables(program), _new_counts(program), room
        self._begin_day()

    def _begin_day(self) -> None:
        self.state, self.block = _next_block(self.state, self.workload)
        if self.room:
            more = int(len(self.block.arrived_at) * self.room)
            self.tables = with_room(self.state, self.tables, more)

    def goes_to_the_end(self) -> bool:
        """Goes on until the run is over (True) or the tables are full (False)."""
        why = kernel.PAUSED
        while why == kernel.PAUSED:
            why = self.goes_on(EVENTS)
        return why == kernel.DONE

    def goes_on(self, events: int) -> int:
        """Goes on for so many events at most; why it stopped: PAUSED, NEEDS_ROWS, or DONE."""
        while True:
            why = kernel.advance(
                self.packed, self.state, self.tables, self.counts, self.block, events
            )
            if why == kernel.NEEDS_ARRIVALS:
                self._begin_day()
            elif why == kernel.NEEDS_SLOTS:
                self.state = with_leaves(self.state, 2 * self.state.slots.shape[0])
            else:
                return int(why)

    def ending(self) -> Ending:
        """The books, when the run is over: its state is not looked at any more."""
        end = int(self.state.scalars[core.NOW])
        self.shared.spare.give_back(self.kept, self.state)
        return _ending(self.program, end, self.tables, self.counts)

    def legs(self) -> Legs:
        """The legs, when the run is over: those still held are held until then."""
        s = self.state.scalars
        rows = columns(self.tables.legs)[: int(s[core.N_LEGS])]
        rows["held_until"][rows["held_until"] < 0] = s[core.NOW]
        return _columns(Legs, rows, len(rows))


# --- cuts: all that knows how a slot names its rows ----------------------------------------------


def _cut(state: State, tables: Tables, rows: int) -> tuple[Cut, Tables]:
    """The tables as they stand, and new ones for so many rows more that begin with the calls that go
    on, whose slots learn where they are now.

    Calls that ended at this very instant, of which more may come, stay as well; none at the end.
    """
    s, slots, extras = state.scalars, columns(state.slots), columns(state.extras)
    calls, visits, legs = _filled(state, tables)
    life = slots["life"]
    live = np.flatnonzero((life == core.LIVE) | (life == core.WAITING))
    goes_on = (calls["ended_at"] == s[core.NOW]) & (s[core.OVER] == 0)
    goes_on[slots["row"][live]] = True
    kept = np.flatnonzero(goes_on)
    kept_visits, kept_legs = (np.flatnonzero(goes_on[t["call"]]) for t in (visits, legs))
    room = max(rows, 2 * len(kept), 2 * len(kept_visits))
    legs_room = max(len(columns(tables.legs)), 2 * len(kept_legs) + 2 * int(s[core.MARGIN]) + 64)
    tables = tables._replace(
        calls=_moved(calls, kept, room),
        visits=_moved(visits, kept_visits, room, kept),
        legs=_moved(legs, kept_legs, legs_room, kept),
    )
    slots["row"][live] = np.searchsorted(kept, slots["row"][live])
    slots["visit"][live] = np.searchsorted(kept_visits, slots["visit"][live])
    if extras is not None and len(extras):
        extras["held_visit"][live] = np.searchsorted(kept_visits, extras["held_visit"][live])
        for of in (extras["leg"], columns(state.ringing)["leg"]):
            own = of[live]
            of[live] = np.where(own < 0, own, np.searchsorted(kept_legs, own))
    s[core.N_CALLS], s[core.N_VISITS], s[core.N_LEGS] = len(kept), len(kept_visits), len(kept_legs)
    return Cut(calls, visits, legs, goes_on, int(s[core.NOW]), None), tables


def _filled(
    state: State, tables: Tables
) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]:
    """Calls, visits and legs as far as they are filled."""
    calls, visits, legs = state.scalars[[core.N_CALLS, core.N_VISITS, core.N_LEGS]].tolist()
    return (
        columns(tables.calls)[:calls],
        columns(tables.visits)[:visits],
        columns(tables.legs)[:legs],
    )


def _moved(rows: NDArray[np.void], kept: Ints, room: int, calls: Ints | None = None) -> Any:
    """A new table of so many rows that begins with those kept; `call` counts the calls kept."""
    made = lending.empty(room, rows.dtype)
    made[: len(kept)] = rows[kept]
    if calls is not None:
        made["call"][: len(kept)] = np.searchsorted(calls, made["call"][: len(kept)])
    return made.view(np.recarray)


def _new_counts(program: Program) -> Counts:
    n = n_intervals(program)
    return Counts(
        edges=np.zeros((n, len(program.edges.exit)), np.int64),
        node_time=np.zeros((n, len(program.flow.nodes.op)), np.int64),
        missed=np.zeros((n, len(program.groups.picks)), np.int64),
        autopauses=np.zeros((n, len(program.groups.picks)), np.int64),
        trail=np.zeros((0, 4), np.int64),
    )


def _next_block(state: State, workload: Iterator[Arrivals]) -> tuple[State, Arrivals]:
    """The next day's first attempts; an empty last block after the last day."""
    arrivals = next(workload, None)
    s = state.scalars
    s[core.NEXT_ARRIVAL], s[core.LAST_BLOCK] = 0, arrivals is None
    if arrivals is None:
        s[core.N_ARRIVALS] = 0
        return state._replace(ahead=_NOTHING_AHEAD), _NO_ARRIVALS
    n = s[core.N_ARRIVALS] = len(arrivals.arrived_at)
    ahead = lending.empty((2, n), np.float64)
    core.draw_ahead(int(s[core.KEY]), arrivals, ahead)
    return state._replace(ahead=ahead), arrivals


_NO_ARRIVALS = Arrivals._make(np.empty(0, kind) for kind in COLUMN_TYPES)
_NOTHING_AHEAD = np.empty((2, 0))


def _columns(table: type[T], rows: object, n: int) -> T:
    """The first n rows of a record array as a table of columns."""
    made = cast(NDArray[np.void], rows)[:n]
    return table(*(made[name] for name in table._fields))  # type: ignore[attr-defined]


def _ending(program: Program, end: int, tables: Tables, counts: Counts) -> Ending:
    """The books, cut to size."""
    n, edge_n = max(1, -(-end // GRID_US)), end // GRID_US + 1
    n_queues, n_groups = len(program.queues.capacity), len(program.groups.picks)
    n_trunks = len(program.trunks.calendar)
    lengths = (n_queues, n_groups, n_groups, n_groups, n_trunks, n_groups)
    booked = columns(tables.grid)[:n]
    queue_time, logged_in, talk, wrap_up, trunk_time, ringing = _stretches(booked["time"], lengths)
    queue_peak, _, _, _, trunk_peak, _ = _stretches(booked["peak"], lengths)
    grid = Grid(
        edges=_folded(counts.edges[:edge_n], n),
        node_time=_folded(counts.node_time[:edge_n], n),
        queue_time=queue_time,
        queue_peak=queue_peak,
        missed=_folded(counts.missed[:edge_n], n),
        autopauses=_folded(counts.autopauses[:edge_n], n),
        ringing=ringing,
        logged_in=logged_in,
        talk=talk,
        wrap_up=wrap_up,
        trunk_time=trunk_time,
        trunk_peak=trunk_peak,
        channels=stack([calendar_time(program, int(c), end) for c in program.trunks.calendar], n),
    )
    return Ending(grid, end)


def _stretches(table: Ints, lengths: tuple[int, ...]) -> list[Ints]:
    """The columns in stretches of these lengths."""
    ends = list(accumulate(lengths, initial=0))
    return [table[:, begin:end] for begin, end in pairwise(ends)]


def _folded(counts: Ints, n: int) -> Ints:
    """The first n intervals, in place; what happened at the very end belongs to the last."""
    counts[n - 1] += counts[n:].sum(axis=0)
    return counts[:n]
