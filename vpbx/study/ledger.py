"""The ledger: every finished unit of a study, kept the moment it is finished.

Belongs here: the store, its keys, what is said of the studies in it. Does not belong here: what a
unit is (`evaluate`), commands (`cli.studies`).

Why SQLite: it comes with Python, one file holds everything, and with a write-ahead log a commit
costs a fraction of a millisecond and survives the death of the process at any instant; a file a
unit would need names, renames and a reader for thousands of small files. (DuckDB, which the call
data are written by, lets only one process open a file and is slow at single rows.)

A unit is found again by (digest of the scenario, version and digest of this program, seed, what was
asked for, first replication): a changed scenario, another version, other measures: other rows.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import FileError, UsageError
from vpbx.store.files import make_folder, reason

if TYPE_CHECKING:
    from vpbx.study.work import Unit, Work

Floats = NDArray[np.float64]

FORMAT = 1
FOLDER = ".vpbx"
NAME = "ledger.sqlite"

_SCHEMA = """
create table if not exists about (key text primary key, value text) without rowid;
create table if not exists studies (
    id integer primary key, kind text not null, scenario text not null, command text not null,
    program text not null, begun_at text not null, ended_at text, status text not null,
    folder text not null, units integer not null default 0, reused integer not null default 0
);
create table if not exists units (
    digest text not null, program text not null, seed integer not null, ask text not null,
    start integer not null, n integer not null, size integer not null, study integer not null,
    numbers blob not null,
    primary key (digest, program, seed, ask, start)
) without rowid;
create table if not exists asks (ask text primary key, quantities text not null) without rowid;
"""
_SOURCES = (
    *("codes.py", "draws.py", "units.py", "engine", "program", "traffic", "measures"),
    *(
        "study/counting.py",
        "study/counting_plan.py",
        "study/quantities.py",
        "study/variant.py",
        "study/evaluate.py",
        "study/strata.py",
        "study/work.py",
        "study/staffing/lab.py",
        "study/staffing/demand.py",
        "study/staffing/start.py",
        "study/staffing/isa.py",
        "study/trunk_days.py",
        "study/plan_months.py",
    ),
)
"""What of this program decides a unit's numbers (the scenario's own part is in its digest)."""


class Study(NamedTuple):
    """A study that was begun: what, with which command, how it ended."""

    id: int
    kind: str
    scenario: str
    command: str
    program: str
    begun_at: str
    ended_at: str | None
    status: str
    """running (or killed), well, failed, interrupted"""
    folder: str
    units: int
    """Units that it ran."""
    reused: int
    """Units that the ledger had already."""


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Version of this program and a digest of the sources that decide what a unit gives."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for name in _SOURCES:
        place = package / name
        for source in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{source.relative_to(package)}\0".encode() + source.read_bytes())
    return f"{version('vpbx')}-{digest.hexdigest()[:16]}"


def beside(scenario: Path) -> Path:
    """Where a scenario's ledger lies, unless another place is asked for."""
    return scenario.parent / FOLDER / NAME


class Ledger:
    """An open ledger; use `opened`. Not to be shared between threads."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection, self.path = connection, path
        self.study = 0
        self.units = self.reused = 0

    def get(self, job: "Work", unit: "Unit") -> Floats | None:
        """(replications, 1 or 2, size) of a unit; None when it (or a part of it) is not there."""
        with self._reading():
            row = self.connection.execute(
                "select n, size, numbers from units where digest = ? and program = ? and seed = ? "
                "and ask = ? and start = ?",
                _key(job, unit),
            ).fetchone()
            if row is None or row[0] < unit.n:
                return None
            values = _numbers(*row)
        self.reused += 1
        return values[: unit.n]

    def put(self, job: "Work", unit: "Unit", values: Floats) -> None:
        """Keep a unit; committed when this returns."""
        blob = zlib.compress(np.ascontiguousarray(values, "<f8").tobytes(), 1)
        with self._transaction():
            self.connection.execute(
                "insert or ignore into asks values (?, ?)", (_digest(job.asked), job.asked)
            )
            self.connection.execute(
                "insert or replace into units values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_key(job, unit), unit.n, values.shape[2], self.study, blob),
            )
        self.units += 1

    @contextmanager
    def begun(self, kind: str, scenario: str, command: str, folder: str) -> Iterator[None]:
        """Enter a study while the block runs; its end is noted on every way out."""
        with self._transaction():
            cursor = self.connection.execute(
                "insert into studies (kind, scenario, command, program, begun_at, status, folder) "
                "values (?, ?, ?, ?, ?, 'running', ?)",
                (kind, scenario, command, program_digest(), _now(), folder),
            )
        self.study = int(cursor.lastrowid or 0)
        status = "interrupted"
        try:
            yield
            status = "well"
        except Exception:
            status = "failed"
            raise
        finally:
            with self._transaction():
                self.connection.execute(
                    "update studies set ended_at = ?, status = ?, units = ?, reused = ? "
                    "where id = ?",
                    (_now(), status, self.units, self.reused, self.study),
                )

    def studies(self) -> list[Study]:
        """All studies, in the order in which they were begun."""
        with self._reading():
            rows = self.connection.execute(
                f"select {', '.join(Study._fields)} from studies order by id"
            )
            return [Study(*row) for row in rows]

    def kept(self) -> list[tuple[str, str, int, int, int]]:
        """(digest, program, seed, replications, bytes) of what is kept, by variant."""
        with self._reading():
            return self.connection.execute(
                "select digest, program, seed, sum(n), sum(length(numbers)) from units "
                "group by digest, program, seed order by min(study), digest"
            ).fetchall()

    def of_other_versions(self) -> tuple[str, ...]:
        """Versions of this program, other than the one at work, whose units are kept; never reused."""
        with self._reading():
            found = self.connection.execute(
                "select distinct program from units where program <> ? order by program",
                (program_digest(),),
            )
            return tuple(program for (program,) in found)

    def rows(self, study: int) -> Iterator[tuple[str, int, int, dict[str, Any], Floats]]:
        """(digest, seed, first replication, quantities, values) of each unit that a study ran."""
        with self._reading():
            cursor = self.connection.execute(
                "select digest, seed, start, quantities, n, size, numbers from units "
                "join asks using (ask) where study = ? order by digest, seed, start",
                (study,),
            )
            for digest, seed, start, text, n, size, blob in cursor:
                yield digest, seed, start, json.loads(text), _numbers(n, size, blob)

    def prune(self, study: int | None = None) -> int:
        """Remove units of one study, or (None) those of other versions; how many went."""
        where, values = (
            ("study = ?", study) if study is not None else ("program <> ?", program_digest())
        )
        with self._transaction():
            gone = self.connection.execute(f"delete from units where {where}", (values,)).rowcount
            if study is not None:
                self.connection.execute("delete from studies where id = ?", (study,))
            else:
                self.connection.execute("delete from studies where program <> ?", (values,))
        with suppress(sqlite3.OperationalError):  # a copy is made: there may be no place for it
            self.connection.execute("vacuum")
        return int(gone)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, zlib.error) as error:
            raise FileError(
                self.path, f"the ledger is damaged ({error}); remove it, or {_ELSEWHERE}"
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self.connection:
                yield
        except sqlite3.Error as error:
            raise FileError(self.path, f"the ledger cannot be written: {error}") from error


_ELSEWHERE = "give another place by --ledger, or do without by --no-ledger"


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    """The ledger at a path, made when it is not there; raises `FileError` and `UsageError`."""
    try:
        make_folder(path.parent)
    except FileError as error:
        raise FileError(path, f"{error.reason}; {_ELSEWHERE}") from error
    try:
        connection = sqlite3.connect(path, timeout=30)
        _ready(connection, path)
    except sqlite3.DatabaseError as error:
        raise FileError(path, f"is no ledger that can be opened ({error}); {_ELSEWHERE}") from error
    except OSError as error:
        raise FileError(path, reason(error)) from error
    try:
        yield Ledger(connection, path)
    finally:
        connection.close()


def _ready(connection: sqlite3.Connection, path: Path) -> None:
    """Make what is missing; refuse a ledger of another format."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    with connection:
        connection.executescript(_SCHEMA)
        connection.execute("insert or ignore into about values ('format', ?)", (str(FORMAT),))
    (found,) = connection.execute("select value from about where key = 'format'").fetchone()
    if found != str(FORMAT):
        raise UsageError(
            f"{path}: this ledger was written by another version of vpbx (format {found}, this one "
            f"reads {FORMAT}); give another place by --ledger, or remove the file"
        )


def _numbers(n: int, size: int, blob: bytes) -> Floats:
    """(n, 1 or 2, size) of what was kept; raises `zlib.error` when it is not that."""
    data = zlib.decompress(blob)
    rows, rest = divmod(len(data), max(1, 8 * n * size))
    if rest or rows not in (1, 2):
        raise zlib.error(f"{len(data)} bytes where {16 * n * size}, or half of it, are due")
    return np.frombuffer(data, "<f8").reshape(n, rows, size)


def _key(job: "Work", unit: "Unit") -> tuple[str, str, int, str, int]:
    return job.digest, program_digest(), job.seed, _digest(job.asked), unit.start


@lru_cache(maxsize=64)
def _digest(asked: str) -> str:
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
