"""The engine against exact transients: the published 8-hour days, and loads that vary in time.

Each comparison: |estimate - exact| <= 4 standard errors over independent replications, and 4
standard errors at most the stated share of the exact value. All runs start empty, and so do the
exact values: nothing is left out, there is no bias.
"""

import csv
from collections.abc import Sequence
from math import erf, exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from theory_models import (
    MINUTE_US,
    Callers,
    Model,
    Row,
    Run,
    by_each_engine,
    compare,
    estimates,
)

from vpbx.measures import theory

Floats = NDArray[np.float64]

EXACT_DAYS = Path(__file__).parents[1] / "reference" / "exact_transient_mmc.csv"

SLOW = pytest.mark.slow

TWENTY_SECONDS = 1.0 / 3.0

DAYS = {
    "MMC": Model(12, (Callers(4.2),), 480, "exponential(mean=2 min)", 2.0),
    "MMCAb": Model(
        12, (Callers(4.2, 0, "exponential(mean=1 min)"),), 480, "exponential(mean=2 min)", 2.0
    ),
    "MMCBlocked": Model(12, (Callers(4.2),), 480, "exponential(mean=2 min)", 2.0, capacity=5),
}
"""From empty, 4.2 calls a minute for 480 min, 12 agents, service 2 min; then drained."""


def exact_day(name: str) -> tuple[float, ...]:
    """Served, in time, sum of waits of served, occupancy, abandoned or blocked: expected a day."""
    with EXACT_DAYS.open(encoding="utf-8") as file:
        day = next(row for row in csv.DictReader(file) if row["model"] == name)
    served = float(day["served"])
    waited = float(day["speed_of_answer"]) * served
    lost = float(day["abandoned"]) + float(day["blocked"])
    return served, float(day["good"]), waited, float(day["occupancy"]), lost


def a_day(run: Run) -> Sequence[float]:
    """The same of a replication; occupancy is busy time in [0, 480] over 12 x 480."""
    in_time = run.answered & (run.wait < TWENTY_SECONDS)
    busy = run.records.grid.talk[: 480 // 5].sum() / MINUTE_US
    found = [np.sum(run.answered), np.sum(in_time), run.wait[run.answered].sum()]
    return [*found, busy / (12 * 480), np.sum(~run.answered)]


REFERENCE, COMPILED = (20, 150)
"""Replications of either engine."""


@pytest.mark.parametrize(
    ("engine", "name", "power"),
    [
        pytest.param("reference", "MMC", [0, 0.05, 0.8, 0.005, 0], marks=SLOW),
        pytest.param("reference", "MMCAb", [0.008, 0.02, 0.3, 0.008, 0.25], marks=SLOW),
        pytest.param("reference", "MMCBlocked", [0.006, 0.025, 0.2, 0.006, 0.5], marks=SLOW),
        pytest.param("compiled", "MMC", [0, 0.02, 0.3, 0.002, 0]),
        pytest.param("compiled", "MMCAb", [0.003, 0.006, 0.1, 0.003, 0.1]),
        pytest.param("compiled", "MMCBlocked", [0.002, 0.008, 0.08, 0.002, 0.2]),
    ],
)
def test_day_from_empty(engine: str, name: str, power: list[float]) -> None:
    """12 agents through an 8-hour day and its drain, without and with abandonment and blocking."""
    names = ("served", "in time", "waited", "occupancy", "abandoned or blocked")
    rows = [Row(*row) for row in zip(names, exact_day(name), power, strict=True)]
    n = COMPILED if engine == "compiled" else REFERENCE
    compare(estimates(DAYS[name], engine, n, a_day), rows)


HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 24, 22, 20, 20, 21, 22, 20, 16, 12, 8, 5, 3)
OPEN_DAY = Model(
    150,
    (Callers(0.6, profile=tuple(float(weight) for weight in HOURS)),),
    duration=1440,
    service="lognormal(mean=60 min, cv=1)",
    mean_service=60.0,
    parts=6,
)
"""More agents than ever needed: M_t/G/infinity, 864 calls a day, an hour each."""

WATCHED = (4, 8, 12, 18, 23)


def lognormal_survival(u: Floats) -> Floats:
    """P(S > u) of the service time in minutes, mean 60, cv 1."""
    variance = log(2.0)
    z = (np.log(np.maximum(u, 1e-12)) - (log(60.0) - variance / 2)) / sqrt(variance)
    return np.asarray(0.5 - 0.5 * np.vectorize(erf)(z / sqrt(2.0)))


def mean_busy(at: float) -> float:
    """m(at) of Eick, Massey and Whitt (1993): integral of lambda(at - u) P(S > u)."""
    per_minute = np.array(HOURS) / np.mean(HOURS) * 0.6

    def rate(minute: Floats) -> Floats:
        return np.asarray(per_minute[np.minimum(minute // 60, 23).astype(int)])

    # panels of one minute: the rate jumps at panel edges only
    return theory.infinite_server_mean(rate, lognormal_survival, at, 0.0, panels=int(at))


def hourly_mean_busy(hour: int) -> float:
    """Mean of m over an hour: Simpson's rule on 10-minute steps."""
    values = [mean_busy(60.0 * hour + 10.0 * i) for i in range(7)]
    return float(np.dot([1, 4, 2, 4, 2, 4, 1], values)) / 18.0


def busy_by_hour(run: Run) -> Sequence[float]:
    """Mean number of busy agents in the watched hours; nobody ever waits."""
    assert run.wait.max() == 0.0
    talk = run.records.grid.talk[: 24 * 12, 0].reshape(24, 12).sum(axis=1) / (60 * MINUTE_US)
    return [float(talk[hour]) for hour in WATCHED]


@by_each_engine((30, [0.45, 0.15, 0.12, 0.1, 0.2]), (450, [0.11, 0.04, 0.03, 0.025, 0.05]))
def test_enough_agents_for_a_varying_load(engine: str, n: int, power: list[float]) -> None:
    """Agents busy in five hours of a day with hourly rates: m(t) of M_t/G/infinity, from empty."""
    exact = [hourly_mean_busy(hour) for hour in WATCHED]
    names = [f"busy at {hour:02}" for hour in WATCHED]
    rows = [Row(*row) for row in zip(names, exact, power, strict=True)]
    compare(estimates(OPEN_DAY, engine, n, busy_by_hour), rows)


UNIT = 90
"""Minutes to the unit of time of the identity: 16 units are a day."""

MOMENTS = {2: (101.0742671, 0.5558106535, 4.56041672), 4: (97.32000376, 0.4063223507, 2.754031547),
           8: (111.3183912, 0.8696609608, 12.03963373)}  # fmt: skip
"""t -> E[N], P(N >= 100), E[Q] with 100 agents (`models_and_values`)."""


def sine_day() -> tuple[float, ...]:
    """100 + 20 sin t averaged over each minute of the day, in calls a unit."""
    t = np.arange(1441) / UNIT
    return tuple((100.0 * np.diff(t) - 20.0 * np.diff(np.cos(t))) * UNIT)


def mean_in_system(t: float) -> float:
    """m(t) = 100 + 10 (sin t - cos t) - 90 e^-t."""
    return float(100.0 + 10.0 * (np.sin(t) - np.cos(t)) - 90.0 * exp(-t))


def identity(until: int) -> Model:
    """100 agents, patience and service of mean one unit, up to t = `until`."""
    law = f"exponential(mean={UNIT} min)"
    callers = Callers(float(np.mean(sine_day())) / UNIT, 0, law, profile=sine_day())
    return Model(100, (callers,), until * UNIT, law, float(UNIT), parts=8)


def in_system(run: Run) -> Sequence[float]:
    """Time means of the number in system and waiting; at each moment N, N >= 100, N - 100 or 0."""
    duration, visits, grid = run.model.duration, run.records.visits, run.records.grid
    waiting = grid.queue_time[: duration // 5].sum() / (duration * MINUTE_US)
    talking = grid.talk[: duration // 5].sum() / (duration * MINUTE_US)
    until = np.where(run.answered, visits.talk_until, visits.left_at)
    found = [waiting + talking, waiting]
    for t in MOMENTS:
        at = t * UNIT * MINUTE_US
        if t * UNIT <= duration:
            present = int(np.sum((visits.joined_at < at) & (until >= at)))
            found += [present, present >= 100, max(present - 100, 0)]
    return found


def identity_rows(until: int, power: Sequence[float]) -> list[Row]:
    """Exact values of the same."""
    means = [mean_in_system((i + 0.5) / 200) for i in range(200 * until)]  # midpoint rule
    k = np.arange(100, 400)
    queue = [np.dot(k - 100, stats.poisson.pmf(k, m)) for m in means]
    exact = [float(np.mean(means)), float(np.mean(queue))]
    names = ["mean number", "mean waiting"]
    for t, moment in MOMENTS.items():
        if t <= until:
            exact += moment
            names += [f"N({t})", f"P(N({t}) >= 100)", f"E[Q({t})]"]
    return [Row(*row) for row in zip(names, exact, power, strict=True)]


@pytest.mark.parametrize(
    ("engine", "until", "n", "power"),
    [
        pytest.param(
            "reference", 4, 60, [0.02, 0.3, *[0.05, 0.7, 0.9] * 2], id="reference", marks=SLOW
        ),
        pytest.param("compiled", 8, 600, [0.004, 0.06, *[0.015, 0.2, 0.3] * 3], id="compiled"),
    ],
)
def test_patience_like_service_under_a_sine_load(
    engine: str, until: int, n: int, power: list[float]
) -> None:
    """Patience rate = service rate = 1, rate 100 + 20 sin t: N(t) is Poisson with mean m(t)."""
    compare(estimates(identity(until), engine, n, in_system), identity_rows(until, power))


def test_moments_of_the_identity() -> None:
    """m(t) and the Poisson law give the published values, to their last digit."""
    for t, (mean, full, queue) in MOMENTS.items():
        m = mean_in_system(t)
        k = np.arange(100, 400)
        assert m == pytest.approx(mean, rel=1e-9)
        assert stats.poisson.sf(99, m) == pytest.approx(full, rel=1e-8)
        assert np.dot(k - 100, stats.poisson.pmf(k, m)) == pytest.approx(queue, rel=1e-8)
