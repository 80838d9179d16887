"""Recorded arrivals: the CSV file that a caller class's `trace` names.

Belongs here: reading its times, and what is wrong with them. Does not belong here: files of measured
durations (`empirical`), what a run makes of the arrivals (`traffic.trace`).
"""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vpbx.errors import Mark, Problem
from vpbx.scenario.models import Clock, Scenario
from vpbx.scenario.people import Trace
from vpbx.scenario.tree import Marks, dotted

MOST_TOLD = 20
"""Bad rows of one file that are told one by one."""


class Fault(NamedTuple):
    """One thing wrong with a trace: the line of its file (0: the file as a whole), and what."""

    line: int
    message: str
    kind: str


class TraceError(ValueError):
    """A trace cannot be used; holds everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.message for fault in faults))


def read_arrivals(trace: Trace, folder: Path, zone: str) -> list[datetime]:
    """Local wall times of the selected rows, as they stand; raises `TraceError`.

    A time with an offset from UTC is turned into that of the time zone `zone`.
    """
    found: list[datetime] = []
    wrong: list[Fault] = []
    for line, text in _rows(trace, folder):
        try:
            found.append(_wall(datetime.fromisoformat(text.strip()), zone))
        except (ValueError, OverflowError):
            message = f'"{text}" is not a local time; write it like 2019-04-15 11:00:03'
            wrong.append(Fault(line, message, "bad-time"))
    if len(wrong) > MOST_TOLD:
        more = f"{len(wrong) - MOST_TOLD:,} more lines whose time cannot be read"
        wrong = [*wrong[:MOST_TOLD], Fault(wrong[MOST_TOLD].line, more, "bad-time")]
    if wrong:
        raise TraceError(*wrong)
    return found


def _wall(moment: datetime, zone: str) -> datetime:
    return (
        moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    )


def _rows(trace: Trace, folder: Path) -> Iterator[tuple[int, str]]:
    """Line number and time text of the selected rows."""
    try:
        with (folder / trace.file).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            names = reader.fieldnames or ()
            missing = {trace.column, *trace.select} - set(names)
            if missing:
                has = f"the columns are {', '.join(names)}" if names else "the file is empty"
                message = f'there is no column "{min(missing)}"; {has}'
                raise TraceError(Fault(1, message, "unknown-column"))
            for row in reader:
                if all(row[name] == value for name, value in trace.select.items()):
                    yield reader.line_num, row[trace.column] or ""
    except UnicodeDecodeError:
        message = f"{trace.file}: the file is not UTF-8 text"
        raise TraceError(Fault(0, message, "unreadable")) from None
    except (OSError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TraceError(Fault(0, f"{trace.file}: {reason}", "unreadable")) from None


def check_traces(scenario: Scenario, marks: Marks, folder: Path) -> list[Problem]:
    """What is wrong with the files of all traces, and those that bring no call into the run."""
    found = []
    for name, caller in scenario.callers.items():
        path = ("callers", name, "trace", "file")
        if caller.trace is not None:
            found += _problems(caller.trace, scenario.clock, folder, marks.mark(path), dotted(path))
    return found


def _problems(trace: Trace, clock: Clock, folder: Path, at: Mark, path: str) -> list[Problem]:
    """Of one trace: those of a line are located there, the others where the file is named."""
    try:
        arrivals = read_arrivals(trace, folder, clock.timezone)
    except TraceError as error:
        file = str(folder / trace.file)
        return [
            Problem(Mark(file, line, 1) if line else at, path, message, kind)
            for line, message, kind in error.faults
        ]
    end = clock.start + timedelta(microseconds=clock.duration)
    if not arrivals or any(clock.start <= moment < end for moment in arrivals):
        return []
    message = f"no arrival is within the run: they lie from {min(arrivals)} to {max(arrivals)}"
    return [Problem(at, path, message, "trace-outside", warning=True)]
