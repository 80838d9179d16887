"""The conservation laws: what every run must keep, checked by sums over its records.

Belongs here: the laws (semantics §4). Does not belong here: figures that anybody reads (`measures`).
"""

import numpy as np

from vpbx.codes import LegKind, Outcome
from vpbx.engine.records import Calls, Grid, Legs, Visits
from vpbx.errors import SimulationError
from vpbx.program.program import Program


class Laws:
    """Adds up the records of one run, part by part; `check` after the last."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rows, self.backwards = 0, ""
        self.ended = self.redials = self.came_again = 0
        self.held_us = self.talk_us = self.wrap_up_us = self.waiting_us = 0

    def add(self, calls: Calls, visits: Visits, extra: Legs) -> None:
        """Count these."""
        clock, outcome = self.program.clock, visits.outcome
        horizon = clock.duration_us + clock.drain_us
        self.ended += int(np.count_nonzero(calls.outcome >= 0))
        self.redials += int(np.count_nonzero(calls.attempt > 0))
        self.came_again += int(
            np.count_nonzero((calls.redial_at >= 0) & (calls.redial_at <= horizon))
        )
        held = (self.program.numbers.trunk[calls.number] >= 0) & (calls.answered_at >= 0)
        held[extra.call[extra.kind == LegKind.OWN]] = False
        self.held_us += int((calls.ended_at - calls.answered_at)[held].sum())
        self.held_us += int((extra.held_until - extra.held_from).sum())
        talked = (outcome == Outcome.ANSWERED) & (visits.talk_until >= 0)
        talk = (visits.talk_until - visits.left_at)[talked]
        wrap_up = (visits.wrap_up_until - visits.talk_until)[visits.wrap_up_until >= 0]
        wait = visits.left_at - visits.joined_at
        self.talk_us += int(talk.sum())
        self.wrap_up_us += int(wrap_up.sum())
        self.waiting_us += int(wait.sum())
        for what, times in (
            ("a call", calls.ended_at - calls.arrived_at),
            ("a wait", wait),
            ("a talk", talk),
            ("a wrap-up", wrap_up),
        ):
            if times.size and times.min() < 0 and not self.backwards:
                row = self.rows + int(times.argmin())
                self.backwards = f"{what} lasts less than no time (row {row})"
        self.rows += len(calls.outcome)

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
