"""The shape of the language, read off the models: which key may stand where, and what value is due.

Belongs here: a walk over the models' annotations, in words a user knows. Does not belong here:
values (`values`), or anything that a file says.
"""

import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vpbx import units
from vpbx.scenario import hours, models, nodes, rules, targets, values
from vpbx.scenario.distributions import parse_law
from vpbx.scenario.models import Scenario
from vpbx.scenario.money import price


@dataclass(frozen=True)
class Shape:
    """What is due at a key path.

    `kind` is model, map, list, words (one of `words`), either (any of `either`), or a value:
    duration, rate, share, factor, wage, money, price, flag, law, heads, shares, hours, condition, moment,
    outage, target, text, whole, number, date, instant. `model` for model; `inner` the value of a
    map or the item of a list; `key` the shape of a map's keys; `shorthand` a value that may stand
    for the whole.
    """

    kind: str
    model: type[BaseModel] | None = None
    inner: "Shape | None" = None
    key: "Shape | None" = None
    words: tuple[str, ...] = ()
    either: tuple["Shape", ...] = ()
    pattern: str = ""
    shorthand: str = ""

    def models(self) -> tuple[type[BaseModel], ...]:
        """The models that may stand here."""
        own = (self.model,) if self.model is not None else ()
        return own + tuple(model for other in self.either for model in other.models())


_BY_VALIDATOR: dict[Callable[..., Any], str] = {
    units.duration_us: "duration",
    units.rate_per_day: "rate",
    units.share: "share",
    units.factor: "factor",
    units.wage_per_hour: "wage",
    price: "money",
    units.price: "price",
    parse_law: "law",
    hours.parse_time_table: "heads",
    hours.parse_share_table: "shares",
    hours.parse_opening_hours: "hours",
    rules.condition_text: "condition",
    rules.moment_text: "moment",
    rules.outage_text: "outage",
    rules.shift_text: "hours",
}
_BY_TYPE: dict[Any, str] = {
    bool: "flag",
    str: "text",
    int: "whole",
    float: "number",
    datetime: "instant",
    date: "date",
    targets.Target: "target",
}
_SHORTHAND = {models.OpenHours: "hours", nodes.Node: "hangup", nodes.Leg: "text"}
_ONE_OR_MORE = (values.one_or_more, rules.legs)

WORDS = {
    "model": "keys and values",
    "map": "keys and values",
    "list": "a list",
    "duration": "a duration such as 20 s or 4 min",
    "rate": "a rate such as 2400/day or 90/h",
    "share": "a share such as 35% or 0.35",
    "factor": "a factor such as 120% or 1.2",
    "wage": "a wage such as 450 RUB/h",
    "money": "an amount of money such as 500 RUB",
    "price": "money such as 50 RUB",
    "flag": "yes or no",
    "law": "a duration or a distribution, such as 4 min or exponential(mean=4 min)",
    "heads": "a number, or a table such as {09:00-18:00: 12}",
    "shares": "a share, or a table such as {mon-fri 09:00-18:00: 30%}",
    "hours": "hours such as mon-fri 09:00-18:00",
    "condition": "a condition such as support.expected_wait > 5 min",
    "moment": "a time such as 11:00 or 2019-04-15 11:00",
    "outage": "what fails: trunk.NAME, agents.NAME, number.NUMBER or all",
    "target": "a target such as support.mean_wait = 20 min ± 20%",
    "text": "text",
    "whole": "a whole number",
    "number": "a number",
    "date": "a date such as 2019-04-15",
    "instant": "a date and time such as 2019-04-15 00:00",
}
"""What is due, in words, by kind."""

SCALABLE = frozenset(
    {"duration", "rate", "wage", "money", "price", "law", "heads", "whole", "number"}
)
"""Kinds of quantity of which a percentage can be taken."""


@cache
def root() -> Shape:
    """Shape of a whole scenario."""
    return Shape("model", model=Scenario)


@cache
def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's fields by the key that the user writes."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


@cache
def field_shape(model: type[BaseModel], key: str) -> Shape | None:
    """Shape of the value of a model's key; None when there is no such key."""
    info = fields(model).get(key)
    return None if info is None else _shape(info.annotation, info.metadata)


def step(shape: Shape | None, key: str | int) -> Shape | None:
    """Shape one key further; None where nothing can stand."""
    if shape is None:
        return None
    if shape.kind == "either":
        found = [inner for other in shape.either if (inner := step(other, key)) is not None]
        return found[0] if found else None
    if shape.model is not None:
        return field_shape(shape.model, str(key))
    return shape.inner


def at(path: Iterable[str | int]) -> Shape | None:
    """Shape at a key path of a scenario; None where nothing can stand."""
    shape: Shape | None = root()
    for key in path:
        shape = step(shape, key)
    return shape


def in_words(shape: Shape | None) -> str:
    """What is due, in words."""
    if shape is None:
        return "nothing"
    if shape.kind == "words":
        return "one of " + ", ".join(shape.words)
    if shape.kind == "either":
        return ", or ".join(in_words(other) for other in shape.either)
    if shape.shorthand:
        return f"{WORDS[shape.kind]}, or {WORDS.get(shape.shorthand, shape.shorthand)}"
    return WORDS[shape.kind]


def _shape(annotation: Any, metadata: Iterable[Any] = ()) -> Shape:
    """Shape of an annotation with the metadata that pydantic split off."""
    if hasattr(annotation, "__metadata__"):
        return _shape(annotation.__origin__, (*annotation.__metadata__, *metadata))
    kind = _validated(metadata)
    if kind is not None:
        return Shape(kind)
    if typing.get_origin(annotation) is not None:
        return _generic(annotation, metadata)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape("model", model=annotation, shorthand=_SHORTHAND.get(annotation, ""))
    if annotation is str and (words := _words(metadata)):
        return Shape("words", words=words)
    return Shape(_BY_TYPE[annotation], pattern=_pattern(metadata))


def _generic(annotation: Any, metadata: Iterable[Any]) -> Shape:
    """Shape of a union, a mapping, a list or a choice of words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return Shape("words", words=tuple(map(str, arguments)))
    if origin in (typing.Union, types.UnionType):
        return _either(arguments)
    if origin is dict:
        return Shape("map", inner=_shape(arguments[1]), key=_shape(arguments[0]))
    single = any(getattr(item, "func", None) in _ONE_OR_MORE for item in metadata)
    return Shape("list", inner=_shape(arguments[0]), shorthand="text" if single else "")


def _either(arguments: tuple[Any, ...]) -> Shape:
    shapes = [_shape(other) for other in arguments if other is not type(None)]
    return shapes[0] if len(shapes) == 1 else Shape("either", either=tuple(shapes))


def _validated(metadata: Iterable[Any]) -> str | None:
    for item in metadata:
        kind = _BY_VALIDATOR.get(getattr(item, "func", None))  # type: ignore[arg-type]
        if kind is not None:
            return kind
    return None


def _words(metadata: Iterable[Any]) -> tuple[str, ...]:
    """The texts of which a value is one, where its JSON Schema lists them."""
    schemas = (getattr(item, "json_schema", None) or {} for item in metadata)
    return next((tuple(schema["enum"]) for schema in schemas if "enum" in schema), ())


def _pattern(metadata: Iterable[Any]) -> str:
    return next((item.pattern for item in metadata if getattr(item, "pattern", None)), "")


def default(model: type[BaseModel], key: str) -> Any:
    """A key's default as the user would write it; None where there is none, or it is empty."""
    info, due = fields(model)[key], field_shape(model, key)
    if info.is_required() or due is None:
        return None
    return _written(info.default, due)


def _written(value: Any, due: Shape) -> Any:
    if value in (None, "", (), {}) or isinstance(value, BaseModel):
        return None
    if due.kind == "duration":
        return units.duration_text(value)
    if due.kind == "shares":
        return f"{100 * value.at(0, 0) / units.TEN_THOUSANDTHS:g}%"
    if due.kind == "law":
        return value.text
    if due.kind == "list" and due.inner is not None:
        return [_written(item, due.inner) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
