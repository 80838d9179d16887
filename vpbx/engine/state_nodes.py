"""Nodes that depend on the state of the system, in the reference engine: queues, ringing, mailboxes.

Belongs here: what happens to a call from the moment it comes to such a node until it goes on, as part
of its generator. Does not belong here: lines and agents (`desk`), the walk between nodes (`reference`).
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from vpbx.codes import Case, Op, Outcome, Phase, Purpose, Relation
from vpbx.engine.events import At
from vpbx.engine.extensions import Extensions
from vpbx.engine.joining import Joining
from vpbx.engine.state import Call, Kind, Visit
from vpbx.engine.walk import Progress, Walked, chance, leave_message, static_case
from vpbx.units import NEVER

if TYPE_CHECKING:
    from vpbx.engine.reference import Reference

Life = Generator[simpy.Event, Any, None]
Following = Generator[simpy.Event, Any, int | None]
"""What a node does; the node after it, None when the call has ended."""


class StateNodes:
    """The nodes of one replication that depend on its state."""

    def __init__(self, engine: "Reference") -> None:
        self.engine, self.program, self.env = engine, engine.program, engine.env
        self.desk, self.draws, self.channels = engine.desk, engine.draws, engine.channels
        self.joining, self.extensions = Joining(engine, self.case_holds), Extensions(engine)

    def at(self, call: Call, node: int) -> Following:
        """A node that depends on the state of the system; the node after it, None at the end."""
        op = self.program.flow.nodes.op[node]
        if op == Op.QUEUE:
            return (yield from self._queue(call, node))
        if op == Op.RING:
            return (yield from self._ring(call, node))
        if op == Op.VOICEMAIL:
            return (yield from self._voicemail(call, node))
        return self._branch(call, node)

    def _branch(self, call: Call, node: int) -> int | None:
        """The node of the first case that holds; None when the system hangs up."""
        nodes, cases = self.program.flow.nodes, self.program.flow.cases
        following, edge = int(nodes.otherwise[node]), int(nodes.otherwise_edge[node])
        who = call.walker(self.draws.key, self.program.classes)
        by_chance = chance(self.engine.packed, who, call.progress, node)
        for case in range(nodes.row[node], nodes.row[node] + nodes.n_cases[node]):
            if self.case_holds(call, case, by_chance):
                following, edge = int(cases.next[case]), int(cases.edge[case])
                break
        self.engine.leave(call, node, edge)
        return self.engine.go_on(call, following, self.engine.hung_up(call))

    def case_holds(self, call: Call, case: int, by_chance: int = -1) -> bool:
        """Whether a case of a branch, or the condition of an offer, holds now."""
        cases = self.program.flow.cases
        if cases.kind[case] < Case.QUEUE_LENGTH or cases.kind[case] == Case.SHARE:
            who = call.walker(self.draws.key, self.program.classes)
            return static_case(self.engine.packed, who, case, self.env.now, by_chance)
        found = self.desk.state(int(cases.kind[case]), int(cases.operand[case]))
        value, relation = cases.value[case], cases.relation[case]
        if relation == Relation.LT:
            return bool(found < value)
        if relation == Relation.LE:
            return bool(found <= value)
        return bool(found > value if relation == Relation.GT else found >= value)

    # --- queue ---------------------------------------------------------------------------------

    def _queue(self, call: Call, node: int) -> Following:
        """Waits for an agent and talks; the node after it, None at the end."""
        visit = self.joining.visit(call, node)
        if visit.left is None:
            if visit.kind is Kind.CALLBACK:
                self.channels.give_up_own(call.row, call.trunk, call.answered_at)
                call.trunk = -1
            call.visit, visit.turn = visit, self.env.event()
            self.desk.join(visit)
            yield visit.turn
        if visit.agent is None:
            return self._not_served(call, node, visit)
        if call.held_until == 1:
            self.release_held(call)
        yield At(self.env, visit.talk_until, Phase.END_OF_TALK, call.who)
        return None if call.over else self._talked(call, node, visit)

    def _not_served(self, call: Call, node: int, visit: Visit) -> int | None:
        """The call left the queue, or did not get in: by another way, or to its end."""
        if call.over:
            return None
        self.release_held(call)
        call.visit = None
        assert visit.left is not None
        assert visit.outcome is not None
        following, edge = self.joining.way(node, visit.left)
        self.engine.leave(call, node, edge, visit.joined_at)
        return self.engine.go_on(call, following, visit.outcome)

    def _talked(self, call: Call, node: int, visit: Visit) -> int | None:
        """The talk is over: the agent wraps up, or stays with a call that is passed on."""
        nodes = self.program.flow.nodes
        following, edge = int(nodes.next[node]), int(nodes.next_edge[node])
        call.visit = None
        self.release_held(call)
        holds = self.joining.holds_agent(following) if following >= 0 else 0
        if holds and visit.kind is Kind.CALL:
            call.held, call.held_until = visit, holds
            self.engine.visits["talk_until"][visit.row] = self.engine.horizon
        else:
            self.desk.end_of_talk(visit)
        if visit.kind is Kind.CALLBACK:
            self.channels.release_leg(visit.leg)
            self.engine.end(call, Outcome.CALLBACK_DONE)
            return None
        self.engine.leave(call, node, edge, visit.joined_at)
        return self.engine.go_on(call, following, Outcome.ANSWERED)

    def release_held(self, call: Call) -> None:
        """The agent who stayed with a call that was passed on wraps up."""
        if call.held is not None:
            held, call.held, call.held_until = call.held, None, 0
            self.desk.end_of_talk(held)

    # --- other nodes of the system's state ------------------------------------------------------

    def _ring(self, call: Call, node: int) -> Following:
        """Rings extensions or outside numbers, and talks; the node after it."""
        nodes, row = self.program.flow.nodes, int(self.program.flow.nodes.row[node])
        entered = self.env.now
        heard = yield from self.extensions.ring(call, row)
        if call.over:
            return None
        if heard is None and call.leg is None:
            self.engine.leave(call, node, int(nodes.hang_up_edge[node]), entered)
            self.engine.end(call, Outcome.ABANDONED)
            return None
        if heard is None:
            self.engine.leave(call, node, int(nodes.otherwise_edge[node]), entered)
            return self.engine.go_on(call, int(nodes.otherwise[node]), self.engine.hung_up(call))
        self.extensions.cursor[row] = (heard.place + 1) % int(self.program.rings.n_legs[row])
        call.forwarded, call.gives_up_at = True, NEVER
        call.progress[Progress.REACHED], call.progress[Progress.TYPED] = 1, 0
        extension = heard.ringing.extension
        call.tell(self.env.now, "leg_answers", extension=extension)
        u = self.draws.uniform(call, Purpose.LEG_TALK, call.legs_tried)
        talk = self.draws.duration(int(self.program.extensions.talk_dist[extension]), u)
        yield At(self.env, self.env.now + talk, Phase.END_OF_TALK, call.who)
        if call.over:
            return None
        self.extensions.release_all(call)
        self.engine.leave(call, node, int(nodes.next_edge[node]), entered)
        return self.engine.go_on(call, int(nodes.next[node]), self.engine.hung_up(call))

    def _voicemail(self, call: Call, node: int) -> Following:
        """The caller leaves a message and hangs up; the message waits for an agent."""
        nodes, queue = self.program.flow.nodes, int(self.program.flow.nodes.row[node])
        capacity = nodes.capacity[node]
        if queue >= 0 and 0 <= capacity <= len(self.desk.lines[queue].waiting):
            self.engine.leave(call, node, int(nodes.full_edge[node]))
            return self.engine.go_on(call, int(nodes.full[node]), Outcome.BLOCKED)
        limit, gives_up = self.engine.limit(call)
        counts = call.traced(self.engine.counts)
        who = call.walker(self.draws.key, self.program.classes)
        why, at = leave_message(
            self.engine.packed, who, call.progress, counts, node, self.env.now, limit, gives_up
        )
        call.tell_trail(counts)
        if why == Walked.AT_LIMIT and not gives_up:
            return None  # an outage, or the horizon, will cut it
        if why == Walked.AT_LIMIT:
            yield At(self.env, at, Phase.END_OF_PATIENCE, call.who)
        else:
            yield At(self.env, at, Phase.END_OF_WALK, call.who)
        if call.over:
            return None
        if why == Walked.AT_LIMIT:
            self.engine.end(call, Outcome.ABANDONED_IVR)
            return None
        if queue < 0:
            self.engine.end(call, Outcome.VOICEMAIL)
            return None
        self.engine.hang_up(call, Outcome.VOICEMAIL)
        yield from self._handled(call, node, queue)
        return None

    def _handled(self, call: Call, node: int, queue: int) -> Life:
        """A message waits for an agent, who sees to it."""
        visit = self.joining.message(call, node, queue)
        visit.turn = self.env.event()
        self.desk.join(visit)
        yield visit.turn
        yield At(self.env, visit.talk_until, Phase.END_OF_TALK, call.who)
        self.desk.end_of_talk(visit)
        del self.engine.live[call.row]
        self.engine.check_over()
