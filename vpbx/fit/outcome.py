"""What a back-test came to, as plain data for pages and machines.

Belongs here: the figures that a planner asks for, goals, and what explains the errors. Does not
belong here: looks (`report`).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.fit.backtest import LEAST_CALLS, Backtest
from vpbx.fit.heads import presence
from vpbx.fit.scores import (
    Figures,
    Hours,
    by_clock,
    clock_figures,
    correlation,
    mean_waits,
    ratio,
    totals,
)
from vpbx.interop.calls import Calls, day_us
from vpbx.units import HOUR_US, SECOND_US

Floats = NDArray[np.float64]

GOAL_WAIT = 0.20
GOAL_ABANDONED = 0.03
GOAL_CORRELATION = 0.80
_LEAST_CLOCK_CALLS = 30
_LEAST_HOURS = 20


def summary(test: Backtest) -> dict[str, Any]:
    """All of a back-test: totals, by hour of the day, by hour of the period, goals, explanations."""
    predicted, observed = totals(test.predicted), totals(test.observed)
    found = {
        "fitted": [str(test.fitted.first), str(test.fitted.last)],
        "predicted": [str(test.days[0]), str(test.days[-1])],
        "replications": len(test.runs),
        "seed": test.settings.seed,
        "staffing": test.settings.staffing,
        "staffing_min": test.settings.staffing_min,
        "service_level_s": test.settings.service_level_s,
        "totals": _totals(test, predicted, observed),
        "correlation": {
            "by_hour": _known(test.hourly_correlation),
            "by_hour_if_the_model_were_true": [
                _known(float(one)) for one in test.correlations_of_runs
            ],
            "by_clock": _known(_clock_correlation(test)),
        },
        "hours_within_range": _known(test.covered),
        "by_clock": _by_clock(test),
        "by_hour": _by_hour(test),
        "waits": _curves(test),
    }
    return found | {"goals": _goals(test, predicted, observed), "why": _why(test)}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _totals(test: Backtest, predicted: Figures, observed: Figures) -> dict[str, Any]:
    """Predicted (with its range over replications), observed and the error, by measure."""
    runs = [totals(run) for run in test.runs]
    found = {}
    for name in Figures._fields:
        values = np.array([getattr(run, name) for run in runs])
        one, two = getattr(predicted, name), getattr(observed, name)
        found[name] = {
            "predicted": _known(one),
            "low": _known(float(values.min())),
            "high": _known(float(values.max())),
            "observed": _known(two),
            "error": _known(one - two),
            "relative_error": _known((one - two) / two) if two else None,
        }
    return found


def _clock_correlation(test: Backtest) -> float:
    few = by_clock(test.observed).calls < _LEAST_CLOCK_CALLS
    waits = [mean_waits(by_clock(table)) for table in (test.predicted, test.observed)]
    return correlation(*(np.where(few, math.nan, one) for one in waits))


def _by_clock(test: Backtest) -> list[dict[str, Any]]:
    """Figures of each hour of the day that had calls."""
    predicted, observed = clock_figures(test.predicted), clock_figures(test.observed)
    return [
        {
            "hour": hour,
            "predicted": {k: _known(v) for k, v in one._asdict().items()},
            "observed": {k: _known(v) for k, v in two._asdict().items()},
        }
        for hour, (one, two) in enumerate(zip(predicted, observed, strict=True))
        if two.calls > 0
    ]


def _by_hour(test: Backtest) -> dict[str, list[Any]]:
    """One value an hour of the period, None where nothing is known."""
    waits = np.stack([mean_waits(run) for run in test.runs])
    known = np.isfinite(waits).any(axis=0)
    low, high = np.full(waits.shape[1], np.nan), np.full(waits.shape[1], np.nan)
    low[known], high[known] = np.nanmin(waits[:, known], axis=0), np.nanmax(waits[:, known], axis=0)
    starts = [f"{day} {hour:02d}:00" for day in test.days for hour in range(24)]

    def values(column: Floats) -> list[float | None]:
        return [_known(float(value)) for value in column]

    return {
        "starts": starts,
        "calls": values(test.observed.calls),
        "mean_wait_s": values(mean_waits(test.predicted)),
        "mean_wait_low_s": values(low),
        "mean_wait_high_s": values(high),
        "mean_wait_observed_s": values(mean_waits(test.observed)),
        "abandoned": values(ratio(test.predicted.abandoned, test.predicted.calls)),
        "abandoned_observed": values(ratio(test.observed.abandoned, test.observed.calls)),
        "service_level": values(ratio(test.predicted.in_time, test.predicted.calls)),
        "service_level_observed": values(ratio(test.observed.in_time, test.observed.calls)),
    }


def _curves(test: Backtest) -> dict[str, list[float]]:
    """Share of calls that waited longer than so many seconds."""
    at = [0, 1, 2, 5, *range(10, 601, 10)]

    def beyond(table: Hours) -> list[float]:
        waits = table.waits.sum(axis=0)
        within = np.cumsum(waits) / max(waits.sum(), 1.0)
        return [float(1.0 - within[second]) for second in at]

    return {"at_s": [float(s) for s in at], "predicted": beyond(test.predicted),
            "observed": beyond(test.observed)}  # fmt: skip


def _goals(test: Backtest, predicted: Figures, observed: Figures) -> list[dict[str, Any]]:
    error = predicted.mean_wait_s / observed.mean_wait_s - 1.0 if observed.mean_wait_s else math.nan
    gap = predicted.abandoned - observed.abandoned
    hourly = test.hourly_correlation
    return [
        _goal("mean wait within 20 %", error, f"{error:+.1%}", abs(error) <= GOAL_WAIT),
        _goal("abandoned share within 0.03", gap, f"{gap:+.3f}", abs(gap) <= GOAL_ABANDONED),
        _goal(
            "correlation of the mean wait over the hours at least 0.80",
            hourly,
            f"{hourly:.2f}",
            hourly >= GOAL_CORRELATION,
        ),
    ]


def _goal(text: str, found: float, value: str, met: bool) -> dict[str, Any]:
    """A goal and whether it is met; None where the log holds too little to tell."""
    if math.isnan(found):
        return {"text": text, "value": "too few calls to tell", "met": None}
    return {"text": text, "value": value, "met": bool(met)}


def _why(test: Backtest) -> list[str]:
    """What explains the errors, as far as the log can tell, in sentences."""
    return [
        *_by_chance(test),
        *_within_range(test),
        *_largest(test),
        *_overload(test),
        *_handle_times(test),
        *_staffing(test),
    ]


def _by_chance(test: Backtest) -> list[str]:
    """What correlation even a true model would reach."""
    _, observed = test.hourly
    known, runs = int(np.isfinite(observed).sum()), test.correlations_of_runs
    if math.isnan(test.hourly_correlation) or np.isnan(runs).any():
        return [
            f"{known} hours have {LEAST_CALLS} calls or more: too few, or too much alike, for waits "
            "to be compared hour by hour."
        ]
    below = float((runs <= test.hourly_correlation).mean())
    return [
        f"Were the model true, the correlation over these {known} hours would still be "
        f"{runs.mean():.2f} on average, from {runs.min():.2f} to {runs.max():.2f} (each simulated "
        "period against the mean of the others): handle times and patience are drawn, and the days "
        f"happened once. {below:.0%} of the simulated periods come out no higher than the "
        f"{test.hourly_correlation:.2f} observed."
    ]


def _within_range(test: Backtest) -> list[str]:
    """How many hours lie in the range of the simulated ones."""
    covered = test.covered
    if math.isnan(covered):
        return []
    return [
        f"{covered:.0%} of the hours have an observed mean wait between the least and the "
        f"greatest of {len(test.runs)} simulated ones (of a perfect model about "
        f"{1.0 - 2.0 / (len(test.runs) + 1):.0%})."
    ]


def _largest(test: Backtest) -> list[str]:
    """The hour with the largest error, and what the correlation is without it."""
    predicted, observed = test.hourly
    error = np.where(np.isfinite(predicted - observed), np.abs(predicted - observed), -1.0)
    worst = int(error.argmax())
    if error[worst] < 0:
        return []
    rest = correlation(np.where(np.arange(len(error)) == worst, np.nan, predicted), observed)
    minute = np.arange(60) + 60 * (worst % 24)
    day = test.days[worst // 24]
    heads = float(presence(test.duty, [day])[:, 0, minute].sum(axis=0).mean())
    there = f", {heads:.1f} agents on average" if test.settings.staffing == "recorded" else ""
    return [
        f"The largest error is that of {day} {worst % 24}:00: {predicted[worst]:.0f} s predicted, "
        f"{observed[worst]:.0f} s observed, {test.observed.calls[worst]:.0f} calls{there}."
        + ("" if math.isnan(rest) else f" Without this hour the correlation is {rest:.2f}.")
    ]


def _overload(test: Backtest) -> list[str]:
    """The hours foretold as the worst tenth, in which patience matters most."""
    predicted, observed = test.hourly
    known = np.flatnonzero(np.isfinite(predicted) & np.isfinite(observed))
    if len(known) < _LEAST_HOURS:
        return []
    worst = known[np.argsort(-predicted[known])][: len(known) // 10]
    one, two = (
        float(table.wait_s[worst].sum() / table.calls[worst].sum())
        for table in (test.predicted, test.observed)
    )
    bands = max(len(own.crowded) for own in test.fitted.patience)
    patience = (
        f"Patience depends on how many a caller finds waiting ({bands + 1} bands)."
        if bands
        else "Patience is the same however many wait: the log shows no difference."
    )
    return [
        f"In the {len(worst)} hours foretold as the worst the mean wait is {one:.0f} s predicted, "
        f"{two:.0f} s observed. {patience} Heads are as recorded, whatever happens in the simulation: "
        "agents who come back from a break or keep calls short because many wait, and take their time "
        "when nobody does, are not modelled, and a queue that grew by chance in one simulated day "
        "finds no help of that kind."
    ]


def _handle_times(test: Backtest) -> list[str]:
    """How handle times differed from the fitted ones, and what that did to the hours."""
    calls = test.log.calls
    known = _talked(calls)
    lasts = (calls.ended_at - calls.answered_at)[known] / SECOND_US
    before = test.fitted.log.calls
    fitted = (before.ended_at - before.answered_at)[_talked(before)] / SECOND_US
    hour = (calls.arrived_at[known] - day_us(test.days[0])) // HOUR_US
    n = np.bincount(hour, minlength=24 * len(test.days)).astype(np.float64)
    mean = ratio(np.bincount(hour, lasts, 24 * len(test.days)).astype(np.float64), n)
    predicted, observed = test.hourly
    linked = correlation(observed - predicted, mean)
    if math.isnan(linked):
        return []
    return [
        f"Handle times averaged {lasts.mean():.1f} s in the period foretold and {fitted.mean():.1f} s "
        "in that of the fit. They are drawn by type, group of agents and part of the day; in hours in "
        "which calls happened to last longer, waits were longer than foretold (correlation of the "
        f"error with the hour's mean handle time: {linked:.2f})."
    ]


def _talked(calls: Calls) -> NDArray[np.bool_]:
    return np.asarray((calls.outcome == Outcome.ANSWERED) & (calls.ended_at >= 0))


def _staffing(test: Backtest) -> list[str]:
    """How staffing was known."""
    if test.settings.staffing == "fitted":
        return ["Staffing is the usual week of the fit's period, not what was there that week."]
    unit = "minute" if test.settings.staffing_min == 1 else f"{test.settings.staffing_min} min"
    return [
        f"Staffing was inferred by the {unit} from who was busy when, with breaks where callers "
        f"waited ({test.duty.breaks:,}); {test.duty.unnamed:,} answered calls name no agent: "
        "somebody of the largest group is taken to have come for each."
    ]
