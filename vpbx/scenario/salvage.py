"""What is left of a wrong scenario, so that checks between keys can still find more in it.

Belongs here: leaving out what does not validate. Does not belong here: messages; and nothing of
this is ever run.
"""

import copy
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from vpbx.scenario.models import Scenario
from vpbx.scenario.problems import known_path
from vpbx.scenario.tree import Location

MAX_ROUNDS = 8
"""Most times that more is left out."""

STAND_INS: dict[str, Any] = {
    "name": "-",
    "clock": {"start": "2019-01-07 00:00", "duration": "1 day"},
}
"""What takes the place of a wrong section without which nothing validates."""


class Salvaged(NamedTuple):
    """The part that validates, and the names of the entries that had to go."""

    scenario: Scenario
    dropped: frozenset[str]


def salvaged(values: Any, folder: Path) -> Salvaged | None:
    """The part of the values that validates; None when there is none worth checking."""
    if not isinstance(values, dict):
        return None
    values, dropped = copy.deepcopy(values), set()
    for _ in range(MAX_ROUNDS):
        try:
            scenario = Scenario.model_validate(values, context={"folder": folder})
        except ValidationError as error:
            wrong = [_culprit(item, values) for item in error.errors(include_url=False)]
            gone = [str(path[-1]) for path in wrong if _drop(values, path)]
            if not gone:
                return None
            dropped.update(gone)
        else:
            return Salvaged(scenario, frozenset(dropped))
    return None


def _culprit(item: Any, values: Any) -> Location:
    """The key to leave out: the wrong one, or the entry that lacks one; lists go as a whole."""
    path = known_path(item, values)
    path = path[:-1] if item["type"] == "missing" and len(path) > 1 else path
    first = next((at for at, key in enumerate(path) if isinstance(key, int)), len(path))
    return path[:first]


def _drop(values: dict[str, Any], path: Location) -> bool:
    """Take a key out, or put a stand-in where one is needed; whether anything changed."""
    if path and path[0] in STAND_INS:
        changed: bool = values.get(str(path[0])) != STAND_INS[str(path[0])]
        values[str(path[0])] = STAND_INS[str(path[0])]
        return changed
    parent: Any = values
    for key in path[:-1]:
        if not isinstance(parent, dict) or key not in parent:
            return False
        parent = parent[key]
    if not path or not isinstance(parent, dict) or path[-1] not in parent:
        return False
    del parent[path[-1]]
    return True
