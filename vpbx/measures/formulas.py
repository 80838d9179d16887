"""The arithmetic of measures: which columns of the tally are divided by which, by family.

Belongs here: formulas as data. Does not belong here: units and words (`register`), estimation. A
leading "-" subtracts a column. `over` () makes a count: a mean over replications, and calls an hour
where figures are folded onto hours. "time" is the measured time of the cell: such a measure covers
the duration only, whatever the columns above it hold of the drain.
"""

from typing import NamedTuple

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
}

_VISITS = {
    "short_abandons": Formula(("v_short",)),
    "time_to_queue": Formula(("to_queue",), ("v_first",), _US),
    "mean_wait": Formula(("wait_answered",), ("v_answered",), _US),
    "mean_wait_abandoned": Formula(("wait_abandoned",), ("v_abandoned",), _US),
    "mean_wait_all": Formula(("wait_all",), ("v_waited",), _US),
    "told_wait": Formula(("told",), ("v_told",), _US),
    "told_wait_error": Formula(("told_error",), ("v_told",), _US),
    "mean_handle_time": Formula(("handle",), ("v_answered",), _US),
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
    "logged_in": Formula(("logged_in",), ("time",)),
    "offered_load": Formula(("offered_work",), ("time",)),
    "carried": Formula(("handle",), ("time",)),
}

_WAITING = {"mean_queue": Formula(("waiting",), ("time",))}

_AGENTS = {
    "logged_in": Formula(("logged_in",), ("time",)),
    "carried": Formula(("busy",), ("time",)),
    "occupancy": Formula(("busy",), ("logged_in",)),
    "cost": Formula(("cost",)),
}

_TRUNK = {
    "offered": Formula(("offered",)),
    "blocked": Formula(("blocked",), ("offered",)),
    "blocked_calls": Formula(("blocked",)),
    "carried": Formula(("held",), ("time",)),
    "channels": Formula(("channels",), ("time",)),
    "utilisation": Formula(("held",), ("channels",)),
}

FORMULAS: dict[str, dict[str, Formula]] = {
    "all": _CALLS | _VISITS | _WAITING | _AGENTS,
    "number": _CALLS | _VISITS,
    "class": _CALLS | _VISITS,
    "queue": _QUEUE | _VISITS | _WAITING,
    "group": {
        "answered": Formula(("v_answered",)),
        "mean_handle_time": Formula(("handle",), ("v_answered",), _US),
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


def service_level_formula(definition: str, k: int) -> Formula:
    """Formula of a definition for the k-th threshold."""
    formula = SERVICE_LEVEL_FORMULAS[definition]
    return formula._replace(above=tuple(f"{column}_{k}" for column in formula.above))
