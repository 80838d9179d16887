"""What is doubtful or wrong in a scenario's flow: errors, and warnings.

Belongs here: rules on the graph, on goals, numbers and groups. Rules on load over time are in
`lint_load`, on opening hours in `lint_hours`, on parts that do nothing in `lint_idle`. Does not
belong here: names, units, sums of shares (`scenario.check` has done those).

No rule guesses: one that would warn of a sensible scenario is worse than none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Protocol

import networkx as nx

from vpbx.codes import Exit, Op
from vpbx.errors import Mark, Problem
from vpbx.flow.graph import (
    Way,
    accepts,
    build,
    chance_of,
    mean_s,
    number_ways,
    op_of,
    options,
    queues_of,
    ways,
)
from vpbx.flow.keys import KeyTable, goals_of, key_table
from vpbx.flow.lint_hours import hours_problems
from vpbx.flow.lint_idle import idle_problems, trunks_used
from vpbx.flow.lint_load import load_problems
from vpbx.flow.offered import Offered
from vpbx.flow.paths import KeyPath, key_paths
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import BranchCase, Node
from vpbx.units import duration_text

Place = tuple[str | int, ...]


class Places(Protocol):
    """Where keys of the scenario stand in their files."""

    def mark(self, path: Place) -> Mark:
        """Place of a key, or of its nearest known ancestor."""


@dataclass(frozen=True)
class _Facts:
    """What the rules look at, worked out once."""

    scenario: Scenario
    marks: Places

    @cached_property
    def graph(self) -> "nx.MultiDiGraph[str]":
        return build(self.scenario)

    @cached_property
    def table(self) -> KeyTable:
        return key_table(self.scenario)

    @cached_property
    def paths(self) -> list[KeyPath]:
        return key_paths(self.scenario)

    @cached_property
    def entered(self) -> set[str]:
        """The nodes to which some number leads."""
        starts = {w.to for number in self.scenario.numbers.values() for w in number_ways(number)}
        return _behind(self.graph, [start for start in starts if start is not None])

    def problem(self, place: Place, kind: str, message: str, warning: bool) -> Problem:
        path = ".".join(str(part) for part in place)
        return Problem(self.marks.mark(place), path, message, kind, warning)

    def warn(self, place: Place, kind: str, message: str) -> Problem:
        return self.problem(place, kind, message, warning=True)

    def error(self, place: Place, kind: str, message: str) -> Problem:
        return self.problem(place, kind, message, warning=False)


def _behind(graph: "nx.MultiDiGraph[str]", starts: Iterable[str]) -> set[str]:
    """The starts and all nodes that can follow them."""
    found: set[str] = set()
    for start in starts:
        if start not in found:
            found |= {start, *nx.descendants(graph, start)}
    return found


def lint(scenario: Scenario, marks: Places) -> list[Problem]:
    """Every problem of a scenario whose names have been checked: errors first, in file order."""
    facts = _Facts(scenario, marks)
    problems = [problem for rule in _RULES for problem in rule(facts)]
    if not any(problem.kind in _ENDLESS for problem in problems):
        offered = Offered(scenario, facts.table)
        problems += load_problems(scenario, offered, facts.entered, facts.warn)
        problems += hours_problems(scenario, offered, facts.warn)
    problems += idle_problems(scenario, facts.entered, facts.warn)
    return sorted(problems, key=lambda p: (p.warning, p.mark.file, p.mark.line, p.mark.column))


_ENDLESS = frozenset({"loop", "zero-time-loop"})


def _unreachable(facts: _Facts) -> Iterator[Problem]:
    for name in facts.scenario.flow:
        if name not in facts.entered:
            yield facts.warn(("flow", name), "unreachable-node", "no number leads here")


def _no_ending(facts: _Facts) -> Iterator[Problem]:
    """Traps: groups of nodes that lead only to one another, none of which can end a call."""
    nodes = facts.scenario.flow
    for trap in nx.strongly_connected_components(facts.graph):
        leaves = any(head not in trap for name in trap for head in facts.graph.successors(name))
        if not leaves and not any(_can_end(nodes[name]) for name in trap):
            first = next(name for name in nodes if name in trap)
            message = f"no call can end from here: {_listed(nodes, trap)} lead only to one another"
            if len(trap) == 1:
                message = "no call can end from here: the node leads only to itself"
            yield facts.problem(("flow", first), "no-ending", message, _has_people(nodes, trap))


def _has_people(nodes: Mapping[str, Node], trap: set[str]) -> bool:
    """Whether callers can hang up of their own accord there: in a menu, a queue, while it rings."""
    return any(op_of(nodes[name]) in (Op.MENU, Op.QUEUE, Op.RING) for name in trap)


def _can_end(node: Node) -> bool:
    return op_of(node) == Op.HANGUP or any(way.to is None for way in _open_ways(node))


def _open_ways(node: Node) -> Iterator[Way]:
    """The ways that a call can really take: those of probability 0 left out."""
    return (way for way in ways(node) if chance_of(node, way) > 0.0)


def _loops(facts: _Facts) -> Iterator[Problem]:
    """Loops that nobody's action ends: through announcements only, or in no time."""
    nodes = facts.scenario.flow
    plays = [name for name, node in nodes.items() if op_of(node) == Op.PLAY]
    for loop in _cycles(facts.graph.subgraph(plays)):
        first = next(name for name in nodes if name in loop)
        message = f"announcements follow one another for ever: {_listed(nodes, loop)}"
        yield facts.error(("flow", first), "loop", message)
    for loop in _cycles(_zero_time(facts)):
        if not loop <= set(plays):
            first = next(name for name in nodes if name in loop)
            message = f"a call can go round in no time: {_listed(nodes, loop)}"
            yield facts.error(("flow", first), "zero-time-loop", message)


def _cycles(graph: "nx.DiGraph[str]") -> Iterator[set[str]]:
    for part in nx.strongly_connected_components(graph):
        if len(part) > 1 or any(graph.has_edge(name, name) for name in part):
            yield set(part)


def _zero_time(facts: _Facts) -> "nx.DiGraph[str]":
    """The ways that take no time and wait for nobody."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, node in facts.scenario.flow.items():
        graph.add_edges_from((name, way.to) for way in _instant_ways(facts, node) if way.to)
    return graph


def _instant_ways(facts: _Facts, node: Node) -> Iterator[Way]:
    match op_of(node):
        case Op.BRANCH:
            yield from ways(node)
        case Op.PLAY if mean_s(node) == 0:
            yield from ways(node)
        case Op.SELF_SERVICE | Op.IDENTIFY | Op.SURVEY | Op.ROUND_TRIP if mean_s(node) == 0:
            certain = {way.to: way for way in _open_ways(node)}
            yield from certain.values() if len(certain) == 1 else ()
        case Op.QUEUE:
            yield from _instant_queue_ways(facts, node)
        case Op.RING:
            yield from (way for way in ways(node) if way.exit == Exit.OTHERWISE)
        case Op.VOICEMAIL if node.voicemail is not None and node.voicemail.capacity is not None:
            yield from (way for way in ways(node) if way.exit == Exit.FULL)


def _instant_queue_ways(facts: _Facts, node: Node) -> Iterator[Way]:
    """The ways by which a call may leave a queue as soon as it comes."""
    queue, elsewhere = facts.scenario.queues[node.queue or ""], node.offers.elsewhere
    always = elsewhere is not None and elsewhere.taken_by == 1.0
    instant = {
        Exit.FULL: queue.capacity is not None,
        Exit.EMPTY: not queue.join_empty,
        Exit.TIMED_OUT: node.max_wait == 0,
        Exit.ELSEWHERE: always,
    }
    return (way for way in ways(node) if instant.get(Exit(way.exit), False))


def _listed(nodes: Iterable[str], chosen: set[str]) -> str:
    return ", ".join(name for name in nodes if name in chosen)


def _unused_options(facts: _Facts) -> Iterator[Problem]:
    """Keys that nobody presses and behind which nothing lies that anybody wants."""
    goals = _live_goals(facts)
    pressed = _pressed_keys(facts)
    if not goals:
        return
    for name, node in facts.scenario.flow.items():
        for key, option in options(node):
            used = bool(option.share) or (name, key) in pressed
            leads = any(facts.table.reach.get((option.next, goal)) for goal in goals)
            if (
                name in facts.entered
                and not used
                and not leads
                and not _repeats(facts, option.next)
            ):
                message = "no caller wants anything that lies behind this key"
                yield facts.warn(("flow", name, "menu", key), "unused-option", message)


def _repeats(facts: _Facts, name: str) -> bool:
    """Whether an option only hangs up, as the last of a menu often does."""
    return op_of(facts.scenario.flow[name]) == Op.HANGUP


def _live_goals(facts: _Facts) -> set[str]:
    wanted = goals_of(facts.scenario)
    fallback = {facts.table.fallback_goal.get(goal) for goal in wanted}
    return wanted | {goal for goal in fallback if goal is not None}


def _pressed_keys(facts: _Facts) -> set[tuple[str, str]]:
    """(menu, key) pressed on some key path, forced keys included, or for some goal from a menu."""
    live = _live_goals(facts)
    pressed = {(menu, key) for (menu, goal), key in facts.table.press.items() if goal in live}
    for path in facts.paths:
        menus = [name for name in path.nodes if options(facts.scenario.flow[name])]
        pressed |= set(zip(menus, path.keys, strict=False))
    return pressed


def _goals(facts: _Facts) -> Iterator[Problem]:
    """Goals that a class cannot reach from the numbers that it dials."""
    for name, callers in facts.scenario.callers.items():
        let_in = _let_in(facts, name)
        if not let_in and callers.dials:
            message = f"no number that they dial accepts network {callers.network}"
            yield facts.warn(("callers", name, "dials"), "refused-everywhere", message)
            continue
        for goal in callers.wants:
            yield from _goal(facts, name, goal, let_in)


def _let_in(facts: _Facts, name: str) -> list[str]:
    callers, numbers = facts.scenario.callers[name], facts.scenario.numbers
    return [
        number
        for number, share in callers.dials.items()
        if share > 0 and accepts(numbers[number], callers.network)
    ]


def _goal(facts: _Facts, name: str, goal: str, let_in: list[str]) -> Iterator[Problem]:
    numbers, reach = facts.scenario.numbers, facts.table.reach
    lost = [number for number in let_in if not reach[numbers[number].enter, goal]]
    place: Place = ("callers", name, "wants", goal)
    if lost == let_in and let_in:
        message = f"cannot be reached from any number that they dial ({', '.join(lost)})"
        yield facts.error(place, "unreachable-goal", message)
    elif lost:
        message = f"cannot be reached from {', '.join(lost)}, which they dial too"
        yield facts.warn(place, "unreachable-goal", message)


def _forced(facts: _Facts) -> Iterator[Problem]:
    """Prescribed keys that do not lead to their goal."""
    for path in facts.paths:
        if path.forced and path.listening_s == float("inf"):
            keys = " ".join(path.keys) or "none"
            for name, callers in facts.scenario.callers.items():
                if path.goal in callers.wants and path.number in callers.dials:
                    message = f"the keys do not lead there from {path.number} (pressed: {keys})"
                    place: Place = ("callers", name, "wants", path.goal, "keys")
                    yield facts.warn(place, "keys-miss-goal", message)
                    break


def _queues(facts: _Facts) -> Iterator[Problem]:
    scenario = facts.scenario
    used = {queue for node in scenario.flow.values() for queue in queues_of(node)}
    served = {queue for group in scenario.agents.values() for queue in group.serves}
    for queue in scenario.queues:
        if queue not in used:
            message = "no node of the flow waits in this queue"
            yield facts.warn(("queues", queue), "queue-without-node", message)
        elif queue not in served:
            yield facts.error(("queues", queue), "unserved-queue", "no group of agents serves it")


def _groups(facts: _Facts) -> Iterator[Problem]:
    flow = facts.scenario.flow
    reached = {queue for name in facts.entered for queue in queues_of(flow[name])}
    for name, group in facts.scenario.agents.items():
        if not reached & set(group.serves):
            message = "serves no queue that a call can reach"
            yield facts.warn(("agents", name), "idle-group", message)


def _trunks(facts: _Facts) -> Iterator[Problem]:
    """Numbers and trunks without one another; a scenario without any trunk means no limit, and under a
    licence its channels are the limit."""
    trunks, numbers = facts.scenario.trunks, facts.scenario.numbers
    limited = bool(trunks) and facts.scenario.licence is None
    for name, number in numbers.items():
        if limited and number.trunk is None:
            message = "has no trunk, so any number of calls fit; the other numbers have one"
            yield facts.warn(("numbers", name), "no-trunk", message)
    used = set(trunks_used(facts.scenario))
    for name in trunks:
        if name not in used:
            yield facts.warn(("trunks", name), "unused-trunk", "no number uses this trunk")


def _patience(facts: _Facts) -> Iterator[Problem]:
    clock = facts.scenario.clock
    horizon_us = clock.duration + (clock.drain_limit if clock.at_end == "drain" else 0)
    for name, callers in facts.scenario.callers.items():
        if callers.patience is not None and callers.patience.mean_us > horizon_us:
            message = (
                f"mean patience of {duration_text(callers.patience.mean_us)} is longer than the "
                f"whole run ({duration_text(horizon_us)})"
            )
            yield facts.warn(("callers", name, "patience"), "long-patience", message)


def _closing(facts: _Facts) -> Iterator[Problem]:
    """Branches on opening hours that hang up on callers without a word."""
    for name, node in facts.scenario.flow.items():
        cases = node.branch or []
        asks_open = any(case.open is not None for case in cases)
        if name in facts.entered and asks_open and _silent_end(facts, node.otherwise):
            message = "callers outside the opening hours are cut off without a word"
            yield facts.warn(("flow", name), "silent-closing", message)
        for place, case in enumerate(cases):
            if case.closed is not None and _silent_end(facts, case.next):
                yield _closed_case(facts, name, place, case)


def _closed_case(facts: _Facts, name: str, place: int, case: BranchCase) -> Problem:
    message = f"callers outside {case.closed} are cut off without a word"
    return facts.warn(("flow", name, "branch", place), "silent-closing", message)


def _events(facts: _Facts) -> Iterator[Problem]:
    """Events on a date that the run does not reach."""
    clock = facts.scenario.clock
    end = clock.start + timedelta(microseconds=clock.duration)
    for place, event in enumerate(facts.scenario.events):
        day = event.on
        if day is not None and not clock.start.date() <= day < end.date() + timedelta(days=1):
            message = (
                f"{day} lies outside the run ({clock.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M})"
            )
            yield facts.warn(("events", place, "on"), "event-outside", message)


def _silent_end(facts: _Facts, name: str | None) -> bool:
    return name is None or op_of(facts.scenario.flow[name]) == Op.HANGUP


_RULES: tuple[Callable[[_Facts], Iterator[Problem]], ...] = (
    _unreachable,
    _no_ending,
    _loops,
    _unused_options,
    _goals,
    _forced,
    _queues,
    _groups,
    _trunks,
    _patience,
    _closing,
    _events,
)
