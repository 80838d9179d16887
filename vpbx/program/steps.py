"""Steps of the walk that need no draw and no thought: which way, how long, by node, goal, knowledge.

Belongs here: the table of such steps, made once of a Program's own tables. Does not belong here: when
a step is taken so (`engine.walk`): a caller must not be led by forced keys, have typed ahead, or have
reached what was wanted already. Why: most steps of most callers are of this kind, and to follow the
rules of menus anew each time takes three times as long.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Distribution, Op
from vpbx.program.program import Flow, Ints
from vpbx.rows import Rows


class Steps(NamedTuple):
    """(nodes, 2 x goals + 2) one step: from a node, with a goal (the first: none), by a caller who does
    not know the menu, then by one who does."""

    takes_us: Ints
    """-1: a step like others."""
    next: Ints
    """The node after it; -1: the caller hangs up."""
    edge: Ints
    presses: Ints
    """1 where a key is pressed."""


def constants_us(laws: Any) -> Ints:
    """Microseconds of each law (`draws.Laws`) that is a constant; -1 of the others."""
    constant = laws.kind == Distribution.CONSTANT
    return np.where(constant, np.rint(np.where(constant, laws.p1, 0.0)), -1).astype(np.int64)


def steps(flow: Flow) -> Rows[Any]:
    """The table of a flow."""
    n_nodes, n_goals = flow.reach.shape
    made = Steps(*(np.full((n_nodes, n_goals + 1, 2), -1, np.int64) for _ in Steps._fields))
    if flow.slow[0] < 0:
        constant_us = constants_us(flow.dists.law)
        for node in range(n_nodes):
            if flow.nodes.module[node] >= 0:
                continue
            if flow.nodes.op[node] == Op.PLAY:
                _play(flow, constant_us, node, made)
            elif flow.nodes.op[node] == Op.MENU:
                _menu(flow, constant_us, node, made)
    kinds = [(name, np.int64) for name in Steps._fields]
    rows: NDArray[Any] = np.empty(made.takes_us.shape, kinds)
    for name in Steps._fields:
        rows[name] = getattr(made, name)
    return cast(Rows[Any], rows.reshape(n_nodes, -1).view(np.recarray))


def _play(flow: Flow, constant_us: Ints, node: int, made: Steps) -> None:
    """An announcement of constant length, heard out by somebody after something else."""
    nodes = flow.nodes
    length = constant_us[nodes.dist[node]]
    if length < 0:
        return
    knows = slice(0, 1) if nodes.barge_in[node] else slice(0, 2)
    made.takes_us[node, :, knows] = length
    made.next[node], made.edge[node], made.presses[node] = (
        nodes.next[node],
        nodes.next_edge[node],
        0,
    )
    if nodes.goal[node] >= 0:
        made.takes_us[node, nodes.goal[node] + 1] = -1


def _menu(flow: Flow, constant_us: Ints, node: int, made: Steps) -> None:
    """A menu where the key that leads to the goal is pressed in time, and leads somewhere."""
    nodes, menus, row = flow.nodes, flow.menus, flow.nodes.row[node]
    reaction = constant_us[nodes.reaction_dist[node]]
    if menus.by_share[row] or reaction < 0:
        return
    for goal, key in enumerate(menus.press[row].tolist()):
        following = menus.key_next[row, key]
        if key < 0 or following < 0:
            continue
        length = max(int(menus.length_us[row]), 0)
        heard = max(int(menus.key_at_us[row, key]), 0)
        astray = flow.reach[following, goal] == 0
        for knows in (0, 1):
            listens = length if not nodes.barge_in[node] else (0 if knows else heard)
            if listens + reaction > length + menus.no_input_after_us[row]:
                continue
            place = node, goal + 1, knows
            made.takes_us[place], made.presses[place] = listens + reaction, 1
            made.next[place] = -1 if astray else following
            made.edge[place] = nodes.hang_up_edge[node] if astray else menus.key_edge[row, key]
