"""Days simulated with other staff: the same callers each time, counted by slot.

Belongs here: the days with a staff as jobs of the executor and the ledger, counting visits and agents'
time by slot. Does not belong here: what the counts mean (`judge`).

A *slot* is a stretch of the local day (of the local week, where the run spans several days) in which
a group's staff does not change. Every caller's draws belong to the caller, so two staffings meet the
same callers: common random numbers.
"""

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.program.program import GRID_US
from vpbx.study.variant import with_agents
from vpbx.study.work import CountedRuns, Work, numbers
from vpbx.units import DAY_US, SECOND_US

if TYPE_CHECKING:
    from vpbx.engine.records import Records, Visits
    from vpbx.program.compile import Compiled
    from vpbx.program.program import Names, Program
    from vpbx.study.ledger import Ledger
    from vpbx.study.variant import Prepared

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

QUEUE_COLUMNS = ("offered", "answered", "abandoned", "short", "blocked", "waited",
                 "wait_answered_s", "wait_s")  # fmt: skip
"""Counts of a queue, by the slot in which the visit joined; seconds summed."""
GROUP_COLUMNS = ("busy_s", "logged_in_s")
"""Sums of a group, by the slot in which the time passed."""
_MOST_KEPT = 10_000_000
"""Numbers kept of days simulated: 80 MB."""
_MINUTES_OF_WEEK = 7 * 1440


class Slots(NamedTuple):
    """How simulated time falls into slots."""

    per_min: int
    """Minutes of a slot; it divides the day."""
    of_base: Ints
    """Slot of each base interval, through the drain."""
    n_base: int
    """Base intervals of the duration."""
    minute: Ints
    """(slots,) first minute of the week (of the day, for a run of one day) of each slot."""
    hours: Floats
    """(slots,) hours of the run that lie in each slot."""
    by_week: bool
    """Whether minutes count through the week."""

    @property
    def n(self) -> int:
        """How many slots."""
        return len(self.minute)


def slots_of(compiled: "Compiled", per_min: int) -> Slots:
    """The slots of a run: those of a day when it lasts a day or less, else those of a week.

    What the drain reaches beyond the run's own slots keeps the staff of the last of them.
    """
    duration = compiled.program.clock.duration_us
    n_base = -(-duration // GRID_US)
    by_week = duration > DAY_US
    minute = compiled.local.minute_of_week % (_MINUTES_OF_WEEK if by_week else 1440)
    found, place = np.unique(minute[:n_base] // per_min, return_inverse=True)
    order = np.argsort(np.unique(place, return_index=True)[1], kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    of_base = np.full(len(minute), rank[place[-1]], np.int64)
    of_base[:n_base] = rank[place]
    after = np.searchsorted(found, minute[n_base:] // per_min).clip(max=len(found) - 1)
    same = found[after] == minute[n_base:] // per_min
    of_base[n_base:] = np.where(same, rank[after], rank[place[-1]])
    width = np.minimum(GRID_US, duration - np.arange(n_base) * GRID_US) / 3600e6
    hours = np.bincount(of_base[:n_base], width, minlength=len(found)).astype(np.float64)
    return Slots(per_min, of_base, n_base, found[order] * per_min, hours, by_week)


class Days(NamedTuple):
    """What replications leave, counted: a row a replication, a column more than there are slots for
    what arrived after the duration."""

    queues: dict[str, Floats]
    """Each (replications, slots + 1, queues)."""
    groups: dict[str, Floats]
    """Each (replications, slots + 1, groups)."""

    @property
    def n(self) -> int:
        """Replications."""
        return len(self.queues["offered"])


def joined(parts: Sequence[Days]) -> Days:
    """Days one after the other."""
    return Days(
        {name: np.concatenate([p.queues[name] for p in parts]) for name in parts[0].queues},
        {name: np.concatenate([p.groups[name] for p in parts]) for name in parts[0].groups},
    )


class Layout(NamedTuple):
    """Counts of a day as one row of numbers: by column and member the whole run, then the slots."""

    queues: tuple[str, ...]
    """Columns of the queues."""
    n_queues: int
    n_groups: int
    n_slots: int

    def flat(self, days: Days) -> Floats:
        """(replications, numbers), times in whole microseconds: sums and what is left are exact."""
        return np.concatenate([_row(name, table) for name, table in self._tables(days)], axis=1)

    def days(self, numbers: Floats) -> Days:
        """The days of such rows."""
        width = self.n_slots + 1
        queues: dict[str, Floats] = {}
        groups: dict[str, Floats] = {}
        at = 0
        for names, members, into in (
            (self.queues, self.n_queues, queues),
            (GROUP_COLUMNS, self.n_groups, groups),
        ):
            for name in names:
                part = numbers[:, at : at + members * width].reshape(-1, members, width)
                own = np.empty((len(part), width, members))
                own[:, :-1] = part[:, :, 1:].transpose(0, 2, 1)
                own[:, -1] = part[:, :, 0] - part[:, :, 1:].sum(axis=2)
                into[name] = own / SECOND_US if name.endswith("_s") else own
                at += members * width
        return Days(queues, groups)

    def asked(self, names: "Names", per_min: int, thresholds_us: Sequence[int]) -> str:
        """What the numbers are (`work.Work.asked`)."""
        named = [f"queue.{q}.{column}" for column in self.queues for q in names.queues]
        named += [f"group.{g}.{column}" for column in GROUP_COLUMNS for g in names.groups]
        return json.dumps(
            {
                "interval_us": per_min * 60 * SECOND_US,
                "quantities": [name.removesuffix("_s") for name in named],
                "whole": [],
                "thresholds_us": list(thresholds_us),
            }
        )

    def _tables(self, days: Days) -> list[tuple[str, Floats]]:
        return [(name, days.queues[name]) for name in self.queues] + [
            (name, days.groups[name]) for name in GROUP_COLUMNS
        ]


def _row(name: str, table: Floats) -> Floats:
    """(replications, members x (slots + 1)): each member's whole run, then its slots."""
    whole = np.rint(table * SECOND_US) if name.endswith("_s") else table
    by_member = whole.transpose(0, 2, 1)
    sums = by_member.sum(axis=2, keepdims=True)
    return np.concatenate([sums, by_member[:, :, :-1]], axis=2).reshape(len(table), -1)


@dataclass(frozen=True, kw_only=True)
class StaffedDays(CountedRuns):
    """Days with one staff, counted by slot; a row is what `Layout` says."""

    slots: Slots
    thresholds_us: tuple[int, ...]
    layout: Layout

    def row(self, records: "Records") -> Floats:
        """(numbers,) of a replication."""
        counted = count(records, self.compiled.program, self.slots, self.thresholds_us)
        return np.asarray(self.layout.flat(counted)[0])


Kind = TypeVar("Kind", bound=StaffedDays)


@dataclass
class Lab:
    """A compiled scenario, the groups whose staff is varied, and the days already simulated.

    Staff is always an array (varied groups, slots) of agents on the phone.
    """

    base: "Prepared"
    slots: Slots
    groups: tuple[int, ...]
    thresholds_us: tuple[int, ...]
    seed: int
    executor: Executor | None = None
    ledger: "Ledger | None" = None
    simulated: int = 0
    """Replications asked for so far that were not asked for shortly before."""
    _kept: dict[bytes, dict[int, Days]] = field(default_factory=dict)

    def run(self, staff: Ints, first: int, n: int) -> Days:
        """Replications `first` … `first + n - 1` with this staff."""
        return self.run_days(staff, range(first, first + n))

    def run_days(self, staff: Ints, indices: Sequence[int]) -> Days:
        """These replications with this staff; those run lately are kept."""
        key = np.ascontiguousarray(staff, np.int64).tobytes()
        kept = self._kept.pop(key, {})
        missing = [index for index in indices if index not in kept]
        kept |= dict(zip(missing, self._each(staff, missing), strict=True))
        self.simulated += len(missing)
        self._kept[key] = kept
        while len(self._kept) > 2 and self._size() > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return joined([kept[index] for index in indices])

    def _size(self) -> int:
        """Numbers kept."""
        cells = (self.slots.n + 1) * len(self.base.compiled.names.queues)
        columns = len(QUEUE_COLUMNS) + 2 * len(self.thresholds_us) + len(GROUP_COLUMNS)
        return cells * columns * sum(map(len, self._kept.values()))

    def staffed(self, staff: Ints) -> "Prepared":
        """The scenario with this staff."""
        names = self.base.groups
        agents = {
            names[g]: staff[row][self.slots.of_base].tolist() for row, g in enumerate(self.groups)
        }
        return with_agents(self.base, agents, GRID_US)

    @cached_property
    def layout(self) -> Layout:
        """How counts lie in a row."""
        within = [f"{kind}_in_{k}" for k in range(len(self.thresholds_us)) for kind in _WITHIN]
        names = self.base.compiled.names
        return Layout((*QUEUE_COLUMNS, *within), len(names.queues), len(names.groups), self.slots.n)

    def numbers(self, job: Work, indices: Sequence[int]) -> Floats:
        """(replications, numbers) of a job, through executor and ledger."""
        return numbers(job, indices, self.executor, self.ledger)

    def _each(self, staff: Ints, indices: list[int]) -> list[Days]:
        if not indices:
            return []
        rows = self.numbers(self.job(StaffedDays, staff, self.asked), indices)
        return [self.layout.days(rows[i : i + 1]) for i in range(len(indices))]

    @cached_property
    def asked(self) -> str:
        """What the numbers of a day are (`work.Work.asked`)."""
        return self.layout.asked(self.base.compiled.names, self.slots.per_min, self.thresholds_us)

    def job(self, kind: type[Kind], staff: Ints, asked: str) -> Kind:
        """The days with this staff, as work of a kind."""
        ready = self.staffed(staff)
        return kind(
            compiled=ready.compiled, seed=self.seed, digest=ready.digest, asked=asked,
            slots=self.slots, thresholds_us=self.thresholds_us, layout=self.layout,
        )  # fmt: skip


_WITHIN = ("answered", "abandoned")


def staff_of(program: "Program", slots: Slots, groups: Sequence[int]) -> Ints:
    """The staff that a program has: the most of each slot."""
    calendars, out = program.flow.calendars, np.zeros((len(groups), slots.n), np.int64)
    starts = np.arange(slots.n_base) * GRID_US
    for row, group in enumerate(groups):
        c = int(program.groups.calendar[group])
        steps = slice(int(calendars.start[c]), int(calendars.start[c + 1]))
        step = np.searchsorted(calendars.at[steps], starts, side="right") - 1
        np.maximum.at(out[row], slots.of_base[: slots.n_base], calendars.value[steps][step])
    return out


def count(
    records: "Records", program: "Program", slots: Slots, thresholds_us: Sequence[int]
) -> Days:
    """One replication, counted."""
    visits, n_queues = records.visits, len(program.queues.capacity)
    base = visits.joined_at // GRID_US
    slot = np.where(base < slots.n_base, slots.of_base[base.clip(max=slots.n_base - 1)], slots.n)
    cell = slot * n_queues + visits.queue

    def summed(weight: NDArray[np.generic]) -> Floats:
        out = np.bincount(cell, weights=weight, minlength=(slots.n + 1) * n_queues)
        return out.reshape(1, slots.n + 1, n_queues).astype(np.float64)

    columns = _visit_columns(visits, program.queues.short_abandon_us, thresholds_us)
    queues = {name: summed(weight) for name, weight in columns.items()}
    grid = records.grid
    groups = {
        "busy_s": _by_slot(slots, grid.talk + grid.wrap_up),
        "logged_in_s": _by_slot(slots, grid.logged_in),
    }
    return Days(queues, groups)


def _by_slot(slots: Slots, amount_us: Ints) -> Floats:
    """(1, slots + 1, groups) seconds of (base intervals, groups)."""
    kept = amount_us[: slots.n_base] / SECOND_US
    out = np.zeros((1, slots.n + 1, amount_us.shape[1]))
    np.add.at(out[0], slots.of_base[: len(kept)], kept)
    return out


def _visit_columns(
    visits: "Visits", short_us: Ints, thresholds_us: Sequence[int]
) -> dict[str, NDArray[np.generic]]:
    wait = visits.left_at - visits.joined_at
    answered = visits.outcome == Outcome.ANSWERED
    abandoned = visits.outcome == Outcome.ABANDONED
    blocked = visits.outcome == Outcome.BLOCKED
    columns: dict[str, NDArray[np.generic]] = {
        "offered": np.ones(len(wait)),
        "answered": answered,
        "abandoned": abandoned,
        "short": abandoned & (wait < short_us[visits.queue]),
        "blocked": blocked,
        "waited": ~blocked & (wait > 0),
        "wait_answered_s": np.where(answered, wait, 0) / SECOND_US,
        "wait_s": np.where(blocked, 0, wait) / SECOND_US,
    }
    for k, threshold in enumerate(thresholds_us):
        columns[f"answered_in_{k}"] = answered & (wait <= threshold)
        columns[f"abandoned_in_{k}"] = abandoned & (wait <= threshold)
    return columns
