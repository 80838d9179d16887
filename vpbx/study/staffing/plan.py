"""The staffing study: from targets to a plan with its proof.

Belongs here: the order of the steps, and the result. Does not belong here: any one of the steps, pages
(`report.staffing`).
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.study.precision import Stopped
from vpbx.study.staffing.aims import Aim
from vpbx.study.staffing.climb import climb, descend
from vpbx.study.staffing.cuts import Master, cutting_planes
from vpbx.study.staffing.demand import Demand
from vpbx.study.staffing.enough import lengthened, paced, precise
from vpbx.study.staffing.isa import iterated
from vpbx.study.staffing.judge import Rules, daily, day_meets, day_values, verdicts
from vpbx.study.staffing.lab import Days, Floats, Ints, joined, staff_of
from vpbx.study.staffing.polish import polished
from vpbx.study.staffing.pose import Wish, is_of_group, listed_groups, posed
from vpbx.study.staffing.proof import Fewer, prove
from vpbx.study.staffing.repair import repair, thinned
from vpbx.study.staffing.search import Problem, Tell, slot_name
from vpbx.study.staffing.start import staff_for
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.scenario.desks import AgentGroup
    from vpbx.study.ledger import Ledger
    from vpbx.study.variant import Prepared


_MOST_SECOND_LOOKS = 2


@dataclass(frozen=True)
class AimReport:
    """How a plan does on one aim, over the whole run, on all days simulated with it."""

    aim: Aim
    value: float
    half_width: float
    days_meeting: float
    """Share of days that meet it."""
    worst_day: float
    """The level that 95 % of days reach (5 % quantile; 95 % of a measure that is to be small)."""
    by_slot: Floats
    """(slots,) on all days."""
    lower: Floats
    """(slots,) the bound on the safe side, on the days of the search."""
    fresh: Floats
    """(slots,) on the fresh days alone."""


@dataclass(frozen=True)
class StaffPlan:
    """The plan and what shows that it is one."""

    wish: Wish
    groups: tuple[str, ...]
    serves: tuple[tuple[str, ...], ...]
    """Queues that each group serves."""
    slots: tuple[str, ...]
    """Names of the slots: `08:30`, `mon 08:30`."""
    minute: Ints
    per_min: int
    by_week: bool
    staff: Ints
    """(groups, slots) agents on the phone."""
    heads: Ints
    """(groups, slots) paid heads."""
    before: Ints
    """(groups, slots) agents on the phone as the scenario has them."""
    first_guess: Ints
    load: Floats
    """(groups, slots) modified offered load of the queues served, erlang."""
    aims: tuple[AimReport, ...]
    before_values: tuple[float, ...]
    """Each aim over the whole run with the scenario's own staff."""
    fewer: tuple[Fewer, ...]
    stopped: Stopped
    """Days that the precision took, and whether it was reached."""
    n_search: int
    n_fresh: int
    confirmed: bool
    """Whether the fresh days confirm it (`short`)."""
    short_on_fresh: int
    """Constraints whose estimate on the fresh days is beyond the bound."""
    simulated: int
    hours: float
    """Paid hours of the run."""
    cost: float | None
    """Wages of the run."""
    hours_before: float
    currency: str


def staff(
    base: "Prepared",
    wish: Wish,
    tell: Tell = lambda text: None,
    executor: Executor | None = None,
    ledger: "Ledger | None" = None,
) -> StaffPlan:
    """The least staff that meets the targets of `wish`.

    Raises `UsageError` for targets that make no sense, unknown groups, and targets that no staffing
    meets (with the best reached).
    """
    problem, demand = posed(base, wish, tell, executor, ledger)
    guess = (
        first_guess(problem, demand) if wish.method == "mol" else iterated(problem, demand.ample)
    )
    tell(f"first guess: {int(guess.sum())} agents over {problem.lab.slots.n} intervals")
    looks = paced(problem, guess, wish)
    found, fewer = prove(problem, search(problem, demand, guess))
    while lengthened(problem, found, wish):
        found, fewer, looks = *prove(problem, settled(problem, found)), looks + 1
    stopped = precise(problem, found, wish, looks)
    fresh = problem.lab.run(found, problem.n, problem.n)
    for _ in range(_MOST_SECOND_LOOKS):
        if not short(problem, found, fresh).any():
            break
        tell("fresh runs miss a target: searching on them, too")
        problem.n *= 2
        found, fewer = prove(problem, settled(problem, found))
        fresh = problem.lab.run(found, problem.n, problem.n)
    return report(problem, demand, wish, guess, found, fewer, fresh, stopped)


def short(problem: Problem, staff: Ints, fresh: Days) -> NDArray[np.bool_]:
    """Which constraints the fresh days do not confirm.

    Those that they show to be missed, and those whose estimate on all days together is beyond the
    bound. Why not every estimate on the fresh days alone: of fifty intervals with a little room, a
    few fall short on any fresh days by chance.
    """
    alone = verdicts(problem.rules, fresh)
    both = verdicts(problem.rules, joined([problem.days(staff), fresh]))
    below = ~np.isnan(both.value) & (both.value < both.bound)
    return np.asarray(alone.missed | below)


def first_guess(problem: Problem, demand: Demand) -> Ints:
    """Erlang A on the modified offered load of each group's queues (shared ones split evenly)."""
    lab, rules = problem.lab, problem.rules
    program = lab.base.compiled.program
    able = program.groups.penalty >= 0
    guess = np.zeros((len(lab.groups), lab.slots.n), np.int64)
    for row, group in enumerate(lab.groups):
        for queue in np.flatnonzero(able[group]).tolist():
            rate = demand.service_rate(queue)
            if rate <= 0:
                continue
            aims = [
                aim
                for aim, member in zip(rules.aims, rules.member, strict=True)
                if (member == group if is_of_group(aim) else member == queue)
            ]
            share = 1.0 / max(1, int(able[list(lab.groups), queue].sum()))
            short_s = float(program.queues.short_abandon_us[queue]) / SECOND_US
            load = demand.load[:, queue] * share
            guess[row] += staff_for(load, rate, float(demand.patience_rate[queue]), short_s, aims)
    return guess


def search(problem: Problem, demand: Demand, guess: Ints) -> Ints:
    """The search that fits: repair, climb, or cutting planes with polish."""
    if shares_queues(problem):
        found = polished(problem, cutting_planes(problem, _master(problem, demand)))
    elif problem.rules.every_slot:
        found = thinned(problem, repair(problem, guess))
    else:
        found = descend(problem, climb(problem, guess))
    return settled(problem, found)


def settled(problem: Problem, found: Ints) -> Ints:
    """The staff raised until it is accepted on all days of the search."""
    if problem.accepts(found):
        return found
    if problem.rules.every_slot and not shares_queues(problem):
        found = repair(problem, found)
    if not problem.accepts(found):
        found = descend(problem, climb(problem, found))
    return found


def shares_queues(problem: Problem) -> bool:
    """Whether two of the varied groups have to do with one target."""
    return bool((problem.serves.sum(axis=0) > 1).any())


def _master(problem: Problem, demand: Demand) -> Master:
    lab = problem.lab
    able = (lab.base.compiled.program.groups.penalty >= 0)[list(lab.groups)]
    asked = {
        m
        for a, m in zip(problem.rules.aims, problem.rules.member, strict=True)
        if not is_of_group(a)
    }
    load = demand.load.copy()
    load[:, [q for q in range(load.shape[1]) if q not in asked]] = 0.0
    return Master(problem.cost, problem.floor, able, load)


def report(
    problem: Problem,
    demand: Demand,
    wish: Wish,
    guess: Ints,
    found: Ints,
    fewer: list[Fewer],
    fresh: Days,
    stopped: Stopped,
) -> StaffPlan:
    """All that is told of a plan."""
    lab, rules = problem.lab, problem.rules
    names = lab.base.compiled.names
    searched = problem.days(found)
    before = staff_of(lab.base.compiled.program, lab.slots, lab.groups)
    old = lab.run(before, 0, min(problem.n, 50))
    unconfirmed = short(problem, found, fresh)
    listed = list(listed_groups(lab).values())
    heads = np.stack([paid(group, row) for group, row in zip(listed, found, strict=True)])
    paid_before = np.stack([paid(group, row) for group, row in zip(listed, before, strict=True)])
    wages = [group.wage for group in listed]
    able = lab.base.compiled.program.groups.penalty >= 0
    return StaffPlan(
        wish=wish,
        groups=tuple(names.groups[g] for g in lab.groups),
        serves=tuple(tuple(group.serves) for group in listed),
        slots=tuple(slot_name(lab, slot) for slot in range(lab.slots.n)),
        minute=lab.slots.minute,
        per_min=lab.slots.per_min,
        by_week=lab.slots.by_week,
        staff=found,
        heads=heads,
        before=before,
        first_guess=guess,
        load=np.stack([demand.load[:, able[g]].sum(axis=1) for g in lab.groups]),
        aims=tuple(_aim_report(problem, i, searched, fresh) for i in range(len(rules.aims))),
        before_values=tuple(_whole(rules, i, old) for i in range(len(rules.aims))),
        fewer=tuple(fewer),
        stopped=stopped,
        n_search=problem.n,
        n_fresh=fresh.n,
        confirmed=not unconfirmed.any(),
        short_on_fresh=_short(rules, fresh),
        simulated=lab.simulated,
        hours=float((heads * lab.slots.hours).sum()),
        cost=sum(
            float((row * lab.slots.hours).sum()) * wage.amount
            for row, wage in zip(heads, wages, strict=True)
            if wage is not None
        )
        if all(wage is not None for wage in wages)
        else None,
        hours_before=float((paid_before * lab.slots.hours).sum()),
        currency=next((wage.currency for wage in wages if wage), ""),
    )


def paid(group: "AgentGroup", on_phone: Ints) -> Ints:
    """The fewest paid heads that put so many on the phone."""
    found = {}
    for agents in set(on_phone.tolist()):
        heads = agents
        while group.on_the_phone(heads) < agents:
            heads += 1
        found[agents] = heads
    return np.array([found[agents] for agents in on_phone.tolist()], np.int64)


def _short(rules: Rules, fresh: Days) -> int:
    found = verdicts(rules, fresh)
    return int((~np.isnan(found.value) & (found.value < found.bound)).sum())


def _whole(rules: Rules, i: int, days: Days) -> float:
    g, d = daily(rules.aims[i], rules.member[i], rules.thresholds_us, days)
    return float(g.sum() / d.sum()) if d.sum() > 0 else float("nan")


def _aim_report(problem: Problem, i: int, searched: Days, fresh: Days) -> AimReport:
    rules, aim = problem.rules, problem.rules.aims[i]
    alone = rules._replace(aims=(aim,), member=(rules.member[i],), every_slot=True, day_share=0.0)
    both = joined([searched, fresh])
    g, d = daily(aim, rules.member[i], rules.thresholds_us, both)
    sign = 1.0 if aim.at_least else -1.0
    whole = verdicts(alone._replace(every_slot=False), both, 0.95)
    values = day_values(g, d, rules.day_of_slot)
    quantile = 0.05 if aim.at_least else 0.95
    return AimReport(
        aim=aim,
        value=sign * float(whole.value[0]),
        half_width=float(whole.upper[0] - whole.value[0]),
        days_meeting=float(day_meets(aim, g, d, rules.day_of_slot).mean()),
        worst_day=float(np.nanquantile(values, quantile)),
        by_slot=sign * verdicts(alone, both).value,
        lower=sign * verdicts(alone, searched).lower,
        fresh=sign * verdicts(alone, fresh).value,
    )
