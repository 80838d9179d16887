"""How the reference engine keeps its books: growing columns, and levels over time by interval.

Belongs here: data structures of the reference engine's records. Does not belong here: the rules of
the telephone system.
"""

from array import array
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vpbx.engine.records import Column
from vpbx.program.program import Program

Table = TypeVar("Table")
_CODES = {"int8": "b", "int16": "h", "int32": "i", "int64": "q"}


class Rows:
    """A table that grows row by row, column by column in flat arrays."""

    def __init__(self, columns: dict[str, Column]) -> None:
        self.columns = {name: array(_CODES[c.dtype]) for name, c in columns.items()}
        self._all = list(self.columns.values())
        self.n = 0

    def append(self, *values: int) -> int:
        """A new row, values in column order; its index."""
        for column, value in zip(self._all, values, strict=True):
            column.append(value)
        self.n += 1
        return self.n - 1

    def __getitem__(self, column: str) -> "array[int]":
        return self.columns[column]

    def build(self, table: type[Table], columns: dict[str, Column]) -> Table:
        """The rows as a NamedTuple of numpy arrays."""
        made: list[NDArray[Any]] = [
            np.frombuffer(self.columns[name], dtype=c.dtype).copy()
            if self.n
            else np.empty(0, c.dtype)
            for name, c in columns.items()
        ]
        return table(*made)


class Level:
    """A whole number that changes over time: its integral and its peak by base interval.

    A level that lasts for no time leaves no trace. Integrals are in unit x us.
    """

    def __init__(self, grid_us: int) -> None:
        self.grid_us = grid_us
        self.value = 0
        self.since = 0
        self.time: list[int] = [0]
        self.peak: list[int] = [0]

    def change(self, at: int, by: int) -> None:
        """The level changes now."""
        if at > self.since:
            self._book(at)
        self.value += by

    def _book(self, until: int) -> None:
        """Books the present level from its last change until an instant."""
        start, grid, value = self.since, self.grid_us, self.value
        self.since = until
        last = (until - 1) // grid
        while len(self.time) <= last:
            self.time.append(0)
            self.peak.append(0)
        if value == 0:
            return
        for interval in range(start // grid, last + 1):
            end = (interval + 1) * grid
            end = min(end, until)
            self.time[interval] += value * (end - start)
            self.peak[interval] = max(self.peak[interval], value)
            start = end

    def close(self, at: int) -> None:
        """Books the level up to the end of the run."""
        self.change(at, 0)


def stack(levels: list[list[int]], n: int) -> NDArray[np.int64]:
    """(n, levels) table of lists of at most n values, 0 where a list ends."""
    out = np.zeros((n, len(levels)), np.int64)
    for column, values in enumerate(levels):
        cut = values[:n]
        out[: len(cut), column] = cut
    return out


def fold(counts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """The first n intervals; what happened at the very end belongs to the last."""
    folded = counts[:n].copy()
    folded[-1] += counts[n:].sum(axis=0)
    return folded


def calendar_time(program: Program, calendar: int, end: int) -> list[int]:
    """Integral of a calendar by base interval: a trunk's channel-time."""
    level, calendars = Level(program.clock.grid_us), program.flow.calendars
    for step in range(calendars.start[calendar], calendars.start[calendar + 1]):
        if calendars.at[step] < end:
            level.change(int(calendars.at[step]), int(calendars.value[step]) - level.value)
    level.close(end)
    return level.time
