"""The story of one call by the compiled engine, which tells none itself: it is watched from outside.

Belongs here: going on event by event while the call lives; the steps of its story, told as the
reference engine tells them, from what changed in the engine's state and tables. Does not belong here:
the engine (`kernel`), how it is driven (`compiled`), words (`story`).

Why from outside: telling would cost every call of every run something; and what an engine did, read
from its tables, convinces more than what it says of itself.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx import draws
from vpbx.codes import Exit, Outcome, Phase, Purpose
from vpbx.engine import kernel
from vpbx.engine import kernel_core as core
from vpbx.engine.compiled import EVENTS, Run
from vpbx.engine.kernel_core import CALL, MESSAGE
from vpbx.engine.memory import with_room
from vpbx.engine.story import Story
from vpbx.engine.walk import calendar_value
from vpbx.program.program import GRID_US, Program
from vpbx.rows import columns
from vpbx.traffic.workload import Arrivals

_ROOM = 1024
"""Rows that the tables are lengthened by."""
_TRAIL = 1000
"""Steps of one walk that are noted."""
_OFFERS = (Exit.CALLBACK, Exit.PAID_SKIP)
"""Exits of callers who then join the queue all the same."""
_UNTOLD = (Outcome.CUT, Outcome.FAILED)
"""Ways out of a queue that say no more than the end of the call does."""


class Seen(NamedTuple):
    """The call between two events, as far as its story goes."""

    arrived: bool = False
    ended: bool = False
    alive: bool = True
    """It waits for something: itself, or what it left behind."""
    waits: bool = False
    node: int = -1
    why: int = 0
    due: tuple[int, int] = (-1, -1)
    """When something happens to it next, and the phase."""
    progress: bytes = b""
    kind: int = CALL
    rings: int = 0
    tries: int = 0
    phones: tuple[int, ...] = ()
    """Agents whose phones ring for it."""
    legs_tried: int = 0
    rings_now: bool = False
    extensions: tuple[int, ...] = ()
    """Extensions that ring or talk for it."""
    visits: tuple[tuple[int, int], ...] = ()
    """Outcome of each visit, and the end of the agent's wrap-up; -1: none yet."""


def watched(
    program: Program, seed: int, replication: int, workload: Iterator[Arrivals], row: int
) -> Story:
    """The story of the call in this row of the table of calls; empty when there is no such call."""
    watch = _Watch(program, Run(program, seed, replication, workload, 0), row)
    if watch.comes_to_the_call():
        watch.follow()
    return watch.story


class _Watch:
    """A run, and what is known of one of its calls."""

    def __init__(self, program: Program, run: Run, row: int) -> None:
        self.program, self.run, self.row, self.story = program, run, row, Story()
        self.leaf, self.raw, self.seen = -1, b"", Seen()
        self.visit_rows: list[int] = []
        self.entered = -1
        """When it came to the node of the system's state at which it is."""
        trail = np.zeros((_TRAIL + 1, 4), np.int64)
        run.counts = run.counts._replace(trail=trail)

    # --- the run -------------------------------------------------------------------------------

    def comes_to_the_call(self) -> bool:
        """Runs until nobody but the call comes next; False when the run ends before.

        The table of calls has room for those before it only: so the engine stops by itself.
        """
        run = self.run
        run.tables = with_room(run.state, run.tables, max(self.row, _ROOM))
        calls: Any = run.tables.calls
        run.tables = run.tables._replace(calls=calls[: self.row])
        while run.state.scalars[core.N_CALLS] < self.row:
            why = run.goes_on(EVENTS)
            if why == kernel.DONE:
                return False
            if why == kernel.NEEDS_ROWS:
                before = run.tables.calls
                run.tables = with_room(run.state, run.tables, _ROOM)._replace(calls=before)
        self._make_room()
        run.counts.edges[:] = 0
        run.counts.trail[0, 0] = 0
        return True

    def follow(self) -> None:
        """Goes on event by event until the call, and what it left behind, is over."""
        while self.seen.alive:
            why = self.run.goes_on(1)
            if why == kernel.NEEDS_ROWS:
                self._make_room()
                continue
            self._look()
            if why == kernel.DONE:
                return

    def _make_room(self) -> None:
        """Longer tables; the row of the call shows that it is not complete until the engine fills it."""
        run = self.run
        run.tables = with_room(run.state, run.tables, _ROOM)
        if run.state.scalars[core.N_CALLS] <= self.row:
            columns(run.tables.calls)["outcome"][self.row] = -1

    # --- what changed ----------------------------------------------------------------------------

    def _look(self) -> None:
        """Tells what the last event did to the call."""
        s = self.run.state.scalars
        now = int(s[core.NOW])
        trail, exits = self._taken(now)
        if s[core.N_CALLS] <= self.row:
            return
        if self.leaf < 0:
            self.leaf = self._found()
        elif self._raw() == self.raw:
            return
        self.raw = self._raw()
        before, after = self.seen, self._see()
        self.seen = after
        if after == before:
            return
        own = [edge for edge in exits if self.program.edges.from_node[edge] == before.node]
        if before.due == (now, Phase.END_OF_WALK):
            self.entered = now
        self._tell(now, before, after, own)
        for node, edge, entered, left in trail:
            self.story.add(left, "leaves", node=node, edge=edge, entered=entered)

    def _taken(self, now: int) -> tuple[list[list[int]], list[int]]:
        """The steps of the last event's walk, and the exits that it took from nodes of the system's
        state; both are struck from the books again."""
        counts = self.run.counts
        trail = counts.trail[1 : counts.trail[0, 0] + 1].tolist()
        for _node, edge, _entered, left in trail:
            if edge >= 0:
                counts.edges[left // GRID_US, edge] -= 1
        counts.trail[0, 0] = 0
        booked = counts.edges[now // GRID_US]
        exits = np.flatnonzero(booked).tolist()
        booked[:] = 0
        return trail, exits

    def _found(self) -> int:
        """The leaf of the call, which has just arrived; -1: it has ended already."""
        slots = columns(self.run.state.slots)
        live = (slots["life"] == core.LIVE) | (slots["life"] == core.WAITING)
        found = np.flatnonzero(live & (slots["row"] == self.row))
        return int(found[0]) if len(found) else -1

    def _raw(self) -> bytes:
        """All that the state holds of the call alone."""
        state = self.run.state
        rows = (columns(table)[self.leaf : self.leaf + 1] for table in (state.slots, state.extras))
        return b"".join(row.tobytes() for row in rows)

    def _see(self) -> Seen:
        """The call now."""
        if self.leaf < 0:
            return Seen(arrived=True, ended=True, alive=False)
        state, tables = self.run.state, self.run.tables
        s, slot = state.scalars, columns(state.slots)[self.leaf]
        visits = columns(tables.visits)
        newest = int(s[core.N_VISITS]) - 1
        if newest >= 0 and newest not in self.visit_rows and visits["call"][newest] == self.row:
            self.visit_rows.append(newest)
        ended = bool(columns(tables.calls)["outcome"][self.row] >= 0)
        seen = Seen(
            arrived=True,
            ended=ended,
            alive=not ended,
            waits=bool(slot["life"] == core.WAITING),
            node=int(slot["node"]),
            why=int(slot["why"]),
            due=(int(slot["due_at"]), int(slot["due_phase"])),
            progress=state.progress[self.leaf].tobytes(),
            visits=tuple(
                (int(visits["outcome"][row]), int(visits["wrap_up_until"][row]))
                for row in self.visit_rows
            ),
        )
        return self._see_extras(seen) if s[core.MARGIN] else seen

    def _see_extras(self, seen: Seen) -> Seen:
        """What happens to some calls only."""
        state = self.run.state
        x = columns(state.extras)[self.leaf]
        ringing = columns(state.ringing)[self.leaf, : int(x["n_ringing"])]
        phones = np.flatnonzero(columns(state.agents)["rings_for"] == self.leaf)
        left_message = x["kind"] == MESSAGE and columns(state.slots)["life"][self.leaf] != core.FREE
        return seen._replace(
            alive=not seen.ended or bool(left_message),
            kind=int(x["kind"]),
            rings=int(x["rings"]),
            tries=int(x["tries"]),
            phones=tuple(phones.tolist()) if x["ring_agent"] >= 0 else (),
            legs_tried=int(x["legs_tried"]),
            rings_now=bool(x["rings_now"]),
            extensions=tuple(ringing["extension"].tolist()),
        )

    # --- the story -------------------------------------------------------------------------------

    def _tell(self, now: int, before: Seen, after: Seen, exits: list[int]) -> None:
        """The steps of one event, in the order in which the reference engine takes them."""
        if not before.arrived:
            self._arrives(now)
        if not before.arrived or before.why == core.CONNECTING:
            self._enters(now, after)
        offers = [edge for edge in exits if self.program.edges.exit[edge] in _OFFERS]
        self._leaves(now, before, offers)
        if after.kind == MESSAGE:
            self._ends(now, before, after)
        self._in_the_queue(now, before, after, exits)
        self._wrap_ups(now, before, after)
        self._rings(now, before, after)
        self._leaves(now, before, [edge for edge in exits if edge not in offers])
        if after.kind != MESSAGE:
            self._ends(now, before, after)

    def _cell(self, column: str) -> int:
        """A cell of the call's row."""
        return int(columns(self.run.tables.calls)[column][self.row])

    def _visit(self, place: int, column: str) -> int:
        """A cell of one of its visits' rows."""
        return int(columns(self.run.tables.visits)[column][self.visit_rows[place]])

    def _agent(self, place: int) -> int:
        """The agent of a visit, numbered through all groups; -1: none."""
        agent, first_agent = self._visit(place, "agent"), self.program.groups.first_agent
        return agent if agent < 0 else int(first_agent[self._visit(place, "group")]) + agent

    def _arrives(self, now: int) -> None:
        number, attempt = self._cell("number"), self._cell("attempt")
        self.story.add(now, "arrives", number=number, attempt=attempt)

    def _enters(self, now: int, after: Seen) -> None:
        """The call gets through to the number, and on from there; or not; or not yet."""
        number, numbers = self._cell("number"), self.program.numbers
        outcome = self._cell("outcome") if after.ended else -1
        if outcome == Outcome.CUT or (not after.ended and after.why == core.CONNECTING):
            return
        if numbers.connect_dist[number] >= 0:
            fails = self._fails_to_connect(number)
            self.story.add(now, "no_connection" if fails else "connected")
        if outcome in (Outcome.SUSPENDED, Outcome.FAILED):
            return
        if outcome == Outcome.REFUSED or after.why == core.REFUSING:
            self.story.add(now, "refused")
            return
        trunk = int(numbers.trunk[number])
        if trunk >= 0:
            free = int(self._cell("answered_after") >= 0)
            held = int(columns(self.run.state.trunks)["held"][trunk]) - free
            calendar = int(self.program.trunks.calendar[trunk])
            channels = calendar_value(self.program.flow.calendars, calendar, now)
            self.story.add(now, "trunk", trunk=trunk, held=held, channels=channels, free=free)

    def _fails_to_connect(self, number: int) -> bool:
        """Whether the connection fails: the records tell it from no outage of the number, the draw does."""
        who = (self._cell(name) for name in ("caller_class", "day", "ordinal"))
        key, attempt = int(self.run.state.scalars[core.KEY]), self._cell("attempt")
        u = draws.uniform(key, draws.caller_id(*who), attempt, int(Purpose.CONNECT_FAILS), 0)
        return bool(u < self.program.numbers.connect_fails[number])

    def _leaves(self, now: int, before: Seen, exits: list[int]) -> None:
        """Exits from the node of the system's state."""
        for edge in exits:
            self.story.add(now, "leaves", node=before.node, edge=edge, entered=self.entered)

    def _in_the_queue(self, now: int, before: Seen, after: Seen, exits: list[int]) -> None:
        """Joins or is turned away, waits while phones ring, is answered or leaves."""
        joined = len(after.visits) > len(before.visits)
        if joined and after.kind != MESSAGE:
            self._joins(now, after, exits)
        if not after.visits:
            return
        place = len(after.visits) - 1
        outcome = after.visits[place][0]
        fresh = joined or before.visits[place][0] < 0
        answered, agent = fresh and outcome == Outcome.ANSWERED, self._agent(place)
        left = fresh and not joined and outcome >= 0 and not answered
        stopped = before.phones and not set(before.phones) & set(after.phones)
        overdue = left and outcome == Outcome.TIMED_OUT and before.due != (now, Phase.MAXIMUM_WAIT)
        unheard = not left or overdue  # overdue: FreeSWITCH lets the phone ring on
        if stopped and before.kind == CALL and unheard and agent not in before.phones:
            self._at_the_phone(now, "missed", before.phones[0])
        if after.rings > before.rings:
            self._at_the_phone(now, "rings", after.phones[0])
        if after.tries > before.tries:
            self._at_the_phone(now, "dials_back", after.phones[0])
        if answered:
            idle_since = int(columns(self.run.state.agents)["idle_since"][agent])
            self._at_the_phone(now, "answered", agent, idle=now - idle_since)
        if left and outcome not in _UNTOLD:
            waited = now - self._visit(place, "joined_at")
            self.story.add(now, "leaves_queue", outcome=outcome, waited=waited)

    def _joins(self, now: int, after: Seen, exits: list[int]) -> None:
        """The newest visit begins, or ends as it begins."""
        place = len(after.visits) - 1
        away = after.visits[place][0] not in (-1, Outcome.ANSWERED)
        by = int(self.program.edges.exit[exits[-1]]) if away and exits else -1
        facts = {"queue": "queue", "waiting": "waiting", "told": "told_s"}
        known = {fact: self._visit(place, column) for fact, column in facts.items()}
        self.story.add(now, "turns_away" if away else "joins", **known, by=by)

    def _at_the_phone(self, now: int, event: str, agent: int, **facts: int) -> None:
        group = int(columns(self.run.state.agents)["group"][agent])
        self.story.add(now, event, agent=agent, group=group, **facts)

    def _wrap_ups(self, now: int, before: Seen, after: Seen) -> None:
        """Talks that are over: the agent's who stayed with the call before the last agent's, unless
        an outage cuts it."""
        over = [
            place
            for place, (_, until) in enumerate(after.visits)
            if until >= 0 and (place >= len(before.visits) or before.visits[place][1] < 0)
        ]
        cut = after.ended and self._cell("outcome") == Outcome.FAILED
        for place in reversed(over) if cut else over:
            self.story.add(now, "talked", wrap_up=self._wrap_up_us(now, self._agent(place)))

    def _wrap_up_us(self, now: int, agent: int) -> int:
        """How long the wrap-up of an agent takes that has just begun."""
        slots: NDArray[np.void] = columns(self.run.state.slots)
        wraps_up = (slots["life"] == core.WRAPPING_UP) & (slots["agent"] == agent)
        due = slots["due_at"][wraps_up & (slots["due_phase"] == Phase.END_OF_WRAP_UP)]
        return int(due[0]) - now if len(due) else 0

    def _rings(self, now: int, before: Seen, after: Seen) -> None:
        """Extensions ring, or one answers."""
        if after.rings_now and after.legs_tried > before.legs_tried:
            for extension in after.extensions:
                self.story.add(now, "leg_rings", extension=extension)
        elif before.rings_now and not after.rings_now and after.extensions:
            self.story.add(now, "leg_answers", extension=after.extensions[0])

    def _ends(self, now: int, before: Seen, after: Seen) -> None:
        """The call ends; the caller may call again."""
        if after.ended and not before.ended:
            self.story.add(now, "ends", outcome=self._cell("outcome"))
            if self._cell("redial_at") >= 0:
                self.story.add(now, "redials", again=self._cell("redial_at"))
