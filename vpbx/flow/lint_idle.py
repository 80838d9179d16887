"""What stands in a scenario and does nothing: extensions that never ring, causes that cannot occur.

Belongs here: rules on parts without effect, and on parts whose work nobody does. Does not belong here:
rules on the graph (`lint`), on load and hours (`lint_load`, `lint_hours`).
"""

from collections.abc import Callable, Iterator

from vpbx.errors import Problem
from vpbx.scenario.desks import AgentGroup
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import Node
from vpbx.units import duration_text

Warn = Callable[[tuple[str | int, ...], str, str], Problem]


def idle_problems(scenario: Scenario, entered: set[str], warn: Warn) -> Iterator[Problem]:
    """Warnings on what has no effect; `entered` are the nodes to which numbers lead."""
    nodes = {name: node for name, node in scenario.flow.items() if name in entered}
    yield from _extensions(scenario, nodes, warn)
    yield from _mailboxes(nodes, warn)
    yield from _ring_all(scenario, warn)
    yield from _too_late(scenario, nodes, warn)
    yield from _redials(scenario, nodes, warn)


def trunks_used(scenario: Scenario) -> Iterator[str | None]:
    """The trunks that numbers, outside legs and calls back hold."""
    yield from (number.trunk for number in scenario.numbers.values())
    yield from (extension.trunk for extension in scenario.extensions.values())
    for node in scenario.flow.values():
        if node.offers.callback is not None:
            yield node.offers.callback.trunk


def rung(scenario: Scenario, nodes: dict[str, Node]) -> set[str]:
    """The extensions to which calls can come: legs of the nodes, and what those forward to."""
    found: set[str] = set()
    ahead = [leg.to for node in nodes.values() if node.ring is not None for leg in node.ring.legs]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            forward = scenario.extensions[name].forward
            given = forward.model_dump(exclude={"outside"}).values() if forward else ()
            ahead += [to for to in given if to is not None]
    return found


def _extensions(scenario: Scenario, nodes: dict[str, Node], warn: Warn) -> Iterator[Problem]:
    reached = rung(scenario, nodes)
    for name, extension in scenario.extensions.items():
        place = ("extensions", name)
        if name not in reached:
            yield warn(place, "unrung-extension", "no call ever rings this extension")
        limited = bool(scenario.trunks) and scenario.licence is None
        if limited and extension.number is not None and extension.trunk is None:
            message = "an outside number without a trunk: any number of calls to it fit"
            yield warn(place, "no-trunk", message)


def _mailboxes(nodes: dict[str, Node], warn: Warn) -> Iterator[Problem]:
    for name, node in nodes.items():
        if node.voicemail is not None and node.voicemail.queue is None:
            message = "nobody deals with the messages: name the queue in which they wait"
            yield warn(("flow", name, "voicemail"), "unheard-messages", message)


def _serving(scenario: Scenario, queue: str) -> list[AgentGroup]:
    return [group for group in scenario.agents.values() if queue in group.serves]


def _ring_all(scenario: Scenario, warn: Warn) -> Iterator[Problem]:
    """Phones that are answered at once do not ring together."""
    for name, queue in scenario.queues.items():
        groups = _serving(scenario, name)
        if queue.strategy == "ring_all" and groups and not any(group.phone for group in groups):
            message = "no phone rings: give the groups that serve it a phone (agents.NAME.phone)"
            yield warn(("queues", name, "strategy"), "silent-phones", message)


def _too_late(scenario: Scenario, nodes: dict[str, Node], warn: Warn) -> Iterator[Problem]:
    """Waits that end before the first group takes calls."""
    for name, node in nodes.items():
        groups = _serving(scenario, node.queue) if node.queue is not None else []
        first = min((group.serves[node.queue or ""].after for group in groups), default=0)
        if node.max_wait is not None and first > 0 and first >= node.max_wait:
            message = (
                f"nobody takes calls from {node.queue} before {duration_text(first)} of waiting: "
                "every wait ends before that"
            )
            yield warn(("flow", name, "max_wait"), "never-served", message)


def _redials(scenario: Scenario, nodes: dict[str, Node], warn: Warn) -> Iterator[Problem]:
    """Redials for causes that cannot occur."""
    possible = _causes(scenario, nodes)
    for name, callers in scenario.callers.items():
        for cause in callers.redial.after if callers.redial else ():
            if not possible.get(cause, True):
                message = f"no call of this scenario can be {_WORDS[cause]}"
                yield warn(("callers", name, "redial", "after", cause), "idle-cause", message)


_WORDS = {
    "timed_out": "timed out: no queue node has max_wait",
    "cleared": "cleared: no queue has at_closing: clear",
    "callback_failed": "called back: no queue node offers it",
    "unsettled": "left unsettled: every group settles all (serves.settles)",
    "balked": "balked: no class balks, and no announced wait makes callers balk",
}


def _causes(scenario: Scenario, nodes: dict[str, Node]) -> dict[str, bool]:
    """Whether a cause can occur, for those of which that can be told."""
    serves = [one for group in scenario.agents.values() for one in group.serves.values()]
    told = any(node.announce.balks for node in nodes.values())
    return {
        "timed_out": any(node.max_wait is not None for node in nodes.values()),
        "cleared": any(queue.at_closing == "clear" for queue in scenario.queues.values()),
        "callback_failed": any(node.offers.callback is not None for node in nodes.values()),
        "unsettled": any(one.settles < 1.0 for one in serves),
        "balked": told or any(callers.balks > 0.0 for callers in scenario.callers.values()),
    }
