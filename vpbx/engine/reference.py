"""The reference engine: the contract of `semantics.md` as SimPy processes, written to be read.

A caller is one generator from the arrival to the hang-up; agents, queues and trunks are plain state
that it changes. What happens at one instant is ordered by (phase, caller, attempt): that key goes
into SimPy's queue as the event's priority, through the one event class `At`. The sections stand in
the order of the compiled engine's: arrival, trunk, walk, queue, assignment, talk, staffing, redial,
horizon.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import simpy

from vpbx import draws
from vpbx.codes import Case, Estimator, Op, Outcome, Phase, Picks, Purpose, Relation, Strategy
from vpbx.engine.booking import Level, Rows, stack
from vpbx.engine.records import CALL_COLUMNS, VISIT_COLUMNS, Calls, Grid, Records, Visits
from vpbx.engine.state import Agent, Call, Line, Visit
from vpbx.engine.story import Told
from vpbx.engine.walk import Counts, Progress, Walked, calendar_value, static_case, walk
from vpbx.program.program import Program
from vpbx.traffic.workload import Arrivals
from vpbx.units import SECOND_US

Life = Generator[simpy.Event, Any, None]

_WHO_BITS = 72
_UNKNOWN = 1 << 60
"""An expected wait that cannot be told is longer than any."""


class At(simpy.Event):
    """Happens at an instant; within it in the order of (phase, who)."""

    def __init__(
        self,
        env: simpy.Environment,
        at: int,
        phase: Phase,
        who: int,
        then: Callable[[simpy.Event], None] | None = None,
    ) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        if then is not None and self.callbacks is not None:
            self.callbacks.append(then)
        env.schedule(self, priority=phase << _WHO_BITS | who, delay=at - env.now)  # type: ignore[arg-type]


class Reference:
    """One replication of a Program."""

    def __init__(self, program: Program, seed: int, replication: int, told: Told) -> None:
        clock, flow = program.clock, program.flow
        self.program, self.told = program, told
        self.key = draws.stream_key(seed, replication)
        self.env = simpy.Environment(initial_time=0)
        self.duration, self.horizon = clock.duration_us, clock.duration_us + clock.drain_us
        n_intervals = self.horizon // clock.grid_us + 1
        self.counts = Counts(
            edges=np.zeros((n_intervals, len(program.edges.exit)), np.int64),
            node_time=np.zeros((n_intervals, len(flow.nodes.op)), np.int64),
            forced_keys=program.classes.forced_keys,
            grid_us=clock.grid_us,
            trail=np.zeros((0, 4), np.int64),
        )
        self.calls, self.visits = Rows(CALL_COLUMNS), Rows(VISIT_COLUMNS)
        self.trunks = [Level(clock.grid_us) for _ in program.trunks.calendar]
        self.lines = [Line(Level(clock.grid_us)) for _ in program.queues.capacity]
        first = program.groups.first_agent
        self.groups = [
            [Agent(g, int(a)) for a in range(first[g], first[g + 1])] for g in range(len(first) - 1)
        ]
        self.logged_in, self.talking, self.wrapping_up = (
            [Level(clock.grid_us) for _ in self.groups] for _ in range(3)
        )
        self.newly_idle: list[Agent] = []
        self.newly_waiting: list[Visit] = []
        self.assign_pending = False
        self.live: dict[int, Call] = {}
        self.redials_due = 0
        self.busy_agents = 0
        self.over = False

    # --- the run -------------------------------------------------------------------------------

    def run(self, workload: Iterator[Arrivals]) -> Records:
        """Runs the replication to its end."""
        for group in range(len(self.groups)):
            self._schedule_change(group, self.program.flow.calendars.start[self.program.groups.calendar[group]])
        self._next_first_attempt(_each(workload))
        At(self.env, self.duration, Phase.HORIZON, 0, self._end_of_duration)
        if self.horizon > self.duration:
            At(self.env, self.horizon, Phase.HORIZON, 1, self._horizon)
        while not self.over:
            self.env.step()
        return self._records()

    def _uniform(self, call: Call, purpose: Purpose, n: int, attempt: int | None = None) -> float:
        return draws.uniform(
            self.key, call.caller, call.attempt if attempt is None else attempt, int(purpose), n
        )

    def _duration(self, dist: int, u: float) -> int:
        return draws.duration_us(self.program.flow.dists, dist, u)

    # --- arrival -------------------------------------------------------------------------------

    def _next_first_attempt(self, arrivals: Iterator[tuple[int, ...]]) -> None:
        """Schedules the next first attempt, which schedules the one after it."""
        row = next(arrivals, None)
        if row is None:
            return
        at, caller_class, number, goal, ordinal, day = row
        call = Call(draws.caller_id(caller_class, day, ordinal), 0, caller_class, number, goal)

        def arrive(_: simpy.Event) -> None:
            self._next_first_attempt(arrivals)
            self.env.process(self._call(call))

        At(self.env, at, Phase.ARRIVAL, call.who, arrive)

    def _call(self, call: Call) -> Life:
        """A call's life, from the arrival to the hang-up."""
        self._arrive(call)
        numbers = self.program.numbers
        access = numbers.access[call.number, call.network]
        if access != -2:
            yield from self._refuse(call, int(access))
            return
        trunk = int(numbers.trunk[call.number])
        if not self._seize(call, trunk):
            self._end(call, Outcome.BLOCKED)
            return
        node: int | None = int(numbers.enter[call.number])
        while node is not None:
            why, node, at = self._walk(call, node)
            if why == Walked.AT_LIMIT and at > self.horizon:
                return  # the horizon will cut it
            phase = Phase.END_OF_PATIENCE if why == Walked.AT_LIMIT else Phase.END_OF_WALK
            yield At(self.env, at, phase, call.who)
            if why == Walked.AT_LIMIT:
                self._end(call, Outcome.ABANDONED_IVR)
                return
            if why == Walked.HUNG_UP:
                self._end(call, self._hung_up(call))
                return
            node = yield from self._state_node(call, node)

    def _arrive(self, call: Call) -> None:
        """Enters the call in the records."""
        classes = self.program.classes
        call.network = int(classes.network[call.caller_class])
        call.row = self.calls.append(
            self.env.now, -1, -1, -1, call.ordinal, call.day, call.caller_class, call.number,
            call.goal, -1, call.attempt, -1,
        )  # fmt: skip
        call.story = self.told.story_of(call)
        self.live[call.row] = call
        knows = draws.uniform(self.key, call.caller, 0, int(Purpose.KNOWS_MENU), 0)
        call.progress[Progress.GOAL] = call.goal
        call.progress[Progress.KNOWS] = knows < classes.knows_menu[call.caller_class]
        call.progress[Progress.FORCED] = (
            classes.forced_start[call.caller_class, call.goal, call.number] if call.goal >= 0 else -1
        )
        call.tell(self.env.now, "arrives", number=call.number, attempt=call.attempt)

    def _refuse(self, call: Call, node: int) -> Life:
        """The number does not take this network: an announcement, or nothing."""
        call.tell(self.env.now, "refused")
        if node >= 0:
            why, node, at = self._walk(call, node)
            if why == Walked.AT_LIMIT:
                return
            yield At(self.env, at, Phase.END_OF_WALK, call.who)
        self._end(call, Outcome.REFUSED)

    # --- trunk ---------------------------------------------------------------------------------

    def _seize(self, call: Call, trunk: int) -> bool:
        """Takes a channel and answers; False when none is free."""
        if trunk >= 0:
            level = self.trunks[trunk]
            channels = self._calendar(self.program.trunks.calendar[trunk])
            call.tell(self.env.now, "trunk", trunk=trunk, held=level.value, channels=channels)
            if level.value >= channels:
                return False
            level.change(self.env.now, 1)
        call.trunk = trunk
        call.answered_at = self.env.now
        self.calls["answered_at"][call.row] = call.answered_at
        ivr_patience = self.program.classes.ivr_patience_dist[call.caller_class]
        if ivr_patience >= 0:
            u = self._uniform(call, Purpose.IVR_PATIENCE, 0)
            call.gives_up_at = call.answered_at + self._duration(ivr_patience, u)
        return True

    def _calendar(self, calendar: int) -> int:
        return calendar_value(self.program.flow.calendars, calendar, self.env.now)

    # --- walk ----------------------------------------------------------------------------------

    def _walk(self, call: Call, node: int) -> tuple[Walked, int, int]:
        """Walks from a node: why the walk stops, where, when."""
        gives_up = call.gives_up_at <= self.horizon
        limit = call.gives_up_at if gives_up else self.horizon + 1
        counts = call.traced(self.counts)
        why, node, at = walk(
            self.program.flow, call.walker(self.key, self.program.classes), call.progress, counts,
            node, self.env.now, limit, gives_up,
        )  # fmt: skip
        call.tell_trail(counts)
        self.calls["last_node"][call.row] = node
        return Walked(why), node, at

    def _hung_up(self, call: Call) -> Outcome:
        """What a call is whose walk has ended."""
        if call.answered:
            return Outcome.ANSWERED
        return Outcome.SELF_SERVED if call.progress[Progress.REACHED] else Outcome.LOST

    def _state_node(self, call: Call, node: int) -> Generator[simpy.Event, Any, int | None]:
        """A node that depends on the state of the system; the node after it, None at the end."""
        self.calls["last_node"][call.row] = node
        if self.program.flow.nodes.op[node] == Op.QUEUE:
            return (yield from self._queue(call, node))
        return self._branch(call, node)

    def _leave(self, call: Call, node: int, edge: int, entered: int | None = None) -> None:
        """Counts an exit from a node of the system's state."""
        now = self.env.now
        self.counts.edges[now // self.program.clock.grid_us, edge] += 1
        call.tell_step(node, edge, now if entered is None else entered, now)

    def _branch(self, call: Call, node: int) -> int | None:
        """The node of the first case that holds; None when the system hangs up."""
        nodes, cases = self.program.flow.nodes, self.program.flow.cases
        following, edge = int(nodes.otherwise[node]), int(nodes.otherwise_edge[node])
        for case in range(nodes.row[node], nodes.row[node] + nodes.n_cases[node]):
            if self._case_holds(call, case):
                following, edge = int(cases.next[case]), int(cases.edge[case])
                break
        self._leave(call, node, edge)
        if following >= 0:
            return following
        self._end(call, self._hung_up(call))
        return None

    def _case_holds(self, call: Call, case: int) -> bool:
        cases = self.program.flow.cases
        if cases.kind[case] < Case.QUEUE_LENGTH:
            who = call.walker(self.key, self.program.classes)
            return static_case(self.program.flow, who, case, self.env.now)
        found, value = self._state(int(cases.kind[case]), int(cases.operand[case])), cases.value[case]
        relation = cases.relation[case]
        if relation == Relation.LT:
            return bool(found < value)
        if relation == Relation.LE:
            return bool(found <= value)
        return bool(found > value if relation == Relation.GT else found >= value)

    def _state(self, what: int, queue: int) -> int:
        """What a state case asks about a queue; expected waits in us."""
        if what == Case.EXPECTED_WAIT:
            expected = self._expected_wait_s(queue)
            return _UNKNOWN if expected < 0 else expected * SECOND_US
        if what == Case.AGENTS_FREE:
            return sum(1 for agent in self._idle_agents(queue))
        return len(self.lines[queue].waiting) + (what == Case.POSITION)

    # --- queue ---------------------------------------------------------------------------------

    def _queue(self, call: Call, node: int) -> Generator[simpy.Event, Any, int | None]:
        """Waits for an agent and talks; the node after it, None at the end."""
        nodes = self.program.flow.nodes
        visit = self._visit(call, node)
        if visit.full:
            self._leave(call, node, int(nodes.full_edge[node]))
            if nodes.full[node] >= 0:
                return int(nodes.full[node])
            self._end(call, Outcome.BLOCKED)
            return None
        self._join(visit)
        visit.turn = self.env.event()
        yield visit.turn
        if visit.agent is None:
            self._leave(call, node, int(nodes.hang_up_edge[node]), visit.joined_at)
            self._end(call, Outcome.ABANDONED)
            return None
        yield At(self.env, visit.talk_until, Phase.END_OF_TALK, call.who)
        self._end_of_talk(visit)
        self._leave(call, node, int(nodes.next_edge[node]), visit.joined_at)
        if nodes.next[node] >= 0:
            return int(nodes.next[node])
        self._end(call, Outcome.ANSWERED)
        return None

    def _visit(self, call: Call, node: int) -> Visit:
        """Enters a visit to the node's queue in the records."""
        nodes, now = self.program.flow.nodes, self.env.now
        queue = int(nodes.row[node])
        waiting = self.lines[queue].waiting
        priority = int(
            self.program.classes.priority[call.caller_class]
            + self.program.numbers.priority[call.number]
            + nodes.priority[node]
        )
        capacity = self.program.queues.capacity[queue]
        visit = Visit(call, queue, priority, now)
        visit.full = 0 <= capacity <= len(waiting)
        told = self._expected_wait_s(queue) if nodes.announces[node] and not visit.full else -1
        outcome, left_at = (Outcome.BLOCKED, now) if visit.full else (-1, -1)
        visit.row = self.visits.append(
            call.row, queue, node, priority, outcome, -1, -1, len(waiting), told, now, left_at, -1, -1
        )
        call.tell(now, "full" if visit.full else "joins", queue=queue, waiting=len(waiting), told=told)
        return visit

    def _join(self, visit: Visit) -> None:
        """Takes a place in the queue; patience starts."""
        call, line, now = visit.call, self.lines[visit.queue], self.env.now
        insort(line.waiting, (visit.order, visit))
        line.level.change(now, 1)
        patience = self.program.classes.patience_dist[call.caller_class]
        if patience >= 0:
            kept = self.program.classes.keeps_patience[call.caller_class]
            u = self._uniform(call, Purpose.PATIENCE, call.joins, 0 if kept else None)
            until = now + self._duration(patience, u)
            if until <= self.horizon:
                At(self.env, until, Phase.END_OF_PATIENCE, call.who, lambda _: self._abandon(visit))
        call.joins += 1
        self.newly_waiting.append(visit)
        self._pend_assign()

    def _take_out(self, visit: Visit) -> None:
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
        self._take_out(visit)
        self.visits["outcome"][visit.row] = Outcome.ABANDONED
        visit.call.tell(self.env.now, "abandons", waited=self.env.now - visit.joined_at)
        visit.turn.succeed()

    def _expected_wait_s(self, queue: int) -> int:
        """Expected wait in whole seconds by the queue's estimator; -1 when it cannot be told."""
        line, estimator = self.lines[queue], self.program.queues.estimator[queue]
        if estimator == Estimator.ASTERISK:
            return line.average_s
        if estimator == Estimator.LAST_SERVED:
            return line.last_served_s
        if estimator == Estimator.HEAD_OF_LINE:
            if not line.waiting:
                return 0
            return (self.env.now - line.waiting[0][1].joined_at) // SECOND_US
        penalty = self.program.groups.penalty[:, queue]
        agents = sum(self.logged_in[g].value for g in np.flatnonzero(penalty >= 0))
        if agents == 0:
            return -1
        return int((len(line.waiting) + 1) * self.program.queues.aht_s[queue]) // agents

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
        groups = self.program.groups
        queues = [q for q in groups.queue_order[agent.group] if q >= 0 and self.lines[q].waiting]
        if not queues:
            return None
        picks = groups.picks[agent.group]
        if picks == Picks.IN_ORDER:
            queue = queues[0]
        elif picks == Picks.LONGEST_QUEUE:
            queue = max(queues, key=lambda q: len(self.lines[q].waiting))
        else:
            weight = self.program.queues.weight
            queue = min(queues, key=lambda q: (-weight[q], self.lines[q].waiting[0][0]))
        return self.lines[queue].waiting[0][1]

    def _idle_agents(self, queue: int) -> Iterator[Agent]:
        """The idle agents who serve a queue, by group and index."""
        penalty = self.program.groups.penalty
        for g, group in enumerate(self.groups):
            if penalty[g, queue] >= 0:
                yield from (agent for agent in group if agent.idle)

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
        u = self._uniform(visit.call, Purpose.PICK_AGENT, visit.call.answers)
        return idle[int(u * len(idle))]

    def _answer(self, visit: Visit, agent: Agent) -> None:
        """The agent takes the call."""
        call, now, line = visit.call, self.env.now, self.lines[visit.queue]
        self._take_out(visit)
        waited_s = (now - visit.joined_at) // SECOND_US
        line.average_s, line.last_served_s = (3 * line.average_s + waited_s) // 4, waited_s
        agent.idle, agent.n_calls = False, agent.n_calls + 1
        self.busy_agents += 1
        self.talking[agent.group].change(now, 1)
        kept = self.program.classes.keeps_handle_time[call.caller_class]
        u = self._uniform(call, Purpose.HANDLE_TIME, call.answers, 0 if kept else None)
        handle = self.program.groups.handle_dist[agent.group, visit.queue]
        visit.agent, visit.talk_until = agent, now + self._duration(handle, u)
        visit.answer_n, call.answers, call.answered = call.answers, call.answers + 1, True
        for column, value in (
            ("outcome", Outcome.ANSWERED),
            ("group", agent.group),
            ("agent", agent.index),
            ("talk_until", min(visit.talk_until, self.horizon)),
        ):
            self.visits[column][visit.row] = value
        call.gives_up_at = _UNKNOWN
        call.tell(now, "answered", agent=agent.index, group=agent.group, idle=now - agent.idle_since)
        visit.turn.succeed()

    # --- talk and wrap-up ----------------------------------------------------------------------

    def _end_of_talk(self, visit: Visit) -> None:
        """The caller is free; the agent goes through wrap-up."""
        agent, now = visit.agent, self.env.now
        assert agent is not None
        dist = self.program.groups.wrap_up_dist[agent.group, visit.queue]
        wrap_up = self._duration(dist, self._uniform(visit.call, Purpose.WRAP_UP, visit.answer_n))
        until = now + wrap_up
        self.visits["wrap_up_until"][visit.row] = min(until, self.horizon)
        self.talking[agent.group].change(now, -1)
        self.wrapping_up[agent.group].change(now, 1)
        visit.call.tell(now, "talked", wrap_up=wrap_up)
        At(self.env, until, Phase.END_OF_WRAP_UP, agent.index, lambda _: self._end_of_wrap_up(agent))

    def _end_of_wrap_up(self, agent: Agent) -> None:
        """The agent is idle again, or goes home."""
        self.wrapping_up[agent.group].change(self.env.now, -1)
        self.busy_agents -= 1
        if agent.leaving:
            self._log_out(agent)
        else:
            self._become_idle(agent)
        self._check_over()

    def _become_idle(self, agent: Agent) -> None:
        agent.idle, agent.idle_since = True, self.env.now
        self.newly_idle.append(agent)
        self._pend_assign()

    # --- staffing ------------------------------------------------------------------------------

    def _schedule_change(self, group: int, step: int) -> None:
        """The group's staff changes at a step of its calendar; then the next step is scheduled."""
        calendars = self.program.flow.calendars
        if step >= calendars.start[self.program.groups.calendar[group] + 1]:
            return

        def change(_: simpy.Event) -> None:
            self._staff(group, int(calendars.value[step]))
            self._schedule_change(group, step + 1)

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

    # --- end of the call, redial ---------------------------------------------------------------

    def _end(self, call: Call, outcome: Outcome) -> None:
        """The call ends; the caller may call again."""
        now = self.env.now
        self._hang_up(call, outcome)
        classes = self.program.classes
        p = classes.redial[call.caller_class, outcome]
        if p > 0 and call.attempt + 1 < classes.attempts[call.caller_class]:
            if self._uniform(call, Purpose.REDIAL, 0) < p:
                delay = classes.redial_delay_dist[call.caller_class]
                u = self._uniform(call, Purpose.REDIAL_DELAY, 0)
                self._redial(call, now + self._duration(delay, u))
        self._check_over()

    def _hang_up(self, call: Call, outcome: Outcome) -> None:
        """Frees the line and closes the record."""
        now = self.env.now
        if call.trunk >= 0:
            self.trunks[call.trunk].change(now, -1)
        self.calls["ended_at"][call.row] = now
        self.calls["outcome"][call.row] = outcome
        del self.live[call.row]
        call.tell(now, "ends", outcome=outcome)

    def _redial(self, call: Call, at: int) -> None:
        """The next attempt; one due after the horizon is dropped, the record tells when."""
        self.calls["redial_at"][call.row] = at
        call.tell(self.env.now, "redials", again=at)
        if at > self.horizon:
            return
        again = Call(call.caller, call.attempt + 1, call.caller_class, call.number, call.goal)
        self.redials_due += 1

        def arrive(_: simpy.Event) -> None:
            self.redials_due -= 1
            self.env.process(self._call(again))

        At(self.env, at, Phase.ARRIVAL, again.who, arrive)

    # --- horizon -------------------------------------------------------------------------------

    def _end_of_duration(self, event: simpy.Event) -> None:
        """No more first attempts: the run is cut, or drains."""
        if self.horizon == self.duration:
            self._horizon(event)
        else:
            self._check_over()

    def _check_over(self) -> None:
        """A draining run is over when nobody is left, nobody will call again and agents are done."""
        if self.env.now < self.duration or self.live or self.redials_due or self.busy_agents:
            return
        At(self.env, self.env.now, Phase.HORIZON, 2, self._stop)

    def _stop(self, _: simpy.Event) -> None:
        self.over = not (self.live or self.redials_due or self.busy_agents) or self.over

    def _horizon(self, _: simpy.Event) -> None:
        """Whoever is still in the system is cut."""
        for line in self.lines:
            for _order, visit in list(line.waiting):
                self._take_out(visit)
                self.visits["outcome"][visit.row] = Outcome.CUT
        for call in list(self.live.values()):
            self._hang_up(call, Outcome.CUT)
        self.over = True

    def _records(self) -> Records:
        """All that the run leaves."""
        end, clock = self.env.now, self.program.clock
        n = max(1, -(-end // clock.grid_us))
        levels = [self.logged_in, self.talking, self.wrapping_up, self.trunks]
        queues = [line.level for line in self.lines]
        for level in [*sum(levels, []), *queues]:
            level.close(end)
        edge_n = end // clock.grid_us + 1
        grid = Grid(
            edges=_fold(self.counts.edges[:edge_n], n),
            node_time=_fold(self.counts.node_time[:edge_n], n),
            queue_time=stack([q.time for q in queues], n),
            queue_peak=stack([q.peak for q in queues], n),
            logged_in=stack([g.time for g in self.logged_in], n),
            talk=stack([g.time for g in self.talking], n),
            wrap_up=stack([g.time for g in self.wrapping_up], n),
            trunk_time=stack([t.time for t in self.trunks], n),
            trunk_peak=stack([t.peak for t in self.trunks], n),
            channels=stack([self._channel_time(c, end) for c in self.program.trunks.calendar], n),
        )
        calls = self.calls.build(Calls, CALL_COLUMNS)
        return Records(calls, self.visits.build(Visits, VISIT_COLUMNS), grid, end)

    def _channel_time(self, calendar: int, end: int) -> list[int]:
        """Channel-time available by interval."""
        level, calendars = Level(self.program.clock.grid_us), self.program.flow.calendars
        for step in range(calendars.start[calendar], calendars.start[calendar + 1]):
            if calendars.at[step] < end:
                level.change(int(calendars.at[step]), int(calendars.value[step]) - level.value)
        level.close(end)
        return level.time


def _fold(counts: np.ndarray[Any, np.dtype[np.int64]], n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The first n intervals; what happened at the very end belongs to the last."""
    folded = counts[:n].copy()
    folded[-1] += counts[n:].sum(axis=0)
    return folded


def _each(workload: Iterator[Arrivals]) -> Iterator[tuple[int, ...]]:
    """The first attempts one by one, as plain integers."""
    for block in workload:
        yield from zip(*(column.tolist() for column in block), strict=True)
