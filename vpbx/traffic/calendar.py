"""Local time on the clock of a run: dates, time zones, daylight saving, holidays.

Belongs here: local wall time ↔ simulated microseconds, time tables → steps over simulated time.
Does not belong here: the grammar of time tables (`scenario.hours`), volumes (`profile`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from vpbx.scenario.hours import TimeTable
from vpbx.scenario.models import Scenario
from vpbx.units import DAY_US, MINUTE_US

Ints = NDArray[np.int64]
_MICROSECOND = timedelta(microseconds=1)


class Steps(NamedTuple):
    """A piecewise-constant function: from `at[i]` (us, rising, first <= 0) on it is `value[i]`."""

    at: Ints
    value: Ints


@dataclass(frozen=True)
class LocalClock:
    """Simulated time in a time zone: microsecond 0 is `start`, a local wall time."""

    start: datetime
    zone: ZoneInfo

    def instant(self, day: date, minute: int) -> int:
        """Simulated time (us) of a minute of a local day; 1440 is the next midnight.

        A wall time that daylight saving skips is the instant at which the clocks jump: what is to
        start at 2:30 has started when they show 3:00. One that occurs twice is the first.
        """
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
        return self.of(wall)

    def of(self, wall: datetime) -> int:
        """Simulated time (us) of a naive local wall time."""
        origin = self.start.replace(tzinfo=self.zone).astimezone(UTC)
        local = wall.replace(tzinfo=self.zone)
        before, after = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        instant = before if before <= after else self._jump(after, before)
        return (instant - origin) // _MICROSECOND

    def _jump(self, low: datetime, high: datetime) -> datetime:
        """The instant, after `low` and up to `high`, from which on clocks have the offset of `high`."""
        offset = high.astimezone(self.zone).utcoffset()
        while high - low > _MICROSECOND:
            middle = low + (high - low) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                high = middle
            else:
                low = middle
        return high

    def local(self, at_us: int) -> datetime:
        """Naive local wall time of a simulated instant."""
        origin = self.start.replace(tzinfo=self.zone).astimezone(UTC)
        moment = origin + timedelta(microseconds=int(at_us))
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def days(self, until_us: int) -> Iterator[tuple[int, date]]:
        """The local days from the start until an instant, each with its index."""
        first = self.start.date()
        for index in range((until_us // DAY_US) + 3):
            day = first + timedelta(days=index)
            if self.instant(day, 0) >= until_us and index > 0:
                return
            yield index, day


def local_clock(scenario: Scenario) -> LocalClock:
    """The clock of a scenario."""
    return LocalClock(scenario.clock.start.replace(tzinfo=None), ZoneInfo(scenario.clock.timezone))


def table_steps(
    clock: LocalClock,
    table: TimeTable,
    until_us: int,
    closed_on: frozenset[date] = frozenset(),
    convert: Callable[[int], int] = int,
) -> Steps:
    """A time table over simulated time up to `until_us`; 0 on the days of `closed_on`."""
    minutes = sorted({m for e in table.entries for m in (e.from_min, e.to_min)} | {0})
    at: list[int] = []
    value: list[int] = []
    for _, day in clock.days(until_us):
        for minute in minutes:
            if minute == 24 * 60:
                continue
            level = 0 if day in closed_on else convert(table.at(day.weekday(), minute))
            _append(at, value, clock.instant(day, minute), level)
    return Steps(np.array(at, np.int64), np.array(value, np.int64))


def _append(at: list[int], value: list[int], instant: int, level: int) -> None:
    """Adds a step; steps at or before 0 replace one another, equal ones are left out."""
    instant = max(instant, 0)
    while at and at[-1] >= instant:
        at.pop()
        value.pop()
    if not value or value[-1] != level:
        at.append(instant)
        value.append(level)


class LocalGrid(NamedTuple):
    """Local time of the base intervals of a run."""

    minute_of_week: Ints
    """0 is Monday 00:00 local."""
    day: Ints
    """Local day, 0 the day of the start."""


def local_grid(clock: LocalClock, grid_us: int, until_us: int) -> LocalGrid:
    """Local weekday, minute and day at the start of each base interval up to `until_us`."""
    n = -(-until_us // grid_us)
    first = clock.start.date()
    week, days = np.empty(n, np.int64), np.empty(n, np.int64)
    per_block = max(1, 15 * MINUTE_US // grid_us)  # offsets change on quarter hours at most
    for i in range(0, n, per_block):
        wall = clock.local(i * grid_us)
        minute = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
        block = np.arange(min(per_block, n - i))
        within = wall.second * 1_000_000 + wall.microsecond + block * grid_us
        week[i : i + per_block] = (minute + within // MINUTE_US) % (7 * 1440)
        past_midnight = (wall.hour * 60 + wall.minute + within // MINUTE_US) // 1440
        days[i : i + per_block] = (wall.date() - first).days + past_midnight
    return LocalGrid(week, days)
