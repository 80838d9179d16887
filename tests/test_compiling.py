"""What `_jit` adds to the compiler changes no result."""

import numpy as np
import pytest

from vpbx._jit import njit, rarely, soon


@njit
def _sum(numbers: np.ndarray, early: int) -> int:
    total = 0
    for i in range(numbers.shape[0]):
        soon(numbers, i + early)
        if rarely(numbers[i] < 0):
            total -= 1
        total += numbers[i]
    return total


@pytest.mark.parametrize("early", [0, 3, -3, 1 << 40])
def test_fetching_and_expecting_change_nothing(early: int) -> None:
    """Before the array and far behind it, too; of rows in two dimensions the first axis counts."""
    numbers = np.array([5, -7, 11])
    assert _sum(numbers, early) == 8
    assert soon(numbers, early) is None  # type: ignore[func-returns-value]
    assert not rarely(0)
