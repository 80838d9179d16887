"""`vpbx draw`: the call flow as a picture or a graph file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import note

FORMATS = ("svg", "png", "mermaid", "dot", "graphml")
_BY_SUFFIX = {
    ".svg": "svg", ".png": "png", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "mermaid",
    ".dot": "dot", ".gv": "dot", ".graphml": "graphml",
}  # fmt: skip


def draw(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; stdout, if not given."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", help="svg, png, mermaid, dot or graphml; else by the file's name."
        ),
    ] = None,
    after_run: Annotated[
        Path | None,
        typer.Option(
            "--after-run",
            metavar="FOLDER",
            help="Show each edge's share of callers and each queue's mean wait, from the "
            "summary.json of a run.",
        ),
    ] = None,
    sets: Sets = None,
) -> None:
    """Draw the call flow: numbers, announcements, menus, queues and the ways between them.

    \b
    Examples:
      vpbx draw support.yaml -o flow.svg
      vpbx draw support.yaml --format mermaid
      vpbx draw support.yaml -o flow.png --after-run reports/support
    """
    from vpbx.api import draw as picture_of
    from vpbx.store.files import write_atomically

    kind = _format(format, output)
    summary = None if after_run is None else _summary_file(after_run)
    data = picture_of(file, kind, sets or (), summary)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    write_atomically(output, data)
    note(f"{output} is written")


def _format(named: str | None, output: Path | None) -> str:
    """The format asked for, or that of the file's name, or SVG."""
    from vpbx.errors import UsageError

    if named is not None:
        if named not in FORMATS:
            raise UsageError(f'there is no format "{named}"; choose one of {", ".join(FORMATS)}')
        return named
    if output is None:
        return "svg"
    if output.suffix.lower() not in _BY_SUFFIX:
        raise UsageError(
            f"{output}: the name does not say which format; add --format ({', '.join(FORMATS)})"
        )
    return _BY_SUFFIX[output.suffix.lower()]


def _summary_file(place: Path) -> Path:
    return place / "summary.json" if place.is_dir() else place
