"""`vpbx schema`: the language, for editors and for people."""

from typing import Annotated

import typer

from vpbx.cli.say import out


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="The language reference, as Markdown.")
    ] = False,
) -> None:
    """Print the JSON Schema of the scenario language (or its reference, as Markdown).

    \b
    Examples:
      vpbx schema > scenario.schema.json      editors complete and check with it
      vpbx schema --markdown > language.md    every key, its type and meaning
    """
    import json

    from vpbx.scenario.schema import json_schema
    from vpbx.scenario.schema import markdown as reference

    out(reference() if markdown else json.dumps(json_schema(), ensure_ascii=False, indent=2))
