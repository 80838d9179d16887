"""Estimates over replications, by hand and by coverage."""

import numpy as np
import pytest

from vpbx.measures.estimate import (
    mean_estimate,
    mean_series,
    ratio_estimate,
    ratio_series,
    replications_needed,
    t_quantile,
)


def test_t_quantile() -> None:
    """Student t, 95 % two-sided, from any table: 12.706 at 1, 2.262 at 9, 1.960 far out."""
    assert t_quantile(1) == pytest.approx(12.7062, abs=1e-4)
    assert t_quantile(9) == pytest.approx(2.2622, abs=1e-4)
    assert t_quantile(10**7) == pytest.approx(1.95996, abs=1e-4)
    assert np.isnan(t_quantile(0))


def test_mean_by_hand() -> None:
    """1, 2, 3: mean 2, s 1, half width 4.3027 / sqrt 3."""
    found = mean_estimate(np.array([1.0, 2.0, 3.0]))
    assert found == pytest.approx((2.0, 4.302653 / np.sqrt(3)), abs=1e-6)
    assert found.low == pytest.approx(2.0 - 2.484138, abs=1e-5)


def test_one_replication_has_no_interval() -> None:
    """n = 1: the value, and NaN for the half width."""
    mean, half_width = mean_estimate(np.array([5.0]))
    assert mean == 5.0
    assert np.isnan(half_width)


def test_missing_replications_are_left_out() -> None:
    """NaN counts for nothing: 1, NaN, 3 is 1, 3; nothing at all is NaN."""
    assert mean_estimate(np.array([1.0, np.nan, 3.0])) == mean_estimate(np.array([1.0, 3.0]))
    assert np.isnan(mean_estimate(np.array([np.nan, np.nan]))).all()


def test_delta_method_by_hand() -> None:
    """G = 8, 9, 30, D = 10, 10, 40: R = 47/60; z = (G − R D) / 20; h = 4.302653 sd(z) / sqrt 3.

    G − R D = 1/6, 7/6, −4/3; z squares sum to (1 + 49 + 64) / 36 / 400.
    """
    found = ratio_estimate(np.array([8.0, 9.0, 30.0]), np.array([10.0, 10.0, 40.0]))
    sd = np.sqrt(114 / 36 / 400 / 2)
    assert found == pytest.approx((47 / 60, 4.302653 * sd / np.sqrt(3)), rel=1e-6)


def test_ratio_of_sums_is_not_the_mean_of_ratios() -> None:
    """A busy day weighs more, a day without calls nothing; all empty is NaN."""
    assert ratio_estimate(np.array([1.0, 10.0]), np.array([1.0, 99.0])).mean == 0.11
    assert ratio_estimate(np.array([0.0, 4.0]), np.array([0.0, 8.0])).mean == 0.5
    assert np.isnan(ratio_estimate(np.zeros(2), np.zeros(2))).all()


def test_a_constant_denominator_gives_the_plain_interval() -> None:
    """Ratio to 2 everywhere is half the mean, with half its interval."""
    values = np.array([[1.0, 4.0], [2.0, 6.0], [6.0, 5.0]])
    ratio, mean = ratio_series(values, np.full((3, 2), 2.0)), mean_series(values)
    assert ratio.mean == pytest.approx(mean.mean / 2)
    assert ratio.half_width == pytest.approx(mean.half_width / 2)


def test_coverage_of_the_ratio() -> None:
    """2000 studies of 20 days: the interval holds the true ratio 95 % of the time, within 4 errors.

    Days differ (gamma, cv .2); each of Poisson many calls is in time with probability .8, so that
    the true ratio of expectations is .8. The linearisation costs about half a point at n = 20:
    allowed.
    """
    rng = np.random.default_rng(1)
    studies, days = 2000, 20
    calls = rng.poisson(100 * rng.gamma(25, 1 / 25, (days, studies)))
    in_time = rng.binomial(calls, 0.8)
    found = ratio_series(in_time.astype(float), calls.astype(float))
    covered = np.mean(np.abs(found.mean - 0.8) <= found.half_width)
    error = np.sqrt(0.95 * 0.05 / studies)
    assert 0.945 - 4 * error <= covered <= 0.95 + 4 * error


def test_forecast_of_replications() -> None:
    """Half the half width takes four times as many; no interval gives no forecast."""
    assert replications_needed(20, 1.0, 0.5) == 80
    assert replications_needed(20, 1.0, 2.0) == 20
    assert replications_needed(20, 1.0, 0.0) == 1_000_000
    assert replications_needed(1, float("nan"), 1.0) == 0
