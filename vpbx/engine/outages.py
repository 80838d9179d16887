"""Outages and closings of the reference engine: what happens at fixed instants beside staff changes.

Belongs here: calls that are cut, queues that are emptied (semantics §2, §4). Does not belong here: what
calls do otherwise (`reference`, `state_nodes`).
"""

from typing import TYPE_CHECKING

from vpbx.codes import Outcome, Phase
from vpbx.engine.events import At
from vpbx.engine.state import Call, Visit

if TYPE_CHECKING:
    from vpbx.engine.reference import Reference


class Outages:
    """The fixed instants of one replication."""

    def __init__(self, engine: "Reference") -> None:
        self.engine, self.program, self.env = engine, engine.program, engine.env
        self.desk, self.channels = engine.desk, engine.channels

    def schedule(self) -> None:
        """Outages that cut calls, and queues that are emptied at closing."""
        n_groups = len(self.program.groups.picks)
        for i, (at, phase) in enumerate(
            zip(
                self.program.moments.at.tolist(),
                self.program.moments.phase.tolist(),
                strict=True,
            )
        ):
            who = i if phase == Phase.OUTAGE else n_groups + i
            At(self.env, at, Phase(phase), who, lambda _, i=i: self._moment(i))  # type: ignore[misc]

    def _moment(self, i: int) -> None:
        moments = self.program.moments
        if moments.queue[i] >= 0:
            self.desk.clear(int(moments.queue[i]))
            return
        trunk, group = int(moments.trunk[i]), int(moments.group[i])
        for call in list(self.engine.live.values()):
            if call.over:
                continue
            if call.hold(trunk) or self._talks_with(call, group):
                self._cut(call)
            elif self._is_held(call, group):
                self.engine.nodes.release_held(call)  # drops out; the others talk on

    def _talks_with(self, call: Call, group: int) -> bool:
        return _agent_is_of(call.visit, group)

    def _is_held(self, call: Call, group: int) -> bool:
        """Whether an agent of a group stays with a call that was passed on."""
        return _agent_is_of(call.held, group)

    def _cut(self, call: Call) -> None:
        """An outage ends a call, whatever it was doing."""
        visit = call.visit
        self.engine.nodes.extensions.release_all(call)
        if visit is not None and visit.agent is not None:
            self.desk.end_of_talk(visit)
            self.channels.release_leg(visit.leg)
        elif visit is not None:
            self.desk.take_out(visit)
            self.engine.visits["outcome"][visit.row] = Outcome.FAILED
        self.engine.nodes.release_held(call)
        self.engine.end(call, Outcome.FAILED)


def _agent_is_of(visit: Visit | None, group: int) -> bool:
    return visit is not None and visit.agent is not None and visit.agent.group == group
