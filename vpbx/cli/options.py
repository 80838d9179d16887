"""Arguments and options that several commands share.

Belongs here: their names, types and help, said once. Does not belong here: what they do.
"""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="The scenario (YAML).", show_default=False)
]

Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a value of the scenario: --set agents.engineers.heads=8. Repeatable.",
        show_default=False,
    ),
]

Engine = Annotated[
    str,
    typer.Option(
        metavar="auto|reference|compiled",
        help="The engine; both give the same, bit by bit.",
        autocompletion=lambda: ["auto", "reference", "compiled"],
    ),
]
