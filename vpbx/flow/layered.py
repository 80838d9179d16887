"""Layered positions for a directed graph: the steps of Sugiyama, Tagawa and Toda (1981).

Belongs here: geometry on plain names and sizes. Does not belong here: what the boxes mean, Graphviz.

Steps: back edges of a depth-first search are turned round; longest-path ranks; long edges get a
dummy on every rank they cross; sweeps of barycentres and swaps of neighbours against crossings;
abscissas by weighted least squares under the distances needed. Nodes stand on even ranks, edge labels
on the odd rank next to the edge's tail, so labels have a place of their own and nothing overlaps.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]
Edge = tuple[str, str]
_Item = str | tuple[str, str, int]
"""A node's name, or a dummy: edge and rank."""

GAP_IN = 0.22
"""Least distance between two boxes side by side."""
LINE_GAP_IN = 0.13
"""Least distance beside a line or a label."""
RANK_GAP_IN = 0.2
LOOP_IN = 0.3
"""How far a loop stands out beside its box."""
_SWEEPS = 24
_ALIGNMENTS = 12


@dataclass(frozen=True)
class Placed:
    """Positions in inches, y upwards from 0: centres of boxes and labels, Bézier points of edges."""

    nodes: dict[str, Point]
    labels: dict[Edge, Point]
    routes: dict[Edge, tuple[Point, ...]]
    """3n + 1 points of n cubic Bézier curves, from tail to head."""
    width: float
    height: float


@dataclass
class _Work:
    """What the steps hand on to one another."""

    sizes: dict[str, Point]
    label_sizes: dict[Edge, Point]
    loops: list[Edge] = field(default_factory=list)
    down: dict[Edge, Edge] = field(default_factory=dict)
    """Edge → the same edge pointing downwards."""
    rank: dict[str, int] = field(default_factory=dict)
    chain: dict[Edge, list[_Item]] = field(default_factory=dict)
    """Edge → items from its upper to its lower end."""
    order: list[list[_Item]] = field(default_factory=list)
    x: dict[_Item, float] = field(default_factory=dict)


def place(sizes: dict[str, Point], edges: list[Edge], label_sizes: dict[Edge, Point]) -> Placed:
    """Positions of boxes of the given sizes (width, height in inches) and of their edges.

    `label_sizes` holds the edges that carry a label; the order of `sizes` breaks ties, so the same
    input always gives the same drawing.
    """
    work = _Work(sizes, label_sizes)
    work.loops = [edge for edge in edges if edge[0] == edge[1]]
    _turn_back_edges(work, [edge for edge in edges if edge[0] != edge[1]])
    _rank(work)
    _chain(work)
    _order(work)
    _align(work)
    return _draw(work)


def _turn_back_edges(work: _Work, edges: list[Edge]) -> None:
    """Edges back to a node that the search is still in point upwards; they are turned round."""
    heads: dict[str, list[str]] = defaultdict(list)
    for tail, head in edges:
        heads[tail].append(head)
    open_, done, back = set(), set(), set()
    has_tail = {head for _, head in edges}
    starts = [name for name in work.sizes if name not in has_tail] + list(work.sizes)
    for start in starts:
        stack = [(start, iter(heads[start]))] if start not in done else []
        open_.update(name for name, _ in stack)
        while stack:
            name, left = stack[-1]
            head = next(left, None)
            if head is None:
                stack.pop()
                open_.discard(name)
                done.add(name)
            elif head in open_:
                back.add((name, head))
            elif head not in done:
                open_.add(head)
                stack.append((head, iter(heads[head])))
    work.down = {edge: (edge[1], edge[0]) if edge in back else edge for edge in edges}


def _rank(work: _Work) -> None:
    """Longest paths from the top; what nothing leads to then stands just above what it leads to."""
    tails: dict[str, set[str]] = defaultdict(set)
    heads: dict[str, set[str]] = defaultdict(set)
    for upper, lower in work.down.values():
        tails[lower].add(upper)
        heads[upper].add(lower)
    left = {name: len(tails[name]) for name in work.sizes}
    ready = [name for name in work.sizes if not left[name]]
    for name in ready:
        work.rank[name] = max((work.rank[tail] + 2 for tail in tails[name]), default=0)
        for head in sorted(heads[name], key=list(work.sizes).index):
            left[head] -= 1
            if not left[head]:
                ready.append(head)
    for name in work.sizes:
        if not tails[name] and heads[name]:
            work.rank[name] = min(work.rank[head] for head in heads[name]) - 2


def _chain(work: _Work) -> None:
    for edge, (upper, lower) in work.down.items():
        between = range(work.rank[upper] + 1, work.rank[lower])
        work.chain[edge] = [upper, *((*edge, rank) for rank in between), lower]


def _order(work: _Work) -> None:
    """The order in each rank: the best of many sweeps by number of crossings."""
    work.order = _first_order(work)
    up, down = _neighbours(work)
    best, fewest = _copy(work.order), _all_crossings(work.order, down)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        ranks = range(1, len(work.order)) if downwards else range(len(work.order) - 2, -1, -1)
        for rank in ranks:
            beside = work.order[rank - 1 if downwards else rank + 1]
            _by_barycentre(work.order[rank], beside, up if downwards else down)
        _swap(work.order, up, down)
        crossings = _all_crossings(work.order, down)
        if crossings < fewest:
            best, fewest = _copy(work.order), crossings
    work.order = best


def _copy(order: list[list[_Item]]) -> list[list[_Item]]:
    return [list(items) for items in order]


def _first_order(work: _Work) -> list[list[_Item]]:
    """Items in the order in which a walk from the top meets them."""
    ranks = max(work.rank.values(), default=0) + 1
    order: list[list[_Item]] = [[] for _ in range(ranks)]
    chains: dict[str, list[Edge]] = defaultdict(list)
    for edge, (upper, _) in work.down.items():
        chains[upper].append(edge)
    seen: set[str] = set()
    stack = [name for name in reversed(list(work.sizes)) if work.rank[name] == 0]
    for name in [*stack[::-1], *work.sizes]:
        _meet(work, name, chains, seen, order)
    return order


def _meet(
    work: _Work,
    start: str,
    chains: dict[str, list[Edge]],
    seen: set[str],
    order: list[list[_Item]],
) -> None:
    stack = [start]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        order[work.rank[name]].append(name)
        for edge in chains[name]:
            for item in work.chain[edge][1:-1]:
                order[item[2]].append(item)  # type: ignore[call-overload]
        stack += [work.down[edge][1] for edge in reversed(chains[name])]


_Near = dict[_Item, list[_Item]]


def _neighbours(work: _Work) -> tuple[_Near, _Near]:
    up: _Near = defaultdict(list)
    down: _Near = defaultdict(list)
    for chain in work.chain.values():
        for upper, lower in pairwise(chain):
            down[upper].append(lower)
            up[lower].append(upper)
    return up, down


def _by_barycentre(items: list[_Item], beside: list[_Item], near: _Near) -> None:
    """Sorts a rank by the mean place of neighbours; items without any stay where they are."""
    place = {item: at for at, item in enumerate(beside)}
    own = {item: float(at) for at, item in enumerate(items)}
    for item in items:
        if near[item]:
            own[item] = sum(place[other] for other in near[item]) / len(near[item])
    items.sort(key=lambda item: own[item])


def _swap(order: list[list[_Item]], up: _Near, down: _Near) -> None:
    """Swaps neighbours while that saves crossings."""
    for rank, items in enumerate(order):
        above = _places(order[rank - 1]) if rank else {}
        below = _places(order[rank + 1]) if rank + 1 < len(order) else {}
        improved, passes = True, 0
        while improved and passes < len(items):
            improved, passes = False, passes + 1
            for at in range(len(items) - 1):
                one, two = items[at], items[at + 1]
                now = _pair(up[one], up[two], above) + _pair(down[one], down[two], below)
                then = _pair(up[two], up[one], above) + _pair(down[two], down[one], below)
                if then < now:
                    items[at], items[at + 1] = two, one
                    improved = True


def _places(items: list[_Item]) -> dict[_Item, int]:
    return {item: at for at, item in enumerate(items)}


def _pair(left: list[_Item], right: list[_Item], place: dict[_Item, int]) -> int:
    """Crossings between the edges of two neighbours in one direction."""
    return sum(place[one] > place[two] for one in left for two in right)


def _all_crossings(order: list[list[_Item]], down: _Near) -> int:
    total = 0
    for upper, lower in pairwise(order):
        place = _places(lower)
        ends = [place[item] for name in upper for item in sorted(down[name], key=place.__getitem__)]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _half_widths(work: _Work, item: _Item) -> tuple[float, float]:
    """How far an item reaches to its left and right."""
    if isinstance(item, str):
        half = work.sizes[item][0] / 2
        loop = next((edge for edge in work.loops if edge[0] == item), None)
        label = work.label_sizes.get(loop, (0.0, 0.0))[0] if loop else 0.0
        return half, half + (LOOP_IN + label if loop else 0.0)
    half = work.label_sizes[item[:2]][0] / 2 if item[2] == _label_rank(work, item[:2]) else 0.0
    return half, half


def _label_rank(work: _Work, edge: Edge) -> int:
    """The rank where the label of an edge stands: next to its tail; -1: it has none."""
    if edge not in work.label_sizes:
        return -1
    tail = work.rank[edge[0]]
    return tail + 1 if work.down[edge] == edge else tail - 1


def _distances(work: _Work, items: list[_Item]) -> list[float]:
    """Least distance from each item to the next."""
    found = []
    for one, two in pairwise(items):
        boxes = isinstance(one, str) and isinstance(two, str)
        gap = GAP_IN if boxes else LINE_GAP_IN
        found.append(_half_widths(work, one)[1] + _half_widths(work, two)[0] + gap)
    return found


def _align(work: _Work) -> None:
    """Abscissas: each rank in turn as near to its neighbours as the distances allow."""
    up, down = _neighbours(work)
    for items in work.order:
        at = 0.0
        for item, distance in zip(items, [*_distances(work, items), 0.0], strict=True):
            work.x[item] = at
            at += distance
    for sweep in range(_ALIGNMENTS):
        last = sweep >= _ALIGNMENTS - 2
        ranks = work.order if sweep % 2 == 0 else work.order[::-1]
        near = up if sweep % 2 == 0 else down
        for items in ranks:
            _align_rank(work, items, [near] if not last else [up, down])
    left = min((work.x[item] - _half_widths(work, item)[0] for item in work.x), default=0.0)
    work.x = {item: at - left for item, at in work.x.items()}


def _align_rank(work: _Work, items: list[_Item], nears: list[_Near]) -> None:
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


def _draw(work: _Work) -> Placed:
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


def _rank_bands(work: _Work) -> tuple[list[float], list[float], float]:
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


def _ports(work: _Work) -> dict[tuple[Edge, str], float]:
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
    work: _Work,
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
    for item in work.chain[edge][1:-1]:
        rank = int(item[2])
        points += _bend(points[-1], (work.x[item], tops[rank]))
        points += _straight(points[-1], (work.x[item], bottoms[rank]))
    points += _bend(points[-1], (end[0], tops[work.rank[lower]]))
    points += _straight(points[-1], end)
    return tuple(points) if work.down[edge] == edge else tuple(reversed(points))


def _bend(start: Point, end: Point) -> list[Point]:
    middle = (start[1] + end[1]) / 2
    return [(start[0], middle), (end[0], middle), end]


def _straight(start: Point, end: Point) -> list[Point]:
    dx, dy = (end[0] - start[0]) / 3, (end[1] - start[1]) / 3
    return [(start[0] + dx, start[1] + dy), (end[0] - dx, end[1] - dy), end]


def _loop(work: _Work, loop: Edge, nodes: dict[str, Point]) -> tuple[tuple[Point, ...], Point]:
    """A loop on the right side of a box, and where its label stands."""
    (x, y), (width, height) = nodes[loop[0]], work.sizes[loop[0]]
    right, out, rise = x + width / 2, LOOP_IN * 1.1, height / 4
    label = work.label_sizes.get(loop, (0.0, 0.0))
    route = ((right, y - rise), (right + out, y - rise), (right + out, y + rise), (right, y + rise))
    return route, (right + LOOP_IN + label[0] / 2, y)
