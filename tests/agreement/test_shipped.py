"""Both engines agree on all scenarios that come with the program, and on the benchmarks' in small."""

from pathlib import Path

import pytest
from comparing import agree

from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load

FOLDER = Path(__file__).parent.parent.parent / "scenarios"
SHIPPED = sorted(file.stem for file in FOLDER.glob("*.yaml"))
FEW, MANY = 3, 20

_W3_CLASSES = (
    "prepaid", "premium", "other_networks", "whole_group", "crimea", "ukraine", "insiders",
    "roaming_home", "roaming_abroad", "business",
)  # fmt: skip
SMALL = {
    "w1": ("callers.customers.volume=4%", "agents.team.heads=4%"),
    "w2": ("callers.customers.volume=2%", "callers.priority.volume=2%", "agents.team.heads=2%"),
    "w3": (
        *(f"callers.{name}.volume=1%" for name in _W3_CLASSES),
        *(f"agents.{name}.heads=1%" for name in ("region", "vip", "travel", "business")),
        "queues.support.capacity=1%",
    ),
}
"""Settings that make a benchmark's day one of a few thousand calls, as busy as before."""


def shipped(name: str) -> Compiled:
    """A scenario that comes with the program, or a benchmark in small."""
    file = FOLDER / f"{name}.yaml"
    sets: tuple[str, ...] = ()
    if name in SMALL:
        file, sets = FOLDER / "benchmarks" / f"{name}.yaml", SMALL[name]
    return compile_scenario(load(file, sets).scenario, file.parent)


@pytest.mark.parametrize("name", [*SHIPPED, *SMALL])
def test_shipped(name: str) -> None:
    """A few seeds, every column."""
    compiled = shipped(name)
    for seed in range(FEW):
        assert len(agree(compiled, seed, replication=seed).calls.outcome) > 100


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SHIPPED, *SMALL])
def test_shipped_many_seeds(name: str) -> None:
    """The other seeds."""
    compiled = shipped(name)
    for seed in range(FEW, MANY):
        agree(compiled, seed)


def test_every_benchmark_is_here() -> None:
    """A new benchmark scenario needs a small variant."""
    assert sorted(SMALL) == sorted(file.stem for file in (FOLDER / "benchmarks").glob("*.yaml"))
