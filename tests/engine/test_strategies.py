"""Which idle agent a call takes: strategies, penalties, the order of agents."""

from pathlib import Path

import pytest
from timeline import run, visits

from vpbx import draws
from vpbx.codes import Purpose


def agents_of(folder: Path, text: str, **arrivals: list[float]) -> str:
    """The agent of each visit, in order of joining."""
    return " ".join(row["agent"] for row in visits(run(folder, text, **arrivals)))


def three(strategy: str, handle_s: float = 10, wrap_s: float = 0) -> str:
    """Three agents of one group."""
    return f"""
    queues: {{q: {{strategy: {strategy}}}}}
    agents: {{g: {{serves: {{q: {{handle_time: {handle_s} s, wrap_up: {wrap_s} s}}}}, heads: 3}}}}
    """


def test_longest_idle(tmp_path: Path) -> None:
    """Idle since 0, 0, 0, by index: 0, 1, 2; freed at 10, 11, 12: at 20 again 0, 1, 2, by idleness.

    At 20, 21 the agents 0 and 1 are taken (idle since 10, 11); at 40 agent 2 has been idle since 12,
    agent 0 since 30, agent 1 since 31.
    """
    text = three("longest_idle")
    assert agents_of(tmp_path, text, c=[0, 1, 2, 20, 21, 40, 41, 42]) == "0 1 2 0 1 2 0 1"


def test_longest_idle_counts_from_the_end_of_wrap_up(tmp_path: Path) -> None:
    """Two queues on the same agents: talks end at 10 and 11, but wrap-ups at 30 and 11.

    So at 40 agent 1 has been idle for longer than agent 0; agent 2, since 0, is the first.
    """
    text = """
    numbers: {"100": {enter: q}, "200": {enter: r}}
    flow: {q: {queue: q}, r: {queue: r}}
    queues: {q: {}, r: {}}
    agents:
      g: {serves: {q: {handle_time: 10 s, wrap_up: 20 s}, r: {handle_time: 10 s}}, heads: 3}
    callers: {d: {dials: {"200": 100%}}}
    """
    assert agents_of(tmp_path, text, c=[0, 40, 41, 42], d=[1]) == "0 1 2 1 0"


def test_linear(tmp_path: Path) -> None:
    """The lowest index that is idle: 0, 1, 2, then 0 at 10, 1 at 11; at 30 always 0."""
    text = three("linear")
    assert agents_of(tmp_path, text, c=[0, 1, 2, 10, 11, 30, 50]) == "0 1 2 0 1 0 0"


def test_fewest_calls(tmp_path: Path) -> None:
    """0 takes the first; at 20, 40 agents 1 and 2, with no call yet; then one each: 0, by index.

    At 61 agent 0 (2 calls) talks; 1 and 2 have one each: 1; at 80 agent 2 has the fewest.
    """
    text = three("fewest_calls")
    assert agents_of(tmp_path, text, c=[0, 20, 40, 60, 61, 80]) == "0 1 2 0 1 2"


def test_fewest_calls_differs_from_longest_idle(tmp_path: Path) -> None:
    """Agent 0 logs in at 0, agent 1 at 00:01, after 0 took two calls: at 61, 80 agent 1 takes both."""
    text = """
    queues: {q: {strategy: STRATEGY}}
    agents:
      g: {serves: {q: {handle_time: 5 s}}, heads: {"00:00-00:01": 1, "00:01-24:00": 2}}
    """
    arrivals = [0.0, 10, 61, 80, 100]
    assert agents_of(tmp_path, text.replace("STRATEGY", "fewest_calls"), c=arrivals) == "0 0 1 1 0"
    assert agents_of(tmp_path, text.replace("STRATEGY", "longest_idle"), c=arrivals) == "0 0 0 1 0"


def test_random_takes_the_agent_of_its_draw(tmp_path: Path) -> None:
    """The floor(u × 3)-th idle agent in index order, u the caller's draw for picking an agent."""
    arrivals = [20.0 * i for i in range(30)]
    key = draws.stream_key(1, 0)
    u = [
        draws.uniform(key, draws.caller_id(0, 0, i), 0, int(Purpose.PICK_AGENT), 0)
        for i in range(30)
    ]
    expected = " ".join(str(int(x * 3)) for x in u)
    assert expected == agents_of(tmp_path, three("random"), c=arrivals)


def test_random_is_uniform_over_idle_agents(tmp_path: Path) -> None:
    """Of 600 calls on three idle agents 200 each: chi-square, 2 degrees, below 13.8 (0.1 %)."""
    taken = agents_of(tmp_path, three("random", 1), c=[2.0 * i for i in range(600)]).split()
    assert sum((taken.count(a) - 200) ** 2 / 200 for a in "012") < 13.8


def test_random_chooses_among_the_idle_only(tmp_path: Path) -> None:
    """Three calls at once on three agents: each takes another."""
    for seconds in range(0, 300, 30):
        taken = agents_of(tmp_path, three("random"), c=[seconds, seconds, seconds])
        assert {"0", "1", "2"} == set(taken.split())


TWO_GROUPS = """
queues: {q: {strategy: STRATEGY}}
agents:
  g: {serves: {q: {handle_time: 10 s, penalty: 5}}, heads: 2}
  h: {serves: {q: {handle_time: 10 s, penalty: 2}}, heads: 1}
"""


@pytest.mark.parametrize("strategy", ["longest_idle", "linear", "fewest_calls", "random"])
def test_the_least_penalty_goes_first(tmp_path: Path, strategy: str) -> None:
    """Agent 2 has penalty 2, agents 0 and 1 have 5: 2 takes every call while it is idle."""
    text = TWO_GROUPS.replace("STRATEGY", strategy)
    assert agents_of(tmp_path, text, c=[0, 20, 40]) == "2 2 2"
    first, second, third = agents_of(tmp_path, text, c=[0, 1, 2]).split()
    assert first == "2"
    assert {"0", "1"} == {second, third}


def test_a_penalty_does_not_keep_a_freed_agent_from_a_waiting_call(tmp_path: Path) -> None:
    """All busy; agent 0 (penalty 5) is freed first, at 8, and takes the call that waits."""
    text = TWO_GROUPS.replace("STRATEGY", "linear").replace(
        "{handle_time: 10 s, penalty: 5}", "{handle_time: 7 s, penalty: 5}"
    )
    made = run(tmp_path, text, c=[0, 1, 2, 3])
    assert " ".join(row["agent"] for row in visits(made)) == "2 0 1 0"
    assert " ".join(row["left"] for row in visits(made)) == "0 1 2 8"


def test_equal_idleness_goes_by_group_and_index(tmp_path: Path) -> None:
    """Groups as they stand in the file: g has agents 0 and 1, h has 2."""
    text = TWO_GROUPS.replace("STRATEGY", "longest_idle").replace("penalty: 5", "penalty: 2")
    assert agents_of(tmp_path, text, c=[0, 1, 2]) == "0 1 2"


def test_each_group_has_its_own_handle_time(tmp_path: Path) -> None:
    """The same queue takes g 10 s and 3 s of wrap-up, h 20 s and 1 s."""
    text = """
    agents:
      g: {serves: {q: {handle_time: 10 s, wrap_up: 3 s}}, heads: 1}
      h: {serves: {q: {handle_time: 20 s, wrap_up: 1 s}}, heads: 1}
    """
    rows = visits(run(tmp_path, text, c=[0, 1]))
    assert [(row["group"], row["talk"], row["wrap"]) for row in rows] == [
        ("g", "10", "13"),
        ("h", "21", "22"),
    ]


def test_an_agent_who_does_not_serve_the_queue_stays_idle(tmp_path: Path) -> None:
    """h serves another queue only: the second caller waits for g."""
    text = """
    queues: {q: {}, r: {}}
    agents:
      h: {serves: {r: {handle_time: 1 s}}, heads: 3}
      g: {serves: {q: {handle_time: 10 s}}, heads: 1}
    """
    assert agents_of(tmp_path, text, c=[0, 1]) == "3 3"
