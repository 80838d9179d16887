"""The funnel through the call flow: calls along each edge, and what happens in each node.

Belongs here: edges and nodes over the whole run. Does not belong here: the graph itself (`flow`).
Every call that enters a node leaves it by exactly one edge; a menu read again leaves by a repeat
edge to itself, and counts as entered once; so does a caller who pays for a place further ahead.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import KEYS, Exit
from vpbx.measures.estimate import mean_estimate, ratio_estimate
from vpbx.measures.frame import Frame
from vpbx.measures.result import EdgeFlow, Estimate
from vpbx.measures.tally import Tally

if TYPE_CHECKING:
    from vpbx.program.program import Names

Floats = NDArray[np.float64]

_REPEATS = (Exit.REPEAT_NO_INPUT, Exit.REPEAT_NO_MATCH, Exit.PAID_SKIP)
"""Edges that do not leave the node: the menu is read again, the wait goes on."""
_SILENT = (Exit.NO_INPUT, Exit.REPEAT_NO_INPUT)
_WRONG = (Exit.NO_MATCH, Exit.REPEAT_NO_MATCH)


def edge_flows(
    tallies: Sequence[Tally], fr: Frame, names: "Names", labels: Sequence[str] | None
) -> tuple[EdgeFlow, ...]:
    """Entries by number, then every edge of the Program that a call took or could take."""
    calls = np.mean([one.edges for one in tallies], axis=0)
    left = np.bincount(fr.edge_from, calls, minlength=fr.n_nodes)
    shown = labels or [_label(fr, edge) for edge in range(len(calls))]
    edges = [
        EdgeFlow(
            from_node=names.nodes[fr.edge_from[e]],
            to_node=names.nodes[fr.edge_to[e]] if fr.edge_to[e] >= 0 else "",
            label=shown[e],
            exit=_exit(int(fr.edge_exit[e])),
            calls=float(calls[e]),
            share=_share(calls[e], left[fr.edge_from[e]]),
        )
        for e in range(len(calls))
    ]
    return (*_entry_flows(tallies, names), *edges)


def _entry_flows(tallies: Sequence[Tally], names: "Names") -> list[EdgeFlow]:
    calls = np.mean([one.entries for one in tallies], axis=0)
    return [
        EdgeFlow(
            from_node="",
            to_node=names.nodes[node],
            label=names.numbers[number],
            exit="enter",
            calls=float(calls[number, node]),
            share=_share(calls[number, node], calls.sum()),
        )
        for number, node in np.argwhere(calls > 0).tolist()
    ]


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def _exit(code: int) -> str:
    """`key`, or the name of the exit in small letters: `hang_up`, `repeat_no_input`."""
    return "key" if code < len(KEYS) else Exit(code).name.lower()


def _label(fr: Frame, edge: int) -> str:
    """The key; else the exit in words; nothing for the plain way on."""
    code = int(fr.edge_exit[edge])
    if code < len(KEYS):
        return KEYS[code]
    if code == Exit.CASE:
        return f"case {int(fr.edge_case[edge]) + 1}"
    return "" if code == Exit.NEXT else Exit(code).name.lower().replace("_", " ")


def node_totals(
    tallies: Sequence[Tally], fr: Frame, names: "Names"
) -> dict[str, dict[str, Estimate]]:
    """Entered, mean time, hang-ups, no input and no match of each node (scope `node.…`).

    `mean_time` is left out of nodes that book no time (queues, branches).
    """
    taken = np.array([one.edges for one in tallies], np.float64)
    spent = np.array([one.node_us for one in tallies], np.float64) / 1e6
    entered = _through(fr, taken, ~np.isin(fr.edge_exit, _REPEATS))
    counts = {
        "entered": entered,
        "hang_ups": _through(fr, taken, fr.edge_exit == Exit.HANG_UP),
        "no_input": _through(fr, taken, np.isin(fr.edge_exit, _SILENT)),
        "no_match": _through(fr, taken, np.isin(fr.edge_exit, _WRONG)),
    }
    found: dict[str, dict[str, Estimate]] = {}
    for k, node in enumerate(names.nodes):
        found[f"node.{node}"] = {name: mean_estimate(c[:, k]) for name, c in counts.items()}
        if spent[:, k].any():
            found[f"node.{node}"]["mean_time"] = ratio_estimate(spent[:, k], entered[:, k])
    return found


def _through(fr: Frame, taken: Floats, kept: NDArray[np.bool_]) -> Floats:
    """(replications, nodes) calls that left each node by the edges kept."""
    rows = [np.bincount(fr.edge_from[kept], row[kept], minlength=fr.n_nodes) for row in taken]
    return np.array(rows, np.float64)
