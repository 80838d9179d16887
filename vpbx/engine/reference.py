"""The reference engine: the contract of `semantics.md` as SimPy processes, written to be read.

A caller is one generator from the arrival to the hang-up; agents, queues and trunks are plain state
that it changes (`desk`). What happens at one instant is ordered by (phase, caller, attempt): that key
goes into SimPy's queue as the event's priority, through the one event class `At`. The sections stand
in the order of the compiled engine's: arrival, trunk, walk, queue, redial, horizon.
"""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import simpy

from vpbx import draws
from vpbx.codes import Case, Op, Outcome, Phase, Purpose, Relation
from vpbx.engine.booking import Level, Rows, calendar_time, fold, stack
from vpbx.engine.desk import Desk
from vpbx.engine.events import At, Microseconds
from vpbx.engine.records import CALL_COLUMNS, VISIT_COLUMNS, Calls, Grid, Records, Visits
from vpbx.engine.state import Call, Draws, Visit
from vpbx.engine.story import Told
from vpbx.engine.walk import Counts, Progress, Walked, calendar_value, static_case, walk
from vpbx.program.packed import pack
from vpbx.program.program import Program
from vpbx.traffic.workload import Arrivals

Life = Generator[simpy.Event, Any, None]


class Reference:
    """One replication of a Program."""

    def __init__(self, program: Program, seed: int, replication: int, told: Told) -> None:
        clock, flow = program.clock, program.flow
        self.program, self.told = program, told
        self.packed = pack(program).flow
        self.env = Microseconds()
        self.duration, self.horizon = clock.duration_us, clock.duration_us + clock.drain_us
        n_intervals = self.horizon // clock.grid_us + 1
        self.counts = Counts(
            edges=np.zeros((n_intervals, len(program.edges.exit)), np.int64),
            node_time=np.zeros((n_intervals, len(flow.nodes.op)), np.int64),
            trail=np.zeros((0, 4), np.int64),
        )
        self.calls, self.visits = Rows(CALL_COLUMNS), Rows(VISIT_COLUMNS)
        self.trunks = [Level(clock.grid_us) for _ in program.trunks.calendar]
        self.draws = Draws(draws.stream_key(seed, replication), flow.dists)
        self.desk = Desk(program, self.env, self.draws, self.visits, self._check_over)
        self.live: dict[int, Call] = {}
        self.redials_due = 0
        self.over = False

    # --- the run -------------------------------------------------------------------------------

    def run(self, workload: Iterator[Arrivals]) -> Records:
        """Runs the replication to its end."""
        self._next_first_attempt(_each(workload))
        At(self.env, self.duration, Phase.HORIZON, 0, self._end_of_duration)
        if self.horizon > self.duration:
            At(self.env, self.horizon, Phase.HORIZON, 1, self._horizon)
        while not self.over:
            self.env.step()
        return self._records()

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
        knows = draws.uniform(self.draws.key, call.caller, 0, int(Purpose.KNOWS_MENU), 0)
        call.progress[Progress.GOAL] = call.goal
        call.progress[Progress.KNOWS] = knows < classes.knows_menu[call.caller_class]
        call.progress[Progress.FORCED] = (
            classes.forced_start[call.caller_class, call.goal, call.number]
            if call.goal >= 0
            else -1
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
            u = self.draws.uniform(call, Purpose.IVR_PATIENCE, 0)
            call.gives_up_at = call.answered_at + self.draws.duration(ivr_patience, u)
        return True

    def _calendar(self, calendar: int) -> int:
        return calendar_value(self.program.flow.calendars, calendar, self.env.now)

    # --- walk ----------------------------------------------------------------------------------

    def _walk(self, call: Call, node: int) -> tuple[Walked, int, int]:
        """Walks from a node: why the walk stops, where, when."""
        if self.program.flow.nodes.state_dependent[node] and call.gives_up_at > self.env.now:
            return Walked.AT_STATE_NODE, node, self.env.now
        gives_up = call.gives_up_at <= self.horizon
        limit = call.gives_up_at if gives_up else self.horizon + 1
        counts = call.traced(self.counts)
        why, node, at = walk(
            self.packed, call.walker(self.draws.key, self.program.classes), call.progress, counts,
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
            who = call.walker(self.draws.key, self.program.classes)
            return static_case(self.packed, who, case, self.env.now)
        found, value = (
            self.desk.state(int(cases.kind[case]), int(cases.operand[case])),
            cases.value[case],
        )
        relation = cases.relation[case]
        if relation == Relation.LT:
            return bool(found < value)
        if relation == Relation.LE:
            return bool(found <= value)
        return bool(found > value if relation == Relation.GT else found >= value)

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
        self.desk.join(visit)
        visit.turn = self.env.event()
        yield visit.turn
        if visit.agent is None:
            self._leave(call, node, int(nodes.hang_up_edge[node]), visit.joined_at)
            self._end(call, Outcome.ABANDONED)
            return None
        yield At(self.env, visit.talk_until, Phase.END_OF_TALK, call.who)
        self.desk.end_of_talk(visit)
        self._leave(call, node, int(nodes.next_edge[node]), visit.joined_at)
        if nodes.next[node] >= 0:
            return int(nodes.next[node])
        self._end(call, Outcome.ANSWERED)
        return None

    def _visit(self, call: Call, node: int) -> Visit:
        """Enters a visit to the node's queue in the records."""
        nodes, now = self.program.flow.nodes, self.env.now
        queue = int(nodes.row[node])
        waiting = self.desk.lines[queue].waiting
        priority = int(
            self.program.classes.priority[call.caller_class]
            + self.program.numbers.priority[call.number]
            + nodes.priority[node]
        )
        capacity = self.program.queues.capacity[queue]
        visit = Visit(call, queue, priority, now)
        # who finds an agent free does not wait: a queue of capacity 0 takes those alone
        visit.full = 0 <= capacity <= len(waiting) and not self.desk.state(Case.AGENTS_FREE, queue)
        told = self.desk.expected_wait_s(queue) if nodes.announces[node] and not visit.full else -1
        outcome, left_at = (Outcome.BLOCKED, now) if visit.full else (-1, -1)
        visit.row = self.visits.append(
            call.row,
            queue,
            node,
            priority,
            outcome,
            -1,
            -1,
            len(waiting),
            told,
            now,
            left_at,
            -1,
            -1,
        )
        call.tell(
            now, "full" if visit.full else "joins", queue=queue, waiting=len(waiting), told=told
        )
        return visit

    # --- end of the call, redial ---------------------------------------------------------------

    def _end(self, call: Call, outcome: Outcome) -> None:
        """The call ends; the caller may call again."""
        now = self.env.now
        self._hang_up(call, outcome)
        classes = self.program.classes
        p = classes.redial[call.caller_class, outcome]
        may_redial = p > 0 and call.attempt + 1 < classes.attempts[call.caller_class]
        if may_redial and self.draws.uniform(call, Purpose.REDIAL, 0) < p:
            delay = classes.redial_delay_dist[call.caller_class]
            u = self.draws.uniform(call, Purpose.REDIAL_DELAY, 0)
            self._redial(call, now + self.draws.duration(delay, u))
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
        if self.env.now < self.duration or self.live or self.redials_due or self.desk.busy:
            return
        At(self.env, self.env.now, Phase.HORIZON, 2, self._stop)

    def _stop(self, _: simpy.Event) -> None:
        self.over = not (self.live or self.redials_due or self.desk.busy) or self.over

    def _horizon(self, _: simpy.Event) -> None:
        """Whoever is still in the system is cut."""
        for line in self.desk.lines:
            for _order, visit in list(line.waiting):
                self.desk.take_out(visit)
                self.visits["outcome"][visit.row] = Outcome.CUT
        for call in list(self.live.values()):
            self._hang_up(call, Outcome.CUT)
        self.over = True

    def _records(self) -> Records:
        """All that the run leaves."""
        program, end, clock = self.program, self.env.now, self.program.clock
        n = max(1, -(-end // clock.grid_us))
        desk, queues = self.desk, [line.level for line in self.desk.lines]
        for levels in (desk.logged_in, desk.talking, desk.wrapping_up, self.trunks, queues):
            for level in levels:
                level.close(end)
        edge_n = end // clock.grid_us + 1
        grid = Grid(
            edges=fold(self.counts.edges[:edge_n], n),
            node_time=fold(self.counts.node_time[:edge_n], n),
            queue_time=stack([q.time for q in queues], n),
            queue_peak=stack([q.peak for q in queues], n),
            logged_in=stack([g.time for g in desk.logged_in], n),
            talk=stack([g.time for g in self.desk.talking], n),
            wrap_up=stack([g.time for g in self.desk.wrapping_up], n),
            trunk_time=stack([t.time for t in self.trunks], n),
            trunk_peak=stack([t.peak for t in self.trunks], n),
            channels=stack(
                [calendar_time(program, int(c), end) for c in program.trunks.calendar], n
            ),
        )
        calls = self.calls.build(Calls, CALL_COLUMNS)
        return Records(calls, self.visits.build(Visits, VISIT_COLUMNS), grid, end)


def _each(workload: Iterator[Arrivals]) -> Iterator[tuple[int, ...]]:
    """The first attempts one by one, as plain integers."""
    for block in workload:
        yield from zip(*(column.tolist() for column in block), strict=True)
