"""The comparison itself: it finds what is wrong, and refuses to pass what it cannot see."""

import numpy as np
import pytest
from theory_models import Callers, Estimate, Model, Row, Run, compare, compiled, regress

from vpbx.engine.run import run_replication


def test_regression_takes_the_controls_out() -> None:
    """A figure that is 5 + 2 x control has mean 5 without error."""
    control = np.random.default_rng(1).normal(size=(50, 1))
    (found,) = regress(5.0 + 2.0 * control, control)
    assert found.mean == pytest.approx(5.0, abs=1e-12)
    assert found.error == pytest.approx(0.0, abs=1e-12)


def test_without_help_from_controls_it_is_the_mean_and_its_standard_error() -> None:
    """1, 2, 3, 4 with a control that never varies: mean 2.5, s / sqrt(4) = sqrt(5 / 12)."""
    (found,) = regress(np.array([[1.0], [2.0], [3.0], [4.0]]), np.zeros((4, 1)))
    assert (found.mean, found.error) == pytest.approx((2.5, np.sqrt(5.0 / 12.0)))


def test_more_than_four_standard_errors_away_is_wrong() -> None:
    """10 +- .1 for 10.5 is 5 standard errors away, for 10.3 it is 3."""
    compare([Estimate(10.0, 0.1)], [Row("wait", 10.3, 0.05)])
    with pytest.raises(AssertionError, match="wrong"):
        compare([Estimate(10.0, 0.1)], [Row("wait", 10.5, 0.05)])


def test_too_little_power_is_no_pass() -> None:
    """10 +- .1 reaches 4 %: it does not settle a question of 1 %."""
    with pytest.raises(AssertionError, match=r"power 1\.00% missed"):
        compare([Estimate(10.0, 0.1)], [Row("wait", 10.0, 0.01)])


def test_controls_have_mean_zero() -> None:
    """Over 60 short runs each control of M/M/1 is within 4 standard errors of 0."""
    model = Model(1, (Callers(0.5),), duration=240, parts=2, second_moment=2.0)
    runs = [Run(model, run_replication(compiled(model), 1, r)) for r in range(60)]
    controls = np.array([run.controls() for run in runs])
    error = controls.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert np.all(np.abs(controls.mean(axis=0)) <= 4.0 * error)


def test_expected_arrivals_follow_the_profile() -> None:
    """A mean of 1 a minute, three times as many after noon: .5 until 12:00, then 1.5."""
    callers = Callers(1.0, profile=(1.0, 3.0))
    assert callers.expected(0, 720) == pytest.approx(360.0)
    assert callers.expected(700, 730) == pytest.approx(10.0 + 15.0)
    assert callers.expected(1430, 1450) == pytest.approx(15.0 + 5.0)
