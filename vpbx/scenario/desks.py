"""Queues and the people who serve them, as the user wrote them.

Belongs here: the keys of the sections `queues` and `agents`. Does not belong here: checks between
sections (`check_callers`), who takes which call (`engine`).
"""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vpbx.scenario import rules
from vpbx.scenario.base import Model
from vpbx.scenario.distributions import constant
from vpbx.scenario.hours import TimeTable, common, parse_opening_hours, summed
from vpbx.scenario.strategies import strategy_names
from vpbx.scenario.values import Dist, Duration, Flag, Heads, Names, Priority, Share, Wage, Whole


class PenaltyRule(Model):
    """Which penalties a caller of an Asterisk queue reaches from some wait on."""

    after: Duration = Field(
        0,
        description="the caller's wait from which it holds; 0 s: from the start (QUEUE_MAX_PENALTY)",
    )
    most: Whole | None = Field(
        None, ge=0, le=1000, description="agents of a higher penalty are not rung"
    )
    least: Whole | None = Field(
        None, ge=0, le=1000, description="agents of a lower penalty are not rung"
    )
    lifts_to: Whole | None = Field(
        None, ge=0, le=1000, description="lower penalties count as this one (QUEUE_RAISE_PENALTY)"
    )


class TierRules(Model):
    """When callers of a FreeSWITCH queue reach agents of a higher level (tier-rules-apply)."""

    wait: Duration = Field(description="the wait before the next level (tier-rule-wait-second)")
    multiply_by_level: Flag = Field(
        True, description="level n opens after n times the wait; if not, all levels after one"
    )
    no_agent_no_wait: Flag = Field(
        False, description="a level at which nobody is logged in is passed without waiting"
    )


class Queue(Model):
    """A waiting line in front of agents."""

    capacity: Whole | None = Field(
        None, ge=0, le=1_000_000, description="most callers waiting; no limit, if none"
    )
    strategy: Annotated[str, strategy_names()] = Field(
        "longest_idle",
        description="which idle agent, of those of the least penalty, takes a call: who has been idle "
        "longest; the first in the list; who took the fewest calls; any; the one after whoever was "
        "chosen last; ring_all: all their phones ring, the first to answer takes it; with platform, by "
        "that system's names: see Platforms",
    )
    platform: Literal["asterisk", "freeswitch"] | None = Field(
        None,
        description="a system whose order of service holds, and whose defaults where the scenario "
        "gives nothing: see Platforms",
    )
    autofill: Flag = Field(
        False,
        description="asterisk: whether several callers may be connected at once; if not, only the "
        "first in line",
    )
    retry: Duration = Field(
        5_000_000,
        description="asterisk: pause of a caller whom nobody answered, before the next try",
    )
    penalty_rules: tuple[PenaltyRule, ...] = Field(
        (), description="asterisk: the penalties that callers reach, by their wait"
    )
    penalty_members_limit: Whole = Field(
        0,
        ge=0,
        le=100_000,
        description="asterisk: penalties do not count while no more agents are logged in",
    )
    tier_rules: TierRules | None = Field(
        None, description="freeswitch: when callers reach agents of a higher level (penalty)"
    )
    time_base_score: Literal["queue", "system"] = Field(
        "queue",
        description="freeswitch: from when a caller's score counts: joining the queue, or the answer "
        "by the system",
    )
    join_empty: Flag = Field(
        True, description="whether callers may join while nobody who serves it is logged in"
    )
    credit: Duration | None = Field(
        None,
        description="a step of priority is worth so much waiting; without it, priority is strict",
    )
    closes: str | None = Field(
        None, description="opening hours (section hours) at whose end the queue closes"
    )
    at_closing: Literal["keep", "clear"] = Field(
        "keep",
        description="those who wait when it closes: keep: wait on; clear: are sent away (cleared)",
    )
    short_abandon: Duration = Field(5_000_000, description="abandoning sooner is counted apart")
    weight: Priority = Field(0, description="longest_wait picks from heavier queues first")
    estimator: Literal["agents_ahead", "asterisk", "last_served", "head_of_line"] = Field(
        "agents_ahead",
        description="the expected wait: agents_ahead: (callers ahead + 1) x mean handle time / agents; "
        "asterisk: a moving average of waits; last_served: the wait of whoever was answered last; "
        "head_of_line: the wait so far of the first in line",
    )
    facts: Names = Field((), description="ids of the facts that this rests on")


class Serves(Model):
    """How a group serves a queue."""

    handle_time: Dist = Field(description="talk time with the caller")
    wrap_up: Dist = Field(
        description="after-call work before the agent is free", default=constant(0, "0 s")
    )
    penalty: Whole = Field(
        0,
        ge=0,
        le=1000,
        description="agents of a lower penalty are tried first; with platform freeswitch, the level "
        "of the agents' tier",
    )
    after: Duration = Field(
        0, description="serves only callers who have waited so long (overflow, widening penalties)"
    )
    spare: Whole = Field(
        0,
        ge=0,
        le=100_000,
        description="takes from this queue only while more than so many of the group are idle",
    )
    settles: Share = Field(
        1.0,
        description="probability that the talk settles the matter; if not: redial.after.unsettled",
    )


class Phone(Model):
    """How the agents' phones ring; without it, every call is answered at once."""

    answers_after: Dist = Field(
        description="from the first ring to the answer", default=constant(0, "0 s")
    )
    ring_time: Duration = Field(15_000_000, description="how long it rings before it is missed")
    missed: Share = Field(0.0, description="probability that a call is not answered at all")
    retry: Duration = Field(
        5_000_000, description="pause of an agent who missed a call, before the next"
    )
    autopause: Whole | None = Field(
        None, ge=1, le=100, description="misses in a row after which the agent is paused"
    )
    pause: Duration = Field(900_000_000, description="how long an agent is paused then")
    autopause_delay: Duration = Field(
        0, description="a miss so soon after the agent's last call does not count for autopause"
    )


class Shift(Model):
    """People who come and go together."""

    works: Annotated[str, AfterValidator(rules.shift_text)] = Field(
        description="days and times: mon-fri 09:00-18:00; over midnight: 22:00-06:00"
    )
    heads: Whole = Field(1, ge=0, le=100_000, description="how many people")
    breaks: Annotated[Names, AfterValidator(rules.break_texts)] = Field(
        (), description="times off within the shift: 13:00-14:00, or a list of them"
    )
    shrinkage: Share | None = Field(
        None, description="share of them not on the phone; the group's, if none"
    )


class AgentGroup(Model):
    """Interchangeable people: what they serve, when, and how many."""

    serves: dict[str, Serves] = Field(description="the queues served, in the order of preference")
    picks: Literal["longest_wait", "in_order", "longest_queue"] = Field(
        "longest_wait",
        description="the call that a freed agent takes: by weight, priority and wait; of the first of "
        "its queues as listed; or of its longest queue",
    )
    heads: Heads | None = Field(None, description="people by time")
    shifts: tuple[Shift, ...] = Field((), description="in place of heads: shifts with breaks")
    at_once: Whole = Field(
        1, ge=1, le=50, description="conversations that one person holds at once (chats)"
    )
    phone: Phone | None = Field(None, description="how the agents' phones ring")
    leaving: Literal["marked", "first_free"] = Field(
        "marked",
        description="who goes home when fewer are needed: marked people, each after call and "
        "wrap-up; or whoever is free first",
    )
    shrinkage: Share = Field(0.0, description="share of paid heads who are not on the phone")
    wage: Wage | None = Field(None, description="cost of a head an hour")
    facts: Names = Field((), description="ids of the facts that this rests on")

    def on_the_phone(self, heads: int, shrinkage: float | None = None) -> int:
        """Agents on the phone of so many paid: floor(heads x (1 - shrinkage) + 1/2)."""
        missing = self.shrinkage if shrinkage is None else shrinkage
        exact = round(heads * (1.0 - missing), 9)  # 5 x (1 - 90%) is a half, not a hair less
        return math.floor(exact + 0.5)

    @property
    def people(self) -> TimeTable:
        """Paid heads by time: those of `heads`, or of all shifts, breaks included."""
        if self.heads is not None:
            return self.heads
        return summed([(parse_opening_hours(shift.works), shift.heads) for shift in self.shifts])

    @property
    def present(self) -> TimeTable:
        """People on the phone by time, shrinkage and breaks taken off."""
        if self.heads is not None:
            return self.heads.mapped(self.on_the_phone)
        parts = []
        for shift in self.shifts:
            on, times = (
                self.on_the_phone(shift.heads, shift.shrinkage),
                parse_opening_hours(shift.works),
            )
            breaks = [common(times, parse_opening_hours(off)) for off in shift.breaks]
            parts += [(times, on), *((off, -on) for off in breaks)]
        return summed(parts)
