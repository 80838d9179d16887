"""A run killed at any moment leaves each of its files as it was, as it will be, or not there.

Files are the same bytes in every run, so that whole means equal to those of an undisturbed run.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from vpbx.cli.main import code_of

FIRM = Path(__file__).parents[2] / "scenarios" / "firm_three_plans.yaml"
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
    """Each file is byte for byte what an undisturbed run writes; the manifest can be read.

    Validation's page and figures say how long it took: these are whole when they can be read to the end.
    """
    timed = any(b'"formulas"' in data for data in whole.values())
    for name, data in found.items():
        assert name in whole, f"{name} lies about"
        if Path(name).name == "manifest.json":
            assert json.loads(data)["status"] in ("running", "well", "interrupted")
        elif timed and name.endswith("summary.json"):
            assert json.loads(data).keys() == json.loads(whole[name]).keys()
        elif timed and name.endswith("report.html"):
            assert data.rstrip().endswith(b"</html>")
        else:
            assert data == whole[name], f"{name} is neither whole nor absent"


def kill_at_random(command: list[str], moments: int, folder: Path, longer: float = 1.0) -> None:
    """Kill a command at so many moments, mostly in an empty folder; then let it end well.

    The moments are within the time that it takes when all is prepared (a ledger is filled), times
    `longer`.
    """
    assert code_of(["init", str(folder / "s.yaml")]) == 0
    draws = random.Random(6)
    with killing(command, folder) as (timed_s, kill):
        takes_s = timed_s
        whole = files(folder)
        ended = []
        for _ in range(moments):
            if draws.random() < 0.7:  # else over the files of the run before
                subprocess.run(["rm", "-rf", "out"], cwd=folder, check=True)
            began = time.monotonic()
            ended.append(kill(takes_s * longer * draws.random()))
            if ended[-1] == "ended":  # the machine was busier when it was timed
                takes_s = min(takes_s, time.monotonic() - began)
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
def test_report_killed_at_50_moments(tmp_path: Path) -> None:
    """The page and the pictures, too."""
    kill_at_random(RUN, 50, tmp_path)


WRITERS = {
    "init": ["--fresh", "init", "out/new.yaml"],
    "draw": ["draw", "s.yaml", "-o", "out/flow.svg"],
    "licence": ["licence", "firm.yaml", "--out", "out"],
    "fit": ["fit", "calls.csv", "--map", "map.yaml", "-o", "out/fitted.yaml", "-q"],
    "backtest": [
        *("backtest", "calls.csv", "--map", "map.yaml", "--fit-until", "2024-03-06", "-n", "2"),
        *(
            "--predict",
            "2024-03-07",
            "--engine",
            "reference",
            "--workers",
            "1",
            "--out",
            "out",
            "-q",
        ),
    ],
    "validate": ["validate", "--quick", "--only", "G1", "--only", "formula", "--out", "out"],
    "compare": arguments("compare", "t.yaml", "-n", "4", "--out", "out", "--no-ledger"),
}
"""Every command that writes files, but for `run` and `sweep`: those have tests of their own. The other
studies (staff, channels, plan, calibrate, sensitivity) write as `compare` and `sweep` do."""


def calls_of_four_days() -> str:
    """A log of 160 calls: every ten minutes from 8:00, two agents, one caller in eight gives up."""
    lines = ["arrived,answered,ended,agent"]
    for day in range(4, 8):
        for i in range(40):
            at = datetime(2024, 3, day, 8) + timedelta(minutes=10 * i)
            wait, talk = timedelta(seconds=5 + i % 20), timedelta(seconds=60 + 7 * i)
            gone = i % 8 == 7
            answered, ended = ("", at + wait) if gone else (at + wait, at + wait + talk)
            lines.append(f"{at},{answered},{ended},{'' if gone else 'AB'[i % 2]}")
    return "\n".join([*lines, ""])


def prepare(folder: Path) -> None:
    """What the writers read, beside the starter scenario."""
    shutil.copy(FIRM, folder / "firm.yaml")
    (folder / "t.yaml").write_text("extends: s.yaml\nname: other\n", "utf-8")
    (folder / "calls.csv").write_text(calls_of_four_days(), "utf-8")
    (folder / "map.yaml").write_text(
        "columns: {arrived: arrived, answered: answered, ended: ended, agent: agent}\n", "utf-8"
    )


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
def test_writers_killed_at_50_moments(writer: str, tmp_path: Path) -> None:
    """Each writer's files are whole or absent, whenever it is killed."""
    prepare(tmp_path)
    kill_at_random(WRITERS[writer], 50, tmp_path)


@pytest.mark.slow
def test_study_and_ledger_killed_at_50_moments(tmp_path: Path) -> None:
    """A study goes on from the ledger of one that was killed, whenever that was."""
    kill_at_random([*SWEEP, *LEDGER], 50, tmp_path, longer=2.0)
    with sqlite3.connect(tmp_path / "out" / "ledger.sqlite") as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()
