"""Any call log: the one door to the readers.

Belongs here: which reader a map's name stands for, and when a log is too broken to be used. Does not
belong here: any one format.
"""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from vpbx.errors import UsageError
from vpbx.interop.calls import CallLog, wall
from vpbx.interop.cdr import read_cdr
from vpbx.interop.lines import refusal
from vpbx.interop.mapped import read_mapped
from vpbx.interop.queue_log import read_queue_log
from vpbx.interop.technion import read_technion
from vpbx.scenario.moments import time_zone

FORMATS = ("technion", "queue_log", "cdr")
MOST_REFUSED = 0.5
"""With a larger share of refused rows the format is not what it was taken for."""
MOST_TOLD = 20
"""Refused rows that are told one by one on the screen; a list of all is written beside."""


def read_log(path: Path, form: str, timezone: str = "UTC") -> CallLog:
    """The calls of a log; `form` is technion, queue_log, cdr or the path of a column map.

    Times with an offset, and times in seconds since 1970, become those of `timezone`. Raises
    `UsageError`, `FileError`, and `ScenarioError` for a file that is empty, in another format, or
    wrong in more than half of its rows.
    """
    zone = _zone(timezone)
    log = _read(path, form, zone)
    if not len(log.calls.line) or len(log.refused) > MOST_REFUSED * log.n_rows:
        first = "; ".join(f"line {note.line}: {note.message}" for note in log.refused[:3])
        message = (
            f"{len(log.refused):,} of {log.n_rows:,} rows cannot be read as {form}: {first}"
            if log.refused
            else f"no call in {log.n_rows:,} rows read as {form}"
        )
        raise refusal(path, message, "wrong-map", log.refused[0].line if log.refused else 1)
    return log


def _read(path: Path, form: str, zone: ZoneInfo) -> CallLog:
    match form:
        case "technion":
            return read_technion(path)
        case "queue_log":
            return read_queue_log(path, zone)
        case "cdr":
            return read_cdr(path, zone)
    if Path(form).suffix not in (".yaml", ".yml"):
        raise UsageError(
            f"--map {form}: there is no such format; formats are {', '.join(FORMATS)}, "
            "or the path of a column map (map.yaml)"
        )
    return read_mapped(path, Path(form), zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return time_zone(name)
    except ValueError as error:
        raise UsageError(f"--timezone {name}: {error}") from None


def period(log: CallLog, first: date | None, last: date | None) -> CallLog:
    """The log from one day to another, both included; raises `UsageError` when no call is there."""
    part = log.between(first, last)
    if not len(part.calls.line):
        arrived = log.calls.arrived_at
        raise UsageError(
            f"no call from {first or 'the start'} to {last or 'the end'}: the log goes from "
            f"{wall(int(arrived.min()))[:10]} to {wall(int(arrived.max()))[:10]}"
        )
    return part
