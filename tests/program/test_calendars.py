"""Time tables over simulated time: local wall time, daylight saving, holidays."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vpbx.engine.walk import calendar_value
from vpbx.program.compile import GRID_US, Compiled, compile_scenario
from vpbx.scenario.hours import parse_opening_hours, parse_time_table
from vpbx.scenario.load import load_text
from vpbx.traffic.calendar import LocalClock, Steps, local_grid, table_steps

HOUR = 3_600_000_000
DAY = 24 * HOUR


def berlin(start: str) -> LocalClock:
    """A clock in Berlin."""
    return LocalClock(datetime.fromisoformat(start), ZoneInfo("Europe/Berlin"))


def hours(steps: Steps) -> list[tuple[float, int]]:
    """Steps with their instants in hours."""
    return [(at / HOUR, value) for at, value in zip(*map(list, steps), strict=True)]


OFFICE = parse_time_table({"09:00-18:00": 2})


def test_an_ordinary_day() -> None:
    """From 9 to 18 h on each of two days."""
    steps = table_steps(berlin("2019-04-15 00:00"), OFFICE, 2 * DAY)
    assert hours(steps) == [(0, 0), (9, 2), (18, 0), (33, 2), (42, 0)]


def test_a_day_of_23_hours() -> None:
    """On 31 March 9:00 comes 8 h after midnight, and the next day's 9:00 24 h after that."""
    steps = table_steps(berlin("2019-03-31 00:00"), OFFICE, 2 * DAY - HOUR)
    assert hours(steps) == [(0, 0), (8, 2), (17, 0), (32, 2), (41, 0)]


def test_a_day_of_25_hours() -> None:
    """On 27 October 9:00 comes 10 h after midnight."""
    steps = table_steps(berlin("2019-10-27 00:00"), OFFICE, 2 * DAY)
    assert hours(steps) == [(0, 0), (10, 2), (19, 0), (34, 2), (43, 0)]


def test_an_hour_that_is_skipped_has_no_length() -> None:
    """2:00 to 3:00 does not occur on 31 March: 1 up to there, 3 from there on."""
    table = parse_time_table({"00:00-02:00": 1, "02:00-03:00": 2, "03:00-24:00": 3})
    assert hours(table_steps(berlin("2019-03-31 00:00"), table, 20 * HOUR)) == [(0, 1), (2, 3)]


def test_an_hour_that_comes_twice_holds_twice() -> None:
    """2:00 to 3:00 lasts from 2 to 4 h after midnight on 27 October."""
    table = parse_time_table({"00:00-02:00": 1, "02:00-03:00": 2, "03:00-24:00": 3})
    steps = table_steps(berlin("2019-10-27 00:00"), table, 20 * HOUR)
    assert hours(steps) == [(0, 1), (2, 2), (4, 3)]


def test_a_shift_from_within_the_skipped_hour_starts_as_clocks_jump() -> None:
    """From 2:30 on 31 March: at 3:00 local, 2 h after midnight, 2:30 is past."""
    table = parse_time_table({"00:00-02:30": 1, "02:30-24:00": 2})
    assert hours(table_steps(berlin("2019-03-31 00:00"), table, 20 * HOUR)) == [(0, 1), (2, 2)]


def test_a_run_that_starts_within_a_shift() -> None:
    """From 12:00 on: 2 at once, 0 from 18:00."""
    assert hours(table_steps(berlin("2019-04-15 12:00"), OFFICE, 8 * HOUR)) == [(0, 2), (6, 0)]


def test_closed_days() -> None:
    """1 May is left out, whatever the table says of a Wednesday."""
    table = parse_opening_hours("mon-fri 09:00-18:00")
    closed = frozenset({date(2019, 5, 1)})
    steps = table_steps(berlin("2019-04-30 00:00"), table, 3 * DAY, closed)
    assert hours(steps) == [(0, 0), (9, 1), (18, 0), (57, 1), (66, 0)]


def test_a_shift_over_midnight() -> None:
    """22:00 to 06:00 is one stretch: no step at midnight."""
    steps = table_steps(berlin("2019-04-15 12:00"), parse_time_table({"22:00-06:00": 1}), DAY)
    assert [step for step in hours(steps) if step[0] < 24] == [(0, 0), (10, 1), (18, 0)]


@pytest.mark.parametrize(
    ("at_h", "wall"),
    [(1.5, "2019-10-27 01:30"), (2.5, "2019-10-27 02:30"), (3.5, "2019-10-27 02:30"),
     (4.5, "2019-10-27 03:30"), (25, "2019-10-28 00:00")],
)  # fmt: skip
def test_local_time_of_an_instant(at_h: float, wall: str) -> None:
    """On 27 October 2:30 comes 2.5 h and again 3.5 h after midnight."""
    clock = berlin("2019-10-27 00:00")
    assert datetime.fromisoformat(wall) == clock.local(round(at_h * HOUR))


def test_the_first_of_two_equal_wall_times_is_meant() -> None:
    """2:30 on 27 October is 2.5 h after midnight; midnight is 25 h after midnight."""
    clock = berlin("2019-10-27 00:00")
    assert clock.instant(date(2019, 10, 27), 150) == 2.5 * HOUR
    assert clock.instant(date(2019, 10, 27), 1440) == 25 * HOUR


def test_local_grid_through_the_clock_change() -> None:
    """The interval 2 h after midnight of 31 March is 3:00 on Sunday; 23 h after, Monday 0:00."""
    grid = local_grid(berlin("2019-03-31 00:00"), GRID_US, 25 * HOUR)
    per_hour = HOUR // GRID_US
    sunday = 6 * 1440
    assert [sunday + 115, sunday + 180] == grid.minute_of_week[2 * per_hour - 1 :][:2].tolist()
    assert [sunday + 1435, 0] == grid.minute_of_week[23 * per_hour - 1 :][:2].tolist()
    assert grid.day[23 * per_hour - 1 :][:2].tolist() == [0, 1]


def compiled() -> Compiled:
    """Two groups and a trunk by time, run on 31 March in Berlin."""
    text = """
name: calendars
clock: {start: "2019-03-31 00:00", duration: 4 h, drain_limit: 30 h, timezone: Europe/Berlin}
numbers: {"100": {enter: q, trunk: t}}
trunks: {t: {channels: {"00:00-12:00": 5, "12:00-24:00": 7}}}
flow: {q: {queue: q}}
queues: {q: {}}
agents:
  g: {serves: {q: {handle_time: 1 s}}, heads: {"09:00-18:00": 4}, shrinkage: 25%}
  h: {serves: {q: {handle_time: 1 s}}, heads: 2}
callers: {c: {dials: {"100": 100%}, volume: 1/day}}
"""
    return compile_scenario(load_text(text).scenario, Path())


def test_heads_and_channels_through_the_drain() -> None:
    """4 × 75 % = 3 agents from 8 to 17 h, and on the next day from 32 h; 7 channels from 11 h."""
    program = compiled().program
    calendars = program.flow.calendars

    def value(calendar: int, at_h: float) -> int:
        return int(calendar_value(calendars, calendar, int(at_h * HOUR)))

    group, other = (int(c) for c in program.groups.calendar)
    assert [value(group, at) for at in (7.99, 8, 16.99, 17, 31.99, 32)] == [0, 3, 3, 0, 0, 3]
    assert [value(other, at) for at in (0, 33)] == [2, 2]
    trunk = int(program.trunks.calendar[0])
    assert [value(trunk, at) for at in (0, 10.99, 11, 22.99, 23)] == [5, 5, 7, 7, 5]
    assert program.groups.first_agent.tolist() == [0, 3, 5]
