"""The common table of calls: what every reader of a call log gives.

Belongs here: the table's layout, and the rows that were refused or repaired. Does not belong here:
any one file format (`technion`, `queue_log`, `cdr`, `mapped`), figures made of calls (`fit`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.units import DAY_US

Ints = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1)
"""On the local clock on the wall."""
NONE = -1
"""No such instant, or unknown."""


class Calls(NamedTuple):
    """One row a call that was read, in the order of the file.

    Instants are microseconds of local wall time since 1970-01-01 00:00, -1 where there was none.
    """

    line: Ints
    """Line of the file, from 1."""
    arrived_at: Ints
    ivr_us: Ints
    """Time in menus and announcements; -1: unknown."""
    joined_at: Ints
    """Joined the queue: so did every call that an agent answered, at once or later."""
    left_at: Ints
    """Left the queue: answer, abandonment, or sent away."""
    answered_at: Ints
    """An agent answered; -1 with outcome ANSWERED: nobody knows when (no handle time then)."""
    ended_at: Ints
    """The end of talk."""
    outcome: Ints
    """`codes.Outcome`. FAILED: something else that the log says, counted and not fitted."""
    priority: Ints
    kind: Ints
    """Index of the call's type in `CallLog.kinds`."""
    caller: Ints
    """Index of a caller who can be told apart; -1: unknown."""
    agent: Ints
    """Index in `CallLog.agents`; -1: none or unknown."""

    @property
    def wait_us(self) -> Ints:
        """Time in the queue; -1 for calls that did not join one."""
        return np.where(self.joined_at >= 0, self.left_at - self.joined_at, NONE)


class RowNote(NamedTuple):
    """What is wrong with one row; `refused`: it was left out, otherwise repaired."""

    line: int
    message: str
    refused: bool = True


@dataclass(frozen=True)
class CallLog:
    """A call log that was read: the calls, and all that could not be taken as it stood."""

    file: str
    form: str
    """The format: technion, queue_log, cdr, or the column map's file."""
    n_rows: int
    """Rows (or lines) of data in the file, good and bad."""
    calls: Calls
    kinds: tuple[str, ...]
    agents: tuple[str, ...]
    notes: tuple[RowNote, ...]
    remarks: tuple[str, ...] = ()
    """What the format cannot tell, in sentences."""
    ranks: tuple[tuple[int, int], ...] = ()
    """Priorities as written that are served otherwise: (written, higher is served first)."""
    credit_s: float = 0.0
    """What a step of priority is worth in waiting; 0: strict priority, or unknown."""

    def rank(self, priority: int) -> int:
        """A priority as it is served."""
        return dict(self.ranks).get(priority, priority)

    @property
    def refused(self) -> tuple[RowNote, ...]:
        """Rows left out."""
        return tuple(note for note in self.notes if note.refused)

    def between(self, first: date | None, last: date | None) -> "CallLog":
        """The calls that arrived from the day `first` to the day `last`, both included."""
        low = -np.inf if first is None else day_us(first)
        high = np.inf if last is None else day_us(last) + DAY_US
        arrived = self.calls.arrived_at
        return self.where((arrived >= low) & (arrived < high))

    def where(self, kept: NDArray[np.bool_]) -> "CallLog":
        """The log with these calls only."""
        calls = Calls._make(column[kept] for column in self.calls)
        return replace(self, calls=calls)

    def days(self) -> list[date]:
        """Local days on which a call arrived, in order."""
        return [day_of(int(day) * DAY_US) for day in np.unique(self.calls.arrived_at // DAY_US)]


class Row(NamedTuple):
    """One call as a reader finds it; instants as in `Calls`, names as text ("" unknown)."""

    line: int
    arrived_at: int
    outcome: Outcome
    ivr_us: int = NONE
    joined_at: int = NONE
    left_at: int = NONE
    answered_at: int = NONE
    ended_at: int = NONE
    priority: int = 0
    kind: str = ""
    caller: str = ""
    agent: str = ""


_ORDER = ("arrived_at", "joined_at", "left_at", "ended_at")
_IN_WORDS = {
    "arrived_at": "arrival", "joined_at": "joining the queue", "left_at": "leaving the queue",
    "answered_at": "answer", "ended_at": "end",
}  # fmt: skip


def require_order(row: Row) -> Row:
    """The row, if its instants rise; raises `ValueError` that names the two that do not."""
    known = [(name, getattr(row, name)) for name in _ORDER if getattr(row, name) >= 0]
    if row.answered_at >= 0 and row.ended_at >= 0:
        _require_rise(("answered_at", row.answered_at), ("ended_at", row.ended_at))
    for one, two in pairwise(known):
        _require_rise(one, two)
    return row


def _require_rise(one: tuple[str, int], two: tuple[str, int]) -> None:
    if two[1] < one[1]:
        raise ValueError(
            f"times out of order: {_IN_WORDS[two[0]]} ({wall(two[1])}) is before "
            f"{_IN_WORDS[one[0]]} ({wall(one[1])})"
        )


def log_of(
    file: str,
    form: str,
    n_rows: int,
    rows: Sequence[Row],
    notes: Iterable[RowNote],
    remarks: tuple[str, ...] = (),
) -> CallLog:
    """The log of rows read; names become indices, sorted."""
    kinds = tuple(sorted({row.kind for row in rows}))
    agents = tuple(sorted({row.agent for row in rows} - {""}))
    callers = tuple(sorted({row.caller for row in rows} - {""}))
    index = [{name: i for i, name in enumerate(names)} for names in (kinds, callers, agents)]
    plain = [
        (*row[:2], *row[3:8], int(row.outcome), row.priority, index[0][row.kind],
         index[1].get(row.caller, NONE), index[2].get(row.agent, NONE))
        for row in rows
    ]  # fmt: skip
    table = np.array(plain, np.int64).reshape(len(plain), len(Calls._fields))
    calls = Calls._make(np.ascontiguousarray(column) for column in table.T)
    return CallLog(file, form, n_rows, calls, kinds, agents, tuple(sorted(notes)), remarks)


def instant(moment: datetime) -> int:
    """Microseconds of a naive local time since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def day_us(day: date) -> int:
    """Midnight at which a local day starts."""
    return (day - EPOCH.date()).days * DAY_US


def day_of(at_us: int) -> date:
    """The local day of an instant."""
    return EPOCH.date() + timedelta(days=int(at_us) // DAY_US)


def wall(at_us: int) -> str:
    """An instant in words: 1999-01-03 07:15:02."""
    moment = datetime.fromtimestamp(int(at_us) / 1e6, UTC).replace(tzinfo=None)
    return f"{moment:%Y-%m-%d %H:%M:%S}"
