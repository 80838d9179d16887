"""Both engines agree on whatever the language can say."""

import tempfile
from pathlib import Path

import pytest
from comparing import agree, agrees_in_parts
from random_scenarios import compiled, scenario_of

AT_A_TIME, FEW, MANY = 20, 200, 5000


def _compare(first: int) -> None:
    """So many scenarios from this number on, whole and in parts."""
    for number in range(first, first + AT_A_TIME):
        made = scenario_of(number)
        with tempfile.TemporaryDirectory() as folder:
            ready = compiled(made, Path(folder))
            agrees_in_parts(ready, made.seed, agree(ready, made.seed))


@pytest.mark.parametrize("first", range(0, FEW, AT_A_TIME))
def test_random_scenarios(first: int) -> None:
    """Graphs, queues, skills, schedules, trunks, redials, all that is rarer: every column alike."""
    _compare(first)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FEW, FEW + MANY, AT_A_TIME))
def test_many_random_scenarios(first: int) -> None:
    """The same, twenty-five times as often."""
    _compare(first)
