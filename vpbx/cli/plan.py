"""`vpbx plan`: which tariff plan, with which modules and channels, and when to change.

Belongs here: the command and its printed summary. Does not belong here: the study (`study.plan`), the
page (`report.plan`).
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
    Replications,
    Seed,
    Setup,
    Stratify,
    Targets,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

NOT_CONFIRMED = 5


def plan(
    file: File,
    months: Annotated[int, typer.Option(min=1, max=120, help="For how many months.")] = 12,
    years: Annotated[
        int | None, typer.Option(min=1, max=10, help="For how many years, in place of --months.")
    ] = None,
    growth: Annotated[
        str,
        typer.Option(metavar="PERCENT/year|month", help="Growth of every volume: 20%/year."),
    ] = "0%/year",
    targets: Targets = None,
    sets: Sets = None,
    replications: Replications = None,
    precision: PrecisionText = None,
    cap: Cap = 10_000,
    stratify: Stratify = True,
    seed: Seed = None,
    folder: Out = None,
    executor: Where = None,
    ledger: LedgerPath = None,
    no_ledger: NoLedger = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    no_report: NoReport = False,
) -> None:
    """Find the tariff plan, modules and channels that meet the targets at the least cost.

    \b
    The run stands for a typical stretch of each month; its load grows from month to month. Plans may
    change at the beginning of a month, connection is paid for again. Without --target, the scenario's
    own targets count. With --precision, every option tried takes as many replications as its figures
    need, unless it misses a target by far. Exit code 5 when fresh runs do not confirm the choice.

    \b
    Examples:
      vpbx plan firm.yaml --growth 20%/year
      vpbx plan firm.yaml --target "blocked<=1%" --target "sales.mean_wait<=1 min" --years 2
    """
    from vpbx.report.plan import plan_page
    from vpbx.study import plan as study
    from vpbx.study.plan_months import parse_growth
    from vpbx.study.variant import Variant, prepare

    base = prepare(Variant(file, settings_of(sets)))
    scenario = base.loaded.scenario
    aims = study.targets_of(scenario, targets or ())
    monthly = parse_growth(growth)
    effort = effort_of(replications, precision, cap, stratify, scenario.replications)
    chosen = scenario.seed if seed is None else seed
    place = folder or Path("reports") / f"plan-{file.stem}"
    tell_of_compiling(quiet)
    tell = (lambda said: None) if quiet else note
    with Setup("plan", file, place, executor, ledger, no_ledger, True).running() as run:
        found = study.plan_year(
            base, aims, monthly, 12 * years if years else months, effort, chosen,
            run.executor, run.tell, run.ledger, tell,
        )  # fmt: skip
    data = study.as_data(base, found, aims, growth, chosen, effort)
    finish(data, plan_page, place, text(data), as_json=as_json, quiet=quiet, no_report=no_report)
    if not found.confirmed:
        raise typer.Exit(NOT_CONFIRMED)


def text(data: dict[str, Any]) -> str:
    """Sentences, and the months."""
    from vpbx.report.plan import month_table, sentences

    shown = month_table(data)
    rows = [tuple(column.label for column in shown.columns), *shown.rows]
    right = frozenset(i for i, column in enumerate(shown.columns) if column.numeric)
    return "\n".join(sentences(data)) + f"\n\n{columns(rows, right)}"
