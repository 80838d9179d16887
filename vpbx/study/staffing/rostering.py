"""Shifts that meet the targets: the integer programme, cut by simulation.

Belongs here: requirements raised where a simulated roster misses, until none does; people who can be
spared; the result. Does not belong here: the programme itself (`roster`).

Why not the two-step way (staff each interval, then cover it): what shifts bring too much of before a
peak helps in the peak, so that a requirement met on its own is more than is needed (Avramidis and
others 2010). So the requirement starts low, and only what a simulated roster misses raises it.
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vpbx.errors import UsageError
from vpbx.study.staffing.climb import wanted_more
from vpbx.study.staffing.enough import lengthened, paced, precise
from vpbx.study.staffing.lab import Ints
from vpbx.study.staffing.plan import StaffPlan, first_guess, paid, report, shares_queues
from vpbx.study.staffing.pose import Wish, listed_groups, posed
from vpbx.study.staffing.proof import Change, Fewer, together, tried
from vpbx.study.staffing.repair import missing, spaced
from vpbx.study.staffing.roster import GAP, Column, Roster, cheapest, columns_of, present
from vpbx.study.staffing.search import Problem, Tell, slot_name

if TYPE_CHECKING:
    from vpbx.scenario.shifts import Shifts
    from vpbx.study.ledger import Ledger
    from vpbx.study.staffing.demand import Demand
    from vpbx.study.variant import Prepared

_ROUGH_GAP = 1e-2
_MOST_ROUNDS = 60
_MOST_PASSES = 5


@dataclass(frozen=True)
class ShiftPlan:
    """The shifts, and the staffing that they make."""

    plan: StaffPlan
    roster: Roster
    need: Ints
    """(groups, slots) people required at the end of the cuts."""
    fewer: tuple[Fewer, ...]
    """One person fewer on each shift in use; the key's first is the column."""
    rounds: int


def staff_shifts(
    base: "Prepared",
    wish: Wish,
    file: Path,
    tell: Tell = lambda text: None,
    executor: Executor | None = None,
    ledger: "Ledger | None" = None,
) -> ShiftPlan:
    """The cheapest shifts of the file that meet the targets of `wish`.

    Raises `UsageError` (the interval named that no shift covers), `ScenarioError` for a wrong file.
    """
    from vpbx.scenario.shifts import load_shifts

    if wish.method != "mol":
        raise UsageError("--method isa plans agents by interval: leave out --shifts")
    problem, demand = posed(base, wish, tell, executor, ledger)
    names = [base.compiled.names.groups[g] for g in problem.lab.groups]
    shifts = load_shifts(file, set(names), problem.lab.slots.per_min * 60_000_000)
    return rostered(problem, demand, wish, shifts)


def rostered(problem: Problem, demand: "Demand", wish: Wish, shifts: "Shifts") -> ShiftPlan:
    """The same for a problem already posed."""
    lab = problem.lab
    groups = listed_groups(lab)
    weekday = lab.base.loaded.scenario.clock.start.weekday()
    columns = columns_of(shifts, lab.slots, groups, weekday)
    guess = first_guess(problem, demand)
    looks = paced(problem, guess, wish)
    start, rounds, more = _people(problem, np.maximum(0, guess - 1 - guess // 30)), 0, True
    while more:
        roster, need, rounds = _cut(problem, columns, shifts, start, rounds)
        roster, fewer = _thinned(problem, roster)
        staff = _on_phone(problem, roster)
        more = lengthened(problem, staff, wish)
        looks += more
    stopped = precise(problem, staff, wish, looks)
    fresh = lab.run(staff, problem.n, problem.n)
    plan = report(problem, demand, wish, guess, staff, [], fresh, stopped)
    return ShiftPlan(plan, roster, need, tuple(fewer), rounds)


def _cut(
    problem: Problem, columns: tuple[Column, ...], shifts: "Shifts", need: Ints, rounds: int
) -> tuple[Roster, Ints, int]:
    """The cheapest roster that keeps the rules, the requirement that led to it, the rounds so far."""
    roster, most = None, rounds + _MOST_ROUNDS
    for gap in (_ROUGH_GAP, GAP):
        while rounds < most:
            rounds += 1
            roster = cheapest(columns, need, shifts, gap)
            _require_covered(problem, roster)
            more = _more(problem, _on_phone(problem, roster))
            problem.tell(f"shifts, round {rounds}: cost {roster.cost:.6g}, {len(more)} to raise")
            if not len(more):
                break
            need = _raised(problem, roster, need, more)
    if roster is None or len(more):
        raise UsageError("no set of shifts was found that meets the targets")
    return roster, need, rounds


def _people(problem: Problem, agents: Ints) -> Ints:
    """Paid people present for so many agents on the phone."""
    groups = listed_groups(problem.lab).values()
    return np.stack([paid(group, row) for group, row in zip(groups, agents, strict=True)])


def _on_phone(problem: Problem, roster: Roster) -> Ints:
    """(groups, slots) agents on the phone: people present, less shrinkage."""
    groups = listed_groups(problem.lab)
    people = present(roster, len(groups), problem.lab.slots.n)
    rows = [
        [group.on_the_phone(int(n)) for n in row]
        for group, row in zip(groups.values(), people, strict=True)
    ]
    return np.array(rows, np.int64)


def _require_covered(problem: Problem, roster: Roster) -> None:
    rows, slots = np.nonzero(roster.short)
    if not len(rows):
        return
    names = list(listed_groups(problem.lab))
    row, slot = int(rows[0]), int(slots[0])
    others = f" and {len(rows) - 1} more intervals" if len(rows) > 1 else ""
    raise UsageError(
        f"the shifts cannot cover {slot_name(problem.lab, slot)}{others}: the group {names[row]} is "
        f"{ceil(roster.short[row, slot])} short there; add a shift that is present then, or raise at_most"
    )


def _more(problem: Problem, staff: Ints) -> list[tuple[int, int]]:
    """(group, slot) where an agent more is asked for; none when the rules are kept."""
    found = problem.verdicts(staff)
    if found.all_accepted():
        return []
    if shares_queues(problem) or (~found.accepted & (found.slot < 0)).any():
        return wanted_more(problem, staff, found)
    return [place for place, _ in spaced(missing(problem, found))]


def _raised(problem: Problem, roster: Roster, need: Ints, more: list[tuple[int, int]]) -> Ints:
    """The requirement, one above what the roster has wherever more is asked for."""
    people = present(roster, *need.shape)
    raised = need.copy()
    for row, slot in more:
        raised[row, slot] = max(raised[row, slot], people[row, slot] + 1)
    return raised


def _thinned(problem: Problem, roster: Roster) -> tuple[Roster, list[Fewer]]:
    """The roster without people who can be spared, and what breaks without any other.

    One person fewer on each shift in use is tried, on the days of the search, shifts that lie apart
    together (`proof`).
    """
    found: dict[tuple[int, int], Fewer] = {}
    for last in range(_MOST_PASSES):
        spared = False
        staff = _on_phone(problem, roster)
        for changes in together(problem, _open(problem, roster, staff, found)):
            gone = tried(problem, staff, changes, found)
            if gone is not None:
                roster, spared = _without(roster, gone.key[0]), True
                staff = _on_phone(problem, roster)
                _reopen(roster, found, gone)
        problem.tell(f"one person fewer: {len(found)} shifts tried, pass {last + 1}")
        if not spared:
            break
    return roster, [found[key] for key in sorted(found)]


def _open(
    problem: Problem, roster: Roster, staff: Ints, found: dict[tuple[int, int], Fewer]
) -> list[Change]:
    """A person fewer on each shift in use that is still to be tried."""
    out = []
    for c in np.flatnonzero(roster.people).tolist():
        if (c, 0) not in found:
            delta = _on_phone(problem, _without(roster, c)) - staff
            touched = np.flatnonzero(delta.any(axis=0))
            if len(touched):
                out.append(Change((c, 0), delta, int(touched[0]), int(touched[-1])))
    return out


def _reopen(roster: Roster, found: dict[tuple[int, int], Fewer], gone: Change) -> None:
    """Shifts that share slots with one that went are to be tried anew."""
    slots = set(roster.columns[gone.key[0]].covers)
    for key in [key for key in found if slots & set(roster.columns[key[0]].covers)]:
        del found[key]


def _without(roster: Roster, c: int) -> Roster:
    people = roster.people.copy()
    people[c] -= 1
    pausing = list(roster.pausing)
    own = [taken.copy() for taken in pausing[c]]
    for taken in own:
        taken[int(np.argmax(taken))] -= 1
    pausing[c] = tuple(own)
    return Roster(roster.columns, people, tuple(pausing), roster.short)
