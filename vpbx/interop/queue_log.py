"""Asterisk's `queue_log`: a line an event, `epoch|call|queue|agent|event|data …`.

Belongs here: events → calls. Does not belong here: agents' log-ins (who was on duty is inferred
from who was busy, as for every other log). Source: asterisk/asterisk apps/app_queue.c and the
project's page "Queue Logs".

A call that is sent on to another queue is a row of its own there. The log begins at the queue: time
in menus before it is unknown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from vpbx.codes import Outcome
from vpbx.interop.calls import CallLog, Row, RowNote, log_of, require_order
from vpbx.interop.lines import read_lines, refusal
from vpbx.interop.moments import duration, epoch

_FIELDS = 5
ENDS = {
    "COMPLETEAGENT": Outcome.ANSWERED,
    "COMPLETECALLER": Outcome.ANSWERED,
    "TRANSFER": Outcome.ANSWERED,
    "BLINDTRANSFER": Outcome.ANSWERED,
    "ATTENDEDTRANSFER": Outcome.ANSWERED,
    "ABANDON": Outcome.ABANDONED,
    "EXITWITHTIMEOUT": Outcome.TIMED_OUT,
    "EXITWITHKEY": Outcome.FORWARDED,
    "EXITEMPTY": Outcome.CLEARED,
}
"""How a visit ends by event; a transfer ends the agent's part like a completed call."""
BLOCKED = ("FULL", "JOINEMPTY")
OTHER = (
    "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "AGENTDUMP",
    "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF", "CONFIGRELOAD",
    "DID", "QUEUESTART", "RINGNOANSWER", "RINGCANCELED", "SYSCOMPAT", "PENALTY", "CALLSTATUS",
    "HOLD", "UNHOLD", "MEMBERUPDATED", "WITHDRAW", "CALLOUTBOUND", "INFO", "ROTATE",
)  # fmt: skip
"""Events that are passed over: they say nothing of a call's times."""
_REMARKS = ("the log begins at the queue: the time in menus before it is unknown",)


@dataclass
class _Reading:
    """What is known so far: calls in a queue or talking, by their id."""

    zone: ZoneInfo
    open: dict[str, Row] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    last_at: int = 0

    def event(self, line: int, text: str) -> None:
        """Take in one line; raises `ValueError` of a malformed one."""
        cells = [cell.strip() for cell in text.split("|")]
        if len(cells) < _FIELDS:
            raise ValueError(f"{len(cells)} fields; expected time|call|queue|agent|event|data")
        at = epoch(cells[0], self.zone)
        if at < self.last_at:
            raise ValueError("times out of order: this event is before that of the line above")
        self.last_at = at
        name = cells[4].upper()
        step = _STEPS.get(name)
        if step is not None:
            step(self, line, at, cells)
        elif name not in OTHER:
            raise ValueError(f'unknown event "{cells[4]}"')

    def finish(self, row: Row) -> None:
        """A call is complete."""
        self.rows.append(require_order(row))


def _enter(reading: _Reading, line: int, at: int, cells: list[str]) -> None:
    before = reading.open.pop(cells[1], None)
    if before is not None:
        reading.notes.append(RowNote(before.line, "the call enters a queue again without an end"))
    caller = cells[6] if len(cells) > 6 else ""
    reading.open[cells[1]] = Row(
        line, at, Outcome.ABANDONED, joined_at=at, kind=cells[2], caller=caller
    )


def _connect(reading: _Reading, line: int, at: int, cells: list[str]) -> None:
    row = _opened(reading, cells)
    _told(cells, 5)
    reading.open[cells[1]] = row._replace(
        left_at=at, answered_at=at, agent=cells[3], outcome=Outcome.ANSWERED
    )


def _end(reading: _Reading, line: int, at: int, cells: list[str]) -> None:
    row, outcome = _opened(reading, cells), ENDS[cells[4].upper()]
    if outcome == Outcome.ANSWERED and row.answered_at < 0:
        raise ValueError(f"{cells[4]} of a call that no agent had answered (no CONNECT before)")
    if outcome != Outcome.ANSWERED and row.answered_at >= 0:
        raise ValueError(f"{cells[4]} of a call that an agent had answered")
    del reading.open[cells[1]]
    left_at = row.left_at if outcome == Outcome.ANSWERED else at
    reading.finish(row._replace(outcome=outcome, left_at=left_at, ended_at=at))


def _blocked(reading: _Reading, line: int, at: int, cells: list[str]) -> None:
    reading.finish(Row(line, at, Outcome.BLOCKED, kind=cells[2]))


def _opened(reading: _Reading, cells: list[str]) -> Row:
    row = reading.open.get(cells[1])
    if row is None:
        raise ValueError(f"{cells[4]} of a call that entered no queue (no ENTERQUEUE before)")
    return row


def _told(cells: list[str], place: int) -> None:
    """Raises `ValueError` when a duration that the event holds is not one."""
    if len(cells) > place and cells[place]:
        duration(cells[place])


_STEPS: dict[str, Callable[[_Reading, int, int, list[str]], None]] = {
    "ENTERQUEUE": _enter,
    "CONNECT": _connect,
    **dict.fromkeys(ENDS, _end),
    **dict.fromkeys(BLOCKED, _blocked),
}


def read_queue_log(path: Path, zone: ZoneInfo) -> CallLog:
    """The calls of a queue_log, one a visit to a queue; raises `FileError` and `ScenarioError`."""
    lines, notes = read_lines(path)
    if not any("|" in line for line in lines):
        message = "no line is like 1711000000|1711000000.12|support|SIP/101|CONNECT|5"
        raise refusal(path, f"not a queue_log: {message}", "wrong-map", 1)
    reading = _Reading(zone, notes=notes)
    for number, line in enumerate(lines, 1):
        if line.strip():
            _take(reading, number, line)
    for row in reading.open.values():
        reading.notes.append(RowNote(row.line, "the call had not ended when the log does"))
    n_rows = sum(bool(line.strip()) for line in lines) + len(notes)
    rows = sorted(reading.rows)
    return log_of(str(path), "queue_log", n_rows, rows, reading.notes, _REMARKS)


def _take(reading: _Reading, number: int, line: str) -> None:
    try:
        reading.event(number, line)
    except ValueError as error:
        reading.notes.append(RowNote(number, str(error)))
