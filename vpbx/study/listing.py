"""What the engines run of a scenario, as a listing for people to read.

Belongs here: from the file to the listing. Does not belong here: what the lines say
(`program.listing`).
"""

from collections.abc import Sequence
from pathlib import Path


def listing_of(file: Path, sets: Sequence[str] = ()) -> list[str]:
    """The lines of the listing; raises `ScenarioError` for a scenario with mistakes."""
    from vpbx.program.compile import compile_scenario
    from vpbx.program.listing import listing
    from vpbx.scenario.load import load

    loaded = load(file, tuple(sets))
    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    return listing(compiled.program, compiled.names)
