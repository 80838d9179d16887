"""The calendar of a contract: local wall time ↔ simulated microseconds, months.

Belongs here: one clock, which reaches before the run's start as well as after it. Does not belong
here: what happens when (`contract`).
"""

import calendar
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_MICROSECOND = timedelta(microseconds=1)


class Moment(NamedTuple):
    """An instant: microseconds from the run's start (negative before it), and local wall time."""

    at_us: int
    wall: datetime


class ContractClock(NamedTuple):
    """Simulated time in a time zone: microsecond 0 is `start`, a local wall time."""

    start: datetime
    zone: ZoneInfo

    def at(self, wall: datetime) -> Moment:
        """The instant of a naive local wall time.

        One that daylight saving skips is the instant at which the clocks jump; of one that occurs
        twice it is the first.
        """
        return self.after(self._us(wall), 0)

    def after(self, at_us: int, span_us: int) -> Moment:
        """The instant a span of time after another."""
        moment = self._origin() + timedelta(microseconds=at_us + span_us)
        local = moment.astimezone(self.zone).replace(tzinfo=None, fold=0)
        return Moment(at_us + span_us, local)

    def _origin(self) -> datetime:
        return self.start.replace(tzinfo=self.zone).astimezone(UTC)

    def _us(self, wall: datetime) -> int:
        local = wall.replace(tzinfo=self.zone)
        first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        instant = first if first <= second else self._jump(second, first)
        return (instant - self._origin()) // _MICROSECOND

    def _jump(self, low: datetime, high: datetime) -> datetime:
        """The instant after `low` and up to `high` from which on the offset is that of `high`."""
        offset = high.astimezone(self.zone).utcoffset()
        while high - low > _MICROSECOND:
            middle = low + (high - low) / 2
            same = middle.astimezone(self.zone).utcoffset() == offset
            low, high = (low, middle) if same else (middle, high)
        return high


def months_later(wall: datetime, months: int) -> datetime:
    """The same day and time so many months later; the month's last day where it has no such day.

    Counted from the first month each time: 31 January, 29 February, 31 March.
    """
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))
