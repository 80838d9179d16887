"""`vpbx sensitivity`: what drives the wait, or any other figure.

Belongs here: the command and its printed summary. Does not belong here: the study
(`study.sensitivity`), the page (`report.drivers`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.options import File, Sets
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
    Running,
    Seed,
    Setup,
    Vary,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

if TYPE_CHECKING:
    from vpbx.study.evaluate import Values
    from vpbx.study.ranges import Range
    from vpbx.study.variant import Prepared

Settings = tuple[tuple[str, str], ...]


def sensitivity(
    file: File,
    vary: Vary = None,
    measure: Annotated[
        str | None,
        typer.Option(metavar="MEASURE", help="The figure: support.mean_wait; else mean_wait."),
    ] = None,
    points: Annotated[
        int, typer.Option(min=0, help="Points of the Sobol indices, a power of two; 0: none.")
    ] = 64,
    replications_a_point: Annotated[
        int, typer.Option(min=1, help="Replications of each of those points.")
    ] = 10,
    sets: Sets = None,
    replications: Replications = None,
    precision: PrecisionText = None,
    cap: Cap = 10_000,
    seed: Seed = None,
    folder: Out = None,
    executor: Where = None,
    ledger: LedgerPath = None,
    no_ledger: NoLedger = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    no_report: NoReport = False,
) -> None:
    """Rank what drives a figure: one parameter at a time, and shares of the variance.

    \b
    Without --vary: volumes, patience, heads and handle times, a fifth down and up. With --precision,
    every point of the tornado takes as many replications as the figure needs as things stand.

    \b
    Examples:
      vpbx sensitivity support.yaml --measure support.mean_wait
      vpbx sensitivity support.yaml --vary agents.engineers.heads=4..8 \\
          --vary callers.customers.volume=80%..120%:2
    """
    from vpbx.report.drivers import drivers_page
    from vpbx.study import sensitivity as study
    from vpbx.study.pace import pace
    from vpbx.study.precision import as_data as effort_data
    from vpbx.study.quantities import parse_quantity
    from vpbx.study.variant import Variant, prepare

    settings = settings_of(sets)
    base = prepare(Variant(file, settings, file.stem))
    scenario = base.loaded.scenario
    quantity = parse_quantity(measure or "mean_wait", scenario)
    ranges = _ranges(vary, base, settings)
    chosen = scenario.seed if seed is None else seed
    effort = effort_of(replications, precision, cap, False, max(2, scenario.replications))
    if points:
        study.sobol_points(len(ranges), points, chosen)  # a wrong number is said before any work
    place = folder or Path("reports") / f"sensitivity-{file.stem}"
    tell_of_compiling(quiet)
    with Setup("sensitivity", file, place, executor, ledger, no_ledger, quiet).running() as run:
        if effort.precision is not None:
            as_it_is = Variant(file, settings, file.stem)
            stopped = pace(as_it_is, (quantity,), effort, chosen, run.executor, run.ledger)
        count = max(2, effort.replications if effort.precision is None else stopped.replications)
        single = _evaluation(file, settings, quantity, chosen, run, count)
        swings = study.tornado(ranges, quantity, single)
        several = _evaluation(file, settings, quantity, chosen, run, replications_a_point)
        shares = study.sobol(ranges, quantity, points, chosen, several) if points else []
    data = study.as_data(
        base, quantity, swings, shares, chosen, (count, replications_a_point), points
    )
    if effort.precision is not None:
        data["effort"] = effort_data(effort, stopped, (quantity,))
    finish(
        data, drivers_page, place, _text(data), as_json=as_json, quiet=quiet, no_report=no_report
    )


def _ranges(vary: list[str] | None, base: "Prepared", settings: Settings) -> "tuple[Range, ...]":
    """The ranges asked for; else those of the scenario's own load and staff that it takes."""
    from vpbx.errors import UsageError
    from vpbx.scenario.load import load
    from vpbx.study.ranges import parse_ranges
    from vpbx.study.sensitivity import default_ranges, usable

    def loads(more: Settings) -> object:
        return load(base.loaded.file, tuple(f"{path}={value}" for path, value in settings + more))

    found = (
        parse_ranges(vary, spaced=False)
        if vary
        else usable(default_ranges(base.loaded.scenario), loads)
    )
    names = [one.path for one in found if not one.continuous]
    if names:
        raise UsageError(f"{names[0]}: a list of names has nothing between them; give a range")
    return found


def _evaluation(
    file: Path, settings: Settings, quantity: Any, seed: int, run: Running, replications: int
) -> Any:
    """A function from settings of several points to their values."""
    from vpbx.study.evaluate import evaluate
    from vpbx.study.quantities import Ask
    from vpbx.study.variant import Variant

    def evaluated(points: Sequence[Settings]) -> "list[Values]":
        variants = [Variant(file, settings + point) for point in points]
        return evaluate(
            variants, Ask((quantity,)), range(replications), seed, run.executor,
            progress=run.tell, ledger=run.ledger,
        )  # fmt: skip

    return evaluated


def _text(data: dict[str, Any]) -> str:
    """Sentences, the tornado, the indices."""
    from vpbx.report.drivers import sentences, sobol_table, swings

    parts = ["\n".join(sentences(data))]
    for table in (swings(data), *([sobol_table(data)] if data["sobol"] else [])):
        rows = [tuple(column.label for column in table.columns), *table.rows]
        parts.append(columns(rows, frozenset(range(1, len(rows[0])))))
    return "\n\n".join(parts)
