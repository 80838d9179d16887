"""Every row of the facts is modelled by a shipped scenario, and asserted by a test that names it.

Most assertions here are on the shipped files themselves; some rows are about what comes out (M20, M21,
S8, S11), so the scenario is run. Targets of long runs (M13–M15, S4, S5, S10) stand in the files as
targets, which `vpbx run` holds against the results.
"""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vpbx.api import run
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


def marks_of(test: ast.stmt) -> set[str]:
    """The facts that a statement's decorators name; none if it is not a test."""
    if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test_"):
        return set()
    calls = [mark for mark in test.decorator_list if isinstance(mark, ast.Call)]
    facts = [call for call in calls if ast.unparse(call.func) == "pytest.mark.fact"]
    return {ast.literal_eval(call.args[0]) for call in facts}


def marked() -> set[str]:
    """Every fact that some test is marked with."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        for statement in ast.parse(file.read_text("utf-8")).body:
            found |= marks_of(statement)
    return found


def test_only_marks_of_tests_count() -> None:
    """Not text, not comments, not marks of what no run collects."""
    text = """
# pytest.mark.fact("M1")
NOTE = 'pytest.mark.fact("M2")'
@pytest.mark.fact("M3")
def helper(): ...
@pytest.mark.skip
@pytest.mark.fact("M4")
def test_it(): ...
"""
    assert [marks_of(statement) for statement in ast.parse(text).body] == [set(), set(), {"M4"}]


def test_every_fact_is_cited_and_asserted() -> None:
    """No row is forgotten, none is invented; what is cited is asserted somewhere."""
    assert cited() - set(FACTS) == set()
    assert marked() == set(FACTS)


def keys_to(name: str, number: str, goal: str) -> set[str]:
    """The key sequences that lead from a number to a goal."""
    found = key_paths(shipped(name))
    return {"".join(path.keys) for path in found if path.number == number and path.goal == goal}


def reached(name: str, number: str, keys: str) -> str:
    """The node that a caller comes to who presses these keys, one at each menu."""
    nodes = shipped(name).flow
    at = shipped(name).numbers[number].enter
    for key in keys:
        while nodes[at].menu is None:
            at = nodes[at].otherwise if nodes[at].branch is not None else nodes[at].next
        at = nodes[at].menu[key].next
    return at


def targets(name: str) -> str:
    """The text of a scenario's targets."""
    return (ROOT / "scenarios" / f"{name}.yaml").read_text("utf-8").split("\ntargets:", 1)[1]


def flow(name: str, kind: str) -> list[Any]:
    """The nodes of a kind."""
    return [node for node in shipped(name).flow.values() if getattr(node, kind) is not None]


def any_of(values: Iterable[object]) -> bool:
    return any(bool(value) for value in values)


def pays(name: str, number: str, network: str) -> float:
    """What a caller of that network pays a started minute; 0 where the number is free."""
    of = shipped(name).numbers[number]
    price = of.charge.get(network, of.charge.get("*"))
    assert of.free == (not of.charge)
    return 0.0 if price is None else price.amount


@pytest.mark.fact("M1")
def test_own_short_numbers() -> None:
    """Free; most know 0890; 0605 answers everyone, with agents who are less loaded."""
    scenario = shipped("mts_0890")
    for own in ("0890", "08460", "0605"):
        assert "mts" in scenario.numbers[own].accepts
        assert pays("mts_0890", own, "mts") == 0
    insiders = scenario.callers["insiders"]
    assert set(insiders.dials) == {"0605", "08460"}
    assert (insiders.volume or 0) < 0.1 * (scenario.callers["prepaid"].volume or 0)
    assert "vip_line.mean_wait <= 5 min" in targets("mts_0890")


@pytest.mark.fact("M4")
def test_the_federal_number() -> None:
    """Free from mobile and fixed; it refuses the carrier's own SIMs with an announcement."""
    number = shipped("mts_0890").numbers["8-800-250-0890"]
    assert number.refuses == {"mts": "not_served"}
    assert shipped("mts_0890").flow["not_served"].play is not None
    assert all(pays("mts_0890", "8-800-250-0890", net) == 0 for net in ("other", "landline"))
    assert "landline" in shipped("mts_crimea").numbers["8-800-250-0890"].accepts


@pytest.mark.fact("M10")
def test_corporate_clients_have_their_own_number() -> None:
    """Their queue and their lines are not those of the main number."""
    scenario = shipped("mts_0890")
    assert "8-800-250-0990" in shipped("mts_corporate").numbers
    assert keys_to("mts_0890", "8-800-250-0990", "corporate")
    assert not keys_to("mts_0890", "8-800-250-0990", "agent")
    own, main = (scenario.numbers[number].trunk for number in ("8-800-250-0990", "0890"))
    assert own != main


@pytest.mark.fact("M11")
def test_one_number_of_the_whole_group() -> None:
    """Mobile, internet and TV, by a class of callers that dials it, to the same agents."""
    scenario = shipped("mts_0890")
    assert set(scenario.callers["whole_group"].dials) == {"8-800-250-8250"}
    says = [option.says for option in (scenario.flow["group_menu"].menu or {}).values()]
    assert says == ["mobile", "internet and TV"]
    assert keys_to("mts_0890", "8-800-250-8250", "agent")


@pytest.mark.fact("M2")
@pytest.mark.fact("M3")
@pytest.mark.fact("M22")
def test_the_robot_comes_first_and_keys_lead_to_a_person() -> None:
    scenario = shipped("mts_0890")
    first = scenario.flow[scenario.numbers["0890"].enter]
    assert first.play is not None
    waiting = next(name for name, n in scenario.flow.items() if n.queue == "support")
    assert first.barge_in
    assert {reached("mts_0890", "0890", keys) for keys in ("20", "50", "10")} == {waiting}
    assert reached("mts_0890", "0890", "0") == "contract"
    assert {reached("mts_contracts", "0890", keys) for keys in ("20", "10")} == {"agent"}
    assert reached("mts_contracts", "0890", "0") == "contract"
    assert set(scenario.flow["main_menu"].menu or {}) >= {"0", "1", "2", "5"}
    wants = scenario.callers["prepaid"].wants
    robot = sum(float(str(wants[goal])) for goal in wants if goal != "agent")
    assert robot > 0.5  # most questions are answered by the robot


@pytest.mark.fact("M5")
def test_keys_on_the_federal_number() -> None:
    """2 then 0, or 4 then 0 (of accounts that differ); then the robot says how long it will be."""
    federal = "8-800-250-0890"
    assert {reached("mts_0890", federal, keys) for keys in ("20", "40")} == {"rate"}
    assert {reached("mts_0890", federal, keys) for keys in ("201", "400")} == {
        "agent",
        "agent_rated",
    }
    assert {reached("mts_crimea", federal, keys) for keys in ("20", "40")} == {"agent"}
    assert all(n.announce.wait for n in flow("mts_0890", "queue") if n.queue == "support")


@pytest.mark.fact("M17")
@pytest.mark.fact("M24")
def test_offers_while_the_line_is_loaded() -> None:
    """A paid connection, and the way to the web."""
    for node in (n for n in flow("mts_0890", "queue") if n.queue == "support"):
        skip, elsewhere = node.offers.paid_skip, node.offers.elsewhere
        assert skip.price.amount > 0
        assert skip.when is not None
        assert elsewhere.when is not None
        assert shipped("mts_0890").flow[elsewhere.to].queue is None
    assert flow("mts_written", "self_service")


@pytest.mark.fact("M21")
def test_channels_that_are_not_calls() -> None:
    """95 of 100 need no agent in the app; social networks within a minute on average, forms in minutes.

    Both means are far from their bounds, in standard errors of ten days (asked for: three).
    """
    scenario = shipped("mts_written")
    login = scenario.flow["login"]
    assert login.identify is not None
    assert login.next == "site_chat"
    found = run(ROOT / "scenarios" / "mts_written.yaml", replications=10).totals
    for queue, low, high in (("social_networks", 0, 60), ("forms", 60, 3600)):
        mean, half = found[f"queue.{queue}"]["mean_wait"]
        assert low <= mean - 1.5 * half
        assert mean + 1.5 * half < high
    app = found["class.app_users"]
    share = app["self_served"].mean / app["offered"].mean
    assert share == pytest.approx(0.95, abs=0.0023)  # 3 standard errors of 80,000 questions


@pytest.mark.fact("M6")
def test_rating_is_asked_for() -> None:
    """Before the queue, with 0 or 1, and to the queue either way; or right after the call."""
    carrier = shipped("mts_0890").flow
    asked = carrier["rate"].menu or {}
    ways = [carrier[option.next] for option in asked.values()]
    assert set(asked) == {"0", "1"}
    assert [way.queue for way in ways] == ["support", "support"]
    assert all(carrier[way.next].survey for way in ways)


@pytest.mark.fact("M7")
def test_roaming_inside_the_country() -> None:
    """1 then 0, connected within minutes."""
    assert any(keys.startswith("10") for keys in keys_to("mts_0890", "0890", "roaming"))
    assert re.search(r"roaming_line\.mean_wait <= 5 min: M7", targets("mts_0890"))


@pytest.mark.fact("M8")
def test_abroad_an_agent_calls_back() -> None:
    """The number is free from the own SIM; the request is taken, some minutes later comes the call."""
    number = "+7-495-766-0166"
    for name in ("mts_0890", "mts_roaming"):
        of = shipped(name).numbers[number]
        assert of.accepts == ("mts_abroad",)
        assert pays(name, number, "mts_abroad") == 0
        taken = shipped(name).flow[of.enter]
        assert taken.play is not None
        waiting = shipped(name).flow[taken.next]
        assert waiting.offers.callback.taken_by > 0.5
        assert waiting.announce.wait
    assert re.search(r"callback_wait in 1 min \.\. 10 min: M8", targets("mts_roaming"))


@pytest.mark.fact("M9")
def test_from_a_foreign_card_the_call_is_charged() -> None:
    assert pays("mts_roaming", "+7-495-766-9166", "foreign_sim") > 0
    assert pays("mts_roaming", "+7-495-766-9166", "landline") > 0


@pytest.mark.fact("M12")
def test_a_bad_connection_drives_callers_to_the_federal_number() -> None:
    scenario = shipped("mts_crimea")
    connects = scenario.numbers["0890"].connects
    assert connects is not None
    assert connects.fails > 0
    redial = scenario.callers["crimea"].redial
    assert redial is not None
    assert redial.share_after("failed") > 0.5
    assert getattr(redial.after["failed"], "number", None) == "8-800-250-0890"
    assert all(pays("mts_crimea", n, "ukraine") > 0 for n in ("111", "+38-050-508-1111"))


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
def test_all_calls_are_recorded() -> None:
    """Talks recorded are talks answered or called back, in every queue of both."""
    for name in ("mts_0890", "sber_900"):
        assert all(node.recorded for node in flow(name, "queue"))
        found = run(ROOT / "scenarios" / f"{name}.yaml", replications=2).totals
        for queue in shipped(name).queues:
            of = found[f"queue.{queue}"]
            called_back = of["callback_done"].mean if "callback_done" in of else 0
            assert of["recorded"].mean == of["answered"].mean + called_back > 0


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
    assert (
        'delay: "uniform(2 h, 3 days)"' in (ROOT / "scenarios" / "mts_contracts.yaml").read_text()
    )
    assert shipped("sber_900").flow["branch_only"].queue is None


@pytest.mark.fact("S1")
def test_numbers_of_the_bank() -> None:
    """900 for mobiles, two numbers free in Russia, a charged one for all; nobody calls 0321."""
    numbers = shipped("sber_900").numbers
    assert set(numbers) == {"900", "8-800-555-5550", "8-800-555-5777", "+7-495-500-5550"}
    assert numbers["900"].accepts == ("mobile",)
    assert numbers["8-800-555-5777"].accepts == ("landline",)
    assert set(numbers["8-800-555-5550"].refuses) == {"abroad"}
    for number, charged in zip(numbers, (False, False, True, False), strict=True):
        assert all((pays("sber_900", number, n) > 0) == charged for n in ("mobile", "abroad"))
    assert "*" in numbers["+7-495-500-5550"].accepts or not numbers["+7-495-500-5550"].accepts


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
    """Peak from 16 to 20 h, quiet from 0 to 9 h; a minute on average; a couple of minutes."""
    assert "busy_hour in 16:00-20:00: S4" in targets("sber_900")
    assert "specialists.mean_wait <= 1 min: S5" in targets("sber_900")
    assert "agents.mean_wait <= 2 min: S10" in targets("sbermobile_901")
    profile = shipped("sber_900").callers["mobile"].profile
    assert max(profile[:9]) < min(profile[9:20])


@pytest.mark.fact("S10")
def test_an_informer_then_a_second_then_a_free_specialist() -> None:
    """Who finds a specialist free talks 26 s after the call was answered: 25 s informer, 1 s routing."""
    scenario = shipped("sbermobile_901")
    informer = scenario.flow[scenario.numbers["901"].enter]
    switching = scenario.flow[informer.next]
    assert scenario.flow[switching.next].queue == "agents"
    assert switching.play is not None
    assert switching.play.mean_us == 1_000_000


@pytest.mark.fact("S6")
def test_identification_comes_before_help_and_can_fail() -> None:
    (identify,) = flow("sber_900", "identify")
    assert 0 < identify.identify.passes < 1
    assert shipped("sber_900").flow[identify.next].queue == "specialists"


@pytest.mark.fact("S9")
def test_the_mobile_carrier_charges_other_networks() -> None:
    """901 is free from its own SIM; Moscow's and St Petersburg's numbers cost others."""
    assert shipped("sbermobile_901").numbers["901"].accepts == ("sbermobile",)
    assert pays("sbermobile_901", "901", "sbermobile") == 0
    assert pays("sbermobile_901", "+7-499-651-4444", "other") > 0
    assert pays("sbermobile_901", "+7-812-329-5150", "other") > 0


@pytest.mark.fact("S11")
def test_letters_are_answered_in_minutes_or_in_hours() -> None:
    """In minutes on a usual day; in 3 to 5 hours while the same specialists are loaded with calls.

    How many calls load them is assumed: 77 % more. The interval of 40 days lies in 3 to 5 hours.
    """
    assert "mail.service_level(answered_of_offered, 5 h) >= 90%" in targets("sbermobile_mail")
    file = ROOT / "scenarios" / "sbermobile_mail.yaml"
    usual = run(file, replications=10).totals["queue.mail"]["mean_wait"]
    assert usual.high < 3600
    calls = ["callers.own_sim.volume=1950/day", "callers.own_sim.busyness.cv=0%"]
    loaded = run(file, replications=40, set=calls).totals["queue.mail"]["mean_wait"]
    assert loaded.low > 3 * 3600
    assert loaded.high < 5 * 3600


@pytest.mark.fact("V1")
def test_the_software_manages_call_handling() -> None:
    """Several calls on one number, forwarding, own greetings and melodies, statistics."""
    firm = shipped("virtual_pbx_small_firm")
    (number,) = firm.numbers.values()
    assert firm.trunks[number.trunk or ""].channels.at(0, 600) > 1
    ringing = flow("virtual_pbx_small_firm", "ring")
    assert all(node.ring.melody for node in ringing)
    assert firm.flow["closed"].next == "duty"
    assert firm.flow["duty"].ring is not None
    greetings = [node for node in flow("virtual_pbx_small_firm", "play") if node.says]
    assert len(greetings) >= 2
    licence = shipped("firm_three_plans").licence
    assert licence is not None
    assert {"greeting", "forwarding", "statistics"} <= set(licence.types["full"])


@pytest.mark.fact("T1")
@pytest.mark.fact("T2")
def test_the_written_desk() -> None:
    """No telephone; a round trip for the proof; a page comes back for 210 days; a tenth of look-ups."""
    scenario = shipped("vkontakte_desk")
    assert all(number.trunk is None for number in scenario.numbers.values())
    (asked,) = flow("vkontakte_desk", "round_trip")
    assert scenario.flow[asked.next].queue == "proofs"
    in_time = scenario.flow[scenario.flow["proof"].next]
    assert "210 days" in in_time.says
    assert (in_time.branch or [])[0].next == "restored"
    assert in_time.otherwise == "too_late"
    letters = scenario.callers["writers"].volume or 0.0
    assert letters * 30 == pytest.approx(78_000 / 10, rel=0.01)
