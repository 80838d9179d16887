"""A run of our engine, written as a call log."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

from vpbx.codes import Outcome
from vpbx.engine.records import Records


def _moment(start: datetime, at_us: int) -> str:
    return "" if at_us < 0 else f"{start + timedelta(microseconds=int(at_us)):%Y-%m-%d %H:%M:%S.%f}"


def write_log(records: Records, start: datetime, path: Path) -> None:
    """The calls of a run as CSV, with what a telephone system would know."""
    calls, visits = records.calls, records.visits
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("arrived", "queued", "left", "answered", "ended", "what", "type", "agent",
                         "caller"))  # fmt: skip
        for v, call in enumerate(visits.call.tolist()):
            answered = visits.outcome[v] == Outcome.ANSWERED
            caller = f"{calls.caller_class[call]}-{calls.day[call]}-{calls.ordinal[call]}"
            writer.writerow((
                _moment(start, calls.arrived_at[call]), _moment(start, visits.joined_at[v]),
                _moment(start, visits.left_at[v]), _moment(start, visits.left_at[v]) if answered else "",
                _moment(start, visits.talk_until[v]) if answered else "",
                Outcome(visits.outcome[v]).name.lower(), ("sales", "service")[visits.queue[v]],
                f"agent {visits.agent[v]}" if answered else "", caller,
            ))  # fmt: skip
