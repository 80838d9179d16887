"""Quarters of an hour of a run's first week, and stretches of them as people write them.

Belongs here: which slots there are, and their words. Does not belong here: what happens in them
(`offered`).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from vpbx.scenario.models import Scenario
from vpbx.units import MINUTE_US

SLOT_MIN = 15
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, order=True)
class Slot:
    """A quarter of an hour of the run, in local time."""

    day: int
    """Days since the run's first day."""
    weekday: int
    """0 Monday … 6 Sunday."""
    minute: int
    """Its first minute of the day."""


def slots(scenario: Scenario) -> list[Slot]:
    """The quarters of an hour of the run's first week (or less), without holidays."""
    start = scenario.clock.start
    minutes = min(scenario.clock.duration // MINUTE_US, 7 * 1440)
    first = start - timedelta(minutes=start.minute % SLOT_MIN, seconds=start.second)
    found = []
    for passed in range(0, minutes, SLOT_MIN):
        at = first + timedelta(minutes=passed)
        if at.date() not in scenario.all_holidays:
            day = (at.date() - start.date()).days
            found.append(Slot(day, at.weekday(), at.hour * 60 + at.minute))
    return found


def times_text(found: list[Slot]) -> str:
    """Slots as people write them: `mon-fri 09:00-15:00, sat 10:00-12:00`."""
    minutes: dict[int, set[int]] = defaultdict(set)
    for slot in found:
        minutes[slot.weekday].add(slot.minute)
    stretches = {weekday: _stretches(sorted(of_day)) for weekday, of_day in minutes.items()}
    parts: list[tuple[list[int], str]] = []
    for weekday in sorted(stretches):
        if parts and parts[-1][0][-1] == weekday - 1 and parts[-1][1] == stretches[weekday]:
            parts[-1][0].append(weekday)
        else:
            parts.append(([weekday], stretches[weekday]))
    return ", ".join(f"{_days_text(days)} {text}" for days, text in parts)


def _days_text(days: list[int]) -> str:
    first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
    return first if len(days) == 1 else f"{first}-{last}"


def _stretches(minutes: list[int]) -> str:
    ends: list[list[int]] = []
    for minute in minutes:
        if ends and ends[-1][1] == minute:
            ends[-1][1] = minute + SLOT_MIN
        else:
            ends.append([minute, minute + SLOT_MIN])
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in ends)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
