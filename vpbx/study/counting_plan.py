"""How a study counts a scenario: which columns make which quantity, and which time is which place.

Belongs here: what is worked out once for all replications. Does not belong here: counting one of
them (`counting`), which quantities there are (`quantities`).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.formulas import Formula
from vpbx.measures.frame import Frame, base_time_us
from vpbx.study.quantities import PERCENTILE_WAITS, Ask, Quantity, formula_of, peak_of, scopes
from vpbx.units import duration_us

if TYPE_CHECKING:
    from vpbx.program.program import Names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Sort(NamedTuple):
    """Quantities of one family and measure, counted together: by which formula, or as the largest
    of which column, or as which percentile of the wait."""

    family: str
    formula: Formula | None
    peak: tuple[str, float] | None
    percentile: float
    members: Ints
    """Index of each quantity's scope in its family."""
    at: Ints
    """(quantities, places) where its numbers go in the flat row; only the first place of those of
    which the whole run is asked for."""


@dataclass(frozen=True)
class Plan:
    """How to count one compiled scenario: made once, used for every replication.

    `row` is the place of each base interval (its last entry: of what comes after the duration), in
    arrays of `n_places` + 2 rows: the intervals, the drain, and a row that is thrown away (the
    warm-up).
    """

    frame: Frame
    ask: Ask
    sorts: tuple[Sort, ...]
    row: Ints
    n_intervals: int
    time_us: Floats

    @property
    def n_places(self) -> int:
        """Places of a quantity: the whole run, then the intervals, where they are asked for."""
        return 1 + (self.n_intervals if self.ask.interval_us else 0)

    @property
    def wide(self) -> bool:
        """Whether most columns are wanted: they are then summed together."""
        return len(self.sorts) > 30

    @property
    def size(self) -> int:
        """Numbers in a flat row: all places of all quantities (`Ask.layout`)."""
        return len(self.ask.quantities) * self.n_places + len(self.ask.whole)


def plan(frame: Frame, names: "Names", ask: Ask) -> Plan:
    """How to count what is asked for; thresholds of service levels are added to the frame."""
    frame = replace(
        frame,
        interval_us=ask.interval_us or frame.duration_us,
        thresholds_us=tuple(sorted({*frame.thresholds_us, *_thresholds_us(ask.everything)})),
    )
    base = np.arange(frame.n_base, dtype=np.int64)
    n = -(-frame.duration_us // frame.interval_us)
    row = np.where(base >= frame.first_base, base * frame.grid_us // frame.interval_us, n + 1)
    time = np.bincount(row, base_time_us(frame), minlength=n + 2)[:n]
    sorts = tuple(_sorts(frame, names, ask, 1 + (n if ask.interval_us else 0)))
    return Plan(frame, ask, sorts, np.append(row, n), n, time.astype(np.float64))


def _thresholds_us(quantities: Iterable[Quantity]) -> set[int]:
    """Thresholds that service levels name: `service_level(answered_of_offered, 20 s)`."""
    return {
        duration_us(quantity.measure.rpartition(",")[2].rstrip(") ").strip())
        for quantity in quantities
        if quantity.measure.startswith("service_level(")
    }


def _sorts(frame: Frame, names: "Names", ask: Ask, n_places: int) -> Iterator[Sort]:
    by_family, layout = scopes(names), ask.layout(n_places)
    together: dict[tuple[str, str, int], list[Quantity]] = {}
    for quantity, part in layout.items():
        length = part.stop - part.start
        together.setdefault((quantity.family, quantity.measure, length), []).append(quantity)
    for (family, measure, _), quantities in together.items():
        members = [by_family[family].index(quantity.scope) for quantity in quantities]
        places = [np.arange(layout[q].start, layout[q].stop) for q in quantities]
        yield Sort(
            family,
            formula_of(quantities[0], frame.thresholds_us, frame.possible.callbacks),
            peak_of(quantities[0]),
            PERCENTILE_WAITS.get(measure, math.nan),
            np.array(members, np.int64),
            np.array(places, np.int64),
        )
