"""The comparison finds faults: every deliberate one makes the engines differ somewhere."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import combinations_with_replacement
from pathlib import Path
from typing import NamedTuple

import pytest
import random_scenarios
from comparing import by_reference
from hypothesis import HealthCheck, Phase, given, settings
from mutants import AREAS, MUTANTS, Mutant, put_in_place
from tie_scenarios import PHASES, at_the_horizon, rich, rising_staff, tied

from vpbx.engine.difference import differences
from vpbx.engine.records import Records
from vpbx.engine.run import run_replication
from vpbx.program.compile import Compiled

N_RANDOM = 40


class Known(NamedTuple):
    """A scenario, and what the compiled engine makes of it."""

    compiled: Compiled
    seed: int
    records: Records


@pytest.fixture(scope="module")
def known() -> list[Known]:
    """Tie scenarios of every pair of phases and some random ones, always the same, quick ones first."""
    found = [
        Known(compiled, seed, run_replication(compiled, seed, 0, "compiled"))
        for compiled, seed in _scenarios()
    ]
    return sorted(found, key=lambda one: len(one.records.calls.outcome))


def _scenarios() -> Iterator[tuple[Compiled, int]]:
    with tempfile.TemporaryDirectory() as folder:
        for one, other in combinations_with_replacement(PHASES, 2):
            for pattern in range(2):
                yield tied(Path(folder), one, other, pattern), pattern
        yield at_the_horizon(Path(folder)), 0
        yield rising_staff(Path(folder)), 0
        yield rich(Path(folder)), 0
        yield rich(Path(folder), "patience", "handle_time"), 0
        for made in _random():
            yield random_scenarios.compiled(made, Path(folder)), made.seed


def _random() -> list[random_scenarios.Made]:
    found: list[random_scenarios.Made] = []

    @settings(
        max_examples=N_RANDOM, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(random_scenarios.scenarios())
    def collect(made: random_scenarios.Made) -> None:
        found.append(made)

    collect()
    return found


def test_no_mutant_no_difference(known: list[Known]) -> None:
    """The scenarios tell faults from the right engine: that one differs nowhere."""
    for one in known:
        assert not differences(by_reference(one.compiled, one.seed), one.records)


def test_every_area_has_two_mutants() -> None:
    """At least two in each area, twenty in all, each with a name of its own."""
    areas = Counter(mutant.area for mutant in MUTANTS)
    assert set(areas) == set(AREAS)
    assert min(areas.values()) >= 2
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.area}: {mutant.name}")
def test_a_mutant_is_killed(
    known: list[Known], mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the fault in place, some scenario comes out otherwise."""
    put_in_place(mutant, monkeypatch)
    assert any(differences(by_reference(one.compiled, one.seed), one.records, 1) for one in known)
