"""Deliberate faults in the reference engine, each a change of one line, by name and area.

Belongs here: the list, and putting one in place. Does not belong here: finding them out.

A mutant is a function of the engine made again from its source with one text put in another's place,
so that the list says exactly what is wrong; a text that the source does not hold (exactly once) is an
error. Names say what the faulty engine does.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from mutant_list import LIST

AREAS = (
    "phase order", "queue order", "choice of agent", "picks", "patience", "staffing change",
    "trunk seizure", "redial", "draw purpose", "interval booking", "ringing", "ring all", "platforms",
    "calls back",
    "overflow and spare", "offers and reactions", "limits of the wait", "outages and closing",
    "mailboxes", "extensions", "agents who stay with a call", "credit and places kept",
    "licence and connection",
)  # fmt: skip
MODULES = (
    "reference", "state_nodes", "joining", "desk", "limits", "phones", "staff", "extensions",
    "channels", "outages", "state", "booking", "platforms",
)  # fmt: skip
"""Of the reference engine, without what the compiled one shares."""


class Mutant(NamedTuple):
    """One fault: in the function `where` (name, or name@Class) the text `right` is replaced by `wrong`.

    A leading underscore is left out of the name; of functions of one name, that is meant which holds
    the text.
    """

    area: str
    name: str
    where: str
    right: str
    wrong: str


def _listed(text: str) -> Iterator[Mutant]:
    """The mutants of a list: `# area`, then of each its name, and where what is wrong."""
    area = name = ""
    for line in text.strip().splitlines():
        if line.startswith("# "):
            area = line[2:]
        elif not line.startswith(" "):
            name = line
        else:
            where, _, change = line.strip().partition(" | ")
            right, _, wrong = change.partition(" => ")
            yield Mutant(area, name, where, right, wrong)


MUTANTS = tuple(_listed(LIST))


class Place(NamedTuple):
    """A function of the engine."""

    module: Any
    holder: Any
    """The class, or the module."""
    name: str


def put_in_place(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the function by its faulty self, for one test."""
    found = [place for place in _places() if _fits(place, mutant)]
    assert len(found) == 1, f"{len(found)} functions {mutant.where} hold {mutant.right!r} once"
    module, holder, name = found[0]
    source, made = _source(found[0]).replace(mutant.right, mutant.wrong), dict[str, Any]()
    exec(source, vars(module), made)
    monkeypatch.setattr(holder, name, made[name])
    if holder is module:  # others have it by its name
        reference = importlib.import_module("vpbx.engine.reference")
        monkeypatch.setattr(reference, name, made[name])


def _places() -> Iterator[Place]:
    """Every function of the engine."""
    for name in MODULES:
        module = importlib.import_module(f"vpbx.engine.{name}")
        classes = [one for one in vars(module).values() if inspect.isclass(one)]
        for holder in [module, *(one for one in classes if one.__module__ == module.__name__)]:
            for key, value in vars(holder).items():
                if inspect.isfunction(value) and value.__module__ == module.__name__:
                    yield Place(module, holder, key)


def _fits(place: Place, mutant: Mutant) -> bool:
    """Whether this is the function that a mutant means."""
    name, _, holder = mutant.where.partition("@")
    if place.name.lstrip("_") != name or holder not in ("", place.holder.__name__):
        return False
    return _source(place).count(mutant.right) == 1


def _source(place: Place) -> str:
    return textwrap.dedent(inspect.getsource(vars(place.holder)[place.name]))
