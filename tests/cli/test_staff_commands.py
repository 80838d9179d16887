"""`vpbx staff` and `vpbx channels` as typed: files written, exit codes, messages."""

import json
from pathlib import Path

import pytest

from vpbx.cli.main import code_of
from vpbx.scenario.load import load

SCENARIO = """
name: A small desk
clock: {start: 2024-03-04 08:00, duration: 4 h}
seed: 2
numbers: {"1": {enter: wait, trunk: lines}}
trunks: {lines: {channels: 6}}
flow:
  wait: {queue: desk}
queues: {desk: {}}
agents:
  clerks:
    serves: {desk: {handle_time: "exponential(mean=3 min)"}}
    heads: 2
    wage: 400 RUB/h
callers:
  all:
    volume: 30/h
    dials: {"1": 100%}
    patience: "exponential(mean=4 min)"
    redial: {after: {blocked: 60%}, delay: "exponential(mean=2 min)", attempts: 4}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A scenario file."""
    file = tmp_path / "desk.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


def test_staff_writes_a_page_its_data_and_a_scenario(desk: Path, tmp_path: Path) -> None:
    """The scenario extends the file and has the plan's heads."""
    out = tmp_path / "plan"
    code = code_of(
        [
            "staff",
            str(desk),
            "--target",
            "80% in 20 s",
            "--per",
            "1h",
            "-n",
            "20",
            "--out",
            str(out),
            "-q",
        ]
    )
    assert code in (0, 5)
    data = json.loads((out / "study.json").read_text(encoding="utf-8"))
    assert (code == 0) == data["confirmed"]
    assert "One agent fewer" in (out / "report.html").read_text(encoding="utf-8")
    assert (out / "pictures" / "staff-1.svg").exists()
    staffed = load(out / "staffed.yaml").scenario
    heads = [staffed.agents["clerks"].heads.at(0, 60 * hour) for hour in range(8, 12)]
    assert heads == data["groups"][0]["heads"]


def test_staff_by_shifts(desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table of shifts is printed, and --json gives the data."""
    shifts = tmp_path / "shifts.yaml"
    shifts.write_text(
        'shifts: {half: {length: 2 h, starts: "08:00-10:00", every: 1 h}}', encoding="utf-8"
    )
    code = code_of(
        ["staff", str(desk), "--target", "70% in 30 s", "--per", "1h", "-n", "20", "--no-report",
         "--json", "--out", str(tmp_path / "o"), "--shifts", str(shifts)]
    )  # fmt: skip
    assert code in (0, 5)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["shifts"]["people"] >= 2
    assert "half" in printed.err


def test_channels_prints_every_definition(
    desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And writes page and data."""
    out = tmp_path / "lines"
    code = code_of(
        ["channels", str(desk), "--target", "blocked<=2%", "-n", "30", "--out", str(out)]
    )
    assert code in (0, 5)
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("tcbh", "adph", "nth:4", "Erlang B"))
    data = json.loads((out / "study.json").read_text(encoding="utf-8"))
    trunk = data["trunks"][0]
    assert trunk["blocked_upper"] <= 0.02 < trunk["one_fewer_upper"]
    assert (out / "report.html").exists()


def test_channels_says_whether_the_precision_was_reached(
    desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the page and in the data; code 5 and the least precise figure at the cap."""
    asked = ["channels", str(desk), "--target", "blocked<=5%", "--out", str(tmp_path / "out")]
    assert code_of([*asked, "--precision", "0.001%", "--cap", "20"]) == 5
    assert "not precise enough at the cap: trunk.lines.blocked" in capsys.readouterr().err
    effort = json.loads((tmp_path / "out" / "study.json").read_text("utf-8"))["effort"]
    assert (effort["replications"], effort["reached"]) == (20, False)
    assert "was not reached at the cap of 20" in (tmp_path / "out" / "report.html").read_text(
        "utf-8"
    )
    assert code_of([*asked, "--precision", "1%", "-n", "20"]) == 2
    assert "not both" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["staff"], 'a plan needs a target: --target "80% in 20 s"'),
        (["staff", "--target", "80 in 20"], "staffing targets are"),
        (
            ["staff", "--target", "80% in 20 s", "--over", "week"],
            "over every interval or over the run",
        ),
        (["staff", "--target", "80% in 20 s", "--per", "30"], "has no unit"),
        (["staff", "--target", "80% in 20 s", "--group", "clrks"], 'did you mean "clerks"'),
        (["channels", "--target", "abandoned<=2%"], "such as blocked<=1%"),
        (["channels", "--target", "trunk.line.blocked<=2%"], 'no trunk "line"'),
    ],
)
def test_wrong_wishes_end_with_code_2(
    desk: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And say what would be right."""
    command, *rest = words
    assert code_of([command, str(desk), *rest, "-q"]) == 2
    assert message in capsys.readouterr().err
