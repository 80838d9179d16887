"""Conditions on a queue's state as text: `support.expected_wait > 5 min` → a `Condition`.

Belongs here: the grammar of a branch case's `when`. Does not belong here: the state (`engine`), or
whether the queue exists (`check`).

    condition := queue "." what relation value        relation := "<" | "<=" | ">" | ">="
"""

import re
from dataclasses import dataclass

from vpbx import units
from vpbx.codes import Case, Relation
from vpbx.scenario.suggest import did_you_mean

STATES = {
    "queue_length": Case.QUEUE_LENGTH,
    "expected_wait": Case.EXPECTED_WAIT,
    "agents_free": Case.AGENTS_FREE,
    "position": Case.POSITION,
}
RELATIONS = {
    "<=": Relation.LE,
    ">=": Relation.GE,
    "≤": Relation.LE,
    "≥": Relation.GE,
    "<": Relation.LT,
    ">": Relation.GT,
}

_CONDITION = re.compile(r"\s*(?P<left>[^<>=≤≥]*?)\s*(?P<relation>[<>=≤≥]+)\s*(?P<value>.*?)\s*")
_EXAMPLE = "support.expected_wait > 5 min"


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about a queue: `value` is in microseconds for an expected wait, else a count."""

    queue: str
    what: Case
    relation: Relation
    value: int


def parse_condition(text: str) -> Condition:
    """Condition of a text such as `support.queue_length >= 30`; raises `ValueError`."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" compares nothing; write it like {_EXAMPLE}')
    queue, dot, name = match["left"].rpartition(".")
    if not dot or not queue.strip():
        raise ValueError(f'"{text}": which queue? Write it like {_EXAMPLE}')
    if name not in STATES:
        hint = did_you_mean(name, STATES) or f"; known are {', '.join(STATES)}"
        raise ValueError(f'"{text}": a queue has no "{name}"{hint}')
    if match["relation"] not in RELATIONS:
        raise ValueError(f'"{text}": "{match["relation"]}" is not one of <, <=, >, >=')
    what = STATES[name]
    return Condition(
        queue.strip(), what, RELATIONS[match["relation"]], _value(what, match["value"], text)
    )


def _value(what: Case, value: str, text: str) -> int:
    if what is Case.EXPECTED_WAIT:
        return units.duration_us(value)
    if not re.fullmatch(r"\d{1,9}", value):
        raise ValueError(f'"{text}": "{value}" is not a whole number such as 30')
    return int(value)
