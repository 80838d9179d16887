"""Repair: one agent more in the first interval that misses, until none does; then none too many.

Belongs here: the search for groups that each have queues of their own. Does not belong here: several
groups that share queues (`cuts`), targets over the whole run (`climb`).
"""

import numpy as np

from vpbx.errors import UsageError
from vpbx.study.staffing.judge import Verdicts
from vpbx.study.staffing.lab import Floats, Ints
from vpbx.study.staffing.search import Problem, given_up

_MOST_ROUNDS = 200
_SPACE = 3
"""Slots between two repairs of a group in one round: what an agent does is felt later."""


def repair(problem: Problem, start: Ints) -> Ints:
    """Staff that keeps all rules by slot on the days of the search; raises `UsageError` if none.

    In every round each group gets an agent more in the first interval that misses, and in others
    far enough behind. Why the first: what waits there weighs on the next (studies of time-varying
    staffing; the classical repair of the modified offered load).
    """
    staff = np.maximum(start, problem.floor)
    tried: Floats = np.zeros(staff.shape)
    before: dict[tuple[int, int], float] = {}
    for _ in range(_MOST_ROUNDS):
        found = problem.verdicts(staff)
        wanted = missing(problem, found)
        if not wanted:
            return staff  # what is over the whole run is left to `climb`
        problem.tell(f"repairing {len(wanted)} intervals")
        for (row, slot), value in spaced(wanted):
            tried[row, slot] += 1
            stuck = tried[row, slot] > 3 and value <= before.get((row, slot), -np.inf) + 1e-3
            before[row, slot] = value
            staff[row, slot] += _step(int(staff[row, slot]), tried[row, slot])
            if stuck and slot + 1 < problem.lab.slots.n:
                staff[row, slot + 1] += 1  # what came in this slot waits for the next one's staff
    raise UsageError(given_up(problem, found))


def _step(agents: int, tries: float) -> int:
    """One agent; more where a large group has been added to in vain."""
    return max(1, round(agents * 0.05)) if tries > 2 else 1


def missing(problem: Problem, found: Verdicts) -> dict[tuple[int, int], float]:
    """(group, slot) that misses → the worst of its values."""
    out: dict[tuple[int, int], float] = {}
    for index in np.flatnonzero(~found.accepted & (found.slot >= 0)).tolist():
        aim, slot = int(found.aim[index]), int(found.slot[index])
        for row in np.flatnonzero(problem.serves[:, aim]).tolist():
            value = float(found.value[index])
            out[row, slot] = min(value, out.get((row, slot), np.inf))
    return out


def spaced(
    wanted: dict[tuple[int, int], float],
) -> list[tuple[tuple[int, int], float]]:
    """The first missing slot of each group, and those that lie far enough behind another."""
    last: dict[int, int] = {}
    chosen = []
    for (row, slot), value in sorted(wanted.items()):
        if slot - last.get(row, -_SPACE) >= _SPACE:
            last[row] = slot
            chosen.append(((row, slot), value))
    return chosen


def thinned(problem: Problem, staff: Ints) -> Ints:
    """The staff with agents taken out wherever all rules are still kept without them.

    Agents far apart are taken out together first; where that breaks a rule, each agent near the
    breach stays. What is left is tried one by one by the proof.
    """
    lab = problem.lab
    for row in range(len(lab.groups)):
        for first in range(min(2 * _SPACE, lab.slots.n)):
            places = np.arange(first, lab.slots.n, 2 * _SPACE)
            places = places[staff[row, places] > problem.floor[row, places]]
            staff = _without(problem, staff, row, places)
    return staff


def _without(problem: Problem, staff: Ints, row: int, places: Ints) -> Ints:
    """The staff with an agent fewer in those of the places where that breaks nothing."""
    for _ in range(4):
        if not len(places):
            break
        fewer = staff.copy()
        fewer[row, places] -= 1
        found = problem.verdicts(fewer)
        broken = found.slot[~found.accepted]
        if not len(broken):
            return fewer
        near = np.array([np.any((broken >= p - 1) & (broken <= p + 2 * _SPACE)) for p in places])
        if np.any(broken < 0) or not near.any():
            break
        places = places[~near]
    return staff
