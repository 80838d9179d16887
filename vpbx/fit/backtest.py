"""The back-test: fit one period, simulate another, hold what was foretold against what was.

Belongs here: the two periods, the scenarios of the second one, their runs, the comparison. Does not
belong here: the fit (`fitted`), how it is shown (`report`).

The second period is simulated with its own recorded arrivals and with the staffing inferred from
it; handle times, time in menus, after-call work and patience come from the first. Heads follow a
table of the week, so that a longer period is run a week at a time.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.errors import UsageError
from vpbx.fit.classes import classify
from vpbx.fit.duty import Duty, infer_duty
from vpbx.fit.fitted import DEFAULTS, Fitted, Options, days_between, fit_log, fitted_part
from vpbx.fit.heads import by_weekday, presence, rounded
from vpbx.fit.scores import Hours, Joined, by_hour, correlation, mean_of, mean_waits
from vpbx.fit.text import scenario_text
from vpbx.fit.write import write_plain
from vpbx.fit.writing import Plan, Written
from vpbx.interop.calls import CallLog, day_us, wall
from vpbx.interop.read import period
from vpbx.study.pool import cores, each
from vpbx.units import HOUR_US, MINUTE_US, SECOND_US

if TYPE_CHECKING:
    from vpbx.program.compile import Compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_CALLS = 5
"""Hours with fewer calls are left out of the correlation: their mean wait is chance."""
WEEK = 7


@dataclass(frozen=True)
class Settings:
    """How a back-test is made: `staffing_min` is the width of the intervals in which heads are
    known, "recorded" staffing comes from the period foretold, "fitted" from the usual week before.
    """

    replications: int = 20
    seed: int = 1
    staffing: str = "recorded"
    staffing_min: int = 1
    service_level_s: float = 20.0
    workers: int | None = None
    engine: str = "auto"


@dataclass(frozen=True)
class Backtest:
    """What came of it. Hours run from midnight of the first day foretold.

    `predicted` is the mean of `runs` (one table a replication).
    """

    fitted: Fitted
    log: CallLog
    days: tuple[date, ...]
    settings: Settings
    observed: Hours
    predicted: Hours
    runs: tuple[Hours, ...]
    duty: Duty

    @property
    def hourly(self) -> tuple[Floats, Floats]:
        """Mean wait by hour, (predicted, observed), NaN where fewer than 5 calls came."""
        few = self.observed.calls < LEAST_CALLS
        return tuple(  # type: ignore[return-value]
            np.where(few, np.nan, mean_waits(table)) for table in (self.predicted, self.observed)
        )

    @property
    def hourly_correlation(self) -> float:
        """Correlation of the mean wait over the hours of the period."""
        return correlation(*self.hourly)

    @property
    def correlations_of_runs(self) -> Floats:
        """Each run's correlation with the mean of the other runs: what a forecast by this model
        reaches in a world that is this model."""
        few = self.observed.calls < LEAST_CALLS
        found = []
        for i, one in enumerate(self.runs):
            others = mean_of([run for j, run in enumerate(self.runs) if j != i])
            waits = [np.where(few, np.nan, mean_waits(table)) for table in (one, others)]
            found.append(correlation(*waits))
        return np.array(found)

    @property
    def covered(self) -> float:
        """Share of hours whose observed mean wait lies between the least and the greatest run; nan
        where no hour has a wait in all of them."""
        _, observed = self.hourly
        runs = np.stack([mean_waits(run) for run in self.runs])
        known = np.isfinite(observed) & np.isfinite(runs).all(axis=0)
        if not known.any():
            return nan
        low, high = runs[:, known].min(axis=0), runs[:, known].max(axis=0)
        return float(((observed[known] >= low) & (observed[known] <= high)).mean())


USUAL = Settings()
Tell = Callable[[int, int], None]


def backtest(
    log: CallLog,
    fit_days: tuple[date | None, date],
    predict_days: tuple[date, date],
    options: Options = DEFAULTS,
    settings: Settings = USUAL,
    tell: Tell | None = None,
) -> Backtest:
    """Fit on the days `fit_days` (from, until; None: from the start), foretell `predict_days`.

    Raises `UsageError` for periods that overlap or hold no calls.
    """
    if predict_days[1] < predict_days[0]:
        raise UsageError(
            f"--predict {predict_days[0]}..{predict_days[1]}: it ends before it starts"
        )
    if predict_days[0] <= fit_days[1]:
        raise UsageError(
            f"--predict starts on {predict_days[0]}, within the days of the fit (until "
            f"{fit_days[1]}): a model foretells nothing about what it was fitted to"
        )
    if settings.replications < 2:
        raise UsageError("--replications: a back-test needs at least 2")
    fitted = fit_log(period(log, *fit_days), options)
    later = fitted_part(period(log, *predict_days))
    days = days_between(*predict_days)
    same = classify(later, fitted.log, fitted.classes)
    duty = _duty(later, same, fitted) if settings.staffing == "recorded" else fitted.duty
    runs = _simulate(fitted, later, same, duty, days, settings, tell)
    observed = by_hour(_observed(later, days[0]), 24 * len(days), settings.service_level_s)
    return Backtest(fitted, later, days, settings, observed, mean_of(runs), tuple(runs), duty)


def _duty(log: CallLog, of_call: Ints, fitted: Fitted) -> Duty:
    """Duty in the period foretold: agents known from the fit keep their group."""
    queue = np.array(fitted.classes.queue_of, np.int64)[of_call]
    options = fitted.options
    return infer_duty(
        log, queue, len(fitted.classes.queues),
        round(options.longest_wrap_up_s * SECOND_US), round(options.longest_idle_min * MINUTE_US),
        fitted.duty.groups,
    )  # fmt: skip


def _observed(log: CallLog, first: date) -> Joined:
    calls = log.calls
    joined = calls.joined_at >= 0
    hour = (calls.arrived_at[joined] - day_us(first)) // HOUR_US
    return Joined(hour, calls.wait_us[joined] / SECOND_US, calls.outcome[joined])


def chunks(days: Sequence[date]) -> list[Sequence[date]]:
    """The days a week at a time."""
    return [days[i : i + WEEK] for i in range(0, len(days), WEEK)]


def _simulate(
    fitted: Fitted,
    log: CallLog,
    of_call: Ints,
    duty: Duty,
    days: tuple[date, ...],
    settings: Settings,
    tell: Tell | None,
) -> list[Hours]:
    """A table for each replication, over all weeks."""
    parts = [_week(fitted, log, of_call, duty, week, settings, tell) for week in chunks(days)]
    return [_joined_weeks(tables) for tables in zip(*parts, strict=True)]


def _joined_weeks(tables: Sequence[Hours]) -> Hours:
    columns = [np.concatenate(parts) for parts in zip(*(t[:-1] for t in tables), strict=True)]
    return Hours._make((*columns, np.sum([table.waits for table in tables], axis=0)))


def week_scenario(
    fitted: Fitted,
    log: CallLog,
    of_call: Ints,
    duty: Duty,
    days: Sequence[date],
    settings: Settings,
) -> Written:
    """The scenario of some days (a week at most) with their recorded arrivals."""
    if settings.staffing == "recorded":
        means, weekdays = by_weekday(presence(duty, days), days)
    else:
        means, weekdays = by_weekday(presence(duty, fitted.arrivals.days), fitted.arrivals.days)
    plan = Plan(
        name=f"Back-test {days[0]} to {days[-1]}",
        description="Recorded arrivals and inferred staffing; the rest fitted to earlier calls.",
        start=days[0],
        n_days=len(days),
        timezone="UTC",
        heads=rounded(means, settings.staffing_min),
        weekdays=weekdays,
        stem="week",
        trace="arrivals.csv",
        replications=settings.replications,
        service_level_s=settings.service_level_s,
    )
    with_duty = Fitted(**{**fitted.__dict__, "duty": duty})
    text, files = scenario_text(with_duty, plan)
    names = fitted.classes.names
    arrived = log.calls.arrived_at
    inside = (arrived >= day_us(days[0])) & (arrived < day_us(days[-1]) + 24 * HOUR_US)
    rows = [
        f"{wall(a)},{names[c]}\n" for a, c in zip(arrived[inside], of_call[inside], strict=True)
    ]
    return Written(text, files | {"arrivals.csv": "arrived,class\n" + "".join(rows)})


@dataclass(frozen=True)
class _Job:
    compiled: "Compiled"
    seed: int
    engine: str
    n_hours: int
    service_level_s: float


def _week(
    fitted: Fitted,
    log: CallLog,
    of_call: Ints,
    duty: Duty,
    days: Sequence[date],
    settings: Settings,
    tell: Tell | None,
) -> list[Hours]:
    """The replications of one week."""
    from vpbx.engine.run import chosen_engine
    from vpbx.program.compile import compile_scenario
    from vpbx.scenario.load import load

    with tempfile.TemporaryDirectory(prefix="vpbx-") as name:
        folder = Path(name)
        written = week_scenario(fitted, log, of_call, duty, days, settings)
        write_plain(folder / "week.yaml", written)
        compiled = compile_scenario(load(folder / "week.yaml").scenario, folder)
    engine = chosen_engine(settings.engine, compiled, settings.replications)
    job = _Job(compiled, settings.seed, engine, 24 * len(days), settings.service_level_s)
    found: dict[int, Hours] = {}
    for indices in ([0], list(range(1, settings.replications))):
        for index, table in each(run_hours, job, indices, settings.workers or cores()):
            found[index] = table
            if tell is not None:
                tell(len(found), settings.replications)
    return [found[index] for index in range(settings.replications)]


def run_hours(job: Any, replication: int) -> Hours:
    """One replication of a week, counted by hour of arrival."""
    from vpbx.engine.run import run_replication

    records = run_replication(job.compiled, job.seed, replication, job.engine)
    visits, arrived = records.visits, records.calls.arrived_at
    joined = visits.outcome != Outcome.BLOCKED
    hour = arrived[visits.call[joined]] // HOUR_US
    wait = (visits.left_at - visits.joined_at)[joined] / SECOND_US
    outcome = visits.outcome[joined].astype(np.int64)
    return by_hour(Joined(hour, wait, outcome), job.n_hours, job.service_level_s)
