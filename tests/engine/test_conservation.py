"""The check after each run: it passes sound records and catches each kind of tampering."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from timeline import Run, run

from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Grid, Records, Visits
from vpbx.engine.run import check_conservation
from vpbx.errors import SimulationError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """20 calls on two channels and one agent: answered, abandoned, blocked, redialled."""
    text = """
    numbers: {"100": {enter: q, trunk: t}}
    trunks: {t: {channels: 3}}
    agents: {g: {serves: {q: {handle_time: 20 s, wrap_up: 5 s}}, heads: 1}}
    callers: {c: {patience: 30 s, redial: {after: {abandoned: 50%, blocked: 80%}, delay: 40 s}}}
    """
    found = run(tmp_path_factory.mktemp("c"), text, c=range(0, 160, 8))
    outcomes = set(found.records.calls.outcome.tolist())
    assert {Outcome.ANSWERED, Outcome.ABANDONED, Outcome.BLOCKED} <= outcomes
    assert found.records.calls.attempt.max() > 0
    return found


def calls_with(records: Records, column: str, row: int, by: int) -> Records:
    """The records with one cell of the calls raised."""
    changed = getattr(records.calls, column).copy()
    changed[row] += by
    return records._replace(calls=Calls(**{**records.calls._asdict(), column: changed}))


def visits_with(records: Records, column: str, row: int, by: int) -> Records:
    """The records with one cell of the visits raised."""
    changed = getattr(records.visits, column).copy()
    changed[row] += by
    return records._replace(visits=Visits(**{**records.visits._asdict(), column: changed}))


def grid_with(records: Records, column: str, by: int) -> Records:
    """The records with the first cell of a count over time raised."""
    changed = getattr(records.grid, column).copy()
    changed[0, 0] += by
    return records._replace(grid=Grid(**{**records.grid._asdict(), column: changed}))


def test_sound_records_pass(made: Run) -> None:
    """As they came from the engine."""
    check_conservation(made.compiled.program, made.records)


def test_a_call_without_an_outcome(made: Run) -> None:
    """Every call has exactly one."""
    outcome = int(made.records.calls.outcome[0])
    spoilt = calls_with(made.records, "outcome", 0, -1 - outcome)
    with pytest.raises(SimulationError, match="outcomes"):
        check_conservation(made.compiled.program, spoilt)


def test_a_redial_that_nobody_made(made: Run) -> None:
    """A first attempt turned into a second."""
    with pytest.raises(SimulationError, match="redials"):
        check_conservation(made.compiled.program, calls_with(made.records, "attempt", 0, 1))


def test_a_channel_held_for_a_microsecond_more(made: Run) -> None:
    """Channel-time is the sum of the calls' times on the trunk."""
    with pytest.raises(SimulationError, match="channel-time"):
        check_conservation(made.compiled.program, calls_with(made.records, "ended_at", 0, 1))


@pytest.mark.parametrize(
    ("column", "message"),
    [("talk_until", "talk time"), ("wrap_up_until", "wrap-up time"), ("joined_at", "waiting time")],
)
def test_a_microsecond_of_a_visit(made: Run, column: str, message: str) -> None:
    """Talk, wrap-up and waiting add up to the integrals over time."""
    row = int(np.flatnonzero(made.records.visits.outcome == Outcome.ANSWERED)[0])
    with pytest.raises(SimulationError, match=message):
        check_conservation(made.compiled.program, visits_with(made.records, column, row, 1))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("talk", "talk time"),
        ("wrap_up", "wrap-up time"),
        ("queue_time", "waiting time"),
        ("trunk_time", "channel-time"),
    ],
)
def test_a_microsecond_of_an_integral(made: Run, column: str, message: str) -> None:
    """The same from the other side."""
    with pytest.raises(SimulationError, match=message):
        check_conservation(made.compiled.program, grid_with(made.records, column, 1))


def test_agents_busy_for_longer_than_on_the_phone(made: Run) -> None:
    """Nobody logged in while they talked."""
    on_the_phone = int(made.records.grid.logged_in[0, 0])
    with pytest.raises(SimulationError, match="logged in"):
        check_conservation(
            made.compiled.program, grid_with(made.records, "logged_in", -on_the_phone)
        )


def test_a_call_that_ends_before_it_begins(made: Run) -> None:
    """A blocked call, which holds no channel, moved to end before it arrives."""
    row = int(np.flatnonzero(made.records.calls.outcome == Outcome.BLOCKED)[0])
    with pytest.raises(SimulationError, match="less than no time"):
        check_conservation(made.compiled.program, calls_with(made.records, "ended_at", row, -1))


def test_threads_that_check_first_at_once(tmp_path: Path) -> None:
    """A fresh process whose first checks come from several threads compiles them once, for all."""
    code = """
import numpy as np
from concurrent.futures import ThreadPoolExecutor
from vpbx.engine.conservation import add_visits
columns = [np.zeros(5, np.int8), *(np.zeros(5, np.int64) for _ in range(4))]
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda _: add_visits(np.zeros(9, np.int64), *columns), range(64)))
"""
    fresh = {**os.environ, "VPBX_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=fresh, check=True)
