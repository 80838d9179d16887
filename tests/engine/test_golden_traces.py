"""Timelines that other simulators' tests assert, replayed: reneging, balking, priority, no queue.

Sources: the test suites of Ciw (MIT) and simmer (GPL); the times below are theirs, in seconds. Both
engines run each of them, on arrivals as recorded, without dither.
"""

from pathlib import Path

from timeline import check, run

ONE_AGENT = "{{serves: {{q: {{handle_time: {0} s}}}}, heads: 1}}"


def agents(handle_s: float) -> str:
    """One agent who talks for so long."""
    return f"agents: {{g: {ONE_AGENT.format(handle_s)}}}\n"


def test_a_caller_reneges_while_the_only_agent_talks(tmp_path: Path) -> None:
    """Talk 11, patience 3, arrivals 7, 14, 21, 28: every second caller reneges after 3."""
    made = run(tmp_path, agents(11) + "callers: {c: {patience: 3 s}}", c=[7, 14, 21, 28])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            7       7        18    q    answered
            14      14       17    q    abandoned
            21      21       32    q    answered
            28      28       31    q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    7      7    answered  0     0       18   18
            1    14     17   abandoned -     0       -    -
            2    21     21   answered  0     0       32   32
            3    28     31   abandoned -     0       -    -""",
    )


def test_an_agent_whose_shift_ends_finishes_the_call(tmp_path: Path) -> None:
    """As above in minutes, on duty until 16: the talk goes on to 18, nobody else is answered."""
    made = run(
        tmp_path,
        """
        agents: {g: {serves: {q: {handle_time: 11 min}}, heads: {"00:00-00:16": 1}}}
        callers: {c: {patience: 3 min}}
        """,
        c=[7 * 60, 14 * 60, 21 * 60, 28 * 60],
    )
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            420     420      1080  q    answered
            840     840      1020  q    abandoned
            1260    1260     1440  q    abandoned
            1680    1680     1860  q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    420    420  answered  0     0       1080 1080
            1    840    1020 abandoned -     0       -    -
            2    1260   1440 abandoned -     0       -    -
            3    1680   1860 abandoned -     0       -    -""",
    )
    assert made.records.grid.logged_in.sum() == 18 * 60 * 10**6


def test_two_callers_renege_at_the_same_instant(tmp_path: Path) -> None:
    """Talk 20; b (patience 7, from 4) and d (patience 6, from 5) both leave at 11."""
    made = run(
        tmp_path,
        agents(20) + "callers: {a: {patience: 100 s}, b: {patience: 7 s}, d: {patience: 6 s}}",
        a=[3, 20],
        b=[4],
        d=[5],
    )
    check(
        made,
        calls_are="""
            class arrived answered ended node outcome
            a     3       3        23    q    answered
            b     4       4        11    q    abandoned
            d     5       5        11    q    abandoned
            a     20      20       43    q    answered""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    3      3    answered  0     0       23   23
            1    4      11   abandoned -     0       -    -
            2    5      11   abandoned -     1       -    -
            3    20     23   answered  0     0       43   43""",
    )


def test_callers_balk_at_three_in_the_system(tmp_path: Path) -> None:
    """Talk 21, arrivals every 5 up to 50, cut at 51: those of 20, 25, 35, 40, 45 find three."""
    made = run(
        tmp_path,
        agents(21)
        + """
        clock: {duration: 51 s, at_end: cut}
        flow:
          door: {branch: [{when: q.queue_length >= 2, next: bye}], otherwise: q}
          q: {queue: q}
          bye: hangup
        callers: {c: {wants: {q: 100%}}}
        """.replace("\n        ", "\n"),
        c=range(5, 55, 5),
    )
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            5       5        26    q    q    answered
            10      10       47    q    q    answered
            15      15       51    q    q    cut
            20      20       20    q    bye  lost
            25      25       25    q    bye  lost
            30      30       51    q    q    cut
            35      35       35    q    bye  lost
            40      40       40    q    bye  lost
            45      45       45    q    bye  lost
            50      50       51    q    q    cut""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    5      5    answered 0     0       26   26
            1    10     26   answered 0     0       47   47
            2    15     47   answered 0     1       51   -
            5    30     51   cut      -     1       -    -
            9    50     51   cut      -     1       -    -""",
    )


def test_first_come_first_served(tmp_path: Path) -> None:
    """Arrivals every 1, talk 1.5: talks end at 2.5, 4, 5.5, 7, 8.5."""
    made = run(tmp_path, agents(1.5), c=[1, 2, 3, 4, 5])
    assert (made.records.calls.ended_at / 1e6).tolist() == [2.5, 4.0, 5.5, 7.0, 8.5]


def test_priority_waits_for_the_end_of_a_talk(tmp_path: Path) -> None:
    """Low at 1.5 and 5 (talk 5), high at 7.5 (talk 4): waits 0, 1.5, 4: nobody is pre-empted."""
    made = run(
        tmp_path,
        """
        numbers: {"100": {enter: q}, "200": {enter: h}}
        flow: {q: {queue: q}, h: {queue: h}}
        queues: {q: {}, h: {}}
        agents: {g: {serves: {q: {handle_time: 5 s}, h: {handle_time: 4 s}}, heads: 1}}
        callers:
          c: {}
          high: {dials: {"200": 100%}, priority: 1}
        """,
        c=[1.5, 5],
        high=[7.5],
    )
    check(
        made,
        calls_are="""
            class number arrived answered ended node outcome
            c     100    1.5     1.5      6.5   q    answered
            c     100    5       5        11.5  q    answered
            high  200    7.5     7.5      15.5  h    answered""",
        visits_are="""
            call queue node priority joined left outcome  agent waiting talk wrap
            0    q     q    0        1.5    1.5  answered 0     0       6.5  6.5
            1    q     q    0        5      6.5  answered 0     0       11.5 11.5
            2    h     h    1        7.5    11.5 answered 0     0       15.5 15.5""",
    )


def test_priority_goes_to_the_head_of_the_line(tmp_path: Path) -> None:
    """Talk 2, two low callers at 0, a high one at 1: the high one is served second, to 4."""
    made = run(tmp_path, agents(2) + "callers: {c: {}, h: {priority: 1}}", c=[0, 0], h=[1])
    check(
        made,
        calls_are="""
            class arrived answered ended node outcome
            c     0       0        2     q    answered
            c     0       0        6     q    answered
            h     1       1        4     q    answered""",
        visits_are="""
            call priority joined left outcome  agent waiting talk wrap
            0    0        0      0    answered 0     0       2    2
            1    0        0      4    answered 0     0       6    6
            2    1        1      2    answered 0     1       4    4""",
    )


def test_equal_priority_is_served_in_order_of_arrival(tmp_path: Path) -> None:
    """Talk 2, a at 0, 2, 4, 6 and b at 1, 3, 5, 7: a and b are served in turn."""
    made = run(tmp_path, agents(2) + "callers: {a: {}, b: {}}", a=[0, 2, 4, 6], b=[1, 3, 5, 7])
    check(
        made,
        calls_are="""
            class arrived answered ended node outcome
            a     0       0        2     q    answered
            b     1       1        4     q    answered
            a     2       2        6     q    answered
            b     3       3        8     q    answered
            a     4       4        10    q    answered
            b     5       5        12    q    answered
            a     6       6        14    q    answered
            b     7       7        16    q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       2    2
            1    1      2    answered 0     0       4    4
            2    2      4    answered 0     0       6    6
            3    3      6    answered 0     1       8    8
            4    4      8    answered 0     1       10   10
            5    5      10   answered 0     2       12   12
            6    6      12   answered 0     2       14   14
            7    7      14   answered 0     3       16   16""",
    )


def test_without_room_to_wait_every_second_caller_is_turned_away(tmp_path: Path) -> None:
    """Arrivals at 1 … 100, talk 1.5, capacity 0: 50 served, 50 blocked, the last talk ends at 100.5."""
    text = agents(1.5) + "clock: {duration: 100250 ms}\nqueues: {q: {capacity: 0}}"
    made = run(tmp_path, text, c=range(1, 101))
    call_rows = ["arrived answered ended node outcome"]
    visit_rows = ["call joined left outcome agent waiting talk wrap"]
    for at in range(1, 101, 2):
        call_rows += [f"{at} {at} {at + 1}.5 q answered", f"{at + 1} {at + 1} {at + 1} q blocked"]
        visit_rows += [
            f"{at - 1} {at} {at} answered 0 0 {at + 1}.5 {at + 1}.5",
            f"{at} {at + 1} {at + 1} blocked - 0 - -",
        ]
    check(made, calls_are="\n".join(call_rows), visits_are="\n".join(visit_rows))
    assert made.records.end_at == 100_500_000


def test_one_channel_turns_every_second_caller_away(tmp_path: Path) -> None:
    """The same with one channel held for 1.5: 50 get through, 50 hear the busy tone."""
    text = """
    clock: {duration: 100250 ms}
    numbers: {"100": {enter: tone, trunk: t}}
    trunks: {t: {channels: 1}}
    flow: {tone: {play: 1.5 s}}
    callers: {c: {wants: {tone: 100%}}}
    """
    made = run(tmp_path, text, c=range(1, 101))
    rows = ["arrived answered ended goal node outcome"]
    for at in range(1, 101, 2):
        rows += [
            f"{at} {at} {at + 1}.5 tone tone self_served",
            f"{at + 1} - {at + 1} tone - blocked",
        ]
    check(made, calls_are="\n".join(rows))


def test_a_release_comes_before_a_seize_at_the_same_instant(tmp_path: Path) -> None:
    """Arrivals at 0 … 9, talk 1, capacity 0: the agent is free again each time; nobody is blocked."""
    text = agents(1) + "queues: {q: {capacity: 0}}\ncallers: {a: {}, b: {}}"
    made = run(tmp_path, text, a=range(0, 10, 2), b=range(1, 10, 2))
    call_rows = ["class arrived answered ended node outcome"]
    visit_rows = ["call joined left outcome agent waiting talk wrap"]
    for at in range(10):
        call_rows.append(f"{'ab'[at % 2]} {at} {at} {at + 1} q answered")
        visit_rows.append(f"{at} {at} {at} answered 0 0 {at + 1} {at + 1}")
    check(made, calls_are="\n".join(call_rows), visits_are="\n".join(visit_rows))
