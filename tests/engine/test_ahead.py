"""An iterator that works ahead: the same items, its errors, its end."""

import threading
import time
from collections.abc import Iterator

import pytest

from vpbx.engine.ahead import ahead


class Source:
    """Numbers from 0; remembers how far it came and whether it was closed."""

    def __init__(self, n: int, fails: bool = False) -> None:
        self.n, self.fails, self.made, self.closed = n, fails, 0, False

    def items(self) -> Iterator[int]:
        try:
            for number in range(self.n):
                self.made = number
                yield number
            if self.fails:
                raise ValueError("broken")
        finally:
            self.closed = True


@pytest.mark.parametrize("threaded", [True, False])
def test_the_same_items_in_order(threaded: bool) -> None:
    source = Source(1000)
    with ahead(source.items(), 3, threaded) as items:
        assert list(items) == list(range(1000))
    assert source.closed


@pytest.mark.parametrize("threaded", [True, False])
def test_an_error_of_the_source_is_raised_where_it_is_used(threaded: bool) -> None:
    source = Source(5, fails=True)
    with ahead(source.items(), 3, threaded) as items:
        assert [next(items) for _ in range(5)] == list(range(5))
        with pytest.raises(ValueError, match="broken"):
            next(items)
    assert source.closed


def test_no_more_than_the_room_ahead() -> None:
    """Three made and not taken, one in hand."""
    source = Source(1000)
    with ahead(source.items(), 3) as items:
        assert next(items) == 0
        time.sleep(0.3)
        assert source.made <= 5
    assert source.closed


@pytest.mark.parametrize("threaded", [True, False])
def test_whoever_leaves_early_stops_the_source(threaded: bool) -> None:
    """An interruption in the middle: no thread stays behind, the source is closed."""
    before, source = threading.active_count(), Source(10**9)

    def interrupted() -> None:
        with ahead(source.items(), 2, threaded) as items:
            next(items)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert source.closed
    assert threading.active_count() == before


def test_a_chain_is_stopped_from_its_end() -> None:
    """A source that itself uses one that works ahead."""
    before, first = threading.active_count(), Source(10**9)

    def doubled() -> Iterator[int]:
        with ahead(first.items(), 2) as items:
            for item in items:
                yield 2 * item

    with ahead(doubled(), 2) as items:
        assert [next(items) for _ in range(4)] == [0, 2, 4, 6]
    assert first.closed
    assert threading.active_count() == before
