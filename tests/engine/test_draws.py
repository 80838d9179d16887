"""The generator against its published answers; uniforms; the normal quantile."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vpbx import draws
from vpbx.codes import Purpose


def signed(word: int) -> int:
    """A 64-bit word as the int64 that the generator takes as its key."""
    return word - (1 << 64) if word >> 63 else word


@pytest.mark.parametrize(
    ("counter", "key", "block"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000",
         "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
         "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
         "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)  # fmt: skip
def test_philox_known_answers(counter: str, key: str, block: str) -> None:
    """Philox4x32-10 gives the answers of Random123's test suite (kat_vectors)."""
    c0, c1, c2, c3 = (int(word, 16) for word in counter.split())
    k0, k1 = (int(word, 16) for word in key.split())
    x0, x1, x2, x3 = (int(word, 16) for word in block.split())
    found = draws.philox(signed(k1 << 32 | k0), c0, c1, c2, c3)
    assert (x0 << 32 | x1, x2 << 32 | x3) == tuple(int(word) for word in found)


def test_uniform_is_the_upper_52_bits_of_its_half_block() -> None:
    """Purpose 2k takes the first word, 2k + 1 the second; the middle of one of 2^52 cells."""
    key = draws.stream_key(7, 3)
    caller = draws.caller_id(5, 17, 123)
    first, second = draws.philox(key, 123, 5 << 20 | 17, 2 << 8 | 6, 4)
    assert (int(first) >> 12) * 2.0**-52 + 2.0**-53 == draws.uniform(key, caller, 2, 12, 4)
    assert (int(second) >> 12) * 2.0**-52 + 2.0**-53 == draws.uniform(key, caller, 2, 13, 4)


def test_the_ends_of_the_unit_interval_are_never_drawn() -> None:
    """The smallest and the largest word give 2^-53 and 1 - 2^-53."""
    cells = np.array([0, 2**52 - 1], np.uint64)
    ends = (cells.astype(np.float64) + 0.5) * 2.0**-52
    assert ends.tolist() == [2.0**-53, 1.0 - 2.0**-53]
    assert 0.0 < ends[0] < ends[1] < 1.0


@given(
    key=st.integers(-(2**63), 2**63 - 1),
    who=st.tuples(st.integers(0, 2046), st.integers(0, 2**20 - 1), st.integers(0, 2**31 - 1)),
    attempt=st.integers(0, 100),
    purpose=st.sampled_from(list(Purpose)),
    n=st.integers(0, 2**31 - 1),
)
def test_uniforms_lie_inside_the_unit_interval(
    key: int, who: tuple[int, int, int], attempt: int, purpose: Purpose, n: int
) -> None:
    """Whoever draws for whatever gets a number in (0, 1), the same each time."""
    u = draws.uniform(key, draws.caller_id(*who), attempt, int(purpose), n)
    assert 0.0 < u < 1.0
    assert u == draws.uniform(key, draws.caller_id(*who), attempt, int(purpose), n)


def test_draws_differ_by_everything_that_names_them() -> None:
    """Another replication, class, day, ordinal, attempt, purpose or use: another number."""
    key = draws.stream_key(1, 0)
    base = (1, 2, 3, 0, int(Purpose.PATIENCE), 0)
    found = {draws.uniform(key, draws.caller_id(*base[:3]), *base[3:])}
    found.add(draws.uniform(draws.stream_key(1, 1), draws.caller_id(*base[:3]), *base[3:]))
    for place in range(6):
        other = [x + (i == place) for i, x in enumerate(base)]
        found.add(draws.uniform(key, draws.caller_id(*other[:3]), *other[3:]))
    assert len(found) == 8


def test_replications_of_a_seed_have_distinct_keys() -> None:
    """10,000 replications of two neighbouring seeds: 20,000 keys."""
    keys = {draws.stream_key(seed, r) for seed in (1, 2) for r in range(10_000)}
    assert len(keys) == 20_000


def test_callers_sort_by_class_day_ordinal() -> None:
    """The order of the numbers is the order of (class, day, ordinal)."""
    whose = [(c, d, o) for c in (0, 1, 2046) for d in (0, 1, 1830) for o in (0, 1, 2**31)]
    ids = [draws.caller_id(*who) for who in whose]
    assert sorted(ids) == ids
    assert len(set(ids)) == len(ids)


def test_uniforms_are_uniform_and_uncorrelated() -> None:
    """20,000 callers: Kolmogorov–Smirnov above 0.1 %; neighbours' correlation within 4/sqrt(n)."""
    n = 20_000
    key = draws.stream_key(1, 0)
    u = draws.uniforms(key, draws.caller_id(0, 0, 0), n, int(Purpose.PATIENCE))
    other = draws.uniforms(key, draws.caller_id(0, 0, 0), n, int(Purpose.HANDLE_TIME))
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    for left, right in ((u[:-1], u[1:]), (u, other)):
        assert abs(np.corrcoef(left, right)[0, 1]) < 4 / n**0.5


def test_many_uniforms_are_those_of_each_caller() -> None:
    """The array holds what each caller draws alone: attempt 0, first use."""
    key, first = draws.stream_key(3, 1), draws.caller_id(2, 4, 10)
    u = draws.uniforms(key, first, 5, int(Purpose.DIALS))
    assert [draws.uniform(key, first + i, 0, int(Purpose.DIALS), 0) for i in range(5)] == u.tolist()


def test_normal_quantile() -> None:
    """AS 241 against scipy's ndtri: relative difference below 1e-14, symmetric in the tails."""
    u = np.concatenate([np.logspace(-300, -1, 600), np.linspace(0.001, 0.999, 999)])
    found = np.array([draws.normal_quantile(float(x)) for x in u])
    assert np.allclose(stats.norm.ppf(u), found, rtol=1e-14, atol=2e-15)
    tails = 2.0 ** -np.arange(2.0, 50.0)
    lower = [draws.normal_quantile(float(x)) for x in tails]
    upper = [draws.normal_quantile(float(1 - x)) for x in tails]
    assert lower == [-x for x in upper]
