"""Estimates over replications: means, ratios of sums and their 95 % confidence intervals.

Belongs here: the statistics, on arrays whose first axis is the replication. Does not belong here:
which measures exist (`formulas`), verdicts (`verdicts`).

A NaN stands for a replication without a value there; it is left out. Where fewer than two
replications have one, the half width is NaN.
"""

from functools import lru_cache
from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.result import Estimate, Series

Floats = NDArray[np.float64]

LEVEL = 0.95
MOST_REPLICATIONS = 1_000_000
"""Forecasts stop here: beyond it a target is a coin toss."""


@lru_cache(maxsize=1024)
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Two-sided Student-t quantile: P(|T| <= q) = level; NaN below one degree of freedom."""
    if freedom < 1:
        return float("nan")
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def mean_series(values: Floats) -> Series:
    """Mean over the first axis and half width t s / sqrt(n) of each cell."""
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    mean = _divide(np.where(there, values, 0.0).sum(axis=0), n)
    return Series(mean, _half_width(np.where(there, values - mean, 0.0), n))


def ratio_series(numerator: Floats, denominator: Floats) -> Series:
    """Ratio of sums with a delta-method interval, cell by cell.

    R = sum G / sum D; z_r = (G_r - R D_r) / mean D; half width t s(z) / sqrt(n): Law (2015),
    section 9.4.2; Cochran (1977), section 6.4. Why not the mean of ratios: it weighs a quiet day
    like a busy one, and a day without calls has none. NaN where the denominators sum to 0.
    """
    there = ~(np.isnan(numerator) | np.isnan(denominator))
    g, d = np.where(there, numerator, 0.0), np.where(there, denominator, 0.0)
    n = there.sum(axis=0)
    ratio = _divide(g.sum(axis=0), d.sum(axis=0))
    z = _divide(g - ratio * d, _divide(d.sum(axis=0), n))
    return Series(ratio, _half_width(z, n))


def mean_estimate(values: Floats) -> Estimate:
    """Mean and half width of one value a replication."""
    return first(mean_series(np.asarray(values, np.float64)))


def ratio_estimate(numerator: Floats, denominator: Floats) -> Estimate:
    """Ratio of sums of one numerator and denominator a replication."""
    return first(
        ratio_series(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    )


def first(series: Series) -> Estimate:
    """The only (or first) cell of a series."""
    return Estimate(float(np.ravel(series.mean)[0]), float(np.ravel(series.half_width)[0]))


def replications_needed(n: int, half_width: float, allowed: float) -> int:
    """Forecast of the total that brings `half_width` (seen at n) down to `allowed`; 0: no forecast.

    n (h / allowed)^2, rounded up (SSJ's and Law's rule, the variance taken as it was seen).
    """
    if not (isfinite(half_width) and isfinite(allowed) and n >= 2):
        return 0
    if half_width <= allowed:
        return n
    if allowed <= 0 or n * (half_width / allowed) ** 2 > MOST_REPLICATIONS:
        return MOST_REPLICATIONS
    return max(n + 1, ceil(n * (half_width / allowed) ** 2))


def _half_width(deviations: Floats, n: NDArray[np.int64]) -> Floats:
    """t s / sqrt(n) of deviations from a centre, those of missing replications being 0."""
    variance = _divide((deviations**2).sum(axis=0), n - 1)
    t = np.vectorize(t_quantile, otypes=[np.float64])(n - 1)
    return np.asarray(t * np.sqrt(_divide(variance, n)))


def _divide(above: NDArray[np.generic], below: NDArray[np.generic]) -> Floats:
    """Quotient; NaN where `below` is not positive."""
    a, b = np.broadcast_arrays(np.asarray(above, np.float64), np.asarray(below, np.float64))
    return np.asarray(np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0))
