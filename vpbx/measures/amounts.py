"""What the engine has booked over time, by family: columns of agents, queues and trunks.

Belongs here: which of the grid's columns make which of the tally's. Does not belong here: folding
them onto cells (`fold`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx.engine.records import Grid
from vpbx.measures.frame import Frame

Columns = dict[str, NDArray[np.generic]]

OF_ALL = (
    "logged_in", "places", "busy", "ringing", "missed", "autopauses", "conversing", "room", "cost",
)  # fmt: skip
"""Columns of groups that are summed over all."""


COUNTED = ("missed", "autopauses")
"""Columns of groups that count events: unlike times, they count in the drain, too."""


def amounts(fr: Frame, grid: Grid) -> dict[str, Columns]:
    """(base intervals, members) of each column, times in microseconds.

    Where people hold several conversations at once, the engine books places, one a conversation:
    "logged_in" is people's time, "places" that of conversations; "room" is the latter, there only if
    it differs.
    """
    busy = grid.ringing + grid.talk + grid.wrap_up
    places, several = grid.logged_in, fr.possible.at_once
    people: NDArray[Any] = places if several is None else places / several
    groups: Columns = {"logged_in": people, "places": places, "busy": busy}
    if fr.possible.rings:
        groups["ringing"] = grid.ringing
    if fr.possible.misses:
        groups["missed"] = grid.missed
    if fr.possible.autopauses:
        groups["autopauses"] = grid.autopauses
    if several is not None:
        groups["conversing"] = busy
        groups["room"] = places
    if fr.cost is not None:
        groups["cost"] = fr.cost
    serves = fr.serves.astype(np.int64)
    queues: Columns = {"waiting": grid.queue_time, "logged_in": people @ serves}
    if several is not None:
        queues["room"] = places @ serves
    return {
        "queue": queues,
        "group": groups,
        "trunk": {"held": grid.trunk_time, "channels": grid.channels},
    }
