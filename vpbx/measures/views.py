"""Views of the tallies of all replications: sums folded onto the run, intervals, hours or weekdays.

Belongs here: folding cells, and the estimates of a formula over them. Does not belong here: the
layout of the Result (`summarise`).
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import mean_series, ratio_series
from vpbx.measures.formulas import Formula
from vpbx.measures.frame import WEEK_HOURS
from vpbx.measures.result import Series
from vpbx.measures.tally import Tally
from vpbx.units import DAY_US, HOUR_US

Floats = NDArray[np.float64]


class View(Enum):
    """What cells are folded onto, with the number of places (intervals: as many as there are)."""

    TOTAL = 1
    INTERVAL = -1
    HOUR = 24
    WEEK = WEEK_HOURS
    WEEKDAY = 7


_PER_US = {View.HOUR: HOUR_US, View.WEEK: HOUR_US, View.WEEKDAY: DAY_US}
"""Counts folded onto a recurring time are calls in so much of it."""


class Family:
    """Columns of one family over all replications."""

    def __init__(self, name: str, tallies: Sequence[Tally]) -> None:
        self.name, self.tallies = name, tallies
        self.intervals, self.week_hours = tallies[0].intervals, tallies[0].week_hours
        self.columns = frozenset(tallies[0].sums[name])

    def has(self, formula: Formula) -> bool:
        """Whether every column of a formula is there."""
        needed = {name.lstrip("-") for name in formula.above + formula.over}
        return needed <= self.columns | {"time", "offered_work"}

    def estimate(self, formula: Formula, view: View) -> Series:
        """Estimates (places, members) of a formula."""
        drain = not formula.timed
        above = self._sum(formula.above, view, drain) * formula.scale
        if formula.over:
            return ratio_series(above, self._sum(formula.over, view, drain))
        time = self._sum(("time",), view, False)
        if view in _PER_US:
            return mean_series(_per(above * _PER_US[view], time))
        seen = (time > 0) | (view is View.TOTAL)
        return mean_series(np.where(seen, above, np.nan))

    def peak(self, column: str, scale: float, view: View) -> Series:
        """Mean over replications of the largest value in each place; NaN where no time passed."""
        found = np.array([one.peaks[self.name][column] for one in self.tallies], np.float64)
        largest = self._fold(found, view, np.maximum, drain=True) * scale
        seen = (self._sum(("time",), view, False) > 0) | (view is View.TOTAL)
        return mean_series(np.where(seen, largest, np.nan))

    def _sum(self, names: tuple[str, ...], view: View, drain: bool) -> Floats:
        """(replications, places, members) signed sum of columns."""
        total = np.zeros((1, 1, 1))
        for name in names:
            column = self._column(name.lstrip("-"))
            folded = self._fold(column, view, np.add, drain)
            total = total - folded if name.startswith("-") else total + folded
        return total

    def _column(self, name: str) -> Floats:
        """(replications, cells, members)"""
        if name == "time":
            return np.array([one.time_us[:, None] for one in self.tallies], np.float64)
        if name == "offered_work":
            return self._offered_work()
        return np.array([one.sums[self.name][name] for one in self.tallies], np.float64)

    def _offered_work(self) -> Floats:
        """Calls and messages x the replication's mean handle time; NaN where nobody was served."""
        week = slice(self.intervals, None)
        handle = self._column("handle")[:, week].sum(axis=1, keepdims=True)
        handled = self._column("v_handled")[:, week].sum(axis=1, keepdims=True)
        offered = self._column("v_offered")
        if "v_messages" in self.columns:
            offered = offered + self._column("v_messages")
        return offered * _per(handle, handled)

    def _fold(self, cells: Floats, view: View, fold: np.ufunc, drain: bool) -> Floats:
        """(replications, places, members) of (replications, cells, members)."""
        if view is View.INTERVAL:
            return cells[:, : self.intervals]
        last = self.intervals + len(self.week_hours)
        if view is View.TOTAL:
            used = cells[:, self.intervals : last + int(drain)]
            return np.asarray(fold.reduce(used, axis=1, keepdims=True, initial=0.0))
        week = np.zeros((len(cells), WEEK_HOURS, cells.shape[2]))
        week[:, self.week_hours] = cells[:, self.intervals : last]
        if view is View.WEEK:
            return week
        days = week.reshape(len(cells), 7, 24, cells.shape[2])
        return np.asarray(fold.reduce(days, axis=2 if view is View.WEEKDAY else 1))


def _per(above: Floats, below: Floats) -> Floats:
    a, b = np.broadcast_arrays(above, below)
    return np.asarray(np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0))
