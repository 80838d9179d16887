"""`vpbx paths`: which keys lead where."""

from vpbx.cli.options import File, Sets
from vpbx.cli.say import out


def paths(file: File, sets: Sets = None) -> None:
    """Show, for each number and goal, the shortest keys and how long they take.

    \b
    "listening" is the mean time of callers who hear the menus out up to their option, "knowing
    the menu" that of callers who know the keys and press at once where the menus allow it.

    \b
    Example:
      vpbx paths support.yaml
    """
    from vpbx.api import paths as paths_of
    from vpbx.flow.paths import text

    for path in paths_of(file, sets or ()):
        out(text(path))
