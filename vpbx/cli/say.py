"""What the commands say: data on stdout, everything else on stderr.

Belongs here: the two ways out, tables of words, progress. Does not belong here: figures.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import typer

Cells = Sequence[str]


def out(text: str) -> None:
    """A line (or lines) of data, on stdout."""
    typer.echo(text)


def note(text: str) -> None:
    """Something said beside the data, on stderr."""
    typer.echo(text, err=True)


def columns(rows: Sequence[Cells], right: frozenset[int] = frozenset()) -> str:
    """Rows (the header first) as aligned columns, those in `right` flush right; "" without rows."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(_padded(cell, widths[i], i in right) for i, cell in enumerate(row)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def _padded(cell: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(cell))
    return blanks + cell if right else cell + blanks


def _width(text: str) -> int:
    """Places that a text takes on a terminal: wide letters two, combining marks none."""
    from unicodedata import combining, east_asian_width

    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(combining(letter) != 0 for letter in text)


def width_of(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream goes to; None for files and pipes."""
    from shutil import get_terminal_size

    return get_terminal_size().columns if stream.isatty() else None


@contextmanager
def progress(quiet: bool, what: str) -> Iterator[Callable[[int, int], None]]:
    """Tells how far it is: a bar on a terminal, a line a tenth elsewhere, nothing if quiet."""
    if quiet:
        yield lambda done, total: None
    elif sys.stderr.isatty():
        with _bar(what) as tell:
            yield tell
    else:
        yield _lines(what)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    # no thread of its own: the workers are forked from this process
    parts = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            bar.refresh()

        yield tell


def _lines(what: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        step = max(1, total // 10)
        if done % step == 0 or done == total:
            note(f"{what} {done} of {total}")

    return tell
