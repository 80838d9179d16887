"""Laws → rows of `Distributions`: closed forms where there are, else tables of quantiles.

Belongs here: parameters from mean and cv, tables made with scipy and their check. Does not belong
here: the look-up (`vpbx.draws`), the text of a law (`scenario.distributions`).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Distribution
from vpbx.draws import OCTAVE_POINTS, OCTAVES, Distributions, Laws
from vpbx.errors import SimulationError
from vpbx.program.packed import packed
from vpbx.scenario.distributions import Law

Floats = NDArray[np.float64]
MOMENT_TOLERANCE = 1e-4


class Row(NamedTuple):
    """One law, ready to be put into `Distributions`."""

    kind: Distribution
    p1: float = 0.0
    p2: float = 0.0
    table: Floats = np.empty(0)


def row_of(law: Law) -> Row:
    """The row of a law (durations in microseconds)."""
    if law.kind == "constant" or law.mean_us == 0:
        return Row(Distribution.CONSTANT, float(law.mean_us))
    return _ROWS[law.kind](law)


def _exponential(law: Law) -> Row:
    return Row(Distribution.EXPONENTIAL, law.mean_us)


def _uniform(law: Law) -> Row:
    return Row(Distribution.UNIFORM, float(law.low_us), float(law.high_us))


def _lognormal(law: Law) -> Row:
    if law.cv == 0:
        return Row(Distribution.CONSTANT, law.mean_us)
    variance = math.log1p(law.cv**2)
    return Row(Distribution.LOGNORMAL, math.log(law.mean_us) - variance / 2.0, math.sqrt(variance))


def _weibull(law: Law) -> Row:
    if law.cv == 0:
        return Row(Distribution.CONSTANT, law.mean_us)
    shape = weibull_shape(law.cv)
    return Row(Distribution.WEIBULL, law.mean_us / math.gamma(1.0 + 1.0 / shape), 1.0 / shape)


def weibull_shape(cv: float) -> float:
    """Shape of the Weibull law with this coefficient of variation."""
    from scipy.optimize import brentq

    def excess(inverse: float) -> float:
        log_ratio = math.lgamma(1.0 + 2.0 * inverse) - 2.0 * math.lgamma(1.0 + inverse)
        return log_ratio - math.log1p(cv**2)

    return 1.0 / float(brentq(excess, 1e-6, 60.0, xtol=1e-14))


def _gamma(law: Law) -> Row:
    if law.cv == 0:
        return Row(Distribution.CONSTANT, law.mean_us)
    from scipy.special import gammainccinv, gammaincinv

    shape, scale = law.cv**-2.0, law.mean_us * law.cv**2.0
    return _checked(
        law,
        lambda x: scale * gammaincinv(shape, x),
        lambda x: scale * gammainccinv(shape, x),
    )


def _hyperexponential(law: Law) -> Row:
    shares = np.array([p for p, _ in law.phases])
    means = np.array([m for _, m in law.phases])

    def beyond(t: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            tails = np.where(means > 0, np.exp(-t[:, None] / means), (t[:, None] < 0) * 1.0)
        return np.asarray(tails @ shares)

    def upper(x: Floats) -> Floats:
        low, high = np.zeros_like(x), np.full_like(x, 60.0 * means.max())
        for _ in range(200):
            middle = (low + high) / 2.0
            above = beyond(middle) > x
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return high

    return _checked(law, lambda x: _lower_hyperexponential(shares, means, x), upper)


def _lower_hyperexponential(shares: Floats, means: Floats, x: Floats) -> Floats:
    """Quantiles at small x by bisection on the distribution function, exact for tiny x."""
    with np.errstate(divide="ignore"):
        rates = np.where(means > 0, 1.0 / means, np.inf)
    low, high = np.zeros_like(x), np.full_like(x, 60.0 * means.max())
    for _ in range(1100):
        middle = (low + high) / 2.0
        below = -np.expm1(-np.minimum(middle[:, None] * rates, 745.0)) @ shares < x
        low, high = np.where(below, middle, low), np.where(below, high, middle)
        if np.all(high - low <= 1e-15 * high + 1e-300):
            break
    return high


def _empirical(law: Law) -> Row:
    return Row(Distribution.EMPIRICAL, table=np.sort(np.array(law.values_us, float)))


_ROWS: dict[str, Callable[[Law], Row]] = {
    "exponential": _exponential,
    "uniform": _uniform,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "gamma": _gamma,
    "erlang": _gamma,
    "hyperexponential": _hyperexponential,
    "empirical": _empirical,
}


def tail_grid() -> Floats:
    """Tail probabilities of a table's half: 64 for each halving, from 2^-54 up to 1/2."""
    octaves = np.exp2(np.arange(-OCTAVES, 0.0))[:, None]
    points = 0.5 + np.arange(OCTAVE_POINTS) / (2.0 * OCTAVE_POINTS)
    return np.append((octaves * points).ravel(), 0.5)


def _checked(law: Law, lower: Callable[[Floats], Floats], upper: Callable[[Floats], Floats]) -> Row:
    """Table of both tails; its mean and variance must be the law's within 1e-4."""
    x = tail_grid()
    low, high = np.maximum(lower(x), 0.0), np.maximum(upper(x), 0.0)
    mean, variance = _moments(x, low, high)
    exact = (law.mean_us * law.cv) ** 2
    worst = max(abs(mean / law.mean_us - 1.0), abs(variance / exact - 1.0))
    if not worst <= MOMENT_TOLERANCE:
        raise SimulationError(f"{law.text}: the table of quantiles is off by {worst:.1e}")
    return Row(Distribution.TABLE, table=np.concatenate([low, high]))


def _moments(x: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Mean and variance of the law that is linear between the points of the table."""
    width = np.diff(x)
    halves = [(v[:-1], v[1:]) for v in (low, high)]
    mean = sum(float(np.sum(width * (a + b) / 2.0)) for a, b in halves)
    square = sum(float(np.sum(width * (a * a + a * b + b * b) / 3.0)) for a, b in halves)
    return mean, square - mean * mean


class DistributionTable:
    """Collects laws while a Program is compiled; equal laws share a row."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._index: dict[Law, int] = {}

    def add(self, law: Law | None) -> int:
        """Index of the law's row; -1 for none."""
        if law is None:
            return -1
        if law not in self._index:
            self._index[law] = len(self._rows)
            self._rows.append(row_of(law))
        return self._index[law]

    def build(self) -> Distributions:
        """All rows as one table."""
        tables = [row.table for row in self._rows]
        sizes = np.array([len(table) for table in tables], np.int64)
        laws = Laws(
            kind=np.array([row.kind for row in self._rows], np.int64),
            p1=np.array([row.p1 for row in self._rows], float),
            p2=np.array([row.p2 for row in self._rows], float),
            first=np.cumsum(sizes) - sizes,
            points=sizes,
        )
        return Distributions(packed(laws), np.concatenate([np.empty(0), *tables]))
