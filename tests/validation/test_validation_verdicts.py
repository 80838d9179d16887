"""Estimates and verdicts of the suite: by hand, and by samples whose mean is known."""

from dataclasses import replace

import numpy as np
import pytest

from vpbx.validation.cases import Row
from vpbx.validation.estimate import Estimate, allowed, estimate, judge

ROW = Row("wait", "wait", ("calls",), 10.0, "wait", 0.01, "palm")


def test_a_mean_and_its_standard_error() -> None:
    """1, 2, 3, 4 over 1 a unit: 2.5, s / sqrt(4) = sqrt(5 / 12)."""
    found = estimate(np.array([1.0, 2.0, 3.0, 4.0]), 1.0, np.zeros((4, 0)))
    assert found == pytest.approx((2.5, np.sqrt(5 / 12), 3))


def test_a_ratio_by_the_delta_method() -> None:
    """(1 + 3) / (2 + 2): z = (1 - 2, 3 - 2) / 2, standard error sqrt(.5 / 2) = .5."""
    found = estimate(np.array([1.0, 3.0]), np.array([2.0, 2.0]), np.zeros((2, 0)))
    assert found == pytest.approx((1.0, 0.5, 1))


def test_controls_of_any_size_are_taken_out() -> None:
    """5 + 2e-6 x control, for controls in the millions beside small ones: 5 without error."""
    draws = np.random.default_rng(1).normal(size=(60, 2)) * [1e6, 1e-3]
    found = estimate(5.0 + 2e-6 * draws[:, 0], 1.0, draws)
    assert found.mean == pytest.approx(5.0, abs=1e-12)
    assert found.error == pytest.approx(0.0, abs=1e-12)


def test_too_many_controls_are_left_alone() -> None:
    """Three controls of four units explain anything: the plain mean is taken."""
    draws = np.random.default_rng(2).normal(size=(4, 3))
    found = estimate(np.array([1.0, 2.0, 3.0, 4.0]), 1.0, draws)
    assert found == pytest.approx((2.5, np.sqrt(5 / 12), 3))


def test_the_standard_error_is_honest() -> None:
    """Of 400 estimates with controls, 95 % lie within two standard errors (binomial, 4 s.e.: 90.5 %)."""
    rng = np.random.default_rng(3)
    within = 0
    for _ in range(400):
        controls = rng.normal(size=(40, 3))
        above = 7.0 + controls @ [1.0, 2.0, -1.0] + rng.exponential(size=40) - 1.0
        found = estimate(above, 1.0, controls)
        within += abs(found.mean - 7.0) <= 2.03 * found.error
    assert within >= 0.905 * 400


def test_right_wrong_and_weak() -> None:
    """10 +- .02 for 10.05 is right; for 10.2 wrong; 10 +- .05 reaches 2 %: weak, if power is asked."""
    sure, unsure = Estimate(10.0, 0.02, 10_000), Estimate(10.0, 0.05, 10_000)
    assert judge(sure, replace(ROW, value=10.05), 1, True).word == "right"
    assert judge(sure, replace(ROW, value=10.2), 1, True).word == "wrong"
    weak = judge(unsure, ROW, 1, True)
    assert (weak.word, weak.passed) == ("weak", False)
    assert judge(unsure, ROW, 1, False).passed


def test_the_reference_has_an_error_too() -> None:
    """10 +- .02 for 10.2 +- .05: 3.7 standard errors of the difference; half a digit helps as well."""
    sure = Estimate(10.0, 0.02, 10_000)
    assert judge(sure, replace(ROW, value=10.2, value_error=0.05), 1, True).word == "right"
    assert judge(sure, replace(ROW, value=10.1, half_unit=0.05), 1, True).word == "right"


def test_the_limit_grows_with_the_rows() -> None:
    """Four for one figure; for five the two-sided normal quantile at 1 - 2e-5, 4.265; few units, more."""
    assert allowed(1, 10**9) == 4.0
    assert allowed(5, 10**9) == pytest.approx(4.2649, abs=1e-3)
    assert allowed(5, 10) > 7.0


def test_exact_agreement_needs_no_error() -> None:
    """A figure that cannot vary, and is right, is right."""
    assert judge(Estimate(10.0, 0.0, 5), ROW, 1, True).passed
    assert not judge(Estimate(10.1, 0.0, 5), ROW, 1, True).passed
