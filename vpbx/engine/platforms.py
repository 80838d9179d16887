"""Asterisk's and FreeSWITCH's orders of service in the reference engine: callers look for agents.

Belongs here: who may try, which agents are rung, by the platform of a queue (`scenario.platforms` says
it in words). Does not belong here: our own order of service, lines and talks (`desk`), what happens when
a phone rings (`phones`).

Both systems look again and again for every caller; here whenever something changes, until no caller
who may try finds anybody. That is the limit of a tick of no length, and settles who gets whom: a look
that finds nobody changes nothing.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from vpbx.codes import Platform, Purpose, Strategy
from vpbx.engine.state import Agent, Kind, Visit
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.engine.desk import Desk

TIER = 1_000_000
"""Asterisk: what a step of penalty adds to a metric."""


class Found(NamedTuple):
    """Whose phones are to ring for a caller."""

    agents: list[Agent]
    pointer: int = -1
    """Asterisk: the place in the list from which the next try goes on; -1: as it was."""


NOBODY = Found([])


class Platforms:
    """The platforms' queues of one replication."""

    def __init__(self, desk: "Desk") -> None:
        self.desk, self.program, self.env, self.draws = desk, desk.program, desk.env, desk.draws
        self.own = desk.program.platforms
        self.queues = [
            q for q, platform in enumerate(self.own.platform) if platform != Platform.OWN
        ]
        self.offers = 0

    def follows(self, queue: int) -> bool:
        """Whether a queue follows a platform."""
        return bool(self.own.platform[queue] != Platform.OWN)

    def serves(self, group: int) -> bool:
        """Whether a group's agents wait for calls of a platform."""
        return any(self.follows(q) for q in self.desk.queues_of[group])

    def stages(self, queue: int) -> set[int]:
        """Waits (us) from which a caller reaches other agents."""
        row, wait = int(self.own.first_window[queue]), int(self.own.level_wait_us[queue])
        windows = self.program.windows.from_us[row : row + int(self.own.n_windows[queue])]
        levels = {int(self.program.groups.penalty[g, queue]) for g in self.desk.groups_of[queue]}
        if wait < 0:
            levels = set()
        elif not self.own.multiplies[queue]:
            levels = {1}
        return {*windows.tolist(), *(wait * level for level in levels)}

    # --- looking -------------------------------------------------------------------------------

    def look(self) -> None:
        """Whoever may try tries, until nobody finds an agent any more."""
        while self._one_finds():
            pass

    def _one_finds(self) -> bool:
        for visit in sorted(self._in_turn(), key=lambda visit: visit.order):
            found = self._find(visit)
            if found.agents:
                self._offer(visit, found)
                return True
        return False

    def _in_turn(self) -> Iterator[Visit]:
        """The callers who may try now."""
        for queue in self.queues:
            waiting = [visit for _, visit in self.desk.lines[queue].waiting]
            if self.own.platform[queue] == Platform.ASTERISK:
                waiting = list(self._asterisk_turn(queue, waiting))
            yield from (visit for visit in waiting if self._ready(visit))

    def _ready(self, visit: Visit) -> bool:
        return visit.available and visit.not_before <= self.env.now

    def _asterisk_turn(self, queue: int, waiting: list[Visit]) -> Iterator[Visit]:
        """Those behind fewer callers without a phone that rings than agents are free."""
        free, ahead = self._free(queue), 0
        for place, visit in enumerate(waiting):
            if ahead >= free or (place > 0 and not self.own.autofill[queue]):
                return
            yield visit
            ahead += not visit.ringing

    def _free(self, queue: int) -> int:
        """Free agents of Asterisk's queue; any number is one where only one caller is connected."""
        free = sum(agent.idle for agent in self._agents(queue))
        one = not self.own.autofill[queue] or self._strategy(queue) == Strategy.RING_ALL
        return min(free, 1) if one else free

    def _agents(self, queue: int) -> list[Agent]:
        """The agents of a queue, as listed."""
        return [agent for g in self.desk.groups_of[queue] for agent in self.desk.groups[g]]

    def _strategy(self, queue: int) -> int:
        return int(self.program.queues.strategy[queue])

    def _penalty(self, agent: Agent, queue: int) -> int:
        return int(self.program.groups.penalty[agent.group, queue])

    def _find(self, visit: Visit) -> Found:
        if self.own.platform[visit.queue] == Platform.ASTERISK:
            return self._members(visit)
        return self._tiers(visit)

    # --- Asterisk ------------------------------------------------------------------------------

    def _members(self, visit: Visit) -> Found:
        """The free agent of the least metric, the first in the list if equal; all of them (ringall)."""
        queue, agents = visit.queue, self._agents(visit.queue)
        counts = sum(a.logged_in for a in agents) > self.own.members_limit[queue]
        metrics = [
            (self._metric(visit, agent, place, len(agents), penalty, counts), place)
            for place, agent in enumerate(agents)
            if (penalty := self._in_reach(visit, agent, counts)) >= 0
        ]
        pointer = self._pointer(visit)
        wrapped = any(place > pointer for _, place in metrics)
        metrics.sort()
        for i, (metric, place) in enumerate(metrics):
            if not self._may_ring(agents[place], queue):
                continue
            if self._strategy(queue) == Strategy.RING_ALL:
                same = [agents[other] for of, other in metrics if of == metric]
                return Found([agent for agent in same if self._may_ring(agent, queue)])
            if i + 1 < len(metrics):
                return Found([agents[place]], metrics[i + 1][1])
            return Found([agents[place]], 0 if wrapped else pointer + 1)
        return NOBODY

    def _pointer(self, visit: Visit) -> int:
        """The place in the list with which the search begins."""
        if self._strategy(visit.queue) == Strategy.LINEAR:
            return visit.pointer
        return self.desk.lines[visit.queue].cursor

    def _in_reach(self, visit: Visit, agent: Agent, counts: bool) -> int:
        """An agent's penalty for a caller, lifted to the least that counts; -1: out of reach."""
        penalty, waited = self._penalty(agent, visit.queue), self.env.now - visit.joined_at
        row, windows = int(self.own.first_window[visit.queue]), self.program.windows
        least, most, lifts_to = 0, penalty, 0
        for i in range(row, row + int(self.own.n_windows[visit.queue])):
            if waited >= windows.from_us[i]:
                least, most, lifts_to = (
                    int(windows.least[i]), int(windows.most[i]), int(windows.lifts_to[i]),
                )  # fmt: skip
        if not counts:
            return penalty
        penalty = max(penalty, lifts_to)
        return penalty if least <= penalty <= most else -1

    def _metric(
        self, visit: Visit, agent: Agent, place: int, n: int, penalty: int, counts: bool
    ) -> int:
        """How late an agent is rung."""
        strategy, tier = self._strategy(visit.queue), TIER * penalty * counts
        if strategy in (Strategy.LINEAR, Strategy.ROUND_ROBIN):
            return tier + place + n * (place < self._pointer(visit))
        if strategy == Strategy.WEIGHTED_RANDOM:
            return int(self._drawn(visit, agent) * (1 + penalty) * 1000)
        if strategy == Strategy.RANDOM:
            return tier + int(self._drawn(visit, agent) * 1000)
        if strategy == Strategy.FEWEST_CALLS:
            return tier + agent.n_calls
        if strategy == Strategy.LEAST_RECENT and agent.talked_at >= 0:
            return tier + TIER - (self.env.now // SECOND_US - agent.talked_at // SECOND_US)
        return tier

    def _drawn(self, visit: Visit, agent: Agent) -> float:
        """A uniform of the caller's try for an agent."""
        n = visit.call.rings + visit.call.answers
        return self.draws.uniform(visit.call, Purpose.METRIC, n << 20 | agent.index)

    def _may_ring(self, agent: Agent, queue: int) -> bool:
        """Whether an agent is free, and not withheld for a heavier queue."""
        weight, lines = self.program.queues.weight, self.desk.lines
        return agent.idle and not any(
            weight[other] > weight[queue] and len(lines[other].waiting) >= self._free(other)
            for other in self.desk.queues_of[agent.group]
        )

    # --- FreeSWITCH ----------------------------------------------------------------------------

    def _tiers(self, visit: Visit) -> Found:
        """The first free agent, level by level as far as the caller may go; all of them (ring-all)."""
        queue, waited = visit.queue, self.env.now - visit.joined_at
        wait, level, present = int(self.own.level_wait_us[queue]), 0, 0
        found: list[Agent] = []
        for agent in self._listed(visit):
            own = self._penalty(agent, queue)
            if wait >= 0 and own > level:
                opens = wait * own if self.own.multiplies[queue] else wait
                if waited >= opens:
                    level, present = own, 0
                elif self.own.no_agent_no_wait[queue] and present == 0:
                    level = own
                else:
                    break
            present += 1
            if agent.idle:
                found.append(agent)
                if self._strategy(queue) != Strategy.RING_ALL:
                    break
        return Found(found)

    def _listed(self, visit: Visit) -> list[Agent]:
        """The agents logged in, in the order in which they are gone through; some stand there twice."""
        queue, strategy = visit.queue, self._strategy(visit.queue)
        agents = [agent for agent in self._agents(queue) if agent.logged_in]
        agents.sort(key=lambda a: (self._penalty(a, queue), self._key(visit, a), a.index))
        last = self._last_offered(visit)
        if strategy not in (Strategy.ROUND_ROBIN, Strategy.TOP_DOWN) or last is None:
            return agents
        level = self._penalty(last, queue)
        behind = [a for a in agents if self._penalty(a, queue) == level and a.index > last.index]
        return behind + agents

    def _key(self, visit: Visit, agent: Agent) -> float:
        """What orders agents of a level before their place in the list."""
        strategy = self._strategy(visit.queue)
        if strategy == Strategy.LEAST_RECENT:
            return agent.talked_at
        if strategy == Strategy.LEAST_TALK:
            return agent.talk_us
        if strategy == Strategy.FEWEST_CALLS:
            return agent.n_calls
        return self._drawn(visit, agent) if strategy == Strategy.RANDOM else 0

    def _last_offered(self, visit: Visit) -> Agent | None:
        """The agent behind whom the search begins: of the queue, or of the caller; None: nobody."""
        agents = self._agents(visit.queue)
        if self._strategy(visit.queue) == Strategy.TOP_DOWN:
            return next((agent for agent in agents if agent.index == visit.pointer - 1), None)
        offered = [agent for agent in agents if agent.offered > 0]
        return max(offered, key=lambda agent: agent.offered, default=None)

    # --- offers --------------------------------------------------------------------------------

    def _offer(self, visit: Visit, found: Found) -> None:
        """Agents are to take a call: at once, or when their phones have rung."""
        strategy = self._strategy(visit.queue)
        agents = found.agents if visit.kind is Kind.CALL else found.agents[:1]
        for agent in agents:
            self.offers += 1
            agent.offered = self.offers
        if strategy == Strategy.LINEAR:
            visit.pointer = max(found.pointer, 0)
        elif strategy == Strategy.TOP_DOWN:
            visit.pointer = agents[0].index + 1
        visit.next_cursor = found.pointer if strategy == Strategy.ROUND_ROBIN else -1
        self.desk.connect(visit, agents)

    def ring_over(self, visit: Visit) -> None:
        """Nothing rings for a caller any more, or never did: the queue's pointer goes on."""
        if visit.next_cursor >= 0:
            self.desk.lines[visit.queue].cursor = visit.next_cursor
            visit.next_cursor = -1

    def lets_ring(self, visit: Visit) -> bool:
        """Whether the end of the longest wait lets phones that ring for the caller ring on."""
        return bool(visit.ringing) and bool(self.own.platform[visit.queue] == Platform.FREESWITCH)
