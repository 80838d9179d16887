"""The call flow drawn: boxes, arrows, and after a run the share of callers and the waits.

Belongs here: strokes, colours and texts of the drawing. Does not belong here: where things stand
(`flow.layout`), what is written in the boxes (`flow.picture`), other figures.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vpbx.codes import Op
from vpbx.errors import FileError, UsageError
from vpbx.measures.result import Result
from vpbx.report import render
from vpbx.report.style import LIGHT, Theme, drawing
from vpbx.scenario.models import Scenario
from vpbx.store.files import reason
from vpbx.units import SECOND_US, duration_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from vpbx.flow.layout import Layout
    from vpbx.flow.picture import Box, Picture
    from vpbx.flow.ranking import Edge, Point

_MARGIN_IN = 0.12
_THIN_PT, _THICK_PT = 0.9, 5.0
_BAR_IN = 0.055


class FlowFigures(NamedTuple):
    """What a run says of the flow; empty where there is nothing to say."""

    shares: Mapping[tuple[str, str], float]
    """(from, to) → calls along the way, as a share of all calls; from `number …` for an entry."""
    waits: Mapping[str, float]
    """Queue → mean wait of its answered callers in seconds."""
    shared: frozenset[str] = frozenset()
    """Queues at which callers join from several nodes: the wait is not that of one of them."""


NO_FIGURES = FlowFigures({}, {})


def figures_of_result(result: Result) -> FlowFigures:
    """Shares and waits of a Result."""
    edges = ((e.from_node, e.to_node, e.label, e.calls) for e in result.edges if _moves_on(e.exit))
    waits = {
        scope: measures["mean_wait"].mean
        for scope, measures in result.totals.items()
        if "mean_wait" in measures
    }
    return _figures(edges, waits)


def figures_of_summary(path: Path) -> FlowFigures:
    """Shares and waits of a run's summary.json; raises `FileError`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        edges = [
            (e["from"], e["to"], e["label"], e["calls"] or 0.0)
            for e in data["edges"]
            if _moves_on(e["exit"])
        ]
        waits = {
            scope: measures["mean_wait"]["mean"]
            for scope, measures in data["totals"].items()
            if "mean_wait" in measures
        }
    except OSError as error:
        raise FileError(path, reason(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(path, "is not the summary of a run") from error
    return _figures(edges, waits)


def _moves_on(exit_: str) -> bool:
    """Whether an edge is drawn: another reading of the same prompt is none."""
    return not exit_.startswith("repeat_")


def _figures(
    edges: Iterable[tuple[str, str, str, float]], waits: Mapping[str, float | None]
) -> FlowFigures:
    from vpbx.flow.graph import number_node

    calls: dict[tuple[str, str], float] = defaultdict(float)
    total = 0.0
    for tail, head, label, count in edges:
        total += 0.0 if tail else count
        calls[tail or number_node(label), head] += count
    shares = {edge: count / total for edge, count in calls.items()} if total > 0 else {}
    of_queues = {
        scope.removeprefix("queue."): wait
        for scope, wait in waits.items()
        if scope.startswith("queue.") and wait is not None and not isnan(wait)
    }
    return FlowFigures(shares, of_queues)


def draw_flow(scenario: Scenario, format: str, summary: Path | None = None) -> bytes:
    """The call flow in a format: "svg", "png", "mermaid", "dot" or "graphml".

    SVG and PNG show the shares and waits of a run's `summary` file, if one is given.
    """
    from vpbx.flow import export

    figures = NO_FIGURES if summary is None else figures_of_summary(summary)
    if format == "png":
        return render.png(flow_figure(scenario, LIGHT, figures), LIGHT)
    if format == "svg":
        return render.svg(flow_figure(scenario, LIGHT, figures), LIGHT).encode("utf-8")
    texts = {
        "mermaid": export.to_mermaid,
        "dot": export.to_dot,
        "graphml": export.to_graphml,
    }
    if format not in texts:
        raise UsageError(f'there is no format "{format}"; choose svg, png, {", ".join(texts)}')
    return texts[format](scenario).encode("utf-8")


def flow_figure(
    scenario: Scenario, theme: Theme = LIGHT, figures: FlowFigures = NO_FIGURES
) -> "Figure":
    """The drawing of a scenario's flow, as large as text of 7 to 8.5 points makes it."""
    from vpbx.flow.layout import place
    from vpbx.flow.picture import picture

    drawn = picture(scenario)
    with_figures = bool(figures.shares or figures.waits)
    return draw_picture(drawn, place(drawn, with_figures), theme, figures)


def draw_picture(
    drawn: "Picture", layout: "Layout", theme: Theme = LIGHT, figures: FlowFigures = NO_FIGURES
) -> "Figure":
    """A picture of a flow drawn in its layout."""
    from matplotlib.figure import Figure

    placed, figures = layout.placed, figures._replace(shared=_shared_queues(drawn))
    width, height = placed.width + 2 * _MARGIN_IN, placed.height + 2 * _MARGIN_IN
    with drawing(theme):
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(-_MARGIN_IN, placed.width + _MARGIN_IN)
        axes.set_ylim(-_MARGIN_IN, placed.height + _MARGIN_IN)
        shares = _by_arrow(drawn, figures.shares)
        for edge in drawn.arrows:
            _arrow(axes, placed.routes[edge], shares.get(edge), theme)
        for edge, arrow in drawn.arrows.items():
            _label(axes, layout, edge, _label_text(arrow.lines, shares, edge), theme)
        for box in drawn.boxes.values():
            _box(axes, layout, box, figures, theme)
    return figure


def _shared_queues(drawn: "Picture") -> frozenset[str]:
    queues = [box.queue for box in drawn.boxes.values() if box.queue]
    return frozenset(queue for queue in queues if queues.count(queue) > 1)


def _by_arrow(drawn: "Picture", shares: Mapping["Edge", float]) -> dict["Edge", float]:
    """Shares by arrow: those of numbers that share a box are added up; 0 where nobody went."""
    from vpbx.flow.graph import number_node

    if not shares:
        return {}
    found = {}
    for tail, head in drawn.arrows:
        numbers = drawn.boxes[tail].numbers
        tails = [number_node(number) for number in numbers] or [tail]
        true_head = drawn.boxes[head].copy_of or head
        found[tail, head] = sum(shares.get((name, true_head), 0.0) for name in tails)
    return found


def _arrow(axes: "Axes", route: tuple["Point", ...], share: float | None, theme: Theme) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    width = _THIN_PT if share is None else _THIN_PT * 0.7 + _THICK_PT * share
    curve = Curve(list(route), [Curve.MOVETO, *[Curve.CURVE4] * (len(route) - 1)])
    axes.add_patch(
        FancyArrowPatch(
            path=curve,
            arrowstyle=f"-|>,head_length={3.4 + 0.8 * width},head_width={1.5 + 0.6 * width}",
            mutation_scale=1.0,
            linewidth=width,
            color=theme.muted,
            alpha=0.35 if share == 0 else 1.0,
            shrinkA=0,
            shrinkB=0,
            joinstyle="miter",
            capstyle="butt",
            zorder=1,
        )
    )


def _label_text(
    lines: tuple[str, ...], shares: Mapping["Edge", float], edge: "Edge"
) -> tuple[str, ...]:
    return (*lines, _percent(shares[edge])) if edge in shares else lines


def _percent(share: float) -> str:
    if 0 < share < 0.005:
        return "<1%" if share >= 0.0005 else "<0.1%"
    return f"{share:.0%}"


def _label(
    axes: "Axes", layout: "Layout", edge: "Edge", lines: tuple[str, ...], theme: Theme
) -> None:
    from vpbx.flow.layout import LABEL_POINTS

    if not lines or edge not in layout.placed.labels:
        return
    x, y = layout.placed.labels[edge]
    axes.text(
        x,
        y,
        "\n".join(lines),
        fontsize=LABEL_POINTS,
        color=theme.ink,
        ha="center",
        va="center",
        linespacing=1.15,
        zorder=3,
        bbox={"boxstyle": "square,pad=0.08", "facecolor": theme.paper, "edgecolor": "none"},
    )


def _box(axes: "Axes", layout: "Layout", box: "Box", figures: FlowFigures, theme: Theme) -> None:
    """A box with a bar of its kind's colour; its kind also stands in it in words."""
    from matplotlib.patches import FancyBboxPatch, Rectangle

    (x, y), (width, height) = layout.placed.nodes[box.name], layout.sizes[box.name]
    left, bottom, colour = x - width / 2, y - height / 2, _colour(box.op, theme)
    shape = FancyBboxPatch(
        (left, bottom),
        width,
        height,
        boxstyle=f"round,pad=0,rounding_size={height / 2 if box.numbers else 0.05}",
        facecolor=theme.soft,
        edgecolor=colour,
        linewidth=1.3,
        zorder=4,
    )
    axes.add_patch(shape)
    if not box.numbers:
        bar = Rectangle((left, bottom), _BAR_IN, height, facecolor=colour, edgecolor="none")
        bar.set_zorder(5)
        bar.set_clip_path(shape)
        axes.add_patch(bar)
    _box_text(axes, (x, y + height / 2), box, figures, theme)


def _box_text(axes: "Axes", top: "Point", box: "Box", figures: FlowFigures, theme: Theme) -> None:
    from vpbx.flow.layout import TEXT_POINTS, TITLE_POINTS
    from vpbx.flow.text_size import height_in

    rows: list[tuple[str, float, str, str]] = [
        (line, TITLE_POINTS, "bold", theme.ink) for line in box.title
    ]
    rows += [(line, TEXT_POINTS, "normal", theme.ink) for line in box.lines]
    if box.queue in figures.waits:
        wait = duration_text(figures.waits[box.queue] * SECOND_US)
        whose = "queue's mean" if box.queue in figures.shared else "mean wait"
        rows.append((f"{whose} {wait}", TEXT_POINTS, "bold", theme.ink))
    y = top[1] - 0.07
    for line, points, weight, colour in rows:
        step = height_in(1, points)
        axes.text(
            top[0],
            y - step / 2,
            line,
            fontsize=points,
            fontweight=weight,
            color=colour,
            ha="center",
            va="center_baseline",
            zorder=6,
        )
        y -= step


def _colour(op: int, theme: Theme) -> str:
    """The colour of a kind of node; numbers have that of waiting to be let in."""
    colours: dict[Any, str] = {
        Op.PLAY: theme.staff,
        Op.MENU: theme.accent,
        Op.SELF_SERVICE: theme.answered,
        Op.BRANCH: theme.blocked,
        Op.QUEUE: theme.abandoned,
        Op.IDENTIFY: theme.answered,
        Op.SURVEY: theme.answered,
        Op.RING: theme.target,
        Op.VOICEMAIL: theme.abandoned,
        Op.ROUND_TRIP: theme.staff,
        Op.HANGUP: theme.muted,
    }
    return colours.get(op, theme.wait)
