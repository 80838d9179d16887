"""`extends` between entries of a section: a caller class or agent group that builds on another.

Belongs here: taking over the sibling's keys, one level deep. Does not belong here: files that
extend files (`overrides`).
"""

from vpbx.errors import Mark, Problem
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Entry, Location, Node, dotted

SECTIONS = ("callers", "agents")
"""Sections whose entries may extend a sibling."""


def resolve(tree: Node) -> tuple[Node, list[Problem]]:
    """The tree with every sibling's keys taken over, and the problems met."""
    entries = dict(tree.value) if isinstance(tree.value, dict) else {}
    problems: list[Problem] = []
    for section in SECTIONS:
        found = entries.get(section)
        if found is not None and isinstance(found.node.value, dict):
            whole = _section(section, found.node.value, problems)
            entries[section] = Entry(found.key_mark, Node(found.node.mark, whole))
    return Node(tree.mark, entries), problems


def inherited(tree: Node, path: Location) -> Node | None:
    """The entry at a two-key path with its sibling's keys; None when it extends nothing."""
    if len(path) != 2 or path[0] not in SECTIONS or not isinstance(tree.value, dict):
        return None
    section = tree.value[str(path[0])].node.value
    if not isinstance(section, dict) or _extends(section.get(str(path[1]))) is None:
        return None
    return _section(str(path[0]), section, []).get(str(path[1]), Entry(tree.mark, tree)).node


def _section(section: str, entries: dict[str, Entry], problems: list[Problem]) -> dict[str, Entry]:
    done: dict[str, Entry] = {}
    for name, entry in entries.items():
        chain = _chain(section, name, entries, problems)
        node = entry.node
        if len(chain) > 1 or _extends(entry) is not None:
            node = Node(node.mark, _joined([entries[other] for other in reversed(chain)]))
        done[name] = Entry(entry.key_mark, node)
    return done


def _chain(
    section: str, name: str, entries: dict[str, Entry], problems: list[Problem]
) -> list[str]:
    """The entry, the sibling it extends, that one's, and so on; problems are of `name` alone."""
    chain = [name]
    while (extends := _extends(entries[chain[-1]])) is not None:
        fault = _fault(extends, chain, entries)
        if fault:
            if len(chain) == 1 or (extends.value == chain[0] == min(chain)):
                problems.append(_problem(extends.mark, (section, chain[-1], "extends"), *fault))
            return chain
        chain.append(str(extends.value))
    return chain


def _fault(extends: Node, chain: list[str], entries: dict[str, Entry]) -> tuple[str, str] | None:
    if not isinstance(extends.value, str):
        return "expected the name of one sibling", "wrong-type"
    if extends.value in chain:
        return f"extends itself: {' → '.join([*chain, extends.value])}", "cycle"
    if extends.value not in entries:
        near = did_you_mean(extends.value, entries)
        return f'there is no sibling "{extends.value}"{near}', "unknown-name"
    if not isinstance(entries[extends.value].node.value, dict):
        return f'"{extends.value}" has no keys to take over', "wrong-type"
    return None


def _joined(chain: list[Entry]) -> dict[str, Entry]:
    """The keys of all, later ones first; a key set to nothing goes."""
    joined: dict[str, Entry] = {}
    for entry in chain:
        joined.update(entry.node.value if isinstance(entry.node.value, dict) else {})
    return {
        key: entry
        for key, entry in joined.items()
        if key != "extends" and entry.node.value is not None
    }


def _extends(entry: Entry | None) -> Node | None:
    if entry is None or not isinstance(entry.node.value, dict):
        return None
    found = entry.node.value.get("extends")
    return found.node if found is not None else None


def _problem(mark: Mark, path: Location, message: str, kind: str) -> Problem:
    return Problem(mark, dotted(path), message, kind)
