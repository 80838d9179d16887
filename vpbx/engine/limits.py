"""What ends a caller's wait without an answer in the reference engine, and what callers hear meanwhile.

Belongs here: patience, balking, the key that leaves, the longest wait, announcements (semantics §6).
Does not belong here: the line (`desk`), what is heard before joining (`joining`).
"""

from typing import TYPE_CHECKING

import numpy as np

from vpbx.codes import Exit, Outcome, Phase, Purpose
from vpbx.engine.state import Visit
from vpbx.units import NEVER, SECOND_US

if TYPE_CHECKING:
    from vpbx.engine.desk import Desk


class Limits:
    """The limits of waits in one replication."""

    def __init__(self, desk: "Desk") -> None:
        self.desk, self.program, self.draws, self.env = desk, desk.program, desk.draws, desk.env

    def begin(self, visit: Visit) -> None:
        """What ends a caller's wait without an answer, and what the caller hears meanwhile."""
        call, row, n = visit.call, self.desk.wait_row(visit), visit.call.joins
        classes, waits = self.program.classes, self.program.waits
        until = self._patience_until(visit)
        balks = classes.balks[call.caller_class]
        if balks > 0 and self.draws.uniform(call, Purpose.BALK, n) < balks:
            visit.balks, until = True, self.env.now
        visit.patience_at = until
        self.desk.at(until, Phase.END_OF_PATIENCE, visit, self._impatient)
        if row < 0:
            return
        leave_p = waits.leave_p[row]
        if leave_p > 0 and self.draws.uniform(call, Purpose.LEAVE_QUEUE, n) < leave_p:
            u = self.draws.uniform(call, Purpose.LEAVE_QUEUE_AFTER, n)
            visit.leaves_at = self.env.now + self.draws.duration(int(waits.leave_dist[row]), u)
            self.desk.at(visit.leaves_at, Phase.END_OF_PATIENCE, visit, self._impatient)
        if waits.max_wait_us[row] >= 0:
            at = self.env.now + int(waits.max_wait_us[row])
            self.desk.at(at, Phase.MAXIMUM_WAIT, visit, self._timed_out)
        if waits.every_us[row] > 0:
            at = self.env.now + int(waits.every_us[row])
            self.desk.at(at, Phase.ANNOUNCEMENT, visit, self._announce)

    def _patience_until(self, visit: Visit) -> int:
        """When patience ends; told the wait, callers may stay longer."""
        call, classes = visit.call, self.program.classes
        patience = self._patience(visit)
        if patience < 0:
            return NEVER
        kept = 0 if classes.keeps_patience[call.caller_class] else None
        u = self.draws.uniform(call, Purpose.PATIENCE, call.joins, kept)
        lasts = self.draws.duration(patience, u)
        if visit.told_s >= 0:
            lasts = self._stretched(lasts, visit)
        return self.env.now + lasts

    def _patience(self, visit: Visit) -> int:
        """The law of patience, which may depend on how many were found waiting; -1: endless."""
        classes, crowds, c = self.program.classes, self.program.crowds, visit.call.caller_class
        patience, first, n = classes.patience_dist[c], classes.first_crowd[c], classes.n_crowds[c]
        found = self.desk.crowd(visit.queue) - 1 if n else 0  # the caller waits already
        for i in range(first, first + n):
            if found >= crowds.waiting[i]:
                patience = crowds.patience_dist[i]
        return int(patience)

    def _stretched(self, patience: int, visit: Visit) -> int:
        row = self.desk.wait_row(visit)
        stays = 1.0 if row < 0 else float(self.program.waits.stays[row])
        return patience if stays == 1.0 else int(np.rint(patience * stays))

    def _impatient(self, visit: Visit) -> None:
        """Patience ends, or the caller presses the key that leaves."""
        if visit.patience_at == self.env.now:
            how = Outcome.BALKED if visit.balks else Outcome.ABANDONED
            self.desk.leave(visit, how, Exit.HANG_UP)
        elif visit.leaves_at == self.env.now:
            self.desk.leave(visit, Outcome.FORWARDED, Exit.LEFT)

    def _timed_out(self, visit: Visit) -> None:
        if self.desk.platforms.lets_ring(visit):
            visit.overdue = True
            return
        self.desk.leave(visit, Outcome.TIMED_OUT, Exit.TIMED_OUT)

    def _announce(self, visit: Visit) -> None:
        """The wait is told again; the caller may hang up, or stay longer."""
        every = int(self.program.waits.every_us[self.desk.wait_row(visit)])
        visit.told_s = self.desk.expected_wait_s(visit.queue)
        if self.balks_at(visit):
            self.desk.leave(visit, Outcome.BALKED, Exit.HANG_UP)
            return
        if visit.told_s >= 0 and visit.patience_at < NEVER:
            left = self._stretched(visit.patience_at - self.env.now, visit)
            if self.env.now + left != visit.patience_at:
                visit.patience_at = self.env.now + left
                self.desk.at(visit.patience_at, Phase.END_OF_PATIENCE, visit, self._impatient)
        self.desk.at(self.env.now + every, Phase.ANNOUNCEMENT, visit, self._announce)

    def balks_at(self, visit: Visit) -> bool:
        """Whether a caller who is told the wait hangs up."""
        row, p = self.desk.wait_row(visit), 0.0
        if row < 0 or visit.told_s < 0:
            return False
        first, reactions = int(self.program.waits.first_reaction[row]), self.program.reactions
        for i in range(first, first + int(self.program.waits.n_reactions[row])):
            if visit.told_s * SECOND_US >= reactions.told_us[i]:
                p = float(reactions.p[i])
        if p == 0.0:
            return False
        visit.call.reactions += 1
        n = visit.call.reactions - 1
        return self.draws.uniform(visit.call, Purpose.REACTION_TO_WAIT, n) < p
