"""Lines of other systems' text files, each with its number; what cannot be decoded is noted.

Belongs here: bytes → lines and CSV rows, gzip, encodings. Does not belong here: what a row means.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from vpbx.errors import FileError, Mark, Problem, ScenarioError
from vpbx.interop.calls import RowNote
from vpbx.scenario.suggest import did_you_mean

MAX_BYTES = 2_000_000_000
"""Most bytes of text read."""
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "a ZIP archive (or XLSX)"}
_DELIMITERS = ",;\t|"


class Sheet(NamedTuple):
    """A CSV file with a header: its columns, and (line, cells by column) of each whole row."""

    columns: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]
    notes: list[RowNote]


def refusal(file: str | Path, message: str, kind: str, line: int = 0) -> ScenarioError:
    """The error of a file that cannot be used as it is."""
    return ScenarioError([Problem(Mark(str(file), line, 1 if line else 0), "", message, kind)])


def read_lines(path: Path, encoding: str = "utf-8") -> tuple[list[str], list[RowNote]]:
    """All lines, a line that cannot be decoded as ""; raises `FileError` and `ScenarioError`."""
    data = _bytes(path)
    for start, name in _BOMS.items():
        if data.startswith(start):
            raise refusal(path, f"the file is {name}; save it as CSV text in UTF-8", "encoding")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise refusal(path, "the file is empty", "empty-file")
    if b"\0" in data[:4096]:
        raise refusal(path, "the file is not text: it holds zero bytes", "encoding")
    lines: list[str] = []
    notes: list[RowNote] = []
    for number, raw in enumerate(data.splitlines(), 1):
        try:
            lines.append(raw.decode(encoding))
        except UnicodeDecodeError as error:
            lines.append("")
            byte = raw[error.start]
            notes.append(
                RowNote(number, f"not {encoding} text: byte {byte:#04x} at {error.start + 1}")
            )
    return lines, notes


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError(path, "there is no such file or folder") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise FileError(path, "the gzip file is damaged or cut short") from None
    except OSError as error:
        raise FileError(path, (error.strerror or str(error)).lower()) from None
    if len(data) > MAX_BYTES:
        raise FileError(path, f"holds more than {MAX_BYTES // 10**9} GB of text")
    return data


def read_sheet(path: Path, encoding: str = "utf-8", delimiter: str = "") -> Sheet:
    """A CSV file with a header; rows of another length and undecodable ones are noted."""
    lines, notes = read_lines(path, encoding)
    bad = {note.line for note in notes}
    header = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=delimiter or _delimiter(header))
    rows: list[tuple[int, dict[str, str]]] = []
    columns: tuple[str, ...] = ()
    for line, cells in _cells(reader, path):
        if not columns:
            columns = _columns(path, line, cells)
        elif len(cells) == len(columns):
            rows.append((line, dict(zip(columns, cells, strict=True))))
        elif line not in bad:
            notes.append(
                RowNote(line, f"{len(cells)} cells where there are {len(columns)} columns")
            )
    if not rows and not notes:
        raise refusal(path, "the file holds a header and no rows", "empty-file")
    return Sheet(columns, rows, notes)


def _cells(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that is not empty."""
    try:
        for cells in reader:
            if cells and any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise refusal(path, f"not a CSV file: {error}", "not-csv", reader.line_num) from None


def _columns(path: Path, line: int, cells: list[str]) -> tuple[str, ...]:
    twice = sorted({cell for cell in cells if cells.count(cell) > 1})
    if twice:
        raise refusal(path, f'the column "{twice[0]}" occurs twice', "column-twice", line)
    return tuple(cells)


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def require_columns(
    path: Path, columns: tuple[str, ...], needed: tuple[str, ...], hint: str
) -> None:
    """Raises `ScenarioError` naming every column that is missing, and those that are there."""
    missing = [name for name in needed if name not in columns]
    if missing:
        names = ", ".join(f'"{name}"{did_you_mean(name, columns)}' for name in missing)
        there = ", ".join(columns[:30]) + (" …" if len(columns) > 30 else "")
        message = f"no column {names}; the columns are {there}. {hint}".strip()
        raise refusal(path, message, "unknown-column", 1)
