"""First attempts: pure blocks, the order of callers, Poisson counts, busyness, shares."""

import math

import numpy as np
import pytest
from loads import compiled, one_class
from scipy import stats

from vpbx import draws
from vpbx.program.compile import Compiled
from vpbx.traffic.workload import Arrivals, busyness, workload


def blocks(made: Compiled, seed: int = 1, replication: int = 0) -> list[Arrivals]:
    """All day blocks of a replication."""
    return list(workload(made.load, seed, replication))


def days(n: int) -> str:
    """A clock of so many days from a Monday."""
    return f'start: "2019-04-15 00:00", duration: {n} days'


def same(one: Arrivals, two: Arrivals) -> bool:
    """Whether two blocks are equal, column by column."""
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


LOAD = "volume: 300/day, profile: [1, 3, 2, 0], busyness: {cv: 20%}"


def test_a_day_is_the_same_however_long_the_run() -> None:
    """Day 3 of a run of 4 days and of 10 days: equal in every column."""
    short, long = (blocks(one_class(LOAD, clock=days(n))) for n in (4, 10))
    assert len(short[3].arrived_at) > 100
    assert same(short[3], long[3])


def test_a_class_is_the_same_whoever_else_calls() -> None:
    """c alone, and c with d after it: the same rows of c."""
    clock = f"clock: {{{days(2)}}}\n"
    c = f'callers:\n  c: {{dials: {{"100": 100%}}, {LOAD}}}\n'
    d = '  d: {dials: {"200": 100%}, volume: 500/day}\n'
    alone, both = blocks(compiled(clock + c))[1], blocks(compiled(clock + c + d))[1]
    of_c = both.caller_class == 0
    assert same(alone, Arrivals(*(column[of_c] for column in both)))


def test_seed_replication_and_day_make_another_load() -> None:
    """No two of them agree."""
    made = one_class(LOAD, clock=days(2))
    found = [*blocks(made), blocks(made, 1, 1)[0], blocks(made, 2, 0)[0]]
    within = [tuple(b.arrived_at % 86_400_000_000) for b in found]
    assert len(set(within)) == 4


def test_more_volume_brings_the_same_callers_sooner() -> None:
    """At 120 % of a flat rate the i-th caller comes after 1/1.2 of the time, to 1 us."""
    few, many = (blocks(one_class(f"volume: {v}/day"))[0] for v in (1000, 1200))
    n = len(few.arrived_at)
    assert len(many.arrived_at) > n > 800
    assert few.ordinal.tolist() == many.ordinal[:n].tolist()
    assert np.abs(few.arrived_at / 1.2 - many.arrived_at[:n]).max() <= 1.0


def test_blocks_are_sorted_and_lie_in_their_day() -> None:
    """By (time, class, ordinal); day 1 from midnight to midnight; ordinals from 0."""
    clock = f"clock: {{{days(3)}}}\n"
    text = 'callers:\n  c: {dials: {"100": 100%}, volume: 2000/day}\n'
    block = blocks(compiled(clock + text + '  d: {dials: {"100": 100%}, volume: 3000/day}'))[1]
    keys = list(zip(block.arrived_at, block.caller_class, block.ordinal, strict=True))
    assert sorted(keys) == keys
    assert 86_400_000_000 <= block.arrived_at.min() <= block.arrived_at.max() < 2 * 86_400_000_000
    assert {1} == set(block.day.tolist())
    for c in (0, 1):
        ordinals = block.ordinal[block.caller_class == c]
        assert list(range(len(ordinals))) == ordinals.tolist()


def test_ordinals_count_from_midnight_even_where_the_run_starts_later() -> None:
    """No attempt lies outside the run."""
    block = blocks(one_class("volume: 2400/day", clock='start: "2019-04-15 18:00", duration: 3 h'))[
        0
    ]
    assert 0 <= block.arrived_at.min() <= block.arrived_at.max() < 3 * 3_600_000_000


def test_counts_are_poisson() -> None:
    """800 days of 40 calls: mean within 4 s.e.; index of dispersion within 4 s.e. of 1."""
    counts = np.array(
        [len(b.arrived_at) for b in blocks(one_class("volume: 40/day", clock=days(800)))]
    )
    assert abs(counts.mean() - 40) <= 4 * math.sqrt(40 / 800)
    dispersion = counts.var(ddof=1) / counts.mean()
    assert abs(dispersion - 1) <= 4 * math.sqrt(2 / 799)


def test_arrivals_follow_the_profile() -> None:
    """Weights 1, 3, 2, 0 over quarters: chi-square of the counts (2 degrees) below 13.8; none in the last."""
    made = one_class("volume: 6000/day, profile: [1, 3, 2, 0]")
    quarter = blocks(made)[0].arrived_at // (6 * 3_600_000_000)
    counts = np.bincount(quarter, minlength=4)
    expected = counts.sum() * np.array([1, 3, 2]) / 6
    assert counts[3] == 0
    assert ((counts[:3] - expected) ** 2 / expected).sum() < 13.8


def test_arrivals_within_a_flat_day_are_uniform() -> None:
    """Kolmogorov–Smirnov against the uniform law above 0.1 %; gaps exponential as well."""
    at = blocks(one_class("volume: 5000/day"))[0].arrived_at / 86_400_000_000
    assert stats.kstest(at, "uniform").pvalue > 1e-3
    gaps = np.diff(at) * 5000
    assert stats.kstest(gaps, "expon").pvalue > 1e-3


def test_a_volume_of_nothing() -> None:
    """A day at 0 %: an empty block."""
    made = one_class("volume: 100/day, weekdays: {tue: 0%}", clock=days(2))
    assert len(blocks(made)[1].arrived_at) == 0


def factors(made: Compiled, c: int, n: int) -> np.ndarray:
    """The factor of a class on each of n days."""
    key = draws.stream_key(1, 0)
    return np.array([busyness(made.load, key, c, day) for day in range(n)])


TWO = """
clock: {start: "2019-04-15 00:00", duration: 1 day}
callers:
  c: {dials: {"100": 100%}, volume: 10/day, busyness: {cv: 30%, factor: FACTOR}}
  d: {dials: {"100": 100%}, volume: 10/day, busyness: {cv: 30%, factor: FACTOR}}
"""


def test_busyness_has_mean_one_and_its_cv() -> None:
    """4000 days: mean within 4 s.e. of 1, standard deviation within 4 s.e. of 0.3."""
    n = 4000
    found = factors(compiled(TWO.replace("FACTOR", "own")), 0, n)
    assert abs(found.mean() - 1) <= 4 * 0.3 / math.sqrt(n)
    kurtosis_excess = 6 * 0.3**2  # of a gamma law of this cv
    error = 0.3 * math.sqrt((kurtosis_excess + 2) / (4 * n))
    assert abs(found.std(ddof=1) - 0.3) <= 4 * error


def test_busyness_shared_and_own() -> None:
    """Shared: one factor for both classes; own: uncorrelated within 4/sqrt(n)."""
    n = 1000
    shared, own = (compiled(TWO.replace("FACTOR", f)) for f in ("shared", "own"))
    assert factors(shared, 0, n).tolist() == factors(shared, 1, n).tolist()
    assert abs(np.corrcoef(factors(own, 0, n), factors(own, 1, n))[0, 1]) < 4 / math.sqrt(n)


def test_a_busy_day_has_more_calls() -> None:
    """Over 300 days counts rise with the factor: mean of counts / factor is the volume, 4 s.e."""
    made = one_class("volume: 100/day, busyness: {cv: 40%}", clock=days(300))
    counts = np.array([len(b.arrived_at) for b in blocks(made)])
    ratio = counts / factors(made, 0, 300)
    assert abs(ratio.mean() - 100) <= 4 * ratio.std(ddof=1) / math.sqrt(300)
    assert np.corrcoef(counts, factors(made, 0, 300))[0, 1] > 0.9


@pytest.mark.parametrize(
    ("column", "keys"),
    [
        ("number", 'dials: {"100": 30%, "200": 70%}'),
        ("goal", 'dials: {"100": 100%}, wants: {bye: 30%, tone: 70%}'),
    ],
)
def test_numbers_and_goals_by_their_shares(column: str, keys: str) -> None:
    """30 % of 3000 callers within 4 standard errors."""
    clock = 'clock: {start: "2019-04-15 00:00", duration: 1 day}\n'
    block = blocks(compiled(f"{clock}callers: {{c: {{volume: 3000/day, {keys}}}}}"))[0]
    chosen = getattr(block, column)
    n = len(chosen)
    assert {0, 1} == set(chosen.tolist())
    assert abs(np.count_nonzero(chosen == 0) - 0.3 * n) <= 4 * math.sqrt(n * 0.3 * 0.7)
