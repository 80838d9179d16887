"""Parts of the day and priorities that are known too late."""

import numpy as np
import pytest

from vpbx.codes import Outcome
from vpbx.fit.classes import classes_of, identifier
from vpbx.fit.opening import fit_opening
from vpbx.fit.parts import day_parts
from vpbx.interop.calls import Row, day_of, log_of
from vpbx.units import HOUR_US, SECOND_US

MONDAY_US = 4 * 24 * HOUR_US  # 1970-01-05


def test_a_slow_afternoon_is_found(random: np.random.Generator) -> None:
    """Calls last half as long again from 14:00 on: cut there, factors right within four errors."""
    hour = random.integers(8, 18, 6000)
    lasted = random.exponential(np.where(hour >= 14, 150.0, 100.0))
    usual = np.full(6000, lasted.mean())
    parts = day_parts(hour, lasted, usual, np.zeros(6000, np.int64), 1)
    assert 14 in parts.starts
    ratio = parts.factor[0, parts.part_of(np.array([16]))[0]] / parts.factor[0, 0]
    assert ratio == pytest.approx(1.5, abs=4 * 1.5 * np.sqrt(1 / 2400 + 1 / 3600))


def test_a_day_without_difference_is_left_whole(random: np.random.Generator) -> None:
    """Chance cuts no day."""
    hour, lasted = random.integers(8, 18, 6000), random.exponential(100.0, 6000)
    parts = day_parts(hour, lasted, np.full(6000, 100.0), np.zeros(6000, np.int64), 1)
    assert parts.starts == (0,)
    assert parts.of_queue(0) == (1.0,)


def _call(n: int, priority: int, waited_s: int, kind: str = "a") -> Row:
    at = MONDAY_US + n * 60 * SECOND_US
    left = at + waited_s * SECOND_US
    return Row(n, at, Outcome.ANSWERED, joined_at=at, left_at=left, answered_at=left,
               ended_at=left + SECOND_US, priority=priority, kind=kind, agent="x")  # fmt: skip


def test_priorities_known_of_waiting_callers_only_are_shared_out() -> None:
    """All answered at once have 0, those who waited 1 or 2 in equal parts: so have the others."""
    rows = [_call(n, 0, 0) for n in range(400)]
    rows += [_call(n, 1 + n % 2, 30) for n in range(400, 600)]
    classes = classes_of(log_of("made up", "", len(rows), rows, ()))
    assert classes.names == ("a_1", "a_2")
    at_once = np.bincount(classes.of_call[:400])
    assert at_once.tolist() == pytest.approx([200, 200], abs=2)
    assert "not looked up" in classes.merged[0]


def test_priorities_of_all_callers_stay() -> None:
    """Where priorities are known of those answered at once, too, each keeps its own."""
    rows = [_call(n, n % 2, 30 * (n % 3 == 0)) for n in range(600)]
    classes = classes_of(log_of("made up", "", len(rows), rows, ()))
    assert np.bincount(classes.of_call).tolist() == [300, 300]
    assert not classes.merged


def test_names_fit_the_language() -> None:
    """Any text becomes an identifier."""
    names = [identifier(text) for text in ("sales", "8-800 line", "", "Продажи и сервис", "a.b")]
    assert names == ["sales", "calls_8-800_line", "calls", "Продажи_и_сервис", "a_b"]


def test_opening_hours_from_answers() -> None:
    """Answers from 9:00 to 17:59, callers turned away at night: open 9:00 to 18:00."""
    rows = []
    for minute in range(9 * 60, 18 * 60, 5):
        at = MONDAY_US + minute * 60 * SECOND_US
        rows.append(Row(0, at, Outcome.ANSWERED, joined_at=at, left_at=at, ended_at=at + 1))
    night = [Row(0, MONDAY_US + n * SECOND_US, Outcome.ABANDONED_IVR, ivr_us=5) for n in range(20)]
    log = log_of("made up", "", 0, [*rows, *night], ())
    opening = fit_opening(log.calls, [day_of(MONDAY_US)])
    assert opening is not None
    assert opening.texts() == ["mon 09:00-18:00"]
    assert (opening.outside, opening.joined_outside) == (20, 0)
