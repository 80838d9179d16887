"""The queue as a node: answered, abandoned, full, what comes after the talk."""

from pathlib import Path

from timeline import check, edges, run

AGENT = "agents: {g: {serves: {q: {handle_time: 10 s, wrap_up: 4 s}}, heads: 1}}\n"


def test_answered_at_once_and_after_a_wait(tmp_path: Path) -> None:
    """Talk 10 s, wrap-up 4 s: the agent of the call at 0 is free at 14, and takes the caller of 3."""
    made = run(tmp_path, AGENT, c=[0, 3])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        10    q    answered
            3       3        24    q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       10   14
            1    3      14   answered 0     0       24   28""",
    )
    grid = made.records.grid
    assert [
        int(grid.talk.sum()) // 10**6,
        int(grid.wrap_up.sum()) // 10**6,
        int(grid.queue_time.sum()) // 10**6,
    ] == [20, 8, 11]
    assert edges(made) == {("q", "next", "-"): 2}


def test_abandoned(tmp_path: Path) -> None:
    """Patience 5 s, the agent busy until 14: the caller of 3 leaves at 8 by hanging up."""
    made = run(tmp_path, AGENT + "callers: {c: {patience: 5 s}}", c=[0, 3])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        10    q    answered
            3       3        8     q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    0      0    answered  0     0       10   14
            1    3      8    abandoned -     0       -    -""",
    )
    assert edges(made) == {("q", "next", "-"): 1, ("q", "hang_up", "-"): 1}


def test_a_full_queue_gives_the_busy_tone(tmp_path: Path) -> None:
    """Room for one: the caller of 2 finds it taken and is blocked."""
    made = run(tmp_path, AGENT + "queues: {q: {capacity: 1}}", c=[0, 1, 2])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        10    q    answered
            1       1        24    q    answered
            2       2        2     q    blocked""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       10   14
            1    1      14   answered 0     0       24   28
            2    2      2    blocked  -     1       -    -""",
    )
    assert edges(made) == {("q", "next", "-"): 2, ("q", "full", "-"): 1}


def test_a_full_queue_leads_to_its_branch(tmp_path: Path) -> None:
    """The caller of 2 is led to another queue, whose agent answers at once."""
    text = """
    flow: {q: {queue: q, full: other}, other: {queue: spill}}
    queues: {q: {capacity: 1}, spill: {}}
    agents:
      g: {serves: {q: {handle_time: 10 s, wrap_up: 4 s}}, heads: 1}
      h: {serves: {spill: {handle_time: 7 s}}, heads: 1}
    """
    made = run(tmp_path, text, c=[0, 1, 2])
    check(
        made,
        calls_are="""
            arrived answered ended node  outcome
            0       0        10    q     answered
            1       1        24    q     answered
            2       2        9     other answered""",
        visits_are="""
            call queue node  joined left outcome  group agent waiting talk wrap
            0    q     q     0      0    answered g     0     0       10   14
            1    q     q     1      14   answered g     0     0       24   28
            2    q     q     2      2    blocked  -     -     1       -    -
            2    spill other 2      2    answered h     1     0       9    9""",
    )


def test_the_call_goes_on_after_the_talk(tmp_path: Path) -> None:
    """Talk to 10, then 6 s of announcement and a hang-up at 16; the agent writes up meanwhile."""
    text = (
        AGENT + "flow: {q: {queue: q, next: thanks}, thanks: {play: 6 s, next: bye}, bye: hangup}"
    )
    made = run(tmp_path, text, c=[0, 3])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        16    bye  answered
            3       3        30    bye  answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       10   14
            1    3      14   answered 0     0       24   28""",
    )


def test_a_call_may_queue_twice(tmp_path: Path) -> None:
    """First desk 10 s, then the second desk, taken by another caller to 20: two visits, one call."""
    text = """
    numbers: {"100": {enter: q}, "200": {enter: second}}
    flow: {q: {queue: q, next: second}, second: {queue: r}}
    queues: {q: {}, r: {}}
    agents:
      g: {serves: {q: {handle_time: 10 s}}, heads: 1}
      h: {serves: {r: {handle_time: 18 s}}, heads: 1}
    callers: {d: {dials: {"200": 100%}}}
    """
    made = run(tmp_path, text, c=[0], d=[2])
    check(
        made,
        calls_are="""
            class number arrived answered ended node   outcome
            c     100    0       0        38    second answered
            d     200    2       2        20    second answered""",
        visits_are="""
            call queue node   joined left outcome  group agent waiting talk wrap
            0    q     q      0      0    answered g     0     0       10   10
            1    r     second 2      2    answered h     1     0       20   20
            0    r     second 10     20   answered h     1     0       38   38""",
    )


def test_abandoning_the_second_queue_leaves_the_call_abandoned(tmp_path: Path) -> None:
    """Answered once, then out of patience (5 s from joining at 10) where nobody serves."""
    text = """
    flow: {q: {queue: q, next: second}, second: {queue: r}}
    queues: {q: {}, r: {}}
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
    callers: {c: {patience: 5 s}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended node   outcome
            0       0        15    second abandoned""",
        visits_are="""
            call queue node   joined left outcome   agent waiting talk wrap
            0    q     q      0      0    answered  0     0       10   10
            0    r     second 10     15   abandoned -     0       -    -""",
    )


def test_priority_adds_up_from_class_number_and_node(tmp_path: Path) -> None:
    """Priorities 0, 1 + 2 and 1 + 2 + 4: of those who wait, the highest is served first."""
    text = """
    numbers: {"100": {enter: q}, "200": {enter: q, priority: 2}, "300": {enter: fast, priority: 2}}
    flow: {q: {queue: q}, fast: {queue: q, priority: 4}}
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
    callers:
      c: {}
      d: {dials: {"200": 100%}, priority: 1}
      e: {dials: {"300": 100%}, priority: 1}
    """
    made = run(tmp_path, text, c=[0, 1], d=[2], e=[3])
    check(
        made,
        calls_are="""
            class number arrived answered ended node outcome
            c     100    0       0        10    q    answered
            c     100    1       1        40    q    answered
            d     200    2       2        30    q    answered
            e     300    3       3        20    fast answered""",
        visits_are="""
            call node priority joined left outcome  agent waiting talk wrap
            0    q    0        0      0    answered 0     0       10   10
            1    q    0        1      30   answered 0     0       40   40
            2    q    3        2      20   answered 0     1       30   30
            3    fast 7        3      10   answered 0     2       20   20""",
    )


def test_the_longest_queue_is_the_peak_of_its_interval(tmp_path: Path) -> None:
    """One talk to 1000 s; callers join at 290, 299 and 310: two wait at 300 s, three after it."""
    text = "agents: {g: {serves: {q: {handle_time: 1000 s}}, heads: 1}}"
    made = run(tmp_path, text, c=[0, 290, 299, 310])
    assert made.records.grid.queue_peak[:4, 0].tolist() == [2, 3, 3, 3]
    expected = [10 + 1, 290 * 3 + 10 * 2, 900]
    assert expected == (made.records.grid.queue_time[:3, 0] // 10**6).tolist()
