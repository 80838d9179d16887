"""The tally: what one replication adds to the figures; all that `summarise` needs of it.

Belongs here: its layout, and the tally of records that are all there. Does not belong here: adding up
(`fold`), ratios and estimates (`formulas`, `estimate`).

A *family* is a kind of scope; its members are numbered as in the Program: "all" (one member),
"number", "class", "queue", "group", "trunk". Calls of all, number and class are counted where they
arrived, with their visits; visits of queue and group where they joined (see `frame` for cells).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.busy_hour import Busy
from vpbx.measures.frame import Frame
from vpbx.measures.wait_bins import Bins

if TYPE_CHECKING:
    from vpbx.engine.records import Records

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]

CALL_FAMILIES = ("all", "number", "class")
FAMILIES = (*CALL_FAMILIES, "queue", "group", "trunk")


class Sums(NamedTuple):
    """The part of a tally that most quantities are made of: see there."""

    sums: dict[str, Columns]
    peaks: dict[str, Columns]
    waits: dict[str, Bins]


@dataclass(frozen=True)
class Tally:
    """One replication, counted.

    `sums[family][column]` and `peaks[family][column]` are (cells, members); counts int32, times
    int64 microseconds, money float64. `intervals` and `week_hours` say which rows are which
    (`frame.Cells`); `time_us` (cells,) is the time measured in each cell. `waits[family]` holds
    wait bins, `busy[family]` traffic by hour. `edges` counts calls along each edge, `node_us` the
    time in each node, `entries[number, node]` the calls that entered the flow.
    """

    intervals: int
    week_hours: Ints
    time_us: Ints
    sums: dict[str, Columns]
    peaks: dict[str, Columns]
    waits: dict[str, Bins]
    busy: dict[str, Busy]
    daily_queue: Floats
    """(queues,) mean over days of the most callers waiting at once."""
    edges: Ints
    node_us: Ints
    entries: Ints
    lengths: dict[str, Ints]
    """Of "all" and "queue": (members, lengths) time (us) with so many callers waiting."""
    at_ends: Ints
    """(intervals, queues) callers waiting just before each interval of the run ends."""


def tally(records: "Records", fr: Frame) -> Tally:
    """Count one replication's records."""
    from vpbx.engine.parts import as_part
    from vpbx.measures.fold import Fold

    fold = Fold(fr, records.end_at)
    fold.add(as_part(records))
    return fold.tally()


def sums(records: "Records", fr: Frame) -> Sums:
    """The same without what only a run's own report shows: traffic, queue lengths, the flow."""
    from vpbx.engine.parts import as_part
    from vpbx.measures.fold import Fold

    fold = Fold(fr, records.end_at, lengths=False)
    fold.add(as_part(records))
    return fold.sums()
