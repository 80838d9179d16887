"""Parts of a replication's records: complete rows, handed out as the run goes on.

Belongs here: the layout of what the engines hand to the measures. Does not belong here: how rows are
cut out of an engine's tables (`compiled`), what is counted of them (`measures`).
"""

from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from vpbx import lending
from vpbx.engine.records import (
    CALL_COLUMNS,
    LEG_COLUMNS,
    VISIT_COLUMNS,
    Calls,
    Column,
    Grid,
    Legs,
    Records,
    Visits,
)
from vpbx.rows import columns, raw
from vpbx.units import NEVER

Table = TypeVar("Table", Calls, Visits, Legs)


class Ending(NamedTuple):
    """What is known only when a run is over."""

    grid: Grid
    end_at: int


class Part(NamedTuple):
    """Calls that have ended, with all their visits; tables of whole rows (record arrays).

    Rows stand in the order of records; `visits.call` counts rows of this part. A call follows the
    attempt before it, in the same part or a later one. Every visit that was in a queue at some time
    since the part before is here, among `visits` or, where its call goes on, among `open_visits`, whose
    `left_at` is `NEVER` while the caller waits.
    """

    calls: Calls
    visits: Visits
    extra_legs: Legs
    """As in `Records`; `call` counts rows of this part."""
    open_visits: Visits
    until: int
    """All that happened before this instant (us) is known now."""
    ending: Ending | None
    """With the last part."""


class Cut(NamedTuple):
    """An engine's tables, full or at the end, as they stand: the raw matter of a part (`part_of`)."""

    calls: NDArray[np.void]
    visits: NDArray[np.void]
    legs: NDArray[np.void]
    goes_on: NDArray[np.bool_]
    """(calls) whether the row comes again in the next cut, with its visits."""
    until: int
    ending: Ending | None


def part_of(cut: Cut) -> Part:
    """The calls of a cut that have ended, and their visits; all, without a copy, at the end."""
    if not cut.goes_on.any():
        return Part(
            cast(Calls, cut.calls.view(np.recarray)),
            cast(Visits, cut.visits.view(np.recarray)),
            cast(Legs, cut.legs.view(np.recarray)),
            _NO_VISITS,
            cut.until,
            cut.ending,
        )
    stays = cut.goes_on[cut.visits["call"]]
    visits, waiting = _without(cut.visits, stays), cut.visits[stays]
    legs, place = cut.legs[~cut.goes_on[cut.legs["call"]]], np.cumsum(~cut.goes_on) - 1
    visits["call"], legs["call"] = place[visits["call"]], place[legs["call"]]
    waiting["left_at"][waiting["outcome"] < 0] = NEVER
    return Part(
        cast(Calls, _without(cut.calls, cut.goes_on).view(np.recarray)),
        cast(Visits, visits.view(np.recarray)),
        cast(Legs, legs.view(np.recarray)),
        cast(Visits, waiting.view(np.recarray)),
        cut.until,
        cut.ending,
    )


def _without(rows: NDArray[np.void], gone: NDArray[np.bool_]) -> NDArray[np.void]:
    """The rows that stay. Where few are gone, the stretches between those are copied whole, which takes a
    tenth of the time of row by row."""
    places = np.flatnonzero(gone)
    if len(places) * _FEW > len(rows):
        return rows[~gone]
    kept = lending.empty(len(rows) - len(places), rows.dtype)
    source, target = (raw(of).reshape(len(of), rows.dtype.itemsize) for of in (rows, kept))
    begin = at = 0
    for end in (*places.tolist(), len(rows)):
        target[at : at + end - begin] = source[begin:end]
        at += end - begin
        begin = end + 1
    return kept


_FEW = 64
"""One in so many."""


def row_type(columns: dict[str, Column]) -> np.dtype[np.void]:
    """The type of a whole row."""
    return np.dtype([(name, column.dtype) for name, column in columns.items()])


def as_rows(table: Table, kinds: dict[str, Column]) -> Table:
    """A table of columns as one of whole rows: those behind the columns, where there are such."""
    if isinstance(table, np.recarray):
        return table
    behind = _rows_behind(table, row_type(kinds))
    if behind is not None:
        return cast(Table, behind)
    rows = np.empty(len(table[0]), row_type(kinds)).view(np.recarray)
    for name in kinds:
        rows[name] = getattr(table, name)
    return cast(Table, rows)


def as_columns(table: Table, kind: type[Table]) -> Table:
    """A table of whole rows as one of columns, which it takes less time to look up."""
    if isinstance(table, kind):
        return table
    rows = columns(table)
    return kind(*(rows[name] for name in kind._fields))


def _rows_behind(table: Table, kind: np.dtype[np.void]) -> NDArray[np.void] | None:
    """The rows of which all these columns are the fields; None: no such rows."""
    owner: Any = table[0]
    while isinstance(owner, np.ndarray) and owner.dtype.fields != kind.fields:
        owner = owner.base
    if not isinstance(owner, np.ndarray):
        return None
    rows = columns(owner)[: len(table[0])]
    for name in table._fields:
        column: NDArray[Any] = getattr(table, name)
        if rows[name].__array_interface__ != column.__array_interface__:
            return None
    return rows.view(np.recarray)


def no_rows(kinds: dict[str, Column]) -> Any:
    """A table of whole rows without any."""
    return np.empty(0, row_type(kinds)).view(np.recarray)


_NO_VISITS: Visits = no_rows(VISIT_COLUMNS)


def as_part(records: Records) -> Part:
    """A whole run as its only part."""
    return Part(
        as_rows(records.calls, CALL_COLUMNS),
        as_rows(records.visits, VISIT_COLUMNS),
        as_rows(records.extra_legs, LEG_COLUMNS),
        _NO_VISITS,
        NEVER,
        Ending(records.grid, records.end_at),
    )
