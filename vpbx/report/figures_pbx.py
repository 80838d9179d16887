"""Pictures of a PBX: how all calls end over the day, what queues offer, agents' phones that ring.

Belongs here: functions (result, theme) -> Figure, None where there is nothing to show beyond answered,
abandoned and blocked calls. Does not belong here: queues and waits (`figures_queue`).
"""

from typing import TYPE_CHECKING

import numpy as np

from vpbx.measures.result import Result
from vpbx.report import axes as dress
from vpbx.report import keys, words
from vpbx.report.figures_queue import MOST_ROWS
from vpbx.report.style import ROW_IN, Theme, new_figure
from vpbx.report.tables_pbx import OUTCOME_WORDS, calls_ended, counted_outcomes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_USUAL = frozenset(
    ("answered", "self_served", "abandoned", "abandoned_ivr", "blocked", "lost", "refused", "cut")
)
_LOOKS = {
    "answered": ("answered", 0.9), "self_served": ("answered", 0.45), "forwarded": ("wait", 0.85),
    "voicemail": ("staff", 0.6), "callback_done": ("wait", 0.45), "callback_failed": ("muted", 0.9),
    "abandoned": ("abandoned", 0.9), "abandoned_ivr": ("abandoned", 0.45),
    "balked": ("accent", 0.9), "timed_out": ("accent", 0.45), "blocked": ("blocked", 0.9),
    "refused": ("blocked", 0.45), "suspended": ("target", 0.9), "failed": ("target", 0.5),
    "lost": ("muted", 0.6), "cleared": ("offered", 0.75), "cut": ("muted", 0.3),
}  # fmt: skip
"""Colour (role of the theme) and opacity of each outcome; the strong ones are apart from each other."""

_TAKEN = (
    ("callbacks", "want a call back", "wait", 0.85), ("elsewhere", "took another channel", "staff", 0.6),
    ("paid_skips", "paid to be sooner", "accent", 0.9), ("left", "left for another node", "muted", 0.7),
    ("messages", "messages left", "answered", 0.6),
)  # fmt: skip


def outcomes_over_the_day(result: Result, theme: Theme) -> "Figure | None":
    """All calls by interval of arrival, stacked by how they ended."""
    outcomes = counted_outcomes(result)
    if set(outcomes) <= _USUAL:
        return None
    figure = new_figure(3.9)
    axes = figure.subplots()
    parts = [(calls_ended(o), OUTCOME_WORDS[o], *_LOOKS[o]) for o in outcomes]
    _stack(axes, result, "all", parts, theme)
    axes.set_ylabel(f"calls in {words.duration(result.meta.interval_s)}")
    dress.whole_numbers(axes)
    dress.clock_axis(axes, result, label=True)
    dress.legend_above(axes, "How calls end")
    return figure


def _stack(
    axes: "Axes",
    result: Result,
    scope: str,
    parts: list[tuple[str, str, str, float]],
    theme: Theme,
) -> None:
    """Series on top of each other: measure, name, colour and opacity of each."""
    edges = dress.edges_h(result)
    base = np.zeros(len(edges) - 1)
    for name, said, role, alpha in parts:
        series = keys.series(result, scope, name)
        if series is None or not np.nansum(series.mean):
            continue
        top = base + np.nan_to_num(dress.clipped(result, series.mean))
        axes.stairs(
            top,
            edges,
            baseline=base,
            fill=True,
            color=getattr(theme, role),
            alpha=alpha,
            label=said,
        )
        base = top
    axes.set_ylim(0, max(1.0, float(base.max(initial=0.0)) * 1.05))


def offers_over_the_day(result: Result, theme: Theme) -> "Figure | None":
    """What callers take in place of waiting, by queue and interval of joining."""
    scopes = [
        scope
        for scope in keys.scopes(result, "queue")
        if any(_taken(result, scope, name) for name, *_ in _TAKEN)
    ][:MOST_ROWS]
    if not scopes:
        return None
    figure = new_figure(0.75 + (ROW_IN + 0.6 if len(scopes) == 1 else ROW_IN) * len(scopes))
    stack = dress.stacked_axes(figure, len(scopes))
    for axes, scope in zip(stack, scopes, strict=True):
        _stack(axes, result, scope, list(_TAKEN), theme)
        axes.set_ylabel(f"calls in {words.duration(result.meta.interval_s)}")
        dress.whole_numbers(axes)
        dress.clock_axis(axes, result, label=axes is stack[-1])
        dress.legend_above(axes, f"Offers and messages · {words.scope_name(scope)}")
    return figure


def _taken(result: Result, scope: str, name: str) -> bool:
    total = keys.total(result, scope, name)
    return total is not None and total.mean > 0
