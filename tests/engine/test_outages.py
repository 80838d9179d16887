"""Outages, a slow robot, shifts with breaks (M19; semantics §2, §4)."""

from pathlib import Path

from timeline import START, calls, edges, run, visits

TRUNK = """
trunks: {main: {channels: 5}}
numbers: {"100": {enter: hello, trunk: main}}
flow:
  hello: {play: 20 s, next: q}
  q: {queue: q}
agents: {g: {serves: {q: {handle_time: 100 s, wrap_up: 10 s}}, heads: 1}}
events: [{at: 00:01:00, lasts: 60 s, outage: trunk.main, calls: CALLS}]
"""


def test_an_outage_that_cuts(tmp_path: Path) -> None:
    """At 60 one call talks, one waits, one still hears the greeting: all are cut; at 90 none gets in."""
    of = run(tmp_path, TRUNK.replace("CALLS", "cut"), c=[0, 10, 50, 90, 130])
    assert [(r["ended"], r["outcome"], r["node"]) for r in calls(of)] == [
        ("60", "failed", "q"),
        ("60", "failed", "q"),
        ("60", "failed", "hello"),
        ("90", "failed", "-"),
        ("250", "answered", "q"),
    ]
    assert [(r["outcome"], r["left"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("answered", "20", "60", "70"),
        ("failed", "60", "-", "-"),
        ("answered", "150", "250", "260"),
    ]
    assert edges(of)[("hello", "next", "q")] == 3  # the cut greeting was not left


def test_an_outage_that_spares(tmp_path: Path) -> None:
    of = run(tmp_path, TRUNK.replace("CALLS", "spared"), c=[0, 90])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [
        ("120", "answered"),
        ("90", "failed"),
    ]


def test_the_agents_system_fails(tmp_path: Path) -> None:
    """From 60 to 120 nobody is on the phone: the talk is cut, the caller of 70 waits until 120."""
    of = run(
        tmp_path,
        """
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}
events: [{at: 00:01:00, lasts: 60 s, outage: agents.g, calls: cut}]
""",
        c=[0, 70],
    )
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [
        ("60", "failed"),
        ("220", "answered"),
    ]


def test_a_slow_robot(tmp_path: Path) -> None:
    """Twice as slow in the second minute: the greeting of 20 s takes 40 s."""
    of = run(
        tmp_path,
        """
flow: {hello: {play: 20 s}}
events: [{at: 00:01:00, lasts: 60 s, slow: 200%}]
""",
        c=[0, 60, 119, 120],
    )
    assert [r["ended"] for r in calls(of)] == ["20", "100", "159", "140"]


def test_shifts_with_breaks(tmp_path: Path) -> None:
    """One on duty 00:00-00:40 with a break 00:10-00:20: the caller of 10 min waits for its end."""
    of = run(
        tmp_path,
        """
agents:
  g:
    serves: {q: {handle_time: 100 s}}
    shifts: [{works: "daily 00:00-00:40", heads: 1, breaks: "00:10-00:20"}]
""",
        c=[0, 600],
    )
    assert START.hour == 0
    assert [r["left"] for r in visits(of)] == ["0", "1200"]


def test_spare_agents_are_kept_for_calls(tmp_path: Path) -> None:
    """Letters are taken only while both agents are idle: the second letter waits until 50."""
    of = run(
        tmp_path,
        """
numbers: {"100": {enter: q}, "200": {enter: letter}}
flow: {q: {queue: q}, letter: {queue: letters}}
queues: {q: {}, letters: {}}
agents:
  g: {serves: {q: {handle_time: 20 s}, letters: {handle_time: 50 s, spare: 1}}, heads: 2}
callers: {c: {dials: {"100": 100%}}, m: {dials: {"200": 100%}}}
""",
        c=[10],
        m=[0, 5],
    )
    assert [(r["queue"], r["left"]) for r in visits(of)] == [
        ("letters", "0"),
        ("letters", "50"),
        ("q", "10"),
    ]
