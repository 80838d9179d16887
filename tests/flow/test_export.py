"""Exports: valid, escaped, the same bytes every time."""

import io
import re

import networkx as nx
import pytest

from vpbx.flow.export import to_dot, to_graphml, to_mermaid
from vpbx.flow.graph import with_numbers

AWKWARD = 'a "quoted" <b> & \\ back`tick` | [x] {y}; *z*'


@pytest.fixture
def awkward(make):
    """Cyrillic names, and texts full of what formats read as marks."""
    return make(
        {
            "приветствие": {"play": "3 s", "says": AWKWARD, "next": "меню"},
            "меню": {"menu": {1: {"says": AWKWARD, "next": "конец"}, "*": {"next": "меню"}}},
            "конец": "hangup",
        },
        name=AWKWARD,
    )


def test_graphml_reads_back_as_the_same_graph(awkward):
    """Every node, edge and text comes back from the file."""
    read = nx.read_graphml(io.BytesIO(to_graphml(awkward).encode("utf-8")), force_multigraph=True)
    written = with_numbers(awkward)
    assert set(read.nodes) == set(written.nodes)
    assert read.nodes["приветствие"]["says"] == AWKWARD
    assert read.nodes["меню"]["op"] == "menu"
    labels = sorted((t, h, d["label"], d["seconds"]) for t, h, d in read.edges(data=True))
    assert labels == sorted(
        (t, h, d["label"], d["seconds"]) for t, h, d in written.edges(data=True)
    )


def test_dot_quotes_are_balanced(awkward):
    """Outside its quoted strings a DOT file holds ids, marks and attribute names only."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", to_dot(awkward))
    assert '"' not in bare
    assert re.fullmatch(r"[\w\s{}\[\];=>-]*", bare)
    assert "приветствие" in to_dot(awkward)


def test_mermaid_texts_hold_no_marks(awkward):
    """Each quoted text is free of quotes and marks, and reads back when entities are resolved."""
    texts = re.findall(r'"([^"\n]*)"', to_mermaid(awkward))
    joined = " ".join(texts).replace("<br/>", " ")
    assert not set("<>`[]{}|\\") & set(joined)
    resolved = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), joined)
    assert 'a "quoted" <b> &' in resolved
    assert "меню" in resolved


@pytest.mark.parametrize("export", [to_dot, to_graphml, to_mermaid])
def test_exports_are_the_same_every_time(tree, export):
    """Two exports of one scenario are equal, to the byte."""
    assert export(tree) == export(tree.model_copy(deep=True))


def test_mermaid_of_a_small_tree(tree):
    """The arrows between the menus carry their keys."""
    lines = to_mermaid(tree).splitlines()
    assert lines[0] == "flowchart TD"
    ids = {
        re.search(r'"(\w+)', line)[1]: line.split()[0].rstrip("([{/")
        for line in lines
        if ":::" in line
    }
    main, mobile = (re.match(r"n\d+", ids[name])[0] for name in ("main", "mobile"))
    assert f'  {main} -->|"2 mobile"| {mobile}' in lines
