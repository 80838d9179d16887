"""The Workload: every first attempt of a replication, by day blocks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Arrivals(NamedTuple):
    """First attempts of one local day, sorted by (arrived_at, caller_class, ordinal)."""

    arrived_at: NDArray[np.int64]
    """us since the start of the clock, >= 0 and < duration."""
    caller_class: NDArray[np.int16]
    number: NDArray[np.int16]
    goal: NDArray[np.int16]
    """-1: nothing named."""
    ordinal: NDArray[np.int32]
    """within class and day, from 0"""
    day: NDArray[np.int32]
