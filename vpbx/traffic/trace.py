"""Recorded arrivals from a CSV file in place of a random load.

Belongs here: reading the column of arrival times. Does not belong here: fitting a load to a log.
"""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import Mark, Problem, ScenarioError
from vpbx.scenario.models import Trace
from vpbx.traffic.calendar import LocalClock


def read_trace(trace: Trace, clock: LocalClock, folder: Path) -> NDArray[np.int64]:
    """Arrival instants (us, sorted) of a trace; raises `ScenarioError` naming every bad row."""
    path = folder / trace.file
    problems: list[Problem] = []
    instants: list[int] = []
    for line, text in _rows(path, trace):
        try:
            instants.append(clock.of(datetime.fromisoformat(text.strip()).replace(tzinfo=None)))
        except ValueError:
            message = f'"{text}" is not a local time; write it like 2019-04-15 11:00:03'
            problems.append(Problem(Mark(str(path), line, 1), trace.column, message, "bad-time"))
    if problems:
        raise ScenarioError(problems[:50])
    return np.sort(np.array(instants, np.int64))


def _rows(path: Path, trace: Trace) -> Iterator[tuple[int, str]]:
    """Line number and time text of the selected rows."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = {trace.column, *trace.select} - set(reader.fieldnames or ())
            if missing:
                known = ", ".join(reader.fieldnames or ()) or "none"
                message = f'there is no column "{min(missing)}"; the columns are {known}'
                raise ScenarioError([Problem(Mark(str(path), 1, 1), "", message, "unknown-column")])
            for row in reader:
                if all(row[name] == value for name, value in trace.select.items()):
                    yield reader.line_num, row[trace.column] or ""
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioError(
            [Problem(Mark(str(path)), "", f"cannot be read: {reason}", "unreadable")]
        ) from error
