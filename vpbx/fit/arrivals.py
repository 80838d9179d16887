"""How many call when: volume, profile of the day, weekdays, and how days differ beyond chance.

Belongs here: counts of arrivals → rates. Does not belong here: the arrivals as they were (a trace).
Source of the overdispersion: Avramidis, Deslauriers, L'Ecuyer (2004), Management Science 50(7): a
factor of mean 1 on the day's rate, cv^2 = (variance - mean) / mean^2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vpbx.interop.calls import day_us
from vpbx.units import DAY_US, MINUTE_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ALIKE = 0.12
"""Weekdays whose profiles differ by less than this share of calls (and chance) have one profile."""
FEW_OF_USUAL = 0.2
"""A day with fewer calls than this part of its weekday's median is told as unusual."""


@dataclass(frozen=True)
class DayGroup:
    """Weekdays with one profile: `weekdays` (0 Monday) that have calls."""

    weekdays: tuple[int, ...]


@dataclass(frozen=True)
class ArrivalFit:
    """Arrivals of all classes.

    `counts[class, day, interval]`; `groups` of weekdays; `volume[class, weekday]` is the mean of a
    day of that weekday, `volume_se` its standard error; `cv` of the day's factor with `cv_se`
    (NaN: no weekday came twice); `missing` are days without any call between the first and the last
    on weekdays that have calls otherwise, `unusual` days far below their weekday.
    """

    days: tuple[date, ...]
    width_min: int
    counts: Ints
    groups: tuple[DayGroup, ...]
    volume: Floats
    volume_se: Floats
    cv: float
    cv_se: float
    missing: tuple[date, ...]
    unusual: tuple[date, ...]

    def profile(self, c: int, group: DayGroup) -> Ints:
        """Calls of a class by interval over all days of a group: the weights of its profile."""
        mine = [d for d, day in enumerate(self.days) if day.weekday() in group.weekdays]
        return np.asarray(self.counts[c, mine].sum(axis=0))


def fit_arrivals(
    arrived_at: Ints, of_call: Ints, n_classes: int, days: Sequence[date], width_min: int
) -> ArrivalFit:
    """Arrivals of calls with their classes on `days` (all days of the period, in order)."""
    counts = _counts(arrived_at, of_call, n_classes, days, width_min)
    open_weekdays = {
        day.weekday() for day, n in zip(days, counts.sum(axis=(0, 2)), strict=True) if n
    }
    total = counts.sum(axis=(0, 2))
    missing = [d for d, day in enumerate(days) if day.weekday() in open_weekdays and not total[d]]
    kept = [d for d in range(len(days)) if d not in missing and days[d].weekday() in open_weekdays]
    used, counts = tuple(days[d] for d in kept), counts[:, kept]
    volume, error = _volumes(counts, used)
    cv, cv_se = _busyness(counts.sum(axis=(0, 2)), used)
    return ArrivalFit(
        used, width_min, counts, _day_groups(counts.sum(axis=0), used), volume, error, cv, cv_se,
        tuple(days[d] for d in missing), _unusual(counts.sum(axis=(0, 2)), used),
    )  # fmt: skip


def _counts(
    arrived_at: Ints, of_call: Ints, n_classes: int, days: Sequence[date], width_min: int
) -> Ints:
    per_day = 1440 // width_min
    first = day_us(days[0])
    day = (arrived_at - first) // DAY_US
    interval = (arrived_at - first) % DAY_US // (width_min * MINUTE_US)
    counts = np.zeros((n_classes, len(days), per_day), np.int64)
    np.add.at(counts, (of_call, day, interval), 1)
    return counts


def _volumes(counts: Ints, days: Sequence[date]) -> tuple[Floats, Floats]:
    """Mean calls of a class on each weekday, and the standard error (Poisson, if seen once)."""
    weekday = np.array([day.weekday() for day in days])
    by_day = counts.sum(axis=2)
    mean, error = np.zeros((len(counts), 7)), np.zeros((len(counts), 7))
    for w in np.unique(weekday):
        mine = by_day[:, weekday == w]
        n = mine.shape[1]
        mean[:, w] = mine.mean(axis=1)
        chance = mean[:, w] / n
        error[:, w] = np.sqrt(np.maximum(mine.var(axis=1, ddof=1) / n if n > 1 else 0, chance))
    return mean, error


def _busyness(total: Ints, days: Sequence[date]) -> tuple[float, float]:
    """cv of the day's factor from days of equal weekdays, pooled, and its standard error.

    Each weekday with n days gives (s^2 - m) / m^2 with n - 1 degrees of freedom.
    """
    weekday = np.array([day.weekday() for day in days])
    excess, noise, freedom = [], [], []
    for w in np.unique(weekday):
        mine = total[weekday == w]
        if len(mine) > 1:
            m, variance = float(mine.mean()), float(mine.var(ddof=1))
            excess.append((variance - m) / m**2)
            noise.append(variance / m**2)
            freedom.append(len(mine) - 1)
    if not freedom:
        return math.nan, math.nan
    weights = np.array(freedom) / sum(freedom)
    squared = max(float(weights @ np.array(excess)), 0.0)
    squared_se = math.sqrt(2.0 * float(weights**2 @ (np.array(noise) ** 2 / np.array(freedom))))
    cv = math.sqrt(squared)
    return cv, squared_se / (2.0 * cv) if cv > 0 else math.sqrt(squared_se)


def _day_groups(counts: Ints, days: Sequence[date]) -> tuple[DayGroup, ...]:
    """Weekdays whose profiles are alike, greedily from the busiest on."""
    weekday = np.array([day.weekday() for day in days])
    by_weekday = {int(w): counts[weekday == w].sum(axis=0) for w in np.unique(weekday)}
    order = sorted(by_weekday, key=lambda w: -by_weekday[w].sum())
    groups: list[list[int]] = []
    for w in order:
        home = next((g for g in groups if _alike(by_weekday, g, w)), None)
        if home is None:
            groups.append([w])
        else:
            home.append(w)
    return tuple(DayGroup(tuple(sorted(group))) for group in groups)


def _alike(by_weekday: dict[int, Ints], group: list[int], w: int) -> bool:
    """Half the sum of differences of the shares is below `ALIKE` beyond what chance makes."""
    one = np.sum([by_weekday[g] for g in group], axis=0)
    two = by_weekday[w]
    p, q = one / max(one.sum(), 1), two / max(two.sum(), 1)
    pooled = (one + two) / max((one + two).sum(), 1)
    spread = np.sqrt(pooled * (1.0 / max(one.sum(), 1) + 1.0 / max(two.sum(), 1)))
    chance = 0.5 * math.sqrt(2.0 / math.pi) * float(spread.sum())
    return bool(0.5 * float(np.abs(p - q).sum()) < ALIKE + chance)


def _unusual(total: Ints, days: Sequence[date]) -> tuple[date, ...]:
    weekday = np.array([day.weekday() for day in days])
    usual = [float(np.median(total[weekday == day.weekday()])) for day in days]
    return tuple(day for day, n, m in zip(days, total, usual, strict=True) if n < FEW_OF_USUAL * m)
