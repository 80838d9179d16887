"""`vpbx erlang` as it is typed: figures, the way back, and what it says to mistakes."""

import json
from typing import Any

import pytest

from vpbx.cli.main import code_of

C = ["erlang", "c", "--calls", "200/h", "--handle-time", "3 min"]


def shown(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; it must end well."""
    assert code_of(arguments) == 0
    return capsys.readouterr().out


def plain(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Its JSON."""
    found: dict[str, Any] = json.loads(shown([*arguments, "--json"], capsys))
    return found


def test_a_published_example(capsys: pytest.CaptureFixture[str]) -> None:
    """100 calls in half an hour, 3 min each, 14 agents, 20 s: .8883500191794669 (pyworkforce)."""
    (row,) = plain([*C, "--agents", "14"], capsys)["answers"]
    assert row["in_time"] == pytest.approx(0.8883500191794669, rel=1e-9)
    assert row["occupancy"] == pytest.approx(10 / 14, rel=1e-12)
    assert row["p_wait"] == pytest.approx(0.1741319335950498, rel=1e-9)


def test_the_least_agents(capsys: pytest.CaptureFixture[str]) -> None:
    """80 % in 20 s takes 14: 13 give 79.56 %."""
    text = shown([*C, "--service-level", "80%"], capsys)
    assert "* 14" in text
    assert "79.56%" in text
    assert plain([*C, "--service-level", "80%"], capsys)["least_agents"] == 14


def test_overload_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has no infinity."""
    (row,) = plain([*C, "--agents", "9"], capsys)["answers"]
    assert row["mean_wait_s"] is None
    assert "endless" in shown([*C, "--agents", "9"], capsys)


def test_lines_are_agents_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    """20 lines for 8 agents are 12 places."""
    a = ["erlang", "a", "--load", "8.4", "--handle-time", "2 min", "--patience", "2 min"]
    one = plain([*a, "--agents", "8", "--lines", "20"], capsys)["answers"]
    assert one == plain([*a, "--agents", "8", "--places", "12"], capsys)["answers"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["erlang", "d", "--load", "1"], 'no Erlang "d"'),
        (["erlang", "b", "--load", "1"], "give --agents, or a goal"),
        (["erlang", "b", "--agents", "1"], "either --load or --calls"),
        (["erlang", "b", "--load", "-1", "--agents", "1"], "above 0 erlang"),
        (["erlang", "c", "--load", "1", "--agents", "1"], "give --handle-time"),
        ([*C, "--agents", "4-2"], "smaller number first"),
        ([*C, "--agents", "many"], "not a number"),
        ([*C, "--agents", "3", "--patience", "5 min"], "--patience is for a and x"),
        ([*C, "--agents", "3", "--places", "5"], "--places and --lines are for a and x"),
        ([*C, "--agents", "3", "--redial", "50%"], "--redial is for x"),
        ([*C, "--agents", "3", "--within", "20"], "has no unit"),
        ([*C, "--service-level", "120%"], "not a share"),
        (["erlang", "a", *C[2:], "--agents", "3"], "a needs --patience"),
        (["erlang", "x", *C[2:], "--agents", "3", "--patience", "1 min"], "x needs --redial"),
        (["erlang", "x", *C[2:], "--agents", "3", "--redial", "10%"], "no steady state"),
    ],
)
def test_mistakes(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its message and exit code 2."""
    assert code_of(arguments) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""
