"""The tally of a run that comes in parts: a fold whose result does not depend on the cuts.

Belongs here: the sums that are kept meanwhile, in memory that does not grow with the run, and the
tally made of them. Does not belong here: the loops over rows (`counting`).

What a figure needs of other rows is kept apart: of callers who are to call again the outcome of their
last attempt, of queues the number waiting at the cut.
"""

from collections.abc import Generator, Iterable
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.parts import Ending, Part, as_columns
from vpbx.engine.records import Calls, Grid, Visits
from vpbx.measures import counting, sums
from vpbx.measures.again import EMPTY, Again, move
from vpbx.measures.booked import over_time, sum_grid, sum_offers, together
from vpbx.measures.busy_hour import Busy, busy_of, daily_peaks
from vpbx.measures.frame import KEPT, Cells, Frame, base_time_us, cells
from vpbx.measures.kinds import visit_kinds
from vpbx.measures.lengths import gather, sweep
from vpbx.measures.lines import LEG_KINDS, RECORDED, LineSums
from vpbx.measures.outcomes import rare_columns
from vpbx.measures.redials import cause_of, column_of
from vpbx.measures.result import OPEN_LENGTH
from vpbx.measures.sums import CallSums, VisitSums, Where
from vpbx.measures.tally import FAMILIES, Columns, Sums, Tally
from vpbx.measures.wait_bins import NO_HOUR, PLACES, SLOTS, Bins, bins
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.program.program import Clock

Ints = NDArray[np.int64]

_COUNTED = {
    "offered": sums.OFFERED,
    "callers": sums.CALLERS,
    "redials": sums.REDIALS,
    "resolved": sums.RESOLVED,
}
_VISIT_COUNTS = (
    "v_offered", "v_answered", "v_abandoned", "v_short", "v_blocked", "v_waited", "v_told", "v_first",
)  # fmt: skip
_VISIT_TIMES = (
    "wait_answered", "wait_abandoned", "wait_all", "handle", "told", "told_error", "to_queue",
)  # fmt: skip
_OF_VISITS = slice(0, len(_VISIT_COUNTS))
_TIMES_OF_VISITS = slice(len(_VISIT_COUNTS), len(_VISIT_COUNTS) + len(_VISIT_TIMES))
_SETTLED = (Outcome.ANSWERED, Outcome.SELF_SERVED, Outcome.FORWARDED, Outcome.CALLBACK_DONE)


def fold(parts: Generator[Part], fr: Frame, clock: "Clock") -> Tally:
    """The tally of a run's parts; whatever stops it, the engine behind them is stopped, too."""
    found = Fold(fr, clock.duration_us + clock.drain_us)
    with closing(parts):
        for part in parts:
            found.add(part)
    return found.tally()


class Fold:
    """Adds parts up; `tally` after the last one. `last_us` is the end of the run, or the latest
    possible: whoever is to call again later never does. Without `lengths` the time by queue length
    is not counted, and there are only `sums`."""

    def __init__(self, fr: Frame, last_us: int, lengths: bool = True) -> None:
        self._fr, self._cells, self._by_length = fr, cells(fr), lengths
        self._where = _where(fr)._replace(last_us=last_us)
        self._calls, self._visits = _call_sums(fr, self._cells), _visit_sums(fr, self._cells)
        self._lines = LineSums(fr, self._cells)
        self._again, self._n_again = _room_for(64), 0
        self._since = self._longest_us = 0
        start = min(fr.first_base * fr.grid_us, fr.duration_us)
        self._waiting = np.zeros(fr.n_queues + 1, np.int64)
        self._booked = np.full(fr.n_queues + 1, start, np.int64)
        self._lengths = np.zeros((fr.n_queues + 1, OPEN_LENGTH + 1), np.int64)
        self._ending: Ending | None = None

    def add(self, part: Part) -> None:
        """Count a part, the next in the order of the run."""
        calls, visits, where = part.calls, as_columns(part.visits, Visits), self._where
        redial_at = as_columns(calls, Calls).redial_at
        self._make_room(int(np.count_nonzero(redial_at >= 0)))
        counting.count_calls(calls, where, self._calls, self._again)
        scratch = np.zeros(self._visits.number.shape[2], np.int64)
        seen = np.zeros(len(redial_at), np.bool_)
        kinds = visit_kinds(self._fr, calls, part.visits, part.extra_legs)
        counting.count_visits(
            calls, part.visits, kinds, where, self._calls, self._visits, scratch, seen
        )
        self._lines.add(calls, part.visits, part.extra_legs, kinds)
        longest = (visits.left_at - visits.joined_at).max(initial=0)
        self._longest_us = max(self._longest_us, int(longest))
        if self._by_length:
            self._sweep(part)
        self._ending = part.ending

    def _make_room(self, more: int) -> None:
        """Room for so many callers more who are to call again: the table is at most half full."""
        size = len(self._again.caller)
        self._n_again += more
        if 2 * self._n_again > size:
            self._n_again = int(np.count_nonzero(self._again.caller != EMPTY)) + more
            room = _room_for(2 * self._n_again)
            move(self._again, room)
            self._again = room

    def _sweep(self, part: Part) -> None:
        """Time by queue length, up to the cut."""
        fr, since = self._fr, self._since
        if fr.n_queues:
            both = [as_columns(rows, Visits).call for rows in (part.visits, part.open_visits)]
            events, n = np.empty(2 * sum(map(len, both)), np.int64), 0
            for visits in (part.visits, part.open_visits):
                n = gather(visits, since, part.until, fr.n_queues, events, n)
            found = events[:n]
            found.sort()
            start = min(fr.first_base * fr.grid_us, fr.duration_us)
            sweep(found, since, start, fr.duration_us, self._waiting, self._booked, self._lengths)
        self._since = part.until

    def sums(self) -> Sums:
        """The sums of all parts; once only: the tables of bins are then used again."""
        assert self._ending is not None, "the last part has not been added"
        fr, grid = self._fr, self._ending.grid
        found: dict[str, Columns] = {family: {} for family in FAMILIES}
        peaks: dict[str, Columns] = {family: {} for family in FAMILIES}
        self._name_calls(found)
        self._name_visits(found, peaks)
        self._name_lines(found)
        sum_grid(fr, self._cells, grid, found, peaks)
        sum_offers(fr, self._cells, grid, found)
        return Sums(found, peaks, self._wait_bins())

    def tally(self) -> Tally:
        """The tally of all parts."""
        found = self.sums()
        assert self._ending is not None
        fr, grid = self._fr, self._ending.grid
        measured = slice(fr.first_base, None)
        return Tally(
            intervals=self._cells.intervals,
            week_hours=self._cells.week_hours,
            time_us=_time_us(fr),
            sums=found.sums,
            peaks=found.peaks,
            waits=found.waits,
            busy=self._traffic(grid),
            daily_queue=daily_peaks(fr, grid.queue_peak[: fr.n_base]),
            edges=grid.edges[measured].sum(axis=0, dtype=np.int64),
            node_us=grid.node_time[measured].sum(axis=0, dtype=np.int64),
            entries=self._entries(),
            lengths=self._lengths_found(),
            at_ends=np.cumsum(self._visits.ends, axis=0),
        )

    def _name_calls(self, found: dict[str, Columns]) -> None:
        names, places = _call_columns(self._fr)
        for family, table in _families(self._calls.number, self._calls.caller_class):
            found[family] |= zip(names, _counts(table, places), strict=True)
        trunks = _counts(self._calls.trunk, [sums.T_OFFERED, sums.T_BLOCKED])
        found["trunk"] |= zip(("offered", "blocked"), trunks, strict=True)

    def _name_visits(self, found: dict[str, Columns], peaks: dict[str, Columns]) -> None:
        own = self._visits
        for family, table in _families(own.number, own.caller_class, own.queue):
            found[family] |= zip(_VISIT_COUNTS, _counts(table, _OF_VISITS), strict=True)
            found[family] |= zip(_VISIT_TIMES, _times(table, _TIMES_OF_VISITS), strict=True)
            for k in range(len(self._fr.thresholds_us)):
                both = _counts(table, slice(_first_in_time(k), _first_in_time(k + 1)))
                found[family][f"answered_in_{k}"], found[family][f"abandoned_in_{k}"] = both
        for family, table in _families(own.number_rare, own.class_rare, own.queue_rare):
            found[family] |= rare_columns(self._fr, table[:-1], found[family])
        longest = own.longest_class.max(axis=1, keepdims=True, initial=0)
        tables = (longest, own.longest_number, own.longest_class, own.longest_queue)
        for family, table in zip(("all", "number", "class", "queue"), tables, strict=True):
            peaks[family]["longest_wait"] = table[:-1]
        found["group"]["v_handled"] = own.group[:-1, :, sums.G_ANSWERED].astype(np.int32)
        found["group"]["handle"] = own.group[:-1, :, sums.G_HANDLE].copy()

    def _name_lines(self, found: dict[str, Columns]) -> None:
        fr, lines = self._fr, self._lines
        for k, name in enumerate(LEG_KINDS if fr.possible.legs else ()):
            found["trunk"][f"{name}_legs"] = lines.legs[k, :-1].astype(np.int32)
            held = _occupied_us(fr, lines.spans[k])
            found["trunk"][f"{name}_held"] = over_time(fr, self._cells, held)
        if fr.possible.limit is not None:
            refused = lines.refused[:-1].astype(np.int32)
            found["trunk"]["refused_for_licence"] = refused
            found["all"]["refused_for_licence"] = together(np.add, refused)
        if fr.possible.recorded is not None:
            for k, name in enumerate(RECORDED):
                table = lines.recorded[:-1, :, k]
                found["queue"][name], found["all"][name] = table, together(np.add, table)
        if fr.possible.charge is not None:
            money = lines.minutes[:-1] * fr.possible.charge
            found["number"]["charge"], found["class"]["charge"] = (
                money.sum(axis=2),
                money.sum(axis=1),
            )
            found["all"]["charge"] = money.sum(axis=(1, 2))[:, None]

    def _wait_bins(self) -> dict[str, Bins]:
        """Bins of each family that has them; everybody is the sum over classes.

        Most tables are nearly empty: only places up to the longest wait are looked at, and emptied.
        """
        used = min(PLACES, self._longest_us // SECOND_US + 2)
        tables = [self._visits.number_bins, self._visits.class_bins, self._visits.queue_bins]
        by_number, by_class, by_queue = (table[:, :used] for table in tables)
        found = {
            "all": bins(by_class.reshape(-1, 2, used).sum(axis=0, dtype=np.int32), NO_HOUR),
            "number": bins(by_number, NO_HOUR),
            "class": bins(by_class, NO_HOUR),
            "queue": bins(by_queue, None),
        }
        for table in (by_number, by_class, by_queue):
            table.fill(0)
        _idle_bins(self._fr.n_numbers, self._fr.n_classes, self._fr.n_queues).append(tables)
        return found

    def _traffic(self, grid: Grid) -> dict[str, Busy]:
        """Call-time by base interval, as busy-hour figures."""
        fr = self._fr
        by_number = _occupied_us(fr, self._calls.number_spans)
        trunks = np.zeros((fr.n_base, fr.n_trunks), np.int64)
        held = grid.trunk_time[: fr.n_base]
        trunks[: len(held)] = held
        return busy_of(
            fr,
            {
                "all": by_number.sum(axis=1, keepdims=True),
                "number": by_number,
                "class": _occupied_us(fr, self._calls.class_spans),
                "queue": _occupied_us(fr, self._visits.queue_spans),
                "trunk": trunks,
            },
        )

    def _entries(self) -> Ints:
        """(numbers, nodes) calls answered by the system, by the node they entered."""
        fr, calls = self._fr, self._calls.entered
        number, caller_class = np.nonzero((calls > 0) & (fr.entry >= 0))
        found = np.zeros((fr.n_numbers, fr.n_nodes), np.int64)
        np.add.at(found, (number, fr.entry[number, caller_class]), calls[number, caller_class])
        return found

    def _lengths_found(self) -> dict[str, Ints]:
        """The time by length, the last stretch included: nobody joins or leaves any more."""
        rows = np.arange(len(self._waiting))
        times, left = self._lengths.copy(), self._fr.duration_us - self._booked
        times[rows, np.minimum(self._waiting, OPEN_LENGTH)] += left
        return {"all": _without_tail(times[-1:]), "queue": _without_tail(times[:-1])}


def _first_in_time(k: int) -> int:
    """The first of the two columns of the k-th threshold."""
    return sums.FIRST_IN_TIME + 2 * k


@lru_cache(maxsize=KEPT)
def _call_columns(fr: Frame) -> tuple[list[str], list[int]]:
    """Names of the columns of calls, and the sum of each."""
    places = dict(_COUNTED)
    for outcome in fr.possible.outcomes:
        name = Outcome(outcome).name.lower()
        places[name] = sums.FIRST_ENDED + outcome
        places[f"last_{name}"] = sums.FIRST_LAST + outcome
    for cause in fr.redials_after:
        places[column_of(cause)] = sums.FIRST_CAUSE + cause
    if fr.redials_after:
        places["redials_dropped"] = sums.DROPPED
    return list(places), list(places.values())


@lru_cache(maxsize=KEPT)
def _time_us(fr: Frame) -> Ints:
    """(cells) time measured."""
    return over_time(fr, cells(fr), base_time_us(fr)[:, None])[:, 0].astype(np.int64)


@lru_cache(maxsize=KEPT)
def _where(fr: Frame) -> Where:
    """Where the loops count what; `last_us` is the run's."""
    counted, outcomes = cells(fr), np.arange(len(Outcome))
    return Where(
        grid_us=fr.grid_us,
        duration_us=fr.duration_us,
        measured_from=fr.first_base * fr.grid_us,
        last_us=0,
        interval_us=fr.interval_us,
        n_slots=SLOTS,
        row_of=np.stack([counted.interval_of, counted.week_of], axis=1).astype(np.int64),
        hour_of=np.append(fr.minute_of_week % 1440 // 60, NO_HOUR).astype(np.int64),
        trunk_of_number=fr.trunk_of_number.astype(np.int64),
        short_us=fr.short_abandon_us.astype(np.int64),
        thresholds_us=np.array(fr.thresholds_us, np.int64),
        cause_of=np.array([cause_of(outcome) for outcome in outcomes.tolist()], np.int64),
        settles=np.isin(outcomes, _SETTLED).astype(np.int64),
    )


def _call_sums(fr: Frame, counted: Cells) -> CallSums:
    rows, width = counted.nowhere + 1, sums.CALL_COLUMNS
    return CallSums(
        number=np.zeros((rows, fr.n_numbers, width), np.int64),
        caller_class=np.zeros((rows, fr.n_classes, width), np.int64),
        trunk=np.zeros((rows, fr.n_trunks, 2), np.int64),
        entered=np.zeros((fr.n_numbers, fr.n_classes), np.int64),
        number_spans=np.zeros((fr.n_base, fr.n_numbers, 2), np.int64),
        class_spans=np.zeros((fr.n_base, fr.n_classes, 2), np.int64),
    )


def _visit_sums(fr: Frame, counted: Cells) -> VisitSums:
    rows, width = counted.nowhere + 1, sums.FIRST_IN_TIME + 2 * len(fr.thresholds_us)
    members = (fr.n_numbers, fr.n_classes, fr.n_queues)
    tables = [np.zeros((rows, n, width), np.int64) for n in members]
    rare = [np.zeros((rows, n, sums.RARE_COLUMNS, 2), np.int64) for n in members]
    longest = [np.zeros((rows, n), np.int64) for n in members]
    of_numbers, of_classes, of_queues = _empty_bins(*members)
    return VisitSums(
        number=tables[0],
        caller_class=tables[1],
        queue=tables[2],
        group=np.zeros((rows, fr.n_groups, 2), np.int64),
        number_rare=rare[0],
        class_rare=rare[1],
        queue_rare=rare[2],
        longest_number=longest[0],
        longest_class=longest[1],
        longest_queue=longest[2],
        number_bins=of_numbers,
        class_bins=of_classes,
        queue_bins=of_queues,
        queue_spans=np.zeros((fr.n_base, fr.n_queues, 2), np.int64),
        ends=np.zeros((counted.intervals, fr.n_queues), np.int64),
    )


@lru_cache(maxsize=4)
def _idle_bins(n_numbers: int, n_classes: int, n_queues: int) -> list[list[sums.Counts]]:
    """Tables of bins, empty, that no fold uses: why, they are large, and little of them is touched."""
    return []


def _empty_bins(*members: int) -> list[sums.Counts]:
    """Tables of bins of numbers, classes and queues."""
    try:
        return _idle_bins(*members).pop()  # another thread may have taken the last
    except IndexError:
        rows = np.array(members) * (2, 2, 2 * SLOTS)
        return [np.zeros((n, PLACES), np.int32) for n in rows.tolist()]


def _room_for(n: int) -> Again:
    size = 1 << (n - 1).bit_length()
    return Again(np.full(size, EMPTY, np.int64), np.zeros(size, np.int64))


def _families(
    number: Ints, caller_class: Ints, queue: Ints | None = None
) -> Iterable[tuple[str, Ints]]:
    """The tables of each family; everybody is the sum over classes."""
    yield "all", caller_class.sum(axis=1, keepdims=True)
    yield "number", number
    yield "class", caller_class
    if queue is not None:
        yield "queue", queue


def _counts(table: Ints, which: slice | list[int]) -> NDArray[np.int32]:
    """(columns, cells, members) of these columns, that count."""
    return np.ascontiguousarray(table[:-1].transpose(2, 0, 1)[which], np.int32)


def _times(table: Ints, which: slice) -> Ints:
    """(columns, cells, members) of these columns of times."""
    return np.ascontiguousarray(table[:-1].transpose(2, 0, 1)[which])


def _occupied_us(fr: Frame, spans: Ints) -> Ints:
    """(base intervals, members) time of the spans (`counting`) in each base interval."""
    starts = np.arange(fr.n_base, dtype=np.int64) * fr.grid_us
    width = np.minimum(starts + fr.grid_us, fr.duration_us) - starts
    whole = np.cumsum(spans[:, :, 1], axis=0) - spans[:, :, 1]
    return np.asarray(spans[:, :, 0] + whole * width[:, None])


def _without_tail(rows: Ints) -> Ints:
    """Lengths up to the longest that was seen."""
    seen = np.flatnonzero(rows.any(axis=0))
    return rows[:, : int(seen[-1]) + 1 if seen.size else 1]
