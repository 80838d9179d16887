"""What a result says of its scenario: names of edges, and what was run.

Belongs here: the scenario's words that go into a `Result`. Does not belong here: figures.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

from vpbx.codes import KEYS, Exit
from vpbx.measures.result import Meta
from vpbx.scenario.models import Scenario
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.program.program import Edges, Names
    from vpbx.scenario.load import Loaded


def meta_of(loaded: "Loaded", seed: int, replications: int, planned: int) -> Meta:
    """What was run; the file by its name only, so that no result depends on where it was made."""
    scenario = loaded.scenario
    return Meta(
        name=scenario.name,
        description=scenario.description,
        file=loaded.file.name,
        version=version("vpbx"),
        seed=seed,
        replications=replications,
        start=scenario.clock.start.isoformat(sep=" ", timespec="minutes"),
        timezone=scenario.clock.timezone,
        duration_s=scenario.clock.duration / SECOND_US,
        interval_s=scenario.measures.interval / SECOND_US,
        facts=scenario.facts,
        currency=currency_of(scenario),
        planned=planned,
        records=scenario.measures.records,
        callback_counts_as=scenario.measures.callback_counts_as if _calls_back(scenario) else "",
    )


def _calls_back(scenario: Scenario) -> bool:
    return any(node.offers.callback is not None for node in scenario.flow.values())


def currency_of(scenario: Scenario) -> str:
    """The one currency of all money: of wages, of places further ahead, of calls."""
    skips = (node.offers.paid_skip for node in scenario.flow.values())
    prices = [
        *(group.wage for group in scenario.agents.values()),
        *(skip.price for skip in skips if skip is not None),
        *(price for number in scenario.numbers.values() for price in number.charge.values()),
    ]
    return next((price.currency for price in prices if price is not None), "")


def edge_labels(scenario: Scenario, edges: "Edges", names: "Names") -> tuple[str, ...]:
    """What people call each edge of the Program: `2 mobile`, `no input`, `open: office`."""
    from vpbx.flow.graph import ways

    labels = {
        (name, way.exit, way.detail): way.label
        for name, node in scenario.flow.items()
        for way in ways(node)
    }
    rows = zip(edges.from_node.tolist(), edges.exit.tolist(), edges.case.tolist(), strict=True)
    return tuple(
        labels.get((names.nodes[node], way, case)) or _unnamed(way) for node, way, case in rows
    )


def _unnamed(way: int) -> str:
    """A way that the flow has no words for, such as hanging up."""
    return KEYS[way] if way < len(KEYS) else Exit(way).name.lower().replace("_", " ")
