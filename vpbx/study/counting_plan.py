"""How a study counts a scenario: which columns make which quantity, and which time is which place.

Belongs here: what is worked out once for all replications. Does not belong here: counting one of
them (`counting`), which quantities there are (`quantities`).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.formulas import Formula
from vpbx.measures.frame import Frame, base_time_us
from vpbx.study.quantities import PERCENTILE_WAITS, Ask, Quantity, formula_of, peak_of, scopes
from vpbx.units import duration_us

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from vpbx.program.program import Names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Linear(NamedTuple):
    """Quantities that are sums of columns, or quotients of such: two matrices over all columns.

    The columns stand one after the other, each (intervals + 2, members) as one row of numbers.
    Why matrices: a replication of a few thousand calls has hundreds of quantities, and summing
    each of them on its own took longer than the calls. Sums of whole numbers are exact in any order.
    """

    columns: tuple[tuple[str, str], ...]
    """Family and name of each column."""
    at: Ints
    """Where the numbers go in the flat row."""
    above: "csr_array"
    below: "csr_array"
    scale: Floats
    """What the sums above are multiplied by."""
    over: NDArray[np.bool_]
    """Which of them are quotients; the others are divided by 1."""


class Sort(NamedTuple):
    """Quantities of one family and measure that are no sums, counted together: as the largest of
    which column, or as which percentile of the wait."""

    family: str
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
    linear: Linear
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
        return len(self.linear.columns) > 30

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
    places = 1 + (n if ask.interval_us else 0)
    terms = list(_terms(frame, names, ask, places))
    linear = _linear(terms, {family: len(own) for family, own in scopes(names).items()}, n)
    sorts = tuple(_sorts(names, ask, places, {term.quantity for term in terms}))
    return Plan(frame, ask, linear, sorts, np.append(row, n), n, time.astype(np.float64))


class _Term(NamedTuple):
    """A quantity with a formula, the index of its scope and its part of the flat row."""

    quantity: Quantity
    formula: Formula
    member: int
    part: slice


def _terms(frame: Frame, names: "Names", ask: Ask, n_places: int) -> Iterator[_Term]:
    by_family = scopes(names)
    for quantity, part in ask.layout(n_places).items():
        formula = formula_of(quantity, frame.thresholds_us, frame.possible.callbacks)
        if formula is not None:
            member = by_family[quantity.family].index(quantity.scope)
            yield _Term(quantity, formula, member, part)


def _linear(terms: Sequence[_Term], n_members: Mapping[str, int], n: int) -> Linear:
    """The matrices of the quantities; `n` intervals."""
    width, first, end = {}, {}, 0
    for term in terms:
        for name in (*term.formula.above, *term.formula.over):
            key = (term.quantity.family, name.lstrip("-"))
            if key not in first:
                first[key], width[key] = end, 1 if key[1] == "time" else n_members[key[0]]
                end += (n + 2) * width[key]

    def entries(term: _Term, names: tuple[str, ...], row: int) -> Iterator[tuple[int, int, float]]:
        """(row, column, coefficient): the whole run, with the drain unless taken over time, first."""
        for name in names:
            key, sign = (term.quantity.family, name.lstrip("-")), -1.0 if name[0] == "-" else 1.0
            start = first[key] + (term.member if width[key] > 1 else 0)
            for k in range(n + int(not term.formula.timed)):
                yield row, start + k * width[key], sign
            for k in range(term.part.stop - term.part.start - 1):
                yield row + 1 + k, start + k * width[key], sign

    rows = np.cumsum([0, *(term.part.stop - term.part.start for term in terms)])
    above, below = (
        _matrix(
            [
                entry
                for term, row in zip(terms, rows.tolist(), strict=False)
                for entry in entries(term, names_of(term.formula), row)
            ],
            (int(rows[-1]), end),
        )
        for names_of in (_ABOVE, _OVER)
    )
    counts = np.diff(rows)
    return Linear(
        tuple(first),
        np.concatenate([np.arange(t.part.start, t.part.stop) for t in terms] or [_NONE]),
        above,
        below,
        np.repeat([term.formula.scale for term in terms], counts),
        np.repeat([bool(term.formula.over) for term in terms], counts).astype(np.bool_),
    )


def _matrix(entries: list[tuple[int, int, float]], shape: tuple[int, int]) -> "csr_array":
    from scipy.sparse import csr_array

    row, column, value = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_array((np.array(value, np.float64), (row, column)), shape)


_ABOVE, _OVER = attrgetter("above"), attrgetter("over")
_NONE: Ints = np.zeros(0, np.int64)


def _thresholds_us(quantities: Iterable[Quantity]) -> set[int]:
    """Thresholds that service levels name: `service_level(answered_of_offered, 20 s)`."""
    return {
        duration_us(quantity.measure.rpartition(",")[2].rstrip(") ").strip())
        for quantity in quantities
        if quantity.measure.startswith("service_level(")
    }


def _sorts(names: "Names", ask: Ask, n_places: int, sums: AbstractSet[Quantity]) -> Iterator[Sort]:
    by_family, layout = scopes(names), ask.layout(n_places)
    together: dict[tuple[str, str, int], list[Quantity]] = {}
    for quantity, part in layout.items():
        if quantity not in sums:
            key = (quantity.family, quantity.measure, part.stop - part.start)
            together.setdefault(key, []).append(quantity)
    for (family, measure, _), quantities in together.items():
        members = [by_family[family].index(quantity.scope) for quantity in quantities]
        places = [np.arange(layout[q].start, layout[q].stop) for q in quantities]
        yield Sort(
            family,
            peak_of(quantities[0]),
            PERCENTILE_WAITS.get(measure, math.nan),
            np.array(members, np.int64),
            np.array(places, np.int64),
        )
