"""Iterative staffing against the one case that is known exactly: patience like service."""

import numpy as np
import pytest
from scipy.stats import poisson
from staffing_models import one_queue

from vpbx.errors import UsageError
from vpbx.study.staffing.isa import iterated
from vpbx.study.staffing.lab import Floats, Ints
from vpbx.study.staffing.plan import staff
from vpbx.study.staffing.pose import Wish, posed
from vpbx.study.staffing.search import Problem
from vpbx.units import HOUR_US

PROFILE = str([4, 4, 5, 6, 8, 10, 12, 13, 13, 12, 10, 8, 6, 5, 4, 4, 4, 5, 6, 7, 7, 6, 5, 4])


def _quiet(text: str) -> None:
    """Says nothing."""


def test_with_patience_like_service_the_number_in_system_is_poisson_whatever_the_staff() -> None:
    """Each leaves at the same rate, waiting or served: M_t/M/inf, and so the least s is a quantile of
    the Poisson law whose mean is the modified offered load (Feldman and others 2008, section 5).

    A quantile from 60 days x 24 instants lies within one of the exact one.
    """
    base = one_queue(volume="3000/day", profile=PROFILE, patience='"exponential(mean=4 min)"')
    problem, demand = posed(base, Wish(("p_wait<=20%",), per_us=HOUR_US, days=60), _quiet)
    found = iterated(problem, demand.ample)
    # over an hour the mean moves: its least and largest within the slot bound the quantile
    load = demand.load[:, 0]
    near = np.stack([np.roll(load, 1), load, np.roll(load, -1)])
    low, high = (poisson.ppf(0.8, edge) + 1 for edge in (near.min(axis=0), near.max(axis=0)))
    inside = slice(1, 23)
    assert (found[0, inside] >= low[inside] - 1).all()
    assert (found[0, inside] <= high[inside] + 1).all()
    # the law of L is the same with an agent fewer: s is the least, so that misses, if nothing else does
    enough, few = (_waited(problem, found - less)[inside] for less in (0, 1))
    assert enough.mean() < 0.2 < few.mean()


def _waited(problem: Problem, agents: Ints) -> Floats:
    """(slots,) share of the calls that wait."""
    days = problem.days(agents).queues
    return np.asarray(days["waited"].sum(axis=0)[:-1, 0] / days["offered"].sum(axis=0)[:-1, 0])


@pytest.mark.parametrize("patience", ["20 min", "1 min"])
def test_the_plan_that_begins_with_it_keeps_its_target(patience: str) -> None:
    """Patient and impatient callers: accepted in every interval, and no agent can be spared."""
    base = one_queue(volume="1500/day", profile=PROFILE, patience=f'"exponential(mean={patience})"')
    wish = Wish(("p_wait<=20%",), per_us=2 * HOUR_US, days=30, method="isa")
    plan = staff(base, wish)
    assert np.nanmax(plan.aims[0].lower) <= 0.2
    assert len(plan.fewer) == plan.staff.shape[1]


@pytest.mark.parametrize(
    ("target", "message"),
    [("80% in 20 s", "for targets of P"), ("mean_wait<=1min", "for targets of P")],
)
def test_other_targets_are_refused(target: str, message: str) -> None:
    """It knows how many are there, not how long they wait."""
    with pytest.raises(UsageError, match=message):
        staff(one_queue(), Wish((target,), per_us=24 * HOUR_US, days=10, method="isa"))
