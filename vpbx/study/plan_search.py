"""The cheapest course of plans over the months of a year: a shortest path, tried as it is found.

Belongs here: which options are run and at which load, which course is cheapest, its proof. Does not
belong here: prices (`plan_options`), the variants (`plan_months`), pages (`report.plan`).

The course is a shortest path over months and options, fees along the way and one-off charges at
changes. Options are taken to meet the targets until a run says otherwise: the cheapest path is
found, those of its options that were not yet run are, and so on until all of a path hold (lazy
shortest paths: Dellin and Srinivasa 2016). The answer is that of running everything, except that
what meets the targets at one load is taken to meet them at every lower one, and what fails to fail
at every higher one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.measures.estimate import t_quantile
from vpbx.measures.result import Estimate
from vpbx.study.plan_options import Means, Option, change_costs, first_cost
from vpbx.study.quantities import Quantity, target_quantity

if TYPE_CHECKING:
    from vpbx.scenario.targets import Target
    from vpbx.study.evaluate import Values

_ONE_SIDED = 0.90
Floats = NDArray[np.float64]

Run = Callable[[Sequence[tuple[Means, float]], bool], "list[Values]"]
"""Runs means at loads; fresh replications when the second argument says so."""


class Judged(NamedTuple):
    """What came of one target."""

    text: str
    figure: Estimate
    bound: float
    """The unfavourable end of the one-sided 95 % interval."""
    met: bool
    """Whether that end lies within the target."""
    likely: bool
    """Whether the figure itself does."""
    shortfall: float
    """How far beyond the target the bound lies, as a part of the target; 0 when within."""


def judge(target: "Target", figure: Estimate, n: int) -> Judged:
    """A target held against a figure of so many independent values."""
    se = figure.half_width / t_quantile(n - 1) if n > 1 else float("inf")
    reach = t_quantile(n - 1, _ONE_SIDED) * se if se > 0 else 0.0
    low, high = figure.mean - reach, figure.mean + reach
    over, under = high - target.high, target.low - low
    worst = float("inf") if isnan(figure.mean) else max(over, under, 0.0)
    bound = high if over >= under else low
    size = abs(target.high if over >= under else target.low) or 1.0
    likely = target.low <= figure.mean <= target.high
    return Judged(target.text, figure, bound, worst == 0, likely, worst / size)


@dataclass
class Known:
    """What is known of means at loads, and how to learn more."""

    targets: Sequence["Target"]
    run: Run
    quantities: tuple[Quantity, ...] = ()
    found: dict[tuple[Means, float], tuple[Judged, ...]] = field(default_factory=dict)
    met_at: dict[Means, float] = field(default_factory=dict)
    """The highest load at which means met every target."""
    failed_at: dict[Means, float] = field(default_factory=dict)
    """The lowest load at which they did not."""

    def may(self, means: Means, factor: float) -> bool:
        """Whether nothing says that they fail."""
        return factor < self.failed_at.get(means, float("inf"))

    def sure(self, means: Means, factor: float) -> bool:
        """Whether they were seen to meet the targets, at this load or a higher one."""
        return factor <= self.met_at.get(means, -1.0)

    def learn(self, pairs: Sequence[tuple[Means, float]]) -> None:
        """Run those that were not yet run."""
        new = list(dict.fromkeys(pair for pair in pairs if pair not in self.found))
        if not new:
            return
        for (means, factor), values in zip(new, self.run(new, False), strict=True):
            judged = self.judged(values)
            self.found[means, factor] = judged
            if all(one.met for one in judged):
                self.met_at[means] = max(factor, self.met_at.get(means, factor))
            else:
                self.failed_at[means] = min(factor, self.failed_at.get(means, factor))

    def judged(self, values: "Values") -> tuple[Judged, ...]:
        """Every target held against the values of a run."""
        found = []
        for target in self.targets:
            quantity = target_quantity(target)
            independent = len(values.of(quantity)[0])
            found.append(judge(target, values.total(quantity), independent))
        return tuple(found)


@dataclass(frozen=True)
class Course:
    """An option a month, and what it costs in all (hundredths)."""

    options: tuple[Option, ...]
    cost: int


def cheapest(
    sold: Sequence[Sequence[Option]], factors: Sequence[float], known: Known
) -> Course | None:
    """The cheapest course that holds, over the options of each carrier; None: there is none."""
    changes = [change_costs(own) for own in sold]
    while True:
        paths = [
            path(own, change, factors, known)
            for own, change in zip(sold, changes, strict=True)
            if own
        ]
        best = min((one for one in paths if one is not None), key=lambda c: c.cost, default=None)
        if best is None:
            return None
        doubtful = _doubtful(best, factors, known)
        if not doubtful:
            return best
        known.learn(doubtful)


def path(
    sold: Sequence[Option], changes: NDArray[np.int64], factors: Sequence[float], known: Known
) -> Course | None:
    """The cheapest path over the months, by options that may hold; the first of equals."""
    fee = np.array([one.monthly for one in sold], np.float64)
    may = np.array([[known.may(one.means, f) for one in sold] for f in factors])
    cost = np.where(may[0], fee + [first_cost(one) for one in sold], np.inf)
    came = []
    for open_now in may[1:]:
        ways = cost[:, None] + changes
        came.append(np.argmin(ways, axis=0))
        cost = np.where(open_now, ways.min(axis=0) + fee, np.inf)
    if not np.isfinite(cost).any():
        return None
    at = int(np.argmin(cost))
    total, places = int(cost[at]), [at]
    for back in reversed(came):
        places.append(int(back[places[-1]]))
    return Course(tuple(sold[i] for i in reversed(places)), total)


def _doubtful(course: Course, factors: Sequence[float], known: Known) -> list[tuple[Means, float]]:
    """What of a course was not yet seen to hold: each means' highest load there, and what halves
    the loads that are open when that fails; the lowest of all when nothing is known of it."""
    highest: dict[Means, float] = {}
    for option, factor in zip(course.options, factors, strict=True):
        highest[option.means] = max(factor, highest.get(option.means, 0.0))
    found = []
    for means, factor in highest.items():
        if not known.sure(means, factor):
            found.append((means, factor))
            if means not in known.met_at and means not in known.failed_at:
                found.append((means, min(factors)))
            else:
                found.append((means, _middle(means, factor, factors, known)))
    return found


def _middle(means: Means, factor: float, factors: Sequence[float], known: Known) -> float:
    """A load between the highest that is met and this one."""
    low = known.met_at.get(means, 0.0)
    between = sorted({f for f in factors if low < f <= factor})
    return between[(len(between) - 1) // 2]


def cheapest_lasting(
    sold: Sequence[Sequence[Option]], factors: Sequence[float], known: Known
) -> Course | None:
    """The cheapest single option that holds in every month."""
    months = len(factors)
    every = sorted(
        (first_cost(one) + months * one.monthly, i, one)
        for i, one in enumerate(option for own in sold for option in own)
    )
    for cost, _, option in every:
        highest = max(factors)
        if known.may(option.means, highest):
            if not known.sure(option.means, highest):
                known.learn([(option.means, highest)])
            if known.sure(option.means, highest):
                return Course((option,) * months, cost)
    return None


def refuse(
    sold: Sequence[Sequence[Option]], factors: Sequence[float], known: Known,
    useful: frozenset[str] = frozenset(),
) -> UsageError:  # fmt: skip
    """The error that says that no course holds: the month, and the best that was reached there.

    `useful` are the modules that the call flow needs: those that nobody sells are named.
    """
    everything = [option for own in sold for option in own]
    month, factor = next((m, f) for m, f in enumerate(factors) if not _some(everything, f, known))
    known.learn([(option.means, factor) for option in _nearest(everything, known)])
    tried = [
        (max(one.shortfall for one in known.found[option.means, factor]), i, option)
        for i, option in enumerate(everything)
        if (option.means, factor) in known.found
    ]
    _, _, best = min(tried)
    worst = max(known.found[best.means, factor], key=lambda one: one.shortfall)
    return UsageError(
        f"no plan meets the targets in month {month + 1} (load {100 * factor:.0f} %): the best reached, "
        f'with {best.text} ({best.means.channels} channels), for "{worst.text}" is '
        f"{worst.figure.mean:.4g} ({worst.bound:.4g} at the unfavourable end of its one-sided 95 % "
        f"interval). {_why(everything, useful)}"
    )


def _why(options: Sequence[Option], useful: frozenset[str]) -> str:
    """What may be the reason: a module that cannot be had, or too few agents."""
    missing = sorted(useful.difference(*(option.means.modules for option in options)))
    if missing:
        return f"The call flow needs modules that nobody sells: {', '.join(missing)}."
    return "Channels and modules cannot make up for too few agents: vpbx staff says how many."


def _some(options: Sequence[Option], factor: float, known: Known) -> bool:
    """Whether some option holds at a load; runs them until one does."""
    for option in options:
        if known.may(option.means, factor) and not known.sure(option.means, factor):
            known.learn([(option.means, factor)])
        if known.may(option.means, factor) and known.sure(option.means, factor):
            return True
    return False


def _nearest(options: Sequence[Option], known: Known) -> list[Option]:
    """Options that failed by least wherever they were run, a few."""
    shortfalls: dict[Means, float] = {}
    for (means, _), judged in known.found.items():
        worst = max(one.shortfall for one in judged)
        shortfalls[means] = min(worst, shortfalls.get(means, worst))
    seen: dict[Means, Option] = {}
    for option in options:
        seen.setdefault(option.means, option)
    return sorted(seen.values(), key=lambda one: shortfalls.get(one.means, float("inf")))[:4]
