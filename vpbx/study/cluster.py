"""A Dask cluster as an executor: units of a study on many machines.

Belongs here: reaching the scheduler, handing jobs over once, the cluster's end. Does not belong
here: units (`evaluate`), local executors (`executors`). The one home of dask.

A lost worker costs nothing: Dask gives its units to others, and the job, handed over as a task of its
own, is made again wherever it is needed.
"""

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from typing import Any

from vpbx.errors import UsageError
from vpbx.study.ledger import program_digest

PATIENCE_S = 5
"""How long to try to reach the scheduler."""
_LOSSES = 10
"""A unit may lose its worker so many times before it is thought to be the cause."""

_KEPT = 100
"""Jobs that the cluster remembers: searches make hundreds, one after the other."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The executor of a scheduler (`tcp://host:port`); closed on every way out.

    Raises `UsageError` when the library is missing, the scheduler does not answer within seconds,
    it has no worker, a worker has another version of this program, or all is lost in the middle.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise UsageError(
            'a Dask cluster needs the extra "cluster": pip install "vpbx[cluster]"'
        ) from None
    try:
        connect: Any = Client
        client = connect(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address.removeprefix('tcp://')} within {PATIENCE_S} s; "
            "what was finished before is kept"
        ) from error
    with client:
        _require_workers(client, address)
        try:
            yield ClusterExecutor(client)
        except (CancelledError, KilledWorker, OSError) as error:
            raise UsageError(
                f"the Dask cluster was lost in the middle ({type(error).__name__}); what was "
                "finished is in the ledger: the same command goes on from there"
            ) from error


def _require_workers(client: Any, address: str) -> None:
    found = client.run(program_digest)
    if not found:
        raise UsageError(f"the Dask scheduler at {address.removeprefix('tcp://')} has no worker")
    for worker, other in found.items():
        if other != program_digest():
            raise UsageError(
                f"the worker {worker} has another vpbx ({other}) than this one "
                f"({program_digest()}): figures could differ"
            )


class ClusterExecutor(Executor):
    """Submits to a Dask client. Jobs, the same object in many units, travel once to each worker."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.n_workers = sum(client.nthreads().values())
        self._sent: dict[int, tuple[object, Any]] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future of `fn(*args)` on some worker; the first argument is what many calls share."""
        shared, *rest = args
        done: Future[Any] = Future()
        remote = self.client.submit(
            fn, self._shared(shared), *rest, **kwargs, pure=False, retries=_LOSSES
        )
        remote.add_done_callback(lambda found: _settle(done, found))
        done.set_running_or_notify_cancel()
        return done

    def _shared(self, item: object) -> Any:
        """A job as a task of the cluster: it can be made again when the worker that had it dies."""
        if id(item) not in self._sent:
            while len(self._sent) >= _KEPT:
                self._sent.pop(next(iter(self._sent)))
            packed = pickle.dumps(item)
            self._sent[id(item)] = (item, self.client.submit(pickle.loads, packed, pure=False))
        return self._sent[id(item)][1]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Forget what was handed over."""
        self._sent.clear()


def _settle(done: Future[Any], found: Any) -> None:
    """What a Dask future ended with, into an ordinary one."""
    try:
        done.set_result(found.result())
    except Exception as error:
        done.set_exception(error)
