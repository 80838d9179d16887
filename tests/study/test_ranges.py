"""Ranges of `--vary`: what they spell, and what is refused."""

import pytest

from vpbx.errors import UsageError
from vpbx.study.ranges import grid, latin_hypercube, parse_range, parse_ranges


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("agents.a.heads=4..7", ("4", "5", "6", "7")),
        ("agents.a.heads=4..12:3", ("4", "8", "12")),
        ("agents.a.heads=1..4:7", ("1", "2", "3", "4")),
        ("callers.a.volume=80%..140%:4", ("80%", "100%", "120%", "140%")),
        ("callers.a.volume=80..140%:4", ("80%", "100%", "120%", "140%")),
        ("queues.a.wait=1 min..2 min:3", ("1 min", "1.5 min", "2 min")),
        ("agents.a.heads=9,4, 6", ("9", "4", "6")),
        ("queues.a.strategy=fifo,lifo", ("fifo", "lifo")),
        ('callers."a=b".volume=1/h..3/h:2', ("1/h", "3/h")),
    ],
)
def test_values(text: str, values: tuple[str, ...]) -> None:
    """The values, as they are set."""
    assert parse_range(text).texts == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agents.a.heads", "expected a path and a range"),
        ("agents.a.heads=", "expected a path and a range"),
        ("agents.a.heads=7", "one value"),
        ("agents.a.heads=12..4", "the range is empty"),
        ("agents.a.heads=4..4", "the range is empty"),
        ("a.volume=80%..140%", "how many points, such as a.volume=80%..140%:5"),
        ("a.wait=1 min..2 h:3", "different units"),
        ("a.wait=short..long:3", "not a number"),
        ("a.heads=4..8:1", "at least 2"),
        ("a.heads=4,4", "twice"),
    ],
)
def test_refusals(text: str, said: str) -> None:
    """What is wrong is said, with what would be right."""
    with pytest.raises(UsageError) as error:
        parse_range(text)
    assert said in str(error.value)


def test_ends_will_do_where_any_value_may_be_taken() -> None:
    """No number of points for hypercubes and solving; one that is given holds."""
    (found,) = parse_ranges(["a.volume=80%..140%"], spaced=False)
    assert (found.low, found.high, found.texts) == (80, 140, ("80%", "140%"))
    assert found.at(0.5) == "110%"
    assert len(parse_range("a.volume=80%..140%:4", spaced=False).texts) == 4


def test_nothing_and_the_same_path_twice() -> None:
    """A sweep needs a range, and each path one."""
    with pytest.raises(UsageError, match="nothing to vary"):
        parse_ranges([])
    with pytest.raises(UsageError, match="varied twice"):
        parse_ranges(["a.b=1..2", "a.b=3..4"])


def test_a_grid_is_every_combination() -> None:
    """The last range runs fastest."""
    found = grid(parse_ranges(["a.x=1..2", "a.y=3..4"]))
    assert found == [("1", "3"), ("1", "4"), ("2", "3"), ("2", "4")]


def test_a_hypercube_has_one_point_in_each_part() -> None:
    """20 points: each twentieth of each range holds one; the same seed, the same points."""
    ranges = parse_ranges(["a.x=0%..100%:2", "a.y=50 s..150 s:2"])
    found = latin_hypercube(ranges, 20, 7)
    assert found == latin_hypercube(ranges, 20, 7)
    for axis, (low, width, unit) in enumerate(((0, 5, "%"), (50, 5, " s"))):
        parts = sorted(int((float(p[axis].removesuffix(unit)) - low) // width) for p in found)
        assert parts == list(range(20))
    heads = [p[0] for p in latin_hypercube(parse_ranges(["a.h=3..7", "a.x=0%..1%:2"]), 50, 1)]
    assert {n: heads.count(n) for n in "34567"} == dict.fromkeys("34567", 10)
    with pytest.raises(UsageError, match="names"):
        latin_hypercube(parse_ranges(["a.s=fifo,lifo"]), 4, 1)


def test_cost_is_a_quantity_of_groups_with_a_wage() -> None:
    """It is no target of the language; without wages there is none."""
    from pathlib import Path

    from vpbx.errors import UsageError
    from vpbx.scenario.load import load
    from vpbx.study.quantities import Quantity, parse_quantity

    scenario = load(Path(__file__).parents[2] / "scenarios" / "mts_0890.yaml").scenario
    assert parse_quantity("region.cost", scenario) == Quantity("group.region", "cost")
    unpaid = {
        name: group.model_copy(update={"wage": None}) for name, group in scenario.agents.items()
    }
    with pytest.raises(UsageError, match="no group has a wage"):
        parse_quantity("region.cost", scenario.model_copy(update={"agents": unpaid}))
