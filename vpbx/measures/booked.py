"""What the engine has booked over time, summed by cell.

Belongs here: base intervals → cells of the tally. Does not belong here: which columns are booked
(`amounts`, `offers`), rows of calls and visits (`fold`, `counting`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.engine.records import Grid
from vpbx.measures.amounts import COUNTED, OF_ALL, amounts
from vpbx.measures.frame import Cells, Frame
from vpbx.measures.offers import taken, unlicensed
from vpbx.measures.tally import Columns

Key = tuple[str, str]
"""A family and a column of it."""


def over_time(
    fr: Frame, counted: Cells, amount: NDArray[np.generic], peak: bool = False
) -> NDArray[np.generic]:
    """(cells, members) sums (or peaks) of (base intervals, members); the drain stays 0."""
    rows = amount[: fr.n_base]
    out = np.zeros((counted.nowhere + 1, amount.shape[1]), amount.dtype)
    add = np.maximum.at if peak else np.add.at
    for row in (counted.interval_of, counted.week_of):
        add(out, row[: len(rows)], rows)
    return out[:-1]


def _all_over_time(
    fr: Frame, counted: Cells, timed: dict[Key, NDArray[np.generic]]
) -> dict[Key, NDArray[np.generic]]:
    """`over_time` of each; whole numbers, which most are, all at once."""
    whole = {key: amount for key, amount in timed.items() if amount.dtype == np.int64}
    found = {key: over_time(fr, counted, timed[key]) for key in timed if key not in whole}
    together = over_time(fr, counted, np.concatenate(list(whole.values()), axis=1))
    end = 0
    for key, amount in whole.items():
        start, end = end, end + amount.shape[1]
        found[key] = together[:, start:end]
    return found


def sum_grid(
    fr: Frame, counted: Cells, grid: Grid, found: dict[str, Columns], peaks: dict[str, Columns]
) -> None:
    """What the engine has booked over time."""
    of_families = amounts(fr, grid)
    timed = {
        (family, name): amount
        for family, columns in of_families.items()
        for name, amount in columns.items()
        if name not in COUNTED
    }
    summed = _all_over_time(fr, counted, timed)
    for family, columns in of_families.items():
        for name, amount in columns.items():
            key = (family, name)
            found[family][name] = summed[key] if key in summed else _over_cells(fr, counted, amount)
    for name in OF_ALL:
        if name in found["group"]:
            found["all"][name] = together(np.add, found["group"][name])
    found["all"]["waiting"] = together(np.add, found["queue"]["waiting"])
    peaks["queue"]["longest_queue"] = over_time(fr, counted, grid.queue_peak, peak=True)
    peaks["all"]["longest_queue"] = together(np.maximum, peaks["queue"]["longest_queue"])
    peaks["trunk"]["peak_channels"] = over_time(fr, counted, grid.trunk_peak, peak=True)


def sum_offers(fr: Frame, counted: Cells, grid: Grid, found: dict[str, Columns]) -> None:
    """Offers taken and nodes without a licence; unlike times, they count in the drain, too."""
    for name, by_queue in taken(fr, grid).items():
        found["queue"][name] = _over_cells(fr, counted, by_queue)
        found["all"][name] = together(np.add, found["queue"][name])
    for name, calls in unlicensed(fr, grid).items():
        found["all"][name] = _over_cells(fr, counted, calls)


def _over_cells(fr: Frame, counted: Cells, events: NDArray[np.generic]) -> NDArray[np.generic]:
    """(cells, members) sums of (base intervals of the run, members), the drain's included."""
    base = np.minimum(np.arange(len(events)), fr.n_base)
    kind = np.float64 if events.dtype.kind == "f" else np.int32
    out = np.zeros((counted.nowhere + 1, events.shape[1]), kind)
    for row in (counted.interval_of, counted.week_of):
        np.add.at(out, row[base], events.astype(kind))
    return out[:-1]


def together(fold: np.ufunc, members: NDArray[np.generic]) -> NDArray[np.generic]:
    """(cells, 1) of all members."""
    return np.asarray(fold.reduce(members, axis=1, keepdims=True, initial=0))
