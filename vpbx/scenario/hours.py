"""Time tables as text: `mon-fri 09:00-18:00` → entries of the week.

Belongs here: the grammar of days and times of a week. Does not belong here: dates, time zones,
holidays (`traffic.calendar` puts a table on the clock of a run).

    stretch := [days] [time "-" time]        days := day | day "-" day | "daily", joined by ","
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from vpbx import units
from vpbx.scenario.suggest import did_you_mean

DAY_MIN = 1440
MOST = 99_999
"""The largest value of a table: beyond, a slip of the keyboard."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAYS = frozenset(range(7))

_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$")


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

    @staticmethod
    def constant(value: int) -> "TimeTable":
        """The same at all times."""
        return TimeTable((WeekEntry(ALL_DAYS, 0, DAY_MIN, value),))

    def mapped(self, to: Callable[[int], int]) -> "TimeTable":
        """Each value put through a function that leaves 0 at 0."""
        return TimeTable(
            tuple(WeekEntry(e.days, e.from_min, e.to_min, to(e.value)) for e in self.entries)
        )

    def at(self, weekday: int, minute: int) -> int:
        """Value at a minute of a weekday (0 Monday)."""
        for entry in self.entries:
            if weekday in entry.days and entry.from_min <= minute < entry.to_min:
                return entry.value
        return 0


def common(one: TimeTable, other: TimeTable) -> TimeTable:
    """1 where both tables are above 0."""
    entries = []
    for a in one.entries:
        for b in other.entries:
            days = a.days & b.days
            start, end = max(a.from_min, b.from_min), min(a.to_min, b.to_min)
            if days and start < end and a.value > 0 and b.value > 0:
                entries.append(WeekEntry(days, start, end, 1))
    return TimeTable(tuple(entries))


def summed(parts: list[tuple[TimeTable, int]]) -> TimeTable:
    """The sum of tables, each times a whole number."""
    minutes = sorted(
        {0, DAY_MIN}
        | {m for table, _ in parts for e in table.entries for m in (e.from_min, e.to_min)}
    )
    entries = []
    for day in sorted(ALL_DAYS):
        for start, end in pairwise(minutes):
            value = sum(by * table.at(day, start) for table, by in parts)
            if value:
                entries.append(WeekEntry(frozenset({day}), start, end, value))
    return TimeTable(tuple(entries))


def week_minutes(table: TimeTable) -> frozenset[int]:
    """The minutes of a week, 0 to 10079 from Monday 00:00, at which a table is above 0."""
    return frozenset(
        day * DAY_MIN + minute
        for entry in table.entries
        if entry.value > 0
        for day in entry.days
        for minute in range(entry.from_min, entry.to_min)
    )


OpeningHours = TimeTable
"""Value 1 while open."""


def parse_time_table(value: object) -> TimeTable:
    """Table of a whole number, a day's list, or a mapping of stretches; raises `ValueError`."""
    if isinstance(value, TimeTable):
        return value
    if isinstance(value, Mapping):
        return _of_mapping({str(key): number for key, number in value.items()})
    if isinstance(value, list | tuple):
        return _of_list(list(value))
    return TimeTable.constant(_whole(value))


def parse_share_table(value: object) -> TimeTable:
    """Table, in ten-thousandths, of a share or a mapping of stretches to shares."""
    if isinstance(value, TimeTable):
        return value
    if isinstance(value, Mapping):
        parts = {
            str(key): round(units.share(v) * units.TEN_THOUSANDTHS) for key, v in value.items()
        }
        return _of_mapping(dict(parts))
    return TimeTable.constant(round(units.share(value) * units.TEN_THOUSANDTHS))


def parse_opening_hours(value: object) -> OpeningHours:
    """Hours of `mon-fri 09:00-18:00, sat 10:00-15:00`, a list of such, or `always`."""
    if isinstance(value, TimeTable):
        return value
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f'expected hours such as "mon-fri 09:00-18:00", got {value!r}')
    if [text.strip().lower() for text in texts] == ["always"]:
        texts = ["daily"]
    stretches = [stretch for text in texts for stretch in _stretches(text)]
    if not stretches:
        raise ValueError('expected hours such as "mon-fri 09:00-18:00" or "always", got nothing')
    return _joined([(text, _entries(text, 1)) for text in stretches])


def clock_min(text: str) -> int:
    """Minutes after midnight of `16:00`, 0 to 1440; raises `ValueError`."""
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*", text)
    if match is None:
        raise ValueError(f'"{text.strip()}" is not a time of day such as 09:30')
    return _minute(match[1], match[2])


def _minute(hour: str, minute: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > DAY_MIN:
        raise ValueError(f'"{hour}:{minute}" is not a time of day: it ends at 24:00')
    return total


def _whole(value: object, where: str = "") -> int:
    at = f'"{where}": ' if where else ""
    if isinstance(value, bool) or not isinstance(value, int):
        got = "keys and values" if isinstance(value, Mapping) else repr(value)
        raise units.UnitError(f"{at}expected a whole number or a table of times, got {got}")
    if not 0 <= value <= MOST:
        raise ValueError(f"{at}{value} is out of range: it lies between 0 and {MOST}")
    return value


def _of_list(values: list[object]) -> TimeTable:
    if not values or DAY_MIN % len(values):
        raise ValueError(
            f"{len(values)} values do not divide a day into whole minutes; give 24, 48 or 96"
        )
    width = DAY_MIN // len(values)
    numbers = [_whole(value, f"value {place}") for place, value in enumerate(values, 1)]
    entries, at = [], 0
    for number, run in groupby(numbers):
        end = at + width * len(list(run))
        entries.append(WeekEntry(ALL_DAYS, at, end, number))
        at = end
    return TimeTable(tuple(entries))


def _of_mapping(table: dict[str, object]) -> TimeTable:
    if not table:
        raise ValueError('the table of times is empty; write it like "mon-fri 09:00-18:00": 12')
    return _joined([(text, _entries(text, _whole(value, text))) for text, value in table.items()])


def _joined(parts: list[tuple[str, list[WeekEntry]]]) -> TimeTable:
    """One table of all stretches; refuses those that overlap, naming both."""
    for place, (text, entries) in enumerate(parts):
        for other, others in parts[:place]:
            if any(_overlap(one, two) for one in entries for two in others):
                raise ValueError(f'"{other}" and "{text}" overlap')
    return TimeTable(tuple(entry for _, entries in parts for entry in entries))


def _overlap(one: WeekEntry, two: WeekEntry) -> bool:
    return (
        one.from_min < two.to_min
        and two.from_min < one.to_min
        and not one.days.isdisjoint(two.days)
    )


def _entries(text: str, value: int) -> list[WeekEntry]:
    """Entries of one stretch: two when it runs over midnight."""
    match = _TIMES.search(text.strip())
    days = _days(text.strip()[: match.start()] if match else text, text)
    if match is None:
        return [WeekEntry(days, 0, DAY_MIN, value)]
    start, end = _minute(match[1], match[2]), _minute(match[3], match[4])
    if start in (end, DAY_MIN):
        raise ValueError(f'"{text}" has no length; the whole day is 00:00-24:00')
    if start < end:
        return [WeekEntry(days, start, end, value)]
    after = frozenset((day + 1) % 7 for day in days)
    late = [WeekEntry(days, start, DAY_MIN, value)]
    return [*late, WeekEntry(after, 0, end, value)] if end else late


def _days(text: str, stretch: str) -> frozenset[int]:
    """Weekdays of `mon-fri`, `sat,sun`, `fri-mon`, `daily`; every day, of nothing."""
    if not text.strip():
        if not stretch.strip():
            raise ValueError("expected a stretch such as mon-fri 09:00-18:00, got nothing")
        return ALL_DAYS
    found: set[int] = set()
    for part in text.split(","):
        found |= _day_range(part, stretch)
    return frozenset(found)


def _day_range(text: str, stretch: str) -> set[int]:
    if text.strip().lower() in ("daily", "every day"):
        return set(ALL_DAYS)
    ends = [_day(part, stretch) for part in re.split("[-–]", text)]
    if len(ends) > 2:
        raise ValueError(f'"{stretch}": "{text.strip()}" is not a range of days such as mon-fri')
    length = (ends[-1] - ends[0]) % 7 + 1
    return {(ends[0] + step) % 7 for step in range(length)}


def _day(text: str, stretch: str) -> int:
    name = text.strip().lower()
    for names in (DAYS, _LONG):
        if name in names:
            return names.index(name)
    hint = did_you_mean(name, DAYS) or did_you_mean(name, [*_LONG, "daily"])
    hint = hint or "; write it like mon-fri 09:00-18:00"
    raise ValueError(f'"{stretch}": "{text.strip()}" is not a day{hint}')


def _stretches(text: str) -> list[str]:
    """Splits `mon-fri 09:00-18:00, sat,sun 10:00-15:00` after each time, not within days."""
    stretches: list[str] = []
    open_parts: list[str] = []
    for part in filter(str.strip, text.split(",")):
        open_parts.append(part.strip())
        if _TIMES.search(part.strip()):
            stretches.append(",".join(open_parts))
            open_parts = []
    if open_parts:
        stretches.append(",".join(open_parts))
    _refuse_vague(stretches)
    return stretches


def _refuse_vague(stretches: list[str]) -> None:
    """In `mon-fri 09:00-13:00, 14:00-18:00` nobody knows the days of the afternoon."""
    named = [not _TIMES.match(stretch) for stretch in stretches]
    if any(named) and not all(named):
        vague = stretches[named.index(False)]
        raise ValueError(
            f'say on which days "{vague}" is meant, such as mon-fri {vague} or daily {vague}'
        )
