"""The call flow as a networkx graph, and the expected time at each of its ways.

Belongs here: nodes, edges, their labels and their mean listening times. Does not belong here: which
way a caller takes (`keys`, `paths`), how it is drawn (`picture`, `layout`).
"""

from collections.abc import Iterator
from typing import NamedTuple

import networkx as nx

from vpbx.codes import KEYS, Exit, Op
from vpbx.scenario.models import Number, Scenario
from vpbx.scenario.nodes import BranchCase, MenuOption, Node
from vpbx.units import SECOND_US, duration_text

REACTION_S = 1.5
"""Mean reaction time where a node gives none."""

ENTER = -1
"""`exit` of the edges that leave a phone number: no way out of a node."""


class Way(NamedTuple):
    """One way out of a node: an edge of the graph, or an end of the call."""

    exit: int
    """`codes.Exit`; a key's place in `codes.KEYS`; `ENTER` from a number."""
    detail: int
    """CASE: the case's place in its branch; else 0."""
    to: str | None
    """The node that follows; None: the system hangs up."""
    label: str
    """What people call this way: `2 mobile`, `no input`, `open: office`."""
    seconds: float
    """Mean time from entering the node to leaving it this way, for a caller who listens."""


def op_of(node: Node) -> Op:
    """What the node does."""
    kinds = (
        (node.play, Op.PLAY),
        (node.menu, Op.MENU),
        (node.self_service, Op.SELF_SERVICE),
        (node.branch, Op.BRANCH),
        (node.queue, Op.QUEUE),
        (node.identify, Op.IDENTIFY),
        (node.survey, Op.SURVEY),
        (node.ring, Op.RING),
        (node.voicemail, Op.VOICEMAIL),
        (node.round_trip, Op.ROUND_TRIP),
    )
    return next((op for value, op in kinds if value is not None), Op.HANGUP)


def reaction_s(node: Node) -> float:
    """Mean seconds from knowing the key to pressing it."""
    return REACTION_S if node.reaction is None else node.reaction.mean_us / SECOND_US


def prompt_s(node: Node) -> float:
    """Length of a menu's prompt in seconds: up to the last option, if not given."""
    if node.length is not None:
        return node.length / SECOND_US
    return max((option.at for option in (node.menu or {}).values()), default=0) / SECOND_US


def mean_s(node: Node) -> float:
    """Mean seconds that a node takes by itself; 0 for menus, branches, queues and ringing."""
    timed = node.self_service or node.identify or node.survey or node.voicemail
    law = node.play or node.round_trip if timed is None else timed.takes
    return 0.0 if law is None else law.mean_us / SECOND_US


def success(node: Node) -> float | None:
    """Probability that what the node does succeeds; None where nothing is left to chance."""
    if node.self_service is not None:
        return node.self_service.settles
    if node.identify is not None:
        return node.identify.passes
    return None if node.survey is None else node.survey.taken_by


def queues_of(node: Node) -> tuple[str, ...]:
    """The queue in which calls wait at a node, or into which its messages go; none for most."""
    if node.voicemail is not None and node.voicemail.queue is not None:
        return (node.voicemail.queue,)
    return () if node.queue is None else (node.queue,)


def options(node: Node) -> list[tuple[str, MenuOption]]:
    """A menu's options in the order of `codes.KEYS`; none for other nodes."""
    return sorted((node.menu or {}).items(), key=lambda item: KEYS.index(item[0]))


def by_share(node: Node) -> bool:
    """Whether callers press this menu's keys by share and not by goal."""
    return any(option.share is not None for _, option in options(node))


def _readings_s(node: Node, repeat: int, pause_s: float) -> float:
    """Seconds of a prompt read once and `repeat` times again, a pause after each reading."""
    again_s = prompt_s(node) - node.replay_from / SECOND_US
    return prompt_s(node) + pause_s + repeat * (max(again_s, 0.0) + pause_s)


def _menu_ways(node: Node) -> Iterator[Way]:
    for key, option in options(node):
        label = f"{key} {option.says}".rstrip()
        heard_s = option.at / SECOND_US if node.barge_in else prompt_s(node)
        seconds = heard_s + reaction_s(node)
        yield Way(KEYS.index(key), 0, option.next, label, seconds)
    silent_s = _readings_s(node, node.no_input.repeat, node.no_input.after / SECOND_US)
    wrong_s = _readings_s(node, node.no_match.repeat, reaction_s(node))
    yield Way(Exit.NO_INPUT, 0, node.no_input.then, "no input", silent_s)
    yield Way(Exit.NO_MATCH, 0, node.no_match.then, "no match", wrong_s)


def case_label(case: BranchCase) -> str:
    """What a branch's case asks, in words."""
    if case.open is not None:
        return f"open: {case.open}"
    if case.closed is not None:
        return f"closed: {case.closed}"
    if case.caller_class:
        return f"class: {', '.join(case.caller_class)}"
    if case.network:
        return f"network: {', '.join(case.network)}"
    if case.share is not None:
        return f"{100 * case.share:.4g} %"
    return case.when or ""


def _branch_ways(node: Node) -> Iterator[Way]:
    for place, case in enumerate(node.branch or ()):
        yield Way(Exit.CASE, place, case.next, case_label(case), 0.0)
    yield Way(Exit.OTHERWISE, 0, node.otherwise, "otherwise", 0.0)


def _self_service_ways(node: Node) -> Iterator[Way]:
    yield Way(Exit.NEXT, 0, node.next, "settled", mean_s(node))
    yield Way(Exit.OTHERWISE, 0, node.otherwise, "not settled", mean_s(node))


def _queue_ways(node: Node) -> Iterator[Way]:
    yield Way(Exit.NEXT, 0, node.next, "after the call", 0.0)
    yield Way(Exit.FULL, 0, node.full, "full", 0.0)
    if node.empty is not None:
        yield Way(Exit.EMPTY, 0, node.empty, "nobody there", 0.0)
    if node.max_wait is not None:
        label = f"after {duration_text(node.max_wait)}"
        yield Way(Exit.TIMED_OUT, 0, node.timed_out, label, 0.0)
    if node.leave is not None:
        yield Way(Exit.LEFT, 0, node.leave.to, f"presses {node.leave.key}", 0.0)
    offers = node.offers
    if offers.elsewhere is not None:
        yield Way(Exit.ELSEWHERE, 0, offers.elsewhere.to, "goes elsewhere", 0.0)
    if offers.callback is not None:
        yield Way(Exit.CALLBACK, 0, None, "wants a call back", 0.0)


def _identify_ways(node: Node) -> Iterator[Way]:
    yield Way(Exit.NEXT, 0, node.next, "identified", mean_s(node))
    yield Way(Exit.OTHERWISE, 0, node.otherwise, "not identified", mean_s(node))


def _survey_ways(node: Node) -> Iterator[Way]:
    yield Way(Exit.NEXT, 0, node.next, "rates", mean_s(node))
    yield Way(Exit.OTHERWISE, 0, node.next, "declines", 0.0)


def _ring_ways(node: Node) -> Iterator[Way]:
    yield Way(Exit.ANSWERED, 0, node.next, "after the talk", 0.0)
    yield Way(Exit.OTHERWISE, 0, node.otherwise, "nobody answers", 0.0)


def _voicemail_ways(node: Node) -> Iterator[Way]:
    yield Way(Exit.NEXT, 0, None, "message left", mean_s(node))
    yield Way(Exit.FULL, 0, node.full, "full", 0.0)


def _own_ways(node: Node) -> tuple[Way, ...]:
    """The ways that belong to the node's kind."""
    match op_of(node):
        case Op.MENU:
            return tuple(_menu_ways(node))
        case Op.BRANCH:
            return tuple(_branch_ways(node))
        case Op.SELF_SERVICE:
            return tuple(_self_service_ways(node))
        case Op.QUEUE:
            return tuple(_queue_ways(node))
        case Op.IDENTIFY:
            return tuple(_identify_ways(node))
        case Op.SURVEY:
            return tuple(_survey_ways(node))
        case Op.RING:
            return tuple(_ring_ways(node))
        case Op.VOICEMAIL:
            return tuple(_voicemail_ways(node))
        case Op.PLAY | Op.ROUND_TRIP:
            return (Way(Exit.NEXT, 0, node.next, "", mean_s(node)),)
    return ()


def ways(node: Node) -> tuple[Way, ...]:
    """Every way out of a node, those that end the call included; none for a hang-up.

    A queue's ways take 0 s: how long callers wait is what a run is for. A menu without `barge_in`
    takes keys only after its whole prompt; else callers press once their option has been read.
    """
    own = _own_ways(node)
    if node.unlicensed is None:
        return own
    return (*own, Way(Exit.UNLICENSED, 0, node.unlicensed, "not licensed", 0.0))


def chance_of(node: Node, way: Way) -> float:
    """Probability of a way that chance opens; 1 for every other."""
    p = success(node)
    if p is None or way.exit not in (Exit.NEXT, Exit.OTHERWISE):
        return _case_chance(node, way)
    return p if way.exit == Exit.NEXT else 1.0 - p


def by_lot(node: Node, way: Way) -> bool:
    """Whether a way is a branch's case that takes a share of all calls."""
    return way.exit == Exit.CASE and (node.branch or [])[way.detail].share is not None


def _case_chance(node: Node, way: Way) -> float:
    """The share of a branch's case; its other cases, and otherwise, have what is left over."""
    cases = node.branch or []
    if by_lot(node, way):
        return cases[way.detail].share or 0.0
    left = 1.0 - sum(case.share or 0.0 for case in cases)
    return max(left, 0.0) if way.exit == Exit.OTHERWISE and len(cases) and left < 1.0 else 1.0


def number_ways(number: Number) -> tuple[Way, ...]:
    """Where calls on a number go: its entry, then what the refused networks hear."""
    refused = (
        Way(ENTER, place, to, f"refused: {network}", 0.0)
        for place, (network, to) in enumerate(number.refuses.items(), start=1)
    )
    return (Way(ENTER, 0, number.enter, "", 0.0), *refused)


def number_node(number: str) -> str:
    """Name of a phone number's node in `with_numbers`; no flow node can have it."""
    return f"number {number}"


def build(scenario: Scenario) -> "nx.MultiDiGraph[str]":
    """The flow's nodes and every way between them.

    Nodes, in file order, have `op` (`codes.Op`), `says`, `queue` ("" where none), `mean_s`,
    `settles` (1 where nothing can fail) and `hangs_up` (labels of the ways that end the call,
    comma-separated). Edges have `exit`, `detail`, `label` and `seconds` as in `Way`.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, node in scenario.flow.items():
        _add_node(graph, name, node)
    for name, node in scenario.flow.items():
        for way in ways(node):
            _add_edge(graph, name, way)
    return graph


def with_numbers(scenario: Scenario) -> "nx.MultiDiGraph[str]":
    """The graph of `build` and a node for each phone number (`op` -1, `says` the number)."""
    graph = build(scenario)
    for name, number in scenario.numbers.items():
        graph.add_node(
            number_node(name), op=-1, says=name, queue="", mean_s=0.0, settles=1.0, hangs_up=""
        )
        for way in number_ways(number):
            _add_edge(graph, number_node(name), way)
    return graph


def _add_node(graph: "nx.MultiDiGraph[str]", name: str, node: Node) -> None:
    graph.add_node(
        name,
        op=int(op_of(node)),
        says=node.says,
        queue=node.queue or "",
        mean_s=mean_s(node),
        settles=1.0 if (p := success(node)) is None else p,
        hangs_up=", ".join(way.label or "end" for way in ways(node) if way.to is None),
    )


def _add_edge(graph: "nx.MultiDiGraph[str]", name: str, way: Way) -> None:
    if way.to is not None:
        graph.add_edge(
            name,
            way.to,
            exit=int(way.exit),
            detail=way.detail,
            label=way.label,
            seconds=way.seconds,
        )


def accepts(number: Number, network: str) -> bool:
    """Whether calls of a network come into the flow by this number's entry."""
    if network in number.refuses:
        return False
    return not number.accepts or network in number.accepts
