"""The arithmetic of measures: which columns of the tally are divided by which, by family.

Belongs here: formulas as data. Does not belong here: units and words (`register`), estimation. A
leading "-" subtracts a column. `over` () makes a count: a mean over replications, and calls an hour
where figures are folded onto hours. "time" is the measured time of the cell: such a measure covers
the duration only, whatever the columns above it hold of the drain.
"""

from typing import NamedTuple

from vpbx.codes import Outcome
from vpbx.measures.redials import CAUSES, column_of


class Formula(NamedTuple):
    """`scale` x sum of `above` / sum of `over`."""

    above: tuple[str, ...]
    over: tuple[str, ...] = ()
    scale: float = 1.0

    @property
    def timed(self) -> bool:
        """Whether the measure is taken over time."""
        return self.over == ("time",)


_US = 1e-6

_ENDED = ("forwarded", "voicemail", "callback_done", "callback_failed", "balked", "timed_out",
          "suspended", "failed", "cleared", "cut")  # fmt: skip
"""Outcomes whose measure is called as their column; the rest have names of their own."""

_CALLS = {
    "offered": Formula(("offered",)),
    "callers": Formula(("callers",)),
    "redials": Formula(("redials",)),
    "redial_share": Formula(("redials",), ("offered",)),
    **{column_of(cause): Formula((column_of(cause),)) for cause in CAUSES},
    "redials_dropped": Formula(("redials_dropped",)),
    "answered": Formula(("answered",)),
    "abandoned_calls": Formula(("abandoned",)),
    "abandoned_ivr_calls": Formula(("abandoned_ivr",)),
    "abandoned": Formula(("abandoned",), ("answered", "abandoned")),
    "abandoned_without_short": Formula(
        ("abandoned", "-v_short"), ("answered", "abandoned", "-v_short")
    ),
    "blocked": Formula(("blocked",), ("offered",)),
    "blocked_calls": Formula(("blocked",)),
    "contained": Formula(("self_served",), ("offered",)),
    "self_served": Formula(("self_served",)),
    "lost": Formula(("lost",)),
    "refused": Formula(("refused",)),
    "attempts_per_caller": Formula(("offered",), ("callers",)),
    "resolved_callers": Formula(("resolved",)),
    "resolved": Formula(("resolved",), ("callers",)),
    **{name: Formula((name,)) for name in _ENDED},
    **{f"callers_{one.name.lower()}": Formula((f"last_{one.name.lower()}",)) for one in Outcome},
    "charge": Formula(("charge",)),
}

_VISITS = {
    "short_abandons": Formula(("v_short",)),
    "time_to_queue": Formula(("to_queue",), ("v_first",), _US),
    "mean_wait": Formula(("wait_answered",), ("v_answered",), _US),
    "mean_wait_abandoned": Formula(("wait_abandoned",), ("v_abandoned",), _US),
    "mean_wait_all": Formula(("wait_all",), ("v_waited",), _US),
    "told_wait": Formula(("told",), ("v_told",), _US),
    "told_wait_error": Formula(("told_error",), ("v_told",), _US),
    "mean_handle_time": Formula(("handle",), ("v_handled",), _US),
    "callbacks": Formula(("v_callbacks",)),
    "callback_wait": Formula(("wait_callback",), ("v_callback_done",), _US),
    "messages": Formula(("v_messages",)),
    "messages_handled": Formula(("v_messages_done",)),
    "message_wait": Formula(("wait_message",), ("v_messages_done",), _US),
}

_OFFERS = {
    "paid_skips": Formula(("paid_skips",)),
    "skip_revenue": Formula(("skip_revenue",)),
    "elsewhere": Formula(("elsewhere",)),
    "nobody_there": Formula(("nobody_there",)),
}

_RECORDED = {
    "recorded": Formula(("recorded",)),
    "recorded_time": Formula(("recorded_time",), (), _US),
    "unrecorded": Formula(("unrecorded",)),
}

_QUEUE = {
    "offered": Formula(("v_offered",)),
    "answered": Formula(("v_answered",)),
    "abandoned_calls": Formula(("v_abandoned",)),
    "abandoned": Formula(("v_abandoned",), ("v_answered", "v_abandoned")),
    "abandoned_without_short": Formula(
        ("v_abandoned", "-v_short"), ("v_answered", "v_abandoned", "-v_short")
    ),
    "blocked": Formula(("v_blocked",), ("v_offered",)),
    "blocked_calls": Formula(("v_blocked",)),
    "balked": Formula(("v_balked",)),
    "timed_out": Formula(("v_timed_out",)),
    "cleared": Formula(("v_cleared",)),
    "failed": Formula(("v_failed",)),
    "left": Formula(("v_forwarded",)),
    "callback_done": Formula(("v_callback_done",)),
    "callback_failed": Formula(("v_callback_failed",)),
    "logged_in": Formula(("logged_in",), ("time",)),
    "room": Formula(("room",), ("time",)),
    "offered_load": Formula(("offered_work",), ("time",)),
    "carried": Formula(("handle",), ("time",)),
}

_WAITING = {"mean_queue": Formula(("waiting",), ("time",))}

_AGENTS = {
    "logged_in": Formula(("logged_in",), ("time",)),
    "carried": Formula(("busy",), ("time",)),
    "occupancy": Formula(("busy",), ("places",)),
    "ringing": Formula(("ringing",), ("busy",)),
    "missed_rings": Formula(("missed",)),
    "autopauses": Formula(("autopauses",)),
    "conversations": Formula(("conversing",), ("logged_in",)),
    "room": Formula(("room",), ("time",)),
    "cost": Formula(("cost",)),
}

_TRUNK = {
    "offered": Formula(("offered",)),
    "blocked": Formula(("blocked",), ("offered",)),
    "blocked_calls": Formula(("blocked",)),
    "carried": Formula(("held",), ("time",)),
    "channels": Formula(("channels",), ("time",)),
    "utilisation": Formula(("held",), ("channels",)),
    "refused_for_licence": Formula(("refused_for_licence",)),
    "forwarded_legs": Formula(("forwarded_legs",)),
    "forwarded_carried": Formula(("forwarded_held",), ("time",)),
    "callback_legs": Formula(("callback_legs",)),
    "callback_carried": Formula(("callback_held",), ("time",)),
}

_LICENCE = {
    "refused_for_licence": Formula(("refused_for_licence",)),
    "unlicensed": Formula(("unlicensed",)),
    "unlicensed_way": Formula(("unlicensed_way",)),
}

FORMULAS: dict[str, dict[str, Formula]] = {
    "all": _CALLS | _VISITS | _WAITING | _AGENTS | _OFFERS | _LICENCE | _RECORDED,
    "number": _CALLS | _VISITS,
    "class": _CALLS | _VISITS,
    "queue": _QUEUE | _VISITS | _WAITING | _OFFERS | _RECORDED,
    "group": {
        "answered": Formula(("v_handled",)),
        "mean_handle_time": Formula(("handle",), ("v_handled",), _US),
        "missed_share": Formula(("missed",), ("missed", "v_handled")),
    }
    | _AGENTS,
    "trunk": _TRUNK,
}
"""Formulas of each family; those whose columns a tally lacks (no wage: no cost; nobody calls again
after that: no such redials) are left out."""

PEAKS: dict[str, dict[str, tuple[str, float]]] = {
    "all": {"longest_wait": ("longest_wait", _US), "longest_queue": ("longest_queue", 1.0)},
    "number": {"longest_wait": ("longest_wait", _US)},
    "class": {"longest_wait": ("longest_wait", _US)},
    "queue": {"longest_wait": ("longest_wait", _US), "longest_queue": ("longest_queue", 1.0)},
    "group": {},
    "trunk": {"peak_channels": ("peak_channels", 1.0)},
}
"""Measures that are the largest of something: column of the tally's peaks, and scale."""

SERVICE_LEVEL_FORMULAS: dict[str, Formula] = {
    "answered_of_answered": Formula(("answered_in",), ("v_answered",)),
    "answered_of_offered": Formula(("answered_in",), ("v_offered",)),
    "answered_of_offered_less_short": Formula(("answered_in",), ("v_offered", "-v_short")),
    "with_abandoned": Formula(("answered_in", "abandoned_in"), ("v_offered",)),
}
"""Service levels by definition; `*_in` stands for the columns of one threshold."""


def service_level_formula(definition: str, k: int, callbacks: str = "missed") -> Formula:
    """Formula of a definition for the k-th threshold.

    `callbacks` says what a caller counts as who hangs up to be called back: "missed" (offered, not
    answered), "excluded" (neither), "answered" (in time, once the call back is made).
    """
    formula = SERVICE_LEVEL_FORMULAS[definition]
    above, over = tuple(f"{column}_{k}" for column in formula.above), formula.over
    if callbacks == "excluded" and "v_offered" in over:
        over = (*over, "-v_callbacks")
    if callbacks == "answered":
        above = (*above, "v_callback_done")
        over = over if "v_offered" in over else (*over, "v_callback_done")
    return formula._replace(above=above, over=over)
