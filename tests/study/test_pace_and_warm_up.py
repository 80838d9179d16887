"""Precision of studies of many points, and a warm-up that is found rather than given."""

import json
from pathlib import Path

import pytest

from vpbx.cli.main import code_of

SMALL = Path(__file__).parents[2] / "scenarios" / "sbermobile_901.yaml"
STEADY = """
name: One queue that fills at first
clock: {start: 2024-01-01 00:00, duration: 20 h}
seed: 3
numbers: {"1": {enter: desk}}
flow: {desk: {queue: desk, next: bye}, bye: hangup}
queues: {desk: {}}
agents:
  clerks: {serves: {desk: {handle_time: "exponential(mean=3 min)"}}, heads: 10}
callers: {public: {volume: 4224/day, dials: {"1": 100%}, wants: {desk: 100%}}}
"""


def test_calibrate_runs_until_the_figure_is_precise(tmp_path: Path) -> None:
    """The half width at the values found is at most a tenth of the figure."""
    line = ["calibrate", str(SMALL), "--target", "mean_wait = 60 s", "--vary"]
    line += ["callers.own_sim.volume", "--precision", "10%", "--no-ledger", "--no-report", "-q"]
    assert code_of([*line, "--out", str(tmp_path)]) == 0
    data = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    value, half = data["observed"][0]["fitted"]
    assert half <= 0.1 * value
    assert data["replications"] >= data["effort"]["replications"] > 10
    assert data["effort"]["reached"]


def test_sensitivity_says_when_the_cap_came_first(tmp_path: Path) -> None:
    """Exit code 5, and the cap's replications."""
    line = [
        "sensitivity",
        str(SMALL),
        "--vary",
        "callers.own_sim.volume=90%..110%:2",
        "--points",
        "0",
    ]
    line += ["--precision", "0.1%", "--cap", "20", "--no-ledger", "--no-report", "-q"]
    assert code_of([*line, "--out", str(tmp_path)]) == 5
    data = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    assert data["replications"] == 20
    assert not data["effort"]["reached"]


def test_a_warm_up_is_found_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A queue of load 0.88 fills within hours of twenty: something goes, not half of the run."""
    file = tmp_path / "steady.yaml"
    file.write_text(STEADY, encoding="utf-8")
    place = tmp_path / "out"
    line = ["run", str(file), "--warm-up", "auto", "-n", "2", "--no-report", "--out", str(place)]
    assert code_of(line) == 0
    assert "warm-up by MSER-5" in capsys.readouterr().err


def test_a_run_too_short_for_a_warm_up_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Overloaded, the queue grows to the end: exit code 2, twice the duration is asked for."""
    file = tmp_path / "steady.yaml"
    file.write_text(STEADY.replace("4224/day", "9000/day"), encoding="utf-8")
    assert code_of(["run", str(file), "--warm-up", "auto", "--out", str(tmp_path / "out")]) == 2
    assert "too short to find its warm-up" in capsys.readouterr().err
