"""Asterisk's call detail records (CDR) as CSV: `Master.csv` without a header, or an export with one.

Belongs here: the columns of a CDR. Does not belong here: other platforms' records (`mapped`).
Source: asterisk/asterisk cdr/cdr_csv.c.

A CDR knows start, answer and end. Where the dialplan does not answer before the queue, the time up
to the answer is the wait; where it does, waits look like none, and only a queue_log can tell.
"""

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

from vpbx.codes import Outcome
from vpbx.interop.calls import CallLog, Row, RowNote, log_of, require_order
from vpbx.interop.lines import read_lines, refusal
from vpbx.interop.moments import duration, local
from vpbx.units import SECOND_US

COLUMNS = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid",
    "userfield",
)  # fmt: skip
"""Of a file without a header; the last two are there if Asterisk is told so."""
_LEAST = 16
NEEDED = ("src", "dst", "start", "duration", "billsec", "disposition")
_SYNONYMS = {"calldate": "start", "destination": "dst", "source": "src"}
_DISPOSITIONS = {
    "ANSWERED": Outcome.ANSWERED,
    "NO ANSWER": Outcome.ABANDONED,
    "NOANSWER": Outcome.ABANDONED,
    "BUSY": Outcome.BLOCKED,
    "CONGESTION": Outcome.BLOCKED,
    "FAILED": Outcome.FAILED,
}
_REMARKS = (
    "a CDR has no queue: the time up to the answer counts as the wait; where the dialplan answers "
    "before the queue, waits and abandoned calls cannot be seen here (read the queue_log)",
    "the type of a call is the number or extension dialled (dst)",
)


def read_cdr(path: Path, zone: ZoneInfo) -> CallLog:
    """The calls of a CDR file; raises `FileError` and `ScenarioError`."""
    lines, notes = read_lines(path)
    bad = {note.line for note in notes}
    rows: list[Row] = []
    n_rows = len(notes)
    columns: tuple[str, ...] = ()
    reader = csv.reader(lines)
    for cells in reader:
        line = reader.line_num
        if not any(cells) or line in bad:
            continue
        if not columns:
            columns, is_header = _columns(path, line, cells)
            if is_header:
                continue
        n_rows += 1
        try:
            rows.append(_row(line, _by_name(columns, cells), zone))
        except ValueError as error:
            notes.append(RowNote(line, str(error)))
    return log_of(str(path), "cdr", n_rows, rows, notes, _REMARKS)


def _columns(path: Path, line: int, cells: list[str]) -> tuple[tuple[str, ...], bool]:
    """The columns of a file by its first row, and whether that row is a header."""
    names = tuple(_SYNONYMS.get(cell.strip().lower(), cell.strip().lower()) for cell in cells)
    known = set(names) & set(COLUMNS)
    if len(known) >= 3:
        missing = [name for name in NEEDED if name not in names]
        if missing:
            message = f"no column {', '.join(missing)}; the columns are {', '.join(names)}"
            raise refusal(path, message, "unknown-column", line)
        return names, True
    if not _LEAST <= len(cells) <= len(COLUMNS):
        message = (
            f"not a CDR file: {len(cells)} columns, expected {_LEAST} to {len(COLUMNS)} "
            f"({', '.join(COLUMNS[:3])} …) or a header"
        )
        raise refusal(path, message, "wrong-map", line)
    return COLUMNS[: len(cells)], False


def _by_name(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells where there are {len(columns)} columns")
    return dict(zip(columns, (cell.strip() for cell in cells), strict=True))


def _row(line: int, cells: dict[str, str], zone: ZoneInfo) -> Row:
    outcome = _DISPOSITIONS.get(cells["disposition"].upper())
    if outcome is None:
        known = ", ".join(_DISPOSITIONS)
        raise ValueError(f'disposition "{cells["disposition"]}"; known are {known}')
    start = local(cells["start"], "", zone)
    lasted, talked = duration(cells["duration"]), duration(cells["billsec"])
    if talked > lasted:
        raise ValueError(f"billsec {talked // SECOND_US} is more than duration")
    row = Row(line, start, outcome, kind=cells["dst"], caller=cells["src"])
    if outcome in (Outcome.BLOCKED, Outcome.FAILED):
        return row
    left = start + lasted - talked
    row = row._replace(joined_at=start, left_at=left)
    if outcome == Outcome.ANSWERED:
        agent = cells.get("dstchannel", "").rpartition("-")[0]
        row = row._replace(answered_at=left, ended_at=start + lasted, agent=agent)
    return require_order(row)
