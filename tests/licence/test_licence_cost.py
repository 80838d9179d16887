"""What plans and schedules of orders cost, by hand."""

from datetime import date
from typing import Any

import pytest
from made_licences import SMALL, licence

from vpbx.licence.cost import plan_costs, schedule_cost
from vpbx.scenario.licence_models import Licence, Order


def test_the_first_year_of_each_plan() -> None:
    """12 x 500; 1000 + 12 x 1900; with two channels 24 x 150 more, with a queue 12 x 700 more."""
    plain = plan_costs(licence([]), date(2024, 2, 29))
    assert [(one.plan, one.cost.total) for one in plain] == [
        ("start", 600_000),
        ("business", 2_380_000),
    ]
    more = plan_costs(licence([]), date(2024, 2, 29), modules={"queue": 1, "channel": 2})
    assert [(one.plan, one.channels, one.cost.total) for one in more] == [
        ("start", 5, 600_000 + 840_000 + 360_000),
        ("business", 12, 2_380_000 + 840_000 + 360_000),
    ]


def test_a_module_that_the_plan_includes_is_not_bought() -> None:
    """A menu comes with business; with start nobody sells it."""
    found = plan_costs(licence([]), date(2024, 1, 1), modules={"menu": 1})
    assert [(one.plan, one.cost.total) for one in found] == [("business", 2_380_000)]


@pytest.mark.fact("V2")
def test_two_carriers_each_with_its_plans() -> None:
    """The same name is another plan with another carrier; each has its own price for a module."""
    plan = {"monthly": "100 RUB", "channels": 1}
    carriers = {
        "volga": {"plans": {"one": plan}},
        "neva": {
            "plans": {"one": {**plan, "monthly": "90 RUB"}},
            "modules": {"queue": {"monthly": "1 RUB"}},
        },
    }
    keys: dict[str, Any] = {"carriers": carriers, "modules": SMALL["modules"], "carrier": "volga"}
    made = Licence.model_validate(keys)
    found = plan_costs(made, date(2024, 1, 1), months=2, modules={"queue": 1})
    assert [(one.carrier, one.cost.total, one.cost.by_subject) for one in found] == [
        ("neva", 18_200, {"one": 18_000, "queue": 200}),
        ("volga", 160_000, {"one": 20_000, "queue": 140_000}),
    ]


def test_a_schedule_of_orders() -> None:
    """Start on 1 January, a queue from 10 January, business from 15 February, until 1 April: start
    twice, the queue 10 January, February and March, business with its connection twice."""
    orders = [
        Order(at="day 0", choose="start"),
        Order(at="2024-01-10", buy="queue"),
        Order(at="2024-02-15", choose="business"),
    ]
    cost = schedule_cost(licence([]), orders, date(2024, 1, 1), date(2024, 4, 1), "Europe/Moscow")
    assert cost.by_subject == {"start": 100_000, "queue": 210_000, "business": 480_000}
    assert (cost.total, cost.currency) == (790_000, "RUB")


def test_a_charge_due_at_the_end_belongs_to_the_next_period() -> None:
    """Twelve months are charged twelve times; two years in a row cost the sum of both."""
    orders = [Order(at="2024-01-01", choose="start")]
    day = date(2024, 1, 1)
    assert schedule_cost(licence([]), orders, day, date(2025, 1, 1)).total == 600_000
    assert schedule_cost(licence([]), orders, day, date(2026, 1, 1)).total == 1_200_000
