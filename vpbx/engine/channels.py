"""Channels of the reference engine: those that calls hold on their own lines, and on further legs.

Belongs here: trunks, the licence's limit, the table of legs. Does not belong here: why a channel is
wanted (`reference`, `phones`, `extensions`).
"""

from vpbx.codes import LegKind
from vpbx.engine.booking import Level, Rows
from vpbx.engine.events import Microseconds
from vpbx.engine.records import LEG_COLUMNS
from vpbx.engine.walk import calendar_value
from vpbx.program.program import Program


class Channels:
    """The trunks of one replication."""

    def __init__(self, program: Program, env: Microseconds) -> None:
        self.program, self.env = program, env
        self.held = [Level(program.clock.grid_us) for _ in program.trunks.calendar]
        self.legs = Rows(LEG_COLUMNS)

    def available(self, trunk: int) -> int:
        """Channels that the trunk has now."""
        return self._now(int(self.program.trunks.calendar[trunk]))

    def is_free(self, trunk: int) -> bool:
        """Whether a call can have a channel of the trunk now, by the trunk and by the licence."""
        licensed = int(self.program.licence.channels[0])
        if licensed >= 0 and sum(level.value for level in self.held) >= self._now(licensed):
            return False
        return self.held[trunk].value < self.available(trunk)

    def take(self, trunk: int) -> None:
        """A channel is held from now on."""
        self.held[trunk].change(self.env.now, 1)

    def give(self, trunk: int) -> None:
        """A channel is free again."""
        self.held[trunk].change(self.env.now, -1)

    def seize_leg(self, call: int, trunk: int, kind: LegKind) -> int:
        """A channel beside the call's own: its row among the legs; -1: none free, or none needed."""
        if trunk < 0 or not self.is_free(trunk):
            return -1
        self.take(trunk)
        return self.legs.append(call, trunk, kind, self.env.now, -1)

    def release_leg(self, leg: int) -> None:
        """The channel of a leg is free again; -1: there is none."""
        if leg >= 0:
            self.give(self.legs["trunk"][leg])
            self.legs["held_until"][leg] = self.env.now

    def give_up_own(self, call: int, trunk: int, since: int) -> None:
        """A caller hangs up, while the call goes on without a line."""
        if trunk >= 0:
            self.give(trunk)
            self.legs.append(call, trunk, LegKind.OWN, since, self.env.now)

    def close(self) -> None:
        """Legs still held at the end of the run are held until then."""
        for leg, until in enumerate(self.legs["held_until"]):
            if until < 0:
                self.legs["held_until"][leg] = self.env.now

    def _now(self, calendar: int) -> int:
        return calendar_value(self.program.flow.calendars, calendar, self.env.now)
