"""Months by the calendar: their ends, leap years, daylight saving; the run inside a history."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from made_licences import course, licence

from vpbx.licence.clock import ContractClock, months_later
from vpbx.licence.timeline import State, history
from vpbx.units import DAY_US, HOUR_US


@pytest.mark.parametrize(
    ("begun", "months", "end"),
    [
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-01-31", 2, "2024-03-31"),
        ("2023-08-31", 1, "2023-09-30"),
        ("2023-12-15", 1, "2024-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("1900-01-29", 1, "1900-02-28"),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last(begun: str, months: int, end: str) -> None:
    """1900 was no leap year; the day of the beginning comes back after a short month."""
    assert datetime.fromisoformat(end) == months_later(datetime.fromisoformat(begun), months)


def test_fees_of_a_plan_chosen_on_the_thirty_first() -> None:
    """31 January of a leap year at 18:00: 29 February, 31 March, 30 April, 31 May."""
    orders = [{"at": "2024-01-31 18:00", "choose": "start"}]
    money = {"balance": "9000 RUB"}
    made = course(orders, 150, since=date(2024, 1, 1), account=money)
    charged = [f"{e.moment.wall:%m-%d %H:%M}" for e in made.entries if e.subject]
    assert charged == ["01-31 18:00", "02-29 18:00", "03-31 18:00", "04-30 18:00"]


def test_a_month_over_daylight_saving_ends_at_the_same_local_time() -> None:
    """Berlin puts its clocks forward on 26 March 2023: that month is an hour short."""
    orders = [{"at": "2023-03-10 12:00", "choose": "start"}]
    made = course(orders, 70, zone="Europe/Berlin", account={"balance": "9000 RUB"})
    at = [e.moment for e in made.entries if e.subject]
    assert [f"{moment.wall:%m-%d %H:%M}" for moment in at] == ["03-10 12:00", "04-10 12:00"]
    assert at[1].at_us - at[0].at_us == 31 * DAY_US - HOUR_US


def test_times_that_daylight_saving_skips_or_repeats() -> None:
    """2:30 on 26 March 2023 is the jump to 3:00; 2:30 on 29 October is the first of the two."""
    clock = ContractClock(datetime(2023, 3, 26), ZoneInfo("Europe/Berlin"))
    assert clock.at(datetime(2023, 3, 26, 2, 30)) == (2 * HOUR_US, datetime(2023, 3, 26, 3, 0))
    clock = ContractClock(datetime(2023, 10, 29), ZoneInfo("Europe/Berlin"))
    assert clock.at(datetime(2023, 10, 29, 2, 30)).at_us == 2.5 * HOUR_US
    assert clock.at(datetime(2023, 10, 29, 4, 0)).at_us == 5 * HOUR_US


def test_a_maintenance_window_lasts_as_long_as_it_says() -> None:
    """Three hours from 1:00 on the short night end at 5:00 by the clock."""
    windows = [{"at": "2023-03-26 01:00", "lasts": "3 h"}]
    orders = [{"at": "day 0", "choose": "start"}]
    money = {"balance": "9000 RUB"}
    made = course(orders, 30, zone="Europe/Berlin", account=money, maintenance=windows)
    assert [f"{p.at:%d %H:%M}" for p in made.periods[1:]] == ["26 01:00", "26 05:00"]


def test_the_run_starts_inside_the_history() -> None:
    """Chosen 20 days before the run, with money for one month: suspended on day 11 of the run."""
    clock = ContractClock(datetime(2023, 3, 21), ZoneInfo("Europe/Moscow"))
    made = history(
        licence([{"at": "day 0", "choose": "start"}], account={"balance": "700 RUB"}),
        clock,
        date(2023, 3, 1),
        40 * DAY_US,
    )
    assert [(p.at_us // DAY_US, p.state) for p in made.periods] == [
        (-20, State.ACTIVE),
        (11, State.SUSPENDED),
    ]
    assert made.at(0).state is State.ACTIVE
    assert made.at(11 * DAY_US).state is State.SUSPENDED


def test_payments_every_month_keep_it_going() -> None:
    """500 on the last day of each month: 31 January, 28 February, 31 March …"""
    payments = [{"at": "2023-01-31", "amount": "500 RUB", "every": "month"}]
    orders = [{"at": "2023-01-31", "choose": "start"}]
    made = course(orders, 365, since=date(2023, 1, 1), account={"payments": payments})
    assert [f"{e.moment.wall:%m-%d}" for e in made.entries if e.amount > 0][:4] == [
        "01-31",
        "02-28",
        "03-31",
        "04-30",
    ]
    assert {p.state for p in made.periods[1:]} == {State.ACTIVE}
    assert (made.paid_in(), made.charged()) == (600_000, 600_000)
