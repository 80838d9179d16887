"""Ranges of parameters as text: `agents.region.heads=4..12`, `callers.prepaid.volume=80%..140%:7`.

Belongs here: the grammar of `--vary`, grids and Latin hypercubes of values. Does not belong here:
what a path means (`scenario.settings`), running (`sweep`, `calibrate`, `sensitivity`).

    vary := path "=" ( low ".." high [":" points] | value ("," value)+ )

Both ends carry the same unit; whole numbers without a unit go up by one where no number of points
is given. Where any value between the ends may be taken (hypercubes, solving), no number is needed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import floor, prod

from vpbx.errors import UsageError
from vpbx.scenario.settings import split_assignment

_RANGE = re.compile(r"(?P<low>.+?)\s*\.\.\s*(?P<high>.+?)\s*(?::\s*(?P<points>\d+))?")
_QUANTITY = re.compile(r"(?P<number>[-+]?\d+(?:\.\d+)?)(?P<unit>.*)", re.DOTALL)
MOST_POINTS = 10_000
_EXAMPLE = "agents.region.heads=4..12 or callers.prepaid.volume=80%..140%:7"


@dataclass(frozen=True)
class Range:
    """Values of one path: `texts` as they are set, `numbers` their numbers (place in the list for
    values without), `unit` what follows the number. `low` and `high` for continuous use."""

    path: str
    texts: tuple[str, ...]
    numbers: tuple[float, ...]
    unit: str
    whole: bool
    """Only whole numbers make sense."""

    @property
    def low(self) -> float:
        """The least value."""
        return min(self.numbers)

    @property
    def high(self) -> float:
        """The greatest value."""
        return max(self.numbers)

    @property
    def continuous(self) -> bool:
        """Whether values between those listed make sense: not in a list of names."""
        return self.unit != "names"

    def at(self, u: float) -> str:
        """The value at a part of the range, 0 <= u < 1; every whole number has an equal part."""
        if self.whole:
            return self.text(self.low + floor((self.high - self.low + 1) * u))
        return self.text(self.low + (self.high - self.low) * u)

    def text(self, number: float) -> str:
        """A number as it is set: `7`, `110 %`, `3.5 min`."""
        value = round(number) if self.whole else float(f"{number:.6g}")
        return f"{value:g}{self.unit}"


def parse_range(text: str, spaced: bool = True) -> Range:
    """A range of `--vary`; raises `UsageError` saying what is wrong.

    `spaced`: values along it are wanted, so that it must say how many; else its ends will do.
    """
    path, equals, values = split_assignment(text)
    values = values.strip()
    if not equals or not path or not values:
        raise UsageError(f"--vary {text}: expected a path and a range such as {_EXAMPLE}")
    found = _RANGE.fullmatch(values)
    if found is None:
        return _listed(text, path, values)
    low, high = (_quantity(text, found[end]) for end in ("low", "high"))
    unit = high[1] or low[1]
    if low[1] and low[1].strip() != unit.strip():
        raise UsageError(f'--vary {text}: the ends have different units, "{low[1]}" and "{unit}"')
    return _spaced(text, path, low[0], high[0], unit, found["points"] or (None if spaced else "2"))


def _spaced(text: str, path: str, low: float, high: float, unit: str, points: str | None) -> Range:
    if low >= high:
        raise UsageError(f"--vary {text}: the range is empty; the lower end comes first")
    whole = not unit.strip() and low == int(low) and high == int(high)
    if points is None:
        if not whole:
            raise UsageError(f"--vary {text}: say how many points, such as {text}:5")
        points = str(int(high - low) + 1)
    n = int(points)
    if not 2 <= n <= MOST_POINTS:
        raise UsageError(f"--vary {text}: {n} points; at least 2 and at most {MOST_POINTS:,} go")
    numbers = [low + (high - low) * i / (n - 1) for i in range(n)]
    bare = Range(path, (), (low, high), unit, whole)
    texts = tuple(dict.fromkeys(bare.text(number) for number in numbers))
    exact = tuple(float(t.removesuffix(unit)) for t in texts)
    return Range(path, texts, exact, unit, whole)


def _listed(text: str, path: str, values: str) -> Range:
    texts = tuple(part.strip() for part in values.split(",") if part.strip())
    if len(texts) < 2:
        raise UsageError(
            f'--vary {text}: "{values}" is one value; give a range such as {_EXAMPLE}, or a list'
        )
    if len(set(texts)) < len(texts):
        raise UsageError(f"--vary {text}: a value stands in the list twice")
    found = [_QUANTITY.fullmatch(value) for value in texts]
    units = {one["unit"] for one in found if one}
    if all(found) and len(units) == 1:
        numbers = tuple(float(one["number"]) for one in found if one)
        unit = units.pop()
        whole = not unit.strip() and all(number == int(number) for number in numbers)
        return Range(path, texts, numbers, unit, whole)
    return Range(path, texts, tuple(map(float, range(len(texts)))), "names", False)


def _quantity(text: str, end: str) -> tuple[float, str]:
    found = _QUANTITY.fullmatch(end.strip())
    if found is None:
        raise UsageError(f'--vary {text}: "{end}" is not a number such as 4, 80% or 3 min')
    return float(found["number"]), found["unit"]


def parse_ranges(texts: Sequence[str], spaced: bool = True) -> tuple[Range, ...]:
    """All ranges (`parse_range`); raises `UsageError` when there is none, or two of one path."""
    if not texts:
        raise UsageError(f"nothing to vary: give --vary, such as --vary {_EXAMPLE}")
    ranges = tuple(parse_range(text, spaced) for text in texts)
    paths = [one.path for one in ranges]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"{path} is varied twice")
    return ranges


def grid(ranges: Sequence[Range]) -> list[tuple[str, ...]]:
    """Every combination of values, the last range running fastest; raises `UsageError`."""
    n = prod(len(one.texts) for one in ranges)
    if n > MOST_POINTS:
        raise UsageError(f"the grid has {n:,} points; {MOST_POINTS:,} are the most: try --lhs")
    return list(product(*(one.texts for one in ranges)))


def latin_hypercube(ranges: Sequence[Range], points: int, seed: int) -> list[tuple[str, ...]]:
    """Points that fill the space evenly: in each range, one in each of `points` equal parts.

    McKay, Beckman and Conover (1979). Whole numbers are rounded; points that fall together are
    kept once. Raises `UsageError` for lists of names.
    """
    from scipy.stats.qmc import LatinHypercube

    for one in ranges:
        if not one.continuous:
            raise UsageError(f"{one.path}: a list of names has nothing between them; use a grid")
    unit = LatinHypercube(len(ranges), seed=seed).random(points)
    found = [tuple(one.at(u) for one, u in zip(ranges, row, strict=True)) for row in unit.tolist()]
    return list(dict.fromkeys(found))
