"""Queue lengths weighted by time, worked by hand; held against what the engine books as it goes."""

from dataclasses import replace

import numpy as np
import pytest
from plain_tally import lengths, time_by_length, waiting_at_ends
from test_tally import META, NAMES, S, frame, records, us

import vpbx
from vpbx.codes import Outcome
from vpbx.engine.records import Records
from vpbx.engine.run import run_replication
from vpbx.measures.frame import Frame
from vpbx.measures.queue_length import length_percentile, queue_lengths
from vpbx.measures.result import OPEN_LENGTH
from vpbx.measures.scenario_frame import scenario_frame
from vpbx.measures.summarise import summarise
from vpbx.measures.tally import tally
from vpbx.program.compile import compile_scenario

SCENARIO = """
name: A busy morning
clock: {start: 2024-03-04 08:00, duration: 4 h, at_end: cut}
numbers: {"100": {enter: line}}
flow: {line: {queue: desk}}
queues: {desk: {}}
agents: {team: {serves: {desk: {handle_time: exponential(mean=4 min)}}, heads: 3}}
callers:
  people: {volume: 1200/day, dials: {"100": 100%}, patience: exponential(mean=10 min)}
"""


def test_three_callers_who_overlap() -> None:
    """[0, 10) [4, 10) [6, 20) and one who does not wait: 0–4 one, 4–6 two, 6–10 three, 10–20 one."""
    found = time_by_length(us(0, 4, 6, 8), us(10, 10, 20, 8), 0, 30 * S)
    assert found[:5].tolist() == [10 * S, 14 * S, 2 * S, 4 * S, 0]
    assert found.sum() == 30 * S


def test_only_the_time_measured_counts() -> None:
    """The same callers from second 5 to 12: 5–6 two, 6–10 three, 10–12 one."""
    found = time_by_length(us(0, 4, 6, 8), us(10, 10, 20, 8), 5 * S, 12 * S)
    assert found[:5].tolist() == [0, 2 * S, S, 4 * S, 0]
    assert found.sum() == 7 * S


def test_nobody_and_no_time() -> None:
    """An empty queue holds nobody all the time; a run that is all warm-up holds no time."""
    none = us()
    assert time_by_length(none, none, 0, 9 * S)[0] == 9 * S
    assert time_by_length(us(0), us(5), 9 * S, 9 * S).sum() == 0


def test_beyond_500_all_lengths_are_one() -> None:
    """600 callers for a second each fall into the open bin, to the microsecond."""
    joined = np.zeros(600, np.int64)
    found = time_by_length(joined, joined + S + 1, 0, 3 * S)
    assert len(found) == OPEN_LENGTH + 1
    assert (found[0], found[OPEN_LENGTH]) == (2 * S - 1, S + 1)


def test_percentiles_are_whole_callers() -> None:
    """95 of 100 parts without anybody: at most 0 during 95 %; one part less, and it is 2."""
    rows = np.array([[95, 0, 5], [94, 0, 6], [0, 0, 0]], np.int64)
    assert length_percentile(rows, 95)[:2].tolist() == [0.0, 2.0]
    assert np.isnan(length_percentile(rows, 95)[2])


def test_two_replications() -> None:
    """Shares are means; the percentile is of both together: 97.5 % of the time at most 1."""
    found = queue_lengths([np.array([100], np.int64), np.array([90, 5, 5], np.int64)])
    np.testing.assert_allclose(found.shares[:4], [0.95, 0.025, 0.025, 0.0])
    assert found.nobody.mean == pytest.approx(0.95)
    assert found.percentiles["p95"].mean == 0.0
    assert found.percentiles["p99"].mean == 2.0
    assert found.between(1, 5) == pytest.approx(0.05)


def test_the_hour_of_five_calls() -> None:
    """110–150, 220–223 and 2010–2110 are waited, 143 s, never two at once; the drain is left out."""
    found = lengths(records().visits, frame())
    assert found["queue"].tolist() == found["all"].tolist() == [[3457 * S, 143 * S]]


def at_ends(fr: Frame, joined: np.ndarray, left: np.ndarray) -> list[int]:
    """Callers of the one queue waiting at interval ends."""
    visits = records().visits
    first = type(visits)(*(column[: len(joined)] for column in visits))
    return waiting_at_ends(first._replace(joined_at=joined, left_at=left), fr)[:, 0].tolist()


def test_waiting_at_the_end_is_just_before_it() -> None:
    """The half-hour's end is 1800 s: who joins then is not yet there, who leaves then still is."""
    fr = frame()
    assert at_ends(fr, us(1799, 1800, 0), us(1801, 1900, 1800)) == [2, 0]
    assert at_ends(fr, us(1800), us(1801)) == [0, 0]
    assert at_ends(fr, us(3000), us(3600)) == [0, 1]  # cut by the end of the run
    assert at_ends(fr, us(3000), us(4000)) == [0, 1]  # waits on in the drain
    assert at_ends(fr, us(1700), us(1700)) == [0, 0]
    shorter = replace(fr, duration_us=2000 * S)
    assert at_ends(shorter, us(1900), us(2500)) == [0, 1]  # the last interval is shorter


def test_ends_in_the_result_leave_the_warm_up_out() -> None:
    """NaN for an interval that lies in the warm-up wholly."""
    r = records()
    late = Records(r.calls, r.visits._replace(left_at=us(12, 1850, 223, 3650, 3730)), *r[2:])
    found = summarise([tally(late, frame())], frame(), NAMES, META).by_interval
    assert found["queue.support"]["waiting_at_end"].mean.tolist() == [1.0, 1.0]
    assert found["all"]["waiting_at_end"].mean.tolist() == [1.0, 1.0]
    warm = replace(frame(), warm_up_us=1800 * S)
    found = summarise([tally(late, warm)], warm, NAMES, META).by_interval
    np.testing.assert_array_equal(found["queue.support"]["waiting_at_end"].mean, [np.nan, 1.0])


def test_the_sweep_agrees_with_what_the_engine_books(tmp_path) -> None:
    """Mean and longest queue from the visits are those of the engine's own integrals, exactly."""
    file = tmp_path / "busy.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    loaded = vpbx.load(file)
    compiled = compile_scenario(loaded.scenario, tmp_path)
    run = run_replication(compiled, 5, 0)
    fr = scenario_frame(loaded.scenario, compiled)
    (times,) = lengths(run.visits, fr)["queue"]
    assert np.count_nonzero(run.visits.outcome == Outcome.ABANDONED) > 10
    assert int((times * np.arange(len(times))).sum()) == int(run.grid.queue_time.sum())
    assert len(times) - 1 == run.grid.queue_peak.max()
    assert times.sum() == fr.duration_us
