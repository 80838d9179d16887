"""The page: self-contained, safe with hostile names, and with the same bytes every time."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_up_day import made_up_day, made_up_scenario

from vpbx.report.page import byline, together
from vpbx.report.write import write_report

HOSTILE = '<script>alert("1")</script> & $\\frac{ "quoted\''


class Elements(HTMLParser):
    """All start tags with their attributes, and the text between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def written(result, scenario=None, **options):
    """Bytes by path of a report's files."""
    files = {}
    write_report(
        result, scenario or made_up_scenario(), Path("r"), write=files.__setitem__, **options
    )
    return {str(path): data for path, data in files.items()}


@pytest.fixture(scope="module")
def files():
    return written(made_up_day())


@pytest.fixture(scope="module")
def elements(files):
    return Elements(files["r/report.html"].decode())


def test_a_report_is_a_page_a_summary_and_pictures(files):
    """One page, one summary, each picture as PNG and SVG."""
    names = set(files)
    assert {"r/report.html", "r/summary.json"} <= names
    pictures = {name for name in names if name.startswith("r/pictures/")}
    assert {Path(name).suffix for name in pictures} == {".png", ".svg"}
    assert Counter(Path(name).stem for name in pictures).most_common()[-1][1] == 2


def test_nothing_is_loaded_from_anywhere(elements):
    """No script, no outside reference: every link is to the page itself or carries its data."""
    loading = {"script", "link", "iframe", "object", "embed", "base", "audio", "video", "form"}
    assert not loading & {tag for tag, _ in elements.tags}
    for _, attributes in elements.tags:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))
        assert not re.search(r"url\((?!#)", attributes.get("style") or "")
        assert not any(name.startswith("on") for name in attributes)


def test_the_policy_forbids_everything_but_styles_and_data(elements):
    """Content-Security-Policy: default-src 'none'."""
    policies = [a["content"] for t, a in elements.tags if t == "meta" and "http-equiv" in a]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_ids_are_unique_and_references_lead_to_them(elements):
    """matplotlib gives all its drawings the same ids; on a page they must differ."""
    ids = Counter(a["id"] for _, a in elements.tags if "id" in a)
    assert [name for name, count in ids.items() if count > 1] == []
    links = [a["xlink:href"] for _, a in elements.tags if "xlink:href" in a]
    clips = [c for _, a in elements.tags for c in re.findall(r"url\((#[^)]+)\)", str(a))]
    assert links
    assert clips
    assert {link[1:] for link in [*links, *clips] if link.startswith("#")} <= set(ids)


def test_colours_come_from_the_page(files):
    """Drawings name their colours by role, so that dark and light need one drawing only."""
    html = files["r/report.html"].decode()
    drawings = re.findall(r"<svg role.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 9
    assert all("var(--ink)" in drawing for drawing in drawings)
    assert not re.findall(r"(?:fill|stroke): ?#", "".join(drawings))
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_hostile_names_are_text():
    """Markup, quotes and dollar signs in names end up as text, on the page and in pictures."""
    day = made_up_day(queues=(HOSTILE,), name=HOSTILE)
    edges = tuple(replace(edge, label=HOSTILE, from_node=HOSTILE) for edge in day.edges)
    targets = tuple(replace(target, text=HOSTILE, facts=(HOSTILE,)) for target in day.targets)
    meta = replace(day.meta, description=HOSTILE, file=HOSTILE, timezone=HOSTILE)
    files = written(replace(day, edges=edges, targets=targets, meta=meta))
    page = Elements(files["r/report.html"].decode())
    assert "script" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert HOSTILE in "".join(page.text)
    ids = Counter(a["id"] for _, a in page.tags if "id" in a)
    assert ids.most_common(1)[0][1] == 1
    assert not any(re.search(r"\s", name) for name in ids)


def test_cyrillic_stays_as_it_is(files):
    """Names in any alphabet are on the page, in the pictures and in the summary."""
    for name in ("r/report.html", "r/summary.json", "r/pictures/wait_over_the_day.svg"):
        assert "Поддержка_VIP" in files[name].decode()


def test_the_same_result_gives_the_same_bytes(files):
    """Every file of a report, written twice."""
    assert written(made_up_day()) == files


def test_without_pages_there_is_only_the_summary():
    """`pages=False` draws nothing."""
    assert list(written(made_up_day(), pages=False)) == ["r/summary.json"]


def test_the_order_of_the_page(files):
    """Text, verdicts, pictures, tables, assumptions, definitions, the run and its command."""
    html = files["r/report.html"].decode()
    marks = (
        "<h1>", "In short", "20 min 12 s ± 48 s", "<h2>Pictures", "worst half-hour", "<h2>Tables",
        "<h2>What this rests on", "<h2>Definitions", "<h2>The run",
        "vpbx run mts_0890.yaml --replications 50 --seed 1",
    )  # fmt: skip
    places = [html.find(mark) for mark in marks]
    assert -1 not in places
    assert places == sorted(places)


def test_verdicts_have_signs_and_words(elements):
    """Not by colour alone: a sign and a word for each target."""
    text = "".join(elements.text)
    assert [text.count(sign) for sign in "✓✗"] == [2, 1]
    assert "about 180 replications would decide" in text


def test_a_result_without_anything_still_makes_a_page():
    """No queues, targets, numbers or calls: a short page, no error."""
    day = made_up_day(queues=(), targets=())
    bare = replace(
        day,
        totals={"all": {}},
        by_interval={"all": {}},
        by_hour={},
        edges=(),
        waits={},
        busy_hours={},
    )
    text = "".join(Elements(written(bare)["r/report.html"].decode()).text)
    assert "No call came in." in text
    assert "The scenario sets no targets." in text


def test_the_byline_says_when_and_how_often():
    """Length, date, clock, zone, replications."""
    assert (
        byline(made_up_day())
        == "1 day from Monday 15 April 2019, 00:00 (Europe/Moscow), simulated 50 times"
    )


def test_numbers_stay_with_their_units():
    """No line break between a number and its unit or after ±."""
    assert together("20 min 12 s ± 48 s, 3 %") == "20\u00a0min 12\u00a0s ±\u00a048\u00a0s, 3\u00a0%"
