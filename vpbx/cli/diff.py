"""`vpbx diff`: compare the two engines on one replication of a scenario.

Belongs here: the command and how its findings are laid out. Does not belong here: the comparison
(`study.agreement`). What the compiled engine made of a call is told by its own rows of the call and
its visits: it keeps no story.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import columns, out

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
    When they differ: the first differing call, as both engines have it, and its story. Exit code 4
    then; please report it.

    \b
    Examples:
      vpbx diff support.yaml
      vpbx diff support.yaml --seed 7 --replication 3
    """
    from vpbx.scenario.load import load
    from vpbx.study.agreement import compare_engines

    found = compare_engines(load(file, tuple(sets or ())), seed, replication)
    if found.disagreement is None:
        out(f"both engines agree: {found.n_calls} calls, {found.n_visits} visits, every column")
        return
    out(_text(found.disagreement))
    raise typer.Exit(DIFFERENT)


def _text(found: "Disagreement") -> str:
    """All that is said of a difference."""
    if found.call >= 0:
        head = f"the engines differ, first in call {found.call}"
    else:
        head = "the engines differ in their books alone: every call and visit is the same"
    parts = [head, _side_by_side("what differs", found.differing)]
    if found.story:
        parts.append("\n".join(["the story by the reference engine:", *found.story]))
    parts += [_side_by_side(title, rows) for title, rows in found.tables]
    return "\n\n".join(parts)


def _side_by_side(title: str, rows: "list[Row]") -> str:
    return columns([(title, "reference", "compiled"), *rows])
