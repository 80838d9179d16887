"""The Program as compiled code takes it: each table's columns side by side in one record array.

Belongs here: packing, nothing else. Why: the compiler takes a table of tables apart into every array
in it, at each call of each function; a hundred arrays cost minutes to compile and microseconds a
call, twenty do not. What `flow.nodes.op[node]` is in a Program is `flow.nodes[node].op` here.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Case, Op, Platform, Strategy
from vpbx.draws import Distributions
from vpbx.program.program import Calendars, Clock, Ints, Program
from vpbx.program.steps import constants_us, steps
from vpbx.rows import Rows

Floats = NDArray[np.float64]

_WIDE = {
    "press", "member", "access", "penalty", "handle_dist", "wrap_up_dist", "queue_order", "after_us",
    "spare", "settled_p", "redial", "redial_delay_dist", "attempts", "redial_number",
}  # fmt: skip
"""Columns whose width depends on the scenario: arrays of their own, or the code would too."""
_OWN = {"first_agent", "forced_start", "forced_keys"}


class Serves(NamedTuple):
    """(groups, queues) how groups serve queues; see `program.Groups`."""

    penalty: Ints
    handle_dist: Ints
    wrap_up_dist: Ints
    queue_order: Ints
    after_us: Ints
    spare: Ints
    settled_p: Floats


class Redials(NamedTuple):
    """(classes, causes) calling again; see `program.Classes`."""

    redial: Floats
    redial_delay_dist: Ints
    attempts: Ints
    redial_number: Ints


class PackedFlow(NamedTuple):
    """What the walk reads; see `program.Flow`."""

    nodes: Rows[Any]
    steps: Rows[Any]
    """Rows of `steps.Steps`."""
    menus: Rows[Any]
    press: Ints
    cases: Rows[Any]
    member: Ints
    calendars: Calendars
    dists: Distributions
    reach: Ints
    slow: Ints
    forced_keys: Ints


class Packed(NamedTuple):
    """The Program, packed; see `program.Program`."""

    special: int
    """1 when some table is filled that most Programs leave empty (`rare`, or columns of that kind)."""
    by_platform: int
    """1 when some queue follows a platform's order of service."""
    clock: Clock
    flow: PackedFlow
    waits: Rows[Any]
    reactions: Rows[Any]
    rings: Rows[Any]
    legs: Rows[Any]
    extensions: Rows[Any]
    licence: Rows[Any]
    moments: Rows[Any]
    numbers: Rows[Any]
    access: Ints
    trunks: Rows[Any]
    queues: Rows[Any]
    """With `special`: 1 where a call may do more than join and wait for whoever is free."""
    platforms: Rows[Any]
    windows: Rows[Any]
    groups: Rows[Any]
    """With `special`: 1 where agents serve a special queue; `platform`: 1 where they wait for calls of
    a platform."""
    first_agent: Ints
    serves: Rows[Any]
    """With `wrap_up_us`: of a constant law; -1: it is drawn."""
    classes: Rows[Any]
    crowds: Rows[Any]
    redials: Rows[Any]
    forced_start: Ints


def pack(program: Program) -> Packed:
    """The Program, packed."""
    flow, groups, classes = program.flow, program.groups, program.classes
    serves = Serves(*(getattr(groups, name) for name in Serves._fields))
    redials = Redials(*(getattr(classes, name) for name in Redials._fields))
    queue_flags, group_flags = _special_queues(program)
    follows = program.platforms.platform != Platform.OWN
    of_platform = ((groups.penalty >= 0) & follows).any(axis=1).astype(np.int64)
    wrap_up_us = constants_us(flow.dists.law)[groups.wrap_up_dist]
    return Packed(
        special=int(_is_special(program) or queue_flags.any()),
        by_platform=int(follows.any()),
        clock=Clock(*(int(value) for value in program.clock)),
        flow=PackedFlow(
            nodes=packed(flow.nodes),
            steps=steps(flow),
            menus=packed(flow.menus),
            press=flow.menus.press,
            cases=packed(flow.cases),
            member=flow.cases.member,
            calendars=flow.calendars,
            dists=flow.dists,
            reach=flow.reach,
            slow=flow.slow,
            forced_keys=classes.forced_keys,
        ),
        waits=packed(program.waits),
        reactions=packed(program.reactions),
        rings=packed(program.rings),
        legs=packed(program.legs),
        extensions=packed(program.extensions),
        licence=packed(program.licence),
        moments=packed(program.moments),
        numbers=packed(program.numbers),
        access=program.numbers.access,
        trunks=packed(program.trunks),
        queues=packed(program.queues, special=queue_flags),
        platforms=packed(program.platforms),
        windows=packed(program.windows),
        groups=packed(groups, special=group_flags, platform=of_platform),
        first_agent=groups.first_agent,
        serves=packed(serves, keep={*Serves._fields, "wrap_up_us"}, wrap_up_us=wrap_up_us),
        classes=packed(classes),
        crowds=packed(program.crowds),
        redials=packed(redials, keep=set(Redials._fields)),
        forced_start=classes.forced_start,
    )


def _special_queues(program: Program) -> tuple[Ints, Ints]:
    """1 for each queue where more can happen than joining and waiting; 1 for groups that serve one."""
    queues, groups, nodes = program.queues, program.groups, program.flow.nodes
    special = (queues.credit_us >= 0) | (queues.staged == 1)
    special |= np.isin(queues.strategy, (Strategy.ROUND_ROBIN, Strategy.RING_ALL))
    special |= program.platforms.platform != Platform.OWN
    served = groups.penalty >= 0
    special |= (served & ((groups.rings == 1)[:, None] | (groups.spare > 0))).any(axis=0)
    for op, row, wait in zip(nodes.op, nodes.row, nodes.wait, strict=True):
        if row >= 0 and (op == Op.VOICEMAIL or (op == Op.QUEUE and wait >= 0)):
            special[row] = True
    if program.waits.keep_place.any():  # places count from a call's first queue, whichever it is
        special[:] = True
    if program.classes.balks.any() or program.classes.n_crowds.any():
        special[:] = True
    return special.astype(np.int64), (served & special).any(axis=1).astype(np.int64)


def _is_special(program: Program) -> bool:
    """Whether something rare can happen to calls apart from queues."""
    numbers, nodes = program.numbers, program.flow.nodes
    return bool(
        len(program.rings.mode)
        or len(program.moments.at)
        or (program.licence.active >= 0).any()
        or (numbers.connect_dist >= 0).any()
        or (numbers.out >= 0).any()
        or (nodes.op == Op.VOICEMAIL).any()
        or (program.flow.cases.kind == Case.SHARE).any()
        or (program.groups.settled_p < 1.0).any()
    )


def packed(
    table: Any,
    keep: set[str] = frozenset(),  # type: ignore[assignment]
    **more: Ints,
) -> Rows[Any]:
    """A table of equally long columns (a NamedTuple, and more) as one record array."""
    columns: dict[str, NDArray[np.generic]] = {
        name: column
        for name, column in (table._asdict() | more).items()
        if name in keep or name not in _WIDE | _OWN
    }
    first = next(iter(columns.values()))
    n_axes = 2 if keep else 1
    kinds = [(name, c.dtype.str, c.shape[n_axes:]) for name, c in columns.items()]
    records = np.zeros(first.shape[:n_axes], np.dtype(kinds))
    for name, column in columns.items():
        records[name] = column
    return cast(Rows[Any], records.view(np.recarray))
