"""The first guess: exact Erlang A and C, the square-root rule, the modified offered load."""

from math import exp, log

import numpy as np
import pytest

from vpbx.measures.theory import erlang_a, erlang_c, erlang_c_within, infinite_server_mean
from vpbx.study.staffing.aims import Aim
from vpbx.study.staffing.start import (
    Stationary,
    least_agents,
    limited_mean,
    modified_offered_load,
    square_root_agents,
)

_20_S = 20_000_000
LEVEL = Aim("q", "service_level", "answered_of_offered", _20_S, 0.8, True, "")


@pytest.mark.parametrize(
    ("load", "with_patience", "without"),
    [(5, 7, 8), (10, 12, 14), (20, 22, 25), (50, 51, 56), (100, 99, 108), (300, 284, 310)],
)
def test_80_20_staffing_is_the_table_found_by_independent_code(
    load: int, with_patience: int, without: int
) -> None:
    """80 % in 20 s, handle time 4 min, patience 3 min or endless; who abandons within 20 s is left out.

    The figures are of a birth-and-death solver of its own, with uniformised waits.
    """
    level = LEVEL._replace(definition="answered_of_offered_less_short")
    impatient = Stationary(load / 240, 1 / 240, 1 / 180, short_s=20.0)
    assert with_patience == least_agents(impatient, [level])
    assert without == least_agents(impatient._replace(patience_rate=0.0), [level])


@pytest.mark.parametrize("load", [0.3, 2.7, 11.0, 42.0])
def test_the_least_agents_are_the_smallest_that_erlang_c_allows(load: float) -> None:
    """Counted up one by one with the formula itself."""
    smallest = next(
        s
        for s in range(1, 200)
        if s > load and erlang_c_within(s, load / 240, 1 / 240, 20.0) >= 0.8
    )
    assert smallest == least_agents(Stationary(load / 240, 1 / 240, 0.0), [LEVEL])


def test_several_aims_take_the_most_of_each_ones_agents() -> None:
    """A cap on occupancy and one on abandonment, beside the service level."""
    queue = Stationary(20 / 240, 1 / 240, 1 / 180)
    aims = [
        LEVEL,
        Aim("g", "occupancy", "", 0, 0.7, False, ""),
        Aim("q", "abandoned", "", 0, 0.01, False, ""),
    ]
    alone = [least_agents(queue, [aim]) for aim in aims]
    assert max(a for a in alone if a) == least_agents(queue, aims)


def test_nobody_calls_nobody_is_needed() -> None:
    """No load, no agents."""
    assert least_agents(Stationary(0.0, 1 / 240, 1 / 180), [LEVEL]) == 0


def test_a_level_that_no_number_of_agents_reaches_is_none() -> None:
    """Nobody waits for a negative share of calls."""
    aim = Aim("q", "p_wait", "", 0, -0.1, False, "")
    assert least_agents(Stationary(1 / 24, 1 / 240, 1 / 180), [aim]) is None


@pytest.mark.parametrize("load", [2, 10, 50, 200, 1000])
@pytest.mark.parametrize("p_wait", [0.5, 0.2, 0.1])
def test_square_root_staffing_is_within_one_agent_of_exact(load: int, p_wait: float) -> None:
    """Of Erlang C, and of Erlang A with a mean patience of one service (exact by enumeration)."""
    exact_c = next(s for s in range(load + 1, 2 * load + 60) if erlang_c(s, load) <= p_wait)
    exact_a = next(
        s for s in range(1, 2 * load + 60) if erlang_a(s, load, 1.0, 1.0).p_wait <= p_wait
    )
    assert abs(square_root_agents(load, p_wait) - exact_c) <= 1
    assert abs(square_root_agents(load, p_wait, 1.0) - exact_a) <= 1


def test_modified_offered_load_is_the_infinite_server_mean() -> None:
    """A rate in steps, exponential service of 300 s: the exact integral, within the sample's grid."""
    n, step = 48, 300.0
    rates = 0.1 + 0.05 * np.sin(np.arange(n) * 2 * np.pi / n)
    quantiles = -300.0 * np.log(1 - (np.arange(200_000) + 0.5) / 200_000)
    found = modified_offered_load(rates, step, quantiles)
    for i in (3, 20, 47):
        at = (i + 0.5) * step
        exact = infinite_server_mean(
            lambda t: rates[np.clip((t // step).astype(int), 0, n - 1)],
            lambda u: np.exp(-u / 300.0),
            at,
            0.0,
            panels=2 * i + 1,  # jumps of the rate fall on panel edges
        )
        assert found[i] == pytest.approx(exact, rel=1e-4)


def test_limited_mean_of_the_exponential_law() -> None:
    """E[min(S, x)] = m (1 - exp(-x / m)); a sample of two by hand."""
    quantiles = -np.log(1 - (np.arange(100_000) + 0.5) / 100_000)
    assert limited_mean(quantiles, np.array([log(2)]))[0] == pytest.approx(1 - exp(-log(2)), 1e-4)
    assert limited_mean(np.array([1.0, 3.0]), np.array([0.5, 2.0, 9.0])).tolist() == [0.5, 1.5, 2.0]
