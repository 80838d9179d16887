"""Positions for a drawing of the flow: by Graphviz where it is installed, else our own.

Belongs here: sizes of boxes and labels, the choice, talking to Graphviz. Does not belong here: the
layered layout itself (`layered`), colours and strokes (`report.flow_picture`).
"""

import shlex
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass

from vpbx.flow import layered
from vpbx.flow.layered import Placed
from vpbx.flow.picture import Arrow, Box, Picture
from vpbx.flow.ranking import Edge, Point
from vpbx.flow.text_size import height_in, width_in

TITLE_POINTS = 8.5
TEXT_POINTS = 7.5
LABEL_POINTS = 7.0
_PAD_IN = 0.1
_LEAST_WIDTH_IN = 0.75
_LEAST_COPY_IN = 0.2
_END_IN = 0.2
_SHARE = "100%"
_WAIT = "queue's mean 88 min 88 s"
_GRAPHVIZ_LIMIT_S = 10


@dataclass(frozen=True)
class Layout:
    """Where everything stands, in inches, y upwards, with the sizes of boxes and labels."""

    placed: Placed
    sizes: dict[str, Point]
    label_sizes: dict[Edge, Point]


def box_size(box: Box, figures: bool = False) -> Point:
    """Width and height of a box in inches; with room for a queue's wait when `figures`."""
    widths = [width_in(line, TITLE_POINTS, bold=True) for line in box.title]
    widths += [width_in(line, TEXT_POINTS) for line in box.lines]
    extra = int(figures and bool(box.queue))
    if extra:
        widths.append(width_in(_WAIT, TEXT_POINTS))
    height = height_in(len(box.title), TITLE_POINTS)
    height += height_in(len(box.lines) + extra, TEXT_POINTS)
    least = _LEAST_COPY_IN if box.copy_of else _LEAST_WIDTH_IN
    return max(*widths, least) + 2 * _PAD_IN, height + 1.4 * _PAD_IN


def _widened(size: Point, n_ends: int) -> Point:
    """A box wide enough for its arrows to come and go apart."""
    return max(size[0], (n_ends / 2 + 1) * _END_IN), size[1]


def label_size(arrow: Arrow, figures: bool = False) -> Point:
    """Width and height of an arrow's label in inches; with room for a share when `figures`."""
    lines = (*arrow.lines, _SHARE) if figures else arrow.lines
    width = max((width_in(line, LABEL_POINTS) for line in lines), default=0.0)
    return width + 0.06, height_in(len(lines), LABEL_POINTS) + 0.02


def place(picture: Picture, figures: bool = False, graphviz: bool = True) -> Layout:
    """Positions of a picture; `figures` leaves room for shares and waits.

    Graphviz's `dot` is used where it is installed and `graphviz` allows; if it fails, or takes
    longer than ten seconds, our own layout stands in.
    """
    ends = Counter(arrow.tail for arrow in picture.arrows.values())
    ends.update(arrow.head for arrow in picture.arrows.values())
    sizes = {
        name: _widened(box_size(box, figures), ends[name]) for name, box in picture.boxes.items()
    }
    labels = {
        edge: label_size(arrow, figures)
        for edge, arrow in picture.arrows.items()
        if arrow.lines or figures
    }
    placed = _by_graphviz(sizes, list(picture.arrows), labels) if graphviz else None
    if placed is None:
        placed = layered.place(sizes, list(picture.arrows), labels)
    return Layout(placed, sizes, labels)


def _by_graphviz(
    sizes: dict[str, Point], edges: list[Edge], labels: dict[Edge, Point]
) -> Placed | None:
    """Positions by `dot`; None when it is not there or does not do it."""
    dot = shutil.which("dot")
    if dot is None:
        return None
    try:
        done = subprocess.run(
            [dot, "-Tplain"],
            input=_dot_input(sizes, edges, labels),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_GRAPHVIZ_LIMIT_S,
            check=True,
        )
        return read_plain(done.stdout, list(sizes), edges)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _dot_input(sizes: dict[str, Point], edges: list[Edge], labels: dict[Edge, Point]) -> str:
    """The graph with boxes of fixed size; labels are stand-ins of the size needed."""
    number = {name: at for at, name in enumerate(sizes)}
    lines = ["digraph flow {", "  nodesep=0.2; ranksep=0.3;", "  node [shape=box fixedsize=true];"]
    for name, (width, height) in sizes.items():
        lines.append(f'  n{number[name]} [label="" width={width:.3f} height={height:.3f}];')
    for tail, head in edges:
        lines.append(f"  n{number[tail]} -> n{number[head]}{_stand_in(labels.get((tail, head)))};")
    return "\n".join([*lines, "}", ""])


def _stand_in(size: Point | None) -> str:
    """A label of `m`s as large as the true one."""
    if size is None:
        return ""
    rows = max(round(size[1] / 0.13), 1)
    row = "m" * max(round(size[0] / 0.085), 1)
    return f' [fontname="DejaVu Sans" fontsize=7 label="{"|".join([row] * rows)}"]'.replace(
        "|", "\\n"
    )


def read_plain(text: str, names: list[str], edges: list[Edge]) -> Placed:
    """Positions from Graphviz's `plain` output; raises `ValueError` when something is missing.

    Lines: `graph scale width height`, `node name x y width height …`,
    `edge tail head n x1 y1 … xn yn [label x y] style color`, `stop`.
    """
    nodes: dict[str, Point] = {}
    labels: dict[Edge, Point] = {}
    routes: dict[Edge, tuple[Point, ...]] = {}
    width = height = 0.0
    for line in text.splitlines():
        words = shlex.split(line, posix=True)
        if words and words[0] == "graph":
            width, height = float(words[2]), float(words[3])
        elif words and words[0] == "node":
            nodes[names[int(words[1][1:])]] = (float(words[2]), float(words[3]))
        elif words and words[0] == "edge":
            edge = (names[int(words[1][1:])], names[int(words[2][1:])])
            routes[edge], label = _plain_edge(words)
            if label is not None:
                labels[edge] = label
    if len(nodes) != len(names) or set(routes) != set(edges):
        raise ValueError("Graphviz left something out")
    return Placed(nodes, labels, routes, width, height)


def _plain_edge(words: list[str]) -> tuple[tuple[Point, ...], Point | None]:
    count = int(words[3])
    numbers = [float(word) for word in words[4 : 4 + 2 * count]]
    rest = words[4 + 2 * count :]
    points = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return points, (float(rest[1]), float(rest[2])) if len(rest) >= 5 else None
