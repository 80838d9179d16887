"""The cache of compiled code: several first runs at once; a folder that cannot be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numba
from vpbx.draws import rounded
print(rounded(2.5), rounded(3.5), numba.config.CACHE_DIR)
"""
ANSWER = "2 4"


def started(**variables: str) -> subprocess.Popen[str]:
    """A fresh process that compiles (or loads) a function of the package and uses it."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> tuple[str, Path]:
    """What it found, and the folder that it used."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found, folder = out.strip().rsplit(" ", 1)
    return found, Path(folder)


def test_several_first_runs_at_once(tmp_path: Path) -> None:
    """All get the right answer, and one compiled function stays for the next."""
    processes = [started(VPBX_CACHE_DIR=str(tmp_path)) for _ in range(4)]
    found = [answer(process) for process in processes]
    assert {text for text, _ in found} == {ANSWER}
    assert len({folder for _, folder in found}) == 1
    assert list(tmp_path.rglob("draws.rounded-*.nbi"))
    assert not list(tmp_path.rglob("*.tmp*"))
    assert answer(started(VPBX_CACHE_DIR=str(tmp_path)))[0] == ANSWER


@pytest.mark.skipif(sys.platform == "win32", reason="permissions differ")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Compiled code goes to the temporary folder instead, without a word."""
    closed, temporary = tmp_path / "closed", tmp_path / "temporary"
    closed.mkdir()
    temporary.mkdir()
    closed.chmod(0o500)
    if os.geteuid() == 0:  # may write everywhere but here
        closed = Path("/proc")
    process = started(VPBX_CACHE_DIR=str(closed), TMPDIR=str(temporary))
    found, folder = answer(process)
    assert found == ANSWER
    assert temporary in folder.parents
    assert list(temporary.rglob("draws.rounded-*.nbi"))
