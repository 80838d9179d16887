"""From tallies to the Result: every figure of every scope, with its interval.

Belongs here: the layout of the Result. Does not belong here: arithmetic (`formulas`, `views`,
`wait_bins`, `busy_hour`), verdicts (`verdicts`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vpbx.measures.busy_hour import busy_hour
from vpbx.measures.estimate import mean_estimate
from vpbx.measures.formulas import FORMULAS, PEAKS, Formula, service_level_formula
from vpbx.measures.frame import WEEK_HOURS, Frame, interval_labels, interval_starts_s, spans_days
from vpbx.measures.funnel import edge_flows, node_totals
from vpbx.measures.queue_length import at_end_series, queue_lengths
from vpbx.measures.register import SERVICE_LEVELS, service_level_name
from vpbx.measures.result import BusyHour, Estimate, Meta, QueueLengths, Result, Series, Waits
from vpbx.measures.tally import FAMILIES, Tally
from vpbx.measures.verdicts import verdict
from vpbx.measures.views import Family, View
from vpbx.measures.wait_bins import (
    PERCENTILES,
    Floats,
    by_second,
    histograms,
    percentile_estimate,
    virtual_waits,
)

if TYPE_CHECKING:
    from vpbx.program.program import Names
    from vpbx.scenario.targets import Target

Figures = dict[str, dict[str, Series]]


def summarise(
    tallies: Sequence[Tally],
    fr: Frame,
    names: "Names",
    meta: Meta,
    targets: Sequence["Target"] = (),
    edge_labels: Sequence[str] | None = None,
) -> Result:
    """Put replications together (at least one).

    `edge_labels` name the Program's edges as people call them; made from the exits when not given.
    `meta.interval_s` and `.replications` are set to what was really used. Raises `UsageError` for a
    target whose scope or measure there is not.
    """
    scopes = scopes_of(names)
    figures = {view: _figures(tallies, fr, scopes, view) for view in View}
    totals = _totals(figures[View.TOTAL])
    for scope, measures in (
        _distributions(tallies, scopes) | node_totals(tallies, fr, names)
    ).items():
        totals.setdefault(scope, {}).update(measures)
    _put_daily_queues(tallies, scopes, totals)
    lengths = _queue_lengths(tallies, scopes)
    for scope, found in lengths.items():
        totals[scope]["nobody_waiting"] = found.nobody
        totals[scope]["p95_queue"] = found.percentiles["p95"]
    _put_waiting_at_ends(tallies, scopes, figures[View.INTERVAL])
    by_hour = _by_hour_percentiles(tallies, scopes, figures[View.HOUR])
    result = Result(
        meta=replace(meta, interval_s=fr.interval_us / 1e6, replications=len(tallies)),
        interval_starts_s=interval_starts_s(fr),
        interval_labels=interval_labels(fr, meta.start),
        totals=totals,
        by_interval=figures[View.INTERVAL],
        by_hour=by_hour,
        by_week=_by_week(figures[View.WEEK]) if spans_days(fr) else {},
        waits=_waits(tallies, scopes, totals),
        edges=edge_flows(tallies, fr, names, edge_labels),
        busy_hours=_busy_hours(tallies, scopes),
        targets=(),
        by_weekday=figures[View.WEEKDAY] if spans_days(fr) else {},
        queue_lengths=lengths,
    )
    busy = {s: [t.busy[f] for t in tallies] for f in tallies[0].busy for s in scopes[f]}
    members = {scope: k for family in FAMILIES for k, scope in enumerate(scopes[family])}
    judged = tuple(verdict(target, result, busy, members) for target in targets)
    return replace(result, targets=judged)


def scopes_of(names: "Names") -> dict[str, tuple[str, ...]]:
    """Scopes of each family, in the order of the Program's indices."""
    return {
        "all": ("all",),
        "number": tuple(f"number.{name}" for name in names.numbers),
        "class": tuple(f"class.{name}" for name in names.classes),
        "queue": tuple(f"queue.{name}" for name in names.queues),
        "group": tuple(f"group.{name}" for name in names.groups),
        "trunk": tuple(f"trunk.{name}" for name in names.trunks),
    }


def _figures(
    tallies: Sequence[Tally], fr: Frame, scopes: dict[str, tuple[str, ...]], view: View
) -> Figures:
    """Series (places) of each scope and measure."""
    found: Figures = {}
    for family in FAMILIES:
        if not scopes[family]:
            continue
        for measure, series in _family_figures(Family(family, tallies), fr, view):
            for k, scope in enumerate(scopes[family]):
                cell = Series(series.mean[:, k], series.half_width[:, k])
                found.setdefault(scope, {})[measure] = cell
    return found


def _family_figures(family: Family, fr: Frame, view: View) -> Iterator[tuple[str, Series]]:
    for measure, formula in _formulas(family.name, fr).items():
        if family.has(formula):
            yield measure, family.estimate(formula, view)
    for measure, (column, scale) in PEAKS[family.name].items():
        yield measure, family.peak(column, scale, view)


def _formulas(family: str, fr: Frame) -> dict[str, Formula]:
    """Formulas of a family, service levels included."""
    found = dict(FORMULAS[family])
    if family in ("all", "number", "class", "queue"):
        for k, threshold in enumerate(fr.thresholds_us):
            for definition in SERVICE_LEVELS:
                name = service_level_name(definition, threshold)
                found[name] = service_level_formula(definition, k, fr.possible.callbacks)
    return found


def _totals(figures: Figures) -> dict[str, dict[str, Estimate]]:
    return {
        scope: {
            measure: Estimate(float(series.mean[0]), float(series.half_width[0]))
            for measure, series in measures.items()
        }
        for scope, measures in figures.items()
    }


def _put_daily_queues(
    tallies: Sequence[Tally],
    scopes: dict[str, tuple[str, ...]],
    totals: dict[str, dict[str, Estimate]],
) -> None:
    """Over the run, the longest queue is the mean over days of the day's longest."""
    daily = np.array([one.daily_queue for one in tallies], np.float64)
    for k, scope in enumerate(scopes["queue"]):
        totals[scope]["longest_queue"] = mean_estimate(daily[:, k])
    if scopes["queue"]:
        totals["all"]["longest_queue"] = mean_estimate(daily.max(axis=1))


def _queue_lengths(
    tallies: Sequence[Tally], scopes: dict[str, tuple[str, ...]]
) -> dict[str, QueueLengths]:
    """Distributions of the queue length; none where there is no queue."""
    if not scopes["queue"]:
        return {}
    return {
        scope: queue_lengths([one.lengths[family][k] for one in tallies])
        for family in ("all", "queue")
        for k, scope in enumerate(scopes[family])
    }


def _put_waiting_at_ends(
    tallies: Sequence[Tally], scopes: dict[str, tuple[str, ...]], by_interval: Figures
) -> None:
    """Callers waiting at the end of each interval, in each queue and in all of them."""
    if not scopes["queue"]:
        return
    measured = tallies[0].time_us[: tallies[0].intervals] > 0
    for k, scope in enumerate(scopes["queue"]):
        found = at_end_series([one.at_ends[:, k] for one in tallies], measured)
        by_interval[scope]["waiting_at_end"] = found
    together = at_end_series([one.at_ends.sum(axis=1) for one in tallies], measured)
    by_interval["all"]["waiting_at_end"] = together


def _by_week(figures: Figures) -> Figures:
    shape = (7, WEEK_HOURS // 7)
    return {
        scope: {
            measure: Series(series.mean.reshape(shape), series.half_width.reshape(shape))
            for measure, series in measures.items()
        }
        for scope, measures in figures.items()
    }


def _distributions(
    tallies: Sequence[Tally], scopes: dict[str, tuple[str, ...]]
) -> dict[str, dict[str, Estimate]]:
    """Percentiles of the wait and the virtual wait, over the run."""
    found: dict[str, dict[str, Estimate]] = {}
    for family in tallies[0].waits:
        for k, scope in enumerate(scopes[family]):
            answered, abandoned = _counts(tallies, family, k)
            found[scope] = _percentiles(answered)
            found[scope]["virtual_wait"] = mean_estimate(virtual_waits(answered, abandoned))
    return found


def _counts(tallies: Sequence[Tally], family: str, member: int) -> tuple[Floats, Floats]:
    """Bins (replications, bins used) of answered and of abandoned waits."""
    waits = [one.waits[family] for one in tallies]
    return histograms(waits, member, False, None), histograms(waits, member, True, None)


def _percentiles(counts: Floats) -> dict[str, Estimate]:
    return {f"{name}_wait": percentile_estimate(counts, p) for name, p in PERCENTILES.items()}


def _by_hour_percentiles(
    tallies: Sequence[Tally], scopes: dict[str, tuple[str, ...]], by_hour: Figures
) -> Figures:
    """By hour, with the percentiles of queues added."""
    waits = [one.waits["queue"] for one in tallies]
    for k, scope in enumerate(scopes["queue"]):
        hours = [_percentiles(histograms(waits, k, False, hour)) for hour in range(24)]
        for measure in hours[0]:
            by_hour[scope][measure] = Series(
                np.array([hour[measure].mean for hour in hours]),
                np.array([hour[measure].half_width for hour in hours]),
            )
    return by_hour


def _waits(
    tallies: Sequence[Tally],
    scopes: dict[str, tuple[str, ...]],
    totals: dict[str, dict[str, Estimate]],
) -> dict[str, Waits]:
    """Wait distributions of queues and of all calls."""
    found = {}
    for family in ("all", "queue"):
        for k, scope in enumerate(scopes[family]):
            answered, abandoned = _counts(tallies, family, k)
            known = {name: totals[scope][f"{name}_wait"] for name in PERCENTILES}
            longest = {"longest": totals[scope]["longest_wait"]}
            found[scope] = Waits(by_second(answered), by_second(abandoned), known | longest)
    return found


def _busy_hours(
    tallies: Sequence[Tally], scopes: dict[str, tuple[str, ...]]
) -> dict[str, BusyHour]:
    found = {}
    for family in tallies[0].busy:
        for k, scope in enumerate(scopes[family]):
            hour = busy_hour([one.busy[family] for one in tallies], k)
            if hour is not None:
                found[scope] = hour
    return found
