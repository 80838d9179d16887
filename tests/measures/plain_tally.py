"""The tally again, the plain way: whole columns at once, no parts, nothing shared with `fold`.

Kept for tests: what `vpbx.measures.fold` gives must equal this in every field, to the bit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Records, Visits
from vpbx.measures.busy_hour import Busy, busy, daily_peaks
from vpbx.measures.frame import Cells, Frame, base_time_us, cells
from vpbx.measures.redials import column_of
from vpbx.measures.result import OPEN_LENGTH
from vpbx.measures.tally import FAMILIES, Columns, Tally
from vpbx.measures.wait_bins import N_BINS, NO_HOUR, PLACES, SLOTS, Bins
from vpbx.units import SECOND_US

Ints = NDArray[np.int64]

_SETTLED = (Outcome.ANSWERED, Outcome.SELF_SERVED, Outcome.FORWARDED, Outcome.CALLBACK_DONE)


def attempt_before(calls: Calls) -> Ints:
    """Row of the same caller's attempt before each call; -1 for a first attempt.

    A caller is class, day and ordinal; who makes attempt n + 1 has a `redial_at` in attempt n.
    """
    before = np.full(len(calls.attempt), -1, np.int64)
    rows = np.flatnonzero((calls.attempt > 0) | (calls.redial_at >= 0))
    keys = (calls.attempt, calls.ordinal, calls.day, calls.caller_class)
    order = rows[np.lexsort(tuple(key[rows] for key in keys))]
    again = np.flatnonzero(calls.attempt[order] > 0)
    before[order[again]] = order[again - 1]
    return before


def redial_columns(
    calls: Calls, end_at: int, causes: tuple[int, ...]
) -> dict[str, NDArray[np.bool_]]:
    """What is counted of redials: a column a cause; and calls whose redial was due after the end.

    `causes` are the outcomes after which anybody calls again; without any, there is no column.
    """
    if not causes:
        return {}
    before = attempt_before(calls)
    redials = before >= 0
    found = {column_of(cause): redials & (calls.outcome[before] == cause) for cause in causes}
    found["redials_dropped"] = np.asarray(calls.redial_at > end_at)
    return found


def time_by_length(joined: Ints, left: Ints, since: int, until: int) -> Ints:
    """Time (us) of [since, until) during which k callers waited, k = 0 … 500; the last is open.

    `joined` and `left`: a visit each. Who left at the instant of joining did not wait.
    """
    start, end = np.clip(joined, since, until), np.clip(left, since, until)
    stays = end > start
    ones = np.ones(np.count_nonzero(stays), np.int64)
    at = np.concatenate([[since], start[stays], end[stays], [max(since, until)]])
    step = np.concatenate([[0], ones, -ones, [0]])
    order = np.argsort(at, kind="stable")  # joins before leaves: no length is below 0
    length = np.minimum(np.cumsum(step[order])[:-1], OPEN_LENGTH)
    found = np.zeros(OPEN_LENGTH + 1, np.int64)
    np.add.at(found, length, np.diff(at[order]))
    return found


def lengths(visits: Visits, fr: Frame) -> dict[str, Ints]:
    """(members, lengths up to the longest) time (us) by length, of each queue and of all together."""
    since = fr.first_base * fr.grid_us
    queues = [visits.queue == k for k in range(fr.n_queues)]
    everybody = np.ones(len(visits.queue), np.bool_)
    found = {}
    for family, members in (("all", [everybody]), ("queue", queues)):
        rows = [
            time_by_length(visits.joined_at[m], visits.left_at[m], since, fr.duration_us)
            for m in members
        ]
        found[family] = _without_tail(np.array(rows, np.int64).reshape(-1, OPEN_LENGTH + 1))
    return found


def _without_tail(rows: Ints) -> Ints:
    seen = np.flatnonzero(rows.any(axis=0))
    return rows[:, : int(seen[-1]) + 1 if seen.size else 1]


def waiting_at_ends(visits: Visits, fr: Frame) -> Ints:
    """(intervals, queues) callers waiting just before each interval of the run ends.

    Who joins or leaves at that very instant does so in the next interval.
    """
    n = -(-fr.duration_us // fr.interval_us)
    ends = np.minimum(np.arange(1, n + 1) * fr.interval_us, fr.duration_us)
    found = np.zeros((n, fr.n_queues), np.int64)
    for k in range(fr.n_queues):
        mine = visits.queue == k
        joined, left = np.sort(visits.joined_at[mine]), np.sort(visits.left_at[mine])
        found[:, k] = np.searchsorted(joined, ends) - np.searchsorted(left, ends)
    return found


def occupied_us(since: Ints, until: Ints, edges: Ints) -> Ints:
    """Total time of the spans [since, until) that lies in each interval between rising edges.

    Sum over spans of the time spent before t, taken at each edge, then differenced. The sums may
    exceed 64 bits in a year of calls; they wrap, and their differences come out exact all the same.
    """
    before = _elapsed(np.sort(since), edges) - _elapsed(np.sort(until), edges)
    return np.diff(before)


def _elapsed(instants: Ints, edges: Ints) -> Ints:
    """Sum over instants of max(0, t - instant) at each edge t."""
    passed = np.searchsorted(instants, edges)
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(instants)))
    return np.asarray(passed * edges - sums[passed])


def bins(member: Ints, abandoned: NDArray[np.bool_], slot: Ints, wait_us: Ints) -> Bins:
    """Bins of waits, one entry of each argument a visit."""
    place = np.where(wait_us > 0, 1 + np.minimum(wait_us // SECOND_US, N_BINS - 1), 0)
    key = ((member * 2 + abandoned) * SLOTS + slot) * PLACES + place
    kept, count = np.unique(key, return_counts=True)
    return Bins(kept, count.astype(np.int32))


def plain_tally(records: Records, fr: Frame) -> Tally:
    """Count one replication's records."""
    book = _Book(fr, cells(fr))
    calls, visits = records.calls, records.visits
    sums = {family: dict[str, NDArray[np.generic]]() for family in FAMILIES}
    peaks = {family: dict[str, NDArray[np.generic]]() for family in FAMILIES}
    _count_calls(book, calls, sums, records.end_at)
    _count_visits(book, calls, visits, sums, peaks)
    _sum_grid(book, records, sums, peaks)
    measured = slice(fr.first_base, None)
    return Tally(
        intervals=book.cells.intervals,
        week_hours=book.cells.week_hours,
        time_us=book.over_time(base_time_us(fr)[:, None])[:, 0].astype(np.int64),
        sums=sums,
        peaks=peaks,
        waits=_wait_bins(book, calls, visits),
        busy=_traffic(fr, records),
        daily_queue=daily_peaks(fr, records.grid.queue_peak[: fr.n_base]),
        edges=records.grid.edges[measured].sum(axis=0, dtype=np.int64),
        node_us=records.grid.node_time[measured].sum(axis=0, dtype=np.int64),
        entries=_entries(book, calls),
        lengths=lengths(visits, fr),
        at_ends=waiting_at_ends(visits, fr),
    )


@dataclass(frozen=True)
class _Book:
    """Adds weights up by cell and member."""

    fr: Frame
    cells: Cells

    def base(self, at_us: Ints) -> Ints:
        """Base interval of instants; all beyond the duration share the last."""
        late = at_us >= self.fr.duration_us
        return np.asarray(np.where(late, self.fr.n_base, at_us // self.fr.grid_us))

    def add(
        self, at_us: Ints, member: Ints, n: int, weight: NDArray[np.generic]
    ) -> NDArray[np.generic]:
        """(cells, n) sums of one weight an event; a Boolean weight counts."""
        kind = np.int32 if weight.dtype == np.bool_ else weight.dtype
        out = np.zeros((self.cells.nowhere + 1) * n, kind)
        base = self.base(at_us)
        for row in (self.cells.interval_of[base], self.cells.week_of[base]):
            np.add.at(out, row * n + member, weight.astype(kind))
        return out.reshape(self.cells.nowhere + 1, n)[:-1]

    def largest(self, at_us: Ints, member: Ints, n: int, value: Ints) -> Ints:
        """(cells, n) greatest value of events; 0 where there was none."""
        out = np.zeros((self.cells.nowhere + 1) * n, np.int64)
        base = self.base(at_us)
        for row in (self.cells.interval_of[base], self.cells.week_of[base]):
            np.maximum.at(out, row * n + member, value)
        return out.reshape(self.cells.nowhere + 1, n)[:-1]

    def over_time(self, amount: NDArray[np.generic], peak: bool = False) -> NDArray[np.generic]:
        """(cells, members) sums (or peaks) of (base intervals, members); the drain stays 0."""
        rows = amount[: self.fr.n_base]
        out = np.zeros((self.cells.nowhere + 1, amount.shape[1]), amount.dtype)
        gather = np.maximum.at if peak else np.add.at
        for row in (self.cells.interval_of, self.cells.week_of):
            gather(out, row[: len(rows)], rows)
        return out[:-1]

    def hour(self, at_us: Ints) -> Ints:
        """Local hour of instants; `NO_HOUR` beyond the duration."""
        minutes = np.append(self.fr.minute_of_week % 1440 // 60, NO_HOUR)
        return np.asarray(minutes[self.base(at_us)])

    def measured(self, at_us: Ints) -> NDArray[np.bool_]:
        """Whether instants lie after the warm-up."""
        return np.asarray(at_us >= self.fr.first_base * self.fr.grid_us)


def _members(fr: Frame, calls: Calls) -> dict[str, tuple[Ints, int]]:
    """Member of each call in the families of calls, and how many members there are."""
    return {
        "all": (np.zeros(len(calls.number), np.int64), 1),
        "number": (calls.number.astype(np.int64), fr.n_numbers),
        "class": (calls.caller_class.astype(np.int64), fr.n_classes),
    }


def _count_calls(book: _Book, calls: Calls, sums: dict[str, Columns], end_at: int) -> None:
    columns = _call_columns(calls) | redial_columns(calls, end_at, book.fr.redials_after)
    for family, (member, n) in _members(book.fr, calls).items():
        for name, weight in columns.items():
            sums[family][name] = book.add(calls.arrived_at, member, n, weight)
    trunk = book.fr.trunk_of_number[calls.number]
    refused_a_line = (calls.outcome == Outcome.BLOCKED) & (calls.answered_at < 0)
    tried = (trunk >= 0) & ((calls.answered_at >= 0) | refused_a_line)
    for name, weight in (("offered", tried), ("blocked", refused_a_line)):
        sums["trunk"][name] = book.add(
            calls.arrived_at[tried], trunk[tried], book.fr.n_trunks, weight[tried]
        )


def _call_columns(calls: Calls) -> dict[str, NDArray[np.bool_]]:
    """What is counted of calls."""
    ended = calls.outcome
    return {
        "offered": np.ones(len(ended), np.bool_),
        "callers": calls.attempt == 0,
        "redials": calls.attempt > 0,
        "answered": ended == Outcome.ANSWERED,
        "abandoned": ended == Outcome.ABANDONED,
        "abandoned_ivr": ended == Outcome.ABANDONED_IVR,
        "blocked": ended == Outcome.BLOCKED,
        "self_served": ended == Outcome.SELF_SERVED,
        "lost": ended == Outcome.LOST,
        "refused": ended == Outcome.REFUSED,
        # a settled caller does not call again, so this counts callers, not calls
        "resolved": np.isin(ended, _SETTLED) & (calls.redial_at < 0),
    }


def _count_visits(
    book: _Book, calls: Calls, visits: Visits, sums: dict[str, Columns], peaks: dict[str, Columns]
) -> None:
    columns, answered = _visit_columns(book.fr, calls, visits), _answered(visits)
    wait = np.where(answered, visits.left_at - visits.joined_at, 0)
    arrived = calls.arrived_at[visits.call]
    where = {
        family: (arrived, member[visits.call], n)
        for family, (member, n) in _members(book.fr, calls).items()
    }
    where["queue"] = (visits.joined_at, visits.queue.astype(np.int64), book.fr.n_queues)
    for family, (at, member, n) in where.items():
        for name, weight in columns.items():
            sums[family][name] = book.add(at, member, n, weight)
        peaks[family]["longest_wait"] = book.largest(at, member, n, wait)
    group = visits.group.astype(np.int64)[answered]
    for name in ("v_answered", "handle"):
        sums["group"][name] = book.add(
            visits.joined_at[answered], group, book.fr.n_groups, columns[name][answered]
        )


def _answered(visits: Visits) -> NDArray[np.bool_]:
    return np.asarray(visits.outcome == Outcome.ANSWERED)


def _free_at(visits: Visits) -> Ints:
    """When the agent was free again; a call without wrap-up ends with its talk."""
    return np.maximum(np.maximum(visits.wrap_up_until, visits.talk_until), visits.left_at)


def _visit_columns(fr: Frame, calls: Calls, visits: Visits) -> Columns:
    """What is counted and summed of visits to queues."""
    wait = visits.left_at - visits.joined_at
    answered, abandoned = _answered(visits), visits.outcome == Outcome.ABANDONED
    full = visits.outcome == Outcome.BLOCKED
    told = answered & (visits.told_s >= 0)
    told_us = visits.told_s.astype(np.int64) * 1_000_000
    first = _first_visits(visits)
    columns: Columns = {
        "v_offered": np.ones(len(wait), np.bool_),
        "v_answered": answered,
        "v_abandoned": abandoned,
        "v_short": abandoned & (wait < fr.short_abandon_us[visits.queue]),
        "v_blocked": full,
        "v_waited": ~full,
        "v_told": told,
        "v_first": first,
        "wait_answered": np.where(answered, wait, 0),
        "wait_abandoned": np.where(abandoned, wait, 0),
        "wait_all": np.where(full, 0, wait),
        "handle": np.where(answered, _free_at(visits) - visits.left_at, 0),
        "told": np.where(told, told_us, 0),
        "told_error": np.where(told, told_us - wait, 0),
        "to_queue": np.where(first, visits.joined_at - calls.answered_at[visits.call], 0),
    }
    for k, threshold in enumerate(fr.thresholds_us):
        columns[f"answered_in_{k}"] = answered & (wait <= threshold)
        columns[f"abandoned_in_{k}"] = abandoned & (wait <= threshold)
    return columns


def _first_visits(visits: Visits) -> NDArray[np.bool_]:
    """Whether a visit is its call's first: visits stand in the order of joining."""
    first = np.zeros(len(visits.call), np.bool_)
    first[np.unique(visits.call, return_index=True)[1]] = True
    return first


def _sum_grid(
    book: _Book, records: Records, sums: dict[str, Columns], peaks: dict[str, Columns]
) -> None:
    grid, fr = records.grid, book.fr
    sums["queue"]["waiting"] = book.over_time(grid.queue_time)
    sums["queue"]["logged_in"] = book.over_time(grid.logged_in @ fr.serves.astype(np.int64))
    peaks["queue"]["longest_queue"] = book.over_time(grid.queue_peak, peak=True)
    groups = {"logged_in": grid.logged_in, "busy": grid.talk + grid.wrap_up}
    for name, amount in groups.items():
        sums["group"][name] = book.over_time(amount)
    if fr.cost is not None:
        sums["group"]["cost"] = book.over_time(fr.cost)
    for name in ("logged_in", "busy", "cost"):
        if name in sums["group"]:
            sums["all"][name] = _together(np.add, sums["group"][name])
    sums["all"]["waiting"] = _together(np.add, sums["queue"]["waiting"])
    peaks["all"]["longest_queue"] = _together(np.maximum, peaks["queue"]["longest_queue"])
    sums["trunk"]["held"] = book.over_time(grid.trunk_time)
    sums["trunk"]["channels"] = book.over_time(grid.channels)
    peaks["trunk"]["peak_channels"] = book.over_time(grid.trunk_peak, peak=True)


def _together(fold: np.ufunc, members: NDArray[np.generic]) -> NDArray[np.generic]:
    """(cells, 1) of all members."""
    return np.asarray(fold.reduce(members, axis=1, keepdims=True, initial=0))


def _wait_bins(book: _Book, calls: Calls, visits: Visits) -> dict[str, Bins]:
    abandoned = visits.outcome == Outcome.ABANDONED
    left = _answered(visits) | abandoned
    queue_rows = np.flatnonzero(left & book.measured(visits.joined_at))
    call_rows = np.flatnonzero(left & book.measured(calls.arrived_at[visits.call]))
    wait = visits.left_at - visits.joined_at
    no_hour = np.full(len(call_rows), NO_HOUR, np.int64)
    found = {
        family: bins(member[visits.call[call_rows]], abandoned[call_rows], no_hour, wait[call_rows])
        for family, (member, _) in _members(book.fr, calls).items()
    }
    hours = book.hour(visits.joined_at[queue_rows])
    queue = visits.queue.astype(np.int64)[queue_rows]
    found["queue"] = bins(queue, abandoned[queue_rows], hours, wait[queue_rows])
    return found


def _traffic(fr: Frame, records: Records) -> dict[str, Busy]:
    """Call-time by base interval, as busy-hour figures."""
    calls, visits = records.calls, records.visits
    served = calls.answered_at >= 0
    until = np.maximum(visits.talk_until, visits.left_at)
    by_number = _spans(
        fr, calls.answered_at[served], calls.ended_at[served], calls.number[served], fr.n_numbers
    )
    by_class = _spans(
        fr, calls.answered_at[served], calls.ended_at[served], calls.caller_class[served],
        fr.n_classes,
    )  # fmt: skip
    by_queue = _spans(fr, visits.joined_at, until, visits.queue, fr.n_queues)
    trunks = np.zeros((fr.n_base, fr.n_trunks), np.int64)
    held = records.grid.trunk_time[: fr.n_base]
    trunks[: len(held)] = held
    return {
        "all": busy(fr, by_number.sum(axis=1, keepdims=True)),
        "number": busy(fr, by_number),
        "class": busy(fr, by_class),
        "queue": busy(fr, by_queue),
        "trunk": busy(fr, trunks),
    }


def _spans(fr: Frame, since: Ints, until: Ints, member: NDArray[np.int16], n: int) -> Ints:
    """(base intervals, n) time of the spans of each member."""
    edges = np.minimum(np.arange(fr.n_base + 1, dtype=np.int64) * fr.grid_us, fr.duration_us)
    found = [occupied_us(since[member == m], until[member == m], edges) for m in range(n)]
    return np.array(found, np.int64).reshape(n, fr.n_base).T


def _entries(book: _Book, calls: Calls) -> Ints:
    """(numbers, nodes) calls answered by the system, by the node they entered."""
    fr = book.fr
    node = fr.entry[calls.number, calls.caller_class]
    kept = (calls.answered_at >= 0) & (node >= 0) & book.measured(calls.arrived_at)
    place = calls.number[kept].astype(np.int64) * fr.n_nodes + node[kept]
    return np.bincount(place, minlength=fr.n_numbers * fr.n_nodes).reshape(fr.n_numbers, fr.n_nodes)
