"""The table of steps leads where the rules of menus and announcements lead."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_scenarios import compiled, scenario_of
from test_shipped import SHIPPED, SMALL, shipped

from vpbx.engine.difference import differences
from vpbx.engine.run import run_replication
from vpbx.program import packed
from vpbx.program.compile import Compiled
from vpbx.program.steps import steps

N_RANDOM = 60


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What share of the steps of each program that is run is in the table."""
    found: list[float] = []

    def counted(flow: Any) -> Any:
        made = steps(flow)
        found.append(float(np.mean(made.takes_us >= 0)))
        return made

    monkeypatch.setattr(packed, "steps", counted)
    return found


def by_the_rules_alone(made: Compiled, seed: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The records of a run without the table."""

    def nothing(flow: Any) -> Any:
        table = steps(flow)
        table.takes_us = -1
        return table

    with monkeypatch.context() as patch:
        patch.setattr(packed, "steps", nothing)
        program = made.program._replace(queues=made.program.queues)  # another one: packed anew
        return run_replication(replace(made, program=program), seed, 0, "compiled")


def check(made: Compiled, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same records, cell by cell, counts by edge and times by node among them."""
    found = run_replication(made, seed, 0, "compiled")
    assert not differences(by_the_rules_alone(made, seed, monkeypatch), found, 20)


@pytest.mark.parametrize("name", [*SHIPPED, *SMALL])
def test_shipped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scenario that comes with the program."""
    check(shipped(name), 1, monkeypatch)


def test_random(shares: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs of all kinds; in at least a dozen of them the table is used, and often."""
    for number in range(N_RANDOM):
        made = scenario_of(number)
        with tempfile.TemporaryDirectory() as folder:
            check(compiled(made, Path(folder)), made.seed, monkeypatch)
    assert np.count_nonzero(np.array(shares) > 0.05) >= 12
