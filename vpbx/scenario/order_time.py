"""When something is ordered: `day 4`, `day 4 12:30`, `2024-03-04`, `2024-03-04 11:00`.

Belongs here: the grammar of a moment in the life of a contract. Does not belong here: where it
falls in a run (`licence.clock`).
"""

import datetime as dt
import re
from dataclasses import dataclass

from vpbx.scenario.rules import FIRST_YEAR, LAST_YEAR

MOST_DAYS = 3660
"""Ten years either way."""
_DAY = re.compile(r"day\s+([+-]?\d{1,5})(?:\s+(\d{1,2}:\d{2}))?")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2}))?")


@dataclass(frozen=True, slots=True)
class OrderTime:
    """A local time of day, on a date or on a day counted from the contract's first (day 0)."""

    day: int | None
    date: dt.date | None
    time: dt.time

    def on(self, first: dt.date) -> dt.datetime:
        """The local wall time, when day 0 is `first`."""
        day = self.date if self.date is not None else first + dt.timedelta(days=self.day or 0)
        return dt.datetime.combine(day, self.time)


def parse_order_time(text: str) -> OrderTime:
    """The moment that a text names; raises `ValueError`."""
    day, dated = _DAY.fullmatch(text.strip()), _DATE.fullmatch(text.strip())
    try:
        if day is not None and abs(int(day[1])) <= MOST_DAYS:
            return OrderTime(int(day[1]), None, _time(day[2]))
        if dated is not None:
            return OrderTime(None, _date(dated[1]), _time(dated[2]))
    except ValueError:
        raise ValueError(f'"{text}" does not exist on a clock or in a calendar') from None
    if day is not None:
        raise ValueError(f'"{text}" is more than {MOST_DAYS} days away')
    raise ValueError(
        f'"{text}" is not a time; write it like day 4, day 4 12:30 or 2024-03-04 11:00'
    )


def _date(text: str) -> dt.date:
    found = dt.date.fromisoformat(text)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError
    return found


def _time(text: str | None) -> dt.time:
    return dt.time.fromisoformat(text.zfill(5)) if text else dt.time()


def order_time_text(text: str) -> str:
    """A text that `parse_order_time` can read."""
    parse_order_time(text)
    return text
