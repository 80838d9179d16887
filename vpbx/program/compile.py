"""Scenario → Program: every name becomes an index, every calendar a table over simulated time.

Belongs here: putting the tables together. Does not belong here: checks of what the user wrote
(`scenario.check`, `flow.lint`), random numbers, time passing.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from vpbx.codes import KEYS, Estimator, Outcome, Picks, Strategy
from vpbx.flow.keys import KeyTable, key_table
from vpbx.program.flow_tables import FlowBuilder, build_flow
from vpbx.program.program import (
    GRID_US,
    Calendars,
    Classes,
    Clock,
    Flow,
    Groups,
    Names,
    Numbers,
    Program,
    Queues,
    Trunks,
)
from vpbx.program.quantiles import DistributionTable
from vpbx.scenario.distributions import Law
from vpbx.scenario.hours import TimeTable
from vpbx.scenario.models import AgentGroup, CallerClass, Scenario, Want
from vpbx.traffic.calendar import LocalClock, LocalGrid, Steps, local_clock, local_grid, table_steps
from vpbx.traffic.profile import cumulative_rate, surges
from vpbx.traffic.trace import read_trace
from vpbx.traffic.workload import ClassLoad, Load
from vpbx.units import DAY_US, SECOND_US


@dataclass(frozen=True)
class Compiled:
    """A scenario made ready: the Program, the names behind it, its load, its local time."""

    program: Program
    names: Names
    load: Load
    local: LocalGrid
    """Local time of each base interval, through the drain."""


class CalendarTable:
    """Collects calendars while a Program is compiled."""

    def __init__(self, clock: LocalClock, until_us: int) -> None:
        self.clock, self.until_us = clock, until_us
        self._steps: list[Steps] = []

    def add(self, steps: Steps) -> int:
        """Index of a new calendar."""
        self._steps.append(steps)
        return len(self._steps) - 1

    def steps(self, calendar: int) -> Steps:
        """A calendar added before."""
        return self._steps[calendar]

    def build(self) -> Calendars:
        """All calendars as one table."""
        sizes = [0, *(len(steps.at) for steps in self._steps)]
        empty = np.empty(0, np.int64)
        return Calendars(
            start=np.cumsum(sizes).astype(np.int64),
            at=np.concatenate([empty, *(steps.at for steps in self._steps)]),
            value=np.concatenate([empty, *(steps.value for steps in self._steps)]),
        )


def compile_scenario(scenario: Scenario, folder: Path) -> Compiled:
    """The scenario as tables; `folder` is where its trace files lie.

    Raises `ScenarioError` when a file that it names is wrong.
    """
    clock = local_clock(scenario)
    run = _clock(scenario)
    until = run.duration_us + run.drain_us
    calendars = CalendarTable(clock, until + GRID_US)
    dists = DistributionTable()
    keys = key_table(scenario)
    names = _names(scenario, keys)
    hours = {name: calendars.add(_hours(scenario, calendars, name)) for name in scenario.hours}
    builder = FlowBuilder(scenario, keys, dists, hours, names.networks)
    nodes, menus, cases, edges = build_flow(builder)
    groups = _groups(scenario, calendars, dists)
    classes = _classes(scenario, names, dists)
    trunks = [calendars.add(_plain(calendars, t.channels)) for t in scenario.trunks.values()]
    program = Program(
        clock=run,
        flow=Flow(nodes, menus, cases, calendars.build(), dists.build(), _reach(names, keys)),
        edges=edges,
        numbers=_numbers(scenario, names),
        trunks=Trunks(np.array(trunks, np.int64)),
        queues=_queues(scenario, groups, calendars, until),
        groups=groups,
        classes=classes,
    )
    load = _load(scenario, clock, names, folder)
    return Compiled(program, names, load, local_grid(clock, GRID_US, until + GRID_US))


def _clock(scenario: Scenario) -> Clock:
    drains = scenario.clock.at_end == "drain"
    return Clock(
        duration_us=scenario.clock.duration,
        drain_us=scenario.clock.drain_limit if drains else 0,
        grid_us=GRID_US,
    )


def _names(scenario: Scenario, keys: KeyTable) -> Names:
    networks = [c.network for c in scenario.callers.values()]
    networks += [n for number in scenario.numbers.values() for n in number.accepts]
    networks += [n for number in scenario.numbers.values() for n in number.refuses]
    return Names(
        nodes=tuple(scenario.flow),
        goals=keys.goals,
        numbers=tuple(scenario.numbers),
        trunks=tuple(scenario.trunks),
        queues=tuple(scenario.queues),
        groups=tuple(scenario.agents),
        classes=tuple(scenario.callers),
        networks=tuple(dict.fromkeys(networks)),
    )


def _plain(calendars: CalendarTable, table: TimeTable) -> Steps:
    return table_steps(calendars.clock, table, calendars.until_us)


def _hours(scenario: Scenario, calendars: CalendarTable, name: str) -> Steps:
    hours = scenario.hours[name]
    closed = frozenset(scenario.holidays if hours.holidays == "closed" else ())
    return table_steps(calendars.clock, hours.open, calendars.until_us, closed)


def _reach(names: Names, keys: KeyTable) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    reach = np.zeros((len(names.nodes), len(names.goals)), np.int64)
    for i, node in enumerate(names.nodes):
        for g, goal in enumerate(names.goals):
            reach[i, g] = keys.reach.get((node, goal), False)
    return reach


def _numbers(scenario: Scenario, names: Names) -> Numbers:
    access = np.full((len(names.numbers), len(names.networks)), -2, np.int64)
    for i, number in enumerate(scenario.numbers.values()):
        for j, network in enumerate(names.networks):
            if network in number.refuses:
                access[i, j] = names.nodes.index(number.refuses[network])
            elif number.accepts and network not in number.accepts:
                access[i, j] = -1
    numbers = scenario.numbers.values()
    return Numbers(
        enter=np.array([names.nodes.index(n.enter) for n in numbers], np.int64),
        trunk=np.array(
            [-1 if n.trunk is None else names.trunks.index(n.trunk) for n in numbers], np.int64
        ),
        priority=np.array([n.priority for n in numbers], np.int64),
        access=access,
    )


def _groups(scenario: Scenario, calendars: CalendarTable, dists: DistributionTable) -> Groups:
    groups, queues = list(scenario.agents.values()), list(scenario.queues)
    shape = (len(groups), len(queues))
    penalty, handle = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    wrap_up, order = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    for g, group in enumerate(groups):
        for place, (name, serves) in enumerate(group.serves.items()):
            q = queues.index(name)
            penalty[g, q], order[g, place] = serves.penalty, q
            handle[g, q] = dists.add(serves.handle_time)
            wrap_up[g, q] = dists.add(serves.wrap_up)
    schedules = [calendars.add(_on_the_phone(calendars, group)) for group in groups]
    most = [int(max(calendars.steps(c).value)) for c in schedules]
    return Groups(
        calendar=np.array(schedules, np.int64),
        picks=np.array([Picks[g.picks.upper()] for g in groups], np.int64),
        first_agent=np.cumsum([0, *most]).astype(np.int64),
        penalty=penalty,
        handle_dist=handle,
        wrap_up_dist=wrap_up,
        queue_order=order,
    )


def _on_the_phone(calendars: CalendarTable, group: AgentGroup) -> Steps:
    """A group's agents on the phone."""
    clock, until = calendars.clock, calendars.until_us
    return table_steps(clock, group.heads, until, convert=group.on_the_phone)


def _queues(scenario: Scenario, groups: Groups, calendars: CalendarTable, until_us: int) -> Queues:
    queues = scenario.queues.values()
    return Queues(
        capacity=np.array([-1 if q.capacity is None else q.capacity for q in queues], np.int64),
        strategy=np.array([Strategy[q.strategy.upper()] for q in queues], np.int64),
        weight=np.array([q.weight for q in queues], np.int64),
        short_abandon_us=np.array([q.short_abandon for q in queues], np.int64),
        estimator=np.array([Estimator[q.estimator.upper()] for q in queues], np.int64),
        aht_s=np.array([_aht_s(scenario, groups, calendars, q) for q in scenario.queues], np.int64),
    )


def _aht_s(scenario: Scenario, groups: Groups, calendars: CalendarTable, queue: str) -> int:
    """Mean handle time and wrap-up of a queue, weighted by the groups' mean agents."""
    weights, times = [], []
    for g, group in enumerate(scenario.agents.values()):
        if queue in group.serves:
            steps = calendars.steps(int(groups.calendar[g]))
            spans = np.diff(np.append(steps.at, max(calendars.until_us, steps.at[-1] + 1)))
            weights.append(float(np.sum(steps.value * spans)) or 1e-9)
            serves = group.serves[queue]
            times.append(serves.handle_time.mean_us + serves.wrap_up.mean_us)
    return round(np.average(times, weights=weights) / SECOND_US) if times else 0


def _classes(scenario: Scenario, names: Names, dists: DistributionTable) -> Classes:
    classes = list(scenario.callers.values())
    redial = np.zeros((len(classes), len(Outcome)))
    for c, caller in enumerate(classes):
        for cause, p in (caller.redial.after if caller.redial else {}).items():
            redial[c, Outcome[cause.upper()]] = p
    keeps = [c.redial.keeps if c.redial else () for c in classes]
    forced_start, forced_keys = _forced(classes, names)
    return Classes(
        network=np.array([names.networks.index(c.network) for c in classes], np.int64),
        priority=np.array([c.priority for c in classes], np.int64),
        knows_menu=np.array([c.knows_menu for c in classes]),
        presses_wrong=np.array([c.presses_wrong for c in classes]),
        presses_nothing=np.array([c.presses_nothing for c in classes]),
        patience_dist=np.array([dists.add(c.patience) for c in classes], np.int64),
        ivr_patience_dist=np.array([dists.add(c.ivr_patience) for c in classes], np.int64),
        redial=redial,
        redial_delay_dist=np.array(
            [dists.add(c.redial.delay if c.redial else None) for c in classes], np.int64
        ),
        attempts=np.array([c.redial.attempts if c.redial else 1 for c in classes], np.int64),
        keeps_patience=np.array(["patience" in k for k in keeps], np.int64),
        keeps_handle_time=np.array(["handle_time" in k for k in keeps], np.int64),
        forced_start=forced_start,
        forced_keys=forced_keys,
    )


def _forced(
    classes: list[CallerClass], names: Names
) -> tuple[
    np.ndarray[tuple[int, ...], np.dtype[np.int64]], np.ndarray[tuple[int, ...], np.dtype[np.int64]]
]:
    """Key sequences that callers press whatever the menus say, and where each starts."""
    start = np.full((len(classes), len(names.goals), len(names.numbers)), -1, np.int64)
    flat: list[int] = []
    for c, caller in enumerate(classes):
        for goal, want in caller.wants.items():
            keys = want.keys if isinstance(want, Want) else None
            if keys is None:
                continue
            for n, number in enumerate(names.numbers):
                own = keys.get(number) if isinstance(keys, dict) else keys
                if own is not None:
                    start[c, names.goals.index(goal), n] = len(flat)
                    flat += [*(KEYS.index(key) for key in own.replace(" ", "")), -1]
    return start, np.array(flat, np.int64)


def _load(scenario: Scenario, clock: LocalClock, names: Names, folder: Path) -> Load:
    days = tuple(day for _, day in clock.days(scenario.clock.duration))
    laws = DistributionTable()
    classes = tuple(
        _class_load(scenario, clock, names, folder, laws, name, days) for name in scenario.callers
    )
    return Load(classes, clock.start.date(), len(days), scenario.clock.duration, laws.build())


def _class_load(
    scenario: Scenario,
    clock: LocalClock,
    names: Names,
    folder: Path,
    laws: DistributionTable,
    name: str,
    days: tuple,  # type: ignore[type-arg]
) -> ClassLoad:
    caller = scenario.callers[name]
    longest = max((event.lasts or 0 for event in scenario.events), default=0)
    before = (days[0] - timedelta(days=back) for back in range(longest // DAY_US + 1, 0, -1))
    active = surges(scenario, clock, name, (*before, *days))
    cv = caller.busyness.cv if caller.busyness else 0.0
    shares = [w.share if isinstance(w, Want) else w for w in caller.wants.values()]
    recorded = None
    if caller.trace is not None:
        instants = read_trace(caller.trace, clock, folder)
        edges = [*(clock.instant(day, 0) for day in days), clock.instant(days[-1], 1440)]
        cuts = np.searchsorted(instants, edges)
        recorded = tuple(instants[a:b] for a, b in pairwise(cuts))
    return ClassLoad(
        rates=tuple(cumulative_rate(scenario, clock, caller, day, active) for day in days),
        recorded=recorded,
        dither=bool(caller.trace and caller.trace.dither),
        busyness=laws.add(Law("gamma", 1.0, cv)) if cv > 0 else -1,
        shared_busyness=bool(caller.busyness and caller.busyness.factor == "shared"),
        numbers=np.array([names.numbers.index(n) for n in caller.dials], np.int16),
        number_shares=np.cumsum(list(caller.dials.values())),
        goals=np.array([names.goals.index(g) for g in caller.wants], np.int16),
        goal_shares=np.cumsum(shares),
    )
