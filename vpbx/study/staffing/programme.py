"""Integer programmes, solved by HiGHS through scipy.

Belongs here: the call, and keeping what the solver says to itself off the output. Does not belong here:
any one programme (`cuts`, `roster`).
"""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Constraint = tuple[Any, Floats, Floats]
"""Matrix, least and most of its rows."""


def solved(
    cost: Floats,
    whole: Ints,
    bounds: tuple[Floats, Floats],
    constraints: Sequence[Constraint],
    gap: float,
    most_nodes: int | None = None,
) -> Any:
    """scipy's result for min cost x within the bounds and constraints, x whole where `whole` is 1.

    `most_nodes` of the branch and bound, not seconds: the answer is the same on any machine.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    options: Any = {"mip_rel_gap": gap}  # scipy's stubs name the keys one by one
    if most_nodes is not None:
        options["node_limit"] = most_nodes
    with _silent():
        return milp(
            cost,
            integrality=whole,
            bounds=Bounds(*bounds),
            constraints=[LinearConstraint(*one) for one in constraints],
            options=options,
        )


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing that compiled code prints reaches stdout: it would stand among the user's data.

    HiGHS tells of some of its steps whether it is asked to or not.
    """
    try:
        kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # no stdout
        yield
        return
    try:
        _flush()
        os.dup2(nowhere, 1)
        yield
    finally:
        _flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _flush() -> None:
    """Write out what the C library holds back."""
    with suppress(OSError, TypeError, AttributeError):  # where the library has no name of its own
        ctypes.CDLL(None).fflush(None)
