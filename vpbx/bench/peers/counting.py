"""What the peers written in Python add up as they go.

Belongs here: the sums. Does not belong here: how a peer works.
"""

from vpbx.bench.models import ClassSums, Outcome


class Counter:
    """Sums of the calls of a run, by class."""

    def __init__(self) -> None:
        self.total = 0
        self.calls, self.abandoned, self.waited, self.wait_s = [0, 0], [0, 0], [0, 0], [0.0, 0.0]

    def book(self, first: bool, counted: bool, wait_s: float, abandoned: bool) -> None:
        """Add a call that was answered, or abandoned; `first`: it had priority."""
        self.total += 1
        if counted:
            self.calls[first] += 1
            self.abandoned[first] += abandoned
            self.waited[first] += wait_s > 0.0
            self.wait_s[first] += wait_s

    def outcome(self) -> Outcome:
        """All of it."""
        columns = (self.calls, self.abandoned, self.waited, self.wait_s)
        ordinary, priority = (ClassSums(*row) for row in zip(*columns, strict=True))
        return Outcome(self.total, ordinary, priority)
