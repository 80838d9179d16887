"""Every row of the facts is modelled by a shipped scenario, and asserted by a test that names it.

The assertions here are on the shipped files themselves; targets of runs (M13–M15, S4, S5, S10) stand
in the files as targets, which `vpbx run` holds against the results.
"""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vpbx.flow.paths import key_paths
from vpbx.scenario.load import load
from vpbx.scenario.models import Scenario

ROOT = Path(__file__).parent.parent.parent
FACTS = (
    *(f"M{i}" for i in range(1, 25)),
    *(f"S{i}" for i in range(1, 12)),
    *(f"V{i}" for i in range(1, 14)),
    "T1",
    "T2",
)


@cache
def shipped(name: str) -> Scenario:
    """A shipped scenario."""
    return load(ROOT / "scenarios" / f"{name}.yaml").scenario


def cited() -> set[str]:
    """Every fact that a shipped scenario names under `facts`, or beside a target."""
    found: set[str] = set()
    for file in (ROOT / "scenarios").glob("*.yaml"):
        text = file.read_text("utf-8")
        for group in re.findall(r"facts: \[([^\]]*)\]", text):
            found |= {fact.strip() for fact in group.split(",")}
    return found


def marked() -> set[str]:
    """Every fact that some test is marked with."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "fact":
                found |= set(re.findall(r'fact\("([A-Z]\d+)"\)', file.read_text("utf-8")))
    return found


def test_every_fact_is_cited_and_asserted() -> None:
    """No row is forgotten, none is invented; what is cited is asserted somewhere."""
    assert cited() - set(FACTS) == set()
    assert set(FACTS) - cited() - marked() == set()
    assert cited() - marked() == set()


def keys_to(name: str, number: str, goal: str) -> set[str]:
    """The key sequences that lead from a number to a goal."""
    found = key_paths(shipped(name))
    return {"".join(path.keys) for path in found if path.number == number and path.goal == goal}


def targets(name: str) -> str:
    """The text of a scenario's targets."""
    return (ROOT / "scenarios" / f"{name}.yaml").read_text("utf-8").split("\ntargets:", 1)[1]


def flow(name: str, kind: str) -> list[Any]:
    """The nodes of a kind."""
    return [node for node in shipped(name).flow.values() if getattr(node, kind) is not None]


def all_recorded(name: str) -> bool:
    """Whether every queue of the flow records its calls."""
    return all(node.recorded for node in flow(name, "queue"))


def any_of(values: Iterable[object]) -> bool:
    return any(bool(value) for value in values)


@pytest.mark.fact("M1")
@pytest.mark.fact("M4")
@pytest.mark.fact("M10")
@pytest.mark.fact("M11")
def test_numbers_of_the_carrier() -> None:
    numbers = shipped("mts_0890").numbers
    assert {"0890", "08460", "0605", "8-800-250-0990", "8-800-250-8250"} <= set(numbers)
    assert all(numbers[own].free for own in ("0890", "08460", "0605"))
    assert numbers["8-800-250-0890"].refuses == {"mts": "not_served"}
    assert numbers["8-800-250-0990"].enter != numbers["0890"].enter


@pytest.mark.fact("M2")
@pytest.mark.fact("M3")
@pytest.mark.fact("M22")
def test_the_robot_comes_first_and_keys_lead_to_a_person() -> None:
    scenario = shipped("mts_0890")
    first = scenario.flow[scenario.numbers["0890"].enter]
    assert first.play is not None
    assert first.barge_in
    waiting = next(name for name, n in scenario.flow.items() if n.queue == "support")
    assert any(keys.startswith("20") for keys in keys_to("mts_0890", "0890", "agent")), waiting
    assert set(scenario.flow["main_menu"].menu or {}) >= {"0", "1", "2", "5"}
    wants = scenario.callers["prepaid"].wants
    robot = sum(float(str(wants[goal])) for goal in wants if goal != "agent")
    assert robot > 0.5  # most questions are answered by the robot


@pytest.mark.fact("M5")
@pytest.mark.fact("M17")
@pytest.mark.fact("M21")
@pytest.mark.fact("M24")
def test_the_wait_is_told_and_offers_are_made() -> None:
    nodes = [n for n in flow("mts_0890", "queue") if n.queue == "support"]
    assert all(n.announce.wait for n in nodes)
    assert all(n.offers.paid_skip and n.offers.paid_skip.price.amount > 0 for n in nodes)
    assert all(n.offers.elsewhere for n in nodes)


@pytest.mark.fact("M6")
def test_rating_is_asked_for() -> None:
    assert flow("mts_0890", "survey")


@pytest.mark.fact("M7")
def test_roaming_inside_the_country() -> None:
    assert any(keys.startswith("10") for keys in keys_to("mts_0890", "0890", "roaming"))


@pytest.mark.fact("M8")
def test_abroad_an_agent_calls_back() -> None:
    for name in ("mts_0890", "mts_roaming"):
        assert any_of(n.offers.callback for n in flow(name, "queue"))
    assert any_of(n.announce.wait for n in flow("mts_roaming", "queue"))


@pytest.mark.fact("M9")
def test_from_a_foreign_card_the_call_is_charged() -> None:
    number = shipped("mts_roaming").numbers["+7-495-766-9166"]
    assert not number.free
    assert number.charge["foreign_sim"].amount > 0


@pytest.mark.fact("M12")
def test_a_bad_connection_drives_callers_to_the_federal_number() -> None:
    scenario = shipped("mts_crimea")
    connects = scenario.numbers["0890"].connects
    assert connects is not None
    assert connects.fails > 0
    redial = scenario.callers["crimea"].redial
    assert redial is not None
    assert redial.share_after("failed") > 0.5
    assert {"111", "+38-050-508-1111"} <= set(scenario.numbers)


@pytest.mark.fact("M13")
@pytest.mark.fact("M14")
@pytest.mark.fact("M15")
def test_waits_of_the_region_are_targets() -> None:
    text = targets("mts_0890")
    for target, fact in (("= 20 min", "M13"), ("longest_queue > 30", "M14"), ("by hour", "M15")):
        assert re.search(rf"{re.escape(target)}[^\n]*{fact}", text)


@pytest.mark.fact("M16")
def test_less_load_after_15_and_late() -> None:
    profile = shipped("mts_0890").callers["prepaid"].profile
    assert max(profile[15:]) < max(profile[8:15])
    assert max(profile[22:]) < max(profile[15:20])


@pytest.mark.fact("M18")
def test_premium_goes_first() -> None:
    callers = shipped("mts_0890").callers
    assert callers["premium"].priority > callers["prepaid"].priority


@pytest.mark.fact("M19")
def test_holidays_and_failures() -> None:
    events = shipped("mts_holiday").events
    assert any_of(e.holiday and e.volume and e.volume > 1 for e in events)
    assert any_of(e.outage and e.calls == "cut" for e in events)


@pytest.mark.fact("M20")
@pytest.mark.fact("S8")
def test_calls_are_recorded() -> None:
    assert all_recorded("mts_0890")
    assert all_recorded("sber_900")


@pytest.mark.fact("M23")
@pytest.mark.fact("S7")
def test_matters_left_open_come_again() -> None:
    for name, group, queue in (
        ("mts_contracts", "desk", "contracts"),
        ("sber_900", "team", "specialists"),
    ):
        scenario = shipped(name)
        assert scenario.agents[group].serves[queue].settles < 1
        redials = [c.redial for c in scenario.callers.values() if c.redial is not None]
        assert any(redial.share_after("unsettled") > 0 for redial in redials)


@pytest.mark.fact("S1")
def test_numbers_of_the_bank() -> None:
    numbers = shipped("sber_900").numbers
    assert "abroad" in numbers["8-800-555-5550"].refuses
    assert not numbers["+7-495-500-5550"].free


@pytest.mark.fact("S2")
@pytest.mark.fact("S3")
def test_topics_by_digit_and_the_bot_that_is_asked_several_times() -> None:
    bank = shipped("sber_900").flow
    assert bank["topics"].menu
    asked = bank["ask_person"]
    assert asked.self_service is not None
    assert asked.self_service.settles < 1
    assert asked.otherwise == "ask_person"


@pytest.mark.fact("S4")
@pytest.mark.fact("S5")
@pytest.mark.fact("S10")
def test_waits_and_peaks_are_targets() -> None:
    assert "S4" in targets("sber_900")
    assert "S5" in targets("sber_900")
    assert "S10" in targets("sbermobile_901")


@pytest.mark.fact("S6")
def test_identification_comes_before_help_and_can_fail() -> None:
    (identify,) = flow("sber_900", "identify")
    assert 0 < identify.identify.passes < 1
    assert shipped("sber_900").flow[identify.next].queue == "specialists"


@pytest.mark.fact("S9")
@pytest.mark.fact("S11")
def test_the_mobile_carrier_charges_others_and_answers_mail() -> None:
    scenario = shipped("sbermobile_901")
    assert scenario.numbers["901"].free
    assert not scenario.numbers["+7-499-651-4444"].free
    mail = next(n for n in flow("sbermobile_mail", "queue") if n.queue == "mail")
    assert "S11" in mail.facts
    assert shipped("sbermobile_mail").agents["team"].serves["mail"].spare > 0


@pytest.mark.fact("T1")
@pytest.mark.fact("T2")
def test_the_written_desk() -> None:
    scenario = shipped("vkontakte_desk")
    assert all(number.trunk is None for number in scenario.numbers.values())
    assert flow("vkontakte_desk", "round_trip")
    letters = scenario.callers["writers"].volume or 0.0
    assert letters * 30 == pytest.approx(78_000 / 10, rel=0.01)
