"""Censored waits: the Kaplan–Meier estimate of a distribution, some values of which are bounds.

Belongs here: estimation from (length, seen or censored) pairs or counts. Two uses: the *virtual
wait* (what a caller of endless patience would wait: seen when answered, censored when abandoned)
and *patience* (the other way round). Does not belong here: which calls count (`tally`).

Source: Kaplan and Meier (1958); for call centres Brown et al. (2005). Waits and patience
are taken as independent; announcements of the wait break that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Survival(NamedTuple):
    """A survival curve: `share[i]` is P(T > t) for `at[i]` <= t < `at[i + 1]`; 1 before `at[0]`.

    `longest` is the greatest length observed, censored ones included: beyond it nothing is known.
    """

    at: Floats
    share: Floats
    longest: float


def kaplan_meier(lengths: Floats, seen: NDArray[np.bool_]) -> Survival:
    """Curve of exact lengths; those not `seen` are censored. Ties: seen before censored."""
    at, where = np.unique(lengths, return_inverse=True)
    ends = np.bincount(where, weights=seen, minlength=len(at)).astype(np.float64)
    leaves = np.bincount(where, minlength=len(at)).astype(np.float64)
    return kaplan_meier_counts(at.astype(np.float64), ends, leaves - ends)


def kaplan_meier_counts(at: Floats, seen: Floats, censored: Floats) -> Survival:
    """Curve of counts at rising lengths `at`: S = product of (1 - seen / still at risk)."""
    leaving = seen + censored
    at_risk = np.cumsum(leaving[::-1])[::-1]
    kept = 1.0 - np.divide(seen, at_risk, out=np.zeros(len(at)), where=at_risk > 0)
    used = seen > 0
    longest = float(at[leaving > 0][-1]) if np.any(leaving > 0) else np.nan
    return Survival(at[used], np.cumprod(kept)[used].astype(np.float64), longest)


def quantile(curve: Survival, p: float) -> float:
    """Least length with P(T <= t) >= p; NaN where the curve does not come down that far."""
    below = np.flatnonzero(curve.share <= 1.0 - p + 1e-12)
    return float(curve.at[below[0]]) if len(below) else float("nan")


def restricted_mean(curve: Survival) -> float:
    """Mean of min(T, longest observed): the area under the curve; NaN for no observations."""
    if np.isnan(curve.longest):
        return float("nan")
    edges = np.concatenate(([0.0], curve.at, [curve.longest]))
    return float(np.diff(edges) @ np.concatenate(([1.0], curve.share)))
