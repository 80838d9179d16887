"""Files are whole or not there, and what fails is said plainly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vpbx.errors import FileError
from vpbx.store.files import read_text, replacing, write_atomically, write_text


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A text comes back as it was, in any alphabet, in a folder made on the way."""
    path = tmp_path / "отчёт" / "итог.txt"
    write_text(path, "среднее ожидание: 20 мин\n")
    assert read_text(path) == "среднее ожидание: 20 мин\n"


def write_half(path: Path) -> None:
    """Begin to write, and fail."""
    with replacing(path) as temporary:
        temporary.write_bytes(b"new, but only hal")
        raise RuntimeError("half way")


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """Whatever goes wrong while writing, the old contents stay and nothing lies about."""
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")
    with pytest.raises(RuntimeError, match="half way"):
        write_half(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    """A process killed in the middle of writing has changed nothing that a reader sees."""
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")
    writer = f"""
from pathlib import Path
from vpbx.store.files import replacing
with replacing(Path({str(path)!r})) as temporary:
    temporary.write_bytes(b"new, but only hal")
    print("half", flush=True)
    time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert path.read_bytes() == b"old"


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a FileError that names it."""
    with pytest.raises(FileError, match="no such file") as caught:
        read_text(tmp_path / "nix.yaml")
    assert caught.value.path == str(tmp_path / "nix.yaml")


def test_not_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are refused."""
    (tmp_path / "a").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="not UTF-8"):
        read_text(tmp_path / "a")


def test_a_file_where_a_folder_is_due(tmp_path: Path) -> None:
    """A folder cannot be made where a file is."""
    (tmp_path / "a").write_text("here")
    with pytest.raises(FileError, match="file, not a folder"):
        write_text(tmp_path / "a" / "b.txt", "x")


def test_new_files_have_ordinary_permissions(tmp_path: Path) -> None:
    """A report can be read by whom the umask lets read."""
    old = os.umask(0o022)
    try:
        write_text(tmp_path / "a", "x")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
