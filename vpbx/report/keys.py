"""Where in a Result the report finds what it shows.

Belongs here: the names of measures that pictures, tables and prose ask for, and look-ups that give
None for what a run does not have. Does not belong here: any arithmetic on measures.
"""

import re

from vpbx.measures.result import BusyHour, Estimate, QueueLengths, Result, Series, Waits
from vpbx.report import words

OFFERED = "offered"
ANSWERED = "answered"
ABANDONED = "abandoned_calls"
BLOCKED = "blocked_calls"
ABANDONED_SHARE = "abandoned"
BLOCKED_SHARE = "blocked"
CONTAINED = "contained"
MEAN_WAIT = "mean_wait"
P90_WAIT = "p90_wait"
QUEUE_MEAN = "mean_queue"
QUEUE_MAX = "longest_queue"
OCCUPANCY = "occupancy"
AGENTS = "logged_in"
ROOM = "room"
CARRIED = "carried"
OFFERED_LOAD = "offered_load"
TRUNK_PEAK = "peak_channels"
CHANNELS = "channels"
UTILISATION = "utilisation"
SERVICE_LEVEL = "service_level"


def scopes(result: Result, kind: str) -> tuple[str, ...]:
    """Scopes of a kind ("queue", "trunk", …) that the result has, in its order."""
    return tuple(scope for scope in result.totals if scope.startswith(f"{kind}."))


def total(result: Result, scope: str, name: str) -> Estimate | None:
    """The scope's figure over the whole run under this name."""
    return result.totals.get(scope, {}).get(name)


def series(result: Result, scope: str, name: str) -> Series | None:
    """The scope's figures by interval under this name."""
    return result.by_interval.get(scope, {}).get(name)


def weekly(result: Result, scope: str, name: str) -> Series | None:
    """The scope's (7, 24) figures; None where the run spans no week."""
    found = result.by_week.get(scope, {}).get(name)
    return found if found is not None and found.mean.size else None


def queue_lengths(result: Result, scope: str) -> QueueLengths | None:
    """How many callers waited in a queue, for what share of the time."""
    return result.queue_lengths.get(scope)


def service_levels(result: Result, scope: str) -> tuple[str, ...]:
    """The scope's service-level measures, of every definition and threshold."""
    return tuple(name for name in result.totals.get(scope, {}) if name.startswith(SERVICE_LEVEL))


def shown_service_level(result: Result, scope: str) -> tuple[str, ...]:
    """The one service level of a scope shown over time: a target's, else answered of offered."""
    names = service_levels(result, scope)
    targeted = [n for n in names if any(n in target.name for target in result.targets)]
    offered = [n for n in names if "(answered_of_offered," in n]
    return tuple([*targeted, *offered, *names][:1])


def service_level_words(name: str) -> str:
    """`service_level(answered_of_offered, 3600 s)` as `(answered of offered, 1 h)`."""
    text = name.removeprefix(SERVICE_LEVEL).strip("_ ").replace("_", " ")
    return re.sub(r"(\d+) s\)$", lambda found: f"{_threshold(int(found[1]))})", text)


def _threshold(seconds: int) -> str:
    """Whole minutes as people say them; anything else stays in seconds, which is exact."""
    return words.span(seconds) if seconds % 60 == 0 else f"{seconds} s"


def busy_hour(result: Result, scope: str) -> BusyHour | None:
    """The scope's busy hour; that of all calls where it has none of its own."""
    return result.busy_hours.get(scope) or result.busy_hours.get("all")


def waits(result: Result, scope: str) -> Waits | None:
    """The waits of a queue, filed under its scope or its bare name."""
    return result.waits.get(scope) or result.waits.get(scope.partition(".")[2])
