"""The frame of a tally: what time is, locally, and which index belongs to which.

Belongs here: the plain arrays that `tally` and `summarise` share, and the cells that figures are
counted in. Does not belong here: counting.

Every instant falls into up to two *cells*: the interval of the run, and the hour of the local week.
What arrives after the duration (a redial while the run drains) falls into one cell of its own,
`drain`; what falls into the warm-up, into none. Why: a redial at two in the morning of the next day
belongs to the day that caused it, so the totals count it, but no interval of that day does.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.possible import NOTHING_MORE, Possible
from vpbx.measures.redials import CAUSES, USUAL_CAUSES
from vpbx.units import DAY_US, HOUR_US

if TYPE_CHECKING:
    from vpbx.program.program import Program

Ints = NDArray[np.int64]

WEEK_HOURS = 168
MOST_INTERVALS = 2976
"""More intervals than in a month of quarter hours are not kept: they widen to hours, then days."""


KEPT = 64
"""Frames whose cells and the like are kept: a study counts thousands of replications by a few frames."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Plain arrays that say how to count the records of one program; equal to itself only, so that what
    follows from it is worked out once.

    `minute_of_week` (0 = Monday 00:00, local) and `day` (local day, 0 the first) have one value a
    base interval of the duration; `serves[group, queue]`; `entry[number, class]` is the first node
    of an accepted or redirected call, -1 where the call is refused outright; `cost[interval,
    group]` is money spent in each base interval (None: no wage known); `redials_after` are the
    causes for which anybody calls again; `possible` is what there is to count.
    """

    grid_us: int
    duration_us: int
    warm_up_us: int
    interval_us: int
    thresholds_us: tuple[int, ...]
    minute_of_week: Ints
    day: Ints
    short_abandon_us: Ints
    trunk_of_number: Ints
    entry: Ints
    serves: NDArray[np.bool_]
    edge_from: Ints
    edge_to: Ints
    edge_exit: Ints
    edge_case: Ints
    n_numbers: int
    n_classes: int
    n_queues: int
    n_groups: int
    n_trunks: int
    n_nodes: int
    cost: NDArray[np.float64] | None = None
    redials_after: tuple[int, ...] = USUAL_CAUSES
    possible: Possible = NOTHING_MORE

    @property
    def n_base(self) -> int:
        """Base intervals in the duration, the last one perhaps shorter."""
        return -(-self.duration_us // self.grid_us)

    @property
    def first_base(self) -> int:
        """First base interval after the warm-up, which is rounded up to the grid."""
        return min(self.n_base, -(-self.warm_up_us // self.grid_us))


def frame(
    program: "Program",
    minute_of_week: Ints,
    day: Ints,
    warm_up_us: int,
    interval_us: int,
    thresholds_us: tuple[int, ...],
    cost: NDArray[np.float64] | None = None,
    possible: Possible = NOTHING_MORE,
) -> Frame:
    """Frame of a compiled program; `interval_us` is widened when the run would have too many."""
    numbers, groups, edges = program.numbers, program.groups, program.edges
    n_base = -(-program.clock.duration_us // program.clock.grid_us)
    access = numbers.access[:, program.classes.network]
    return Frame(
        grid_us=program.clock.grid_us,
        duration_us=program.clock.duration_us,
        warm_up_us=warm_up_us,
        interval_us=_widened(interval_us, program.clock.duration_us),
        thresholds_us=tuple(sorted(set(thresholds_us))),
        minute_of_week=minute_of_week[:n_base],
        day=day[:n_base],
        short_abandon_us=program.queues.short_abandon_us,
        trunk_of_number=numbers.trunk,
        entry=np.where(access == -2, numbers.enter[:, None], access),
        serves=groups.penalty >= 0,
        edge_from=edges.from_node,
        edge_to=edges.to_node,
        edge_exit=edges.exit,
        edge_case=edges.case,
        n_numbers=len(numbers.enter),
        n_classes=len(program.classes.network),
        n_queues=len(program.queues.capacity),
        n_groups=len(groups.calendar),
        n_trunks=len(program.trunks.calendar),
        n_nodes=len(program.flow.nodes.op),
        cost=None if cost is None else cost[:n_base],
        redials_after=_redials_after(program),
        possible=possible,
    )


def _redials_after(program: "Program") -> tuple[int, ...]:
    """Causes for which a class that may make a second attempt calls again."""
    classes = program.classes
    may = (classes.redial > 0) & (classes.attempts > 1)
    return tuple(cause for cause in CAUSES if may[:, cause].any())


def _widened(interval_us: int, duration_us: int) -> int:
    """The interval asked for, or the hour, or the day: the first that gives few enough."""
    wider = [interval_us, *(width for width in (HOUR_US, DAY_US) if width > interval_us)]
    few = [width for width in wider if -(-duration_us // width) <= MOST_INTERVALS]
    return few[0] if few else wider[-1]


class Cells(NamedTuple):
    """Where base intervals are counted: rows of every array of a tally.

    Rows 0 … `intervals` - 1 are the run's intervals, then the hours of the week that the run
    touches (`week_hours`, 0 = Monday 00:00), then the drain. `interval_of` and `week_of` give the
    rows of each base interval; their last entry stands for all that comes after the duration.
    `nowhere` is a row beyond the last, thrown away.
    """

    intervals: int
    week_hours: Ints
    interval_of: Ints
    week_of: Ints

    @property
    def drain(self) -> int:
        """Row of what arrives after the duration."""
        return self.intervals + len(self.week_hours)

    @property
    def nowhere(self) -> int:
        """Row of what is not counted; also the number of rows kept."""
        return self.drain + 1


@lru_cache(maxsize=KEPT)
def cells(fr: Frame) -> Cells:
    """Cells of a frame."""
    base = np.arange(fr.n_base, dtype=np.int64)
    intervals = -(-fr.duration_us // fr.interval_us)
    hours, place = np.unique(fr.minute_of_week // 60 % WEEK_HOURS, return_inverse=True)
    nowhere = intervals + len(hours) + 1
    measured = base >= fr.first_base
    interval = np.where(measured, base * fr.grid_us // fr.interval_us, nowhere)
    week = np.where(measured, intervals + place, nowhere)
    after = np.int64(intervals + len(hours))
    return Cells(intervals, hours, np.append(interval, nowhere), np.append(week, after))


@lru_cache(maxsize=KEPT)
def base_time_us(fr: Frame) -> Ints:
    """Time in each base interval that is measured: 0 in the warm-up, less in a last part."""
    starts = np.arange(fr.n_base, dtype=np.int64) * fr.grid_us
    width = np.minimum(starts + fr.grid_us, fr.duration_us) - starts
    return np.where(np.arange(fr.n_base) >= fr.first_base, width, 0)


def spans_days(fr: Frame) -> bool:
    """Whether the run spans two days or more, so that a weekday x hour map says something."""
    return fr.duration_us >= 2 * DAY_US


def interval_starts_s(fr: Frame) -> NDArray[np.float64]:
    """Start of each interval, seconds since the start of the clock."""
    return np.arange(cells(fr).intervals, dtype=np.float64) * (fr.interval_us / 1e6)


def interval_labels(fr: Frame, start: str) -> tuple[str, ...]:
    """Local clock time of each interval's start: `09:30`, with the date where the run spans days.

    `start` is the local date (and time) of the clock's start, ISO 8601.
    """
    at = np.arange(cells(fr).intervals) * fr.interval_us // fr.grid_us
    minutes, days = fr.minute_of_week[at] % 1440, fr.day[at]
    clock = [f"{m // 60:02d}:{m % 60:02d}" for m in minutes.tolist()]
    if not spans_days(fr):
        return tuple(clock)
    first = date.fromisoformat(start[:10])
    dates = [first + timedelta(days=d) for d in (days - fr.day[0]).tolist()]
    return tuple(f"{d.isoformat()} {c}" for d, c in zip(dates, clock, strict=True))
