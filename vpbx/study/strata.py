"""Stratified busyness: the days' factors spread evenly over every ten replications.

Belongs here: which scenarios have something to stratify, and a replication's load with its factors
drawn so. Does not belong here: estimates from such replications (`evaluate.Values`).

Each day's factor of ten consecutive replications (a *set*) comes once from each tenth of its law, in
an order shuffled by set and day (a Latin hypercube: McKay, Beckman and Conover 1979). Sets are
independent, so the set is what intervals are computed from. Every single replication still has the
law that the scenario says.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vpbx.program.compile import Compiled
    from vpbx.scenario.models import Scenario

SET = 10
"""Replications of a set, and strata of a law."""
FEWEST_SETS = 5
"""With fewer, Student's quantile costs more than the strata save."""


def worth_it(scenario: "Scenario", replications: int) -> bool:
    """Whether days differ at random in busyness, and there are enough whole sets."""
    busy = any(c.busyness is not None and c.busyness.cv > 0 for c in scenario.callers.values())
    return busy and replications % SET == 0 and replications >= SET * FEWEST_SETS


def cvs(scenario: "Scenario") -> tuple[tuple[float, bool], ...]:
    """Coefficient of variation of each class's factor, and whether it shares its draw."""
    return tuple(
        (c.busyness.cv, c.busyness.factor == "shared") if c.busyness else (0.0, False)
        for c in scenario.callers.values()
    )


def stratified(
    compiled: "Compiled", laws: tuple[tuple[float, bool], ...], seed: int, replication: int
) -> "Compiled":
    """The compiled scenario whose load has this replication's factors worked in.

    `laws` as `cvs` gives them. Classes that share the day's factor share its draw.
    """
    load = compiled.load
    classes = []
    for c, (own, (cv, shared)) in enumerate(zip(load.classes, laws, strict=True)):
        if cv <= 0 or own.recorded is not None:
            classes.append(own)
            continue
        whose = -1 if shared else c
        factors = [_factor(seed, replication, whose, day, cv) for day in range(load.n_days)]
        rates = tuple(
            rate._replace(expected=rate.expected * factor)
            for rate, factor in zip(own.rates, factors, strict=True)
        )
        classes.append(replace(own, rates=rates, busyness=-1))
    return replace(compiled, load=replace(load, classes=tuple(classes)))


def _factor(seed: int, replication: int, whose: int, day: int, cv: float) -> float:
    """Gamma quantile, mean 1, of a draw from the replication's stratum."""
    from scipy.special import gammaincinv

    shape = 1.0 / cv**2
    return float(gammaincinv(shape, uniform(seed, replication, whose, day)) / shape)


def uniform(seed: int, replication: int, whose: int, day: int) -> float:
    """The stratified draw of a day: one in each tenth over every ten replications."""
    chosen, place = divmod(replication, SET)
    within: NDArray[np.float64] = _set(seed, chosen, whose, day)
    return float(within[place])


def _set(seed: int, chosen: int, whose: int, day: int) -> NDArray[np.float64]:
    generator = np.random.default_rng([seed, chosen, whose + 1, day])
    return np.asarray((generator.permutation(SET) + generator.random(SET)) / SET)
