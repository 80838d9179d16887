"""What a drawing of the flow shows: boxes with their lines of text, arrows with their labels.

Belongs here: words, wrapping, merging and folding that every drawing shares. Does not belong here:
positions (`layout`), colours (`report.flow_picture`), file formats (`export`).

So that a drawing stays readable: numbers that are entered alike share a box, all ways from one node
to another share an arrow, and silence or wrong keys that only end in a hang-up are a line in the
box.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

from vpbx.codes import Exit, Op
from vpbx.flow.graph import ENTER, Way, mean_s, number_node, number_ways, op_of, success, ways
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import Node
from vpbx.units import SECOND_US, duration_text

NUMBER = -1
"""`op` of a box of phone numbers."""
BOX_CHARS = 24
LABEL_CHARS = 20
_MOST_SAYS_LINES = 2
_MOST_LABELS = 4
_MOST_ENDS = 3
"""A hang-up to which more arrows lead is drawn beside each of their tails."""


@dataclass(frozen=True)
class Box:
    """A node (or phone numbers that are entered alike)."""

    name: str
    op: int
    """`codes.Op`, or `NUMBER`."""
    title: tuple[str, ...]
    lines: tuple[str, ...]
    queue: str = ""
    numbers: tuple[str, ...] = ()
    """The phone numbers of a box of numbers."""
    copy_of: str = ""
    """The hang-up node that this small box stands for."""


@dataclass(frozen=True)
class Arrow:
    """All ways from one box to another."""

    tail: str
    head: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A flow to draw, in file order: numbers first."""

    boxes: dict[str, Box]
    arrows: dict[tuple[str, str], Arrow]


def picture(scenario: Scenario) -> Picture:
    """The drawing of a scenario's flow."""
    groups = _number_groups(scenario)
    boxes = [_number_box(numbers) for numbers, _ in groups]
    boxes += [_node_box(scenario, name, node) for name, node in scenario.flow.items()]
    arrows = [arrow for numbers, out in groups for arrow in _arrows(number_node(numbers[0]), out)]
    for name, node in scenario.flow.items():
        folded = set(_folded(scenario, node))
        arrows += _arrows(name, [way for way in ways(node) if way not in folded])
    return _with_copies(scenario, boxes, arrows)


def _with_copies(scenario: Scenario, boxes: list[Box], arrows: list[Arrow]) -> Picture:
    """Hang-ups to which many arrows lead become small boxes of their own, one a tail."""
    entries = Counter(arrow.head for arrow in arrows)
    busy = {
        name
        for name, count in entries.items()
        if count > _MOST_ENDS and op_of(scenario.flow[name]) == Op.HANGUP
    }
    kept = {box.name: box for box in boxes if box.name not in busy}
    drawn = {}
    for arrow in arrows:
        head = arrow.head
        if head in busy:
            head = f"{head} after {arrow.tail}"
            title = tuple(_wrapped_name(arrow.head))
            kept[head] = Box(head, int(Op.HANGUP), title, (), copy_of=arrow.head)
        drawn[arrow.tail, head] = Arrow(arrow.tail, head, arrow.lines)
    return Picture(kept, drawn)


def _number_groups(scenario: Scenario) -> list[tuple[tuple[str, ...], tuple[Way, ...]]]:
    groups: dict[tuple[Way, ...], list[str]] = {}
    for name, number in scenario.numbers.items():
        groups.setdefault(number_ways(number), []).append(name)
    return [(tuple(names), out) for out, names in groups.items()]


def _number_box(numbers: tuple[str, ...]) -> Box:
    return Box(number_node(numbers[0]), NUMBER, numbers, (), numbers=numbers)


def _node_box(scenario: Scenario, name: str, node: Node) -> Box:
    said = wrap(node.says, BOX_CHARS, max_lines=_MOST_SAYS_LINES, placeholder=" …")
    return Box(
        name,
        int(op_of(node)),
        tuple(_wrapped_name(name)),
        (*wrap(_caption(node), BOX_CHARS), *said, *_folded_lines(_folded(scenario, node))),
        node.queue or "",
    )


def _wrapped_name(name: str) -> list[str]:
    """A long name broken after its underscores and hyphens."""
    pieces = wrap(name.replace("_", "_ ").replace("-", "- "), BOX_CHARS)
    return [piece.replace("_ ", "_").replace("- ", "-") for piece in pieces]


def _caption(node: Node) -> str:
    """What the node does, in a few words."""
    takes, p = duration_text(mean_s(node) * SECOND_US), success(node) or 0.0
    match op_of(node):
        case Op.PLAY:
            return f"plays {takes}"
        case Op.SELF_SERVICE:
            return f"self-service {takes}, settles {p:.0%}"
        case Op.IDENTIFY:
            return f"identifies {takes}, {p:.0%} pass"
        case Op.SURVEY:
            return f"survey {takes}, {p:.0%} rate"
        case Op.QUEUE:
            return f"queue {node.queue}{_offered(node)}"
        case Op.RING:
            return _ring_caption(node)
        case Op.VOICEMAIL:
            into = node.voicemail.queue if node.voicemail is not None else None
            return f"voicemail {takes}" + (f", into queue {into}" if into else "")
        case Op.ROUND_TRIP:
            return f"a question to the writer, {takes}"
    return {Op.MENU: "menu", Op.BRANCH: "branch"}.get(op_of(node), "hangs up")


def _offered(node: Node) -> str:
    """Offers after which the caller goes on waiting, somehow: they have no arrow of their own."""
    offers = {"call back": node.offers.callback, "paid skip": node.offers.paid_skip}
    made = [name for name, offer in offers.items() if offer is not None]
    return f", offers {', '.join(made)}" if made else ""


_MOST_LEGS = 4
_MODES = {
    "all": "rings at once",
    "in_order": "rings",
    "one_by_one": "rings in turn",
    "random": "rings",
}


def _ring_caption(node: Node) -> str:
    """`rings front, back or 2 more`."""
    assert node.ring is not None
    legs = [leg.to for leg in node.ring.legs]
    if len(legs) > _MOST_LEGS:
        legs = [*legs[: _MOST_LEGS - 1], f"{len(legs) - _MOST_LEGS + 1} more"]
    mode = _MODES[node.ring.mode] if len(legs) > 1 else "rings"
    return f"{mode} {', '.join(legs)}"


def _folded(scenario: Scenario, node: Node) -> list[Way]:
    """Silence and wrong keys that end in a hang-up node to which nothing else leads from here."""
    passive = {Exit.NO_INPUT, Exit.NO_MATCH}
    others = {way.to for way in ways(node) if way.exit not in passive}
    return [
        way
        for way in ways(node)
        if way.exit in passive
        and way.to is not None
        and way.to not in others
        and op_of(scenario.flow[way.to]) == Op.HANGUP
    ]


def _folded_lines(folded: list[Way]) -> list[str]:
    by_end: dict[str, list[str]] = {}
    for way in folded:
        by_end.setdefault(way.to or "", []).append(way.label)
    texts = [f"{', '.join(labels)} → {end}" for end, labels in by_end.items()]
    return [line for text in texts for line in wrap(text, BOX_CHARS)]


def _arrows(tail: str, out: Iterable[Way]) -> list[Arrow]:
    heads: dict[str, list[Way]] = {}
    for way in out:
        if way.to is not None:
            heads.setdefault(way.to, []).append(way)
    return [Arrow(tail, head, _label_lines(group)) for head, group in heads.items()]


def _label_lines(group: list[Way]) -> tuple[str, ...]:
    """Each label on its own lines; silence and wrong keys together; a refusal once for all."""
    passive = [way.label for way in group if way.exit in (Exit.NO_INPUT, Exit.NO_MATCH)]
    refused = [way.label.removeprefix("refused: ") for way in group if _is_refusal(way)]
    labels = [
        way.label
        for way in group
        if way.label and not _is_refusal(way) and way.label not in passive
    ]
    labels += [", ".join(passive)] if passive else []
    labels += [f"refused: {', '.join(refused)}"] if refused else []
    if len(labels) > _MOST_LABELS:
        labels = [*labels[: _MOST_LABELS - 1], f"and {len(labels) - _MOST_LABELS + 1} more"]
    return tuple(
        line for label in labels for line in wrap(label, LABEL_CHARS, break_long_words=False)
    )


def _is_refusal(way: Way) -> bool:
    return way.exit == ENTER and way.detail > 0
