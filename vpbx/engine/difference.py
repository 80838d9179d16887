"""Where two runs differ: every cell, and the first call that is not the same in both.

Belongs here: comparing records exactly, NaN equal to NaN. Does not belong here: running an engine
(`run`), telling the user (`study.agreement`, `cli.diff`).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.engine.records import Records

Cells = NDArray[Any]


class Difference(NamedTuple):
    """One cell that differs.

    `table` is calls, visits, extra_legs, grid or run; `column` the column's name, with the place within
    the row for the grid (`talk[2]`); `row` the row, an interval in the grid. A table of another length
    differs in its column "rows", a column of another type in "type of …"; their row is -1.
    """

    table: str
    column: str
    row: int
    a: Any
    b: Any


class CallRows(NamedTuple):
    """What one run holds of a call: its row, and those of its visits, in order."""

    call: dict[str, int]
    """Column → value; empty where the run has no such call."""
    visits: list[dict[str, int]]


class FirstDifference(NamedTuple):
    """The first call, in the order of arrival, that is not the same in both runs."""

    call: int
    """Its row; -1: all calls are the same, only books differ."""
    a: CallRows
    b: CallRows
    cells: list[Difference]
    """The cells that differ: of the call and its visits (rows counted within the call), or, where all
    calls are the same, of the rest."""


def differences(a: Records, b: Records, most: int = 1000) -> list[Difference]:
    """The cells in which two runs differ, in the order of the tables; `most` of them at most.

    An empty list means that the runs are the same, bit by bit: values, types, lengths, `end_at`.
    """
    found: list[Difference] = []
    for difference in _all(a, b):
        found.append(difference)
        if len(found) == most:
            break
    return found


def first_difference(a: Records, b: Records) -> FirstDifference | None:
    """The first differing call and what differs in it; None when the runs are the same."""
    rest = differences(a, b)
    if not rest:
        return None
    row = _first_call(a, b)
    if row < 0:
        nothing = CallRows({}, [])
        return FirstDifference(-1, nothing, nothing, rest)
    one, other = _rows_of(a, row), _rows_of(b, row)
    return FirstDifference(row, one, other, _of_call(one, other) or rest)


def _all(a: Records, b: Records) -> Iterator[Difference]:
    for table in ("calls", "visits", "extra_legs", "grid"):
        one, other = getattr(a, table), getattr(b, table)
        sizes = (len(one[0]), len(other[0]))
        if sizes[0] != sizes[1]:
            yield Difference(table, "rows", -1, *sizes)
        for column, x, y in zip(one._fields, one, other, strict=True):
            yield from _of_column(table, column, x, y)
    if a.end_at != b.end_at:
        yield Difference("run", "end_at", 0, a.end_at, b.end_at)


def _of_column(table: str, column: str, a: Cells, b: Cells) -> Iterator[Difference]:
    """The cells of one column that differ, over the rows that both have."""
    if a.dtype != b.dtype:
        yield Difference(table, f"type of {column}", -1, str(a.dtype), str(b.dtype))
    if a.shape[1:] != b.shape[1:]:
        yield Difference(table, f"width of {column}", -1, a.shape[1:], b.shape[1:])
        return
    n = min(len(a), len(b))
    for place in np.argwhere(_unequal(a[:n], b[:n])):
        row, *within = (int(i) for i in place)
        name = column + "".join(f"[{i}]" for i in within)
        yield Difference(table, name, row, a[tuple(place)].item(), b[tuple(place)].item())


def _unequal(a: Cells, b: Cells) -> NDArray[np.bool_]:
    """Where cells differ; a NaN equals a NaN."""
    unequal = a != b
    if a.dtype.kind == "f" and b.dtype.kind == "f":
        unequal &= ~(np.isnan(a) & np.isnan(b))
    return np.asarray(unequal)


def _first_call(a: Records, b: Records) -> int:
    """The least row of a call that differs, itself or in its visits; -1: none does."""
    firsts = [_first_row(a.calls, b.calls)]
    one, other = _by_call(a), _by_call(b)
    at = _first_row(one, other)
    if at >= 0:
        firsts.append(min(int(side[0][at]) for side in (one, other) if at < len(side[0])))
    if max(firsts) < 0:  # the same visits call by call, but not joined in the same order
        at = _first_row(a.visits, b.visits)
        firsts.append(int(a.visits.call[at]) if at >= 0 else -1)
    return min((row for row in firsts if row >= 0), default=-1)


def _by_call(records: Records) -> list[Cells]:
    """The columns of the visits, the rows call by call."""
    order = np.argsort(records.visits.call, kind="stable")
    return [column[order] for column in records.visits]


def _first_row(a: Any, b: Any) -> int:
    """The first row in which columns differ, that after the shorter ones' end included; -1: none."""
    n = min(len(a[0]), len(b[0]))
    differ = np.zeros(max(len(a[0]), len(b[0])), np.bool_)
    differ[n:] = True
    for x, y in zip(a, b, strict=True):
        differ[:n] |= _unequal(x[:n], y[:n])
    return int(differ.argmax()) if differ.any() else -1


def _rows_of(records: Records, row: int) -> CallRows:
    """What a run holds of a call."""
    calls, visits = records.calls, records.visits
    call = {}
    if row < len(calls.outcome):
        call = {name: int(column[row]) for name, column in calls._asdict().items()}
    own = np.flatnonzero(visits.call == row)
    named = visits._asdict().items()
    return CallRows(call, [{name: int(column[i]) for name, column in named} for i in own])


def _of_call(a: CallRows, b: CallRows) -> list[Difference]:
    """The cells in which the rows of one call differ."""
    found = _of_rows("calls", 0, a.call, b.call)
    if len(a.visits) != len(b.visits):
        found.append(Difference("visits", "rows", -1, len(a.visits), len(b.visits)))
    for i, (one, other) in enumerate(zip(a.visits, b.visits, strict=False)):
        found += _of_rows("visits", i, one, other)
    return found


def _of_rows(table: str, row: int, a: dict[str, int], b: dict[str, int]) -> list[Difference]:
    return [
        Difference(table, name, row, a.get(name), b.get(name))
        for name in (a or b)
        if a.get(name) != b.get(name)
    ]
