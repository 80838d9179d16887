"""Checks of queues that follow a platform, and of the groups that serve them.

Belongs here: strategies by their platform's names, keys that only one system has. Does not belong here:
what a platform does (`platforms`).
"""

from vpbx.scenario.desks import AgentGroup, PenaltyRule, Queue
from vpbx.scenario.findings import Findings
from vpbx.scenario.platforms import platform_of
from vpbx.scenario.strategies import STRATEGIES
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Location
from vpbx.units import duration_text

_ONLY = {
    "autofill": "asterisk",
    "retry": "asterisk",
    "penalty_rules": "asterisk",
    "penalty_members_limit": "asterisk",
    "tier_rules": "freeswitch",
    "time_base_score": "freeswitch",
}
"""Keys of a queue that one system has."""
_NOT = {
    "asterisk": {"credit": "priority is strict there"},
    "freeswitch": {"weight": "give calls a priority, which is worth waiting"},
}
"""Keys of a queue that a system has not, and why."""
_LIMITS = ("most", "least", "lifts_to")


def check_platforms(found: Findings) -> None:
    """Notes every problem of platforms."""
    for name, queue in found.scenario.queues.items():
        _queue(found, ("queues", name), queue)
    for name, group in found.scenario.agents.items():
        _group(found, ("agents", name), group)


def _queue(found: Findings, path: Location, queue: Queue) -> None:
    names, platform = STRATEGIES[queue.platform], queue.platform
    if "strategy" in queue.model_fields_set and queue.strategy not in names:
        of = f" (platform: {platform})" if platform else ""
        near = did_you_mean(queue.strategy, names) or _whose(queue.strategy)
        message = f'expected one of {", ".join(names)}{of}, got "{queue.strategy}"{near}'
        found.add((*path, "strategy"), message, "bad-value")
    for key, only in _ONLY.items():
        if key in queue.model_fields_set and platform != only:
            message = f"only queues with platform: {only} have this"
            found.add((*path, key), message, "platforms", at_key=True)
    for key, why in _NOT.get(platform or "", {}).items():
        if key in queue.model_fields_set:
            message = f"{platform} has nothing like it: {why}"
            found.add((*path, key), message, "platforms", at_key=True)
    if platform == "asterisk" and queue.capacity == 0:
        message = "nobody could ever join; without a limit, leave it out"
        found.add((*path, "capacity"), message, "platforms")
    _penalty_rules(found, (*path, "penalty_rules"), queue.penalty_rules)
    if queue.tier_rules is not None and queue.tier_rules.wait == 0:
        message = "every level is open at once: leave tier_rules out"
        found.add((*path, "tier_rules", "wait"), message, "platforms")


def _whose(strategy: str) -> str:
    """Which platform has a strategy of this name."""
    of = [name for name, names in STRATEGIES.items() if name and strategy in names]
    return f"; {of[0]} has it" if of else ""


def _penalty_rules(found: Findings, path: Location, rules: tuple[PenaltyRule, ...]) -> None:
    """Rules in the order of time, of limits that hold from the start."""
    at_entry, before = set[str](), -1
    for place, rule in enumerate(rules):
        here: Location = (*path, place)
        given = {key for key in _LIMITS if getattr(rule, key) is not None}
        if rule.after <= before:
            message = f"comes after {duration_text(before)}: rules stand in the order of the wait"
            found.add((*here, "after"), message, "platforms")
        if not given:
            found.add(here, f"changes nothing: give {', '.join(_LIMITS)}", "platforms")
        if rule.after == 0:
            at_entry |= given
        for key in sorted(given - at_entry):
            message = f"holds only if a rule with after: 0 s gives {key}, too; Asterisk forgets it"
            found.add((*here, key), message, "platforms", at_key=True)
        if rule.most is not None and rule.least is not None and rule.least > rule.most:
            message = f"above most, {rule.most}: nobody would ever be rung"
            found.add((*here, "least"), message, "platforms")
        before = rule.after


def _group(found: Findings, path: Location, group: AgentGroup) -> None:
    """A group follows one platform, or none, and gives no key that this platform has not."""
    first = platform_of(found.scenario, group)
    if first is None:
        return
    for name, serves in group.serves.items():
        served = found.scenario.queues.get(name)
        here: Location = (*path, "serves", name)
        if served is not None and served.platform != first:
            own = f"follows {served.platform}" if served.platform else "has no platform"
            message = f"{own}, another queue of the group follows {first}: agents cannot do both"
            found.add(here, message, "platforms", at_key=True)
        for key in ("after", "spare"):
            if key in serves.model_fields_set:
                found.add((*here, key), f"{first} {_INSTEAD[key][first]}", "platforms", at_key=True)
    if "picks" in group.model_fields_set:
        message = f"agents of {first} do not pick calls: callers look for agents"
        found.add((*path, "picks"), message, "platforms", at_key=True)


_INSTEAD = {
    "after": {
        "asterisk": "opens agents to a caller by penalty: write penalty_rules at the queue",
        "freeswitch": "opens agents to a caller by level: write tier_rules at the queue",
    },
    "spare": dict.fromkeys(("asterisk", "freeswitch"), "keeps nobody in reserve"),
}
"""What a system has in place of our keys."""
