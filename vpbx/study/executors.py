"""Where units of a study run: threads here, processes here, or a cluster.

Belongs here: executors by their names, and handing units to them. Does not belong here: what a unit
is (`evaluate`), worker processes and their death (`pool`).

Threads are the default for short studies, for the compiled engine releases the interpreter's lock while
it runs. Counting holds it, and so does the reference engine: its units, and those of long studies where
processes can be forked, go to processes.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import SimulationError, UsageError
from vpbx.study.pool import cores, each
from vpbx.study.warmup import warm_up

if TYPE_CHECKING:
    from vpbx.study.work import Unit, Work

Floats = NDArray[np.float64]
Done = Iterator[tuple["Unit", Floats]]

WORTH_PROCESSES = 40
"""Units of the compiled engine for which it pays to start processes."""
AHEAD = 4
"""Units submitted for each worker: enough that none waits, few enough to stop soon."""


@contextmanager
def executor_at(where: str | None) -> Iterator[Executor | None]:
    """The executor of `--executor`: None for this machine; `dask://host:port`, `threads:N`.

    Raises `UsageError` when it cannot be reached, or its library is not installed.
    """
    if where is None or where == "local":
        yield None
        return
    kind, _, rest = where.partition(":")
    if kind == "threads" and rest.isdigit() and int(rest) > 0:
        with ThreadPoolExecutor(int(rest)) as pool:
            yield pool
        return
    if kind != "dask" or not rest.startswith("//") or len(rest) < 3:
        raise UsageError(
            f'there is no executor "{where}"; executors are local, threads:4, dask://host:port'
        )
    from vpbx.study.cluster import cluster

    with cluster(f"tcp:{rest}") as found:
        yield found


def each_unit(jobs: Sequence["Work"], units: Sequence["Unit"], executor: Executor | None) -> Done:
    """(unit, its values) in the order of finishing; nothing runs on after the iterator has ended."""
    if not units:
        return
    if executor is not None:
        yield from _submitted(jobs, units, executor, _width(executor))
        return
    fast = jobs[0].engine != "reference"
    if fast:
        warm_up()
    if not fast or (len(units) >= WORTH_PROCESSES and sys.platform == "linux"):
        tasks = [(jobs[unit.variant], unit) for unit in units]
        for index, values in each(_task, tasks, list(range(len(units))), cores(), _named(units)):
            yield units[index], values
    else:
        with ThreadPoolExecutor(cores()) as pool:
            yield from _submitted(jobs, units, pool, cores())


def _named(units: Sequence["Unit"]) -> Callable[[int], str]:
    """What a unit is called when its process dies."""

    def name(index: int) -> str:
        unit = units[index]
        return f"replications {unit.start} to {unit.start + unit.n - 1} of variant {unit.variant}"

    return name


def _task(tasks: Sequence[tuple["Work", "Unit"]], index: int) -> Floats:
    from vpbx.study.work import run_unit

    return run_unit(*tasks[index])


def _width(executor: Executor) -> int:
    """Workers of an executor, as far as it tells."""
    return int(getattr(executor, "_max_workers", 0) or getattr(executor, "n_workers", 16))


def _submitted(
    jobs: Sequence["Work"], units: Sequence["Unit"], executor: Executor, width: int
) -> Done:
    """Units through any executor, some ahead of those that run."""
    from vpbx.study.work import run_unit

    waiting = list(reversed(units))
    running: dict[Future[Floats], Unit] = {}
    try:
        while waiting or running:
            while waiting and len(running) < AHEAD * width:
                unit = waiting.pop()
                running[executor.submit(run_unit, jobs[unit.variant], unit)] = unit
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                values = future.result()
                yield running.pop(future), values
    except BrokenExecutor as error:
        raise SimulationError(
            "a worker of the executor died without an answer; the usual cause is too little memory; "
            "with a ledger, the same command goes on from what was finished"
        ) from error
    finally:
        for future in running:
            future.cancel()
