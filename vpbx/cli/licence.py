"""`vpbx licence`: what a licence allows when, and what it costs."""

from pathlib import Path
from typing import Annotated

import typer

from vpbx.cli.options import File, Sets
from vpbx.cli.say import columns, note, out


def licence(
    file: File,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the timeline as JSON instead of a table.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Also write licence.html, licence.json and the picture into this folder.",
        ),
    ] = None,
    sets: Sets = None,
) -> None:
    """Show a licence over time: its state, modules, channels, charges and balance.

    \b
    Examples:
      vpbx licence firm.yaml
      vpbx licence firm.yaml --out reports/firm
      vpbx licence firm.yaml --set licence.account.balance="5000 RUB" --json
    """
    from vpbx.api import load
    from vpbx.errors import UsageError
    from vpbx.licence.cost import plan_costs
    from vpbx.licence.lint import lint
    from vpbx.licence.timeline import licence_timeline
    from vpbx.report import licence as report

    loaded = load(file, sets or ())
    scenario = loaded.scenario
    if scenario.licence is None:
        raise UsageError(f"{file}: the scenario has no section licence")
    timeline = licence_timeline(scenario)
    since = scenario.licence.since or scenario.clock.start.date()
    costs = plan_costs(scenario.licence, since, timezone=scenario.clock.timezone)
    if as_json:
        out(report.as_json(timeline, costs).rstrip("\n"))
    else:
        out(f"{report.head(timeline)}\n")
        numbers = frozenset(i for i, one in enumerate(report.COLUMNS) if one.numeric)
        heads = tuple(one.label for one in report.COLUMNS)
        out(columns([heads, *report.timeline_rows(timeline)], right=numbers))
    for problem in lint(scenario, loaded.marks):
        note(str(problem))
    if folder is not None:
        report.write_licence(scenario.name, timeline, costs, folder)
        note(f"{folder / 'licence.html'} is written")
