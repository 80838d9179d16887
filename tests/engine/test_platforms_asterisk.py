"""Asterisk's order of service, each timeline worked by hand; our own rules would give another."""

from pathlib import Path

from timeline import check, run, visits

NEVER = "missed: 99.9999999%"
"""A phone that is not answered."""


def test_one_caller_at_a_time(tmp_path: Path) -> None:
    """autofill: no: the second caller's phone rings only when the first has been answered, at 4.

    Ours: the second agent's phone rings at 1, and is answered at 5.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, strategy: linear}}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 2, phone: {answers_after: 4 s}}}
""",
        c=[0, 1],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        104   q    answered
        1       1        108   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      4    104  104  0
        1    answered 1       1      8    108  108  1
        """,
    )


def test_autofill_connects_several(tmp_path: Path) -> None:
    """autofill: yes: as many callers as agents are free; a phone that rings does not hold up the next.

    The third at 2 finds nobody, and is rung for when the first talk ends at 14.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, strategy: linear, autofill: yes}}
agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 2, phone: {answers_after: 4 s}}}
""",
        c=[0, 1, 2],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        14    q    answered
        1       1        15    q    answered
        2       2        28    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      4    14   14   0
        1    answered 1       1      5    15   15   1
        2    answered 2       2      18   28   28   0
        """,
    )


def test_ringall_counts_free_agents_as_one(tmp_path: Path) -> None:
    """Nobody answers the first caller, who pauses from 15 on and gives up at 17; both agents are free.

    The second has no turn before 17, although two are free, and leaves at 31: 2 x 15 s and 2 x 14 s of
    ringing. Ours: the agents pause until 20, 2 x 15 s and 2 x 11 s.
    """
    of = run(
        tmp_path,
        f"""
queues: {{q: {{platform: asterisk, strategy: ringall, autofill: yes}}}}
agents: {{g: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 2, phone: {{{NEVER}}}}}}}
callers: {{c: {{patience: 17 s}}, d: {{patience: 30 s}}}}
""",
        c=[0],
        d=[1],
    )
    check(
        of,
        calls_are="""
        arrived answered ended class node outcome
        0       0        17    c     q    abandoned
        1       1        31    d     q    abandoned
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    abandoned 0       0      17   -    -    -
        1    abandoned 1       1      31   -    -    -
        """,
    )
    assert of.records.grid.ringing.sum() == 58_000_000


def test_ringall_goes_on_to_the_next_tier_only_if_all_are_busy(tmp_path: Path) -> None:
    """Group g (penalty 0) is rung alone at 0; at 1 it is busy, and all of h ring: the quicker answers."""
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, autofill: yes}}
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1, phone: {answers_after: 9 s}}
  h: {serves: {q: {handle_time: 100 s, penalty: 1}}, heads: 2, phone: {answers_after: 2 s}}
""",
        c=[0, 1],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        109   q    answered
        1       1        103   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      9    109  109  0     g
        1    answered 1       1      3    103  103  1     h
        """,
    )
    assert of.records.grid.ringing.sum(axis=0).tolist() == [9_000_000, 4_000_000]


def test_linear_the_caller_pauses_then_goes_on_behind(tmp_path: Path) -> None:
    """Missed by g at 15, the caller pauses for 5 s; the pointer is behind g: h rings at 20.

    The next caller has a pointer of his own and begins with g: 100 to 115, then h from 120. Ours: h
    rings at 15, and at 115.
    """
    of = run(
        tmp_path,
        f"""
queues: {{q: {{platform: asterisk, strategy: linear}}}}
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
        0       0        32    q    answered
        100     100      132   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      22   32   32   1     h
        1    answered 0       100    122  132  132  1     h
        """,
    )
    assert of.records.grid.ringing.sum(axis=0).tolist() == [30_000_000, 4_000_000]


def test_leastrecent_rings_the_same_agent_again(tmp_path: Path) -> None:
    """Neither has had a call: g is first in the list, at 0, 20 and 40, and never answers; retry 5 s.

    Ours: h answers at 17.
    """
    of = run(
        tmp_path,
        f"""
queues: {{q: {{platform: asterisk, strategy: leastrecent}}}}
agents:
  g: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{{NEVER}}}}}
  h: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{answers_after: 2 s}}}}
callers: {{c: {{patience: 50 s}}}}
""",
        c=[0],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        50    q    abandoned
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    abandoned 0       0      50   -    -    -
        """,
    )
    assert of.records.grid.ringing.sum(axis=0).tolist() == [40_000_000, 0]


def test_fewestcalls_rings_the_same_agent_again(tmp_path: Path) -> None:
    """h, alone until 60, has had a call; g none: g is rung from 80, 100 and 120 for 15 s, and at 140.

    Three times 15 s and 1 s of ringing. Ours: h at 95.
    """
    of = run(
        tmp_path,
        f"""
queues: {{q: {{platform: asterisk, strategy: fewestcalls}}}}
agents:
  g: {{serves: {{q: {{handle_time: 10 s}}}}, heads: {{00:01-24:00: 1}}, phone: {{{NEVER}}}}}
  h: {{serves: {{q: {{handle_time: 10 s}}}}, heads: 1, phone: {{answers_after: 0 s}}}}
callers: {{c: {{patience: 61 s}}}}
""",
        c=[0, 80],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        10    q    answered
        80      80       141   q    abandoned
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent group
        0    answered  0       0      0    10   10   1     h
        1    abandoned 0       80     141  -    -    -     -
        """,
    )
    assert of.records.grid.ringing.sum(axis=0).tolist() == [46_000_000, 0]


def test_the_first_in_line_holds_up_those_behind(tmp_path: Path) -> None:
    """From 10 s on, callers reach penalties from 1 up: at 20 g is free, but out of the second's reach.

    The third, at 15, could reach g, but one agent is free and one caller is ahead: no turn, until the
    second gives up at 23. Ours has no such rule: the second would be answered at 20.
    """
    of = run(
        tmp_path,
        """
queues:
  q:
    platform: asterisk
    strategy: linear
    autofill: yes
    penalty_rules: [{least: 0}, {after: 10 s, least: 1}]
agents: {g: {serves: {q: {handle_time: 20 s}}, heads: 1}}
callers: {c: {}, d: {patience: 22 s}}
""",
        c=[0, 15],
        d=[1],
    )
    check(
        of,
        calls_are="""
        arrived answered ended class node outcome
        0       0        20    c     q    answered
        1       1        23    d     q    abandoned
        15      15       43    c     q    answered
        """,
        visits_are="""
        call outcome   waiting joined left talk wrap agent
        0    answered  0       0      0    20   20   0
        1    abandoned 0       1      23   -    -    -
        2    answered  1       15     23   43   43   0
        """,
    )


def test_rrmemory_the_pointer_moves_when_the_ringing_ends(tmp_path: Path) -> None:
    """Agent 0 rings from 0 to 10, agent 1 from 1 to 3: the pointer is 2 at 3, and 1 again at 10.

    The call at 100 goes to agent 1. Ours: behind whoever was chosen last, agent 2.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, strategy: rrmemory, autofill: yes}}
agents:
  g: {serves: {q: {handle_time: 10 s}}, heads: 1, phone: {answers_after: 10 s}}
  h: {serves: {q: {handle_time: 10 s}}, heads: 2, phone: {answers_after: 2 s}}
""",
        c=[0, 1, 100],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        20    q    answered
        1       1        13    q    answered
        100     100      112   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      10   20   20   0     g
        1    answered 1       1      3    13   13   1     h
        2    answered 0       100    102  112  112  1     h
        """,
    )


def test_leastrecent_counts_from_the_end_of_the_talk(tmp_path: Path) -> None:
    """g talks until 10 and wraps up until 40, h talks until 25: at 50 g is the least recent.

    Ours: h, idle since 25, not 40.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, strategy: leastrecent}}
agents:
  g: {serves: {q: {handle_time: 10 s, wrap_up: 30 s}}, heads: 1}
  h: {serves: {q: {handle_time: 20 s}}, heads: 1}
""",
        c=[0, 5, 50],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        10    q    answered
        5       5        25    q    answered
        50      50       60    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      0    10   40   0     g
        1    answered 0       5      5    25   25   1     h
        2    answered 0       50     50   60   90   0     g
        """,
    )


def test_leastrecent_whoever_has_just_hung_up_ties_with_the_next_penalty(tmp_path: Path) -> None:
    """h (penalty 1) stands first in the list. At 10, g has hung up 0 s ago: 1,000,000, as h: h it is.

    At 30 g hung up 20 s ago: 999,980, below h's 1,000,000 + 999,990. Ours: g both times.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, strategy: leastrecent}}
agents:
  h: {serves: {q: {handle_time: 10 s, penalty: 1}}, heads: 1}
  g: {serves: {q: {handle_time: 10 s}}, heads: 1}
""",
        c=[0, 10, 30],
    )
    assert [(row["left"], row["group"]) for row in visits(of)] == [
        ("0", "g"), ("10", "h"), ("30", "g"),
    ]  # fmt: skip


def test_callers_widen_their_penalties_without_losing_their_place(tmp_path: Path) -> None:
    """g is busy; h (penalty 5) comes into reach of the second after 20 s, at 30, of the third at 32.

    h takes the second at 30, and the third when free at 40. Ours: the second at 10.
    """
    of = run(
        tmp_path,
        """
queues:
  q:
    platform: asterisk
    strategy: linear
    autofill: yes
    penalty_rules: [{most: 0}, {after: 20 s, most: 5}]
agents:
  g: {serves: {q: {handle_time: 100 s}}, heads: 1}
  h: {serves: {q: {handle_time: 10 s, penalty: 5}}, heads: 1}
""",
        c=[0, 10, 12],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        10      10       40    q    answered
        12      12       50    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       0      0    100  100  0     g
        1    answered 0       10     30   40   40   1     h
        2    answered 1       12     40   50   50   1     h
        """,
    )


def test_low_penalties_are_lifted(tmp_path: Path) -> None:
    """h (penalty 3) stands before g (0). From 10 s on, 0 is lifted to 3: equal, so the first in the list.

    Both come at 60, when the first has waited 20 s: h. The second, at 80: g. Ours: g both times.
    """
    of = run(
        tmp_path,
        """
queues:
  q:
    platform: asterisk
    strategy: linear
    penalty_rules: [{lifts_to: 0}, {after: 10 s, lifts_to: 3}]
agents:
  h: {serves: {q: {handle_time: 10 s, penalty: 3}}, heads: {00:01-24:00: 1}}
  g: {serves: {q: {handle_time: 10 s}}, heads: {00:01-24:00: 1}}
""",
        c=[40, 80],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        40      40       70    q    answered
        80      80       90    q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent group
        0    answered 0       40     60   70   70   0     h
        1    answered 0       80     80   90   90   1     g
        """,
    )


def test_penalties_do_not_count_while_few_are_logged_in(tmp_path: Path) -> None:
    """Two are logged in, as the limit says: the first in the list, whatever the penalty, nor any rule.

    At 60 a third comes: penalties count. Ours: always g.
    """
    of = run(
        tmp_path,
        """
queues:
  q: {platform: asterisk, strategy: linear, penalty_members_limit: 2, penalty_rules: [{most: 4}]}
agents:
  h: {serves: {q: {handle_time: 10 s, penalty: 5}}, heads: {00:00-00:01: 1, 00:01-24:00: 2}}
  g: {serves: {q: {handle_time: 10 s}}, heads: 1}
""",
        c=[0, 70],
    )
    assert [row["group"] for row in visits(of)] == ["h", "g"]


HEAVY = """
numbers: {"100": {enter: q}, "200": {enter: r}}
flow: {q: {queue: q}, r: {queue: r}}
queues:
  q: {platform: asterisk, strategy: linear, autofill: yes}
  r: {platform: asterisk, strategy: linear, autofill: yes, weight: 1, penalty_rules: [{most: 0}]}
agents: {g: {serves: {q: {handle_time: 10 s}, r: {handle_time: 10 s, penalty: 5}}, heads: HEADS}}
callers: {c: {}, d: {dials: {"200": 100%}, patience: 20 s}}
"""
"""The agents' penalty in the heavier queue is out of its callers' reach."""


def test_an_agent_is_withheld_for_a_heavier_queue(tmp_path: Path) -> None:
    """A caller of the heavier queue, who cannot reach the agent, holds up the lighter until 20.

    One caller there, one free agent. Ours: nobody else wants the agent: at 5.
    """
    of = run(tmp_path, HEAVY.replace("HEADS", "1"), c=[5], d=[0])
    check(
        of,
        calls_are="""
        arrived answered ended class number node outcome
        0       0        20    d     200    r    abandoned
        5       5        30    c     100    q    answered
        """,
        visits_are="""
        call queue node outcome   waiting joined left talk wrap agent
        0    r     r    abandoned 0       0      20   -    -    -
        1    q     q    answered  0       5      20   30   30   0
        """,
    )


def test_an_agent_more_than_the_heavier_queue_has_callers(tmp_path: Path) -> None:
    """Two free agents, one caller in the heavier queue: the first caller of the lighter is served at 5.

    Then one agent is free, and the second at 6 is held up until 15, when the other is free again.
    """
    of = run(tmp_path, HEAVY.replace("HEADS", "2"), c=[5, 6], d=[0])
    assert [(row["queue"], row["left"]) for row in visits(of)] == [
        ("r", "20"), ("q", "5"), ("q", "15"),
    ]  # fmt: skip


def test_a_full_queue_turns_away_even_if_an_agent_is_free(tmp_path: Path) -> None:
    """maxlen 1: while the first caller's phone rings, the second is turned away; the other agent is free.

    Ours: the second is let in, and rings there.
    """
    of = run(
        tmp_path,
        """
queues: {q: {platform: asterisk, strategy: linear, autofill: yes, capacity: 1}}
agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 2, phone: {answers_after: 10 s}}}
""",
        c=[0, 5],
    )
    check(
        of,
        calls_are="""
        arrived answered ended node outcome
        0       0        20    q    answered
        5       5        5     q    blocked
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      10   20   20   0
        1    blocked  1       5      5    -    -    -
        """,
    )


def test_no_autopause_so_soon_after_a_call(tmp_path: Path) -> None:
    """The agent sees to a message until 10, misses the caller at 35 (25 s later: spared) and at 55.

    Then autopause: 2 x 15 s of ringing until the caller gives up at 80. Without the delay: 15 s.
    """
    of = run(
        tmp_path,
        f"""
numbers: {{"100": {{enter: q}}, "200": {{enter: mail}}}}
flow: {{q: {{queue: q}}, mail: {{voicemail: {{takes: 0 s, queue: box}}}}}}
queues: {{q: {{platform: asterisk}}, box: {{platform: asterisk}}}}
agents:
  g:
    serves: {{q: {{handle_time: 10 s}}, box: {{handle_time: 10 s}}}}
    heads: 1
    phone: {{{NEVER}, autopause: 1, autopause_delay: 30 s}}
callers: {{c: {{patience: 60 s}}, d: {{dials: {{"200": 100%}}}}}}
""",
        c=[20],
        d=[0],
    )
    check(
        of,
        calls_are="""
        arrived answered ended class number node outcome
        0       0        0     d     200    mail voicemail
        20      20       80    c     100    q    abandoned
        """,
        visits_are="""
        call queue node outcome   waiting joined left talk wrap agent
        0    box   mail answered  0       0      0    10   10   0
        1    q     q    abandoned 0       20     80   -    -    -
        """,
    )
    assert of.records.grid.ringing.sum() == 30_000_000


RANDOM = """
queues: {q: {platform: asterisk, strategy: STRATEGY}}
agents:
  g: {serves: {q: {handle_time: 1 ms}}, heads: 1}
  h: {serves: {q: {handle_time: 1 ms, penalty: 1}}, heads: 1}
"""


def test_wrandom_weighs_by_penalty(tmp_path: Path) -> None:
    """Penalty 1 draws from twice the width: it is the less in a quarter of the calls.

    P(2V < U) = 1/4; 3,600 calls: 4 standard errors are 0.029, ties of whole numbers less than 0.001.
    """
    of = run(tmp_path, RANDOM.replace("STRATEGY", "wrandom"), c=range(3600))
    assert abs((of.records.visits.group == 1).mean() - 0.25) < 0.03


def test_random_stays_within_the_penalty(tmp_path: Path) -> None:
    """Penalty 1 is never rung while penalty 0 is free."""
    of = run(tmp_path, RANDOM.replace("STRATEGY", "random"), c=range(200))
    assert (of.records.visits.group == 0).all()


def test_random_is_even(tmp_path: Path) -> None:
    """Two agents of one penalty: a half each; 3,600 calls: 4 standard errors are 0.034."""
    text = RANDOM.replace("STRATEGY", "random").replace("penalty: 1", "penalty: 0")
    of = run(tmp_path, text, c=range(3600))
    assert abs((of.records.visits.group == 1).mean() - 0.5) < 0.034
