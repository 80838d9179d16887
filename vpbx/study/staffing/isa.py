"""Iterative staffing (ISA): agents from the simulated number of callers in the system, for P(wait).

Belongs here: the iteration of Feldman, Mandelbaum, Massey and Whitt (2008, Management Science 54,
section 3). Does not belong here: the first guess by formulas (`start`), repair and proof.

Begin with so many agents that nobody waits; simulate; staff each interval with the least s for which
P(L >= s) < alpha, L being the number in the system (waiting or served), for whoever finds s or more there
waits; simulate again under the same draws, until nothing changes by more than one agent. Where callers
are patient, too few agents make a crowd, which asks for too many, and so on: a change that turns round is
halved.
"""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from vpbx.codes import Outcome
from vpbx.errors import UsageError
from vpbx.program.program import GRID_US
from vpbx.study.staffing.lab import Floats, Ints
from vpbx.study.staffing.search import Problem
from vpbx.study.work import CountedRuns

if TYPE_CHECKING:
    from vpbx.engine.records import Records, Visits

_MOST_ROUNDS = 20
_AN_INTERVAL = 2
"""Instants looked at in a base interval."""


_ASKED = '{"interval_us": null, "quantities": [], "whole": [], "number": "in system"}'


@dataclass(frozen=True, kw_only=True)
class InSystem(CountedRuns):
    """How many are in the system of each of some groups, at instants evenly apart; a row is (groups x
    instants)."""

    queues: tuple[tuple[int, ...], ...]
    """Queues of each group."""
    at_us: tuple[int, ...]
    asked: str = _ASKED

    def row(self, records: "Records") -> Floats:
        """(numbers,) of a replication."""
        own = [in_system(records.visits, queues, self.at_us) for queues in self.queues]
        return np.concatenate(own).astype(np.float64)


def in_system(visits: "Visits", queues: tuple[int, ...], at_us: tuple[int, ...]) -> Ints:
    """How many callers of the queues wait, talk or keep an agent in wrap-up at each instant."""
    here = np.isin(visits.queue, queues) & (visits.outcome != Outcome.BLOCKED)
    answered = visits.outcome == Outcome.ANSWERED
    free_at = np.maximum(np.maximum(visits.wrap_up_until, visits.talk_until), visits.left_at)
    gone = np.sort(np.where(answered, free_at, visits.left_at)[here])
    came = np.sort(visits.joined_at[here])
    return np.asarray(
        np.searchsorted(came, at_us, side="right") - np.searchsorted(gone, at_us, side="right")
    )


def iterated(problem: Problem, ample: int) -> Ints:
    """(groups, slots) staff for the problem's P(wait) targets; raises `UsageError` for other targets,
    and for groups that share a queue."""
    alpha, queues = _bounds(problem)
    staff = np.full((len(alpha), problem.lab.slots.n), ample, np.int64)
    last = np.zeros_like(staff)
    for turn in range(_MOST_ROUNDS):
        wanted = _least(problem, _counted(problem, staff, queues), alpha)
        change = wanted - staff
        if turn > 1:  # the first answer to ample staff and what it calls for are not an oscillation
            turned = change * last < 0
            change = np.where(turned, np.trunc(change / 2).astype(np.int64), change)
        staff, last = staff + change, change
        problem.tell(f"iterative staffing, round {turn + 1}: {int(np.abs(change).max())} at most")
        if np.abs(change).max() <= 1:
            break
    return np.maximum(staff, problem.floor)


def _bounds(problem: Problem) -> tuple[list[float], tuple[tuple[int, ...], ...]]:
    """The strictest alpha of each group, and its queues."""
    rules, lab = problem.rules, problem.lab
    able = lab.base.compiled.program.groups.penalty >= 0
    if any(aim.measure != "p_wait" for aim in rules.aims) or not rules.aims:
        raise UsageError('--method isa is for targets of P(wait), such as "p_wait<=20%"')
    if (able.sum(axis=0) > 1)[list(rules.member)].any():
        raise UsageError("--method isa is for queues that one group serves alone")
    alpha, queues = [], []
    for group in lab.groups:
        own = [
            aim.bound
            for aim, queue in zip(rules.aims, rules.member, strict=True)
            if able[group, queue]
        ]
        alpha.append(min(own))
        queues.append(tuple(np.flatnonzero(able[group]).tolist()))
    return alpha, tuple(queues)


def _counted(problem: Problem, staff: Ints, queues: tuple[tuple[int, ...], ...]) -> Ints:
    """(days, groups, instants) numbers in the system."""
    lab = problem.lab
    ready = lab.staffed(staff)
    step = GRID_US // _AN_INTERVAL
    at = range(step // 2, lab.slots.n_base * GRID_US, step)
    job = InSystem(
        compiled=ready.compiled, seed=lab.seed, digest=ready.digest, queues=queues, at_us=tuple(at)
    )
    found = lab.numbers(job, range(problem.n)).astype(np.int64)
    return found.reshape(problem.n, len(queues), len(at))


def _least(problem: Problem, counted: Ints, alpha: list[float]) -> Ints:
    """(groups, slots) the least s with P(L >= s) < alpha, over the instants and days of a slot."""
    slots = problem.lab.slots
    of = np.repeat(slots.of_base[: slots.n_base], _AN_INTERVAL)
    out = np.zeros((counted.shape[1], slots.n), np.int64)
    for slot in range(slots.n):
        for row, bound in enumerate(alpha):
            ordered = np.sort(counted[:, row, of == slot].ravel())
            # P(L >= s) < alpha where fewer than alpha n of the n values are s or more
            few = ceil(bound * len(ordered)) - 1
            out[row, slot] = ordered[len(ordered) - 1 - few] + 1
    return out
