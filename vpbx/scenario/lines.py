"""The trunks of a scenario: its own, and the lines that its licence stands for where it names none.

Belongs here: which trunks there are, and which of them a number, an extension or a call back uses.
Does not belong here: how many channels a licence allows, and when (`licence`).

Why: a licence allows so many calls at once, whichever way they come (V1, V3). A number without a trunk
would hold no channel, and escape it.
"""

from vpbx.scenario.models import Scenario

LICENSED_LINES = "licensed_lines"
"""The trunk of all that names none, under a licence; it has the channels that the licence allows."""


def trunk_names(scenario: Scenario) -> tuple[str, ...]:
    """The trunks' names by index; the licensed lines, where they are used, come last."""
    own = tuple(scenario.trunks)
    return (*own, LICENSED_LINES) if uses_licensed_lines(scenario) else own


def uses_licensed_lines(scenario: Scenario) -> bool:
    """Whether there is a licence, and a number, outside extension or call back without a trunk."""
    return scenario.licence is not None and (
        any(number.trunk is None for number in scenario.numbers.values())
        or any(one.number is not None and one.trunk is None for one in scenario.extensions.values())
        or any(
            node.offers.callback is not None and node.offers.callback.trunk is None
            for node in scenario.flow.values()
            if node.offers is not None
        )
    )


def trunk_index(scenario: Scenario, trunk: str | None) -> int:
    """Where a line is held that names this trunk, or none; -1: it takes no channel."""
    names = trunk_names(scenario)
    if trunk is None:
        return names.index(LICENSED_LINES) if scenario.licence is not None else -1
    return names.index(trunk)
