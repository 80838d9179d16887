"""What is doubtful in a scenario's load: queues nobody serves at some hour, overload, starvation.

Belongs here: rules that compare the offered load with agents and channels, slot by slot. Does not
belong here: how the load comes about (`offered`), rules on the graph (`lint`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from vpbx.errors import Problem
from vpbx.flow.offered import Offered, handle_s, on_phone
from vpbx.flow.slots import SLOT_MIN, Slot, times_text
from vpbx.scenario.models import Scenario

Warn = Callable[[tuple[str | int, ...], str, str], Problem]

LONG_SLOTS = 2 * 60 // SLOT_MIN
"""An overload counts from two hours of a week on."""
TRUNK_MARGIN = 1.1
"""Offered erlangs above the channels by this factor are a clear overload of a trunk."""


@dataclass(frozen=True)
class _Excess:
    """Slots in which a load is above what carries it."""

    slots: list[Slot]
    worst: Slot
    load: float
    limit: float

    @property
    def text(self) -> str:
        """The figure: `12.3 erlangs against 6 agents at mon 09:00, …`."""
        hours = len(self.slots) * SLOT_MIN / 60
        return (
            f"{self.load:.1f} erlangs against {self.limit:g} at {times_text([self.worst])}, "
            f"{hours:g} h in all ({times_text(self.slots)})"
        )


def load_problems(
    scenario: Scenario, offered: Offered, entered: set[str], warn: Warn
) -> Iterator[Problem]:
    """Warnings on load and staffing over the run's first week."""
    yield from _unserved(scenario, offered, warn)
    for queues in _pools(scenario):
        yield from _overload(scenario, offered, queues, warn)
    yield from _backlog(scenario, offered, warn)
    for queue in scenario.queues:
        yield from _starvation(scenario, offered, queue, warn)
    yield from _trunks(scenario, offered, warn)


def _unserved(scenario: Scenario, offered: Offered, warn: Warn) -> Iterator[Problem]:
    """Queues to which callers are led while nobody is on the phone (never: another rule)."""
    for queue in scenario.queues:
        served = any(queue in group.serves for group in scenario.agents.values())
        empty = [
            slot
            for slot, load in zip(offered.slots, offered.loads, strict=True)
            if served and _calls(load.calls_per_h, {queue}) > 0 and not offered.staff(queue, slot)
        ]
        if empty:
            asks = "" if _asks_hours(scenario) else " and no branch asks for opening hours,"
            message = f"callers come,{asks} but nobody is on the phone: {times_text(empty)}"
            yield warn(("queues", queue), "unstaffed-queue", message)


def _asks_hours(scenario: Scenario) -> bool:
    """Whether some branch asks whether it is open."""
    cases = [case for node in scenario.flow.values() for case in node.branch or ()]
    return any(case.open is not None or case.closed is not None for case in cases)


def _calls(
    calls_per_h: dict[tuple[str, int], float], queues: set[str], above: int = -(2**31)
) -> float:
    return sum(
        rate
        for (queue, priority), rate in calls_per_h.items()
        if queue in queues and priority > above
    )


def _pools(scenario: Scenario) -> list[list[str]]:
    """Each served queue alone, and the sets of queues that share agents, in file order."""
    graph: nx.Graph[tuple[str, str]] = nx.Graph()
    for name, group in scenario.agents.items():
        graph.add_edges_from((("group", name), ("queue", queue)) for queue in group.serves)
    shared = [
        [queue for queue in scenario.queues if ("queue", queue) in part]
        for part in nx.connected_components(graph)
    ]
    alone = [[queue] for queue in scenario.queues if ("queue", queue) in graph]
    return alone + [pool for pool in shared if len(pool) > 1]


def _erlangs(
    scenario: Scenario, offered: Offered, place: int, queues: list[str], above: int
) -> float:
    slot, load = offered.slots[place], offered.loads[place]
    return sum(
        _calls(load.calls_per_h, {queue}, above) * handle_s(scenario, queue, slot) / 3600
        for queue in queues
    )


def _heads(scenario: Scenario, queues: list[str], slot: Slot) -> int:
    return sum(
        on_phone(group, slot)
        for group in scenario.agents.values()
        if any(queue in group.serves for queue in queues)
    )


def _excess(offered: Offered, pairs: list[tuple[float, float]]) -> _Excess | None:
    """Where a load passes its limit (which is above 0) for long; None: nowhere."""
    over = [place for place, (load, limit) in enumerate(pairs) if load > limit > 0]
    if len(over) < LONG_SLOTS:
        return None
    worst = max(over, key=lambda place: pairs[place][0] / pairs[place][1])
    return _Excess([offered.slots[at] for at in over], offered.slots[worst], *pairs[worst])


def _queue_excess(
    scenario: Scenario, offered: Offered, queues: list[str], above: int = -(2**31)
) -> _Excess | None:
    pairs = [
        (_erlangs(scenario, offered, at, queues, above), float(_heads(scenario, queues, slot)))
        for at, slot in enumerate(offered.slots)
    ]
    return _excess(offered, pairs)


def _overload(
    scenario: Scenario, offered: Offered, queues: list[str], warn: Warn
) -> Iterator[Problem]:
    """More work offered than there are agents."""
    excess = _queue_excess(scenario, offered, queues)
    alone = len(queues) == 1
    if excess is None or (not alone and _some_alone(scenario, offered, queues)):
        return
    what = "" if alone else f"queues {', '.join(queues)} together: "
    message = f"{what}more work is offered than the agents can do: {excess.text}"
    yield warn(("queues", queues[0]), "overload", message)


def _backlog(scenario: Scenario, offered: Offered, warn: Warn) -> Iterator[Problem]:
    """Messages for whom the week has too few hours, even if agents did nothing but calls and them."""
    for queue in scenario.queues:
        if not any(load.messages_per_h.get(queue) for load in offered.loads):
            continue
        pool = _work_of(scenario, queue)
        work_h = staffed_h = 0.0
        for at, slot in enumerate(offered.slots):
            work_h += _erlangs(scenario, offered, at, pool, -(2**31)) * SLOT_MIN / 60
            messages = offered.loads[at].messages_per_h
            rates = [messages.get(name, 0.0) * handle_s(scenario, name, slot) for name in pool]
            work_h += sum(rates) / 3600 * SLOT_MIN / 60
            staffed_h += _heads(scenario, pool, slot) * SLOT_MIN / 60
        if work_h > staffed_h > 0:
            message = (
                f"calls and messages make {work_h:.0f} h of work in the first week, those who serve "
                f"{', '.join(pool)} are there for {staffed_h:.0f} h: messages pile up"
            )
            yield warn(("queues", queue), "backlog", message)


def _work_of(scenario: Scenario, queue: str) -> list[str]:
    """The queues that share agents with a queue, itself included, in file order."""
    return next((pool for pool in reversed(_pools(scenario)) if queue in pool), [queue])


def _some_alone(scenario: Scenario, offered: Offered, queues: list[str]) -> bool:
    return any(_queue_excess(scenario, offered, [queue]) is not None for queue in queues)


def _starvation(scenario: Scenario, offered: Offered, queue: str, warn: Warn) -> Iterator[Problem]:
    """Priority callers alone are more than the agents can do, so the others are never served."""
    levels = sorted({p for load in offered.loads for q, p in load.calls_per_h if q == queue})
    for below, above in pairwise(levels):
        excess = _queue_excess(scenario, offered, [queue], above=below)
        if excess is not None:
            message = (
                f"callers of priority {above} and more take all the agents, and those of priority "
                f"{below} starve: {excess.text}"
            )
            yield warn(("queues", queue), "starvation", message)
            return


def _trunks(scenario: Scenario, offered: Offered, warn: Warn) -> Iterator[Problem]:
    """Trunks with fewer channels than the calls take even if nobody waited."""
    for name, trunk in scenario.trunks.items():
        pairs = [
            (
                load.trunk_erlangs.get(name, 0.0) / TRUNK_MARGIN,
                float(trunk.channels.at(slot.weekday, slot.minute)),
            )
            for slot, load in zip(offered.slots, offered.loads, strict=True)
        ]
        excess = _excess(offered, pairs)
        if excess is not None:
            figure = f"{excess.load * TRUNK_MARGIN:.1f} erlangs against {excess.limit:g} channels"
            message = (
                f"too few channels even if nobody waited: {figure}, {times_text(excess.slots)}"
            )
            yield warn(("trunks", name), "small-trunk", message)
