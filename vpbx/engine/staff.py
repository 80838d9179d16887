"""Who is on duty in the reference engine: agents come and go by their groups' calendars.

Belongs here: logging in and out (semantics §6, schedules), agent-time by what it is spent on. Does
not belong here: who takes which call (`desk`).
"""

from collections.abc import Callable

import simpy

from vpbx.codes import Leaving, Phase
from vpbx.engine.booking import Level
from vpbx.engine.events import At, Microseconds
from vpbx.engine.state import Agent
from vpbx.program.program import Program


class Staff:
    """The agents of one replication, by group."""

    def __init__(
        self,
        program: Program,
        env: Microseconds,
        on_idle: Callable[[Agent], None],
        on_gone: Callable[[], None],
    ) -> None:
        self.program, self.env = program, env
        self.on_idle, self.on_gone = on_idle, on_gone
        grid_us, first = program.clock.grid_us, program.groups.first_agent
        self.groups = [
            [Agent(g, a, a - int(first[g])) for a in range(int(first[g]), int(first[g + 1]))]
            for g in range(len(first) - 1)
        ]
        self.logged_in = [Level(grid_us) for _ in self.groups]
        self.ringing = [Level(grid_us) for _ in self.groups]
        self.talking = [Level(grid_us) for _ in self.groups]
        self.wrapping_up = [Level(grid_us) for _ in self.groups]
        self.wanted = [0] * len(self.groups)
        """Agents that should be on the phone now."""
        for group, calendar in enumerate(program.groups.calendar):
            self._schedule_change(group, int(program.flow.calendars.start[calendar]))

    def free(self, agent: Agent) -> None:
        """An agent is done with something: idle again, or on the way home."""
        surplus = self.logged_in[agent.group].value > self.wanted[agent.group]
        if agent.leaving or (surplus and self._first_free(agent.group)):
            self._log_out(agent)
        else:
            self.on_idle(agent)

    def _first_free(self, group: int) -> bool:
        return bool(self.program.groups.leaving[group] == Leaving.FIRST_FREE)

    def _schedule_change(self, group: int, step: int) -> None:
        """The group's staff changes at a step of its calendar; then the next step is scheduled."""
        calendars = self.program.flow.calendars
        if step >= calendars.start[self.program.groups.calendar[group] + 1]:
            return

        def change(_: simpy.Event) -> None:
            self._set(group, int(calendars.value[step]))
            self._schedule_change(group, step + 1)

        At(self.env, max(int(calendars.at[step]), 0), Phase.CHANGE, group, change)

    def _set(self, group: int, count: int) -> None:
        """Sets the number of agents on the phone (semantics §6, schedules)."""
        agents, self.wanted[group] = self.groups[group], count
        present = [agent for agent in agents if agent.logged_in and not agent.leaving]
        surplus = len(present) - count
        if surplus > 0:
            self._send_home(group, present, surplus)
            return
        leaving = [agent for agent in agents if agent.leaving]
        absent = [agent for agent in agents if not agent.logged_in]
        for agent in (leaving + absent)[: -surplus if surplus else 0]:
            if agent.leaving:
                agent.leaving = False
            else:
                self._log_in(agent)

    def _send_home(self, group: int, present: list[Agent], surplus: int) -> None:
        """Idle agents leave at once, the highest index first; busy ones are marked, if any are."""
        idle = [agent for agent in reversed(present) if agent.idle]
        busy = [agent for agent in reversed(present) if not agent.idle]
        for agent in (idle + busy)[:surplus]:
            if agent.idle:
                self._log_out(agent)
            elif not self._first_free(group):
                agent.leaving = True

    def _log_in(self, agent: Agent) -> None:
        agent.logged_in, agent.idle_since = True, self.env.now
        self.logged_in[agent.group].change(self.env.now, 1)
        self.on_idle(agent)

    def _log_out(self, agent: Agent) -> None:
        agent.logged_in = agent.leaving = agent.idle = False
        agent.misses = 0
        self.logged_in[agent.group].change(self.env.now, -1)
        self.on_gone()
