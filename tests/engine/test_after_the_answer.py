"""Transfers, conferences, unsettled matters, surveys, identification, shares (semantics §4)."""

from pathlib import Path

from timeline import calls, edges, run, visits

TWO_DESKS = """
flow:
  q: {queue: q, next: second}
  second: {queue: back, holds_agent: HOLDS}
queues: {q: {}, back: {}}
agents:
  g: {serves: {q: {handle_time: 10 s, wrap_up: 4 s}}, heads: 1}
  h: {serves: {back: {handle_time: 30 s}}, heads: 1}
"""


def test_cold_transfer(tmp_path: Path) -> None:
    """The first agent is free at 14; the second call waits for the back desk from 24 to 40."""
    of = run(tmp_path, TWO_DESKS.replace("HOLDS", '"no"'), c=[0, 1])
    assert [(r["queue"], r["left"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("q", "0", "10", "14"),
        ("q", "14", "24", "28"),
        ("back", "10", "40", "40"),
        ("back", "40", "70", "70"),
    ]


def test_warm_transfer_holds_the_agent_until_the_answer(tmp_path: Path) -> None:
    """The second call is passed on at 24 and answered at 40: until then the first agent stays."""
    of = run(tmp_path, TWO_DESKS.replace("HOLDS", "until_answer"), c=[0, 1])
    assert [(r["queue"], r["left"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("q", "0", "10", "14"),
        ("q", "14", "40", "44"),
        ("back", "10", "40", "40"),
        ("back", "40", "70", "70"),
    ]


def test_conference_holds_both_agents(tmp_path: Path) -> None:
    """Both agents are with the first call until 40; the second is then answered at 44."""
    of = run(tmp_path, TWO_DESKS.replace("HOLDS", "to_the_end"), c=[0, 1])
    assert [(r["queue"], r["left"], r["talk"], r["wrap"]) for r in visits(of)] == [
        ("q", "0", "40", "44"),
        ("q", "44", "84", "88"),
        ("back", "10", "40", "40"),
        ("back", "54", "84", "84"),
    ]


def test_an_unsettled_matter_comes_again(tmp_path: Path) -> None:
    """Nothing is settled: after 600 s the caller calls again, three times in all (M23, S7)."""
    of = run(
        tmp_path,
        """
agents: {g: {serves: {q: {handle_time: 100 s, settles: 0%}}, heads: 1}}
callers: {c: {redial: {after: {unsettled: {share: 100%, delay: 600 s, attempts: 3}}, delay: 1 s}}}
""",
        c=[0],
    )
    assert [(r["arrived"], r["outcome"], r["redial"]) for r in calls(of)] == [
        ("0", "answered", "700"),
        ("700", "answered", "1400"),
        ("1400", "answered", "-"),
    ]


def test_another_number_after_a_bad_connection(tmp_path: Path) -> None:
    """The short number takes 20 s and fails; 5 s after, the caller dials the federal one (M12)."""
    of = run(
        tmp_path,
        """
numbers:
  "0890": {enter: q, connects: {takes: 20 s, fails: 100%}}
  "8-800": {enter: q}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}
callers:
  c:
    dials: {"0890": 100%}
    redial: {after: {failed: {share: 100%, number: "8-800"}}, delay: 5 s}
""",
        c=[0],
    )
    assert [(r["number"], r["answered"], r["ended"], r["outcome"]) for r in calls(of)] == [
        ("0890", "-", "20", "failed"),
        ("8-800", "25", "125", "answered"),
    ]


def test_survey_after_the_talk(tmp_path: Path) -> None:
    """All rate, for 15 s, on the line but without the agent (M6)."""
    of = run(
        tmp_path,
        """
agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
flow:
  q: {queue: q, next: rate}
  rate: {survey: {takes: 15 s, taken_by: 100%}}
""",
        c=[0],
    )
    assert (calls(of)[0]["ended"], calls(of)[0]["outcome"]) == ("25", "answered")


def test_without_identification_no_help(tmp_path: Path) -> None:
    """Nobody passes: 30 s, then the announcement that a branch must be visited (S6)."""
    of = run(
        tmp_path,
        """
agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
flow:
  who: {identify: {takes: 30 s, passes: 0%}, next: q, otherwise: sorry}
  q: {queue: q}
  sorry: {play: 5 s}
""",
        c=[0],
    )
    assert (calls(of)[0]["ended"], calls(of)[0]["outcome"]) == ("35", "lost")


def test_shares_of_a_branch(tmp_path: Path) -> None:
    """All go the second way: the first has no share, the second all that is left."""
    of = run(
        tmp_path,
        """
flow:
  split: {branch: [{share: 0%, next: a}, {share: 100%, next: b}], otherwise: a}
  a: {play: 1 s}
  b: {play: 2 s}
""",
        c=[0, 1, 2],
    )
    assert edges(of)[("split", "case", "b")] == 3


def test_a_writer_takes_time_to_answer(tmp_path: Path) -> None:
    """A letter is read, a question goes back for 600 s, then it is settled (T1)."""
    of = run(
        tmp_path,
        """
agents: {g: {serves: {q: {handle_time: 60 s}, again: {handle_time: 30 s}}, heads: 1}}
queues: {q: {}, again: {}}
flow:
  q: {queue: q, next: asked}
  asked: {round_trip: 600 s, next: again}
  again: {queue: again}
""",
        c=[0],
    )
    assert [(r["queue"], r["left"], r["talk"]) for r in visits(of)] == [
        ("q", "0", "60"),
        ("again", "660", "690"),
    ]
