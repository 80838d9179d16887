"""`vpbx check`: find mistakes without running anything."""

from typing import Annotated

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import note, out


def check(
    file: File,
    sets: Sets = None,
    listing: Annotated[
        bool,
        typer.Option(
            "--listing",
            help="Also print what the engines run: each number, node, key, case, queue and group, "
            "with the laws of all durations.",
        ),
    ] = False,
) -> None:
    """Find mistakes in a scenario: wrong values, unknown names, nodes that lead nowhere.

    \b
    Prints one line a problem, errors first: file:line:column  key: what is wrong.
    Exit code 2 when there are errors; warnings alone are fine.

    \b
    Examples:
      vpbx check support.yaml
      vpbx check support.yaml --set queues.sales.capacity=10
      vpbx check support.yaml --listing       what became of the file, line by line
    """
    from vpbx.api import check as problems_of

    problems = problems_of(file, sets or ())
    errors = [problem for problem in problems if not problem.warning]
    warnings = [problem for problem in problems if problem.warning]
    for problem in (*errors, *warnings):
        out(str(problem))
    note(f"{file}: {_counted(len(errors), 'error')}, {_counted(len(warnings), 'warning')}")
    if errors:
        raise typer.Exit(2)
    if listing:
        from vpbx.study.listing import listing_of

        for line in listing_of(file, sets or ()):
            out(line)


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
