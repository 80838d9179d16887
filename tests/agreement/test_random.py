"""Both engines agree on whatever the language can say."""

import tempfile
from pathlib import Path

import pytest
from comparing import agree
from hypothesis import HealthCheck, given, settings
from random_scenarios import Made, compiled, scenarios

_always = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def _compare(made: Made) -> None:
    with tempfile.TemporaryDirectory() as folder:
        agree(compiled(made, Path(folder)), made.seed)


@settings(_always, max_examples=200)
@given(scenarios())
def test_random_scenarios(made: Made) -> None:
    """Graphs, queues, skills, schedules, trunks, redials: every column alike."""
    _compare(made)


@pytest.mark.slow
@settings(_always, max_examples=5000)
@given(scenarios())
def test_many_random_scenarios(made: Made) -> None:
    """The same, twenty-five times as often."""
    _compare(made)
