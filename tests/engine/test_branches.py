"""Branches: opening hours, caller class, network, the state of a queue."""

from pathlib import Path

import pytest
from timeline import calls, check, edges, run


def ways(of: object) -> list[str]:
    """The node at which each call ended."""
    return [row["node"] for row in calls(of)]  # type: ignore[arg-type]


HOURS = """
clock: {start: "2019-04-30 17:59", duration: 2 days}
holidays: ["2019-05-01"]
hours:
  office: {open: "mon-fri 09:00-18:00", holidays: HOLIDAYS}
flow:
  door: {branch: [{CASE: office, next: a}], otherwise: b}
  a: hangup
  b: hangup
"""
_DAY = 86400
_NINE = 15 * 3600 + 60
"""09:00 of the day after, from 17:59."""
_MOMENTS = [0, 59, 60, _NINE - 1, _NINE, _NINE + _DAY - 1, _NINE + _DAY]
"""Tue 17:59:00, 17:59:59, 18:00:00, Wed (1 May) 08:59:59, 09:00:00, Thu 08:59:59, 09:00:00."""


@pytest.mark.parametrize(
    ("case", "holidays", "expected"),
    [
        ("open", "closed", "aabbbba"),
        ("open", "as_usual", "aabba" + "ba"),
        ("closed", "closed", "bbaaaab"),
    ],
)
def test_opening_hours_with_a_holiday(
    tmp_path: Path, case: str, holidays: str, expected: str
) -> None:
    """Open Tuesday to 18:00 and Thursday from 09:00; on 1 May (Wednesday) only if as usual."""
    text = HOURS.replace("CASE", case).replace("HOLIDAYS", holidays)
    assert list(expected) == ways(run(tmp_path, text, c=_MOMENTS))


def test_opening_hours_are_judged_when_the_node_is_entered(tmp_path: Path) -> None:
    """Dialled at 08:59:50, 12 s of greeting: at 09:00:02 it is open."""
    text = """
    clock: {start: "2019-04-15 08:59:50"}
    hours: {office: "mon-fri 09:00-18:00"}
    flow:
      hello: {play: 12 s, next: door}
      door: {branch: [{open: office, next: a}], otherwise: b}
      a: hangup
      b: hangup
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        12    a    lost""",
    )
    assert edges(made) == {
        ("hello", "next", "door"): 1,
        ("door", "case", "a"): 1,
        ("a", "hang_up", "-"): 1,
    }


def test_classes_and_networks(tmp_path: Path) -> None:
    """The first case that holds wins: class before network, and the rest."""
    text = """
    flow:
      door: {branch: [{class: gold, next: a}, {network: [own, app], next: b}], otherwise: d}
      a: hangup
      b: hangup
      d: hangup
    callers: {gold: {network: own}, plain: {network: own}, app: {network: app}, far: {network: land}}
    """
    made = run(tmp_path, text, gold=[1], plain=[2], app=[3], far=[4])
    assert ways(made) == ["a", "b", "b", "d"]


STATE = """
flow:
  door: {branch: [{when: CONDITION, next: bye}], otherwise: q}
  q: {queue: q}
  bye: hangup
agents: {g: {serves: {q: {handle_time: 100 s, wrap_up: 50 s}}, heads: HEADS}}
"""


@pytest.mark.parametrize(
    ("condition", "heads", "expected"),
    [
        # Arrivals at 1 … 5: one agent takes the first, so 0, 0, 1, 2, 3 wait as each comes.
        ("q.queue_length >= 2", 1, "q q q bye bye"),
        ("q.queue_length > 2", 1, "q q q q bye"),
        ("q.queue_length <= 0", 1, "bye bye bye bye bye"),
        ("q.queue_length < 0", 1, "q q q q q"),
        ("q.position > 2", 1, "q q q bye bye"),
        ("q.position >= 1", 1, "bye bye bye bye bye"),
        # Two agents: 2, 1, 0, 0, 0 are free.
        ("q.agents_free < 1", 2, "q q bye bye bye"),
        ("q.agents_free <= 1", 2, "q bye bye bye bye"),
        ("q.agents_free > 1", 2, "bye bye bye bye bye"),
        # agents_ahead: (waiting + 1) × 150 s // 2 agents = 75, 75, 75, 150, 225 s, if all join.
        ("q.expected_wait > 75 s", 2, "q q q bye bye"),
        ("q.expected_wait >= 75 s", 2, "bye bye bye bye bye"),
        ("q.expected_wait < 80 s", 2, "bye bye bye bye bye"),
        ("q.expected_wait > 3 min", 2, "q q q q bye"),
        # Nobody on the phone: the wait is unknown, longer than any.
        ("q.expected_wait > 10 h", 0, "bye bye bye bye bye"),
    ],
)
def test_state_of_a_queue(tmp_path: Path, condition: str, heads: int, expected: str) -> None:
    """Each relation, at its own moment, with the callers before it where the branch sent them."""
    text = STATE.replace("CONDITION", condition).replace("HEADS", str(heads))
    assert expected.split() == ways(run(tmp_path, text, c=[1, 2, 3, 4, 5]))


def test_a_state_branch_is_judged_at_its_own_moment(tmp_path: Path) -> None:
    """Greeting 10 s, talk 5 s from 10 to 15: the caller of 4 comes to the branch at 14, of 5 at 15.

    At 15 the agent has been freed first: ends of talk come before ends of walks.
    """
    text = """
    flow:
      hello: {play: 10 s, next: door}
      door: {branch: [{when: q.agents_free >= 1, next: q}], otherwise: bye}
      q: {queue: q}
      bye: hangup
    agents: {g: {serves: {q: {handle_time: 5 s}}, heads: 1}}
    """
    made = run(tmp_path, text, c=[0, 4, 5])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            0       0        15    q    answered
            4       4        14    bye  lost
            5       5        20    q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    10     10   answered 0     0       15   15
            2    15     15   answered 0     0       20   20""",
    )


def test_a_branch_may_mix_hours_and_state(tmp_path: Path) -> None:
    """Closed before 00:01, then by queue length: the cases are tried in turn."""
    text = """
    hours: {late: "daily 00:01-24:00"}
    flow:
      door:
        branch: [{closed: late, next: a}, {when: q.queue_length >= 1, next: bye}]
        otherwise: q
      q: {queue: q}
      a: hangup
      bye: hangup
    agents: {g: {serves: {q: {handle_time: 1 h}}, heads: 1}}
    """
    assert ways(run(tmp_path, text, c=[59, 60, 61, 62])) == ["a", "q", "q", "bye"]


def test_hours_are_closed_on_a_public_holiday_by_an_event(tmp_path: Path) -> None:
    """Monday at 10:00 is open, Tuesday, which an event makes a holiday, is not."""
    text = """
clock: {duration: 2 days}
hours: {office: {open: "daily 09:00-18:00", holidays: closed}}
events: [{"on": 2019-04-16, holiday: yes}]
flow:
  in: {branch: [{open: office, next: q}], otherwise: closed}
  closed: {play: 10 s}
  q: {queue: q}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}
"""
    check(
        run(tmp_path, text, c=(36000, 122400)),
        calls_are="""
        day ordinal arrived answered ended  node   outcome
        0   0       36000   36000    36100  q      answered
        1   0       122400  122400   122410 closed lost
        """,
        visits_are="""
        call outcome  waiting joined left  talk  wrap  agent
        0    answered 0       36000  36000 36100 36100 0
        """,
    )
