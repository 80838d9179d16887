"""Targets as text: `support.mean_wait by hour in 5 min .. 40 min` → a `Target`.

Belongs here: the grammar, shared by scenario files and the command line. Does not belong here: the
verdict (`measures.verdicts`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A measure of a scope that must lie in a band.

    `scope` "" (all calls), "queue.support", "trunk.main", "number.0890", "class.premium" or
    "group.region" (a bare name is resolved to one of them by `scenario.check`); `measure` with
    `arguments` (for `service_level(answered_of_offered, 20 s)`: the definition and "20 s");
    `by` "" or "hour"; `low` and `high` bound the band in the measure's unit (seconds, shares,
    calls; minutes after midnight for `busy_hour`), ±infinity where open; `text` as written;
    `facts` the ids behind it.
    """

    scope: str
    measure: str
    arguments: tuple[str, ...]
    by: str
    low: float
    high: float
    text: str
    facts: tuple[str, ...] = ()


def parse_target(value: object) -> Target:
    """Target of a text such as `support.mean_wait = 20 min ± 20%`; or of {text: facts}."""
    raise NotImplementedError
