"""Checks of the nodes of the call flow against their kinds and against the other sections.

Belongs here: which keys go with which kind, and that everything a node names exists. Does not
belong here: questions about ways through the graph (`flow.lint`).
"""

from vpbx.scenario.findings import Findings, listed
from vpbx.scenario.nodes import BranchCase, MenuOption, Node
from vpbx.scenario.rules import SHARES_TOLERANCE
from vpbx.scenario.tree import Location
from vpbx.units import duration_text

KINDS = (
    "play", "menu", "self_service", "branch", "queue", "identify", "survey", "ring", "voicemail",
    "round_trip", "hangup",
)  # fmt: skip
COMMON = frozenset({"says", "facts", "module", "unlicensed"})
KEYS_OF = {
    "play": {"next", "barge_in", "reaction"},
    "menu": {"barge_in", "length", "reaction", "replay_from", "no_input", "no_match"},
    "self_service": {"next", "otherwise"},
    "branch": {"otherwise"},
    "queue": {
        "next",
        "priority",
        "full",
        "announce",
        "empty",
        "max_wait",
        "timed_out",
        "leave",
        "offers",
        "keep_place",
        "holds_agent",
        "recorded",
    },
    "identify": {"next", "otherwise"},
    "survey": {"next"},
    "ring": {"next", "otherwise"},
    "voicemail": {"full"},
    "round_trip": {"next"},
    "hangup": set(),
}
"""The keys that go with each kind of node, besides `COMMON`."""

_CASE_KEYS = {
    "open": "open",
    "closed": "closed",
    "caller_class": "class",
    "network": "network",
    "when": "when",
    "share": "share",
}


def kinds_of(node: Node) -> tuple[str, ...]:
    """The kinds that a node claims: exactly one, if it is right."""
    return tuple(kind for kind in KINDS if getattr(node, kind) is not None)


def check_flow(found: Findings) -> None:
    """Notes every problem of the section `flow`."""
    for name, node in found.scenario.flow.items():
        path = ("flow", name)
        if _has_one_kind(found, path, node):
            _keys_go_with_kind(found, path, node)
        for key in ("next", "otherwise", "full", "empty", "timed_out", "unlicensed"):
            found.node((*path, key), getattr(node, key))
        _menu(found, path, node)
        _branch(found, path, node)
        _idle_unlicensed(found, path, node)


def following(node: Node) -> tuple[str, ...]:
    """The names of all nodes to which a node leads, however."""
    leads = [node.next, node.otherwise, node.full, node.empty, node.timed_out, node.unlicensed]
    leads += [node.no_input.then, node.no_match.then] if node.menu is not None else []
    leads += [option.next for option in (node.menu or {}).values()]
    leads += [case.next for case in node.branch or ()]
    leads.append(node.leave.to if node.leave is not None else None)
    leads.append(node.offers.elsewhere.to if node.offers.elsewhere is not None else None)
    return tuple(name for name in leads if name is not None)


def _has_one_kind(found: Findings, path: Location, node: Node) -> bool:
    kinds = kinds_of(node)
    if len(kinds) > 1:
        message = f"a node is of one kind; this one is {listed(kinds, 'and')}"
        found.add(path, message, "node-kind")
    if not kinds:
        given = node.model_fields_set - COMMON - set(KINDS)
        fitting = [kind for kind in KINDS if given and given <= KEYS_OF[kind]]
        message = f"the node has no kind; add one of {listed(fitting or KINDS)}"
        found.add(path, message, "node-kind")
    return len(kinds) == 1


def _keys_go_with_kind(found: Findings, path: Location, node: Node) -> None:
    (kind,) = kinds_of(node)
    for key in sorted(node.model_fields_set - COMMON - set(KINDS) - KEYS_OF[kind]):
        owners = [other for other in KINDS if key in KEYS_OF[other]]
        message = f'"{key}" does not go with {kind}; it goes with {listed(owners, "and")}'
        found.add((*path, key), message, "wrong-key", at_key=True)
    if kind == "branch" and node.otherwise is None:
        message = "a branch needs otherwise: the node when no case holds"
        found.add(path, message, "missing-otherwise")


NO_MODULE = ("branch", "round_trip", "hangup")
"""Kinds that every licence holds."""


def _idle_unlicensed(found: Findings, path: Location, node: Node) -> None:
    kinds = kinds_of(node)
    if node.unlicensed and node.module is None and len(kinds) == 1 and kinds[0] in NO_MODULE:
        message = f"is never taken: a {kinds[0]} needs no module, unless module names one"
        found.add((*path, "unlicensed"), message, "idle-key", at_key=True)


def _menu(found: Findings, path: Location, node: Node) -> None:
    for name, way in (("no_input", node.no_input), ("no_match", node.no_match)):
        found.node((*path, name, "then"), way.then)
    if node.menu is None:
        return
    if not node.menu:
        found.add((*path, "menu"), "the menu has no options", "empty-menu")
    for key, option in node.menu.items():
        found.node((*path, "menu", key, "next"), option.next)
        _within_prompt(found, (*path, "menu", key, "at"), node, option)
    if node.length is not None and node.replay_from > node.length:
        found.add((*path, "replay_from"), "lies after the end of the prompt", "menu-times")
    total = sum(option.share or 0.0 for option in node.menu.values())
    if total > 1.0 + SHARES_TOLERANCE:
        message = f"the shares of the keys make {total * 100:.4g}%, more than 100%"
        found.add((*path, "menu"), message, "shares")


def _within_prompt(found: Findings, path: Location, node: Node, option: MenuOption) -> None:
    if node.length is not None and option.at > node.length:
        at, length = duration_text(option.at), duration_text(node.length)
        message = f"the option is read out at {at}, after the end of the prompt at {length}"
        found.add(path, message, "menu-times")


def _branch(found: Findings, path: Location, node: Node) -> None:
    if node.branch is not None and not node.branch:
        found.add((*path, "branch"), "the branch has no cases", "empty-branch")
    for place, case in enumerate(node.branch or []):
        _case(found, (*path, "branch", place), case)
    total = sum(case.share or 0.0 for case in node.branch or [])
    if total > 1.0 + SHARES_TOLERANCE:
        message = f"the shares of the cases make {total * 100:.4g}%, more than 100%"
        found.add((*path, "branch"), message, "shares")


def _case(found: Findings, path: Location, case: BranchCase) -> None:
    given = [key for field, key in _CASE_KEYS.items() if getattr(case, field) not in (None, ())]
    if len(given) != 1:
        has = f"this one has {listed(given, 'and')}" if given else "this one has none"
        message = f"a case has exactly one of {listed(_CASE_KEYS.values())}; {has}"
        found.add(path, message, "branch-case")
    found.node((*path, "next"), case.next)
    for key in ("open", "closed"):
        found.refers((*path, key), getattr(case, key), found.scenario.hours, "hours")
    for place, name in enumerate(case.caller_class):
        found.refers((*path, "class", place), name, found.scenario.callers, "caller class")
    for place, name in enumerate(case.network):
        found.network((*path, "network", place), name)
    if case.condition is not None:
        queue = case.condition.queue
        found.refers((*path, "when"), queue, found.scenario.queues, "queue")
