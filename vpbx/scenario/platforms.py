"""What a queue's `platform` means: the defaults and the order of service of Asterisk and FreeSWITCH.

Belongs here: the presets, where they come from, each order of service in words, and putting the presets
in where the user gave nothing. Does not belong here: who takes which call (`engine.platforms`).

Sources: Asterisk `apps/app_queue.c` and `configs/samples/queues.conf.sample`; FreeSWITCH
`mod_callcenter.c` and `conf/vanilla/autoload_configs/callcenter.conf.xml`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from vpbx.scenario.base import Model
from vpbx.scenario.desks import AgentGroup, Phone, Queue, Serves
from vpbx.scenario.distributions import constant
from vpbx.scenario.models import Scenario
from vpbx.units import SECOND_US

M = TypeVar("M", bound=Model)


class Platform(NamedTuple):
    """What a system does."""

    queue: Mapping[str, object]
    """Its defaults: keys of a queue …"""
    phone: Mapping[str, object]
    """… keys of the phones of the groups that serve it …"""
    serves: Mapping[str, object]
    """… keys of how groups serve it."""
    said: tuple[str, ...]
    """The defaults, in words."""
    strategies: Mapping[str, str]
    """Its strategies: which agent a call goes to."""
    order: tuple[str, ...]
    """Its order of service, where it is not our own."""
    differs: tuple[str, ...]
    """What is not its own all the same."""


ASTERISK = Platform(
    queue={
        "strategy": "ringall",
        "estimator": "asterisk",
        "join_empty": True,
        "short_abandon": 0,
    },
    phone={"ring_time": 15 * SECOND_US, "retry": 0, "autopause": None},
    serves={"wrap_up": constant(0, "0 s")},
    said=(
        "`strategy: ringall`",
        "`autofill: no`: set it to `yes` if `queues.conf` does, as its sample recommends",
        "`retry: 5 s`: a caller whom nobody answered looks again after 5 s",
        "`estimator: asterisk`, the moving average of waits: (3 x old + wait) // 4 at each answer",
        "`join_empty: yes`, the default of `joinempty`",
        "`short_abandon: 0 s`: every abandoned call counts alike",
        "phones ring for 15 s (`timeout`), do not pause after a miss (`phone.retry: 0 s`), are never "
        "paused longer (`autopause` is off)",
        "no wrap-up (`wrapuptime` is 0)",
    ),
    strategies={
        "ringall": "all phones of the least penalty ring, the first to answer takes the call",
        "linear": "the first in the list, from the caller's own pointer on, which each try moves "
        "behind the agent rung",
        "rrmemory, rrordered": "the first in the list, from the queue's pointer on, which each end of "
        "ringing moves behind the agent rung",
        "random": "any, within the least penalty",
        "wrandom": "any; penalty p makes the draw (1 + p) times as wide, and is no tier",
        "fewestcalls": "who took the fewest calls, within the least penalty",
        "leastrecent": "whose last talk ended longest ago, in whole seconds, within the least penalty; "
        "whoever had none yet comes first. Somebody just hung up with penalty p ties with penalty p + 1",
    },
    order=(
        "Callers look for agents. A caller may try while fewer callers ahead wait without a phone that "
        "rings for them than agents are free. With `autofill: no` and with `ringall`, any number of "
        "free agents counts as one; with `autofill: no` only the first in line tries at all. Ours: a "
        "freed agent takes the first who waits.",
        "When nobody answers, the caller pauses for `retry`, keeps the place and holds up those behind; "
        "the agent is free at once. `fewestcalls` and `leastrecent` ring the same agent again. Ours: the "
        "agent pauses for `phone.retry`, the caller goes to the next one at once.",
        "`penalty_rules` say which penalties a caller reaches from which wait on (`penaltychange`, and "
        "the variables at the start): `most`, `least`, and `lifts_to`, to which lower penalties are "
        "lifted before they are judged. The place is kept. A limit that no rule gives at 0 s cannot be "
        "given later.",
        "While no more than `penalty_members_limit` agents are logged in, penalties do not count.",
        "`weight`: an agent is withheld from a queue while a heavier queue that he serves too has "
        "callers, and no fewer of them than free agents. Penalties of the heavier queue do not count "
        "there: callers who cannot reach an agent hold up the lighter queue all the same. Ours: a freed "
        "agent takes from the heaviest queue.",
        "`capacity` (`maxlen`) counts callers alone: it turns away even if an agent is free.",
        "`autopause_delay`: a miss so soon after the agent's last call does not count.",
    ),
    differs=(
        "Asterisk looks once a second for each caller; here whenever something changes: the tick is "
        "idealised to nothing, and waits are up to 1 s shorter. Where callers of several queues look at "
        "one instant, the higher priority, then the longer wait goes first; there it is chance.",
        "A caller who has the turn but finds nobody to ring looks again at the next change; there after "
        "`retry`.",
        "Wrap-up, calls taken and the last call count for all queues, as with `shared_lastcall = yes`.",
        "An agent who is logged out keeps the place in the list.",
        "A pause by `autopause` ends after `pause`; there when somebody ends it.",
        "The announced wait is |average + 30 s - waited so far| in whole minutes there, the average "
        "itself here.",
        "Not to be had: `leavewhenempty`, excuses of `joinempty`, `ringinuse`, busy or rejecting phones, "
        "`timeoutrestart`, `rN` of QUEUE_RAISE_PENALTY, `force_longest_waiting_caller`, a position asked "
        "for. `after`, `spare`, `picks` and `credit` are ours, and refused.",
    ),
)

FREESWITCH = Platform(
    queue={
        "strategy": "longest-idle-agent",
        "join_empty": True,
        "credit": SECOND_US,
        "short_abandon": 0,
    },
    phone={"ring_time": 10 * SECOND_US, "retry": 0, "autopause": 3},
    serves={"wrap_up": constant(10 * SECOND_US, "10 s"), "penalty": 1},
    said=(
        "`strategy: longest-idle-agent`",
        "`join_empty: yes`: `max-wait-time-with-no-agent` is 0",
        "`credit: 1 s`: callers are ordered by seconds waited plus score, so a step of priority is "
        "worth a second",
        "`time_base_score: queue`, no `tier_rules` (`tier-rules-apply` is false)",
        "`short_abandon: 0 s`: every abandoned call counts alike",
        "phones ring for 10 s (`leg_timeout`), an agent who misses a call is free again at once "
        "(`no-answer-delay-time` is 0) and goes on a break after 3 misses (`max-no-answer`)",
        "10 s of wrap-up (`wrap-up-time`), `penalty: 1` (the tier's `level`)",
    ),
    strategies={
        "longest-idle-agent": "whose last talk ended first; whoever had none yet comes first",
        "agent-with-least-talk-time": "who has talked least in all",
        "agent-with-fewest-calls": "who took the fewest calls",
        "ring-all": "all free agents of all levels that are open to the caller",
        "random": "any, within the least level",
        "sequentially-by-agent-order": "the first in the list",
        "round-robin": "the first in the list behind whoever was offered a call last, within his level; "
        "then from the start",
        "top-down": "as round-robin, behind whoever was last offered this very caller",
    },
    order=(
        "Callers look for agents, those of all queues in one order: by score, the seconds waited plus "
        "the priority times `credit`. With `time_base_score: system` the wait counts from the answer by "
        "the system, time in menus included. Ours: a freed agent takes the first who waits.",
        "Agents are gone through by level (`penalty`), then as the strategy says, then by their place in "
        "the list (`position`). Ours: `longest_idle` counts from the end of wrap-up, or from logging in.",
        "`tier_rules`: the caller reaches a level after level x `wait` (`multiply_by_level`), or all of "
        "them after `wait`; with `no_agent_no_wait` a level is passed at once if nobody is logged in "
        "below. The first level held back ends the search, whatever comes behind it. Levels count from "
        "0: even level 1 is held back.",
        "An agent who misses a call sleeps for `phone.retry` (`no-answer-delay-time`), the caller looks "
        "again at once. With 0 s the same agent may be offered the same caller.",
        "`max_wait` (`max-wait-time`) lets phones that ring for the caller ring on; only if nobody "
        "answers does he leave.",
        "`capacity` counts callers alone: it turns away even if an agent is free.",
    ),
    differs=(
        "FreeSWITCH looks every 100 ms, and counts in whole seconds; here whenever something changes, in "
        "microseconds: the tick is idealised to nothing.",
        "An agent on a break comes back when told to; here after `pause`.",
        "With `ring-all`, whoever is free only when phones already ring is not rung until they stop; "
        "there at once.",
        "`top-down` forgets the last agent when the caller changes queues.",
        "Not to be had: `ring-progressively`, `max-wait-time-with-no-agent`, `abandoned-resume-allowed`, "
        "`skip-agents-with-external-calls`, skill scores, busy or rejecting phones and their delays. "
        "`weight`, `after`, `spare` and `picks` are ours, and refused.",
    ),
)

PLATFORMS = {"asterisk": ASTERISK, "freeswitch": FREESWITCH}
"""By the value of `platform`."""


def with_platforms(scenario: Scenario) -> Scenario:
    """The scenario with each queue's platform worked in where the user gave nothing.

    A group's phones follow the platform of the first queue that it serves which has one. What the
    user gave stays; a scenario whose queues have no platform comes back as it is.
    """
    if not any(queue.platform for queue in scenario.queues.values()):
        return scenario
    queues = {name: _queue(queue) for name, queue in scenario.queues.items()}
    agents = {name: _group(scenario, group) for name, group in scenario.agents.items()}
    return scenario.model_copy(update={"queues": queues, "agents": agents})


def platform_of(scenario: Scenario, group: AgentGroup) -> str | None:
    """The platform that a group follows."""
    served = (scenario.queues[name].platform for name in group.serves if name in scenario.queues)
    return next((platform for platform in served if platform is not None), None)


def _queue(queue: Queue) -> Queue:
    return queue if queue.platform is None else _filled(queue, PLATFORMS[queue.platform].queue)


def _group(scenario: Scenario, group: AgentGroup) -> AgentGroup:
    platform = platform_of(scenario, group)
    if platform is None:
        return group
    phone = _filled(group.phone or Phone(), PLATFORMS[platform].phone)
    serves = {name: _serves(scenario.queues[name], one) for name, one in group.serves.items()}
    return group.model_copy(update={"phone": phone, "serves": serves})


def _serves(queue: Queue, serves: Serves) -> Serves:
    return serves if queue.platform is None else _filled(serves, PLATFORMS[queue.platform].serves)


def _filled(model: M, defaults: Mapping[str, Any]) -> M:
    """The model with the defaults for the keys that the user did not give."""
    update = {key: value for key, value in defaults.items() if key not in model.model_fields_set}
    return model.model_copy(update=update)
