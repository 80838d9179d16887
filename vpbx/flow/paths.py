"""The shortest key path from each number to each goal, and how long it takes.

Belongs here: paths for people to read and their mean times. Does not belong here: the table that
callers use (`keys`), chance (wrong keys, failures).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from vpbx.codes import KEYS, Exit, Op
from vpbx.flow.graph import Way, accepts, op_of, options, reaction_s, ways
from vpbx.flow.keys import best_way, cost_graph, distances_s
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import Node
from vpbx.scenario.people import CallerClass, Want
from vpbx.units import SECOND_US, duration_text

SILENCE = "…"
"""Stands in a key path where the caller waits without pressing anything."""


@dataclass(frozen=True)
class KeyPath:
    """The way from a number to a goal."""

    number: str
    goal: str
    keys: tuple[str, ...]
    """The keys pressed in turn; `SILENCE` where only waiting leads on."""
    listening_s: float
    """Mean seconds to the goal for a caller who listens; infinite when the path misses the goal."""
    knowing_s: float
    """The same for a caller who knows the menu and cuts prompts where they can be cut."""
    nodes: tuple[str, ...]
    """The nodes passed, the goal last (or the node where the path fails)."""
    forced: bool = False
    """Whether the keys are those that the scenario prescribes (`keys:`)."""


@dataclass(frozen=True)
class _Step:
    """A node left by one of its ways."""

    name: str
    node: Node
    way: Way


def text(path: KeyPath) -> str:
    """A path in a line: `0890 → agent: 2 0, 41 s listening, 9 s knowing the menu`."""
    keys = " ".join(path.keys) or "no keys"
    head = f"{path.number} → {path.goal}: {keys}"
    if path.listening_s == inf:
        return f"{head}, does not lead there"
    listening, knowing = (duration_text(s * SECOND_US) for s in (path.listening_s, path.knowing_s))
    return f"{head}, {listening} listening, {knowing} knowing the menu"


def key_paths(scenario: Scenario) -> list[KeyPath]:
    """A path for each number and each goal of a class that dials it and is let in; no repeats.

    Numbers and goals come in the order of the file; forced keys make a path of their own. A goal
    that cannot be reached has an infinite time.
    """
    wanted = [
        (number, goal)
        for number in scenario.numbers
        for goal in scenario.flow
        if any(_wants(scenario, callers, number, goal) for callers in scenario.callers.values())
    ]
    graph = cost_graph(scenario)
    to_goal_s = {goal: distances_s(graph, goal) for goal in {goal for _, goal in wanted}}
    return [
        _path(scenario, number, goal, to_goal_s[goal], keys)
        for number, goal in wanted
        for keys in sorted(_key_choices(scenario, number, goal))
    ]


def forced_keys(callers: CallerClass, number: str, goal: str) -> str:
    """The keys that a class presses on a number for a goal, whatever the menus say; "" for none."""
    want = callers.wants.get(goal)
    keys = want.keys if isinstance(want, Want) else None
    if isinstance(keys, dict):
        keys = keys.get(number)
    return (keys or "").replace(" ", "")


def _wants(scenario: Scenario, callers: CallerClass, number: str, goal: str) -> bool:
    let_in = accepts(scenario.numbers[number], callers.network)
    return let_in and goal in callers.wants and callers.dials.get(number, 0.0) > 0


def _key_choices(scenario: Scenario, number: str, goal: str) -> set[str]:
    return {
        forced_keys(callers, number, goal)
        for callers in scenario.callers.values()
        if _wants(scenario, callers, number, goal)
    }


def _path(
    scenario: Scenario, number: str, goal: str, to_goal_s: dict[str, float], keys: str
) -> KeyPath:
    steps = list(_steps(scenario, scenario.numbers[number].enter, goal, to_goal_s, keys))
    nodes = [step.name for step in steps]
    end = steps[-1].way.to if steps else scenario.numbers[number].enter
    reached = end == goal
    return KeyPath(
        number,
        goal,
        tuple(_pressed(steps)),
        sum(step.way.seconds for step in steps) if reached else inf,
        _knowing_s(steps) if reached else inf,
        tuple(nodes) if end is None else (*nodes, end),
        forced=bool(keys),
    )


def _steps(
    scenario: Scenario, start: str, goal: str, to_goal_s: dict[str, float], keys: str
) -> Iterator[_Step]:
    """The nodes left on the way; the forced keys first, then always towards the goal."""
    at: str | None = start
    left = list(keys)
    for _ in range(len(scenario.flow) + len(keys) * len(scenario.flow)):
        if at is None or at == goal:
            return
        node = scenario.flow[at]
        forced = left.pop(0) if left and options(node) else None
        way = best_way(node, to_goal_s) if forced is None else _way_of_key(node, forced)
        way = way if way is not None or not left else _only_way(node)
        if way is None:
            return
        yield _Step(at, node, way)
        at = way.to


def _way_of_key(node: Node, key: str) -> Way | None:
    return next((way for way in ways(node) if way.exit == KEYS.index(key)), None)


def _only_way(node: Node) -> Way | None:
    """The way on while keys are still to be pressed, though the goal is not ahead."""
    return ways(node)[0] if op_of(node) in _PASSED else None


_PASSED = (Op.PLAY, Op.SELF_SERVICE, Op.IDENTIFY, Op.SURVEY, Op.ROUND_TRIP)
"""What callers go through with keys still to press."""


def _pressed(steps: list[_Step]) -> Iterator[str]:
    for step in steps:
        if step.way.exit < len(KEYS):
            yield KEYS[step.way.exit]
        elif step.way.exit in (Exit.NO_INPUT, Exit.NO_MATCH):
            yield SILENCE


def _knowing_s(steps: list[_Step]) -> float:
    """Mean seconds for a caller who knows the keys.

    A greeting that can be cut is cut after the reaction time, and the key is kept: the next menu
    takes it at once, and further greetings before that menu are cut by it.
    """
    total_s, typed_ahead = 0.0, False
    for step in steps:
        seconds, typed_ahead = _knowing_step(step, typed_ahead)
        total_s += seconds
    return total_s


def _knowing_step(step: _Step, typed_ahead: bool) -> tuple[float, bool]:
    """Seconds at a node, and whether a key is waiting afterwards."""
    node, seconds, reaction = step.node, step.way.seconds, reaction_s(step.node)
    if op_of(node) == Op.PLAY and node.barge_in:
        return (0.0, True) if typed_ahead else (min(reaction, seconds), reaction < seconds)
    if step.way.exit < len(KEYS):
        cut_s = reaction if node.barge_in else seconds
        return (0.0 if typed_ahead else cut_s), False
    return seconds, typed_ahead and op_of(node) != Op.MENU
