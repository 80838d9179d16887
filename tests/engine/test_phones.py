"""Agents' phones ring before the answer; calls back (semantics §6)."""

from pathlib import Path

from timeline import calls, check, edges, run, visits


def test_the_phone_rings_before_the_answer(tmp_path: Path) -> None:
    """4 s of ringing count as waiting; the agent's time rings, talks, then is free."""
    of = run(
        tmp_path,
        "agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {answers_after: 4 s}}}",
        c=[0],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        104   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      4    104  104  0
        """,
    )
    assert of.records.grid.ringing.sum() == 4_000_000


def test_a_missed_call_goes_to_the_next_agent(tmp_path: Path) -> None:
    """Group g never answers: after 15 s group h's phone rings; the caller keeps the place.

    The agent of g pauses 5 s, and then misses the second caller from 20 to 35, 40 to 55, 60 to 75, 80
    to 95 and 100 to 115; h is free at 117, while g pauses, and answers at 119.
    """
    of = run(
        tmp_path,
        """
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {missed: 99.9999999%}}
  h: {serves: {q: {handle_time: 100 s, penalty: 1}}, heads: 1, phone: {answers_after: 2 s}}
""",
        c=[0, 18],
    )
    rows = visits(of)
    assert [(row["left"], row["group"]) for row in rows] == [("17", "h"), ("119", "h")]
    assert [row["talk"] for row in rows] == ["117", "219"]
    assert of.records.grid.ringing.sum(axis=0).tolist() == [6 * 15_000_000, 2 * 2_000_000]
    assert of.records.grid.missed.sum(axis=0).tolist() == [6, 0]
    assert of.records.grid.autopauses.sum(axis=0).tolist() == [0, 0]


def test_autopause_after_two_misses(tmp_path: Path) -> None:
    """Missed at 15 and, after the retry of 5 s, at 35: then paused for 10 min; patience ends at 60."""
    of = run(
        tmp_path,
        """
agents:
  g:
    serves: {q: {handle_time: 100 s}}
    heads: 1
    phone: {missed: 99.9999999%, autopause: 2, pause: 10 min}
callers: {c: {patience: 60 s}}
""",
        c=[0],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        60    q    abandoned
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    abandoned 0       0      60   -    -    -
        """,
    )
    assert of.records.grid.ringing.sum() == 30_000_000
    assert of.records.grid.missed.sum() == 2
    assert of.records.grid.autopauses.sum() == 1


def test_a_caller_who_gives_up_silences_the_phone(tmp_path: Path) -> None:
    """The first caller leaves at 3 while the phone rings; the agent takes the second at once."""
    of = run(
        tmp_path,
        """
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {answers_after: 10 s}}}
callers: {c: {patience: 3 s}, d: {patience: 60 s}}
""",
        c=[0],
        d=[1],
    )
    assert [(row["outcome"], row["left"]) for row in visits(of)] == [
        ("abandoned", "3"),
        ("answered", "13"),
    ]


def test_ring_all_the_quickest_answers(tmp_path: Path) -> None:
    """All phones ring: g answers after 8 s, h after 3 s; g, free since 0, takes the next call."""
    of = run(
        tmp_path,
        """
queues: {q: {strategy: ring_all}}
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {answers_after: 8 s}}
  h: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {answers_after: 3 s}}
""",
        c=[0, 1],
    )
    assert [(row["group"], row["left"]) for row in visits(of)] == [("h", "3"), ("g", "11")]
    assert of.records.grid.ringing.sum(axis=0).tolist() == [11_000_000, 3_000_000]


def test_round_robin_goes_on_from_the_last_agent(tmp_path: Path) -> None:
    """Three agents, calls so far apart that all are idle: 0, 1, 2, then 0 again."""
    of = run(
        tmp_path,
        "queues: {q: {strategy: round_robin}}\n"
        "agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 3}}",
        c=[0, 20, 40, 60],
    )
    assert of.records.visits.agent.tolist() == [0, 1, 2, 0]


CALLBACK = """
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}
trunks: {lines: {channels: 2}}
numbers: {"100": {enter: q, trunk: lines}}
flow:
  q:
    queue: q
    offers: {callback: {taken_by: 100%, rings: 10 s, trunk: lines, MORE}}
"""


def test_called_back_in_turn(tmp_path: Path) -> None:
    """The second caller hangs up at 5, keeps the place before the third, and is called at 100."""
    of = run(tmp_path, CALLBACK.replace(", MORE", ""), c=[0, 5])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        5       5        210   q    callback_done
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  100  0
        1    answered 0       5      110  210  210  0
        """,
    )
    legs = of.records.extra_legs
    assert legs.kind.tolist() == [0, 2]  # the own line given up at once, then the call back
    assert legs.held_from.tolist() == [5_000_000, 100_000_000]
    assert legs.held_until.tolist() == [5_000_000, 210_000_000]
    assert edges(of)[("q", "callback", "-")] == 1


def test_called_back_in_vain(tmp_path: Path) -> None:
    """Nobody answers: 20 s of ringing at 100, again 30 s after, then no more."""
    more = "answers: 0.0000001%, gives_up_after: 20 s, attempts: 2, retry: 30 s"
    of = run(tmp_path, CALLBACK.replace("MORE", more), c=[0, 5])
    assert [(row["outcome"], row["ended"]) for row in calls(of)] == [
        ("answered", "100"),
        ("callback_failed", "170"),
    ]
    assert of.records.grid.ringing.sum() == 40_000_000
