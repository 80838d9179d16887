"""What can happen in a program beyond answered, abandoned and blocked calls: what there is to count.

Belongs here: reading it from the Program once, as plain arrays. Does not belong here: counting. A
scenario without call-backs has no figures of call-backs, not zeros of them.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Exit, Op, Outcome, Phase

if TYPE_CHECKING:
    from vpbx.program.program import Program

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

USUAL = (
    Outcome.ANSWERED, Outcome.SELF_SERVED, Outcome.ABANDONED_IVR, Outcome.ABANDONED, Outcome.BLOCKED,
    Outcome.REFUSED, Outcome.LOST, Outcome.CUT,
)  # fmt: skip
"""Outcomes that every scenario counts."""


class Limit(NamedTuple):
    """When fewer channels are licensed than the trunks have: from `at` (us) on, `less` is 1 or 0."""

    at: Ints
    less: Ints


class Recorded(NamedTuple):
    """Where conversations are recorded, and when: from `at` (us) on, `on` is 1 or 0."""

    nodes: NDArray[np.bool_]
    """(nodes) the talks after a wait at them are recorded."""
    at: Ints
    on: Ints


class Possible(NamedTuple):
    """What there is to count."""

    outcomes: tuple[int, ...] = USUAL
    """How calls may end."""
    offers: tuple[int, ...] = ()
    """Of the ways out of queue nodes (`codes.Exit`) those that some node has."""
    mailbox: NDArray[np.bool_] | None = None
    """(nodes) whether a visit at the node is a message; None: there are none."""
    callbacks: str = ""
    """What call-backs count as in service levels: "answered", "missed", "excluded"; "": there are none."""
    rings: bool = False
    """Agents' phones ring before they answer, or they call back."""
    misses: bool = False
    """Agents' phones can ring in vain."""
    autopauses: bool = False
    """Agents are taken off the phone after misses in a row."""
    legs: bool = False
    """Channels are held beside callers' own."""
    unlicensed: bool = False
    """Some node needs a module."""
    edge_queue: Ints | None = None
    """(edges) the queue of the node that the edge leaves; -1: it has none."""
    recorded: Recorded | None = None
    """None: nothing is recorded."""
    limit: Limit | None = None
    at_once: Ints | None = None
    """(groups) conversations that one person holds; None: one each."""
    charge: Floats | None = None
    """(numbers, classes) what a started minute costs the caller; None: nothing."""
    skip_price: Floats | None = None
    """(edges) what callers pay who leave by it; None: nothing."""


NOTHING_MORE = Possible()
"""Of a scenario of queues and menus."""

OFFERS = (
    Exit.EMPTY, Exit.TIMED_OUT, Exit.LEFT, Exit.CALLBACK, Exit.PAID_SKIP, Exit.ELSEWHERE, Exit.CLEARED,
)  # fmt: skip


def possible(
    program: "Program",
    callbacks: str = "excluded",
    at_once: Ints | None = None,
    charge: Floats | None = None,
    skip_price: Floats | None = None,
) -> Possible:
    """What can happen in a program; the rest is for the scenario to say."""
    op, offers = program.flow.nodes.op, _offers(program)
    mailbox = op == Op.VOICEMAIL
    calls_back = Exit.CALLBACK in offers
    outside = program.extensions.trunk[program.legs.extension] >= 0
    return Possible(
        outcomes=tuple(sorted({*USUAL, *_outcomes(program, offers)})),
        offers=offers,
        mailbox=mailbox if mailbox.any() else None,
        callbacks=callbacks if calls_back else "",
        rings=calls_back or bool((program.groups.rings > 0).any()),
        misses=bool((program.groups.rings > 0).any()),
        autopauses=bool((program.groups.autopause > 0).any()),
        legs=bool(outside.any()) or calls_back,
        unlicensed=bool((program.flow.nodes.module >= 0).any()),
        edge_queue=_edge_queue(program),
        recorded=_recorded(program),
        limit=_limit(program),
        at_once=None if at_once is None or (at_once == 1).all() else at_once,
        charge=None if charge is None or not charge.any() else charge,
        skip_price=None if skip_price is None or not skip_price.any() else skip_price,
    )


def _offers(program: "Program") -> tuple[int, ...]:
    """Ways out of queue nodes that can be taken."""
    there = set(program.edges.exit.tolist())
    waits = program.waits
    taken = {
        Exit.LEFT: waits.leave_p, Exit.CALLBACK: waits.callback_p, Exit.PAID_SKIP: waits.skip_p,
        Exit.ELSEWHERE: waits.elsewhere_p,
    }  # fmt: skip
    return tuple(
        way for way in OFFERS if way in there and (way not in taken or bool((taken[way] > 0).any()))
    )


def _outcomes(program: "Program", offers: tuple[int, ...]) -> list[Outcome]:
    nodes, numbers, moments = program.flow.nodes, program.numbers, program.moments
    cut = (moments.phase == Phase.OUTAGE).any()
    holds = {
        Outcome.FORWARDED: bool((nodes.op == Op.RING).any())
        or Exit.LEFT in offers
        or Exit.ELSEWHERE in offers,
        Outcome.VOICEMAIL: bool((nodes.op == Op.VOICEMAIL).any()),
        Outcome.CALLBACK_DONE: Exit.CALLBACK in offers,
        Outcome.CALLBACK_FAILED: Exit.CALLBACK in offers,
        Outcome.BALKED: bool((program.classes.balks > 0).any()) or len(program.reactions.p) > 0,
        Outcome.TIMED_OUT: Exit.TIMED_OUT in offers,
        Outcome.SUSPENDED: bool((program.licence.active >= 0).any()),
        Outcome.FAILED: bool((numbers.connect_fails > 0).any() or (numbers.out >= 0).any() or cut),
        Outcome.CLEARED: bool((moments.queue >= 0).any()),
    }
    return [outcome for outcome, can in holds.items() if can]


def _edge_queue(program: "Program") -> Ints:
    nodes = program.flow.nodes
    has_queue = np.isin(nodes.op, (Op.QUEUE, Op.VOICEMAIL))
    return np.asarray(np.where(has_queue, nodes.row, -1)[program.edges.from_node])


def _recorded(program: "Program") -> Recorded | None:
    """The queue nodes whose talks are recorded, and the steps of the licence for it."""
    nodes, calendar = program.recording.node == 1, int(program.recording.calendar[0])
    if not nodes.any():
        return None
    if calendar < 0:
        return Recorded(nodes, np.zeros(1, np.int64), np.ones(1, np.int64))
    calendars = program.flow.calendars
    steps = slice(calendars.start[calendar], calendars.start[calendar + 1])
    return Recorded(nodes, calendars.at[steps], calendars.value[steps])


def _limit(program: "Program") -> Limit | None:
    """Compares the licensed channels with those of all trunks together: lines that only the licence
    bounds have no end of them."""
    licensed = int(program.licence.channels[0])
    if licensed < 0:
        return None
    if licensed in program.trunks.calendar:
        return Limit(np.zeros(1, np.int64), np.ones(1, np.int64))
    calendars = program.flow.calendars
    used = [licensed, *program.trunks.calendar.tolist()]
    steps = [slice(calendars.start[c], calendars.start[c + 1]) for c in used]
    at = np.unique(np.concatenate([calendars.at[s] for s in steps]))
    values = [
        calendars.value[s][np.searchsorted(calendars.at[s], at, side="right") - 1] for s in steps
    ]
    return Limit(at, (values[0] < np.sum(values[1:], axis=0)).astype(np.int64))
