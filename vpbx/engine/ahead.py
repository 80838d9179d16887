"""An iterator that works ahead in a thread of its own, so that two processors share a run.

Belongs here: the thread, its bounded queue, its end. Does not belong here: what is produced.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")

_LOOK_S = 0.1
"""How often a thread with nothing to do looks whether it is still wanted."""


@contextmanager
def ahead(source: Iterator[Item], room: int, threaded: bool = True) -> Iterator[Iterator[Item]]:
    """The items of `source`, made in another thread, at most `room` of them ahead of their use.

    What `source` raises is raised here. At the end of the block, however it comes, the thread has
    ended and `source` is closed. Not `threaded`: `source` itself, closed at the end.
    """
    if not threaded:
        try:
            yield source
        finally:
            _close(source)
        return
    made: queue.Queue[tuple[str, Any]] = queue.Queue(room)
    unwanted = threading.Event()
    thread = threading.Thread(target=_work, args=(source, made, unwanted), daemon=True)
    thread.start()
    try:
        yield _items(made)
    finally:
        unwanted.set()
        thread.join()


def _items(made: "queue.Queue[tuple[str, Any]]") -> Iterator[Any]:
    while True:
        kind, item = made.get()
        if kind == "failed":
            raise item
        if kind == "done":
            return
        yield item


def _work(
    source: Iterator[Any], made: "queue.Queue[tuple[str, Any]]", unwanted: threading.Event
) -> None:
    """Produce until the source ends or nobody wants more."""
    try:
        for item in source:
            if not _put(made, ("item", item), unwanted):
                return
        last: tuple[str, Any] = ("done", None)
    except Exception as error:  # raised again by whoever takes it
        last = ("failed", error)
    finally:
        _close(source)
    _put(made, last, unwanted)


def _put(
    made: "queue.Queue[tuple[str, Any]]", entry: tuple[str, Any], unwanted: threading.Event
) -> bool:
    """Waits for room; False when nobody wants more."""
    while not unwanted.is_set():
        try:
            made.put(entry, timeout=_LOOK_S)
        except queue.Full:
            continue
        return True
    return False


def _close(source: Iterator[Any]) -> None:
    """A generator's own clean-up."""
    close = getattr(source, "close", None)
    if close is not None:
        close()
