"""Differences between two variants that saw the same callers.

Belongs here: paired estimates of differences and of quotients. Does not belong here: running the
variants (`evaluate`), words (`report`).

A ratio of sums R = G / D deviates, in replication r, by z_r = (G_r - R D_r) / mean D (the delta
method: Law 2015, section 9.4.2). The difference of two ratios under common draws deviates by
z_r(B) - z_r(A), whose spread is small when both saw the same busy and the same quiet days.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import t_quantile
from vpbx.study.evaluate import Values
from vpbx.study.quantities import Quantity

Floats = NDArray[np.float64]


class Difference(NamedTuple):
    """B - A of one quantity, by place (the whole run first, then intervals); all arrays (places).

    Half widths are of 95 % intervals; NaN where fewer than two replications have a figure.
    """

    quantity: Quantity
    a: Floats
    b: Floats
    a_half_width: Floats
    b_half_width: Floats
    difference: Floats
    half_width: Floats
    """Of the difference, paired."""
    independent_half_width: Floats
    """What the half width would be of as many independent replications of each."""
    times: Floats
    """B / A; NaN where A is not positive."""
    times_half_width: Floats
    saved_by_controls: float = 1.0
    """What control variates (`controls`) saved of the whole run's difference; 1: nothing."""

    @property
    def clear(self) -> NDArray[np.bool_]:
        """Where the interval of the difference leaves out 0."""
        return np.asarray(np.abs(self.difference) > self.half_width)

    @property
    def saved(self) -> Floats:
        """Variance of independent runs over that of the pairs: how many times as many replications
        independent runs would take; NaN where nothing varies."""
        return _divide(self.independent_half_width**2, self.half_width**2)


def difference(a: Values, b: Values, quantity: Quantity) -> Difference:
    """Paired differences B - A of a quantity; both over the same replications."""
    (ratio_a, dev_a, there_a), (ratio_b, dev_b, there_b) = (
        deviations(*values.of(quantity)) for values in (a, b)
    )
    n = np.minimum(there_a, there_b)
    times = np.where(ratio_a > 0, _divide(ratio_b, ratio_a), np.nan)
    own_a, own_b = (_half_width(dev, n) for dev in (dev_a, dev_b))
    return Difference(
        quantity,
        ratio_a,
        ratio_b,
        own_a,
        own_b,
        difference=ratio_b - ratio_a,
        half_width=_half_width(dev_b - dev_a, n),
        independent_half_width=np.hypot(own_a, own_b),
        times=times,
        times_half_width=_half_width(_divide(dev_b - times * dev_a, np.abs(ratio_a)), n),
    )


def deviations(above: Floats, below: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Ratio (places), deviations z (replications, places) and how many replications have a value.

    A replication without a value deviates by 0 and is not counted.
    """
    there = ~(np.isnan(above) | np.isnan(below))
    g, d = np.where(there, above, 0.0), np.where(there, below, 0.0)
    n = there.sum(axis=0)
    ratio = _divide(g.sum(axis=0), d.sum(axis=0))
    return ratio, _divide(g - ratio * d, _divide(d.sum(axis=0), n)), n


def _half_width(deviation: Floats, n: NDArray[np.int64]) -> Floats:
    variance = _divide((deviation**2).sum(axis=0), (n - 1) * n)
    t = np.vectorize(t_quantile, otypes=[np.float64])(n - 1)
    return np.asarray(t * np.sqrt(variance))


def _divide(above: Floats, below: Floats | NDArray[np.int64]) -> Floats:
    """Quotient; NaN where `below` is not positive."""
    a, b = np.broadcast_arrays(above, np.asarray(below, np.float64))
    return np.asarray(np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0))
