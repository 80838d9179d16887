"""Tables on disk say what the records say, with names for indices, in the same bytes every time."""

import csv
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from vpbx.codes import Exit, LegKind, Outcome
from vpbx.engine.records import (
    CALL_COLUMNS,
    LEG_COLUMNS,
    VISIT_COLUMNS,
    Calls,
    Grid,
    Legs,
    Records,
    Visits,
)
from vpbx.program.program import Edges, Names, Program
from vpbx.store import tables
from vpbx.store.columns import TABLE_COLUMNS, data_dictionary, edge_names, tables_of
from vpbx.store.local import LocalStart, local_times
from vpbx.store.xlsx import write_sheet

NAMES = Names(
    nodes=("меню", "it's"),
    goals=("it's",),
    numbers=("0890", "+7-495"),
    trunks=("main",),
    queues=("support",),
    groups=("region",),
    classes=("prepaid", "premium"),
    networks=("any",),
)
START = LocalStart(datetime(2024, 3, 31, 1, 50), "Europe/Berlin")
"""Ten minutes before clocks are put forward."""
EDGES = Edges(
    from_node=np.array([0, 0, 1]),
    to_node=np.array([1, -1, -1]),
    exit=np.array([2, Exit.NO_INPUT, Exit.CASE]),
    case=np.array([0, 0, 1]),
)
PROGRAM = cast(
    Program,
    SimpleNamespace(
        numbers=SimpleNamespace(trunk=np.array([0, -1])),
        edges=EDGES,
        clock=SimpleNamespace(grid_us=300_000_000),
    ),
)


def records(shift: int = 0) -> Records:
    """Two calls: one answered after 5 s on 0890, one refused on +7-495; times moved by `shift`."""
    calls = Calls(
        arrived_at=np.array([10, 20]) + shift,
        ended_at=np.array([90, 20]) + shift,
        redial_at=np.array([-1, -1]),
        answered_after=np.array([0, -1], np.int32),
        ordinal=np.array([0, 1], np.int32),
        day=np.array([0, 0], np.int16),
        caller_class=np.array([1, 0], np.int16),
        number=np.array([0, 1], np.int16),
        goal=np.array([0, -1], np.int16),
        last_node=np.array([1, -1], np.int16),
        attempt=np.array([0, 0], np.int8),
        outcome=np.array([Outcome.ANSWERED, Outcome.REFUSED], np.int8),
    )
    visits = Visits(
        *(
            np.array([value])
            for value in (0, 0, 1, 5, Outcome.ANSWERED, 0, 3, 0, -1, 15, 20, 90, 99)
        )
    )
    empty = np.zeros((2, 1), np.int64)
    no_legs = Legs(*(np.zeros(0, column.dtype) for column in LEG_COLUMNS.values()))
    grid = Grid(*(empty for _ in Grid._fields))._replace(
        edges=np.array([[7, 0, 0], [0, 0, 4]]), queue_peak=np.array([[0], [3]])
    )
    return Records(calls, visits, no_legs, grid, 99)


def written(folder: Path, replications: tuple[int, ...] = (0, 1)) -> Path:
    """The folder with the tables of two replications, parts written in the order given."""
    for replication in replications:
        tables.write_parts(
            records(1000 * replication), PROGRAM, NAMES, replication, folder / "parts", START
        )
    tables.merge_parts(folder / "parts", len(replications), folder)
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a table, by way of CSV."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_calls_with_names(tmp_path: Path) -> None:
    """Indices have become names, -1 is empty, rows stand in the order of the replications."""
    tables.write_csv(written(tmp_path))
    calls = rows(tmp_path, "calls")
    assert [(row["replication"], row["call"]) for row in calls] == [
        ("0", "0"),
        ("0", "1"),
        ("1", "0"),
        ("1", "1"),
    ]
    assert calls[0]["caller_class"] == "premium"
    assert calls[0]["last_node"] == "it's"
    assert calls[0]["outcome"] == "answered"
    assert (calls[1]["number"], calls[1]["goal"]) == ("+7-495", "")
    assert calls[3]["arrived_at"] == "1020"


def test_visits_and_legs(tmp_path: Path) -> None:
    """A visit keeps its times; only the call on a number with a trunk holds a channel."""
    tables.write_csv(written(tmp_path))
    visit = rows(tmp_path, "queue_visits")[0]
    assert (visit["queue"], visit["group"], visit["agent"]) == ("support", "region", "3")
    assert int(visit["left_at"]) - int(visit["joined_at"]) == 5
    legs = rows(tmp_path, "legs")
    assert [(leg["call"], leg["trunk"], leg["held_until"]) for leg in legs] == [
        ("0", "main", "90"),
        ("0", "main", "1090"),
    ]


def test_legs_beside_the_callers_own() -> None:
    """A forwarded leg and a call back keep their kind; who gives up the line holds it until then."""
    made = records(0)
    extra = Legs(
        call=np.array([0, 0, 0], np.int32),
        trunk=np.zeros(3, np.int16),
        kind=np.array([LegKind.FORWARDED, LegKind.OWN, LegKind.CALLBACK], np.int8),
        held_from=np.array([20, 10, 60]),
        held_until=np.array([30, 40, 90]),
    )
    table = tables_of(made._replace(extra_legs=extra), PROGRAM, NAMES, 0, START)["legs"]
    kinds = [table.names["kind"][code] for code in table.columns["kind"].tolist()]
    assert kinds == ["forwarded", "caller", "callback"]
    assert table.columns["held_until"].tolist() == [30, 40, 90]


def test_grid_in_long_form(tmp_path: Path) -> None:
    """A row for each value that is not 0, named."""
    tables.write_csv(written(tmp_path, (0,)))
    assert [tuple(row.values()) for row in rows(tmp_path, "grid")] == [
        ("0", "0", "edges", "меню -[2]-> it's", "7", "2024-03-31 01:50:00"),
        ("0", "300000000", "edges", "it's -[case 2]->", "4", "2024-03-31 01:55:00"),
        ("0", "300000000", "queue_peak", "support", "3", "2024-03-31 01:55:00"),
    ]


def test_local_times_follow_the_clocks() -> None:
    """Over the hour that summer time skips; an instant that never came has no time."""
    minute = 60_000_000
    local = local_times(np.array([0, 9 * minute, 10 * minute, -1]), START)
    assert [str(time)[:16] for time in local] == [
        "2024-03-31T01:50", "2024-03-31T01:59", "2024-03-31T03:00", "NaT",
    ]  # fmt: skip


def test_edge_names() -> None:
    """An edge is named by where it starts, the exit, and where it leads."""
    assert edge_names(EDGES, NAMES.nodes) == (
        "меню -[2]-> it's",
        "меню -[no_input]->",
        "it's -[case 2]->",
    )


def test_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    """The order in which replications finish changes no byte of any file."""
    for name, order in (("a", (0, 1)), ("b", (1, 0))):
        tables.write_csv(written(tmp_path / name, order))
        tables.write_xlsx(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir() if path.is_file())
    assert len(files) == 13
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_columns_on_disk_are_those_described(tmp_path: Path) -> None:
    """Every column has its row in the data dictionary, and none is missing."""
    tables.write_csv(written(tmp_path))
    for table, columns in TABLE_COLUMNS.items():
        with (tmp_path / f"{table}.csv").open(encoding="utf-8") as file:
            assert next(csv.reader(file)) == list(columns)
    text = data_dictionary()
    for column in {*CALL_COLUMNS, *VISIT_COLUMNS, *LEG_COLUMNS} - {"wrap_up_until"}:
        assert f"| `{column}` |" in text
    assert (tmp_path / "columns.md").read_text(encoding="utf-8") == text


def test_sheet_is_read_by_others(tmp_path: Path) -> None:
    """An independent reader of XLSX finds the same cells."""
    openpyxl = pytest.importorskip("openpyxl")
    when = datetime(2024, 3, 4, 7, 21, 56)
    cells: list[list[Any]] = [["имя", "wait"], ["a < b & c", 1.5], [None, -3], [when, 0]]
    write_sheet(tmp_path / "a.xlsx", "queue", cells)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["queue"]
    assert [list(row) for row in book.active.iter_rows(values_only=True)] == cells


def test_a_long_table_is_cut_at_a_replication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet that would be too long holds the first whole replications, and the user is told."""
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    _, notes = tables.write_xlsx(written(tmp_path))
    assert any("calls.xlsx: only replications below 1 of 2" in note for note in notes)
