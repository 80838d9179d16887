"""Callers who are to call again, and why, in memory for as many as there are at a time; compiled.

Belongs here: the table. Does not belong here: who calls again (`engine`), counting (`counting`).
Compiled code: it imports roots of the package only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit, njit_inline

Ints = NDArray[np.int64]

EMPTY = -1
"""A free place among the callers who are to call again."""
_MIX = 0x9E3779B97F4A7C15 >> 1


class Again(NamedTuple):
    """Callers who are to call again, and why: a hash table of open addressing (linear probing)."""

    caller: Ints
    outcome: Ints


@njit_inline
def _home(caller: int, mask: int) -> int:
    """The place where the search for a caller begins."""
    return (caller * _MIX >> 20) & mask


@njit
def remember(again: Again, caller: int, outcome: int) -> None:
    """Enters a caller who is not in the table yet; there must be room."""
    mask = len(again.caller) - 1
    place = _home(caller, mask)
    while again.caller[place] != EMPTY:
        place = (place + 1) & mask
    again.caller[place], again.outcome[place] = caller, outcome


@njit
def recall(again: Again, caller: int) -> int:
    """Takes a caller out; the outcome of the attempt before, -1 for one who is not there.

    Those behind move up where their search would else miss them (Knuth, vol. 3, 6.4, algorithm R).
    """
    mask = len(again.caller) - 1
    place = _home(caller, mask)
    while again.caller[place] != caller:
        if again.caller[place] == EMPTY:
            return -1
        place = (place + 1) & mask
    found = again.outcome[place]
    hole = place
    while True:
        place = (place + 1) & mask
        other = again.caller[place]
        if other == EMPTY:
            break
        if (place - _home(other, mask)) & mask >= (place - hole) & mask:
            again.caller[hole], again.outcome[hole] = other, again.outcome[place]
            hole = place
    again.caller[hole] = EMPTY
    return int(found)


@njit
def move(old: Again, new: Again) -> int:
    """Enters all callers of one table into another; how many there were."""
    n = 0
    for place in range(len(old.caller)):
        if old.caller[place] != EMPTY:
            remember(new, old.caller[place], old.outcome[place])
            n += 1
    return n
