"""The master problem and the polish at the size of a day, against answers found interval by interval."""

import os

import numpy as np
import pytest
from staffing_models import two_types

from vpbx.study.staffing.cuts import _GAP, Master
from vpbx.study.staffing.lab import Ints
from vpbx.study.staffing.polish import polished
from vpbx.study.staffing.pose import Wish, posed
from vpbx.study.staffing.programme import solved
from vpbx.units import HOUR_US

COST = np.array([10.0, 10.0, 13.0])
"""Of who serves the first queue, the second, both."""
SLOTS = 96
ABLE = np.array([[True, False], [False, True], [True, True]])


def day() -> Master:
    """A day of quarter hours, three groups, two queues whose load rises and falls; 288 whole numbers."""
    hours = np.arange(SLOTS) / 4
    load = np.stack([9 + 6 * np.sin(hours / 4), 5 + 4 * np.cos(hours / 3)], axis=1)
    return Master(np.repeat(COST[:, None], SLOTS, axis=1), np.zeros((3, SLOTS)), ABLE, load)


def enough(agents: Ints, load: tuple[float, float]) -> bool:
    """Whether agents (first, second, both) carry 90 % of a slot's load: what the two groups leave over
    must fit into the third."""
    one, two, both = agents
    over = max(0.0, 0.9 * load[0] - one) + max(0.0, 0.9 * load[1] - two)
    return bool(over <= both + 1e-9)


def cheapest(load: tuple[float, float], least: int) -> float:
    """The least cost of a slot, with `least` agents who can serve the first queue, by trying all."""
    grid = np.array(np.meshgrid(*[np.arange(20)] * 3)).reshape(3, -1).T
    fits = [y for y in grid if enough(y, load) and y[0] + y[2] >= least]
    return float(min(y @ COST for y in fits))


@pytest.mark.parametrize("cuts", [False, True])
def test_a_day_of_quarter_hours_costs_what_its_intervals_cost_alone(cuts: bool) -> None:
    """Nothing ties the slots together, so that the least cost is the sum of those tried out slot by
    slot; the solver stops within half a percent, and never below it.

    The cuts ask for up to two agents more of those who serve the first queue.
    """
    master = day()
    more = np.arange(SLOTS) % 3 if cuts else np.zeros(SLOTS, np.int64)
    least = np.ceil(0.9 * master.load[:, 0]).astype(np.int64) + more
    for slot in np.flatnonzero(more).tolist():
        row = np.zeros((3, SLOTS))
        row[[0, 2], slot] = 1.0
        master.rows.append(row)
        master.least.append(float(least[slot]))
    staff = master.solve()
    wanted = np.where(more > 0, least, 0)
    for slot in range(SLOTS):
        assert enough(staff[:, slot], tuple(master.load[slot]))
        assert staff[0, slot] + staff[2, slot] >= wanted[slot]
    best = sum(cheapest(tuple(master.load[s]), int(wanted[s])) for s in range(SLOTS))
    assert best - 1e-6 <= float((staff * master.cost).sum()) <= best * (1 + _GAP) + 1e-6


def test_cuts_over_two_slots_cost_no_more_than_a_staffing_known_to_keep_them() -> None:
    """Every cut asks for agents now or an hour earlier; one more of those who do both, all day, keeps all."""
    master = day()
    known = np.zeros((3, SLOTS), np.int64)
    known[:2] = np.ceil(0.9 * master.load.T)
    known[2] = 1
    for slot in range(4, SLOTS):
        row = np.zeros((3, SLOTS))
        row[:, slot] = 1.0
        row[:, slot - 4] = 0.4
        master.rows.append(row)
        master.least.append(float((row * known).sum()) - 0.2)
    found = master.solve()
    for row, least in zip(master.rows, master.least, strict=True):
        assert float((row * found).sum()) >= least - 1e-6
    cost = float((found * master.cost).sum())
    assert cost <= float((known * master.cost).sum()) * (1 + _GAP)
    assert cost >= sum(cheapest(tuple(load), 0) for load in master.load) - 1e-6


def test_no_move_is_left_when_the_polish_ends() -> None:
    """Two queues and three groups over a day of hours, from staff with people to spare: every agent out,
    every swap for a cheaper one, tried alone, breaks a rule."""
    wish = Wish(("first: 75% in 20 s", "second: 75% in 20 s"), per_us=HOUR_US, days=10)
    problem, _ = posed(two_types(), wish, lambda text: None)
    start = np.repeat(np.array([[4], [4], [3]]), problem.lab.slots.n, axis=1)
    assert problem.accepts(start)
    found = polished(problem, start)
    assert problem.accepts(found)
    assert problem.total(found) < problem.total(start)
    for slot in range(problem.lab.slots.n):
        for out, into in ((0, None), (1, None), (2, None), (2, 0), (2, 1)):
            changed = found.copy()
            changed[out, slot] -= 1
            if into is not None:
                changed[into, slot] += 1
            assert changed[out, slot] < 0 or not problem.accepts(changed)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Not even what compiled code writes past Python; and output works again afterwards."""
    whole = np.ones(2, np.int64)
    bounds = np.zeros(2), np.full(2, 9.0)
    row = np.array([[3.0, 2.0]]), np.array([7.0]), np.array([np.inf])
    found = solved(np.array([2.0, 1.5]), whole, bounds, [row], 1e-6)
    assert found.fun == pytest.approx(5.0)  # 1 and 2: 3 + 4 = 7 for 2 + 3; 3 and 0 costs 6
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"
