"""The commands of studies: what they write, print and refuse."""

import json
from pathlib import Path

import pytest

from vpbx.cli.main import code_of

SMALL = Path(__file__).parents[2] / "scenarios" / "sbermobile_901.yaml"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small scenario in an empty folder, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_bytes(SMALL.read_bytes())
    return "small.yaml"


def _group() -> str:
    from vpbx.scenario.load import load

    return f"agents.{next(iter(load(SMALL).scenario.agents))}.heads"


def test_compare_writes_a_page_and_data(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Page, data and pictures; the same command again: the same bytes, nothing run."""
    command = ["compare", here, "--set", f"{_group()}=150%", "-n", "4"]
    assert code_of(command) == 0
    told = capsys.readouterr().out
    assert "times A's" in told
    assert "independent runs would need" in told
    folder = Path("reports/compare-small-changed")
    first = {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    assert {"report.html", "study.json"} <= {f.name for f in first}
    data = json.loads(first[folder / "study.json"])
    assert data["replications"] == 4
    assert data["scopes"]["all"]["callers"]["difference"] == [0, 0]
    assert code_of(command) == 0
    assert first == {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("study", ["compare", "sweep"])
def test_control_variates_say_what_they_saved_where_days_do_not_differ_at_random(
    study: str, here: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default, printed and on the page; with random busyness, they are not valid and not named."""
    asked = {"compare": ["--set", f"{_group()}=120%"], "sweep": ["--vary", f"{_group()}=3,4"]}
    Path("calm.yaml").write_text(
        "extends: small.yaml\ncallers: {own_sim: {busyness: ~}, other_networks: {busyness: ~}}\n",
        "utf-8",
    )
    for file, valid in (("calm.yaml", True), (here, False)):
        assert code_of([study, file, *asked[study], "-n", "30", "--no-ledger", "--out", "o"]) == 0
        assert ("served as control variates" in capsys.readouterr().out) == valid
        assert ("served as control variates" in Path("o/report.html").read_text("utf-8")) == valid
        saved = json.loads(Path("o/study.json").read_text("utf-8"))["variance_saved_by_controls"]
        assert saved is None if not valid else saved > 1


def test_the_page_asks_for_nothing_from_outside(here: str) -> None:
    """No address, no script; what a user named is escaped."""
    text = Path(here).read_text(encoding="utf-8")
    lines = [
        'name: "a <b> & c"' if line.startswith("name:") else line for line in text.splitlines()
    ]
    Path(here).write_text("\n".join(lines), encoding="utf-8")
    assert (
        code_of(["sweep", here, "--vary", f"{_group()}=3..4", "-n", "2", "--no-ledger", "-q"]) == 0
    )
    page = Path("reports/sweep-small/report.html").read_text(encoding="utf-8")
    assert "a &lt;b&gt; &amp; c" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert not Path(".vpbx").exists()


def test_a_dry_run_prints_the_plan_and_runs_nothing(
    here: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nine points of seven replications are 63."""
    command = ["sweep", here, "--vary", f"{_group()}=3..5", "-n", "7", "--dry-run"]
    assert code_of([*command, "--vary", "clock.duration=6 h..12 h:3"]) == 0
    assert "= 63 replications" in capsys.readouterr().out
    assert not Path("reports").exists()


def test_a_sweep_finds_where_a_target_is_met(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON on stdout alone; a point a value, judged."""
    command = ["sweep", here, "--vary", f"{_group()}=1,40", "-n", "5", "--json", "--no-report"]
    assert code_of([*command, "--target", "mean_wait <= 1 min"]) == 0
    data = json.loads(capsys.readouterr().out)
    verdicts = [point["verdicts"]["mean_wait <= 1 min"] for point in data["points"]]
    assert verdicts == ["missed", "met"]
    waits = [point["figures"]["mean_wait"][0] for point in data["points"]]
    assert waits[0] > 60 > waits[1]


def test_the_best_point_is_ranked(here: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 2, 4 and 40 agents, 40 have the shortest wait, by far."""
    command = ["sweep", here, "--vary", f"{_group()}=2,4,40", "-n", "2", "--no-report"]
    assert code_of([*command, "--best", "mean_wait < 5 s"]) == 0
    assert "= 40 has the least, with 95 % confidence" in capsys.readouterr().out
    data = json.loads(Path("reports/sweep-small/study.json").read_text(encoding="utf-8"))
    assert data["ranking"]["dropped_at"] == [10, 10, 0]
    assert code_of([*command, "--best", "mean_wait"]) == 2


def test_a_precision_that_is_not_reached_has_its_own_exit_code(
    here: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cap of 20 is not enough for a tenth of a per cent: 5, and the report is written."""
    command = ["sweep", here, "--vary", f"{_group()}=3..4", "--measure", "mean_wait"]
    assert code_of([*command, "--precision", "0.1%", "--cap", "20"]) == 5
    assert "not precise enough at the cap" in capsys.readouterr().err
    data = json.loads(Path("reports/sweep-small/study.json").read_text(encoding="utf-8"))
    assert (data["replications"], data["effort"]["reached"]) == (20, False)
    assert code_of([*command, "--precision", "60%"]) == 0
    assert code_of([*command, "--precision", "60%", "-n", "5"]) == 2


def test_the_page_shows_a_command_that_can_be_repeated(here: str) -> None:
    """Where it ran and what was kept are left out."""
    from vpbx.cli.study_options import repeatable

    line = ["vpbx", "sweep", "a.yaml", "--executor", "dask://h:1", "-q", "--ledger", "x", "-n", "5"]
    assert repeatable([*line, "--out=y", "--no-ledger"]) == ["vpbx", "sweep", "a.yaml", "-n", "5"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "small.yaml"], "nothing to compare with"),
        (["compare", "small.yaml", "--set", "agents.nobody.heads=3"], "nobody"),
        (["compare", "small.yaml", "--set", "name=x", "--interval", "7 min"], "multiple of 5 min"),
        (["sweep", "small.yaml"], "nothing to vary"),
        (["sweep", "small.yaml", "--vary", "agents.nobody.heads=3..4"], "nobody"),
        (["sweep", "small.yaml", "--vary", "clock.duration=4..2"], "empty"),
        (["sweep", "small.yaml", "--vary", "seed=1..2", "--target", "nothing >= 3"], "nothing"),
        (["sweep", "small.yaml", "--vary", "seed=1..2", "--measure", "mean_wiat"], "mean_wait"),
        (["sweep", "small.yaml", "--vary", "seed=1..2", "--executor", "moon"], "no executor"),
    ],
)
def test_mistakes_are_said(
    arguments: list[str], said: str, here: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and what is wrong."""
    assert code_of(arguments) == 2
    assert said in capsys.readouterr().err
