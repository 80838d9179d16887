"""`vpbx fit`: a call log → a scenario.

Belongs here: the command and what it says. Does not belong here: the estimates (the room `fit`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vpbx.cli import call_log
from vpbx.cli.say import columns, note, out
from vpbx.errors import UsageError

if TYPE_CHECKING:
    from vpbx.fit.fitted import Fitted, Options
    from vpbx.interop.calls import CallLog


def fit(
    file: call_log.LogFile,
    form: call_log.Map,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day; else the log's.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day; else the log's.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The scenario to write.")
    ] = Path("fitted.yaml"),
    interval: Annotated[
        str, typer.Option(help="Intervals of arrivals and heads: 15, 30 or 60 min.")
    ] = "30 min",
    timezone: call_log.Timezone = "UTC",
    longest_wrap_up: call_log.LongestWrapUp = "2 min",
    longest_idle: call_log.LongestIdle = "30 min",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Turn a call log into a scenario: arrivals, handle times, patience, staffing.

    \b
    Examples:
      vpbx fit calls.csv --map map.yaml -o fitted.yaml
      vpbx fit queue_log --map queue_log --timezone Europe/Moscow --from 2024-03-01
      vpbx fit january.csv.gz --map technion --to 1999-01-21

    \b
    A column map is a YAML file that says which column holds what:
      columns: {arrived: Start, answered: Answered, ended: End, outcome: Result, agent: Agent}
      outcomes: {answered: [OK], abandoned: [Lost]}
    Columns: arrived, queued, left, answered, ended, ivr_time, wait, handle_time, outcome, type,
    priority, agent, caller. Outcomes: answered, abandoned, abandoned_ivr, blocked, timed_out, other.

    \b
    Measured values that no law fits go into a folder beside the scenario. Rows that cannot be read
    are counted and listed; with any, <scenario>_rows.csv lists all of them.
    """
    from vpbx.fit.fitted import days_between, fit_log
    from vpbx.interop.read import period

    options = options_of(interval, longest_wrap_up, longest_idle)
    log = call_log.read(file, form, timezone, quiet)
    start, end = call_log.day(first, "--from"), call_log.day(last, "--to")
    part = period(log, start, end)
    seen = part.days()
    fitted = fit_log(part, options, days_between(start or seen[0], end or seen[-1]))
    _write(fitted, log, file, output, timezone)
    if not quiet:
        out(_table(fitted))
        note(f"written: {output}")


def options_of(interval: str, longest_wrap_up: str, longest_idle: str) -> "Options":
    """Options of the fit from texts; raises `UsageError`."""
    from vpbx.fit.fitted import Options

    minutes = call_log.seconds_of(interval, "--interval") / 60.0
    if minutes not in (5, 10, 15, 20, 30, 60):
        raise UsageError(f"--interval {interval}: give 5, 10, 15, 20, 30 or 60 min")
    return Options(
        int(minutes),
        call_log.seconds_of(longest_wrap_up, "--longest-wrap-up"),
        call_log.seconds_of(longest_idle, "--longest-idle") / 60.0,
    )


def _write(fitted: "Fitted", log: "CallLog", file: Path, output: Path, timezone: str) -> None:
    """The scenario, its values and the list of rows; what was written is loaded and checked."""
    from vpbx.fit.text import usual_week
    from vpbx.fit.write import write_scenario
    from vpbx.store.files import write_text

    for warning in write_scenario(usual_week(fitted, file.name, output.stem, timezone), output):
        note(str(warning))
    if log.notes:
        write_text(output.with_name(f"{output.stem}_rows.csv"), call_log.rows_csv(log))


def _table(fitted: "Fitted") -> str:
    """What was found, in short."""
    rows = [("what", "n", "mean", "cv", "law", "farthest"), *_laws(fitted)]
    found = [columns(rows, frozenset({1, 2, 3, 5})), "", *_patience(fitted), *_others(fitted)]
    return "\n".join(found)


def _laws(fitted: "Fitted") -> list[tuple[str, ...]]:
    """A row for every law of durations."""
    named = [
        (f"handle time {name}", law)
        for name, law in zip(fitted.classes.queues, fitted.handle, strict=True)
    ]
    named += [("menus", fitted.ivr)] if fitted.ivr else []
    named += [("after-call work", fitted.wrap_up)] if fitted.wrap_up else []
    return [
        (
            what,
            f"{law.n:,}",
            f"{law.mean_s:.4g} s",
            f"{law.cv:.2f}",
            law.family,
            f"{law.best.distance:.1%}" if law.best else "",
        )
        for what, law in named
    ]


def _patience(fitted: "Fitted") -> list[str]:
    told = []
    for name, own in zip(fitted.classes.names, fitted.patience, strict=True):
        if own.fit is not None and not own.pooled:
            few = _few(own.crowded[0].waiting) if own.crowded else ""
            told.append(
                f"patience {name}{few}: half give up by {own.fit.quantile(0.5):.0f} s, "
                f"{own.fit.n_abandoned:,} seen to, known up to {own.fit.tail_from_s:.0f} s"
            )
            told += [
                f"  {band.waiting} or more waiting: by {band.fit.quantile(0.5):.0f} s, "
                f"{band.fit.n_abandoned:,} seen to"
                for band in own.crowded[-1:]
            ]
    return told


def _few(waiting: int) -> str:
    return ", nobody waiting" if waiting == 1 else f", fewer than {waiting} waiting"


def _others(fitted: "Fitted") -> list[str]:
    arrivals, duty = fitted.arrivals, fitted.duty
    per_day = arrivals.counts.sum() / len(arrivals.days)
    agents = int((duty.groups.group_of >= 0).sum())
    told = [f"arrivals: {per_day:,.0f} a day on {len(arrivals.days)} days"]
    if arrivals.cv_se == arrivals.cv_se:
        told[0] += f", days differ by cv {arrivals.cv:.1%} ± {1.96 * arrivals.cv_se:.1%}"
    told.append(f"agents: {agents} in {len(duty.groups.serves)} groups, {duty.breaks:,} breaks")
    if fitted.redial is not None:
        shares = ", ".join(
            f"{cause.name.lower()} {share:.0%}"
            for cause, (share, _, _) in fitted.redial.after.items()
        )
        told.append(f"call again within an hour: {shares}")
    return told
