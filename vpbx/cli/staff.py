"""`vpbx staff`: how many people it takes to meet targets, by interval or by shifts.

Belongs here: the command and its printed summary. Does not belong here: the search (`study.staffing`),
the page (`report.staffing`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    Quiet,
    Seed,
    Setup,
    Where,
    effort_of,
    finish,
    settings_of,
    tell_of_compiling,
)

if TYPE_CHECKING:
    from vpbx.study.staffing.pose import Wish

NOT_CONFIRMED = 5


def staff(
    file: File,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="TARGET",
            help='"80% in 20 s", "support: 80% in 20 s", "mean_wait<=3min", "abandoned<=5%", '
            '"p_wait<=20%". Repeatable.',
        ),
    ] = None,
    definition: Annotated[
        str,
        typer.Option(
            metavar="DEFINITION",
            help="Of a service level: answered_of_offered, answered_of_answered, "
            "answered_of_offered_less_short, with_abandoned.",
        ),
    ] = "answered_of_offered",
    per: Annotated[
        str | None,
        typer.Option(
            help="Length of an interval of the plan: 30min; the scenario's own, if not given."
        ),
    ] = None,
    over: Annotated[
        str,
        typer.Option(
            metavar="interval|run", help="Where targets hold: in every interval, or over the run."
        ),
    ] = "interval",
    max_occupancy: Annotated[
        str | None,
        typer.Option("--max-occupancy", metavar="SHARE", help="Busy share at most: 88%."),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            help="A group to staff; all that serve a target's queue, if not given. Repeatable.",
        ),
    ] = None,
    confidence: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE", help="Plan for the day, too: this share of days must meet the targets."
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="mol|isa",
            help="What the search begins with: Erlang A on the modified offered load, or iterative "
            "staffing, for p_wait targets.",
        ),
    ] = "mol",
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT",
            help="As many runs as it takes: an interval's shares to so many points, its waits to so "
            "much of their target, at 95 %.",
        ),
    ] = None,
    cap: Cap = 2_000,
    days: Annotated[
        int | None,
        typer.Option("--replications", "-n", min=10, help="Runs to search on; as many confirm."),
    ] = None,
    shifts: Annotated[
        Path | None,
        typer.Option(
            metavar="SHIFTS", help="The shifts that may be worked (YAML): plan people on shifts."
        ),
    ] = None,
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
    """Find the least staff that meets targets, and show that one agent fewer does not.

    \b
    Starts from Erlang A on the modified offered load, repairs by simulation, takes out every agent
    that can be spared, confirms on fresh runs. Writes the plan as a scenario that extends FILE.
    Exit code 5 when the fresh runs do not confirm it, or with --precision at the cap.

    \b
    Examples:
      vpbx staff support.yaml --target "80% in 20 s"
      vpbx staff support.yaml --target "80% in 20 s" --per 15min --max-occupancy 88%
      vpbx staff support.yaml --target "support.mean_wait<=3min" --over run --confidence 90%
      vpbx staff support.yaml --target "p_wait<=20%" --method isa
      vpbx staff support.yaml --target "80% in 20 s" --shifts shifts.yaml

    \b
    The shifts file:
      shifts:
        day:   {length: 9 h, starts: "mon-fri 07:00-12:00", every: 30 min,
                breaks: [{length: 1 h, from: 3 h, to: 5 h}]}
        night: {length: 8 h, starts: ["22:00"], at_most: 6}
      premiums: {"22:00-06:00": 120%, "sat,sun": 150%}
    """
    from vpbx.study.staffing.pose import DEFAULT_DAYS
    from vpbx.study.variant import Variant, prepare

    wish = _wish(targets, definition, per, over, max_occupancy, groups, confidence)
    effort = effort_of(days, precision, cap, False, DEFAULT_DAYS)
    wish = wish.with_runs(days, effort, seed, method)
    base = prepare(Variant(file, settings_of(sets)))
    tell_of_compiling(quiet)
    place = folder or Path("reports") / f"{file.stem}-staff"
    setup = Setup("staff", file, place, executor, ledger, no_ledger, quiet)
    data = _found(base, wish, shifts, setup)
    from vpbx.report.staffing import page

    finish(data, page, place, text(data), as_json=as_json, quiet=quiet, no_report=no_report)
    if not data["confirmed"]:
        raise typer.Exit(NOT_CONFIRMED)


def _wish(
    targets: list[str] | None, definition: str, per: str | None, over: str,
    max_occupancy: str | None, groups: list[str] | None, confidence: str | None,
) -> "Wish":  # fmt: skip
    """The options as the study takes them; raises `UsageError`."""
    from vpbx.errors import UsageError
    from vpbx.study.staffing.pose import Wish
    from vpbx.units import UnitError, duration_us, share

    if over not in ("interval", "run"):
        raise UsageError(f'--over "{over}": targets hold over every interval or over the run')
    try:
        return Wish(
            targets=tuple(targets or ()),
            definition=definition,
            per_us=None if per is None else duration_us(per),
            groups=tuple(groups or ()),
            max_occupancy=None if max_occupancy is None else share(max_occupancy),
            over_run=over == "run",
            confidence=0.0 if confidence is None else share(confidence),
        )
    except UnitError as error:
        raise UsageError(str(error)) from None


def _found(base: Any, wish: "Wish", shifts: Path | None, setup: Setup) -> dict[str, Any]:
    """The study as data; the plan's scenario is written beside it."""
    from vpbx.store.files import write_text
    from vpbx.study.staffing.data import plan_data, shift_data, variant_text
    from vpbx.study.staffing.plan import staff as plan_staff
    from vpbx.study.staffing.rostering import staff_shifts

    tell = (lambda said: None) if setup.quiet else note
    place = setup.folder
    scenario = base.loaded.scenario
    seed = scenario.seed if wish.seed is None else wish.seed
    with setup.running() as run:
        if shifts is None:
            plan = plan_staff(base, wish, tell, run.executor, run.ledger)
            data = plan_data(plan, scenario.name, seed)
        else:
            found = staff_shifts(base, wish, shifts, tell, run.executor, run.ledger)
            plan, data = found.plan, shift_data(found, scenario.name, seed)
    variant = place / "staffed.yaml"
    write_text(variant, variant_text(plan, base.loaded.file, place, scenario.name))
    return data | {"variant": variant.name}


def text(data: dict[str, Any]) -> str:
    """What is printed: the plan by interval, then the sentences."""
    from vpbx.report.labels import aim
    from vpbx.report.staffing import said, sentences

    head = ["from"]
    for group in data["groups"]:
        head += [f"{group['group']}: load", "before", "guess", "agents", "heads"]
    head += [aim(target["text"]) for target in data["targets"]]
    rows = [head]
    for i, slot in enumerate(data["slots"]):
        row = [slot]
        for group in data["groups"]:
            row.append(f"{group['offered_load'][i]:.1f}")
            row += [
                str(group[key][i]) for key in ("before", "first_guess", "on_the_phone", "heads")
            ]
        row += [said(target, target["by_slot"][i]) for target in data["targets"]]
        rows.append(row)
    shown = rows if len(rows) <= _MOST_ROWS else [*rows[:1]]
    table = columns(shown, right=frozenset(range(1, len(head)))) if len(shown) > 1 else ""
    parts = [
        table,
        _shifts(data),
        "\n".join(sentences(data)),
        f"the plan as a scenario: {data['variant']}",
    ]
    return "\n\n".join(part for part in parts if part)


_MOST_ROWS = 100
"""Longer plans (weeks) are in the report only."""


def _shifts(data: dict[str, Any]) -> str:
    if "shifts" not in data:
        return ""
    rows = [("shift", "group", "day", "start", "people")]
    for row in data["shifts"]["rows"]:
        rows.append((row["shift"], row["group"], row["day"], row["start"], str(row["people"])))
    return columns(rows, right=frozenset({4}))
