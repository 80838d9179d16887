"""A study on a Dask cluster: the same bits as here, with a worker killed in the middle."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vpbx.cli.main import code_of
from vpbx.errors import UsageError
from vpbx.study.evaluate import evaluate
from vpbx.study.executors import executor_at
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.variant import Variant, prepare

SMALL = Path(__file__).parents[2] / "scenarios" / "sbermobile_901.yaml"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own."""
    pytest.importorskip("distributed")
    port = _free_port()
    dask = [sys.executable, "-m", "distributed.cli"]
    running = [
        subprocess.Popen(
            [*dask[:2], "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port),
             "--no-dashboard"], cwd=tmp_path,
        )
    ]  # fmt: skip
    running += [
        subprocess.Popen(
            [*dask[:2], "distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1",
             "--no-nanny", "--no-dashboard"], cwd=tmp_path,
        )
        for _ in range(2)
    ]  # fmt: skip
    _wait_for_workers(f"tcp://127.0.0.1:{port}", 2)
    yield f"dask://127.0.0.1:{port}", running[1:]
    for process in running:
        process.kill()
        process.wait(10)


def _wait_for_workers(address: str, n: int) -> None:
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(n, timeout=60)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    """One of two workers is killed after the first units; the values are those of this machine."""
    address, workers = cluster
    variants = [
        prepare(Variant(SMALL, (("clock.duration", length),))) for length in ("12 h", "24 h")
    ]
    ask = Ask((Quantity("all", "mean_wait"), Quantity("all", "offered")))
    killed: list[int] = []

    def watch(done: int, total: int) -> None:
        if done >= 60 and not killed:
            workers[0].send_signal(signal.SIGKILL)
            killed.append(done)

    with executor_at(address) as executor:
        found = evaluate(variants, ask, range(200), executor=executor, progress=watch)
    assert killed
    assert killed[0] < 400
    for one, other in zip(found, evaluate(variants, ask, range(200)), strict=True):
        np.testing.assert_array_equal(one.numerator, other.numerator)
        np.testing.assert_array_equal(one.denominator, other.denominator)


@pytest.mark.slow
def test_staff_on_a_cluster_is_the_plan_of_this_machine(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    """By `--executor`: every byte of the data."""
    command = ["staff", str(SMALL), "--target", "80% in 20 s", "--per", "2h", "-n", "20", "-q"]
    command += ["--no-report", "--no-ledger"]
    for name, where in (("there", [cluster[0]]), ("here", ["local"])):
        out = ["--out", str(tmp_path / name), "--executor", *where]
        assert code_of([*command, *out]) in (0, 5)
    there, here = ((tmp_path / name / "study.json").read_bytes() for name in ("there", "here"))
    assert there == here


@pytest.mark.slow
def test_an_unreachable_scheduler_fails_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens: exit code 2 and why, within seconds."""
    pytest.importorskip("distributed")
    begun = time.monotonic()
    command = ["sweep", str(SMALL), "--vary", "clock.duration=1 h..2 h:2", "--no-ledger"]
    assert code_of([*command, "--executor", f"dask://127.0.0.1:{_free_port()}"]) == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err
    assert time.monotonic() - begun < 20


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"vpbx\[cluster\]"), executor_at("dask://host:1"):
        pass
