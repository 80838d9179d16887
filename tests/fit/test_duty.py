"""Duty, groups and heads from talks written by hand."""

from datetime import date

import numpy as np
import pytest

from vpbx.codes import Outcome
from vpbx.fit.duty import infer_duty
from vpbx.fit.groups import Talked, agent_groups
from vpbx.fit.heads import presence, rounded, table_text
from vpbx.interop.calls import CallLog, Row, day_us, log_of
from vpbx.units import MINUTE_US

DAY = date(2024, 3, 4)


def _minute(minute: float) -> int:
    return day_us(DAY) + round(minute * MINUTE_US)


def _talk(agent: str, start: float, end: float, waited: float = 0.0) -> Row:
    at = _minute(start - waited)
    return Row(0, at, Outcome.ANSWERED, joined_at=at, left_at=_minute(start),
               answered_at=_minute(start), ended_at=_minute(end), agent=agent)  # fmt: skip


def _given_up(start: float, end: float) -> Row:
    at = _minute(start)
    return Row(0, at, Outcome.ABANDONED, joined_at=at, left_at=_minute(end), ended_at=_minute(end))


def _minutes(rows: list[Row]) -> list[tuple[float, float]]:
    log: CallLog = log_of("made up", "", len(rows), rows, ())
    queue = np.zeros(len(rows), np.int64)
    duty = infer_duty(log, queue, 1)
    midnight = day_us(DAY)
    return [
        ((start - midnight) / MINUTE_US, (end - midnight) / MINUTE_US)
        for start, end in zip(
            duty.stretches.start.tolist(), duty.stretches.end.tolist(), strict=True
        )
    ]


def test_a_pause_without_callers_is_duty() -> None:
    """Two talks ten minutes apart with nobody waiting: one stretch, and a usual pause after."""
    assert _minutes([_talk("a", 600, 605), _talk("a", 615, 625)]) == [(600, 635)]


def test_a_pause_with_callers_waiting_is_a_break() -> None:
    """Somebody waits from 606 to 611: the agent was away from 605 to 611."""
    rows = [_talk("a", 600, 605), _given_up(606, 611), _talk("a", 615, 625)]
    assert _minutes(rows) == [(600, 605), (611, 625)]


def test_a_short_pause_with_callers_waiting_is_after_call_work() -> None:
    """One minute until the waiting caller is answered: no break, but after-call work of 60 s."""
    rows = [_talk("a", 600, 605), _talk("a", 606, 625, waited=3)]
    log = log_of("made up", "", 2, rows, ())
    duty = infer_duty(log, np.zeros(2, np.int64), 1)
    assert duty.breaks == 0
    assert duty.wrap_up_s.tolist() == [60.0]


def test_who_stops_shortly_before_closing_stays() -> None:
    """The last answer of the day, at 618, closes the desk at 630: the other agent stayed, too."""
    rows = [_talk("a", 600, 605), _talk("b", 600, 602), _talk("b", 618, 640)]
    assert _minutes(rows) == [(600, 630), (600, 656)]


def test_a_long_pause_is_absence() -> None:
    """Two hours without a talk and without callers: away, but for a usual pause at either side."""
    rows = [_talk("a", 600, 610), _talk("a", 620, 630), _talk("a", 750, 760)]
    assert _minutes(rows) == [(600, 640), (740, 770)]


def test_presence_and_heads() -> None:
    """Half a minute counts a half; whole heads round the sum, not each group."""
    rows = [_talk("a", 600, 614.5), _talk("b", 600, 616)]
    log = log_of("made up", "", 2, rows, ())
    duty = infer_duty(log, np.zeros(2, np.int64), 1)
    assert presence(duty, [DAY])[0, 0, 599:616].tolist() == [0.0, *[2.0] * 14, 1.5, 1.0]
    means = np.full((3, 1, 1440), 0.4)  # three groups of 0.4 are one head
    assert rounded(means, 30).sum(axis=0).tolist() == [[1] * 1440]


def test_table_of_heads() -> None:
    """Equal days stand together, zeros are left out."""
    row = np.zeros(1440, np.int64)
    row[540:600] = 3
    assert table_text(np.stack((row, row, 0 * row)), (0, 1, 2), "") == '"mon,tue 09:00-10:00": 3'


def test_groups_by_queue_and_speed(random: np.random.Generator) -> None:
    """Four agents: one serves the second queue alone; of the others one takes twice as long."""
    agent = np.repeat(np.arange(4), 300)
    queue = np.where(agent == 3, 1, 0)
    lasted = random.exponential(np.where(agent == 2, 200.0, 100.0))
    groups = agent_groups(Talked(agent, queue, lasted), 4, 2)
    same = groups.group_of
    assert same[0] == same[1]
    assert len({same[0], same[2], same[3]}) == 3
    assert groups.serves[same[3]] == (1,)
    assert groups.pace[same[2]] == pytest.approx(200 / (400 / 3), rel=0.2)


def test_agents_alike_are_one_group(random: np.random.Generator) -> None:
    """Chance differences make no groups."""
    agent = np.repeat(np.arange(6), 200)
    groups = agent_groups(Talked(agent, 0 * agent, random.exponential(100.0, 1200)), 6, 1)
    assert set(groups.group_of.tolist()) == {0}


def test_heads_fall_before_the_last_talk_ends_where_somebody_waits() -> None:
    """A talk of 605 to 613 while a caller waits on: heads fall at 609; without waiting, at the end."""
    rows = [_talk("a", 600, 605), _talk("a", 605, 613, waited=1), _given_up(612, 618)]
    log = log_of("made up", "", 3, rows, ())
    duty = infer_duty(log, np.zeros(3, np.int64), 1)
    assert (duty.stretches.end - day_us(DAY)).tolist() == [613 * MINUTE_US]
    assert (duty.stretches.falls - day_us(DAY)).tolist() == [609 * MINUTE_US]
    log = log_of("made up", "", 2, rows[:2], ())
    duty = infer_duty(log, np.zeros(2, np.int64), 1)
    assert duty.stretches.falls.tolist() == duty.stretches.end.tolist()


def test_somebody_answered_calls_that_name_nobody() -> None:
    """A minute's presence in the largest group for each."""
    rows = [_talk("a", 600, 605), _talk("", 602, 604)]
    log = log_of("made up", "", 2, rows, ())
    duty = infer_duty(log, np.zeros(2, np.int64), 1)
    assert duty.unnamed == 1
    assert presence(duty, [DAY])[0, 0, 599:606].tolist() == [0, 1, 1, 2, 1, 1, 0]


def test_nobody_named_is_as_many_as_talk() -> None:
    """Two talks that overlap by a minute: heads of 1, 2 and 1."""
    rows = [_talk("", 600, 603), _talk("", 602, 605)]
    duty = infer_duty(log_of("made up", "", 2, rows, ()), np.zeros(2, np.int64), 1)
    assert presence(duty, [DAY])[0, 0, 599:606].tolist() == [0, 1, 1, 2, 1, 1, 0]
    assert duty.groups.serves == ((0,),)
