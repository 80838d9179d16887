"""`vpbx compare`: what one scenario changes against another, under the same callers.

Belongs here: the command and its printed summary. Does not belong here: the comparison
(`study.compare`), the page (`report.comparison`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.options import Sets
from vpbx.cli.say import columns
from vpbx.cli.study_options import (
    AsJson,
    Cap,
    LedgerPath,
    NoLedger,
    NoReport,
    Out,
    PrecisionText,
    Quiet,
    Replications,
    Seed,
    Setup,
    Stratify,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

if TYPE_CHECKING:
    from vpbx.study.variant import Variant


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A scenario.", show_default=False)],
    b: Annotated[
        Path | None,
        typer.Argument(
            metavar="[B]",
            help="Another; if not given, A with the --set values.",
            show_default=False,
        ),
    ] = None,
    sets: Sets = None,
    replications: Replications = None,
    precision: PrecisionText = None,
    cap: Cap = 10_000,
    stratify: Stratify = True,
    seed: Seed = None,
    interval: Annotated[
        str | None, typer.Option(help='Length of the intervals: "30 min"; hours, if not given.')
    ] = None,
    folder: Out = None,
    executor: Where = None,
    ledger: LedgerPath = None,
    no_ledger: NoLedger = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    no_report: NoReport = False,
) -> None:
    """Compare two scenarios: differences of every measure, with how sure they are.

    \b
    With two files, --set changes both. With one, A is compared with A changed by --set.
    Both see the same callers, so small differences show in few replications.

    \b
    Examples:
      vpbx compare today.yaml callbacks.yaml
      vpbx compare support.yaml --set agents.engineers.heads=8 -n 200
    """
    from vpbx.report.comparison import comparison_page
    from vpbx.study import compare as study
    from vpbx.study.variant import prepare

    one, other = map(prepare, _variants(a, b, sets))
    tell_of_compiling(quiet)
    place = folder or Path("reports") / f"compare-{a.stem}-{b.stem if b else 'changed'}"
    setup = Setup("compare", a, place, executor, ledger, no_ledger, quiet)
    own = one.loaded.scenario.replications
    effort = effort_of(replications, precision, cap, stratify, own)
    width = None if interval is None else interval_us(interval)
    with setup.running() as run:
        found = study.compare(
            one, other, effort, seed, width, run.executor, progress=run.tell, ledger=run.ledger
        )
    data = study.as_data(found)
    finish(
        data, comparison_page, place, _text(data),
        as_json=as_json, quiet=quiet, no_report=no_report,
    )  # fmt: skip


def _variants(a: Path, b: Path | None, sets: list[str] | None) -> "list[Variant]":
    """Both scenarios, as files with settings; raises `UsageError` when there is nothing to compare."""
    from vpbx.errors import UsageError
    from vpbx.study.variant import Variant

    pairs = settings_of(sets)
    if b is not None:
        same = a.stem == b.stem
        return [Variant(f, pairs, str(f) if same else f.stem) for f in (a, b)]
    if not pairs:
        raise UsageError("nothing to compare with: give a second scenario, or --set PATH=VALUE")
    return [Variant(a, (), a.stem), Variant(a, pairs, ", ".join(sets or ()))]


def interval_us(text: str) -> int:
    """Length of an interval, a multiple of five minutes; raises `UsageError`."""
    from vpbx.errors import UsageError
    from vpbx.units import MINUTE_US, UnitError, duration_us

    try:
        found = duration_us(text)
    except UnitError as error:
        raise UsageError(f"--interval: {error}") from error
    if found <= 0 or found % (5 * MINUTE_US):
        raise UsageError(f'--interval: "{text}" is not a multiple of 5 min')
    return found


def _text(data: dict[str, Any]) -> str:
    """The sentences, and a table of the main measures that differ."""
    from vpbx.report.comparison import HEADLINES, sentences
    from vpbx.report.study_page import control_sentences, effort_sentences
    from vpbx.report.words import scope_name

    rows: list[tuple[str, ...]] = [("", "measure", "A", "B", "B − A", "times")]
    for scope, measures in data["scopes"].items():
        if scope.partition(".")[0] in ("all", "queue", "group", "trunk"):
            rows += [
                (scope_name(scope), *_row(name, measures[name]))
                for name in HEADLINES
                if name in measures and measures[name]["difference"][0]
            ]
    table = columns(rows, frozenset({2, 3, 4, 5})) if len(rows) > 1 else ""
    said = [*sentences(data), *effort_sentences(data["effort"]), *control_sentences(data)]
    return "\n".join(said) + f"\n\n{table}"


def _row(name: str, entry: dict[str, Any]) -> tuple[str, ...]:
    """A measure: what it is in both, the difference, the quotient."""
    from math import nan

    from vpbx.report.comparison import label, signed, times
    from vpbx.report.words import quantity

    unit = entry["unit"]
    a, b = (quantity(nan if entry[s][0] is None else entry[s][0], unit) for s in "ab")
    difference, half_width = entry["difference"]
    return (label(name), a, b, signed(difference, half_width, unit), times(*entry["times"]))
