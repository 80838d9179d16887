"""The cheapest set of shifts that covers a requirement: an integer programme.

Belongs here: shifts as columns over the slots, implicit breaks, the programme and its solution. Does
not belong here: the shifts file (`scenario.shifts`), requirements (`rostering`).

Set covering by shifts: Dantzig (1954); breaks by how many people of a shift take each: Aykin (1996).
Solved by HiGHS through scipy. What is short is a variable with a great cost, so that an interval that
no shift can cover is named instead of "infeasible". A cost of a millionth by index breaks ties, and
the gap, not the time, ends the search: the answer is the same every time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.scenario.hours import DAYS
from vpbx.study.staffing.programme import Constraint, solved
from vpbx.units import HOUR_US, MINUTE_US

if TYPE_CHECKING:
    from vpbx.scenario.desks import AgentGroup
    from vpbx.scenario.shifts import Shift, Shifts
    from vpbx.study.staffing.lab import Slots

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GAP = 2e-3
"""Relative gap to the proven bound at which the search may end."""
_SHORT = 50.0
"""Cost of one person short in one slot, in the dearest shifts."""


class Pause(NamedTuple):
    """A break of a column: the slots of each place at which it may lie, and what that saves."""

    places: tuple[tuple[int, ...], ...]
    saves: tuple[float, ...]
    starts_min: tuple[int, ...]
    """Minutes after the shift's start."""


@dataclass(frozen=True)
class Column:
    """A shift at one start, worked by one group."""

    name: str
    row: int
    """The group's place among those varied."""
    day: int
    """Weekday of the start, 0 Monday; -1: every day (a run of one day)."""
    start_min: int
    length_min: int
    covers: tuple[int, ...]
    """Slots in which its people are present, breaks not taken off."""
    cost: float
    hours: float
    """Paid hours a person, unpaid breaks taken off."""
    pauses: tuple[Pause, ...]

    @property
    def label(self) -> str:
        """`day mon 09:00`."""
        day = f"{DAYS[self.day]} " if self.day >= 0 else ""
        return f"{self.name} {day}{self.start_min // 60:02d}:{self.start_min % 60:02d}"


@dataclass(frozen=True)
class Roster:
    """People by column, and when they pause."""

    columns: tuple[Column, ...]
    people: Ints
    """(columns,)"""
    pausing: tuple[tuple[Ints, ...], ...]
    """By column and pause: people at each place."""
    short: Floats
    """(groups, slots) people missing."""

    @property
    def cost(self) -> float:
        """Wages of all shifts, without unpaid breaks."""
        total = sum(c.cost * int(n) for c, n in zip(self.columns, self.people, strict=True))
        for column, pauses in zip(self.columns, self.pausing, strict=True):
            for pause, taken in zip(column.pauses, pauses, strict=True):
                total -= float(np.dot(pause.saves, taken))
        return float(total)

    @property
    def hours(self) -> float:
        """Paid hours."""
        return float(sum(c.hours * int(n) for c, n in zip(self.columns, self.people, strict=True)))


def present(roster: Roster, groups: int, slots: int) -> Ints:
    """(groups, slots) people present, breaks taken off."""
    out = np.zeros((groups, slots), np.int64)
    for column, n, pauses in zip(roster.columns, roster.people, roster.pausing, strict=True):
        np.add.at(out[column.row], list(column.covers), int(n))
        for pause, taken in zip(column.pauses, pauses, strict=True):
            for place, count in zip(pause.places, taken.tolist(), strict=True):
                np.subtract.at(out[column.row], list(place), count)
    return out


def columns_of(
    shifts: "Shifts", slots: "Slots", groups: dict[str, "AgentGroup"], weekday: int
) -> tuple[Column, ...]:
    """Every shift at every start within the run; `groups` in the order of the rows.

    `weekday` is that of a run of one day, whose nights wrap into its own mornings.
    """
    found = []
    for name, shift in shifts.shifts.items():
        for row, (group, people) in enumerate(groups.items()):
            if shift.groups and group not in shift.groups:
                continue
            for day, start in _starts(shift, slots, weekday):
                column = _column(shifts, name, row, people, slots, day, start)
                if column.covers:
                    found.append(column)
    return tuple(found)


def _starts(shift: "Shift", slots: "Slots", weekday: int) -> list[tuple[int, int]]:
    """(weekday or -1, minute) of the starts, each once."""
    step = (shift.every or slots.per_min * MINUTE_US) // MINUTE_US
    found = set()
    for entry in shift.starts:
        for day in entry.days if slots.by_week else entry.days & {weekday}:
            for minute in range(entry.from_min, max(entry.to_min, entry.from_min + 1), step):
                found.add((day if slots.by_week else -1, minute % 1440))
            if entry.to_min < 1440 and (entry.to_min - entry.from_min) % step == 0:
                found.add((day if slots.by_week else -1, entry.to_min))
    return sorted(found)


def _column(
    shifts: "Shifts", name: str, row: int, group: "AgentGroup", slots: "Slots", day: int, start: int
) -> Column:
    shift = shifts.shifts[name]
    wage = shift.wage or group.wage
    by_hour = wage.amount if wage else 1.0
    at = max(day, 0) * 1440 + start
    place = {int(minute): slot for slot, minute in enumerate(slots.minute)}

    def span(after_us: int, length_us: int) -> tuple[tuple[int, ...], float]:
        """Slots of a stretch of the shift, and its wages."""
        first, end = after_us // MINUTE_US, (after_us + length_us) // MINUTE_US
        period = 7 * 1440 if slots.by_week else 1440
        minutes = [(at + m) % period for m in range(first, end, slots.per_min)]
        weekdays = [m // 1440 if slots.by_week else 0 for m in minutes]
        factors = [shifts.factor(d, m % 1440) for d, m in zip(weekdays, minutes, strict=True)]
        covered = tuple(place[m] for m in minutes if m in place)
        return covered, by_hour * sum(factors) * slots.per_min / 60

    covers, cost = span(0, shift.length)
    pauses, unpaid = [], 0.0
    for pause in shift.breaks:
        starts = range(
            pause.after, pause.by + 1, shift.every or MINUTE_US * slots.per_min
        )  # on the grid of the shift's starts
        spans = [span(after, pause.length) for after in starts]
        saves = tuple(0.0 if pause.paid else wages for _, wages in spans)
        minutes_in = tuple(after // MINUTE_US for after in starts)
        pauses.append(Pause(tuple(slots_ for slots_, _ in spans), saves, minutes_in))
        unpaid += 0.0 if pause.paid else pause.length / HOUR_US
    hours = shift.length / HOUR_US - unpaid
    return Column(
        name, row, day, start, shift.length // MINUTE_US, covers, cost, hours, tuple(pauses)
    )


def cheapest(
    columns: tuple[Column, ...], need: Ints, shifts: "Shifts | None" = None, gap: float = GAP
) -> Roster:
    """The people on each column at the least cost, so that `need` (groups, slots) are present.

    What no shift can cover is left short (`Roster.short`). Raises `UsageError` when the least
    numbers of the shifts contradict one another.
    """
    programme = _Programme(columns, need, shifts)
    relaxed = programme.solve(np.zeros(programme.n, np.int64), np.inf, None, gap)
    if relaxed is None:
        raise UsageError("no set of shifts keeps the limits of the file: at_least is too much")
    bound, x = relaxed
    near = programme.solve(programme.whole(), bound * (1 + gap) + 1e-6, x, gap)
    found = near or programme.solve(programme.whole(), np.inf, None, gap)
    if found is None:
        raise UsageError("no set of shifts keeps the limits of the file")
    return programme.roster(found[1])


class _Programme:
    """Variables: people by column, then people by break and place, then people short by need."""

    def __init__(self, columns: tuple[Column, ...], need: Ints, shifts: "Shifts | None") -> None:
        self.columns, self.need, self.shifts = columns, need, shifts
        self.at: list[tuple[int, int, int]] = [
            (c, b, k)
            for c, column in enumerate(columns)
            for b, pause in enumerate(column.pauses)
            for k in range(len(pause.places))
        ]
        self.n_people, self.n = len(columns), len(columns) + len(self.at) + need.size

    def solve(
        self, whole: Ints, most: float, near: Floats | None, gap: float
    ) -> tuple[float, Floats] | None:
        """Cost and solution; None when there is none, or none cheaper than `most`.

        With `near`, a solution in fractions, only its neighbours are looked at (each number rounded
        down or up): where one of them costs no more than the fractions' bound and the gap, it is
        proven as good as any, in a fraction of the time.
        """
        low, high = np.zeros(self.n), np.full(self.n, np.inf)
        if near is not None:
            n = self.n_people + len(self.at)
            low[:n] = np.floor(near[:n] + 1e-6)
            high[:n] = np.ceil(near[:n] - 1e-6) + (near[:n] > 1e-6)
        found = solved(self.costs(), whole, (low, high), self.constraints(), gap)
        if found.x is None or found.fun > most:
            return None
        return float(found.fun), np.asarray(found.x)

    def costs(self) -> Floats:
        """Wages, what unpaid breaks save, and the great cost of being short."""
        dearest = max((column.cost for column in self.columns), default=1.0)
        out = np.full(self.n, _SHORT * dearest)
        tie = 1e-6 * dearest * np.arange(1, self.n_people + 1) / max(1, self.n_people)
        out[: self.n_people] = np.array([c.cost for c in self.columns]) + tie
        saved = [-self.columns[c].pauses[b].saves[k] for c, b, k in self.at]
        ties = 1e-9 * dearest * np.arange(len(self.at))
        out[self.n_people : self.n_people + len(self.at)] = np.array(saved) + ties
        return out

    def whole(self) -> Ints:
        """1 where a variable counts people."""
        return (np.arange(self.n) < self.n_people + len(self.at)).astype(np.int64)

    def constraints(self) -> list[Constraint]:
        """(matrix, low, high) of covering, of breaks, of the limits by shift."""
        found = [self._covering()]
        if self.at:
            found.append(self._breaks())
        limits = self._limits()
        return [*found, limits] if limits is not None else found

    def _covering(self) -> Constraint:
        from scipy.sparse import coo_array

        slots = self.need.shape[1]
        entries: list[tuple[int, int, float]] = []
        for i, column in enumerate(self.columns):
            entries += [(column.row * slots + s, i, 1.0) for s in column.covers]
        for j, (c, b, k) in enumerate(self.at):
            column = self.columns[c]
            entries += [
                (column.row * slots + s, self.n_people + j, -1.0)
                for s in column.pauses[b].places[k]
            ]
        offset = self.n_people + len(self.at)
        entries += [(i, offset + i, 1.0) for i in range(self.need.size)]
        rows, cols, values = (np.array(part) for part in zip(*entries, strict=True))
        matrix = coo_array((values, (rows, cols)), shape=(self.need.size, self.n)).tocsr()
        low = self.need.ravel().astype(np.float64)
        return matrix, low, np.full(self.need.size, np.inf)

    def _breaks(self) -> Constraint:
        """Everybody on a shift takes each of its breaks once."""
        from scipy.sparse import coo_array

        which = {pair: i for i, pair in enumerate(dict.fromkeys((c, b) for c, b, _ in self.at))}
        entries = [(i, c, -1.0) for (c, _), i in which.items()]
        entries += [(which[c, b], self.n_people + j, 1.0) for j, (c, b, _) in enumerate(self.at)]
        rows, cols, values = (np.array(part) for part in zip(*entries, strict=True))
        matrix = coo_array((values, (rows, cols)), shape=(len(which), self.n)).tocsr()
        zero = np.zeros(len(which))
        return matrix, zero, zero

    def _limits(self) -> Constraint | None:
        """at_least and at_most of each sort of shift."""
        listed = {} if self.shifts is None else self.shifts.shifts
        limited = {k: s for k, s in listed.items() if s.at_most is not None or s.at_least}
        if not limited:
            return None
        matrix = np.zeros((len(limited), self.n))
        for i, name in enumerate(limited):
            matrix[i, : self.n_people] = [column.name == name for column in self.columns]
        low = np.array([float(s.at_least) for s in limited.values()])
        high = [np.inf if s.at_most is None else float(s.at_most) for s in limited.values()]
        return matrix, low, np.array(high)

    def roster(self, x: Floats) -> Roster:
        """The solution in its own words."""
        whole = np.round(x[: self.n_people + len(self.at)]).astype(np.int64)
        pausing = [
            [np.zeros(len(pause.places), np.int64) for pause in column.pauses]
            for column in self.columns
        ]
        for j, (c, b, k) in enumerate(self.at):
            pausing[c][b][k] = whole[self.n_people + j]
        short = x[self.n_people + len(self.at) :].reshape(self.need.shape)
        return Roster(
            self.columns,
            whole[: self.n_people],
            tuple(tuple(own) for own in pausing),
            np.where(short > 1e-6, short, 0.0),
        )
