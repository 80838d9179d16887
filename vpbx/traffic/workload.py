"""The Workload: every first attempt of a replication, by day blocks.

Belongs here: arrival instants by inversion of the cumulative rate, the day's busyness, numbers
dialled and goals. Each block is a pure function of (seed, replication, class, day). Does not belong
here: what happens after the arrival.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx import draws, lending
from vpbx._jit import njit, njit_inline
from vpbx.codes import Purpose
from vpbx.traffic.profile import CumulativeRate
from vpbx.units import NEVER, SECOND_US

Floats = NDArray[np.float64]

_AT_ONCE = 64
"""Callers whose uniforms are drawn together: that takes a third of the time of one by one."""
_DIALS, _ARRIVAL = int(Purpose.DIALS), int(Purpose.ARRIVAL)
_DAY_ITSELF = 2047
"""Stands for the class where a draw belongs to the day, not to a class."""


class Arrivals(NamedTuple):
    """First attempts of one local day, sorted by (arrived_at, caller)."""

    arrived_at: NDArray[np.int64]
    """us since the start of the clock, >= 0 and < duration."""
    caller: NDArray[np.int64]
    """Who calls (`draws.caller_id`)."""
    number: NDArray[np.int16]
    goal: NDArray[np.int16]
    """-1: nothing named."""

    @property
    def caller_class(self) -> NDArray[np.int64]:
        """Classes of the callers."""
        return self.caller >> 52

    @property
    def day(self) -> NDArray[np.int64]:
        """Days of the callers."""
        return self.caller >> 32 & 0xFFFFF

    @property
    def ordinal(self) -> NDArray[np.int64]:
        """Numbers of the callers within class and day, from 0."""
        return self.caller & 0xFFFFFFFF


COLUMN_TYPES = (np.int64, np.int64, np.int16, np.int16)


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
        yield _merged([block for block in blocks if len(block.arrived_at)], blocks[0])


def _merged(blocks: list[Arrivals], empty: Arrivals) -> Arrivals:
    """The classes' blocks as one, by (arrived_at, caller)."""
    if len(blocks) < 2:
        return blocks[0] if blocks else empty
    ends = np.cumsum([0, *(len(block.arrived_at) for block in blocks)], dtype=np.int64)
    together, merged = _room(int(ends[-1])), _room(int(ends[-1]))
    for name in Arrivals._fields:
        np.concatenate([getattr(b, name) for b in blocks], out=getattr(together, name))
    merge(together, ends, ends[:-1].copy(), together.arrived_at[ends[:-1]], merged)
    return merged


def _room(n: int) -> Arrivals:
    """Columns for n first attempts, not yet filled."""
    return Arrivals._make(lending.empty(n, kind) for kind in COLUMN_TYPES)


def _class_day(load: Load, key: int, c: int, day: int) -> Arrivals:
    """One class's first attempts on one day, in order of time."""
    own = load.classes[c]
    first = draws.caller_id(c, day, 0)
    instants = _recorded(own, key, first, day) if own.recorded else _drawn(load, key, c, day)
    made = _room(len(instants))
    made.caller[:] = np.arange(first, first + len(instants))
    _choose(own, key, first, made)
    return _within(load, made._replace(arrived_at=instants), bool(own.recorded) and own.dither)


def _within(load: Load, made: Arrivals, shuffled: bool) -> Arrivals:
    """Those within the run, in order of time; `shuffled`: within their second, callers change places."""
    at = made.arrived_at
    if shuffled:
        order = np.argsort(at, kind="stable")
        made, at = Arrivals._make(column[order] for column in made), at[order]
    begin, end = np.searchsorted(at, (0, load.duration_us))
    return Arrivals._make(column[begin:end] for column in made)


def _choose(own: ClassLoad, key: int, first: int, made: Arrivals) -> None:
    """Numbers dialled and goals of consecutive callers; goal -1 where the class names none."""
    made.number.fill(own.numbers[0])
    made.goal.fill(own.goals[0] if len(own.goals) else -1)
    if len(own.numbers) > 1 or len(own.goals) > 1:
        choose(
            key,
            first,
            own.numbers,
            own.number_shares,
            own.goals,
            own.goal_shares,
            made.number,
            made.goal,
            np.empty((2, _AT_ONCE)),
        )


@njit
def choose(
    key: int,
    first: int,
    numbers: NDArray[np.int16],
    number_shares: Floats,
    goals: NDArray[np.int16],
    goal_shares: Floats,
    number: NDArray[np.int16],
    goal: NDArray[np.int16],
    scratch: Floats,
) -> None:
    """Draws number and goal of consecutive callers (DIALS and GOAL, two halves of one block)."""
    n = len(number)
    for start in range(0, n, _AT_ONCE):
        for i in range(_AT_ONCE):
            u, v = draws.pair_inline(key, first + start + i, 0, _DIALS, 0)
            scratch[0, i], scratch[1, i] = u, v
        for i in range(min(_AT_ONCE, n - start)):
            number[start + i] = numbers[_place(number_shares, scratch[0, i])]
            if len(goals) > 1:
                goal[start + i] = goals[_place(goal_shares, scratch[1, i])]


@njit_inline
def _place(shares: Floats, u: float) -> int:
    """The place of a cumulative share that u falls on: all are looked at, which needs no guess."""
    k, last = 0, len(shares) - 1
    u *= shares[last]
    for i in range(last):
        k += shares[i] <= u
    return k


@njit
def merge(
    parts: Arrivals,
    ends: NDArray[np.int64],
    place: NDArray[np.int64],
    heads: NDArray[np.int64],
    merged: Arrivals,
) -> None:
    """Several stretches, each sorted by time and none empty, as one; equal instants in the order of
    stretches.

    Stretch j ends where j + 1 begins: `ends[j + 1]`; `place`, where each begins, and `heads`, the first
    instant of each, are used up.
    """
    for i in range(len(merged.arrived_at)):
        best, at = 0, heads[0]
        for j in range(1, len(heads)):
            if heads[j] < at:
                best, at = j, heads[j]
        k = place[best]
        place[best] = k + 1
        heads[best] = parts.arrived_at[k + 1] if k + 1 < ends[best + 1] else NEVER
        merged.arrived_at[i] = at
        merged.caller[i] = parts.caller[k]
        merged.number[i], merged.goal[i] = parts.number[k], parts.goal[k]


def _drawn(load: Load, key: int, c: int, day: int) -> NDArray[np.int64]:
    """Arrival instants: a unit-rate Poisson process through the inverse of the cumulative rate."""
    rate = load.classes[c].rates[day]
    factor = busyness(load, key, c, day)
    total = rate.expected[-1] * factor
    if total <= 0:
        return np.empty(0, np.int64)
    out = lending.empty(int(total + 8.0 * np.sqrt(total) + 32), np.int64)
    first = draws.caller_id(c, day, 0)
    while True:
        n = arrive(key, first, factor, rate.at, rate.expected, out, np.empty(_AT_ONCE))
        if n >= 0:
            return out[:n]
        out = lending.empty(2 * len(out), np.int64)


@njit
def arrive(
    key: int,
    first: int,
    factor: float,
    at: NDArray[np.int64],
    expected: Floats,
    out: NDArray[np.int64],
    scratch: Floats,
) -> int:
    """Fills in arrival instants (us) at `factor` times a cumulative rate; how many, -1: no room."""
    elapsed, place, last = 0.0, 0, len(at) - 1
    for i in range(len(out)):
        if i % _AT_ONCE == 0:
            for k in range(_AT_ONCE):
                scratch[k], _ = draws.pair_inline(key, first + i + k, 0, _ARRIVAL, 0)
        elapsed -= math.log(1.0 - scratch[i % _AT_ONCE])
        reached = elapsed / factor
        while place < last and expected[place + 1] <= reached:
            place += 1
        if place == last:
            return i
        part = (reached - expected[place]) / (expected[place + 1] - expected[place])
        out[i] = int(np.rint(at[place] + part * (at[place + 1] - at[place])))
    return -1


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
        return instants.copy()
    within = draws.uniforms(key, first, len(instants), Purpose.DITHER) * SECOND_US
    whole = instants % SECOND_US == 0
    return np.asarray(instants + np.where(whole, np.floor(within), 0).astype(np.int64))
