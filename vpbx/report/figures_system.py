"""Pictures of what serves the callers: agents against load, trunks, the funnel through the menus.

Belongs here: functions (result, theme) -> Figure, None where there is nothing to show. Does not
belong here: queues (`figures_queue`), the drawing of the call-flow graph (`flow_picture`).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from vpbx.measures.result import EdgeFlow, Result, Series
from vpbx.report import axes as dress
from vpbx.report import keys, words
from vpbx.report.axes import Floats
from vpbx.report.figures_queue import MOST_ROWS, Draw
from vpbx.report.style import ROW_IN, Theme, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NODES = 24
_LABEL_SHARE = 0.075
"""Parts of a bar narrower than this carry no text."""


def agents_and_load(result: Result, theme: Theme) -> "Figure | None":
    """Agents on the phone and busy by group, beside the load offered to them.

    The load is that of all queues for the only group, and that of a group's own queue where each
    queue has a group to itself. Otherwise each queue has a row of its own, which counts the agents
    of all groups that serve it.
    """
    groups = [s for s in keys.scopes(result, "group") if keys.series(result, s, keys.AGENTS)]
    queues = [s for s in keys.scopes(result, "queue") if keys.series(result, s, keys.AGENTS)]
    own = _own_queues(result, groups, queues)
    rows = (groups if len(groups) == 1 or own else [*queues, *groups])[:MOST_ROWS]

    def draw(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
        load = _offered_load(result, scope, queues if len(groups) == 1 else own.get(scope, []))
        _draw_agents(axes, result, scope, theme, load)

    return _time_rows(result, theme, rows, "Agents against load", draw)


def _own_queues(result: Result, groups: list[str], queues: list[str]) -> dict[str, list[str]]:
    """The queue of each group, where they come in pairs with the same agents; else nothing."""
    staff = {s: _values(result, s, keys.AGENTS).tobytes() for s in (*groups, *queues)}
    by_staff = {staff[queue]: queue for queue in queues}
    paired = {staff[group] for group in groups} == set(by_staff)
    if not paired or not len(groups) == len(queues) == len(by_staff):
        return {}
    return {group: [by_staff[staff[group]]] for group in groups}


def _values(result: Result, scope: str, name: str) -> Floats:
    """A measure by interval; empty where there is none."""
    found = keys.series(result, scope, name)
    return np.empty(0) if found is None else dress.clipped(result, found.mean)


def _time_rows(
    result: Result, theme: Theme, rows: list[str], title: str, draw: Draw
) -> "Figure | None":
    """A row of axes a scope, over the run's clock."""
    if not rows:
        return None
    figure = new_figure(0.75 + (ROW_IN + (0.6 if len(rows) == 1 else 0)) * len(rows))
    stack = dress.stacked_axes(figure, len(rows))
    for axes, scope in zip(stack, rows, strict=True):
        draw(axes, result, scope, theme)
        dress.mark_busy_hour(axes, result, scope, theme)
        dress.clock_axis(axes, result, label=axes is stack[-1])
        dress.legend_above(axes, f"{title} · {scope.replace('.', ' ', 1)}")
    return figure


def _draw_agents(
    axes: "Axes", result: Result, scope: str, theme: Theme, load: Floats | None
) -> None:
    x, edges = dress.middles_h(result), dress.edges_h(result)
    staffed = np.nan_to_num(_values(result, scope, keys.AGENTS))
    room = np.nan_to_num(_values(result, scope, keys.ROOM))
    if room.size and not np.array_equal(room, staffed):
        label = "conversations they can hold"
        axes.stairs(room, edges, baseline=None, color=theme.ink, lw=1.0, label=label)
    axes.stairs(staffed, edges, fill=True, color=theme.staff, alpha=0.45, label="on the phone")
    busy = keys.series(result, scope, keys.CARRIED) if scope.startswith("group.") else None
    if busy is not None:
        values = dress.clipped(result, busy.mean)
        axes.plot(x, values, color=theme.answered, lw=1.3, label="busy (ring, talk, wrap-up)")
    if load is not None:
        axes.plot(x, load, color=theme.abandoned, ls="--", label="offered load (erlang)")
    axes.set_ylabel("agents, erlang")
    dress.whole_numbers(axes)


def _offered_load(result: Result, scope: str, queues: list[str]) -> Floats | None:
    """Load of these queues together; a queue's own for the scope of a queue."""
    named = [scope] if scope.startswith("queue.") else queues
    found = [v for s in named if (v := _values(result, s, keys.OFFERED_LOAD)).size]
    return np.asarray(np.nansum(found, axis=0), dtype=np.float64) if found else None


def trunk_use(result: Result, theme: Theme) -> "Figure | None":
    """Channels held, mean and peak of each interval, against the channels there are."""
    trunks = [s for s in keys.scopes(result, "trunk") if keys.series(result, s, keys.CARRIED)]
    return _time_rows(result, theme, trunks[:MOST_ROWS], "Lines in use", _draw_trunk)


def _draw_trunk(axes: "Axes", result: Result, scope: str, theme: Theme) -> None:
    x, edges = dress.middles_h(result), dress.edges_h(result)
    load, peak, channels = (
        keys.series(result, scope, name) for name in (keys.CARRIED, keys.TRUNK_PEAK, keys.CHANNELS)
    )
    if load is not None:
        cut = Series(dress.clipped(result, load.mean), dress.clipped(result, load.half_width))
        dress.line_with_band(axes, x, cut, theme.wait, "held, mean")
    if peak is not None:
        values = dress.clipped(result, peak.mean)
        axes.plot(x, values, color=theme.accent, ls="--", lw=1.2, label="held, peak")
    axes.set_ylabel("channels")
    dress.whole_numbers(axes)
    if channels is not None:
        _draw_channels(axes, dress.clipped(result, channels.mean), edges, theme)


def _draw_channels(axes: "Axes", channels: Floats, edges: Floats, theme: Theme) -> None:
    """The channels there are; only named when the scale would hide what is in use."""
    if not np.isfinite(channels).any():
        return
    style: dict[str, Any] = {"color": theme.target, "ls": ":", "lw": 1.4}
    least, top = float(np.nanmin(channels)), axes.get_ylim()[1]
    if least > 3 * top:
        axes.plot([], [], label=f"channels: {words.count(least)}, above the scale", **style)
        return
    axes.stairs(np.nan_to_num(channels), edges, baseline=None, label="channels", **style)
    axes.set_ylim(0, max(top, float(np.nanmax(channels)) * 1.05))


def menu_funnel(result: Result, theme: Theme) -> "Figure | None":
    """For each node, in the order of calls: the share of callers who leave it each way."""
    nodes = _busiest_nodes(result)
    if not nodes:
        return None
    figure = new_figure(1.1 + 0.36 * len(nodes))
    axes = figure.subplots()
    for row, (_, edges) in enumerate(nodes):
        _draw_exits(axes, row, edges, theme)
    calls = [sum(edge.calls for edge in edges) for _, edges in nodes]
    axes.set_yticks(
        range(len(nodes)),
        [f"{name}  ({words.count(n)})" for (name, _), n in zip(nodes, calls, strict=True)],
    )
    axes.set_ylim(len(nodes) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of the calls that leave the node (%)")
    axes.set_ylabel("node (calls)")
    axes.grid(visible=False)
    _funnel_legend(axes, theme)
    dress.legend_above(axes, "Through the menus: how callers leave each node")
    return figure


def _busiest_nodes(result: Result) -> list[tuple[str, list[EdgeFlow]]]:
    """Nodes with more than one way out in use, busiest first; their exits, busiest first."""
    exits: dict[str, list[EdgeFlow]] = {}
    for edge in result.edges:
        if edge.from_node and edge.calls > 0:
            exits.setdefault(edge.from_node, []).append(edge)
    ordered = [
        (name, sorted(edges, key=lambda edge: (_kind(edge), -edge.calls, edge.label)))
        for name, edges in exits.items()
        if len(edges) > 1
    ]
    ordered.sort(key=lambda item: (-sum(edge.calls for edge in item[1]), item[0]))
    return ordered[:_MOST_NODES]


_KINDS = ("goes on", "read again", "system ends it", "caller hangs up")


def _kind(edge: EdgeFlow) -> int:
    """What an exit means for the caller: place in `_KINDS`."""
    exit_name = edge.exit.lower()
    if exit_name.startswith("repeat"):
        return 1
    if exit_name in ("hang_up", "hangup", "abandoned"):
        return 3
    well = edge.label in ("after the call", "settled")  # served, though nothing comes after
    return 0 if edge.to_node or well else 2


def _colours(theme: Theme) -> tuple[str, str, str, str]:
    return theme.staff, theme.accent, theme.blocked, theme.abandoned


def _draw_exits(axes: "Axes", row: int, edges: list[EdgeFlow], theme: Theme) -> None:
    whole, left = sum(edge.calls for edge in edges), 0.0
    for edge in edges:
        width = edge.calls / whole
        axes.barh(
            row, 100 * width, left=100 * left, height=0.72, color=_colours(theme)[_kind(edge)],
            alpha=0.6, ec=theme.paper, lw=1.2,
        )  # fmt: skip
        text = _fitting(edge.label or edge.exit, width)
        if text:
            axes.text(100 * (left + width / 2), row, text, ha="center", va="center", fontsize=7.5)
        left += width


def _fitting(label: str, width: float) -> str:
    """As much of a label as a bar of this share of the axes holds."""
    if width < _LABEL_SHARE:
        return ""
    letters = int(width * 88)
    return label if len(label) <= letters else f"{label[: max(letters - 1, 1)]}…"


def _funnel_legend(axes: "Axes", theme: Theme) -> None:
    for name, colour in zip(_KINDS, _colours(theme), strict=True):
        axes.bar([0], [0], color=colour, alpha=0.6, label=name)
