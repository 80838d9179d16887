"""The call flow → tables: nodes, menus, cases, edges.

Belongs here: one row function a node kind. Does not belong here: what a row does when it runs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import KEYS, Case, Exit, Op, RingMode
from vpbx.flow.graph import op_of
from vpbx.program.flow_builder import FlowBuilder
from vpbx.program.program import Cases, Edges, Menus, Nodes
from vpbx.program.wait_rows import condition_row, wait_row
from vpbx.scenario.distributions import Law
from vpbx.scenario.nodes import BranchCase, Node

DEFAULT_REACTION = Law("constant", 1_500_000.0, 0.0, text="1.5 s")


def build_flow(builder: FlowBuilder) -> tuple[Nodes, Menus, Cases, Edges]:
    """All tables of the flow."""
    for name, node in builder.scenario.flow.items():
        builder.nodes.append(_node_row(builder, builder.index[name], name, node))
    n_members = max(len(builder.scenario.callers), len(builder.networks))
    return (
        Nodes(**columns(Nodes._fields, builder.nodes)),
        Menus(**columns(Menus._fields, builder.menus, len(builder.keys.goals))),
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
        "state_dependent": int(op in (Op.QUEUE, Op.RING, Op.VOICEMAIL)),
        "priority": node.priority,
        "announces": int(node.announce.wait),
        "goal": b.goal(name),
    }
    _ROWS[op](b, i, name, node, row)
    _module(b, i, node, op, row)
    return row


def _module(b: FlowBuilder, i: int, node: Node, op: Op, row: dict[str, float]) -> None:
    """The licensed module that a node needs, and the way of those who come without it."""
    row["module"] = b.licensed.node(node, op)
    if row["module"] >= 0:
        row["unlicensed"] = b.node_index(node.unlicensed)
        row["unlicensed_edge"] = b.edge(i, int(row["unlicensed"]), Exit.UNLICENSED)


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


def _identify(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    assert node.identify is not None
    row["dist"], row["settles"] = b.dists.add(node.identify.takes), node.identify.passes
    _next(b, i, node, row)
    _otherwise(b, i, node, row)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _survey(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    assert node.survey is not None
    row["dist"], row["settles"] = b.dists.add(node.survey.takes), node.survey.taken_by
    _next(b, i, node, row)
    row["otherwise"] = row["next"]
    row["otherwise_edge"] = b.edge(i, int(row["next"]), Exit.OTHERWISE)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _round_trip(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    row["dist"] = b.dists.add(node.round_trip)
    _next(b, i, node, row)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _voicemail(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    voicemail = node.voicemail
    assert voicemail is not None
    row["dist"] = b.dists.add(voicemail.takes)
    row["row"] = -1 if voicemail.queue is None else list(b.scenario.queues).index(voicemail.queue)
    row["capacity"] = -1 if voicemail.capacity is None else voicemail.capacity
    row["full"] = b.node_index(node.full)
    row["full_edge"] = b.edge(i, int(row["full"]), Exit.FULL)
    row["next_edge"] = b.edge(i, -1, Exit.NEXT)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _ring(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    ring = node.ring
    assert ring is not None
    row["row"] = len(b.rings)
    names = list(b.scenario.extensions)
    row["next"] = b.node_index(node.next)
    b.rings.append(
        {
            "mode": RingMode[ring.mode.upper()],
            "first_leg": len(b.legs),
            "n_legs": len(ring.legs),
            "answered_edge": b.edge(i, int(row["next"]), Exit.ANSWERED),
        }
    )
    row["next_edge"] = b.rings[-1]["answered_edge"]
    b.legs += [{"extension": names.index(leg.to), "ring_us": leg.ring_time} for leg in ring.legs]
    _otherwise(b, i, node, row)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)


def _queue(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    row["row"] = list(b.scenario.queues).index(str(node.queue))
    _next(b, i, node, row)
    row["full"] = b.node_index(node.full)
    row["full_edge"] = b.edge(i, int(row["full"]), Exit.FULL)
    row["hang_up_edge"] = b.edge(i, -1, Exit.HANG_UP)
    wait = wait_row(b, i, node)
    if wait is not None:
        row["wait"] = len(b.waits)
        b.waits.append(wait)


def _branch(b: FlowBuilder, i: int, name: str, node: Node, row: dict[str, float]) -> None:
    assert node.branch is not None
    row["row"] = len(b.cases)
    row["n_cases"] = len(node.branch)
    up_to = 0.0
    for place, case in enumerate(node.branch):
        up_to += case.share or 0.0
        b.cases.append(_case_row(b, i, place, case, up_to))
    last = b.cases[int(row["row"]) :]
    row["state_dependent"] = int(any(case["kind"] in STATE_CASES for case in last))
    _otherwise(b, i, node, row)


STATE_CASES = (Case.QUEUE_LENGTH, Case.EXPECTED_WAIT, Case.AGENTS_FREE, Case.POSITION)


def _case_row(b: FlowBuilder, i: int, place: int, case: BranchCase, up_to: float) -> dict[str, int]:
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
    elif case.share is not None:
        row |= {"kind": Case.SHARE, "value": round(up_to * 2**52)}
    else:
        assert case.condition is not None
        row |= condition_row(b, case.condition)
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
    Op.IDENTIFY: _identify,
    Op.SURVEY: _survey,
    Op.RING: _ring,
    Op.VOICEMAIL: _voicemail,
    Op.ROUND_TRIP: _round_trip,
}

_FLOATS = {
    "settles", "key_share", "leave_p", "stays", "elsewhere_p", "callback_p", "callback_answers",
    "skip_p", "p",
}  # fmt: skip


def columns(
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
    return Cases(**columns(names, b.cases), member=member)
