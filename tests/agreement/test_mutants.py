"""The comparison finds faults: every deliberate one makes the engines differ somewhere."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import random_scenarios
from comparing import by_reference
from hand_made import HAND_MADE, hand_made
from mutants import AREAS, MUTANTS, Mutant, put_in_place
from platform_scenarios import all_served
from rare_scenario import rare
from tie_scenarios import PHASES, at_the_horizon, rich, rising_staff, tied

from vpbx.engine.difference import differences
from vpbx.engine.records import Records
from vpbx.engine.run import run_replication
from vpbx.program.compile import Compiled

N_RANDOM = 20
AT_ONCE = 2
"""Mutants of each area that every run of the tests tries; the others are slow."""


class Known(NamedTuple):
    """A scenario, and what the compiled engine makes of it."""

    compiled: Compiled
    seed: int
    records: Records


@pytest.fixture(scope="module")
def known() -> list[Known]:
    """Tie scenarios of many pairs of phases and some random ones, always the same, quick ones first."""
    found = [
        Known(compiled, seed, run_replication(compiled, seed, 0, "compiled"))
        for compiled, seed in _scenarios()
    ]
    return sorted(found, key=lambda one: len(one.records.calls.outcome))


def _scenarios() -> Iterator[tuple[Compiled, int]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, one in enumerate(PHASES):
            yield tied(folder, one, one, 0), 0
            yield tied(folder, one, one, 2), 2
            for away in range(1, 5):
                yield tied(folder, one, PHASES[(number + away) % len(PHASES)], 1), 1
        for case in HAND_MADE:
            yield hand_made(folder, case), 1
        yield at_the_horizon(folder), 0
        yield rising_staff(folder), 0
        yield rich(folder), 0
        yield rich(folder, "patience", "handle_time"), 0
        for licensed in (False, True):
            for n_calls in (20, 60, 150):
                yield rare(folder, n_calls, licensed), n_calls
        for pattern in range(4):
            for compiled in all_served(folder, pattern):
                yield compiled, pattern
        for number in range(N_RANDOM):
            made = random_scenarios.scenario_of(number)
            yield random_scenarios.compiled(made, folder), made.seed


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


def _some_slow() -> Iterator[Any]:
    """All mutants as parameters."""
    seen: Counter[str] = Counter()
    for mutant in MUTANTS:
        seen[mutant.area] += 1
        marks = [pytest.mark.slow] if seen[mutant.area] > AT_ONCE else []
        yield pytest.param(mutant, marks=marks, id=f"{mutant.area}: {mutant.name}")


@pytest.mark.parametrize("mutant", list(_some_slow()))
def test_a_mutant_is_killed(
    known: list[Known], mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the fault in place, some scenario comes out otherwise."""
    put_in_place(mutant, monkeypatch)
    for place, one in enumerate(known):
        if _is_found_out(one):
            known.insert(0, known.pop(place))  # who found one fault finds others
            return
    pytest.fail("no scenario comes out otherwise")


def _is_found_out(one: Known) -> bool:
    """Whether the faulty engine leaves anything else; or falls over, which no user could miss."""
    try:
        return bool(differences(by_reference(one.compiled, one.seed), one.records, 1))
    except Exception:  # whatever the fault makes of it
        return True
