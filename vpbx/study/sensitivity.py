"""What drives a figure: one parameter at a time, and shares of its variance (Sobol).

Belongs here: default ranges, the tornado, variance-based indices and their intervals. Does not
belong here: the grammar of ranges (`ranges`), the page (`report.drivers`).

One at a time: each parameter at both ends of its range, all others as the scenario has them; paired
differences under common draws. Sobol: each parameter uniform over its range, independently. First
order: Saltelli et al. (2010), table 2 (b); total: Jansen (1999); intervals by a bootstrap over the
points. Under common draws the figure over fixed replications is a function of the parameters, whose
variance is shared out.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import ScenarioError, UsageError
from vpbx.study.compare import about
from vpbx.study.data import number, pair
from vpbx.study.differences import Difference, difference
from vpbx.study.evaluate import Values
from vpbx.study.quantities import Quantity
from vpbx.study.ranges import Range, parse_range
from vpbx.study.variant import Prepared

if TYPE_CHECKING:
    from vpbx.scenario.models import Scenario

Floats = NDArray[np.float64]
Settings = tuple[tuple[str, str], ...]
Evaluate = Callable[[Sequence[Settings]], list[Values]]

FORMAT = 1
_RESAMPLES = 500


class Swing(NamedTuple):
    """One parameter of the tornado: differences from the scenario as it is, at both ends."""

    range: Range
    low: Difference
    high: Difference

    @property
    def size(self) -> float:
        """The larger difference, either way."""
        return float(np.nanmax(np.abs([self.low.difference[0], self.high.difference[0], 0.0])))


class Index(NamedTuple):
    """Shares of variance that one parameter explains: alone, and with all its interactions."""

    path: str
    first: float
    first_half_width: float
    total: float
    total_half_width: float


def default_ranges(scenario: "Scenario", spread: str = "80%..120%:2") -> tuple[Range, ...]:
    """Volumes, patience, heads and handle times, a fifth down and up."""
    paths = []
    for name, caller in scenario.callers.items():
        own = f"callers.{name}"
        paths += [f"{own}.volume"] if caller.volume is not None else []
        paths += [f"{own}.patience"] if caller.patience is not None else []
    for name, group in scenario.agents.items():
        own = f"agents.{name}"
        paths.append(f"{own}.heads")
        paths += [f"{own}.serves.{queue}.handle_time" for queue in group.serves]
    return tuple(parse_range(f"{path}={spread}") for path in paths)


def usable(ranges: Sequence[Range], loads: Callable[[Settings], object]) -> tuple[Range, ...]:
    """Those of the default ranges whose ends the scenario takes."""
    kept = []
    for one in ranges:
        try:
            for end in (one.low, one.high):
                loads(((one.path, one.text(end)),))
        except ScenarioError:
            continue
        kept.append(one)
    return tuple(kept)


def tornado(ranges: Sequence[Range], quantity: Quantity, evaluate: Evaluate) -> list[Swing]:
    """Every parameter at both ends; the one with the largest swing first."""
    settings: list[Settings] = [()]
    for one in ranges:
        settings += [((one.path, one.text(end)),) for end in (one.low, one.high)]
    base, *ends = evaluate(settings)
    swings = [
        Swing(
            one,
            difference(base, ends[2 * i], quantity),
            difference(base, ends[2 * i + 1], quantity),
        )
        for i, one in enumerate(ranges)
    ]
    return sorted(swings, key=lambda swing: -swing.size)


def sobol_points(n_ranges: int, points: int, seed: int) -> tuple[Floats, Floats]:
    """(points, ranges) of two independent samples in the unit cube: halves of a Sobol' sequence."""
    from scipy.stats.qmc import Sobol

    if points < 8 or points & (points - 1):
        raise UsageError(f"--points {points}: give a power of two, 8 or more (or 0 for no indices)")
    both = Sobol(2 * n_ranges, scramble=True, seed=seed).random(points)
    return both[:, :n_ranges], both[:, n_ranges:]


def sobol(
    ranges: Sequence[Range], quantity: Quantity, points: int, seed: int, evaluate: Evaluate
) -> list[Index]:
    """Indices of every parameter, the largest total first: points x (parameters + 2) evaluations."""
    a, b = sobol_points(len(ranges), points, seed)
    samples = [a, b]
    for i in range(len(ranges)):
        mixed = a.copy()
        mixed[:, i] = b[:, i]
        samples.append(mixed)
    rows = np.concatenate(samples)
    settings = [
        tuple((r.path, r.at(u)) for r, u in zip(ranges, row, strict=True)) for row in rows.tolist()
    ]
    found = evaluate(settings)
    values = np.array([one.total(quantity).mean for one in found]).reshape(len(samples), points)
    if not np.isfinite(values).all():
        raise UsageError(f"{quantity} has no value at some points of the ranges: narrow them")
    return indices([one.path for one in ranges], values, seed)


def indices(paths: Sequence[str], values: Floats, seed: int = 0) -> list[Index]:
    """Indices from values (2 + parameters, points): of the samples A, B, and A with one column of B.

    Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola, Computer Physics Communications 181
    (2010), table 2: first order (b), total (f), which is Jansen's.
    """
    first, total = _estimates(values)
    generator = np.random.default_rng(seed)
    n = values.shape[1]
    again = [_estimates(values[:, generator.integers(0, n, n)]) for _ in range(_RESAMPLES)]
    half = 1.96 * np.std(again, axis=0)
    found = [
        Index(path, float(first[i]), float(half[0, i]), float(total[i]), float(half[1, i]))
        for i, path in enumerate(paths)
    ]
    return sorted(found, key=lambda index: -index.total)


def _estimates(values: Floats) -> tuple[Floats, Floats]:
    a, b, mixed = values[0], values[1], values[2:]
    variance = np.var(np.concatenate([a, b])) or np.nan
    middle = np.mean(np.concatenate([a, b]))  # centred, the products lose less to rounding
    first = np.mean((b - middle) * (mixed - a), axis=1) / variance
    total = np.mean((a - mixed) ** 2, axis=1) / (2 * variance)
    return np.asarray(first), np.asarray(total)


def as_data(
    ready: Prepared, quantity: Quantity, swings: Sequence[Swing], shares: Sequence[Index],
    seed: int, replications: tuple[int, int], points: int,
) -> dict[str, Any]:  # fmt: skip
    """The study as plain data, for JSON and for the page; `replications` of tornado and Sobol."""
    return {
        "format": FORMAT,
        "study": "sensitivity",
        "scenario": about(ready),
        "measure": {
            "name": str(quantity),
            "scope": quantity.scope,
            "measure": quantity.measure,
            "unit": quantity.unit,
        },
        "seed": seed,
        "replications": replications[0],
        "replications_a_point": replications[1],
        "points": points,
        "base": pair(swings[0].low.a[0], swings[0].low.a_half_width[0]) if swings else [None, None],
        "tornado": [
            {
                "path": one.range.path,
                "low": _end(one.range, one.range.low, one.low),
                "high": _end(one.range, one.range.high, one.high),
            }
            for one in swings
        ],
        "sobol": [
            {
                "path": one.path,
                "first": pair(one.first, one.first_half_width),
                "total": pair(one.total, one.total_half_width),
            }
            for one in shares
        ],
    }


def _end(one: Range, end: float, found: Difference) -> dict[str, Any]:
    return {
        "setting": one.text(end),
        "value": number(found.b[0]),
        "difference": pair(found.difference[0], found.half_width[0]),
    }
