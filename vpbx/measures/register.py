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

_CALLERS = {
    "answered": "was answered by an agent",
    "self_served": "was settled by the robot",
    "forwarded": "was answered by an extension or went elsewhere",
    "voicemail": "left a message",
    "callback_done": "was called back",
    "callback_failed": "was called back in vain",
    "abandoned_ivr": "gave up in menus and announcements",
    "abandoned": "gave up waiting",
    "balked": "hung up on hearing that, or how long, one waits",
    "timed_out": "waited longest and was sent away",
    "blocked": "met a busy tone",
    "refused": "was refused: the number does not serve the network",
    "suspended": "came while the licence was suspended",
    "failed": "failed: no connection, or an outage",
    "lost": "ended as the flow hung up",
    "cleared": "was sent away at closing",
    "cut": "was cut off at the end of the run",
}
"""What became of the last attempt, by outcome."""

MEASURES: dict[str, Measure] = {
    "offered": Measure("calls", "arrivals, first attempts and redials"),
    "callers": Measure("callers", "first attempts"),
    "answered": Measure(
        "calls", "answered by an agent; of a group: all it took up, call-backs and messages too"
    ),
    "abandoned_calls": Measure(
        "calls", "hung up while waiting in a queue, or while extensions rang"
    ),
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
    "forwarded": Measure(
        "calls", "answered by an extension or outside number, or sent elsewhere from a queue"
    ),
    "voicemail": Measure("calls", "ended with a message left behind"),
    "callback_done": Measure("calls", "callers who hung up and were called back"),
    "callback_failed": Measure("calls", "callers who hung up and were called back in vain"),
    "balked": Measure(
        "calls", "hung up at once, or on hearing the expected wait (apart from abandoned)"
    ),
    "timed_out": Measure("calls", "left the queue after its longest wait; of calls: and were lost"),
    "suspended": Measure("calls", "came while the licence was suspended"),
    "failed": Measure("calls", "no connection, number out of service, or cut off by an outage"),
    "cleared": Measure("calls", "still waiting when the queue closed, and sent away"),
    "cut": Measure("calls", "still in progress at the end of the run, which cut them off"),
    "left": Measure("calls", "left the queue for another node: by a key, or for what was offered"),
    "elsewhere": Measure("calls", "took the offer of another number or channel"),
    "callbacks": Measure("calls", "callers who took the offer to be called back"),
    "callback_wait": Measure(
        "s", "from joining the queue to the call back's answer, mean of those called back"
    ),
    "paid_skips": Measure("calls", "paid for a place further ahead"),
    "skip_revenue": Measure("money", "places further ahead sold × price"),
    "nobody_there": Measure("calls", "came while no agent of the queue was logged in"),
    "messages": Measure("calls", "messages left for the queue's agents"),
    "messages_handled": Measure("calls", "messages that an agent has seen to"),
    "message_wait": Measure("s", "from the message to the agent, mean of those handled"),
    "charge": Measure("money", "started minutes on the line × what the caller's network charges"),
    "recorded": Measure("calls", "talks recorded"),
    "recorded_time": Measure("s", "time of talks recorded, sum"),
    "unrecorded": Measure(
        "calls", "talks to be recorded, while the module for it was not licensed"
    ),
    "refused_for_licence": Measure(
        "calls", "refused a channel while fewer were licensed than the trunks have"
    ),
    "unlicensed": Measure("calls", "busy tone at a node whose module was not licensed"),
    "unlicensed_way": Measure("calls", "went another way round a node without a licensed module"),
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
    "redials_after_balked": Measure(
        "calls", "redials of callers who hung up on hearing the wait, the attempt before"
    ),
    "redials_after_timed_out": Measure(
        "calls", "redials of callers whose longest wait was over, the attempt before"
    ),
    "redials_after_suspended": Measure(
        "calls", "redials of callers who met a suspended licence, the attempt before"
    ),
    "redials_after_failed": Measure(
        "calls", "redials of callers whose attempt before failed or was cut off by an outage"
    ),
    "redials_after_cleared": Measure(
        "calls", "redials of callers who were sent away at closing, the attempt before"
    ),
    "redials_after_callback_failed": Measure(
        "calls", "redials of callers who were called back in vain"
    ),
    "redials_after_unsettled": Measure(
        "calls", "redials of callers whose talk did not settle the matter"
    ),
    "redials_dropped": Measure(
        "calls", "calls whose redial was due after the end of the run: it is not made"
    ),
    "attempts_per_caller": Measure("calls", "offered / callers"),
    "resolved_callers": Measure(
        "callers", "callers whose last attempt was answered, self-served, forwarded or called back"
    ),
    "resolved": Measure("share", "resolved callers / callers"),
    **{
        f"callers_{name}": Measure("callers", f"callers whose last attempt {what}")
        for name, what in _CALLERS.items()
    },
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
    "mean_handle_time": Measure(
        "s", "(talk + wrap-up) / handled: answered, called back, messages seen to"
    ),
    "mean_queue": Measure(
        "calls", "time-weighted number waiting, mean: callers, call-backs and messages"
    ),
    "longest_queue": Measure(
        "calls", "most callers waiting at once, mean over days; of all: in the longest queue"
    ),
    "nobody_waiting": Measure("share", "time during which nobody waits / time"),
    "p95_queue": Measure("calls", "waiting at most, during 95 % of the time"),
    "waiting_at_end": Measure("calls", "waiting just before the interval ends"),
    "occupancy": Measure(
        "share",
        "(ring + talk + wrap-up) / logged-in time; where people hold several conversations at once: of "
        "the places that they have for them",
    ),
    "ringing": Measure("share", "ring time (dialling back included) / (ring + talk + wrap-up)"),
    "missed_rings": Measure("calls", "times that an agent's phone rang in vain"),
    "missed_share": Measure("share", "rung in vain / (rung in vain + calls handled)"),
    "autopauses": Measure(
        "calls",
        "times that an agent was taken off the phone after misses in a row",
    ),
    "conversations": Measure(
        "calls",
        "conversations at once of one person, mean: (ring + talk + wrap-up) / people's time",
    ),
    "room": Measure(
        "calls",
        "conversations at once that logged-in people can hold: logged-in time × at_once / time",
    ),
    "logged_in": Measure(
        "agents", "logged-in time / time; of a queue: of all groups that serve it"
    ),
    "offered_load": Measure(
        "erlang",
        "calls offered to the queue and messages × mean handle time (talk + wrap-up) / time",
    ),
    "carried": Measure(
        "erlang",
        "holding time / time: ring + talk + wrap-up at agents, channels held at trunks",
    ),
    "forwarded_legs": Measure("calls", "outside numbers rung on the trunk, each with a channel"),
    "forwarded_carried": Measure("erlang", "channel-time of forwarded legs / time"),
    "callback_legs": Measure("calls", "calls back made on the trunk, each with a channel"),
    "callback_carried": Measure("erlang", "channel-time of calls back / time"),
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
