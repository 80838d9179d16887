"""Ctrl-C during a long run of the compiled engine, with records kept and with summaries."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from vpbx.cli.main import interrupted_again
from vpbx.scenario.load import load
from vpbx.study.replicate import replicate

W1 = Path(__file__).parents[2] / "scenarios" / "benchmarks" / "w1.yaml"
LONG = {"full": "40 days", "summary": "1800 days"}
"""Some seconds, and as few GB as they allow; minutes."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals differ")


@pytest.mark.parametrize("records", LONG)
def test_ctrl_c_stops_a_single_long_run(records: str, tmp_path: Path) -> None:
    """Code 130, no traceback, no half result; the run would have gone on for far longer.

    Five seconds where the engine looks up every half second or so: machines may be busy.
    """
    replicate(load(W1, ("clock.duration=2 h",)), 1, engine="compiled")  # compiles it
    sets = (f"clock.duration={LONG[records]}", f"measures.records={records}")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "vpbx", "run", str(W1), "-n", "1", "--no-report"),
            *("--engine", "compiled", "--out", str(tmp_path / "out")),
            *(f"--set={one}" for one in sets),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "out" / "manifest.json").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1.5)
    assert process.poll() is None
    asked = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert not (tmp_path / "out" / "summary.json").exists()
    assert not list((tmp_path / "out").rglob("*.parquet"))


@pytest.mark.parametrize("workers", [1, 2])
def test_finished_replications_are_kept(workers: int) -> None:
    """Interrupted when three of many are done: their figures are those of three asked for."""
    loaded = load(W1, ("clock.duration=3 h", "clock.warm_up=1 h", "measures.records=summary"))
    before = threading.active_count()

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    cut_short = replicate(
        loaded, 50, workers=workers, progress=stop, engine="compiled", keep_finished=True
    )
    n = cut_short.meta.replications
    assert n == 3 or (workers == 2 and 1 <= n < 3)
    assert cut_short.meta.interrupted
    whole = replicate(loaded, n, workers=1, engine="compiled")
    assert repr(cut_short.totals) == repr(whole.totals)  # NaN among them
    assert threading.active_count() == before


class Freed:
    """Its end is interrupted: an exception there is ignored by the language."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_where_exceptions_are_ignored_is_heard_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python drops what is raised as an object is freed; the interruption comes once more."""
    monkeypatch.setattr(sys, "unraisablehook", interrupted_again)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it may come anywhere in here
        Freed()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            time.sleep(0.01)


def test_an_interruption_before_the_first_replication_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the scenario is compiled: nothing has been put beside the results yet."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vpbx.program.compile.compile_scenario", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replicate(load(W1), 1, records_folder=tmp_path)
    assert not (tmp_path / "parts").exists()
