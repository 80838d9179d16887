"""Text units: the only place that knows how people write durations, rates, shares and money.

Belongs here: text → number and number → text. Numbers inside the package carry their unit in their
name: `_us` microseconds (int), `_s` seconds (float), `_per_day` calls a day. Does not belong here:
anything that knows a key of the scenario.
"""

import math
import re
from dataclasses import dataclass

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
TEN_THOUSANDTHS = 10_000
"""The unit of tables of shares over time."""
NEVER = 1 << 60
"""Later than any instant (us), longer than any duration."""
NEVER_YET = -NEVER
"""Before any instant (us)."""
MOST_CALLS_A_DAY = 10_000_000
"""More than any carrier gets: beyond, a slip of the keyboard."""
MOST_AGENTS = 32_000
"""On the phone at once in one group; the records have room for as many."""

_DURATION_US = {
    "us": 1, "µs": 1, "μs": 1, "ms": 1000,
    "s": SECOND_US, "sec": SECOND_US, "second": SECOND_US, "seconds": SECOND_US,
    "min": MINUTE_US, "minute": MINUTE_US, "minutes": MINUTE_US,
    "h": HOUR_US, "hour": HOUR_US, "hours": HOUR_US,
    "day": DAY_US, "days": DAY_US, "d": DAY_US,
    "week": 7 * DAY_US, "weeks": 7 * DAY_US,
}  # fmt: skip
_NUMBER = r"[+-]?\d+(?:[ _]\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?"
_PIECE = re.compile(rf"\s*({_NUMBER})\s*([a-zA-Zµμ]+)")


class UnitError(ValueError):
    """A text is not a quantity of the kind that is due; its message says what would be."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, as written: `500 RUB`."""

    amount: float
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:g} {self.currency}"


def _number(text: str) -> float:
    value = float(text.replace(" ", "").replace("_", ""))
    if math.isinf(value):
        raise UnitError(f'"{text}" is too large a number')
    return value


def duration_us(text: object) -> int:
    """Microseconds of `20 s`, `4 min`, `1 h 30 min`, `1 day`; raises `UnitError`."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise UnitError(f"expected a duration such as 20 s or 4 min, got {_shown(text)}")
    if isinstance(text, float) and not math.isfinite(text):
        raise UnitError(f"expected a duration such as 20 s or 4 min, got {text}")
    if not isinstance(text, str) or re.fullmatch(_NUMBER, text.strip()):
        if str(text).strip() in ("0", "0.0"):
            return 0
        raise UnitError(f'"{text}" has no unit; write "{text} s" or "{text} min"')
    total, at = 0.0, 0
    while at < len(text.rstrip()):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise UnitError(f'"{text}" is not a duration; {_slip(text)}')
        unit = _DURATION_US.get(piece[2])
        if unit is None:
            raise UnitError(f'"{piece[2]}" is not a unit of time; use s, min, h, day or week')
        if piece[1].startswith("-") and _number(piece[1]):
            raise UnitError(f'"{text}" is negative; a duration cannot be')
        total += _number(piece[1]) * unit
        at = piece.end()
    if not text.strip():
        raise UnitError("expected a duration such as 20 s or 4 min, got nothing")
    if total > 100 * 366 * DAY_US:
        raise UnitError(f'"{text}" is longer than 100 years')
    return round(total)


def _slip(text: str) -> str:
    """What to write in place of a text that is no duration."""
    if re.fullmatch(r"\s*\d+,\d+\s*[a-zA-Zµμ]+\s*", text):
        return f'write "{text.strip().replace(",", ".")}", with a decimal point'
    if re.fullmatch(r"\s*[\d.]+\s*[а-яё]+\.?\s*", text, flags=re.IGNORECASE):
        return "its unit has Latin letters: s, min, h or day"
    return "write it like 20 s, 4 min or 1 h 30 min"


def rate_per_day(text: object) -> float:
    """Calls a day of `90/h`, `2000/day`, `100/min`; raises `UnitError`."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        raise UnitError(f'"{text}" has no unit; write "{text}/day" or "{text}/h"')
    if not isinstance(text, str):
        raise UnitError(f"expected a rate such as 2000/day or 90/h, got {_shown(text)}")
    match = re.fullmatch(rf"\s*({_NUMBER})\s*(?:/|per)\s*([a-z]+)\s*", text)
    if match is None or match[2] not in _DURATION_US:
        raise UnitError(f'"{text}" is not a rate; write it like 2000/day, 90/h or 5/min')
    value = _number(match[1]) * DAY_US / _DURATION_US[match[2]]
    if value < 0:
        raise UnitError(f'"{text}" is negative; a rate cannot be')
    if value > MOST_CALLS_A_DAY:
        raise UnitError(f'"{text}" is more than {MOST_CALLS_A_DAY:,} calls a day')
    return value


def share(text: object) -> float:
    """Number from 0 to 1 of `35%` or `0.35`; raises `UnitError`."""
    value = factor(text)
    if not 0.0 <= value <= 1.0:
        raise UnitError(f'"{text}" is not a share: a share lies between 0% and 100%')
    return value


def factor(text: object) -> float:
    """Non-negative number of `120%` or `1.2`; raises `UnitError`."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise UnitError(f"expected a share such as 35% or 0.35, got {_shown(text)}")
    match = re.fullmatch(rf"\s*({_NUMBER})\s*(%?)\s*", str(text))
    if match is None:
        raise UnitError(f'"{text}" is not a share; write it like 35% or 0.35')
    value = _number(match[1]) / (100.0 if match[2] else 1.0)
    if value < 0:
        raise UnitError(f'"{text}" is negative; a share cannot be')
    return value


def money(text: object) -> Money:
    """Amount and currency of `500 RUB`; raises `UnitError`."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        raise UnitError(f'"{text}" has no currency; write "{text} RUB"')
    match = (
        re.fullmatch(rf"\s*({_NUMBER})\s*([A-Z]{{3}})\s*", text) if isinstance(text, str) else None
    )
    if match is None:
        raise UnitError(f"expected money such as 500 RUB, got {_shown(text)}")
    return Money(_number(match[1]), match[2])


def price(text: object) -> Money:
    """Money from 0 up; raises `UnitError`."""
    amount = money(text)
    if amount.amount < 0:
        raise UnitError(f'"{text}" is negative; a price cannot be')
    return amount


def wage_per_hour(text: object) -> Money:
    """Money an hour of `450 RUB/h`; raises `UnitError`."""
    if not isinstance(text, str) or not text.replace(" ", "").endswith("/h"):
        raise UnitError(f"expected a wage such as 450 RUB/h, got {_shown(text)}")
    wage = money(text.rsplit("/", 1)[0])
    if wage.amount < 0:
        raise UnitError(f'"{text}" is negative; a wage cannot be')
    return wage


def duration_text(us: float) -> str:
    """Microseconds as people write them: `1 h 05 min`, `4 min 20 s`, `7.5 s`."""
    if math.isnan(us):
        return "–"
    if us < 0:
        return f"-{duration_text(-us)}"
    seconds = us / SECOND_US
    if seconds < 59.5:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    whole = round(seconds)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    minutes = round(whole / 60)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else f"{type(value).__name__} {value!r}"
