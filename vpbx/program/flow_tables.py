"""The call flow → tables: nodes, menus, cases, edges.

Belongs here: one row function a node kind. Does not belong here: what a row does when it runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import KEYS, Case, Exit, Op
from vpbx.flow.graph import op_of
from vpbx.flow.keys import KeyTable
from vpbx.program.program import Cases, Edges, Menus, Nodes
from vpbx.program.quantiles import DistributionTable
from vpbx.scenario.distributions import Law
from vpbx.scenario.models import BranchCase, Node, Scenario

DEFAULT_REACTION = Law("constant", 1_500_000.0, 0.0, text="1.5 s")


@dataclass
class FlowBuilder:
    """Collects the rows of all flow tables while the nodes are walked once, in file order."""

    scenario: Scenario
    keys: KeyTable
    dists: DistributionTable
    hours: dict[str, int]
    """Calendar of each named opening hours."""
    networks: tuple[str, ...]
    index: dict[str, int] = field(init=False)
    nodes: list[dict[str, float]] = field(default_factory=list)
    menus: list[dict[str, object]] = field(default_factory=list)
    cases: list[dict[str, int]] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)
    edges: list[tuple[int, int, int, int]] = field(default_factory=list)

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


def build_flow(builder: FlowBuilder) -> tuple[Nodes, Menus, Cases, Edges]:
    """All tables of the flow."""
    for name, node in builder.scenario.flow.items():
        builder.nodes.append(_node_row(builder, builder.index[name], name, node))
    n_members = max(len(builder.scenario.callers), len(builder.networks))
    return (
        Nodes(**_columns(Nodes._fields, builder.nodes)),
        Menus(**_columns(Menus._fields, builder.menus, len(builder.keys.goals))),
        _case_columns(builder, n_members),
        Edges(*np.array(builder.edges, np.int64).reshape(-1, 4).T.copy()),
    )


def _node_row(b: FlowBuilder, i: int, name: str, node: Node) -> dict[str, float]:
    """The row of one node; what its kind lacks stays at the defaults."""
    row: dict[str, float] = dict.fromkeys(Nodes._fields, -1)
    op = op_of(node)
    row |= {
        "op": op,
        "barge_in": int(node.barge_in),
        "settles": 1.0,
        "n_cases": 0,
        "state_dependent": int(op == Op.QUEUE),
        "priority": node.priority,
        "announces": int(node.announce.wait),
        "goal": b.goal(name),
    }
    _ROWS[op](b, i, name, node, row)
    return row


def _hangup(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _play(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    row["dist"] = b.dists.add(node.play)
    row["reaction_dist"] = b.dists.add(node.reaction or DEFAULT_REACTION)
    _next(b, i, node, row)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _next(b: FlowBuilder, i: int, node: Node, row: dict[str, float]) -> None:
    row["next"] = b.node_index(node.next)
    row["next_edge"] = b.edge(i, int(row["next"]), Exit.NEXT)


def _otherwise(b: FlowBuilder, i: int, node: Node, row: dict[str, float]) -> None:
    row["otherwise"] = b.node_index(node.otherwise)
    row["otherwise_edge"] = b.edge(i, int(row["otherwise"]), Exit.OTHERWISE)


def _self_service(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    assert node.self_service is not None
    row["dist"] = b.dists.add(node.self_service.takes)
    row["settles"] = node.self_service.settles
    row["fallback_goal"] = b.goal(b.keys.fallback_goal.get(name))
    _next(b, i, node, row)
    _otherwise(b, i, node, row)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _queue(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    row["row"] = list(b.scenario.queues).index(str(node.queue))
    _next(b, i, node, row)
    row["full"] = b.node_index(node.full)
    row["full_edge"] = b.edge(i, int(row["full"]), Exit.FULL)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _branch(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    assert node.branch is not None
    row["row"] = len(b.cases)
    row["n_cases"] = len(node.branch)
    for place, case in enumerate(node.branch):
        b.cases.append(_case_row(b, i, place, case))
    last = b.cases[int(row["row"]) :]
    row["state_dependent"] = int(any(case["kind"] >= Case.QUEUE_LENGTH for case in last))
    _otherwise(b, i, node, row)


def _case_row(b: FlowBuilder, i: int, place: int, case: BranchCase) -> dict[str, int]:
    row = {"kind": 0, "operand": -1, "negated": 0, "relation": 0, "value": 0}
    if case.open is not None or case.closed is not None:
        row["kind"] = Case.OPEN
        row["operand"] = b.hours[str(case.open if case.open is not None else case.closed)]
        row["negated"] = int(case.closed is not None)
    elif case.caller_class:
        row |= {"kind": Case.CLASS, "operand": len(b.members)}
        b.members.append([int(name in case.caller_class) for name in b.scenario.callers])
    elif case.network:
        row |= {"kind": Case.NETWORK, "operand": len(b.members)}
        b.members.append([int(name in case.network) for name in b.networks])
    else:
        condition = case.condition
        assert condition is not None
        row["kind"] = condition.what
        row["operand"] = list(b.scenario.queues).index(condition.queue)
        row |= {"relation": condition.relation, "value": condition.value}
    row["next"] = b.index[case.next]
    row["edge"] = b.edge(i, row["next"], Exit.CASE, place)
    return row


def _menu(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    assert node.menu is not None
    row["row"] = len(b.menus)
    row["reaction_dist"] = b.dists.add(node.reaction or DEFAULT_REACTION)
    ats = [option.at for option in node.menu.values()]
    menu: dict[str, object] = {
        "length_us": node.length if node.length is not None else max(ats, default=0),
        "replay_from_us": node.replay_from,
        "no_input_after_us": node.no_input.after,
        "no_input_repeat": node.no_input.repeat,
        "no_input_then": b.node_index(node.no_input.then),
        "no_match_repeat": node.no_match.repeat,
        "no_match_then": b.node_index(node.no_match.then),
        "by_share": int(any(option.share is not None for option in node.menu.values())),
        "press": [_key_code(b.keys.press.get((name, goal))) for goal in b.keys.goals],
    }
    menu |= _key_columns(b, i, node)
    menu["no_input_edge"] = b.edge(i, b.node_index(node.no_input.then), Exit.NO_INPUT)
    menu["no_match_edge"] = b.edge(i, b.node_index(node.no_match.then), Exit.NO_MATCH)
    menu["repeat_no_input_edge"] = b.edge(i, i, Exit.REPEAT_NO_INPUT)
    menu["repeat_no_match_edge"] = b.edge(i, i, Exit.REPEAT_NO_MATCH)
    b.menus.append(menu)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _key_code(key: str | None) -> int:
    return -1 if key is None else KEYS.index(key)


def _key_columns(b: FlowBuilder, i: int, node: Node) -> dict[str, object]:
    """The columns with a place for each of the 12 keys."""
    assert node.menu is not None
    options = [node.menu.get(key) for key in KEYS]
    shares = [0.0 if option is None else option.share or 0.0 for option in options]
    return {
        "key_next": [-1 if option is None else b.index[option.next] for option in options],
        "key_at_us": [0 if option is None else option.at for option in options],
        "key_share": list(np.cumsum(shares)),
        "key_edge": [
            -1 if option is None else b.edge(i, b.index[option.next], code)
            for code, option in enumerate(options)
        ],
    }


_ROWS = {
    Op.HANGUP: _hangup,
    Op.PLAY: _play,
    Op.MENU: _menu,
    Op.SELF_SERVICE: _self_service,
    Op.BRANCH: _branch,
    Op.QUEUE: _queue,
}

_FLOATS = {"settles", "key_share"}


def _columns(
    fields: tuple[str, ...], rows: Sequence[Mapping[str, object]], n_goals: int = 0
) -> dict[str, NDArray[Any]]:
    """Rows as a table's columns; an empty table keeps its columns' widths."""
    width = {"press": n_goals, "key_next": 12, "key_at_us": 12, "key_share": 12, "key_edge": 12}
    columns: dict[str, NDArray[Any]] = {}
    for name in fields:
        kind = np.float64 if name in _FLOATS else np.int64
        column = np.array([row[name] for row in rows], kind)
        columns[name] = column.reshape(len(rows), width[name]) if name in width else column
    return columns


def _case_columns(b: FlowBuilder, n_members: int) -> Cases:
    names = tuple(name for name in Cases._fields if name != "member")
    member = np.zeros((len(b.members), n_members), np.int64)
    for i, row in enumerate(b.members):
        member[i, : len(row)] = row
    return Cases(**_columns(names, b.cases), member=member)
