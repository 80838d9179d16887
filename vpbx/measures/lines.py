"""Sums of what calls hold and pay: legs by trunk, refusals for lack of licence, charged minutes.

Belongs here: adding these up part by part, for scenarios that have them. Does not belong here: calls
and visits (`counting`), names (`fold`). All is whole numbers, so that the order does not matter.
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import LegKind, Outcome
from vpbx.engine.records import Calls, Legs, Visits, answered_at
from vpbx.measures.frame import Cells, Frame
from vpbx.measures.sums import CALLBACK

Ints = NDArray[np.int64]

MINUTE_US = 60_000_000
LEG_KINDS = {"forwarded": LegKind.FORWARDED, "callback": LegKind.CALLBACK}
"""Legs beside the caller's own line, by what their columns are called."""

RECORDED = ("recorded", "recorded_time", "unrecorded")
"""Columns of recording, in the order of `LineSums.recorded`."""


class LineSums:
    """Sums of one run; rows are those of `frame.Cells`, one more for what is not counted."""

    def __init__(self, fr: Frame, counted: Cells) -> None:
        self._fr = fr
        self._rows = np.stack([counted.interval_of, counted.week_of])
        n, kinds = counted.nowhere + 1, len(LEG_KINDS)
        self.legs = np.zeros((kinds, n, fr.n_trunks), np.int64)
        """How many, by the moment of seizure."""
        self.spans = np.zeros((kinds, fr.n_base, fr.n_trunks, 2), np.int64)
        """As `counting`'s spans: when they were held."""
        self.refused = np.zeros((n, fr.n_trunks), np.int64)
        """Calls refused a channel while fewer were licensed than there were."""
        self.recorded = np.zeros((n, fr.n_queues, 3), np.int64)
        """Talks recorded, their time (us), talks that were to be recorded without the licence for it."""
        self.minutes = np.zeros((n, fr.n_numbers, fr.n_classes), np.int64)
        """Started minutes on the line."""

    def add(self, calls: Calls, visits: Visits, extra: Legs, kinds: NDArray[np.int8]) -> None:
        """Count these rows."""
        if self._fr.possible.legs:
            for k, kind in enumerate(LEG_KINDS.values()):
                self._add_legs(k, extra, np.flatnonzero(extra.kind == kind))
        if self._fr.possible.limit is not None:
            self._add_refused(calls)
        if self._fr.possible.recorded is not None:
            self._add_recorded(visits)
        if self._fr.possible.charge is not None:
            self._add_minutes(calls, visits, kinds)

    def _base(self, at: Ints) -> Ints:
        fr = self._fr
        return np.asarray(np.where(at >= fr.duration_us, fr.n_base, at // fr.grid_us))

    def _add_legs(self, k: int, extra: Legs, kept: Ints) -> None:
        trunk, since, until = extra.trunk[kept], extra.held_from[kept], extra.held_until[kept]
        for rows in self._rows:
            np.add.at(self.legs[k], (rows[self._base(since)], trunk), 1)
        for at, sign in ((since, 1), (until, -1)):
            self._add_instants(self.spans[k], trunk, at, sign)

    def _add_instants(self, spans: Ints, member: NDArray[np.int16], at: Ints, sign: int) -> None:
        fr = self._fr
        here = at < fr.duration_us
        base = at[here] // fr.grid_us
        end = np.minimum((base + 1) * fr.grid_us, fr.duration_us)
        np.add.at(spans[:, :, 0], (base, member[here]), sign * (end - at[here]))
        np.add.at(spans[:, :, 1], (base, member[here]), sign)

    def _add_refused(self, calls: Calls) -> None:
        limit = self._fr.possible.limit
        assert limit is not None
        row = refused_for_licence(self._fr, calls)
        trunk = self._fr.trunk_of_number[calls.number[row]]
        for rows in self._rows:
            np.add.at(self.refused, (rows[self._base(calls.arrived_at[row])], trunk), 1)

    def _add_recorded(self, visits: Visits) -> None:
        recorded = self._fr.possible.recorded
        assert recorded is not None
        talked = (visits.outcome == Outcome.ANSWERED) & recorded.nodes[visits.node]
        row = np.flatnonzero(talked & (visits.talk_until >= 0))
        step = np.searchsorted(recorded.at, visits.left_at[row], side="right") - 1
        on = recorded.on[step] == 1
        talk = visits.talk_until[row] - visits.left_at[row]
        counts = np.stack([on, np.where(on, talk, 0), ~on], axis=1).astype(np.int64)
        for rows in self._rows:
            place = (rows[self._base(visits.joined_at[row])], visits.queue[row])
            np.add.at(self.recorded, place, counts)

    def _add_minutes(self, calls: Calls, visits: Visits, kinds: NDArray[np.int8]) -> None:
        minutes = started_minutes(calls, visits, kinds)
        for rows in self._rows:
            place = (rows[self._base(calls.arrived_at)], calls.number, calls.caller_class)
            np.add.at(self.minutes, place, minutes)


def refused_for_licence(fr: Frame, calls: Calls) -> Ints:
    """Rows of calls that were refused a channel while fewer were licensed than the trunks have.

    With one trunk that is what refused them; with several, a full trunk may have.
    """
    limit = fr.possible.limit
    refused = (calls.outcome == Outcome.BLOCKED) & (calls.answered_after < 0)
    rows = np.flatnonzero(refused & (fr.trunk_of_number[calls.number] >= 0))
    if limit is None:
        return rows[:0]
    step = np.searchsorted(limit.at, calls.arrived_at[rows], side="right") - 1
    return np.asarray(rows[limit.less[step] == 1])


def started_minutes(calls: Calls, visits: Visits, kinds: NDArray[np.int8]) -> Ints:
    """(calls) minutes on the line, each one begun counts; a caller who is called back pays until then."""
    until = np.array(calls.ended_at, np.int64)
    called_back = kinds == CALLBACK
    until[visits.call[called_back]] = visits.joined_at[called_back]
    held = np.where(calls.answered_after >= 0, until - answered_at(calls), 0)
    return np.asarray(-(-held // MINUTE_US))
