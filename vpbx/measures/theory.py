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
Density = Callable[[Floats], Floats]
"""A density at each of an array of waits."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_RESCALE = 1e100
"""Unnormalised probabilities above this are scaled down: heavy overload does not overflow."""
_STRETCH = 4096
"""Most states summed at once."""


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
    """Steady state of M/M/s+M, with all the places to wait that are needed or only some."""

    p_wait: float
    """Probability that a call finds every server busy, and a place to wait."""
    p_abandon: float
    """Share of all calls that abandon."""
    mean_wait: float
    """Mean wait of all calls that are let in, abandoned ones included."""
    mean_queue: float
    """Mean number waiting."""
    occupancy: float
    """Share of the servers' time that is busy."""
    p_all_busy_none_waiting: float
    """Probability of exactly s calls in the system."""
    p_blocked: float = 0.0
    """Probability that a call finds every server busy and every place taken."""
    log_p_all_busy_none_waiting: float = -inf
    """Its logarithm: in heavy overload the probability itself is too small for a float."""


def erlang_a(
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    places: float = inf,
) -> ErlangA:
    """M/M/s/s+places+M by birth and death: death rate s mu + j theta with j waiting (Palm 1957;
    Garnett, Mandelbaum and Reiman 2002). Below s the states sum to 1 / Erlang B.

    `patience_rate` 0 is M/M/s, which needs arrival_rate < servers x service_rate or few `places`
    (else `ValueError`); `places` 0 is Erlang B. `arrival_rate` is above 0.
    """
    if patience_rate <= 0 and places == inf and arrival_rate >= servers * service_rate:
        raise ValueError("an overloaded queue without abandonment has no steady state")
    blocking = erlang_b(servers, arrival_rate / service_rate)
    above = _states_above(servers, arrival_rate, service_rate, patience_rate, places)
    norm = above.full + above.waiting * blocking
    mean_queue = blocking * above.queue / norm
    p_blocked = blocking * above.last / norm
    p_abandon = patience_rate * mean_queue / arrival_rate
    log_full = log(blocking / norm) + above.log_full if blocking else -inf
    return ErlangA(
        p_wait=blocking * (above.full + above.waiting - above.last) / norm,
        p_abandon=p_abandon,
        mean_wait=mean_queue / (arrival_rate * (1.0 - p_blocked)) if p_blocked < 1.0 else 0.0,
        mean_queue=mean_queue,
        occupancy=arrival_rate * (1.0 - p_abandon - p_blocked) / (servers * service_rate),
        p_all_busy_none_waiting=exp(log_full),
        p_blocked=p_blocked,
        log_p_all_busy_none_waiting=log_full,
    )


class _Above(NamedTuple):
    """Unnormalised probabilities of the states with every server busy."""

    full: float
    """Of nobody waiting."""
    log_full: float
    waiting: float
    """Of anybody waiting."""
    queue: float
    """The sum of (number waiting x probability)."""
    last: float
    """Of every place taken; 0 where places are without bound."""


def _states_above(
    servers: int, arrival_rate: float, service_rate: float, patience_rate: float, places: float
) -> _Above:
    """Sums over the states above s, in stretches so short that no product overflows."""
    log_full, term, waiting, queue, j = 0.0, 1.0, 0.0, 0.0, 0
    capacity, scale = servers * service_rate, 1.0
    steepest = log(max(arrival_rate / (capacity + patience_rate), 1.0 + 1e-9))
    stretch = int(max(1.0, min(_STRETCH, 80.0 * log(10.0) / steepest)))
    while j < places:
        index = np.arange(j + 1, j + 1 + int(min(stretch, places - j)))
        ratios = arrival_rate / (capacity + index * patience_rate)
        terms = term * np.cumprod(ratios)
        waiting += float(terms.sum())
        queue += float(index @ terms)
        term, j, ratio = float(terms[-1]), int(index[-1]), float(ratios[-1])
        if ratio < 1.0 and j * term < 1e-18 * (1.0 - ratio) ** 2 * queue and places == inf:
            break
        if waiting > _RESCALE:
            term, waiting, queue = term / _RESCALE, waiting / _RESCALE, queue / _RESCALE
            scale, log_full = scale / _RESCALE, log_full - log(_RESCALE)
    return _Above(scale, log_full, waiting, queue, term if places < inf else 0.0)


class Within(NamedTuple):
    """Shares of all calls offered to M/M/s+M."""

    answered: float
    """Answered after at most the threshold."""
    abandoned: float
    """Abandoned after at most the threshold."""


def erlang_a_within(
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    threshold: float,
    places: float = inf,
) -> Within:
    """Shares of the calls offered that are answered, and that abandon, within `threshold`.

    A caller is answered by t if the virtual wait is at most t and less than the patience.
    """
    model = (servers, arrival_rate, service_rate, patience_rate, places)
    steady = erlang_a(*model)
    fastest = servers * service_rate + arrival_rate + patience_rate
    return within(_virtual_wait(*model), steady, patience_rate, threshold, fastest)


def within(
    density: Density, steady: ErlangA, patience_rate: float, threshold: float, fastest: float
) -> Within:
    """The same from the density of the virtual wait, whose fastest change is at rate `fastest`."""
    panels = _panels(threshold, fastest)
    by_threshold = _integral(density, 0.0, threshold, panels)
    served = _integral(lambda x: density(x) * np.exp(-patience_rate * x), 0.0, threshold, panels)
    gone_by_then = -expm1(-patience_rate * threshold)
    return Within(
        answered=1.0 - steady.p_wait - steady.p_blocked + served,
        abandoned=by_threshold - served + gone_by_then * (steady.p_wait - by_threshold),
    )


def erlang_a_answered_wait(
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    places: float = inf,
) -> float:
    """Mean wait of the calls that are answered (average speed of answer); 0 if none waits."""
    model = (servers, arrival_rate, service_rate, patience_rate, places)
    steady = erlang_a(*model)
    if patience_rate <= 0.0:
        return steady.mean_wait
    fastest = servers * service_rate + arrival_rate + patience_rate
    # beyond it the density falls
    falls = max(0.0, log(arrival_rate / (servers * service_rate)) / patience_rate)
    return answered_wait(_virtual_wait(*model), steady, patience_rate, fastest, falls)


def answered_wait(
    density: Density, steady: ErlangA, patience_rate: float, fastest: float, falls: float
) -> float:
    """The same from the density of the virtual wait, which falls from the wait `falls` on."""
    if steady.p_wait == 0.0:
        return 0.0
    until = falls + 1.0 / fastest
    while float(density(np.array([until]))[0]) * until > 1e-17 * steady.p_wait:
        until = falls + 1.5 * (until - falls)
    panels = _panels(until, fastest)
    waited = _integral(lambda x: x * density(x) * np.exp(-patience_rate * x), 0.0, until, panels)
    return waited / (1.0 - steady.p_abandon - steady.p_blocked)


def _virtual_wait(
    servers: int, arrival_rate: float, service_rate: float, patience_rate: float, places: float
) -> Density:
    """Density at x > 0 of the wait of a caller who never gives up (and is let in).

    s mu p_s exp(y - s mu x) with y = lambda (1 - e^(-theta x)) / theta (Baccelli and Hebuterne
    1981; Zeltyn and Mandelbaum 2005): the sum over j >= 0 found waiting of p_(s+j) times the
    density of j + 1 departures, y^j / j! each; over j < places it is the share Q(places, y) of
    that, the regularised incomplete gamma function.
    """
    from scipy.special import gammaincc

    capacity = servers * service_rate
    steady = erlang_a(servers, arrival_rate, service_rate, patience_rate, places)
    start = log(capacity) + steady.log_p_all_busy_none_waiting

    def density(x: Floats) -> Floats:
        gone = -np.expm1(-patience_rate * x) / patience_rate if patience_rate > 0 else x
        found = np.exp(start + arrival_rate * gone - capacity * x)
        room = gammaincc(places, arrival_rate * gone) if places < inf else 1.0
        return np.asarray(found * room)

    return density


def virtual_wait(found: Floats, servers: int, service_rate: float, patience_rate: float) -> Density:
    """The same density where `found[j]` is the probability of finding j waiting and being let in.

    j + 1 departures take s mu C(s mu / theta + j, j) (1 - e^(-theta x))^j e^(-s mu x): the same
    sources. Any process of arrivals will do; those behind do not matter.
    """
    from scipy.special import gammaln

    capacity, j = servers * service_rate, np.flatnonzero(found > 0)
    log_rates = np.cumsum(np.log(capacity + np.arange(len(found)) * patience_rate))
    start = np.log(found[j]) + log_rates[j] - gammaln(j + 1.0)

    def density(x: Floats) -> Floats:
        gone = -np.expm1(-patience_rate * x) / patience_rate if patience_rate > 0 else x
        terms = start[:, None] + j[:, None] * np.log(gone)[None, :] - capacity * x[None, :]
        return np.asarray(np.exp(terms).sum(axis=0))

    return density


def _panels(length: float, rate: float) -> int:
    """Panels of an integral of a density whose fastest change is at this rate."""
    return max(8, min(20_000, int(length * rate / 4)))


def _integral(f: Callable[[Floats], Floats], low: float, high: float, panels: int) -> float:
    """Composite Gauss-Legendre, 32 points on each of equal panels."""
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
