"""The manifest: what a run was, when, and how it ended.

Belongs here: what goes into `manifest.json` and when it is written. Does not belong here: any
result (`summary.json` has them). This is the one file of a run that holds clock times.
"""

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vpbx.errors import FileError, VpbxError
from vpbx.store.files import write_text


@contextmanager
def manifest(folder: Path, about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Write `folder/manifest.json` at the start of the block ("running") and again at its end.

    `about` is what is known beforehand (scenario, digest, seed, …); the block may add to the
    dictionary it gets, a `status` of its own included. Written on every way out: ended "well",
    "failed" or "interrupted". What ends the block is raised, even if the manifest then cannot be
    written (the disk is full).
    """
    entries = {"version": version("vpbx"), "python": platform.python_version(), **about}
    entries |= {"started": _now(), "ended": None, "status": "running", "error": None}
    path = folder / "manifest.json"
    _write(path, entries)
    try:
        yield entries
    except BaseException as error:
        entries |= {"status": _status(error), "error": _said(error), "ended": _now()}
        with suppress(FileError):
            _write(path, entries)
        raise
    if entries["status"] == "running":
        entries["status"] = "well"
    entries["ended"] = _now()
    _write(path, entries)


def _status(error: BaseException) -> str:
    return "failed" if isinstance(error, Exception) else "interrupted"


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, VpbxError) else f"{type(error).__name__}: {error}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _write(path: Path, entries: dict[str, Any]) -> None:
    write_text(path, json.dumps(entries, ensure_ascii=False, indent=2) + "\n")
