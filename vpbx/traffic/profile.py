"""The rate of first attempts of a caller class over a day.

Belongs here: volume, profile, weekday and holiday factors, surges → a cumulative rate over simulated
time. Does not belong here: random numbers (`workload`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.scenario.models import Event, Scenario
from vpbx.scenario.moments import parse_moment
from vpbx.scenario.people import CallerClass
from vpbx.traffic.calendar import LocalClock

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CumulativeRate(NamedTuple):
    """Expected first attempts of one local day up to an instant, linear between the points."""

    at: NDArray[np.int64]
    """us, rising; the day cut to the run"""
    expected: NDArray[np.float64]
    """calls, from 0"""


@dataclass(frozen=True)
class Surge:
    """A factor on the rate between two instants (us) of a run."""

    from_at: int
    until_at: int
    factor: float


def _surges_of_day(clock: LocalClock, event: Event, day: date) -> list[Surge]:
    """The surges that an event makes from this day on (none, or one)."""
    assert event.volume is not None
    if event.on is not None:
        if event.on != day:
            return []
        return [Surge(clock.instant(day, 0), clock.instant(day, 1440), event.volume)]
    assert event.at is not None
    assert event.lasts is not None
    moment = parse_moment(event.at)
    wall = moment if isinstance(moment, datetime) else datetime.combine(day, moment)
    if wall.date() != day:
        return []
    start = clock.of(wall)
    return [Surge(start, start + event.lasts, event.volume)]


def surges(
    scenario: Scenario, clock: LocalClock, class_name: str, days: tuple[date, ...]
) -> list[Surge]:
    """All surges of a class on these days, and special days among them."""
    return [
        surge
        for event in scenario.events
        if event.volume is not None
        if not event.classes or class_name in event.classes
        for day in days
        for surge in _surges_of_day(clock, event, day)
    ]


def day_factor(scenario: Scenario, caller_class: CallerClass, day: date) -> float:
    """Factor on the volume of a day: weekday and holiday."""
    factor = caller_class.weekdays.get(_WEEKDAYS[day.weekday()], 1.0)  # type: ignore[call-overload]
    return float(factor * (caller_class.holidays if day in scenario.all_holidays else 1.0))


def cumulative_rate(
    scenario: Scenario,
    clock: LocalClock,
    caller_class: CallerClass,
    day: date,
    active: list[Surge],
) -> CumulativeRate:
    """Expected first attempts of a class over one local day, cut to [0, duration)."""
    duration = scenario.clock.duration
    weights = np.array(caller_class.profile, float)
    slot_min = 1440 // len(weights)
    edges = [clock.instant(day, i * slot_min) for i in range(len(weights) + 1)]
    cuts = {0, duration} | {edge for s in active for edge in (s.from_at, s.until_at)}
    low, high = max(edges[0], 0), min(edges[-1], duration)
    if high <= low:
        return CumulativeRate(np.array([0], np.int64), np.zeros(1))
    at = np.array(sorted({e for e in (*edges, *cuts) if low <= e <= high}), np.int64)
    per_slot = (caller_class.volume or 0.0) * day_factor(scenario, caller_class, day)
    per_slot = per_slot * weights / weights.sum()
    slot = np.clip(np.searchsorted(edges, at[:-1], side="right") - 1, 0, len(weights) - 1)
    rate = per_slot[slot] / (slot_min * 60e6)
    for surge in active:
        rate = np.where(
            (at[:-1] >= surge.from_at) & (at[:-1] < surge.until_at), rate * surge.factor, rate
        )
    return CumulativeRate(at, np.concatenate([[0.0], np.cumsum(rate * np.diff(at))]))
