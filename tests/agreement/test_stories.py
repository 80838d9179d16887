"""Both engines tell the same story of a call, step by step, though the compiled one is only watched."""

import tempfile
from pathlib import Path

import pytest
from comparing import tell_the_same
from hand_made import HAND_MADE, hand_made
from platform_scenarios import all_served
from random_scenarios import compiled, scenario_of
from rare_scenario import rare
from test_shipped import SHIPPED, SMALL, shipped
from tie_scenarios import PHASES, at_the_horizon, rich, tied

FEW, MANY = 20, 400


@pytest.mark.parametrize("name", [*SHIPPED, *SMALL])
def test_of_shipped_scenarios(name: str) -> None:
    """A dozen calls of the day."""
    tell_the_same(shipped(name), seed=2, most=12)


@pytest.mark.parametrize("licensed", [False, True])
def test_of_everything_rare(tmp_path: Path, licensed: bool) -> None:
    """Every call of a scenario with all node kinds and all that can happen in a queue."""
    told = tell_the_same(rare(tmp_path, 150, licensed), seed=150)
    seen = {event for steps in told for _, event, _ in steps}
    assert seen >= {
        "arrives", "connected", "no_connection", "trunk", "leaves", "redials", "ends", "leg_rings",
        "leg_answers", "joins", "turns_away", "leaves_queue", "rings", "missed", "dials_back",
        "answered", "talked",
    }  # fmt: skip


@pytest.mark.parametrize("name", HAND_MADE)
def test_of_hand_made_ties(tmp_path: Path, name: str) -> None:
    """Every call."""
    tell_the_same(hand_made(tmp_path, name), seed=1)


def test_of_platforms(tmp_path: Path) -> None:
    """Asterisk's and FreeSWITCH's orders of service, each strategy."""
    for made in all_served(tmp_path, 1):
        tell_the_same(made, seed=1, most=30)


def test_of_the_horizon(tmp_path: Path) -> None:
    """Calls that are cut, and those that end just in time."""
    tell_the_same(at_the_horizon(tmp_path), seed=0)


def test_of_ties(tmp_path: Path) -> None:
    """A few calls where several things happen at one instant, each phase with the one before it."""
    tell_the_same(rich(tmp_path, "patience"), seed=1, most=50)
    for number, phase in enumerate(PHASES):
        tell_the_same(tied(tmp_path, phase, PHASES[number - 1], 1), seed=1, most=10)


def _of_random(first: int, last: int) -> None:
    for number in range(first, last):
        made = scenario_of(number)
        with tempfile.TemporaryDirectory() as folder:
            tell_the_same(compiled(made, Path(folder)), made.seed, most=25)


def test_of_random_scenarios() -> None:
    """Whatever the language can say."""
    _of_random(0, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, MANY, FEW))
def test_of_many_random_scenarios(first: int) -> None:
    """The same, twenty times as often."""
    _of_random(first, first + FEW)
