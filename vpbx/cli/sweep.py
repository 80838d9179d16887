"""`vpbx sweep`: a scenario over ranges of its parameters.

Belongs here: the command and its printed summary. Does not belong here: grids and hypercubes
(`study.ranges`), the sweep (`study.sweep`), the page (`report.sweeping`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import columns, out
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
    Vary,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

if TYPE_CHECKING:
    from vpbx.study.sweep import Sweep


def sweep(
    file: File,
    vary: Vary = None,
    lhs: Annotated[
        int | None,
        typer.Option(min=2, help="So many points of a Latin hypercube, not the whole grid."),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", metavar="MEASURE", help="What is looked at: support.mean_wait. Repeatable."
        ),
    ] = None,
    targets: Targets = None,
    best: Annotated[
        str | None,
        typer.Option(
            metavar="MEASURE<DIFFERENCE",
            help='Which point has the least of a figure: "support.mean_wait < 30 s", when 30 s do '
            'not matter; the most: "resolved > 1%".',
        ),
    ] = None,
    sets: Sets = None,
    replications: Replications = None,
    precision: PrecisionText = None,
    cap: Cap = 10_000,
    stratify: Stratify = True,
    seed: Seed = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and its cost; run nothing.")
    ] = False,
    folder: Out = None,
    executor: Where = None,
    ledger: LedgerPath = None,
    no_ledger: NoLedger = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    no_report: NoReport = False,
) -> None:
    """Run a scenario over a grid (or a Latin hypercube) of values.

    \b
    Ranges: 4..12 (whole numbers), 80%..140%:7 (seven points), 1 min..5 min:5, or a list 4,6,9.

    \b
    Examples:
      vpbx sweep support.yaml --vary agents.engineers.heads=4..12
      vpbx sweep support.yaml --vary agents.engineers.heads=4..12 \\
          --vary callers.customers.volume=80%..140%:7 --target "support.mean_wait<=3min" --dry-run
    """
    from vpbx.report.sweeping import sweep_page
    from vpbx.study.ranges import grid, latin_hypercube, parse_ranges
    from vpbx.study.sweep import as_data, parse_best, plan_sweep, rank, rank_data, run_sweep

    ranges = parse_ranges(vary or [], spaced=lhs is None)
    points = grid(ranges) if lhs is None else latin_hypercube(ranges, lhs, seed or 0)
    design = "grid" if lhs is None else "latin hypercube"
    plan = plan_sweep(
        file, settings_of(sets), ranges, design, points, measures or (), targets or ()
    )
    scenario = plan.base.loaded.scenario
    wanted = None if best is None else parse_best(best, scenario)
    effort = effort_of(replications, precision, cap, stratify, scenario.replications)
    if dry_run:
        out(_plan(plan, effort.replications if effort.precision is None else effort.cap))
        return
    tell_of_compiling(quiet)
    place = folder or Path("reports") / f"sweep-{file.stem}"
    with Setup("sweep", file, place, executor, ledger, no_ledger, quiet).running() as run:
        found = run_sweep(plan, effort, seed, run.executor, run.tell, run.ledger)
        ranking = wanted and rank(wanted, found, effort, seed, run.executor, run.tell, run.ledger)
    data = as_data(plan, found, scenario.seed if seed is None else seed, effort)
    if wanted and ranking:
        data["ranking"] = rank_data(plan, wanted, ranking)
    finish(data, sweep_page, place, _text(data), as_json=as_json, quiet=quiet, no_report=no_report)


def _plan(plan: "Sweep", replications: int) -> str:
    """What would run: every point, and the cost."""
    from vpbx.study.sweep import cost_of

    n, calls = cost_of(plan, replications)
    rows = [tuple(one.path for one in plan.ranges), *plan.points]
    measures = ", ".join(map(str, plan.quantities))
    return (
        f"{columns(rows)}\n\n{len(plan.points):,} points ({plan.design}) × {replications:,} "
        f"replications = {n:,} replications, about {calls:,.0f} first attempts\nmeasures: {measures}"
    )


def _text(data: dict[str, Any]) -> str:
    """Sentences, and a table of the points."""
    from vpbx.report.study_page import control_sentences, effort_sentences
    from vpbx.report.sweeping import sentences, table

    shown = table(data)
    rows = [tuple(column.label for column in shown.columns), *shown.rows]
    said = [*sentences(data), *effort_sentences(data["effort"]), *control_sentences(data)]
    return "\n".join(said) + f"\n\n{columns(rows, frozenset(range(len(rows[0]))))}"
