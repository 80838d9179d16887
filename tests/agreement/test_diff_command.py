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
    assert said == (
        "both engines agree: 3 calls, 3 visits to queues, 0 further legs, 12 intervals of the books, "
        "every column\n"
    )


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
    assert said.startswith("the engines differ, first in call 1: c/0/1, first attempt\n")
    differing = {line.split("  ")[0]: line for line in said.splitlines()}
    ended = differing["calls.ended_at, row 0"]
    assert "00:00:16.000 (16000000 us)" in ended
    assert "00:00:20.000 (20000000 us)" in ended
    assert "abandoned" in differing["visits.outcome, row 0"]
    assert "answered" in differing["visits.outcome, row 0"]
    assert "calls.arrived_at, row 0" not in differing


def test_both_traces_are_told_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same fault: alike until the wait ends, which is marked; then each engine's own story."""
    put_in_place(next(m for m in MUTANTS if m.name == "last come, first served"), monkeypatch)
    written(tmp_path, _TREE, {"c": [0, 1, 2]})
    code_of(["diff", str(tmp_path / "scenario.yaml")])
    lines = capsys.readouterr().out.splitlines()
    begin = next(i for i, line in enumerate(lines) if "what happened" in line)
    traces = lines[begin + 1 : lines.index("", begin)]
    at, middle = 3, lines[begin].index("by the compiled engine")
    told = [(row[0], row[at:middle].strip(), row[middle:].strip()) for row in traces]
    start = "Mon 15 Apr 2019 00:00:"
    assert told == [
        (" ", f"{start}01.000  dials 100", f"{start}01.000  dials 100"),
        (
            " ",
            f"{start}01.000  joins queue q behind 0 waiting",
            f"{start}01.000  joins queue q behind 0 waiting",
        ),
        (
            ">",
            f"{start}16.000  loses patience after 15 s",
            f"{start}10.000  answered by agent 1 of g, idle since 0 s",
        ),
        (
            " ",
            f"{start}16.000  q: the caller hangs up after 15 s",
            f"{start}20.000  the talk ends; the agent writes up for 0 s",
        ),
        (
            " ",
            f"{start}16.000  ends: abandoned",
            f"{start}20.000  q: served after 19 s, the system hangs up",
        ),
        (" ", "", f"{start}20.000  ends: answered"),
    ]


def test_a_trace_by_either_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vpbx run --trace` tells the same by both; another engine's name is wrong usage."""
    written(tmp_path, _TREE, {"c": [0, 1, 2]})
    said = []
    for engine in ("reference", "compiled", "auto"):
        words = ["run", str(tmp_path / "scenario.yaml"), "-q", "--trace", "1", "--engine", engine]
        assert code_of(words) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2]
    assert "answered by agent 1 of g" in said[0]
    assert code_of([*words[:-1], "other"]) == 2
    assert 'there is no engine "other"' in capsys.readouterr().err


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
