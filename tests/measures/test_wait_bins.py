"""Percentiles from bins, by hand."""

import numpy as np
import pytest
from plain_tally import bins

from vpbx.measures.wait_bins import (
    NO_HOUR,
    Bins,
    Floats,
    answered_by_member,
    histograms,
    percentile,
)

S = 1_000_000


def counts(*waits_us: int) -> Floats:
    wait = np.array(waits_us, np.int64)
    n = len(wait)
    zero = np.zeros(n, np.int64)
    found: Bins = bins(zero, np.zeros(n, np.bool_), np.full(n, NO_HOUR), wait)
    return histograms([found], None, False, None)


def test_no_wait_is_a_wait_of_zero() -> None:
    """Three of four answered at once: the median is 0; the 80th percentile lies in [6, 7)."""
    found = counts(0, 0, 0, 6 * S)
    assert percentile(found, 0.5).tolist() == [0.0]
    assert percentile(found, 0.8) == pytest.approx([6.2])


def test_linear_inside_a_bin() -> None:
    """Four waits within [2, 3): a quarter of the way for the first of them."""
    found = counts(2 * S, 2 * S + 1, 2 * S + 2, 3 * S - 1)
    assert percentile(found, 0.25) == pytest.approx([2.25])
    assert percentile(found, 0.5) == pytest.approx([2.5])


def test_less_than_a_second_is_not_zero() -> None:
    """One microsecond stands in the first bin."""
    assert percentile(counts(1), 0.5) == pytest.approx([0.5])


def test_the_last_bin_is_open() -> None:
    """Five hours count as four at least."""
    assert percentile(counts(5 * 3600 * S), 0.5).tolist() == [4 * 3600.0]


def test_nobody() -> None:
    """No waits: NaN."""
    assert np.isnan(percentile(counts(), 0.5)).all()


def test_close_to_the_exact_percentile() -> None:
    """Never more than a second from the sample's own percentile."""
    wait = np.random.default_rng(1).exponential(300.0, 5000)
    found = counts(*(wait * S).astype(int).tolist())
    for p in (0.5, 0.8, 0.9, 0.95, 0.99):
        exact = np.quantile(wait, p, method="inverted_cdf")
        assert abs(percentile(found, p)[0] - exact) <= 1.0


def test_answered_of_members_over_all_hours() -> None:
    """Member 0 waits 1.5 s at 9 and at 10, 0 s at 10; member 1 gives up after 1 s; member 2 waits 0.5 s."""
    member, hour = np.array([0, 0, 0, 1, 2]), np.array([9, 10, 10, 9, 9])
    wait = np.array([3, 3, 0, 2, 1]) * (S // 2)
    found: Bins = bins(member, np.array([0, 0, 0, 1, 0], np.bool_), hour, wait)
    expected = [[1, 0, 2], [0, 0, 0], [0, 1, 0]]
    assert expected == answered_by_member(found, 3).tolist()
