"""Checks of queue nodes: what callers are told and offered, how they may leave, who stays with them.

Belongs here: the keys that go with `queue` in the section `flow`. Does not belong here: queues and the
people who serve them (`check_desks`).
"""

from vpbx.scenario.check_flow import kinds_of
from vpbx.scenario.circles import circles, shown
from vpbx.scenario.findings import Findings
from vpbx.scenario.nodes import Callback, Node
from vpbx.scenario.tree import Location
from vpbx.units import duration_text

PASSIVE = ("queue", "ring", "play", "survey", "round_trip")
"""Kinds of nodes that a call leaves by `next` without the caller's doing."""


def check_waiting(found: Findings) -> None:
    """Notes every problem of the nodes that wait in a queue."""
    for name, node in found.scenario.flow.items():
        path = ("flow", name)
        if not found.refers((*path, "queue"), node.queue, found.scenario.queues, "queue"):
            continue
        if node.queue is not None and kinds_of(node) == ("queue",):
            _ways(found, path, node)
            _announce(found, (*path, "announce"), node)
            _offers(found, (*path, "offers"), node)
            _holds(found, path, name, node)
    _transfers(found)


def _ways(found: Findings, path: Location, node: Node) -> None:
    queue = found.scenario.queues[str(node.queue)]
    if node.empty is not None and queue.join_empty:
        message = f"is never taken: callers may join an empty {node.queue}; join_empty: no there"
        found.add((*path, "empty"), message, "idle-key", at_key=True)
    if node.timed_out is not None and node.max_wait is None:
        message = "is never taken: the wait has no limit; add max_wait"
        found.add((*path, "timed_out"), message, "idle-key", at_key=True)
    if node.leave is not None and found.node((*path, "leave", "to"), node.leave.to):
        _not_itself(found, (*path, "leave", "to"), node.leave.to)


def _not_itself(found: Findings, path: Location, to: str) -> None:
    if to == path[1]:
        found.add(path, "leads back to the queue that the caller leaves", "leads-back")


def _announce(found: Findings, path: Location, node: Node) -> None:
    said = node.announce
    if said.every is not None and not (said.wait or said.position):
        message = "nothing is told again: add wait: yes or position: yes"
        found.add((*path, "every"), message, "idle-key", at_key=True)
    for key, given in (("balks", bool(said.balks)), ("stays", said.stays != 1.0)):
        if given and not said.wait:
            message = "callers are not told the wait: add wait: yes"
            found.add((*path, key), message, "idle-key", at_key=True)
    if said.every == 0:
        found.add((*path, "every"), "is 0: the wait would be told without end", "announce")


def _offers(found: Findings, path: Location, node: Node) -> None:
    for key in ("elsewhere", "callback", "paid_skip"):
        offer = getattr(node.offers, key)
        if offer is not None and offer.condition is not None:
            queue = offer.condition.queue
            found.refers((*path, key, "when"), queue, found.scenario.queues, "queue")
    elsewhere, callback = node.offers.elsewhere, node.offers.callback
    if elsewhere is not None and found.node((*path, "elsewhere", "to"), elsewhere.to):
        _not_itself(found, (*path, "elsewhere", "to"), elsewhere.to)
    if callback is not None:
        _callback(found, (*path, "callback"), callback, str(node.queue))


def _callback(found: Findings, path: Location, callback: Callback, queue: str) -> None:
    """A call back that somebody can make, and that somebody can answer."""
    found.refers((*path, "trunk"), callback.trunk, found.scenario.trunks, "trunk")
    serving = [group for group in found.scenario.agents.values() if queue in group.serves]
    if not any(entry.value > 0 for group in serving for entry in group.present.entries):
        message = f"nobody can call back: at no hour is anybody there who serves {queue}"
        found.add(path, message, "callback", at_key=True)
    if callback.answers == 0.0:
        message = "no call back would ever be answered, so every attempt would be in vain"
        found.add((*path, "answers"), message, "callback")
    law, limit = callback.rings, callback.gives_up_after
    if law.kind == "constant" and law.mean_us > limit:
        message = (
            f"agents give up after {duration_text(limit)}, before callers answer "
            f"({duration_text(law.mean_us)}): every call back would be in vain"
        )
        found.add((*path, "gives_up_after"), message, "callback")


def _holds(found: Findings, path: Location, name: str, node: Node) -> None:
    """An agent stays only with calls that come straight from a talk."""
    before = [other for other in found.scenario.flow.values() if other.next == name and other.queue]
    if node.holds_agent != "no" and not before:
        message = "no call comes straight from a talk: no queue node has this one as its next"
        found.add((*path, "holds_agent"), message, "holds-agent")


def _transfers(found: Findings) -> None:
    """Transfers in a circle, from talk to talk, which nothing that the caller does would end."""
    flow = found.scenario.flow
    leads = {
        name: [node.next]
        for name, node in flow.items()
        if node.next is not None and kinds_of(node)[:1] and kinds_of(node)[0] in PASSIVE
    }
    for circle in circles(leads):
        if any(flow[name].queue is not None or flow[name].ring is not None for name in circle):
            message = f"after each talk the call goes on, in a circle: {shown(circle)}"
            found.add(("flow", circle[0], "next"), message, "transfer-circle")
