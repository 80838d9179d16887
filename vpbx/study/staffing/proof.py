"""The proof: one agent fewer, in any interval of any group, is not shown to meet the targets.

Belongs here: trying each agent, taking out those that are not needed, the table of what breaks.
Does not belong here: finding the staffing.

An agent taken out changes the day for a while; then, the callers being the same, it goes on as if
nothing had been. So agents hours apart are taken out in one simulation, and for each of them the day
is put together from its own hours and the undisturbed rest. Where a day has not come back to the
same course (every count and every second of waiting equal for two slots), it is simulated with that
agent alone.
"""

from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.study.staffing.judge import verdicts
from vpbx.study.staffing.lab import Days, Floats, Ints
from vpbx.study.staffing.search import Problem

_APART_MIN = 360
"""Minutes between agents taken out together."""
_LEAST_LEAD, _LEAD_MIN = 2, 45
_MOST_PASSES = 8


class Change(NamedTuple):
    """Staff taken out."""

    key: tuple[int, int]
    delta: Ints
    """(groups, slots) added to the staff."""
    first: int
    """First and last slot that it touches."""
    last: int


class Fewer(NamedTuple):
    """What happens with one agent fewer in a slot."""

    key: tuple[int, int]
    """(group, slot) of the agent; (column, 0) of a person on a shift."""
    aim: int
    """The rule that breaks first (the one farthest from its bound)."""
    at: int
    """The slot in which it breaks; -1: over the whole run; -2: the share of days."""
    value: float
    """Its estimate, signed as in `judge.Verdicts`."""
    lower: float
    certain: bool
    """Whether even the upper end of the interval misses the bound."""


def prove(problem: Problem, staff: Ints) -> tuple[Ints, list[Fewer]]:
    """The staff without any agent that can be spared, and the proof for each that cannot.

    Where one can be spared, it goes, and those within reach of it are tried anew.
    """
    found: dict[tuple[int, int], Fewer] = {}
    for last in range(_MOST_PASSES):
        spared = False
        for row in _dearest_first(problem):
            for changes in together(problem, _open(problem, staff, row, found)):
                gone = tried(problem, staff, changes, found)
                if gone is not None:
                    staff, spared = staff + gone.delta, True
                    _reopen(found, gone, apart(problem))
        problem.tell(f"one agent fewer: {len(found)} tried, pass {last + 1}")
        if not spared:
            break
    return staff, [found[place] for place in sorted(found)]


def _reopen(found: dict[tuple[int, int], Fewer], gone: Change, reach: int) -> None:
    """What was tried near an agent that went is to be tried anew."""
    for key in [key for key in found if abs(key[1] - gone.first) < reach]:
        del found[key]


def _dearest_first(problem: Problem) -> list[int]:
    cost = problem.cost.sum(axis=1)
    return [int(row) for row in np.argsort(-cost, kind="stable")]


def _open(
    problem: Problem, staff: Ints, row: int, found: dict[tuple[int, int], Fewer]
) -> list[Change]:
    """Agents of a group that are still to be tried."""
    out = []
    for slot in np.flatnonzero(staff[row] > problem.floor[row]).tolist():
        if (row, slot) not in found:
            delta = np.zeros_like(staff)
            delta[row, slot] = -1
            out.append(Change((row, slot), delta, slot, slot))
    return out


def apart(problem: Problem) -> int:
    """Slots between changes that are simulated together."""
    return max(2 * lead(problem) + 2, ceil(_APART_MIN / problem.lab.slots.per_min))


def lead(problem: Problem) -> int:
    """Slots before a change that feel it: their callers still wait when it comes."""
    return max(_LEAST_LEAD, ceil(_LEAD_MIN / problem.lab.slots.per_min))


def together(problem: Problem, changes: list[Change]) -> list[list[Change]]:
    """Changes in sets of which no two are near each other, each in the order of time."""
    sets: list[list[Change]] = []
    for change in sorted(changes, key=lambda change: (change.first, change.key)):
        room = next((s for s in sets if change.first - s[-1].last >= apart(problem)), None)
        if room is None:
            sets.append([change])
        else:
            room.append(change)
    return sets


def tried(
    problem: Problem, staff: Ints, changes: list[Change], found: dict[tuple[int, int], Fewer]
) -> Change | None:
    """Tries changes that lie apart; the first that breaks nothing; None when each breaks something.

    What breaks goes into `found`.
    """
    for change, days in zip(changes, changed_days(problem, staff, changes), strict=True):
        broken = _broken(problem, days, change.key)
        if broken is not None:
            found[change.key] = broken
            continue
        return change
    return None


def changed_days(problem: Problem, staff: Ints, changes: list[Change]) -> list[Days]:
    """For each of some changes that lie apart, in order, the days of the search with it alone."""
    base = problem.days(staff)
    days = problem.days(staff + sum(change.delta for change in changes))
    if len(changes) == 1:
        return [days]
    before = lead(problem)
    edges = [0, *(change.first - before for change in changes[1:]), problem.lab.slots.n + 1]
    same = _same_course(base, days)
    out = []
    for k, change in enumerate(changes):
        window = (edges[k], edges[k + 1])
        alone = _back(same, window[0]) & _back(same, window[1])
        out.append(_spliced(problem, base, days, window, alone, staff + change.delta))
    return out


def _same_course(base: Days, other: Days) -> NDArray[np.bool_]:
    """(replications, slots + 1) whether every count of the queues is the same."""
    pairs = ((base.queues[name], other.queues[name]) for name in base.queues)
    return np.asarray(np.all([np.all(a == b, axis=2) for a, b in pairs], axis=0))


def _back(same: NDArray[np.bool_], edge: int) -> NDArray[np.bool_]:
    """(replications,) whether a day is on the same course in the two slots before an edge."""
    if edge in (0, same.shape[1]):
        return np.ones(len(same), np.bool_)
    return np.asarray(same[:, max(0, edge - 2) : edge].all(axis=1))


def _spliced(
    problem: Problem,
    base: Days,
    changed: Days,
    window: tuple[int, int],
    known: NDArray[np.bool_],
    alone: Ints,
) -> Days:
    """The undisturbed days with the window's slots of the others; simulated where that will not do."""
    rest = np.flatnonzero(~known).tolist()
    own = problem.lab.run_days(alone, rest) if rest else None

    def put(name: str, kind: str) -> Floats:
        out: Floats = getattr(base, kind)[name].copy()
        part = slice(*window)
        out[:, part] = getattr(changed, kind)[name][:, part]
        if own is not None:
            out[rest] = getattr(own, kind)[name]
        return out

    return Days(
        {name: put(name, "queues") for name in base.queues},
        {name: put(name, "groups") for name in base.groups},
    )


def _broken(problem: Problem, days: Days, key: tuple[int, int]) -> Fewer | None:
    """The rule that is broken most; None: none is."""
    found = verdicts(problem.rules, days)
    if found.all_accepted():
        return None
    worst = int(np.argmin(np.where(found.accepted, np.inf, found.upper - found.bound)))
    return Fewer(
        key,
        int(found.aim[worst]),
        int(found.slot[worst]),
        float(found.value[worst]),
        float(found.lower[worst]),
        bool(found.missed[worst]),
    )
