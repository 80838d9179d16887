"""The cumulative rate of a day: profile, weekdays, holidays, surges, daylight saving."""

import pytest
from loads import by_hour, compiled, one_class, totals

WEEK = 'start: "2019-04-19 00:00", duration: 4 days'
"""Friday to Monday."""


def test_a_flat_day() -> None:
    """2400 a day: 100 in each hour."""
    made = one_class("volume: 2400/day")
    assert totals(made) == [2400.0]
    assert by_hour(made.load.classes[0].rates[0]) == [100.0] * 24


def test_a_profile_gives_each_hour_its_share() -> None:
    """Weights 1 and 3 at 8 and 9 h, 0 elsewhere: 100 and 300 of 400."""
    weights = [0.0] * 8 + [1, 3] + [0] * 14
    made = one_class(f"volume: 400/day, profile: {weights}")
    assert by_hour(made.load.classes[0].rates[0]) == [0.0] * 8 + [100.0, 300.0] + [0.0] * 14


def test_a_profile_of_two_halves() -> None:
    """Weights 1 and 2 for the halves of a day: 800 in 12 h, then 1600."""
    hours = by_hour(one_class("volume: 2400/day, profile: [1, 2]").load.classes[0].rates[0])
    assert pytest.approx(hours, abs=1e-5) == [800 / 12] * 12 + [1600 / 12] * 12


def test_weekday_factors() -> None:
    """Saturday half, Sunday none."""
    made = one_class("volume: 2400/day, weekdays: {sat: 50%, sun: 0%}", clock=WEEK)
    assert totals(made) == [2400, 1200, 0, 2400]


def test_holidays_and_weekdays_multiply() -> None:
    """Holiday factor 180 %, on a Saturday at 50 %: 90 %."""
    made = one_class(
        "volume: 2400/day, weekdays: {sat: 50%}, holidays: 180%",
        clock=WEEK,
        rest="holidays: [2019-04-20, 2019-04-22]",
    )
    assert totals(made) == [2400, 2160, 2400, 4320]


def test_an_event_makes_a_day_a_public_holiday() -> None:
    """Saturday counts as one: factor 30 % of holidays, times 200 % of the event itself."""
    rest = "events: [{on: 2019-04-20, holiday: yes, volume: 200%}]"
    made = one_class("volume: 2400/day, holidays: 30%", clock=WEEK, rest=rest)
    assert totals(made) == [2400, 1440, 2400, 2400]


def test_a_surge_of_each_day() -> None:
    """Three times the rate from 11:00 for 30 min, on every day: 100 → 50 + 150 in that hour."""
    rest = 'events: [{at: "11:00", lasts: 30 min, volume: 300%}]'
    made = one_class("volume: 2400/day", clock=WEEK, rest=rest)
    assert totals(made) == [2500.0] * 4
    for rate in made.load.classes[0].rates:
        assert by_hour(rate) == [100.0] * 11 + [200.0] + [100.0] * 12


def test_a_surge_at_a_moment_and_over_midnight() -> None:
    """From Saturday 23:00 for 2 h at 200 %: 100 more on Saturday, 100 more on Sunday."""
    rest = 'events: [{at: "2019-04-20 23:00", lasts: 2 h, volume: 200%}]'
    made = one_class("volume: 2400/day", clock=WEEK, rest=rest)
    assert totals(made) == [2400, 2500, 2500, 2400]


def test_a_surge_that_began_before_the_run() -> None:
    """From Thursday 23:00 for 3 h: the first two hours of Friday have twice the rate."""
    rest = 'events: [{at: "2019-04-18 23:00", lasts: 3 h, volume: 200%}]'
    made = one_class("volume: 2400/day", clock=WEEK, rest=rest)
    assert totals(made) == [2600, 2400, 2400, 2400]


def test_a_day_of_its_own() -> None:
    """`on` a day: its whole volume."""
    rest = "events: [{on: 2019-04-21, volume: 180%}]"
    made = one_class("volume: 2400/day", clock=WEEK, rest=rest)
    assert totals(made) == [2400, 2400, 4320, 2400]


def test_surges_multiply_where_they_overlap() -> None:
    """200 % from 10 to 12 h, 50 % from 11 to 13 h: 200, 100, 50."""
    rest = """
events:
  - {at: "10:00", lasts: 2 h, volume: 200%}
  - {at: "11:00", lasts: 2 h, volume: 50%}
"""
    hours = by_hour(one_class("volume: 2400/day", rest=rest).load.classes[0].rates[0])
    assert hours[10:13] == [200.0, 100.0, 50.0]


def test_a_surge_of_some_classes() -> None:
    """Only d is concerned."""
    rest = """
  d: {dials: {"100": 100%}, volume: 2400/day}
events: [{at: "10:00", lasts: 1 h, volume: 200%, classes: [d]}]
"""
    made = compiled(
        'clock: {start: "2019-04-15 00:00", duration: 1 day}\n'
        'callers:\n  c: {dials: {"100": 100%}, volume: 2400/day}' + rest
    )
    assert totals(made, 0) == [2400.0]
    assert totals(made, 1) == [2500.0]


def test_a_day_is_cut_to_the_run() -> None:
    """From 18:00 for 12 h: 600 on the first day, 600 on the second."""
    made = one_class("volume: 2400/day", clock='start: "2019-04-15 18:00", duration: 12 h')
    assert totals(made) == [600.0, 600.0]


BERLIN = "timezone: Europe/Berlin, duration: 1 day 1 h"
SPRING, AUTUMN = "2019-03-31 00:00", "2019-10-27 00:00"


def on(start: str, profile: list[float]) -> list[float]:
    """Expected attempts of a day in Berlin: of that day, and by its hours in real time."""
    made = one_class(f"volume: 2400/day, profile: {profile}", clock=f'start: "{start}", {BERLIN}')
    rate = made.load.classes[0].rates[0]
    return [totals(made)[0], *by_hour(rate)]


def test_a_day_of_23_hours() -> None:
    """Clocks go from 2:00 to 3:00: the rate of each local hour holds, so one hour's calls are missing."""
    assert on(SPRING, [1] * 24) == [2300.0] + [100.0] * 23


def test_a_day_of_25_hours() -> None:
    """Clocks go back from 3:00 to 2:00: the hour from 2 comes twice, and so do its calls."""
    assert on(AUTUMN, [1] * 24) == [2500.0] + [100.0] * 25
    only_two = [0.0, 0, 1] + [0.0] * 21
    assert on(AUTUMN, only_two) == [4800.0] + [0.0] * 2 + [2400.0] * 2 + [0.0] * 21
    assert on(SPRING, only_two) == [0.0] + [0.0] * 23


def test_half_hours_on_a_day_of_23_hours() -> None:
    """All calls from 3:30 to 4:00 local: in the half hour after 2:30 of real time; none from 2:30."""
    half_past_three = [0.0] * 7 + [1] + [0] * 40
    assert on(SPRING, half_past_three)[:4] == [2400.0, 0, 0, 2400.0]
    half_past_two = [0.0] * 5 + [1] + [0] * 42
    assert on(SPRING, half_past_two)[0] == 0.0
    three = [0.0] * 6 + [1] + [0] * 41
    assert on(SPRING, three)[:4] == [2400.0, 0, 0, 2400.0]
