"""Call-level tables as Parquet, CSV and XLSX: the one home of DuckDB.

Belongs here: parts written by each replication, and merging them into whole files. Does not belong
here: what the columns mean (`columns`), figures computed from them (`measures`).

Each replication leaves one small part a table, named by its index; the merge reads the parts in
the order of the replications, one after the other, so that neither the finishing order nor the
number of processes changes a byte, and no more than a part is in memory.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vpbx.engine.records import Records
from vpbx.errors import FileError
from vpbx.program.program import Names, Program
from vpbx.store.columns import LOCAL_COLUMN, TABLES, Table, data_dictionary, tables_of
from vpbx.store.files import make_folder, reason, remove, replacing, write_text
from vpbx.store.local import LocalStart
from vpbx.store.xlsx import MOST_ROWS, write_sheet

_PARQUET = "(FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, USE_TMP_FILE false)"
"""Version 2 writes instants as differences (delta encoding), which halves the files.

`replacing` gives a temporary file already; one of DuckDB's own would lie about, under a name that
is not hidden, when the process is killed.
"""
_ROWS_AT_ONCE = 20_000


def write_parts(
    records: Records,
    program: Program,
    names: Names,
    replication: int,
    folder: Path,
    start: LocalStart,
) -> None:
    """Write one replication's part of every table into `folder`; raises `FileError`."""
    with database_at(folder) as database:
        for name, table in tables_of(records, program, names, replication, start).items():
            path = _part(folder, name, replication)
            with replacing(path) as temporary:
                database.register("part", _plain(table))
                database.execute(f"COPY ({_select(table)}) TO {sql_text(temporary)} {_PARQUET}")
                database.unregister("part")


def merge_parts(parts: Path, replications: int, folder: Path) -> list[Path]:
    """Merge the parts of all replications into `folder/<table>.parquet`, beside `columns.md`.

    Returns the files written. Raises `FileError`. The parts are left where they are.
    """
    make_folder(folder)
    with database_at(folder) as database:
        written = [_merge(database, parts, name, replications, folder) for name in TABLES]
    write_text(folder / "columns.md", data_dictionary())
    return [*written, folder / "columns.md"]


def _merge(database: Any, parts: Path, name: str, replications: int, folder: Path) -> Path:
    path = folder / f"{name}.parquet"
    files = ", ".join(sql_text(_part(parts, name, index)) for index in range(replications))
    with replacing(path) as temporary:
        database.execute(
            f"COPY (SELECT {_all(name)} FROM read_parquet([{files}])) "
            f"TO {sql_text(temporary)} {_PARQUET}"
        )
    return path


def _all(name: str) -> str:
    """All columns; local times in milliseconds, as they were (reading makes microseconds of them)."""
    local = LOCAL_COLUMN.get(name)
    return f'* REPLACE ("{local}"::TIMESTAMP_MS AS "{local}")' if local else "*"


def remove_copies(folder: Path) -> None:
    """Remove the CSV and XLSX of an earlier run, which would no longer match the Parquet."""
    for name in TABLES:
        for suffix in ("csv", "xlsx"):
            remove(folder / f"{name}.{suffix}")


def remove_tables(folder: Path) -> None:
    """Remove all that `merge_parts` and the copies left of an earlier run."""
    remove_copies(folder)
    for name in TABLES:
        remove(folder / f"{name}.parquet")
    remove(folder / "columns.md")


def write_csv(folder: Path) -> list[Path]:
    """Write `<table>.csv` beside every `<table>.parquet` of `folder`; raises `FileError`."""
    written = []
    with database_at(folder) as database:
        for name in TABLES:
            source, path = folder / f"{name}.parquet", folder / f"{name}.csv"
            with replacing(path) as temporary:
                database.execute(
                    f"COPY (SELECT * FROM read_parquet({sql_text(source)})) TO {sql_text(temporary)} "
                    "(FORMAT csv, HEADER, USE_TMP_FILE false)"
                )
            written.append(path)
    return written


def write_xlsx(folder: Path) -> tuple[list[Path], list[str]]:
    """Write `<table>.xlsx` beside every `<table>.parquet` of `folder`; raises `FileError`.

    A sheet has a limit: of a longer table only the first whole replications are written. Returns
    the files, and a sentence for every table cut short.
    """
    written, notes = [], []
    with database_at(folder) as database:
        for name in TABLES:
            path = folder / f"{name}.xlsx"
            kept, there = _replications_that_fit(database, folder / f"{name}.parquet")
            with replacing(path) as temporary:
                write_sheet(temporary, name, _rows(database, folder / f"{name}.parquet", kept))
            written.append(path)
            if kept < there:
                notes.append(
                    f"{path}: only replications below {kept} of {there}, because a sheet takes "
                    f"{MOST_ROWS:,} rows; {name}.parquet has them all"
                )
    return written, notes


def _replications_that_fit(database: Any, source: Path) -> tuple[int, int]:
    """How many of the replications, from the first, one sheet can hold; and how many there are."""
    counts = database.execute(
        f"SELECT replication, count(*) FROM read_parquet({sql_text(source)}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    there = counts[-1][0] + 1 if counts else 0
    total = 1  # the header
    for replication, n_rows in counts:
        total += n_rows
        if total > MOST_ROWS:
            return replication, there
    return there, there


def _rows(database: Any, source: Path, replications: int) -> Iterator[Iterable[Any]]:
    """The header, then the rows of the first replications."""
    cursor = database.execute(
        f"SELECT * FROM read_parquet({sql_text(source)}) WHERE replication < {replications}"
    )
    yield [column[0] for column in cursor.description]
    while chunk := cursor.fetchmany(_ROWS_AT_ONCE):
        yield from chunk


def remove_parts(parts: Path) -> None:
    """Remove the folder of parts and all in it; what cannot be removed is left."""
    shutil.rmtree(parts, ignore_errors=True)


@contextmanager
def database_at(folder: Path) -> Iterator[Any]:
    """An in-memory DuckDB that spills to `folder`; one thread, so that rows keep their order."""
    import duckdb

    database = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": "1GB",
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
        },
    )
    try:
        yield database
    except duckdb.IOException as error:
        raise FileError(folder, _first_line(error)) from error
    finally:
        database.close()


def _first_line(error: Exception) -> str:
    """The system's reason, where DuckDB tells its number; else its message without second thoughts."""
    number = re.search(r'"errno":"(\d+)"', str(error))
    if number is not None:
        return reason(OSError(int(number[1]), os.strerror(int(number[1]))))
    return re.sub(r"^[\w ]+Error: ", "", str(error)).splitlines()[0]


def _plain(table: Table) -> dict[str, Any]:
    return dict(table.columns)


def _select(table: Table) -> str:
    """Columns in order; where a column holds indices, the names behind them (none for -1)."""
    columns = (
        f'list_extract({_list(table.names[name])}, "{name}"::INT + 1) AS "{name}"'
        if name in table.names
        else f'"{name}"'
        for name in table.columns
    )
    return f"SELECT {', '.join(columns)} FROM part"


def _list(names: tuple[str, ...]) -> str:
    return f"[{', '.join(sql_text(name) for name in names)}]::VARCHAR[]"


def sql_text(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"


def _part(folder: Path, name: str, replication: int) -> Path:
    return folder / f"{name}-{replication:07d}.parquet"
