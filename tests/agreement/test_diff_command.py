"""`vpbx diff`: what it prints, and its exit code."""

from pathlib import Path

import pytest
from comparing import written
from mutants import MUTANTS, put_in_place

from vpbx.cli.main import code_of

_TREE = {
    "clock": {"duration": "1 h"},
    "numbers": {"100": {"enter": "q"}},
    "flow": {"q": {"queue": "q"}},
    "queues": {"q": {}},
    "agents": {"g": {"serves": {"q": {"handle_time": "10 s"}}, "heads": 1}},
    "callers": {"c": {"dials": {"100": "100%"}, "patience": "15 s"}},
}


def test_agreement_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three calls that all queue."""
    written(tmp_path, _TREE, {"c": [0, 1, 2]})
    assert code_of(["diff", str(tmp_path / "scenario.yaml"), "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert said == "both engines agree: 3 calls, 3 visits, every column\n"


def test_the_first_differing_call_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Served last come, first: of the callers of 1 and 2 the latter is answered at 10, so that the
    former (call 1) loses patience at 16; rightly it is answered at 10."""
    mutant = next(m for m in MUTANTS if m.name == "last come, first served")
    put_in_place(mutant, monkeypatch)
    written(tmp_path, _TREE, {"c": [0, 1, 2]})
    code = code_of(["diff", str(tmp_path / "scenario.yaml"), "--replication", "2"])
    said = capsys.readouterr().out
    assert code == 4
    assert said.startswith("the engines differ, first in call 1\n")
    differing = {line.split("  ")[0]: line for line in said.splitlines()}
    ended = differing["calls.ended_at, row 0"]
    assert "00:00:16.000 (16000000 us)" in ended
    assert "00:00:20.000 (20000000 us)" in ended
    assert "abandoned" in differing["visits.outcome, row 0"]
    assert "answered" in differing["visits.outcome, row 0"]
    assert "loses patience after 15 s" in said
    assert "calls.arrived_at, row 0" not in differing


def test_books_that_differ_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exits booked in the interval of joining: no call differs."""
    mutant = next(m for m in MUTANTS if m.name == "exits booked at the entry")
    put_in_place(mutant, monkeypatch)
    written(tmp_path, _TREE, {"c": [299]})
    assert code_of(["diff", str(tmp_path / "scenario.yaml")]) == 4
    said = capsys.readouterr().out
    assert "in their books alone" in said
    assert "grid.edges[" in said
