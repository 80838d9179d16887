"""Patience that depends on how many a caller finds waiting (semantics §6)."""

from pathlib import Path

import pytest
from timeline import check, run

from vpbx.errors import ScenarioError

CROWDED = """
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1}
callers:
  c: {dials: {"100": 100%}, patience: 90 s, crowded: {2: 20 s, 1: 50 s}}
"""


def test_who_finds_many_waiting_gives_up_sooner(tmp_path: Path) -> None:
    """One talks from 0; at 1, 2, 3 and 4 callers find 0, 1, 2 and 3 waiting: 90, 50, 20, 20 s.

    At 30 only the first two of them wait still (until 91 and 52): the caller finds 2, until 50.
    """
    of = run(tmp_path, CROWDED, c=[0, 1, 2, 3, 4, 30])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        1       1        91    q    abandoned
        2       2        52    q    abandoned
        3       3        23    q    abandoned
        4       4        24    q    abandoned
        30      30       50    q    abandoned
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    answered  0       0      0    100  100  0
        1    abandoned 0       1      91   -    -    -
        2    abandoned 1       2      52   -    -    -
        3    abandoned 2       3      23   -    -    -
        4    abandoned 3       4      24   -    -    -
        5    abandoned 2       30     50   -    -    -
        """,
    )


def test_the_crowd_is_that_before_the_same_agents(tmp_path: Path) -> None:
    """Group g serves q and r, group h serves s alone: who waits in r counts in q, who waits in s not."""
    of = run(
        tmp_path,
        """
queues: {q: {}, r: {}, s: {}}
flow: {to_q: {queue: q}, to_r: {queue: r}, to_s: {queue: s}}
numbers: {"100": {enter: to_q}, "200": {enter: to_r}, "300": {enter: to_s}}
agents:
  g: {serves: {q: {handle_time: 100 s}, r: {handle_time: 100 s}}, heads: 1}
  h: {serves: {s: {handle_time: 100 s}}, heads: 1}
callers:
  c: {dials: {"100": 100%}, patience: 90 s, crowded: {1: 30 s}}
  d: {dials: {"200": 100%}}
  e: {dials: {"300": 100%}}
""",
        c=[3, 5],
        d=[0, 4],
        e=[1, 2],
    )
    left = {
        (of.compiled.names.classes[c], at // 1_000_000): (end - at) // 1_000_000
        for c, at, end in zip(
            of.records.calls.caller_class[of.records.visits.call].tolist(),
            of.records.visits.joined_at.tolist(),
            of.records.visits.left_at.tolist(),
            strict=True,
        )
    }
    assert left["c", 3] == 90  # two wait in s, nobody in q and r
    assert left["c", 5] == 30  # one waits in q, one in r


def test_endless_patience_that_a_crowd_ends(tmp_path: Path) -> None:
    """Without `patience` callers stay, unless they find two or more waiting."""
    text = CROWDED.replace("patience: 90 s, ", "").replace(", 1: 50 s", "")
    of = run(tmp_path, text, c=[0, 1, 2, 3])
    assert (of.records.visits.left_at // 1_000_000).tolist() == [0, 100, 200, 23]


@pytest.mark.parametrize(
    ("crowded", "message"),
    [
        ("{0: 20 s}", '"0" is not how many are found waiting'),
        ("{many: 20 s}", '"many" is not how many are found waiting'),
        ("{2: 20}", '"20" has no unit'),
    ],
)
def test_mistakes(crowded: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        run(tmp_path, CROWDED.replace("{2: 20 s, 1: 50 s}", crowded), c=[0])
    assert message in str(raised.value.problems[0].message)
    assert raised.value.problems[0].path.startswith("callers.c.crowded.")
