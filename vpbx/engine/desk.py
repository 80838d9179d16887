"""The desk of the reference engine: waiting lines and the agents who serve them.

Belongs here: joining and leaving a line, assignment, talk and wrap-up, staffing (semantics §6). Does
not belong here: how a call gets here and what follows (`reference`).
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator

import numpy as np
import simpy

from vpbx.codes import Case, Estimator, Outcome, Phase, Picks, Purpose, Strategy
from vpbx.engine.booking import Level, Rows
from vpbx.engine.events import At, Microseconds
from vpbx.engine.state import NEVER, Agent, Draws, Line, Visit
from vpbx.engine.walk import Progress
from vpbx.program.program import Program
from vpbx.units import SECOND_US


class Desk:
    """Lines and agents of one replication."""

    def __init__(
        self,
        program: Program,
        env: Microseconds,
        draws: Draws,
        visits: Rows,
        on_idle: Callable[[], None],
    ) -> None:
        self.program, self.env, self.draws, self.visits = program, env, draws, visits
        self.on_idle = on_idle
        grid_us, first = program.clock.grid_us, program.groups.first_agent
        self.horizon = program.clock.duration_us + program.clock.drain_us
        self.lines = [Line(Level(grid_us)) for _ in program.queues.capacity]
        self.groups = [
            [Agent(g, a) for a in range(int(first[g]), int(first[g + 1]))]
            for g in range(len(first) - 1)
        ]
        self.queues_of: list[list[int]] = [
            [q for q in row if q >= 0] for row in program.groups.queue_order.tolist()
        ]
        """The queues that each group serves, as listed."""
        self.groups_of: list[list[int]] = [
            np.flatnonzero(column >= 0).tolist() for column in program.groups.penalty.T
        ]
        """The groups that serve each queue."""
        self.logged_in = [Level(grid_us) for _ in self.groups]
        self.talking = [Level(grid_us) for _ in self.groups]
        self.wrapping_up = [Level(grid_us) for _ in self.groups]
        self.busy = 0
        """Agents talking or in wrap-up."""
        self.newly_idle: list[Agent] = []
        self.newly_waiting: list[Visit] = []
        self.assign_pending = False
        for group, calendar in enumerate(program.groups.calendar):
            self.schedule_change(group, int(program.flow.calendars.start[calendar]))

    # --- queue ---------------------------------------------------------------------------------

    def join(self, visit: Visit) -> None:
        """Takes a place in the queue; patience starts."""
        call, line, now = visit.call, self.lines[visit.queue], self.env.now
        insort(line.waiting, (visit.order, visit))
        line.level.change(now, 1)
        patience = self.program.classes.patience_dist[call.caller_class]
        if patience >= 0:
            kept = self.program.classes.keeps_patience[call.caller_class]
            u = self.draws.uniform(call, Purpose.PATIENCE, call.joins, 0 if kept else None)
            until = now + self.draws.duration(patience, u)
            if until <= self.horizon:
                At(self.env, until, Phase.END_OF_PATIENCE, call.who, lambda _: self._abandon(visit))
        call.joins += 1
        self.newly_waiting.append(visit)
        self._pend_assign()

    def take_out(self, visit: Visit) -> None:
        """A call leaves the queue, whatever for."""
        line = self.lines[visit.queue]
        del line.waiting[bisect_left(line.waiting, (visit.order,))]
        line.level.change(self.env.now, -1)
        visit.waiting = False
        self.visits["left_at"][visit.row] = self.env.now

    def _abandon(self, visit: Visit) -> None:
        """Patience ends."""
        if not visit.waiting:
            return
        self.take_out(visit)
        self.visits["outcome"][visit.row] = Outcome.ABANDONED
        visit.call.tell(self.env.now, "abandons", waited=self.env.now - visit.joined_at)
        visit.turn.succeed()

    def expected_wait_s(self, queue: int) -> int:
        """Expected wait in whole seconds by the queue's estimator; -1 when it cannot be told."""
        line, estimator = self.lines[queue], self.program.queues.estimator[queue]
        if estimator == Estimator.ASTERISK:
            return line.average_s
        if estimator == Estimator.LAST_SERVED:
            return line.last_served_s
        if estimator == Estimator.HEAD_OF_LINE:
            if not line.waiting:
                return 0
            return (self.env.now - line.head.joined_at) // SECOND_US
        agents = sum(self.logged_in[g].value for g in self.groups_of[queue])
        if agents == 0:
            return -1
        return int((len(line.waiting) + 1) * self.program.queues.aht_s[queue]) // agents

    def state(self, what: int, queue: int) -> int:
        """What a state case asks about a queue; expected waits in us."""
        if what == Case.EXPECTED_WAIT:
            expected = self.expected_wait_s(queue)
            return NEVER if expected < 0 else expected * SECOND_US
        if what == Case.AGENTS_FREE:
            return sum(1 for agent in self._idle_agents(queue))
        return len(self.lines[queue].waiting) + (what == Case.POSITION)

    # --- assignment ----------------------------------------------------------------------------

    def _pend_assign(self) -> None:
        """Makes one assignment pending at this instant."""
        if not self.assign_pending:
            self.assign_pending = True
            At(self.env, self.env.now, Phase.ASSIGN, 0, self._assign)

    def _assign(self, _: simpy.Event) -> None:
        """Newly idle agents take calls, then newly waiting calls take agents (semantics §6)."""
        self.assign_pending = False
        agents, self.newly_idle = sorted(self.newly_idle, key=lambda a: a.index), []
        visits, self.newly_waiting = sorted(self.newly_waiting, key=lambda v: v.order), []
        for agent in agents:
            if agent.idle and (picked := self._pick(agent)):
                self._answer(picked, agent)
        for visit in visits:
            if visit.waiting and (chosen := self._choose(visit)):
                self._answer(visit, chosen)

    def _pick(self, agent: Agent) -> Visit | None:
        """The waiting call that a freed agent takes, by the group's `picks`."""
        queues = [q for q in self.queues_of[agent.group] if self.lines[q].waiting]
        if not queues:
            return None
        picks = self.program.groups.picks[agent.group]
        if picks == Picks.IN_ORDER:
            queue = queues[0]
        elif picks == Picks.LONGEST_QUEUE:
            queue = max(queues, key=lambda q: len(self.lines[q].waiting))
        else:
            weight = self.program.queues.weight
            queue = min(queues, key=lambda q: (-weight[q], self.lines[q].waiting[0][0]))
        return self.lines[queue].head

    def _idle_agents(self, queue: int) -> Iterator[Agent]:
        """The idle agents who serve a queue, by group and index."""
        for g in self.groups_of[queue]:
            yield from (agent for agent in self.groups[g] if agent.idle)

    def _choose(self, visit: Visit) -> Agent | None:
        """The idle agent whom a call takes: least penalty, then the queue's strategy."""
        idle = list(self._idle_agents(visit.queue))
        if not idle:
            return None
        penalty = self.program.groups.penalty[:, visit.queue]
        least = min(penalty[agent.group] for agent in idle)
        idle = [agent for agent in idle if penalty[agent.group] == least]
        strategy = self.program.queues.strategy[visit.queue]
        if strategy == Strategy.LONGEST_IDLE:
            return min(idle, key=lambda agent: (agent.idle_since, agent.index))
        if strategy == Strategy.FEWEST_CALLS:
            return min(idle, key=lambda agent: (agent.n_calls, agent.index))
        if strategy == Strategy.LINEAR:
            return idle[0]
        u = self.draws.uniform(visit.call, Purpose.PICK_AGENT, visit.call.answers)
        return idle[int(u * len(idle))]

    def _answer(self, visit: Visit, agent: Agent) -> None:
        """The agent takes the call."""
        call, now, line = visit.call, self.env.now, self.lines[visit.queue]
        self.take_out(visit)
        waited_s = (now - visit.joined_at) // SECOND_US
        line.average_s, line.last_served_s = (3 * line.average_s + waited_s) // 4, waited_s
        agent.idle, agent.n_calls = False, agent.n_calls + 1
        self.busy += 1
        self.talking[agent.group].change(now, 1)
        kept = self.program.classes.keeps_handle_time[call.caller_class]
        u = self.draws.uniform(call, Purpose.HANDLE_TIME, call.answers, 0 if kept else None)
        handle = self.program.groups.handle_dist[agent.group, visit.queue]
        visit.agent, visit.talk_until = agent, now + self.draws.duration(handle, u)
        visit.answer_n, call.answers, call.answered = call.answers, call.answers + 1, True
        for column, value in (
            ("outcome", Outcome.ANSWERED),
            ("group", agent.group),
            ("agent", agent.index),
            ("talk_until", min(visit.talk_until, self.horizon)),
        ):
            self.visits[column][visit.row] = value
        call.gives_up_at = NEVER
        call.progress[Progress.REACHED], call.progress[Progress.TYPED] = 1, 0
        call.tell(
            now, "answered", agent=agent.index, group=agent.group, idle=now - agent.idle_since
        )
        visit.turn.succeed()

    # --- talk and wrap-up ----------------------------------------------------------------------

    def end_of_talk(self, visit: Visit) -> None:
        """The caller is free; the agent goes through wrap-up."""
        agent, now = visit.agent, self.env.now
        assert agent is not None
        dist = self.program.groups.wrap_up_dist[agent.group, visit.queue]
        wrap_up = self.draws.duration(
            dist, self.draws.uniform(visit.call, Purpose.WRAP_UP, visit.answer_n)
        )
        until = now + wrap_up
        self.visits["wrap_up_until"][visit.row] = min(until, self.horizon)
        self.talking[agent.group].change(now, -1)
        self.wrapping_up[agent.group].change(now, 1)
        visit.call.tell(now, "talked", wrap_up=wrap_up)
        At(
            self.env,
            until,
            Phase.END_OF_WRAP_UP,
            agent.index,
            lambda _: self._end_of_wrap_up(agent),
        )

    def _end_of_wrap_up(self, agent: Agent) -> None:
        """The agent is idle again, or goes home."""
        self.wrapping_up[agent.group].change(self.env.now, -1)
        self.busy -= 1
        if agent.leaving:
            self._log_out(agent)
        else:
            self._become_idle(agent)
        self.on_idle()

    def _become_idle(self, agent: Agent) -> None:
        agent.idle, agent.idle_since = True, self.env.now
        self.newly_idle.append(agent)
        self._pend_assign()

    # --- staffing ------------------------------------------------------------------------------

    def schedule_change(self, group: int, step: int) -> None:
        """The group's staff changes at a step of its calendar; then the next step is scheduled."""
        calendars = self.program.flow.calendars
        if step >= calendars.start[self.program.groups.calendar[group] + 1]:
            return

        def change(_: simpy.Event) -> None:
            self._staff(group, int(calendars.value[step]))
            self.schedule_change(group, step + 1)

        At(self.env, max(int(calendars.at[step]), 0), Phase.CHANGE, group, change)

    def _staff(self, group: int, count: int) -> None:
        """Sets the number of agents on the phone (semantics §6, schedules)."""
        agents = self.groups[group]
        present = [agent for agent in agents if agent.logged_in and not agent.leaving]
        surplus = len(present) - count
        if surplus > 0:
            idle = [agent for agent in reversed(present) if agent.idle]
            busy = [agent for agent in reversed(present) if not agent.idle]
            for agent in (idle + busy)[:surplus]:
                if agent.idle:
                    self._log_out(agent)
                else:
                    agent.leaving = True
            return
        leaving = [agent for agent in agents if agent.leaving]
        absent = [agent for agent in agents if not agent.logged_in]
        for agent in (leaving + absent)[: -surplus if surplus else 0]:
            if agent.leaving:
                agent.leaving = False
            else:
                self._log_in(agent)

    def _log_in(self, agent: Agent) -> None:
        agent.logged_in = True
        self.logged_in[agent.group].change(self.env.now, 1)
        self._become_idle(agent)

    def _log_out(self, agent: Agent) -> None:
        agent.logged_in = agent.leaving = agent.idle = False
        self.logged_in[agent.group].change(self.env.now, -1)
