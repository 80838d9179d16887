"""Laws of durations: families told apart, parameters within their errors, misfits left as they are."""

import math

import numpy as np
import pytest
from scipy import stats

from vpbx.fit.law import MOST_VALUES, condensed, fit_law


@pytest.mark.parametrize(
    ("family", "law"),
    [
        ("lognormal", stats.lognorm(s=0.8, scale=100)),
        ("gamma", stats.gamma(a=3.0, scale=60)),
        ("weibull", stats.weibull_min(c=0.6, scale=120)),
        ("exponential", stats.expon(scale=90)),
    ],
)
def test_the_family_that_made_them_is_chosen(
    family: str, law: stats.rv_continuous, random: np.random.Generator
) -> None:
    """By likelihood, from 3000 values; the mean within four standard errors of its own."""
    values = law.rvs(3000, random_state=random)
    fit = fit_law(values)
    names = [one.family for one in fit.candidates]
    assert (
        fit.family == family or fit.candidates[names.index(family)].aic - fit.candidates[0].aic < 4
    )
    assert abs(values.mean() - fit.mean_s) < 4 * fit.mean_se_s


def test_likelihoods_are_those_of_scipy(random: np.random.Generator) -> None:
    """Log-likelihood and estimates agree with scipy's own maximum likelihood."""
    values = stats.gamma(a=2.0, scale=40).rvs(400, random_state=random)
    fit = {one.family: one for one in fit_law(values).candidates}
    shape, _, scale = stats.gamma.fit(values, floc=0)
    assert fit["gamma"].mean_s == pytest.approx(shape * scale, rel=1e-3)
    assert fit["gamma"].cv == pytest.approx(1 / math.sqrt(shape), rel=1e-3)
    assert fit["gamma"].log_likelihood == pytest.approx(
        stats.gamma.logpdf(values, shape, scale=scale).sum(), rel=1e-6
    )
    c, _, width = stats.weibull_min.fit(values, floc=0)
    expected = stats.weibull_min.logpdf(values, c, scale=width).sum()
    assert fit["weibull"].log_likelihood == pytest.approx(expected, rel=1e-6)


def test_two_humps_stay_as_measured(random: np.random.Generator) -> None:
    """What no family fits is empirical, with the mean that was measured."""
    values = np.concatenate((random.normal(20, 2, 2500), random.normal(400, 20, 2500)))
    fit = fit_law(values)
    assert fit.family == "empirical"
    assert fit.values_s.mean() == pytest.approx(values.mean(), rel=1e-9)
    assert len(fit.values_s) == MOST_VALUES


def test_condensed_keeps_the_mean_and_the_order(random: np.random.Generator) -> None:
    """Fewer values, the same mean, rising."""
    values = random.lognormal(4, 1, 12_345)
    fewer = condensed(values, 500)
    assert len(fewer) == 500
    assert fewer.mean() == pytest.approx(values.mean(), rel=1e-9)
    assert np.all(np.diff(fewer) >= 0)


def test_constants_and_few_values() -> None:
    """No spread is a constant; a handful of values is no ground for a family."""
    assert fit_law(np.full(50, 15.0)).text() == "15 s"
    assert fit_law(np.array([10.0, 20.0, 60.0])).text() == "exponential(mean=30 s)"
