"""Staff by time: who logs in and out when, what becomes of calls in progress, shrinkage."""

from pathlib import Path

import pytest
from timeline import check, run, visits

from vpbx.scenario.load import load


def minutes(made: object, what: str = "logged_in") -> list[float]:
    """Agent-minutes in each base interval of 5 min."""
    return (getattr(made.records.grid, what)[:, 0] / 60e6).round(6).tolist()  # type: ignore[attr-defined]


def test_callers_wait_until_the_shift_starts(tmp_path: Path) -> None:
    """Nobody before 00:02; then two agents: three callers wait, two are taken at 120, one at 150."""
    text = 'agents: {g: {serves: {q: {handle_time: 30 s}}, heads: {"00:02-24:00": 2}}}'
    made = run(tmp_path, text, c=[10, 20, 30])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            10      10       150   q    answered
            20      20       150   q    answered
            30      30       180   q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    10     120  answered 0     0       150  150
            1    20     120  answered 1     1       150  150
            2    30     150  answered 0     2       180  180""",
    )
    assert minutes(made)[0] == 3 * 2


def test_idle_agents_leave_first_the_highest_index_first(tmp_path: Path) -> None:
    """Three agents, two from 00:02: at 120 agent 1 talks, 0 and 2 are idle: 2 leaves."""
    text = """
    queues: {q: {strategy: linear}}
    agents:
      g: {serves: {q: {handle_time: 100 s}}, heads: {"00:00-00:02": 3, "00:02-24:00": 2}}
    """
    made = run(tmp_path, text, c=[10, 60, 121, 122])
    rows = [(row["agent"], row["left"]) for row in visits(made)]
    # Agent 0 talks to 110, agent 1 to 160; 121 is taken by 0; 122 waits for agent 1 (160).
    assert rows == [("0", "10"), ("1", "60"), ("0", "121"), ("1", "160")]
    assert minutes(made)[0] == 2 * 3 + 3 * 2


def test_a_busy_agent_leaves_after_call_and_wrap_up(tmp_path: Path) -> None:
    """One agent up to 00:02, talking to 150 and writing up to 170: on the phone for 170 s."""
    text = """
    agents: {g: {serves: {q: {handle_time: 90 s, wrap_up: 20 s}}, heads: {"00:00-00:02": 1}}}
    callers: {c: {patience: 5 min}}
    """
    made = run(tmp_path, text, c=[60, 65])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            60      60       150   q    answered
            65      65       365   q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    60     60   answered  0     0       150  170
            1    65     365  abandoned -     0       -    -""",
    )
    assert pytest.approx(minutes(made)[:2], abs=1e-6) == [170 / 60, 0.0]


def test_a_rise_keeps_the_marked_agent(tmp_path: Path) -> None:
    """1, then 0 from 00:02, 1 from 00:03: busy through both, so the next caller is taken at 200."""
    text = """
    agents:
      g:
        serves: {q: {handle_time: 140 s}}
        heads: {"00:00-00:02": 1, "00:02-00:03": 0, "00:03-24:00": 1}
    """
    made = run(tmp_path, text, c=[60, 65])
    rows = [(row["agent"], row["left"]) for row in visits(made)]
    assert rows == [("0", "60"), ("0", "200")]
    assert minutes(made)[0] == 5.0  # logged in all the while


def test_a_rise_unmarks_before_it_logs_others_in(tmp_path: Path) -> None:
    """2, then 0 from 00:02, 1 from 00:03: 0 talks to 200, 1 went home at 120; 0 stays, 1 does not come.

    The callers of 181 and 182: agent 0 at 200, and again at 340.
    """
    text = """
    agents:
      g:
        serves: {q: {handle_time: 140 s}}
        heads: {"00:00-00:02": 2, "00:02-00:03": 0, "00:03-24:00": 1}
    """
    made = run(tmp_path, text, c=[60, 181, 182])
    rows = [(row["agent"], row["left"]) for row in visits(made)]
    assert rows == [("0", "60"), ("0", "200"), ("0", "340")]
    assert minutes(made)[0] == 5 + 2


def test_busy_agents_are_marked_from_the_highest_index_on(tmp_path: Path) -> None:
    """Three talk at 120 as two have to go: 2 and 1 are marked, 0 takes the caller who waits."""
    text = """
    agents:
      g: {serves: {q: {handle_time: 100 s}}, heads: {"00:00-00:02": 3, "00:02-24:00": 1}}
    """
    made = run(tmp_path, text, c=[50, 60, 70, 80, 90])
    rows = [(row["agent"], row["left"]) for row in visits(made)]
    assert rows == [("0", "50"), ("1", "60"), ("2", "70"), ("0", "150"), ("0", "250")]
    assert pytest.approx((160 + 170 + 300) / 60, abs=1e-6) == minutes(made)[0]


def test_an_agent_back_from_a_break_has_been_idle_since_then(tmp_path: Path) -> None:
    """Agent 1 leaves at 120 and comes back at 180: at 200 agent 0, idle since 110, goes first."""
    text = """
    agents:
      g:
        serves: {q: {handle_time: 50 s}}
        heads: {"00:00-00:02": 2, "00:02-00:03": 1, "00:03-24:00": 2}
    """
    rows = visits(run(tmp_path, text, c=[60, 200, 201]))
    assert [row["agent"] for row in rows] == ["0", "0", "1"]


@pytest.mark.parametrize(
    ("heads", "shrinkage", "on_the_phone"),
    [
        (10, "0%", 10),
        (10, "30%", 7),
        (10, "35%", 7),  # 6.5: half up
        (10, "36%", 6),  # 6.4
        (3, "50%", 2),  # 1.5
        (1, "50%", 1),  # 0.5
        (1, "51%", 0),
        (5, "90%", 1),  # 0.5, not a hair less
        (25, "78%", 6),  # 5.5, not a hair less
        (7, "100%", 0),
    ],
)
def test_shrinkage(tmp_path: Path, heads: int, shrinkage: str, on_the_phone: int) -> None:
    """floor(heads × (1 − shrinkage) + ½) agents are on the phone."""
    text = f"""
    agents: {{g: {{serves: {{q: {{handle_time: 1 s}}}}, heads: {heads}, shrinkage: {shrinkage}}}}}
    """
    assert 5.0 * on_the_phone == minutes(run(tmp_path, text, c=[0]))[0]


def test_heads_by_weekday_in_local_time(tmp_path: Path) -> None:
    """Monday 2, from Tuesday midnight in Moscow 1: after 60 min of a run from 23:00 local."""
    text = """
    clock: {start: "2019-04-15 23:00", duration: 2 h, timezone: Europe/Moscow}
    agents: {g: {serves: {q: {handle_time: 1 s}}, heads: {mon: 2, tue-sun: 1}}}
    """
    made = run(tmp_path, text, c=[0])
    assert minutes(made) == [10.0] * 12 + [5.0] * 12
    assert load(tmp_path / "scenario.yaml").scenario.clock.timezone == "Europe/Moscow"
