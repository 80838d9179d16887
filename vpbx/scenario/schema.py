"""The JSON Schema of scenario files, for editors (draft 2020-12, as yaml-language-server reads it).

Belongs here: the models' shapes as JSON Schema. Does not belong here: the language reference for
people (`reference`).

Why not pydantic's own: it describes the values after reading (microseconds), while an editor checks
the text. Patterns keep to what Python's and JavaScript's regular expressions have in common, so
`\\w` (letters of other alphabets in one, ASCII in the other) is not used. In a file that extends
another nothing is required, and any key may be set to nothing: its definitions are named Variant….
"""

from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vpbx.scenario import shape
from vpbx.scenario.desks import AgentGroup
from vpbx.scenario.models import OpenHours, Scenario
from vpbx.scenario.nodes import Leg, Node
from vpbx.scenario.people import CallerClass
from vpbx.scenario.reference import markdown
from vpbx.scenario.shape import Shape
from vpbx.scenario.values import Name, PhoneNumber

__all__ = ["json_schema", "markdown"]

Json = dict[str, Any]

_NUMBER = r"\+?\d+([ _]\d{3})*(\.\d+)?([eE][+-]?\d+)?"
_TIME_UNIT = r"(us|µs|μs|ms|s|sec|seconds?|min|minutes?|h|hours?|d|days?|weeks?)"
_DURATION = rf"^\s*(0(\.0)?|({_NUMBER}\s*{_TIME_UNIT}\s*)+)$"
_LAWS = "exponential|lognormal|gamma|erlang|weibull|hyperexponential|uniform|empirical"
_PERCENT = rf"^\s*{_NUMBER}\s*%?\s*$"
_DATE = r"\d{4}-\d{2}-\d{2}"
_KEY_PATTERNS = {
    get_args(Name)[1].pattern: r"^[^\s0-9!-/:-@\[-\^`{-~][^\s!-,./:-@\[-\^`{-~]*$",
    get_args(PhoneNumber)[1].pattern: r"^[+*#0-9][0-9\- ()*#]*$",
}
"""Patterns of keys that are written otherwise in JavaScript."""

_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_COUNT = {"type": "integer", "minimum": 0}
_SHARE = {"type": ["string", "number"], "pattern": _PERCENT, "minimum": 0, "maximum": 1}

VALUES: dict[str, Json] = {
    "duration": {"type": "string", "pattern": _DURATION,
                 "examples": ["20 s", "4 min", "1 h 30 min", "1 day"]},
    "rate": {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*(/|per)\s*{_TIME_UNIT}\s*$",
             "examples": ["2400/day", "90/h"]},
    "share": {**_SHARE, "examples": ["35%", 0.35]},
    "factor": {"type": ["string", "number"], "pattern": _PERCENT, "minimum": 0,
               "examples": ["120%", 1.2]},
    "wage": {"type": "string", "pattern": r"[A-Z]{3}\s*/\s*h\s*$", "examples": ["450 RUB/h"]},
    "money": {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*[A-Z]{{3}}\s*$",
              "examples": ["500 RUB"]},
    "price": {"type": "string", "pattern": r"^\s*\+?[0-9][0-9 _]*(\.[0-9]+)?\s*[A-Z]{3}\s*$",
              "examples": ["50 RUB"]},
    "flag": {"enum": [True, False, "yes", "no"]},
    "law": {"type": "string",
            "pattern": rf"{_DURATION}|^\s*({_LAWS})\s*\(.*\)\s*$",
            "examples": ["4 min", "exponential(mean=4 min)", "lognormal(mean=4 min, cv=1.1)",
                         "gamma(mean=4 min, cv=0.8)", "erlang(mean=4 min, k=3)",
                         "weibull(mean=4 min, cv=1.5)", "hyperexponential(mean=4 min, cv=2)",
                         "uniform(10 s, 30 s)", "empirical(file.csv)"]},
    "heads": {"anyOf": [_COUNT, {"type": "array", "items": _COUNT},
                        {"type": "object", "additionalProperties": _COUNT}],
              "examples": [6, {"mon-fri 09:00-18:00": 12, "sat 10:00-16:00": 4}]},
    "shares": {"anyOf": [_SHARE, {"type": "object", "additionalProperties": _SHARE}],
               "examples": ["20%", {"mon-fri 09:00-18:00": "30%"}]},
    "outage": {"type": "string", "pattern": r"^(all|(trunk|agents|number)\..+)$",
               "examples": ["trunk.main", "agents.region", "number.0890", "all"]},
    "hours": {**_TEXTS, "examples": ["mon-fri 09:00-18:00, sat 10:00-15:00"]},
    "condition": {"type": "string", "pattern": "[<>≤≥]",
                  "examples": ["support.expected_wait > 5 min", "support.queue_length >= 30"]},
    "moment": {"type": "string", "pattern": rf"^\s*({_DATE}[ T])?\d{{1,2}}:\d{{2}}(:\d{{2}})?\s*$",
               "examples": ["11:00", "2019-04-15 11:00"]},
    "target": {"anyOf": [{"type": "string"},
                         {"type": "object", "minProperties": 1, "maxProperties": 1,
                          "additionalProperties": {"anyOf": [{"type": ["string", "null"]},
                                                             _TEXTS["anyOf"][1]]}}],
               "examples": ["support.mean_wait = 20 min ± 20%"]},
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "pattern": f"^{_DATE}$", "examples": ["2019-05-01"]},
    "instant": {"type": "string", "pattern": rf"^{_DATE}([ T]\d{{1,2}}:\d{{2}}(:\d{{2}})?)?$",
                "examples": ["2019-04-15 00:00"]},
}  # fmt: skip
"""What each kind of value looks like in a file."""


def json_schema() -> Json:
    """JSON Schema of a scenario file; its definitions are in `$defs`."""
    definitions: Json = {kind: _with_message(kind, value) for kind, value in VALUES.items()}
    for model in models_in_order():
        for variant in (False, True):
            definitions[_name(model, variant)] = _definition(model, variant)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vpbx scenario",
        "description": "A phone system and its load.",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/VariantScenario"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": definitions,
    }


def _with_message(kind: str, value: Json) -> Json:
    """With the words that editors show where the pattern does not fit; 0 needs no unit."""
    if "pattern" not in value:
        return value
    value = {**value, "patternErrorMessage": f"expected {shape.WORDS[kind]}"}
    if kind not in ("duration", "law"):
        return value
    return {"if": {"type": "number"}, "then": {"const": 0}, "else": value}


def models_in_order() -> list[type[BaseModel]]:
    """All models of the language, each before those that it holds."""
    found: list[type[BaseModel]] = []
    waiting: list[type[BaseModel]] = [Scenario]
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found.append(model)
            for key in shape.fields(model):
                waiting.extend(_models_of(shape.field_shape(model, key)))
    return found


def _models_of(due: Shape | None) -> list[type[BaseModel]]:
    if due is None:
        return []
    return [*due.models(), *_models_of(due.inner)]


def _name(model: type[BaseModel], variant: bool) -> str:
    return ("Variant" if variant else "") + model.__name__


def _definition(model: type[BaseModel], variant: bool) -> Json:
    """Schema of a model's mapping, with the shorthand that may stand for it."""
    keys = {key: _key(model, key, variant) for key in shape.fields(model)}
    required = [key for key, info in shape.fields(model).items() if info.is_required()]
    whole: Json = {
        "type": "object",
        "description": first_line(model),
        "properties": keys,
        "additionalProperties": False,
    }
    if model is Scenario:
        keys.update(_VARIANT_KEYS)
    extends = model in (CallerClass, AgentGroup)
    if extends:
        keys["extends"] = _SIBLING
    if required and not variant:
        _require(whole, required, extends, ("heads", "shifts") if model is AgentGroup else ())
    if model is Node:
        return _shorthand(["string"], {"const": "hangup"}, whole)
    if model is Leg:
        return _shorthand(["string"], {"type": "string"}, whole)
    if model is OpenHours:
        return _shorthand(["string", "array"], {"$ref": "#/$defs/hours"}, whole)
    return whole


def _shorthand(types: list[str], short: Json, whole: Json) -> Json:
    """Either form, told apart by its type: a mistake in one is not taken for the other."""
    return {
        "description": whole["description"],
        "if": {"type": types},
        "then": short,
        "else": whole,
    }


_VARIANT_KEYS: Json = {
    "extends": {"type": "string", "description": "the scenario file that this one is a variant of"},
    "set": {
        "type": "object",
        "description": "values by dotted path: {agents.tier1.heads: 14}; "
        "a percentage of a quantity is taken of the value that was there",
    },
}
_SIBLING = {"type": "string", "description": "the sibling whose keys hold where none is given here"}


def _require(whole: Json, required: list[str], extends: bool, one_of: tuple[str, ...]) -> None:
    """What is missing may come from a sibling in an entry that extends one."""
    needed: Json = {"required": required}
    if one_of:
        needed["oneOf"] = [{"required": [key]} for key in one_of]
    if extends:
        whole["if"] = {"not": {"required": ["extends"]}}
        whole["then"] = needed
    else:
        whole.update(needed)


def _key(model: type[BaseModel], key: str, variant: bool) -> Json:
    """Schema of the value of a model's key, with its meaning and default."""
    due, info = shape.field_shape(model, key), shape.fields(model)[key]
    if due is None:
        raise KeyError(key)
    value = {**_value(due, variant), **_limits(info, due)}
    if variant or (not info.is_required() and info.default is None):
        value = {"anyOf": [value, {"type": "null"}]}
    value["description"] = info.description or first_line(due.models()[0])
    written = shape.default(model, key)
    if written is not None:
        value["default"] = written
    return value


def _value(due: Shape, variant: bool) -> Json:
    """Schema of what is due at a place."""
    if due.kind in ("words", "either"):
        return _one_of(due, variant)
    if due.model is not None:
        return {"$ref": f"#/$defs/{_name(due.model, variant)}"}
    if due.kind == "list" and due.inner is not None:
        items = {"type": "array", "items": _value(due.inner, variant)}
        return {"anyOf": [{"type": "string"}, items]} if due.shorthand else items
    if due.kind == "map":
        return _map(due, variant)
    if due.pattern:
        return {"type": ["string", "integer"], "pattern": due.pattern}
    return {"$ref": f"#/$defs/{due.kind}"}


def _one_of(due: Shape, variant: bool) -> Json:
    if due.either:
        return {"anyOf": [_value(other, variant) for other in due.either]}
    return {"enum": [True, "yes"] if due.words == ("True",) else list(due.words)}


def _map(due: Shape, variant: bool) -> Json:
    """Schema of a mapping whose keys are names."""
    inner = _value(due.inner, variant) if due.inner is not None else {}
    if variant:
        inner = {"anyOf": [inner, {"type": "null"}]}
    if due.key is not None and due.key.words:
        keys = dict.fromkeys(due.key.words, inner)
        return {"type": "object", "properties": keys, "additionalProperties": False}
    pattern = _key_pattern(due.key)
    if pattern:
        return {
            "type": "object",
            "patternProperties": {pattern: inner},
            "additionalProperties": False,
        }
    return {"type": "object", "additionalProperties": inner}


def _key_pattern(due: Shape | None) -> str:
    """The pattern of a mapping's keys; "" where any will do."""
    if due is None:
        return ""
    if due.kind == "duration":
        return _DURATION
    if due.kind == "whole":
        return r"^[0-9]+$"
    return _KEY_PATTERNS.get(due.pattern, due.pattern)


def _limits(info: FieldInfo, due: Shape) -> Json:
    """Bounds of a number, of the entries of a mapping, of the items of a list."""
    what = "Items" if due.kind == "list" else "Properties"
    names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    found: Json = {}
    for item in info.metadata:
        for name, keyword in names.items():
            if getattr(item, name, None) is not None:
                found[keyword] = getattr(item, name)
        for name, keyword in (("min_length", "min"), ("max_length", "max")):
            if getattr(item, name, None) is not None:
                found[f"{keyword}{what}"] = getattr(item, name)
    return found


def first_line(model: type[BaseModel]) -> str:
    """The first line of a model's docstring: what it is."""
    return (model.__doc__ or "").strip().split("\n")[0]
