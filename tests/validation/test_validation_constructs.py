"""Reference values of the cases on single constructs, found again: overflow, call-backs, conferences,
kept patience, choice of calls and agents, crowds."""

from collections.abc import Hashable, Iterator
from math import exp

import numpy as np
import pytest
from chains import stationary, value

from vpbx.measures import theory


def test_overflow_is_patience_of_exactly_a_minute() -> None:
    """M/M/2 + D: virtual wait of density proportional to exp(rate min(x, D) - 2 x), beyond two busy."""
    rate, patience = 2.2, 1.0
    per_busy = rate * rate  # rate times the weight of one busy agent
    slope = rate - 2.0
    soon = per_busy * (exp(slope * patience) - 1.0) / slope
    late = per_busy * exp(slope * patience) / 2.0
    # integral of x exp(slope x) up to the patience, by parts
    weighted = per_busy * (
        patience * exp(slope * patience) / slope - (exp(slope * patience) - 1.0) / slope**2
    )
    whole = 1.0 + rate + soon + late
    helped = late / whole
    assert value("overflow", "answered by helpers") == pytest.approx(helped, rel=1e-9)
    assert value("overflow", "waits") == pytest.approx((soon + late) / whole, rel=1e-9)
    assert value("overflow", "mean wait") == pytest.approx(
        (weighted + patience * late) / whole, rel=1e-9
    )
    assert value("overflow", "busy helpers") == pytest.approx(3.0 * rate * helped, rel=1e-9)
    assert value("overflow", "busy agents of the two") == pytest.approx(
        rate * (1 - helped), rel=1e-9
    )
    assert theory.erlang_b(40, 3.0 * rate) < 1e-15  # even if all callers went to the helpers


def test_call_backs_are_an_exceptional_first_service() -> None:
    """Welch (1964): first customers talk; later ones talk, ring and talk, or ring in vain."""
    rate, ring, vain, answers = 0.6, 1 / 6, 0.5, 0.8
    first, first_square = 1.0, 2.0
    back = answers * (ring + 1.0) + (1 - answers) * vain
    back_square = answers * (ring**2 + 2 * ring + 2.0) + (1 - answers) * vain**2
    later, later_square = (first + back) / 2, (first_square + back_square) / 2
    idle = (1 - rate * later) / (1 - rate * later + rate * first)
    wait = rate * later_square / (2 * (1 - rate * later))
    wait += rate * (first_square - later_square) / (2 * (1 - rate * later + rate * first))
    talking = rate * (idle + (1 - idle) * (1 + answers) / 2)
    assert value("callback", "waits, on the line") == pytest.approx(1 - idle, rel=1e-9)
    assert value("callback", "mean wait, on the line") == pytest.approx(wait, rel=1e-9)
    assert value("callback", "agent talking") == pytest.approx(talking, rel=1e-9)


def test_call_backs_by_lindleys_recursion() -> None:
    """The same wait by W' = max(0, W + S - A), S by whether W is 0: four standard errors of 200 batches."""
    rng = np.random.default_rng(8)
    batches, n = 200, 6000
    gaps = rng.exponential(1 / 0.6, (n, batches))
    talks = rng.exponential(1.0, (n, batches))
    called_back, answer = rng.random((2, n, batches)) < np.array([0.5, 0.8])[:, None, None]
    wait, total = np.zeros(batches), np.zeros(batches)
    for i in range(n):
        spent = np.where(called_back[i], np.where(answer[i], talks[i] + 1 / 6, 0.5), talks[i])
        wait = np.maximum(0.0, wait + np.where(wait > 0, spent, talks[i]) - gaps[i])
        total += wait if i >= 200 else 0.0
    means = total / (n - 200)
    error = means.std(ddof=1) / np.sqrt(batches)
    assert error < 0.02
    assert abs(means.mean() - value("callback", "mean wait, on the line")) < 4 * error


def test_a_conference_holds_two_agents() -> None:
    """(before a clerk, with a clerk alone, with or before the expert): two clerks, five places."""
    rate, clerk, expert, clerks, places = 0.5, 0.5, 1.0, 2, 5

    def moves(state: Hashable) -> Iterator[tuple[Hashable, float]]:
        waiting, alone, joint = state  # type: ignore[misc]
        if alone + joint < clerks:
            yield (waiting, alone + 1, joint), rate
        elif waiting < places:
            yield (waiting + 1, alone, joint), rate
        if alone:
            yield (waiting, alone - 1, joint + 1), alone * clerk
        if joint:  # the expert frees a clerk, who takes the next caller
            yield (waiting - 1, alone + 1, joint - 1) if waiting else (0, alone, joint - 1), expert

    p = stationary((0, 0, 0), moves)
    blocked = p[places, 0, 2] + p[places, 1, 1] + p[places, 2, 0]
    queue = sum(share * waiting for (waiting, _, _), share in p.items())  # type: ignore[misc]
    second = sum(share * max(joint - 1, 0) for (_, _, joint), share in p.items())  # type: ignore[misc]
    through = rate * (1 - blocked)
    assert value("conference", "blocked") == pytest.approx(blocked, rel=1e-9)
    assert value("conference", "mean wait for a clerk") == pytest.approx(queue / through, rel=1e-9)
    assert value("conference", "mean wait for the expert") == pytest.approx(
        second / through, rel=1e-9
    )


def test_kept_patience() -> None:
    """(present, between attempts): the impatient of 60 at most present, 40 at most between attempts."""
    patient, impatient, again, back, agents = 1.44, 0.96, 0.8, 0.5, 3

    def moves(state: Hashable) -> Iterator[tuple[Hashable, float]]:
        n, away = state  # type: ignore[misc]
        if n < 50:
            yield (n + 1, away), patient
        if n < agents:
            yield (n + 1, away), impatient
            if away:
                yield (n + 1, away - 1), back * away
        else:
            if away < 40:
                yield (n, away + 1), impatient * again
            if away:
                yield (n, away - 1), back * away * (1 - again)
        if n:
            yield (n - 1, away), float(min(n, agents))

    p = stationary((0, 0), moves)
    full = sum(share for (n, _), share in p.items() if n >= agents)  # type: ignore[misc]
    between = sum(share * away for (_, away), share in p.items())  # type: ignore[misc]
    in_vain = sum(  # attempts a minute that find all busy and are impatient
        share * (impatient + back * away)
        for (n, away), share in p.items()  # type: ignore[misc]
        if n >= agents
    )
    queue = sum(share * max(n - agents, 0) for (n, _), share in p.items())  # type: ignore[misc]
    attempts = patient + impatient + back * between
    assert value("kept_patience", "attempts a minute") == pytest.approx(attempts, rel=1e-9)
    assert value("kept_patience", "abandoned, of attempts") == pytest.approx(
        in_vain / attempts, rel=1e-9
    )
    assert value("kept_patience", "callers between attempts") == pytest.approx(between, rel=1e-9)
    assert value("kept_patience", "first attempts answered at once") == pytest.approx(
        1 - full, rel=1e-9
    )
    assert value("kept_patience", "never answered") == pytest.approx(
        in_vain * (1 - again) / (patient + impatient), rel=1e-9
    )
    assert value("kept_patience", "time waited, of all first attempts") == pytest.approx(
        queue / (patient + impatient), rel=1e-9
    )


def test_the_longest_wait_of_two_queues() -> None:
    """Half a minute exactly or a minute and a half on average, 2 to 1: (.4 .25 + .2 4.5) / (2 (1 - .5))."""
    for queue in ("sales", "support"):
        assert value("longest_wait", f"mean wait, {queue}") == pytest.approx(1.0)
        assert value("longest_wait", f"waits, {queue}") == pytest.approx(0.5)


def three_speeds() -> dict[tuple[bool, int, int], float]:
    """(quick busy, slow busy of two, waiting): any of the idle agents, each with equal chance."""
    rate, quick, slow, most = 1.2, 1.0, 0.4, 120

    def moves(state: Hashable) -> Iterator[tuple[Hashable, float]]:
        q, s, waiting = state  # type: ignore[misc]
        idle = (not q) + 2 - s
        if idle:
            if not q:
                yield (True, s, 0), rate / idle
            if s < 2:
                yield (q, s + 1, 0), rate * (2 - s) / idle
        elif waiting < most:
            yield (q, s, waiting + 1), rate
        if waiting:
            yield (q, s, waiting - 1), quick + 2 * slow
        else:
            if q:
                yield (False, s, 0), quick
            if s:
                yield (q, s - 1, 0), slow * s

    return stationary((False, 0, 0), moves)  # type: ignore[return-value]


def test_uniform_over_agents_not_over_groups() -> None:
    """Of three idle agents the quick one takes one call of three (not of two, though groups are two)."""
    p = three_speeds()
    queue = sum(share * waiting for (_, _, waiting), share in p.items())
    waits = sum(share for (q, s, _), share in p.items() if q and s == 2)
    assert value("three_speeds", "waits") == pytest.approx(waits, rel=1e-9)
    assert value("three_speeds", "mean wait") == pytest.approx(queue / 1.2, rel=1e-9)
    assert value("three_speeds", "quick agent busy") == pytest.approx(
        sum(share for (q, _, _), share in p.items() if q), rel=1e-9
    )
    assert value("three_speeds", "slow agents busy") == pytest.approx(
        sum(share * s for (_, s, _), share in p.items()), rel=1e-9
    )


def test_who_finds_many_waiting_gives_up_sooner() -> None:
    """(busy, who waits in which order): True for those who found two or more; six places."""
    rate, patience, crowded, agents, places = 3.0, 0.5, 2.0, 2, 6

    def moves(state: Hashable) -> Iterator[tuple[Hashable, float]]:
        busy, line = state  # type: ignore[misc]
        if busy < agents:
            yield (busy + 1, ()), rate
        elif len(line) < places:
            yield (busy, (*line, len(line) >= 2)), rate
        if line:
            yield (busy, line[1:]), float(agents)
        elif busy:
            yield (busy - 1, ()), float(busy)
        for i, impatient in enumerate(line):
            yield (busy, line[:i] + line[i + 1 :]), crowded if impatient else patience

    p = stationary((0, ()), moves)
    queue = sum(share * len(line) for (_, line), share in p.items())  # type: ignore[misc]
    gone = sum(
        share * sum(crowded if one else patience for one in line)
        for (_, line), share in p.items()  # type: ignore[misc]
    )
    blocked = sum(share for (_, line), share in p.items() if len(line) == places)  # type: ignore[misc]
    busy = sum(share * n for (n, _), share in p.items())  # type: ignore[misc]
    assert value("crowded", "abandoned") == pytest.approx(gone / rate, rel=1e-9)
    assert value("crowded", "blocked") == pytest.approx(blocked, rel=1e-9)
    assert value("crowded", "time waited, of all calls") == pytest.approx(queue / rate, rel=1e-9)
    assert value("crowded", "busy agents") == pytest.approx(busy, rel=1e-9)
