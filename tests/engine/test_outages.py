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


CONFERENCE = """
flow:
  q: {queue: q, next: second}
  second: {queue: back, holds_agent: HOLDS}
queues: {q: {}, back: {}}
agents:
  g: {serves: {q: {handle_time: 10 s, wrap_up: 4 s}}, heads: 1}
  h: {serves: {back: {handle_time: 30 s}}, heads: 1}
events: [{at: AT, lasts: 100 s, outage: agents.g, calls: CALLS}]
"""


def test_an_agent_drops_out_of_a_conference(tmp_path: Path) -> None:
    """From 20 to 120 g's system is down: g leaves the conference at 20, h and the caller talk on to 40;
    the second caller waits for g until 120."""
    text = CONFERENCE.replace("HOLDS", "to_the_end").replace("AT,", "00:00:20,")
    of = run(tmp_path, text.replace("CALLS", "cut"), c=[0, 1])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [
        ("40", "answered"),
        ("160", "answered"),
    ]
    assert [(r["queue"], r["left"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("q", "0", "20", "24"),
        ("q", "120", "160", "164"),
        ("back", "10", "40", "40"),
        ("back", "130", "160", "160"),
    ]


def test_an_agent_drops_out_of_a_warm_transfer(tmp_path: Path) -> None:
    """At 30 g stays with the second caller, who waits for h: g drops out, the caller keeps the place."""
    text = CONFERENCE.replace("HOLDS", "until_answer").replace("AT,", "00:00:30,")
    of = run(tmp_path, text.replace("CALLS", "cut"), c=[0, 1])
    assert [(r["ended"], r["outcome"]) for r in calls(of)] == [
        ("40", "answered"),
        ("70", "answered"),
    ]
    assert [(r["queue"], r["left"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("q", "0", "10", "14"),
        ("q", "14", "30", "34"),
        ("back", "10", "40", "40"),
        ("back", "40", "70", "70"),
    ]


def test_a_spared_conference_goes_on(tmp_path: Path) -> None:
    """Calls in progress are spared: both agents stay to the end."""
    text = CONFERENCE.replace("HOLDS", "to_the_end").replace("AT,", "00:00:20,")
    of = run(tmp_path, text.replace("CALLS", "spared"), c=[0])
    assert [(r["queue"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("q", "40", "44"),
        ("back", "40", "40"),
    ]
