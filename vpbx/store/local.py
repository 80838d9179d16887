"""Simulated time as local clock time, for tables that people read.

Belongs here: the conversion of whole columns. Does not belong here: which columns there are
(`columns`), opening hours and holidays (they are in the Program).
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

QUARTER_US = 15 * 60 * 1_000_000
"""The offset of a time zone changes on quarter hours at most."""


class LocalStart(NamedTuple):
    """Where microsecond 0 of a run lies: a wall time, and the IANA name of its time zone."""

    wall: datetime
    zone: str


def local_times(at_us: NDArray[np.int64], start: LocalStart) -> NDArray[np.datetime64]:
    """Wall times (datetime64[us]) of simulated instants; not-a-time for those below 0."""
    zone = ZoneInfo(start.zone)
    origin = start.wall.replace(tzinfo=zone).astimezone(UTC)
    past_us = (origin.minute % 15 * 60 + origin.second) * 1_000_000 + origin.microsecond
    quarters, place = np.unique((at_us + past_us) // QUARTER_US, return_inverse=True)
    offsets = np.array(
        [_offset_us(origin, int(quarter) * QUARTER_US - past_us, zone) for quarter in quarters],
        dtype="timedelta64[us]",
    )
    utc = np.datetime64(origin.replace(tzinfo=None), "us") + at_us.astype("timedelta64[us]")
    local = utc + offsets[place] if len(at_us) else utc
    return np.where(at_us < 0, np.datetime64("NaT", "us"), local)


def _offset_us(origin: datetime, after_us: int, zone: ZoneInfo) -> int:
    """How far local clocks are ahead of UTC at an instant."""
    ahead = (origin + timedelta(microseconds=after_us)).astimezone(zone).utcoffset()
    return (ahead or timedelta()) // timedelta(microseconds=1)
