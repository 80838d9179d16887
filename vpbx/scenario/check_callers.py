"""Checks of numbers and callers against the other sections.

Belongs here: that everything they name exists and that each is whole. Does not belong here: the
flow's nodes (`check_flow`), agents (`check_desks`), events (`check_events`).
"""

import re

from vpbx.scenario.check_flow import following, kinds_of
from vpbx.scenario.findings import Findings
from vpbx.scenario.models import Number
from vpbx.scenario.nodes import Node
from vpbx.scenario.people import CallerClass, RedialAfter, Want
from vpbx.scenario.tree import Location


def check_numbers(found: Findings) -> None:
    """Notes every problem of the section `numbers`."""
    seen: dict[str, str] = {}
    for name, number in found.scenario.numbers.items():
        path = ("numbers", name)
        found.node((*path, "enter"), number.enter)
        found.refers((*path, "trunk"), number.trunk, found.scenario.trunks, "trunk")
        _access(found, path, number)
        _charge(found, path, number)
        first = seen.setdefault(re.sub(r"[^+\d*#]", "", name), name)
        if first != name:
            found.add(path, f'the same number as "{first}"', "twice", at_key=True)


def _access(found: Findings, path: Location, number: Number) -> None:
    for network, node in number.refuses.items():
        here = (*path, "refuses", network)
        if network in number.accepts:
            message = f'network "{network}" is both accepted and refused'
            found.add(here, message, "access", at_key=True)
        if found.node(here, node):
            _announcement(found, here, node)
    for place, network in enumerate(number.accepts):
        found.network((*path, "accepts", place), network)
    for network in number.refuses:
        found.network((*path, "refuses", network), network, at_key=True)


def _charge(found: Findings, path: Location, number: Number) -> None:
    for network in number.charge:
        if network != "*":
            found.network((*path, "charge", network), network, at_key=True)
    if number.charge and number.free and "free" in number.model_fields_set:
        message = "the number has a charge; a free one has none"
        found.add((*path, "free"), message, "charge")


def _announcement(found: Findings, path: Location, name: str) -> None:
    """A refused caller hears announcements and is hung up on: nothing else is allowed to happen."""
    passed: list[str] = []
    flow = found.scenario.flow
    while name in flow and name not in passed:
        passed.append(name)
        node = flow[name]
        kinds = kinds_of(node)
        if len(kinds) == 1 and kinds[0] not in ("play", "hangup"):
            message = f'a refused caller may only hear announcements; "{name}" is a {kinds[0]}'
            return found.add(path, message, "refusal")
        if node.hangup or node.next is None:
            return None
        name = node.next
    if name in passed:
        found.add(path, f'the announcements come back to "{name}" for ever', "refusal")
    return None


def check_callers(found: Findings) -> None:
    """Notes every problem of the section `callers`.

    Forced keys are tried only in a flow whose ways all lead somewhere: else one slip in the flow
    would be told again for every class.
    """
    whole_flow = not any(problem.kind == "unknown-node" for problem in found.problems)
    for name, caller in found.scenario.callers.items():
        path = ("callers", name)
        given = [key for key in ("volume", "trace") if getattr(caller, key) is not None]
        if len(given) != 1:
            message = f"a class has exactly one of volume and trace; this one has {_both(given)}"
            found.add(path, message, "volume")
        if not caller.dials:
            found.add((*path, "dials"), "the class dials no number", "dials")
        for number in caller.dials:
            known = found.scenario.numbers
            found.refers((*path, "dials", number), number, known, "number", at_key=True)
        _slips(found, path, caller)
        _redials(found, (*path, "redial", "after"), caller)
        _wants(found, path, caller, whole_flow)


def _slips(found: Findings, path: Location, caller: CallerClass) -> None:
    total = caller.presses_wrong + caller.presses_nothing
    if total > 1.0:
        message = f"with presses_wrong it makes {total * 100:.4g}%, more than 100%"
        found.add((*path, "presses_nothing"), message, "shares")


def _redials(found: Findings, path: Location, caller: CallerClass) -> None:
    for cause, after in (caller.redial.after if caller.redial else {}).items():
        if isinstance(after, RedialAfter):
            found.refers((*path, cause, "number"), after.number, found.scenario.numbers, "number")


def _both(given: list[str]) -> str:
    return "both" if given else "neither"


def _wants(found: Findings, path: Location, caller: CallerClass, whole_flow: bool) -> None:
    for goal, want in caller.wants.items():
        here = (*path, "wants", goal)
        found.refers(here, goal, found.scenario.flow, "node", at_key=True)
        if whole_flow and isinstance(want, Want) and want.keys is not None:
            _forced_keys(found, (*here, "keys"), caller, want.keys)


def _forced_keys(
    found: Findings, path: Location, caller: CallerClass, keys: str | dict[str, str]
) -> None:
    if isinstance(keys, str):
        for number in caller.dials:
            _lead_somewhere(found, path, number, keys)
        return
    for number, pressed in keys.items():
        here = (*path, number)
        if found.refers(here, number, caller.dials, "dialled number", at_key=True):
            _lead_somewhere(found, here, number, pressed)


def _lead_somewhere(found: Findings, path: Location, number: str, keys: str) -> None:
    """Presses the keys in turn, at every menu that the call may have come to."""
    if number not in found.scenario.numbers:
        return None
    pressed = keys.replace(" ", "")
    here = {found.scenario.numbers[number].enter}
    for place, key in enumerate(pressed):
        menus = _next_menus(found.scenario.flow, here)
        here = {
            menu[key].next for node in menus.values() if (menu := node.menu or {}) and key in menu
        }
        if not here:
            message = (
                f'on {number}, key {place + 1} of "{pressed}" ({key}) leads nowhere: '
                f"{_choice(menus)}"
            )
            return found.add(path, message, "keys")
    return None


def _choice(menus: dict[str, Node]) -> str:
    offers = [f'"{name}" has the keys {" ".join(node.menu or {})}' for name, node in menus.items()]
    return "; ".join(offers) or "no menu comes there"


def _next_menus(flow: dict[str, Node], starts: set[str]) -> dict[str, Node]:
    """The menus that a call from any of these nodes may meet first."""
    menus: dict[str, Node] = {}
    ahead, seen = sorted(starts), set(starts)
    while ahead:
        name = ahead.pop()
        node = flow.get(name)
        if node is None:
            continue
        if node.menu is not None:
            menus[name] = node
            continue
        fresh = set(following(node)) - seen
        seen |= fresh
        ahead += sorted(fresh)
    return menus
