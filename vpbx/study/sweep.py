"""Sweeps: a scenario over a grid, or a Latin hypercube, of its parameters.

Belongs here: the plan of a sweep, running it, its findings as plain data. Does not belong here: the
grammar of ranges (`ranges`), the page (`report.sweeping`).
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from vpbx.errors import UsageError
from vpbx.measures.result import Estimate
from vpbx.study.compare import about
from vpbx.study.controls import Controlled, Controls, controlled, controls_of
from vpbx.study.data import number, pair
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.precision import Effort, Stopped
from vpbx.study.precision import as_data as effort_data
from vpbx.study.quantities import (
    Ask,
    Quantity,
    main_quantities,
    parse_quantity,
    parse_study_target,
    target_quantity,
)
from vpbx.study.ranges import Range
from vpbx.study.ranking import Ranking, best_of
from vpbx.study.replicate import Progress
from vpbx.study.variant import Prepared, Variant, prepare

if TYPE_CHECKING:
    from vpbx.scenario.models import Scenario
    from vpbx.scenario.targets import Target
    from vpbx.study.ledger import Ledger

FORMAT = 1


@dataclass(frozen=True)
class Sweep:
    """What is swept: the scenario, its ranges, the points, what is measured and aimed at."""

    base: Prepared
    ranges: tuple[Range, ...]
    design: str
    """"grid" or "latin hypercube"."""
    points: tuple[tuple[str, ...], ...]
    """The values of each point, in the order of the ranges."""
    quantities: tuple[Quantity, ...]
    targets: tuple["Target", ...]
    settings: tuple[tuple[str, str], ...] = ()
    """Settings that hold at every point."""


def plan_sweep(
    file: Path,
    settings: tuple[tuple[str, str], ...],
    ranges: Sequence[Range],
    design: str,
    points: Sequence[tuple[str, ...]],
    measures: Sequence[str] = (),
    targets: Sequence[str] = (),
) -> Sweep:
    """A sweep made ready; every path is tried, so that an unknown one is found before anything runs.

    Raises `ScenarioError` and `UsageError`.
    """
    base = prepare(Variant(file, settings))
    scenario = base.loaded.scenario
    aims = tuple(parse_study_target(text, scenario) for text in targets)
    wanted = [parse_quantity(text, scenario) for text in measures]
    wanted += [target_quantity(target) for target in aims]
    wanted = wanted or list(main_quantities(base.compiled.names, base.frame))
    return Sweep(
        base, tuple(ranges), design, tuple(points), tuple(dict.fromkeys(wanted)), aims, settings
    )


def variants_of(sweep: Sweep) -> list[Prepared]:
    """Every point made ready; raises `ScenarioError` saying which setting is wrong."""
    found = []
    for point in sweep.points:
        own = tuple(zip((one.path for one in sweep.ranges), point, strict=True))
        label = ", ".join(f"{path}={value}" for path, value in own)
        found.append(prepare(Variant(sweep.base.loaded.file, sweep.settings + own, label)))
    return found


def cost_of(sweep: Sweep, replications: int) -> tuple[int, float]:
    """Replications of the whole sweep, and first attempts in them, taken from the base scenario."""
    load = sweep.base.compiled.load
    drawn = sum(float(rate.expected[-1]) for own in load.classes for rate in own.rates)
    recorded = sum(len(day) for own in load.classes for day in own.recorded or ())
    n = len(sweep.points) * replications
    return n, n * (drawn + recorded)


class Swept(NamedTuple):
    """What came of a sweep: the rule's end, the points made ready, their controls (None: none)."""

    stopped: Stopped
    variants: list[Prepared]
    controls: list[Controls | None]


def run_sweep(
    sweep: Sweep,
    effort: Effort,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    ledger: "Ledger | None" = None,
) -> Swept:
    """Values of every point, over the same callers."""
    if effort.precision is None and effort.replications < 2:
        raise UsageError(
            "a sweep needs at least 2 replications a point, so that it knows its error"
        )
    variants = variants_of(sweep)
    controls = [controls_of(one) for one in variants]
    extra = {q for own in controls if own is not None for q in own.quantities}
    ask = Ask(sweep.quantities, None, tuple(sorted(extra - set(sweep.quantities))))

    def run(replications: range, stratify: bool) -> list[Values]:
        return evaluate(
            variants, ask, replications, seed, executor, "auto", progress, ledger, stratify
        )

    stopped = effort.run(run, sweep.quantities, sweep.base.loaded.scenario)
    return Swept(stopped, variants, controls)


class Best(NamedTuple):
    """What to rank points by: the least (or most) of a quantity, differences below which do not
    matter."""

    quantity: Quantity
    most: bool
    indifference: float
    text: str


def parse_best(text: str, scenario: "Scenario") -> Best:
    """`support.mean_wait < 30 s`: the least, differences below 30 s do not matter; `>` for the most.

    Raises `UsageError`.
    """
    target = parse_study_target(text, scenario)
    low, high = target.low, target.high
    most = isfinite(low)
    if isfinite(low) == isfinite(high) or (low if most else high) <= 0:
        raise UsageError(
            f"--best {text}: expected a figure and the difference that does not matter, such as "
            '"support.mean_wait < 30 s" for the least, "abandoned > 1%" for the most'
        )
    return Best(target_quantity(target), most, low if most else high, text)


def rank(
    best: Best, found: Swept, effort: Effort, seed: int | None, executor: Executor | None,
    progress: Progress | None = None, ledger: "Ledger | None" = None,
) -> Ranking:  # fmt: skip
    """The best point by KN, under the same callers."""

    def run(variants: Sequence[Prepared], replications: range) -> list[Values]:
        return evaluate(
            variants, Ask((best.quantity,)), replications, seed, executor, "auto", progress, ledger
        )

    return best_of(found.variants, best.quantity, best.indifference, best.most, run, effort.cap)


def rank_data(sweep: Sweep, best: Best, found: Ranking) -> dict[str, Any]:
    """A ranking as plain data."""
    return {
        "by": best.text,
        "measure": str(best.quantity),
        "most": best.most,
        "best": list(sweep.points[found.best]),
        "dropped_at": list(found.dropped_at),
        "replications": found.replications,
        "capped": found.capped,
    }


def as_data(sweep: Sweep, found: Swept, seed: int, effort: Effort) -> dict[str, Any]:
    """The sweep as plain data, for JSON and for the page."""
    values = found.stopped.values
    with_controls = [
        {q: controlled(own, q, controls) for q in sweep.quantities}
        for own, controls in zip(values, found.controls, strict=True)
    ]
    return {
        "format": FORMAT,
        "study": "sweep",
        "scenario": about(sweep.base),
        "settings": [f"{path}={value}" for path, value in sweep.settings],
        "design": sweep.design,
        "seed": seed,
        "replications": found.stopped.replications,
        "effort": effort_data(effort, found.stopped, sweep.quantities),
        "variance_saved_by_controls": _typical(with_controls),
        "vary": [
            {"path": one.path, "values": list(one.texts), "unit": one.unit.strip(),
             "numbers": [number(value) for value in one.numbers] if one.continuous else None}
            for one in sweep.ranges
        ],
        "measures": [
            {"name": str(q), "scope": q.scope, "measure": q.measure, "unit": q.unit}
            for q in sweep.quantities
        ],
        "targets": [
            {"text": t.text, "measure": str(target_quantity(t)), "low": number(t.low),
             "high": number(t.high)}
            for t in sweep.targets
        ],
        "points": [
            _point(sweep, point, own, figures)
            for point, own, figures in zip(sweep.points, values, with_controls, strict=True)
        ],
    }  # fmt: skip


def _typical(points: Sequence[dict[Quantity, Controlled]]) -> float | int | None:
    """The median of the figures that controls narrow; None where they narrow none."""
    every = [one.variance_ratio for point in points for one in point.values()]
    ratios = [ratio for ratio in every if ratio > 1]
    return number(median(ratios)) if ratios else None


def _point(
    sweep: Sweep, point: tuple[str, ...], values: Values, figures: dict[Quantity, Controlled]
) -> dict[str, Any]:
    return {
        "values": list(point),
        "numbers": [
            number(_number(one, text)) for one, text in zip(sweep.ranges, point, strict=True)
        ],
        "digest": values.digest,
        "figures": {str(q): pair(*found.estimate) for q, found in figures.items()},
        "verdicts": {
            t.text: judged(t, figures[target_quantity(t)].estimate) for t in sweep.targets
        },
    }


def _number(one: Range, text: str) -> float:
    """A value's number: what is written, or its place in a list of names."""
    return float(text.removesuffix(one.unit)) if one.continuous else float(one.texts.index(text))


def judged(target: "Target", figure: Estimate) -> str:
    """ "met", "missed" or "undecided": whether the 95 % interval lies in the target's band."""
    if figure.low >= target.low and figure.high <= target.high:
        return "met"
    if figure.high < target.low or figure.low > target.high:
        return "missed"
    return "undecided"
