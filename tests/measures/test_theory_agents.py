"""Erlang B, C, A and X as questions: tables, limits, identities, the exact model of redials.

tests/reference/erlang_{a,b,c}.csv as in test_theory; retrial_mm1.csv lies with the validation suite.
"""

from math import inf

import numpy as np
import pytest

from vpbx.errors import UsageError
from vpbx.measures import theory
from vpbx.measures.theory_agents import Answer, Goals, Question, answer, least_agents
from vpbx.measures.theory_redials import erlang_x, redials_exact
from vpbx.validation.cases import table

A = Question("a", 200 / 3600, 180.0, patience_s=300.0)
X = Question("x", 4.2 / 60, 120.0, patience_s=120.0, redial=0.6, redial_delay_s=300.0)


def rows(name: str) -> list[dict[str, float]]:
    """A table of the validation suite as numbers."""
    return [{key: float(cell) for key, cell in row.items()} for row in table(name)]


@pytest.mark.parametrize("row", rows("erlang_b"))
def test_blocking(row: dict[str, float]) -> None:
    """b: the table to 1e-9."""
    found = answer(Question("b", row["a"], 1.0, places=0), int(row["n"]))
    assert found.blocked == pytest.approx(row["blocking"], rel=1e-9)
    assert found.occupancy == pytest.approx(row["a"] * (1 - row["blocking"]) / row["n"], rel=1e-12)


@pytest.mark.parametrize("row", rows("erlang_c"))
def test_everybody_waits(row: dict[str, float]) -> None:
    """c: share that waits and mean wait, to 1e-9."""
    found = answer(Question("c", row["lam"], 1.0 / row["mu"]), int(row["n"]))
    assert found.p_wait == pytest.approx(row["chk_C"], rel=1e-9)
    assert found.mean_wait_s == pytest.approx(row["chk_w1"], rel=1e-9)
    assert found.mean_wait_answered_s == found.mean_wait_s


@pytest.mark.parametrize("row", rows("erlang_a"))
def test_patience(row: dict[str, float]) -> None:
    """a: all five figures of the table to 1e-9."""
    question = Question("a", row["lam"], 1 / row["mu"], patience_s=1 / row["theta"])
    found = answer(question, int(row["n"]))
    ours = (found.p_wait, found.abandoned, found.mean_wait_s, found.mean_queue, found.occupancy)
    expected = [row[key] for key in ("bd_p_wait", "bd_p_ab", "bd_EW", "bd_Lq", "bd_occ")]
    assert ours == pytest.approx(expected, rel=1e-9)


def test_answered_wait_by_the_rate_of_patience() -> None:
    """W = wait of all; abandoners' part by an independent sum over states (phase by phase).

    A call that finds j waiting needs departures at rates s mu + (i + 1) theta, i = 0 .. j, itself
    counted; it abandons at rate theta meanwhile: by first-step analysis E[wait; answered].
    """
    s, lam, mu, theta = 14, 10 / 3, 1 / 3, 0.2
    steady = theory.erlang_a(s, lam, mu, theta)
    p, total = steady.p_all_busy_none_waiting, 0.0
    for j in range(400):
        # probability to be answered, and mean time if so, through the stages k = j .. 0
        alive, time = 1.0, 0.0
        for k in range(j, -1, -1):
            out = s * mu + (k + 1) * theta
            time += 1.0 / out
            alive *= 1.0 - theta / out
        total += p * alive * time
        p *= lam / (s * mu + (j + 1) * theta)
    expected = total / (1 - steady.p_abandon)
    assert theory.erlang_a_answered_wait(s, lam, mu, theta) == pytest.approx(expected, rel=1e-9)


def birth_and_death(s: int, lam: float, mu: float, theta: float, places: int) -> np.ndarray:
    """Stationary probabilities of M/M/s/s+places+M by the balance equations."""
    p = [1.0]
    for n in range(1, s + places + 1):
        p.append(p[-1] * lam / (min(n, s) * mu + max(0, n - s) * theta))
    return np.array(p) / sum(p)


@pytest.mark.parametrize(("places", "theta"), [(0, 0.3), (1, 0.3), (6, 0.3), (6, 0.0), (40, 1.0)])
def test_a_limited_number_of_places(places: int, theta: float) -> None:
    """Blocking, waiting, queue, occupancy with few places equal the balance equations, overloaded too."""
    s, lam, mu = 5, 6.5, 1.0
    p = birth_and_death(s, lam, mu, theta, places)
    n = np.arange(len(p))
    found = theory.erlang_a(s, lam, mu, theta, places)
    assert found.p_blocked == pytest.approx(p[-1], rel=1e-12)
    assert found.p_wait == pytest.approx(p[s:-1].sum(), rel=1e-12, abs=1e-15)
    assert found.mean_queue == pytest.approx(float(p @ np.maximum(n - s, 0)), rel=1e-12)
    assert found.occupancy == pytest.approx(float(p @ np.minimum(n, s)) / s, rel=1e-12)


@pytest.mark.parametrize("theta", [0.0, 0.4])
def test_service_level_with_few_places(theta: float) -> None:
    """Answered in time with 6 places: stage by stage (matrix exponential of the place in line)."""
    from scipy.linalg import expm

    s, lam, mu, places, t = 5, 6.5, 1.0, 6, 0.35
    p = birth_and_death(s, lam, mu, theta, places)
    # states: places - 1 ahead … 0 ahead, answered; the caller gives up at rate theta
    move = np.zeros((places + 1, places + 1))
    for ahead in range(places):
        forward = s * mu + ahead * theta
        move[ahead, ahead - 1 if ahead else places] = forward
        move[ahead, ahead] = -forward - theta
    answered = expm(move * t)[:, places]
    expected = p[:s].sum() + float(p[s : s + places] @ answered[:places])
    found = theory.erlang_a_within(s, lam, mu, theta, t, places)
    assert found.answered == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("row", rows("retrial_mm1"))
def test_retrials_of_one_server(row: dict[str, float]) -> None:
    """Falin's formula for the callers between attempts, to 1e-9: no place, everybody calls again."""
    found = redials_exact(1, row["lam"], row["mu"], 0.0, 1.0, row["gamma"], 0)
    assert found.mean_redialling == pytest.approx(row["falin"], rel=1e-9)
    assert found.p_lost == pytest.approx(0.0, abs=1e-12)


def test_redials_of_abandoned_callers() -> None:
    """M/M/8, 60 % call again after 5 on average: the published values, to their last digit."""
    found = redials_exact(8, 4.2, 0.5, 0.5, 0.6, 0.2)
    assert found.attempts == pytest.approx(4.9256075, abs=5e-8)
    assert found.steady.p_abandon == pytest.approx(0.24552217, abs=5e-9)
    assert found.steady.mean_wait == pytest.approx(0.49104434, abs=5e-9)
    assert found.steady.occupancy == pytest.approx(0.92906542, abs=5e-9)
    assert found.p_lost == pytest.approx(0.11517579, abs=5e-9)
    assert found.mean_redialling == pytest.approx(3.62803750, abs=5e-9)


def test_long_delays_make_redials_poisson() -> None:
    """Erlang X is the limit of the exact model as the delay grows."""
    limit = erlang_x(3, 2.5, 1.0, 0.5, 0.5, 4)
    gaps = [
        abs(redials_exact(3, 2.5, 1.0, 0.5, 0.5, 1.0 / delay, 4).attempts - limit.attempts)
        for delay in (10.0, 100.0, 1000.0)
    ]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-4


def test_erlang_x_balances() -> None:
    """Attempts are first calls and those of the lost who call again; callers are answered or lost."""
    found = answer(X._replace(redial_delay_s=inf), 8)
    lost = found.abandoned + found.blocked
    assert found.attempts_per_call == pytest.approx(1 + 0.6 * lost * found.attempts_per_call)
    assert found.attempts_per_call * (1 - lost) == pytest.approx(1 - found.lost)


def test_without_redials_x_is_a() -> None:
    """Every figure, by the exact model too, whose service level is summed from states."""
    plain = answer(A, 12)
    for delay in (inf, 60.0):
        x = A._replace(model="x", redial=0.0, redial_delay_s=delay)
        assert answer(x, 12) == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("load", [9_000.0, 9_990.0, 10_000.0, 11_000.0])
def test_ten_thousand_agents(load: float) -> None:
    """Patience like handle time: Poisson(load) in the system, whatever the agents; all shares finite."""
    from scipy import stats

    found = answer(Question("a", load, 1.0, within_s=0.05, patience_s=1.0), 10_000)
    assert found.p_wait == pytest.approx(stats.poisson.sf(9_999, load), rel=1e-7)
    k = np.arange(10_000, 13_000)
    queue = float((k - 10_000) @ stats.poisson.pmf(k, load))
    assert found.mean_queue == pytest.approx(queue, rel=1e-6)
    assert 0.0 <= found.in_time <= 1.0
    assert found.mean_wait_answered_s >= 0.0


def test_hopeless_overload_is_finite() -> None:
    """10,000 erlang on one agent: nobody in time, all wait, all but 1 in 10,000 abandon."""
    found = answer(Question("a", 10_000.0, 1.0, within_s=3.0, patience_s=1.0), 1)
    assert found.p_wait == pytest.approx(1.0)
    assert found.abandoned == pytest.approx(1 - 1e-4, rel=1e-9)
    assert found.in_time < 1e-200


@pytest.mark.parametrize(
    ("question", "goals"),
    [
        (Question("b", 8.1, 1.0, places=0), Goals(blocked=0.01)),
        (Question("c", 200 / 3600, 180.0), Goals(in_time=0.8)),
        (Question("c", 200 / 3600, 180.0), Goals(mean_wait_s=10.0, occupancy=0.7)),
        (A, Goals(abandoned=0.02, in_time=0.9)),
        (X, Goals(abandoned=0.05)),
    ],
)
def test_least_agents(question: Question, goals: Goals) -> None:
    """One agent fewer misses a goal, as a plain search from 1 up finds."""
    found = least_agents(question, goals)
    reached = [n for n in range(1, 60) if reaches(question, goals, n)]
    assert found == reached[0]
    assert reached == list(range(found, 60))


def reaches(question: Question, goals: Goals, agents: int) -> bool:
    """Whether so many agents do."""
    return goals.met(answer(question, agents))


def test_goals_out_of_reach_are_refused() -> None:
    """No number of agents is occupied for less than no time."""
    with pytest.raises(UsageError, match="no number of agents"):
        least_agents(Question("b", 50.0, 1.0, places=0), Goals(occupancy=-0.1))


def test_overload_without_abandonment() -> None:
    """c at its load: all wait, without end."""
    found = answer(Question("c", 1.0, 10.0), 10)
    assert isinstance(found, Answer)
    assert (found.p_wait, found.mean_wait_s, found.in_time) == (1.0, inf, 0.0)
