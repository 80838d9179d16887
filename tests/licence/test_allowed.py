"""What a run may do, as arrays, and which node kinds a module licenses."""

from typing import Any

import numpy as np
import pytest
from made_licences import SMALL, course, licence

from vpbx.licence.allowed import allowed, kind_licensed
from vpbx.licence.offers import modules_of_kinds
from vpbx.units import DAY_US, HOUR_US

ORDERS: list[dict[str, Any]] = [
    {"at": "day 0 09:00", "choose": "start"},
    {"at": "day 2", "buy": "queue"},
    {"at": "day 3", "pay": "1 RUB"},
    {"at": "day 5", "stop": True},
]


def test_steps_by_hand() -> None:
    """Not concluded, then greetings and forwarding, then a queue; a payment is not felt; stopped."""
    steps = allowed(course(ORDERS, 10, account={"balance": "2000 RUB"}))
    assert steps.module_names == ("forwarding", "greeting", "queue")
    np.testing.assert_array_equal(steps.at_us, [0, 9 * HOUR_US, 2 * DAY_US, 5 * DAY_US])
    np.testing.assert_array_equal(steps.active, [False, True, True, False])
    np.testing.assert_array_equal(steps.channels, [0, 3, 3, 0])
    np.testing.assert_array_equal(steps.modules.sum(axis=1), [0, 2, 3, 0])
    assert (steps.at_us.dtype, steps.active.dtype, steps.channels.dtype) == (
        np.dtype("int64"),
        np.dtype("bool"),
        np.dtype("int64"),
    )


@pytest.mark.fact("V3")
def test_a_licence_type_says_how_much_of_the_software() -> None:
    """The plan has its own modules and those of its type."""
    plans = {"one": {"monthly": "0 RUB", "channels": 1, "licence": "basic", "modules": "menu"}}
    keys = {"plans": plans, "types": {"basic": ["greeting"]}, "account": {"balance": "1 RUB"}}
    made = course([{"at": "day 0", "choose": "one"}], 5, **keys)
    assert made.periods[0].modules == ("greeting", "menu")
    assert made.periods[0].licence_type == "basic"


def test_a_node_works_while_one_of_its_modules_is_on() -> None:
    """A play needs the greeting, a queue the queue; a branch needs nothing, a survey is not there."""
    made = licence(ORDERS)
    steps = allowed(course(ORDERS, 10, account={"balance": "2000 RUB"}))
    expected = {
        "play": [False, True, True, False],
        "queue": [False, False, True, False],
        "branch": [True, True, True, True],
        "hangup": [True, True, True, True],
        "survey": [False, False, False, False],
    }
    for kind, works in expected.items():
        assert kind_licensed(made, steps, kind).tolist() == works, kind


def test_a_module_may_say_what_it_enables() -> None:
    """`enables` takes the place of what the module licenses by itself."""
    modules = {**SMALL["modules"], "queue": {"monthly": "0 RUB", "enables": ["queue", "callback"]}}
    kinds = modules_of_kinds(licence([], modules=modules))
    assert kinds["callback"] == ("callback", "queue")
    assert kinds["queue"] == ("queue",)
    modules["queue"] = {"monthly": "0 RUB", "enables": ["survey"]}
    kinds = modules_of_kinds(licence([], modules=modules))
    assert kinds["survey"] == ("survey", "queue")
    assert "queue" not in kinds  # no module licenses queues any more: none is needed
