"""The tally again, the plain way: whole columns at once, no parts, nothing shared with `fold`.

Kept for tests: what `vpbx.measures.fold` gives must equal this in every field, to the bit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Legs, Records, Visits, answered_at
from vpbx.measures.amounts import OF_ALL, amounts
from vpbx.measures.busy_hour import Busy, busy, daily_peaks
from vpbx.measures.columns import call_columns, redial_columns, visit_columns
from vpbx.measures.frame import Cells, Frame, base_time_us, cells
from vpbx.measures.kinds import visit_kinds
from vpbx.measures.lines import LEG_KINDS
from vpbx.measures.offers import taken, unlicensed
from vpbx.measures.result import OPEN_LENGTH
from vpbx.measures.sums import CALLBACK, ON_THE_LINE
from vpbx.measures.tally import FAMILIES, Columns, Tally
from vpbx.measures.wait_bins import N_BINS, NO_HOUR, PLACES, SLOTS, Bins
from vpbx.units import SECOND_US

Ints = NDArray[np.int64]

__all__ = ["attempt_before", "lengths", "plain_tally", "redial_columns", "waiting_at_ends"]


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
    _count_visits(book, records, sums, peaks)
    _count_lines(book, records, sums)
    _sum_grid(book, records, sums, peaks)
    measured = slice(fr.first_base, None)
    return Tally(
        intervals=book.cells.intervals,
        week_hours=book.cells.week_hours,
        time_us=book.over_time(base_time_us(fr)[:, None])[:, 0].astype(np.int64),
        sums=sums,
        peaks=peaks,
        waits=_wait_bins(book, records),
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
    columns = call_columns(calls, book.fr.possible.outcomes, end_at)
    columns |= redial_columns(calls, end_at, book.fr.redials_after)
    for family, (member, n) in _members(book.fr, calls).items():
        for name, weight in columns.items():
            sums[family][name] = book.add(calls.arrived_at, member, n, weight)
    trunk = book.fr.trunk_of_number[calls.number]
    refused_a_line = (calls.outcome == Outcome.BLOCKED) & (calls.answered_after < 0)
    tried = (trunk >= 0) & ((calls.answered_after >= 0) | refused_a_line)
    for name, weight in (("offered", tried), ("blocked", refused_a_line)):
        sums["trunk"][name] = book.add(
            calls.arrived_at[tried], trunk[tried], book.fr.n_trunks, weight[tried]
        )


def _count_visits(
    book: _Book, records: Records, sums: dict[str, Columns], peaks: dict[str, Columns]
) -> None:
    calls, visits = records.calls, records.visits
    columns = visit_columns(book.fr, calls, visits, records.extra_legs)
    arrived = calls.arrived_at[visits.call]
    where = {
        family: (arrived, member[visits.call], n)
        for family, (member, n) in _members(book.fr, calls).items()
    }
    where["queue"] = (visits.joined_at, visits.queue.astype(np.int64), book.fr.n_queues)
    for family, (at, member, n) in where.items():
        for name, weight in columns.items():
            sums[family][name] = book.add(at, member, n, weight)
        peaks[family]["longest_wait"] = book.largest(at, member, n, columns["wait_answered"])
    answered = visits.outcome == Outcome.ANSWERED
    group = visits.group.astype(np.int64)[answered]
    for name in ("v_handled", "handle"):
        sums["group"][name] = book.add(
            visits.joined_at[answered], group, book.fr.n_groups, columns[name][answered]
        )


def _count_lines(book: _Book, records: Records, sums: dict[str, Columns]) -> None:
    """Legs by trunk; money that callers pay; refusals for lack of licence."""
    fr, calls, extra = book.fr, records.calls, records.extra_legs
    for name, kind in LEG_KINDS.items() if fr.possible.legs else ():
        own = Legs(*(column[extra.kind == kind] for column in extra))
        trunk, ones = own.trunk.astype(np.int64), np.ones(len(own.trunk), np.bool_)
        held = _spans(fr, own.held_from, own.held_until, own.trunk, fr.n_trunks)
        sums["trunk"][f"{name}_legs"] = book.add(own.held_from, trunk, fr.n_trunks, ones)
        sums["trunk"][f"{name}_held"] = book.over_time(held)
    if fr.possible.limit is not None:
        at, less = fr.possible.limit
        trunk = fr.trunk_of_number[calls.number]
        refused = (calls.outcome == Outcome.BLOCKED) & (calls.answered_after < 0) & (trunk >= 0)
        for i in np.flatnonzero(refused).tolist():
            refused[i] = less[at <= calls.arrived_at[i]][-1] == 1
        found = book.add(calls.arrived_at[refused], trunk[refused], fr.n_trunks, refused[refused])
        sums["trunk"]["refused_for_licence"] = found
        sums["all"]["refused_for_licence"] = _together(np.add, found)
    if fr.possible.recorded is not None:
        _count_recorded(book, records.visits, sums)
    if fr.possible.charge is not None:
        _count_charges(book, records, sums, fr.possible.charge)


def _count_recorded(book: _Book, visits: Visits, sums: dict[str, Columns]) -> None:
    assert book.fr.possible.recorded is not None
    nodes, at, on = book.fr.possible.recorded
    found = {"recorded": visits.call * 0, "recorded_time": visits.left_at * 0}
    found["unrecorded"] = found["recorded"].copy()
    for i in range(len(visits.call)):
        if nodes[visits.node[i]] and visits.outcome[i] == Outcome.ANSWERED:
            licensed = on[at <= visits.left_at[i]][-1]
            found["recorded" if licensed else "unrecorded"][i] = 1
            if licensed:
                found["recorded_time"][i] = visits.talk_until[i] - visits.left_at[i]
    for name, weight in found.items():
        queue = visits.queue.astype(np.int64)
        table = book.add(visits.joined_at, queue, book.fr.n_queues, weight.astype(np.int64))
        sums["queue"][name], sums["all"][name] = table, _together(np.add, table)


def _count_charges(
    book: _Book, records: Records, sums: dict[str, Columns], charge: NDArray[np.float64]
) -> None:
    calls, (kinds, visits) = records.calls, _kinds(book.fr, records)
    until = calls.ended_at.copy()
    for i in np.flatnonzero(kinds == CALLBACK).tolist():
        until[visits.call[i]] = visits.joined_at[i]
    minutes = np.where(calls.answered_after >= 0, np.ceil((until - answered_at(calls)) / 6e7), 0)
    n = charge.shape[1]
    both = calls.number.astype(np.int64) * n + calls.caller_class
    table = book.add(calls.arrived_at, both, charge.size, minutes.astype(np.int64))
    money = table.reshape(-1, *charge.shape) * charge
    sums["number"]["charge"], sums["class"]["charge"] = money.sum(axis=2), money.sum(axis=1)
    sums["all"]["charge"] = money.sum(axis=(1, 2))[:, None]


def _kinds(fr: Frame, records: Records) -> tuple[NDArray[np.int8], Visits]:
    return visit_kinds(fr, records.calls, records.visits, records.extra_legs), records.visits


def _sum_grid(
    book: _Book, records: Records, sums: dict[str, Columns], peaks: dict[str, Columns]
) -> None:
    grid, fr = records.grid, book.fr
    for family, columns in amounts(fr, grid).items():
        for name, amount in columns.items():
            sums[family][name] = book.over_time(amount)
    middles = np.arange(len(grid.edges), dtype=np.int64) * fr.grid_us + 1
    for name in {"missed", "autopauses"} & {*sums["group"]}:
        events = getattr(grid, name)
        at, member = np.repeat(middles, fr.n_groups), np.tile(np.arange(fr.n_groups), len(middles))
        total = book.add(at, member, fr.n_groups, events.reshape(-1))
        sums["group"][name] = total.astype(np.int32)
    peaks["queue"]["longest_queue"] = book.over_time(grid.queue_peak, peak=True)
    for name in OF_ALL:
        if name in sums["group"]:
            sums["all"][name] = _together(np.add, sums["group"][name])
    sums["all"]["waiting"] = _together(np.add, sums["queue"]["waiting"])
    peaks["all"]["longest_queue"] = _together(np.maximum, peaks["queue"]["longest_queue"])
    peaks["trunk"]["peak_channels"] = book.over_time(grid.trunk_peak, peak=True)
    for family, found in (("queue", taken(fr, grid)), ("all", unlicensed(fr, grid))):
        for name, events in found.items():
            n = events.shape[1]
            at, member = np.repeat(middles, n), np.tile(np.arange(n), len(middles))
            weight = events.reshape(-1)
            total = book.add(at, member, n, weight)
            sums[family][name] = total if weight.dtype.kind == "f" else total.astype(np.int32)
            if family == "queue":
                sums["all"][name] = _together(np.add, sums["queue"][name])


def _together(fold: np.ufunc, members: NDArray[np.generic]) -> NDArray[np.generic]:
    """(cells, 1) of all members."""
    return np.asarray(fold.reduce(members, axis=1, keepdims=True, initial=0))


def _wait_bins(book: _Book, records: Records) -> dict[str, Bins]:
    calls = records.calls
    kinds, visits = _kinds(book.fr, records)
    abandoned = visits.outcome == Outcome.ABANDONED
    left = ((visits.outcome == Outcome.ANSWERED) | abandoned) & (kinds == ON_THE_LINE)
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
    served = calls.answered_after >= 0
    until = np.maximum(visits.talk_until, visits.left_at)
    by_number = _spans(
        fr, answered_at(calls)[served], calls.ended_at[served], calls.number[served], fr.n_numbers
    )
    by_class = _spans(
        fr, answered_at(calls)[served], calls.ended_at[served], calls.caller_class[served],
        fr.n_classes,
    )  # fmt: skip
    kinds, _ = _kinds(fr, records)
    since = np.where(kinds == ON_THE_LINE, visits.joined_at, visits.left_at)
    by_queue = _spans(fr, since, until, visits.queue, fr.n_queues)
    back = kinds == CALLBACK
    hung_up, called = visits.joined_at[back], visits.left_at[back]
    number, klass = calls.number[visits.call[back]], calls.caller_class[visits.call[back]]
    by_number = by_number - _spans(fr, hung_up, called, number, fr.n_numbers)
    by_class = by_class - _spans(fr, hung_up, called, klass, fr.n_classes)
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
    kept = (calls.answered_after >= 0) & (node >= 0) & book.measured(calls.arrived_at)
    place = calls.number[kept].astype(np.int64) * fr.n_nodes + node[kept]
    return np.bincount(place, minlength=fr.n_numbers * fr.n_nodes).reshape(fr.n_numbers, fr.n_nodes)
