"""Queue nodes at which more than joining and waiting can happen → rows of `Waits`.

Belongs here: announcements, reactions, offers, limits of a wait. Does not belong here: what they do
when a call waits (`engine`).
"""

from vpbx.codes import Exit
from vpbx.program.flow_builder import FlowBuilder
from vpbx.program.rare import Waits
from vpbx.scenario.conditions import Condition
from vpbx.scenario.lines import trunk_index
from vpbx.scenario.nodes import Announce, Node, Offers

_PLAIN = (Announce().every, Announce().balks, Announce().stays)
_HOLDS = {"no": 0, "until_answer": 1, "to_the_end": 2}


def wait_row(b: FlowBuilder, i: int, node: Node) -> dict[str, float] | None:
    """The row of a queue node; None where joining and waiting are all there is."""
    queue = b.scenario.queues[str(node.queue)]
    plain = (
        node.max_wait is None
        and node.leave is None
        and (node.announce.every, node.announce.balks, node.announce.stays) == _PLAIN
        and node.offers == Offers()
        and queue.join_empty
        and queue.closes is None
        and not node.keep_place
        and node.holds_agent == "no"
    )
    if plain:
        return None
    row: dict[str, float] = dict.fromkeys(Waits._fields, -1)
    row |= {"leave_p": 0.0, "elsewhere_p": 0.0, "callback_p": 0.0, "skip_p": 0.0}
    row |= {"stays": node.announce.stays, "callback_answers": 0.0, "skip_priority": 0}
    row["checks_empty"] = int(not queue.join_empty)
    row["keep_place"], row["holds_agent"] = int(node.keep_place), _HOLDS[node.holds_agent]
    _ways(b, i, node, row)
    _announcements(b, node, row)
    _offers(b, i, node.offers, row)
    return row


def _ways(b: FlowBuilder, i: int, node: Node, row: dict[str, float]) -> None:
    """Ways out of the queue that are neither an answer nor impatience."""
    queue = b.scenario.queues[str(node.queue)]
    if not queue.join_empty:
        row["empty"] = b.node_index(node.empty)
        row["empty_edge"] = b.edge(i, int(row["empty"]), Exit.EMPTY)
    if node.max_wait is not None:
        row["max_wait_us"], row["timed_out"] = node.max_wait, b.node_index(node.timed_out)
        row["timed_out_edge"] = b.edge(i, int(row["timed_out"]), Exit.TIMED_OUT)
    if node.leave is not None:
        row["leave_p"], row["leave_dist"] = node.leave.taken_by, b.dists.add(node.leave.after)
        row["leave_to"] = b.node_index(node.leave.to)
        row["leave_edge"] = b.edge(i, int(row["leave_to"]), Exit.LEFT)
    if queue.closes is not None:
        row["cleared_edge"] = b.edge(i, -1, Exit.CLEARED)


def _announcements(b: FlowBuilder, node: Node, row: dict[str, float]) -> None:
    row["every_us"] = -1 if node.announce.every is None else node.announce.every
    row["first_reaction"], row["n_reactions"] = len(b.reactions), len(node.announce.balks)
    b.reactions += [{"told_us": told, "p": p} for told, p in node.announce.balks.items()]


def _offers(b: FlowBuilder, i: int, offers: Offers, row: dict[str, float]) -> None:
    """What callers are offered at joining."""
    if (elsewhere := offers.elsewhere) is not None:
        row["elsewhere_p"], row["elsewhere_to"] = elsewhere.taken_by, b.node_index(elsewhere.to)
        row["elsewhere_case"] = _case(b, elsewhere.condition)
        row["elsewhere_edge"] = b.edge(i, int(row["elsewhere_to"]), Exit.ELSEWHERE)
    if (callback := offers.callback) is not None:
        row |= {
            "callback_p": callback.taken_by,
            "callback_case": _case(b, callback.condition),
            "callback_answers": callback.answers,
            "callback_dist": b.dists.add(callback.rings),
            "callback_gives_up_us": callback.gives_up_after,
            "callback_attempts": callback.attempts,
            "callback_retry_us": callback.retry,
            "callback_edge": b.edge(i, -1, Exit.CALLBACK),
            "callback_trunk": trunk_index(b.scenario, callback.trunk),
        }
    if (skip := offers.paid_skip) is not None:
        row["skip_p"], row["skip_priority"] = skip.taken_by, skip.priority
        row["skip_case"] = _case(b, skip.condition)
        row["skip_edge"] = b.edge(i, i, Exit.PAID_SKIP)


def _case(b: FlowBuilder, condition: Condition | None) -> int:
    """A case of its own for the condition of an offer; -1: always."""
    if condition is None:
        return -1
    b.cases.append(condition_row(b, condition) | {"next": -1, "edge": -1})
    return len(b.cases) - 1


def condition_row(b: FlowBuilder, condition: Condition) -> dict[str, int]:
    """A question about a queue as a case."""
    return {
        "kind": condition.what,
        "operand": list(b.scenario.queues).index(condition.queue),
        "negated": 0,
        "relation": condition.relation,
        "value": condition.value,
    }
