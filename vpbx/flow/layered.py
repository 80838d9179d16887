"""Layered positions for a directed graph, after Sugiyama, Tagawa and Toda (1981).

Belongs here: coordinates from ranks and orders (`ranking`), on plain names and sizes. Does not
belong here: what the boxes mean, Graphviz.

Nodes stand on even ranks, edge labels on the odd rank next to the edge's tail, so that labels have
a place of their own and nothing overlaps. Abscissas come from weighted least squares under the
least distances.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from math import dist

from vpbx.flow.ranking import Edge, Item, Near, Point, Work, dummies, neighbours, rank_and_order

GAP_IN = 0.22
"""Least distance between two boxes side by side."""
LINE_GAP_IN = 0.13
"""Least distance beside a line or a label."""
RANK_GAP_IN = 0.2
LOOP_IN = 0.3
"""How far a loop stands out beside its box."""
_ALIGNMENTS = 32
_LAST_ALIGNMENTS = 12
"""These look both ways."""


@dataclass(frozen=True)
class Placed:
    """Positions in inches, y upwards: centres of boxes and labels, Bézier points of edges."""

    nodes: dict[str, Point]
    labels: dict[Edge, Point]
    routes: dict[Edge, tuple[Point, ...]]
    """3n + 1 points of n cubic Bézier curves, from tail to head."""
    width: float
    height: float


def place(sizes: dict[str, Point], edges: list[Edge], label_sizes: dict[Edge, Point]) -> Placed:
    """Positions of boxes of the given sizes (width, height in inches) and of their edges.

    `label_sizes` holds the edges that carry a label; the order of `sizes` breaks ties, so the same
    input always gives the same drawing. What is not connected stands side by side.
    """
    drawn = []
    for part in _parts(sizes, edges):
        within = [edge for edge in edges if edge[0] in part]
        labels = {edge: size for edge, size in label_sizes.items() if edge[0] in part}
        boxes = {name: size for name, size in sizes.items() if name in part}
        drawn.append(_place_part(boxes, within, labels))
    return _side_by_side(drawn)


def _parts(sizes: dict[str, Point], edges: list[Edge]) -> list[set[str]]:
    """The connected parts, in the order of their first boxes."""
    part_of = {name: {name} for name in sizes}
    for tail, head in edges:
        if part_of[tail] is not part_of[head]:
            joined = part_of[tail] | part_of[head]
            part_of |= dict.fromkeys(joined, joined)
    return list({id(part): part for part in part_of.values()}.values())


def _side_by_side(drawn: list[Placed]) -> Placed:
    """Drawings next to one another, their tops in line."""
    whole = Placed({}, {}, {}, 0.0, max((part.height for part in drawn), default=0.0))
    left = 0.0
    for part in drawn:
        by = (left, whole.height - part.height)
        whole.nodes.update({name: _moved(at, by) for name, at in part.nodes.items()})
        whole.labels.update({edge: _moved(at, by) for edge, at in part.labels.items()})
        for edge, route in part.routes.items():
            whole.routes[edge] = tuple(_moved(at, by) for at in route)
        left += part.width + 2 * GAP_IN
    width = max(left - 2 * GAP_IN, 0.0)
    return Placed(whole.nodes, whole.labels, whole.routes, width, whole.height)


def _moved(point: Point, by: Point) -> Point:
    return point[0] + by[0], point[1] + by[1]


def _place_part(
    sizes: dict[str, Point], edges: list[Edge], label_sizes: dict[Edge, Point]
) -> Placed:
    """Positions of boxes that are connected."""
    work = Work(sizes, label_sizes)
    work.loops = [edge for edge in edges if edge[0] == edge[1]]
    rank_and_order(work, [edge for edge in edges if edge[0] != edge[1]])
    _align(work)
    return _draw(work)


def _half_widths(work: Work, item: Item) -> tuple[float, float]:
    """How far an item reaches to its left and right."""
    if isinstance(item, str):
        half = work.sizes[item][0] / 2
        loop = next((edge for edge in work.loops if edge[0] == item), None)
        label = work.label_sizes.get(loop, (0.0, 0.0))[0] if loop else 0.0
        return half, half + (LOOP_IN + label if loop else 0.0)
    half = work.label_sizes[item[:2]][0] / 2 if item[2] == _label_rank(work, item[:2]) else 0.0
    return half, half


def _label_rank(work: Work, edge: Edge) -> int:
    """The rank where the label of an edge stands: next to its tail; -1: it has none."""
    if edge not in work.label_sizes:
        return -1
    tail = work.rank[edge[0]]
    return tail + 1 if work.down[edge] == edge else tail - 1


def _distances(work: Work, items: list[Item]) -> list[float]:
    """Least distance from each item to the next."""
    found = []
    for one, two in pairwise(items):
        boxes = isinstance(one, str) and isinstance(two, str)
        gap = GAP_IN if boxes else LINE_GAP_IN
        found.append(_half_widths(work, one)[1] + _half_widths(work, two)[0] + gap)
    return found


def _align(work: Work) -> None:
    """Abscissas: each rank in turn as near to its neighbours as the distances allow."""
    up, down = neighbours(work)
    for items in work.order:
        at = 0.0
        for item, distance in zip(items, [*_distances(work, items), 0.0], strict=False):
            work.x[item] = at
            at += distance
    for sweep in range(_ALIGNMENTS):
        last = sweep >= _ALIGNMENTS - _LAST_ALIGNMENTS
        ranks = work.order if sweep % 2 == 0 else work.order[::-1]
        near = up if sweep % 2 == 0 else down
        for items in ranks:
            _align_rank(work, items, [near] if not last else [up, down])
    left = min((work.x[item] - _half_widths(work, item)[0] for item in work.x), default=0.0)
    work.x = {item: at - left for item, at in work.x.items()}


def _align_rank(work: Work, items: list[Item], nears: list[Near]) -> None:
    wishes, weights = [], []
    for item in items:
        others = [other for near in nears for other in near[item]]
        pulls = [
            1.0 if isinstance(item, str) or isinstance(other, str) else 6.0 for other in others
        ]
        total = sum(pulls)
        mean = sum(work.x[o] * p for o, p in zip(others, pulls, strict=True)) / (total or 1.0)
        wishes.append(mean if others else work.x[item])
        weights.append(total or 0.05)
    for item, at in zip(items, spread(wishes, weights, _distances(work, items)), strict=True):
        work.x[item] = at


def spread(wishes: list[float], weights: list[float], distances: list[float]) -> list[float]:
    """Places nearest to the wishes (weighted least squares) that keep the least distances.

    With the distances taken off, the places must only not fall: isotonic regression, solved by
    pooling adjacent violators (Ayer et al. 1955).
    """
    offsets = [0.0]
    for distance in distances:
        offsets.append(offsets[-1] + distance)
    blocks: list[list[float]] = []  # mean, weight, number of items
    for wish, weight, offset in zip(wishes, weights, offsets, strict=False):
        blocks.append([wish - offset, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, more, count = blocks.pop()
            total = blocks[-1][1] + more
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + mean * more) / total,
                total,
                blocks[-1][2] + count,
            ]
    pooled = [mean for mean, _, count in blocks for _ in range(int(count))]
    return [mean + offset for mean, offset in zip(pooled, offsets, strict=False)]


def _draw(work: Work) -> Placed:
    """Everything on paper."""
    tops, bottoms, height = _rank_bands(work)
    nodes = {
        name: (work.x[name], (tops[work.rank[name]] + bottoms[work.rank[name]]) / 2)
        for name in work.sizes
    }
    ports = _ports(work)
    routes = {edge: _route(work, edge, ports, tops, bottoms, nodes) for edge in work.down}
    labels = {}
    for edge in work.label_sizes:
        if edge in work.down:
            rank = _label_rank(work, edge)
            labels[edge] = (work.x[(*edge, rank)], (tops[rank] + bottoms[rank]) / 2)
    for loop in work.loops:
        routes[loop], label = _loop(work, loop, nodes)
        if loop in work.label_sizes:
            labels[loop] = label
    width = max((work.x[item] + _half_widths(work, item)[1] for item in work.x), default=0.0)
    return Placed(nodes, labels, routes, width, height)


def _rank_bands(work: Work) -> tuple[list[float], list[float], float]:
    """Top and bottom of each rank, and the height of it all; y grows upwards."""
    heights = [0.0] * len(work.order)
    for name, rank in work.rank.items():
        heights[rank] = max(heights[rank], work.sizes[name][1])
    for edge in work.down:
        rank = _label_rank(work, edge)
        if rank >= 0:
            heights[rank] = max(heights[rank], work.label_sizes[edge][1])
    gaps = [RANK_GAP_IN] * max(len(heights) - 1, 0)
    total = sum(heights) + sum(gaps)
    tops, bottoms, at = [], [], total
    for height, gap in zip(heights, [*gaps, 0.0], strict=True):
        tops.append(at)
        bottoms.append(at - height)
        at -= height + gap
    return tops, bottoms, total


def _ports(work: Work) -> dict[tuple[Edge, str], float]:
    """Where along a box's side each edge leaves it or comes in, side by side in order."""
    sides: dict[tuple[str, bool], list[tuple[float, Edge]]] = defaultdict(list)
    for edge, (upper, lower) in work.down.items():
        sides[upper, True].append((work.x[work.chain[edge][1]], edge))
        sides[lower, False].append((work.x[work.chain[edge][-2]], edge))
    ports = {}
    for (name, _), ends in sides.items():
        usable = work.sizes[name][0] * 0.8
        step = min(usable / len(ends), 0.28)
        for at, (_, edge) in enumerate(sorted(ends)):
            ports[edge, name] = work.x[name] + (at - (len(ends) - 1) / 2) * step
    return ports


def _route(
    work: Work,
    edge: Edge,
    ports: dict[tuple[Edge, str], float],
    tops: list[float],
    bottoms: list[float],
    nodes: dict[str, Point],
) -> tuple[Point, ...]:
    """Bézier points from tail to head: curves between ranks, straight lines through them."""
    upper, lower = work.down[edge]
    start = (ports[edge, upper], nodes[upper][1] - work.sizes[upper][1] / 2)
    end = (ports[edge, lower], nodes[lower][1] + work.sizes[lower][1] / 2)
    points = [start]
    if start[1] > bottoms[work.rank[upper]]:
        points += _straight(start, (start[0], bottoms[work.rank[upper]]))
    for item in dummies(work, edge):
        rank = item[2]
        points += _bend(points[-1], (work.x[item], tops[rank]))
        points += _straight(points[-1], (work.x[item], bottoms[rank]))
    points += _bend(points[-1], (end[0], tops[work.rank[lower]]))
    points += _straight(points[-1], end)
    return tuple(points) if work.down[edge] == edge else tuple(reversed(points))


def _bend(start: Point, end: Point) -> list[Point]:
    middle = (start[1] + end[1]) / 2
    return [(start[0], middle), (end[0], middle), end]


def _straight(start: Point, end: Point) -> list[Point]:
    """A line; nothing where it would have no length (an arrow's head needs a direction)."""
    if dist(start, end) < 1e-6:
        return []
    dx, dy = (end[0] - start[0]) / 3, (end[1] - start[1]) / 3
    return [(start[0] + dx, start[1] + dy), (end[0] - dx, end[1] - dy), end]


def _loop(work: Work, loop: Edge, nodes: dict[str, Point]) -> tuple[tuple[Point, ...], Point]:
    """A loop on the right side of a box, and where its label stands."""
    (x, y), (width, height) = nodes[loop[0]], work.sizes[loop[0]]
    right, out, rise = x + width / 2, LOOP_IN * 1.1, height / 4
    label = work.label_sizes.get(loop, (0.0, 0.0))
    route = ((right, y - rise), (right + out, y - rise), (right + out, y + rise), (right, y + rise))
    return route, (right + LOOP_IN + label[0] / 2, y)
