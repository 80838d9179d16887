"""`vpbx validate`: the simulation against theory and published models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vpbx.cli.say import columns, note, out

if TYPE_CHECKING:
    from vpbx.validation.cases import Case, Formula, Suite
    from vpbx.validation.run import Outcome
    from vpbx.validation.traces import Trace

WRONG = 1


def validate(
    quick: Annotated[
        bool, typer.Option("--quick", help="Few runs: half a minute, blind to small differences.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Only cases so named, or beginning so."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the cases and end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON (the table goes to stderr).")
    ] = False,
    folder: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the report goes.")
    ] = Path("reports/validation"),
) -> None:
    """Run the validation suite: exact and published values, and what the simulation makes of them.

    \b
    Closed forms are held against tables to 1e-9. Simulations are held against exact values: within
    about four standard errors, and these at most 1 % of a wait, 0.3 % of a count. Timelines of other
    simulators' tests are replayed to the microsecond, by both engines. The scenarios are in
    scenarios/validation. The whole suite takes some minutes. Exit code 1 if a figure is wrong.

    \b
    Examples:
      vpbx validate                        everything
      vpbx validate --quick                a first look
      vpbx validate --only erlang --only mmc_day
      vpbx validate --json > figures.json

    \b
    The folder holds report.html, summary.json and pictures.
    """
    import json

    from vpbx.validation.cases import read_suite
    from vpbx.validation.run import chosen, run_suite, summary

    suite = chosen(read_suite(), only or [])
    if listing:
        out(columns([("name", "what"), *((one.name, one.title) for one in _all(suite))]))
        return
    outcome = run_suite(suite, quick, note)
    plain = summary(outcome, suite)
    _write(plain, folder)
    say = note if as_json else out
    say(_text(outcome))
    say(f"\n{folder / 'report.html'}")
    if as_json:
        out(json.dumps(plain, indent=2))
    if not outcome.passed:
        raise typer.Exit(WRONG)


def _all(suite: "Suite") -> list["Formula | Trace | Case"]:
    return [*suite.formulas, *suite.traces, *suite.cases]


def _write(plain: dict[str, object], folder: Path) -> None:
    from vpbx.report.validation import write_validation

    write_validation(plain, folder)


def _text(outcome: "Outcome") -> str:
    """The figures that are not right, all of them in the quick look, and the count."""
    rows = [
        (done.case.name, one.row.what, f"{one.row.value:.7g}", f"{one.found.mean:.7g}",
         f"{one.found.error:.2g}", f"{one.verdict.z:+.2f}", one.verdict.word)
        for done in outcome.cases
        for one in done.rows
    ]  # fmt: skip
    head = ("case", "figure", "reference", "ours", "s.e.", "z", "verdict")
    wrong = [row for row in rows if row[-1] != "right"]
    n_formulas = sum(one.passed for one in outcome.formulas)
    replayed = [one.passed for one in outcome.traces if one.found]
    lines = [columns([head, *rows], frozenset(range(2, 6)))] if rows else []
    lines.append(
        f"{len(rows) - len(wrong)} of {len(rows)} figures right, "
        f"{n_formulas} of {len(outcome.formulas)} formulas, "
        f"{sum(replayed)} of {len(replayed)} timelines, {outcome.seconds:.0f} s"
    )
    return "\n".join(lines)
