"""Where replications run: in this process, or in several.

Belongs here: processes, their interruption and their death. Does not belong here: what a
replication is (`replicate`).

Why fork on Linux: workers start at once with everything imported and compiled, and a user's script
needs no `if __name__ == "__main__"`. Elsewhere forking is unsafe or missing: workers start afresh.
"""

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from vpbx.errors import SimulationError

Item = TypeVar("Item")
Task = Callable[[Any, int], Item]
"""What is done for one replication: called with the job (the same for all) and the index."""

_JOB: list[Any] = []
"""A worker's job, handed over once, when the worker starts."""


def cores() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def each(
    task: Task[Item],
    job: Any,
    indices: list[int],
    workers: int,
    name: Callable[[int], str] = "replication {}".format,
) -> Iterator[tuple[int, Item]]:
    """(index, `task(job, index)`) for each of `indices`, in the order of finishing.

    `name` says what an index is. `task` must be a function at the top of a module. Raises what the
    task raises, and `SimulationError` when worker processes die on the same index twice. No worker
    outlives the iterator, whatever ends it.
    """
    if min(workers, len(indices)) <= 1:
        for index in indices:
            yield index, task(job, index)
        return
    left = indices
    while left:
        begun, left = yield from _round(task, job, left, workers)
        for index in begun:  # one at a time, so that the guilty one is known
            died, _ = yield from _round(task, job, [index], 1)
            if died:
                raise SimulationError(
                    f"{name(index)}: the process that ran it died twice without an answer; "
                    "the usual cause is too little memory: try --workers 1"
                )


def _round(
    task: Task[Item], job: Any, indices: list[int], workers: int
) -> Generator[tuple[int, Item], None, tuple[list[int], list[int]]]:
    """Run until all is done or a worker dies; returns (begun when it died, not begun)."""
    waiting = list(reversed(indices))
    running: dict[Future[Item], int] = {}
    pool = _pool(job, min(workers, len(indices)))
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                future = _submit(pool, task, waiting[-1])
                running[future] = waiting.pop()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                yield running.pop(future), result
    except BrokenProcessPool:
        return sorted(running.values()), waiting[::-1]
    finally:
        _end(pool)
    return [], []


def _pool(job: Any, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(job,))


def _submit(pool: ProcessPoolExecutor, task: Task[Item], index: int) -> Future[Item]:
    with warnings.catch_warnings():
        # numpy's idle threads make Python warn of forking; none of them holds a lock of ours
        warnings.simplefilter("ignore", DeprecationWarning)
        return pool.submit(_work, task, index)


def _start_worker(job: Any) -> None:
    """Take the job; leave Ctrl-C to the parent; end when the parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _JOB[:] = [job]
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task[Item], index: int) -> Item:
    return task(_JOB[0], index)


def _end(pool: ProcessPoolExecutor) -> None:
    """Stop the workers now: what they still do is of no use to anybody."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(5)
