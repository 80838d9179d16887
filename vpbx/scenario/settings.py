"""One setting, `agents.tier1.heads: 14`: its dotted path found in a tree, its value put there.

Belongs here: dotted paths (longest match first, keys in quotes), percentages of the value that was
there. Does not belong here: where settings come from (`overrides`).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from vpbx.errors import Mark, Problem, ScenarioError
from vpbx.scenario import shape, siblings
from vpbx.scenario.shape import Shape
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Entry, Location, Node, Scalar, dotted

_FEW = 8
"""Names that a message lists; more would hide it."""
_PERCENT = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*%\s*")
_QUANTITY = re.compile(
    r"(?<![\w.])[0-9]+(?:[ _][0-9]{3})*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?(?=\s*(?:[^\W\d_]|/))"
)
_TABLES = ("heads", "shares")
_ROUNDED = ("heads", "whole")
_ASSIGNED = re.compile(r"((?:\"[^\"]*\"|'[^']*'|[^=\"'])*)(=?)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Setting:
    """A dotted path as written, the value to put there, and where the setting stands."""

    path: str
    value: Node
    mark: Mark


def split_assignment(text: str) -> tuple[str, str, str]:
    """Path, "=" (or "") and value of `path=value`; an "=" in quotes is part of the path."""
    found = _ASSIGNED.match(text)
    return (found[1].strip(), found[2], found[3]) if found else (text, "", "")


def apply(tree: Node, setting: Setting) -> Node:
    """The tree with the setting's value in it; raises `ScenarioError` for an unknown path."""
    path = find(tree, setting)
    due = _due(tree, path)
    value = setting.value
    percent = _PERCENT.fullmatch(value.value) if isinstance(value.value, str) else None
    if percent is not None and _scalable(due):
        old = _node(tree, path)
        if old is None:
            message = f"there is no value to take {value.value} of; write one with its unit"
            raise _refusal(setting, dotted(path), message, "no-base")
        value = _scaled(old, Decimal(percent[1]) / 100, due, setting)
    return _put(_owned(tree, path), path, value, setting.mark)


def find(tree: Node, setting: Setting) -> Location:
    """The key path that a dotted path means; the longest key that fits is taken at each step."""
    path: Location = ()
    rest = setting.path.strip()
    while rest:
        node = _node(tree, path)
        key, rest = _next(node, rest)
        _require(tree, path, key, bool(rest), setting)
        path = (*path, int(key) if node is not None and isinstance(node.value, list) else key)
    return path


def _next(node: Node | None, rest: str) -> tuple[str, str]:
    """The first key of a dotted path, and what is left."""
    quoted = re.match(r"(\"([^\"]*)\"|'([^']*)')(?:\.|$)", rest)
    if quoted is not None:
        return quoted[2] if quoted[2] is not None else quoted[3], rest[quoted.end() :]
    known = node.value if node is not None and isinstance(node.value, dict) else {}
    fits = [key for key in known if rest == key or rest.startswith(f"{key}.")]
    key = max(fits, key=len) if fits else rest.partition(".")[0]
    return key, rest[len(key) + 1 :]


def _require(tree: Node, path: Location, key: str, more: bool, setting: Setting) -> None:
    """A key must be there already, or be one that the language has at this place."""
    node, due = _node(tree, path), _due(tree, path)
    known = _known(node)
    if key in known:
        return
    where = dotted((*path, key))
    if node is not None and not isinstance(node.value, dict):
        message = f'{dotted(path)} is {_shown(node)}; it has no "{key}"'
        raise _refusal(setting, where, message, "unknown-path")
    models = due.models() if due is not None else ()
    names = [name for model in models for name in shape.fields(model)]
    if key in names or (not more and _new_entry(due, setting)):
        return
    near = did_you_mean(key, [*known, *names]) or _there_are([*known, *names])
    raise _refusal(setting, where, f'there is no "{key}" here{near}', "unknown-path")


def _there_are(names: list[str]) -> str:
    """What there is to choose from, when that is little."""
    few = sorted(set(names))
    return f"; there are: {', '.join(few)}" if 0 < len(few) <= _FEW else ""


def _new_entry(due: Shape | None, setting: Setting) -> bool:
    """Whether a map may get a new entry: a whole one, not one key of an entry that is not there."""
    if due is None or due.kind != "map" or due.inner is None:
        return False
    return due.inner.kind != "model" or isinstance(setting.value.value, dict)


def _known(node: Node | None) -> Iterable[str]:
    if node is None:
        return ()
    if isinstance(node.value, dict):
        return node.value.keys()
    return [str(i) for i in range(len(node.value))] if isinstance(node.value, list) else ()


def _node(tree: Node, path: Location) -> Node | None:
    """The node at a path, keys taken over from siblings included."""
    node = tree
    for at, key in enumerate(path):
        inner = _child(siblings.inherited(tree, path[:at]) or node, key)
        if inner is None:
            return None
        node = inner
    return siblings.inherited(tree, path) or node


def _child(node: Node, key: str | int) -> Node | None:
    if isinstance(node.value, dict):
        entry = node.value.get(str(key))
        return entry.node if entry is not None else None
    return node.value[int(key)] if isinstance(node.value, list) else None


def _due(tree: Node, path: Location) -> Shape | None:
    """What is due at a path; inside a table of heads or shares, the same."""
    due: Shape | None = shape.root()
    for key in path:
        due = due if due is not None and due.kind in _TABLES else shape.step(due, key)
    return due


def _scalable(due: Shape | None) -> bool:
    if due is None:
        return False
    if due.kind == "list":
        return _scalable(due.inner)
    return due.kind in shape.SCALABLE


def _owned(tree: Node, path: Location) -> Node:
    """The tree in which an entry holds the key to be set itself, not only through its sibling."""
    whole = siblings.inherited(tree, path[:2])
    if whole is None or len(path) < 4:
        return tree
    taken = _child(whole, path[2])
    return tree if taken is None else _put(tree, path[:3], taken, taken.mark)


def _put(node: Node, path: Location, value: Node, mark: Mark) -> Node:
    """A copy of the node with the value at the path; a value of nothing takes the key away."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(node.value, list):
        items = list(node.value)
        items[int(key)] = _put(items[int(key)], rest, value, mark)
        return Node(node.mark, items)
    entries = dict(node.value) if isinstance(node.value, dict) else {}
    old = entries.get(str(key))
    if value.value is None and not rest and "extends" not in entries:
        entries.pop(str(key), None)
    else:
        inner = old.node if old is not None else Node(mark, {})
        place = old.key_mark if old is not None and rest else mark
        entries[str(key)] = Entry(place, _put(inner, rest, value, mark))
    return Node(node.mark, entries)


def _scaled(node: Node, factor: Decimal, due: Shape | None, setting: Setting) -> Node:
    """The node with every number in it multiplied; whole numbers stay whole (halves go up)."""
    inner = due.inner if due is not None and due.kind == "list" else due
    if isinstance(node.value, dict):
        entries = {
            key: Entry(setting.mark, _scaled(entry.node, factor, inner, setting))
            for key, entry in node.value.items()
        }
        return Node(setting.mark, entries)
    if isinstance(node.value, list):
        return Node(setting.mark, [_scaled(item, factor, inner, setting) for item in node.value])
    whole = inner is not None and inner.kind in _ROUNDED
    value = _times(node.value, factor, whole)
    if value is None:
        message = f"{_shown(node)} is not a quantity of which a percentage can be taken"
        raise _refusal(setting, setting.path, message, "no-base")
    return Node(setting.mark, value)


def _times(value: Scalar, factor: Decimal, whole: bool) -> Scalar:
    """The product; None when the value is not a quantity."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        if "empirical" in value or not _QUANTITY.search(value):
            return None
        return _QUANTITY.sub(lambda found: _product_text(found[0], factor), value)
    product = Decimal(str(value)) * factor
    if whole:
        return int(product.to_integral_value(ROUND_HALF_UP))
    return float(product)


def _product_text(number: str, factor: Decimal) -> str:
    product = Decimal(number.replace(" ", "").replace("_", "")) * factor
    return f"{product.normalize():f}"


def _shown(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return f"a list of {len(node.value)}"
    return f'"{node.value}"'


def _refusal(setting: Setting, path: str, message: str, kind: str) -> ScenarioError:
    return ScenarioError([Problem(setting.mark, path, message, kind)])
