"""The register of measures: every name, with its unit and its formula in words, said once.

Belongs here: names, units, formulas as readers see them. Does not belong here: the arithmetic
(`formulas` and `summarise` do it; a test holds the two against each other).

"Offered" counts arrivals at what the scope names: calls at a number (or of a class, or all), visits
at a queue (those that found it full included), calls at a trunk. Calls of a number or class count
in the interval of their arrival at the number; visits of a queue in the interval of joining.
Measures over time (queue length, occupancy, utilisation, erlang, cost) cover the run's duration;
calls that arrive while the run drains (redials) count in the totals and in no interval or hour.
"""

import re

from vpbx.errors import UsageError
from vpbx.measures.result import Measure
from vpbx.units import UnitError, duration_us

MEASURES: dict[str, Measure] = {
    "offered": Measure("calls", "arrivals, first attempts and redials"),
    "callers": Measure("callers", "first attempts"),
    "answered": Measure("calls", "answered by an agent"),
    "abandoned_calls": Measure("calls", "hung up while waiting in a queue"),
    "abandoned_ivr_calls": Measure("calls", "hung up in menus and announcements, out of patience"),
    "abandoned": Measure("share", "abandoned / (answered + abandoned)"),
    "abandoned_without_short": Measure(
        "share", "(abandoned − short abandons) / (answered + abandoned − short abandons)"
    ),
    "short_abandons": Measure("calls", "abandoned sooner than the queue's short_abandon"),
    "blocked": Measure("share", "blocked / offered"),
    "blocked_calls": Measure("calls", "no channel free on the trunk, or the queue full: busy tone"),
    "contained": Measure("share", "self-served / offered"),
    "self_served": Measure("calls", "settled by the robot"),
    "lost": Measure("calls", "the flow hung up on the caller: no input, no match, closed"),
    "refused": Measure("calls", "the number does not serve the caller's network"),
    "redials": Measure("calls", "second and later attempts"),
    "redial_share": Measure("share", "redials / offered"),
    "redials_after_blocked": Measure(
        "calls", "redials of callers whose attempt before met a busy tone"
    ),
    "redials_after_abandoned": Measure(
        "calls", "redials of callers who hung up while waiting, the attempt before"
    ),
    "redials_after_abandoned_ivr": Measure(
        "calls", "redials of callers who hung up in menus, the attempt before"
    ),
    "redials_after_lost": Measure(
        "calls", "redials of callers on whom the flow hung up, the attempt before"
    ),
    "redials_after_refused": Measure(
        "calls", "redials of callers whose network was not served, the attempt before"
    ),
    "redials_dropped": Measure(
        "calls", "calls whose redial was due after the end of the run: it is not made"
    ),
    "attempts_per_caller": Measure("calls", "offered / callers"),
    "resolved_callers": Measure(
        "callers", "callers whose last attempt was answered or self-served"
    ),
    "resolved": Measure("share", "resolved callers / callers"),
    "time_to_queue": Measure("s", "joining the first queue − answer by the system, mean"),
    "mean_wait": Measure("s", "waits of answered / answered (ASA)"),
    "mean_wait_abandoned": Measure("s", "waits of abandoned / abandoned"),
    "mean_wait_all": Measure("s", "waits of all who joined the queue / all who joined"),
    "p50_wait": Measure("s", "wait that 50 % of the answered did not exceed"),
    "p80_wait": Measure("s", "wait that 80 % of the answered did not exceed"),
    "p90_wait": Measure("s", "wait that 90 % of the answered did not exceed"),
    "p95_wait": Measure("s", "wait that 95 % of the answered did not exceed"),
    "p99_wait": Measure("s", "wait that 99 % of the answered did not exceed"),
    "longest_wait": Measure("s", "longest wait of an answered call, mean over replications"),
    "virtual_wait": Measure(
        "s", "mean wait of a caller of endless patience: Kaplan–Meier, abandoned waits censored"
    ),
    "told_wait": Measure("s", "expected wait told at joining, mean over answered who were told"),
    "told_wait_error": Measure("s", "wait told − wait that came, mean over answered who were told"),
    "mean_handle_time": Measure("s", "(talk + wrap-up) / answered"),
    "mean_queue": Measure("calls", "time-weighted number waiting, mean"),
    "longest_queue": Measure(
        "calls", "most callers waiting at once, mean over days; of all: in the longest queue"
    ),
    "nobody_waiting": Measure("share", "time during which nobody waits / time"),
    "p95_queue": Measure("calls", "waiting at most, during 95 % of the time"),
    "waiting_at_end": Measure("calls", "waiting just before the interval ends"),
    "occupancy": Measure("share", "(talk + wrap-up) / logged-in time"),
    "logged_in": Measure(
        "agents", "logged-in time / time; of a queue: of all groups that serve it"
    ),
    "offered_load": Measure(
        "erlang", "calls offered to the queue × mean handle time (talk + wrap-up) / time"
    ),
    "carried": Measure(
        "erlang", "holding time / time: talk + wrap-up at agents, channels held at trunks"
    ),
    "utilisation": Measure("share", "channel-time held / channel-time available"),
    "channels": Measure("calls", "channel-time available / time"),
    "peak_channels": Measure("calls", "most channels held at once, mean over replications"),
    "cost": Measure("money", "paid heads × wage"),
    "entered": Measure("calls", "calls that entered the node"),
    "mean_time": Measure("s", "time in the node / entered"),
    "hang_ups": Measure("calls", "callers who hung up in the node"),
    "no_input": Measure("calls", "times that nothing was pressed"),
    "no_match": Measure("calls", "times that an unassigned key was pressed"),
    "busy_hour": Measure(
        "clock time",
        "start of the hour (quarter-hour grid) with the largest mean traffic over days (TCBH)",
    ),
}
"""Measures without arguments. Those with arguments: `SERVICE_LEVELS`."""

SERVICE_LEVELS: dict[str, Measure] = {
    "answered_of_answered": Measure("share", "answered within y / answered"),
    "answered_of_offered": Measure("share", "answered within y / offered to the queue"),
    "answered_of_offered_less_short": Measure(
        "share", "answered within y / (offered to the queue − short abandons)"
    ),
    "with_abandoned": Measure("share", "(answered + abandoned) within y / offered to the queue"),
}
"""Rival definitions of the service level, each reported for every threshold y asked for."""

_SERVICE_LEVEL = re.compile(r"service_level\((\w+), (.+)\)")


def service_level_name(definition: str, threshold_us: int) -> str:
    """Name of a service level: `service_level(answered_of_offered, 20 s)`, always in seconds."""
    return f"service_level({definition}, {threshold_us / 1_000_000:g} s)"


def measure_name(measure: str, arguments: tuple[str, ...] = ()) -> str:
    """Name under which the Result holds a target's measure; raises `UsageError`."""
    if measure != "service_level":
        return measure
    if len(arguments) != 2 or arguments[0] not in SERVICE_LEVELS:
        known = ", ".join(SERVICE_LEVELS)
        raise UsageError(
            f"service_level takes a definition ({known}) and a wait, such as "
            f"service_level(answered_of_offered, 20 s); got ({', '.join(arguments)})"
        )
    try:
        return service_level_name(arguments[0], duration_us(arguments[1]))
    except UnitError as error:
        raise UsageError(f"service_level: {error}") from error


def measure(name: str) -> Measure:
    """Unit and formula of a name as the Result holds it; raises `UsageError` for an unknown one."""
    parts = _SERVICE_LEVEL.fullmatch(name)
    if parts and parts[1] in SERVICE_LEVELS:
        unit, formula = SERVICE_LEVELS[parts[1]]
        return Measure(unit, formula.replace(" y", f" {parts[2]}"))
    if name not in MEASURES:
        raise UsageError(f'there is no measure "{name}"')
    return MEASURES[name]
