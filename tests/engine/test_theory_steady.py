"""The engine against steady states: Erlang A, B, C, Cobham, Pollaczek-Khinchine, redials.

Each comparison: |estimate - exact| <= 4 standard errors over independent replications, and 4
standard errors at most the stated share of the exact value. Where a run starts empty, its first
calls are left out: `warm_up` is 10 relaxation times or more, so that the bias is of the order of
e^-10 = 5e-5 of a figure at the window's start and falls from there, a twentieth of the smallest
reach at most. M/M/c relaxes within 1 / (sqrt(c mu) - sqrt(lambda))^2 (Morse 1955). Standard errors
are those of a regression on input whose mean is known (`theory_models.estimates`): without it, the
same power would need two to twenty times the calls. Service has mean 1 min unless said otherwise.
"""

from collections.abc import Sequence

import numpy as np
import pytest
from theory_models import Callers, Model, Row, Run, by_each_engine, compare, estimates

from vpbx.codes import Outcome
from vpbx.measures import theory


def waits(run: Run) -> Sequence[float]:
    """Mean wait, share that waits, share that waits over a minute; per expected call."""
    wait, n = run.wait[run.visited()], run.model.callers[0].rate * run.model.window
    return [wait.sum() / n, np.sum(wait > 0) / n, np.sum(wait > 1.0) / n]


def rows(names: Sequence[str], exact: Sequence[float], power: Sequence[float]) -> list[Row]:
    """Rows of a comparison."""
    return [Row(*row) for row in zip(names, exact, power, strict=True)]


WAITS = ("mean wait", "waits", "waits over a minute")


@by_each_engine((120, [0.08, 0.025, 0.05]), (4400, [0.01, 0.004, 0.008]))
def test_one_agent(engine: str, n: int, power: list[float]) -> None:
    """M/M/1, rho = 1/2: mean wait 1, P(wait) = 1/2, P(wait > 1) = e^(-1/2) / 2."""
    # relaxation 1 / (1 - sqrt(1/2))^2 = 11.7 min
    model = Model(1, (Callers(0.5),), duration=840, warm_up=120, second_moment=2.0)
    exact = (1.0, 0.5, 0.5 * np.exp(-0.5))
    compare(estimates(model, engine, n, waits), rows(WAITS, exact, power))


@by_each_engine((40, [0.16, 0.04, 0.13]), (650, [0.04, 0.01, 0.03]))
def test_three_agents(engine: str, n: int, power: list[float]) -> None:
    """M/M/3, rho = .7 (Erlang C): mean wait, P(wait), P(wait > 1)."""
    # relaxation 1 / (sqrt(3) - sqrt(2.1))^2 = 12.5 min
    model = Model(3, (Callers(2.1),), duration=560, warm_up=130, second_moment=2.0)
    exact = (
        theory.erlang_c_wait(3, 2.1, 1.0),
        theory.erlang_c(3, 2.1),
        1.0 - theory.erlang_c_within(3, 2.1, 1.0, 1.0),
    )
    compare(estimates(model, engine, n, waits), rows(WAITS, exact, power))


def blocked(run: Run) -> Sequence[float]:
    """Calls blocked per expected call."""
    lost = run.arrived() & (run.records.calls.outcome == Outcome.BLOCKED)
    return [np.sum(lost) / (run.model.callers[0].rate * run.model.window)]


@pytest.mark.parametrize("law", ["exponential(mean=1 min)", "lognormal(mean=1 min, cv=1.5)"])
@by_each_engine((20, [0.01]), (150, [0.003]))
def test_lines(engine: str, n: int, power: list[float], law: str) -> None:
    """M/G/10/10 on a trunk, offered 20 erlang: Erlang B = .5380, whatever the law of holding."""
    # a line held from before the warm-up on: 2e-5 of the time, with the longer-tailed law
    model = Model(10, (Callers(20.0),), 240, law, warm_up=100, lines_only=True)
    compare(
        estimates(model, engine, n, blocked), rows(["blocked"], [theory.erlang_b(10, 20.0)], power)
    )


@by_each_engine((20, [0.006]), (100, [0.003]))
def test_agents_without_a_queue(engine: str, n: int, power: list[float]) -> None:
    """M/M/10/10 as a queue of capacity 0, offered 20 erlang: Erlang B = .5380; nobody waits."""
    model = Model(10, (Callers(20.0),), 180, warm_up=40, capacity=0)
    compare(
        estimates(model, engine, n, blocked), rows(["blocked"], [theory.erlang_b(10, 20.0)], power)
    )


def impatient(run: Run) -> Sequence[float]:
    """Mean wait, abandoned, waits, answered within 12 s; per expected call."""
    kept, wait, n = run.visited(), run.wait, run.model.callers[0].rate * run.model.window
    return [
        wait[kept].sum() / n,
        np.sum(kept & run.abandoned) / n,
        np.sum(kept & (wait > 0)) / n,
        np.sum(kept & run.answered & (wait <= 0.2)) / n,
    ]


@by_each_engine((45, [0.08, 0.05, 0.03, 0.07]), (1750, [0.01, 0.008, 0.005, 0.01]))
def test_impatient_callers(engine: str, n: int, power: list[float]) -> None:
    """M/M/10+M, rho = 1.2, patience 1 (Erlang A): mean wait, abandoned, waits, answered in 12 s."""
    # patience rate = service rate: the number in system relaxes as e^-t
    model = Model(10, (Callers(12.0, patience="exponential(mean=1 min)"),), 80, warm_up=20, tail=5)
    steady = theory.erlang_a(10, 12.0, 1.0, 1.0)
    within = theory.erlang_a_within(10, 12.0, 1.0, 1.0, 0.2).answered
    exact = (steady.mean_wait, steady.p_abandon, steady.p_wait, within)
    names = ("mean wait", "abandoned", "waits", "answered in 12 s")
    compare(estimates(model, engine, n, impatient), rows(names, exact, power))


def by_class(run: Run) -> Sequence[float]:
    """Mean wait of each class, per expected call."""
    return [
        run.wait[run.visited(c)].sum() / (own.rate * run.model.window)
        for c, own in enumerate(run.model.callers)
    ]


@by_each_engine((50, [0.13, 0.18]), (800, [0.03, 0.045]))
def test_priority(engine: str, n: int, power: list[float]) -> None:
    """Two agents, rates .5 (first) and .7, non-preemptive (Cobham 1954): mean waits by class."""
    # relaxation 1 / (sqrt(2) - sqrt(1.2))^2 = 10 min; tail: low calls not yet answered
    callers = (Callers(0.5, priority=1), Callers(0.7))
    model = Model(2, callers, duration=840, warm_up=120, tail=120, second_moment=2.0)
    exact = theory.priority_waits(2, [0.5, 0.7], 1.0)
    compare(estimates(model, engine, n, by_class), rows(["first", "second"], exact, power))


def test_priority_closed_form() -> None:
    """The same waits by hand: C = 18/40 at 1.2 erlang on 2, over 2, over (1 - .25)(1 - .25 - .35)."""
    found = theory.priority_waits(2, [0.5, 0.7], 1.0)
    assert found == pytest.approx((0.225 / 0.75, 0.225 / (0.75 * 0.4)))


def one_agent_general(run: Run) -> Sequence[float]:
    """Mean wait and share that waits."""
    return waits(run)[:2]


@by_each_engine((60, [0.2, 0.03]), (900, [0.08, 0.01]))
def test_varied_service(engine: str, n: int, power: list[float]) -> None:
    """M/G/1, rho = .4, lognormal with cv 1.5: mean wait .4 (1 + 2.25) / (2 x .6) = 1.0833.

    The warm-up of 500 service times is forgotten unless a busy period lasts as long: about one call
    of over 300 service times, of probability 3e-9. The squares of so long-tailed a law make poor
    controls (their own variance rests on a few calls): arrivals and service alone are used.
    """
    law = "lognormal(mean=1 min, cv=1.5)"
    model = Model(1, (Callers(0.4),), 2300, law, warm_up=500)
    exact = (0.4 * 3.25 / 1.2, 0.4)
    compare(estimates(model, engine, n, one_agent_general), rows(WAITS[:2], exact, power))


@by_each_engine((60, [0.06, 0.025]), (1300, [0.01, 0.005]))
def test_constant_service(engine: str, n: int, power: list[float]) -> None:
    """M/D/1, rho = 1/2: mean wait .5 / (2 x .5) = .5."""
    model = Model(1, (Callers(0.5),), 1440, "1 min", warm_up=120, second_moment=1.0)
    compare(estimates(model, engine, n, one_agent_general), rows(WAITS[:2], (0.5, 0.5), power))


def by_class_impatient(run: Run) -> Sequence[float]:
    """Mean waits, then shares abandoned, of both classes."""
    gone = [
        np.sum(run.visited(c) & run.abandoned) / (own.rate * run.model.window)
        for c, own in enumerate(run.model.callers)
    ]
    return [*by_class(run), *gone]


@by_each_engine((40, [0.1, 0.12, 0.2, 0.08]), (550, [0.025, 0.03, 0.05, 0.02]))
def test_priority_of_impatient_callers(engine: str, n: int, power: list[float]) -> None:
    """Rates 4 (first) and 7 on 10 agents, patience 2: values of `models_and_values`, V design."""
    # relaxation at most 1 / patience rate = 2 min
    patience = "exponential(mean=2 min)"
    callers = (Callers(4.0, 1, patience), Callers(7.0, 0, patience))
    model = Model(10, callers, duration=110, warm_up=30, tail=20)
    exact = (0.10693302, 0.40323949, 0.05346651, 0.20161975)
    names = ("first waits", "second waits", "first abandons", "second abandons")
    compare(estimates(model, engine, n, by_class_impatient), rows(names, exact, power))


def attempts(run: Run) -> Sequence[float]:
    """Per minute: attempts, abandoned, waits; delayed first attempts, delayed retries, lost."""
    calls, call = run.records.calls, run.records.visits.call
    kept, wait = run.visited(), run.wait
    first = calls.attempt[call] == 0
    lost = run.abandoned & (calls.redial_at[call] < 0)
    found = [kept, kept & run.abandoned, kept & first & (wait > 0), kept & ~first & (wait > 0)]
    counts = [np.sum(which) for which in (*found, kept & lost)]
    return [count / run.model.window for count in [*counts, wait[kept].sum()]]


@by_each_engine(
    (40, [0.02, 0.1, 0.035, 0.17, 0.1, 0.12]), (450, [0.006, 0.03, 0.01, 0.05, 0.03, 0.04])
)
def test_redials(engine: str, n: int, power: list[float]) -> None:
    """M/M/8, rate 4.2, service 2, patience 2; 60 % of those who abandon call again after mean 5."""
    # one attempt more makes at most .77 abandon, .46 call again: relaxation 5 / .54 = 9.3 min
    callers = Callers(4.2, 0, "exponential(mean=2 min)", redials=0.6,
                      redial_delay="exponential(mean=5 min)")  # fmt: skip
    model = Model(8, (callers,), 300, "exponential(mean=2 min)", 2.0, warm_up=120, tail=30)
    rate = 4.9256075
    exact = (rate, rate * 0.24552217, 4.2 * 0.74463056, (rate - 4.2) * 0.84447440,
             4.2 * 0.11517579, rate * 0.49104434)  # fmt: skip
    names = ("attempts", "abandoned", "delayed first", "delayed retries", "lost", "wait")
    compare(estimates(model, engine, n, attempts), rows(names, exact, power))
