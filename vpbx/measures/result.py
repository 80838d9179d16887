"""The Result: what a study of one scenario found, ready for pages and machines.

Belongs here: the containers, and the register of measures with unit and formula, said once. Does
not belong here: how a figure is computed (`tally`, `estimate`), how it is shown (`report`).

A *scope* names what a figure is about: "all", "number.0890", "class.prepaid", "queue.support",
"group.region", "trunk.main", "node.main_menu". A *measure* is a key of `MEASURES`.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OPEN_LENGTH = 500
"""Queue lengths from here on are counted together."""


class Measure(NamedTuple):
    """A measure's unit ("calls", "s", "share", "erlang", "agents", "money") and its formula."""

    unit: str
    formula: str


class Estimate(NamedTuple):
    """A mean over replications with its 95 % confidence interval; NaN where there is nothing."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.mean + self.half_width


class Series(NamedTuple):
    """Estimates along an axis (intervals of the run, hours of the day, week x hour)."""

    mean: Floats
    half_width: Floats


@dataclass(frozen=True)
class Waits:
    """How long callers of one queue waited, pooled over replications.

    `answered[k]` and `abandoned[k]` count waits in [k, k + 1) s per replication (means); the last
    bin is open. `percentiles` holds "p50", "p80", "p90", "p95", "p99" and "longest" of answered
    waits (s).
    """

    answered: Floats
    abandoned: Floats
    percentiles: dict[str, Estimate]


@dataclass(frozen=True)
class QueueLengths:
    """How many callers waited in one queue, for what share of the run's time.

    `shares[k]`: with k callers waiting, mean over replications; the last, k = 500, is open: 500 or
    more. `nobody` is the first with its interval. `percentiles` holds "p50", "p80", "p90", "p95"
    and "p99": the least k such that at most k callers waited during that share of the time.
    """

    shares: Floats
    nobody: Estimate
    percentiles: dict[str, Estimate]

    def between(self, least: int, most: int) -> float:
        """Share of time with `least` to `most` callers waiting; from 500 on, all that were more."""
        return float(self.shares[least : most + 1].sum())


@dataclass(frozen=True)
class EdgeFlow:
    """Calls along one edge of the call flow, mean over replications.

    `from_node` "" marks an entry (label: the number dialled); `to_node` "" the end of the call.
    `share` is of the calls that left `from_node` (of all calls, for entries).
    """

    from_node: str
    to_node: str
    label: str
    exit: str
    calls: float
    share: float


@dataclass(frozen=True)
class BusyHour:
    """Busy hour of a scope, clock time of its start as minutes after local midnight.

    `tcbh_min`: hour (quarter-hour grid) with the largest mean traffic over days (TCBH, ITU-T
    E.600); `adph_min`: mean of each day's own peak hour; traffic in erlang in that hour beside
    each.
    """

    tcbh_min: int
    tcbh_erlang: float
    adph_min: int
    adph_erlang: float


@dataclass(frozen=True)
class TargetResult:
    """A target and what came of it. `verdict`: "met", "missed" or "undecided".

    `value`, `half_width` are in the measure's own unit (for a target by hour: of the hour that is
    worst for the target, named in `at`); `low`, `high` bound the confidence interval;
    `replications_needed` is a forecast for undecided targets.
    """

    name: str
    text: str
    value: float
    half_width: float
    low: float
    high: float
    verdict: str
    unit: str
    at: str = ""
    facts: tuple[str, ...] = ()
    replications_needed: int = 0


@dataclass(frozen=True)
class Meta:
    """What was run."""

    name: str
    description: str
    file: str
    version: str
    seed: int
    replications: int
    start: str
    timezone: str
    duration_s: float
    interval_s: float
    facts: tuple[str, ...] = ()
    currency: str = ""
    """Of every figure whose unit is money."""
    planned: int = 0
    """Replications asked for: more than `replications` when the run was interrupted."""
    records: str = "full"
    """"summary": call data were not kept."""
    callback_counts_as: str = ""
    """What call-backs count as in service levels; "": there are none."""

    @property
    def interrupted(self) -> bool:
        """Whether the run was stopped before all replications were done."""
        return self.replications < self.planned


@dataclass(frozen=True)
class Result:
    """All figures of one scenario.

    `totals[scope][measure]`; `by_interval[scope][measure]` has one value an interval of the run
    (`interval_starts_s`, seconds since the start; `interval_labels`, local clock time);
    `by_hour[scope][measure]` 24 values by local hour of arrival; `by_week[scope][measure]` (7, 24)
    values, Monday first, empty where the run spans less than two days; so is
    `by_weekday[scope][measure]`, 7 values. Counts by hour and by week are calls an hour, counts by
    weekday calls in 24 hours of that weekday. `queue_lengths`: of each queue, and of "all" together.
    """

    meta: Meta
    interval_starts_s: Floats
    interval_labels: tuple[str, ...]
    totals: dict[str, dict[str, Estimate]]
    by_interval: dict[str, dict[str, Series]]
    by_hour: dict[str, dict[str, Series]]
    by_week: dict[str, dict[str, Series]]
    waits: dict[str, Waits]
    edges: tuple[EdgeFlow, ...]
    busy_hours: dict[str, BusyHour]
    targets: tuple[TargetResult, ...]
    by_weekday: dict[str, dict[str, Series]] = field(default_factory=dict)
    queue_lengths: dict[str, QueueLengths] = field(default_factory=dict)
