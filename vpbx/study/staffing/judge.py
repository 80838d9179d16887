"""Which targets a staffing meets, where, and how surely.

Belongs here: constraints as ratios of counts, their estimates and one-sided bounds. Does not belong
here: simulating (`lab`), changing the staff (`repair`, `cuts`).

Every constraint is turned so that more is better: value >= bound. It is *accepted* when the lower
end of the one-sided confidence interval of the ratio (delta method) is at the bound or beyond, and
*missed for certain* when the upper end is below it. Why the lower end: of plans taken at their
estimate, half miss their target on other days (Atlason, Epelman and Henderson 2004 on the sample
problem; tried here with the same result).
"""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import t_quantile
from vpbx.study.staffing.aims import Aim, numerator_and_denominator
from vpbx.study.staffing.lab import Days, Floats

ONE_SIDED = 0.90
"""Level of the two-sided interval whose lower end is the one-sided 95 % bound."""


class Rules(NamedTuple):
    """What is asked: the aims with the index of their queue (or group), and over what."""

    aims: tuple[Aim, ...]
    member: tuple[int, ...]
    thresholds_us: tuple[int, ...]
    every_slot: bool
    """In every slot; else over the whole run."""
    day_share: float
    """Least share of days on which each aim must be met over the whole day; 0: not asked."""
    day_of_slot: tuple[int, ...] = (0,)
    """Day of each slot."""


class Verdicts(NamedTuple):
    """Estimates of all constraints, (constraints,) each; more is better."""

    aim: NDArray[np.int64]
    """Index of the aim."""
    slot: NDArray[np.int64]
    """Its slot; -1: the whole run; -2: the share of days."""
    value: Floats
    """Signed: the negative of a wait, of a share that is to be small."""
    lower: Floats
    upper: Floats
    bound: Floats

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """Shown to be met; a slot in which nobody calls is met."""
        return np.asarray(np.isnan(self.value) | (self.lower >= self.bound - 1e-12))

    @property
    def missed(self) -> NDArray[np.bool_]:
        """Shown to be missed."""
        return np.asarray(~np.isnan(self.value) & (self.upper < self.bound))

    def all_accepted(self) -> bool:
        """Whether every constraint is shown to be met."""
        return bool(self.accepted.all())


def daily(aim: Aim, member: int, thresholds_us: Sequence[int], days: Days) -> tuple[Floats, Floats]:
    """Numerator and denominator of an aim, (replications, slots + 1) each."""
    source = days.groups if aim.measure == "occupancy" else days.queues
    k = thresholds_us.index(aim.threshold_us) if aim.measure == "service_level" else 0

    def total(names: Sequence[str]) -> Floats:
        out = np.zeros(next(iter(source.values())).shape[:2])
        for name in names:
            column = name.lstrip("-")
            column = f"{column}_{k}" if column.endswith("_in") else column
            out += (-1.0 if name.startswith("-") else 1.0) * source[column][:, :, member]
        return out

    above, below = numerator_and_denominator(aim)
    return total(above), total(below)


def verdicts(rules: Rules, days: Days, level: float = ONE_SIDED) -> Verdicts:
    """All constraints of the rules on these days."""
    rows = [row for i in range(len(rules.aims)) for row in _constraints(rules, i, days, level)]
    columns = list(zip(*rows, strict=True))
    index = (np.array(columns[0], np.int64), np.array(columns[1], np.int64))
    return Verdicts(*index, *(np.array(c, np.float64) for c in columns[2:]))


Row = tuple[int, int, float, float, float, float]


def _constraints(rules: Rules, i: int, days: Days, level: float) -> list[Row]:
    """(aim, slot, value, lower, upper, bound) of one aim's constraints."""
    aim = rules.aims[i]
    g, d = daily(aim, rules.member[i], rules.thresholds_us, days)
    sign = 1.0 if aim.at_least else -1.0
    found: list[Row] = []
    if rules.every_slot:
        value, half = _ratio(g[:, :-1], d[:, :-1], level)
        found += [
            (i, slot, sign * v, sign * v - h, sign * v + h, sign * aim.bound)
            for slot, (v, h) in enumerate(zip(value.tolist(), half.tolist(), strict=True))
        ]
    else:
        found.append(_whole(i, aim, sign, g, d, level))
    if rules.day_share > 0:
        share = float(day_meets(aim, g, d, rules.day_of_slot).mean())
        v, h = share, _wilson(share, len(g), level)
        found.append((i, -2, v, h[0], h[1], rules.day_share))
    return found


def _whole(i: int, aim: Aim, sign: float, g: Floats, d: Floats, level: float) -> Row:
    value, half = _ratio(g.sum(axis=1, keepdims=True), d.sum(axis=1, keepdims=True), level)
    v, h = sign * float(value[0]), float(half[0])
    return i, -1, v, v - h, v + h, sign * aim.bound


def day_values(g: Floats, d: Floats, day_of_slot: tuple[int, ...]) -> Floats:
    """(replications, days) the ratio of each day; NaN without calls.

    What arrives after the run counts with its last day.
    """
    days = np.array([*day_of_slot, day_of_slot[-1]])
    sums = [np.stack([x[:, days == day].sum(axis=1) for day in np.unique(days)], 1) for x in (g, d)]
    above, below = sums
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))


def day_meets(aim: Aim, g: Floats, d: Floats, day_of_slot: tuple[int, ...]) -> NDArray[np.bool_]:
    """(replications, days) whether each day as a whole meets an aim; a day without calls does."""
    value = day_values(g, d, day_of_slot)
    beyond = value >= aim.bound if aim.at_least else value <= aim.bound
    return np.asarray(beyond | np.isnan(value))


def _ratio(g: Floats, d: Floats, level: float) -> tuple[Floats, Floats]:
    """Ratio of sums and half width (delta method) of each column; NaN where nothing came."""
    n, total = len(g), d.sum(axis=0)
    there = total > 0
    safe = np.where(there, total, 1.0)
    ratio = np.where(there, g.sum(axis=0) / safe, np.nan)
    z = (g - np.where(there, ratio, 0.0) * d) * (n / safe)
    spread = z.std(axis=0, ddof=1) if n > 1 else np.full(ratio.shape, np.inf)
    return ratio, t_quantile(n - 1, level) * spread / np.sqrt(n) if n > 1 else spread


def days_needed(share: float, level: float = ONE_SIDED) -> int:
    """The fewest days that show a share when all of them keep to it: n / (n + z^2) >= share."""
    z = t_quantile(10_000, level)
    return ceil(z * z * share / (1 - share) - 1e-9)


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927), which does not collapse where every day did."""
    z = t_quantile(10_000, level)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return float(centre - half), float(centre + half)
