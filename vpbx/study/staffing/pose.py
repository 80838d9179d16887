"""The staffing problem as the user poses it: groups, aims, intervals, days, costs.

Belongs here: from a wish to a `Problem`, and refusing what makes no sense or cannot be met. Does not
belong here: solving (`plan`).
"""

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.scenario.suggest import did_you_mean
from vpbx.study.precision import FIRST, Effort, Precision
from vpbx.study.staffing.aims import Aim, occupancy_aim, parse_aims
from vpbx.study.staffing.demand import Demand, pilot, require_calls
from vpbx.study.staffing.judge import Rules, Verdicts, days_needed, verdicts
from vpbx.study.staffing.lab import Floats, Lab, slots_of
from vpbx.study.staffing.search import Problem, Tell, slot_name
from vpbx.units import MINUTE_US

if TYPE_CHECKING:
    from vpbx.scenario.desks import AgentGroup
    from vpbx.scenario.models import Scenario
    from vpbx.study.ledger import Ledger
    from vpbx.study.variant import Prepared

METHODS = ("mol", "isa")
DEFAULT_DAYS = 100
_PILOT_DAYS = 40
_LEAST_WEEKS = 15


@dataclass(frozen=True)
class Wish:
    """What the user asks for."""

    targets: tuple[str, ...]
    definition: str = "answered_of_offered"
    per_us: int | None = None
    """Length of an interval; the scenario's own, if None."""
    groups: tuple[str, ...] = ()
    """Groups to staff; all that serve a queue with a target, if empty."""
    max_occupancy: float | None = None
    over_run: bool = False
    """Targets over the whole run, not in every interval."""
    confidence: float = 0.0
    """Share of days that must meet the targets; 0: long-run figures only."""
    days: int | None = None
    method: str = "mol"
    """What the search begins with: "mol", Erlang A on the modified offered load, or "isa"."""
    precision: Precision | None = None
    """Half widths, by interval, that decide the number of days; of a wait in parts of its target."""
    cap: int = 2_000
    """Most days to search on with a precision."""
    seed: int | None = None

    def with_runs(
        self, days: int | None, effort: Effort, seed: int | None, method: str = "mol"
    ) -> "Wish":
        """The same with what says how the search goes; raises `UsageError` for an unknown method."""
        if method not in METHODS:
            raise UsageError(f'--method "{method}": methods are {", ".join(METHODS)}')
        return replace(
            self, days=days, seed=seed, method=method, precision=effort.precision, cap=effort.cap
        )


def posed(
    base: "Prepared",
    wish: Wish,
    tell: Tell,
    executor: Executor | None = None,
    ledger: "Ledger | None" = None,
) -> tuple[Problem, Demand]:
    """The problem, after a pilot that says what is to be served and what can be reached at all.

    `executor`: where all of it runs, threads here if not given; `ledger`: where finished days are kept.
    """
    scenario = base.loaded.scenario
    rules, groups = _rules(base, wish)
    per_min = _per_min(scenario, wish.per_us)
    lab = Lab(
        base,
        slots_of(base.compiled, per_min),
        groups,
        rules.thresholds_us,
        scenario.seed if wish.seed is None else wish.seed,
        executor,
        ledger,
    )
    queues = sorted(
        {m for a, m in zip(rules.aims, rules.member, strict=True) if not is_of_group(a)}
    )
    day = lab.slots.minute // 1440 if lab.slots.by_week else 0 * lab.slots.minute
    rules = rules._replace(day_of_slot=tuple(day.tolist()))
    tell("pilot with ample staff")
    run_hours = max(24.0, float(lab.slots.hours.sum()))
    demand = pilot(lab, queues, max(10, round(_PILOT_DAYS * 24 / run_hours)))
    require_calls(demand, queues, base.compiled.names.queues)
    require_reachable(rules, demand, lab)
    floor = np.zeros((len(groups), lab.slots.n), np.int64)
    days = _days(wish, run_hours)
    serves = _serves(base, rules, groups)
    return Problem(lab, rules, cost_of(scenario, lab), serves, floor, days, tell), demand


def is_of_group(aim: Aim) -> bool:
    """Whether an aim is about a group, not a queue."""
    return aim.measure == "occupancy"


def _per_min(scenario: "Scenario", per_us: int | None) -> int:
    length = scenario.measures.interval if per_us is None else per_us
    if length % (5 * MINUTE_US) or length <= 0 or 1440 % (length // MINUTE_US):
        raise UsageError(
            f"--per {length / MINUTE_US:g} min: an interval is a multiple of 5 min that divides the day"
        )
    return int(length // MINUTE_US)


def _rules(base: "Prepared", wish: Wish) -> tuple[Rules, tuple[int, ...]]:
    """The rules, and the groups whose staff is varied."""
    scenario, names = base.loaded.scenario, base.compiled.names
    chosen = _chosen(scenario, wish.groups)
    if not wish.targets and wish.max_occupancy is None:
        raise UsageError('a plan needs a target: --target "80% in 20 s"')
    aims = parse_aims(wish.targets, scenario, wish.definition)
    if wish.groups:
        reached = {queue for group in chosen for queue in scenario.agents[group].serves}
        named = [a for a in aims if a.scope in reached]
        if aims and not named:
            raise UsageError(f"--group {', '.join(chosen)}: serves no queue that has a target")
        aims = named
    queues = {aim.scope for aim in aims}
    groups = [g for g in chosen if not queues or queues & set(scenario.agents[g].serves)]
    for group in groups:
        if scenario.agents[group].on_the_phone(1_000) == 0:
            raise UsageError(
                f"no staffing of {group} meets a target: its shrinkage leaves nobody on the phone"
            )
    if wish.max_occupancy is not None:
        if not 0 < wish.max_occupancy < 1:
            raise UsageError("--max-occupancy lies between 0% and 100%")
        aims += [occupancy_aim(group, wish.max_occupancy) for group in groups]
    members = tuple(
        names.groups.index(a.scope) if is_of_group(a) else names.queues.index(a.scope) for a in aims
    )
    times = tuple(sorted({a.threshold_us for a in aims if a.measure == "service_level"}))
    rules = Rules(tuple(aims), members, times, not wish.over_run, wish.confidence)
    return rules, tuple(names.groups.index(g) for g in groups)


def _chosen(scenario: "Scenario", wanted: tuple[str, ...]) -> list[str]:
    for group in wanted:
        if group not in scenario.agents:
            known = did_you_mean(group, scenario.agents) or (
                f"; groups are {', '.join(scenario.agents)}"
            )
            raise UsageError(f'there is no group "{group}"{known}')
    return [group for group in scenario.agents if not wanted or group in wanted]


def _serves(base: "Prepared", rules: Rules, groups: tuple[int, ...]) -> NDArray[np.bool_]:
    """(varied groups, aims) whether a group has to do with an aim."""
    able = base.compiled.program.groups.penalty >= 0
    columns = [
        [group == member if is_of_group(aim) else bool(able[group, member]) for group in groups]
        for aim, member in zip(rules.aims, rules.member, strict=True)
    ]
    return np.array(columns, np.bool_).T


def cost_of(scenario: "Scenario", lab: Lab) -> Floats:
    """(varied groups, slots) cost of an agent on the phone: wages, or paid hours without any."""
    listed = list(listed_groups(lab).values())
    paid = all(group.wage is not None for group in listed)
    rows = [
        lab.slots.hours * (group.wage.amount if paid and group.wage else 1.0) / _on_phone(group)
        for group in listed
    ]
    return np.maximum(np.array(rows), 1e-9)


def listed_groups(lab: Lab) -> dict[str, "AgentGroup"]:
    """The varied groups by name, in the order of the staff's rows."""
    names, agents = lab.base.compiled.names.groups, lab.base.loaded.scenario.agents
    return {names[g]: agents[names[g]] for g in lab.groups}


def _on_phone(group: "AgentGroup") -> float:
    return max(1e-3, 1.0 - group.shrinkage)


def _days(wish: Wish, run_hours: float) -> int:
    """Days that the search begins with: as asked for, or the first few of a precision (`enough`)."""
    if not 0 <= wish.confidence < 1:
        raise UsageError("--confidence is a share of days below 100%, such as 90%")
    fewest = days_needed(wish.confidence)
    if wish.days is not None:
        if wish.days < 10:
            raise UsageError(f"a plan needs at least 10 days, got {wish.days}")
        if wish.days < fewest:
            raise UsageError(
                f"{wish.days} runs cannot show that {100 * wish.confidence:g}% of days meet the "
                f"targets, even if all do: give -n {fewest} at least, better twice that"
            )
        return wish.days
    if wish.precision is None:
        return max(_LEAST_WEEKS, 2 * fewest, round(DEFAULT_DAYS * 24 / run_hours))
    return max(FIRST, fewest)


def require_reachable(rules: Rules, demand: Demand, lab: Lab) -> None:
    """Raises `UsageError` when even ample staff misses a target, with the best reached and why."""
    found = verdicts(rules, demand.days)
    short = np.flatnonzero(found.missed & (found.slot != -2) & (found.value < found.bound))
    for index in short.tolist():
        aim = rules.aims[int(found.aim[index])]
        if is_of_group(aim):
            continue
        slot = int(found.slot[index])
        at = "" if slot < 0 else f" at {slot_name(lab, slot)}"
        raise UsageError(
            f"no staffing meets {aim.text}{at}: with {demand.ample} agents in every group the best "
            f"reached is {_said(aim, found.value[index])}; {_why(rules, demand, index, found)}"
        )


def _said(aim: Aim, value: float) -> str:
    size = abs(float(value))
    return f"{size:.3g} s" if aim.measure.startswith("mean_wait") else f"{100 * size:.3g}%"


def _why(rules: Rules, demand: Demand, index: int, found: Verdicts) -> str:
    """Where the calls go that ample staff does not answer in time."""
    aim, member = int(found.aim[index]), rules.member[int(found.aim[index])]
    days = demand.days
    offered = float(days.queues["offered"][:, :, member].sum()) or 1.0
    lost = {
        "find the queue full": float(days.queues["blocked"][:, :, member].sum()),
        "hang up": float(days.queues["abandoned"][:, :, member].sum()),
        "still wait, for agents whom other queues hold up or staff that is not varied": float(
            days.queues["waited"][:, :, member].sum()
        ),
    }
    words, most = max(lost.items(), key=lambda item: item[1])
    if most <= 0:
        return (
            f"a target of {_said(rules.aims[aim], rules.aims[aim].bound)} leaves no room for chance"
        )
    return f"{100 * most / offered:.3g}% of the calls {words}"
