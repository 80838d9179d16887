"""Days simulated with other channels: traffic, attempts and refusals of each trunk by quarter hour.

Belongs here: the days with a number of channels as jobs of the executor and the ledger. Does not belong
here: busy hours (`busy_days`), how many channels it takes (`channels`).
"""

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.study.busy_days import QUARTERS
from vpbx.study.work import CountedRuns, numbers
from vpbx.units import HOUR_US

if TYPE_CHECKING:
    from vpbx.engine.records import Records
    from vpbx.program.compile import Compiled
    from vpbx.program.program import Program
    from vpbx.study.ledger import Ledger
    from vpbx.study.variant import Prepared

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

AMPLE = 20_000
"""Channels with which nobody is refused."""
_COLUMNS = ("held_hours", "attempts", "refused")
_QUARTER_US = HOUR_US // 4


class Traffic(NamedTuple):
    """By day, quarter hour and trunk: erlang-hours held, attempts, attempts refused a channel."""

    held: Floats
    offered: Floats
    blocked: Floats


@dataclass(frozen=True, kw_only=True)
class TrunkDays(CountedRuns):
    """Days with some number of channels.

    A row of numbers: for each of held, attempts, refused and for each trunk the whole run, then the
    quarter hours from the first local midnight.
    """

    place: Ints
    """(base intervals,) quarter hour that each lies in."""
    n_days: int

    def row(self, records: "Records") -> Floats:
        """(numbers,) of a replication."""
        by_trunk = np.stack([self._held(records), *self._attempts(records)]).swapaxes(1, 2)
        whole = by_trunk.sum(axis=2, keepdims=True)
        return np.concatenate([whole, by_trunk], axis=2).ravel()

    def traffic(self, numbers: Floats) -> Traffic:
        """The days of such rows (replications, numbers), one after the other."""
        table = numbers.reshape(len(numbers), len(_COLUMNS), -1, self.n_days * QUARTERS + 1)
        days = table[..., 1:].reshape(*table.shape[:3], self.n_days, QUARTERS)
        held, offered, blocked = days.transpose(1, 0, 3, 4, 2)
        return Traffic(*(x.reshape(-1, QUARTERS, x.shape[-1]) for x in (held, offered, blocked)))

    def _held(self, records: "Records") -> Floats:
        held = self._empty()
        kept = records.grid.trunk_time[: len(self.place)]
        np.add.at(held, self.place[: len(kept)], kept / HOUR_US)
        return held

    def _attempts(self, records: "Records") -> tuple[Floats, Floats]:
        program, calls, place = self.compiled.program, records.calls, self.place
        trunk = program.numbers.trunk[calls.number]
        refused = (calls.outcome == Outcome.BLOCKED) & (calls.answered_after < 0)
        base = calls.arrived_at // program.clock.grid_us
        tried = (trunk >= 0) & ((calls.answered_after >= 0) | refused) & (base < len(place))
        cell = (place[base[tried]], trunk[tried])
        offered, blocked = self._empty(), self._empty()
        np.add.at(offered, cell, 1.0)
        np.add.at(blocked, cell, refused[tried].astype(np.float64))
        return offered, blocked

    def _empty(self) -> Floats:
        return np.zeros((self.n_days * QUARTERS, len(self.compiled.names.trunks)))


@dataclass
class Lines:
    """A scenario whose trunks are varied."""

    base: "Prepared"
    seed: int
    executor: Executor | None = None
    ledger: "Ledger | None" = None
    simulated: int = 0
    """Replications asked for so far, each with the same channels once."""
    _kept: dict[str, dict[int, Floats]] = field(default_factory=dict)

    def run(self, channels: dict[int, int], first: int, n: int) -> Traffic:
        """Replications with so many channels on these trunks, ample ones on all others."""
        job, indices = self._job(channels), range(first, first + n)
        kept = self._kept.setdefault(job.digest, {})
        missing = [index for index in indices if index not in kept]
        if missing:
            rows = numbers(job, missing, self.executor, self.ledger)
            kept |= dict(zip(missing, rows, strict=True))
        self.simulated += len(missing)
        return job.traffic(np.stack([kept[index] for index in indices]))

    def _job(self, channels: dict[int, int]) -> TrunkDays:
        names = self.base.compiled.names.trunks
        every = dict.fromkeys(range(len(names)), AMPLE) | channels
        compiled = replace(self.base.compiled, program=_with_channels(self.base.compiled, every))
        text = f"{self.base.digest}\nchannels {[every[trunk] for trunk in range(len(names))]}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        place, days = self._quarters()
        return TrunkDays(
            compiled=compiled, seed=self.seed, digest=digest, asked=_asked(names),
            place=place, n_days=days,
        )  # fmt: skip

    def _quarters(self) -> tuple[Ints, int]:
        """Quarter of the run (day x 96 + quarter of the day) of each base interval, and the days."""
        frame = self.base.frame
        day = frame.day - frame.day[0]
        return day * QUARTERS + frame.minute_of_week % 1440 // 15, int(day[-1]) + 1


def _asked(trunks: Sequence[str]) -> str:
    """What the numbers are (`work.Work.asked`)."""
    named = [f"trunk.{trunk}.{column}" for column in _COLUMNS for trunk in trunks]
    return json.dumps({"interval_us": _QUARTER_US, "quantities": named, "whole": []})


def _with_channels(compiled: "Compiled", channels: dict[int, int]) -> "Program":
    """The program with a constant number of channels on each of these trunks."""
    program = compiled.program
    calendars = program.flow.calendars
    value = calendars.value.copy()
    for trunk, n in channels.items():
        c = int(program.trunks.calendar[trunk])
        value[int(calendars.start[c]) : int(calendars.start[c + 1])] = n
    flow = program.flow._replace(calendars=calendars._replace(value=value))
    return program._replace(flow=flow)
