"""The reference engine: the contract of `semantics.md` as SimPy processes, written to be read.

A caller is one generator from the arrival to the hang-up; agents, queues and trunks are plain state
that it changes (`desk`, `staff`, `phones`, `extensions`, `channels`). Nodes that depend on the state of
the system stand in `state_nodes`, what cuts calls in `outages`. What happens at one instant is
ordered by (phase, caller, attempt): that key goes into SimPy's queue as the event's priority, through
the one event class `At`. The sections stand in the order of the compiled engine's: arrival, trunk,
walk, redial, horizon.
"""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import simpy

from vpbx import draws
from vpbx.codes import Outcome, Phase, Purpose
from vpbx.engine.booking import Rows, calendar_time, fold, stack
from vpbx.engine.channels import Channels
from vpbx.engine.desk import Desk
from vpbx.engine.events import At, Microseconds
from vpbx.engine.outages import Outages
from vpbx.engine.records import (
    CALL_COLUMNS,
    LEG_COLUMNS,
    LONGEST_CONNECTION_US,
    VISIT_COLUMNS,
    Calls,
    Grid,
    Legs,
    Records,
    Visits,
)
from vpbx.engine.state import Call, Draws
from vpbx.engine.state_nodes import StateNodes
from vpbx.engine.story import Told
from vpbx.engine.walk import (
    Counts,
    Progress,
    Walked,
    calendar_value,
    walk,
)
from vpbx.program.packed import pack
from vpbx.program.program import UNSETTLED, Program
from vpbx.traffic.workload import Arrivals
from vpbx.units import NEVER

Life = Generator[simpy.Event, Any, None]
Following = Generator[simpy.Event, Any, int | None]
"""What a node does; the node after it, None when the call has ended."""


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
            missed=np.zeros((n_intervals, len(program.groups.picks)), np.int64),
            autopauses=np.zeros((n_intervals, len(program.groups.picks)), np.int64),
            trail=np.zeros((0, 4), np.int64),
        )
        self.calls, self.visits = Rows(CALL_COLUMNS), Rows(VISIT_COLUMNS)
        self.draws = Draws(draws.stream_key(seed, replication), flow.dists)
        self.channels = Channels(program, self.env)
        self.desk = Desk(
            program, self.env, self.draws, self.visits, self.channels, self.counts, self.check_over
        )
        self.nodes, self.outages = StateNodes(self), Outages(self)
        self.live: dict[int, Call] = {}
        """Calls that are not over, by row: callers on the line, and what they left in a queue."""
        self.redials_due = 0
        self.over = False

    # --- the run -------------------------------------------------------------------------------

    def run(self, workload: Iterator[Arrivals]) -> Records:
        """Runs the replication to its end."""
        self._next_first_attempt(_each(workload))
        self.outages.schedule()
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
        at, caller, number, goal = row
        call = Call(caller, 0, caller >> 52, number, goal)

        def arrive(_: simpy.Event) -> None:
            self._next_first_attempt(arrivals)
            self.env.process(self._call(call))

        At(self.env, at, Phase.ARRIVAL, call.who, arrive)

    def _call(self, call: Call) -> Life:
        """A call's life, from the arrival to the hang-up."""
        self._arrive(call)
        connected = yield from self._connect(call)
        node = (yield from self._enter(call)) if connected else None
        while node is not None:
            why, node, at = self._walk(call, node)
            if why == Walked.AT_LIMIT and at < call.gives_up_at:
                return  # an outage, or the horizon, will cut it
            phase = Phase.END_OF_PATIENCE if why == Walked.AT_LIMIT else Phase.END_OF_WALK
            yield At(self.env, at, phase, call.who)
            if call.over:
                return
            if why == Walked.AT_STATE_NODE:
                node = yield from self.nodes.at(call, node)
                continue
            self.end(call, self._outcome_of_walk(call, why))
            return

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

    def _connect(self, call: Call) -> Generator[simpy.Event, Any, bool]:
        """The call gets through to the number, after some time and not always (M12)."""
        numbers, n = self.program.numbers, call.number
        if numbers.connect_dist[n] < 0:
            return True
        u = self.draws.uniform(call, Purpose.CONNECT, 0)
        takes = min(self.draws.duration(int(numbers.connect_dist[n]), u), LONGEST_CONNECTION_US)
        if takes > 0:
            yield At(self.env, self.env.now + takes, Phase.END_OF_WALK, call.who)
        fails = self.draws.uniform(call, Purpose.CONNECT_FAILS, 0) < numbers.connect_fails[n]
        call.tell(self.env.now, "no_connection" if fails else "connected")
        if fails:
            self.end(call, Outcome.FAILED)
        return not fails

    def _enter(self, call: Call) -> Following:
        """Access, licence, trunk; the node at which the call enters the flow."""
        numbers, licence = self.program.numbers, self.program.licence
        access = numbers.access[call.number, call.network]
        if access != -2:
            yield from self._refuse(call, int(access))
            return None
        if licence.active[0] >= 0 and not self._calendar(int(licence.active[0])):
            self.end(call, Outcome.SUSPENDED)
            return None
        if numbers.out[call.number] >= 0 and self._calendar(int(numbers.out[call.number])):
            self.end(call, Outcome.FAILED)
            return None
        if not self._seize(call, int(numbers.trunk[call.number])):
            self.end(call, Outcome.BLOCKED)
            return None
        return int(numbers.enter[call.number])

    def _refuse(self, call: Call, node: int) -> Life:
        """The number does not take this network: an announcement, or nothing."""
        call.tell(self.env.now, "refused")
        if node >= 0:
            why, node, at = self._walk(call, node)
            if why == Walked.AT_LIMIT:
                return
            yield At(self.env, at, Phase.END_OF_WALK, call.who)
        self.end(call, Outcome.REFUSED)

    # --- trunk ---------------------------------------------------------------------------------

    def _seize(self, call: Call, trunk: int) -> bool:
        """Takes a channel and answers; False when none is free."""
        if trunk >= 0:
            held, channels = self.channels.held[trunk].value, self.channels.available(trunk)
            free = self.channels.is_free(trunk)
            call.tell(
                self.env.now, "trunk", trunk=trunk, held=held, channels=channels, free=int(free)
            )
            if not free:
                return False
            self.channels.take(trunk)
        call.trunk = trunk
        call.answered_at = self.env.now
        after = self.env.now - self.calls["arrived_at"][call.row]
        self.calls["answered_after"][call.row] = after
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
        limit, gives_up = self.limit(call)
        counts = call.traced(self.counts)
        why, node, at = walk(
            self.packed, call.walker(self.draws.key, self.program.classes), call.progress, counts,
            node, self.env.now, limit, gives_up,
        )  # fmt: skip
        call.tell_trail(counts)
        self.calls["last_node"][call.row] = node
        return Walked(why), node, at

    def limit(self, call: Call) -> tuple[int, bool]:
        """The instant from which nothing in a walk happens, and whether the caller hangs up then."""
        cut_at = self._next_cut(call.trunk)
        if call.gives_up_at <= min(self.horizon, cut_at - 1):
            return call.gives_up_at, True
        return min(self.horizon + 1, cut_at), False

    def _next_cut(self, trunk: int) -> int:
        """When the next outage cuts the calls of a trunk."""
        moments, now = self.program.moments, self.env.now
        if trunk >= 0:
            for at, cut in zip(moments.at.tolist(), moments.trunk.tolist(), strict=True):
                if cut == trunk and at > now:
                    return int(at)
        return NEVER

    def _outcome_of_walk(self, call: Call, why: Walked) -> Outcome:
        """How a call ends whose walk has ended without a node of the system's state."""
        if why == Walked.AT_LIMIT:
            return Outcome.ABANDONED_IVR
        return Outcome.BLOCKED if why == Walked.UNLICENSED else self.hung_up(call)

    def hung_up(self, call: Call) -> Outcome:
        """What a call is whose walk has ended."""
        if call.answered:
            return Outcome.ANSWERED
        if call.forwarded:
            return Outcome.FORWARDED
        return Outcome.SELF_SERVED if call.progress[Progress.REACHED] else Outcome.LOST

    def leave(self, call: Call, node: int, edge: int, entered: int | None = None) -> None:
        """Counts an exit from a node of the system's state."""
        now = self.env.now
        self.counts.edges[now // self.program.clock.grid_us, edge] += 1
        call.tell_step(node, edge, now if entered is None else entered, now)

    def go_on(self, call: Call, following: int, outcome: Outcome) -> int | None:
        """The node that follows; without one, the call ends."""
        if following >= 0:
            return following
        self.end(call, outcome)
        return None

    # --- end of the call, redial ---------------------------------------------------------------

    def end(self, call: Call, outcome: Outcome) -> None:
        """The call ends; the caller may call again."""
        self.hang_up(call, outcome)
        del self.live[call.row]
        classes, c, now = self.program.classes, call.caller_class, self.env.now
        answered = outcome in (Outcome.ANSWERED, Outcome.CALLBACK_DONE)
        cause = UNSETTLED if answered and call.unsettled else int(outcome)
        p = classes.redial[c, cause]
        may_redial = p > 0 and call.attempt + 1 < classes.attempts[c, cause]
        if may_redial and self.draws.uniform(call, Purpose.REDIAL, 0) < p:
            u = self.draws.uniform(call, Purpose.REDIAL_DELAY, 0)
            delay = self.draws.duration(int(classes.redial_delay_dist[c, cause]), u)
            self._redial(call, now + delay, int(classes.redial_number[c, cause]))
        self.check_over()

    def hang_up(self, call: Call, outcome: Outcome) -> None:
        """Frees the line and closes the record."""
        now = self.env.now
        if call.trunk >= 0:
            self.channels.give(call.trunk)
            call.trunk = -1
        self.calls["ended_at"][call.row] = now
        self.calls["outcome"][call.row] = outcome
        call.over = True
        call.tell(now, "ends", outcome=outcome)

    def _redial(self, call: Call, at: int, number: int) -> None:
        """The next attempt; one due after the horizon is dropped, the record tells when."""
        self.calls["redial_at"][call.row] = at
        call.tell(self.env.now, "redials", again=at)
        if at > self.horizon:
            return
        dials = call.number if number < 0 else number
        again = Call(call.caller, call.attempt + 1, call.caller_class, dials, call.goal)
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
            self.check_over()

    def check_over(self) -> None:
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
            if not call.over:
                self.hang_up(call, Outcome.CUT)
        self.over = True

    def _records(self) -> Records:
        """All that the run leaves."""
        program, end, clock = self.program, self.env.now, self.program.clock
        n = max(1, -(-end // clock.grid_us))
        staff, queues = self.desk.staff, [line.level for line in self.desk.lines]
        agents = (staff.ringing, staff.logged_in, staff.talking, staff.wrapping_up)
        for levels in (*agents, self.channels.held, queues):
            for level in levels:
                level.close(end)
        self.channels.close()
        edge_n = end // clock.grid_us + 1
        grid = Grid(
            edges=fold(self.counts.edges[:edge_n], n),
            node_time=fold(self.counts.node_time[:edge_n], n),
            queue_time=stack([q.time for q in queues], n),
            queue_peak=stack([q.peak for q in queues], n),
            missed=fold(self.counts.missed[:edge_n], n),
            autopauses=fold(self.counts.autopauses[:edge_n], n),
            ringing=stack([g.time for g in staff.ringing], n),
            logged_in=stack([g.time for g in staff.logged_in], n),
            talk=stack([g.time for g in staff.talking], n),
            wrap_up=stack([g.time for g in staff.wrapping_up], n),
            trunk_time=stack([t.time for t in self.channels.held], n),
            trunk_peak=stack([t.peak for t in self.channels.held], n),
            channels=stack(
                [calendar_time(program, int(c), end) for c in program.trunks.calendar], n
            ),
        )
        return Records(
            self.calls.build(Calls, CALL_COLUMNS),
            self.visits.build(Visits, VISIT_COLUMNS),
            self.channels.legs.build(Legs, LEG_COLUMNS),
            grid,
            end,
        )


def _each(workload: Iterator[Arrivals]) -> Iterator[tuple[int, ...]]:
    """The first attempts one by one, as plain integers."""
    for block in workload:
        yield from zip(*(column.tolist() for column in block), strict=True)
