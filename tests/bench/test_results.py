"""What is made of the figures: medians, ratios, goals, and the shape of the JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vpbx.bench.results import (
    Benchmark,
    Left,
    LongRun,
    Measured,
    ScalePoint,
    Threads,
    goals,
    ratio,
    summary,
)
from vpbx.report.benchmark import cost, three, write_benchmark

KEYS = {"calls_per_s", "cpu_ns_per_call", "peak_rss_mb"}


def made_up() -> Benchmark:
    """Two programs on W2, one left out, a scale, threads."""
    return Benchmark(
        rounds=3,
        machine={"processor": "one <fast> & quiet"},
        measured=(
            Measured("compiled", "W2", 600_000, (200.0, 210.0, 190.0), 160.0),
            Measured("c_heap", "W2", 600_000, (300.0, 420.0, 380.0), 2.5),
        ),
        left=(Left("salabim", "W2", "salabim is not installed"),),
        scale=(
            ScalePoint(10_000, 100.0, 150.0, "full"),
            ScalePoint(100_000_000, 125.0, 400.0, "summary"),
        ),
        threads=Threads(1.9, 1.7, 1.95, 9e6),
        year=LongRun(365, 190_000_000, 181.0, 900.0),
    )


def test_a_program_is_its_median_round() -> None:
    """200, 210 and 190 ns a call: 200 ns, five million calls a second."""
    one = made_up().measured[0]
    assert one.cpu_ns_per_call == 200.0
    assert one.calls_per_s == 5e6


def test_a_ratio_is_taken_within_each_round() -> None:
    """300/200, 420/210 and 380/190: 1.5, 2 and 2, median 2."""
    compiled, loop = made_up().measured
    found = ratio(loop, compiled)
    assert (found.median, found.least, found.most) == (2.0, 1.5, 2.0)


def test_the_table_is_workload_program_three_figures() -> None:
    """The object that --json prints."""
    table = json.loads(json.dumps(made_up().table()))
    assert set(table) == {"W2"}
    assert set(table["W2"]) == {"compiled", "c_heap"}
    assert all(set(figures) == KEYS for figures in table["W2"].values())
    assert table["W2"]["c_heap"]["cpu_ns_per_call"] == 380.0


def test_goals_are_judged_by_what_was_measured() -> None:
    """W2 at 5 million calls/s, twice the loop; flat to 25 %; 1.9 on two threads: all
    reached; a year in three minutes and a second: not."""
    judged = goals(made_up())
    assert [goal.reached for goal in judged] == [True] * 4 + [False]
    slow = Benchmark(1, {}, (Measured("compiled", "W1", 10, (1000.0,), 1.0),), ())
    assert [goal.reached for goal in goals(slow)] == [False]


def test_nothing_measured_reaches_no_goal() -> None:
    """An empty benchmark is still one."""
    assert goals(Benchmark(1, {}, (), ())) == []
    assert Benchmark(1, {}, (), ()).table() == {}


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    """Page, data and pictures; what a machine is called is escaped."""
    write_benchmark(summary(made_up()), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "one &lt;fast&gt; &amp; quiet" in page
    assert "<script" not in page
    assert "salabim is not installed" in page
    assert "190,000,000 calls" in page
    data = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert data["workloads"]["W2"]["c_heap"]["cpu_against"]["median"] == 2.0
    names = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert names == {"speed.svg", "speed.png", "scale.svg", "scale.png"}


def test_a_benchmark_of_nothing_has_a_page(tmp_path: Path) -> None:
    """Everything left out."""
    left = (Left("compiled", "W1", "there is none"),)
    write_benchmark(summary(Benchmark(5, {}, (), left)), tmp_path)
    assert "there is none" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("nanoseconds", "text"), [(42.4, "42 ns"), (5_300.0, "5.3 µs"), (1_234_567.0, "1.23 ms")]
)
def test_a_cost_has_the_unit_that_fits(nanoseconds: float, text: str) -> None:
    """Three figures and a unit."""
    assert cost(nanoseconds) == text


def test_large_numbers_have_no_exponent() -> None:
    """For people."""
    assert (three(4_693_615.0), three(0.00215)) == ("4,693,615", "0.00215")


def test_an_unknown_workload_is_a_usage_error() -> None:
    """Before anything is started."""
    from vpbx.cli.main import code_of

    assert code_of(["bench", "W9"]) == 2
    assert code_of(["bench", "W1", "--only", "fortran"]) == 2


@pytest.mark.slow
def test_the_command_prints_one_json_object(tmp_path: Path) -> None:
    """Two quick programs, one round: data on stdout, the rest on stderr."""
    from vpbx.cli.main import app

    line = ["bench", "w1", "--quick", "--rounds", "1", "--json", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, [*line, "--only", "simpy_callbacks", "--only", "reference"])
    assert result.exit_code == 0
    table = json.loads(result.stdout)
    assert set(table["W1"]) == {"simpy_callbacks", "reference"}
    assert all(set(figures) == KEYS for figures in table["W1"].values())
    assert all(value > 0 for figures in table["W1"].values() for value in figures.values())
