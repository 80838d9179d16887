"""Targets as text: `support.mean_wait by hour in 5 min .. 40 min` → a `Target`.

Belongs here: the grammar, shared by scenario files and the command line. Does not belong here: the
verdict (`measures.verdicts`).

    target := [scope "."] measure ["(" arguments ")"] ["by hour"] condition
    condition := "=" value "±" band | ">" value | ">=" value | "<" value | "<=" value
               | "in" value ".." value | "in" clock "-" clock
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from vpbx import units
from vpbx.scenario.hours import DAY_MIN, clock_min
from vpbx.scenario.suggest import did_you_mean

SCOPE_KINDS = ("queue", "group", "class", "number", "trunk")

DEFINITIONS = (
    "answered_of_answered",
    "answered_of_offered",
    "answered_of_offered_less_short",
    "with_abandoned",
)
"""The definitions of a service level."""

_CALLS = ("", "number", "class")
_WAITS = (*_CALLS, "queue")


class Aim(NamedTuple):
    """What a target can ask of: the kind of its values, and the scopes that have it."""

    kind: str
    scopes: tuple[str, ...]


_PERCENTILES = ("p50_wait", "p80_wait", "p90_wait", "p95_wait", "p99_wait")

AIMS = {
    "mean_wait": Aim("duration", _WAITS),
    "mean_wait_abandoned": Aim("duration", _WAITS),
    "mean_wait_all": Aim("duration", _WAITS),
    **{name: Aim("duration", _WAITS) for name in _PERCENTILES},
    "longest_wait": Aim("duration", _WAITS),
    "time_to_queue": Aim("duration", _WAITS),
    "mean_handle_time": Aim("duration", (*_WAITS, "group")),
    "abandoned": Aim("share", _WAITS),
    "abandoned_without_short": Aim("share", _WAITS),
    "service_level": Aim("share", _WAITS),
    "blocked": Aim("share", (*_WAITS, "trunk")),
    "contained": Aim("share", _CALLS),
    "resolved": Aim("share", _CALLS),
    "occupancy": Aim("share", ("", "group")),
    "utilisation": Aim("share", ("trunk",)),
    "longest_queue": Aim("count", ("", "queue")),
    "mean_queue": Aim("count", ("", "queue")),
    "offered": Aim("count", (*_WAITS, "trunk")),
    "answered": Aim("count", (*_WAITS, "group")),
    "callers": Aim("count", _CALLS),
    "resolved_callers": Aim("count", _CALLS),
    "redials": Aim("count", _CALLS),
    **{
        name: Aim("count", _WAITS)
        for name in (
            "balked",
            "timed_out",
            "failed",
            "cleared",
            "callback_done",
            "callback_failed",
            "callbacks",
            "messages",
            "messages_handled",
        )
    },
    **{name: Aim("count", _CALLS) for name in ("forwarded", "voicemail", "suspended")},
    **{name: Aim("count", ("", "queue")) for name in ("elsewhere", "paid_skips")},
    "left": Aim("count", ("queue",)),
    "refused_for_licence": Aim("count", ("", "trunk")),
    "callback_wait": Aim("duration", _WAITS),
    "message_wait": Aim("duration", _WAITS),
    "attempts_per_caller": Aim("count", _CALLS),
    "busy_hour": Aim("clock", ("", "number", "queue", "trunk")),
}
"""Measures that a target may name. `mean_wait` is of answered calls; `longest_queue` the mean over
days of the day's maximum; `resolved_callers` callers answered or self-served in the end."""

HOURLY_SCOPES = dict.fromkeys(_PERCENTILES, ("queue",)) | {"busy_hour": ()}
"""Scopes by hour, where fewer than over the whole run."""


@dataclass(frozen=True, slots=True)
class Target:
    """A measure of a scope that must lie in a band.

    `scope` "" (all calls), "queue.support", "trunk.main", "number.0890", "class.premium" or
    "group.region" (a bare name is resolved to one of them by `scenario.check`); `measure` with
    `arguments` (for `service_level(answered_of_offered, 20 s)`: the definition and "20 s");
    `by` "" or "hour"; `low` and `high` bound the band in the measure's unit (seconds, shares,
    calls; minutes after midnight for `busy_hour`, with `high` above 1440 for a band over midnight),
    ±infinity where open; `text` as written; `facts` the ids behind it.
    """

    scope: str
    measure: str
    arguments: tuple[str, ...]
    by: str
    low: float
    high: float
    text: str
    facts: tuple[str, ...] = ()


_SPLIT = re.compile(r"(?P<head>.*?)\s*(?P<op>>=|<=|==|≥|≤|=|>|<|(?<=\s)in(?=\s))\s*(?P<rest>.*)")
_HEAD = re.compile(
    r"(?:(?P<scope>.+)\.)?\s*(?P<measure>[^\W\d]\w*)\s*"
    r"(?:\((?P<arguments>[^()]*)\))?(?:\s+by\s+(?P<by>\w+))?"
)
_EXAMPLE = "support.mean_wait = 20 min ± 20%"


_SHORT = re.compile(r"(?:(?P<scope>.+?)\s*[.:]\s*)??(?P<share>\d[\d.]*\s*%)\s*in\s*(?P<time>\d.*)")
_COLON = re.compile(r"(?P<scope>[^:<>=()]+?)\s*:\s*(?P<rest>[^\W\d].*)")


def spelt_out(text: str, definition: str = "answered_of_offered") -> str:
    """What people type, in the language of scenario files: `support: 80% in 20 s` becomes
    `support.service_level(answered_of_offered, 20 s) >= 80%`, `support: mean_wait <= 3 min` gets its
    dot; other texts stay as they are."""
    text = " ".join(text.split())
    if short := _SHORT.fullmatch(text):
        scope = f"{short['scope']}." if short["scope"] else ""
        return f"{scope}service_level({definition}, {short['time']}) >= {short['share']}"
    colon = _COLON.fullmatch(text)
    return f"{colon['scope']}.{colon['rest']}" if colon else text


def parse_target(value: object) -> Target:
    """Target of a text such as `support.mean_wait = 20 min ± 20%`; or of {text: facts}."""
    if isinstance(value, Target):
        return value
    if isinstance(value, Mapping):
        if len(value) != 1:
            raise ValueError(
                f"a target is one text, or {{{_EXAMPLE}: fact}}, got {len(value)} keys"
            )
        ((text, facts),) = value.items()
        return replace(_parse(text), facts=_facts(facts))
    return _parse(value)


def _facts(value: object) -> tuple[str, ...]:
    facts = [] if value is None else value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(fact, str) for fact in facts):
        raise ValueError(f"expected the ids of facts such as M13, got {value!r}")
    return tuple(facts)


def _parse(value: object) -> Target:
    if not isinstance(value, str):
        raise units.UnitError(f"expected a target such as {_EXAMPLE}, got {value!r}")
    text = " ".join(value.split())
    split = _SPLIT.fullmatch(text)
    if split is None and text.count("(") > text.count(")"):
        raise ValueError(
            f'"{text}": the bracket is not closed; inside [ ] or {{ }} a target needs quotes'
        )
    if split is None:
        raise ValueError(
            f'"{text}" compares nothing; write it like {_EXAMPLE}, with =, >, >=, <, <= or in'
        )
    head = _HEAD.fullmatch(split["head"])
    if head is None:
        raise ValueError(f'"{split["head"]}" is not a measure; write it like {_EXAMPLE}')
    aim = _aim(head["measure"])
    low, high = _band(head["measure"], aim.kind, split["op"], split["rest"])
    return Target(
        scope=(head["scope"] or "").strip(),
        measure=head["measure"],
        arguments=_arguments(head["measure"], head["arguments"]),
        by=_by(head["measure"], head["by"]),
        low=low,
        high=high,
        text=text,
    )


def _aim(measure: str) -> Aim:
    if measure not in AIMS:
        hint = did_you_mean(measure, AIMS) or f"; known are {', '.join(AIMS)}"
        raise ValueError(f'there is no measure "{measure}"{hint}')
    return AIMS[measure]


def _arguments(measure: str, text: str | None) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    if measure != "service_level":
        if text is not None:
            raise ValueError(f"{measure} takes nothing in brackets")
        return ()
    if len(parts) != 2:
        raise ValueError(
            "service_level needs its definition and its time: "
            f"service_level(answered_of_offered, 20 s); definitions: {', '.join(DEFINITIONS)}"
        )
    if parts[0] not in DEFINITIONS:
        hint = did_you_mean(parts[0], DEFINITIONS) or f"; known are {', '.join(DEFINITIONS)}"
        raise ValueError(f'there is no service level "{parts[0]}"{hint}')
    units.duration_us(parts[1])
    return parts


def _by(measure: str, by: str | None) -> str:
    if by not in (None, "hour"):
        raise ValueError(f'"by {by}": targets are by hour, or over the whole run')
    if by and measure in HOURLY_SCOPES and not HOURLY_SCOPES[measure]:
        raise ValueError(f"{measure} is one figure of the whole run: leave out by hour")
    return by or ""


def _band(measure: str, kind: str, op: str, rest: str) -> tuple[float, float]:
    if not rest:
        raise ValueError(f'nothing follows "{op}"; write it like {_EXAMPLE}')
    if op == "in":
        return _range(measure, kind, rest)
    if kind == "clock":
        raise ValueError(f"{measure} is a time of day; write it like {measure} in 16:00-20:00")
    if op in ("=", "=="):
        return _around(kind, rest)
    if "±" in rest or "+-" in rest:
        raise ValueError(f'a band goes with "=": "= {rest}"')
    value = _value(kind, rest)
    return (value, math.inf) if op in (">", ">=", "≥") else (-math.inf, value)


def _range(measure: str, kind: str, text: str) -> tuple[float, float]:
    ends = re.split(r"\s*[-–]\s*" if kind == "clock" else r"\s*\.\.\.?\s*", text)
    if len(ends) != 2 or not all(ends):
        example = "16:00-20:00" if kind == "clock" else "5 min .. 40 min"
        raise ValueError(f'"{text}" is not a range; write it like {measure} in {example}')
    low, high = (_value(kind, end) for end in ends)
    if kind == "clock":
        return low, high if high > low else high + DAY_MIN
    if low > high:
        raise ValueError(f'"{text}": the lower end comes first')
    return low, high


def _around(kind: str, text: str) -> tuple[float, float]:
    parts = re.split(r"\s*(?:±|\+-|\+/-)\s*", text)
    if len(parts) != 2 or not all(parts):
        raise ValueError(
            f'"= {text}" can never be met exactly; give a band: "= {parts[0]} ± 20%" '
            'or "in low .. high"'
        )
    value = _value(kind, parts[0])
    width = _width(kind, value, parts[1])
    return value - width, value + width


def _width(kind: str, value: float, text: str) -> float:
    """Half the band: relative in %, else in the value's unit (shares: points, `3 pp`)."""
    points = re.fullmatch(r"(.*\S)\s*pp", text)
    if points and kind == "share":
        return units.factor(points[1]) / 100.0
    if text.endswith("%"):
        if kind == "share":
            raise ValueError(
                f'"± {text}" of a share has two meanings; write "± {text[:-1].strip()} pp" '
                "for percentage points"
            )
        return abs(value) * units.factor(text)
    return _value(kind, text)


def _value(kind: str, text: str) -> float:
    """Number of a text: seconds, share, count or minutes after midnight."""
    match kind:
        case "duration":
            return units.duration_us(text) / units.SECOND_US
        case "share":
            return units.share(text)
        case "clock":
            return float(clock_min(text))
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError(f'"{text}" is not a number such as 30')
    return float(text)
