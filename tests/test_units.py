"""Text units: hand-worked values, and every refusal with its words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpbx import units
from vpbx.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US, UnitError


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("20 s", 20_000_000),
        ("4 min", 240_000_000),
        ("1 h 30 min", 5_400_000_000),
        ("1h30min", 5_400_000_000),
        ("1 day", 86_400_000_000),
        ("2 weeks", 14 * 86_400_000_000),
        ("1 500 ms", 1_500_000),
        ("0.5 s", 500_000),
        ("3 µs", 3),
        ("3 μs", 3),
        ("1e3 s", 1_000_000_000),
        ("0", 0),
        (0, 0),
        ("0 s", 0),
    ],
)
def test_durations(text: object, us: int) -> None:
    """A duration is a sum of numbers with units, in whole microseconds."""
    assert us == units.duration_us(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (4, '"4" has no unit; write "4 s" or "4 min"'),
        ("4", '"4" has no unit'),
        (4.5, '"4.5" has no unit'),
        ("4 parsecs", '"parsecs" is not a unit of time'),
        ("four min", "is not a duration"),
        ("-5 s", "is negative"),
        ("-5 min 10 min", "is negative"),
        ("1 h -5 min", "is negative"),
        ("", "got nothing"),
        ("101000 days", "longer than 100 years"),
        ("1e999 s", "too large"),
        (True, "expected a duration"),
        (None, "expected a duration"),
        (["4 min"], "expected a duration"),
        (float("nan"), "expected a duration"),
    ],
)
def test_not_durations(text: object, words: str) -> None:
    """What is not a duration is refused with words that say what would be."""
    with pytest.raises(UnitError) as error:
        units.duration_us(text)
    assert words in str(error.value)


@given(st.integers(0, 30_000), st.integers(0, 59), st.integers(0, 999))
def test_durations_add_up(minutes: int, seconds: int, milliseconds: int) -> None:
    """The pieces of a duration add up exactly."""
    total = minutes * MINUTE_US + seconds * SECOND_US + milliseconds * 1000
    assert total == units.duration_us(f"{minutes} min {seconds} s {milliseconds} ms")


@pytest.mark.parametrize(
    ("text", "rate"),
    [("2000/day", 2000.0), ("90/h", 2160.0), ("5/min", 7200.0), ("7 per week", 1.0), ("0/h", 0.0)],
)
def test_rates(text: str, rate: float) -> None:
    """A rate is told in calls a day."""
    assert rate == units.rate_per_day(text)


@pytest.mark.parametrize("text", [2000, "2000", "2000/parsec", "-5/h", "1e999/h", None, True])
def test_not_rates(text: object) -> None:
    """What is not a rate is refused."""
    with pytest.raises(UnitError):
        units.rate_per_day(text)


@pytest.mark.parametrize(
    ("text", "share"), [("35%", 0.35), ("35 %", 0.35), (0.35, 0.35), ("1", 1.0), (0, 0.0)]
)
def test_shares(text: object, share: float) -> None:
    """A share lies between 0 and 1."""
    assert share == pytest.approx(units.share(text), rel=1e-15)


@pytest.mark.parametrize(
    "text", ["135%", 1.35, 35, "-1%", "a third", None, False, math.nan, math.inf]
)
def test_not_shares(text: object) -> None:
    """What is not a share is refused."""
    with pytest.raises(UnitError):
        units.share(text)


def test_factors_may_exceed_one() -> None:
    """A factor is a share without an upper end."""
    assert units.factor("180%") == pytest.approx(1.8)
    with pytest.raises(UnitError):
        units.factor("-10%")


def test_money_and_wages() -> None:
    """Money has a currency; a wage is money an hour."""
    assert units.money("1 500.50 RUB") == units.Money(1500.5, "RUB")
    assert units.wage_per_hour("450 RUB/h") == units.Money(450.0, "RUB")
    assert str(units.Money(450.0, "RUB")) == "450 RUB"
    for wrong in (450, "450", "450 roubles", None):
        with pytest.raises(UnitError):
            units.money(wrong)
    for wrong in ("450 RUB", "450/h", "-450 RUB/h", 450):
        with pytest.raises(UnitError):
            units.wage_per_hour(wrong)


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "0 s"),
        (7.5 * SECOND_US, "7.5 s"),
        (59.7 * SECOND_US, "1 min"),
        (260 * SECOND_US, "4 min 20 s"),
        (240 * SECOND_US, "4 min"),
        (65 * MINUTE_US, "1 h 05 min"),
        (3599.8 * SECOND_US, "1 h"),
        (3 * DAY_US + 2 * HOUR_US, "3 days 2 h"),
        (-90 * SECOND_US, "-1 min 30 s"),
        (math.nan, "–"),
    ],
)
def test_duration_text(us: float, text: str) -> None:
    """A duration is shown in the two largest units that matter."""
    assert text == units.duration_text(us)


@given(st.integers(0, 172_800 * SECOND_US))
def test_duration_text_reads_back(us: int) -> None:
    """What is shown reads back within half a second below an hour, else within half a minute."""
    back = units.duration_us(units.duration_text(us))
    assert abs(back - us) <= (500_000 if us < HOUR_US - SECOND_US else 30_500_000)
