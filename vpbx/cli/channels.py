"""`vpbx channels`: how many channels the trunks need.

Belongs here: the command and its printed summary. Does not belong here: the study (`study.channels`),
the page (`report.channels`).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import columns, note
from vpbx.cli.study_options import (
    AsJson,
    Cap,
    LedgerPath,
    NoLedger,
    NoReport,
    Out,
    PrecisionText,
    Quiet,
    Seed,
    Setup,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

NOT_CONFIRMED = 5


def channels(
    file: File,
    target: Annotated[
        str, typer.Option(metavar="TARGET", help='Share refused a channel: "blocked<=1%".')
    ] = "blocked<=1%",
    trunks: Annotated[
        list[str] | None,
        typer.Option("--trunk", help="A trunk to plan; all, if not given. Repeatable."),
    ] = None,
    busy_hour: Annotated[
        str,
        typer.Option(
            "--busy-hour",
            metavar="tcbh|adph|nth:N",
            help="Time-consistent busy hour, each day's own peak hour, or the N-th busiest day of 30.",
        ),
    ] = "tcbh",
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            min=10,
            help="Runs to plan on (120, if not given); as many confirm.",
        ),
    ] = None,
    precision: PrecisionText = None,
    cap: Cap = 10_000,
    seed: Seed = None,
    sets: Sets = None,
    folder: Out = None,
    executor: Where = None,
    ledger: LedgerPath = None,
    no_ledger: NoLedger = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    no_report: NoReport = False,
) -> None:
    """Find the fewest channels of each trunk, with redials, beside Erlang B.

    \b
    The busy hour is a definition and can move the answer by half: all are printed, one is planned
    for. With --precision, as many runs as it takes to know the share refused with the channels found
    to so many points. Exit code 5 when fresh runs do not confirm the plan.

    \b
    Examples:
      vpbx channels firm.yaml --target "blocked<=1%"
      vpbx channels firm.yaml --target "trunk.main.blocked<=0.5%" --busy-hour nth:4 -n 300
      vpbx channels firm.yaml --target "blocked<=1%" --precision 0.2%
    """
    from vpbx.report.channels import page
    from vpbx.study.channels import AS_USUAL, plan_channels
    from vpbx.study.channels_data import channels_data
    from vpbx.study.variant import Variant, prepare

    base = prepare(Variant(file, settings_of(sets)))
    trunk, share = _target(target)
    chosen = tuple(trunks or ()) or ((trunk,) if trunk else ())
    effort = effort_of(replications, precision, cap, False, AS_USUAL.replications)
    tell_of_compiling(quiet)
    tell = (lambda said: None) if quiet else note
    place = folder or Path("reports") / f"{file.stem}-channels"
    with Setup("channels", file, place, executor, ledger, no_ledger, quiet).running() as run:
        found = plan_channels(
            base, share, chosen, busy_hour, effort, seed, tell, run.executor, run.ledger
        )
    scenario = base.loaded.scenario
    data = channels_data(found, effort, scenario.name, scenario.seed if seed is None else seed)
    finish(data, page, place, text(data), as_json=as_json, quiet=quiet, no_report=no_report)
    if not all(one.confirmed for one in found.plans):
        raise typer.Exit(NOT_CONFIRMED)


def _target(text: str) -> tuple[str, float]:
    """Trunk ("" for all) and share of `blocked<=1%`, `trunk.main.blocked <= 1%`."""
    from vpbx.errors import UsageError
    from vpbx.scenario.targets import parse_target, spelt_out

    try:
        target = parse_target(spelt_out(text))
    except ValueError as error:
        raise UsageError(f'--target "{text}": {error}') from None
    if target.measure != "blocked" or target.low > -1 or target.by:
        raise UsageError(
            f'--target "{text}": channels are planned for a share, such as blocked<=1%'
        )
    return target.scope.removeprefix("trunk."), target.high


def text(data: dict[str, Any]) -> str:
    """What is printed."""
    from vpbx.report.channels import sentences, table

    shown = table(data)
    head = [column.label for column in shown.columns]
    right = frozenset(i for i, column in enumerate(shown.columns) if column.numeric)
    said = "\n".join(line for trunk in data["trunks"] for line in sentences(trunk))
    return f"{columns([head, *shown.rows], right=right)}\n\n{said}"
