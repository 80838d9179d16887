"""The licence's history → calendars: when calls are served, on how many channels, at which nodes.

Belongs here: what a run feels of a licence, as tables. Does not belong here: money and orders
(`licence`), what becomes of a call that is not allowed (`engine`).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Op
from vpbx.program.calendars import CalendarTable
from vpbx.program.rare import Licence
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import Node
from vpbx.traffic.calendar import Steps

_KINDS = {
    Op.PLAY: "play",
    Op.MENU: "menu",
    Op.SELF_SERVICE: "self_service",
    Op.QUEUE: "queue",
    Op.IDENTIFY: "identify",
    Op.SURVEY: "survey",
    Op.RING: "ring",
    Op.VOICEMAIL: "voicemail",
}
"""What `licence` calls the kinds of nodes that may need a module."""


@dataclass
class Licensed:
    """The calendars of a licence, made as nodes ask for them; without a licence, all is allowed."""

    scenario: Scenario
    calendars: CalendarTable
    _found: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steps = None
        if self.scenario.licence is not None:
            from vpbx.licence.allowed import allowed
            from vpbx.licence.timeline import licence_timeline

            self.steps = allowed(licence_timeline(self.scenario))

    def table(self) -> Licence:
        """When calls are served, and on how many channels."""
        if self.steps is None:
            return Licence(*np.full((2, 1), -1, np.int64))
        rows = (self.steps.active.astype(np.int64), self.steps.channels)
        return Licence(*(np.array([self._calendar(row)], np.int64) for row in rows))

    def node(self, node: Node, op: Op) -> int:
        """Calendar of what a node needs, 1 while it is licensed; -1: always, or nothing is needed."""
        return self._calendar_of(node.module, _KINDS.get(op, ""))

    def recording(self) -> int:
        """Calendar of the module that records talks, 1 while it is licensed; -1: always."""
        return self._calendar_of(None, "recording")

    def _calendar_of(self, module: str | None, kind: str) -> int:
        if self.steps is None or self.scenario.licence is None:
            return -1
        name = f"module {module}" if module else kind
        if name and name not in self._found:
            self._found[name] = self._needed(module, name)
        return self._found.get(name, -1)

    def _needed(self, module: str | None, kind: str) -> int:
        from vpbx.licence.allowed import kind_licensed

        assert self.steps is not None
        assert self.scenario.licence is not None
        if module is None:
            on = kind_licensed(self.scenario.licence, self.steps, kind)
        elif module in self.steps.module_names:
            on = self.steps.modules[:, self.steps.module_names.index(module)]
        else:
            on = np.zeros(len(self.steps.at_us), np.bool_)
        return -1 if on.all() else self._calendar(on.astype(np.int64))

    def _calendar(self, value: NDArray[np.int64]) -> int:
        assert self.steps is not None
        return self.calendars.add(Steps(self.steps.at_us, value))
