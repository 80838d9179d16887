"""What measures are called in headings.

Belongs here: names for people. Does not belong here: formulas (`measures.register`).
"""

import re

from vpbx.measures.register import measure
from vpbx.measures.result import Estimate
from vpbx.measures.wait_bins import N_BINS
from vpbx.report import keys, words

LABELS = {
    "offered": "offered",
    "callers": "callers",
    "answered": "answered",
    "abandoned_calls": "abandoned",
    "abandoned_ivr_calls": "abandoned in menus",
    "abandoned": "abandoned share",
    "abandoned_without_short": "abandoned share, without short",
    "short_abandons": "short abandons",
    "blocked": "blocked share",
    "blocked_calls": "blocked",
    "contained": "self-served share",
    "self_served": "self-served",
    "mean_wait": "mean wait (ASA)",
    "mean_wait_abandoned": "mean wait of abandoned",
    "p90_wait": "9 of 10 wait less than",
    "longest_wait": "longest wait",
    "mean_queue": "mean queue",
    "longest_queue": "longest queue",
    "offered_load": "offered load (erlang)",
    "logged_in": "agents on the phone",
    "carried": "carried (erlang)",
    "mean_handle_time": "mean handle time",
    "peak_channels": "peak channels",
    "entered": "entered",
    "mean_time": "mean time",
    "hang_ups": "hung up",
    "no_input": "nothing pressed",
    "no_match": "wrong key",
    "time_to_queue": "time to the queue",
    "redial_share": "redials, share of calls",
    "redials_after_blocked": "redials after a busy tone",
    "redials_after_abandoned": "redials after giving up waiting",
    "redials_after_abandoned_ivr": "redials after giving up in menus",
    "redials_after_lost": "redials after the system hung up",
    "redials_after_refused": "redials after a refusal",
    "redials_after_balked": "redials after hearing the wait",
    "redials_after_timed_out": "redials after the longest wait",
    "redials_after_cleared": "redials after closing",
    "redials_after_callback_failed": "redials after a call back in vain",
    "redials_after_failed": "redials after a failure or outage",
    "redials_after_suspended": "redials after meeting a suspended licence",
    "redials_after_unsettled": "redials with a matter not settled",
    "balked": "hung up on hearing the wait",
    "timed_out": "longest wait over",
    "left": "left for another node",
    "cleared": "sent away at closing",
    "failed": "failed or cut by an outage",
    "suspended": "licence suspended",
    "forwarded": "forwarded",
    "voicemail": "messages left",
    "callbacks": "want a call back",
    "callback_done": "called back",
    "callback_failed": "called back in vain",
    "callback_wait": "wait for the call back",
    "message_wait": "message waits",
    "messages_handled": "messages seen to",
    "elsewhere": "took another channel",
    "paid_skips": "paid to be sooner",
    "skip_revenue": "paid",
    "nobody_there": "nobody logged in",
    "charge": "callers pay",
    "recorded": "talks recorded",
    "unrecorded": "not recorded, for want of licence",
    "refused_for_licence": "blocked by the licence",
    "forwarded_legs": "forwarded legs",
    "forwarded_carried": "forwarded (erlang)",
    "callback_legs": "calls back",
    "callback_carried": "calls back (erlang)",
    "ringing": "of which ringing",
    "missed_rings": "phones rung in vain",
    "missed_share": "share rung in vain",
    "autopauses": "paused after misses",
    "conversations": "conversations at once",
    "room": "conversations they can hold",
    "redials_dropped": "redials due after the end",
    "nobody_waiting": "nobody waits",
    "p95_queue": "95 % of the time at most",
    "waiting_at_end": "waiting at the end",
}


_OUTCOMES = {"abandoned": "abandoned_calls", "abandoned_ivr": "abandoned_ivr_calls",
             "blocked": "blocked_calls"}  # fmt: skip
"""Measures that count calls of an outcome, where they are called otherwise."""


def label(name: str, currency: str = "") -> str:
    """Heading of a measure; one of money says its currency."""
    if currency and measure(name).unit == "money":
        return f"{LABELS.get(name, name)} ({currency})"
    if name.startswith(keys.SERVICE_LEVEL):
        return f"service level {keys.service_level_words(name)}"
    if name.startswith("callers_"):
        return f"callers: {label(_OUTCOMES.get(name[8:], name[8:]))}"
    return LABELS.get(name, name.replace("_", " "))


_SIGNS = {"<=": "≤", ">=": "≥"}
_AIM = re.compile(
    r"(?:(?P<scope>[^\s:(<>=≤≥]+)(?:\.|:\s*))?(?P<measure>[a-z]\w*)"
    r"(?P<rest>(?:\(.*\))?(?: by hour)?\s*(?:[<>=≤≥]| in ).*)"
)


def aim(text: str) -> str:
    """A target in words: `support.mean_wait<=20 s` as `support: mean wait (ASA) ≤ 20 s`."""
    shown = re.sub(r"\s*(<=|>=)\s*", lambda found: f" {_SIGNS[found[1]]} ", text.strip())
    shown = re.sub(r"\([a-z_]+", lambda found: found[0].replace("_", " "), shown)
    found = _AIM.fullmatch(shown)
    if not found:
        return shown
    scope, name = found["scope"] or "", found["measure"]
    where = scope if scope.partition(".")[0] not in _SCOPE_KINDS else words.scope_name(scope)
    what = (
        f"{name[1:3]}th percentile of the wait"
        if re.fullmatch(r"p\d\d_wait", name)
        else label(name)
    )
    return f"{where}: {what.strip()}{found['rest']}" if where else f"{what.strip()}{found['rest']}"


_SCOPE_KINDS = ("queue", "group", "class", "number", "trunk")


def told(value: Estimate | None, name: str) -> str:
    """A figure in its measure's unit; a percentile beyond the bins of waits as `over 4 h`."""
    return told_in(value, name, measure(name).unit)


def told_in(value: Estimate | None, name: str, unit: str) -> str:
    """As `told`, for percentiles by whatever name that begins with p."""
    beyond = value is not None and value.mean >= N_BINS - 1
    if beyond and name[:1] == "p" and name[1:3].isdigit():
        return f"over {words.duration(N_BINS - 1.0)}"
    return words.estimate(value, unit)
