"""Time tables as text: `mon-fri 09:00-18:00` → entries of the week.

Belongs here: the grammar of days and times of a week. Does not belong here: dates, time zones,
holidays (`traffic.calendar` puts a table on the clock of a run).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeekEntry:
    """One stretch of a week: on each of `days` (0 Monday … 6 Sunday), from minute to minute.

    `0 <= from_min < to_min <= 1440`; a stretch over midnight is written as two entries.
    """

    days: frozenset[int]
    from_min: int
    to_min: int
    value: int


@dataclass(frozen=True, slots=True)
class TimeTable:
    """Whole numbers over the week; 0 where no entry says otherwise. Entries do not overlap."""

    entries: tuple[WeekEntry, ...]

    def at(self, weekday: int, minute: int) -> int:
        """Value at a minute of a weekday (0 Monday)."""
        for entry in self.entries:
            if weekday in entry.days and entry.from_min <= minute < entry.to_min:
                return entry.value
        return 0


OpeningHours = TimeTable
"""Value 1 while open."""
