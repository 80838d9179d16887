"""Reference values of the suite that stand in no table, found again from the equations they rest on."""

from collections.abc import Hashable, Iterator

import numpy as np
import pytest
from chains import SUITE, stationary, value

from vpbx.measures import theory


def two_speeds(quick_first: float) -> dict[tuple[bool, bool, int], float]:
    """(quick busy, slow busy, waiting); the quick one is chosen of two with this probability."""
    rate, quick, slow, most = 0.8, 1.0, 0.4, 80

    def moves(state: Hashable) -> Iterator[tuple[Hashable, float]]:
        q, s, waiting = state  # type: ignore[misc]
        if q and s:
            if waiting < most:
                yield (q, s, waiting + 1), rate
        elif q or s:
            yield (True, True, 0), rate
        else:
            yield (True, False, 0), rate * quick_first
            yield (False, True, 0), rate * (1.0 - quick_first)
        if waiting:
            yield (q, s, waiting - 1), quick + slow
        else:
            if q:
                yield (False, s, 0), quick
            if s:
                yield (q, False, 0), slow

    return stationary((False, False, 0), moves)  # type: ignore[return-value]


@pytest.mark.parametrize(("name", "quick_first"), [("two_speeds", 0.5), ("two_speeds_first", 1.0)])
def test_a_quick_and_a_slow_agent(name: str, quick_first: float) -> None:
    """Waits, mean wait, busy agents: three-dimensional balance, 80 places (load .571: 1e-19 beyond)."""
    p = two_speeds(quick_first)
    waits = sum(share for (q, s, _), share in p.items() if q and s)
    queue = sum(share * waiting for (_, _, waiting), share in p.items())
    busy = sum(share * (q + s) for (q, s, _), share in p.items())
    assert value(name, "waits") == pytest.approx(waits, rel=1e-9)
    assert value(name, "mean wait") == pytest.approx(queue / 0.8, rel=1e-9)
    assert value(name, "busy agents") == pytest.approx(busy, rel=1e-9)


def test_the_longest_queue_first() -> None:
    """(busy, sales waiting, support waiting): the freed agent takes from the longer, ties sales."""
    sales, support, done, places = 0.4, 0.7, 1.0, 6

    def moves(state: Hashable) -> Iterator[tuple[Hashable, float]]:
        busy, a, b = state  # type: ignore[misc]
        if not busy:
            yield (True, 0, 0), sales + support
            return
        if a < places:
            yield (True, a + 1, b), sales
        if b < places:
            yield (True, a, b + 1), support
        if a == b == 0:
            yield (False, 0, 0), done
        elif a >= b:
            yield (True, a - 1, b), done
        else:
            yield (True, a, b - 1), done

    p = stationary((False, 0, 0), moves)
    rows = [(state, share) for state, share in p.items()]
    a_queue = sum(share * state[1] for state, share in rows)  # type: ignore[index]
    b_queue = sum(share * state[2] for state, share in rows)  # type: ignore[index]
    a_full = sum(share for state, share in rows if state[1] == places)  # type: ignore[index]
    b_full = sum(share for state, share in rows if state[2] == places)  # type: ignore[index]
    assert value("longest_queue", "mean wait, sales") == pytest.approx(a_queue / sales, rel=1e-9)
    assert value("longest_queue", "mean wait, support") == pytest.approx(
        b_queue / support, rel=1e-9
    )
    assert value("longest_queue", "blocked, sales") == pytest.approx(a_full, rel=1e-9)
    assert value("longest_queue", "blocked, support") == pytest.approx(b_full, rel=1e-9)


def test_lines_that_after_call_work_frees() -> None:
    """Erlang B of the talk alone; 90 agents are out of reach of 28 erlang."""
    assert value("wrap_up_lines", "blocked") == pytest.approx(theory.erlang_b(10, 7.0), rel=1e-9)
    assert theory.erlang_b(90, 28.0) < 1e-18


def test_cobham_and_pollaczek() -> None:
    """Waits of the priority and the M/G/1 cases by their formulas."""
    first, second = theory.priority_waits(2, [0.5, 0.7], 1.0)
    assert value("priority", "mean wait, first class") == pytest.approx(first)
    assert value("priority", "mean wait, second class") == pytest.approx(second)
    varied = theory.pollaczek_khinchine(0.4, 1.0, 1.2)
    assert value("general_varied", "mean wait") == pytest.approx(varied)
    constant = theory.pollaczek_khinchine(0.5, 1.0, 0.0)
    assert value("general_constant", "mean wait") == pytest.approx(constant)


def test_service_levels_by_three_definitions() -> None:
    """Of all, of answered and late, of answered: quadrature of the virtual wait, to the last digit."""
    model = (14, 10 / 3, 1 / 3, 0.2)
    answered, abandoned = theory.erlang_a_within(*model, 1 / 3)
    gone = theory.erlang_a(*model).p_abandon
    expected = (answered, answered / (1 - abandoned), answered / (1 - gone))
    rows = [row.value for row in SUITE["service_levels"].rows if row.sum == "in_time"]
    assert rows == pytest.approx(expected, abs=5e-8)


def test_the_sine_load() -> None:
    """N(t) is Poisson with mean 100 + 10 (sin t - cos t) - 90 e^-t: moments, and the mean queue."""
    from scipy import stats

    def mean(t: float) -> float:
        return float(100 + 10 * (np.sin(t) - np.cos(t)) - 90 * np.exp(-t))

    k = np.arange(100, 400)
    for t in (2, 4, 8, 16):
        m = mean(t)
        assert value("sine", f"in system at t = {t}") == pytest.approx(m, rel=1e-9)
        assert value("sine", f"all busy at t = {t}") == pytest.approx(
            stats.poisson.sf(99, m), rel=1e-8
        )
        queue = float((k - 100) @ stats.poisson.pmf(k, m))
        assert value("sine", f"waiting at t = {t}") == pytest.approx(queue, rel=1e-8)
    means = [mean((i + 0.5) / 500) for i in range(8000)]
    queue = float(np.mean([(k - 100) @ stats.poisson.pmf(k, m) for m in means]))
    assert value("sine", "mean number waiting, t from 0 to 16") == pytest.approx(queue, rel=1e-5)


def test_the_varying_load() -> None:
    """Busy agents by hour: rate and survival of the handle time folded on a grid of 3 seconds."""
    from scipy import signal, stats

    hours = (2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 24, 22, 20, 20, 21, 22, 20, 16, 12, 8, 5, 3)
    step = 0.05
    minutes = (np.arange(int(1440 / step)) + 0.5) * step
    rate = np.repeat(np.array(hours) / np.mean(hours) * 6.0, int(60 / step))
    law = stats.lognorm(s=np.sqrt(np.log(2.0)), scale=60.0 / np.sqrt(2.0))
    at_ends = signal.fftconvolve(rate, law.sf(minutes))[: len(rate)] * step
    busy = (at_ends + np.append(0.0, at_ends[:-1])) / 2.0
    by_hour = busy.reshape(24, -1).mean(axis=1)
    for hour in (4, 8, 12, 18, 23):
        what = f"busy from {hour:02}:00 to {hour + 1:02}:00"
        assert value("varying_load", what) == pytest.approx(by_hour[hour], rel=1e-4)
