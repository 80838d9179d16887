"""Checks of what rings beside agents: extensions, their forwards, ring nodes and mailboxes.

Belongs here: the section `extensions`, the nodes `ring` and `voicemail`. Does not belong here: agents'
phones (`check_desks`).
"""

from collections.abc import Iterator

from vpbx.scenario.circles import circles, shown
from vpbx.scenario.findings import Findings
from vpbx.scenario.models import Extension, Forward
from vpbx.scenario.tree import Location

FORWARDS = ("always", "busy", "no_answer", "outside_to")
"""The keys of `forward` that name another extension."""


def check_extensions(found: Findings) -> None:
    """Notes every problem of extensions and of the nodes that ring them."""
    for name, extension in found.scenario.extensions.items():
        path = ("extensions", name)
        found.refers((*path, "trunk"), extension.trunk, found.scenario.trunks, "trunk")
        if extension.forward is not None:
            _forward(found, (*path, "forward"), extension.forward)
    _circles(found)
    _rings(found)
    _mailboxes(found)


def _forward(found: Findings, path: Location, forward: Forward) -> None:
    for key in FORWARDS:
        found.refers((*path, key), getattr(forward, key), found.scenario.extensions, "extension")
    found.refers((*path, "outside"), forward.outside, found.scenario.hours, "hours")
    for key, other in (("outside", "outside_to"), ("outside_to", "outside")):
        if getattr(forward, key) is not None and getattr(forward, other) is None:
            what = "the opening hours" if other == "outside" else "where calls go then"
            found.add((*path, key), f"needs {other}: {what}", "forward", at_key=True)
    rest = [key for key in FORWARDS[1:] if getattr(forward, key) is not None]
    if forward.always is not None and rest:
        message = "is never asked: all calls go on by always"
        found.add((*path, rest[0]), message, "idle-key", at_key=True)


def _leads(extension: Extension) -> Iterator[tuple[str, str]]:
    """(key, extension) of each forward."""
    for key in FORWARDS:
        to = getattr(extension.forward, key, None)
        if to is not None:
            yield key, to


def _circles(found: Findings) -> None:
    """A call that is forwarded in a circle would ring for ever, or no time at all."""
    extensions = found.scenario.extensions
    leads = {name: [to for _, to in _leads(one)] for name, one in extensions.items()}
    for circle in circles(leads):
        key = next(key for key, to in _leads(extensions[circle[0]]) if to == circle[1])
        message = f"calls would be forwarded in a circle: {shown(circle)}"
        found.add(("extensions", circle[0], "forward", key), message, "forward-circle")


def _rings(found: Findings) -> None:
    for name, node in found.scenario.flow.items():
        for place, leg in enumerate(node.ring.legs if node.ring is not None else ()):
            path = ("flow", name, "ring", "legs", place)
            known = found.scenario.extensions
            found.refers((*path, "to"), leg.to, known, "extension")
            if leg.ring_time == 0:
                message = "rings for no time at all, so nobody could answer"
                found.add((*path, "ring_time"), message, "ring-time")


def _mailboxes(found: Findings) -> None:
    for name, node in found.scenario.flow.items():
        if node.voicemail is None:
            continue
        path = ("flow", name, "voicemail")
        found.refers((*path, "queue"), node.voicemail.queue, found.scenario.queues, "queue")
        if node.full is not None and node.voicemail.capacity is None:
            message = "is never taken: the mailbox has no capacity, so it is never full"
            found.add(("flow", name, "full"), message, "idle-key", at_key=True)
