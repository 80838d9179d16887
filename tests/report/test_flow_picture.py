"""The drawing of the flow: texts stay inside their boxes, figures stand where they belong."""

import json

import pytest

from vpbx.errors import FileError, UsageError
from vpbx.flow.graph import number_node
from vpbx.flow.layout import place
from vpbx.flow.picture import picture
from vpbx.report.flow_picture import (
    FlowFigures,
    draw_flow,
    draw_picture,
    figures_of_summary,
    flow_figure,
)
from vpbx.report.style import DARK, LIGHT
from vpbx.scenario.models import Scenario

FIGURES = FlowFigures(
    {(number_node("100"), "привет"): 1.0, ("меню", "agent"): 0.12}, {"support": 1234.0}
)


@pytest.fixture
def scenario():
    """Long names in two alphabets, long texts, a loop."""
    return Scenario.model_validate(
        {
            "name": "картина",
            "clock": {"start": "2019-04-15 00:00", "duration": "1 day"},
            "numbers": {"100": {"enter": "привет"}, "+7-495-766-0166": {"enter": "привет"}},
            "flow": {
                "привет": {"play": "9 s", "says": "ШЩЖЮ МММ новости и предложения", "next": "меню"},
                "меню": {
                    "menu": {
                        1: {"says": "WWWW an agent of MMMM support", "next": "agent"},
                        9: {"says": "ещё раз", "next": "меню"},
                    }
                },
                "agent": {"queue": "support", "next": "очень_длинное_название_последнего_узла"},
                "очень_длинное_название_последнего_узла": {"play": "2 s", "says": "W" * 60},
            },
            "queues": {"support": {}},
            "callers": {"all": {"volume": "9/h", "dials": {"100": "100%"}}},
        }
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_texts_fit_their_boxes_and_the_paper(scenario, theme):
    """Every line of a box lies within it, every label within the figure, by true glyph widths."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patches import FancyBboxPatch

    figure = draw_picture(picture(scenario), place(picture(scenario), True, False), theme, FIGURES)
    renderer = FigureCanvasAgg(figure).get_renderer()
    axes = figure.axes[0]
    boxes = [p.get_window_extent(renderer) for p in axes.patches if isinstance(p, FancyBboxPatch)]
    for text in axes.texts:
        at = text.get_window_extent(renderer)
        if text.get_zorder() >= 6:
            assert any(_inside(at, box) for box in boxes), text.get_text()
        assert _inside(at, figure.bbox), text.get_text()


def _inside(inner, outer):
    return (
        outer.x0 <= inner.x0
        and inner.x1 <= outer.x1
        and outer.y0 - 1 <= inner.y0
        and inner.y1 <= outer.y1 + 1
    )


def test_shares_and_waits_are_printed(scenario):
    """The share of an arrow, nothing elsewhere, and the wait of a queue."""
    texts = [text.get_text() for text in flow_figure(scenario, LIGHT, FIGURES).axes[0].texts]
    assert any(text.endswith("\n12%") for text in texts)
    assert "mean wait 20 min 34 s" in texts
    assert not any("%" in text.get_text() for text in flow_figure(scenario).axes[0].texts)


def test_figures_of_a_summary(tmp_path):
    """400 calls came in, 100 of them took the edge: a quarter; a wait that is null is none."""
    data = {
        "edges": [
            {"from": "", "to": "hello", "label": "100", "exit": "enter", "calls": 300},
            {"from": "", "to": "hello", "label": "200", "exit": "enter", "calls": 100},
            {"from": "hello", "to": "agent", "label": "", "exit": "next", "calls": 60},
            {"from": "hello", "to": "agent", "label": "1", "exit": "key", "calls": 40},
            {"from": "hello", "to": "hello", "label": "", "exit": "repeat_no_input", "calls": 9},
        ],
        "totals": {
            "all": {"mean_wait": {"mean": 7}},
            "queue.support": {"mean_wait": {"mean": 90}},
            "queue.empty": {"mean_wait": {"mean": None}},
        },
    }
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    figures = figures_of_summary(path)
    assert figures.shares["hello", "agent"] == 0.25
    assert figures.shares[number_node("100"), "hello"] == 0.75
    assert ("hello", "hello") not in figures.shares
    assert figures.waits == {"support": 90}


@pytest.mark.parametrize("content", ["{", "[]", '{"edges": [1], "totals": {}}'])
def test_a_file_that_is_no_summary(tmp_path, content):
    """A wrong file is named, not a traceback shown."""
    path = tmp_path / "summary.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileError, match="not the summary of a run"):
        figures_of_summary(path)
    with pytest.raises(FileError):
        figures_of_summary(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("format", "start"),
    [("png", b"\x89PNG"), ("svg", b"<?xml"), ("dot", b"digraph"), ("mermaid", b"flowchart")],
)
def test_formats_give_the_same_bytes_every_time(scenario, format, start):
    """Each format begins as it should; two drawings are equal."""
    data = draw_flow(scenario, format)
    assert data.startswith(start)
    assert data == draw_flow(scenario, format)


def test_an_unknown_format_is_refused(scenario):
    """The message names what there is."""
    with pytest.raises(UsageError, match="graphml"):
        draw_flow(scenario, "gif")
