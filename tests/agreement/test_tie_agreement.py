"""Both engines agree where everything happens at once: every pair of phases, several patterns."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparing import agree, agrees_in_parts
from hand_made import HAND_MADE, hand_made
from platform_scenarios import CASES, served
from rare_scenario import rare
from tie_scenarios import PHASES, tied

from vpbx.codes import Phase
from vpbx.engine.events import At

PAIRS = list(combinations_with_replacement(PHASES, 2))
_names = [f"{one.name}-{other.name}".lower() for one, other in PAIRS]


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[int, Phase]]:
    """How many events of each phase the reference engine scheduled for each instant."""
    seen: Counter[tuple[int, Phase]] = Counter()
    plain: Callable[..., None] = At.__init__

    def noted(self: At, env: Any, at: int, phase: Phase, *rest: Any) -> None:
        seen[at, phase] += 1
        plain(self, env, at, phase, *rest)

    monkeypatch.setattr(At, "__init__", noted)
    return seen


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=_names)
def test_ties(
    tmp_path: Path, happened: Counter[tuple[int, Phase]], one: Phase, other: Phase
) -> None:
    """Three arrival patterns; the two phases really came together."""
    together = 0
    for pattern in range(3):
        compiled = tied(tmp_path, one, other, pattern)
        happened.clear()
        agree(compiled, pattern)
        enough = 2 if one == other else 1
        together += sum(
            n >= enough and happened[at, other] > 0
            for (at, phase), n in list(happened.items())
            if phase == one
        )
    assert together > 0


@pytest.mark.parametrize("name", HAND_MADE)
def test_hand_made(tmp_path: Path, name: str) -> None:
    """Both engines, and what the contract says."""
    compiled = hand_made(tmp_path, name)
    visits, first_agent = agree(compiled, 1).visits, compiled.program.groups.first_agent
    assert (visits.left_at // 1_000_000).tolist() == list(HAND_MADE[name].left_s)
    agents = np.where(visits.agent >= 0, first_agent[visits.group] + visits.agent, -1)
    assert agents.tolist() == list(HAND_MADE[name].agents)


@pytest.mark.parametrize("licensed", [False, True])
def test_everything_rare(tmp_path: Path, licensed: bool) -> None:
    """Without ties, with all the rarer mechanisms at once; whole, and in parts."""
    compiled = rare(tmp_path, licensed=licensed)
    for seed in range(5):
        agrees_in_parts(compiled, seed, agree(compiled, seed))


@pytest.mark.parametrize(("platform", "strategy"), CASES)
def test_platforms(tmp_path: Path, platform: str, strategy: str) -> None:
    """Asterisk's and FreeSWITCH's orders of service; whole, and in parts."""
    for pattern in range(3):
        compiled = served(tmp_path, platform, strategy, pattern)
        agrees_in_parts(compiled, pattern, agree(compiled, pattern))
