"""The value types of the language: text in the file, a typed value in the model.

Belongs here: what a single value may look like (duration, rate, share, distribution, time table,
condition) and its JSON Schema. Does not belong here: keys, or checks between two keys.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from vpbx import units
from vpbx.scenario.distributions import Law, parse_law
from vpbx.scenario.hours import (
    OpeningHours,
    TimeTable,
    parse_opening_hours,
    parse_share_table,
    parse_time_table,
)

MOST_WAITING = 1_000_000


def _texts(description: str, *examples: str, numbers: bool = False) -> WithJsonSchema:
    kind: Any = ["string", "number"] if numbers else "string"
    return WithJsonSchema({"type": kind, "description": description, "examples": list(examples)})


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"expected yes or no, got {value!r}")


def _whole(value: object) -> object:
    """A whole number: `yes` is none, though Python counts it as 1."""
    if isinstance(value, bool):
        raise units.UnitError(f"expected a whole number, got {'yes' if value else 'no'}")
    return value


def _found_waiting(value: object) -> int:
    """A count of waiting calls, as a key may be written."""
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or not 1 <= int(text) <= MOST_WAITING:
        raise ValueError(
            f'"{text}" is not how many are found waiting, a whole number from 1 to {MOST_WAITING:,}'
        )
    return int(text)


def one_or_more(value: object) -> object:
    """A single name where a list of names is due."""
    return [value] if isinstance(value, str) else value


Duration = Annotated[
    int, BeforeValidator(units.duration_us), _texts("a duration", "20 s", "4 min", "1 h 30 min")
]
"""Microseconds."""

Rate = Annotated[
    float, BeforeValidator(units.rate_per_day), _texts("a rate of calls", "2400/day", "90/h")
]
"""Calls a day."""

Share = Annotated[
    float, BeforeValidator(units.share), _texts("a share from 0 to 1", "35%", "0.35", numbers=True)
]

Factor = Annotated[
    float,
    BeforeValidator(units.factor),
    _texts("a factor, 1 or more or less", "120%", numbers=True),
]

Wage = Annotated[
    units.Money, BeforeValidator(units.wage_per_hour), _texts("money an hour", "450 RUB/h")
]

Price = Annotated[units.Money, BeforeValidator(units.price), _texts("money, from 0 up", "50 RUB")]

WaitTold = Annotated[
    int, BeforeValidator(units.duration_us), _texts("a wait that callers are told", "5 min")
]
"""Microseconds, as a key."""

Flag = Annotated[bool, BeforeValidator(_boolean), WithJsonSchema({"enum": [True, False]})]

Whole = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer"})]

FoundWaiting = Annotated[
    int, BeforeValidator(_found_waiting), _texts("how many are found waiting", "5")
]
"""How many calls a caller finds waiting, as a key."""

Priority = Annotated[Whole, Field(ge=-1000, le=1000)]
"""Small enough that those of number, class and node add up in 16 bits."""

Dist = Annotated[
    Law,
    BeforeValidator(parse_law),
    _texts(
        "a duration, constant or random",
        "4 min",
        "exponential(mean=4 min)",
        "lognormal(mean=4 min, cv=1.1)",
        "gamma(mean=4 min, cv=0.8)",
        "erlang(mean=4 min, k=3)",
        "weibull(mean=4 min, cv=1.5)",
        "hyperexponential(mean=4 min, cv=2)",
        "uniform(10 s, 30 s)",
        "empirical(file.csv)",
    ),
]

Heads = Annotated[
    TimeTable,
    BeforeValidator(parse_time_table),
    WithJsonSchema(
        {
            "description": "people by time: a number, a table of times, or a day's list of 24, 48 or 96",
            "oneOf": [
                {"type": "integer", "minimum": 0},
                {"type": "array", "items": {"type": "integer", "minimum": 0}},
                {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
            ],
            "examples": [6, {"mon-fri 09:00-18:00": 12, "sat 10:00-16:00": 4}],
        }
    ),
]

ByHour = Annotated[
    TimeTable,
    BeforeValidator(parse_share_table),
    WithJsonSchema(
        {
            "description": "a share, constant or by time",
            "oneOf": [
                {"type": ["string", "number"]},
                {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
            ],
            "examples": ["20%", {"mon-fri 09:00-18:00": "30%"}],
        }
    ),
]
"""A table in ten-thousandths."""

Hours = Annotated[
    OpeningHours,
    BeforeValidator(parse_opening_hours),
    WithJsonSchema(
        {
            "description": "when something is open",
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "examples": ["mon-fri 09:00-18:00, sat 10:00-15:00"],
        }
    ),
]

Names = Annotated[tuple[str, ...], BeforeValidator(one_or_more)]
"""One name or a list of names."""

Name = Annotated[str, StringConstraints(pattern=r"^[^\W\d][\w-]*$")]
"""An identifier: a letter of any alphabet, then letters, digits, `_` or `-`."""

PhoneNumber = Annotated[str, StringConstraints(pattern=r"^[+*#\d][\d\- ()*#]*$")]

Key = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^[0-9*#]$")]

KeyPath = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^[0-9*# ]*$")]
