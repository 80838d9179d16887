"""Layouts: nothing overlaps, lines end at their boxes, and the drawing is the same every time."""

import random
import stat
from itertools import combinations

import pytest

from vpbx.flow import layout
from vpbx.flow.layered import GAP_IN, place, spread
from vpbx.flow.picture import picture
from vpbx.flow.ranking import Work, rank_and_order


def _random_flow(seed, n_nodes=30):
    """Boxes of many sizes and about 1.6 edges a box, some backwards, some loops, most labelled."""
    rng = random.Random(seed)
    names = [f"n{at}" for at in range(n_nodes)]
    sizes = {name: (rng.uniform(0.5, 1.8), rng.uniform(0.3, 0.9)) for name in names}
    edges = {(names[rng.randrange(at)], names[at]) for at in range(1, n_nodes)}
    edges |= {(rng.choice(names), rng.choice(names)) for _ in range(int(0.6 * n_nodes))}
    ordered = sorted(edges)
    labels = {edge: (rng.uniform(0.3, 1.2), 0.13) for edge in ordered if rng.random() < 0.8}
    return sizes, ordered, labels


def _corners(centre, size):
    return (
        centre[0] - size[0] / 2,
        centre[1] - size[1] / 2,
        centre[0] + size[0] / 2,
        centre[1] + size[1] / 2,
    )


def _overlap(one, two):
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


@pytest.mark.parametrize("seed", range(12))
def test_boxes_and_labels_never_overlap(seed):
    """Thirty boxes and their labels: no two share a point, and all lie on the paper."""
    sizes, edges, labels = _random_flow(seed)
    placed = place(sizes, edges, labels)
    boxes = [_corners(placed.nodes[name], size) for name, size in sizes.items()]
    boxes += [_corners(placed.labels[edge], size) for edge, size in labels.items()]
    assert not any(_overlap(one, two) for one, two in combinations(boxes, 2))
    assert min(box[0] for box in boxes) > -1e-9
    assert min(box[1] for box in boxes) > -1e-9
    assert max(box[2] for box in boxes) < placed.width + 1e-9
    assert max(box[3] for box in boxes) < placed.height + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_lines_run_from_tail_to_head(seed):
    """Each route starts on its tail's side and ends on its head's, in whole Bézier curves."""
    sizes, edges, labels = _random_flow(seed)
    placed = place(sizes, edges, labels)
    for edge in edges:
        route = placed.routes[edge]
        assert len(route) % 3 == 1
        for name, (x, y) in zip(edge, (route[0], route[-1]), strict=True):
            left, bottom, right, top = _corners(placed.nodes[name], sizes[name])
            assert left - 1e-9 <= x <= right + 1e-9
            assert min(abs(y - bottom), abs(y - top), abs(x - right)) < 1e-9 or edge[0] == edge[1]


def test_a_tree_has_no_crossings():
    """In a tree of 31 boxes the children of each box stand together: no lines cross."""
    names = [f"n{at}" for at in range(31)]
    shuffled = [(f"n{(at - 1) // 2}", f"n{at}") for at in range(1, 31)]
    random.Random(1).shuffle(shuffled)
    work = Work(dict.fromkeys(names, (1.0, 0.5)), {})
    rank_and_order(work, shuffled)
    for rank in range(2, 10, 2):
        parents = [(int(name[1:]) - 1) // 2 for name in work.order[rank]]
        above = [int(name[1:]) for name in work.order[rank - 2]]
        assert [above.index(parent) for parent in parents] == sorted(
            above.index(parent) for parent in parents
        )


def test_ranks_go_down_along_edges():
    """A chain of three with a shortcut and an edge back: ranks 0, 2, 4."""
    work = Work(dict.fromkeys("abc", (1.0, 0.5)), {})
    rank_and_order(work, [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a")])
    assert work.rank == {"a": 0, "b": 2, "c": 4}
    assert work.down["c", "a"] == ("a", "c")


def test_spread_is_the_least_squares_answer():
    """Two wishes at 0, one apart at least, weights 1 and 3: the heavier moves a quarter."""
    assert spread([0.0, 0.0], [1.0, 3.0], [1.0]) == pytest.approx([-0.75, 0.25])
    assert spread([0.0, 5.0, 5.0], [1.0, 1.0, 1.0], [1.0, 2.0]) == pytest.approx([0.0, 4.0, 6.0])


def test_an_empty_picture_has_no_size():
    """Nothing to place: no boxes, no width."""
    placed = place({}, [], {})
    assert (placed.nodes, placed.width, placed.height) == ({}, 0.0, 0.0)


def test_many_ways_to_the_hang_up_get_ends_of_their_own(make):
    """Four announcements that end in one hang-up: four small boxes in its place."""
    flow = {"menu": {"menu": {key: {"next": f"p{key}"} for key in range(1, 5)}}}
    flow |= {f"p{key}": {"play": "1 s", "next": "bye"} for key in range(1, 5)}
    drawn = picture(make(flow | {"bye": "hangup"}))
    assert "bye" not in drawn.boxes
    assert [box.copy_of for box in drawn.boxes.values()].count("bye") == 4


def test_numbers_entered_alike_share_a_box(make):
    """Two numbers with one entry are one box, a third with another is its own."""
    drawn = picture(
        make(
            {"a": {"play": "1 s"}, "b": {"play": "1 s"}},
            numbers={"1": {"enter": "a"}, "2": {"enter": "a"}, "3": {"enter": "b"}},
        )
    )
    assert [box.numbers for box in drawn.boxes.values() if box.numbers] == [("1", "2"), ("3",)]


PLAIN = """graph 1 2.5 2
node n0 1.25 1.75 1 0.5 "" solid box black lightgrey
node n1 1.25 0.25 1 0.5 "" solid box black lightgrey
edge n0 n1 4 1.25 1.5 1.25 1.2 1.25 0.8 1.25 0.5 "mm\\nmm" 1.6 1 solid black
stop
"""


def test_graphviz_output_is_read():
    """Sizes, centres, the curve and the label of Graphviz's plain format."""
    placed = layout.read_plain(PLAIN, ["меню", "bye"], [("меню", "bye")])
    assert (placed.width, placed.height) == (2.5, 2.0)
    assert placed.nodes == {"меню": (1.25, 1.75), "bye": (1.25, 0.25)}
    assert placed.routes["меню", "bye"] == ((1.25, 1.5), (1.25, 1.2), (1.25, 0.8), (1.25, 0.5))
    assert placed.labels == {("меню", "bye"): (1.6, 1.0)}


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "printf 'graph 1 2 2\\nstop\\n'"])
def test_our_own_layout_stands_in_when_graphviz_fails(tree, tmp_path, monkeypatch, script):
    """A `dot` that fails, or answers with nonsense, changes nothing."""
    own = layout.place(picture(tree), graphviz=False)
    fake = tmp_path / "dot"
    fake.write_text(f"#!/bin/sh\ncat > /dev/null\n{script}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert layout.place(picture(tree)) == own


def test_the_layout_is_the_same_every_time(tree):
    """Two layouts of one picture are equal."""
    first = layout.place(picture(tree), graphviz=False)
    assert first == layout.place(picture(tree.model_copy(deep=True)), graphviz=False)


def test_parts_that_are_not_connected_stand_side_by_side():
    """Two chains and a box alone: each as if drawn alone, two gaps apart, tops in line."""
    size = (1.0, 0.5)
    chain, other = {"a": size, "b": size}, {"c": size, "d": size, "e": size}
    edges = [("a", "b"), ("c", "d"), ("d", "e")]
    placed = place({**chain, **other, "f": size}, edges, {})
    assert placed.width == pytest.approx(3 * 1.0 + 2 * 2 * GAP_IN)
    assert placed.nodes["a"][1] == placed.nodes["c"][1] == placed.nodes["f"][1]
    alone = place(other, edges[1:], {})
    assert placed.height == alone.height
    assert placed.nodes["e"][1] == pytest.approx(alone.nodes["e"][1])
