"""`vpbx studies`: what the ledger holds: list, show, export, prune.

Belongs here: the commands. Does not belong here: the ledger (`study.ledger`), tables of numbers on
disk (`store`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vpbx.cli.say import columns, note, out

if TYPE_CHECKING:
    from vpbx.study.ledger import Ledger

Place = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="PATH", help="The ledger; .vpbx/ledger.sqlite, if not given."),
]
Number = Annotated[int, typer.Argument(metavar="STUDY", help="Its number in the list.")]

app = typer.Typer(
    help="""List, show, export and prune the studies whose work is kept.

\b
Every study keeps its finished work in a ledger, .vpbx/ledger.sqlite beside the scenario: the same
study run again goes on where it was, and a longer one starts with what is there.

\b
Examples:
  vpbx studies list
  vpbx studies export 3 --out waits.parquet
  vpbx studies prune                        remove what other versions left
""",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("list")
def list_studies(ledger: Place = None) -> None:
    """List all studies: number, kind, when, how it ended, what it ran and what it reused.

    \b
    Example:
      vpbx studies list
    """
    from vpbx.study.ledger import opened

    with opened(_existing(ledger)) as book:
        rows = [("study", "kind", "scenario", "begun", "status", "ran", "reused")]
        rows += [
            (str(s.id), s.kind, Path(s.scenario).name, s.begun_at[:16], _status(s.status, s.ended_at),
             str(s.units), str(s.reused))
            for s in book.studies()
        ]  # fmt: skip
        out(columns(rows, frozenset({0, 5, 6})))


def _status(status: str, ended_at: str | None) -> str:
    return "running, or killed" if ended_at is None else status


@app.command("show")
def show(study: Number, ledger: Place = None) -> None:
    """Show one study: the command, the version, the variants and replications that it ran.

    \b
    Example:
      vpbx studies show 3
    """
    from vpbx.study.ledger import opened, program_digest

    with opened(_existing(ledger)) as book:
        found = _study(book, study)
        now = "" if found.program == program_digest() else " (not this version: never reused)"
        out(f"study {found.id}: {found.kind} of {found.scenario}\n{found.command}")
        out(f"begun {found.begun_at}, ended {found.ended_at or '–'}: "
            f"{_status(found.status, found.ended_at)}")  # fmt: skip
        out(f"vpbx {found.program}{now}\nreport: {found.folder}")
        out(f"units: {found.units} run, {found.reused} reused")
        counts: dict[tuple[str, int], int] = {}
        for digest, seed, _, _, values in book.rows(study):
            counts[digest, seed] = counts.get((digest, seed), 0) + len(values)
        rows = [("variant", "seed", "replications")]
        rows += [(digest[:12], str(seed), str(n)) for (digest, seed), n in counts.items()]
        out(columns(rows, frozenset({1, 2})))


@app.command("export")
def export(
    study: Number,
    path: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to: .parquet or .csv.")
    ] = Path("study.parquet"),
    ledger: Place = None,
) -> None:
    """Write what a study ran as a table: a row a variant, replication, measure and interval.

    \b
    Example:
      vpbx studies export 3 --out waits.parquet
    """
    from vpbx.store.long_table import write_long
    from vpbx.study.ledger import opened
    from vpbx.study.ledger_rows import long_rows

    with opened(_existing(ledger)) as book:
        _study(book, study)
        n = write_long(path, long_rows(book, study))
    note(f"{path}: {n:,} rows")


@app.command("prune")
def prune(
    study: Annotated[
        int | None, typer.Argument(metavar="[STUDY]", help="Only this study's work.")
    ] = None,
    ledger: Place = None,
) -> None:
    """Remove what other versions of vpbx left; or all that one study ran.

    \b
    Examples:
      vpbx studies prune
      vpbx studies prune 3
    """
    from vpbx.study.ledger import opened

    with opened(_existing(ledger)) as book:
        if study is not None:
            _study(book, study)
        note(f"{book.prune(study)} units removed")


def _existing(ledger: Path | None) -> Path:
    """The ledger's place; raises `FileError` when there is none: looking must not make one."""
    from vpbx.errors import FileError
    from vpbx.study.ledger import FOLDER, NAME

    place = ledger or Path(FOLDER) / NAME
    if not place.is_file():
        raise FileError(place, "there is no ledger; give its place by --ledger")
    return place


def _study(book: "Ledger", study: int):  # type: ignore[no-untyped-def]
    """A study by its number; raises `UsageError`."""
    from vpbx.errors import UsageError

    known = {one.id: one for one in book.studies()}
    if study not in known:
        raise UsageError(f"there is no study {study}; the last is {max(known, default=0)}")
    return known[study]
