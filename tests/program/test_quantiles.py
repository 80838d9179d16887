"""Laws as rows: quantiles, means and variances against scipy, monotone in u."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import stats

from vpbx import draws
from vpbx.program.quantiles import DistributionTable, row_of, tail_grid, weibull_shape
from vpbx.scenario.distributions import Law
from vpbx.scenario.values import Dist

MINUTE = 60e6
_DIST = TypeAdapter[Law](Dist)
U = np.concatenate([2.0 ** -np.arange(52.0, 1.0, -1.3), np.linspace(0.02, 0.98, 97)])
U = np.concatenate([U, 1 - 2.0 ** -np.arange(2.0, 40.0, 1.3)])


def parse_law(text: str) -> Law:
    """A law as written in a scenario."""
    return _DIST.validate_python(text)


def gamma(mean: float, cv: float) -> stats.rv_continuous:
    """scipy's gamma law of a mean and a coefficient of variation."""
    return stats.gamma(cv**-2, scale=mean * cv**2)


def lognormal(mean: float, cv: float) -> stats.rv_continuous:
    """scipy's lognormal law of a mean and a coefficient of variation."""
    variance = math.log1p(cv**2)
    return stats.lognorm(math.sqrt(variance), scale=mean * math.exp(-variance / 2))


EXACT = {
    "exponential(mean=4 min)": stats.expon(scale=4 * MINUTE),
    "uniform(1 min, 3 min)": stats.uniform(MINUTE, 2 * MINUTE),
    "lognormal(mean=4 min, cv=1.1)": lognormal(4 * MINUTE, 1.1),
    "gamma(mean=4 min, cv=0.5)": gamma(4 * MINUTE, 0.5),
    "gamma(mean=4 min, cv=2)": gamma(4 * MINUTE, 2.0),
    "erlang(mean=4 min, k=3)": gamma(4 * MINUTE, 3**-0.5),
}


def quantiles(text: str, u: np.ndarray = U) -> np.ndarray:
    """Quantiles of a law as written, in us."""
    table = DistributionTable()
    d = table.add(parse_law(text))
    dists = table.build()
    return np.array([draws.quantile(dists, d, float(x)) for x in u])


@pytest.mark.parametrize("text", EXACT)
def test_quantiles(text: str) -> None:
    """Closed forms to 1e-9 or 0.01 us, tables of 64 points an octave to 2e-4 of the quantile or the mean."""
    exact, found = EXACT[text].ppf(U), quantiles(text)
    if text.startswith(("gamma", "erlang")):
        assert np.all(np.abs(found - exact) <= 2e-4 * np.maximum(exact, EXACT[text].mean()))
    else:
        assert np.allclose(exact, found, rtol=1e-9, atol=0.01)


@pytest.mark.parametrize("text", [t for t in EXACT if t.startswith(("gamma", "erlang"))])
def test_tables_hold_the_exact_values_at_their_points(text: str) -> None:
    """At each point of the grid the table holds scipy's quantile, in both tails."""
    row, x = row_of(parse_law(text)), tail_grid()
    half = len(row.table) // 2
    assert np.allclose(EXACT[text].ppf(x), row.table[:half], rtol=1e-7)
    assert np.allclose(EXACT[text].isf(x), row.table[half:], rtol=1e-7)


def test_the_grid_halves_from_a_half_down() -> None:
    """64 points for each of 53 halvings, rising, up to one half."""
    x = tail_grid()
    assert len(x) == 64 * 53 + 1
    assert np.all(np.diff(x) > 0)
    assert [x[0], x[-1]] == [2.0**-54, 0.5]


@pytest.mark.parametrize(
    ("text", "mean", "cv"),
    [
        ("exponential(mean=4 min)", 4, 1.0),
        ("uniform(1 min, 3 min)", 2, 12**-0.5),
        ("lognormal(mean=4 min, cv=1.1)", 4, 1.1),
        ("gamma(mean=4 min, cv=0.5)", 4, 0.5),
        ("gamma(mean=4 min, cv=2)", 4, 2.0),
        ("erlang(mean=4 min, k=3)", 4, 3**-0.5),
        ("weibull(mean=4 min, cv=1.5)", 4, 1.5),
        ("weibull(mean=4 min, cv=0.4)", 4, 0.4),
        ("hyperexponential(mean=4 min, cv=2)", 4, 2.0),
    ],
)
def test_mean_and_variance(text: str, mean: float, cv: float) -> None:
    """Integrals of the quantile and its square over u are the law's moments, within 1e-4.

    Gauss's two points in each cell of the grid of both tails: exact where the table is linear.
    """
    x = tail_grid()
    middle, half = (x[1:] + x[:-1]) / 2, np.diff(x) / 2
    points = np.concatenate([middle - half / 3**0.5, middle + half / 3**0.5])
    weights = np.concatenate([half, half])
    first = second = 0.0
    for u in (points, 1.0 - points):
        value = quantiles(text, u) / MINUTE
        first += float(weights @ value)
        second += float(weights @ value**2)
    assert pytest.approx(mean, rel=1e-4) == first
    assert pytest.approx((cv * mean) ** 2, rel=2e-4) == second - first**2


def test_weibull_shape_has_the_coefficient_of_variation() -> None:
    """cv 1 is shape 1 (exponential); else scipy's standard deviation over its mean."""
    assert pytest.approx(1.0, abs=1e-9) == weibull_shape(1.0)
    for cv in (0.05, 0.4, 1.5, 5.0):
        law = stats.weibull_min(weibull_shape(cv))
        assert pytest.approx(cv, rel=1e-7) == law.std() / law.mean()


def test_empirical_takes_each_value_alike() -> None:
    """Three values: one each third of u, in order of size."""
    table = DistributionTable()
    d = table.add(Law("empirical", 20.0, 0.4, values_us=(30.0, 10.0, 20.0)))
    dists = table.build()
    found = [draws.quantile(dists, d, u) for u in (0.01, 0.33, 0.34, 0.66, 0.67, 0.99)]
    assert found == [10, 10, 20, 20, 30, 30]


def test_a_constant_takes_no_notice_of_u() -> None:
    """4 min, whatever u."""
    assert quantiles("4 min", np.array([0.001, 0.5, 0.999])).tolist() == [4 * MINUTE] * 3


def test_equal_laws_share_a_row() -> None:
    """The same law twice is one row; none is no row."""
    table = DistributionTable()
    rows = [table.add(parse_law("exponential(mean=1 min)")) for _ in range(2)]
    assert [*rows, table.add(None)] == [0, 0, -1]
    assert len(table.build().law) == 1


def test_durations_are_rounded_half_to_even() -> None:
    """2.5 us is 2, 3.5 us is 4: uniform(0, 5 us) and (0, 7 us) at one half."""
    table = DistributionTable()
    d = [table.add(parse_law(f"uniform(0 s, {top} us)")) for top in (5, 7)]
    dists = table.build()
    assert [draws.duration_us(dists, row, 0.5) for row in d] == [2, 4]


_TABLE = DistributionTable()
_ROWS = [_TABLE.add(parse_law(text)) for text in (*EXACT, "weibull(mean=4 min, cv=1.5)",
         "hyperexponential(mean=4 min, cv=2)")]  # fmt: skip
_DISTS = _TABLE.build()


@settings(max_examples=200)
@given(
    d=st.sampled_from(_ROWS),
    cells=st.tuples(st.integers(0, 2**52 - 1), st.integers(0, 2**52 - 1)),
)
def test_quantiles_rise_with_u(d: int, cells: tuple[int, int]) -> None:
    """A larger u never gives a smaller value, and no value is negative or infinite."""
    low, high = sorted(cells)
    below, above = (draws.quantile(_DISTS, d, (c + 0.5) * 2.0**-52) for c in (low, high))
    assert 0.0 <= below <= above < math.inf
