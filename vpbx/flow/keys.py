"""Which key leads towards which goal.

Belongs here: goals, the key table, distances to a goal. Does not belong here: paths for people to
read (`paths`), what a caller does with the table (the walk).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import networkx as nx

from vpbx.codes import KEYS, Exit, Op
from vpbx.flow.graph import Way, by_lot, chance_of, op_of, options, ways
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import Node

PASSIVE_S = 1e6
"""Added for a way that a caller takes by doing nothing or wrong: only where no key leads on."""

_STEP_S = 1e-6
"""Added for every edge, so that each step comes nearer to the goal even where it takes no time."""


@dataclass(frozen=True)
class KeyTable:
    """What callers know about the flow, one goal a column.

    `press` has no entry where no key of the menu leads towards the goal; where `reach` holds all
    the same, waiting in silence does (`no_input.then`).
    """

    goals: tuple[str, ...]
    """Goal nodes in the order of the file."""
    press: dict[tuple[str, str], str]
    """(menu, goal) → the key that leads to the goal in the shortest expected time."""
    reach: dict[tuple[str, str], bool]
    """(node, goal) → whether the goal can be reached; true at the goal itself."""
    fallback_goal: dict[str, str | None]
    """Self-service node → the nearest queue node after it failed; None: there is none."""


def cost_s(node: Node, way: Way) -> float:
    """Expected seconds that a way out of a node costs a caller who wants to go it; inf: no way.

    A way that chance opens with probability p costs the mean time over p, as if tried until it
    opens. Nothing leads on from a queue or a mailbox: who reached one waits, or speaks, there. What
    lies behind ringing is reached by waiting until nobody has answered, or the talk is over; what
    lies behind a share of a branch, by luck. Ways of a module that is not licensed are none.
    """
    if way.to is None or op_of(node) in (Op.QUEUE, Op.VOICEMAIL) or way.exit == Exit.UNLICENSED:
        return inf
    if way.exit in (Exit.NO_INPUT, Exit.NO_MATCH) or op_of(node) == Op.RING or by_lot(node, way):
        return way.seconds + PASSIVE_S
    chance = chance_of(node, way)
    return way.seconds / chance + _STEP_S if chance > 0 else inf


def _costed_ways(scenario: Scenario) -> Iterator[tuple[str, str, float]]:
    for name, node in scenario.flow.items():
        for way in ways(node):
            cost = cost_s(node, way)
            if way.to is not None and cost < inf:
                yield name, way.to, cost


def cost_graph(scenario: Scenario) -> "nx.DiGraph[str]":
    """The flow with one edge a pair of nodes: the cheapest way, `cost` in seconds."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(scenario.flow)
    for tail, head, cost in _costed_ways(scenario):
        if cost < graph.get_edge_data(tail, head, {"cost": inf})["cost"]:
            graph.add_edge(tail, head, cost=cost)
    return graph


def distances_s(graph: "nx.DiGraph[str]", goal: str) -> dict[str, float]:
    """Expected seconds from every node that can reach the goal (Dijkstra, backwards)."""
    backwards = graph.reverse(copy=False)
    lengths: dict[str, float] = nx.single_source_dijkstra_path_length(
        backwards, goal, weight="cost"
    )
    return lengths


def best_way(node: Node, to_goal_s: dict[str, float]) -> Way | None:
    """The way out of a node that leads to the goal soonest, the first of equals; None: none."""
    best, least = None, inf
    for way in ways(node):
        total = cost_s(node, way) + to_goal_s.get(way.to or "", inf)
        if total < least:
            best, least = way, total
    return best


def fallback_goals(scenario: Scenario, graph: "nx.DiGraph[str]") -> dict[str, str | None]:
    """For each self-service node, the queue node nearest to its `otherwise`, if any."""
    return {
        name: _nearest_queue(scenario, graph, node.otherwise)
        for name, node in scenario.flow.items()
        if node.self_service is not None
    }


def _nearest_queue(scenario: Scenario, graph: "nx.DiGraph[str]", start: str | None) -> str | None:
    if start is None:
        return None
    lengths = nx.single_source_dijkstra_path_length(graph, start, weight="cost")
    queues = [name for name, node in scenario.flow.items() if node.queue and name in lengths]
    return min(queues, key=lambda name: lengths[name], default=None)


def goals_of(scenario: Scenario) -> set[str]:
    """The nodes that some caller class wants."""
    return {goal for callers in scenario.callers.values() for goal in callers.wants}


def key_table(scenario: Scenario) -> KeyTable:
    """The key table of a scenario whose names have been checked.

    Ties go to the key that comes first in `codes.KEYS`. Menus whose options have shares are in the
    table like the others; callers there press by share all the same.
    """
    graph = cost_graph(scenario)
    fallback = fallback_goals(scenario, graph)
    wanted = goals_of(scenario) | {goal for goal in fallback.values() if goal is not None}
    goals = tuple(name for name in scenario.flow if name in wanted)
    press: dict[tuple[str, str], str] = {}
    reach: dict[tuple[str, str], bool] = {}
    for goal in goals:
        to_goal_s = distances_s(graph, goal)
        reach.update({(name, goal): name in to_goal_s for name in scenario.flow})
        press.update(_keys_to(scenario, goal, to_goal_s))
    return KeyTable(goals, press, reach, fallback)


def _keys_to(
    scenario: Scenario, goal: str, to_goal_s: dict[str, float]
) -> Iterator[tuple[tuple[str, str], str]]:
    for name, node in scenario.flow.items():
        way = best_way(node, to_goal_s) if options(node) else None
        if way is not None and way.exit < len(KEYS):
            yield (name, goal), KEYS[way.exit]
