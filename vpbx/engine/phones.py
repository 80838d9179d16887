"""Phones of the reference engine's agents: they ring before the answer, and dial back.

Belongs here: ringing, missed calls, pauses after them, calls back (semantics §6). Does not belong
here: which agent's phone rings for which call (`desk`), extensions (`extensions`).
"""

from typing import TYPE_CHECKING

from vpbx.codes import Exit, LegKind, Outcome, Phase, Platform, Purpose, Strategy
from vpbx.engine.events import AGENT, At
from vpbx.engine.state import Agent, Visit

if TYPE_CHECKING:
    from vpbx.engine.desk import Desk


class Phones:
    """The agents' phones of one replication."""

    def __init__(self, desk: "Desk") -> None:
        self.desk, self.env, self.draws = desk, desk.env, desk.draws
        self.program = desk.program

    # --- ringing -------------------------------------------------------------------------------

    def ring(self, visit: Visit, agents: tuple[Agent, ...]) -> None:
        """The phones of these agents ring; the earliest answer counts."""
        groups, call = self.program.groups, visit.call
        n, call.rings = call.rings, call.rings + 1
        self._start(visit, agents)
        answers = [(self._answers_after(visit, n, agent), agent.index, agent) for agent in agents]
        call.tell(self.env.now, "rings", agent=agents[0].index, group=agents[0].group)
        heard = [one for one in answers if one[0] >= 0]
        token = visit.ringing
        if heard:
            delay, index, winner = min(heard, key=lambda one: one[:2])
            At(
                self.env, self.env.now + delay, Phase.PHONE_ANSWERED, AGENT | index,
                lambda _: self._answered(visit, token, winner),
            )  # fmt: skip
            return
        timeout = max(int(groups.ring_us[agent.group]) for agent in agents)
        At(
            self.env, self.env.now + timeout, Phase.RING_TIMEOUT, AGENT | agents[0].index,
            lambda _: self._missed(visit, token),
        )  # fmt: skip

    def _answers_after(self, visit: Visit, n: int, agent: Agent) -> int:
        """How long an agent's phone rings until the answer (us); -1: it is missed."""
        groups, g = self.program.groups, agent.group
        if not groups.rings[g]:
            return 0
        if self.program.queues.strategy[visit.queue] == Strategy.RING_ALL:
            n = n << 20 | agent.index
        u = self.draws.uniform(visit.call, Purpose.PHONE, n)
        delay = self.draws.duration(int(groups.phone_dist[g]), u)
        u = self.draws.uniform(visit.call, Purpose.PHONE_MISSED, n)
        return -1 if u < groups.missed[g] or delay > groups.ring_us[g] else delay

    def _start(self, visit: Visit, agents: tuple[Agent, ...]) -> None:
        visit.ringing = tuple(agents)
        for agent in agents:
            agent.idle = False
            self.desk.staff.ringing[agent.group].change(self.env.now, 1)

    def _stop(self, visit: Visit) -> tuple[Agent, ...]:
        agents, visit.ringing = visit.ringing, ()
        for agent in agents:
            self.desk.staff.ringing[agent.group].change(self.env.now, -1)
        self.desk.platforms.ring_over(visit)
        return agents

    def _answered(self, visit: Visit, token: tuple[Agent, ...], winner: Agent) -> None:
        if visit.ringing is not token:
            return
        for agent in self._stop(visit):
            if agent is not winner:
                self.desk.staff.free(agent)
        self.desk.answer(visit, winner)

    def _missed(self, visit: Visit, token: tuple[Agent, ...]) -> None:
        """Nobody answered: the agents pause, the call looks for others and keeps its place."""
        if visit.ringing is not token:
            return
        visit.call.tell(self.env.now, "missed", agent=token[0].index, group=token[0].group)
        for agent in self._stop(visit):
            self._pause(agent)
        if visit.overdue:
            self.desk.leave(visit, Outcome.TIMED_OUT, Exit.TIMED_OUT)
        elif self.program.platforms.platform[visit.queue] == Platform.ASTERISK:
            self.look_again(visit, int(self.program.platforms.retry_us[visit.queue]))
        else:
            self.desk.opens(visit)

    def look_again(self, visit: Visit, pause: int) -> None:
        """A call looks for an agent again after a pause."""
        visit.not_before = self.env.now + pause
        At(
            self.env, visit.not_before, Phase.RETRY, visit.call.who,
            lambda _: self.desk.opens(visit) if visit.waiting else None,
        )  # fmt: skip

    def _pause(self, agent: Agent) -> None:
        groups, g = self.program.groups, agent.group
        self.desk.count(self.desk.counts.missed, g)
        if self.env.now - agent.talked_at >= groups.autopause_delay_us[g]:
            agent.misses += 1
        pause = int(groups.retry_us[g])
        if agent.misses == groups.autopause[g]:
            agent.misses, pause = 0, int(groups.pause_us[g])
            self.desk.count(self.desk.counts.autopauses, g)
        if pause == 0 and self.desk.platforms.serves(g):
            self.desk.staff.free(agent)  # before the caller looks again
            return
        At(
            self.env, self.env.now + pause, Phase.RETRY, AGENT | agent.index,
            lambda _: self.desk.staff.free(agent),
        )  # fmt: skip

    def silence(self, visit: Visit) -> None:
        """The call is gone: the agents whose phones rang for it are free again."""
        for agent in self._stop(visit):
            self.desk.staff.free(agent)

    # --- calls back ----------------------------------------------------------------------------

    def dial_back(self, visit: Visit, agent: Agent) -> None:
        """The agent calls back a caller who has hung up."""
        call, waits, row = visit.call, self.program.waits, self.desk.wait_row(visit)
        n, visit.tries = visit.tries, visit.tries + 1
        self._start(visit, (agent,))
        token, trunk = visit.ringing, int(waits.callback_trunk[row])
        u = self.draws.uniform(call, Purpose.DIAL_BACK, n)
        delay = self.draws.duration(int(waits.callback_dist[row]), u)
        u = self.draws.uniform(call, Purpose.DIAL_BACK_MISSED, n)
        gives_up = int(waits.callback_gives_up_us[row])
        visit.leg = self.desk.channels.seize_leg(call.row, trunk, LegKind.CALLBACK)
        call.tell(self.env.now, "dials_back", agent=agent.index, group=agent.group)
        if trunk >= 0 and visit.leg < 0:  # no line free: that was in vain, at once
            gives_up, u = 0, 1.0
        if u < waits.callback_answers[row] and delay <= gives_up:
            At(
                self.env, self.env.now + delay, Phase.PHONE_ANSWERED, AGENT | agent.index,
                lambda _: self._answered(visit, token, agent),
            )  # fmt: skip
            return
        At(
            self.env, self.env.now + gives_up, Phase.RING_TIMEOUT, AGENT | agent.index,
            lambda _: self._in_vain(visit, token, agent),
        )  # fmt: skip

    def _in_vain(self, visit: Visit, token: tuple[Agent, ...], agent: Agent) -> None:
        """The caller did not answer: another try later, or none."""
        if visit.ringing is not token:
            return
        self._stop(visit)
        self.desk.channels.release_leg(visit.leg)
        visit.leg = -1
        waits, row = self.program.waits, self.desk.wait_row(visit)
        agent.idle_since = self.env.now
        if visit.tries >= waits.callback_attempts[row]:
            self.desk.leave(visit, Outcome.CALLBACK_FAILED, Exit.CALLBACK)
        else:
            self.look_again(visit, int(waits.callback_retry_us[row]))
        self.desk.staff.free(agent)
