"""The Program as compiled code takes it: each table's columns side by side in one record array.

Belongs here: packing, nothing else. Why: the compiler takes a table of tables apart into every array
in it, at each call of each function; a hundred arrays cost minutes to compile and microseconds a
call, twenty do not. What `flow.nodes.op[node]` is in a Program is `flow.nodes[node].op` here.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from vpbx.draws import Distributions
from vpbx.program.program import Calendars, Clock, Ints, Program
from vpbx.rows import Rows

_WIDE = {
    "press", "member", "access", "penalty", "handle_dist", "wrap_up_dist", "queue_order", "after_us",
    "spare", "settled_p",
}  # fmt: skip
"""Columns whose width depends on the scenario: arrays of their own, or the code would too."""
_OWN = {"first_agent", "redial", "forced_start", "forced_keys"}


class Serves(NamedTuple):
    """(groups, queues) how groups serve queues; see `program.Groups`."""

    penalty: Ints
    handle_dist: Ints
    wrap_up_dist: Ints
    queue_order: Ints


class PackedFlow(NamedTuple):
    """What the walk reads; see `program.Flow`."""

    nodes: Rows[Any]
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

    clock: Clock
    flow: PackedFlow
    numbers: Rows[Any]
    access: Ints
    trunks: Rows[Any]
    queues: Rows[Any]
    groups: Rows[Any]
    first_agent: Ints
    serves: Rows[Any]
    classes: Rows[Any]
    redial: NDArray[np.float64]
    forced_start: Ints


def pack(program: Program) -> Packed:
    """The Program, packed."""
    flow, groups, classes = program.flow, program.groups, program.classes
    serves = Serves(*(getattr(groups, name) for name in Serves._fields))
    return Packed(
        clock=Clock(*(int(value) for value in program.clock)),
        flow=PackedFlow(
            nodes=packed(flow.nodes),
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
        numbers=packed(program.numbers),
        access=program.numbers.access,
        trunks=packed(program.trunks),
        queues=packed(program.queues),
        groups=packed(groups),
        first_agent=groups.first_agent,
        serves=packed(serves, keep=set(Serves._fields)),
        classes=packed(classes),
        redial=classes.redial,
        forced_start=classes.forced_start,
    )


def packed(table: Any, keep: set[str] = frozenset()) -> Rows[Any]:  # type: ignore[assignment]
    """A table of equally long columns (a NamedTuple) as one record array."""
    columns: dict[str, NDArray[np.generic]] = {
        name: column
        for name, column in table._asdict().items()
        if name in keep or name not in _WIDE | _OWN
    }
    first = next(iter(columns.values()))
    n_axes = 2 if keep else 1
    kinds = [(name, c.dtype.str, c.shape[n_axes:]) for name, c in columns.items()]
    records = np.zeros(first.shape[:n_axes], np.dtype(kinds))
    for name, column in columns.items():
        records[name] = column
    return cast(Rows[Any], records.view(np.recarray))
