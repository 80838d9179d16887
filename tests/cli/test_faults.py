"""Disks that are full or read-only, workers that die: a reason, exit code 3, no half of a file."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vpbx.cli.main import code_of
from vpbx.errors import FileError, SimulationError
from vpbx.study import work as studies
from vpbx.study.evaluate import evaluate
from vpbx.study.ledger import opened
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.variant import Variant, prepare

SETTINGS = (("clock.start", "2024-03-04 09:00"), ("clock.duration", "2 h"))
SHORT = tuple(f"--set={path}={value}" for path, value in SETTINGS)
RUN = ("run", "s.yaml", *SHORT, "-n", "2", "--workers", "1", "-q", "--csv", "--xlsx")
ASK = Ask((Quantity("all", "offered"),))
FIRM = Path(__file__).parents[2] / "scenarios" / "firm_three_plans.yaml"


def calls_of_three_days() -> str:
    """A log of 90 calls: every quarter of an hour from 8:00, two agents, one caller in six gives up."""
    lines = ["arrived,answered,ended,agent"]
    for i in range(90):
        at = datetime(2024, 3, 4 + i // 30, 8) + timedelta(minutes=15 * (i % 30))
        left = at + timedelta(seconds=5 + i % 20)
        talk = f"{left},{left + timedelta(seconds=60 + 7 * i)},{'AB'[i % 2]}"
        lines.append(f"{at},{talk}" if i % 6 else f"{at},,{left},")
    return "\n".join([*lines, ""])


FIT = "fit calls.csv --map map.yaml -q -o"
BACKTEST = (
    "backtest calls.csv --map map.yaml --fit-until 2024-03-05 --predict 2024-03-06 -n 2 -q "
    "--engine reference --workers 1 --out"
)
VALIDATE = "validate --quick --only G1 --only formula_erlang --out"
COMPARE = "compare s.yaml t.yaml -q -n 2 --no-ledger --out"


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A working folder with a starter scenario."""
    monkeypatch.chdir(tmp_path)
    assert code_of(["init", "s.yaml"]) == 0
    shutil.copy(FIRM, "firm.yaml")
    Path("t.yaml").write_text("extends: s.yaml\nname: other\n", "utf-8")
    Path("calls.csv").write_text(calls_of_three_days(), "utf-8")
    Path("map.yaml").write_text(
        "columns: {arrived: arrived, answered: answered, ended: ended, agent: agent}\n", "utf-8"
    )
    capsys.readouterr()
    return tmp_path


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes: what a full disk or a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A small disk in memory; the test is skipped where it cannot be had."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    if shutil.which("mount") is None:
        pytest.skip("no disk can be mounted here")
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def left(folder: Path) -> list[str]:
    """Names of the files in a folder, hidden ones too."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("command", "size"),
    [
        ("init new.yaml", 500),
        ("draw s.yaml -o new.svg", 500),
        ("draw s.yaml -o new.png", 500),
        ("licence firm.yaml --out new", 500),
        ("sweep s.yaml -q --vary agents.sellers.heads=1,2 -n 2 --ledger l.sqlite --out new", 500),
        (f"{FIT} new.yaml", 500),
        (f"{BACKTEST} new", 60_000),
        (f"{VALIDATE} new", 500),
        (f"{COMPARE} new", 500),
    ],
)
def test_no_room_for_a_file(
    command: str, size: int, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every writer: code 3, the file and the reason, and nothing of it is left."""
    with files_up_to(size):
        code = code_of(command.split())
    said = capsys.readouterr().err
    assert code == 3, said
    assert any(name in said for name in ("new", "l.sqlite"))
    assert not [name for name in left(here) if "new" in name or "part" in name]


@pytest.mark.parametrize("size", [300, 2_600, 6_000, 20_000])
def test_no_room_for_a_run(size: int, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parts, tables, CSV, XLSX, the summary: at any size the files left are whole, the rest absent."""
    assert code_of([*RUN, "--out", "whole", "--no-report"]) == 0
    capsys.readouterr()
    with files_up_to(size):
        code = code_of([*RUN, "--out", "new", "--no-report"])
    said = capsys.readouterr().err
    assert code == 3
    assert "file too large" in said
    for path in (here / "new").rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            twin = here / "whole" / path.relative_to(here / "new")
            assert path.read_bytes() == twin.read_bytes()
    assert not (here / "new" / "data" / "parts").exists()


@pytest.mark.parametrize("size_kb", [8, 60])
def test_full_disk(size_kb: int, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A disk that fills up in the middle of a run is named as the reason."""
    with disk(here / "disk", f"size={size_kb}k") as small:
        code = code_of([*RUN, "--out", str(small / "out"), "--no-report"])
        said = capsys.readouterr().err
        assert code == 3
        assert "no space left on device" in said
        assert "Async" not in said
        assert not [name for name in left(small) if "part" in name]


@pytest.mark.parametrize(
    "command",
    [
        *("run s.yaml -q -n 1 --out", "draw s.yaml -o", "init", "licence firm.yaml --out"),
        *(FIT, BACKTEST, VALIDATE, COMPARE),
    ],
    ids=lambda command: command.split()[0],
)
def test_read_only(command: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Output onto a disk that cannot be written: code 3 and the reason, before anything is run."""
    with disk(here / "disk", "size=100k,ro") as closed:
        code = code_of([*command.split(), str(closed / "new.svg")])
        said = capsys.readouterr().err
        assert code == 3
        assert "read-only file system" in said
        assert left(closed) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["schema", "draw s.yaml"])
def test_no_room_for_stdout(command: str, here: Path) -> None:
    """Data that cannot be written on stdout: code 3, said in a line."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vpbx", *command.split()],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr == "vpbx: the output: no space left on device\n"


def test_damaged_ledger(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A ledger whose numbers have rotted is told, with what to do about it."""
    sweep = (
        "sweep s.yaml -q --vary agents.sellers.heads=1,2 -n 2 --ledger l.sqlite --out o --no-report"
    )
    assert code_of([*sweep.split(), *SHORT]) == 0
    with opened(Path("l.sqlite")) as ledger, ledger.connection:
        ledger.connection.execute("update units set numbers = x'00'")
    capsys.readouterr()
    assert code_of([*sweep.split(), *SHORT]) == 3
    assert "the ledger is damaged" in capsys.readouterr().err


def test_full_disk_does_not_hide_the_first_error(here: Path) -> None:
    """When the manifest cannot be written either, what went wrong first is told."""
    from vpbx.study.manifest import manifest

    def fail() -> None:
        with manifest(here / "o", {}):
            shutil.rmtree(here / "o")
            (here / "o").write_text("a file is where the folder was")
            raise FileError("first", "went wrong")

    with pytest.raises(FileError, match="first"):
        fail()


def dies(job: Any, unit: Any) -> Any:
    """A unit that kills the process it is in."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="workers must be forks to know of the change")
def test_units_whose_process_dies_are_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Units of the reference engine run in processes; one that kills them twice is named."""
    monkeypatch.setattr(studies, "run_unit", dies)
    monkeypatch.setattr("vpbx.study.executors.cores", lambda: 2)
    ready = prepare(Variant(Path("s.yaml"), SETTINGS))
    with pytest.raises(
        SimulationError, match=r"replications \d+ to \d+ of variant 0: .* died twice"
    ):
        evaluate([ready], ASK, range(40), engine="reference")


class Broken(Executor):
    """An executor whose workers die."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that failed."""
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool("gone"))
        return future


def test_an_executor_whose_workers_die(here: Path) -> None:
    """Executors that are given do not try again: that is said, and how to go on."""
    ready = prepare(Variant(Path("s.yaml"), SETTINGS))
    with pytest.raises(SimulationError, match="goes on from what was finished"):
        evaluate([ready], ASK, range(4), executor=Broken())
