"""A fitted scenario on disk.

Belongs here: writing it with its values, and loading it again as every scenario is loaded. Does not
belong here: the text (`text`).
"""

from pathlib import Path

from vpbx.errors import Problem
from vpbx.fit.writing import Written


def write_plain(path: Path, written: Written) -> None:
    """Write a scenario and the files that it names, those first; raises `FileError`."""
    from vpbx.store.files import write_text

    for name, text in written.files.items():
        write_text(path.parent / name, text)
    write_text(path, written.text)


def write_scenario(written: Written, path: Path) -> list[Problem]:
    """The same; the scenario is loaded and checked, and what is doubtful in it given back."""
    from vpbx.scenario.load import load
    from vpbx.study.replicate import require_sound

    write_plain(path, written)
    return require_sound(load(path))
