"""Several groups and queues: agents dropped and swapped while the rules hold.

Belongs here: cheaper staffings next to one that keeps the rules. Does not belong here: finding that
one (`cuts`), the proof that nobody can be spared (`proof`).
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from vpbx.study.staffing.judge import verdicts
from vpbx.study.staffing.lab import Ints
from vpbx.study.staffing.proof import Change, apart, changed_days
from vpbx.study.staffing.search import Problem


class _Move(NamedTuple):
    """An agent of one group out, and one of a cheaper group in (-1: none)."""

    out: int
    into: int


def polished(problem: Problem, staff: Ints) -> Ints:
    """The staff after dropping and swapping agents slot by slot while the rules hold.

    A swap takes an agent of one group out and puts one of a cheaper group in; two for one when that
    is cheaper still is left to the cuts. Slots that lie apart are tried in one simulation (`proof`).
    """
    slots = staff.shape[1]
    settled: set[int] = set()
    while len(settled) < slots:
        for first in range(min(apart(problem), slots)):
            places = [s for s in range(first, slots, apart(problem)) if s not in settled]
            found = _tried(problem, staff, places)
            changed = np.flatnonzero((found != staff).any(axis=0)).tolist()
            settled |= set(places)
            if changed:
                settled = set(places) - set(changed)
            staff = found
        problem.tell(f"polishing: cost {problem.total(staff):.6g}")
    return staff


def _tried(problem: Problem, staff: Ints, places: list[int]) -> Ints:
    """The staff with the first move of each place that keeps the rules."""
    left = {slot: deque(_moves(problem, staff, slot)) for slot in places}
    taken: list[Change] = []
    while any(left.values()):
        changes = [_change(staff, slot, moves.popleft()) for slot, moves in left.items() if moves]
        days = changed_days(problem, staff, changes)
        for change, own in zip(changes, days, strict=True):
            if verdicts(problem.rules, own).all_accepted():
                taken.append(change)
                left[change.first].clear()
    return _together(problem, staff, taken)


def _together(problem: Problem, staff: Ints, taken: list[Change]) -> Ints:
    """The staff with all changes; one after the other where all at once break a rule.

    A single one is looked at again, too: days that came back to the same course may leave it later.
    """
    every = staff + sum((change.delta for change in taken), np.zeros_like(staff))
    if not taken or problem.accepts(every):
        return every
    for change in taken:
        if problem.accepts(staff + change.delta):
            staff = staff + change.delta
    return staff


def _moves(problem: Problem, staff: Ints, slot: int) -> list[_Move]:
    """Moves that save something in a slot, what saves most first."""
    cost = problem.cost[:, slot]
    found = []
    for out in np.flatnonzero(staff[:, slot] > problem.floor[:, slot]).tolist():
        found.append((float(cost[out]), _Move(out, -1)))
        for into in range(len(staff)):
            saved = float(cost[out] - cost[into])
            if into != out and saved > 1e-12:
                found.append((saved, _Move(out, into)))
    return [move for _, move in sorted(found, key=lambda one: (-one[0], one[1]))]


def _change(staff: Ints, slot: int, move: _Move) -> Change:
    delta = np.zeros_like(staff)
    delta[move.out, slot] -= 1
    if move.into >= 0:
        delta[move.into, slot] += 1
    return Change((move.out, slot), delta, slot, slot)
