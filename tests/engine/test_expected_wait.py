"""Expected waits told at joining, in whole seconds, by each estimator."""

from pathlib import Path

import pytest
from timeline import calls, check, run, visits


def told(
    folder: Path, estimator: str, arrivals: list[float], agents: str, queue: str = ""
) -> list[str]:
    """What each caller is told."""
    text = f"""
    flow: {{q: {{queue: q, announce: {{wait: yes}}}}}}
    queues: {{q: {{estimator: {estimator}{queue}}}}}
    agents: {{{agents}}}
    """
    return [row["told"] for row in visits(run(folder, text, c=arrivals))]


def test_agents_ahead(tmp_path: Path) -> None:
    """(ahead + 1) × AHT // agents on the phone: AHT 25 + 6 = 31 s, 2 agents.

    At 1, 2, 3 nobody waits: 31 // 2 = 15. At 4 one waits: 62 // 2 = 31. At 5 two: 93 // 2 = 46.
    """
    agents = "g: {serves: {q: {handle_time: 25 s, wrap_up: 6 s}}, heads: 2}"
    assert told(tmp_path, "agents_ahead", [1, 2, 3, 4, 5], agents) == ["15", "15", "15", "31", "46"]


def test_agents_ahead_weights_groups_by_their_agents(tmp_path: Path) -> None:
    """3 agents of 20 s and 1 of 60 s: AHT (3 × 20 + 60) / 4 = 30 s; 30 // 4 = 7."""
    agents = """g: {serves: {q: {handle_time: 20 s}}, heads: 3},
                h: {serves: {q: {handle_time: 60 s}}, heads: 1}"""
    assert told(tmp_path, "agents_ahead", [1], agents) == ["7"]


def test_agents_ahead_is_unknown_without_agents(tmp_path: Path) -> None:
    """Nobody on the phone before 00:01: nothing is told; then (1 + 1) × 10 // 1 = 20."""
    agents = 'g: {serves: {q: {handle_time: 10 s}}, heads: {"00:01-24:00": 1}}'
    assert told(tmp_path, "agents_ahead", [1, 60, 61], agents) == ["-", "10", "20"]


def test_agents_ahead_only_counts_those_who_serve_the_queue(tmp_path: Path) -> None:
    """5 agents serve another queue only: 30 × 1 // 1."""
    text = """
    flow: {q: {queue: q, announce: {wait: yes}}}
    queues: {q: {}, other: {}}
    agents:
      g: {serves: {q: {handle_time: 30 s}}, heads: 1}
      h: {serves: {other: {handle_time: 1 s}}, heads: 5}
    """
    assert [row["told"] for row in visits(run(tmp_path, text, c=[1]))] == ["30"]


ONE = "g: {serves: {q: {handle_time: 10 s}}, heads: 1}"


def test_asterisk(tmp_path: Path) -> None:
    """(3 × old + wait) // 4 at each answer, from 0; talk 10 s, arrivals at 0, 1, 2, 3, 31, 41.

    Answers at 0, 10, 20, 30, 40, 50 after 0, 9, 18, 27, 9, 9 s: the average goes
    0, 9 // 4 = 2, (6 + 18) // 4 = 6, (18 + 27) // 4 = 11, (33 + 9) // 4 = 10.
    Told: 0 at 0 … 3; 11 at 31; 10 at 41.
    """
    assert told(tmp_path, "asterisk", [0, 1, 2, 3, 31, 41], ONE) == ["0", "0", "0", "0", "11", "10"]


def test_last_served(tmp_path: Path) -> None:
    """The wait of the last who was answered: 0 to 10, then 9 (from 10), 18 (from 20), whole seconds."""
    expected = ["0", "0", "0", "9", "18"]
    assert expected == told(tmp_path, "last_served", [0, 1, 2, 11, 21], ONE)


def test_last_served_is_cut_to_whole_seconds(tmp_path: Path) -> None:
    """A wait of 8.5 s is told as 8."""
    assert told(tmp_path, "last_served", [0, 1.5, 11], ONE) == ["0", "0", "8"]


def test_head_of_line(tmp_path: Path) -> None:
    """How long the first in line has waited: nobody, nobody, 1 s and 8 s (from 1), 10 s (from 2)."""
    expected = ["0", "0", "1", "8", "10"]
    assert expected == told(tmp_path, "head_of_line", [0, 1, 2, 9, 12], ONE)


def test_nothing_is_told_where_the_node_does_not_announce(tmp_path: Path) -> None:
    """Without `announce`, and to whom the queue is full, nothing is told."""
    text = """
    flow: {q: {queue: q}}
    queues: {q: {capacity: 1}}
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
    """
    assert [row["told"] for row in visits(run(tmp_path, text, c=[0, 1, 2]))] == ["-", "-", "-"]
    announced = told(tmp_path, "agents_ahead", [0, 1, 2], ONE, ", capacity: 1")
    assert announced == ["10", "10", "-"]


@pytest.mark.parametrize(
    ("estimator", "expected_s"),
    [("agents_ahead", 20), ("asterisk", 2), ("last_served", 9), ("head_of_line", 10)],
)
def test_a_branch_asks_the_queues_own_estimator(
    tmp_path: Path, estimator: str, expected_s: int
) -> None:
    """Talk 10 s, callers at 0, 1, 2; d comes to the branch at 12, when the third waits since 2.

    (1 + 1) × 10 // 1; (3 × 0 + 9) // 4; the second waited 9 s; the third for 10 s so far.
    """
    for condition, last in ((f">= {expected_s} s", "bye"), (f"> {expected_s} s", "q")):
        text = f"""
        numbers: {{"100": {{enter: q}}, "200": {{enter: door}}}}
        flow:
          door: {{branch: [{{when: q.expected_wait {condition}, next: bye}}], otherwise: q}}
          q: {{queue: q}}
          bye: hangup
        queues: {{q: {{estimator: {estimator}}}}}
        agents: {{{ONE}}}
        callers: {{d: {{dials: {{"200": 100%}}}}}}
        """
        made = run(tmp_path, text, c=[0, 1, 2], d=[12])
        assert last == calls(made)[-1]["node"]


def test_the_wait_told_counts_from_the_moment_of_joining(tmp_path: Path) -> None:
    """Greeting 9 s: the caller of 1 joins at 10 as the agent frees: head of line 0, not 9."""
    text = """
    flow: {hello: {play: 9 s, next: q}, q: {queue: q, announce: {wait: yes}}}
    queues: {q: {estimator: head_of_line}}
    agents: {g: {serves: {q: {handle_time: 4 s}}, heads: 1}}
    """
    made = run(tmp_path, text, c=[0, 1])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        13    q    answered
            1       1        17    q    answered""",
        visits_are="""
            call told joined left outcome  agent waiting talk wrap
            0    0    9      9    answered 0     0       13   13
            1    0    10     13   answered 0     0       17   17""",
    )
