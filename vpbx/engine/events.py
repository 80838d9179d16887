"""The order of events: the one event class of the reference engine.

Belongs here: how (time, phase, who) becomes a key of SimPy's queue. Does not belong here: what the
phases mean (`codes.Phase`), what happens (`reference`, `desk`).
"""

from collections.abc import Callable

import simpy

from vpbx.codes import Phase

_WHO_BITS = 72
"""A caller (63 bits) and an attempt (8 bits), or an agent."""
AGENT = 1 << 71
"""Added to an agent's index: agents come after all callers."""


class Microseconds(simpy.Environment):
    """SimPy's environment with a clock of whole microseconds."""

    @property
    def now(self) -> int:
        """Simulated time (us)."""
        return self._now  # type: ignore[return-value]


class At(simpy.Event):
    """Happens at an instant; within it in the order of (phase, who).

    SimPy's own events (a process that starts or goes on) have the priorities 0 and 1, so that they
    run at once, before anything else of the instant.
    """

    def __init__(
        self,
        env: Microseconds,
        at: int,
        phase: Phase,
        who: int,
        then: Callable[[simpy.Event], None] | None = None,
    ) -> None:
        self.env, self._ok, self._value = env, True, None  # as Event's own, already triggered
        self.callbacks = [] if then is None else [then]
        env.schedule(self, priority=phase << _WHO_BITS | who, delay=at - env.now)  # type: ignore[arg-type]
