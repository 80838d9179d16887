"""The conservation laws: what every run must keep, checked by sums over its records.

Belongs here: the laws (semantics §4). Does not belong here: figures that anybody reads (`measures`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit_columns
from vpbx.codes import LegKind, Outcome
from vpbx.engine.parts import as_columns
from vpbx.engine.records import Calls, Grid, Legs, Visits, answered_at
from vpbx.errors import SimulationError
from vpbx.program.program import Program

Ints = NDArray[np.int64]
Column = NDArray[Any]

_LAST = ("a call", "a wait", "a talk", "a wrap-up")
_ANSWERED = int(Outcome.ANSWERED)


@njit_columns
def add_calls(
    sums: Ints,
    outcome: Column,
    attempt: Column,
    number: Column,
    arrived_at: Column,
    answered_after: Column,
    ended_at: Column,
    redial_at: Column,
    trunk_of_number: Column,
    horizon_us: int,
) -> None:
    """Adds up calls: those ended, the redials among them, those that come again before the horizon,
    channel-time on the numbers' trunks (us); the shortest (us, 0 at most), and its row."""
    for i in range(len(outcome)):
        sums[0] += outcome[i] >= 0
        sums[1] += attempt[i] > 0
        sums[2] += 0 <= redial_at[i] <= horizon_us
        if answered_after[i] >= 0 and trunk_of_number[number[i]] >= 0:
            sums[3] += ended_at[i] - arrived_at[i] - answered_after[i]
        if ended_at[i] - arrived_at[i] < sums[4]:
            sums[4], sums[5] = ended_at[i] - arrived_at[i], i


@njit_columns
def add_visits(
    sums: Ints,
    outcome: Column,
    joined_at: Column,
    left_at: Column,
    talk_until: Column,
    wrap_up_until: Column,
) -> None:
    """Adds up visits (us): talk, wrap-up, waiting; the shortest wait, talk and wrap-up, each with its
    row (0 at most)."""
    for i in range(len(outcome)):
        wait = left_at[i] - joined_at[i]
        sums[2] += wait
        if wait < sums[3]:
            sums[3], sums[4] = wait, i
        if outcome[i] == _ANSWERED and talk_until[i] >= 0:
            talk = talk_until[i] - left_at[i]
            sums[0] += talk
            if talk < sums[5]:
                sums[5], sums[6] = talk, i
        if wrap_up_until[i] >= 0:
            wrap_up = wrap_up_until[i] - talk_until[i]
            sums[1] += wrap_up
            if wrap_up < sums[7]:
                sums[7], sums[8] = wrap_up, i


class Laws:
    """Adds up the records of one run, part by part; `check` after the last."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rows, self.backwards = 0, ""
        self.ended = self.redials = self.came_again = 0
        self.held_us = self.talk_us = self.wrap_up_us = self.waiting_us = 0

    def add(self, calls: Calls, visits: Visits, extra: Legs) -> None:
        """Count these."""
        clock, trunk_of = self.program.clock, self.program.numbers.trunk
        calls, visits = as_columns(calls, Calls), as_columns(visits, Visits)
        of_calls, of_visits = np.zeros(6, np.int64), np.zeros(9, np.int64)
        add_calls(
            of_calls, calls.outcome, calls.attempt, calls.number, calls.arrived_at,
            calls.answered_after, calls.ended_at, calls.redial_at, trunk_of,
            clock.duration_us + clock.drain_us,
        )  # fmt: skip
        add_visits(
            of_visits, visits.outcome, visits.joined_at, visits.left_at, visits.talk_until,
            visits.wrap_up_until,
        )  # fmt: skip
        self.ended += int(of_calls[0])
        self.redials += int(of_calls[1])
        self.came_again += int(of_calls[2])
        self.held_us += int(of_calls[3])
        if len(extra.call):
            self._add_legs(calls, as_columns(extra, Legs))
        self.talk_us += int(of_visits[0])
        self.wrap_up_us += int(of_visits[1])
        self.waiting_us += int(of_visits[2])
        least = (of_calls[4:], *of_visits[3:].reshape(3, 2))
        for what, (shortest, row) in zip(_LAST, least, strict=True):
            if shortest < 0 and not self.backwards:
                self.backwards = f"{what} lasts less than no time (row {self.rows + row})"
        self.rows += len(calls.outcome)

    def _add_legs(self, calls: Calls, extra: Legs) -> None:
        """Channel-time of legs; the own lines of calls that gave them up are among these."""
        trunk_of = self.program.numbers.trunk
        gave_up = np.unique(extra.call[extra.kind == LegKind.OWN])
        held = (trunk_of[calls.number[gave_up]] >= 0) & (calls.answered_after[gave_up] >= 0)
        twice = (calls.ended_at - answered_at(calls))[gave_up][held].sum()
        self.held_us += int((extra.held_until - extra.held_from).sum() - twice)

    def check(self, grid: Grid) -> None:
        """Compare with the engine's books; raises `SimulationError` when a law was broken."""
        for what, found, expected in (
            ("outcomes", self.ended, self.rows),
            ("redials", self.redials, self.came_again),
            ("channel-time", grid.trunk_time.sum(), self.held_us),
            ("talk time", grid.talk.sum(), self.talk_us),
            ("wrap-up time", grid.wrap_up.sum(), self.wrap_up_us),
            ("waiting time", grid.queue_time.sum(), self.waiting_us),
        ):
            if found != expected:
                raise SimulationError(f"{what} not conserved: {found} instead of {expected}")
        if self.backwards:
            raise SimulationError(self.backwards)
        if np.any(grid.ringing + grid.talk + grid.wrap_up > grid.logged_in):
            raise SimulationError("agents were busy for longer than they were logged in")
        most = np.maximum(grid.channels, grid.trunk_peak * self.program.clock.grid_us)
        if np.any(grid.trunk_time > most):
            raise SimulationError("more channel-time was held than there was")
