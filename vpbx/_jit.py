"""The one way in which this package compiles a function.

The on-disk cache of numba watches only the file of the cached function, so an edit to an imported
file would silently keep old rules. The cache folder is therefore named by a digest of every source
file of the package and of the versions of numba, numpy and Python: any edit starts a fresh one.
"""

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_COMPILED_ROOMS = ("engine", "program", "traffic")
"""Rooms that, with the roots, hold compiled functions or constants that go into them."""

_COMPILED_FILES = ("measures/counting.py",)
"""Files elsewhere that do; they import nothing from their own room."""

_KEPT = 4
"""Versions whose compiled code is kept, a few MB each."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _digest() -> str:
    """Hex digest of all that compiled code depends on."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        name = source.relative_to(package).as_posix()
        inside = source.parent == package or source.parent.name in _COMPILED_ROOMS
        if inside or name in _COMPILED_FILES:
            digest.update(f"{name}\0".encode() + source.read_bytes())
    for library in ("numba", "numpy", "llvmlite"):
        digest.update(f"{library} {version(library)}\0".encode())
    digest.update(f"{sys.version} {platform.machine()} {platform.processor()}".encode())
    return digest.hexdigest()[:16]


def _forget_old(folder: Path) -> None:
    """Removes the caches of all versions but the newest few."""
    siblings = [other for other in folder.parent.iterdir() if other != folder and other.is_dir()]
    for old in sorted(siblings, key=lambda other: other.stat().st_mtime)[: -(_KEPT - 1)]:
        shutil.rmtree(old, ignore_errors=True)


def _cache_folder() -> Path:
    """Where compiled code is kept: the user's cache, or a temporary folder where that is read-only."""
    base = os.environ.get("VPBX_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path(os.path.expanduser("~")) / ".cache"
    folder = root / "vpbx" / _digest()
    try:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _forget_old(folder)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        whose = os.getuid() if hasattr(os, "getuid") else "user"
        return Path(tempfile.gettempdir()) / f"vpbx-{whose}" / folder.name


_CACHE = _cache_folder()
numba.config.CACHE_DIR = str(_CACHE)  # type: ignore[attr-defined]


_compiler: Any = numba.njit  # takes options that its types do not know


def kept(function: str) -> bool:
    """Whether a compiled function ("module.name") lies on disk."""
    return any(_CACHE.rglob(f"{function}-*.nbi"))


def njit(function: Function) -> Function:
    """`function`, compiled on its first call, kept on disk, without the interpreter's lock.

    It must not make arrays: without that, taking an array out of a table of tables costs nothing
    (otherwise every array beside it is counted up and down, atomically, each time).
    """
    compile_ = _compiler(cache=True, nogil=True, error_model="numpy", _nrt=False)
    return cast(Function, compile_(function))


def njit_inline(function: Function) -> Function:
    """As `njit`, put into its compiled callers, which alone can call it: handing over tables of tables
    costs more than most handlers do, and a door for Python more to compile than most functions.
    """
    compile_ = _compiler(
        nogil=True,
        error_model="numpy",
        _nrt=False,
        forceinline=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )
    return cast(Function, compile_(function))


def njit_called(function: Function) -> Function:
    """As `njit_inline`, but called: for what runs rarely, so that the usual way stays short."""
    compile_ = _compiler(
        nogil=True,
        error_model="numpy",
        _nrt=False,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )
    return cast(Function, compile_(function))


def njit_making(function: Function) -> Function:
    """As `njit`, for a function that makes arrays."""
    compile_ = _compiler(cache=True, nogil=True, error_model="numpy")
    return cast(Function, compile_(function))
