"""What was put into a made-up call centre comes out of its log, within its standard errors."""

import math

import numpy as np
import pytest
from conftest import (
    BUSYNESS,
    HANDLE_CV,
    HANDLE_S,
    HEADS,
    MENUS_S,
    PATIENCE_S,
    REDIAL,
    REDIAL_S,
    SATURDAY,
    SATURDAY_HEADS,
    SERVICE_S,
    VOLUME,
    WRAP_UP_S,
)

from vpbx.codes import Outcome
from vpbx.fit.fitted import Fitted, fit_log
from vpbx.fit.heads import presence
from vpbx.interop.calls import CallLog


@pytest.fixture(scope="module")
def fitted(made_up: CallLog) -> Fitted:
    """The fit of all five weeks."""
    return fit_log(made_up)


def test_handle_times(fitted: Fitted) -> None:
    """Family, mean and cv of both queues; four standard errors (of cv: cv sqrt((1/2 + cv^2) / n))."""
    sales, service = fitted.handle
    assert (sales.family, service.family) == ("lognormal", "exponential") or service.cv == (
        pytest.approx(1.0, abs=0.1)
    )
    assert abs(sales.mean_s - HANDLE_S) < 4 * sales.mean_se_s
    assert abs(service.mean_s - SERVICE_S) < 4 * service.mean_se_s
    assert abs(sales.cv - HANDLE_CV) < 4 * HANDLE_CV * math.sqrt((0.5 + HANDLE_CV**2) / sales.n)


def test_menus_and_after_call_work(fitted: Fitted) -> None:
    """Constants come out as they were."""
    assert fitted.ivr is not None
    assert fitted.wrap_up is not None
    assert (fitted.ivr.family, fitted.ivr.mean_s) == ("constant", pytest.approx(MENUS_S))
    assert (fitted.wrap_up.family, fitted.wrap_up.mean_s) == ("constant", pytest.approx(WRAP_UP_S))


def test_patience(fitted: Fitted) -> None:
    """The censored mean, and the Kaplan-Meier curve at three points, within four standard errors."""
    for own in fitted.patience:
        assert own.fit is not None
        assert abs(own.fit.exponential_mean_s - PATIENCE_S) < 4 * own.fit.exponential_se_s
        for t in (20.0, 60.0, 120.0):
            place = int(np.searchsorted(own.fit.curve.at, t, side="right")) - 1
            error = float(own.fit.greenwood[place])
            assert abs(own.fit.curve.share[place] - math.exp(-t / PATIENCE_S)) < 4 * error
        assert own.fit.tail_mean_s == pytest.approx(PATIENCE_S, rel=0.5)


def test_arrivals(fitted: Fitted) -> None:
    """First attempts by weekday, their spread beyond chance, and the shape of the day."""
    fit = fitted.arrivals
    monday_to_friday = fit.volume[:, :5].sum(axis=0)
    error = np.sqrt(VOLUME + (BUSYNESS * VOLUME) ** 2) / math.sqrt(25)
    assert abs(monday_to_friday.mean() - VOLUME) < 4 * error
    share = fit.volume[:, 5].sum() / monday_to_friday.mean()
    assert share == pytest.approx(SATURDAY, abs=4 * SATURDAY * (BUSYNESS + 0.05) / math.sqrt(5))
    assert abs(fit.cv - BUSYNESS) < 4 * fit.cv_se
    assert [group.weekdays for group in fit.groups] == [(0, 1, 2, 3, 4, 5)]
    weights = fit.counts.sum(axis=(0, 1)).reshape(24, 2).sum(axis=1)
    expected = np.array([0] * 8 + [4, 5, 6, 6, 5, 4, 4, 5, 4, 3] + [0] * 6) / 46 * weights.sum()
    assert np.all(np.abs(weights - expected) <= 4 * np.sqrt(expected))


def test_redials(fitted: Fitted) -> None:
    """The share who call again and how soon, within four standard errors."""
    assert fitted.redial is not None
    share, error, _ = fitted.redial.after[Outcome.ABANDONED]
    assert abs(share - REDIAL) < 4 * error
    delays = fitted.redial.delays_s
    assert abs(delays.mean() - REDIAL_S) < 4 * delays.std() / math.sqrt(len(delays))


def test_staffing(fitted: Fitted) -> None:
    """Everybody serves everything, and the heads of the busy hours are those that were there."""
    assert fitted.duty.groups.serves == ((0, 1),)
    days = fitted.arrivals.days
    heads = presence(fitted.duty, days)[0]
    busy = slice(9 * 60, 17 * 60)
    weekday = np.array([day.weekday() for day in days])
    assert heads[weekday < 5, busy].mean() == pytest.approx(HEADS, abs=0.15)
    assert heads[weekday == 5, busy].mean() == pytest.approx(SATURDAY_HEADS, abs=0.25)
    assert heads[:, : 7 * 60 + 30].sum() == 0
