"""Calling again: after what, when, how often, with which draws."""

from pathlib import Path

import pytest
from timeline import calls, check, run, visits


def test_who_abandons_calls_again(tmp_path: Path) -> None:
    """Nobody serves; patience 5 s, again after 20 s, three attempts in all: at 0, 25 and 50."""
    text = """
    callers: {c: {patience: 5 s, redial: {after: {abandoned: 100%}, delay: 20 s, attempts: 3}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended redial ordinal attempt node outcome
            0       0        5     25     0       0       q    abandoned
            25      25       30    50     0       1       q    abandoned
            50      50       55    -      0       2       q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    0      5    abandoned -     0       -    -
            1    25     30   abandoned -     0       -    -
            2    50     55   abandoned -     0       -    -""",
    )


def test_who_is_blocked_calls_again(tmp_path: Path) -> None:
    """One channel to 90 s: blocked at 10, 50 and through at 90, as the channel is freed."""
    text = """
    numbers: {"100": {enter: tone, trunk: t}}
    trunks: {t: {channels: 1}}
    flow: {tone: {play: 90 s}}
    callers:
      c: {wants: {tone: 100%}}
      d: {wants: {tone: 100%}, redial: {after: {blocked: 100%}, delay: 40 s}}
    """
    made = run(tmp_path, text, c=[0], d=[10])
    check(
        made,
        calls_are="""
            class arrived answered ended redial ordinal attempt goal node outcome
            c     0       0        90    -      0       0       tone tone self_served
            d     10      -        10    50     0       0       tone -    blocked
            d     50      -        50    90     0       1       tone -    blocked
            d     90      90       180   -      0       2       tone tone self_served""",
    )


def test_who_finds_the_queue_full_calls_again_as_blocked(tmp_path: Path) -> None:
    """Capacity 1, talk 100 s: the caller of 2 comes back at 102, when one waits no longer."""
    text = """
    queues: {q: {capacity: 1}}
    agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}
    callers: {c: {redial: {after: {blocked: 100%}, delay: 100 s}}}
    """
    made = run(tmp_path, text, c=[0, 1, 2])
    check(
        made,
        calls_are="""
            arrived answered ended redial ordinal attempt node outcome
            0       0        100   -      0       0       q    answered
            1       1        200   -      1       0       q    answered
            2       2        2     102    2       0       q    blocked
            102     102      300   -      2       1       q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       100  100
            1    1      100  answered 0     0       200  200
            2    2      2    blocked  -     1       -    -
            3    102    200  answered 0     0       300  300""",
    )


@pytest.mark.parametrize("cause", ["lost", "refused", "abandoned_ivr"])
def test_other_causes(tmp_path: Path, cause: str) -> None:
    """Lost at a hang-up, refused, out of patience in the announcement: again 30 s after the end."""
    text = f"""
    numbers: {{"100": {{enter: tone, refuses: {{land: bye}}}}, "200": {{enter: bye}}}}
    flow: {{tone: {{play: 10 s}}, bye: hangup}}
    callers:
      c:
        network: {"land" if cause == "refused" else "own"}
        dials: {{"{200 if cause == "lost" else 100}": 100%}}
        ivr_patience: 4 s
        redial: {{after: {{{cause}: 100%}}, delay: 30 s, attempts: 2}}
    """
    rows = calls(run(tmp_path, text, c=[0]))
    length = 4 if cause == "abandoned_ivr" else 0
    assert [cause, cause] == [row["outcome"] for row in rows]
    assert ["0", str(30 + length)] == [row["arrived"] for row in rows]


def test_other_endings_do_not_lead_to_a_redial(tmp_path: Path) -> None:
    """Redial after blocked only: who abandons does not call again."""
    text = "callers: {c: {patience: 5 s, redial: {after: {blocked: 100%}, delay: 1 s}}}"
    assert len(calls(run(tmp_path, text, c=[0]))) == 1


def test_the_share_who_call_again(tmp_path: Path) -> None:
    """Of 400 who abandon at once 50 % call again: 200 within 4 standard errors of 10."""
    text = """
    callers: {c: {patience: 0 s, redial: {after: {abandoned: 50%}, delay: 10 s, attempts: 2}}}
    """
    made = run(tmp_path, text, c=range(400))
    again = sum(row["attempt"] == "1" for row in calls(made))
    assert abs(again - 200) <= 40


def test_a_redial_due_after_the_drain_is_dropped(tmp_path: Path) -> None:
    """Drain limit 30 s after 60 s: due at 90 is the last moment, due at 91 is written and dropped."""
    text = """
    clock: {duration: 60 s, drain_limit: 30 s}
    callers: {c: {patience: 5 s, redial: {after: {abandoned: 100%}, delay: 80 s, attempts: 2}}}
    """
    made = run(tmp_path, text, c=[5, 6])
    check(
        made,
        calls_are="""
            arrived answered ended redial ordinal attempt node outcome
            5       5        10    90     0       0       q    abandoned
            6       6        11    91     1       0       q    abandoned
            90      90       90    -      0       1       q    cut""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    5      10   abandoned -     0       -    -
            1    6      11   abandoned -     1       -    -
            2    90     90   cut       -     0       -    -""",
    )
    assert made.records.end_at == 90_000_000


def test_redials_go_on_while_the_run_drains(tmp_path: Path) -> None:
    """No new first attempts after 60 s, but the second attempt of 105 is served; it ends the run."""
    text = """
    clock: {duration: 60 s}
    agents: {g: {serves: {q: {handle_time: 7 s, wrap_up: 2 s}}, heads: {"00:01-24:00": 1}}}
    callers: {c: {patience: 5 s, redial: {after: {abandoned: 100%}, delay: 90 s, attempts: 2}}}
    """
    made = run(tmp_path, text, c=[10])
    check(
        made,
        calls_are="""
            arrived answered ended redial ordinal attempt node outcome
            10      10       15    105    0       0       q    abandoned
            105     105      112   -      0       1       q    answered""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    10     15   abandoned -     0       -    -
            1    105    105  answered  0     0       112  114""",
    )
    assert made.records.end_at == 114_000_000


KEEPS = """
agents: {g: {serves: {q: {handle_time: "exponential(mean=60 s)"}}, heads: {"00:30-24:00": 9}}}
callers:
  c:
    patience: "exponential(mean=60 s)"
    redial: {after: {abandoned: 100%}, delay: 10 min, attempts: 3, keeps: KEPT}
"""


def patience(folder: Path, kept: str) -> list[int]:
    """How long each of one caller's attempts to a queue without agents lasted, us."""
    made = run(folder, KEEPS.replace("KEPT", kept), c=[0])
    visited = made.records.visits
    return (visited.left_at - visited.joined_at).tolist()


def test_keeps_patience(tmp_path: Path) -> None:
    """Kept: the same patience on every attempt; the first attempt's is the same when not kept."""
    kept, fresh = patience(tmp_path, "[patience]"), patience(tmp_path, "[]")
    assert len(set(kept)) == 1
    assert 3 == len(kept) == len(set(fresh))
    assert kept[0] == fresh[0]


def test_keeps_handle_time(tmp_path: Path) -> None:
    """The talk of the second attempt lasts as long as the first attempt's draw says."""

    def talk(kept: str, first: float) -> str:
        text = f"""
        agents:
          g: {{serves: {{q: {{handle_time: "exponential(mean=60 s)"}}}}, heads: {{"00:10-24:00": 1}}}}
        callers:
          c:
            patience: 5 s
            redial: {{after: {{abandoned: 100%}}, delay: 10 min, keeps: {kept}}}
        """
        last = visits(run(tmp_path, text, c=[first]))[-1]
        return str(round(float(last["talk"]) - float(last["left"]), 6))

    as_first_attempt = talk("[]", 700)
    assert as_first_attempt == talk("[handle_time]", 10)
    assert as_first_attempt != talk("[]", 10)
