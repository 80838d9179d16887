"""From figures of independent units to an estimate, its standard error, and a verdict.

Belongs here: the statistics. Does not belong here: where figures come from (`quantities`).
"""

from math import inf, isclose, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.validation.cases import Row

Floats = NDArray[np.float64]

LEVEL = 1e-4
"""Probability that a case with right figures fails, about."""
LEAST = 4.0
"""Standard errors that are always allowed."""


class Estimate(NamedTuple):
    """A mean over units, or a ratio of two."""

    mean: float
    error: float
    """Standard error."""
    freedom: int
    """Degrees of freedom of the standard error."""


def estimate(above: Floats, below: Floats | float, controls: Floats) -> Estimate:
    """Sum of `above` over the sum of `below`, helped by controls of known mean 0.

    A ratio R is estimated through z = (above - R below) / mean of below (delta method: Cochran 1977,
    section 6.4). The controls (units, m) are taken out by regression: intercept of the least-squares
    fit, and the intercept's standard error (Lavenberg and Welch 1981). `below` as a number is what
    is expected of a unit: no ratio.
    """
    if isinstance(below, float):
        centre, z = 0.0, above / below
    else:
        centre = float(above.sum() / below.sum())
        z = (above - centre * below) / below.mean()
    n = len(z)
    spread = controls.std(axis=0)
    varied = controls[:, spread > 1e-9] / spread[spread > 1e-9]
    if 2 * varied.shape[1] > n:  # too few units to learn from the controls
        varied = np.zeros((n, 0))
    design = np.column_stack([np.ones(n), varied])
    freedom = n - design.shape[1]
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ z
    residual = z - design @ fitted
    variance = float(residual @ residual) / freedom * float(inverse[0, 0])
    return Estimate(centre + float(fitted[0]), sqrt(max(variance, 0.0)), freedom)


class Verdict(NamedTuple):
    """What became of a row."""

    passed: bool
    word: str
    """right, wrong, or weak: right so far, but four standard errors are too many to say."""
    z: float
    """Standard errors between ours and the reference; 0 where both are exact and equal."""
    limit: float
    """Standard errors allowed."""
    reach: float
    """Four standard errors of ours, as a share of the reference."""


def judge(found: Estimate, row: Row, n_rows: int, demand_power: bool) -> Verdict:
    """Whether |ours - reference| <= limit x sqrt(s^2 + sr^2) + half a unit of the last digit.

    The limit is the two-sided Student quantile at 1 - 1e-4 / rows of the case, at least 4. With
    `demand_power`, four standard errors may be no more of the reference than the row says.
    """
    limit = allowed(n_rows, found.freedom)
    error = sqrt(found.error**2 + row.value_error**2)
    away = abs(found.mean - row.value)
    near = isclose(found.mean, row.value, rel_tol=1e-9)
    right = near or away <= limit * error + row.half_unit
    reach = 4.0 * found.error / abs(row.value)
    strong = reach <= row.power or not demand_power
    word = "wrong" if not right else "right" if strong else "weak"
    z = 0.0 if near else (found.mean - row.value) / error if error else inf
    return Verdict(right and strong, word, z, limit, reach)


def allowed(n_rows: int, freedom: int) -> float:
    """Standard errors allowed in a case of so many rows."""
    from scipy.special import stdtrit

    return max(LEAST, float(stdtrit(freedom, 1.0 - LEVEL / n_rows / 2.0)))
