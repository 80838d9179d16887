"""`vpbx diff`: compare the two engines on one replication of a scenario.

Belongs here: the command and how its findings are laid out. Does not belong here: the comparison
(`study.agreement`).
"""

import sys
from collections.abc import Iterator
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import columns, out, width_of
from vpbx.cli.study_options import tell_of_compiling

if TYPE_CHECKING:
    from vpbx.study.agreement import Disagreement, Row

DIFFERENT = 4


def diff(
    file: File,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="The seed of every draw; the scenario's own, if not given."),
    ] = None,
    replication: Annotated[int, typer.Option(min=0, help="Which replication.")] = 0,
    sets: Sets = None,
) -> None:
    """Run a replication by both engines and compare what they leave, every column of it.

    \b
    When they differ: the first differing call, what happened to it in either engine side by side, the
    first step that differs marked, and its rows of the records. Exit code 4 then; please report it.

    \b
    Examples:
      vpbx diff support.yaml
      vpbx diff support.yaml --seed 7 --replication 3
    """
    from vpbx.scenario.load import load
    from vpbx.study.agreement import compare_engines

    loaded = load(file, tuple(sets or ()))
    tell_of_compiling(quiet=False)
    found = compare_engines(loaded, seed, replication)
    if found.disagreement is None:
        out(
            f"both engines agree: {found.n_calls} calls, {found.n_visits} visits to queues, "
            f"{found.n_legs} further legs, {found.n_intervals} intervals of the books, every column"
        )
        return
    out(_text(found.disagreement))
    raise typer.Exit(DIFFERENT)


def _text(found: "Disagreement") -> str:
    """All that is said of a difference."""
    if found.call >= 0:
        head = f"the engines differ, first in {found.who}"
    else:
        head = "the engines differ in their books alone: every call and visit is the same"
    parts = [head, _side_by_side("what differs", found.differing)]
    if found.stories is not None:
        parts.append(_stories(*found.stories, width_of(sys.stdout)))
    parts += [_side_by_side(title, rows) for title, rows in found.tables]
    return "\n\n".join(parts)


def _stories(reference: list[str], compiled: list[str], width: int | None) -> str:
    """Both traces side by side, the first step that differs marked."""
    pairs = list(zip_longest(reference, compiled, fillvalue=""))
    first = next((i for i, (one, other) in enumerate(pairs) if one != other), -1)
    rows = [("", "what happened, by the reference engine", "by the compiled engine")]
    for i, pair in enumerate(pairs):
        rows += _wrapped(">" if i == first else "", pair, width)
    same = "" if first >= 0 else "\nthe traces are the same: what differs is not told in them"
    return columns(rows) + same


def _wrapped(mark: str, pair: tuple[str, str], width: int | None) -> Iterator[tuple[str, str, str]]:
    """The two steps in one row, or in as many as fit into `width`."""
    room = max(30, (width - 5) // 2) if width else max(1, *map(len, pair))
    halves = (wrap(step, room, subsequent_indent="  ") for step in pair)
    for one, other in zip_longest(*halves, fillvalue=""):
        yield mark, one, other
        mark = ""


def _side_by_side(title: str, rows: "list[Row]") -> str:
    return columns([(title, "reference", "compiled"), *rows])
