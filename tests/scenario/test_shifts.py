"""Shifts and circles: what is right is let through, what is wrong is found."""

import pytest

from vpbx.scenario.check import check
from vpbx.scenario.circles import circles, shown
from vpbx.scenario.models import Scenario
from vpbx.scenario.tree import marks_of, parse


def kinds(*shifts: dict[str, object]) -> list[str]:
    """Kinds of the problems of a team with these shifts."""
    scenario = Scenario.model_validate(
        {
            "name": "a line",
            "clock": {"start": "2019-04-15 00:00", "duration": "1 day"},
            "numbers": {"100": {"enter": "line"}},
            "flow": {"line": {"queue": "support"}},
            "queues": {"support": {}},
            "agents": {"team": {"serves": {"support": {"handle_time": "4 min"}}, "shifts": shifts}},
            "callers": {"people": {"volume": "9/h", "dials": {"100": "100%"}}},
        }
    )
    return [problem.kind for problem in check(scenario, marks_of(parse("name: a line", "x.yaml")))]


@pytest.mark.parametrize(
    ("works", "breaks"),
    [
        ("mon-fri 09:00-18:00", ["11:00-11:15", "13:00-14:00"]),
        ("22:00-06:00", "23:30-00:30"),
        ("mon-fri 22:00-06:00", "mon-fri 23:45-00:15"),
        ("sun 22:00-06:00", "sun 23:00-01:00"),
        ("mon-fri 09:00-18:00", "09:00-09:30"),
        ("mon-fri 09:00-13:00, sat 10:00-12:00", ["mon-fri 11:00-11:15", "sat 11:00-11:05"]),
    ],
)
def test_breaks_within_their_shift(works: str, breaks: object) -> None:
    """Over midnight, over the end of the week, at the shift's very start."""
    assert kinds({"works": works, "breaks": breaks}) == []


def test_shifts_may_overlap() -> None:
    """A handover is no mistake; the same shift with other breaks is none either."""
    early, late = {"works": "06:00-14:30"}, {"works": "14:00-22:00"}
    assert kinds(early, late) == []
    assert kinds(early, {**early, "breaks": "10:00-10:30"}) == []
    assert kinds(early, {"works": "6:00-14:30", "heads": 4}) == ["shift-twice"]


def test_circles_are_told_once() -> None:
    """Two circles, one of them entered from outside, and a way that leads nowhere."""
    leads = {"x": ["a"], "a": ["b"], "b": ["a", "c"], "c": [], "d": ["d"]}
    assert [shown(circle) for circle in circles(leads)] == ["a → b → a", "d → d"]
