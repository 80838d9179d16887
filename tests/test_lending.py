"""Memory that is used again: never while somebody still holds a part of it."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from vpbx import lending

N = 1 << 20


@pytest.fixture(autouse=True)
def _nothing_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "_idle", [])


def address(array: np.ndarray) -> int:
    """Where an array lies in memory."""
    return array.__array_interface__["data"][0]


def test_the_same_memory_again() -> None:
    """A table of nearly the same length gets the memory of the one before."""
    first = lending.empty(N + 1, np.int64)
    place = address(first)
    del first
    assert place == address(lending.empty(N + 2, np.int64))


@pytest.mark.parametrize(
    "view",
    [
        lambda table: table[5:]["one"],
        lambda table: table["one"],
        lambda table: table.view(np.recarray)["one"],
        lambda table: table.view(np.recarray)[3:9].one,
    ],
    ids=["slice", "field", "recarray", "field of a slice"],
)
def test_not_while_a_view_is_held(view: Callable[[np.ndarray], np.ndarray]) -> None:
    """Whoever holds a slice or a field of a table keeps the whole of it."""
    kind = np.dtype([("one", np.int64), ("other", np.int32)])
    table = lending.empty(N, kind)
    table["one"] = 7
    held = view(table)
    del table
    for _ in range(3):
        lending.empty(N, kind)["one"] = 8
    assert (held == 7).all()


def test_two_at_once_lie_apart() -> None:
    """What is lent is not lent again, whichever threads ask."""
    held: list[np.ndarray] = []

    def ask(mark: int) -> None:
        for _ in range(20):
            lending.empty(N, np.int8)
            mine = lending.empty(N, np.int8)
            mine[:] = mark
            held.append(mine)

    threads = [threading.Thread(target=ask, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({address(array) for array in held}) == 80
    assert all(len(np.unique(array)) == 1 for array in held)


def test_what_lies_idle_is_bounded() -> None:
    """Beyond a quarter of a gigabyte, memory goes back to the system."""
    held = [lending.empty(1 << 26, np.int8) for _ in range(6)]
    del held
    assert sum(len(piece) for piece in lending._idle) <= 1 << 28


def test_shapes_and_types() -> None:
    """As numpy's: small and large, of any shape."""
    for shape in (3, (2, 5), N, (2, N)):
        made = lending.empty(shape, np.float64)
        assert made.dtype == np.float64
        assert made.shape == np.empty(shape).shape
        assert made.flags.c_contiguous
        assert made.flags.writeable
