"""Ranks and orders for a layered drawing: which item stands on which rank, in what order.

Belongs here: the first three steps of Sugiyama, Tagawa and Toda (1981): turning back edges of a
depth-first search round, longest-path ranks, sweeps of barycentres and swaps of neighbours against
crossings. Does not belong here: coordinates (`layered`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]
Edge = tuple[str, str]
Dummy = tuple[str, str, int]
"""Where a long edge crosses a rank: its tail, its head, the rank."""
Item = str | Dummy
"""A node's name, or a dummy."""
Near = dict[Item, list[Item]]

_SWEEPS = 24


@dataclass
class Work:
    """What the steps hand on to one another; each fills in its own fields."""

    sizes: dict[str, Point]
    label_sizes: dict[Edge, Point]
    loops: list[Edge] = field(default_factory=list)
    down: dict[Edge, Edge] = field(default_factory=dict)
    """Edge → the same edge pointing downwards."""
    rank: dict[str, int] = field(default_factory=dict)
    chain: dict[Edge, list[Item]] = field(default_factory=dict)
    """Edge → items from its upper to its lower end."""
    order: list[list[Item]] = field(default_factory=list)
    """The items of each rank, from left to right."""
    x: dict[Item, float] = field(default_factory=dict)
    """Abscissas of items' centres in inches."""


def rank_and_order(work: Work, edges: list[Edge]) -> None:
    """Fills `down`, `rank`, `chain` and `order`; edges must not be loops."""
    _turn_back_edges(work, edges)
    _rank(work)
    _chain(work)
    _order(work)


def _turn_back_edges(work: Work, edges: list[Edge]) -> None:
    """Edges back to a node that the search is still in point upwards; they are turned round."""
    heads: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        heads[edge[0]].append(edge[1])
    open_: set[str] = set()
    done: set[str] = set()
    back: set[Edge] = set()
    has_tail = {head for _, head in edges}
    starts = [name for name in work.sizes if name not in has_tail] + list(work.sizes)
    for start in starts:
        stack = [(start, iter(heads[start]))] if start not in done else []
        open_.update(name for name, _ in stack)
        while stack:
            name, left = stack[-1]
            head: str | None = next(left, None)
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


def _rank(work: Work) -> None:
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


def _chain(work: Work) -> None:
    for edge, (upper, lower) in work.down.items():
        between = range(work.rank[upper] + 1, work.rank[lower])
        work.chain[edge] = [upper, *((*edge, rank) for rank in between), lower]


def _order(work: Work) -> None:
    """The order in each rank: the best of many sweeps by number of crossings."""
    work.order = _first_order(work)
    up, down = neighbours(work)
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


def _copy(order: list[list[Item]]) -> list[list[Item]]:
    return [list(items) for items in order]


def _first_order(work: Work) -> list[list[Item]]:
    """Items in the order in which a walk from the top meets them."""
    ranks = max(work.rank.values(), default=0) + 1
    order: list[list[Item]] = [[] for _ in range(ranks)]
    chains: dict[str, list[Edge]] = defaultdict(list)
    for edge, (upper, _) in work.down.items():
        chains[upper].append(edge)
    seen: set[str] = set()
    stack = [name for name in reversed(list(work.sizes)) if work.rank[name] == 0]
    for name in [*stack[::-1], *work.sizes]:
        _meet(work, name, chains, seen, order)
    return order


def _meet(
    work: Work,
    start: str,
    chains: dict[str, list[Edge]],
    seen: set[str],
    order: list[list[Item]],
) -> None:
    stack = [start]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        order[work.rank[name]].append(name)
        for edge in chains[name]:
            for dummy in dummies(work, edge):
                order[dummy[2]].append(dummy)
        stack += [work.down[edge][1] for edge in reversed(chains[name])]


def dummies(work: Work, edge: Edge) -> Iterator[Dummy]:
    """The dummies of an edge, from its upper to its lower end."""
    return (item for item in work.chain[edge] if not isinstance(item, str))


def neighbours(work: Work) -> tuple[Near, Near]:
    """For each item those next to it on the rank above, and those on the rank below."""
    up: Near = defaultdict(list)
    down: Near = defaultdict(list)
    for chain in work.chain.values():
        for upper, lower in pairwise(chain):
            down[upper].append(lower)
            up[lower].append(upper)
    return up, down


def _by_barycentre(items: list[Item], beside: list[Item], near: Near) -> None:
    """Sorts a rank by the mean place of neighbours; items without any stay where they are."""
    place = {item: at for at, item in enumerate(beside)}
    own = {item: float(at) for at, item in enumerate(items)}
    for item in items:
        if near[item]:
            own[item] = sum(place[other] for other in near[item]) / len(near[item])
    items.sort(key=lambda item: own[item])


def _swap(order: list[list[Item]], up: Near, down: Near) -> None:
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


def _places(items: list[Item]) -> dict[Item, int]:
    return {item: at for at, item in enumerate(items)}


def _pair(left: list[Item], right: list[Item], place: dict[Item, int]) -> int:
    """Crossings between the edges of two neighbours in one direction."""
    return sum(place[one] > place[two] for one in left for two in right)


def _all_crossings(order: list[list[Item]], down: Near) -> int:
    total = 0
    for upper, lower in pairwise(order):
        place = _places(lower)
        ends = [place[item] for name in upper for item in sorted(down[name], key=place.__getitem__)]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total
