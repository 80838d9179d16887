"""`vpbx backtest`: fit one period of a call log, foretell another, compare.

Belongs here: the command and its table. Does not belong here: the comparison (`fit.backtest`).
"""

from datetime import date
from pathlib import Path
from shlex import join
from typing import Annotated, Any

import typer

from vpbx.cli import call_log
from vpbx.cli.fit import options_of
from vpbx.cli.options import Engine
from vpbx.cli.say import columns, note, out, progress
from vpbx.cli.study_options import command, repeatable
from vpbx.errors import UsageError

MISSED = 1


def backtest(
    file: call_log.LogFile,
    form: call_log.Map,
    fit_until: Annotated[
        str, typer.Option("--fit-until", metavar="DATE", help="Last day of the fit.")
    ],
    predict: Annotated[
        str, typer.Option("--predict", metavar="DATE..DATE", help="The days foretold.")
    ],
    fit_from: Annotated[
        str | None, typer.Option("--fit-from", metavar="DATE", help="First day of the fit.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where it all goes; else reports/backtest."),
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=2, help="Simulated periods.")
    ] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The seed of every draw.")] = 1,
    staffing: Annotated[
        str,
        typer.Option(
            metavar="recorded|fitted",
            help="Inferred from the days foretold, or the usual week of the fit.",
        ),
    ] = "recorded",
    staffing_interval: Annotated[
        str, typer.Option(help="How finely staffing is known: 1, 5, 15, 30 or 60 min.")
    ] = "1 min",
    service_level: Annotated[
        str, typer.Option(help="A call answered within this counts as in time.")
    ] = "20 s",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.")] = None,
    engine: Engine = "auto",
    timezone: call_log.Timezone = "UTC",
    longest_wrap_up: call_log.LongestWrapUp = "2 min",
    longest_idle: call_log.LongestIdle = "30 min",
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json on stdout.")] = False,
    fail_on_goal: Annotated[
        bool, typer.Option("--fail-on-goal", help="Exit with 1 when a goal is missed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Fit one period of a call log, simulate another, compare with what happened.

    \b
    The days foretold are simulated with their recorded arrivals and with the staffing inferred from
    them; handle times, menus, after-call work and patience come from the days of the fit.

    \b
    Examples:
      vpbx backtest calls.csv --map map.yaml --fit-until 2024-03-24 --predict 2024-03-25..2024-03-31
      vpbx backtest january.csv.gz --map technion --fit-until 1999-01-21 \\
          --predict 1999-01-22..1999-01-28 --staffing fitted

    \b
    The folder holds report.html, summary.json and pictures/.
    """
    from vpbx.fit.backtest import Settings
    from vpbx.fit.backtest import backtest as run
    from vpbx.fit.outcome import summary
    from vpbx.report.backtest import write_backtest

    until = call_log.day(fit_until, "--fit-until")
    assert until is not None
    days = _days(predict)
    settings = Settings(
        replications, seed, _staffing(staffing), _minutes(staffing_interval),
        call_log.seconds_of(service_level, "--service-level"), workers, engine,
    )  # fmt: skip
    options = options_of("30 min", longest_wrap_up, longest_idle)
    start = call_log.day(fit_from, "--fit-from")
    log = call_log.read(file, form, timezone, quiet)
    with progress(quiet, "replication") as tell:
        test = run(log, (start, until), days, options, settings, tell)
    rows = {
        "read": log.n_rows,
        "refused": len(log.refused),
        "repaired": len(log.notes) - len(log.refused),
        "first": call_log.rows_in_words(log),
    }
    found = summary(test) | {"source": file.name, "rows": rows, "command": _command()}
    place = folder or Path("reports") / "backtest"
    write_backtest(found, place)
    _say(found, place, as_json, quiet)
    if fail_on_goal and any(goal["met"] is False for goal in found["goals"]):
        raise typer.Exit(MISSED)


def _command() -> str:
    """The line that was typed, files by their names alone."""
    words = repeatable(command())
    return join([Path(word).name if Path(word).is_file() else word for word in words])


def _days(text: str) -> tuple[date, date]:
    first, dots, last = text.partition("..")
    start, end = (
        call_log.day(first, "--predict"),
        call_log.day(last if dots else first, "--predict"),
    )
    assert start is not None
    assert end is not None
    return start, end


def _staffing(text: str) -> str:
    if text not in ("recorded", "fitted"):
        raise UsageError(f'--staffing "{text}": it is recorded or fitted')
    return text


def _minutes(text: str) -> int:
    minutes = call_log.seconds_of(text, "--staffing-interval") / 60.0
    if minutes not in (1, 5, 15, 30, 60):
        raise UsageError(f"--staffing-interval {text}: give 1, 5, 15, 30 or 60 min")
    return int(minutes)


def _say(found: dict[str, Any], place: Path, as_json: bool, quiet: bool) -> None:
    """The tables on stdout (on stderr beside JSON)."""
    import json

    from vpbx.report.backtest import VERDICTS

    if as_json:
        out(json.dumps(found, ensure_ascii=False))
    if quiet:
        return
    say = note if as_json else out
    say(_totals(found))
    say("")
    say(_by_clock(found))
    say("")
    for goal in found["goals"]:
        word = VERDICTS[goal["met"]]
        say(f"{word.upper() if word == 'missed' else word:9}  {goal['text']}: {goal['value']}")
    for text in found["why"]:
        say(f"- {text}")
    note(f"report: {place / 'report.html'}")


def _totals(found: dict[str, Any]) -> str:
    from vpbx.report.backtest import MEASURES, told

    rows = [("in all", "predicted", "observed", "error", "relative")]
    for key, words, unit in MEASURES:
        row = found["totals"][key]
        rows.append(
            (
                words,
                told(row["predicted"], unit),
                told(row["observed"], unit),
                told(row["error"], unit, True),
                told(row["relative_error"], "share", True),
            )
        )
    return columns(rows, frozenset(range(1, 5)))


def _by_clock(found: dict[str, Any]) -> str:
    """Predicted and observed side by side for each hour of the day."""
    from vpbx.report.backtest import told

    shown = (
        ("mean_wait_s", "s"),
        ("p90_s", "s"),
        ("abandoned", "share"),
        ("service_level", "share"),
    )
    rows: list[tuple[str, ...]] = [
        ("hour", "calls", "mean wait", "observed", "90 %", "observed", "abandoned", "observed",
         "service level", "observed")
    ]  # fmt: skip
    for row in found["by_clock"]:
        cells = [
            told(row[side][key], unit) for key, unit in shown for side in ("predicted", "observed")
        ]
        rows.append((f"{row['hour']:02d}:00", told(row["observed"]["calls"], "calls"), *cells))
    return columns(rows, frozenset(range(1, 10)))
