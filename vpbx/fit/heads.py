"""Stretches of duty → tables of heads, as the scenario language writes them.

Belongs here: how many were there in each minute or interval, rounding, `{mon 09:00-09:30: 4}`. Does
not belong here: who was there (`duty`).
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vpbx.fit.duty import Duty
from vpbx.interop.calls import day_us
from vpbx.scenario.hours import DAYS
from vpbx.units import DAY_US, MINUTE_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY_MIN = 1440


def presence(duty: Duty, days: Sequence[date]) -> Floats:
    """(groups, days, 1440): mean number on duty in each minute of each day."""
    found = np.zeros((len(duty.groups.serves), len(days), DAY_MIN))
    stretches = duty.stretches
    group = duty.groups.group_of[stretches.agent]
    for d, day in enumerate(days):
        start = np.clip(stretches.start - day_us(day), 0, DAY_US) / MINUTE_US
        end = np.clip(stretches.falls - day_us(day), 0, DAY_US) / MINUTE_US
        for g in range(len(duty.groups.serves)):
            mine = (group == g) & (end > start)
            found[g, d] = _cover(start[mine], end[mine])
    return found


def _cover(start: Floats, end: Floats) -> Floats:
    """Mean number of spans over each minute of a day: by the area up to each full minute."""
    at = np.arange(DAY_MIN + 1, dtype=np.float64)
    area = np.clip(at[:, None] - start, 0, None) - np.clip(at[:, None] - end, 0, None)
    return np.diff(area.sum(axis=1))


def rounded(means: Floats, width: int) -> Ints:
    """Whole heads (groups, days, 1440) in intervals of `width` minutes.

    The sum over groups is rounded first, halves up, then divided by largest remainder, so that many
    groups of less than half a head do not vanish together.
    """
    groups, days, _ = means.shape
    by_interval = means.reshape(groups, days, -1, width).mean(axis=3)
    whole = np.floor(by_interval).astype(np.int64)
    due = np.floor(by_interval.sum(axis=0) + 0.5).astype(np.int64) - whole.sum(axis=0)
    rank = np.argsort(np.argsort(whole - by_interval, axis=0, kind="stable"), axis=0)
    whole += (rank < due).astype(np.int64)
    return np.repeat(whole, width, axis=2)


def by_weekday(means: Floats, days: Sequence[date]) -> tuple[Floats, list[int]]:
    """Means (groups, weekdays present, 1440) over the days of each weekday, and those weekdays."""
    weekday = np.array([day.weekday() for day in days])
    present = sorted(set(weekday.tolist()))
    return np.stack([means[:, weekday == w].mean(axis=1) for w in present], axis=1), present


def table_text(heads: Ints, weekdays: Sequence[int], indent: str) -> str:
    """Lines of a time table of heads (weekdays, 1440); equal days stand together."""
    lines, told = [], set()
    for place, row in enumerate(heads):
        if place in told:
            continue
        alike = [p for p in range(place, len(heads)) if np.array_equal(heads[p], row)]
        told |= set(alike)
        days = ",".join(DAYS[weekdays[p]] for p in alike)
        lines += [f'{indent}"{days} {span}": {value}' for span, value in _spans(row)]
    return "\n".join(lines)


def _spans(row: Ints) -> list[tuple[str, int]]:
    """Stretches of a day with equal heads, those of none left out."""
    edges = np.concatenate(([0], np.flatnonzero(np.diff(row)) + 1, [DAY_MIN]))
    return [
        (f"{_clock(a)}-{_clock(b)}", int(row[a]))
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        if row[a]
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
