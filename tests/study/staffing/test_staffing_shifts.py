"""Shifts: the integer programme against brute force, breaks, limits, and the study around it."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from staffing_models import one_queue

from vpbx.errors import UsageError
from vpbx.scenario.shifts import shifts_of
from vpbx.study.staffing.data import shift_data
from vpbx.study.staffing.lab import Slots
from vpbx.study.staffing.pose import Wish
from vpbx.study.staffing.roster import Column, cheapest, columns_of, present
from vpbx.study.staffing.rostering import staff_shifts

HOUR_US = 3600 * 1_000_000
CREW = one_queue().loaded.scenario.agents


def _column(name: str, covers: tuple[int, ...], cost: float) -> Column:
    return Column(name, 0, -1, 0, 60, covers, cost, 1.0, ())


def _brute(columns: list[Column], need: np.ndarray, most: int) -> float:  # type: ignore[type-arg]
    """Least cost over every number of people on every column."""
    best = np.inf
    for people in product(range(most + 1), repeat=len(columns)):
        cover = np.zeros(need.shape[1], int)
        for column, n in zip(columns, people, strict=True):
            cover[list(column.covers)] += n
        if (cover >= need[0]).all():
            best = min(best, sum(c.cost * n for c, n in zip(columns, people, strict=True)))
    return float(best)


@pytest.mark.parametrize("seed", range(6))
def test_the_programme_finds_the_cost_that_brute_force_finds(seed: int) -> None:
    """Five random shifts over six slots, needs up to three."""
    rng = np.random.default_rng(seed)
    spans = [
        (int(a), int(a + w))
        for a, w in zip(rng.integers(0, 4, 5), rng.integers(2, 5, 5), strict=True)
    ]
    columns = [
        _column(f"s{i}", tuple(range(a, min(6, b))), float(rng.integers(2, 9)))
        for i, (a, b) in enumerate([*spans[:4], (0, 6)])
    ]
    need = rng.integers(0, 4, (1, 6))
    found = cheapest(tuple(columns), need, gap=0.0)
    assert found.short.sum() == 0
    assert found.cost == pytest.approx(_brute(columns, need, 4), abs=1e-6)
    assert (present(found, 1, 6) >= need).all()


def test_equal_shifts_are_chosen_alike_every_time() -> None:
    """Of two that cost the same, the first."""
    columns = (_column("a", (0, 1), 5.0), _column("b", (0, 1), 5.0))
    for _ in range(3):
        assert cheapest(columns, np.array([[2, 1]])).people.tolist() == [2, 0]


def _day_slots(per_min: int = 60) -> Slots:
    n = 1440 // per_min
    of_base = np.repeat(np.arange(n), per_min // 5)
    return Slots(per_min, of_base, 288, np.arange(n) * per_min, np.full(n, per_min / 60), False)


def test_breaks_are_spread_so_that_the_need_stays_covered() -> None:
    """Two people from 8 to 12, one needed throughout: their breaks fall apart. By hand: 2 people."""
    shifts = shifts_of(
        'shifts: {day: {length: 4 h, starts: ["08:00"], every: 1 h, '
        "breaks: [{length: 1 h, from: 1 h, to: 2 h}]}}",
        {"crew"},
        HOUR_US,
    )
    slots = _day_slots()
    columns = columns_of(shifts, slots, {"crew": CREW["crew"]}, 0)
    need = np.zeros((1, 24), np.int64)
    need[0, 8:12] = 1
    roster = cheapest(columns, need)
    assert roster.people.tolist() == [2]
    assert [taken.tolist() for taken in roster.pausing[0]] == [[1, 1]]
    assert present(roster, 1, 24)[0, 8:12].tolist() == [2, 1, 1, 2]
    assert roster.hours == 6.0


def test_a_night_shift_of_a_run_of_one_day_covers_its_own_morning() -> None:
    """From 22 to 6, with a premium of half from midnight: 2 + 6 x 1.5 hours of pay."""
    shifts = shifts_of(
        'shifts: {night: {length: 8 h, starts: "22:00", wage: 100 RUB/h}}\n'
        'premiums: {"00:00-06:00": 150%}',
        {"crew"},
        HOUR_US,
    )
    (column,) = columns_of(shifts, _day_slots(), {"crew": CREW["crew"]}, 0)
    assert set(column.covers) == {22, 23, 0, 1, 2, 3, 4, 5}
    assert column.cost == pytest.approx(100 * (2 + 6 * 1.5))


def test_starts_are_on_their_grid_and_days() -> None:
    """A run of a week has the weekdays, a run of one day only its own."""
    text = 'shifts: {day: {length: 8 h, starts: "mon-wed 07:00-09:00", every: 1 h}}'
    shifts = shifts_of(text, {"crew"}, HOUR_US)
    day = columns_of(shifts, _day_slots(), {"crew": CREW["crew"]}, 1)
    assert [column.start_min for column in day] == [420, 480, 540]
    assert columns_of(shifts, _day_slots(), {"crew": CREW["crew"]}, 5) == ()
    week = Slots(60, np.repeat(np.arange(168), 12), 2016, np.arange(168) * 60, np.ones(168), True)
    assert len(columns_of(shifts, week, {"crew": CREW["crew"]}, 0)) == 9


_SHIFTS = """
shifts:
  early: {length: 8 h, starts: "06:00-08:00", every: 1 h, breaks: [{length: 1 h, from: 3 h, to: 4 h}]}
  late:  {length: 8 h, starts: "13:00-16:00", every: 1 h}
  night: {length: 8 h, starts: "22:00-23:00", every: 1 h}
  part:  {length: 4 h, starts: "08:00-18:00", every: 1 h}
"""


def test_shifts_meet_the_target_and_nobody_can_be_spared(tmp_path: Path) -> None:
    """The staff on the phone is what the roster puts there; one person fewer fails everywhere."""
    file = tmp_path / "shifts.yaml"
    file.write_text(_SHIFTS, encoding="utf-8")
    base = one_queue(volume="900/day", profile=str([1, 1, 1, 1, 1, 1, 2, 4, 6, 6, 5, 5] * 2))
    wish = Wish(("80% in 20 s",), per_us=HOUR_US, days=20)
    found = staff_shifts(base, wish, file)
    assert (found.plan.staff == present(found.roster, 1, 24)).all()
    assert len(found.fewer) == int((found.roster.people > 0).sum())
    assert (np.nan_to_num(found.plan.aims[0].lower, nan=1.0) >= 0.8 - 1e-9).all()
    data = shift_data(found, "x", 1)
    assert sum(row["people"] for row in data["shifts"]["rows"]) == data["shifts"]["people"]


def test_an_interval_that_no_shift_covers_is_named(tmp_path: Path) -> None:
    """Nobody works between midnight and six."""
    file = tmp_path / "shifts.yaml"
    file.write_text(
        'shifts: {day: {length: 9 h, starts: "06:00-15:00", every: 1 h}}', encoding="utf-8"
    )
    wish = Wish(("80% in 20 s",), per_us=HOUR_US, days=10)
    with pytest.raises(
        UsageError, match=r"cannot cover 00:00 and 5 more intervals: the group crew"
    ):
        staff_shifts(one_queue(), wish, file)


def test_too_few_people_allowed_is_said_where_they_lack(tmp_path: Path) -> None:
    """at_most keeps the day short."""
    file = tmp_path / "shifts.yaml"
    file.write_text('shifts: {all: {length: 24 h, starts: "00:00", at_most: 3}}', encoding="utf-8")
    wish = Wish(("80% in 20 s",), per_us=HOUR_US, days=10)
    with pytest.raises(UsageError, match="raise at_most"):
        staff_shifts(one_queue(), wish, file)
