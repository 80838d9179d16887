"""Memory for large tables that is used again when nobody holds it any more.

Belongs here: `empty`, which is numpy's for large arrays, and the pieces that lie idle. Why: the system
clears every page before a program gets it, and takes it back at once when the program lets go; for the
tables of a replication, needed anew for each, that is a tenth of all time. Does not belong here: what
the memory is for.
"""

import math
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGE = 1 << 17
"""Bytes below which numpy's own allocation is as good."""
_MOST_IDLE = 1 << 28
"""Bytes that may lie idle; what is beyond goes back to the system, the oldest first."""

_idle: list[NDArray[np.uint8]] = []
_lock = threading.RLock()  # a piece may come back while one is looked for, in the same thread


class _Lent:
    """Holds a piece as long as there are arrays on it."""

    def __init__(self, piece: NDArray[np.uint8]) -> None:
        self.piece = piece
        self.__array_interface__ = piece.__array_interface__

    def __del__(self) -> None:
        _take_back(self.piece)


def empty(shape: int | tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array of whatever is in the memory, as `numpy.empty`."""
    kind = np.dtype(dtype)
    n_bytes = kind.itemsize * (shape if isinstance(shape, int) else math.prod(shape))
    if n_bytes < _LARGE:
        return np.empty(shape, kind)
    lent: NDArray[Any] = np.asarray(_Lent(_piece(n_bytes)))
    made: NDArray[Any] = lent[:n_bytes].view(kind).reshape(shape)
    return made


def _piece(n_bytes: int) -> NDArray[np.uint8]:
    """An idle piece, or a new one. Lengths are few: tables of nearly the same length share a piece;
    what nobody touches of it costs nothing."""
    step = 1 << (n_bytes.bit_length() - 3)
    length = -(-n_bytes // step) * step
    with _lock:
        for i in range(len(_idle) - 1, -1, -1):
            if len(_idle[i]) == length:
                return _idle.pop(i)
    return np.empty(length, np.uint8)


def _take_back(piece: NDArray[np.uint8]) -> None:
    with _lock:
        _idle.append(piece)
        while sum(len(one) for one in _idle) > _MOST_IDLE:
            _idle.pop(0)
