"""Files on disk, read and written whole.

Belongs here: atomic writing, reading, and the plain reason behind an `OSError`. Does not belong
here: what is in a file (`tables` knows Parquet, CSV and XLSX; `report` makes pages and plots).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vpbx.errors import FileError

_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "there is no such file or folder"),
    (PermissionError, "no permission"),
    (IsADirectoryError, "is a folder, not a file"),
    (NotADirectoryError, "a part of the path is a file, not a folder"),
    (FileExistsError, "already exists"),
)


def reason(error: OSError) -> str:
    """Why it failed, in plain words."""
    for kind, text in _REASONS:
        if isinstance(error, kind):
            return text
    return (error.strerror or str(error)).lower()


def make_folder(folder: Path) -> Path:
    """`folder`, made with its parents where missing; raises `FileError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(folder, "is a file, not a folder") from None
    except OSError as error:
        raise FileError(folder, reason(error)) from error
    return folder


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, put in its place when the block ends well, removed otherwise.

    Readers see the old file or the new one, never half of one. Raises `FileError` on any `OSError`.
    """
    make_folder(path.parent)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=f".part{path.suffix}", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _settle(temporary)
        temporary.replace(path)
    except OSError as error:
        raise FileError(path, reason(error)) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _settle(temporary: Path) -> None:
    """Get the bytes onto the disk, and give the file the mode that an ordinary new file has."""
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` as a whole; raises `FileError`."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, as a whole; raises `FileError`."""
    write_atomically(path, text.encode())


def remove(path: Path) -> None:
    """Remove a file, if it is there; raises `FileError`."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(path, reason(error)) from error


def read_bytes(path: Path) -> bytes:
    """All bytes of `path`; raises `FileError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(path, reason(error)) from error


def read_text(path: Path) -> str:
    """All text of the UTF-8 file `path`; raises `FileError`."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(path, "is not UTF-8 text") from None
