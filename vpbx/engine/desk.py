"""The desk of the reference engine: waiting lines and the agents who serve them.

Belongs here: joining and leaving a line, assignment, talk and wrap-up (semantics §6). Does not belong
here: how a call gets here and what follows (`reference`), what ends a wait unanswered (`limits`),
phones that ring (`phones`), who is on duty (`staff`).
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator

import numpy as np
import simpy
from numpy.typing import NDArray

from vpbx.codes import Case, Estimator, Exit, Outcome, Phase, Picks, Purpose, Strategy
from vpbx.engine.booking import Level, Rows
from vpbx.engine.channels import Channels
from vpbx.engine.events import AGENT, At, Microseconds
from vpbx.engine.limits import Limits
from vpbx.engine.phones import Phones
from vpbx.engine.platforms import Platforms
from vpbx.engine.staff import Staff
from vpbx.engine.state import Agent, Draws, Kind, Line, Visit
from vpbx.engine.walk import Counts, Progress
from vpbx.program.program import Program
from vpbx.units import NEVER, SECOND_US


class Desk:
    """Lines and agents of one replication."""

    def __init__(
        self,
        program: Program,
        env: Microseconds,
        draws: Draws,
        visits: Rows,
        channels: Channels,
        counts: Counts,
        on_idle: Callable[[], None],
    ) -> None:
        self.program, self.env, self.draws, self.visits = program, env, draws, visits
        self.counts, self.on_idle = counts, on_idle
        self.horizon = program.clock.duration_us + program.clock.drain_us
        self.lines = [Line(Level(program.clock.grid_us)) for _ in program.queues.capacity]
        self.staff = Staff(program, env, self.become_idle, self._gone)
        self.channels = channels
        self.phones, self.limits = Phones(self), Limits(self)
        self.groups = self.staff.groups
        self.queues_of: list[list[int]] = [
            [q for q in row if q >= 0] for row in program.groups.queue_order.tolist()
        ]
        """The queues that each group serves, as listed."""
        self.groups_of: list[list[int]] = [
            np.flatnonzero(column >= 0).tolist() for column in program.groups.penalty.T
        ]
        """The groups that serve each queue."""
        self.rivals_of: list[set[int]] = [
            {queue, *(q for g in groups for q in self.queues_of[g])}
            for queue, groups in enumerate(self.groups_of)
        ]
        """Each queue, and those that a group which serves it serves too."""
        self.platforms = Platforms(self)
        for queue in self.platforms.queues:
            self.lines[queue].cursor = 0
        self.busy = 0
        """Agents talking or in wrap-up."""
        self.newly_idle: list[Agent] = []
        self.newly_waiting: list[Visit] = []
        self.assign_pending = False

    def count(self, counts: NDArray[np.int64], group: int) -> None:
        """Something has happened to an agent of a group, in the present interval."""
        counts[self.env.now // self.program.clock.grid_us, group] += 1

    # --- queue ---------------------------------------------------------------------------------

    def join(self, visit: Visit) -> None:
        """Takes a place in the queue; patience starts."""
        line = self.lines[visit.queue]
        insort(line.waiting, (visit.order, visit))
        line.level.change(self.env.now, 1)
        if visit.kind is Kind.CALL:
            self.limits.begin(visit)
            visit.call.joins += 1
        for after in self._stages(visit.queue):
            self.at(visit.joined_at + after, Phase.RETRY, visit, self.opens)
        self.newly_waiting.append(visit)
        self.pend_assign()

    def _stages(self, queue: int) -> list[int]:
        """Waits (us) after which others serve a call."""
        after = self.program.groups.after_us
        groups = {int(after[g, queue]) for g in self.groups_of[queue]}
        return sorted((groups | self.platforms.stages(queue)) - {0})

    def at(self, at: int, phase: Phase, visit: Visit, then: Callable[[Visit], None]) -> None:
        """Something that happens to a visit if it still waits; nothing does after the horizon."""
        if at <= self.horizon:
            At(
                self.env, at, phase, visit.call.who,
                lambda _: then(visit) if visit.waiting else None,
            )  # fmt: skip

    def wait_row(self, visit: Visit) -> int:
        """The row of `Waits` of the node at which a visit waits; -1: none."""
        return int(self.program.flow.nodes.wait[visit.node])

    def take_out(self, visit: Visit) -> None:
        """A call leaves the queue, whatever for; phones that ring for it fall silent."""
        line = self.lines[visit.queue]
        del line.waiting[bisect_left(line.waiting, (visit.order,))]
        line.level.change(self.env.now, -1)
        visit.waiting = False
        self.visits["left_at"][visit.row] = self.env.now
        self.phones.silence(visit)
        if self.platforms.follows(visit.queue):
            self.pend_assign()  # the next in line may have the turn

    def leave(self, visit: Visit, outcome: Outcome, by: Exit) -> None:
        """A call leaves the queue unanswered."""
        self.take_out(visit)
        self.visits["outcome"][visit.row] = outcome
        visit.left, visit.outcome = by, outcome
        visit.call.tell(
            self.env.now, "leaves_queue", outcome=outcome, waited=self.env.now - visit.joined_at
        )
        visit.turn.succeed()

    def opens(self, visit: Visit) -> None:
        """Further agents may serve a call from now on."""
        self.newly_waiting.append(visit)
        self.pend_assign()

    def clear(self, queue: int) -> None:
        """The queue closes: whoever waits on the line is sent away."""
        for _order, visit in list(self.lines[queue].waiting):
            if visit.kind is Kind.CALL:
                self.leave(visit, Outcome.CLEARED, Exit.CLEARED)

    def crowd(self, queue: int) -> int:
        """Calls that wait for the agents of a queue."""
        return sum(len(self.lines[rival].waiting) for rival in self.rivals_of[queue])

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
        agents = self.logged_in(queue)
        if agents == 0:
            return -1
        return int((len(line.waiting) + 1) * self.program.queues.aht_s[queue]) // agents

    def logged_in(self, queue: int) -> int:
        """Agents on the phone who serve a queue."""
        return sum(self.staff.logged_in[g].value for g in self.groups_of[queue])

    def state(self, what: int, queue: int) -> int:
        """What a state case asks about a queue; expected waits in us."""
        if what == Case.EXPECTED_WAIT:
            expected = self.expected_wait_s(queue)
            return NEVER if expected < 0 else expected * SECOND_US
        if what == Case.AGENTS_FREE:
            return sum(1 for g in self.groups_of[queue] for agent in self.groups[g] if agent.idle)
        return len(self.lines[queue].waiting) + (what == Case.POSITION)

    # --- assignment ----------------------------------------------------------------------------

    def pend_assign(self) -> None:
        """Makes one assignment pending at this instant."""
        if not self.assign_pending:
            self.assign_pending = True
            At(self.env, self.env.now, Phase.ASSIGN, 0, self._assign)

    def _assign(self, _: simpy.Event) -> None:
        """Newly idle agents take calls, then newly waiting calls take agents (semantics §6); then
        callers of a platform's queues look for agents."""
        self.assign_pending = False
        agents, self.newly_idle = sorted(self.newly_idle, key=lambda a: a.index), []
        visits, self.newly_waiting = sorted(self.newly_waiting, key=lambda v: v.order), []
        for agent in agents:
            if self.platforms.serves(agent.group):
                continue
            if agent.idle and (picked := self._pick(agent)):
                self._offer(picked, agent)
        for visit in visits:
            if self.platforms.follows(visit.queue):
                continue
            if visit.available and (chosen := self._choose(visit)):
                self._offer(visit, chosen)
        self.platforms.look()

    def _pick(self, agent: Agent) -> Visit | None:
        """The waiting call that a freed agent takes, by the group's `picks`."""
        waiting = {q: self._first(q, agent.group) for q in self.queues_of[agent.group]}
        found = {q: visit for q, visit in waiting.items() if visit is not None}
        if not found:
            return None
        picks = self.program.groups.picks[agent.group]
        if picks == Picks.IN_ORDER:
            queue = next(iter(found))
        elif picks == Picks.LONGEST_QUEUE:
            queue = max(found, key=lambda q: len(self.lines[q].waiting))
        else:
            weight = self.program.queues.weight
            queue = min(found, key=lambda q: (-weight[q], found[q].order))
        return found[queue]

    def _first(self, queue: int, group: int) -> Visit | None:
        """The first in a queue's line whom a group may serve now."""
        if not self._has_spare(group, queue):
            return None
        eligible = (v for _, v in self.lines[queue].waiting if self._may_serve(group, v))
        return next(eligible, None)

    def _may_serve(self, group: int, visit: Visit) -> bool:
        waited = self.env.now - visit.joined_at
        return (
            visit.available
            and visit.not_before <= self.env.now
            and waited >= self.program.groups.after_us[group, visit.queue]
        )

    def _has_spare(self, group: int, queue: int) -> bool:
        """Whether enough of a group are idle for it to serve this queue."""
        idle = sum(agent.idle for agent in self.groups[group])
        return idle > int(self.program.groups.spare[group, queue])

    def _idle_agents(self, visit: Visit) -> Iterator[Agent]:
        """The idle agents who may serve a call now, by group and index."""
        for g in self.groups_of[visit.queue]:
            if self._may_serve(g, visit) and self._has_spare(g, visit.queue):
                yield from (agent for agent in self.groups[g] if agent.idle)

    def candidates(self, visit: Visit) -> list[Agent]:
        """The idle agents of the least penalty who may serve a call now."""
        idle = list(self._idle_agents(visit))
        penalty = self.program.groups.penalty[:, visit.queue]
        least = min((penalty[agent.group] for agent in idle), default=0)
        return [agent for agent in idle if penalty[agent.group] == least]

    def _choose(self, visit: Visit) -> Agent | None:
        """The idle agent whom a call takes: least penalty, then the queue's strategy."""
        idle = self.candidates(visit)
        if not idle:
            return None
        strategy = self.program.queues.strategy[visit.queue]
        if strategy == Strategy.LONGEST_IDLE:
            return min(idle, key=lambda agent: (agent.idle_since, agent.index))
        if strategy == Strategy.FEWEST_CALLS:
            return min(idle, key=lambda agent: (agent.n_calls, agent.index))
        if strategy == Strategy.ROUND_ROBIN:
            cursor = self.lines[visit.queue].cursor
            return min(idle, key=lambda agent: (agent.index <= cursor, agent.index))
        if strategy in (Strategy.LINEAR, Strategy.RING_ALL):
            return idle[0]
        u = self.draws.uniform(
            visit.call, Purpose.PICK_AGENT, visit.call.rings + visit.call.answers
        )
        return idle[int(u * len(idle))]

    def _offer(self, visit: Visit, agent: Agent) -> None:
        """An agent is to take a call: at once, or when the phone has rung."""
        self.lines[visit.queue].cursor = agent.index
        all_ring = self.program.queues.strategy[visit.queue] == Strategy.RING_ALL
        self.connect(visit, self._all_of(visit, agent) if all_ring else [agent])

    def connect(self, visit: Visit, agents: list[Agent]) -> None:
        """One of these agents takes a call: the first at once, or whoever answers the phone."""
        if visit.kind is Kind.CALLBACK:
            self.phones.dial_back(visit, agents[0])
        elif visit.kind is Kind.CALL and (
            self.program.queues.strategy[visit.queue] == Strategy.RING_ALL
            or self.program.groups.rings[agents[0].group]
        ):
            self.phones.ring(visit, tuple(agents))
        else:
            self.answer(visit, agents[0])

    def _all_of(self, visit: Visit, agent: Agent) -> list[Agent]:
        """ring_all: everybody idle of the least penalty, whoever was free first."""
        others = self.candidates(visit)
        if visit.kind is not Kind.CALL or agent not in others:
            return [agent]
        return others

    def answer(self, visit: Visit, agent: Agent) -> None:
        """The agent takes the call."""
        call, now, line = visit.call, self.env.now, self.lines[visit.queue]
        self.take_out(visit)
        waited_s = (now - visit.joined_at) // SECOND_US
        line.average_s, line.last_served_s = (3 * line.average_s + waited_s) // 4, waited_s
        agent.idle, agent.misses, agent.n_calls = False, 0, agent.n_calls + 1
        self.busy += 1
        self.staff.talking[agent.group].change(now, 1)
        visit.answered_at = now
        visit.agent, visit.talk_until = agent, now + self._handle_time(visit, agent)
        visit.answer_n, call.answers = call.answers, call.answers + 1
        for column, value in (
            ("outcome", Outcome.ANSWERED),
            ("group", agent.group),
            ("agent", agent.place),
            ("talk_until", min(visit.talk_until, self.horizon)),
        ):
            self.visits[column][visit.row] = value
        if visit.kind is not Kind.MESSAGE:
            call.answered, call.gives_up_at = True, NEVER
            call.progress[Progress.REACHED], call.progress[Progress.TYPED] = 1, 0
        call.tell(
            now, "answered", agent=agent.index, group=agent.group, idle=now - agent.idle_since
        )
        visit.turn.succeed()

    def _handle_time(self, visit: Visit, agent: Agent) -> int:
        call = visit.call
        kept = 0 if self.program.classes.keeps_handle_time[call.caller_class] else None
        u = self.draws.uniform(call, Purpose.HANDLE_TIME, call.answers, kept)
        return self.draws.duration(self.program.groups.handle_dist[agent.group, visit.queue], u)

    # --- talk and wrap-up ----------------------------------------------------------------------

    def end_of_talk(self, visit: Visit) -> None:
        """The caller is free; the agent goes through wrap-up."""
        agent, now, call, groups = visit.agent, self.env.now, visit.call, self.program.groups
        assert agent is not None
        settles = groups.settled_p[agent.group, visit.queue]
        if settles < 1.0:
            u = self.draws.uniform(call, Purpose.UNSETTLED, visit.answer_n)
            call.unsettled = u >= settles
        dist = groups.wrap_up_dist[agent.group, visit.queue]
        u = self.draws.uniform(call, Purpose.WRAP_UP, visit.answer_n)
        wrap_up = self.draws.duration(dist, u)
        until = now + wrap_up
        agent.talked_at, agent.talk_us = now, agent.talk_us + now - visit.answered_at
        self.visits["talk_until"][visit.row] = now
        self.visits["wrap_up_until"][visit.row] = min(until, self.horizon)
        self.staff.talking[agent.group].change(now, -1)
        self.staff.wrapping_up[agent.group].change(now, 1)
        call.tell(now, "talked", wrap_up=wrap_up)
        At(
            self.env, until, Phase.END_OF_WRAP_UP, AGENT | agent.index,
            lambda _: self._wrapped_up(agent),
        )  # fmt: skip

    def _wrapped_up(self, agent: Agent) -> None:
        """The wrap-up is over: the agent is idle again, or goes home."""
        self.staff.wrapping_up[agent.group].change(self.env.now, -1)
        self.busy -= 1
        agent.idle_since = self.env.now
        self.staff.free(agent)
        self.on_idle()

    def become_idle(self, agent: Agent) -> None:
        """An agent is free for a call; idle since when is for the caller to say."""
        agent.idle = True
        self.newly_idle.append(agent)
        self.pend_assign()

    def _gone(self) -> None:
        """Somebody went home: callers of a platform's queues may reach others for that."""
        if self.platforms.queues:
            self.pend_assign()
