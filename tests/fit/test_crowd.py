"""How many were found waiting, and patience by it: by hand, and from a made-up log."""

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from written_log import write_log

from vpbx.codes import Outcome
from vpbx.engine.run import run_replication
from vpbx.fit.crowd import bands, found_waiting
from vpbx.fit.fitted import fit_log
from vpbx.interop.calls import CallLog, Row, day_us, log_of
from vpbx.interop.read import read_log
from vpbx.program.compile import compile_scenario
from vpbx.scenario.load import load_text
from vpbx.units import SECOND_US

MIDNIGHT = day_us(date(2024, 3, 4))


def _waits(*spans: tuple[float, float]) -> CallLog:
    """Calls that wait from … to (s), given up."""
    rows = [
        Row(0, MIDNIGHT + round(start * SECOND_US), Outcome.ABANDONED,
            joined_at=MIDNIGHT + round(start * SECOND_US), left_at=MIDNIGHT + round(end * SECOND_US))
        for start, end in spans
    ]  # fmt: skip
    return log_of("made up", "", len(rows), rows, ())


def test_found_waiting_by_hand() -> None:
    """At 2 one waits, at 4 two, at 5 (as one leaves) one and the third, at 5 another: the same."""
    log = _waits((0, 5), (2, 9), (4, 20), (5, 6), (5, 7), (30, 30))
    one_queue = np.zeros(6, np.int64)
    assert found_waiting(log.calls, one_queue, [(0,)]).tolist() == [0, 1, 2, 2, 2, 0]


def test_only_those_before_the_same_agents_count() -> None:
    """Queues 0 and 1 share agents, 2 has its own."""
    log = _waits((0, 50), (1, 50), (2, 50), (3, 50), (4, 50))
    queue = np.array([0, 2, 1, 2, 0])
    assert found_waiting(log.calls, queue, [(0, 1), (2,)]).tolist() == [0, 0, 1, 1, 2]


def test_bands_hold_enough_and_must_differ() -> None:
    """Exponential patience of 100 s, or 25 s from three waiting on; waits are cut at 60 s."""
    random = np.random.default_rng(5)
    found = np.repeat(np.arange(6), 200)
    alike = random.exponential(100.0, 1200)
    apart = alike / np.where(found >= 3, 4.0, 1.0)
    starts = bands(found, np.minimum(apart, 60.0), apart < 60.0)
    assert starts[0] == 0
    assert 3 in starts
    gave_up = [
        int((apart[(found >= a) & (found < b)] < 60.0).sum())
        for a, b in zip(starts, (*starts[1:], 99), strict=True)
    ]
    assert min(gave_up) >= 80
    assert bands(found, np.minimum(alike, 60.0), alike < 60.0) == (0,)


def test_few_abandonments_make_one_band() -> None:
    """Ten that gave up tell nothing of crowds; nobody at all neither."""
    found = np.arange(10)
    assert bands(found, np.full(10, 5.0), np.full(10, True)) == (0,)
    assert bands(found[:0], np.empty(0), np.empty(0, np.bool_)) == (0,)


CROWDED = """
name: a crowd
clock: {start: 2024-03-04 00:00, duration: 14 days}
numbers: {"100": {enter: help}}
flow: {help: {queue: help}}
queues: {help: {}}
agents: {team: {serves: {help: {handle_time: "exponential(mean=3 min)"}}, heads: 5}}
callers:
  all:
    volume: 2100/day
    dials: {"100": 1}
    patience: "exponential(mean=5 min)"
    crowded: {4: "exponential(mean=100 s)"}
"""


def test_a_crowd_that_drives_callers_away_is_found(tmp_path: Path) -> None:
    """Patience of 300 s, 100 s from four waiting on, comes back by band within four standard errors.

    The log is a run of the reference engine, written as CSV.
    """
    compiled = compile_scenario(load_text(CROWDED).scenario, Path())
    file, form = tmp_path / "calls.csv", tmp_path / "map.yaml"
    write_log(run_replication(compiled, 3, 0), datetime(2024, 3, 4), file)
    form.write_text(
        "columns: {arrived: arrived, queued: queued, left: left, answered: answered, ended: ended,\n"
        "  outcome: what, agent: agent}\n"
    )
    fitted = fit_log(read_log(file, str(form)))
    (own,) = fitted.patience
    assert own.fit is not None
    assert own.crowded
    bands_found = [(0, own.fit), *((band.waiting, band.fit) for band in own.crowded)]
    ends = [*(start for start, _ in bands_found[1:]), 10**6]
    for (start, fit), end in zip(bands_found, ends, strict=True):
        if end <= 4 or start >= 4:
            mean = 300.0 if end <= 4 else 100.0
            assert fit.exponential_mean_s == pytest.approx(mean, abs=4 * fit.exponential_se_s)
    assert any(start >= 4 for start, _ in bands_found)


def test_callers_alike_have_one_patience(made_up: CallLog) -> None:
    """The made-up centre's patience does not depend on the crowd, and no band is made up."""
    assert all(own.crowded == () for own in fit_log(made_up).patience)
