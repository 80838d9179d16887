"""Closed forms against tables and identities.

tests/reference/erlang_{a,b,c}.csv: values of the theory code of most_queue (MIT), columns `bd_*`
and `chk_*` checked by independent birth–death equations.
"""

import csv
from math import exp, inf
from pathlib import Path

import numpy as np
import pytest

from vpbx.measures import theory

REFERENCE = Path(__file__).parents[1] / "reference"


def rows(name: str) -> list[dict[str, float]]:
    with (REFERENCE / name).open(encoding="utf-8") as file:
        return [{key: float(cell) for key, cell in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("row", rows("erlang_b.csv"))
def test_erlang_b(row: dict[str, float]) -> None:
    """Blocking equals the table to 1e-9, down to 4e-83."""
    assert theory.erlang_b(int(row["n"]), row["a"]) == pytest.approx(row["blocking"], rel=1e-9)


@pytest.mark.parametrize("row", rows("erlang_c.csv"))
def test_erlang_c(row: dict[str, float]) -> None:
    """P(wait) and the mean wait equal the table to 1e-9."""
    n, lam, mu = int(row["n"]), row["lam"], row["mu"]
    assert theory.erlang_c(n, lam / mu) == pytest.approx(row["chk_C"], rel=1e-9)
    assert theory.erlang_c_wait(n, lam, mu) == pytest.approx(row["chk_w1"], rel=1e-9)


def test_erlang_c_service_level() -> None:
    """100 calls in 30 min, 3 min each, 14 agents, 20 s: .8883500191794669 (pyworkforce)."""
    within = theory.erlang_c_within(14, 100 / 30, 1 / 3, 1 / 3)
    assert within == pytest.approx(0.8883500191794669, rel=1e-9)


def test_overload_of_erlang_c_waits_for_ever() -> None:
    """At and above c erlang all calls wait, without bound, and none is in time."""
    assert theory.erlang_c(3, 3.0) == 1.0
    assert theory.erlang_c_wait(3, 4.0, 1.0) == inf
    assert theory.erlang_c_within(3, 4.0, 1.0, 10.0) == 0.0


@pytest.mark.parametrize("row", rows("erlang_a.csv"))
def test_erlang_a(row: dict[str, float]) -> None:
    """All five figures of M/M/s+M equal the birth–death columns to 1e-9."""
    found = theory.erlang_a(int(row["n"]), row["lam"], row["mu"], row["theta"])
    expected = [row[key] for key in ("bd_p_wait", "bd_p_ab", "bd_EW", "bd_Lq", "bd_occ")]
    assert list(found[:5]) == pytest.approx(expected, rel=1e-9)


def test_erlang_a_without_abandonment_is_erlang_c() -> None:
    """Patience rate 0 gives M/M/c; overloaded, it is refused."""
    found = theory.erlang_a(10, 8.0, 1.0, 0.0)
    assert found.p_wait == pytest.approx(theory.erlang_c(10, 8.0), rel=1e-12)
    assert found.mean_wait == pytest.approx(theory.erlang_c_wait(10, 8.0, 1.0), rel=1e-12)
    with pytest.raises(ValueError, match="no steady state"):
        theory.erlang_a(10, 10.0, 1.0, 0.0)


@pytest.mark.parametrize(("servers", "load"), [(10_000, 9_900.0), (10_000, 11_000.0), (50, 1e-3)])
def test_erlang_a_is_stable_at_any_size(servers: int, load: float) -> None:
    """With patience rate = service rate, the number in system is Poisson(load) whatever s is."""
    found = theory.erlang_a(servers, load, 1.0, 1.0)
    k = np.arange(1, 40_000)
    logs = k * np.log(load) - load - np.cumsum(np.log(k))
    above = np.exp(logs[k > servers])
    mean_queue = float((above * (k[k > servers] - servers)).sum())
    assert found.mean_queue == pytest.approx(mean_queue, rel=1e-7, abs=1e-300)


def test_service_level_of_erlang_a() -> None:
    """Definitions on one model (λ 10/3, μ 1/3, n 14, patience rate .2, 20 s), exact values."""
    model = (14, 10 / 3, 1 / 3, 0.2)
    answered, abandoned = theory.erlang_a_within(*model, 1 / 3)
    p_abandon = theory.erlang_a(*model).p_abandon
    assert answered == pytest.approx(0.9167921, abs=5e-8)
    late = p_abandon - abandoned
    assert answered / (1 - p_abandon + late) == pytest.approx(0.9234073, abs=5e-8)
    assert answered / (1 - p_abandon) == pytest.approx(0.9297941, abs=5e-8)


def test_shares_within_a_long_time_are_all_calls() -> None:
    """Answered and abandoned within ever add up to 1, each to its steady-state share."""
    model = (100, 105.0, 1.0, 2.0)
    answered, abandoned = theory.erlang_a_within(*model, 30.0)
    p_abandon = theory.erlang_a(*model).p_abandon
    assert (answered, abandoned) == pytest.approx((1 - p_abandon, p_abandon), rel=1e-10)


def test_priority_waits() -> None:
    """One server: Cobham's 1954 formula by hand; one class of several servers is Erlang C.

    λ .3 and .4, μ 1: W0 = .7; W1 = .7 / .7 = 1; W2 = .7 / (.7 x .3).
    """
    assert theory.priority_waits(1, (0.3, 0.4), 1.0) == pytest.approx((1.0, 0.7 / 0.21))
    assert theory.priority_waits(10, (8.0,), 1.0)[0] == pytest.approx(
        theory.erlang_c_wait(10, 8.0, 1.0)
    )


def test_priority_keeps_the_total_wait() -> None:
    """Kleinrock's conservation law: the rate-weighted mean wait is that of one line."""
    rates = (2.0, 3.0, 3.5)
    waits = theory.priority_waits(10, rates, 1.0)
    mean = sum(rate * wait for rate, wait in zip(rates, waits, strict=True)) / sum(rates)
    assert mean == pytest.approx(theory.erlang_c_wait(10, sum(rates), 1.0), rel=1e-12)
    assert theory.priority_waits(2, (1.0, 1.5), 1.0)[1] == inf


def test_pollaczek_khinchine() -> None:
    """Exponential service gives M/M/1, constant service half of it, overload no end."""
    assert theory.pollaczek_khinchine(0.7, 1.0, 1.0) == pytest.approx(0.7 / 0.3)
    assert theory.pollaczek_khinchine(0.7, 1.0, 0.0) == pytest.approx(0.35 / 0.3)
    assert theory.pollaczek_khinchine(1.0, 1.0, 1.0) == inf


@pytest.mark.parametrize("at", [2.0, 4.0, 8.0, 16.0])
def test_infinite_server_mean(at: float) -> None:
    """λ(t) = 100 + 20 sin t, μ 1, from empty: m(t) = 100 + 10 (sin t − cos t) − 90 e^−t."""
    found = theory.infinite_server_mean(
        lambda t: 100 + 20 * np.sin(t), lambda u: np.exp(-u), at, since=0.0
    )
    exact = 100 + 10 * (np.sin(at) - np.cos(at)) - 90 * exp(-at)
    assert found == pytest.approx(exact, rel=1e-12)
