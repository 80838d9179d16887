"""What counts as a difference: one cell, a type, a length, the end; and whose call it is."""

from pathlib import Path

import numpy as np
import pytest
from comparing import agree, written

from vpbx.engine.difference import Difference, differences, first_difference
from vpbx.engine.records import Records

_TREE = {
    "clock": {"duration": "10 min"},
    "numbers": {"100": {"enter": "q"}},
    "flow": {"q": {"queue": "q", "next": "r"}, "r": {"queue": "q"}},
    "queues": {"q": {}},
    "agents": {"g": {"serves": {"q": {"handle_time": "10 s"}}, "heads": 1}},
    "callers": {"c": {"dials": {"100": "100%"}}},
}


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """Four calls, two visits each."""
    return agree(written(tmp_path, _TREE, {"c": [0, 1, 2, 400]}), 1)


def _with(records: Records, table: str, column: str, row: int, by: int) -> Records:
    """The records with one cell changed."""
    rows = getattr(records, table)
    values = getattr(rows, column).copy()
    values[row] += by
    return records._replace(**{table: rows._replace(**{column: values})})


def test_the_same_is_the_same(records: Records) -> None:
    """No difference from oneself."""
    assert differences(records, records) == []
    assert first_difference(records, records) is None


def test_one_cell(records: Records) -> None:
    """A microsecond in one column of one row."""
    other = _with(records, "calls", "ended_at", 2, 1)
    ended = int(records.calls.ended_at[2])
    cell = Difference("calls", "ended_at", 2, ended, ended + 1)
    assert differences(records, other) == [cell]
    first = first_difference(records, other)
    assert first is not None
    assert (first.call, first.cells) == (2, [cell._replace(row=0)])
    assert (first.a.call["ended_at"], first.b.call["ended_at"]) == (ended, ended + 1)
    assert len(first.a.visits) == len(first.b.visits) == 2


def test_a_visit_belongs_to_its_call(records: Records) -> None:
    """The second visit of call 1, and a later call: the former is named."""
    row = int(np.flatnonzero(records.visits.call == 1)[1])
    other = _with(_with(records, "calls", "outcome", 3, 1), "visits", "left_at", row, 7)
    first = first_difference(records, other)
    assert first is not None
    assert (first.call, [(d.table, d.column, d.row) for d in first.cells]) == (
        1,
        [("visits", "left_at", 1)],
    )


def test_books_alone(records: Records) -> None:
    """A cell of the grid, with its place in the row, and the end."""
    talk = records.grid.talk.copy()
    talk[1, 0] += 1
    other = records._replace(grid=records.grid._replace(talk=talk), end_at=records.end_at + 1)
    first = first_difference(records, other)
    assert first is not None
    assert first.call == -1
    assert [(d.table, d.column, d.row) for d in first.cells] == [
        ("grid", "talk[0]", 1),
        ("run", "end_at", 0),
    ]


def test_a_call_that_only_one_has(records: Records) -> None:
    """The last row cut off: it is the first that differs."""
    calls = records.calls._replace(**{n: c[:-1] for n, c in records.calls._asdict().items()})
    shorter = records._replace(calls=calls)
    assert differences(records, shorter) == [Difference("calls", "rows", -1, 4, 3)]
    first = first_difference(records, shorter)
    assert first is not None
    assert (first.call, first.b.call) == (3, {})


def test_types_count(records: Records) -> None:
    """Equal values of another type."""
    wide = records.calls._replace(outcome=records.calls.outcome.astype(np.int64))
    assert differences(records, records._replace(calls=wide)) == [
        Difference("calls", "type of outcome", -1, "int8", "int64")
    ]


def test_nan_equals_nan(records: Records) -> None:
    """Not a number is as good as another, and unlike a number."""
    nan = records.calls._replace(goal=np.array([np.nan, 1.0, 2.0, np.nan]))  # type: ignore[arg-type]
    one = records._replace(calls=nan)
    assert differences(one, one) == []
    number = nan._replace(goal=np.array([np.nan, 1.0, 2.0, 3.0]))  # type: ignore[arg-type]
    assert [d.row for d in differences(one, one._replace(calls=number))] == [3]


def test_at_most_so_many(records: Records) -> None:
    """A list is cut where it is said to be."""
    other = records
    for row in range(4):
        other = _with(other, "calls", "ended_at", row, 1)
    assert len(differences(records, other, 3)) == 3
