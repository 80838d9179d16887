"""Pictures of queues over time: wait, length, calls, service level; a row of axes a queue.

Belongs here: functions (result, theme) -> Figure, None where there is nothing to show. Does not
belong here: agents, trunks and menus (`figures_system`), pooled distributions (`figures_waits`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vpbx.measures.result import Result, Series
from vpbx.report import axes as dress
from vpbx.report import keys, words
from vpbx.report.style import ROW_IN, Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 8
"""More queues than this are too many for one picture; the first are shown, the tables have all."""

_DAY_H = 24.01

Draw = Callable[["Axes", Result, str, Theme], None]


def _rows(result: Result, theme: Theme, name: str, title: str, draw: Draw) -> "Figure | None":
    """A row of axes for each queue that has such figures; for all calls, without queues."""
    scopes = [s for s in keys.scopes(result, "queue") if keys.series(result, s, name) is not None]
    if name != keys.QUEUE_MEAN:  # queues of messages only have neither callers nor their waits
        scopes = [s for s in scopes if _comes(result, s)] or scopes[:1]
    if not scopes and keys.series(result, "all", name) is not None and name == keys.OFFERED:
        scopes = ["all"]
    if not scopes or not len(result.interval_starts_s):
        return None
    scopes = scopes[:MOST_ROWS]
    figure = new_figure(0.75 + (ROW_IN + 0.6 if len(scopes) == 1 else ROW_IN) * len(scopes))
    stack = dress.stacked_axes(figure, len(scopes))
    for axes, scope in zip(stack, scopes, strict=True):
        draw(axes, result, scope, theme)
        dress.mark_busy_hour(axes, result, scope, theme)
        dress.clock_axis(axes, result, label=axes is stack[-1])
        dress.legend_above(axes, f"{title} · {words.scope_name(scope)}")
    return figure


def _comes(result: Result, scope: str) -> bool:
    """Whether anybody comes to a queue on the line."""
    offered = keys.total(result, scope, keys.OFFERED)
    return offered is None or offered.mean > 0


def wait_over_the_day(result: Result, theme: Theme) -> "Figure | None":
    """Mean wait of answered calls by interval of joining, its 95 % band, the 90th percentile."""
    return _rows(result, theme, keys.MEAN_WAIT, "Wait for an agent", _draw_wait)


def _draw_wait(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
    mean, p90 = keys.series(result, scope, keys.MEAN_WAIT), _p90(result, scope)
    shown = [_cut(result, series) for series in (mean, p90) if series is not None]
    divisor, unit = dress.minutes_scale(max(_largest(series) for series in shown))
    shown = [Series(s.mean / divisor, s.half_width / divisor) for s in shown]
    x = dress.middles_h(result)
    dress.line_with_band(axes, x, shown[0], theme.wait, "mean, with its 95 % interval")
    if len(shown) > 1:
        axes.plot(
            x,
            shown[1].mean,
            color=theme.accent,
            ls="--",
            lw=1.2,
            label="9 of 10 wait less",
            drawstyle="steps-mid",
        )
    axes.set_ylabel(f"wait of answered ({unit})")
    dress.from_zero(axes)


def _p90(result: Result, scope: str) -> Series | None:
    """90th percentile by interval; in a run of a day that of the hour, where there is no other."""
    found = keys.series(result, scope, keys.P90_WAIT)
    hourly = result.by_hour.get(scope, {}).get(keys.P90_WAIT)
    if found is not None or hourly is None or dress.edges_h(result)[-1] > _DAY_H:
        return found
    hours = [int(label[-5:-3]) for label in result.interval_labels]
    return Series(hourly.mean[hours], hourly.half_width[hours])


def queue_over_the_day(result: Result, theme: Theme) -> "Figure | None":
    """Callers waiting: mean over each interval, and the mean of each interval's maximum."""
    return _rows(result, theme, keys.QUEUE_MEAN, "Callers waiting", _draw_queue)


def _draw_queue(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
    x = dress.middles_h(result)
    mean, largest = (keys.series(result, scope, n) for n in (keys.QUEUE_MEAN, keys.QUEUE_MAX))
    if mean is not None:
        dress.line_with_band(axes, x, _cut(result, mean), theme.wait, "mean over the interval")
    if largest is not None:
        cut = _cut(result, largest)
        axes.plot(x, cut.mean, color=theme.accent, ls="--", lw=1.2, label="longest in the interval")
    axes.set_ylabel("queue (callers)")
    dress.whole_numbers(axes)


_PARTS = (
    ("answered", keys.ANSWERED, "answered", 0.85), ("to be called back", "callbacks", "wait", 0.5),
    ("left for another node", "left", "staff", 0.7), ("abandoned", keys.ABANDONED, "abandoned", 0.85),
    ("hung up on hearing the wait", "balked", "accent", 0.85),
    ("longest wait over", "timed_out", "accent", 0.45), ("sent away at closing", "cleared", "offered", 0.7),
    ("failed", "failed", "target", 0.5), ("blocked", keys.BLOCKED, "blocked", 0.85),
)  # fmt: skip
"""What becomes of a queue's calls: name, measure, colour and opacity."""


def calls_over_the_day(result: Result, theme: Theme) -> "Figure | None":
    """Offered calls by interval, stacked by what became of them."""
    return _rows(result, theme, keys.OFFERED, "Calls offered", _draw_calls)


def _draw_calls(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
    edges = dress.edges_h(result)
    base = np.zeros(len(edges) - 1)
    for name, key, role, alpha in _PARTS:
        part = keys.series(result, scope, key)
        if part is None or not np.nansum(part.mean):
            continue
        top = base + np.nan_to_num(_cut(result, part).mean)
        colour = getattr(theme, role)
        axes.stairs(top, edges, baseline=base, fill=True, color=colour, alpha=alpha, label=name)
        base = top
    offered = keys.series(result, scope, keys.OFFERED)
    if offered is not None:
        values = np.nan_to_num(_cut(result, offered).mean)
        axes.stairs(
            values,
            edges,
            baseline=None,
            color=theme.offered,
            lw=dress.line_width(len(values)) - 0.3,
            label="offered",
        )
    axes.set_ylabel(f"calls in {words.duration(result.meta.interval_s)}")
    dress.from_zero(axes)


def service_level_over_the_day(result: Result, theme: Theme) -> "Figure | None":
    """Share answered in time by interval of arrival, with the target where one is set."""
    shown = [keys.shown_service_level(result, scope) for scope in keys.scopes(result, "queue")]
    name = next((names[0] for names in shown if names), None)
    if name is None:
        return None

    def draw(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
        _draw_service_level(axes, result, scope, theme, name)

    return _rows(result, theme, name, f"Service level {keys.service_level_words(name)}", draw)


def _draw_service_level(axes: "Axes", result: Result, scope: str, theme: Theme, name: str) -> None:
    series = keys.series(result, scope, name)
    if series is not None:
        cut = _cut(result, series)
        percent = Series(100 * cut.mean, 100 * cut.half_width)
        dress.line_with_band(axes, dress.middles_h(result), percent, theme.answered, "in time")
    for target in result.targets:
        if scope in target.name and keys.SERVICE_LEVEL in target.name:
            _target_line(axes, target.text, theme)
    axes.set_ylabel("share of calls (%)")
    axes.set_ylim(0, 102)


def _target_line(axes: "Axes", text: str, theme: Theme) -> None:
    """Line at the percentage that a target's text ends in."""
    last = text.rstrip().rpartition(" ")[2]
    try:
        level = float(last.removesuffix("%")) * (1 if last.endswith("%") else 100)
    except ValueError:
        return
    axes.axhline(level, color=theme.target, ls=":", lw=1.4, label=f"target {level:g} %")


def _cut(result: Result, series: Series) -> Series:
    return Series(dress.clipped(result, series.mean), dress.clipped(result, series.half_width))


def _largest(series: Series) -> float:
    finite = series.mean[np.isfinite(series.mean)]
    return float(finite.max()) if finite.size else 0.0
