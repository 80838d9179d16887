"""Replications in several processes: the same answers, a clear end when a process dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vpbx.errors import SimulationError, UsageError
from vpbx.study.pool import each


def squared(job: int, index: int) -> int:
    """job + index², later indices sooner."""
    time.sleep(0.02 * (5 - index))
    return job + index * index


def dies(job: Path, index: int) -> int:
    """Replication 2 kills its process, always."""
    if index == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return index


def dies_once(job: Path, index: int) -> int:
    """Replication 2 kills its process the first time only."""
    if index == 2 and not (job / "died").exists():
        (job / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return index


def refuses(job: None, index: int) -> int:
    """Replication 1 raises an error of ours."""
    if index == 1:
        raise UsageError("no")
    return index


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_every_index_once(workers: int) -> None:
    """Each index has its result, however many processes there are."""
    assert dict(each(squared, 100, [0, 1, 2, 3], workers)) == {0: 100, 1: 101, 2: 104, 3: 109}


def test_nothing_to_do() -> None:
    """No index, no result."""
    assert list(each(squared, 0, [], 2)) == []


def test_a_worker_that_dies_is_named(tmp_path: Path) -> None:
    """The replication whose process dies twice is named; the others are done."""
    with pytest.raises(SimulationError, match=r"replication 2: .*died"):
        dict(each(dies, tmp_path, [0, 1, 2, 3], 2))


def test_a_worker_that_dies_once_is_replaced(tmp_path: Path) -> None:
    """A process lost by accident costs no result."""
    assert dict(each(dies_once, tmp_path, [0, 1, 2, 3], 2)) == {0: 0, 1: 1, 2: 2, 3: 3}


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_come_through(workers: int) -> None:
    """What a replication raises reaches the caller as it is."""
    with pytest.raises(UsageError, match="no"):
        dict(each(refuses, None, [0, 1, 2], workers))


INTERRUPTED = """
import time
from vpbx.study.pool import each
def sleeps(job, index):
    print("began", flush=True)
    time.sleep(60)
try:
    list(each(sleeps, None, [0, 1], 2))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="process groups differ")
def test_ctrl_c_stops_at_once() -> None:
    """Ctrl-C ends the workers within seconds and leaves none behind."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("began")
    os.killpg(process.pid, signal.SIGINT)
    began = time.monotonic()
    out, _ = process.communicate(timeout=20)
    assert "interrupted" in out
    assert time.monotonic() - began < 10
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
