"""Kaplan–Meier on small samples worked by hand, and on a law that is known."""

import numpy as np
import pytest

from vpbx.measures.survival import kaplan_meier, kaplan_meier_counts, quantile, restricted_mean


def test_by_hand() -> None:
    """1, 2+, 3, 3, 5+ (+ censored): S = 4/5 at 1, then 4/5 x 1/3 at 3; mean 1 + 2(.8) + 2(4/15)."""
    curve = kaplan_meier(
        np.array([1.0, 2.0, 3.0, 3.0, 5.0]), np.array([True, False, True, True, False])
    )
    assert curve.at.tolist() == [1.0, 3.0]
    assert curve.share.tolist() == pytest.approx([4 / 5, 4 / 15])
    assert restricted_mean(curve) == pytest.approx(1 + 2 * 0.8 + 2 * 4 / 15)
    assert quantile(curve, 0.2) == 1.0
    assert quantile(curve, 0.5) == 3.0
    assert np.isnan(quantile(curve, 0.9))


def test_a_tie_counts_the_seen_before_the_censored() -> None:
    """One seen and one censored at 2: both are at risk when the seen one ends."""
    curve = kaplan_meier(np.array([2.0, 2.0]), np.array([True, False]))
    assert curve.share.tolist() == [0.5]


def test_nothing_observed() -> None:
    """No observations: no curve, a NaN mean."""
    curve = kaplan_meier_counts(np.empty(0), np.empty(0), np.empty(0))
    assert len(curve.at) == 0
    assert np.isnan(restricted_mean(curve))


def test_censoring_does_not_bias() -> None:
    """Exponential mean 3 censored by exponential mean 2: the median is 3 ln 2 within 4 errors."""
    rng = np.random.default_rng(1)
    n = 40_000
    length, limit = rng.exponential(3.0, n), rng.exponential(2.0, n)
    curve = kaplan_meier(np.minimum(length, limit), length <= limit)
    # Greenwood: var S / S^2 = integral of hazard / P(at risk); at the median t, in closed form
    t = 3 * np.log(2)
    rate = 1 / 3 + 1 / 2
    error = 0.5 * np.sqrt((1 / 3) / rate * np.expm1(rate * t) / n)
    density = 0.5 / 3
    assert abs(quantile(curve, 0.5) - t) <= 4 * error / density
