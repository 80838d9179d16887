"""Both engines agree where the compiled one's memory and clock are strained.

Its slots hold 256 calls at first, its tables a day's calls and a quarter more, its timers three days.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from comparing import agree, written

from vpbx.codes import Outcome

DAY_S = 86_400
Tree = dict[str, Any]


def _tree(**own: Any) -> Tree:
    """One queue, one agent, one class."""
    usual: Tree = {
        "clock": {"duration": "1 h"},
        "numbers": {"100": {"enter": "q"}},
        "flow": {"q": {"queue": "q"}},
        "queues": {"q": {}},
        "agents": {"g": {"serves": {"q": {"handle_time": "10 s"}}, "heads": 1}},
        "callers": {"c": {"dials": {"100": "100%"}}},
    }
    return usual | own


def _callers(**own: Any) -> Tree:
    return {"c": {"dials": {"100": "100%"}, **own}}


@pytest.mark.parametrize("agents", [0, 3, 300], ids="{} agents".format)
def test_many_calls_at_one_instant(tmp_path: Path, agents: int) -> None:
    """Three thousand arrivals in one second: slots and tables grow in mid-run."""
    serves = {"q": {"handle_time": "exponential(mean=10 s)", "wrap_up": "2 s"}}
    tree = _tree(
        agents={"g": {"serves": serves, "heads": agents}},
        callers=_callers(patience="uniform(60 s, 300 s)"),
    )
    records = agree(written(tmp_path, tree, {"c": [10] * 3000}), 1)
    assert records.visits.waiting.max() == 2999 - agents


def test_slots_grow_with_calls_of_all_kinds_in_them(tmp_path: Path) -> None:
    """Waves of callers who walk, wait, talk and are to call again, each larger than the one before."""
    redial = {"after": {"abandoned": "80%", "blocked": "80%"}, "delay": "5 min", "attempts": 6}
    tree = _tree(
        numbers={"100": {"enter": "hello", "trunk": "t"}},
        trunks={"t": {"channels": 900}},
        flow={"hello": {"play": "exponential(mean=60 s)", "next": "q"}, "q": {"queue": "q"}},
        agents={"g": {"serves": {"q": {"handle_time": "1 min", "wrap_up": "30 s"}}, "heads": 40}},
        callers=_callers(patience="exponential(mean=120 s)", redial=redial),
    )
    arrivals = [60 * wave + i % 30 for wave in range(11) for i in range(20 * wave * wave // 3)]
    assert len(agree(written(tmp_path, tree, {"c": arrivals}), 3).calls.outcome) > 4000


def test_tables_grow_by_redials_and_visits(tmp_path: Path) -> None:
    """Thirty callers make hundreds of calls, and several visits a call."""
    redial = {"after": {"lost": "100%"}, "delay": "1 s", "attempts": 100}
    tree = _tree(
        flow={
            "q": {"queue": "q", "full": "r"},
            "r": {"queue": "q", "full": "s"},
            "s": {"queue": "q", "full": "bye"},
            "bye": {"hangup": True},
        },
        queues={"q": {"capacity": 0}},
        agents={},
        callers=_callers(redial=redial),
    )
    records = agree(written(tmp_path, tree, {"c": list(range(30))}), 1)
    assert len(records.calls.outcome) == 3000
    assert len(records.visits.call) == 9000


@pytest.mark.parametrize("delay", ["2 days", "3 days", "5 days", "20 days"])
def test_timers_beyond_the_window(tmp_path: Path, delay: str) -> None:
    """Who calls again days later, patience and talk of days, while others come and go, or nobody does."""
    redial = {"after": {"abandoned": "100%"}, "delay": delay, "attempts": 9}
    tree = _tree(
        clock={"duration": "6 weeks", "drain_limit": "2 weeks"},
        agents={"g": {"serves": {"q": {"handle_time": "4 days", "wrap_up": "1 day"}}, "heads": 1}},
        callers={
            "c": {"dials": {"100": "100%"}, "patience": "1 day", "redial": redial},
            "d": {"dials": {"100": "100%"}},
        },
    )
    for others in ([5], [DAY_S * day // 3 for day in range(60)]):
        agree(written(tmp_path, tree, {"c": [0, 1, 2, DAY_S, 2 * DAY_S], "d": others}), 1)


def test_weeks_with_little_in_them(tmp_path: Path) -> None:
    """Eight weeks over a change of clocks, four calls, staff by day: the clock is set anew often."""
    tree = _tree(
        clock={"start": "2024-03-01 00:00", "duration": "8 weeks", "timezone": "Europe/Berlin"},
        agents={
            "g": {
                "serves": {"q": {"handle_time": "10 s"}},
                "heads": {"mon-fri 09:00-17:00": 2, "sat 02:00-03:00": 1},
            }
        },
    )
    arrivals = [3.5 * DAY_S, 30 * DAY_S + 9000, 30 * DAY_S + 9001, 55 * DAY_S + 80_000]
    assert (agree(written(tmp_path, tree, {"c": arrivals}), 1).calls.outcome == 0).all()


def test_trace_over_changes_of_clocks(tmp_path: Path) -> None:
    """Arrivals each half hour over both nights; the hour that comes twice, the one that is left out."""
    for start in ("2024-03-30 20:00", "2024-10-26 20:00"):
        tree = _tree(clock={"start": start, "duration": "2 days", "timezone": "Europe/Berlin"})
        agree(written(tmp_path, tree, {"c": [1800 * i for i in range(70)]}), 1)


def test_capacity_of_nothing(tmp_path: Path) -> None:
    """A queue of no places takes those alone who find an agent free."""
    tree = _tree(queues={"q": {"capacity": 0}})
    outcomes = agree(written(tmp_path, tree, {"c": [0, 0, 5, 10, 30]}), 1).calls.outcome
    assert (outcomes == Outcome.BLOCKED).tolist() == [False, True, True, False, False]


def test_no_agents(tmp_path: Path) -> None:
    """Groups without heads, and no groups at all: everybody waits until patience ends, or is cut."""
    nobody = {"g": {"serves": {"q": {"handle_time": "10 s"}}, "heads": 0}}
    for agents in (nobody, {}):
        for patience in ({}, {"patience": "20 s"}):
            tree = _tree(agents=agents, callers=_callers(**patience))
            agree(written(tmp_path, tree, {"c": [0, 1, 1, 3000]}), 1)


def test_no_queues(tmp_path: Path) -> None:
    """Announcements only."""
    tree = _tree(flow={"hello": {"play": "exponential(mean=1 min)"}}, queues={}, agents={})
    tree["numbers"] = {"100": {"enter": "hello"}}
    agree(written(tmp_path, tree, {"c": [0, 1, 1, 3000]}), 1)


def test_hardly_any_calls(tmp_path: Path) -> None:
    """A day on which, as likely as not, nobody calls."""
    tree = _tree(clock={"duration": "1 day"}, callers=_callers(volume="1/day"))
    compiled = written(tmp_path, tree, {})
    n_calls = [len(agree(compiled, seed).calls.outcome) for seed in range(8)]
    assert min(n_calls) == 0 < max(n_calls)


@pytest.mark.parametrize("length", ["1 s", "299 s", "5 min", "301 s", "1 h 1 s"])
@pytest.mark.parametrize("at_end", ["cut", "drain"])
def test_runs_that_end_within_an_interval(tmp_path: Path, length: str, at_end: str) -> None:
    """The last interval is short, or the end is its boundary."""
    tree = _tree(clock={"duration": length, "at_end": at_end}, callers=_callers(patience="2 min"))
    agree(written(tmp_path, tree, {"c": [0, 0, 0, 0, 0, 290, 298, 299, 299, 300, 3600]}), 1)


def test_wide_priorities(tmp_path: Path) -> None:
    """Priorities far apart, negative ones among them."""
    levels = (-1000, -1, 0, 7, 1000)
    callers = {f"c{i}": {"dials": {"100": "100%"}, "priority": p} for i, p in enumerate(levels)}
    tree = _tree(callers=callers, numbers={"100": {"enter": "q", "priority": -3}})
    agree(written(tmp_path, tree, {name: list(range(40)) for name in callers}), 1)


_MILLION = """
import sys
from pathlib import Path

import numpy as np

from vpbx.codes import Outcome
from vpbx.engine.run import run_replication
from vpbx.program.compile import compile_scenario
from vpbx.scenario.load import load

file = Path(sys.argv[1])
calls = run_replication(compile_scenario(load(file).scenario, file.parent), 1, 0, "compiled").calls
assert len(calls.outcome) > 1 << 20
assert np.all(calls.outcome == Outcome.LOST)
assert np.all(calls.ended_at - calls.arrived_at == 12 * 3_600_000_000)
"""


@pytest.mark.slow
def test_more_than_a_million_calls_at_once(tmp_path: Path) -> None:
    """All who call within six hours hear twelve hours of announcement; too many for the reference
    engine to be asked. In a process of its own, which may fall."""
    tree = _tree(
        clock={"duration": "6 h"},
        numbers={"100": {"enter": "hello"}},
        flow={"hello": {"play": "12 h"}},
        queues={},
        agents={},
        callers=_callers(volume="4400000/day"),
    )
    written(tmp_path, tree, {})
    command = [sys.executable, "-c", _MILLION, str(tmp_path / "scenario.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
