"""Redials by the outcome of the attempt before, worked by hand."""

from dataclasses import replace

import numpy as np
from plain_tally import attempt_before, redial_columns
from test_tally import FULL, GONE, META, NAMES, OK, S, frame, records, us

import vpbx
from vpbx.codes import Outcome
from vpbx.engine.records import Calls, Records
from vpbx.engine.run import run_replication
from vpbx.measures.frame import Frame
from vpbx.measures.redials import column_of
from vpbx.measures.scenario_frame import scenario_frame
from vpbx.measures.summarise import summarise
from vpbx.measures.tally import tally
from vpbx.program.compile import compile_scenario

LOST = Outcome.LOST
SCENARIO = """
name: Two lines and many redials
clock: {start: 2024-03-04 08:00, duration: 2 h, at_end: cut}
numbers: {"100": {enter: line, trunk: main}}
trunks: {main: {channels: 4}}
flow: {line: {queue: desk}}
queues: {desk: {}}
agents: {team: {serves: {desk: {handle_time: exponential(mean=4 min)}}, heads: 2}}
callers:
  people:
    volume: 1500/day
    dials: {"100": 100%}
    patience: exponential(mean=3 min)
    redial:
      after: {blocked: 80%, abandoned: 50%}
      delay: exponential(mean=10 min)
  others: {volume: 200/day, dials: {"100": 100%}}
"""


def calls() -> Calls:
    """Two callers of the same day and ordinal in different classes, and one who never redials.

    Class 0: blocked (row 0), abandoned (2), lost (4), due again after the end. Class 1: abandoned
    (1), answered (3). Row 5: blocked, never again.
    """
    base = records().calls
    return base._replace(
        arrived_at=us(0, 10, 100, 200, 300, 400),
        redial_at=us(100, 200, 300, -1, 5000, -1),
        ordinal=np.array([7, 7, 7, 7, 7, 8], np.int32),
        caller_class=np.array([0, 1, 0, 1, 0, 0], np.int16),
        attempt=np.array([0, 0, 1, 1, 2, 0], np.int8),
        outcome=np.array([FULL, GONE, GONE, OK, LOST, FULL], np.int8),
    )


def test_each_redial_finds_the_attempt_before_it() -> None:
    """Rows 2 and 4 follow 0 and 2; row 3 follows 1."""
    assert attempt_before(calls()).tolist() == [-1, -1, 0, 1, 2, -1]


def test_days_are_not_mixed_up() -> None:
    """The same class and ordinal on another day is another caller."""
    two = calls()._replace(day=np.array([0, 1, 0, 1, 0, 0], np.int32))
    two = two._replace(caller_class=np.zeros(6, np.int16))
    assert attempt_before(two).tolist() == [-1, -1, 0, 1, 2, -1]


def test_causes_and_dropped() -> None:
    """One after a busy tone, two after abandoning; the lost caller's is due after the end."""
    found = redial_columns(calls(), 3600 * S, (Outcome.BLOCKED, Outcome.ABANDONED, LOST))
    assert np.flatnonzero(found["redials_after_blocked"]).tolist() == [2]
    assert np.flatnonzero(found["redials_after_abandoned"]).tolist() == [3, 4]
    assert not found["redials_after_lost"].any()
    assert np.flatnonzero(found["redials_dropped"]).tolist() == [4]
    assert not redial_columns(calls(), 5000 * S, (LOST,))["redials_dropped"].any()


def test_without_redials_there_are_no_measures_of_them() -> None:
    """Where nobody calls again, redials are 0 and causes are not listed."""
    assert redial_columns(calls(), 0, ()) == {}
    fr = replace(frame(), redials_after=())
    totals = summarise([tally(records(), fr)], fr, NAMES, META).totals["all"]
    assert "redials" in totals
    assert not any(name.startswith(("redials_after", "redials_dropped")) for name in totals)


def test_by_class() -> None:
    """Each class has its own causes."""
    r = records()
    totals = summarise([tally(Records(calls(), *r[1:]), frame())], frame(), NAMES, META).totals
    names = [column_of(c) for c in (Outcome.BLOCKED, Outcome.ABANDONED, LOST)] + ["redials_dropped"]
    counts = {
        scope: [totals[scope][name].mean for name in names]
        for scope in ("all", "class.a", "class.b", "number.0890")
    }
    assert counts["class.a"] == [1, 1, 0, 1]  # the redial after the busy tone was abandoned
    assert counts["class.b"] == [0, 1, 0, 0]
    assert counts["all"] == counts["number.0890"] == [1, 2, 0, 1]


def run_of_two_hours(tmp_path) -> tuple[Frame, Records]:
    file = tmp_path / "again.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    loaded = vpbx.load(file)
    compiled = compile_scenario(loaded.scenario, tmp_path)
    return scenario_frame(loaded.scenario, compiled), run_replication(compiled, 3, 0)


def test_a_run_loses_no_redial(tmp_path) -> None:
    """Causes add up to the redials; every planned redial was made or dropped."""
    fr, run = run_of_two_hours(tmp_path)
    assert fr.redials_after == (Outcome.BLOCKED, Outcome.ABANDONED)
    found = redial_columns(run.calls, run.end_at, fr.redials_after)
    causes = sum(np.count_nonzero(found[column_of(cause)]) for cause in fr.redials_after)
    redials = np.count_nonzero(run.calls.attempt > 0)
    assert causes == redials > 20
    dropped = np.count_nonzero(found["redials_dropped"])
    assert dropped > 0
    assert redials + dropped == np.count_nonzero(run.calls.redial_at >= 0)
    before = attempt_before(run.calls)
    again = np.flatnonzero(before >= 0)
    assert (run.calls.redial_at[before[again]] == run.calls.arrived_at[again]).all()
