"""Arguments and words that the commands on call logs share.

Belongs here: the log's file, its map, its rows that could not be read. Does not belong here: what a
command does (`fit`, `backtest`).
"""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vpbx.cli.say import note
from vpbx.errors import UsageError

if TYPE_CHECKING:
    from vpbx.interop.calls import CallLog

LogFile = Annotated[
    Path, typer.Argument(metavar="CALLS", help="The call log (may be gzipped).", show_default=False)
]
Map = Annotated[
    str,
    typer.Option(
        "--map",
        metavar="FORMAT|MAP.yaml",
        help="technion, queue_log (Asterisk), cdr (Asterisk), or a column map for any CSV.",
        show_default=False,
    ),
]
Timezone = Annotated[
    str, typer.Option(help="Time zone of the log's clock, and of times with an offset.")
]
LongestWrapUp = Annotated[
    str,
    typer.Option(
        "--longest-wrap-up",
        help="A pause with callers waiting that lasts longer counts as a break.",
    ),
]
LongestIdle = Annotated[
    str,
    typer.Option("--longest-idle", help="A pause without callers that lasts longer is absence."),
]


def day(text: str | None, option: str) -> date | None:
    """The date of an option's text; raises `UsageError`."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'{option} "{text}" is not a date such as 1999-01-21') from None


def seconds_of(text: str, option: str) -> float:
    """Seconds of an option's duration; raises `UsageError`."""
    from vpbx import units

    try:
        return units.duration_us(text) / units.SECOND_US
    except units.UnitError as error:
        raise UsageError(f"{option}: {error}") from None


def read(file: Path, form: str, timezone: str, quiet: bool) -> "CallLog":
    """The log; what was refused or repaired is told."""
    from vpbx.interop.read import read_log

    log = read_log(file, form, timezone)
    if not quiet:
        tell_rows(log)
    return log


def rows_in_words(log: "CallLog") -> list[str]:
    """Refused and repaired rows: `calls.csv:17: negative duration: -5`."""
    from vpbx.interop.read import MOST_TOLD

    told = [f"{log.file}:{one.line}: {_sort(one.refused)}{one.message}" for one in log.notes]
    return told[:MOST_TOLD]


def _sort(refused: bool) -> str:
    return "" if refused else "repaired: "


def tell_rows(log: "CallLog") -> None:
    """Say how many rows were read, refused and repaired, and the first of them."""
    refused = len(log.refused)
    repaired = len(log.notes) - refused
    for line in rows_in_words(log):
        note(line)
    more = len(log.notes) - len(rows_in_words(log))
    if more > 0:
        note(f"… and {more:,} more such rows")
    n = len(log.calls.line)
    note(f"{log.n_rows:,} rows: {n:,} calls, {refused:,} rows refused, {repaired:,} repaired")


def rows_csv(log: "CallLog") -> str:
    """All refused and repaired rows as CSV."""
    import csv
    import io

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("line", "what", "why"))
    writer.writerows((one.line, _what(one.refused), one.message) for one in log.notes)
    return stream.getvalue()


def _what(refused: bool) -> str:
    return "refused" if refused else "repaired"
