"""`vpbx run`: simulate a scenario, write its report, print its summary."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.options import Engine, File, Sets
from vpbx.cli.say import note, out, progress, width_of

if TYPE_CHECKING:
    from vpbx.measures.result import Result
    from vpbx.scenario.load import Loaded

TARGET_MISSED = 1
NOT_PRECISE_ENOUGH = 5
INTERRUPTED = 130


def run(
    file: File,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", min=1, help="How many; the scenario's own, if not given."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="The seed of every draw; the scenario's own, if not given."),
    ] = None,
    sets: Sets = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Where it all goes; else reports/<FILE's name>."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; as many as there are processors, if not given."),
    ] = None,
    engine: Engine = "auto",
    interval: Annotated[
        str | None, typer.Option(help='Length of the report\'s intervals: "15 min".')
    ] = None,
    warm_up: Annotated[
        str | None,
        typer.Option(
            "--warm-up",
            metavar="auto|TIME",
            help="Leave out the beginning of a steady state: so long, or as long as MSER-5 finds.",
        ),
    ] = None,
    fail_on_target: Annotated[
        bool,
        typer.Option(
            "--fail-on-target", help="Exit with 1 when a target is missed, 5 when one is undecided."
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print summary.json on stdout (the table goes to stderr)."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="No page and no pictures: figures and data only.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write the call data as CSV, too.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Write the call data as XLSX, too.")] = False,
    trace: Annotated[
        str | None,
        typer.Option(
            metavar="CALL",
            help="Tell the story of one call of replication 0 instead: its row in the calls table, "
            "or class/day/ordinal. By the reference engine, unless --engine says compiled.",
        ),
    ] = None,
) -> None:
    """Simulate a scenario: print a summary, write the report, the figures and the call data.

    \b
    Examples:
      vpbx run support.yaml
      vpbx run support.yaml -n 100 --set agents.engineers.heads=4 --out reports/four
      vpbx run support.yaml --fail-on-target --quiet       for scripts
      vpbx run support.yaml --json --no-report | jq .targets
      vpbx run steady.yaml --warm-up auto                  a steady state, its beginning left out
      vpbx run support.yaml --trace 17                     what happened to call 17?

    \b
    The folder holds report.html, summary.json, manifest.json, pictures and data/.
    """
    from vpbx.scenario.load import load
    from vpbx.study.replicate import require_sound

    settings = _sets(sets, interval)
    loaded = load(file, tuple(settings + _warm_up(file, settings, warm_up, seed, quiet)))
    warnings = require_sound(loaded)
    if not quiet:
        for warning in warnings:
            note(str(warning))
    if trace is not None:
        _tell(loaded, trace, seed, engine, quiet)
        return
    _require_call_data(loaded, csv or xlsx)
    place = folder or Path("reports") / file.stem
    wanted = {
        "replications": replications,
        "seed": seed,
        "workers": workers,
        "quiet": quiet,
        "engine": engine,
    }
    result = _run(loaded, place, wanted, pages=not no_report, csv=csv, xlsx=xlsx)
    _say(result, place, as_json=as_json, quiet=quiet, page=not no_report)
    code = _code(result) if fail_on_target else 0
    if result.meta.interrupted:
        code = INTERRUPTED
    if code:
        raise typer.Exit(code)


def _sets(sets: list[str] | None, interval: str | None) -> list[str]:
    return [*(sets or ()), *([] if interval is None else [f"measures.interval={interval}"])]


def _warm_up(
    file: Path, settings: list[str], wanted: str | None, seed: int | None, quiet: bool
) -> list[str]:
    """The setting of `--warm-up`; raises `UsageError` when the run is too short to find it."""
    if wanted != "auto":
        return [] if wanted is None else [f"clock.warm_up={wanted}"]
    from vpbx.cli.study_options import settings_of, tell_of_compiling
    from vpbx.study.steady import warm_up_us
    from vpbx.study.variant import Variant, prepare
    from vpbx.units import SECOND_US, duration_text

    tell_of_compiling(quiet)
    cold = settings_of([*settings, "clock.warm_up=0 s"])
    found = warm_up_us(prepare(Variant(file, cold)), seed=seed)
    if not quiet:
        note(f"warm-up by MSER-5 on 20 replications: {duration_text(found)} left out")
    return [f"clock.warm_up={found // SECOND_US} s"]


def _require_call_data(loaded: "Loaded", wanted: bool) -> None:
    """Raises `UsageError` when call data are wanted that the scenario does not keep."""
    if wanted and loaded.scenario.measures.records == "summary":
        from vpbx.errors import UsageError

        raise UsageError(
            "there are no call data to write as CSV or XLSX: measures.records is summary; leave out "
            "--csv and --xlsx, or give --set measures.records=full"
        )


def _tell(loaded: "Loaded", call: str, seed: int | None, engine: str, quiet: bool) -> None:
    """Print one call's story."""
    from vpbx.cli.study_options import tell_of_compiling
    from vpbx.study.story import story

    if engine == "compiled":
        tell_of_compiling(quiet)
    for line in story(loaded, call, seed, engine):
        out(line)


def _run(
    loaded: "Loaded", place: Path, wanted: dict[str, Any], *, pages: bool, csv: bool, xlsx: bool
) -> "Result":
    """Run and write everything, inside a manifest."""
    from vpbx.cli.summary import finished
    from vpbx.study.manifest import manifest
    from vpbx.study.replicate import replicate

    with manifest(place, _about(loaded, wanted)) as entries:
        with progress(wanted["quiet"], "replication") as tell:
            result = replicate(
                loaded,
                wanted["replications"],
                wanted["seed"],
                wanted["workers"],
                tell,
                place / "data",
                keep_finished=True,
                engine=wanted["engine"],
                notice=None if wanted["quiet"] else note,
            )
        if result.meta.interrupted:
            entries |= {"status": "interrupted", "finished": result.meta.replications}
            note(f"{finished(result)}; writing them up (Ctrl-C again: leave it)")
        _write_tables(place / "data", csv, xlsx)
        _write_pages(result, loaded, place, pages)
    return result


def _about(loaded: "Loaded", wanted: dict[str, Any]) -> dict[str, Any]:
    """What the manifest says of the run beforehand."""
    scenario = loaded.scenario
    count, seed = wanted["replications"], wanted["seed"]
    return {
        "command": ["vpbx", *sys.argv[1:]],
        "scenario": str(loaded.file),
        "digest": loaded.digest,
        "seed": scenario.seed if seed is None else seed,
        "replications": scenario.replications if count is None else count,
    }


def _command() -> str:
    """The line that was typed, for the page to repeat."""
    from shlex import join

    return join(["vpbx", *sys.argv[1:]])


def _write_tables(data: Path, csv: bool, xlsx: bool) -> None:
    from vpbx.store.tables import remove_copies, write_csv, write_xlsx

    remove_copies(data)
    if csv:
        write_csv(data)
    if xlsx:
        _, notes = write_xlsx(data)
        for text in notes:
            note(text)


def _write_pages(result: "Result", loaded: "Loaded", place: Path, pages: bool) -> None:
    from vpbx.report.write import write_report

    command = _command()
    if result.meta.interrupted:  # the last of two -n counts
        command += f" -n {result.meta.replications}"
    write_report(result, loaded.scenario, place, pages=pages, command=command)


def _say(result: "Result", place: Path, *, as_json: bool, quiet: bool, page: bool) -> None:
    """Print the summary, where the report is, and the targets, which come last."""
    from vpbx.cli.summary import summary, verdicts

    say = note if as_json else out
    if not quiet:
        say(summary(result, width_of(sys.stderr if as_json else sys.stdout)))
        say(f"\n{place / ('report.html' if page else 'summary.json')}")
        lines = verdicts(result, _coloured(sys.stderr if as_json else sys.stdout))
        if lines:
            say(f"\n{lines}")
    if as_json:
        from vpbx.store.files import read_text

        out(read_text(place / "summary.json").rstrip("\n"))


def _coloured(stream: Any) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _code(result: "Result") -> int:
    """The exit code that the targets ask for."""
    found = {target.verdict for target in result.targets}
    if "missed" in found:
        return TARGET_MISSED
    return NOT_PRECISE_ENOUGH if "undecided" in found else 0
