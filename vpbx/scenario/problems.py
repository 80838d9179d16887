"""What pydantic found wrong → located problems in plain words.

Belongs here: the words for each sort of error, and which of several errors about one value is the
one to show. Does not belong here: the finding itself (`models`, `values`, `check`).
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import ValidationError

from vpbx import units
from vpbx.errors import Problem
from vpbx.scenario import nodes, people, shape
from vpbx.scenario.shape import Shape
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Location, Marks, dotted

_PATTERNS = {
    r"^[^\W\d]": "is not a name: a letter, then letters, digits, _ or -",
    r"^[+*#\d][\d": "is not a phone number: digits, with +, -, spaces, ( ), * or #",
    r"^[0-9*# ]*$": "is not a sequence of keys: digits, * and #, spaces between",
    r"^[0-9*#]$": "is not a key of a telephone: one digit, * or #",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def located(error: ValidationError, values: Any, marks: Marks) -> list[Problem]:
    """One problem for every place where something is wrong, in the order of the file.

    `values` is the plain tree that was validated.
    """
    found: dict[Location, Problem] = {}
    ranks: dict[Location, int] = {}
    for item in error.errors(include_url=False):
        path = known_path(item, values)
        rank = _rank(item, path, values)
        if path not in found or rank < ranks[path]:
            found[path], ranks[path] = _problem(item, path, values, marks), rank
    return in_order([found[path] for path in found if not _shadowed(path, found, values)])


def in_order(problems: list[Problem]) -> list[Problem]:
    """Problems by file, line and column; at one place, errors before warnings."""
    return sorted(
        problems, key=lambda p: (p.mark.file, p.mark.line, p.mark.column, p.warning, p.path)
    )


def known_path(item: Any, values: Any) -> Location:
    """The elements of pydantic's location that lead to something in the tree.

    The others are names of validators and members of unions. The missing key and the unknown key
    are the last element.
    """
    path: Location = ()
    at = values
    elements = item["loc"]
    for element in elements:
        inside = _inside(at, element)
        if inside is not None:
            path, at = (*path, inside[0]), inside[1]
    if item["type"] == "missing" and elements:
        return (*path, elements[-1])
    return path


def _inside(at: Any, element: str | int) -> tuple[str | int, Any] | None:
    if isinstance(at, dict) and element in at:
        return element, at[element]
    if isinstance(at, list) and isinstance(element, int) and 0 <= element < len(at):
        return element, at[element]
    return None


def _rank(item: Any, path: Location, values: Any) -> int:
    """How good an error is at telling what is wrong; 0 is best."""
    if item["type"] == "value_error":
        return 0
    if item["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return 2
    return 1


def _shadowed(path: Location, found: dict[Location, Problem], values: Any) -> bool:
    """Whether this says only that a mapping is not a scalar, while something in it is wrong."""
    due = shape.at(path)
    if due is None or due.kind != "either" or not isinstance(_value(values, path), dict):
        return False
    return any(other[: len(path)] == path and other != path for other in found)


def _value(values: Any, path: Location) -> Any:
    for key in path:
        inside = _inside(values, key)
        if inside is None:
            return None
        values = inside[1]
    return values


def _problem(item: Any, path: Location, values: Any, marks: Marks) -> Problem:
    due, kind = shape.at(path), str(item["type"])
    if kind == "missing":
        message = f"the key is missing: {_meaning(path)}"
        return Problem(marks.mark(path[:-1]), dotted(path), message, "missing-key")
    if kind == "extra_forbidden":
        message = _unknown(path) + _comma(path, values, marks)
        return Problem(marks.key_mark(path), dotted(path), message, "unknown-key")
    if "[key]" in item["loc"]:
        return Problem(marks.key_mark(path), dotted(path), _bad_key(item, path), "bad-name")
    message, sort = _in_words(item, due)
    if item["input"] is None:
        message += _comma(path, values, marks)
    return Problem(marks.mark(path), dotted(path), message, sort)


def _meaning(path: Location) -> str:
    for model in _models(path[:-1]):
        info = shape.fields(model).get(str(path[-1]))
        if info is not None:
            own = info.description or (getattr(info.annotation, "__doc__", "") or "").strip()
            return own.split("\n")[0]
    return "it must be given"


def _models(path: Location) -> tuple[Any, ...]:
    due = shape.at(path)
    return due.models() if due is not None else ()


def _unknown(path: Location) -> str:
    names = [name for model in _models(path[:-1]) for name in shape.fields(model)]
    near = did_you_mean(str(path[-1]), names)
    known = "" if near else f"; known keys are {', '.join(names)}"
    return f"unknown key{near or known}"


def _comma(path: Location, values: Any, marks: Marks) -> str:
    """A hint where `{says: tariff, services}` has made a key of half a text."""
    one_line = marks.key_mark(path).line == marks.mark(path[:-1]).line
    alone = _value(values, path) is None and len(path) > 1
    return "; a text that holds a comma goes in quotes" if alone and one_line else ""


def _bad_key(item: Any, path: Location) -> str:
    if item["type"] == "literal_error":
        parent = shape.at(path[:-1])
        words = parent.key.words if parent is not None and parent.key is not None else ()
        return f"unknown key{did_you_mean(str(path[-1]), words)}; known keys are {', '.join(words)}"
    if item["type"] == "value_error":
        return _reason(item)
    return f'"{path[-1]}" {_pattern_words(item)}'


def _pattern_words(item: Any) -> str:
    pattern = str(item.get("ctx", {}).get("pattern", ""))
    found = (words for start, words in _PATTERNS.items() if pattern.startswith(start))
    return next(found, "is not written as it must be")


def _in_words(item: Any, due: Shape | None) -> tuple[str, str]:
    """The message about a wrong value, and its kind."""
    kind, got = str(item["type"]), item["input"]
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"must be {words} {item['ctx'][name]}, got {got}", "out-of-range"
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(item, due)
    return f"expected {shape.in_words(due)}, got {shown(got)}{_hint(got, due)}", "wrong-type"


def _value_error(item: Any, due: Shape | None) -> tuple[str, str]:
    reason, got = _reason(item), item["input"]
    odd = due is not None and (due.kind == "flag" or not isinstance(got, str | int | float))
    if reason.startswith("expected") and (odd or isinstance(got, bool)):
        return f"expected {shape.in_words(due)}, got {shown(got)}", "wrong-type"
    return reason, "no-unit" if "has no unit" in reason else "bad-value"


def _reason(item: Any) -> str:
    cause = item.get("ctx", {}).get("error")
    return str(cause) if cause is not None else re.sub("^Value error, ", "", str(item["msg"]))


def _literal(item: Any, due: Shape | None) -> tuple[str, str]:
    got, words = item["input"], due.words if due is not None else ()
    if item["loc"][-1:] == ("hangup",) or not words:
        return f"expected yes, got {shown(got)}; leave the key out otherwise", "bad-value"
    near = did_you_mean(str(got), words)
    return f"expected {shape.in_words(due)}, got {shown(got)}{near}", "bad-value"


def _pattern(item: Any, _: Shape | None) -> tuple[str, str]:
    return f'"{item["input"]}" {_pattern_words(item)}', "bad-name"


def _too_short(_: Any, __: Shape | None) -> tuple[str, str]:
    return "is empty; at least one entry is needed", "empty"


def _too_long(item: Any, _: Shape | None) -> tuple[str, str]:
    return (
        f"has {item['ctx']['actual_length']} entries; at most {item['ctx']['max_length']}",
        "size",
    )


def _not_finite(item: Any, _: Shape | None) -> tuple[str, str]:
    return f"expected a finite number, got {item['input']}", "bad-value"


_SPECIAL: dict[str, Callable[[Any, Shape | None], tuple[str, str]]] = {
    "value_error": _value_error,
    "literal_error": _literal,
    "string_pattern_mismatch": _pattern,
    "too_short": _too_short,
    "too_long": _too_long,
    "finite_number": _not_finite,
}


def shown(value: object) -> str:
    """A value as the user would say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "nothing"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, dict):
        return "keys and values" if value else "no keys"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'


def _hint(got: object, due: Shape | None) -> str:
    if due is None:
        return ""
    if due.kind == "text" and isinstance(got, bool | int | float):
        return "; put it in quotes"
    if due.kind == "list" and isinstance(got, str):
        return f"; write [{got}]"
    if due.shorthand == "hangup" and isinstance(got, str):
        return did_you_mean(got, ["hangup"])
    if got is None:
        return "; leave the key out or give it a value"
    written_out = next((w for model in due.models() if (w := _WRITTEN_OUT.get(model))), None)
    if written_out is not None and written_out.takes(got):
        return f"; write {written_out.key}: {{{written_out.inner}: {_as_written(got)}}}"
    return ""


def _as_written(value: object) -> str:
    """A scalar as it stands in a file."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _is_share(value: object) -> bool:
    try:
        units.share(value)
    except units.UnitError:
        return False
    return True


class _WrittenOut(NamedTuple):
    """A section given as the one value that matters in it."""

    key: str
    inner: str
    takes: Callable[[object], bool]


_WRITTEN_OUT = {
    people.Busyness: _WrittenOut("busyness", "cv", _is_share),
    nodes.Announce: _WrittenOut("announce", "wait", lambda value: isinstance(value, bool)),
}
