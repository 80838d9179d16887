"""Ways out of a queue beside an answer: limits, keys, closing, nobody there (semantics §6)."""

from pathlib import Path

import pytest
from timeline import calls, check, edges, run

ONE_AGENT = """
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1}
"""


def test_longest_wait_leads_on(tmp_path: Path) -> None:
    """Two callers wait behind a talk of 100 s; after 30 s each goes on to an announcement."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
flow:
  q: {queue: q, max_wait: 30 s, timed_out: sorry}
  sorry: {play: 10 s}
""",
        c=[0, 5, 80],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node  outcome
        0       0        100   q     answered
        5       5        45    sorry lost
        80      80       200   q     answered
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    answered  0       0      0    100  100  0
        1    timed_out 0       5      35   -    -    -
        2    answered  0       80     100  200  200  0
        """,
    )
    assert edges(of)[("q", "timed_out", "sorry")] == 1


def test_longest_wait_without_a_node_ends_the_call(tmp_path: Path) -> None:
    of = run(tmp_path, ONE_AGENT + "flow: {q: {queue: q, max_wait: 30 s}}", c=[0, 5])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        5       5        35    q    timed_out
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    answered  0       0      0    100  100  0
        1    timed_out 0       5      35   -    -    -
        """,
    )


def test_agent_free_as_the_longest_wait_ends_answers(tmp_path: Path) -> None:
    of = run(tmp_path, ONE_AGENT + "flow: {q: {queue: q, max_wait: 95 s}}", c=[0, 5])
    assert of.records.calls.ended_at.tolist() == [100_000_000, 200_000_000]


def test_key_leaves_the_queue(tmp_path: Path) -> None:
    """Everybody presses # after 20 s."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
flow:
  q: {queue: q, leave: {key: "#", taken_by: 100%, after: 20 s, to: sorry}}
  sorry: {play: 10 s}
""",
        c=[0, 5],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node  outcome
        0       0        100   q     answered
        5       5        35    sorry lost
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    answered  0       0      0    100  100  0
        1    forwarded 0       5      25   -    -    -
        """,
    )


def test_nobody_there(tmp_path: Path) -> None:
    of = run(
        tmp_path,
        """
queues: {q: {join_empty: no}}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: {00:00-00:30: 1}}}
flow:
  q: {queue: q, empty: sorry}
  sorry: {play: 10 s}
""",
        c=[0, 1805],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node  outcome
        0       0        100   q     answered
        1805    1805     1815  sorry lost
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  100  0
        1    blocked  0       1805   1805 -    -    -
        """,
    )


def test_closing_clears_the_queue(tmp_path: Path) -> None:
    """The queue closes at 00:01: the caller in a talk stays, the one who waits is sent away."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
hours: {office: "daily 00:00-00:01"}
queues: {q: {closes: office, at_closing: clear}}
""",
        c=[0, 5],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        5       5        60    q    cleared
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  100  0
        1    cleared  0       5      60   -    -    -
        """,
    )


def test_who_is_not_answered_at_once_may_leave_at_once(tmp_path: Path) -> None:
    """All balk: the first finds the agent free, the second leaves as it comes, the third in time."""
    of = run(tmp_path, ONE_AGENT + "callers: {c: {balks: 100%}}", c=[0, 5, 100])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        5       5        5     q    balked
        100     100      200   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  100  0
        1    balked   0       5      5    -    -    -
        2    answered 0       100    100  200  200  0
        """,
    )


def test_overflow_opens_a_queue_to_further_agents(tmp_path: Path) -> None:
    """Group h helps callers who have waited 30 s; the second caller is answered by it at 35."""
    of = run(
        tmp_path,
        """
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1}
  h: {serves: {q: {handle_time: 50 s, after: 30 s}}, heads: 1}
""",
        c=[0, 5, 60],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        5       5        85    q    answered
        60      60       140   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      0    100  100  0     g
        1    answered 0       5      35   85   85   1     h
        2    answered 0       60     90   140  140  1     h
        """,
    )


def test_credit_trades_priority_for_waiting(tmp_path: Path) -> None:
    """One step of priority is worth 30 s: a premium caller passes those who came at most 30 s before."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
queues: {q: {credit: 30 s}}
callers: {p: {priority: 1}}
""",
        c=[0, 5, 20],
        p=[40],
    )
    # keys: 5, 20, and 40 - 30 = 10 for the premium caller
    assert of.records.visits.left_at.tolist() == [0, 100_000_000, 300_000_000, 200_000_000]


def test_first_free_goes_home(tmp_path: Path) -> None:
    """Two agents talk as one place ends at 60: whoever is free first goes, and the other serves on."""
    text = """
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: {"00:00-00:01": 2, "00:01-01:00": 1}, leaving: LEAVING}
"""
    marked = run(tmp_path, text.replace("LEAVING", "marked"), c=[0, 20, 30])
    first = run(tmp_path, text.replace("LEAVING", "first_free"), c=[0, 20, 30])
    # marked: agent 1, who is free at 120, goes; agent 0 takes the third call at 100
    assert marked.records.visits.left_at.tolist() == [0, 20_000_000, 100_000_000]
    # first free: agent 0 goes at 100; agent 1 takes the third call at 120
    assert first.records.visits.left_at.tolist() == [0, 20_000_000, 120_000_000]


@pytest.mark.parametrize(("keeps", "first"), [("yes", "c"), ("no", "d")])
def test_an_overflow_keeps_the_place_or_begins_anew(tmp_path: Path, keeps: str, first: str) -> None:
    """c joins at 1 s and overflows to the other queue at 21 s, where d waits since 10 s; the agent is
    free at 50 s, and takes c first only if the place counts from the first queue."""
    text = f"""
    numbers: {{"100": {{enter: a}}, "200": {{enter: q}}}}
    flow: {{a: {{queue: a, max_wait: 20 s, timed_out: q}}, q: {{queue: q, keep_place: {keeps}}}}}
    queues: {{a: {{}}, q: {{}}}}
    agents: {{g: {{serves: {{q: {{handle_time: 50 s}}, a: {{handle_time: 50 s}}}}, heads: 1}}}}
    callers: {{d: {{dials: {{"200": 100%}}}}}}
    """
    of = run(tmp_path, text, c=(1,), d=(0, 10))
    ended = {(row["class"], row["arrived"]): row["ended"] for row in calls(of)}
    later = {"c": "d", "d": "c"}[first]
    at = {"c": ("c", "1"), "d": ("d", "10")}
    assert ended[("d", "0")] == "50"
    assert (ended[at[first]], ended[at[later]]) == ("100", "150")
