"""What a staffing plan must reach, as text and as ratios of counts: `80% in 20 s`.

Belongs here: the targets of `vpbx staff`, and which counts make each of them up. Does not belong
here: counting (`lab`), judging (`judge`).
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from vpbx import units
from vpbx.errors import UsageError
from vpbx.scenario.models import Scenario
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.targets import DEFINITIONS, Target, parse_target, spelt_out

DEFAULT_DEFINITION = "answered_of_offered"
_P_WAIT = re.compile(r"(?:(?P<queue>.+?)\s*[.:]\s*)?p_wait\s*<=?\s*(?P<share>[\d.]+\s*%?)")
_MEASURES = ("service_level", "mean_wait", "mean_wait_all", "abandoned", "abandoned_without_short")
_EXAMPLES = (
    '"80% in 20 s", "mean_wait<=3min", "abandoned<=5%", "p_wait<=20%" or '
    '"support.service_level(with_abandoned, 20 s) >= 80%"'
)


class Aim(NamedTuple):
    """A ratio of counts of a queue (or of a group: occupancy) that must lie beyond a bound."""

    scope: str
    """The queue; the group, for occupancy."""
    measure: str
    """One of service_level, mean_wait, mean_wait_all, abandoned, abandoned_without_short, p_wait,
    occupancy."""
    definition: str
    """Of a service level; else ""."""
    threshold_us: int
    bound: float
    """A share, or seconds."""
    at_least: bool
    """Whether more is better."""
    text: str
    """As people say it, the definition included."""


def parse_aims(
    texts: Sequence[str], scenario: Scenario, definition: str = DEFAULT_DEFINITION
) -> list[Aim]:
    """The aims of target texts, one for each queue that a target names no queue for.

    Raises `UsageError` for what is no target, an unknown queue, or a bound that cannot be one.
    """
    if definition not in DEFINITIONS:
        hint = did_you_mean(definition, DEFINITIONS) or f"; known are {', '.join(DEFINITIONS)}"
        raise UsageError(f'there is no service level "{definition}"{hint}')
    return [aim for text in texts for aim in _aims(" ".join(text.split()), scenario, definition)]


def _aims(text: str, scenario: Scenario, definition: str) -> list[Aim]:
    try:
        aim = _p_wait(text) or _written(spelt_out(text, definition), scenario)
    except ValueError as error:
        raise UsageError(f'--target "{text}": {error}') from None
    return [
        aim._replace(scope=queue, text=f"{queue}: {aim.text}")
        for queue in _queues(aim.scope, text, scenario)
    ]


def _p_wait(text: str) -> Aim | None:
    found = _P_WAIT.fullmatch(text)
    if found is None:
        return None
    share = units.share(found["share"])
    scope = (found["queue"] or "").removeprefix("queue.")
    return Aim(scope, "p_wait", "", 0, share, False, f"p_wait <= {100 * share:g}%")


def _written(text: str, scenario: Scenario) -> Aim:
    """A target in the language of scenario files."""
    from vpbx.scenario.check_targets import resolved

    try:
        target = parse_target(text)
    except ValueError as error:
        raise ValueError(f"{error}; staffing targets are {_EXAMPLES}") from None
    if target.measure not in _MEASURES:
        known = ", ".join((*_MEASURES, "p_wait"))
        raise ValueError(f"staff is not planned for {target.measure}; known are {known}")
    target = resolved(target, scenario)
    kind, _, scope = target.scope.partition(".")
    if kind not in ("", "queue"):
        raise ValueError(f"staff is planned for queues, not for a {kind}")
    if target.by:
        raise ValueError('leave out "by hour": --per says how long an interval is')
    return _aim(target, scope)


def _aim(target: Target, scope: str) -> Aim:
    at_least = target.measure == "service_level"
    if (at_least and target.high < math.inf) or (not at_least and target.low > -math.inf):
        wanted = ">=" if at_least else "<="
        raise ValueError(f"a plan needs one bound: {target.measure} {wanted} …")
    definition, threshold = target.arguments or ("", "0")
    bound, time_us = target.low if at_least else target.high, units.duration_us(threshold)
    said = target.text.removeprefix(f"{target.scope}.").removeprefix(f"{scope}.")
    if at_least:
        said = f"{100 * bound:g}% in {units.duration_text(time_us)} ({definition})"
    return Aim(scope, target.measure, definition, time_us, bound, at_least, said)


def _queues(scope: str, text: str, scenario: Scenario) -> list[str]:
    served = [
        queue
        for queue in scenario.queues
        if any(queue in g.serves for g in scenario.agents.values())
    ]
    if not served:
        raise UsageError("no group of the scenario serves a queue: there is nobody to plan")
    if not scope:
        return served
    if scope not in scenario.queues:
        known = did_you_mean(scope, scenario.queues) or f"; queues are {', '.join(scenario.queues)}"
        raise UsageError(f'--target "{text}": there is no queue "{scope}"{known}')
    if scope not in served:
        raise UsageError(f'--target "{text}": no group serves the queue "{scope}"')
    return [scope]


def occupancy_aim(group: str, share: float) -> Aim:
    """A cap on the busy share of a group's time."""
    return Aim(group, "occupancy", "", 0, share, False, f"{group}: occupancy <= {share:.4g}")


def numerator_and_denominator(aim: Aim) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the counts (`lab.QUEUE_COLUMNS`) whose sums make up the ratio; "-" in front subtracts."""
    if aim.measure == "service_level":
        good: tuple[str, ...] = ("answered_in",)
        if aim.definition == "with_abandoned":
            good = ("answered_in", "abandoned_in")
        of = {
            "answered_of_answered": ("answered",),
            "answered_of_offered_less_short": ("offered", "-short"),
        }.get(aim.definition, ("offered",))
        return good, of
    return {
        "mean_wait": (("wait_answered_s",), ("answered",)),
        "mean_wait_all": (("wait_s",), ("offered", "-blocked")),
        "abandoned": (("abandoned",), ("answered", "abandoned")),
        "abandoned_without_short": (
            ("abandoned", "-short"),
            ("answered", "abandoned", "-short"),
        ),
        "p_wait": (("waited",), ("offered",)),
        "occupancy": (("busy_s",), ("logged_in_s",)),
    }[aim.measure]
