"""Busy hours: when the traffic of a scope is greatest, by the two definitions of the trade.

Belongs here: traffic by quarter hour of the local day, TCBH and ADPH, and how sure the hour is.
Does not belong here: verdicts on targets (`verdicts`).

Traffic is the time-weighted number of calls in progress (ITU-T E.600: traffic intensity): of "all"
and a number, calls from answer by the system to hang-up; of a queue, callers waiting or talking; of
a trunk, channels held; of a class, as of a number. Hours are four successive quarter hours within
one local day (starts 00:00 … 23:00). Time in the warm-up and after the duration does not count.

*TCBH*, the time-consistent busy hour: the hour with the largest mean traffic over days. *ADPH*, the
average daily peak hour: the mean of each day's own largest hour (ITU-T E.600, E.500).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import t_quantile
from vpbx.measures.frame import KEPT, Frame, base_time_us
from vpbx.measures.result import BusyHour

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

QUARTERS = 96
HOUR_STARTS = QUARTERS - 3


class Busy(NamedTuple):
    """Traffic of the members of a family in one replication."""

    hours: Floats
    """(93, members) mean traffic over days of the hour from each quarter on; NaN: unseen."""
    peak_at: Floats
    """(members,) mean over days of the start of the day's own peak hour, minutes after midnight."""
    peak: Floats
    """(members,) mean over days of the traffic in the day's own peak hour, erlang."""


class _Quarters(NamedTuple):
    """Where base intervals fall in the days of a frame."""

    slot: Ints
    """(base intervals) quarter hours since the first day's midnight."""
    measured: Ints
    """(base intervals, 1) 1 where time counts."""
    time: Floats
    """(days, 93, 1) time (us) measured in the hour from each quarter on."""
    days: NDArray[np.bool_]
    """(days) seen at least half as long as any."""


@lru_cache(maxsize=KEPT)
def _quarters(fr: Frame) -> _Quarters:
    days = fr.day - (fr.day[0] if fr.n_base else 0)
    n_days = int(days[-1]) + 1 if fr.n_base else 1
    slot = days * QUARTERS + fr.minute_of_week % 1440 // 15
    measured = base_time_us(fr)[:, None]
    time = _hourly(_by_slot(measured, slot, n_days))
    seen = (time[:, :, 0] > 0).sum(axis=1)
    kept = (seen > 0) & (2 * seen >= seen.max(initial=0))
    return _Quarters(slot, (measured > 0).astype(np.int64), time, kept)


def busy(fr: Frame, traffic_us: Ints) -> Busy:
    """Busy figures of (base intervals, members) call-time."""
    return busy_of(fr, {"": traffic_us})[""]


def busy_of(fr: Frame, traffic_us: Mapping[str, Ints]) -> dict[str, Busy]:
    """Busy figures of the (base intervals, members) call-time of several families."""
    quarters, members = _quarters(fr), [one.shape[1] for one in traffic_us.values()]
    together = np.concatenate(list(traffic_us.values()), axis=1) * quarters.measured
    held = _hourly(_by_slot(together, quarters.slot, len(quarters.time)))
    mean = _quotient(held.sum(axis=0), quarters.time.sum(axis=0))
    at, peak = _daily_peaks(_quotient(held, quarters.time)[quarters.days])
    ends = np.cumsum(members).tolist()
    parts = [slice(end - n, end) for n, end in zip(members, ends, strict=True)]
    return {
        name: Busy(mean[:, own], _mean(at[:, own]) * 15.0, _mean(peak[:, own]))
        for name, own in zip(traffic_us, parts, strict=True)
    }


def _by_slot(amount: Ints, slot: Ints, n_days: int) -> Floats:
    """(days, 96, members) sums."""
    out = np.zeros((n_days * QUARTERS, amount.shape[1]), np.int64)
    np.add.at(out, slot, amount)
    return out.reshape(n_days, QUARTERS, -1).astype(np.float64)


def _hourly(quarters: Floats) -> Floats:
    """(days, 93, members) sums of four successive quarters."""
    out = np.zeros((len(quarters), HOUR_STARTS, quarters.shape[2]))
    for k in range(4):
        out += quarters[:, k : HOUR_STARTS + k]
    return out


def _daily_peaks(traffic: Floats) -> tuple[Floats, Floats]:
    """(days, members) start (quarter hours after midnight) and traffic of each day's peak."""
    filled = np.where(np.isnan(traffic), -1.0, traffic)
    return filled.argmax(axis=1).astype(np.float64), filled.max(axis=1)


def _mean(days: Floats) -> Floats:
    """(members,) mean over days; NaN without one."""
    return days.sum(axis=0) / len(days) if len(days) else np.full(days.shape[1], np.nan)


def _quotient(held: Floats, time: Floats) -> Floats:
    """Erlang; NaN where less than the whole hour was seen on every day (or nothing at all)."""
    whole = np.broadcast_to(time >= 3_600e6 - 0.5, held.shape)
    return np.asarray(np.divide(held, time, out=np.full(held.shape, np.nan), where=whole))


def daily_peaks(fr: Frame, peak: Ints) -> Floats:
    """(members,) mean over local days of each day's largest value of (base intervals, members).

    Days seen less than half as long as the longest are left out, as for the ADPH; NaN: none seen.
    """
    begins, measured, kept = _days(fr, len(peak))
    if not kept.any():
        return np.full(peak.shape[1], np.nan)
    return np.asarray(np.maximum.reduceat(peak * measured, begins)[kept].mean(axis=0))


@lru_cache(maxsize=KEPT)
def _days(fr: Frame, n: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Of the days of the first n base intervals: where each begins; (n, 1) 1 where time counts; whether a
    day was seen half as long as the longest."""
    begins = np.flatnonzero(np.diff(fr.day[:n], prepend=-1))
    time = base_time_us(fr)[:n]
    seen = np.add.reduceat(time, begins) if n else time
    kept = (seen > 0) & (2 * seen >= seen.max(initial=0))
    return begins, (time[:, None] > 0).astype(np.int64), kept


def busy_hour(found: list[Busy], member: int) -> BusyHour | None:
    """Busy hour of one member over replications; None when no whole hour was seen."""
    hours = np.array([one.hours[:, member] for one in found])
    mean = hours.mean(axis=0)
    if np.all(np.isnan(mean)):
        return None
    start = int(np.nanargmax(mean))
    return BusyHour(
        tcbh_min=start * 15,
        tcbh_erlang=float(mean[start]),
        adph_min=round(float(np.mean([one.peak_at[member] for one in found]))),
        adph_erlang=float(np.mean([one.peak[member] for one in found])),
    )


class Contest(NamedTuple):
    """How every hour's traffic compares with the busiest one's, over replications."""

    start: int
    """The busiest hour: its first quarter."""
    behind: Floats
    """(93,) mean traffic of the busiest hour less that of each; NaN: unseen."""
    half_width: Floats
    """(93,) of `behind`, paired by replication; NaN for one replication."""

    def may_be_busiest(self) -> NDArray[np.int64]:
        """Starts (quarters) of the hours not shown to be less busy than the busiest."""
        shown = self.behind - self.half_width > 0
        shown[self.start] = False
        return np.flatnonzero(~np.isnan(self.behind) & ~shown)


def contest(found: list[Busy], member: int) -> Contest | None:
    """The busiest hour against each other hour, by paired differences; None: no whole hour seen.

    Why: the TCBH is the place of a maximum, for which a mean and its interval say little. The hours
    whose traffic does not differ from the maximum's at 95 % (Student t on the paired differences)
    are those that could be the busy hour; they form its confidence set.
    """
    hours = np.array([one.hours[:, member] for one in found])
    mean = hours.mean(axis=0)
    if np.all(np.isnan(mean)):
        return None
    start = int(np.nanargmax(mean))
    behind = hours[:, [start]] - hours
    n = len(found)
    spread = behind.std(axis=0, ddof=1) if n > 1 else np.full(HOUR_STARTS, np.nan)
    return Contest(start, behind.mean(axis=0), t_quantile(n - 1) * spread / np.sqrt(n))
