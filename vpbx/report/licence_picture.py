"""A licence's history as a picture: state, modules, channels and money over one time axis.

Belongs here: drawing. Does not belong here: the history itself (`licence`), the page around the
picture (`report.licence`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from vpbx.licence.timeline import Period, State, Timeline
from vpbx.report.style import Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

T = TypeVar("T")

STATE_WORDS = {
    State.NOT_CONCLUDED: "not concluded",
    State.ACTIVE: "active",
    State.SUSPENDED: "suspended",
    State.MAINTENANCE: "maintenance",
    State.ENDED: "ended",
}
"""States as people say them."""

_BAND_IN, _MODULE_IN, _CHANNELS_IN, _MONEY_IN = 0.95, 0.24, 1.3, 2.0
_LEAST_LABEL = 0.07
"""A plan's name is written on a stretch of at least this share of the axis."""
_SHORT = 0.003
"""Stretches are drawn at least this share of the axis wide, so that an hour shows in a year."""


def licence_figure(timeline: Timeline, theme: Theme) -> "Figure":
    """State and plan, modules, channels, and the account's balance, from top to bottom."""
    spans = list(stretches(timeline))
    modules = _module_names(spans)
    heights = [_BAND_IN, 0.45 + _MODULE_IN * len(modules), _CHANNELS_IN, _MONEY_IN]
    figure = new_figure(sum(heights) + 0.5)
    axes = figure.subplots(4, 1, sharex=True, height_ratios=heights)
    _states(axes[0], spans, theme)
    _modules(axes[1], spans, modules, theme)
    _channels(axes[2], spans, theme)
    _money(axes[3], timeline, spans, theme)
    _time_axis(axes, timeline, spans, theme)
    return figure


Stretch = tuple[float, float, Period]
"""From, until (days since 1970, local time), and what holds meanwhile."""


def stretches(timeline: Timeline) -> Iterator[Stretch]:
    """The periods with their ends, up to the end of the run."""
    run_end = timeline.until - timedelta(microseconds=timeline.until_us - timeline.run_us)
    shown = [period for period in timeline.periods if period.at_us < timeline.run_us]
    edges = [*(_days(period.at) for period in shown), _days(run_end)]
    yield from zip(edges, edges[1:], shown, strict=False)


def _days(at: datetime) -> float:
    """Where a local time stands on the axis: days since 1970, as matplotlib counts them."""
    return (at - datetime(1970, 1, 1)) / timedelta(days=1)


def _module_names(spans: Sequence[Stretch]) -> list[str]:
    """Modules in the order in which they were first switched on."""
    return list(dict.fromkeys(name for _, _, period in spans for name in period.modules))


def _colours(theme: Theme) -> dict[State, str]:
    return {
        State.NOT_CONCLUDED: theme.grid,
        State.ACTIVE: theme.answered,
        State.SUSPENDED: theme.abandoned,
        State.MAINTENANCE: theme.accent,
        State.ENDED: theme.muted,
    }


def _states(axes: "Axes", spans: Sequence[Stretch], theme: Theme) -> None:
    colours, seen = _colours(theme), set()
    whole = spans[-1][1] - spans[0][0]
    runs = _runs(spans, lambda period: period.state)
    for begin, end, state in sorted(runs, key=lambda run: run[2] is not State.ACTIVE):
        label = STATE_WORDS[state] if state not in seen else None
        seen.add(state)
        width = max(end - begin, whole * _SHORT)
        axes.barh(0, width, left=begin, height=0.8, color=colours[state], label=label)
    for begin, end, plan in _runs(spans, lambda period: period.plan):
        if plan and (end - begin) / whole >= _LEAST_LABEL:
            axes.text((begin + end) / 2, -0.72, plan, ha="center", va="center")
        axes.plot([begin, begin], [-0.95, 0.4], color=theme.ink, lw=0.8)
    axes.set(ylim=(-1.05, 0.5), yticks=[0, -0.72], yticklabels=["state", "plan"])
    axes.tick_params(axis="y", length=0)
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)


def _runs(spans: Sequence[Stretch], of: Callable[[Period], T]) -> list[tuple[float, float, T]]:
    """Neighbouring stretches that are alike in something, joined."""
    found: list[tuple[float, float, T]] = []
    for begin, end, period in spans:
        value = of(period)
        joined = bool(found) and found[-1][2] == value
        first = found.pop()[0] if joined else begin
        found.append((first, end, value))
    return found


def _level(module: str, period: Period) -> str:
    """Whether a module is on, off, or on and in maintenance."""
    if module not in period.modules:
        return "off"
    return "on" if period.state is State.ACTIVE else "maintenance"


def _modules(axes: "Axes", spans: Sequence[Stretch], names: Sequence[str], theme: Theme) -> None:
    colours = {"on": theme.staff, "maintenance": theme.accent}
    for row, name in enumerate(names):
        for begin, end, level in _runs(spans, partial(_level, name)):
            if level != "off":
                axes.barh(row, end - begin, left=begin, height=0.62, color=colours[level])
    axes.set(yticks=range(len(names)), yticklabels=names, ylim=(max(len(names), 1) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.grid(False)
    axes.set_title("modules switched on")


def _channels(axes: "Axes", spans: Sequence[Stretch], theme: Theme) -> None:
    from matplotlib.ticker import MaxNLocator

    edges = [*(begin for begin, _, _ in spans), spans[-1][1]]
    values = [period.channels for _, _, period in spans]
    axes.stairs(values, edges, color=theme.wait, fill=True, alpha=0.18, lw=0)
    axes.stairs(values, edges, color=theme.wait, lw=1.6, baseline=None)
    axes.set_ylim(0, max(1.0, *values) * 1.1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.set_title("channels: calls that may be in progress at once")


def _money(axes: "Axes", timeline: Timeline, spans: Sequence[Stretch], theme: Theme) -> None:
    edges = [*(begin for begin, _, _ in spans), spans[-1][1]]
    balance = [period.balance / 100 for _, _, period in spans]
    owed = [-period.owed / 100 for _, _, period in spans]
    axes.stairs(balance, edges, color=theme.ink, lw=1.6, baseline=None, label="balance")
    if any(owed):
        axes.stairs(owed, edges, color=theme.abandoned, fill=True, alpha=0.5, label="owed")
    short = [one for one in timeline.shortfalls if one.moment.at_us < timeline.run_us]
    due = [one.due / 100 for one in short]
    if short:
        at = [_days(one.moment.wall) for one in short]
        axes.plot(at, due, "x", color=theme.abandoned, markersize=7, label="due, not covered")
    axes.axhline(0, color=theme.muted, lw=0.8)
    axes.set_ylim(min(0.0, *owed) * 1.12, max(1.0, *balance, *due) * 1.12)
    axes.set_title(f"personal account, {timeline.currency}", pad=19)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, borderaxespad=0.2, columnspacing=1.4
    )


def _time_axis(
    axes: "Sequence[Axes]", timeline: Timeline, spans: Sequence[Stretch], theme: Theme
) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes[-1].xaxis.set_major_locator(locator)
    hours = spans[-1][1] - spans[0][0] < 4
    written = DateFormatter("%H:%M\n%d %b" if hours else "%d %b\n%Y")  # type: ignore[no-untyped-call]
    axes[-1].xaxis.set_major_formatter(written)
    axes[-1].set_xlim(spans[0][0], spans[-1][1])
    if timeline.periods[0].at_us < 0:
        start = _days(timeline.until - timedelta(microseconds=timeline.until_us))
        for one in axes:
            one.axvline(start, color=theme.target, lw=1.0, ls=":", label="the run begins")
    axes[0].legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(STATE_WORDS) + 1,
        borderaxespad=0.2,
        columnspacing=1.4,
    )
