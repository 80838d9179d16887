"""Coming to a queue in the reference engine: who may join, what callers are told and offered.

Belongs here: all that happens before a call takes its place (semantics §6, join). Does not belong
here: the line itself (`desk`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from vpbx.codes import Case, Exit, Op, Outcome, Purpose
from vpbx.engine.records import LONGEST_TOLD_S, MOST_WAITING
from vpbx.engine.state import Call, Kind, Visit

if TYPE_CHECKING:
    from vpbx.engine.reference import Reference


class Joining:
    """How calls come to the queues of one replication."""

    def __init__(self, engine: "Reference", case_holds: Callable[[Call, int], bool]) -> None:
        self.engine, self.program, self.desk = engine, engine.program, engine.desk
        self.case_holds = case_holds
        self.env, self.draws, self.visits = engine.env, engine.draws, engine.visits

    def visit(self, call: Call, node: int) -> Visit:
        """A visit to the node's queue, in the records; `left` is set when the call does not join."""
        nodes, now = self.program.flow.nodes, self.env.now
        queue, row = int(nodes.row[node]), int(nodes.wait[node])
        visit = self._made(call, node, queue)
        if self.program.platforms.since_answer[queue]:
            visit.first_joined_at = call.answered_at
            visit.reorder()
        waiting = len(self.desk.lines[queue].waiting)
        free = self.desk.state(Case.AGENTS_FREE, queue) > 0
        capacity = self.program.queues.capacity[queue]
        if row >= 0 and self.program.waits.checks_empty[row] and not self.desk.logged_in(queue):
            self._turned_away(visit, Outcome.BLOCKED, Exit.EMPTY)
        elif 0 <= capacity <= waiting and (not free or self.desk.platforms.follows(queue)):
            # who finds an agent free does not wait: a queue of capacity 0 takes those alone
            self._turned_away(visit, Outcome.BLOCKED, Exit.FULL)
        else:
            if nodes.announces[node]:
                visit.told_s = self.desk.expected_wait_s(queue)
            if row >= 0 and not free:
                self._hears(visit, row)
        self._enter(visit, waiting)
        call.tell(
            now,
            "joins" if visit.left is None else "turns_away",
            queue=queue,
            waiting=waiting,
            told=min(visit.told_s, LONGEST_TOLD_S),
            by=-1 if visit.left is None else int(visit.left),
        )
        return visit

    def _made(self, call: Call, node: int, queue: int) -> Visit:
        """A visit that nothing has happened to yet."""
        now, row = self.env.now, int(self.program.flow.nodes.wait[node])
        priority = int(
            self.program.classes.priority[call.caller_class]
            + self.program.numbers.priority[call.number]
            + self.program.flow.nodes.priority[node]
        )
        first = -1
        if row >= 0 and self.program.waits.keep_place[row]:
            first = call.first_joined_at
        if call.first_joined_at < 0:
            call.first_joined_at = now
        credit = int(self.program.queues.credit_us[queue])
        return Visit(call, queue, node, priority, now, first_joined_at=first, credit_us=credit)

    def _turned_away(self, visit: Visit, outcome: Outcome, by: Exit) -> None:
        visit.left, visit.outcome, visit.waiting = by, outcome, False

    def _hears(self, visit: Visit, row: int) -> None:
        """A caller who has to wait hears how long, and what is offered; the first offer taken counts."""
        call, waits, n = visit.call, self.program.waits, visit.call.joins
        if self.desk.limits.balks_at(visit):
            self._turned_away(visit, Outcome.BALKED, Exit.HANG_UP)
        elif self._takes(call, Purpose.ELSEWHERE_TAKEN, waits.elsewhere_p[row], n) and (
            self._offered(call, int(waits.elsewhere_case[row]))
        ):
            self._turned_away(visit, Outcome.FORWARDED, Exit.ELSEWHERE)
        elif self._takes(call, Purpose.CALLBACK_TAKEN, waits.callback_p[row], n) and (
            self._offered(call, int(waits.callback_case[row]))
        ):
            visit.kind = Kind.CALLBACK
            self.engine.leave(call, visit.node, int(waits.callback_edge[row]))
        elif self._takes(call, Purpose.PAID_SKIP_TAKEN, waits.skip_p[row], n) and (
            self._offered(call, int(waits.skip_case[row]))
        ):
            visit.priority += int(waits.skip_priority[row])
            visit.reorder()
            self.engine.leave(call, visit.node, int(waits.skip_edge[row]))

    def _takes(self, call: Call, purpose: Purpose, p: float, n: int) -> bool:
        """Whether the caller would take an offer."""
        return bool(p > 0 and self.draws.uniform(call, purpose, n) < p)

    def _offered(self, call: Call, case: int) -> bool:
        """Whether an offer is made now."""
        return case < 0 or self.case_holds(call, case)

    def _enter(self, visit: Visit, waiting: int) -> None:
        """Enters a visit in the records."""
        now, away = visit.joined_at, visit.left is not None
        assert visit.outcome is not None or not away
        visit.row = self.visits.append(
            visit.call.row, visit.queue, visit.node, visit.priority,
            int(visit.outcome) if visit.outcome is not None else -1,
            -1, -1, min(waiting, MOST_WAITING), min(visit.told_s, LONGEST_TOLD_S),
            now, now if away else -1, -1, -1,
        )  # fmt: skip

    def message(self, call: Call, node: int, queue: int) -> Visit:
        """What a caller left behind comes to a queue."""
        visit = self._made(call, node, queue)
        visit.kind = Kind.MESSAGE
        self._enter(visit, len(self.desk.lines[queue].waiting))
        return visit

    def way(self, node: int, left: Exit) -> tuple[int, int]:
        """Node and edge by which a call leaves a queue unanswered; -1: none follows."""
        nodes, waits, row = (
            self.program.flow.nodes,
            self.program.waits,
            int(self.program.flow.nodes.wait[node]),
        )
        if left is Exit.FULL:
            return int(nodes.full[node]), int(nodes.full_edge[node])
        if left is Exit.HANG_UP:
            return -1, int(nodes.hang_up_edge[node])
        if left is Exit.EMPTY:
            return int(waits.empty[row]), int(waits.empty_edge[row])
        if left is Exit.TIMED_OUT:
            return int(waits.timed_out[row]), int(waits.timed_out_edge[row])
        if left is Exit.LEFT:
            return int(waits.leave_to[row]), int(waits.leave_edge[row])
        if left is Exit.ELSEWHERE:
            return int(waits.elsewhere_to[row]), int(waits.elsewhere_edge[row])
        if left is Exit.CLEARED:
            return -1, int(waits.cleared_edge[row])
        return -1, int(nodes.hang_up_edge[node])  # a call back in vain

    def holds_agent(self, node: int) -> int:
        """Until when the agent who passes a call on to this node stays with it; 0: not at all."""
        nodes = self.program.flow.nodes
        if nodes.op[node] != Op.QUEUE or nodes.wait[node] < 0:
            return 0
        return int(self.program.waits.holds_agent[nodes.wait[node]])
