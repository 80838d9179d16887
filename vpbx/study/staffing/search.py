"""The staffing problem, and the ways in which all searches look at it.

Belongs here: the problem, evaluating a staffing, what one agent more or fewer does slot by slot.
Does not belong here: a way of searching (`repair`, `climb`, `cuts`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vpbx.scenario.hours import DAYS
from vpbx.study.staffing.judge import ONE_SIDED, Rules, Verdicts, daily, verdicts
from vpbx.study.staffing.lab import Days, Floats, Ints, Lab

STRIDE = 6
"""Slots between agents that are added together to learn what each alone does."""

Tell = Callable[[str], None]
"""Told what is being done."""


@dataclass
class Problem:
    """What is to be solved: staff (varied groups, slots) of least cost that keeps the rules."""

    lab: Lab
    rules: Rules
    cost: Floats
    """(varied groups, slots) what an agent of the group costs in the slot."""
    serves: NDArray[np.bool_]
    """(varied groups, aims) whether a group has to do with an aim."""
    floor: Ints
    """(varied groups, slots) never fewer."""
    n: int
    """Days to search on: replications 0 … n - 1."""
    tell: Tell

    def days(self, staff: Ints, n: int | None = None) -> Days:
        """The days of the search with this staff."""
        return self.lab.run(staff, 0, n or self.n)

    def verdicts(self, staff: Ints, n: int | None = None, level: float = ONE_SIDED) -> Verdicts:
        """How the rules are kept on them."""
        return verdicts(self.rules, self.days(staff, n), level)

    def accepts(self, staff: Ints) -> bool:
        """Whether every rule is shown to be kept."""
        return self.verdicts(staff).all_accepted()

    def total(self, staff: Ints) -> float:
        """Cost of a staffing."""
        return float((staff * self.cost).sum())


_WHOLE = {-1: "over the whole run", -2: "on so many days"}


def given_up(problem: Problem, found: Verdicts, why: str = "more agents do not help") -> str:
    """What is said when a search ends without a staffing: the constraint that misses most, the best
    reached, and whether it is the figure that misses or only its interval."""
    worst = int(np.nanargmin(np.where(found.accepted, np.inf, found.lower - found.bound)))
    aim, slot = problem.rules.aims[int(found.aim[worst])], int(found.slot[worst])
    value, lower, bound = (float(x[worst]) for x in (found.value, found.lower, found.bound))
    where = _WHOLE.get(slot) or f"at {slot_name(problem.lab, slot)}"
    if value >= bound:
        why += f"; it cannot be shown to be met ({abs(lower):.4g} on the safe side): give more runs (-n)"
    return (
        f"no staffing was found that meets {aim.text} {where}: the best "
        f"reached is {abs(value):.4g}, and {why}"
    )


def excess(problem: Problem, days: Days) -> Floats:
    """(aims, slots + 1) mean over days of G - bound D, the sign such that more is better.

    The sum over slots says whether an aim is met over the whole run; in shares, it counts calls.
    """
    rows = []
    for aim, member in zip(problem.rules.aims, problem.rules.member, strict=True):
        g, d = daily(aim, member, problem.rules.thresholds_us, days)
        sign = 1.0 if aim.at_least else -1.0
        rows.append(sign * (g - aim.bound * d).mean(axis=0))
    return np.array(rows)


def effects(problem: Problem, staff: Ints, by: int, n: int) -> Floats:
    """(varied groups, slots, aims, window): what `by` agents more in a slot do to the excess.

    The window is the slot before, the slot itself and those after. Agents are changed in every
    `STRIDE`th slot at once, and each effect is read where it falls: what an agent does dies away
    within hours. Only searches rest on this; proofs change one agent alone.
    """
    lab, slots = problem.lab, problem.lab.slots.n
    base = excess(problem, problem.days(staff, n))
    out = np.zeros((len(lab.groups), slots, len(problem.rules.aims), STRIDE))
    stride = STRIDE if slots >= STRIDE else slots
    for row in range(len(lab.groups)):
        for first in range(stride):
            places = np.arange(first, slots, stride)
            changed = staff.copy()
            changed[row, places] = np.maximum(changed[row, places] + by, 0)
            gained = excess(problem, problem.days(changed, n)) - base
            for slot in places.tolist():
                low, high = max(0, slot - 1), min(slots + 1, slot - 1 + STRIDE)
                out[row, slot, :, low - slot + 1 : high - slot + 1] = gained[:, low:high]
    return out


def slots_text(problem: Problem, slots: list[int]) -> str:
    """Slots as clock times, for messages."""
    return ", ".join(slot_name(problem.lab, slot) for slot in slots)


def slot_name(lab: Lab, slot: int) -> str:
    """`08:30`, with the weekday where slots are those of a week."""
    minute = int(lab.slots.minute[slot])
    clock = f"{minute % 1440 // 60:02d}:{minute % 60:02d}"
    return f"{DAYS[minute // 1440]} {clock}" if lab.slots.by_week else clock
