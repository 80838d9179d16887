"""Which of a few systems is best: the procedure KN, under common draws.

Belongs here: Kim and Nelson's elimination. Does not belong here: running (`evaluate`).

S.-H. Kim and B. L. Nelson, "A fully sequential procedure for indifference-zone selection in
simulation", ACM TOMACS 11 (2001) 251-273: the best is kept with probability 1 - alpha whenever it
is better than the others by at least the indifference delta. Common draws make the differences'
variances, on which alone it rests, small.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.study.evaluate import Values
from vpbx.study.quantities import Quantity
from vpbx.study.variant import Prepared

Floats = NDArray[np.float64]

More = Callable[[Sequence[int], range], Floats]
"""(systems asked for, replications) -> (replications, systems) values, the less the better."""


Evaluate = Callable[[Sequence[Prepared], range], list[Values]]


class Ranking(NamedTuple):
    """The best system; for each, when it was dropped (replications), and how many it took in all."""

    best: int
    dropped_at: tuple[int, ...]
    """0: kept to the end."""
    replications: int
    capped: bool
    """Several were left at the cap: the best of them by mean, without the guarantee."""


def kim_nelson(
    more: More, systems: int, indifference: float, alpha: float = 0.05, first: int = 10,
    cap: int = 10_000, step: int = 10,
) -> Ranking:  # fmt: skip
    """The system with the least mean, in stages of `step` replications of those left.

    Looking after every `step` instead of every replication drops later, never sooner: the guarantee
    holds. Raises `UsageError` for an indifference that is not positive.
    """
    if systems < 1 or indifference <= 0:
        raise UsageError("ranking needs systems, and a difference that does not matter above 0")
    left = list(range(systems))
    values = more(left, range(first))
    n, total, dropped = first, first * systems, [0] * systems
    eta = 0.5 * ((2 * alpha / max(1, systems - 1)) ** (-2 / (first - 1)) - 1)
    h2 = 2 * eta * (first - 1)
    gaps = values[:, :, None] - values[:, None, :]
    spread = gaps.var(axis=0, ddof=1)
    sums = values.sum(axis=0)
    while True:
        keep = _kept(left, sums / n, spread, indifference, h2, n)
        for i in set(left) - set(keep):
            dropped[i] = n
        left = keep
        if len(left) == 1 or n >= cap:
            best = min(left, key=lambda i: (sums[i], i))
            return Ranking(best, tuple(dropped), total, len(left) > 1)
        stop = min(cap, n + step)
        sums[left] += more(left, range(n, stop)).sum(axis=0)
        total, n = total + (stop - n) * len(left), stop


def _kept(
    left: Sequence[int], mean: Floats, spread: Floats, delta: float, h2: float, n: int
) -> list[int]:
    """Systems that no other beats by more than the continuation region allows."""
    return [
        i
        for i in left
        if all(
            mean[i] - mean[j] <= max(0.0, delta / (2 * n) * (h2 * spread[i, j] / delta**2 - n))
            for j in left
            if j != i
        )
    ]


def best_of(
    variants: Sequence[Prepared], quantity: Quantity, indifference: float, most: bool,
    evaluate: Evaluate, cap: int = 10_000,
) -> Ranking:  # fmt: skip
    """The variant with the least (or most) of a quantity, by each replication's own figure.

    `evaluate(variants, replications)` gives their values. Raises `UsageError` when a replication has
    no figure.
    """
    sign = -1.0 if most else 1.0

    def more(left: Sequence[int], replications: range) -> Floats:
        found = evaluate([variants[i] for i in left], replications)
        values = np.stack([one.each(quantity)[:, 0] for one in found], axis=1)
        if not np.isfinite(values).all():
            raise UsageError(
                f"{quantity} has no value in some replications: it cannot be ranked by"
            )
        return np.asarray(sign * values)

    return kim_nelson(more, len(variants), indifference, cap=cap)
