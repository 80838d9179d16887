"""What the checks across keys have found so far: located problems.

Belongs here: the collector, and the one wording of "there is no …". Does not belong here: any
check.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from vpbx.errors import Problem
from vpbx.scenario.models import Scenario
from vpbx.scenario.suggest import did_you_mean, nearest
from vpbx.scenario.tree import Location, Marks, dotted


@dataclass(frozen=True)
class Findings:
    """A scenario, the places of its keys, and the problems found in it."""

    scenario: Scenario
    marks: Marks
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Location, message: str, kind: str, *, at_key: bool = False) -> None:
        """Note a problem, at the key itself or at its value."""
        mark = self.marks.key_mark(path) if at_key else self.marks.mark(path)
        self.problems.append(Problem(mark, dotted(path), message, kind))

    def refers(
        self,
        path: Location,
        name: str | None,
        known: Collection[str],
        what: str,
        *,
        at_key: bool = False,
    ) -> bool:
        """Whether a name is known (None refers to nothing); notes a problem otherwise."""
        if name is None or name in known:
            return True
        known_as = "entry in hours" if what == "hours" else what
        message = f'there is no {known_as} "{name}"{did_you_mean(name, known)}'
        self.add(path, message, f"unknown-{what.replace(' ', '-')}", at_key=at_key)
        return False

    def node(self, path: Location, name: str | None) -> bool:
        """Whether a node of the flow is known."""
        return self.refers(path, name, self.scenario.flow, "node")

    def network(self, path: Location, name: str, *, at_key: bool = False) -> None:
        """Notes a slip of a network's name; one from which nobody calls may well be named."""
        known = {caller.network for caller in self.scenario.callers.values()}
        if name not in known and (near := nearest(name, known)) and _slip(name, near):
            self.refers(path, name, known, "network", at_key=at_key)


def _slip(name: str, near: str) -> bool:
    """Whether names differ as slips do: in one letter left out, added or changed, or in order."""
    if name.casefold() == near.casefold() or sorted(name) == sorted(near):
        return True
    short, long = sorted((name, near), key=len)
    at = next((i for i, pair in enumerate(zip(short, long, strict=False)) if len({*pair}) > 1), -1)
    if at < 0:
        return len(long) == len(short) + 1
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


def listed(names: Collection[str], joint: str = "or") -> str:
    """`a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} {joint} {last}" if most else last
