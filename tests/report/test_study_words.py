"""What pages of studies say: targets in words, what a sweep answers, who gains and who pays."""

from typing import Any

import pytest

from vpbx.report.comparison import sentences as compared
from vpbx.report.comparison import signed
from vpbx.report.labels import aim
from vpbx.report.sweeping import sentences, table


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("support.mean_wait<=20 s", "support: mean wait (ASA) ≤ 20 s"),
        ("queue.support.mean_wait < 3 min", "support: mean wait (ASA) < 3 min"),
        ("support: mean_wait<=20 s", "support: mean wait (ASA) ≤ 20 s"),
        ("blocked <= 1%", "blocked share ≤ 1%"),
        ("trunk.main.blocked by hour <= 1%", "main: blocked share by hour ≤ 1%"),
        ("80% in 20 s", "80% in 20 s"),
        ("support: 80% in 20 s (answered_of_offered)", "support: 80% in 20 s (answered of offered)"),
        ("поддержка.p90_wait <= 1 min", "поддержка: 90th percentile of the wait ≤ 1 min"),
        (
            "support.service_level(answered_of_offered, 20 s) >= 80%",
            "support: service level(answered of offered, 20 s) ≥ 80%",
        ),
    ],
)  # fmt: skip
def test_targets_in_words(text: str, said: str) -> None:
    """As they were typed, and as people read them."""
    assert aim(text) == said


def swept(waits: list[float], verdicts: list[str], values: list[str]) -> dict[str, Any]:
    """A sweep of heads with their cost."""
    wait = {"name": "q.wait", "scope": "queue.q", "measure": "mean_wait", "unit": "s"}
    cost = {"name": "g.cost", "scope": "group.g", "measure": "cost", "unit": "money"}
    return {
        "scenario": {"currency": "RUB"},
        "design": "grid",
        "vary": [{"path": "heads", "values": values, "unit": "%", "numbers": list(range(len(values)))}],
        "measures": [wait, cost],
        "targets": [{"text": "q.mean_wait<=20 s", "measure": "q.wait", "low": None, "high": 20}],
        "points": [
            {"values": [value], "figures": {"q.wait": [w, 1.0], "g.cost": [1000.0 * (i + 1), 0.0]},
             "verdicts": {"q.mean_wait<=20 s": verdict}}
            for i, (value, w, verdict) in enumerate(zip(values, waits, verdicts, strict=True))
        ],
    }  # fmt: skip


def test_a_sweep_answers_what_it_takes() -> None:
    """From the scenario as it is to the target, with what is undecided and what it costs."""
    data = swept([90.0, 30.0, 19.8, 10.0], ["missed", "missed", "undecided", "met"],
                 ["100%", "110%", "120%", "130%"])  # fmt: skip
    first, wait, cost = sentences(data)
    assert first == (
        "To bring q: mean wait (ASA) from 1 min 30 s ± 1.0 s, as it is, to ≤ 20 s takes heads = 120% to "
        "130% (120% is undecided); g: cost 3,000 to 4,000 instead of 1,000 RUB."
    )
    assert wait == (
        "q: mean wait (ASA) goes from 1 min 30 s ± 1.0 s at heads = 100%, as it is, to 10 s ± 1.0 s at "
        "heads = 130%."
    )
    assert cost.endswith("to 4,000 RUB at heads = 130%.")
    assert [column.label for column in table(data).columns] == [
        "heads", "q: mean wait (ASA)", "g: cost, RUB", "q: mean wait (ASA) ≤ 20 s",
    ]  # fmt: skip


def test_a_sweep_tells_extremes_in_between() -> None:
    """Where a figure turns; the scenario as it is in the middle; a target met as it is."""
    data = swept([40.0, 15.0, 5.0, 50.0], ["missed", "met", "met", "missed"],
                 ["80%", "100%", "120%", "140%"])  # fmt: skip
    first, wait, _ = sentences(data)
    assert first == "q: mean wait (ASA) ≤ 20 s: met at heads = 100%, 120%."
    assert wait == (
        "q: mean wait (ASA) goes from 40 s ± 1.0 s at heads = 80% over 15 s ± 1.0 s at heads = 100%, as it "
        "is, to 50 s ± 1.0 s at heads = 140%; in between the least, 5 s ± 1.0 s at heads = 120%."
    )


def entry(a: float, b: float, half: float) -> dict[str, Any]:
    """A mean wait in both, and its difference."""
    return {
        "unit": "s", "a": [a, half], "b": [b, half], "difference": [b - a, half],
        "times": [b / a, 0.01], "variance_saved": None,
    }  # fmt: skip


def test_a_comparison_says_who_gains_and_who_pays() -> None:
    """The class that gains most and the largest that loses; nothing when all go one way."""
    calls = {
        name: entry(n, n, 1.0) for name, n in (("few", 10.0), ("many", 900.0), ("first", 50.0))
    }
    waits = {"few": entry(100, 140, 5), "many": entry(100, 110, 5), "first": entry(100, 20, 5)}
    data: dict[str, Any] = {
        "a": {"currency": ""}, "only_in_a": [], "only_in_b": [],
        "scopes": {f"class.{c}": {"mean_wait": waits[c], "offered": calls[c]} for c in waits},
    }  # fmt: skip
    data["scopes"]["all"] = {}
    none, gains, pays = compared(data)
    assert "first: mean wait (ASA) is 0.20 ± 0.01 times A's" in gains
    assert "many: mean wait (ASA) is 1.10 ± 0.01 times A's" in pays
    assert none.startswith("None of the main")
    del data["scopes"]["class.first"]
    assert len(list(compared(data))) == 1


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (-482.0, "s", "−8 min 02 s"),
        (0.031, "share", "+3.1 points"),
        (0.01, "s", "<0.1 s"),
        (-1e-7, "share", "<0.001 points"),
        (0.0, "s", "0 s"),
    ],
)
def test_differences_have_a_sign_unless_they_are_next_to_nothing(
    value: float, unit: str, said: str
) -> None:
    """Minutes and points; nothing like "+<0.1 s"."""
    assert signed(value, None, unit) == said
