"""The first guess: Erlang A on the modified offered load.

Belongs here: the least agents by exact formulas, the mean number busy under time-varying demand with
nobody waiting, the square-root rule. Does not belong here: simulation. Times are in seconds, rates a
second.
"""

from collections.abc import Sequence
from math import ceil, inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures import theory
from vpbx.study.staffing.aims import Aim

Floats = NDArray[np.float64]


class Stationary(NamedTuple):
    """A queue with constant rates: M/M/s+M, or M/M/s where `patience_rate` is 0."""

    arrival_rate: float
    service_rate: float
    patience_rate: float
    short_s: float = 0.0
    """Abandoning sooner counts as short."""

    @property
    def load(self) -> float:
        """Erlang."""
        return self.arrival_rate / self.service_rate


def meets(queue: Stationary, servers: int, aims: Sequence[Aim]) -> bool:
    """Whether so many agents meet all aims, by exact Erlang A (Erlang C without abandonment).

    `mean_wait` is taken over all callers.
    """
    if queue.arrival_rate <= 0:
        return True
    if servers < 1 or (queue.patience_rate <= 0 and queue.load >= servers):
        return False
    steady = theory.erlang_a(servers, queue.arrival_rate, queue.service_rate, queue.patience_rate)
    return all(_meets(queue, servers, aim, steady) for aim in aims)


def _meets(queue: Stationary, servers: int, aim: Aim, steady: theory.ErlangA) -> bool:
    match aim.measure:
        case "service_level":
            return (
                service_level(queue, servers, aim.definition, aim.threshold_us / 1e6) >= aim.bound
            )
        case "mean_wait" | "mean_wait_all":
            return steady.mean_wait <= aim.bound
        case "p_wait":
            return steady.p_wait <= aim.bound
        case "occupancy":
            return steady.occupancy <= aim.bound
    return steady.p_abandon <= aim.bound


def service_level(queue: Stationary, servers: int, definition: str, within_s: float) -> float:
    """Share of calls answered in time, by its definition (`scenario.targets.DEFINITIONS`)."""
    rates = (servers, queue.arrival_rate, queue.service_rate, queue.patience_rate)
    share = theory.erlang_a_within(*rates, within_s)
    match definition:
        case "with_abandoned":
            return share.answered + share.abandoned
        case "answered_of_answered":
            return share.answered / (1.0 - theory.erlang_a(*rates).p_abandon)
        case "answered_of_offered_less_short":
            return share.answered / (1.0 - theory.erlang_a_within(*rates, queue.short_s).abandoned)
    return share.answered


def least_agents(queue: Stationary, aims: Sequence[Aim]) -> int | None:
    """The fewest agents that meet all aims; None when thrice the load and more do not."""
    if queue.arrival_rate <= 0:
        return 0
    most = ceil(3 * queue.load + 30 * sqrt(queue.load) + 50)
    if not meets(queue, most, aims):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(queue, middle, aims) else (middle, high)
    return high


def square_root_agents(load: float, p_wait: float, patience_over_service: float = inf) -> int:
    """Square-root staffing s = R + b sqrt(R) for a probability of waiting.

    With abandonment P(W > 0) = 1 / (1 + sqrt(theta/mu) h(b sqrt(mu/theta)) / h(-b)), h the normal
    hazard (Garnett, Mandelbaum and Reiman 2002); without 1 / (1 + b cdf(b) / pdf(b)) (Halfin and
    Whitt 1981). `patience_over_service` is mu/theta, the mean patience in mean services.
    """
    from scipy.optimize import brentq

    def excess(b: float) -> float:
        return _p_wait_limit(b, patience_over_service) - p_wait

    low = 1e-9 if patience_over_service == inf else -8.0
    b = brentq(excess, low, 8.0) if excess(low) > 0 > excess(8.0) else low
    return max(1, ceil(load + b * sqrt(load) - 1e-9))


def _p_wait_limit(b: float, ratio: float) -> float:
    from scipy.stats import norm

    if ratio == inf:
        return float(1.0 / (1.0 + b * norm.cdf(b) / norm.pdf(b)))
    hazards = _hazard(b * sqrt(ratio)) / _hazard(-b)
    return float(1.0 / (1.0 + sqrt(1.0 / ratio) * hazards))


def _hazard(x: float) -> float:
    from scipy.stats import norm

    return float(np.exp(norm.logpdf(x) - norm.logsf(x)))


def limited_mean(sample_s: Floats, up_to_s: Floats) -> Floats:
    """E[min(S, x)] of a sample of service times, for each x."""
    ordered = np.sort(sample_s)
    sums = np.concatenate(([0.0], np.cumsum(ordered)))
    below = np.searchsorted(ordered, up_to_s, side="right")
    n = len(ordered)
    return np.asarray((sums[below] + (n - below) * up_to_s) / n)


def modified_offered_load(rates: Floats, step_s: float, served_s: Floats) -> Floats:
    """Mean number busy at the middle of each step if nobody ever waited, empty at the start.

    m(t) = integral of lambda(t - u) P(S > u) du (Jennings, Mandelbaum, Massey and Whitt 1996). With
    a rate constant over each step, the step (a, b] adds lambda (H(t - a) - H(t - b)), where
    H(x) = E[min(S, x)]: exact but for the sample of service times `served_s`.
    """
    if not len(served_s):
        return np.zeros(len(rates))
    return load_of(rates, limited_mean(served_s, edges_s(len(rates), step_s)))


def edges_s(n: int, step_s: float) -> Floats:
    """(n + 1,) from the middle of a step back to where it and those before it begin; none below 0."""
    return np.asarray(np.maximum((np.arange(n + 1) - 0.5) * step_s, 0.0))


def load_of(rates: Floats, limited_s: Floats) -> Floats:
    """The same from H at `edges_s`: what may be added up over runs without keeping a sample."""
    return np.asarray(np.convolve(rates, np.diff(limited_s))[: len(rates)])


def staff_for(
    load: Floats, service_rate: float, patience_rate: float, short_s: float, aims: Sequence[Aim]
) -> NDArray[np.int64]:
    """The fewest agents for each offered load by Erlang A (Erlang C without abandonment).

    Where no number of agents meets the aims by the formulas, the load with a wide margin.
    """
    out = np.zeros(len(load), np.int64)
    for i, erlang in enumerate(load.tolist()):
        if erlang > 1e-9:
            queue = Stationary(erlang * service_rate, service_rate, patience_rate, short_s)
            least = least_agents(queue, aims)
            out[i] = ceil(erlang + 6 * sqrt(erlang) + 3) if least is None else least
    return out
