"""A licence's history on paper: the terminal's rows, the JSON, the page."""

import itertools
import json
import re
from datetime import date
from pathlib import Path

import pytest

from vpbx.api import load
from vpbx.cli.main import code_of
from vpbx.licence.cost import plan_costs
from vpbx.licence.timeline import Timeline, licence_timeline
from vpbx.report import licence as report
from vpbx.report.licence_picture import stretches

FILE = Path(__file__).parents[2] / "scenarios" / "firm_three_plans.yaml"


@pytest.fixture(scope="module")
def firm() -> Timeline:
    """The history of the shipped firm."""
    return licence_timeline(load(FILE).scenario)


def test_rows_hold_every_payment_and_charge(firm: Timeline) -> None:
    """Their sums are those of the account."""
    rows = report.timeline_rows(firm)
    assert {len(row) for row in rows} == {len(report.COLUMNS)}
    charged = sum(float(row[5].replace(",", "")) for row in rows if row[5])
    paid = sum(float(row[6].replace(",", "")) for row in rows if row[6])
    assert (charged, paid) == (15_200.0, 20_000.0)


@pytest.mark.parametrize(
    ("hundredths", "text"), [(0, "0.00"), (190_000, "1,900.00"), (-5, "-0.05"), (-123_456, "-1,234.56")]
)  # fmt: skip
def test_amounts_are_exact(hundredths: int, text: str) -> None:
    """To the hundredth, the sign before all."""
    assert report.money(hundredths) == text


def test_stretches_cover_the_run_without_gaps(firm: Timeline) -> None:
    """From day 0 to the end of the ten weeks, not of the draining."""
    spans = list(stretches(firm))
    assert all(one[1] == after[0] for one, after in itertools.pairwise(spans))
    assert spans[-1][1] - spans[0][0] == pytest.approx(70.0)


def test_the_command_prints_the_timeline(capsys: pytest.CaptureFixture[str]) -> None:
    """A line a period on stdout, the warning beside it."""
    assert code_of(["licence", str(FILE)]) == 0
    said = capsys.readouterr()
    assert re.search(r"^2024-03-05 10:00 +suspended +business 2\.1 .*400\.00", said.out, re.M)
    assert "the money runs out on 2024-03-05" in said.err


def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One document, with texts for amounts."""
    assert code_of(["licence", str(FILE), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["paid_in"], found["charged"]) == ("20000.00", "15200.00")
    assert found["periods"][2]["modules"] == ["forwarding", "greeting"]
    assert found["first_year"][0]["cost"] == "5400.00"


def test_the_command_needs_a_licence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without the section it says so, with exit code 2."""
    plain = FILE.with_name("sbermobile_901.yaml")
    assert code_of(["licence", str(plain)]) == 2
    assert "no section licence" in capsys.readouterr().err


def test_the_page_is_written_whole_and_the_same_again(tmp_path: Path, firm: Timeline) -> None:
    """HTML without network or script, the picture as files; the same bytes each time."""
    licence = load(FILE).scenario.licence
    assert licence is not None
    costs = plan_costs(licence, date(2024, 1, 15))
    for folder in ("one", "two"):
        report.write_licence("A <b>firm</b>", firm, costs, tmp_path / folder)
    files = ("licence.html", "licence.json", "pictures/licence.svg", "pictures/licence.png")
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    html = (tmp_path / "one" / "licence.html").read_text(encoding="utf-8")
    assert "A &lt;b&gt;firm&lt;/b&gt;" in html
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"https?:", html)
    assert html.count("<table>") == 4
