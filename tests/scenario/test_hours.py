"""Time tables as text: values minute by minute, and the refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpbx.scenario.hours import (
    DAYS,
    TimeTable,
    WeekEntry,
    clock_min,
    parse_opening_hours,
    parse_time_table,
)

ALWAYS = frozenset(range(7))


def test_a_number_is_for_ever() -> None:
    """A whole number holds at every minute of the week."""
    assert parse_time_table(6) == TimeTable((WeekEntry(ALWAYS, 0, 1440, 6),))


def test_a_mapping_by_hand() -> None:
    """Stretches hold on their days, from the first minute up to but not including the last."""
    table = parse_time_table({"mon-fri 09:00-18:00": 12, "sat,sun 10:00-16:00": 4})
    assert [table.at(day, 12 * 60) for day in range(7)] == [12, 12, 12, 12, 12, 4, 4]
    assert tuple(table.at(0, minute) for minute in (539, 540, 1079, 1080)) == (0, 12, 12, 0)


def test_over_midnight_goes_on_the_next_day() -> None:
    """`fri 22:00-06:00` holds late on Friday and early on Saturday."""
    table = parse_time_table({"fri 22:00-06:00": 3})
    assert (
        table.at(4, 1320),
        table.at(4, 1439),
        table.at(5, 359),
        table.at(5, 360),
    ) == (3, 3, 3, 0)
    assert (table.at(4, 0), table.at(5, 1320)) == (0, 0)


def test_days_wrap_over_sunday() -> None:
    """`fri-mon` is Friday, Saturday, Sunday, Monday; Sunday night goes on on Monday."""
    table = parse_time_table({"fri-mon 08:00-09:00": 1, "sun 23:00-01:00": 2})
    assert [table.at(day, 480) for day in range(7)] == [1, 0, 0, 0, 1, 1, 1]
    assert (table.at(6, 1380), table.at(0, 0)) == (2, 2)


def test_midnight_may_be_written_either_way() -> None:
    """A stretch up to 00:00 ends with the day, as up to 24:00."""
    assert parse_time_table({"22:00-00:00": 3}) == parse_time_table({"22:00-24:00": 3})


def test_days_without_times_are_whole_days() -> None:
    """`sat` is the whole of Saturday; names may be in full."""
    assert parse_time_table({"Saturday": 4}) == parse_time_table({"sat 00:00-24:00": 4})


@given(st.sampled_from([1, 2, 3, 24, 48, 96, 288, 1440]), st.data())
def test_a_list_is_a_day(n: int, data: st.DataObject) -> None:
    """Each of n values holds for 1440 / n minutes of every day."""
    values = data.draw(st.lists(st.integers(0, 50), min_size=n, max_size=n))
    table = parse_time_table(values)
    minute, day = data.draw(st.integers(0, 1439)), data.draw(st.integers(0, 6))
    assert values[minute * n // 1440] == table.at(day, minute)


@given(
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1439),
    st.integers(1, 9),
)
def test_round_trip(first: int, last: int, start: int, length: int, value: int) -> None:
    """A stretch written out holds exactly on the minutes that it covers."""
    end = (start + length) % 1440
    times = "-".join(f"{at // 60:02d}:{at % 60:02d}" for at in (start, end))
    text = f"{DAYS[first]}-{DAYS[last]} {times}"
    table = parse_time_table({text: value})
    covered = set()
    for step in range((last - first) % 7 + 1):
        begin = ((first + step) % 7) * 1440 + start
        covered |= {(begin + minute) % 10080 for minute in range(length)}
    assert covered == {at for at in range(10080) if table.at(*divmod(at, 1440)) == value}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"09:00-18:00": 5, "mon 17:00-20:00": 3}, '"09:00-18:00" and "mon 17:00-20:00" overlap'),
        ({"fri 22:00-06:00": 5, "sat 05:00-07:00": 3}, "overlap"),
        ({"mon-fri 09:00-18:00": -1}, "out of range"),
        ({"mon-fri 09:00-18:00": 1.5}, "expected a whole number"),
        ({"mon-fri 09:00-18:00": True}, "expected a whole number"),
        ({"mon-fri 09:00-18:00": 100_000}, "out of range"),
        ({"mon-fry 09:00-18:00": 1}, '"fry" is not a day; did you mean "fri"?'),
        ({"mon-wed-fri 09:00-18:00": 1}, "not a range of days"),
        ({"09:00-25:00": 1}, "not a time of day"),
        ({"09:60-10:00": 1}, "not a time of day"),
        ({"09:00-09:00": 1}, "has no length"),
        ({"nine to five": 1}, "is not a day"),
        ({"": 1}, "got nothing"),
        ({}, "is empty"),
        ([1, 2, 3, 4, 5, 6, 7], "7 values do not divide a day"),
        ([], "0 values"),
        ([1, -2], '"value 2": -2 is out of range'),
        ("6", "expected a whole number"),
        (-1, "out of range"),
        (2.0, "expected a whole number"),
        (None, "expected a whole number"),
    ],
)
def test_refusals(value: object, words: str) -> None:
    """Each wrong table is refused with the stretch that is wrong."""
    with pytest.raises(ValueError, match=r".") as error:
        parse_time_table(value)
    assert words in str(error.value)


def test_opening_hours_by_hand() -> None:
    """A text or a list of texts; commas part stretches, and days within a stretch."""
    hours = parse_opening_hours("mon-fri 09:00-18:00, sat,sun 10:00-15:00")
    assert hours == parse_opening_hours(["mon-fri 09:00-18:00", "sat,sun 10:00-15:00"])
    assert [hours.at(day, 9 * 60) for day in range(7)] == [1, 1, 1, 1, 1, 0, 0]
    assert [hours.at(day, 10 * 60) for day in range(7)] == [1, 1, 1, 1, 1, 1, 1]
    assert hours == parse_opening_hours(hours)


def test_always() -> None:
    """`always` is every minute of the week."""
    assert parse_opening_hours("always") == TimeTable((WeekEntry(ALWAYS, 0, 1440, 1),))


def test_a_lunch_break_needs_its_days_again() -> None:
    """After stretches with days, one without would be read as daily: it is refused."""
    with pytest.raises(ValueError, match='"14:00-18:00" is meant, such as mon-fri 14:00-18:00'):
        parse_opening_hours("mon-fri 09:00-13:00, 14:00-18:00")
    lunch = parse_opening_hours("09:00-13:00, 14:00-18:00")
    assert (lunch.at(0, 779), lunch.at(0, 780), lunch.at(0, 840)) == (1, 0, 1)


@pytest.mark.parametrize(
    "value", ["", [], 9, {"mon": 1}, "monn 10:00-12:00", "10:00-12:00, 11:00-13:00"]
)
def test_not_opening_hours(value: object) -> None:
    """What is not hours is refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_opening_hours(value)


def test_clock_minutes() -> None:
    """A time of day in minutes after midnight; 24:00 ends the day."""
    assert (clock_min("00:00"), clock_min("16:30"), clock_min("24:00")) == (0, 990, 1440)
    with pytest.raises(ValueError, match="not a time of day"):
        clock_min("24:01")
