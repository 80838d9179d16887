"""What happens at the same instant, pair by pair, in the order of the phases (semantics §2)."""

from pathlib import Path

import pytest
from timeline import calls, check, run, visits

ONE = "agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}\n"


def test_end_of_talk_before_end_of_patience(tmp_path: Path) -> None:
    """Freed at 10, without wrap-up, as the patience of the caller of 4 (6 s) ends: answered."""
    made = run(tmp_path, ONE + "callers: {c: {patience: 6 s}}", c=[0, 4])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        10    q    answered
            4       4        20    q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       10   10
            1    4      10   answered 0     0       20   20""",
    )


def test_end_of_wrap_up_before_end_of_patience(tmp_path: Path) -> None:
    """Talk to 10, wrap-up to 13, patience from 4 to 13: answered at 13."""
    text = """
    agents: {g: {serves: {q: {handle_time: 10 s, wrap_up: 3 s}}, heads: 1}}
    callers: {c: {patience: 9 s}}
    """
    rows = visits(run(tmp_path, text, c=[0, 4]))
    assert tuple(rows[1][k] for k in ("outcome", "left", "talk", "wrap")) == (
        "answered",
        "13",
        "23",
        "26",
    )


def test_start_of_a_shift_before_end_of_patience(tmp_path: Path) -> None:
    """The agent logs in at 60, as the patience of the caller of 50 (10 s) ends: answered."""
    text = """
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: {"00:01-24:00": 1}}}
    callers: {c: {patience: 10 s}}
    """
    rows = visits(run(tmp_path, text, c=[50]))
    assert (rows[0]["outcome"], rows[0]["left"]) == ("answered", "60")


def test_end_of_talk_before_end_of_a_shift(tmp_path: Path) -> None:
    """Talk to 60, the shift ends at 60: the agent is idle, and leaves; the waiting caller stays."""
    text = """
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: {"00:00-00:01": 1}}}
    callers: {c: {patience: 30 s}}
    """
    made = run(tmp_path, text, c=[50, 55])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            50      50       60    q    answered
            55      55       85    q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    50     50   answered  0     0       60   60
            1    55     85   abandoned -     0       -    -""",
    )
    assert made.records.grid.logged_in.sum() == 60_000_000


def test_who_has_just_finished_counts_as_idle_when_staff_leaves(tmp_path: Path) -> None:
    """Agent 1 talks to 60, agent 0 is idle since 20; at 60 one leaves: 1, the highest idle index."""
    text = """
    agents:
      g:
        serves: {q: {handle_time: 10 s}, r: {handle_time: 40 s}}
        heads: {"00:00-00:01": 2, "00:01-24:00": 1}
    numbers: {"100": {enter: q}, "200": {enter: r}}
    flow: {q: {queue: q}, r: {queue: r}}
    queues: {q: {}, r: {}}
    callers: {d: {dials: {"200": 100%}}}
    """
    rows = visits(run(tmp_path, text, c=[10, 70], d=[20]))
    assert [row["agent"] for row in rows] == ["0", "1", "0"]


def test_change_of_staff_before_arrivals(tmp_path: Path) -> None:
    """At 60 the shift ends: who arrives at 60 finds nobody. At 120 it starts: answered at once."""
    text = """
    agents:
      g: {serves: {q: {handle_time: 5 s}}, heads: {"00:00-00:01": 1, "00:02-24:00": 1}}
    callers: {c: {patience: 20 s}}
    """
    rows = visits(run(tmp_path, text, c=[60, 120]))
    assert [(r["outcome"], r["left"]) for r in rows] == [("abandoned", "80"), ("answered", "120")]


def test_channels_change_before_arrivals(tmp_path: Path) -> None:
    """No channel before 00:01: blocked at 59, through at 60."""
    text = """
    numbers: {"100": {enter: tone, trunk: t}}
    trunks: {t: {channels: {"00:01-24:00": 1}}}
    flow: {tone: {play: 1 s}}
    """
    assert [row["outcome"] for row in calls(run(tmp_path, text, c=[59, 60]))] == ["blocked", "lost"]


def test_end_of_patience_before_end_of_walk(tmp_path: Path) -> None:
    """The caller of 0 leaves the queue of one place at 10, as the caller of 1 comes out of 9 s."""
    text = """
    numbers: {"100": {enter: q}, "200": {enter: hello}}
    flow: {q: {queue: q}, hello: {play: 9 s, next: q}}
    queues: {q: {capacity: 1}}
    callers: {c: {patience: 10 s}, d: {patience: 10 s, dials: {"200": 100%}}}
    """
    made = run(tmp_path, text, c=[0], d=[1])
    check(
        made,
        calls_are="""
            class number arrived answered ended node outcome
            c     100    0       0        10    q    abandoned
            d     200    1       1        20    q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    0      10   abandoned -     0       -    -
            1    10     20   abandoned -     0       -    -""",
    )


def test_end_of_walk_before_arrival(tmp_path: Path) -> None:
    """At 10 the caller of 1 comes to the queue, and another calls: the former joins first."""
    text = """
    numbers: {"100": {enter: q}, "200": {enter: hello}}
    flow: {q: {queue: q}, hello: {play: 9 s, next: q}}
    callers: {c: {}, d: {dials: {"200": 100%}}}
    """
    rows = visits(run(tmp_path, ONE + text.replace("\n    ", "\n"), c=[10], d=[1]))
    assert [(row["call"], row["joined"], row["left"]) for row in rows] == [
        ("0", "10", "10"),
        ("1", "10", "20"),
    ]


@pytest.mark.parametrize(
    "flow",
    [
        "flow: {tone: {play: 10 s}}",
        "flow: {keys: {menu: {1: {at: 10 s, next: bye}}, no_input: {after: 0 s, repeat: 0}}, "
        "bye: hangup}",
        "flow: {robot: {self_service: {takes: 10 s}}}",
        ONE + "flow: {q: {queue: q}}",
        "flow: {q: {queue: q}}",  # abandoned
        "flow: {long: {play: 30 s}}",  # out of patience with the menus
    ],
)
def test_a_channel_is_released_before_an_arrival(tmp_path: Path, flow: str) -> None:
    """However a call ends at 10, who calls at 10 finds its channel free, who calls at 9 does not."""
    enter = flow.split("flow: {")[1].split(":", maxsplit=1)[0]
    wants = "wants: {bye: 100%}, presses_nothing: 100%, " if "bye" in flow else ""
    text = f"""
numbers: {{"100": {{enter: {enter}, trunk: t}}}}
trunks: {{t: {{channels: 1}}}}
callers: {{c: {{{wants}patience: 10 s{", ivr_patience: 10 s" if enter == "long" else ""}}}}}
{flow}
"""
    rows = calls(run(tmp_path, text, c=[0, 9, 10]))
    assert [row["ended"] for row in rows] == ["10", "9", "20"]
    assert "blocked" == rows[1]["outcome"] != rows[2]["outcome"]


def test_a_call_that_ends_as_it_arrives_frees_its_channel_for_the_next(tmp_path: Path) -> None:
    """Two callers at 5 on a number that hangs up at once: one channel is enough."""
    text = """
    numbers: {"100": {enter: bye, trunk: t}}
    trunks: {t: {channels: 1}}
    flow: {bye: hangup}
    """
    assert [row["outcome"] for row in calls(run(tmp_path, text, c=[5, 5]))] == ["lost", "lost"]


def test_arrivals_go_by_class_then_ordinal(tmp_path: Path) -> None:
    """All at 7: both of a, then both of b, then c, as the classes stand in the file."""
    made = run(tmp_path, ONE + "callers: {a: {}, b: {}, c: {}}", c=[7], b=[7, 7], a=[7, 7])
    check(
        made,
        calls_are="""
            class ordinal arrived answered ended node outcome
            a     0       7       7        17    q    answered
            a     1       7       7        27    q    answered
            b     0       7       7        37    q    answered
            b     1       7       7        47    q    answered
            c     0       7       7        57    q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    7      7    answered 0     0       17   17
            1    7      17   answered 0     0       27   27
            2    7      27   answered 0     1       37   37
            3    7      37   answered 0     2       47   47
            4    7      47   answered 0     3       57   57""",
    )


def test_a_redial_goes_by_the_day_of_the_first_attempt(tmp_path: Path) -> None:
    """Ordinal 1 of Monday calls again on Tuesday at 00:00:30, as ordinal 0 of Tuesday first calls."""
    midnight = 86400
    text = """
    clock: {duration: 2 days}
    queues: {q: {capacity: 1}}
    callers: {c: {patience: 5 s, redial: {after: {abandoned: 100%}, delay: 40 s, attempts: 2}}}
    """
    made = run(tmp_path, text, c=[0, midnight - 15, midnight + 30])
    again = [
        (row["day"], row["ordinal"], row["outcome"])
        for row in calls(made)
        if row["arrived"] == str(midnight + 30)
    ]
    assert again == [("0", "1", "abandoned"), ("1", "0", "blocked")]


@pytest.mark.parametrize(("names", "first"), [("a c", "a"), ("c a", "c")])
def test_a_redial_and_an_arrival_go_by_the_caller(tmp_path: Path, names: str, first: str) -> None:
    """a calls again at 95 as c first calls: whose class stands first in the file is answered."""
    both = {
        "a": "a: {patience: 5 s, redial: {after: {abandoned: 100%}, delay: 30 s, attempts: 2}}",
        "c": "c: {patience: 5 s}",
    }
    text = f"""
    agents: {{g: {{serves: {{q: {{handle_time: 60 s}}}}, heads: 1}}}}
    callers: {{x: {{}}, {", ".join(both[name] for name in names.split())}}}
    """
    # The agent talks to x from 0 to 60, and from 60 to 120: a abandons at 65, is back at 95.
    made = run(tmp_path, text, x=[0, 1], a=[60], c=[95])
    late = [row["class"] for row in calls(made) if row["arrived"] == "95"]
    assert [first, "ac".replace(first, "")] == late


def test_a_redial_goes_by_its_callers_first_attempt(tmp_path: Path) -> None:
    """Ordinal 0 calls again at 40 as ordinal 1 first calls: 0 joins first, and is taken at 50."""
    text = """
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: {"00:01-24:00": 1}}}
    callers: {c: {patience: 30 s, redial: {after: {abandoned: 100%}, delay: 10 s, attempts: 2}}}
    """
    made = run(tmp_path, text, c=[0, 40])
    check(
        made,
        calls_are="""
            ordinal attempt arrived answered ended redial node outcome
            0       0       0       0        30    40     q    abandoned
            0       1       40      40       70    -      q    answered
            1       0       40      40       80    -      q    answered""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    0      30   abandoned -     0       -    -
            1    40     60   answered  0     0       70   70
            2    40     70   answered  0     1       80   80""",
    )


def test_no_patience_with_an_idle_agent_is_answered(tmp_path: Path) -> None:
    """Patience 0: assignment comes before the end of patience; without an idle agent, gone at once."""
    made = run(tmp_path, ONE + "callers: {c: {patience: 0 s}}", c=[3, 4])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            3       3        13    q    answered
            4       4        4     q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    3      3    answered  0     0       13   13
            1    4      4    abandoned -     0       -    -""",
    )


def test_ends_of_patience_go_by_the_caller(tmp_path: Path) -> None:
    """Both out of patience at 11; each frees a place, and the caller of 11 joins an empty queue."""
    text = "callers: {b: {patience: 7 s}, d: {patience: 6 s}, e: {patience: 1 s}}"
    rows = visits(run(tmp_path, text, b=[4], d=[5], e=[11]))
    assert [(r["left"], r["waiting"]) for r in rows] == [("11", "0"), ("11", "1"), ("12", "0")]


def test_a_freed_agent_takes_who_waits_before_who_just_came(tmp_path: Path) -> None:
    """At 10 the agent is freed; one waits since 9, one calls at 10: first come, first served."""
    rows = visits(run(tmp_path, ONE, c=[0, 9, 10]))
    assert [row["left"] for row in rows] == ["0", "10", "20"]
    assert [row["waiting"] for row in rows] == ["0", "0", "0"]


def test_a_talk_of_no_time_ends_at_once(tmp_path: Path) -> None:
    """Talk 0 s: three callers at 5 are all answered and gone at 5, by the one agent."""
    text = "agents: {g: {serves: {q: {handle_time: 0 s}}, heads: 1}}"
    made = run(tmp_path, text, c=[5, 5, 5])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            5       5        5     q    answered
            5       5        5     q    answered
            5       5        5     q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    5      5    answered 0     0       5    5
            1    5      5    answered 0     0       5    5
            2    5      5    answered 0     0       5    5""",
    )
    assert [int(made.records.grid.talk.sum()), int(made.records.grid.queue_peak.sum())] == [0, 0]


def test_groups_change_in_the_order_of_the_file_before_anybody_is_assigned(tmp_path: Path) -> None:
    """At 60 both groups start; the one caller who waits goes to the first group's agent."""
    text = """
    agents:
      g: {serves: {q: {handle_time: 10 s}}, heads: {"00:01-24:00": 1}}
      h: {serves: {q: {handle_time: 10 s}}, heads: {"00:01-24:00": 1}}
    """
    rows = visits(run(tmp_path, text, c=[50, 51, 52]))
    assert [(r["group"], r["left"]) for r in rows] == [("g", "60"), ("h", "60"), ("g", "70")]
