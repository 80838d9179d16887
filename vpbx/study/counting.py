"""What a study counts of one replication: the asked-for quantities only, numerators apart from
denominators.

Belongs here: the arithmetic from records to two numbers a quantity and place. Does not belong here:
which quantities there are (`quantities`), many replications (`evaluate`). It counts what
`measures.tally` counts, by the same columns; a study of thousands of runs wants few of them, and no
hours of the week.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.measures.amounts import amounts
from vpbx.measures.busy_hour import daily_peaks
from vpbx.measures.columns import answered, call_columns, redial_columns, visit_columns
from vpbx.measures.tally import Tally, tally
from vpbx.measures.there import SELDOM
from vpbx.measures.wait_bins import N_BINS, percentile
from vpbx.study.counting_plan import Plan, Sort
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
    for sort in wanted.sorts:
        n = sort.at.shape[1]
        if sort.formula is not None:
            out[0, sort.at] = book.above(sort)[:, :n]
            if sort.formula.over:
                out[1, sort.at] = book.below(sort)[:, :n]
        elif sort.peak is not None:
            out[0, sort.at] = book.peak(sort.family, *sort.peak)[sort.members, :n]
        else:
            out[0, sort.at[:, 0]] = book.percentile(sort.family, sort.percentile)[sort.members]
    return out


class _Book:
    """One replication's columns, each summed when it is first asked for."""

    def __init__(self, records: "Records", wanted: Plan) -> None:
        self.records, self.plan, self.frame = records, wanted, wanted.frame
        self._sums: dict[tuple[str | bool, ...], Floats] = {}

    def above(self, sort: Sort) -> Floats:
        """(quantities, places) sums of the columns above."""
        assert sort.formula is not None
        drain = not sort.formula.timed
        return self._signed(sort, sort.formula.above, drain) * sort.formula.scale

    def below(self, sort: Sort) -> Floats:
        """(quantities, places) sums of the columns below."""
        assert sort.formula is not None
        return self._signed(sort, sort.formula.over, not sort.formula.timed)

    def _signed(self, sort: Sort, names: tuple[str, ...], drain: bool) -> Floats:
        total = self._placed(sort.family, names[0], drain)
        for name in names[1:]:
            part = self._placed(sort.family, name.lstrip("-"), drain)
            total = total - part if name.startswith("-") else total + part
        return total[sort.members] if len(total) > 1 else total

    def _placed(self, family: str, name: str, drain: bool) -> Floats:
        """(members, places) of a column, the whole run first."""
        key = (family, name, drain)
        if key not in self._sums:
            rows = self._rows(family, name)
            n = self.plan.n_intervals
            out = np.empty((rows.shape[1], self.plan.n_places))
            out[:, 0] = rows[: n + int(drain)].sum(axis=0)
            out[:, 1:] = rows[: min(n, self.plan.n_places - 1)].T
            self._sums[key] = out
        return self._sums[key]

    def _rows(self, family: str, name: str) -> Floats:
        """(intervals + 2, members) sums of a column."""
        key = (family, name)
        if key not in self._sums:
            self._sums[key] = self._made(family, name)
        return self._sums[key]

    def _made(self, family: str, name: str) -> Floats:
        if name == "time":
            return np.append(self.plan.time_us, [0.0, 0.0])[:, None]
        if name == "offered_work":
            return self._offered_work(family)
        if family == "trunk" and name in ("offered", "blocked"):
            return self._trunk_calls(name)
        if name in SELDOM:
            return self._tallied(family, name)
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
        handle, answered = (self._rows(family, name)[:-1].sum(axis=0) for name in _MEAN_HANDLE)
        mean = np.divide(handle, answered, out=np.full(len(answered), np.nan), where=answered > 0)
        offered = self._rows(family, "v_offered")
        if "v_messages" in self._visit_columns:
            offered = offered + self._rows(family, "v_messages")
        return np.asarray(offered * mean)

    def _tallied(self, family: str, name: str) -> Floats:
        """A column that few scenarios have, from the tally of the whole run."""
        n, found = self.plan.n_intervals, self._tally.sums[family][name]
        out = np.zeros((n + 2, found.shape[1]))
        out[:n], out[n] = found[:n], found[-1]
        return out

    @cached_property
    def _tally(self) -> Tally:
        return tally(self.records, self.frame)

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
        if self.plan.wide and name in self._call_columns:
            return self._of_all(family, self._call_row * n + member, n, *self._call_weights)[name]
        weight = self._call_columns.get(name)
        weight = self._redial_columns[name] if weight is None else weight
        return self._sum(self._call_row, member, n, weight)

    def _of_all(
        self, family: str, place: Ints, n: int, names: tuple[str, ...], weights: Floats
    ) -> dict[str, Floats]:
        """All columns at once, by name: a sparse product is several times as fast as single sums.

        Sums of whole numbers are exact in either.
        """
        from scipy.sparse import csc_matrix

        size = (self.plan.n_intervals + 2) * n
        each = np.arange(len(place) + 1)
        events = csc_matrix((np.ones(len(place)), place, each), (size, len(place)))
        sums = np.asarray(events @ weights).reshape(-1, n, len(names))
        found = {name: np.ascontiguousarray(sums[:, :, i]) for i, name in enumerate(names)}
        self._sums |= {(family, name): column for name, column in found.items()}
        return found

    @cached_property
    def _call_weights(self) -> tuple[tuple[str, ...], Floats]:
        return _matrix(self._call_columns)

    @cached_property
    def _visit_weights(self) -> tuple[tuple[str, ...], Floats]:
        return _matrix(self._visit_columns)

    def _of_numbers(self, name: str) -> Floats:
        """A column of all calls: every call has one number."""
        return np.asarray(self._rows("number", name).sum(axis=1, keepdims=True))

    def _visit_places(self, family: str) -> tuple[Ints, Ints, int]:
        """Row and member of each visit, and how many members there are."""
        visits = self.records.visits
        if family == "queue":
            return self._join_row, visits.queue.astype(np.int64), self.frame.n_queues
        member, n = self._member_of_calls(family)
        return self._visit_call_row, member[visits.call], n

    def _of_visits(self, family: str, name: str) -> Floats:
        row, member, n = self._visit_places(family)
        if self.plan.wide:
            return self._of_all(family, row * n + member, n, *self._visit_weights)[name]
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
        refused = (calls.outcome == Outcome.BLOCKED) & (calls.answered_at < 0)
        tried = (trunk >= 0) & ((calls.answered_at >= 0) | refused)
        weight = (tried if name == "offered" else refused)[tried]
        return self._sum(self._call_row[tried], trunk[tried], self.frame.n_trunks, weight)

    def _grid_column(self, family: str, name: str) -> Floats | None:
        """Columns of time: summed over base intervals; None when the column is none of them."""
        amount = self._amount(family, name)
        if amount is None:
            return None
        together = amount.sum(axis=1, keepdims=True) if family == "all" else amount
        return self._over_time(np.add, together)

    def _over_time(self, fold: np.ufunc, amount: NDArray[np.generic]) -> Floats:
        """(intervals + 2, members) of (base intervals, members): the drain stays 0."""
        out = np.zeros((self.plan.n_intervals + 2, amount.shape[1]))
        first, kept = self.frame.first_base, amount[: self.frame.n_base]
        if len(kept) > first:
            rows, starts = np.unique(self.plan.row[first : len(kept)], return_index=True)
            out[rows] = fold.reduceat(kept[first:], starts, axis=0)
        return out

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
        row, member, n = self._visit_places(family)
        out = np.zeros((self.plan.n_intervals + 2) * n)
        np.maximum.at(out, row * n + member, self._visit_columns["wait_answered"])
        return out.reshape(-1, n)

    def percentile(self, family: str, p: float) -> Floats:
        """(members) p-quantiles (s) of the waits of answered calls, from bins of one second."""
        return percentile(self._bins(family), p)

    def _bins(self, family: str) -> Floats:
        """(members, places of `measures.wait_bins`) answered waits."""
        key = (family, "bins")
        if key not in self._sums:
            visits = self.records.visits
            row, member, n = self._visit_places(family)
            counted = answered(visits) & (row <= self.plan.n_intervals)
            wait = (visits.left_at - visits.joined_at)[counted]
            place = np.where(wait > 0, 1 + np.minimum(wait // SECOND_US, N_BINS - 1), 0)
            width = int(place.max(initial=0)) + 1
            bins = np.bincount(member[counted] * width + place, minlength=n * width)
            self._sums[key] = bins.reshape(n, width).astype(np.float64)
        return self._sums[key]


def _matrix(columns: Mapping[str, NDArray[np.generic]]) -> tuple[tuple[str, ...], Floats]:
    """Names, and (events, columns) numbers."""
    found = np.empty((len(next(iter(columns.values()))), len(columns)))
    for i, column in enumerate(columns.values()):
        found[:, i] = column
    return tuple(columns), found


_MEAN_HANDLE = ("handle", "v_handled")
