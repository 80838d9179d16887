"""Closed forms of queueing theory: what a run of a simple model must come out at.

Belongs here: formulas with their sources, exact to rounding. Does not belong here: anything read
from records. Rates are in calls (or servers' completions) per unit of time, whichever unit the
caller uses; times come out in that unit. `load` is the offered load in erlang: arrival rate /
service rate.
"""

from collections.abc import Callable, Sequence
from math import exp, expm1, inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_RESCALE = 1e200
"""Unnormalised probabilities above this are scaled down: heavy overload does not overflow."""


def erlang_b(servers: int, load: float) -> float:
    """Probability that a call is blocked in M/M/c/c.

    Recursion B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)); Erlang (1917), in this form Jagerman
    (1974).
    """
    blocking = 1.0
    for k in range(1, servers + 1):
        blocking = load * blocking / (k + load * blocking)
    return blocking


def erlang_c(servers: int, load: float) -> float:
    """Probability that a call waits in M/M/c: c B / (c - a (1 - B)), Erlang (1917); 1 if a >= c."""
    if load >= servers:
        return 1.0
    blocking = erlang_b(servers, load)
    return servers * blocking / (servers - load * (1.0 - blocking))


def erlang_c_wait(servers: int, arrival_rate: float, service_rate: float) -> float:
    """Mean wait of all calls in M/M/c: C / (c mu - lambda); infinite when overloaded."""
    spare = servers * service_rate - arrival_rate
    return erlang_c(servers, arrival_rate / service_rate) / spare if spare > 0 else inf


def erlang_c_within(
    servers: int, arrival_rate: float, service_rate: float, threshold: float
) -> float:
    """Share of calls in M/M/c that wait at most `threshold`: 1 - C exp(-(c mu - lambda) t)."""
    spare = servers * service_rate - arrival_rate
    if spare <= 0:
        return 0.0
    return 1.0 - erlang_c(servers, arrival_rate / service_rate) * exp(-spare * threshold)


class ErlangA(NamedTuple):
    """Steady state of M/M/s+M."""

    p_wait: float
    """Probability that a call finds every server busy."""
    p_abandon: float
    """Share of all calls that abandon."""
    mean_wait: float
    """Mean wait of all calls, abandoned ones included."""
    mean_queue: float
    """Mean number waiting."""
    occupancy: float
    """Share of the servers' time that is busy."""
    p_all_busy_none_waiting: float
    """Probability of exactly s calls in the system."""


def erlang_a(
    servers: int, arrival_rate: float, service_rate: float, patience_rate: float
) -> ErlangA:
    """M/M/s+M by birth and death: death rate s mu + j theta with j waiting (Palm 1957; Garnett,
    Mandelbaum and Reiman 2002). Below s the states sum to 1 / Erlang B.

    `patience_rate` 0 is M/M/s, which needs arrival_rate < servers x service_rate (else
    `ValueError`).
    """
    if patience_rate <= 0 and arrival_rate >= servers * service_rate:
        raise ValueError("an overloaded queue without abandonment has no steady state")
    blocking = erlang_b(servers, arrival_rate / service_rate)
    full, waiting, queue = _states_above(servers, arrival_rate, service_rate, patience_rate)
    p_full = blocking * full / (full + waiting * blocking)
    mean_queue = p_full * queue / full
    p_abandon = patience_rate * mean_queue / arrival_rate
    return ErlangA(
        p_wait=p_full * (1.0 + waiting / full),
        p_abandon=p_abandon,
        mean_wait=mean_queue / arrival_rate,
        mean_queue=mean_queue,
        occupancy=arrival_rate * (1.0 - p_abandon) / (servers * service_rate),
        p_all_busy_none_waiting=p_full,
    )


def _states_above(
    servers: int, arrival_rate: float, service_rate: float, patience_rate: float
) -> tuple[float, float, float]:
    """Unnormalised: state s; the sum of the states above; the sum of (number waiting x state)."""
    full, term, total, weighted, j = 1.0, 1.0, 0.0, 0.0, 0
    while True:
        j += 1
        ratio = arrival_rate / (servers * service_rate + j * patience_rate)
        term *= ratio
        total += term
        weighted += j * term
        if total > _RESCALE:
            full, term = full / _RESCALE, term / _RESCALE
            total, weighted = total / _RESCALE, weighted / _RESCALE
        if ratio < 1.0 and j * term < 1e-18 * (1.0 - ratio) ** 2 * weighted:
            return full, total, weighted


class Within(NamedTuple):
    """Shares of all calls offered to M/M/s+M."""

    answered: float
    """Answered after at most the threshold."""
    abandoned: float
    """Abandoned after at most the threshold."""


def erlang_a_within(
    servers: int, arrival_rate: float, service_rate: float, patience_rate: float, threshold: float
) -> Within:
    """Shares of the calls offered that are answered, and that abandon, within `threshold`.

    The virtual wait has the density s mu p_s exp(lambda (1 - e^(-theta x)) / theta - s mu x) for x
    > 0 (Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005). A caller is answered
    by t if the virtual wait is at most t and less than the patience. Gauss-Legendre, 32 points a
    panel.
    """
    steady = erlang_a(servers, arrival_rate, service_rate, patience_rate)
    capacity = servers * service_rate
    if steady.p_all_busy_none_waiting == 0.0:
        return Within(1.0, 0.0)
    start = log(capacity * steady.p_all_busy_none_waiting)

    def density(x: Floats) -> Floats:
        gone = -np.expm1(-patience_rate * x) / patience_rate if patience_rate > 0 else x
        return np.asarray(np.exp(start + arrival_rate * gone - capacity * x))

    scale = 1.0 / (capacity + arrival_rate + patience_rate)
    panels = max(8, min(20_000, int(threshold / scale / 4)))
    by_threshold = _integral(density, 0.0, threshold, panels)
    served = _integral(lambda x: density(x) * np.exp(-patience_rate * x), 0.0, threshold, panels)
    gone_by_then = -expm1(-patience_rate * threshold)
    return Within(
        answered=1.0 - steady.p_wait + served,
        abandoned=by_threshold - served + gone_by_then * (steady.p_wait - by_threshold),
    )


def _integral(f: Callable[[Floats], Floats], low: float, high: float, panels: int) -> float:
    """Composite Gauss-Legendre over equal panels."""
    edges = np.linspace(low, high, panels + 1)
    half = (edges[1:] - edges[:-1]) / 2
    middle = (edges[1:] + edges[:-1]) / 2
    values = f((middle[:, None] + half[:, None] * _NODES[None, :]).ravel())
    return float(half @ (values.reshape(panels, -1) @ _WEIGHTS))


def priority_waits(
    servers: int, arrival_rates: Sequence[float], service_rate: float
) -> tuple[float, ...]:
    """Mean waits by class (the first is served first) in M/M/c with non-preemptive priority.

    W_k = W_0 / ((1 - sigma_(k-1)) (1 - sigma_k)) with W_0 = C / (c mu) and sigma_k the load of the
    classes up to k over c: Cobham (1954). Infinite from the first class at
    which the load reaches c.
    """
    load = sum(arrival_rates) / service_rate
    first = erlang_c(servers, load) / (servers * service_rate)
    waits, before = [], 0.0
    for rate in arrival_rates:
        after = before + rate / (servers * service_rate)
        waits.append(first / ((1.0 - before) * (1.0 - after)) if after < 1.0 else inf)
        before = after
    return tuple(waits)


def pollaczek_khinchine(arrival_rate: float, mean_service: float, cv: float) -> float:
    """Mean wait in M/G/1: rho (1 + cv^2) E[S] / (2 (1 - rho)) (Pollaczek 1930, Khinchine 1932)."""
    load = arrival_rate * mean_service
    if load >= 1.0:
        return inf
    return load * (1.0 + cv * cv) * mean_service / (2.0 * (1.0 - load))


def infinite_server_mean(
    rate: Callable[[Floats], Floats],
    survival: Callable[[Floats], Floats],
    at: float,
    since: float,
    panels: int = 400,
) -> float:
    """Mean number busy at `at` in M_t/G/infinity, empty at `since`.

    m(t) = integral over u of lambda(t - u) P(S > u), u from 0 to t - since: Eick, Massey and Whitt
    (1993), theorem 1. `rate` and `survival` take and give arrays; where they jump, choose panels
    so that jumps fall on panel edges.
    """
    return _integral(lambda u: rate(at - u) * survival(u), 0.0, at - since, panels)
