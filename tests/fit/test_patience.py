"""Patience from censored waits: by hand, with its tail, and against the law behind made-up waits."""

import numpy as np
import pytest

from vpbx.fit.patience import N_VALUES, fit_patience


def test_by_hand() -> None:
    """Six waits, three given up: S = 5/6 at 1, 5/6 x 3/4 at 3, x 1/2 at 5 (Kaplan and Meier 1958)."""
    waits = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    gave_up = np.array([True, False, True, False, True, False])
    fit = fit_patience(waits, gave_up)
    assert fit is not None
    assert fit.curve.share.tolist() == pytest.approx([5 / 6, 5 / 8, 5 / 16])
    greenwood = 5 / 8 * np.sqrt(1 / (6 * 5) + 1 / (4 * 3))
    assert fit.greenwood[1] == pytest.approx(greenwood)
    assert fit.exponential_mean_s == pytest.approx(21 / 3)


def test_answered_at_once_tell_nothing() -> None:
    """Waits of 0 that were answered change nothing."""
    waits, gave_up = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])
    one = fit_patience(waits, gave_up)
    two = fit_patience(np.append(waits, np.zeros(100)), np.append(gave_up, np.zeros(100, bool)))
    assert one is not None
    assert two is not None
    assert np.array_equal(one.values_s, two.values_s)


def test_nobody_gave_up() -> None:
    """Then nothing is known of patience."""
    assert fit_patience(np.array([5.0, 6.0]), np.array([False, False])) is None


def test_the_tail_goes_on_as_the_end_of_what_was_seen(random: np.random.Generator) -> None:
    """Exponential patience, waits of up to 100 s: quantiles far beyond are right within 10 %."""
    patience, offered = random.exponential(200, 40_000), random.uniform(0, 100, 40_000)
    waits, gave_up = np.minimum(patience, offered), patience < offered
    fit = fit_patience(waits, gave_up)
    assert fit is not None
    assert fit.tail_from_s == pytest.approx(100, abs=5)
    for p in (0.1, 0.3, 0.5, 0.8, 0.95):
        assert fit.quantile(p) == pytest.approx(-200 * np.log1p(-p), rel=0.1)
    assert len(fit.values_s) == N_VALUES
    assert np.all(np.diff(fit.values_s) >= 0)
