"""Targets and conditions as text: bands by hand, and the refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpbx.codes import Case, Relation
from vpbx.measures.formulas import FORMULAS, PEAKS
from vpbx.measures.register import MEASURES, SERVICE_LEVELS
from vpbx.scenario.conditions import Condition, parse_condition
from vpbx.scenario.targets import AIMS, DEFINITIONS, Target, parse_target, spelt_out

INF = math.inf


@pytest.mark.parametrize(
    ("text", "scope", "measure", "low", "high"),
    [
        ("support.mean_wait = 20 min ± 20%", "support", "mean_wait", 960.0, 1440.0),
        ("support.mean_wait = 20 min ± 2 min", "support", "mean_wait", 1080.0, 1320.0),
        ("support.mean_wait = 20 min +- 2 min", "support", "mean_wait", 1080.0, 1320.0),
        ("mean_wait<=1 min", "", "mean_wait", -INF, 60.0),
        ("mean_wait < 1 min", "", "mean_wait", -INF, 60.0),
        ("поддержка.p95_wait ≤ 90 s", "поддержка", "p95_wait", -INF, 90.0),
        ("queue.поддержка.longest_queue > 30", "queue.поддержка", "longest_queue", 30.0, INF),
        ("trunk.main.blocked <= 1%", "trunk.main", "blocked", -INF, 0.01),
        (
            "number.+7 (495) 766-01-66.offered >= 10",
            "number.+7 (495) 766-01-66",
            "offered",
            10,
            INF,
        ),
        ("abandoned = 40% ± 5 pp", "", "abandoned", 0.35, 0.45),
        ("support.longest_queue = 95 ± 20%", "support", "longest_queue", 76.0, 114.0),
        ("support.longest_queue = 95 ± 10", "support", "longest_queue", 85.0, 105.0),
        ("busy_hour in 16:00-20:00", "", "busy_hour", 960.0, 1200.0),
        ("busy_hour in 22:00-02:00", "", "busy_hour", 1320.0, 1560.0),
        ("region.occupancy in 70% .. 85%", "region", "occupancy", 0.70, 0.85),
    ],
)
def test_bands(text: str, scope: str, measure: str, low: float, high: float) -> None:
    """Each comparison is a band in seconds, shares, calls or minutes after midnight."""
    target = parse_target(text)
    assert (scope, measure, text) == (target.scope, target.measure, target.text)
    assert low == pytest.approx(target.low, rel=1e-12)
    assert high == pytest.approx(target.high, rel=1e-12)


def test_by_hour() -> None:
    """A target by hour keeps the measure and the band of every hour."""
    target = parse_target("support.mean_wait by hour in 5 min .. 40 min")
    assert target == Target(
        "support",
        "mean_wait",
        (),
        "hour",
        300.0,
        2400.0,
        "support.mean_wait by hour in 5 min .. 40 min",
    )


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_service_levels(definition: str) -> None:
    """A service level names its definition and its time."""
    target = parse_target(f"support.service_level({definition}, 1.5 min) by hour >= 80%")
    assert (target.scope, target.measure) == ("support", "service_level")
    assert ((definition, "1.5 min"), "hour", 0.8) == (target.arguments, target.by, target.low)


def test_facts_beside_the_text() -> None:
    """{text: fact} or {text: [facts]} keeps the ids."""
    text = "support.longest_queue > 30"
    assert parse_target({text: "M14"}).facts == ("M14",)
    assert parse_target({text: ["M13", "M14"]}).facts == ("M13", "M14")
    assert parse_target({text: None}) == parse_target(text) == parse_target(parse_target(text))


@given(st.integers(1, 10_000), st.integers(0, 99), st.sampled_from(["mean_wait", "p80_wait"]))
def test_relative_band_round_trip(seconds: int, percent: int, measure: str) -> None:
    """value ± percent is symmetric about the value and as wide as it says."""
    target = parse_target(f"q.{measure} = {seconds} s ± {percent}%")
    assert (target.low + target.high) / 2 == pytest.approx(seconds)
    assert target.high - target.low == pytest.approx(2 * seconds * percent / 100, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("support.mean_wait = 20 min", 'give a band: "= 20 min ± 20%" or "in low .. high"'),
        ("support.mean_wait == 20 min", "give a band"),
        ("support.mean_weight > 1 min", 'no measure "mean_weight"; did you mean "mean_wait"?'),
        ("xyzzy > 1", "known are mean_wait"),
        ("support.mean_wait", "compares nothing"),
        ("> 30", "is not a measure"),
        ("support.mean_wait >", 'nothing follows ">"'),
        ("support.mean_wait > 30", 'has no unit; write "30 s"'),
        ("support.mean_wait > 30 min ± 5%", 'a band goes with "="'),
        ("support.mean_wait in 5 min", "is not a range"),
        ("support.mean_wait in 40 min .. 5 min", "the lower end comes first"),
        ("support.mean_wait by week > 1 min", '"by week"'),
        ("busy_hour by hour in 16:00-20:00", "leave out by hour"),
        ("support.longest_queue > 30 calls", '"30 calls" is not a number'),
        ("abandoned = 40% ± 5%", 'two meanings; write "± 5 pp"'),
        ("abandoned <= 140%", "is not a share"),
        ("busy_hour = 16:00 ± 1 h", "write it like busy_hour in 16:00-20:00"),
        ("busy_hour in 16-20", "is not a time of day"),
        ("support.service_level >= 80%", "needs its definition and its time"),
        ("support.service_level(20 s) >= 80%", "needs its definition and its time"),
        ("support.service_level(answered, 20 s) >= 80%", 'no service level "answered"'),
        ("support.service_level(with_abandoned, 20) >= 80%", 'write "20 s"'),
        ("support.mean_wait(20 s) > 1 min", "takes nothing in brackets"),
        ({"mean_wait > 1 s": "A", "mean_wait > 2 s": "B"}, "got 2 keys"),
        ({"mean_wait > 1 s": 13}, "ids of facts"),
        (30, "expected a target"),
        (None, "expected a target"),
    ],
)
def test_refusals(value: object, words: str) -> None:
    """Each wrong target is refused with words that say what would be right."""
    with pytest.raises(ValueError, match=r".") as error:
        parse_target(value)
    assert words in str(error.value)


def test_every_measure_has_a_kind_and_scopes() -> None:
    """The table of measures holds only kinds that values are read for."""
    assert {aim.kind for aim in AIMS.values()} == {"duration", "share", "count", "clock"}
    assert all(aim.scopes for aim in AIMS.values())


def test_measures_of_targets_are_measures_of_results() -> None:
    """What a target may name has a unit in the register, and the unit fits the kind of value."""
    units = {
        "duration": {"s"},
        "share": {"share"},
        "count": {"calls", "callers"},
        "clock": {"clock time"},
    }
    for name, aim in AIMS.items():
        if name != "service_level":
            assert MEASURES[name].unit in units[aim.kind], name
    assert set(DEFINITIONS) == set(SERVICE_LEVELS)
    for name, aim in AIMS.items():
        for scope in aim.scopes:
            family = FORMULAS[scope or "all"] | PEAKS[scope or "all"]
            assert name in family or name.startswith(("p", "busy", "service")), (name, scope)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (
            "support.expected_wait > 5 min",
            Condition("support", Case.EXPECTED_WAIT, Relation.GT, 300_000_000),
        ),
        ("support.queue_length >= 30", Condition("support", Case.QUEUE_LENGTH, Relation.GE, 30)),
        ("очередь.agents_free<1", Condition("очередь", Case.AGENTS_FREE, Relation.LT, 1)),
        ("support.position ≤ 10", Condition("support", Case.POSITION, Relation.LE, 10)),
    ],
)
def test_conditions(text: str, condition: Condition) -> None:
    """A condition is a queue, what is asked, how it compares, and a value."""
    assert condition == parse_condition(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("support.queue_length", "compares nothing"),
        ("queue_length > 3", "which queue?"),
        (".queue_length > 3", "which queue?"),
        ("support.queue_lenght > 3", 'no "queue_lenght"; did you mean "queue_length"?'),
        ("support.colour > 3", "known are queue_length"),
        ("support.queue_length = 3", '"=" is not one of'),
        ("support.queue_length >> 3", '">>" is not one of'),
        ("support.queue_length > 3 calls", "is not a whole number"),
        ("support.queue_length > ", "is not a whole number"),
        ("support.expected_wait > 5", 'write "5 s" or "5 min"'),
    ],
)
def test_not_conditions(text: str, words: str) -> None:
    """Each wrong condition is refused with words that say what would be right."""
    with pytest.raises(ValueError, match=r".") as error:
        parse_condition(text)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("80% in 20 s", "service_level(answered_of_offered, 20 s) >= 80%"),
        (" support:  80 %in 20s ", "support.service_level(answered_of_offered, 20s) >= 80 %"),
        ("support.99.5% in 2 min", "support.service_level(answered_of_offered, 2 min) >= 99.5%"),
        ("class.new: 80% in 20 s", "class.new.service_level(answered_of_offered, 20 s) >= 80%"),
        ("support: mean_wait<=3min", "support.mean_wait<=3min"),
        ("trunk.main: blocked <= 1%", "trunk.main.blocked <= 1%"),
        ("busy_hour in 16:00-20:00", "busy_hour in 16:00-20:00"),
        ("support.mean_wait in 5 min .. 40 min", "support.mean_wait in 5 min .. 40 min"),
    ],
)
def test_what_people_type_is_spelt_out(typed: str, written: str) -> None:
    """In the language of scenario files, which takes it; clock times keep their colons."""
    assert spelt_out(typed) == written
    parse_target(written)
