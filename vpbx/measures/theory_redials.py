"""Closed and numerical forms of queues whose lost callers call again.

Belongs here: Erlang X, and the exact model behind it, with a delay between calls. Does not belong
here: queues without redials (`theory`). Rates are in calls per unit of time, times in that unit.
"""

from collections.abc import Callable
from math import inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.theory import ErlangA, erlang_a

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_STATES = 600_000
"""States beyond which the equations of the exact model are not set up."""
_CUT_OFF = 1e-13
"""Probability that the exact model leaves out at each of its ends, about."""


class ErlangX(NamedTuple):
    """Steady state of a queue with redials; shares are of attempts unless said otherwise."""

    attempts: float
    """Attempts per unit of time, first ones included."""
    steady: ErlangA
    """What an attempt meets."""
    p_lost: float
    """Share of callers who are never answered."""
    mean_redialling: float
    """Mean number of callers between two attempts; infinite where the delay is."""
    found_waiting: Floats | None = None
    """Probability that an attempt is let in to wait and finds j waiting, j = 0, 1 … (exact model)."""


def erlang_x(
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    redial: float,
    places: float = inf,
) -> ErlangX:
    """M/M/s/s+places+M whose lost callers (blocked or abandoned) call again with this probability.

    Redials are taken to be Poisson, which is exact as the delay grows: the rate of attempts solves
    L = lambda + redial L P(lost at L), an increasing equation (Koole 2013, Call Center
    Optimization, chapter on Erlang X). Raises `ValueError` where no steady state exists.
    """
    from scipy.optimize import brentq

    def steady(attempts: float) -> ErlangA:
        return erlang_a(servers, attempts, service_rate, patience_rate, places)

    def surplus(attempts: float) -> float:
        return attempts * (1.0 - redial * _lost(steady(attempts))) - arrival_rate

    attempts = arrival_rate
    if redial > 0.0:
        high = _beyond(surplus, arrival_rate)
        attempts = float(brentq(surplus, arrival_rate, high, xtol=1e-300, rtol=1e-15))
    found = steady(attempts)
    lost = (1.0 - redial) * attempts * _lost(found) / arrival_rate
    return ErlangX(attempts, found, lost, inf if redial else 0.0)


def _lost(steady: ErlangA) -> float:
    return steady.p_abandon + steady.p_blocked


def _beyond(surplus: Callable[[float], float], rate: float) -> float:
    """A rate at which the increasing function is above 0; `ValueError` if there is none."""
    high = rate
    for _ in range(200):
        high *= 1.5
        if surplus(high) > 0.0:
            return high
    raise ValueError("callers who always call again, to servers who cannot cope: no steady state")


def redials_exact(
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    redial: float,
    redial_rate: float,
    places: float = inf,
) -> ErlangX:
    """The same with exponential delays of rate `redial_rate`: a Markov chain of two dimensions.

    The states are (calls in the system, callers between two attempts), cut off where about 1e-13 is
    left out, and solved as sparse equations. With 1 server, no places and redial 1 it is
    the M/M/1 retrial queue of Falin (1990). Raises `ValueError` for more than `MOST_STATES` states.
    """
    if redial_rate <= 0.0:
        raise ValueError("the mean delay before a redial must be above 0")
    near = erlang_x(servers, arrival_rate, service_rate, patience_rate, redial, places)
    n_max = servers + _room(servers, near.attempts * 1.5, service_rate, patience_rate, places)
    m_max = int(2.0 * redial * near.attempts * _lost(near.steady) / redial_rate) + 30
    while True:
        states = _states(n_max, m_max)
        rates = (arrival_rate, service_rate, patience_rate, redial, redial_rate)
        p = _stationary(_moves(*states, n_max, m_max, servers, *rates), len(states[0]))
        if float(p[states[1] == m_max].sum()) < _CUT_OFF or redial == 0.0:
            break
        m_max *= 2
    return _redialling(*states, p, servers, *rates, n_max, places)


def _states(n_max: int, m_max: int) -> tuple[Ints, Ints]:
    """Calls in the system and callers between attempts, by state."""
    size = (n_max + 1) * (m_max + 1)
    if size > MOST_STATES:
        raise ValueError(
            f"the exact model has {size:,} states or more, beyond {MOST_STATES:,}; leave the delay "
            "out for the limit of long delays"
        )
    n, m = np.meshgrid(np.arange(n_max + 1), np.arange(m_max + 1))
    return n.ravel(), m.ravel()


def _moves(
    n: Ints,
    m: Ints,
    n_max: int,
    m_max: int,
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    redial: float,
    redial_rate: float,
) -> list[tuple[Ints, Floats]]:
    """(step in the numbering of states, rate) of what can happen in each state."""
    width, none = n_max + 1, np.zeros(len(n), np.int64)
    full, last = n == n_max, m == m_max
    leaves = patience_rate * np.maximum(n - servers, 0)
    return [
        (none + 1, np.where(full, 0.0, arrival_rate)),
        (none + width, np.where(full & ~last, arrival_rate * redial, 0.0)),
        (none + 1 - width, np.where(full, 0.0, m * redial_rate)),
        (none - width, np.where(full, m * redial_rate * (1.0 - redial), 0.0)),
        (none - 1, np.minimum(n, servers) * service_rate + leaves * (1.0 - redial)),
        (np.where(last, -1, width - 1), leaves * redial),
    ]


def _room(
    servers: int, rate: float, service_rate: float, patience_rate: float, places: float
) -> int:
    """Waiting callers beyond whom less than the cut-off lies, were attempts Poisson at this rate."""
    if patience_rate <= 0.0 and places == inf:
        raise ValueError("without abandonment the exact model needs a number of places to wait")
    j, log_p = 0, 0.0
    while j < places and log_p > log(_CUT_OFF):
        j += 1
        log_p += log(rate / (servers * service_rate + j * patience_rate))
    return j


def _stationary(moves: list[tuple[Ints, Floats]], size: int) -> Floats:
    """Stationary probabilities of a chain given by (step, rate) of each state."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    state = np.arange(size)
    kept = [np.flatnonzero(rate > 0) for _, rate in moves]
    source = np.concatenate(kept)
    target = np.concatenate([(state + step)[k] for (step, _), k in zip(moves, kept, strict=True)])
    rate = np.concatenate([rate[k] for (_, rate), k in zip(moves, kept, strict=True)])
    rows, columns = np.concatenate([target, source]), np.concatenate([source, source])
    balance = coo_matrix((np.concatenate([rate, -rate]), (rows, columns)), (size, size)).tocsc()
    # one balance equation follows from the others: the first state's share is set to 1 in its place
    p = np.append(1.0, spsolve(balance[1:, 1:], -balance[1:, [0]].toarray().ravel()))
    return np.asarray(p / p.sum())


def _redialling(
    n: Ints,
    m: Ints,
    p: Floats,
    servers: int,
    arrival_rate: float,
    service_rate: float,
    patience_rate: float,
    redial: float,
    redial_rate: float,
    n_max: int,
    places: float,
) -> ErlangX:
    """What the probabilities of states come to; attempts do not see them as time does."""
    rate = arrival_rate + m * redial_rate
    attempts = float(p @ rate)
    met = p * rate / attempts
    mean_queue = float(p @ np.maximum(n - servers, 0))
    p_blocked = float(met[n == n_max].sum()) if places < inf else 0.0
    steady = ErlangA(
        p_wait=float(met[n >= servers].sum()) - p_blocked,
        p_abandon=patience_rate * mean_queue / attempts,
        mean_wait=mean_queue / (attempts * (1.0 - p_blocked)),
        mean_queue=mean_queue,
        occupancy=float(p @ np.minimum(n, servers)) / servers,
        p_all_busy_none_waiting=float(p[n == servers].sum()),
        p_blocked=p_blocked,
    )
    lost = (1.0 - redial) * attempts * _lost(steady) / arrival_rate
    waits = (n >= servers) & (n < n_max if places < inf else True)
    found = np.bincount(n[waits] - servers, met[waits], max(0, n_max - servers) + 1).astype(float)
    return ErlangX(attempts, steady, lost, float(p @ m), found)
