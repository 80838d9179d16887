"""Warm-up of a steady state: how much of the beginning to leave out.

Belongs here: MSER-5. Does not belong here: business days, which begin empty and end, and have no
warm-up to leave out; where the warm-up is set (`clock.warm_up`).

K. P. White, "An effective truncation heuristic for bias reduction in simulation output", Simulation
69 (1997) 323-334; S. Spratt (1998) for means of five. Applied to the mean over replications of a
series in time, for on a single run it is useless where queues are long; refused when the least lies
in the second half: the run is then too short to tell.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.study.evaluate import evaluate
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.variant import Prepared
from vpbx.units import duration_text

if TYPE_CHECKING:
    from concurrent.futures import Executor

Floats = NDArray[np.float64]

BATCH = 5
FEWEST_REPLICATIONS = 20
_FEWEST_BATCHES = 10


def mser5(series: Floats) -> int | None:
    """Observations to leave out at the beginning of a series; None: the series is too short.

    Of means y_1 ... y_k of five each, the d that minimises sum (y_j - mean)^2 over j > d, divided
    by (k - d)^2; d beyond k / 2 is no answer. Raises `UsageError` below 50 observations.
    """
    k = len(series) // BATCH
    if k < _FEWEST_BATCHES:
        raise UsageError(f"a warm-up needs {BATCH * _FEWEST_BATCHES} observations at least")
    y = np.asarray(series[: k * BATCH], np.float64).reshape(k, BATCH).mean(axis=1)
    left = np.arange(k, 0, -1)
    sums, squares = (np.cumsum(x[::-1])[::-1] for x in (y, y**2))
    # the last few batches agree with themselves by chance: five at least are compared
    error = (np.maximum(squares - sums**2 / left, 0.0) / left**2)[: k - BATCH + 1]
    cut = int(np.argmin(error))
    return None if cut > k // 2 else cut * BATCH


def warm_up_us(
    ready: Prepared,
    replications: int = FEWEST_REPLICATIONS,
    interval_us: int = 300_000_000,
    seed: int | None = None,
    executor: "Executor | None" = None,
) -> int:
    """Warm-up of a steady-state scenario: MSER-5 on the mean number waiting by interval.

    Raises `UsageError` when there are fewer than 20 replications, or the run is too short to tell.
    """
    if replications < FEWEST_REPLICATIONS:
        raise UsageError(f"a warm-up needs {FEWEST_REPLICATIONS} replications at least")
    least_us = BATCH * _FEWEST_BATCHES * interval_us
    if ready.frame.duration_us < least_us:
        raise UsageError(
            f"the run ({duration_text(ready.frame.duration_us)}) is too short to find its warm-up: "
            f"clock.duration must be {duration_text(least_us)} at least, better several times that"
        )
    waiting = Quantity("all", "mean_queue")
    (values,) = evaluate([ready], Ask((waiting,), interval_us), range(replications), seed, executor)
    cut = mser5(values.by_interval(waiting).mean)
    if cut is None:
        length = duration_text(ready.frame.duration_us)
        raise UsageError(
            f"the run ({length}) is too short to find its warm-up: make clock.duration twice as long"
        )
    return cut * interval_us
