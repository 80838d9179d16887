"""MSER-5: by brute force, on a known transient, and refused where the run is too short."""

from pathlib import Path

import numpy as np
import pytest

from vpbx.errors import UsageError
from vpbx.study.steady import mser5, warm_up_us
from vpbx.study.variant import Variant, prepare

SMALL = Path(__file__).parents[2] / "scenarios" / "sbermobile_901.yaml"


def _by_hand(series: list[float]) -> int:
    """The definition, word by word."""
    y = [sum(series[i : i + 5]) / 5 for i in range(0, len(series) // 5 * 5, 5)]
    scores = {}
    for d in range(len(y) - 4):
        rest = y[d:]
        mean = sum(rest) / len(rest)
        scores[d] = sum((v - mean) ** 2 for v in rest) / len(rest) ** 2
    return 5 * min(scores, key=lambda d: scores[d])


def test_it_is_the_least_by_the_definition() -> None:
    """Thirty noisy transients of different lengths, against plain loops."""
    rng = np.random.default_rng(2)
    for length in range(10, 40):
        series = 5 - 4 * np.exp(-np.arange(300) / length) + rng.normal(0, 0.2, 300)
        expected = _by_hand(series.tolist())
        assert mser5(series) == (expected if expected <= 150 else None)


def test_a_jump_is_cut_off_exactly() -> None:
    """Sixty observations at 0, then 240 at 1: sixty go."""
    assert mser5(np.repeat([0.0, 1.0], [60, 240])) == 60
    assert mser5(np.ones(100)) == 0


def test_a_run_of_too_few_intervals_says_how_long_it_must_be() -> None:
    """50 intervals of five minutes are 4 h 10 min."""
    ready = prepare(Variant(SMALL, (("clock.duration", "3 h"),)))
    with pytest.raises(UsageError, match="must be 4 h 10 min at least"):
        warm_up_us(ready)


def test_a_run_that_is_still_rising_is_refused() -> None:
    """A straight line has no steady state."""
    assert mser5(np.arange(100.0)) is None
    with pytest.raises(UsageError, match="50 observations"):
        mser5(np.ones(49))
