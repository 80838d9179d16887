"""Scenario → the tables that most scenarios leave empty: extensions, licence, fixed instants.

Belongs here: names → indices, hours and events → calendars and instants. Does not belong here: the
flow's own tables (`flow_tables`), surges (`traffic.profile`).
"""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from vpbx.codes import Phase
from vpbx.program.calendars import CalendarTable
from vpbx.program.program import Names
from vpbx.program.quantiles import DistributionTable
from vpbx.program.rare import Extensions, Moments
from vpbx.scenario.lines import trunk_index
from vpbx.scenario.models import Event, Extension, Scenario
from vpbx.scenario.moments import parse_moment
from vpbx.traffic.calendar import Steps

Span = tuple[int, int]
"""From … until, us."""


def extensions(
    scenario: Scenario, calendars: CalendarTable, dists: DistributionTable, hours: dict[str, int]
) -> Extensions:
    """What rings beside agents."""
    rows = [
        _extension(scenario, one, calendars, dists, hours) for one in scenario.extensions.values()
    ]
    return Extensions(*(np.array([r[f] for r in rows], np.int64) for f in Extensions._fields))


def _extension(
    scenario: Scenario,
    one: Extension,
    calendars: CalendarTable,
    dists: DistributionTable,
    hours: dict[str, int],
) -> dict[str, int]:
    names = list(scenario.extensions)

    def index(name: str | None) -> int:
        return -1 if name is None else names.index(name)

    forward = one.forward
    return {
        "answers_dist": dists.add(one.answers_after),
        "talk_dist": dists.add(one.talk),
        "missed": calendars.add(calendars.plain(one.missed)),
        "busy": calendars.add(calendars.plain(one.busy)),
        "trunk": trunk_index(scenario, one.trunk) if one.trunk or one.number else -1,
        "lines": one.lines,
        "always": index(forward.always) if forward else -1,
        "busy_to": index(forward.busy) if forward else -1,
        "no_answer_to": index(forward.no_answer) if forward else -1,
        "outside_hours": hours[forward.outside] if forward and forward.outside else -1,
        "outside_to": index(forward.outside_to) if forward else -1,
    }


def spans(scenario: Scenario, calendars: CalendarTable, event: Event) -> Iterator[Span]:
    """When an event lasts, cut to the run: once, or every day."""
    clock = calendars.clock
    for _, day in clock.days(calendars.until_us):
        if event.on is not None:
            start, end = clock.instant(day, 0), clock.instant(day, 1440)
            applies = event.on == day
        else:
            moment = parse_moment(str(event.at))
            wall = moment if isinstance(moment, datetime) else datetime.combine(day, moment)
            start = clock.of(wall)
            end, applies = start + (event.lasts or 0), wall.date() == day
        if applies and end > 0 and start < calendars.until_us:
            yield max(start, 0), min(end, calendars.until_us)


def outages(
    scenario: Scenario, calendars: CalendarTable, kind: str, name: str
) -> list[tuple[Span, bool]]:
    """When something is out (`kind` trunk, agents or number), and whether that cuts its calls."""
    return [
        (span, event.calls == "cut")
        for event in scenario.events
        if event.outage in (f"{kind}.{name}", "all")
        for span in spans(scenario, calendars, event)
    ]


def out_steps(spans_out: list[Span]) -> Steps:
    """1 during the spans (which may overlap), else 0."""
    at, value = [0], [0]
    for instant in sorted({edge for span in spans_out for edge in span}):
        level = int(any(low <= instant < high for low, high in spans_out))
        if instant == 0:
            value[0] = level
        elif level != value[-1]:
            at.append(instant)
            value.append(level)
    return Steps(np.array(at, np.int64), np.array(value, np.int64))


def slow_steps(scenario: Scenario, calendars: CalendarTable) -> Steps | None:
    """Factor on the robot's times, in thousandths; None: never slow."""
    slow = [
        (span, event.slow)
        for event in scenario.events
        if event.slow is not None
        for span in spans(scenario, calendars, event)
    ]
    if not slow:
        return None
    at = sorted({0} | {edge for span, _ in slow for edge in span})
    value = []
    for instant in at:
        factor = 1.0
        for (low, high), times in slow:
            factor *= times if low <= instant < high else 1.0
        value.append(round(1000 * factor))
    return Steps(np.array(at, np.int64), np.array(value, np.int64))


def moments(scenario: Scenario, calendars: CalendarTable, hours: dict[str, int]) -> Moments:
    """Calls cut by outages, and queues emptied at closing."""
    rows: list[tuple[int, int, int, int, int]] = []
    for trunk, name in enumerate(scenario.trunks):
        for (at, _), cut in outages(scenario, calendars, "trunk", name):
            if cut:
                rows.append((at, Phase.OUTAGE, trunk, -1, -1))
    for group, name in enumerate(scenario.agents):
        for (at, _), cut in outages(scenario, calendars, "agents", name):
            if cut:
                rows.append((at, Phase.OUTAGE, -1, group, -1))
    for number, queue in enumerate(scenario.queues.values()):
        if queue.closes is not None and queue.at_closing == "clear":
            steps = calendars.steps(hours[queue.closes])
            closing = steps.at[1:][(steps.value[1:] == 0) & (steps.value[:-1] > 0)]
            rows += [(int(at), Phase.CHANGE, -1, -1, number) for at in closing]
    rows.sort(key=lambda row: row[:2])
    return Moments(*np.array(rows, np.int64).reshape(-1, 5).T.copy())


def number_out(scenario: Scenario, names: Names, calendars: CalendarTable) -> list[int]:
    """For each number, the calendar of the times at which calls to it fail; -1: never."""
    found = []
    for name, number in scenario.numbers.items():
        out = outages(scenario, calendars, "number", name)
        if number.trunk is not None:
            out += outages(scenario, calendars, "trunk", number.trunk)
        spans_out = [span for span, _ in out]
        found.append(calendars.add(out_steps(spans_out)) if spans_out else -1)
    return found
