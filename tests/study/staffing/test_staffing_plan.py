"""Plans found by simulation, against exact theory, enumeration and the scenario file they write."""

from pathlib import Path

import numpy as np
import pytest
from staffing_models import one_queue, two_types

from vpbx.errors import UsageError
from vpbx.measures.estimate import t_quantile
from vpbx.scenario.load import load
from vpbx.study.precision import Precision
from vpbx.study.staffing.cuts import cutting_planes
from vpbx.study.staffing.data import plan_data, variant_text
from vpbx.study.staffing.judge import days_needed
from vpbx.study.staffing.lab import Days, Lab, slots_of, staff_of
from vpbx.study.staffing.plan import _master, first_guess, staff
from vpbx.study.staffing.polish import polished
from vpbx.study.staffing.pose import Wish, posed
from vpbx.study.staffing.proof import Change, apart, changed_days, together
from vpbx.study.staffing.start import Stationary, service_level
from vpbx.study.variant import prepared

DAY_US = 24 * 3600 * 1_000_000
HOUR_US = 3600 * 1_000_000
_TWO = "first: 75% in 20 s", "second: 75% in 20 s"


def _quiet(text: str) -> None:
    """Says nothing."""


@pytest.mark.parametrize(("calls_per_h", "patience_s"), [(60, 180.0), (150, 0.0)])
def test_a_constant_load_gets_the_agents_that_erlang_says(
    calls_per_h: int, patience_s: float
) -> None:
    """The target lies halfway between what s - 1 and s agents give, far beyond chance.

    24 h x 40 days of 60 calls/h: a standard error below 0.5 points; the steps are 5 points and more.
    """
    queue = Stationary(calls_per_h / 3600, 1 / 240, 1 / patience_s if patience_s else 0.0)
    agents = int(np.ceil(queue.load)) + 2
    few, enough = (
        service_level(queue, s, "answered_of_offered", 20.0) for s in (agents - 1, agents)
    )
    assert enough - few > 0.05
    base = one_queue(
        volume=f"{calls_per_h}/h",
        patience='"exponential(mean=3 min)"' if patience_s else "null",
    )
    target = f"service_level(answered_of_offered, 20 s) >= {50 * (few + enough):.2f}%"
    plan = staff(base, Wish((target,), per_us=DAY_US, days=40))
    assert plan.staff.tolist() == [[agents]]
    assert plan.first_guess.tolist() == [[agents]]
    assert plan.confirmed
    assert [fewer.certain for fewer in plan.fewer] == [True]
    assert plan.aims[0].value == pytest.approx(enough, abs=4 * 0.005)


def test_a_varying_load_meets_the_target_in_every_interval_and_no_agent_can_be_spared() -> None:
    """Each agent taken out alone is refused by the same rule; heads are what shrinkage makes of it."""
    base = one_queue(profile=str([1, 3, 2, 1] * 6), shrinkage="20%", volume="700/day")
    wish = Wish(("80% in 20 s",), per_us=2 * HOUR_US, days=30)
    problem, demand = posed(base, wish, _quiet)
    plan = staff(base, wish)
    assert problem.accepts(plan.staff)
    for slot in range(0, plan.staff.shape[1], 3):
        fewer = plan.staff.copy()
        fewer[0, slot] -= 1
        assert not problem.accepts(fewer)
    group = base.loaded.scenario.agents["crew"]
    assert [group.on_the_phone(int(h)) for h in plan.heads[0]] == plan.staff[0].tolist()
    assert (first_guess(problem, demand) == plan.first_guess).all()


def test_the_plan_as_a_scenario_gives_the_same_days(tmp_path: Path) -> None:
    """Written, loaded and compiled, it counts what the plan counted."""
    base = one_queue(profile=str([1, 3, 2, 1] * 6), volume="700/day", shrinkage="10%")
    plan = staff(base, Wish(("80% in 20 s",), per_us=HOUR_US, days=10))
    scenario = tmp_path / "base.yaml"
    from staffing_models import ONE_QUEUE

    scenario.write_text(
        ONE_QUEUE.format(
            volume="700/day", profile=str([1, 3, 2, 1] * 6), duration="1 day", heads="6", queue="",
            patience='"exponential(mean=3 min)"', shrinkage="10%", more="", trunk="", trunks="",
        ),
        encoding="utf-8",
    )  # fmt: skip
    variant = tmp_path / "out" / "staffed.yaml"
    variant.parent.mkdir()
    variant.write_text(variant_text(plan, scenario, variant.parent, "x"), encoding="utf-8")
    staffed = prepared(load(variant))
    slots = slots_of(staffed.compiled, 60)
    assert (staff_of(staffed.compiled.program, slots, (0,)) == plan.staff).all()
    own = Lab(base, slots, (0,), (), 7).run(plan.staff, 0, 3)
    written = Lab(staffed, slots, (0,), (), 7).run(plan.staff, 0, 3)
    _same(own, written)


def _same(one: Days, other: Days) -> None:
    for name, values in one.queues.items():
        np.testing.assert_array_equal(values, other.queues[name], name)


def test_agents_taken_out_hours_apart_are_each_as_if_alone() -> None:
    """The spliced days equal those simulated with one change, count for count."""
    base = one_queue(volume="1200/day", heads="7")
    problem, _ = posed(base, Wish(("80% in 20 s",), per_us=HOUR_US, days=10), _quiet)
    plan = np.full((1, 24), 7)
    changes = []
    for slot in (2, 11, 20):
        delta = np.zeros_like(plan)
        delta[0, slot] = -1
        changes.append(Change((0, slot), delta, slot, slot))
    assert together(problem, changes) == [changes]
    assert apart(problem) <= 9
    for change, days in zip(changes, changed_days(problem, plan, changes), strict=True):
        _same(days, problem.days(plan + change.delta))


def test_more_agents_never_lengthen_the_wait_of_a_fifo_queue() -> None:
    """Under the same draws, on every single day; nobody gives up, so the same calls wait."""
    base = one_queue(patience="null", volume="60/h")
    problem, _ = posed(base, Wish(("80% in 20 s",), per_us=DAY_US, days=10), _quiet)
    waits = [problem.days(np.array([[s]])).queues["wait_s"].sum(axis=(1, 2)) for s in (5, 6, 7)]
    assert (waits[0] >= waits[1]).all()
    assert (waits[1] >= waits[2]).all()


def test_a_target_over_the_run_costs_no_more_than_one_in_every_interval() -> None:
    """What every interval meets, the run meets."""
    base = one_queue(profile=str([1, 4, 2, 1] * 6), volume="700/day")
    every = staff(base, Wish(("80% in 20 s",), per_us=4 * HOUR_US, days=12))
    whole = staff(base, Wish(("80% in 20 s",), per_us=4 * HOUR_US, days=12, over_run=True))
    assert whole.hours <= every.hours
    assert whole.aims[0].value >= 0.8


def test_planning_for_the_day_takes_more_people_than_for_the_average() -> None:
    """With a busyness of 15 %, nine days of ten instead of the long run."""
    base = one_queue(volume="1400/day", more="busyness: {cv: 15%}")
    wish = Wish(("80% in 20 s",), per_us=DAY_US, days=60, over_run=True)
    average = staff(base, wish)
    daily = staff(
        base, Wish(("80% in 20 s",), per_us=DAY_US, days=60, over_run=True, confidence=0.9)
    )
    assert daily.staff.sum() > average.staff.sum()
    assert daily.aims[0].days_meeting >= 0.85
    assert average.aims[0].days_meeting < 0.9


def test_too_few_days_for_the_confidence_are_refused() -> None:
    """All of 24 days show 24 / (24 + 1.645^2) = 89.9 % at most, all of 25 show 90.2 %."""
    assert days_needed(0.9) == 25
    base = one_queue(volume="60/h")
    for days, share, words in ((24, 0.9, "give -n 25 at least"), (40, 1.0, "below 100%")):
        wish = Wish(("80% in 20 s",), days=days, over_run=True, confidence=share)
        with pytest.raises(UsageError, match=words):
            staff(base, wish)


def test_a_cap_on_occupancy_is_kept() -> None:
    """Erlang A with so many agents is below it, with one fewer above it."""
    base = one_queue(volume="60/h")
    plan = staff(base, Wish((), max_occupancy=0.55, per_us=DAY_US, days=30))
    queue = Stationary(1 / 60, 1 / 240, 1 / 180)
    from vpbx.measures.theory import erlang_a

    busy = [erlang_a(s, *queue[:3]).occupancy for s in range(1, 20)]
    assert plan.staff[0, 0] == 1 + next(i for i, b in enumerate(busy) if b <= 0.55)


def test_two_call_types_and_three_groups_come_near_the_enumerated_optimum() -> None:
    """No staffing that is cheaper than the plan by more than a generalist's extra keeps the rules."""
    wish = Wish(_TWO, per_us=DAY_US, days=12)
    problem, demand = posed(two_types(), wish, _quiet)
    found = polished(problem, cutting_planes(problem, _master(problem, demand)))
    assert problem.accepts(found)
    assert problem.total(found) <= _cheapest(problem, found) * 1.03


@pytest.mark.slow
def test_two_call_types_and_three_groups_against_full_enumeration() -> None:
    """The plan is the cheapest of all staffings up to nine in a group, on the same days."""
    wish = Wish(_TWO, per_us=DAY_US, days=30)
    problem, demand = posed(two_types(), wish, _quiet)
    found = polished(problem, cutting_planes(problem, _master(problem, demand)))
    assert problem.total(found) == pytest.approx(_cheapest(problem, found))


def _cheapest(problem, found) -> float:  # type: ignore[no-untyped-def]
    """Cost of the cheapest staffing of all that cost no more than one found."""
    limit = problem.total(found)
    grid = np.array(np.meshgrid(*[np.arange(10)] * 3)).reshape(3, -1).T
    cost = grid @ problem.cost[:, 0]
    for place in np.argsort(cost, kind="stable"):
        if cost[place] > limit - 1e-9:
            return limit
        if grid[place].sum() >= 4 and problem.accepts(grid[place][:, None]):
            return float(cost[place])
    return limit


def test_the_data_of_a_plan_is_json_with_a_row_an_interval() -> None:
    """And the same every time."""
    import json

    base = one_queue(volume="700/day")
    wish = Wish(("80% in 20 s",), per_us=12 * HOUR_US, days=10)
    one, other = (plan_data(staff(base, wish), "x", 7) for _ in range(2))
    assert json.dumps(one) == json.dumps(other)
    assert len(one["slots"]) == len(one["groups"][0]["heads"]) == 2


@pytest.mark.parametrize(
    ("target", "allowed"), [("80% in 20 s", 0.03), ("mean_wait <= 30 s", 0.2 * 30.0)]
)
def test_precision_takes_the_days_that_the_widest_interval_needs(
    target: str, allowed: float
) -> None:
    """Half widths computed here from the plan's days; with half as many some are too wide.

    A share to three points; a wait to a fifth of its target.
    """
    base = one_queue(profile=str([1, 3, 2, 1] * 6), volume="700/day")
    asked = Precision(0.03, 0.2)
    plan = staff(base, Wish((target,), per_us=4 * HOUR_US, precision=asked, cap=500))
    assert plan.stopped.reached
    assert plan.stopped.looks > 1
    n = plan.stopped.replications
    assert 10 < n < 500
    problem, _ = posed(base, Wish((target,), per_us=4 * HOUR_US, days=10), _quiet)
    days = problem.lab.run(plan.staff, 0, n)
    above = days.queues["wait_answered_s" if "wait" in target else "answered_in_0"][:, :-1, 0]
    below = days.queues["answered" if "wait" in target else "offered"][:, :-1, 0]
    for k, fits in ((n, True), (n // 2, False)):
        g, d = above[:k], below[:k]
        z = (g - g.sum(axis=0) / d.sum(axis=0) * d) / d.mean(axis=0)
        half = t_quantile(k - 1) * z.std(axis=0, ddof=1) / np.sqrt(k)
        assert (half.max() <= allowed) == fits


def test_precision_beyond_the_cap_is_said_with_the_interval() -> None:
    """The plan stands; how far it was looked for, and what is least precise, is part of it."""
    base = one_queue(volume="100/day", profile=str([1] * 12 + [9] * 12))
    wish = Wish(("80% in 20 s",), per_us=12 * HOUR_US, precision=Precision(0.001, 0.001), cap=20)
    stopped = staff(base, wish).stopped
    assert (stopped.reached, stopped.replications) == (False, 20)
    assert stopped.worst == "line: 80% in 20 s (answered_of_offered) at 00:00"
