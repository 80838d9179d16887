"""The engines as measured programs: which door they are run through, and what their runs add up to."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vpbx.bench import scale as scaling
from vpbx.bench.engines import compiled_scenario, run_engine, scenario_file, sums
from vpbx.bench.models import W2_NAMED, figures_of
from vpbx.bench.programs import Absent, peak_rss_mb, prepare, readings
from vpbx.codes import Outcome
from vpbx.engine import run


def test_an_engine_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both engines stand behind one door."""

    def door(
        compiled: object, seed: int, replication: int, engine: str = "auto"
    ) -> tuple[object, ...]:
        return compiled, seed, replication, engine

    monkeypatch.setattr(run, "run_replication", door)
    assert run_engine("compiled", "tables", 7) == ("tables", 1, 7, "compiled")


def test_a_version_without_the_engine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in the report, not a crash."""
    monkeypatch.setattr(run, "run_replication", lambda compiled, seed, replication: None)
    with pytest.raises(Absent, match="no compiled engine"):
        run_engine("compiled", None, 0)


@pytest.mark.slow
def test_the_reference_runs_a_part_of_each_workload() -> None:
    """A few minutes from 10:00 on, of about as many calls as was said."""
    for workload in ("W1", "W2", "W3"):
        runner = prepare("reference", workload, quick=True)
        assert "5,000 first calls from 10:00 on" in runner.note
        assert runner.check() == []
        assert runner.run(0).calls == pytest.approx(5_000, rel=0.25)


def test_sums_leave_out_the_warm_up_and_keep_classes_apart() -> None:
    """Two classes: an answer after 2 s and one at once; an abandonment after 4 s."""
    second = 1_000_000
    calls = SimpleNamespace(
        arrived_at=np.array([0, 1, 2]) * second,
        caller_class=np.array([0, 1, 1]),
        outcome=np.zeros(3, np.int8),
    )
    visits = SimpleNamespace(
        call=np.array([0, 1, 2]),
        outcome=np.array([Outcome.ANSWERED, Outcome.ABANDONED, Outcome.ANSWERED], np.int8),
        joined_at=np.array([0, 1, 2]) * second,
        left_at=np.array([2, 5, 2]) * second,
    )
    records = SimpleNamespace(calls=calls, visits=visits)
    compiled = SimpleNamespace(names=SimpleNamespace(classes=("a", "b")))
    found = sums(records, compiled)  # type: ignore[arg-type]
    assert (found.ordinary.calls, found.ordinary.wait_s, found.ordinary.abandoned) == (1, 2.0, 0)
    assert (found.priority.calls, found.priority.wait_s) == (2, 4.0)
    assert (found.priority.abandoned, found.priority.waited) == (1, 1)


def test_scenarios_are_found_beside_the_sources() -> None:
    """Each workload has its file."""
    assert [scenario_file(one).name for one in ("W1", "W2", "W3")] == [
        "w1.yaml",
        "w2.yaml",
        "w3.yaml",
    ]


def test_memory_is_that_of_this_process() -> None:
    """Python with numpy takes some 20 MB at least."""
    assert 20 < peak_rss_mb() < 8_000


def test_a_run_too_long_is_left_out_of_the_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other sizes are kept, and a note says why."""
    from vpbx.errors import SimulationError

    def pretend(what: str, engine: str, size: str) -> dict[str, float]:
        if int(size) > 1_000_000:
            raise SimulationError("no memory")
        return {"calls": int(size), "cpu_ns": 100.0, "peak_rss_mb": 150.0}

    monkeypatch.setattr(scaling, "_in_a_process", pretend)
    found = scaling.scale("compiled", 3, lambda line: None)
    assert [point.calls for point in found.points] == [10_000, 100_000, 1_000_000]
    assert len(found.notes) == 2
    assert "no memory" in found.notes[0]


def test_a_point_of_the_scale_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """600 calls, by the engine that there is."""
    monkeypatch.setattr(scaling, "LEAST_CALLS", 1)
    point = scaling._measure_point("reference", 600)
    assert point["calls"] == 600
    assert point["cpu_ns"] > 0


def test_a_long_run_is_measured() -> None:
    """Two days, the carrier's calls of each, in a process of its own."""
    found = scaling.year("compiled", lambda line: None, days=2)
    assert found.days == 2
    assert 800_000 < found.calls < 1_300_000  # 500,000 a day by the file's volumes, and redials
    assert found.seconds > 0


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc here")
def test_the_reference_and_the_loop_agree_on_the_whole_w2(tmp_path: Path) -> None:
    """A day of the reference engine is within four standard deviations of the loop built alike."""
    compiled = compiled_scenario("W2")
    found = figures_of(sums(run_engine("reference", compiled, 0), compiled))
    judged = readings([found], W2_NAMED)
    assert all(reading.agrees for reading in judged), judged
