"""Platforms: what they set, and that what the user gave stays."""

import copy
from pathlib import Path
from typing import Any

import pytest

from vpbx.scenario.load import load
from vpbx.scenario.models import Scenario
from vpbx.scenario.platforms import PLATFORMS, with_platforms
from vpbx.scenario.strategies import STRATEGIES

LINE: dict[str, Any] = {
    "name": "a line",
    "clock": {"start": "2019-04-15 00:00", "duration": "1 day"},
    "numbers": {"100": {"enter": "line"}},
    "flow": {"line": {"queue": "support"}},
    "queues": {"support": {}, "other": {}},
    "agents": {
        "team": {"serves": {"support": {"handle_time": "4 min"}}, "heads": 2},
        "apart": {"serves": {"other": {"handle_time": "4 min"}}, "heads": 2},
    },
    "callers": {"people": {"volume": "9/h", "dials": {"100": "100%"}}},
}


def line(queue: dict[str, Any], **team: Any) -> Scenario:
    """A queue with these keys, served by a team with these."""
    data = copy.deepcopy(LINE)
    data["queues"]["support"] = queue
    data["agents"]["team"] |= team
    return Scenario.model_validate(data)


def test_without_a_platform_nothing_changes() -> None:
    """A scenario without platforms comes back as it is."""
    scenario = line({})
    assert with_platforms(scenario) is scenario


def test_asterisk_rings_all_for_a_quarter_of_a_minute() -> None:
    """queues.conf: ringall, timeout 15, retry 5 (the caller's pause), autopause no, wrapuptime 0."""
    made = with_platforms(line({"platform": "asterisk"}))
    queue, team = made.queues["support"], made.agents["team"]
    assert (queue.strategy, queue.estimator, queue.join_empty) == ("ringall", "asterisk", True)
    assert (queue.autofill, queue.retry, queue.short_abandon) == (False, 5_000_000, 0)
    assert team.phone is not None
    assert (team.phone.ring_time, team.phone.retry) == (15_000_000, 0)
    assert team.phone.autopause is None
    assert team.serves["support"].wrap_up.mean_us == 0


def test_freeswitch_counts_priority_in_seconds() -> None:
    """callcenter.conf.xml: longest-idle-agent, leg_timeout 10, max-no-answer 3, wrap-up-time 10, level 1."""
    made = with_platforms(line({"platform": "freeswitch"}))
    queue, team = made.queues["support"], made.agents["team"]
    assert (queue.strategy, queue.credit) == ("longest-idle-agent", 1_000_000)
    assert (queue.time_base_score, queue.tier_rules) == ("queue", None)
    assert team.phone is not None
    assert (team.phone.ring_time, team.phone.retry, team.phone.autopause) == (10_000_000, 0, 3)
    assert team.serves["support"].wrap_up.mean_us == 10_000_000
    assert team.serves["support"].penalty == 1


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_what_is_given_holds(platform: str) -> None:
    """Given keys stay, in the queue, in its phones and in how it is served; so do other groups."""
    scenario = line(
        {"platform": platform, "strategy": "random", "short_abandon": "7 s", "join_empty": False},
        serves={"support": {"handle_time": "4 min", "wrap_up": "33 s", "penalty": 2}},
        phone={"ring_time": "12 s", "retry": "3 s", "autopause": 9, "missed": "5%"},
    )
    made = with_platforms(scenario)
    queue, team = made.queues["support"], made.agents["team"]
    assert (queue.strategy, queue.short_abandon, queue.join_empty) == ("random", 7_000_000, False)
    assert team.phone is not None
    phone = team.phone
    assert (phone.ring_time, phone.retry, phone.autopause) == (12_000_000, 3_000_000, 9)
    assert phone.missed == 0.05
    serves = team.serves["support"]
    assert (serves.wrap_up.mean_us, serves.penalty) == (33_000_000, 2)
    assert made.agents["apart"] is scenario.agents["apart"]
    assert made.queues["other"] is scenario.queues["other"]


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_strategy_is_described(platform: str) -> None:
    """The language reference has a row for each name that is taken, and for no other."""
    described = [name for row in PLATFORMS[platform].strategies for name in row.split(", ")]
    assert described == list(STRATEGIES[platform])
    assert PLATFORMS[platform].queue["strategy"] in described


def test_it_is_done_once_for_all() -> None:
    """Working platforms in twice is working them in once."""
    made = with_platforms(line({"platform": "freeswitch"}))
    assert with_platforms(made) == made


def test_the_scenario_that_uses_everything_is_sound() -> None:
    """Every key of the language, none refused; the platform reaches one group's phones alone."""
    scenario = load(Path(__file__).parent / "whole_pbx.yaml").scenario
    made = with_platforms(scenario)
    changed = [name for name in scenario.agents if made.agents[name] is not scenario.agents[name]]
    assert changed == ["specialists"]
