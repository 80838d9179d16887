"""The shifts file: which shifts people may work, as frozen models; and reading it.

Belongs here: the keys of `--shifts FILE`, their checks, their located problems. Does not belong here:
choosing shifts (`study.staffing.roster`).

    shifts:
      day:   {length: 9 h, starts: "mon-fri 07:00-12:00", every: 30 min,
              breaks: [{length: 1 h, from: 3 h, to: 5 h}]}
      night: {length: 8 h, starts: ["22:00"], at_most: 6}
    premiums: {"22:00-06:00": 120%, "sat,sun": 150%}
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from vpbx import units
from vpbx.errors import Problem, ScenarioError
from vpbx.scenario import problems, shape
from vpbx.scenario.base import Model
from vpbx.scenario.hours import WeekEntry, parse_opening_hours
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Location, Marks, Node, dotted, marks_of, parse, plain, read
from vpbx.scenario.values import Duration, Factor, Flag, Name, Names, Wage, Whole

_MINUTE_US = units.MINUTE_US
_ONE_TIME = re.compile(r"(?P<days>.*?)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})\s*")


def parse_starts(value: object) -> tuple[WeekEntry, ...]:
    """Stretches (or single times) in which a shift may start: `mon-fri 07:00-12:00`, `22:00`."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not texts:
        raise ValueError(f'expected starts such as "mon-fri 07:00-12:00" or 22:00, got {value!r}')
    return tuple(entry for text in texts for entry in _starts(str(text)))


def _starts(text: str) -> tuple[WeekEntry, ...]:
    single = _ONE_TIME.fullmatch(text)
    if single is None or single["days"].rstrip().endswith(("-", "–")):
        return parse_opening_hours(text).entries
    at = f"{single['hour']}:{single['minute']}"
    entries = parse_opening_hours(f"{single['days']} {at}-24:00".strip()).entries
    return tuple(WeekEntry(e.days, e.from_min, e.from_min, 1) for e in entries)


class Break(Model):
    """A pause within a shift; who takes it when is left to the plan."""

    length: Duration = Field(description="how long: 1 h")
    after: Duration = Field(alias="from", description="earliest start, from the shift's start")
    by: Duration = Field(alias="to", description="latest start, from the shift's start")
    paid: Flag = Field(False, description="whether it is paid")


class Shift(Model):
    """A sort of shift."""

    length: Duration = Field(description="from start to end, breaks included: 9 h")
    starts: Annotated[tuple[WeekEntry, ...], BeforeValidator(parse_starts)] = Field(
        description='when it may start: "mon-fri 07:00-12:00", or times such as 22:00'
    )
    every: Duration | None = Field(
        None, description="grid of starts and breaks: 30 min; the interval, if none"
    )
    breaks: tuple[Break, ...] = Field((), description="pauses")
    groups: Names = Field((), description="agent groups that work it; all, when empty")
    at_most: Whole | None = Field(None, ge=0, description="most people on it over the week")
    at_least: Whole = Field(0, ge=0, description="fewest people on it over the week")
    wage: Wage | None = Field(None, description="cost of an hour; the group's own, if none")

    @field_validator("length", "every")
    @classmethod
    def _positive(cls, value: int | None) -> int | None:
        if value is None:
            return None
        if value <= 0:
            raise ValueError("must be longer than nothing")
        if value > units.DAY_US:
            raise ValueError("is longer than a day")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Shift":
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is more than at_most {self.at_most}")
        for pause in self.breaks:
            if pause.by < pause.after:
                raise ValueError("a break's `to` lies before its `from`")
            if pause.by + pause.length > self.length:
                raise ValueError("a break may last beyond the end of the shift")
        return self


Premiums = dict[str, Factor]


class Shifts(Model):
    """The shifts that may be worked."""

    shifts: dict[Name, Shift] = Field(description="sorts of shift", min_length=1)
    premiums: Premiums = Field({}, description="factors on wages by time of the week")

    @field_validator("premiums")
    @classmethod
    def _hours(cls, value: Premiums) -> Premiums:
        for text in value:
            parse_opening_hours(text)
        return value

    def factor(self, weekday: int, minute: int) -> float:
        """Factor on wages at a minute of a weekday: the largest that holds, 1 if none does."""
        held = [
            f for text, f in self.premiums.items() if parse_opening_hours(text).at(weekday, minute)
        ]
        return max(held, default=1.0)


def load_shifts(path: str | Path, groups: Collection[str], grid_us: int) -> Shifts:
    """The shifts of a file, for these agent groups and this grid of intervals.

    `every` is the grid where the file says none. Raises `FileError`, and `ScenarioError` with every
    problem found.
    """
    return _checked(read(Path(path)), groups, grid_us)


def shifts_of(
    text: str, groups: Collection[str], grid_us: int, shown: str = "shifts.yaml"
) -> Shifts:
    """The same for a text."""
    return _checked(parse(text, shown), groups, grid_us)


def _checked(tree: Node, groups: Collection[str], grid_us: int) -> Shifts:
    values, marks = plain(tree), marks_of(tree)
    try:
        found = Shifts.model_validate(values)
    except ValidationError as error:
        raise ScenarioError(problems.in_order(_located(error, values, marks))) from None
    wrong = [
        p for name, s in found.shifts.items() for p in _problems(name, s, marks, groups, grid_us)
    ]
    if wrong:
        raise ScenarioError(problems.in_order(wrong))
    own = {
        name: s if s.every else s.model_copy(update={"every": grid_us})
        for name, s in found.shifts.items()
    }
    return found.model_copy(update={"shifts": own})


def _problems(
    name: str, shift: Shift, marks: Marks, groups: Collection[str], grid_us: int
) -> list[Problem]:
    """Unknown groups, and times off the grid."""
    at: Location = ("shifts", name)
    found = [
        Problem(marks.mark((*at, "groups")), dotted((*at, "groups")),
                f'there is no group "{group}"{did_you_mean(group, groups)}', "unknown-group")
        for group in shift.groups if group not in groups
    ]  # fmt: skip
    times = {"length": shift.length, "every": shift.every or 0}
    times |= {"starts": 0} | {
        f"breaks.{i}.{key}": us
        for i, b in enumerate(shift.breaks)
        for key, us in (("length", b.length), ("from", b.after), ("to", b.by))
    }
    off = {key for key, us in times.items() if us % grid_us}
    if any(entry.from_min * _MINUTE_US % grid_us for entry in shift.starts):
        off.add("starts")
    grid = units.duration_text(grid_us)
    for key in sorted(off):
        path = (*at, *(int(part) if part.isdigit() else part for part in key.split(".")))
        message = f"is not a multiple of the interval, {grid} (see --per)"
        found.append(Problem(marks.mark(path), dotted(path), message, "off-grid"))
    return found


def _located(error: ValidationError, values: Any, marks: Marks) -> list[Problem]:
    """One problem for each place where something is wrong."""
    found: dict[Location, Problem] = {}
    for item in error.errors(include_url=False):
        path = problems.known_path(item, values)
        found.setdefault(path, _problem(item, path, values, marks))
    return list(found.values())


def _problem(item: Any, path: Location, values: Any, marks: Marks) -> Problem:
    kind = str(item["type"])
    if kind == "missing":
        words = f"the key is missing: {_known(path[:-1]).get(str(path[-1]), 'it must be given')}"
        return Problem(marks.mark(path[:-1]), dotted(path), words, "missing-key")
    if kind == "extra_forbidden":
        known = _known(path[:-1])
        hint = did_you_mean(str(path[-1]), known) or f"; known keys are {', '.join(known)}"
        return Problem(marks.key_mark(path), dotted(path), f"unknown key{hint}", "unknown-key")
    cause = item.get("ctx", {}).get("error")
    got = problems.shown(item["input"])
    message = str(cause) if cause is not None else f"{str(item['msg']).lower()}, got {got}"
    return Problem(marks.mark(path), dotted(path), message, "bad-value")


def _known(path: Location) -> dict[str, str]:
    """The keys that may stand at a place, each with its meaning."""
    depth = len([key for key in path if not isinstance(key, int)])
    model: type[Model] = (Shifts, Shifts, Shift, Break)[min(depth, 3)]
    return {key: info.description or "" for key, info in shape.fields(model).items()}
