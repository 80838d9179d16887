"""FreeSWITCH's order of service, each timeline worked by hand; our own rules would give another."""

from pathlib import Path

from timeline import check, run, visits

NEVER = "missed: 99.9999999%"
"""A phone that is not answered."""


SCORES = """
numbers: {"100": {enter: q}, "200": {enter: r, priority: 5}}
flow: {q: {queue: q}, r: {queue: r}}
queues: {q: {platform: freeswitch}, r: {platform: freeswitch}}
agents: {g: {serves: {q: {handle_time: 10 s}, r: {handle_time: 10 s}}, heads: 1}}
callers: {c: {}, d: {dials: {"200": 100%}}}
"""


def test_callers_of_all_queues_by_score(tmp_path: Path) -> None:
    """At 20 the agent is free: of q, 15 s waited; of r, 12 s and 5 of priority, 17: r first.

    The agent answers at once, and wraps up for 10 s after each. Ours without `credit` would do the
    same by strict priority, but not at 2 of priority (14 against 15): the second run.
    """
    of = run(tmp_path, SCORES, c=[0, 5], d=[8])
    check(
        of,
        calls_are="""
        arrived answered ended class number node outcome
        0       0        10    c     100    q    answered
        5       5        50    c     100    q    answered
        8       8        30    d     200    r    answered
        """,
        visits_are="""
        call queue node priority outcome  waiting joined left talk wrap agent
        0    q     q    0        answered 0       0      0    10   20   0
        1    q     q    0        answered 0       5      40   50   60   0
        2    r     r    5        answered 0       8      20   30   40   0
        """,
    )
    of = run(tmp_path, SCORES.replace("priority: 5", "priority: 2"), c=[0, 5], d=[8])
    assert [(row["queue"], row["left"]) for row in visits(of)] == [
        ("q", "0"), ("q", "20"), ("r", "40"),
    ]  # fmt: skip


def test_time_in_the_menus_counts(tmp_path: Path) -> None:
    """The second dials at 1 and hears 30 s; the third joins at 20: at 40 the second has the score.

    Ours, and `time_base_score: queue`: the third, who joined first.
    """
    of = run(
        tmp_path,
        """
numbers: {"100": {enter: q}, "200": {enter: hello}}
flow: {q: {queue: q}, hello: {play: 30 s, next: q}}
queues: {q: {platform: freeswitch, time_base_score: system}}
agents: {g: {serves: {q: {handle_time: 40 s, wrap_up: 0 s}}, heads: 1}}
callers: {c: {}, d: {dials: {"200": 100%}}}
""",
        c=[0, 20],
        d=[1],
    )
    check(
        of,
        calls_are="""
        arrived answered ended class number node outcome
        0       0        40    c     100    q    answered
        1       1        80    d     200    q    answered
        20      20       120   c     100    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    40   40   0
        2    answered 0       20     80   120  120  0
        1    answered 1       31     40   80   80   0
        """,
    )


def test_the_longest_idle_agent_is_whoever_had_no_call(tmp_path: Path) -> None:
    """g has talked until 10, and is idle since 20; h comes at 60: at 90 h, then g.

    Ours: g, idle for longer.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: freeswitch}}
agents:
  g: {serves: {q: {handle_time: 10 s}}, heads: 1}
  h: {serves: {q: {handle_time: 10 s}}, heads: {00:01-24:00: 1}}
""",
        c=[0, 90, 91],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        10    q    answered
        90      90       100   q    answered
        91      91       101   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      0    10   20   0     g
        1    answered 0       90     90   100  110  1     h
        2    answered 0       91     91   101  111  0     g
        """,
    )


def test_the_longest_idle_agent_counts_from_the_end_of_the_talk(tmp_path: Path) -> None:
    """g talks until 10, wraps up until 50; h talks until 25, wraps up until 35: at 60 g is first."""
    of = run(
        tmp_path,
        """
queues: {q: {platform: freeswitch}}
agents:
  g: {serves: {q: {handle_time: 10 s, wrap_up: 40 s}}, heads: 1}
  h: {serves: {q: {handle_time: 20 s, wrap_up: 10 s}}, heads: 1}
""",
        c=[0, 5, 60],
    )
    assert [row["group"] for row in visits(of)] == ["g", "h", "g"]


def test_least_talk_time(tmp_path: Path) -> None:
    """g has talked 100 s, h twice 10 s: at 200 h again. By calls taken it would be g."""
    text = """
queues: {q: {platform: freeswitch, strategy: STRATEGY}}
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1}
  h: {serves: {q: {handle_time: 10 s}}, heads: 1}
"""
    talk = run(tmp_path, text.replace("STRATEGY", "agent-with-least-talk-time"), c=[0, 1, 40, 200])
    assert [row["group"] for row in visits(talk)] == ["g", "h", "h", "h"]
    calls = run(tmp_path, text.replace("STRATEGY", "agent-with-fewest-calls"), c=[0, 1, 40, 200])
    assert [row["group"] for row in visits(calls)] == ["g", "h", "h", "g"]


def test_the_same_agent_may_be_offered_the_same_caller(tmp_path: Path) -> None:
    """g misses at 10, is free at once and first in the list: 20, 30, then on a break; h rings at 30.

    The second caller at 100 goes to h at once. Ours: h rings at 10.
    """
    of = run(
        tmp_path,
        f"""
queues: {{q: {{platform: freeswitch, strategy: sequentially-by-agent-order}}}}
agents:
  g: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{{NEVER}}}}}
  h: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{answers_after: 2 s}}}}
""",
        c=[0, 100],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        42    q    answered
        100     100      112   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      32   42   52   1     h
        1    answered 0       100    102  112  122  1     h
        """,
    )
    assert of.records.grid.ringing.sum(axis=0).tolist() == [30_000_000, 4_000_000]


def test_top_down_each_caller_goes_down_the_list(tmp_path: Path) -> None:
    """g misses at 10, then h; the second caller begins with g again, at 100.

    `round-robin` begins behind h then: i. Ours (`linear`): h at 110, while g pauses.
    """
    text = f"""
queues: {{q: {{platform: freeswitch, strategy: STRATEGY}}}}
agents:
  g: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{{NEVER}}}}}
  h: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{answers_after: 2 s}}}}
  i: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{answers_after: 1 s}}}}
"""
    of = run(tmp_path, text.replace("STRATEGY", "top-down"), c=[0, 100])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        22    q    answered
        100     100      122   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      12   22   32   1     h
        1    answered 0       100    112  122  132  1     h
        """,
    )
    around = run(tmp_path, text.replace("STRATEGY", "round-robin"), c=[0, 100])
    assert [(row["left"], row["group"]) for row in visits(around)] == [("12", "h"), ("101", "i")]


def test_round_robin_remembers_offers_of_other_queues(tmp_path: Path) -> None:
    """Agents 0, 1, 2 serve q, agent 1 serves r, too: after r's call to 1 at 20, q's at 40 goes to 2.

    Ours: a cursor for each queue: 1.
    """
    of = run(
        tmp_path,
        """
numbers: {"100": {enter: q}, "200": {enter: r}}
flow: {q: {queue: q}, r: {queue: r}}
queues:
  q: {platform: freeswitch, strategy: round-robin}
  r: {platform: freeswitch}
agents:
  g: {serves: {q: {handle_time: 1 s}}, heads: 1}
  h: {serves: {q: {handle_time: 1 s}, r: {handle_time: 1 s}}, heads: 1}
  i: {serves: {q: {handle_time: 1 s}}, heads: 1}
callers: {c: {}, d: {dials: {"200": 100%}}}
""",
        c=[0, 40, 60],
        d=[20],
    )
    check(
        of,
        calls_are="""
        arrived answered ended class number node outcome
        0       0        1     c     100    q    answered
        20      20       21    d     200    r    answered
        40      40       41    c     100    q    answered
        60      60       61    c     100    q    answered
        """,
        visits_are="""
        call queue node outcome  waiting joined left talk wrap agent group
        0    q     q    answered 0       0      0    1    11   0     g
        1    r     r    answered 0       20     20   21   31   1     h
        2    q     q    answered 0       40     40   41   51   2     i
        3    q     q    answered 0       60     60   61   71   0     g
        """,
    )


LEVELS = """
queues: {q: {platform: freeswitch, tier_rules: {wait: 20 s, RULES}}}
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1}
  h: {serves: {q: {handle_time: 10 s, penalty: 3}}, heads: 1}
"""


def test_levels_open_one_by_one(tmp_path: Path) -> None:
    """Even level 1 opens after 1 x 20 s, level 3 after 3 x 20 s: at 20, and at 5 + 60. Ours: 0 and 5."""
    of = run(tmp_path, LEVELS.replace("RULES", "multiply_by_level: yes"), c=[0, 5])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        120   q    answered
        5       5        75    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      20   120  130  0     g
        1    answered 1       5      65   75   85   1     h
        """,
    )


def test_all_levels_open_after_one_wait(tmp_path: Path) -> None:
    """Without multiplying, level 1 and level 3 open after 20 s."""
    of = run(tmp_path, LEVELS.replace("RULES", "multiply_by_level: no"), c=[0, 5])
    assert [(row["left"], row["group"]) for row in visits(of)] == [("20", "g"), ("25", "h")]


def test_a_level_without_agents_is_passed_at_once(tmp_path: Path) -> None:
    """Nobody is at level 0, so level 1 is open at once; level 3 still takes 60 s, since g is there.

    Where g goes home at 60, level 3 is open at once to a caller at 70.
    """
    text = LEVELS.replace("RULES", "no_agent_no_wait: yes")
    of = run(tmp_path, text, c=[0, 5])
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        5       5        75    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      0    100  110  0     g
        1    answered 0       5      65   75   85   1     h
        """,
    )
    alone = text.replace("heads: 1}\n  h", "heads: {00:00-00:01: 1}}\n  h")
    of = run(tmp_path, alone.replace("100 s", "10 s"), c=[70])
    assert [(row["left"], row["group"]) for row in visits(of)] == [("70", "h")]


def test_ring_all_rings_all_levels(tmp_path: Path) -> None:
    """Levels 1 and 2 ring together, h at level 2 answers first, at 2. Ours: g alone, at 5."""
    of = run(
        tmp_path,
        """
queues: {q: {platform: freeswitch, strategy: ring-all}}
agents:
  g: {serves: {q: {handle_time: 10 s}}, heads: 1, phone: {answers_after: 5 s}}
  h: {serves: {q: {handle_time: 10 s, penalty: 2}}, heads: 1, phone: {answers_after: 2 s}}
""",
        c=[0],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        12    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      2    12   22   1     h
        """,
    )
    assert of.records.grid.ringing.sum(axis=0).tolist() == [2_000_000, 2_000_000]


MAX_WAIT = """
flow: {q: {queue: q, max_wait: 5 s, timed_out: sorry}, sorry: {play: 3 s}}
queues: {q: {platform: freeswitch}}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {PHONE}}}
"""


def test_the_longest_wait_lets_a_phone_ring_on(tmp_path: Path) -> None:
    """5 s are over while the phone rings: answered at 8. The second, rung for by nobody, goes at 6.

    Ours: the first goes at 5.
    """
    of = run(tmp_path, MAX_WAIT.replace("PHONE", "answers_after: 8 s"), c=[0, 1])
    check(
        of,
        calls_are="""
        arrived answered ended node  outcome
        0       0        108   q     answered
        1       1        9     sorry lost
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    answered  0       0      8    108  118  0
        1    timed_out 1       1      6    -    -    -
        """,
    )


def test_overdue_callers_leave_when_nobody_answers(tmp_path: Path) -> None:
    """The phone rings until 10, then the caller leaves; the agent is not offered him again."""
    of = run(tmp_path, MAX_WAIT.replace("PHONE", NEVER), c=[0])
    check(
        of,
        calls_are="""
        arrived answered ended node  outcome
        0       0        13    sorry lost
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    timed_out 0       0      10   -    -    -
        """,
    )
    assert of.records.grid.ringing.sum() == 10_000_000


def test_random_within_the_level(tmp_path: Path) -> None:
    """Two agents of level 1, a half each; level 2 never. 3,600 calls: 4 standard errors are 0.034."""
    of = run(
        tmp_path,
        """
queues: {q: {platform: freeswitch, strategy: random}}
agents:
  g: {serves: {q: {handle_time: 1 ms, wrap_up: 0 s}}, heads: 2}
  h: {serves: {q: {handle_time: 1 ms, wrap_up: 0 s, penalty: 2}}, heads: 1}
""",
        c=range(3600),
    )
    agents = of.records.visits.agent
    assert (agents < 2).all()
    assert abs((agents == 1).mean() - 0.5) < 0.034
