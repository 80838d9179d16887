"""Rules that a single key of the scenario keeps beyond its type; models call them as validators.

Belongs here: one function a rule: the value as it came, or a `ValueError` that says what is wrong.
Does not belong here: rules between two sections (`check`), grammars.
"""

import math
from collections.abc import Mapping
from datetime import datetime

from vpbx import units
from vpbx.scenario.conditions import parse_condition
from vpbx.scenario.distributions import Law
from vpbx.scenario.hours import parse_opening_hours
from vpbx.scenario.moments import exists, parse_moment, time_zone

SHARES_TOLERANCE = 1e-3
"""Shares of a whole may miss 100% by this much: 33.3% three times is meant as a third each."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
LONGEST_RUN_US = 5 * 366 * units.DAY_US


def dated(value: object) -> object:
    """A date or a text of one: numbers would be read as seconds since 1970."""
    if isinstance(value, int | float) or (
        isinstance(value, str) and not value.strip()[:5].endswith("-")
    ):
        raise units.UnitError(f"expected a date such as 2019-04-15, got {value!r}")
    return value


def said(text: str) -> str:
    """A text that says something."""
    if not text.strip():
        raise ValueError("is empty; say in a line what this is")
    return text


def time_zone_name(name: str) -> str:
    """A name that the time zone database knows."""
    time_zone(name)
    return name


def local_time(moment: datetime, zone: str | None) -> datetime:
    """A moment without a zone of its own, which clocks of the zone show."""
    if moment.tzinfo is not None:
        raise ValueError("write the local time without an offset; the zone goes in timezone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year lies between {FIRST_YEAR} and {LAST_YEAR}, got {moment.year}")
    if zone is not None and not exists(moment, time_zone(zone)):
        raise ValueError(f"{moment} never shows on the clocks of {zone}: they are put forward")
    return moment


def run_length(duration_us: int) -> int:
    """A duration above 0 and up to five years."""
    if not 0 < duration_us <= LONGEST_RUN_US:
        raise ValueError("a run lasts longer than 0 and at most 5 years")
    return duration_us


def shorter(warm_up_us: int, duration_us: int | None) -> int:
    """A warm-up that leaves something to measure."""
    if duration_us is not None and warm_up_us >= duration_us:
        raise ValueError("the warm-up is as long as the run: nothing would be measured")
    return warm_up_us


def condition_text(text: str) -> str:
    """A text that `conditions` can read."""
    parse_condition(text)
    return text


def moment_text(text: str) -> str:
    """A text that `moments` can read."""
    parse_moment(text)
    return text


def distinct_keys(menu: object) -> object:
    """A menu in which 1 and "1" are not both keys."""
    if isinstance(menu, Mapping):
        keys = [str(key) for key in menu]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"two options on key {key}")
    return menu


def day_profile(weights: tuple[float, ...]) -> tuple[float, ...]:
    """Non-negative weights, not all 0, whose number divides the minutes of a day."""
    if not weights or 1440 % len(weights):
        raise ValueError(
            f"{len(weights)} weights do not divide a day into whole minutes; give 24, 48 or 96"
        )
    for place, weight in enumerate(weights, 1):
        if not math.isfinite(weight) or weight < 0:
            raise ValueError(f"weight {place} is {weight:g}; a weight is a number, 0 or more")
    if not any(weights):
        raise ValueError("all weights are 0: nobody would ever call")
    return weights


def whole(shares: dict[str, float]) -> dict[str, float]:
    """Shares that make 100%; none at all is as well."""
    total = math.fsum(shares.values())
    if shares and abs(total - 1.0) > SHARES_TOLERANCE + 1e-12:
        raise ValueError(f"the shares make {total * 100:.4g}%, not 100%")
    return shares


def interval(interval_us: int) -> int:
    """A multiple of 5 min that divides a day, or a number of days."""
    day, step = units.DAY_US, 5 * units.MINUTE_US
    if interval_us <= 0 or interval_us % step or (day % interval_us and interval_us % day):
        raise ValueError("an interval is a multiple of 5 min that divides a day: 5, 15, 30, 60 min")
    return interval_us


def rising(shares: dict[int, float]) -> dict[int, float]:
    """Shares that grow with what they stand beside, in that order."""
    ordered = dict(sorted(shares.items()))
    if list(ordered.values()) != sorted(ordered.values()):
        raise ValueError("the share falls as the wait grows; write shares that rise")
    return ordered


def in_order(by_count: dict[int, Law]) -> dict[int, Law]:
    """Laws by rising count, however they were written."""
    return dict(sorted(by_count.items()))


def legs(value: object) -> object:
    """One leg or a list of legs, each a name or a mapping."""
    listed = [value] if isinstance(value, str | Mapping) else value
    if not isinstance(listed, list | tuple):
        return value
    return [{"to": leg} if isinstance(leg, str) else leg for leg in listed]


def shift_text(text: str) -> str:
    """A text that says on which days and when a shift works."""
    parse_opening_hours(text)
    return text


def break_texts(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Texts each of which says when a break is."""
    for text in texts:
        parse_opening_hours(text)
    return texts


def outage_text(text: str) -> str:
    """A text that names what fails: `trunk.NAME`, `agents.NAME`, `number.NUMBER`, `all`."""
    kind, dot, name = text.partition(".")
    if text != "all" and not (dot and name and kind in ("trunk", "agents", "number")):
        raise ValueError(
            f'"{text}" does not say what fails; write trunk.NAME, agents.NAME, number.NUMBER or all'
        )
    return text
