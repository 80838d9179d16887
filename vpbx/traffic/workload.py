"""The Workload: every first attempt of a replication, by day blocks.

Belongs here: arrival instants by inversion of the cumulative rate, the day's busyness, numbers
dialled and goals. Each block is a pure function of (seed, replication, class, day). Does not belong
here: what happens after the arrival.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx import draws
from vpbx.codes import Purpose
from vpbx.traffic.profile import CumulativeRate
from vpbx.units import SECOND_US

Floats = NDArray[np.float64]

_DAY_ITSELF = 2047
"""Stands for the class where a draw belongs to the day, not to a class."""


class Arrivals(NamedTuple):
    """First attempts of one local day, sorted by (arrived_at, caller_class, ordinal)."""

    arrived_at: NDArray[np.int64]
    """us since the start of the clock, >= 0 and < duration."""
    caller_class: NDArray[np.int16]
    number: NDArray[np.int16]
    goal: NDArray[np.int16]
    """-1: nothing named."""
    ordinal: NDArray[np.int32]
    """within class and day, from 0"""
    day: NDArray[np.int32]


@dataclass(frozen=True)
class ClassLoad:
    """The load of one caller class, ready to be drawn.

    `rates[day]` for a random load, `recorded[day]` (us, sorted) for a trace; `number_shares` and
    `goal_shares` are cumulative, over the indices `numbers` and `goals`; `busyness` is a row of the
    distributions (mean 1), -1 for none.
    """

    rates: tuple[CumulativeRate, ...]
    recorded: tuple[NDArray[np.int64], ...] | None
    dither: bool
    busyness: int
    shared_busyness: bool
    numbers: NDArray[np.int16]
    number_shares: Floats
    goals: NDArray[np.int16]
    goal_shares: Floats


@dataclass(frozen=True)
class Load:
    """All classes' loads over the days of a run."""

    classes: tuple[ClassLoad, ...]
    first_day: date
    n_days: int
    duration_us: int
    laws: draws.Distributions
    """The laws of the classes' busyness."""

    def day(self, index: int) -> date:
        """The local date of a day."""
        return self.first_day + timedelta(days=index)


def expected_calls(load: Load) -> float:
    """First attempts expected in a replication."""
    drawn = sum(rate.expected[-1] for own in load.classes for rate in own.rates)
    return float(drawn + sum(len(day) for own in load.classes for day in own.recorded or ()))


def workload(load: Load, seed: int, replication: int) -> Iterator[Arrivals]:
    """The first attempts of a replication, a block a local day."""
    key = draws.stream_key(seed, replication)
    for day in range(load.n_days):
        blocks = [_class_day(load, key, c, day) for c in range(len(load.classes))]
        columns = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
        merged = Arrivals._make(columns)
        order = np.lexsort((merged.ordinal, merged.caller_class, merged.arrived_at))
        yield Arrivals._make([column[order] for column in merged])


def _class_day(load: Load, key: int, c: int, day: int) -> Arrivals:
    """One class's first attempts on one day, in order of ordinal."""
    own = load.classes[c]
    first = draws.caller_id(c, day, 0)
    instants = _recorded(own, key, first, day) if own.recorded else _drawn(load, key, c, day)
    kept = np.flatnonzero((instants >= 0) & (instants < load.duration_us))
    n = len(instants)
    number = _chosen(own.numbers, own.number_shares, draws.uniforms(key, first, n, Purpose.DIALS))
    goal = _chosen(own.goals, own.goal_shares, draws.uniforms(key, first, n, Purpose.GOAL))
    return Arrivals(
        arrived_at=instants[kept],
        caller_class=np.full(len(kept), c, np.int16),
        number=number[kept],
        goal=goal[kept],
        ordinal=kept.astype(np.int32),
        day=np.full(len(kept), day, np.int32),
    )


def _chosen(choices: NDArray[np.int16], cumulative: Floats, u: Floats) -> NDArray[np.int16]:
    """The choice in whose share each u falls; -1 where there are none."""
    if len(choices) == 0:
        return np.full(len(u), -1, np.int16)
    place = np.searchsorted(cumulative, u * cumulative[-1], side="right")
    return np.asarray(choices[np.minimum(place, len(choices) - 1)])


def _drawn(load: Load, key: int, c: int, day: int) -> NDArray[np.int64]:
    """Arrival instants: a unit-rate Poisson process through the inverse of the cumulative rate."""
    rate = load.classes[c].rates[day]
    total = rate.expected[-1] * busyness(load, key, c, day)
    if total <= 0:
        return np.empty(0, np.int64)
    first = draws.caller_id(c, day, 0)
    n = int(total + 8.0 * np.sqrt(total) + 32)
    elapsed = np.cumsum(draws.unit_gaps(key, first, n, Purpose.ARRIVAL))
    while elapsed[-1] < total:
        n *= 2
        elapsed = np.cumsum(draws.unit_gaps(key, first, n, Purpose.ARRIVAL))
    expected = elapsed[: np.searchsorted(elapsed, total)] * (rate.expected[-1] / total)
    return np.rint(_inverse(rate, expected)).astype(np.int64)


def _inverse(rate: CumulativeRate, expected: Floats) -> Floats:
    """Instants (us) at which the cumulative rate reaches these values."""
    place = np.searchsorted(rate.expected, expected, side="right") - 1
    place = np.clip(place, 0, len(rate.at) - 2)
    rise = rate.expected[place + 1] - rate.expected[place]
    part = (expected - rate.expected[place]) / np.where(rise > 0, rise, 1.0)
    return np.asarray(rate.at[place] + part * (rate.at[place + 1] - rate.at[place]), float)


def busyness(load: Load, key: int, c: int, day: int) -> float:
    """The factor of a day on a class's volume, mean 1; classes that share it rise together."""
    own = load.classes[c]
    if own.busyness < 0:
        return 1.0
    whose = draws.caller_id(_DAY_ITSELF if own.shared_busyness else c, day, 0)
    u = draws.uniform(key, whose, 0, int(Purpose.BUSYNESS), 0)
    return float(draws.quantile(load.laws, own.busyness, u))


def _recorded(own: ClassLoad, key: int, first: int, day: int) -> NDArray[np.int64]:
    """Arrival instants of a trace; whole seconds spread over their second."""
    assert own.recorded is not None
    instants = own.recorded[day]
    if not own.dither:
        return instants
    within = draws.uniforms(key, first, len(instants), Purpose.DITHER) * SECOND_US
    whole = instants % SECOND_US == 0
    return np.asarray(instants + np.where(whole, np.floor(within), 0).astype(np.int64))
