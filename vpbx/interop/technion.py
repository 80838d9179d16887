"""The log format of the Anonymous Bank (Technion): one call centre, months of 1999.

Belongs here: its columns and what they mean. Does not belong here: what is fitted to it. Source:
Mandelbaum, Sakov, Zeltyn (2000), Empirical analysis of a call center, chapter 2.

Times are clock times of one day (0:00:00: the call did not reach that stage); the voice unit and
the telephone switch have clocks of their own, up to two seconds apart, so an agent's answer may be
noted a second before the queue's end. The wait is the queue's own, the handle time the agent's own.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from vpbx.codes import Outcome
from vpbx.interop.calls import NONE, CallLog, Row, RowNote, instant, log_of
from vpbx.interop.lines import read_sheet, require_columns
from vpbx.interop.moments import duration
from vpbx.units import DAY_US, HOUR_US

NEEDED = (
    "priority", "type", "date", "vru_entry", "vru_exit", "vru_time", "q_start", "q_exit", "q_time",
    "outcome", "ser_start", "ser_exit", "ser_time", "server",
)  # fmt: skip
_HINT = "--map technion reads the format of the Anonymous Bank; for another CSV give a column map."
_NOBODY = ("NO_SERVER", "")
_RANKS = ((1, 0), (2, 1))
_CREDIT_S = 90.0
"""The bank credits callers of priority 2 with 1.5 min of waiting; 0 and 1 are alike."""


def read_technion(path: Path) -> CallLog:
    """The log of a file; raises `FileError` and `ScenarioError`."""
    sheet = read_sheet(path)
    require_columns(path, sheet.columns, NEEDED, _HINT)
    rows, notes = [], list(sheet.notes)
    for line, cells in sheet.rows:
        try:
            row, note = _row(line, cells)
        except ValueError as error:
            notes.append(RowNote(line, str(error)))
            continue
        rows.append(row)
        notes += [] if note is None else [note]
    n_rows = len(sheet.rows) + len(sheet.notes)
    log = log_of(str(path), "technion", n_rows, rows, notes)
    return replace(log, ranks=_RANKS, credit_s=_CREDIT_S)


def _row(line: int, cells: dict[str, str]) -> tuple[Row, RowNote | None]:
    """A call, and what was repaired in it."""
    day = _day(cells["date"])
    exit_at = day + _clock(cells["vru_exit"])
    arrived_at = day + _clock(cells["vru_entry"])
    if exit_at < arrived_at - 12 * HOUR_US:  # over midnight
        exit_at += DAY_US
    note = None
    ivr_us = exit_at - arrived_at
    if ivr_us < 0:
        message = f"negative time in the voice unit ({cells['vru_time']} s): left out of IVR times"
        note = RowNote(line, message, refused=False)
        arrived_at, ivr_us = exit_at, NONE
    row = Row(
        line, arrived_at, _outcome(cells), ivr_us,
        priority=_priority(cells["priority"]), kind=cells["type"],
        agent="" if cells["server"] in _NOBODY else cells["server"],
        caller=cells.get("customer_id", ""),
    )  # fmt: skip
    return _with_queue(row, cells, exit_at), note


def _with_queue(row: Row, cells: dict[str, str], exit_at: int) -> Row:
    """The row with its wait and its talk."""
    wait_us, talk_us = duration(cells["q_time"]), duration(cells["ser_time"])
    if row.outcome == Outcome.ABANDONED_IVR:
        return row
    left_at = exit_at + wait_us
    row = row._replace(joined_at=exit_at, left_at=left_at)
    if row.outcome != Outcome.ANSWERED or cells["ser_start"] == "0:00:00":
        return row
    answered_at = exit_at - exit_at % DAY_US + _clock(cells["ser_start"])
    if answered_at < exit_at - 12 * HOUR_US:
        answered_at += DAY_US
    return row._replace(answered_at=answered_at, ended_at=answered_at + talk_us)


def _outcome(cells: dict[str, str]) -> Outcome:
    match cells["outcome"]:
        case "AGENT":
            return Outcome.ANSWERED
        case "HANG":
            queued = cells["q_start"] != "0:00:00"
            return Outcome.ABANDONED if queued else Outcome.ABANDONED_IVR
        case "PHANTOM":
            return Outcome.FAILED
    raise ValueError(f'outcome "{cells["outcome"]}"; known are AGENT, HANG, PHANTOM')


def _day(text: str) -> int:
    try:
        return instant(datetime.strptime(text, "%y%m%d"))
    except ValueError:
        raise ValueError(f'the date "{text}" is not like 990131 (yymmdd)') from None


def _clock(text: str) -> int:
    try:
        at = duration(text) if ":" in text else NONE
    except ValueError:
        at = NONE
    if not 0 <= at < DAY_US:
        raise ValueError(f'the time of day "{text}" is not like 7:15:02')
    return at


def _priority(text: str) -> int:
    if text not in ("0", "1", "2"):
        raise ValueError(f'priority "{text}"; known are 0, 1 (low) and 2 (high)')
    return int(text)
