"""Scenario → Program: every name becomes an index, every calendar a table over simulated time.

Belongs here: putting the tables together. Does not belong here: checks of what the user wrote
(`scenario.check`, `flow.lint`), random numbers, time passing.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from vpbx.flow.keys import KeyTable, key_table
from vpbx.program.calendars import CalendarTable
from vpbx.program.caller_tables import class_table, crowd_table
from vpbx.program.desk_tables import group_table, queue_table
from vpbx.program.flow_builder import FlowBuilder
from vpbx.program.flow_tables import build_flow, columns
from vpbx.program.licence_tables import Licensed
from vpbx.program.platform_tables import platform_tables
from vpbx.program.program import (
    GRID_US,
    Clock,
    Flow,
    Names,
    Numbers,
    Program,
    Trunks,
)
from vpbx.program.quantiles import DistributionTable
from vpbx.program.rare import Legs, Reactions, Recording, Rings, Waits
from vpbx.program.rare_tables import extensions, moments, number_out, slow_steps
from vpbx.scenario.distributions import Law
from vpbx.scenario.lines import trunk_index, trunk_names, uses_licensed_lines
from vpbx.scenario.models import Scenario
from vpbx.scenario.people import Want
from vpbx.scenario.platforms import with_platforms
from vpbx.traffic.calendar import LocalClock, LocalGrid, Steps, local_clock, local_grid, table_steps
from vpbx.traffic.profile import cumulative_rate, surges
from vpbx.traffic.trace import read_trace
from vpbx.traffic.workload import ClassLoad, Load
from vpbx.units import DAY_US


@dataclass(frozen=True)
class Compiled:
    """A scenario made ready: the Program, the names behind it, its load, its local time."""

    program: Program
    names: Names
    load: Load
    local: LocalGrid
    """Local time of each base interval, through the drain."""


def compile_scenario(scenario: Scenario, folder: Path) -> Compiled:
    """The scenario as tables; `folder` is where its trace files lie.

    Raises `ScenarioError` when a file that it names is wrong.
    """
    scenario = with_platforms(scenario)
    clock = local_clock(scenario)
    run = _clock(scenario)
    until = run.duration_us + run.drain_us
    calendars = CalendarTable(clock, until + GRID_US)
    dists = DistributionTable()
    keys = key_table(scenario)
    names = _names(scenario, keys)
    hours = {name: calendars.add(_hours(scenario, calendars, name)) for name in scenario.hours}
    licensed = Licensed(scenario, calendars)
    builder = FlowBuilder(scenario, keys, dists, hours, names.networks, licensed)
    nodes, menus, cases, edges = build_flow(builder)
    groups = group_table(scenario, calendars, dists)
    classes, crowds = class_table(scenario, names, dists), crowd_table(scenario, dists)
    queues = queue_table(scenario, groups, calendars)
    platforms, windows = platform_tables(scenario)
    numbers = _numbers(scenario, names, calendars, dists)
    ringing = extensions(scenario, calendars, dists, hours)
    fixed = moments(scenario, calendars, hours)
    slow = slow_steps(scenario, calendars)
    licence = licensed.table()
    recording = Recording(
        node=np.array([node.recorded for node in scenario.flow.values()], np.int64),
        calendar=np.array([licensed.recording()], np.int64),
    )
    trunks = [calendars.add(calendars.plain(t.channels)) for t in scenario.trunks.values()]
    if uses_licensed_lines(scenario):
        trunks.append(int(licence.channels[0]))
    slow_calendar = np.array([-1 if slow is None else calendars.add(slow)], np.int64)
    laws, reach = dists.build(), _reach(names, keys)
    program = Program(
        clock=run,
        flow=Flow(nodes, menus, cases, calendars.build(), laws, reach, slow_calendar),
        waits=Waits(**columns(Waits._fields, builder.waits)),
        reactions=Reactions(**columns(Reactions._fields, builder.reactions)),
        rings=Rings(**columns(Rings._fields, builder.rings)),
        legs=Legs(**columns(Legs._fields, builder.legs)),
        extensions=ringing,
        edges=edges,
        numbers=numbers,
        trunks=Trunks(np.array(trunks, np.int64)),
        queues=queues,
        platforms=platforms,
        windows=windows,
        groups=groups,
        classes=classes,
        crowds=crowds,
        licence=licence,
        recording=recording,
        moments=fixed,
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
        trunks=trunk_names(scenario),
        queues=tuple(scenario.queues),
        groups=tuple(scenario.agents),
        classes=tuple(scenario.callers),
        networks=tuple(dict.fromkeys(networks)),
        extensions=tuple(scenario.extensions),
    )


def _hours(scenario: Scenario, calendars: CalendarTable, name: str) -> Steps:
    hours = scenario.hours[name]
    closed = frozenset(scenario.all_holidays if hours.holidays == "closed" else ())
    return table_steps(calendars.clock, hours.open, calendars.until_us, closed)


def _reach(names: Names, keys: KeyTable) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    reach = np.zeros((len(names.nodes), len(names.goals)), np.int64)
    for i, node in enumerate(names.nodes):
        for g, goal in enumerate(names.goals):
            reach[i, g] = keys.reach.get((node, goal), False)
    return reach


def _numbers(
    scenario: Scenario, names: Names, calendars: CalendarTable, dists: DistributionTable
) -> Numbers:
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
        trunk=np.array([trunk_index(scenario, n.trunk) for n in numbers], np.int64),
        priority=np.array([n.priority for n in numbers], np.int64),
        connect_dist=np.array(
            [dists.add(n.connects.takes if n.connects else None) for n in numbers], np.int64
        ),
        connect_fails=np.array([n.connects.fails if n.connects else 0.0 for n in numbers]),
        out=np.array(number_out(scenario, names, calendars), np.int64),
        access=access,
    )


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
