"""`vpbx calibrate`: values of parameters with which a scenario comes out at observed figures.

Belongs here: the command and its printed summary. Does not belong here: solving
(`study.calibrate`), the page (`report.calibration`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    Targets,
    Vary,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

if TYPE_CHECKING:
    from vpbx.study.evaluate import Values
    from vpbx.study.precision import Effort, Stopped
    from vpbx.study.quantities import Quantity

NOT_FITTED = 5
Settings = tuple[tuple[str, str], ...]


def calibrate(
    file: File,
    targets: Targets = None,
    vary: Vary = None,
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
    """Find the values with which a scenario comes out at observed figures.

    \b
    Exit code 5 when no values in the ranges give the figures, or the figures do not tell the parameters.
    Give as many figures as parameters, or more. A figure may carry its own error: = 20 min ± 1 min.
    A parameter without a range is looked for between a quarter and four times its value.
    The scenario with the values found is written beside the report. With --precision, every point
    takes as many replications as the figures need at the values found.

    \b
    Examples:
      vpbx calibrate support.yaml --target "support.mean_wait = 20 min" --vary callers.customers.volume
      vpbx calibrate support.yaml --target "support.mean_wait = 20 min" --target "support.abandoned = 12%" \\
          --vary callers.customers.volume=50%..200%:2 --vary callers.customers.patience=50%..300%:2
    """
    from vpbx.errors import UsageError
    from vpbx.report.calibration import calibration_page
    from vpbx.scenario.load import load
    from vpbx.study import calibrate as study
    from vpbx.study.precision import as_data as effort_data

    settings = settings_of(sets)
    loaded = load(file, tuple(f"{path}={value}" for path, value in settings))
    observed = [study.parse_observed(text, loaded.scenario) for text in targets or ()]
    ranges = [study.parse_parameter(text) for text in vary or ()]
    if not observed or not ranges:
        raise UsageError(
            'give a figure and a parameter: --target "support.mean_wait = 20 min" '
            "--vary callers.customers.volume"
        )
    effort = effort_of(replications, precision, cap, False, max(2, loaded.scenario.replications))
    chosen = loaded.scenario.seed if seed is None else seed
    place = folder or Path("reports") / f"calibrate-{file.stem}"
    tell_of_compiling(quiet)
    quantities = [one.quantity for one in observed]
    with Setup("calibrate", file, place, executor, ledger, no_ledger, quiet).running() as run:
        values: Settings = ()
        stopped = _pace(file, settings, quantities, effort, chosen, run)
        while True:
            count = max(2, stopped.replications)
            found = _evaluation(file, settings, quantities, chosen, run, range(count))
            fit = study.solve(ranges, observed, study.tries(found, ranges, quantities))
            values = tuple(
                (one.path, one.text(x)) for one, x in zip(ranges, fit.look.point, strict=True)
            )
            if effort.precision is None:
                break
            stopped = _pace(file, settings + values, quantities, effort, chosen, run)
            if stopped.replications <= count:
                break
        fresh = _evaluation(file, settings, quantities, chosen, run, range(count, 2 * count))
        (other,) = fresh([values])
    variant = place / f"{file.stem}-calibrated.yaml"
    _write(variant, study.variant_text(file.resolve(), variant.resolve(), (*settings, *values)))
    confirmed = [other.total(quantity) for quantity in quantities]
    data = study.as_data(loaded, fit, ranges, observed, confirmed, chosen, count, variant.name)
    if effort.precision is not None:
        data["effort"] = effort_data(effort, stopped, quantities)
    finish(
        data, calibration_page, place, _text(data, variant),
        as_json=as_json, quiet=quiet, no_report=no_report,
    )  # fmt: skip
    if fit.why:
        raise typer.Exit(NOT_FITTED)


def _pace(
    file: Path, settings: Settings, quantities: "Sequence[Quantity]", effort: "Effort", seed: int,
    run: Running,
) -> "Stopped":  # fmt: skip
    """How many replications the figures need; without a precision, none are run."""
    from vpbx.study.pace import pace
    from vpbx.study.precision import Stopped
    from vpbx.study.variant import Variant

    if effort.precision is None:
        return Stopped([], effort.replications, 0, True, "")
    return pace(Variant(file, settings), quantities, effort, seed, run.executor, run.ledger)


def _evaluation(
    file: Path, settings: Settings, quantities: "Sequence[Quantity]", seed: int, run: Running,
    replications: range,
) -> Any:  # fmt: skip
    """A function from settings of several points to their values."""
    from vpbx.study.evaluate import evaluate
    from vpbx.study.quantities import Ask
    from vpbx.study.variant import Variant

    def evaluated(points: Sequence[Settings]) -> "list[Values]":
        variants = [Variant(file, settings + point) for point in points]
        ask = Ask(tuple(dict.fromkeys(quantities)))
        return evaluate(
            variants, ask, replications, seed, run.executor, progress=run.tell, ledger=run.ledger
        )

    return evaluated


def _write(path: Path, text: str) -> None:
    from vpbx.store.files import write_text

    write_text(path, text)


def _text(data: dict[str, Any], variant: Path) -> str:
    """The parameters, and the figures with them."""
    from vpbx.report.calibration import figures, sentences

    table = figures(data)
    rows = [tuple(column.label for column in table.columns), *table.rows]
    return "\n".join([*sentences(data), "", columns(rows, frozenset({1, 2, 3})), "", str(variant)])
