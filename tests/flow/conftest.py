"""Scenarios for the tests of the flow, made from as few keys as each needs."""

from collections.abc import Callable
from typing import Any

import pytest

from vpbx.scenario.models import Scenario

Make = Callable[..., Scenario]


def _make(flow: dict[str, Any], **keys: Any) -> Scenario:
    """A scenario around a flow: number 100 enters at the first node unless told otherwise."""
    given: dict[str, Any] = {
        "name": "a test",
        "clock": {"start": "2019-04-15 00:00", "duration": "1 day"},
        "numbers": {"100": {"enter": next(iter(flow))}},
        "flow": flow,
        "callers": {"plain": {"volume": "240/day", "dials": {"100": "100%"}}},
    }
    return Scenario.model_validate(given | keys)


@pytest.fixture
def make() -> Make:
    """Builds a scenario from a flow and further sections."""
    return _make


@pytest.fixture
def tree() -> Scenario:
    """A small carrier: a greeting that can be cut, a menu that can, one that cannot, a robot.

    By hand, for callers who listen, reaction 1.5 s: tv 12 + 8 + 1.5 = 21.5 s; agent and balance
    12 + (4 + 1.5) + (9 + 1.5) = 28 s, because `mobile` takes keys only after its whole prompt.
    """
    return _make(
        {
            "greeting": {"play": "12 s", "barge_in": True, "next": "main"},
            "main": {
                "menu": {
                    2: {"says": "mobile", "at": "4 s", "next": "mobile"},
                    1: {"says": "tv", "at": "8 s", "next": "tv"},
                },
                "barge_in": True,
                "no_input": {"after": "5 s", "repeat": 2, "then": "bye"},
            },
            "mobile": {
                "menu": {
                    0: {"says": "an agent", "at": "9 s", "next": "agent"},
                    1: {"says": "balance", "at": "3 s", "next": "balance"},
                }
            },
            "tv": {"play": "20 s", "next": "bye"},
            "balance": {
                "self_service": {"takes": "25 s", "settles": "95%"},
                "next": "bye",
                "otherwise": "agent",
            },
            "agent": {"queue": "support", "next": "bye"},
            "bye": "hangup",
        },
        queues={"support": {}},
        agents={
            "region": {
                "serves": {"support": {"handle_time": "4 min", "wrap_up": "20 s"}},
                "heads": 6,
            }
        },
        callers={
            "plain": {
                "volume": "240/day",
                "dials": {"100": "100%"},
                "wants": {"agent": "50%", "balance": "30%", "tv": "20%"},
                "patience": "5 min",
            }
        },
    )
