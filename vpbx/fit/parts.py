"""Parts of the day in which calls last longer or shorter than usual.

Belongs here: where the day is cut, and the factors. Does not belong here: the laws (`law`).

Handle times are set against what is usual for the same queue and group of agents, so that neither
the mix of calls nor who is on duty makes a difference. One or two cuts at full hours are tried for
all queues together, those with the least sum of squares taken if they tell enough.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_CALLS = 1000
"""With fewer handle times the day is left whole."""
LEAST_DIFFERENCE = 0.08
"""Parts are told apart where the longest and the shortest differ by so much of the usual time."""
LEAST_SIGMA = 3.0
LEAST_OWN = 100
"""A queue with fewer calls in a part has the usual handle times there."""


@dataclass(frozen=True)
class DayParts:
    """Hours at which parts begin, the first 0, and the factor of each (queue, part)."""

    starts: tuple[int, ...]
    factor: Floats

    def part_of(self, hour: Ints) -> Ints:
        """The part that an hour of the day lies in."""
        return np.searchsorted(self.starts, hour, side="right") - 1

    def of_queue(self, queue: int) -> tuple[float, ...]:
        """Factors of a queue; one of 1 where the day makes no difference to it."""
        own = self.factor[queue]
        return (1.0,) if np.all(own == 1.0) else tuple(own.tolist())


def day_parts(hour: Ints, lasted: Floats, usual: Floats, queue: Ints, n_queues: int) -> DayParts:
    """Parts of the day from handle times, what was usual for each, its hour of the day and queue."""
    whole = DayParts((0,), np.ones((n_queues, 1)))
    if len(lasted) < LEAST_CALLS:
        return whole
    spent = np.bincount(hour, lasted, 24).astype(np.float64)
    due = np.bincount(hour, usual, 24).astype(np.float64)
    spread = float(np.sum((lasted - usual) ** 2) / usual.sum() ** 2 * len(usual))
    starts = min(_cuts(due), key=lambda one: (-_told(spent, due, one), one))
    ratio, error = _ratios(spent, due, np.bincount(hour, minlength=24), starts, spread)
    far = ratio.max() - ratio.min()
    joint = float(np.hypot(error[ratio.argmax()], error[ratio.argmin()]))
    if far < LEAST_DIFFERENCE or far < LEAST_SIGMA * joint:
        return whole
    parts = DayParts(starts, np.ones((n_queues, len(starts))))
    part = parts.part_of(hour)
    for q in range(n_queues):
        for p in range(len(starts)):
            mine = (queue == q) & (part == p)
            if int(mine.sum()) >= LEAST_OWN:
                parts.factor[q, p] = lasted[mine].sum() / usual[mine].sum()
        if np.sum(parts.factor[q] != 1.0) < 2:  # one part alone has nothing to differ from
            parts.factor[q] = 1.0
    return parts


def _cuts(due: Floats) -> list[tuple[int, ...]]:
    """Ways to cut the day once or twice at hours with calls on both sides."""
    hours = np.flatnonzero(due > 0)
    inner = hours[1:].tolist()
    return [(0, *cut) for n in (1, 2) for cut in combinations(inner, n)] or [(0,)]


def _told(spent: Floats, due: Floats, starts: tuple[int, ...]) -> float:
    """Sum of squares that the parts explain: weights times squared deviation from 1."""
    s, d = np.add.reduceat(spent, starts), np.add.reduceat(due, starts)
    return float(np.sum(np.where(d > 0, (s - d) ** 2 / np.where(d > 0, d, 1.0), 0.0)))


def _ratios(
    spent: Floats, due: Floats, n: Ints, starts: tuple[int, ...], spread: float
) -> tuple[Floats, Floats]:
    """Handle time relative to the usual in each part, and its standard error."""
    s, d = np.add.reduceat(spent, starts), np.add.reduceat(due, starts)
    counts = np.maximum(np.add.reduceat(n, starts), 1)
    return s / np.where(d > 0, d, 1.0), np.sqrt(spread / counts)
