"""Options that all studies share, and what every study does around its work.

Belongs here: names and help of shared options, the executor and the ledger of a study. Does not
belong here: any one study.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.say import note, out, progress

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from vpbx.study.ledger import Ledger
    from vpbx.study.precision import Effort

Replications = Annotated[
    int | None,
    typer.Option("--replications", "-n", min=1, help="How many; the scenario's own, if not given."),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, help="The seed of every draw; the scenario's own, if not given."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FOLDER", help="Where the report goes; else under reports/."),
]
Where = Annotated[
    str | None,
    typer.Option(
        "--executor",
        metavar="local|threads:N|dask://HOST:PORT",
        help="Where it runs: this machine, if not given.",
    ),
]
LedgerPath = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="PATH",
        help="Where finished work is kept; else .vpbx/ledger.sqlite beside the scenario.",
    ),
]
NoLedger = Annotated[bool, typer.Option("--no-ledger", help="Keep no finished work, reuse none.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print study.json on stdout (the rest goes to stderr).")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
NoReport = Annotated[
    bool, typer.Option("--no-report", help="study.json only: no page, no pictures.")
]

Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH=RANGE",
        help="What is varied: agents.engineers.heads=4..12, callers.customers.volume=80%..140%:7. "
        "Repeatable.",
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="TARGET",
        help='What is aimed at: "support.mean_wait <= 3 min", "80% in 20 s". Repeatable.',
    ),
]

PrecisionText = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="PERCENT",
        help="As many replications as it takes: shares to so many points, all else to so much of "
        "itself, at 95 %.",
    ),
]
Cap = Annotated[
    int, typer.Option(min=10, help="Most replications with --precision; exit code 5 when too few.")
]
Stratify = Annotated[
    bool,
    typer.Option(
        "--stratify/--no-stratify",
        help="Spread the days' busyness evenly over the replications, where days differ.",
    ),
]
NOT_PRECISE_ENOUGH = 5


def effort_of(
    replications: int | None, precision: str | None, cap: int, stratify: bool, own: int
) -> "Effort":
    """How much to run, from the options; `own` are the scenario's replications."""
    from vpbx.errors import UsageError
    from vpbx.study.precision import Effort, parse_precision

    if replications is not None and precision is not None:
        raise UsageError("give -n or --precision, not both")
    asked = None if precision is None else parse_precision(precision)
    return Effort(replications or own, asked, cap, stratify)


@dataclass(frozen=True)
class Running:
    """What a study works with while it runs."""

    executor: "Executor | None"
    ledger: "Ledger | None"
    tell: Callable[[int, int], None]


@dataclass(frozen=True)
class Setup:
    """How a study was asked to run; from the options above."""

    kind: str
    file: Path
    folder: Path
    where: str | None = None
    ledger: Path | None = None
    no_ledger: bool = False
    quiet: bool = False

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Executor, ledger and progress of a study, closed on every way out."""
        from contextlib import nullcontext

        from vpbx.study.executors import executor_at
        from vpbx.study.ledger import beside, opened

        book = nullcontext() if self.no_ledger else opened(self.ledger or beside(self.file))
        with executor_at(self.where) as executor, book as ledger:
            if ledger is not None and not self.quiet:
                tell_of_other_versions(ledger)
            entry = (
                nullcontext()
                if ledger is None
                else ledger.begun(self.kind, str(self.file), " ".join(command()), str(self.folder))
            )
            try:
                with entry, progress(self.quiet, "replication") as tell:
                    yield Running(executor, ledger, tell)
            except KeyboardInterrupt:
                if ledger is not None:
                    note("what was finished is kept: the same command goes on from there")
                raise


def tell_of_other_versions(ledger: "Ledger") -> None:
    """Say that what other versions left in a ledger is not used, and how to be rid of it."""
    if others := ledger.of_other_versions():
        note(
            f"{ledger.path} holds work of other versions of vpbx ({', '.join(others)}), which is not "
            "used; vpbx studies prune removes it"
        )


def command() -> list[str]:
    """The line that was typed."""
    return ["vpbx", *sys.argv[1:]]


def repeatable(line: list[str]) -> list[str]:
    """A command without what does not change its figures: where it runs, what it keeps and says."""
    kept, skip = [], False
    for word in line:
        name = word.partition("=")[0]
        if not skip and name not in (*_PLACES, *_SWITCHES):
            kept.append(word)
        skip = not skip and word in _PLACES
    return kept


_PLACES = ("--executor", "--ledger", "--out")
_SWITCHES = ("--no-ledger", "--quiet", "-q", "--json", "--no-report")


def settings_of(sets: list[str] | None) -> tuple[tuple[str, str], ...]:
    """The values of `--set` as pairs of path and value; what is no such pair goes on as it is."""
    from vpbx.scenario.settings import split_assignment

    parts = (split_assignment(text) for text in sets or ())
    return tuple((path, value.strip()) for path, _, value in parts)


def tell_of_compiling(quiet: bool) -> None:
    """Say, once on a machine, that the engine must be compiled first."""
    from vpbx.study.warmup import is_compiled

    if not quiet and not is_compiled():
        note("compiling the engine, once on this machine: about half a minute …")


def finish(
    data: dict[str, Any], page: Callable[[dict[str, Any]], Any], folder: Path, text: str,
    *, as_json: bool, quiet: bool, no_report: bool,
) -> None:  # fmt: skip
    """Write the report, and print what was found."""
    from vpbx.report.study_page import write_study
    from vpbx.report.summary import as_json as dumped
    from vpbx.store.files import write_atomically

    if no_report:
        write_atomically(folder / "study.json", dumped(data))
    else:
        write_study(page(data), data, folder, repeatable(command()))
    if not quiet:
        say = note if as_json else out
        say(text)
        say(f"\n{folder / ('study.json' if no_report else 'report.html')}")
    if as_json:
        out(dumped(data).decode().rstrip("\n"))
    if not data.get("effort", {}).get("reached", True):
        note(f"not precise enough at the cap: {data['effort']['least_precise']}")
        raise typer.Exit(NOT_PRECISE_ENOUGH)
