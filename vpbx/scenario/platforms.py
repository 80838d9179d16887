"""What a queue's `platform` sets: the defaults of Asterisk's and FreeSWITCH's queues, as data.

Belongs here: the presets, where they come from, how each system still differs from our order of
service, and putting them in where the user gave nothing. Does not belong here: who takes which call
(`engine`).

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
    """What a system does where its user says nothing."""

    queue: Mapping[str, object]
    """Keys of a queue."""
    phone: Mapping[str, object]
    """Keys of the phones of the groups that serve it."""
    serves: Mapping[str, object]
    """Keys of how groups serve it."""
    said: tuple[str, ...]
    """The defaults, in words."""
    differs: tuple[str, ...]
    """How the system differs from our order of service all the same."""


ASTERISK = Platform(
    queue={
        "strategy": "ring_all",
        "estimator": "asterisk",
        "join_empty": True,
        "short_abandon": 0,
    },
    phone={"ring_time": 15 * SECOND_US, "retry": 5 * SECOND_US, "autopause": None},
    serves={"wrap_up": constant(0, "0 s")},
    said=(
        "`strategy: ring_all`, the default of `strategy`",
        "`estimator: asterisk`, the moving average of waits: (3 x old + wait) // 4 at each answer",
        "`join_empty: yes`, the default of `joinempty`",
        "`short_abandon: 0 s`: every abandoned call counts alike",
        "phones ring for 15 s (`timeout`), pause for 5 s after a miss (`retry`), are never paused "
        "longer (`autopause` is off)",
        "no wrap-up (`wrapuptime` is 0)",
    ),
    differs=(
        "Asterisk looks for an agent once a second for each caller; here the instant an agent frees "
        "or a call comes, so waits are up to 1 s shorter.",
        "With `autofill = no` (its default) only the first caller in line is connected, one at a "
        "time; here as with `autofill = yes`, which its manual recommends.",
        "`leastrecent` counts from the end of the last call, wrap-up not included, and sets an agent "
        "who has just been busy behind the next penalty; `longest_idle` counts from the end of "
        "wrap-up, within a penalty.",
        "A heavier queue's calls hold back a shared agent only while that queue has no fewer callers "
        "than agents free; here `weight` decides whenever an agent frees.",
        "After a miss Asterisk pauses the caller's search, not the agent; here the agent pauses for "
        "`retry`, and the caller goes to the next one at once.",
        "The announced wait is |average + 30 s - waited so far| in whole minutes there, the average "
        "itself here.",
    ),
)

FREESWITCH = Platform(
    queue={
        "strategy": "longest_idle",
        "join_empty": True,
        "credit": SECOND_US,
        "short_abandon": 0,
    },
    phone={"ring_time": 10 * SECOND_US, "retry": 0, "autopause": 3},
    serves={"wrap_up": constant(10 * SECOND_US, "10 s")},
    said=(
        "`strategy: longest_idle` (`longest-idle-agent`)",
        "`join_empty: yes`: `max-wait-time-with-no-agent` is 0",
        "`credit: 1 s`: callers are ordered by seconds waited plus score, so a step of priority is "
        "worth a second",
        "`short_abandon: 0 s`: every abandoned call counts alike",
        "phones ring for 10 s (`leg_timeout`), an agent who misses a call is free again at once "
        "(`no-answer-delay-time` is 0) and goes on a break after 3 misses (`max-no-answer`)",
        "10 s of wrap-up (`wrap-up-time`)",
    ),
    differs=(
        "FreeSWITCH goes through all callers every 100 ms; here the instant an agent frees or a call "
        "comes, so waits are up to 0.1 s shorter.",
        "With `time-base-score = system`, as its sample sets, a caller's score counts from the answer "
        "by the system; here from joining the queue (`keep_place` carries it from queue to queue).",
        "An agent on a break comes back when told to; here after `pause`.",
        "A busy or rejecting phone delays the agent by 60 s or 10 s; here every miss by `retry`.",
        "Tiers open to a caller level by level only where tier rules are on (they are off); here "
        "`penalty` orders and `after` opens.",
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
    """The platform that a group's phones follow."""
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
