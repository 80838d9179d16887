"""What a study counts of one replication: the asked-for quantities only, numerators apart from
denominators.

Belongs here: the arithmetic from records to two numbers a quantity and place. Does not belong here:
which quantities there are (`quantities`), many replications (`evaluate`). It counts what
`measures.tally` counts, by the same columns; a study of thousands of runs wants few of them, and no
hours of the week.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.measures.amounts import COUNTED, amounts
from vpbx.measures.busy_hour import daily_peaks
from vpbx.measures.columns import answered, call_columns, redial_columns, visit_columns
from vpbx.measures.outcomes import there
from vpbx.measures.tally import Sums, sums
from vpbx.measures.there import SELDOM
from vpbx.measures.wait_bins import N_BINS, PERCENTILES, answered_by_member, percentiles
from vpbx.study.counting_plan import Plan
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.engine.records import Records

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def count(records: "Records", wanted: Plan) -> Floats:
    """(2, size) numerators and denominators of one replication, laid out as `Ask.layout` says.

    A count has the denominator 1. What a place cannot have (percentiles by interval) is NaN.
    """
    book = _Book(records, wanted)
    out = np.full((2, wanted.size), np.nan)
    out[1] = 1.0
    linear = wanted.linear
    if linear.columns:
        found = np.concatenate([book.rows(*column).ravel() for column in linear.columns])
        out[0, linear.at] = (linear.above @ found) * linear.scale
        out[1, linear.at] = np.where(linear.over, linear.below @ found, 1.0)
    for sort in wanted.sorts:
        if sort.peak is not None:
            out[0, sort.at] = book.peak(sort.family, *sort.peak)[sort.members, : sort.at.shape[1]]
        else:
            out[0, sort.at[:, 0]] = book.percentile(sort.family, sort.percentile)[sort.members]
    return out


class _Book:
    """One replication's columns, each summed when it is first asked for."""

    def __init__(self, records: "Records", wanted: Plan) -> None:
        self.records, self.plan, self.frame = records, wanted, wanted.frame
        self._sums: dict[tuple[str, str], Floats] = {}
        self._percentiles: dict[str, dict[float, Floats]] = {}
        self._starts: dict[int, tuple[Ints, Ints]] = {}

    def rows(self, family: str, name: str) -> Floats:
        """(intervals + 2, members) sums of a column; one member only where it is the time."""
        key = (family, name)
        if key not in self._sums:
            self._sums[key] = self._made(family, name)
        return self._sums[key]

    def _made(self, family: str, name: str) -> Floats:
        if name == "time":
            return np.append(self.plan.time_us, [0.0, 0.0])[:, None]
        if name == "offered_work":
            return self._offered_work(family)
        if name in SELDOM or self.plan.wide:
            return self._tallied(self._counted.sums[family][name])
        if family == "trunk" and name in ("offered", "blocked"):
            return self._trunk_calls(name)
        grid = self._grid_column(family, name)
        if grid is not None:
            return grid
        if family == "group":
            return self._of_answered(name)
        if family == "all":
            return self._of_numbers(name)
        if name in self._visit_columns:
            return self._of_visits(family, name)
        return self._of_calls(family, name)

    def _offered_work(self, family: str) -> Floats:
        """Calls and messages x the replication's mean handle time; NaN where nobody was served."""
        handle, answered = (self.rows(family, name)[:-1].sum(axis=0) for name in _MEAN_HANDLE)
        mean = np.divide(handle, answered, out=np.full(len(answered), np.nan), where=answered > 0)
        offered = self.rows(family, "v_offered")
        if "v_messages" in there(self.frame):
            offered = offered + self.rows(family, "v_messages")
        return np.asarray(offered * mean)

    def _tallied(self, found: NDArray[np.generic]) -> Floats:
        """A column of the tally, without its hours of the week: intervals, drain, nothing."""
        n = self.plan.n_intervals
        out = np.zeros((n + 2, found.shape[1]))
        out[:n], out[n] = found[:n], found[-1]
        return out

    @cached_property
    def _counted(self) -> Sums:
        return sums(self.records, self.frame)

    # --- columns of records ---------------------------------------------------------------------

    @cached_property
    def _call_columns(self) -> dict[str, NDArray[np.generic]]:
        return call_columns(self.records.calls, self.frame.possible.outcomes, self.records.end_at)

    @cached_property
    def _visit_columns(self) -> dict[str, NDArray[np.generic]]:
        calls, visits, extra = self.records[:3]
        return visit_columns(self.frame, calls, visits, extra)

    @cached_property
    def _redial_columns(self) -> dict[str, NDArray[np.bool_]]:
        return redial_columns(self.records.calls, self.records.end_at, self.frame.redials_after)

    @cached_property
    def _call_row(self) -> Ints:
        return self._row_of(self.records.calls.arrived_at)

    @cached_property
    def _join_row(self) -> Ints:
        return self._row_of(self.records.visits.joined_at)

    @cached_property
    def _visit_call_row(self) -> Ints:
        return self._call_row[self.records.visits.call]

    def _row_of(self, at_us: Ints) -> Ints:
        base = np.minimum(at_us // self.frame.grid_us, self.frame.n_base)
        late = at_us >= self.frame.duration_us
        return self.plan.row[np.where(late, self.frame.n_base, base)]

    def _member_of_calls(self, family: str) -> tuple[Ints, int]:
        calls = self.records.calls
        if family == "number":
            return calls.number.astype(np.int64), self.frame.n_numbers
        if family == "class":
            return calls.caller_class.astype(np.int64), self.frame.n_classes
        return np.zeros(len(calls.number), np.int64), 1

    def _sum(self, row: Ints, member: Ints, n: int, weight: NDArray[np.generic]) -> Floats:
        """(intervals + 2, n) sums of a weight an event; a Boolean weight counts."""
        size = (self.plan.n_intervals + 2) * n
        if weight.dtype == np.bool_:
            found = np.bincount((row * n + member)[weight], minlength=size)
        else:
            found = np.bincount(row * n + member, weight, minlength=size)
        return found.reshape(-1, n).astype(np.float64)

    def _of_calls(self, family: str, name: str) -> Floats:
        member, n = self._member_of_calls(family)
        weight = self._call_columns.get(name)
        weight = self._redial_columns[name] if weight is None else weight
        return self._sum(self._call_row, member, n, weight)

    def _of_numbers(self, name: str) -> Floats:
        """A column of all calls: every call has one number."""
        return np.asarray(self.rows("number", name).sum(axis=1, keepdims=True))

    def _visit_places(self, family: str) -> tuple[Ints, Ints, int]:
        """Row and member of each visit, and how many members there are."""
        visits = self.records.visits
        if family == "queue":
            return self._join_row, visits.queue.astype(np.int64), self.frame.n_queues
        member, n = self._member_of_calls(family)
        return self._visit_call_row, member[visits.call], n

    def _of_visits(self, family: str, name: str) -> Floats:
        row, member, n = self._visit_places(family)
        return self._sum(row, member, n, self._visit_columns[name])

    def _of_answered(self, name: str) -> Floats:
        """Columns of agent groups: of the visits that they answered."""
        served = answered(self.records.visits)
        group = self.records.visits.group.astype(np.int64)[served]
        weight = self._visit_columns[name][served]
        return self._sum(self._join_row[served], group, self.frame.n_groups, weight)

    def _trunk_calls(self, name: str) -> Floats:
        calls = self.records.calls
        trunk = self.frame.trunk_of_number[calls.number]
        refused = (calls.outcome == Outcome.BLOCKED) & (calls.answered_after < 0)
        tried = (trunk >= 0) & ((calls.answered_after >= 0) | refused)
        weight = (tried if name == "offered" else refused)[tried]
        return self._sum(self._call_row[tried], trunk[tried], self.frame.n_trunks, weight)

    def _grid_column(self, family: str, name: str) -> Floats | None:
        """Columns of time: summed over base intervals; None when the column is none of them."""
        amount = self._amount(family, name)
        if amount is None:
            return None
        together = amount.sum(axis=1, keepdims=True) if family == "all" else amount
        found = self._over_time(np.add, together)
        if name in COUNTED:
            found[self.plan.n_intervals] += together[self.frame.n_base :].sum(axis=0)
        return found

    def _over_time(self, fold: np.ufunc, amount: NDArray[np.generic]) -> Floats:
        """(intervals + 2, members) of (base intervals, members): the drain stays 0."""
        out = np.zeros((self.plan.n_intervals + 2, amount.shape[1]))
        first, kept = self.frame.first_base, amount[: self.frame.n_base]
        if len(kept) > first:
            rows, starts = self._stretches(len(kept))
            out[rows] = fold.reduceat(kept[first:], starts, axis=0)
        return out

    def _stretches(self, n: int) -> tuple[Ints, Ints]:
        """Intervals of the first `n` base intervals after the warm-up, and where each begins."""
        if n not in self._starts:
            row = self.plan.row[self.frame.first_base : n]
            starts = np.flatnonzero(np.diff(row, prepend=-1))
            self._starts[n] = row[starts], starts
        return self._starts[n]

    def _amount(self, family: str, name: str) -> NDArray[np.generic] | None:
        named = self._amounts
        if family == "all":
            return named["queue"]["waiting"] if name == "waiting" else named["group"].get(name)
        return named.get(family, {}).get(name)

    @cached_property
    def _amounts(self) -> dict[str, dict[str, NDArray[np.generic]]]:
        return amounts(self.frame, self.records.grid)

    # --- largest values and percentiles ---------------------------------------------------------

    def peak(self, family: str, column: str, scale: float) -> Floats:
        """(members, places) largest values; 0 where there was none."""
        rows = self._largest(family, column)
        out = np.empty((rows.shape[1], self.plan.n_places))
        out[:, 0] = rows[: self.plan.n_intervals + 1].max(axis=0)
        out[:, 1:] = rows[: min(self.plan.n_intervals, self.plan.n_places - 1)].T
        if column == "longest_queue":
            out[:, 0] = self._daily_queue(family)
        return out * scale

    def _daily_queue(self, family: str) -> Floats:
        """Most callers waiting at once, mean over days; of all: in the longest queue."""
        daily = daily_peaks(self.frame, self.records.grid.queue_peak[: self.frame.n_base])
        return daily if family == "queue" else daily.max(initial=0.0, keepdims=True)

    def _largest(self, family: str, column: str) -> Floats:
        if column == "longest_wait":
            return self._longest_wait(family)
        grid = self.records.grid
        amount = grid.trunk_peak if column == "peak_channels" else grid.queue_peak
        out = self._over_time(np.maximum, amount)
        return out if family != "all" else out.max(axis=1, keepdims=True, initial=0.0)

    def _longest_wait(self, family: str) -> Floats:
        if self.plan.wide:
            return self._tallied(self._counted.peaks[family]["longest_wait"])
        row, member, n = self._visit_places(family)
        out = np.zeros((self.plan.n_intervals + 2) * n)
        # in order of the cells, each cell's visits lie side by side (`maximum.at` is far slower)
        cell = row * n + member
        order = np.argsort(
            cell.astype(np.uint16 if len(out) < 1 << 16 else np.int64), kind="stable"
        )
        if len(order):
            ordered = cell[order]
            starts = np.flatnonzero(np.diff(ordered, prepend=-1))
            wait = self._visit_columns["wait_answered"][order]
            out[ordered[starts]] = np.maximum.reduceat(wait, starts)
        return out.reshape(-1, n)

    def percentile(self, family: str, p: float) -> Floats:
        """(members) p-quantiles (s) of the waits of answered calls, from bins of one second."""
        if family not in self._percentiles:
            wanted = tuple(PERCENTILES.values())
            found = percentiles(self._bins(family), wanted)
            self._percentiles[family] = dict(zip(wanted, found, strict=True))
        return self._percentiles[family][p]

    def _bins(self, family: str) -> Floats:
        """(members, places of `measures.wait_bins`) answered waits."""
        if self.plan.wide:
            members = self._counted.peaks[family]["longest_wait"].shape[1]
            return answered_by_member(self._counted.waits[family], members)
        row, member, n = self._visit_places(family)
        served, place = self._wait_place
        counted = (row <= self.plan.n_intervals)[served]
        width = int(place.max(initial=0)) + 1
        cell = (member[served] * width + place)[counted]
        return np.bincount(cell, minlength=n * width).reshape(n, width).astype(np.float64)

    @cached_property
    def _wait_place(self) -> tuple[Ints, Ints]:
        """Rows of the answered visits of callers on the line, and the place of each one's wait among the
        bins."""
        visits = self.records.visits
        served = np.flatnonzero(self._visit_columns["v_answered"])
        wait = (visits.left_at - visits.joined_at)[served]
        return served, np.where(wait > 0, 1 + np.minimum(wait // SECOND_US, N_BINS - 1), 0)


_MEAN_HANDLE = ("handle", "v_handled")
