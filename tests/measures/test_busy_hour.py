"""Busy hours, worked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from plain_tally import occupied_us
from test_tally import frame

from vpbx.measures.busy_hour import Busy, busy, busy_hour, daily_peaks
from vpbx.measures.frame import Frame

MIN = 60_000_000


def days_frame(days: int, first_minute: int = 0) -> Frame:
    """Whole days of 5-minute intervals from Monday, `first_minute` local time."""
    base = np.arange(days * 288)
    minute = base * 5 + first_minute
    return replace(
        frame(), duration_us=days * 1440 * MIN, minute_of_week=minute % 10080, day=minute // 1440
    )


def test_time_of_spans_in_intervals() -> None:
    """Spans [2, 12), [5, 7), [20, 40) over edges 0, 5, 10, 15, 30; the last overruns."""
    found = occupied_us(np.array([2, 5, 20]), np.array([12, 7, 40]), np.array([0, 5, 10, 15, 30]))
    assert found.tolist() == [3, 5 + 2, 2, 10]


def test_spans_of_a_year_do_not_overflow() -> None:
    """A million calls near the end of a century in microseconds: sums wrap, differences hold."""
    start = np.full(1_000_000, 3_000_000_000_000_000)
    edges = np.array([0, 3_000_000_000_000_000, 3_000_000_000_000_300])
    assert occupied_us(start, start + 200, edges).tolist() == [0, 200_000_000]


def test_tcbh_and_adph() -> None:
    """Day 1 holds 4 E from 09:00 to 10:00, day 2 6 E from 16:15 to 17:15, both 3 E 12:00–13:00.

    Means over days: 2, 3 and 3 E: of equals the earlier, 12:00 (TCBH 3 E). Own peaks: 4 E at 09:00
    and 6 E at 16:15: ADPH 5 E at 12:37.5, shown as 12:38.
    """
    held = np.zeros((2, 288, 1), np.int64)
    held[:, 144:156] = 3 * 5 * MIN
    held[0, 108:120] = 4 * 5 * MIN
    held[1, 195:207] = 6 * 5 * MIN
    found = busy_hour([busy(days_frame(2), held.reshape(-1, 1))], 0)
    assert found is not None
    assert (found.tcbh_min, found.tcbh_erlang) == (720, 3.0)
    assert (found.adph_min, found.adph_erlang) == (758, 5.0)


def test_an_hour_may_start_on_any_quarter() -> None:
    """Traffic from 09:45 to 10:45 makes that the busy hour."""
    held = np.zeros((288, 1), np.int64)
    held[117:129] = 5 * MIN
    found = busy_hour([busy(days_frame(1), held)], 0)
    assert found is not None
    assert (found.tcbh_min, found.tcbh_erlang) == (585, 1.0)


def test_a_run_that_starts_at_noon() -> None:
    """Local time counts: 24 h from noon, busiest right after midnight."""
    held = np.zeros((288, 1), np.int64)
    held[144:156] = 5 * MIN
    found = busy_hour([busy(days_frame(1, 720), held)], 0)
    assert found is not None
    assert found.tcbh_min == 0


def test_warm_up_is_not_traffic() -> None:
    """An hour in the warm-up cannot be the busiest."""
    held = np.full((288, 1), 5 * MIN, np.int64)
    held[:24] *= 9
    fr = replace(days_frame(1), warm_up_us=120 * MIN)
    found = busy_hour([busy(fr, held)], 0)
    assert found is not None
    assert (found.tcbh_min, found.tcbh_erlang) == (120, 1.0)


def test_less_than_an_hour_has_no_busy_hour() -> None:
    """Half an hour of run: None."""
    fr = replace(
        frame(), duration_us=30 * MIN, minute_of_week=np.arange(6) * 5, day=np.zeros(6, np.int64)
    )
    assert busy_hour([busy(fr, np.ones((6, 1), np.int64))], 0) is None


def test_replications_are_averaged() -> None:
    """Two replications of 2 and 4 E in the same hour: 3 E."""
    one = np.full((93, 1), 1.0)
    one[40] = 2.0
    two = np.full((93, 1), 1.0)
    two[40] = 4.0
    found = busy_hour([Busy(h, np.array([600.0]), h[40]) for h in (one, two)], 0)
    assert found is not None
    assert (found.tcbh_min, found.tcbh_erlang) == (600, pytest.approx(3.0))


def test_daily_peaks() -> None:
    """Days that reach 30 and 50, and two hours of a third that reach 90: mean 40 of whole days."""
    peak = np.zeros((600, 1), np.int64)
    peak[100], peak[300], peak[590] = 30, 50, 90
    fr = replace(days_frame(3), duration_us=3000 * MIN)
    assert daily_peaks(fr, peak).tolist() == [40.0]
