"""Which ways out of queues were taken, and what it brought: from the counts of edges.

Belongs here: (base intervals, queues) columns from the grid. Does not belong here: folding them onto
cells (`fold`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Exit
from vpbx.engine.records import Grid
from vpbx.measures.frame import Frame

Ints = NDArray[np.int64]

TAKEN = {
    "paid_skips": Exit.PAID_SKIP,
    "elsewhere": Exit.ELSEWHERE,
    "nobody_there": Exit.EMPTY,
}
"""Columns of queues, and the way out that each counts: all are taken at the instant of joining."""


def taken(fr: Frame, grid: Grid) -> dict[str, NDArray[np.generic]]:
    """(base intervals of the grid, queues) calls by offer, and "skip_revenue" (money)."""
    queue = fr.possible.edge_queue
    if queue is None:
        return {}
    of_queue = (queue[:, None] == np.arange(fr.n_queues)).astype(np.int64)
    found: dict[str, NDArray[np.generic]] = {
        name: grid.edges @ (of_queue * (fr.edge_exit == way)[:, None])
        for name, way in TAKEN.items()
        if way in fr.possible.offers
    }
    if fr.possible.skip_price is not None and Exit.PAID_SKIP in fr.possible.offers:
        found["skip_revenue"] = grid.edges @ (of_queue * fr.possible.skip_price[:, None])
    return found


def unlicensed(fr: Frame, grid: Grid) -> dict[str, Ints]:
    """(base intervals of the grid, 1) calls that met a node whose module was not licensed: refused, or
    sent another way."""
    if not fr.possible.unlicensed:
        return {}
    met = fr.edge_exit == Exit.UNLICENSED
    return {
        "unlicensed": grid.edges[:, met & (fr.edge_to < 0)].sum(axis=1, keepdims=True),
        "unlicensed_way": grid.edges[:, met & (fr.edge_to >= 0)].sum(axis=1, keepdims=True),
    }
