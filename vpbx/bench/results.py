"""What a benchmark found, as plain tables.

Belongs here: medians, ratios, the goals of the compiled engine and whether they are reached. Does not
belong here: running anything (`measure`), words and pictures (`report.benchmark`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from vpbx.bench.programs import PROGRAMS, Reading
from vpbx.bench.studies import StudyTime


@dataclass(frozen=True)
class Measured:
    """One program on one workload."""

    name: str
    workload: str
    calls: int
    """In all rounds."""
    cpu_ns: tuple[float, ...]
    """CPU time a call, in ns, round by round."""
    peak_rss_mb: float
    note: str = ""
    readings: tuple[Reading, ...] = ()

    @property
    def cpu_ns_per_call(self) -> float:
        """The median round's."""
        return median(self.cpu_ns)

    @property
    def calls_per_s(self) -> float:
        """Calls a second of CPU time in the median round."""
        return 1e9 / self.cpu_ns_per_call


@dataclass(frozen=True)
class Left:
    """A program that was not timed on a workload, and why."""

    name: str
    workload: str
    reason: str
    wrong: bool = False
    """It is here, but comes out at wrong figures (or fails), which is worse than absent."""


@dataclass(frozen=True)
class Ratio:
    """CPU time a call of a program over another's, round by round."""

    median: float
    least: float
    most: float


@dataclass(frozen=True)
class ScalePoint:
    """What a call costs in a run of this length."""

    calls: int
    cpu_ns_per_call: float
    peak_rss_mb: float
    records: str
    """"full" or "summary"."""


@dataclass(frozen=True)
class Threads:
    """Two threads over replications, against one."""

    speed_up: float
    """Of the median round: wall time of one thread over that of two."""
    least: float
    most: float
    calls_per_s: float
    """With both threads, by wall time."""


@dataclass(frozen=True)
class LongRun:
    """Many days of W3 in one run, tallied as they go."""

    days: int
    calls: int
    seconds: float
    """From start to figures, wall time."""
    peak_rss_mb: float


@dataclass(frozen=True)
class Benchmark:
    """Everything that one benchmark found."""

    rounds: int
    machine: dict[str, str]
    measured: tuple[Measured, ...]
    left: tuple[Left, ...]
    scale: tuple[ScalePoint, ...] = ()
    threads: Threads | None = None
    notes: tuple[str, ...] = ()
    studies: tuple[StudyTime, ...] = ()
    year: LongRun | None = None

    def workloads(self) -> tuple[str, ...]:
        """Those with something measured or left out, in order."""
        measured = [one.workload for one in self.measured]
        return tuple(dict.fromkeys([*measured, *(one.workload for one in self.left)]))

    def of(self, workload: str, name: str) -> Measured | None:
        """A program's measurement, if it was measured."""
        for one in self.measured:
            if (one.workload, one.name) == (workload, name):
                return one
        return None

    def table(self) -> dict[str, dict[str, dict[str, float]]]:
        """Workload → program → `calls_per_s`, `cpu_ns_per_call`, `peak_rss_mb`."""
        found: dict[str, dict[str, dict[str, float]]] = {one: {} for one in self.workloads()}
        for one in self.measured:
            found[one.workload][one.name] = {
                "calls_per_s": one.calls_per_s,
                "cpu_ns_per_call": one.cpu_ns_per_call,
                "peak_rss_mb": one.peak_rss_mb,
            }
        return found


def ratio(one: Measured, other: Measured) -> Ratio:
    """CPU time a call of `one` over that of `other`, each round's own."""
    each = [a / b for a, b in zip(one.cpu_ns, other.cpu_ns, strict=True)]
    return Ratio(median(each), min(each), max(each))


@dataclass(frozen=True)
class Goal:
    """What the compiled engine is to reach, what it reached, and whether that is enough."""

    text: str
    found: float
    unit: str
    reached: bool


_AT_LEAST = {"W1": 6e6, "W2": 4e6, "W3": 1.5e6}
"""Calls a second of the compiled engine."""
_TIMES = {("W2", "c_heap"): 1.0, ("W2", "simpy_idiomatic"): 100.0}
"""How many times as fast as another program it is, on a workload."""
FLAT = 1.30
SPEED_UP = 1.8
YEAR_S = 180.0


def goals(benchmark: Benchmark) -> list[Goal]:
    """The goals that this benchmark can judge."""
    found = [*_speeds(benchmark), *_ratios(benchmark)]
    if benchmark.threads is not None:
        two = benchmark.threads.speed_up
        found.append(Goal(f"two threads at least {SPEED_UP} x one", two, "x", two >= SPEED_UP))
    if len(benchmark.scale) > 1:
        spread = _spread(benchmark.scale)
        text = f"cost per call within {FLAT - 1.0:.0%} from the shortest run to the longest"
        found.append(Goal(text, spread, "x", spread <= FLAT))
    if benchmark.year is not None:
        found.append(_long(benchmark.year))
    return [*found, *map(_study, benchmark.studies)]


def _long(year: LongRun) -> Goal:
    text = f"{year.days} days of W3 in one run: under {YEAR_S:g} s"
    return Goal(text, year.seconds, "s", year.seconds <= YEAR_S)


def _study(one: StudyTime) -> Goal:
    text = f"{one.text}: under {one.goal_s:g} s"
    return Goal(text, one.seconds, "s", one.done and one.seconds <= one.goal_s)


def _speeds(benchmark: Benchmark) -> list[Goal]:
    result = []
    for workload, wanted in _AT_LEAST.items():
        one = benchmark.of(workload, "compiled")
        if one is not None:
            text = f"{workload}: at least {wanted / 1e6:g} million calls/s"
            reached = one.calls_per_s >= wanted
            result.append(Goal(text, one.calls_per_s / 1e6, "million calls/s", reached))
    return result


def _ratios(benchmark: Benchmark) -> list[Goal]:
    result = []
    for (workload, name), wanted in _TIMES.items():
        one, other = benchmark.of(workload, "compiled"), benchmark.of(workload, name)
        if one is not None and other is not None:
            times = ratio(other, one).median
            text = f"{workload}: at least {wanted:g} x {name}"
            result.append(Goal(text, times, "x", times >= wanted))
    return result


def _spread(points: Sequence[ScalePoint]) -> float:
    costs = [point.cpu_ns_per_call for point in points]
    return max(costs) / min(costs)


def summary(benchmark: Benchmark) -> dict[str, Any]:
    """All of it as plain data: what `summary.json` holds and the page shows."""
    return {
        "rounds": benchmark.rounds,
        "machine": benchmark.machine,
        "workloads": {one: _workload(benchmark, one) for one in benchmark.workloads()},
        "left": [{**asdict(one), "title": PROGRAMS[one.name].title} for one in benchmark.left],
        "scale": [asdict(point) for point in benchmark.scale],
        "threads": None if benchmark.threads is None else asdict(benchmark.threads),
        "year": None if benchmark.year is None else asdict(benchmark.year),
        "studies": [one._asdict() for one in benchmark.studies],
        "goals": [asdict(goal) for goal in goals(benchmark)],
        "notes": list(benchmark.notes),
    }


def base(benchmark: Benchmark, workload: str) -> Measured | None:
    """Whose CPU time the others are compared with: the compiled engine's, or the first one's."""
    timed = [one for one in benchmark.measured if one.workload == workload]
    return benchmark.of(workload, "compiled") or (timed[0] if timed else None)


def _workload(benchmark: Benchmark, workload: str) -> dict[str, Any]:
    """One workload's programs by name."""
    against = base(benchmark, workload)
    table = benchmark.table()[workload]
    found = {}
    for one in benchmark.measured:
        if one.workload == workload and against is not None:
            found[one.name] = {
                **table[one.name],
                "title": PROGRAMS[one.name].title,
                "calls": one.calls,
                "cpu_ns_by_round": list(one.cpu_ns),
                "note": one.note,
                "cpu_against": {"name": against.name, **asdict(ratio(one, against))},
                "readings": [asdict(reading) for reading in one.readings],
            }
    return found
