"""`vpbx init`: a starter scenario to build on."""

from pathlib import Path
from typing import Annotated

import typer

from vpbx.cli.say import note


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "scenario.yaml"
    ),
) -> None:
    """Write a commented starter scenario: a small firm's line with a menu and two queues.

    \b
    Examples:
      vpbx init                        writes scenario.yaml
      vpbx init "горячая линия.yaml"   any name
    """
    from vpbx.errors import FileError
    from vpbx.store.files import read_text, write_text

    if file.exists():
        raise FileError(file, "already exists; choose another name")
    write_text(file, read_text(Path(__file__).with_name("starter.yaml")))
    note(f"{file} is written. Next: vpbx check {_quoted(file)}, then vpbx run {_quoted(file)}")


def _quoted(file: Path) -> str:
    from shlex import quote

    return quote(str(file))
