"""YAML text → a tree of values in which every key and value knows where it was written.

Belongs here: the one use of PyYAML, how scalars are read, the caps on size, depth and aliases, and
`Marks` (key path → place). Does not belong here: which keys there are (`models`), joining of files
(`overrides`).

Why our own walk over the parser's events: YAML 1.1 turns the key `on` and the number 0605 into
other things, drops all but the last of two equal keys, and lets nine lines of aliases fill the
memory. Here a key stays the text that was written, and each of these is a located problem.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from vpbx.errors import FileError, Mark, Problem, ScenarioError

MAX_BYTES = 4_000_000
"""Largest file read: 4 MB."""
MAX_DEPTH = 40
"""Deepest nesting."""
MAX_VALUES = 250_000
"""Most values in a file, counted at every use of an alias (100 characters of text count as one)."""

Location = tuple[str | int, ...]
"""A key path: keys as text, places in a list as numbers from 0."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,29})")
_REAL = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|[1-9][0-9]*(?=[eE]))(?:[eE][+-]?[0-9]+)?"
)
_WORDS = {"true": True, "yes": True, "false": False, "no": False, "null": None, "~": None, "": None}
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
_PLAIN_TAGS = (None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", *_TEXT_TAGS)


class Entry(NamedTuple):
    """One key of a mapping: where the key stands, and its value."""

    key_mark: Mark
    node: "Node"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: a scalar, a dict of entries by key, or a list of nodes.

    `size` counts the values in it, aliases at each use; `height` its levels. Both guard the reading
    and mean nothing afterwards.
    """

    mark: Mark
    value: "Scalar | dict[str, Entry] | list[Node]"
    size: int = field(default=1, compare=False)
    height: int = field(default=1, compare=False)


Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Marks:
    """Where every key and value of a resolved scenario was written, by key path."""

    keys: dict[Location, Mark]
    values: dict[Location, Mark]
    containers: frozenset[Location] = frozenset()

    def mark(self, path: Location) -> Mark:
        """Place of a scalar, or of the key of a mapping or list; of the nearest known ancestor."""
        while path and path not in self.values:
            path = path[:-1]
        if path in self.containers and path in self.keys:
            return self.keys[path]
        return self.values.get(path, Mark(""))

    def key_mark(self, path: Location) -> Mark:
        """Place of the key itself; of the nearest known ancestor when it is unknown."""
        return self.keys[path] if path in self.keys else self.mark(path)


def dotted(path: Location) -> str:
    """A key path as text; a key with a dot in it is put in quotes."""
    return ".".join(f'"{key}"' if "." in str(key) else str(key) for key in path)


def read(path: Path, shown: str | None = None) -> Node:
    """Tree of a YAML file; `shown` is its name in messages.

    Raises `FileError` when the file cannot be read, `ScenarioError` when it is not acceptable.
    """
    name = shown if shown is not None else str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise FileError(name, "there is no such file") from error
    except IsADirectoryError as error:
        raise FileError(name, "is a folder, not a file") from error
    except OSError as error:
        raise FileError(name, error.strerror or "cannot be read") from error
    if len(data) > MAX_BYTES:
        raise _refusal(Mark(name), "is larger than 4 MB, the most that is read", "too-large")
    return parse(_decoded(data, name), name)


def parse(text: str, file: str, at: Mark | None = None) -> Node:
    """Tree of YAML text; every mark is `at` where given (text from the command line).

    Raises `ScenarioError`.
    """
    bad = _UNREADABLE.search(text)
    if bad is not None:
        mark = at or _place(text, bad.start(), file)
        raise _refusal(mark, f"the character U+{ord(bad[0]):04X} cannot stand in YAML", "character")
    composer = _Composer(text, file, at)
    try:
        node = composer.document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text, file, at) from None
    except yaml.YAMLError as error:
        raise _refusal(at or Mark(file), f"not YAML: {error}", "yaml-syntax") from None
    if composer.problems:
        raise ScenarioError(composer.problems)
    return node


def plain(node: Node) -> Any:
    """The values alone: dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(entry.node) for key, entry in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


def marks_of(node: Node) -> Marks:
    """The places of all keys and values of a tree."""
    keys: dict[Location, Mark] = {}
    values: dict[Location, Mark] = {}
    containers: set[Location] = set()
    for path, inner, key_mark in walk(node):
        values[path] = inner.mark
        if key_mark is not None:
            keys[path] = key_mark
        if isinstance(inner.value, dict | list):
            containers.add(path)
    return Marks(keys, values, frozenset(containers))


def walk(
    node: Node, path: Location = (), key: Mark | None = None
) -> Iterator[tuple[Location, Node, Mark | None]]:
    """Every node with its key path and the place of its key (None in lists), parents first."""
    yield path, node, key
    if isinstance(node.value, dict):
        for name, entry in node.value.items():
            yield from walk(entry.node, (*path, name), entry.key_mark)
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield from walk(item, (*path, index))


def scalar(text: str) -> Scalar:
    """Value of an unquoted scalar: whole number, number, yes/no, nothing, or the text itself."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text):
        return float(text)
    return text


class _Composer:
    """Builds the tree of one document from the parser's events."""

    def __init__(self, text: str, file: str, at: Mark | None) -> None:
        self.events = iter(yaml.parse(text, Loader=_LOADER))
        self.file, self.at = file, at
        self.anchors: dict[str, Node] = {}
        self.problems: list[Problem] = []

    def document(self) -> Node:
        """The tree of the only document."""
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise _refusal(self.at or Mark(self.file, 1, 1), "the file is empty", "empty")
        node = self.node(next(self.events), 1)
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _refusal(
                self.mark(event), "a second document starts here; a file holds one", "documents"
            )
        return node

    def node(self, event: Any, depth: int) -> Node:
        """The node that an event starts."""
        if depth > MAX_DEPTH:
            raise _refusal(self.mark(event), f"nested deeper than {MAX_DEPTH} levels", "too-deep")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        self.refuse_tag(event)
        if isinstance(event, yaml.MappingStartEvent):
            node = self.mapping(event, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self.sequence(event, depth)
        else:
            node = self.scalar(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any, depth: int) -> Node:
        """The node that an alias stands for."""
        node = self.anchors.get(event.anchor)
        if node is None:
            message = f'there is no anchor "&{event.anchor}" before this alias'
            raise _refusal(self.mark(event), message, "alias")
        if depth + node.height > MAX_DEPTH:
            raise _refusal(self.mark(event), f"nested deeper than {MAX_DEPTH} levels", "too-deep")
        return node

    def scalar(self, event: Any) -> Node:
        """A text, or what an unquoted text stands for."""
        value = scalar(event.value) if event.implicit[0] else event.value
        return Node(self.mark(event), value, size=1 + len(event.value) // 100)

    def sequence(self, start: Any, depth: int) -> Node:
        """A list."""
        items: list[Node] = []
        size = 1
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
            size = self.grown(size, items[-1], event)
        return Node(self.mark(start), items, size, _height(items))

    def mapping(self, start: Any, depth: int) -> Node:
        """A mapping; of two equal keys both lines are named."""
        entries: dict[str, Entry] = {}
        size = 1
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, mark = self.key(event), self.mark(event)
            node = self.node(next(self.events), depth + 1)
            size = self.grown(size, node, event)
            if key in entries:
                first = entries[key].key_mark
                self.problem(mark, f'the key "{key}" stands in line {first.line} already', "twice")
            else:
                entries[key] = Entry(mark, node)
        return Node(self.mark(start), entries, size, _height(e.node for e in entries.values()))

    def key(self, event: Any) -> str:
        """A key, always the text that was written."""
        if not isinstance(event, yaml.ScalarEvent):
            message = "a key must be a text, not a list, mapping or alias; put it in quotes"
            raise _refusal(self.mark(event), message, "key")
        self.refuse_tag(event)
        if event.value == "<<" and event.implicit[0]:
            self.problem(self.mark(event), 'merge keys ("<<") are not read; use extends', "key")
        if not event.value:
            self.problem(self.mark(event), "a key is empty", "key")
        return str(event.value)

    def grown(self, size: int, node: Node, event: Any) -> int:
        """The size with one more node in it, within the cap."""
        size += node.size
        if size > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values, those of aliases counted at each use"
            raise _refusal(self.mark(event), message, "alias-bomb")
        return size

    def refuse_tag(self, event: Any) -> None:
        """Only text can be forced by a tag."""
        if event.tag not in _PLAIN_TAGS:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.problem(self.mark(event), f'the tag "{tag}" is not part of the language', "tag")

    def problem(self, mark: Mark, message: str, kind: str) -> None:
        """Note a problem and read on."""
        self.problems.append(Problem(mark, "", message, kind))

    def mark(self, event: Any) -> Mark:
        """Place of an event."""
        start = event.start_mark
        return self.at or Mark(self.file, start.line + 1, start.column + 1)


def _height(nodes: Any) -> int:
    return 1 + max((node.height for node in nodes), default=0)


def _refusal(mark: Mark, message: str, kind: str) -> ScenarioError:
    return ScenarioError([Problem(mark, "", message, kind)])


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        message = f"not UTF-8: byte 0x{data[error.start]:02X}; save the file as UTF-8"
        raise _refusal(Mark(file, line, column), message, "not-utf-8") from None


def _place(text: str, at: int, file: str) -> Mark:
    before = text[:at]
    return Mark(file, before.count("\n") + 1, at - before.rfind("\n"))


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str, at: Mark | None) -> ScenarioError:
    """A syntax error in plain words, where it was noticed."""
    place = error.problem_mark or error.context_mark
    mark = at or (Mark(file, place.line + 1, place.column + 1) if place else Mark(file))
    return _refusal(mark, _in_words(error, text), "yaml-syntax")


def _in_words(error: yaml.MarkedYAMLError, text: str) -> str:
    place, problem = error.problem_mark, str(error.problem or error.context)
    if place is not None:
        line = (text.splitlines() or [""])[place.line : place.line + 1]
        if line and "\t" in line[0][: len(line[0]) - len(line[0].lstrip())]:
            return "a tab at the start of a line; indent with spaces"
        if line and line[0][place.column : place.column + 1] in ("%", "@", "`"):
            return f"a text cannot start with {line[0][place.column]} unless it is in quotes"
    if "mapping values are not allowed" in problem:
        return (
            'a ":" is not expected here; put a text with ": " in it in quotes, or check the indent'
        )
    context = f" {error.context}" if error.context and error.problem else ""
    started = error.context_mark
    since = f" that starts in line {started.line + 1}" if context and started else ""
    return f"not YAML: {problem}{context}{since}"
