"""What waiting callers are told and offered, and how they take it (M5, M8, M17; semantics §6)."""

from pathlib import Path

from timeline import calls, edges, run, visits

ONE_AGENT = "agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}\n"


def test_paid_skip_goes_ahead(tmp_path: Path) -> None:
    """Whoever hears of more than 150 s pays: the third caller passes the second."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
flow:
  q:
    queue: q
    offers: {paid_skip: {when: q.expected_wait > 150 s, taken_by: 100%, price: 50 RUB, priority: 3}}
""",
        c=[0, 5, 10],
    )
    # agents ahead: (waiting + 1) x 100 s: 100 s for the second caller, 200 s for the third
    assert [row["left"] for row in visits(of)] == ["0", "200", "100"]
    assert of.records.visits.priority.tolist() == [0, 0, 3]
    assert edges(of)[("q", "paid_skip", "q")] == 1


def test_another_channel(tmp_path: Path) -> None:
    """With somebody waiting already, callers go to the chat."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
flow:
  q:
    queue: q
    offers: {elsewhere: {when: q.queue_length >= 1, taken_by: 100%, to: chat}}
  chat: {play: 7 s}
""",
        c=[0, 5, 10],
    )
    assert [row["outcome"] for row in visits(of)] == ["answered", "answered", "forwarded"]
    assert calls(of)[2]["ended"] == "17"
    assert edges(of)[("q", "elsewhere", "chat")] == 1


def test_told_of_a_long_wait_callers_hang_up(tmp_path: Path) -> None:
    """From 2 min told, all hang up: the third caller, who is told 200 s."""
    of = run(
        tmp_path,
        ONE_AGENT + "flow: {q: {queue: q, announce: {wait: yes, balks: {2 min: 100%}}}}",
        c=[0, 5, 10],
    )
    assert [(row["outcome"], row["told"], row["left"]) for row in visits(of)] == [
        ("answered", "100", "0"),
        ("answered", "100", "100"),
        ("balked", "200", "10"),
    ]


def test_told_again_while_waiting(tmp_path: Path) -> None:
    """Head-of-line tells how long the first has waited: the second caller hangs up once it is 40 s."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
queues: {q: {estimator: head_of_line}}
flow: {q: {queue: q, announce: {wait: yes, every: 15 s, balks: {40 s: 100%}}}}
""",
        c=[0, 5],
    )
    # told at 20, 35 and 50, when the head (the caller itself) has waited 15, 30 and 45 s
    assert [(row["outcome"], row["left"]) for row in visits(of)] == [
        ("answered", "0"),
        ("balked", "50"),
    ]


def test_told_of_the_wait_callers_stay_longer(tmp_path: Path) -> None:
    """Patience of 60 s, half as much again for those who hear the wait: 90 s."""
    of = run(
        tmp_path,
        ONE_AGENT
        + """
callers: {c: {patience: 60 s}}
flow: {q: {queue: q, announce: {wait: yes, stays: 150%}}}
""",
        c=[0, 5],
    )
    assert visits(of)[1]["left"] == "95"


def test_offers_are_not_made_to_those_who_need_not_wait(tmp_path: Path) -> None:
    of = run(
        tmp_path,
        ONE_AGENT + "flow: {q: {queue: q, offers: {callback: {taken_by: 100%}}}}",
        c=[0],
    )
    assert calls(of)[0]["outcome"] == "answered"
