"""`records: summary` from the command line to the files: same figures, no call data. What call data
take on disk."""

import json
from pathlib import Path

import pytest

from vpbx.cli.main import code_of
from vpbx.scenario.load import load
from vpbx.study.replicate import replicate

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILE = SCENARIOS / "virtual_pbx_small_firm.yaml"
SUMMARY = "measures.records=summary"


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_same_figures_and_no_data(engine: str, tmp_path: Path) -> None:
    """Everything in the result but the word for it; data of an earlier run are removed."""
    full = replicate(load(FILE), 3, workers=1, engine=engine, records_folder=tmp_path)
    assert (tmp_path / "calls.parquet").exists()
    found = replicate(load(FILE, (SUMMARY,)), 3, workers=2, engine=engine, records_folder=tmp_path)
    for part in ("totals", "by_interval", "by_hour", "waits", "edges", "busy_hours", "targets"):
        assert repr(getattr(found, part)) == repr(getattr(full, part)), part
    assert (full.meta.records, found.meta.records) == ("full", "summary")
    assert not list(tmp_path.iterdir())


def test_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line in the summary, a word in summary.json; CSV cannot be had."""
    monkeypatch.chdir(tmp_path)
    command = ["run", str(FILE), "-n", "2", "--no-report", "--set", SUMMARY, "--out", "out"]
    assert code_of(command) == 0
    assert "no call data" in capsys.readouterr().out
    assert json.loads(Path("out/summary.json").read_text())["meta"]["records"] == "summary"
    assert not list(Path("out").rglob("*.parquet"))
    assert code_of([*command, "--csv"]) == 2
    assert "--set measures.records=full" in capsys.readouterr().err


def test_call_data_of_a_busy_day_take_few_bytes(tmp_path: Path) -> None:
    """All tables of W2's 200,000 calls: at most 24 bytes a call."""
    scenario = load(SCENARIOS / "benchmarks" / "w2.yaml")
    result = replicate(scenario, 1, workers=1, engine="compiled", records_folder=tmp_path)
    size = sum(table.stat().st_size for table in tmp_path.glob("*.parquet"))
    calls = result.totals["all"]["offered"].mean
    assert calls > 190_000
    assert size / calls <= 24
