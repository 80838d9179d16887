"""Calibration: values of parameters with which a scenario comes out at observed figures.

Belongs here: solving, the parameters' intervals, whether the figures identify them. Does not belong
here: the grammar of ranges (`ranges`), the page (`report.calibration`).

Under common draws a figure over fixed replications is a function of the parameters without noise of
its own, so ordinary root finding works on it: Illinois' regula falsi for one parameter, damped
Gauss-Newton for several. How far the root of this function lies from that of the expectation is the
parameter's interval: the figure's own error through the slope (the delta method).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.measures.result import Estimate
from vpbx.study.data import number, pair
from vpbx.study.evaluate import Values
from vpbx.study.quantities import Quantity, parse_quantity, parse_study_target
from vpbx.study.ranges import Range, parse_range
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.scenario.load import Loaded
    from vpbx.scenario.models import Scenario

Floats = NDArray[np.float64]

FORMAT = 1
MOST_ROUNDS = 15
_STEP = 0.04
"""Step of difference quotients, as a part of the range."""
_FLAT = 0.02
"""Least over greatest singular value below which the figures do not tell parameters apart."""


class Observed(NamedTuple):
    """A figure to be met, and half the width of its own 95 % interval (0: taken as exact)."""

    quantity: Quantity
    value: float
    half_width: float
    text: str


class Look(NamedTuple):
    """A point that was tried, and its figures."""

    point: Floats
    figures: tuple[Estimate, ...]


Try = Callable[[Sequence[Floats]], list[Look]]
"""Points (numbers of the ranges) -> their figures, under common draws."""


@dataclass(frozen=True)
class Fit:
    """What was found."""

    look: Look
    half_widths: Floats
    """95 % half widths of the parameters; NaN where they are not identified."""
    looks: tuple[Look, ...]
    solved: bool
    why: str
    """What stands against the fit: a range without the value, or what is not identified; or ""."""


def parse_observed(text: str, scenario: "Scenario") -> Observed:
    """`support.mean_wait = 20 min` or `= 20 min ± 1 min`; raises `UsageError`."""
    if "=" not in text or any(op in text for op in ("<", ">")):
        raise UsageError(
            f'{text}: a calibration aims at a value, such as "support.mean_wait = 20 min"'
        )
    quantity = parse_quantity(text.partition("=")[0], scenario)
    zero = {"s": "0 s", "share": "0 pp"}.get(quantity.unit, "0")
    spelt = text if "±" in text or "+-" in text else f"{text} ± {zero}"
    target = parse_study_target(spelt, scenario)
    value, half = (target.low + target.high) / 2, (target.high - target.low) / 2
    return Observed(quantity, value, half, text)


def parse_parameter(text: str) -> Range:
    """A range, or a path alone: a quarter to four times the value that it has."""
    found = parse_range(text if "=" in text else f"{text}=25%..400%", spaced=False)
    if not found.continuous:
        raise UsageError(f"--vary {text}: a list of names cannot be solved for")
    return found


def solve(ranges: Sequence[Range], observed: Sequence[Observed], attempt: Try) -> Fit:
    """The parameters with which the figures come out as observed.

    Raises `UsageError` when there are fewer figures than parameters.
    """
    if len(observed) < len(ranges):
        raise UsageError(
            f"{len(ranges)} parameters need as many observed figures at least, got {len(observed)}"
        )
    if len(ranges) == 1 and len(observed) == 1:
        return _one(ranges[0], observed[0], attempt)
    return _several(ranges, observed, attempt)


def _one(one: Range, observed: Observed, attempt: Try) -> Fit:
    """Illinois' regula falsi between the ends of the range."""
    looks = attempt([np.array([one.low]), np.array([one.high])])
    low, high = looks
    if not all(isfinite(look.figures[0].mean) for look in looks):
        return _failed(looks, observed, "the figure has no value at an end of the range: narrow it")
    if (_gap(low, observed) > 0) == (_gap(high, observed) > 0):
        return _failed(looks, observed, "no value in the range gives it")
    rising = _gap(high, observed) > 0
    ends, gaps, last = [low, high], [_gap(low, observed), _gap(high, observed)], -1
    for _ in range(MOST_ROUNDS):
        best = min(looks, key=lambda look: abs(_gap(look, observed)))
        x = _next(one, ends, gaps, {float(look.point[0]) for look in looks})
        if x is None or abs(_gap(best, observed)) <= 0.02 * _error(best.figures[0], observed):
            break
        looks += attempt([np.array([x])])
        end = int((_gap(looks[-1], observed) > 0) == rising)
        ends[end], gaps[end] = looks[-1], _gap(looks[-1], observed)
        if end == last:  # Illinois: the end that stays counts half
            gaps[1 - end] *= 0.5
        last = end
    best = min(looks, key=lambda look: abs(_gap(look, observed)))
    return _with_intervals([one], [observed], attempt, best, looks)


def _next(
    one: Range, ends: Sequence[Look], gaps: Sequence[float], tried: set[float]
) -> float | None:
    """Where the chord crosses zero, else the middle; None when both were tried."""
    a, b = (float(look.point[0]) for look in ends)
    crossing = (a * gaps[1] - b * gaps[0]) / (gaps[1] - gaps[0])
    for x in (crossing, (a + b) / 2):
        if min(a, b) < x < max(a, b) and _rounded(one, x) not in tried:
            return _rounded(one, x)
    return None


def _gap(look: Look, observed: Observed) -> float:
    return look.figures[0].mean - observed.value


def _error(figure: Estimate, observed: Observed) -> float:
    """95 % half width of figure and observation together."""
    return float(np.hypot(np.nan_to_num(figure.half_width), observed.half_width)) or 1e-12


def _rounded(one: Range, x: float) -> float:
    return float(one.text(x).removesuffix(one.unit))


def _failed(looks: Sequence[Look], observed: Observed, why: str) -> Fit:
    best = min(looks, key=lambda look: abs(np.nan_to_num(_gap(look, observed), nan=np.inf)))
    return Fit(best, np.full(len(best.point), np.nan), tuple(looks), False, why)


def _several(ranges: Sequence[Range], observed: Sequence[Observed], attempt: Try) -> Fit:
    """Gauss-Newton with Levenberg's damping, from the middle of the ranges, inside their ends."""
    low, high = (np.array([getattr(one, end) for one in ranges]) for end in ("low", "high"))
    width = high - low
    (look,) = looks = attempt([(low + high) / 2])
    damping = 1e-3
    for _ in range(MOST_ROUNDS):
        residual = _residuals(look, observed)
        if np.linalg.norm(residual) <= 0.05:
            break
        slopes, tried = _jacobian(look, observed, low, high, attempt)
        looks += tried
        moved = False
        for _ in range(6):
            normal = slopes.T @ slopes + damping * np.diag(np.diag(slopes.T @ slopes) + 1e-12)
            step = -np.linalg.solve(normal, slopes.T @ residual)
            point = np.clip(look.point + step * width, low, high)
            (new,) = attempt([point])
            looks.append(new)
            if np.linalg.norm(_residuals(new, observed)) < np.linalg.norm(residual):
                look, damping, moved = new, damping / 5, True
                break
            damping *= 10
        if not moved:
            break
    return _with_intervals(ranges, observed, attempt, look, looks)


def _residuals(look: Look, observed: Sequence[Observed]) -> Floats:
    """Gaps in units of their own 95 % half widths; a figure without a value is far off."""
    gaps = [
        (figure.mean - one.value) / _error(figure, one)
        for figure, one in zip(look.figures, observed, strict=True)
    ]
    return np.asarray(np.nan_to_num(np.array(gaps), nan=1e3))


def _jacobian(
    look: Look, observed: Sequence[Observed], low: Floats, high: Floats, attempt: Try
) -> tuple[Floats, list[Look]]:
    """(figures, parameters) slopes of the residuals over the whole ranges, by difference quotients.

    Both sides of the point are looked at, as far as the range goes.
    """
    width, points = high - low, []
    for i in range(len(low)):
        for sign in (-1, 1):
            point = look.point.copy()
            point[i] = np.clip(point[i] + sign * _STEP * width[i], low[i], high[i])
            points.append(point)
    tried = attempt(points)
    errors = [_error(f, one) for f, one in zip(look.figures, observed, strict=True)]
    columns = []
    for i in range(len(low)):
        below, above = tried[2 * i], tried[2 * i + 1]
        run = (above.point[i] - below.point[i]) / width[i]
        rise = [b.mean - a.mean for a, b in zip(below.figures, above.figures, strict=True)]
        columns.append(np.nan_to_num(np.array(rise) / errors / run) if run else np.zeros(len(rise)))
    return np.stack(columns, axis=1), tried


def _with_intervals(
    ranges: Sequence[Range], observed: Sequence[Observed], attempt: Try, look: Look,
    looks: Sequence[Look],
) -> Fit:  # fmt: skip
    """The fit with the intervals of its parameters, and what the figures do not tell."""
    low, high = (np.array([getattr(one, end) for one in ranges]) for end in ("low", "high"))
    slopes, tried = _jacobian(look, observed, low, high, attempt)
    sizes = np.asarray(np.linalg.svd(slopes, compute_uv=False), np.float64)
    all_looks = (*looks, *tried)
    solved = bool(np.linalg.norm(_residuals(look, observed)) <= 1.0)
    why = "" if solved else "no values in the ranges give all the figures at once"
    nan = np.full(len(ranges), np.nan)
    if sizes[0] < 1 or sizes[-1] < _FLAT * sizes[0]:
        why = "; ".join(filter(None, (why, _not_told(ranges, slopes, sizes))))
        return Fit(look, nan, all_looks, solved, why)
    spread = np.linalg.inv(slopes.T @ slopes)
    return Fit(look, np.sqrt(np.diag(spread)) * (high - low), all_looks, solved, why)


def _not_told(ranges: Sequence[Range], slopes: Floats, sizes: Floats) -> str:
    """In words: which parameters the figures do not identify."""
    if sizes[0] < 1 or len(ranges) == 1:
        names = " and ".join(one.path for one in ranges)
        return f"the figures hardly depend on {names}: they do not identify it"
    weak = np.abs(np.linalg.svd(slopes)[2][-1])
    names = " and ".join(one.path for one, w in zip(ranges, weak, strict=True) if w > 0.2)
    return f"the figures do not tell {names} apart: other values fit as well"


def tries(
    evaluate: Callable[[Sequence[tuple[tuple[str, str], ...]]], list[Values]],
    ranges: Sequence[Range],
    quantities: Sequence[Quantity],
) -> Try:
    """A `Try` that sets the ranges' paths and evaluates; points that round to the same run once."""
    seen: dict[tuple[str, ...], Look] = {}

    def attempt(points: Sequence[Floats]) -> list[Look]:
        texts = [tuple(r.text(x) for r, x in zip(ranges, p, strict=True)) for p in points]
        new = [text for text in dict.fromkeys(texts) if text not in seen]
        settings = [tuple(zip((r.path for r in ranges), text, strict=True)) for text in new]
        for text, values in zip(new, evaluate(settings) if new else [], strict=True):
            numbers = [float(t.removesuffix(r.unit)) for r, t in zip(ranges, text, strict=True)]
            figures = tuple(values.total(quantity) for quantity in quantities)
            seen[text] = Look(np.array(numbers), figures)
        return [seen[text] for text in texts]

    return attempt


def variant_text(base: Path, place: Path, settings: Sequence[tuple[str, str]]) -> str:
    """The YAML of a scenario that extends another with these settings."""
    import json
    import os

    name = os.path.relpath(base, place.parent).replace(os.sep, "/")
    lines = [f"extends: {json.dumps(name, ensure_ascii=False)}", "set:"]
    lines += [
        f"  {json.dumps(path, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for path, value in settings
    ]
    return "\n".join(lines) + "\n"


def as_data(
    loaded: "Loaded", fit: Fit, ranges: Sequence[Range], observed: Sequence[Observed],
    confirmed: Sequence[Estimate], seed: int, replications: int, variant: str,
) -> dict[str, Any]:  # fmt: skip
    """The calibration as plain data, for JSON and for the page.

    `confirmed` are the figures of the fit on replications that it was not found with.
    """
    clock = loaded.scenario.clock
    return {
        "format": FORMAT,
        "study": "calibrate",
        "scenario": {
            "title": loaded.scenario.name,
            "file": loaded.file.name,
            "digest": loaded.digest,
            "start": clock.start.isoformat(sep=" ", timespec="minutes"),
            "timezone": clock.timezone,
            "duration_s": clock.duration / SECOND_US,
        },
        "seed": seed,
        "replications": replications,
        "variant": variant,
        "solved": fit.solved,
        "why": fit.why,
        "parameters": [
            {"path": one.path, "value": one.text(x), "number": number(x), "unit": one.unit,
             "half_width": number(half), "searched": f"{one.text(one.low)} .. {one.text(one.high)}"}
            for one, x, half in zip(ranges, fit.look.point, fit.half_widths, strict=True)
        ],
        "observed": [
            {"text": one.text, "name": str(one.quantity), "measure": one.quantity.measure,
             "unit": one.quantity.unit, "value": number(one.value),
             "half_width": number(one.half_width), "fitted": pair(*fitted), "confirmed": pair(*other),
             "agrees": _agree(one, fitted, other)}
            for one, fitted, other in zip(observed, fit.look.figures, confirmed, strict=True)
        ],
        "looks": [
            {"point": [number(x) for x in look.point], "figures": [pair(*f) for f in look.figures]}
            for look in fit.looks
        ],
    }  # fmt: skip


def _agree(one: Observed, fitted: Estimate, other: Estimate) -> bool:
    """Whether what was fitted, and what other callers gave, holds the observed value.

    The fit carries the error of its own callers, the confirmation that of others: both count.
    """
    error = np.hypot(fitted.half_width, other.half_width) + one.half_width
    return bool(abs(other.mean - one.value) <= error)
