"""Targets over the whole run or the day: agents go where they do most for their money.

Belongs here: the search for constraints that are sums over all intervals (and for the share of days
that meet a target). Does not belong here: targets by interval (`repair`, `cuts`).
"""

import numpy as np

from vpbx.errors import UsageError
from vpbx.study.staffing.judge import Verdicts
from vpbx.study.staffing.lab import Floats, Ints
from vpbx.study.staffing.search import Problem, effects, given_up

_MOST_ROUNDS = 60
_LEARN_ON = 60
"""Days on which effects are learnt; every staffing is judged on all."""


def climb(problem: Problem, start: Ints) -> Ints:
    """Staff that keeps all rules on the days of the search; raises `UsageError` when none is found.

    Each round adds agents in the order of effect for cost, as many as the effects say are missing
    (one at least), then evaluates. Sums of concave effects: Koole and van der Sluis (2003) show
    local search finds the optimum for one queue.
    """
    staff = np.maximum(start, problem.floor)
    for _ in range(_MOST_ROUNDS):
        found = problem.verdicts(staff)
        if found.all_accepted():
            return staff
        worst = float(np.min(np.where(found.accepted, 0.0, found.lower - found.bound)))
        gain = _gain(problem, staff, +1, found.aim[~found.accepted])
        if gain.max() <= 0:
            raise UsageError(given_up(problem, found))
        staff = _added(problem, staff, gain, worst)
        problem.tell(f"adding agents: {worst:+.3f} still missing")
    raise UsageError(given_up(problem, found, f"{_MOST_ROUNDS} rounds of adding agents went by"))


def wanted_more(problem: Problem, staff: Ints, found: Verdicts) -> list[tuple[int, int]]:
    """(group, slot) where agents more do most for their cost, as many as seem to be missing."""
    worst = float(np.min(np.where(found.accepted, 0.0, found.lower - found.bound)))
    gain = _gain(problem, staff, +1, found.aim[~found.accepted])
    rows, slots = np.nonzero(_added(problem, staff, gain, worst) > staff)
    return list(zip(rows.tolist(), slots.tolist(), strict=True))


def descend(problem: Problem, staff: Ints) -> Ints:
    """The staff with agents taken out where they do least for their cost, while the rules hold."""
    step = max(1, round(staff.sum() * 0.04))
    while step:
        loss = -_gain(problem, staff, -1, np.arange(len(problem.rules.aims)))
        order = _cheapest(problem, staff, loss)
        fewer = staff.copy()
        for row, slot in order[:step]:
            fewer[row, slot] -= 1
        if order and problem.accepts(fewer):
            staff = fewer
        else:
            step //= 2
        problem.tell(f"taking agents out, {step} at once")
    return staff


def _gain(problem: Problem, staff: Ints, by: int, aims: Ints) -> Floats:
    """(groups, slots) effect on the aims, each in shares of its calls, summed over the window."""
    n = min(_LEARN_ON, problem.n)
    effect = effects(problem, staff, by, n).sum(axis=3)
    return np.asarray(effect[:, :, np.unique(aims)].sum(axis=2))


def _added(problem: Problem, staff: Ints, gain: Floats, missing: float) -> Ints:
    """The staff with agents added in the order of gain for cost."""
    order = np.argsort(-(gain / problem.cost).ravel(), kind="stable")
    many = max(1, round(staff.sum() * min(0.1, abs(missing) / 2)))
    more = staff.copy()
    for place in order[:many].tolist():
        row, slot = divmod(place, staff.shape[1])
        if gain[row, slot] > 0:
            more[row, slot] += 1
    return more


def _cheapest(problem: Problem, staff: Ints, loss: Floats) -> list[tuple[int, int]]:
    rows, slots = np.nonzero(staff > problem.floor)
    value = loss[rows, slots] / problem.cost[rows, slots]
    order = np.lexsort((slots, rows, value))
    return [(int(rows[i]), int(slots[i])) for i in order]
