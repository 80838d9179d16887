"""A run killed at any moment leaves each of its files as it was, as it will be, or not there.

Files are the same bytes in every run, so that whole means equal to those of an undisturbed run.
"""

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vpbx.cli.main import code_of

KILLED = Path(__file__).with_name("killed.py")
STARTER = ("clock.start=2024-03-04 09:00", "clock.duration=2 h", "seed=5")
Files = dict[str, bytes]
Kill = Callable[[float], str]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")


def arguments(command: str, *more: str) -> list[str]:
    """A command on the starter scenario, short."""
    return [command, "s.yaml", *(f"--set={one}" for one in STARTER), "-q", *more]


RUN = arguments("run", "-n", "3", "--workers", "2", "--csv", "--xlsx", "--out", "out")
SWEEP = arguments("sweep", "--vary", "agents.sellers.heads=1,2", "-n", "40", "--out", "out")
LEDGER = ["--ledger", "out/ledger.sqlite", "--no-report"]
TABLES = [*RUN, "--no-report"]


@contextmanager
def killing(command: list[str], folder: Path) -> Iterator[tuple[float, Kill]]:
    """Seconds that a command takes undisturbed, and a way to run it again and kill it."""
    process = subprocess.Popen(
        [sys.executable, str(KILLED), *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    def kill(after_s: float) -> str:
        print(after_s, file=stdin, flush=True)
        return stdout.readline().strip()

    try:
        yield float(stdout.readline()), kill
    finally:
        stdin.close()
        process.wait(60)
        stdout.close()


def files(folder: Path) -> Files:
    """Contents of all files that a user sees: not hidden, not parts in the making."""
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {str(path.relative_to(folder)): path for path in found}
    return {
        name: path.read_bytes()
        for name, path in names.items()
        if not path.name.startswith(".") and "parts/" not in name and "ledger" not in name
    }


def require_whole(found: Files, whole: Files) -> None:
    """Each file is byte for byte what an undisturbed run writes; the manifest can be read."""
    for name, data in found.items():
        assert name in whole, f"{name} lies about"
        if Path(name).name == "manifest.json":
            assert json.loads(data)["status"] in ("running", "well", "interrupted")
        else:
            assert data == whole[name], f"{name} is neither whole nor absent"


def kill_at_random(command: list[str], moments: int, folder: Path, longer: float = 1.0) -> None:
    """Kill a command at so many moments, mostly in an empty folder; then let it end well.

    The moments are within the time that it takes when all is prepared (a ledger is filled), times
    `longer`.
    """
    assert code_of(["init", str(folder / "s.yaml")]) == 0
    draws = random.Random(6)
    with killing(command, folder) as (seconds, kill):
        whole = files(folder)
        ended = []
        for _ in range(moments):
            if draws.random() < 0.7:  # else over the files of the run before
                subprocess.run(["rm", "-rf", "out"], cwd=folder, check=True)
            ended.append(kill(seconds * longer * draws.random()))
            require_whole(files(folder), whole)
        assert ended.count("killed") >= moments // 3
        assert kill(600.0) == "ended"
        require_whole(files(folder), whole)
        assert files(folder).keys() == whole.keys()
        assert not (folder / "out" / "data" / "parts").exists()


def test_tables_killed_at_six_moments(tmp_path: Path) -> None:
    """Parts, merged tables, CSV, XLSX and the figures of a run."""
    kill_at_random(TABLES, 6, tmp_path)


@pytest.mark.slow
def test_tables_killed_at_50_moments(tmp_path: Path) -> None:
    """The same at more moments."""
    kill_at_random(TABLES, 50, tmp_path)


@pytest.mark.slow
def test_report_killed_at_15_moments(tmp_path: Path) -> None:
    """The page and the pictures, too."""
    kill_at_random(RUN, 15, tmp_path)


@pytest.mark.slow
def test_study_and_ledger_killed_at_20_moments(tmp_path: Path) -> None:
    """A study goes on from the ledger of one that was killed, whenever that was."""
    kill_at_random([*SWEEP, *LEDGER], 20, tmp_path, longer=2.0)
    with sqlite3.connect(tmp_path / "out" / "ledger.sqlite") as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()
