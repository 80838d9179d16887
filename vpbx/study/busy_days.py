"""Busy hours by day for the planning of channels, by their rival definitions.

Belongs here: which hour of which day each definition looks at. Does not belong here: channels
(`channels`), the busy hours that a run's report shows (`measures.busy_hour`).

* `tcbh`, the time-consistent busy hour: the hour of the day (quarter-hour grid) with the largest mean
  traffic over days (ITU-T E.600);
* `adph`, the average daily peak hour: each day's own busiest hour (ITU-T E.600);
* `nth:N`, the peak hour of the N-th busiest day of each 30: for planning that forgives N - 1 days.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

QUARTERS = 96
MONTH_DAYS = 30


class BusyHours(NamedTuple):
    """The hours that a definition looks at, on the days simulated."""

    name: str
    words: str
    start: Ints
    """(days,) first quarter of the hour; -1: the day is not looked at."""
    erlang: float
    """Mean traffic in them with ample channels."""
    calls: float
    """Mean calls offered in one of them."""


def hourly(quarters: Floats) -> Floats:
    """(days, 93) sums of four successive quarters within a day."""
    return np.asarray(sum(quarters[:, k : QUARTERS - 3 + k] for k in range(4)))


def _ordinal(n: int) -> str:
    """`busiest`, `2nd busiest`, `4th busiest`, `11th busiest`."""
    if n == 1:
        return "busiest"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10 if n % 100 not in (11, 12, 13) else 0, "th")
    return f"{n}{ending} busiest"


def busy_hours(held: Floats, offered: Floats, nth: int) -> list[BusyHours]:
    """The definitions' hours of (days, 96) traffic and attempts: TCBH, ADPH, N-th busiest of 30.

    Days with less than half the mean day's traffic (closed ones) are left out of TCBH and ADPH.
    """
    traffic, calls = hourly(held), hourly(offered)
    days, total = np.arange(len(traffic)), held.sum(axis=1)
    open_ = total >= total.mean() / 2  # closed days would thin the mean
    tcbh = np.where(open_, int(traffic[open_].mean(axis=0).argmax()), -1)
    peak = np.where(open_, traffic.argmax(axis=1), -1)
    rank = np.full(len(days), -1)
    for month in np.array_split(days, max(1, round(len(days) / MONTH_DAYS))):
        busiest = month[np.argsort(-traffic[month].max(axis=1), kind="stable")]
        chosen = busiest[min(nth, len(busiest)) - 1]
        rank[chosen] = traffic[chosen].argmax()
    start = int(tcbh.max()) * 15
    clock = f"{start // 60:02d}:{start % 60:02d}"
    found = (
        ("tcbh", f"time-consistent busy hour, {clock}", tcbh),
        ("adph", "average daily peak hour: each day's own", peak),
        (f"nth:{nth}", f"peak hour of the {_ordinal(nth)} day of {MONTH_DAYS}", rank),
    )
    out = []
    for name, words, at in found:
        seen = np.flatnonzero(at >= 0)
        erlang = float(traffic[seen, at[seen]].mean())
        out.append(BusyHours(name, words, at, erlang, float(calls[seen, at[seen]].mean())))
    return out
