"""What the flow's tables are collected in while the nodes are walked once, in file order.

Belongs here: the lists of rows, and names → indices. Does not belong here: what a row holds
(`flow_tables`, `wait_rows`).
"""

from dataclasses import dataclass, field

from vpbx.flow.keys import KeyTable
from vpbx.program.licence_tables import Licensed
from vpbx.program.quantiles import DistributionTable
from vpbx.scenario.models import Scenario


@dataclass
class FlowBuilder:
    """Collects the rows of all flow tables while the nodes are walked once, in file order."""

    scenario: Scenario
    keys: KeyTable
    dists: DistributionTable
    hours: dict[str, int]
    """Calendar of each named opening hours."""
    networks: tuple[str, ...]
    licensed: Licensed
    index: dict[str, int] = field(init=False)
    nodes: list[dict[str, float]] = field(default_factory=list)
    menus: list[dict[str, object]] = field(default_factory=list)
    cases: list[dict[str, int]] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)
    edges: list[tuple[int, int, int, int]] = field(default_factory=list)
    waits: list[dict[str, float]] = field(default_factory=list)
    reactions: list[dict[str, float]] = field(default_factory=list)
    rings: list[dict[str, float]] = field(default_factory=list)
    legs: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.index = {name: i for i, name in enumerate(self.scenario.flow)}

    def node_index(self, name: str | None) -> int:
        """Index of a node; -1 for none."""
        return -1 if name is None else self.index[name]

    def edge(self, from_node: int, to_node: int, way: int, case: int = 0) -> int:
        """A new edge; its row."""
        self.edges.append((from_node, to_node, way, case))
        return len(self.edges) - 1

    def goal(self, name: str | None) -> int:
        """Index of a goal; -1 for none."""
        return -1 if name is None or name not in self.keys.goals else self.keys.goals.index(name)
