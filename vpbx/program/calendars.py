"""Calendars of a Program while it is compiled.

Belongs here: collecting them. Does not belong here: the grammar of time tables (`scenario.hours`),
local time (`traffic.calendar`).
"""

import numpy as np

from vpbx.program.program import Calendars
from vpbx.scenario.hours import TimeTable
from vpbx.traffic.calendar import LocalClock, Steps, table_steps


class CalendarTable:
    """Collects calendars while a Program is compiled."""

    def __init__(self, clock: LocalClock, until_us: int) -> None:
        self.clock, self.until_us = clock, until_us
        self._steps: list[Steps] = []

    def add(self, steps: Steps) -> int:
        """Index of a new calendar."""
        self._steps.append(steps)
        return len(self._steps) - 1

    def steps(self, calendar: int) -> Steps:
        """A calendar added before."""
        return self._steps[calendar]

    def plain(self, table: TimeTable) -> Steps:
        """A time table over the run, without holidays."""
        return table_steps(self.clock, table, self.until_us)

    def build(self) -> Calendars:
        """All calendars as one table."""
        sizes = [0, *(len(steps.at) for steps in self._steps)]
        empty = np.empty(0, np.int64)
        return Calendars(
            start=np.cumsum(sizes).astype(np.int64),
            at=np.concatenate([empty, *(steps.at for steps in self._steps)]),
            value=np.concatenate([empty, *(steps.value for steps in self._steps)]),
        )
