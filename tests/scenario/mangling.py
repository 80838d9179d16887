"""Sound scenarios made wrong: by a rule at every key, and at random.

`systematic` gives the same mutants each time; `random_mutant` depends on the generator given. A
mutant is `surely_wrong` where no reading of it can be sound.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from vpbx.scenario.tree import plain, read

ROOT = Path(__file__).parents[2]
SOUND = (
    ROOT / "tests" / "scenario" / "good.yaml",
    ROOT / "tests" / "scenario" / "whole_pbx.yaml",
    ROOT / "scenarios" / "firm_three_plans.yaml",
)
"""Between them, these use every key of the language."""

Place = tuple[str | int, ...]
Change = Callable[[Any, Any], None]
"""Changes a key of a mapping, or an item of a list, in place."""

NONSENSE: tuple[Any, ...] = (
    *(-1, 0, 10**40, 1e300, -0.5, True, None, "", " ", "no such thing", "ё", "a.b", "-", "120%"),
    *("-5 s", "5 parsecs", "5 s 5", "1e9 days", "07:61", "25:00-24:00", "9999-12-31", "0001-01-01"),
    *("2024-02-30", "mon-fry 09:00-18:00", "fri-mon 18:00-09:00", "exponential(mean=-1 s)"),
    *(
        "lognormal(mean=4 min)",
        "normal(1,2)",
        "empirical(nix.csv)",
        "uniform(9 s, 2 s)",
        "((((",
        "99%%",
    ),
    *("500 XYZ", "-5 RUB", "1 USD/h", "day 99999999 09:00", "x.mean_wait = 1 s", "trunk.", "all.x"),
    *("0", "1.5", "∞", "nan", "inf", "1,5 s", "mon", "always", [], {}, [None], [[]], {"": 1}),
    *(
        {"extends": "x"},
        {"00:00-00:00": 1},
        {"x": {"x": {"x": 1}}},
        ["x", "x"],
        [1, 2, 3],
        "x" * 5000,
    ),
)
"""Values that suit few keys or none."""


class Mutant(NamedTuple):
    """A scenario's bytes, what was done to it, and whether that can only be wrong."""

    what: str
    data: bytes
    surely_wrong: bool = False


Recipe = tuple[str, Callable[[], bytes], bool]
"""What is done, the doing of it, and whether the outcome can only be wrong."""


def systematic(every: int = 1) -> Iterator[Mutant]:
    """Each rule at each key of the sound scenarios, and at lines of their text; one in `every`."""
    for what, make, surely in islice(_recipes(), 0, None, every):
        yield Mutant(what, make(), surely)


def _recipes() -> Iterator[Recipe]:
    for file in SOUND:
        tree = plain(read(file))
        for place in places(tree):
            for what, change, surely in _at(tree, place):
                make = partial(_remade, tree, place, change)
                yield f"{file.name}: {what} {place}", make, surely
        yield from _texts(file)


def _remade(tree: Any, place: Place, change: Change) -> bytes:
    return written(changed(tree, place, change))


def places(tree: Any, at: Place = ()) -> Iterator[Place]:
    """Every key path of a tree, parents first."""
    if at:
        yield at
    if isinstance(tree, dict | list):
        for key in tree if isinstance(tree, dict) else range(len(tree)):
            yield from places(tree[key], (*at, key))


def _at(tree: Any, place: Place) -> Iterator[tuple[str, Change, bool]]:
    """A key left out, misspelt, with a stranger beside it, of the wrong type, name, sign or unit."""
    last, value = place[-1], get(tree, place)
    yield "without", drop, False
    yield "a list of strangers at", put([{"stranger": 1}]), True
    if isinstance(last, str):
        yield "misspelt", misspell, False
        yield "a stranger beside", beside, _is_model(place)
    if isinstance(value, str | int | float):
        yield "unknown name at", put("nobody knows this"), False
        yield "negative at", put(-7), False
        yield "huge at", put(10**30), False
        yield "wrong unit at", put("5 parsecs"), False
    if isinstance(value, dict):
        yield "itself under", put({**value, "extends": last}), False


def _is_model(place: Place) -> bool:
    """Whether the keys beside this one are fixed, so that a stranger is wrong."""
    return len(place) == 1 or (len(place) == 2 and place[0] in ("clock", "measures", "licence"))


def _texts(file: Path) -> Iterator[Recipe]:
    """A file cut, indented by tabs, with a line twice, in other encodings, with odd characters."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    for at in range(0, len(lines), 3):
        name, before, after = f"{file.name}:{at + 1}", "".join(lines[:at]), "".join(lines[at + 1 :])
        for what, new in _line_changes(lines[at]):
            yield f"{name} {what}", partial(str.encode, before + new + after), False
        yield f"{name} cut", partial(str.encode, before + lines[at][: len(lines[at]) // 2]), False
    for what, data in (
        ("as UTF-16", text.encode("utf-16")),
        ("in a Cyrillic code page", ("# счёт\n" + text).encode("cp1251", "replace")),
        ("with a bell", text.encode() + b"\a"),
        ("with a zero", b"\0" + text.encode()),
        ("and another", text.encode() + b"\n---\nname: second\n"),
    ):
        yield f"{file.name} {what}", partial(bytes, data), True


def _line_changes(line: str) -> Iterator[tuple[str, str]]:
    yield "after a tab", "\t" + line
    yield "twice", line + line
    yield "two blanks less", line.removeprefix("  ")
    yield "one blank more", " " + line
    yield "without a colon", line.replace(":", "", 1)
    yield "without its end", line.rstrip("}]\n") + "\n"
    yield "with decimal commas", line.replace(".", ",")


# --- at random ------------------------------------------------------------------------------------


def random_mutant(draws: random.Random) -> Mutant:
    """One to four changes of a sound scenario, of its keys and values or of its bytes."""
    file = draws.choice(SOUND)
    if draws.random() < 0.3:
        data = file.read_bytes()
        for _ in range(draws.randint(1, 4)):
            data = draws.choice(BYTE_CHANGES)(data, draws)
        return Mutant(f"{file.name}: bytes", data)
    tree = plain(read(file))
    for _ in range(draws.randint(1, 4)):
        place = draws.choice(list(places(tree)) or [()])
        if place:
            tree = changed(tree, place, _some_change(draws))
    return Mutant(f"{file.name}: keys", written(tree))


def random_setting(draws: random.Random) -> str:
    """`--set PATH=VALUE`: some path of a scenario, mostly as it is, and some nonsense."""
    file = draws.choice(SOUND)
    path = ".".join(map(str, draws.choice(list(places(plain(read(file)))))))
    if draws.random() < 0.2:
        at = draws.randrange(len(path) + 1)
        path = (
            path[:at] + draws.choice(("", ".", "..", '"', "=", " ", "x", "0", "ё")) + path[at + 1 :]
        )
    value = draws.choice(NONSENSE)
    signs = ("+10%", "-50%", "*2", "x2", "+", "{", "[1", "&a", "*a", "!!python/x y", "~")
    text = draws.choice(signs) if draws.random() < 0.3 else value
    return f"{path}={text}"


def _some_change(draws: random.Random) -> Change:
    anything = partial(put_anything, draws=draws)
    shuffled = (partial(twin, draws=draws), partial(swap, draws=draws))
    return draws.choice((drop, misspell, beside, *shuffled, anything, anything, anything))


def noise(draws: random.Random) -> Mutant:
    """Bytes without any sense, some of them of the sort that YAML is made of."""
    pool = b"{}[]:,-&*!|>'\"%@#\n\n  \tab01yn~<=.\xd1\x8f\xff\0"
    return Mutant("noise", bytes(draws.choices(pool, k=draws.randint(0, 200))))


def _cut(data: bytes, draws: random.Random) -> bytes:
    return data[: draws.randrange(len(data) + 1)]


def _flip(data: bytes, draws: random.Random) -> bytes:
    at = draws.randrange(len(data) + 1)
    return data[:at] + bytes([draws.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, draws: random.Random) -> bytes:
    at = draws.randrange(len(data) + 1)
    odd = (b"\t", b"{", b"]", b"*a", b"&a ", b": ", b"- ", b"'", b"? ", b"!!x ")
    return data[:at] + draws.choice(odd) + data[at:]


def _remove(data: bytes, draws: random.Random) -> bytes:
    at = draws.randrange(len(data) + 1)
    return data[:at] + data[at + draws.randint(1, 40) :]


def _move(data: bytes, draws: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(draws.randrange(len(lines)), lines.pop(draws.randrange(len(lines))))
    return b"\n".join(lines)


BYTE_CHANGES = (_cut, _flip, _insert, _remove, _move)


# --- changes of a tree ----------------------------------------------------------------------------


def get(tree: Any, place: Place) -> Any:
    """The value at a place."""
    for key in place:
        tree = tree[key]
    return tree


def changed(tree: Any, place: Place, change: Change) -> Any:
    """A copy of a tree with `change(parent, key)` done at a place."""
    tree = copy.deepcopy(tree)
    change(get(tree, place[:-1]), place[-1])
    return tree


def put(value: Any) -> Change:
    """Another value."""

    def change(parent: Any, key: Any) -> None:
        parent[key] = value

    return change


def drop(parent: Any, key: Any) -> None:
    """The key goes."""
    del parent[key]


def misspell(parent: Any, key: Any) -> None:
    """The key with a letter too many."""
    if isinstance(parent, dict):
        parent[f"{key}q"] = parent.pop(key)


def beside(parent: Any, key: Any) -> None:
    """A key beside this that nobody knows."""
    if isinstance(parent, dict):
        parent["stranger"] = "danger"


def twin(parent: Any, key: Any, draws: random.Random) -> None:
    """The value of a neighbour."""
    parent[key] = copy.deepcopy(_neighbour(parent, draws)[1])


def swap(parent: Any, key: Any, draws: random.Random) -> None:
    """Two neighbours change places."""
    other, value = _neighbour(parent, draws)
    parent[other], parent[key] = parent[key], value


def put_anything(parent: Any, key: Any, draws: random.Random) -> None:
    """Some nonsense in place of the value."""
    parent[key] = copy.deepcopy(draws.choice(NONSENSE))


def _neighbour(parent: Any, draws: random.Random) -> tuple[Any, Any]:
    key = draws.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
    return key, parent[key]


def written(tree: Any) -> bytes:
    """A tree as YAML (its part that is JSON), a key a line."""
    return json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False).encode()
