"""Figures as plain data: what goes into the JSON of a study, and on its page.

Belongs here: numbers rounded to what they are worth. Does not belong here: words (`report.words`).
"""

from math import isfinite

_DIGITS = 6


def number(value: float) -> float | int | None:
    """Six significant digits; None where there is nothing (NaN, infinity)."""
    if not isfinite(value):
        return None
    rounded = float(f"{float(value):.{_DIGITS}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded


def pair(value: float, half_width: float) -> list[float | int | None]:
    """A value and half the width of its 95 % interval."""
    return [number(value), number(half_width)]
