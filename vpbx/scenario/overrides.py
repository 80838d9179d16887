"""Variants: `extends` between files and between siblings, `set`, and deep merging of trees.

Belongs here: which tree follows from a file, the files under it and the settings on it; every value
keeps the place where it was written. Does not belong here: what a setting's path means
(`settings`), what the values mean (`models`).

The order: the base file (with its own `extends` and `set`), the keys of this file over it, then its
`set`, then `--set` in the order given, and last `extends` between callers or agents. So a setting
on a class reaches the classes that extend it.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vpbx.errors import FileError, Mark, Problem, ScenarioError
from vpbx.scenario import settings, shape, siblings
from vpbx.scenario.tree import Entry, Location, Node, parse, read, walk

MAX_CHAIN = 20
"""Most files that extend one another."""

_EMPIRICAL = re.compile(r"(\s*empirical\(\s*[\"']?)([^\"')]+)(.*)", re.DOTALL)


class File(NamedTuple):
    """A scenario file: where it is, and its name in messages."""

    path: Path
    shown: str


class Resolved(NamedTuple):
    """A tree with all `extends`, `set` and `--set` worked in, and what is wrong with those."""

    tree: Node
    problems: list[Problem]


def resolve(path: Path, sets: Sequence[str] = ()) -> Resolved:
    """The tree of a scenario file; `sets` are texts `path=value`.

    Raises `FileError` when the file itself cannot be read, and `ScenarioError` when there is no
    tree to go on with.
    """
    return _finished(_layers(File(path, str(path)), ()), sets)


def resolve_text(text: str, shown: str, sets: Sequence[str] = ()) -> Resolved:
    """The same for a text in place of a file; files that it names are beside `shown`."""
    return _finished(_over_base(parse(text, shown), File(Path(shown), shown), ()), sets)


def _finished(layers: Resolved, sets: Sequence[str]) -> Resolved:
    """Layers with `--set` and siblings worked in."""
    wanted, unreadable = _of_command_line(sets)
    tree, wrong = _with_settings(layers.tree, wanted)
    tree, strange = siblings.resolve(tree)
    return Resolved(tree, [*layers.problems, *unreadable, *wrong, *strange])


def merge(base: Node, over: Node, path: Location = ()) -> Node:
    """`over` laid on `base`: mappings key by key, all else replaced; a key set to nothing goes.

    A table of values (heads by time) is one value and is replaced as a whole.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict) or _is_value(path):
        return over
    merged = dict(base.value)
    for key, entry in over.value.items():
        old = merged.get(key)
        if entry.node.value is None and "extends" not in merged:
            merged.pop(key, None)
        elif old is None:
            merged[key] = entry
        else:
            node = merge(old.node, entry.node, (*path, key))
            merged[key] = Entry(entry.key_mark if node is entry.node else old.key_mark, node)
    return Node(base.mark, merged)


def _is_value(path: Location) -> bool:
    due = shape.at(path)
    return due is not None and due.kind not in ("model", "map", "either")


def _layers(file: File, chain: tuple[File, ...]) -> Resolved:
    """The tree of a file with its bases and its own settings."""
    return _over_base(read(file.path, file.shown), file, chain)


def _over_base(tree: Node, file: File, chain: tuple[File, ...]) -> Resolved:
    entries = _mapping(tree)
    own = {key: entry for key, entry in entries.items() if key not in ("extends", "set")}
    over = Node(tree.mark, own)
    problems: list[Problem] = []
    if "extends" in entries:
        base, problems = _base(entries["extends"].node, file, (*chain, file))
        over = merge(base, over)
    if "set" in entries:
        over, wrong = _with_settings(over, _of_file(entries["set"].node))
        problems = [*problems, *wrong]
    return Resolved(over, problems)


def _mapping(tree: Node) -> dict[str, Entry]:
    if not isinstance(tree.value, dict):
        got = "a list" if isinstance(tree.value, list) else f'"{tree.value}"'
        message = f"expected keys and values (name, clock, numbers, flow …), got {got}"
        raise _refusal(tree.mark, "", message, "wrong-type")
    return tree.value


def _base(name: Node, file: File, chain: tuple[File, ...]) -> Resolved:
    """The tree that a file extends."""
    if not isinstance(name.value, str) or not name.value:
        message = "expected the name of a scenario file such as other.yaml"
        raise _refusal(name.mark, "extends", message, "wrong-type")
    base = File(
        file.path.parent / name.value, os.path.normpath(Path(file.shown).parent / name.value)
    )
    if any(base.path.resolve() == other.path.resolve() for other in chain):
        shown = " → ".join([other.shown for other in chain] + [base.shown])
        raise _refusal(name.mark, "extends", f"extends itself: {shown}", "cycle")
    if len(chain) > MAX_CHAIN:
        message = f"more than {MAX_CHAIN} files extend one another"
        raise _refusal(name.mark, "extends", message, "too-deep")
    try:
        tree, problems = _layers(base, chain)
    except FileError as error:
        raise _refusal(name.mark, "extends", f"{error.path}: {error.reason}", "no-file") from None
    return Resolved(_rebased(tree, os.path.dirname(name.value)), problems)


def _rebased(node: Node, folder: str, path: Location = ()) -> Node:
    """A base from another folder, the files that it names found from the folder of its heir."""
    if not folder:
        return node
    if isinstance(node.value, dict):
        entries = {
            key: Entry(entry.key_mark, _rebased(entry.node, folder, (*path, key)))
            for key, entry in node.value.items()
        }
        return Node(node.mark, entries)
    if isinstance(node.value, list):
        items = [_rebased(item, folder, (*path, i)) for i, item in enumerate(node.value)]
        return Node(node.mark, items)
    if not isinstance(node.value, str):
        return node
    named = named_file(path, node.value)
    if named is None:
        return node
    return Node(node.mark, node.value.replace(named, os.path.join(folder, named), 1))


def named_file(path: Location, text: str) -> str | None:
    """Name of the file that a value names (a trace, an empirical distribution), if it does."""
    if path[-2:] == ("trace", "file"):
        return text
    found = _EMPIRICAL.fullmatch(text)
    return found[2].strip() if found else None


def named_files(tree: Node) -> dict[Location, str]:
    """The files that a tree names, by key path."""
    found = {}
    for path, node, _ in walk(tree):
        name = named_file(path, node.value) if isinstance(node.value, str) else None
        if name is not None:
            found[path] = name
    return found


def _of_file(node: Node) -> list[settings.Setting]:
    """The settings under a file's key `set`."""
    if not isinstance(node.value, dict):
        message = "expected paths and values such as {agents.tier1.heads: 14}"
        raise _refusal(node.mark, "set", message, "wrong-type")
    return [
        settings.Setting(path, entry.node, entry.key_mark) for path, entry in node.value.items()
    ]


def _of_command_line(texts: Sequence[str]) -> tuple[list[settings.Setting], list[Problem]]:
    """The settings of `--set path=value` that can be read, and what is wrong with the others."""
    wanted, problems = [], []
    for text in texts:
        try:
            wanted.append(_assignment(text))
        except ScenarioError as error:
            problems.extend(error.problems)
    return wanted, problems


def _assignment(text: str) -> settings.Setting:
    mark = Mark(f"--set {text}")
    path, equals, value = settings.split_assignment(text)
    if not equals or not path:
        raise _refusal(mark, "", "expected path=value, such as agents.tier1.heads=14", "set")
    node = parse(value, "", at=mark) if value.strip() else Node(mark, None)
    return settings.Setting(path, node, mark)


def _with_settings(tree: Node, wanted: Sequence[settings.Setting]) -> Resolved:
    """The tree with settings applied in turn, and the problems of those that cannot be."""
    problems: list[Problem] = []
    for setting in wanted:
        try:
            tree = settings.apply(tree, setting)
        except ScenarioError as error:
            problems.extend(error.problems)
    return Resolved(tree, problems)


def _refusal(mark: Mark, path: str, message: str, kind: str) -> ScenarioError:
    return ScenarioError([Problem(mark, path, message, kind)])
