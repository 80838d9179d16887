"""`vpbx bench`: what a call costs here, beside other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vpbx.cli.say import columns, note, out

if TYPE_CHECKING:
    from vpbx.bench.results import Benchmark, Goal


def bench(
    workloads: Annotated[
        list[str] | None,
        typer.Argument(metavar="[W1 W2 W3]", help="The workloads; all, if none is named."),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option("--rounds", min=1, help="Rounds, taken in turn; 5, or 3 with --quick."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Slow programs on smaller parts of the workloads.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="Only this engine or peer (none: no calls are timed). Repeatable.",
        ),
    ] = None,
    scale: Annotated[
        bool, typer.Option("--scale", help="Also the cost of a call in runs of 10^4 to 10^8 calls.")
    ] = False,
    threads: Annotated[
        bool, typer.Option("--threads", help="Also two threads over replications, against one.")
    ] = False,
    year: Annotated[
        bool, typer.Option("--year", help="Also 365 days of W3 in one run. Minutes.")
    ] = False,
    studies: Annotated[
        bool,
        typer.Option(
            "--studies", help="Also the seconds that studies take. Minutes, a round each."
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON (the tables go to stderr).")
    ] = False,
    folder: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the report goes.")
    ] = Path("reports/benchmark"),
) -> None:
    """Measure the engines against other tools and a plain C loop, on benchmark workloads.

    \b
    W1  400 agents, 100 calls a minute, impatient callers
    W2  a day of 200,000 calls: menus, shifts, priority, redials
    W3  a national carrier's day of 500,000 calls, with everything in it

    \b
    Every program is checked to give the right waits and abandonment before it is timed. CPU time,
    one thread; rounds are taken in turn, medians shown. Peers are optional: pip install
    'vpbx[bench]' brings Ciw and salabim; the C loop needs gcc.

    \b
    Examples:
      vpbx bench                      everything, some minutes
      vpbx bench W1 --quick           a first look
      vpbx bench W1 W2 --json > figures.json
      vpbx bench W2 --only compiled --only c_heap --rounds 11
      vpbx bench --only none --studies --rounds 1          studies, nothing else

    \b
    The folder holds report.html, summary.json and pictures.
    """
    import json

    benchmark = _measured(workloads or [], only or [], rounds or (3 if quick else 5), quick)
    benchmark = _with_more(benchmark, scale, threads, year, studies)
    _write(benchmark, folder)
    say = note if as_json else out
    say(_text(benchmark))
    say(f"\n{folder / 'report.html'}")
    if as_json:
        out(json.dumps(benchmark.table(), indent=2))


def _measured(workloads: list[str], only: list[str], rounds: int, quick: bool) -> "Benchmark":
    from vpbx.bench.measure import measure
    from vpbx.bench.programs import PROGRAMS, WORKLOADS

    named = [workload.upper() for workload in workloads] or list(WORKLOADS)
    chosen = [] if only == ["none"] else only or list(PROGRAMS)
    return measure(named, chosen, rounds, quick, note)


def _with_more(
    benchmark: "Benchmark", scale: bool, threads: bool, year: bool, studies: bool
) -> "Benchmark":
    """The benchmark with the measurements that were asked for besides."""
    from dataclasses import replace

    if scale:
        from vpbx.bench.scale import scale as scale_of

        found = scale_of("compiled", benchmark.rounds, note)
        benchmark = replace(benchmark, scale=found.points, notes=found.notes)
    if threads:
        from vpbx.bench.scale import threads as threads_of

        benchmark = replace(benchmark, threads=threads_of("compiled", benchmark.rounds, note))
    if year:
        from vpbx.bench.scale import year as year_of

        benchmark = replace(benchmark, year=year_of("compiled", note))
    if studies:
        from vpbx.bench.engines import scenario_file
        from vpbx.bench.studies import time_studies

        shipped = scenario_file("W1").parents[1]
        benchmark = replace(benchmark, studies=time_studies(shipped, benchmark.rounds, note))
    return benchmark


def _write(benchmark: "Benchmark", folder: Path) -> None:
    from vpbx.bench.results import summary
    from vpbx.report.benchmark import write_benchmark

    write_benchmark(summary(benchmark), folder)


def _text(benchmark: "Benchmark") -> str:
    """The tables, what was left out, and the goals, which come last."""
    from vpbx.bench.results import goals, summary

    plain = summary(benchmark)
    parts = [_table(name, rows) for name, rows in plain["workloads"].items() if rows]
    left = [f"{one['workload']} {one['name']}: {one['reason']}" for one in plain["left"]]
    parts += ["Not timed:\n" + "\n".join(left)] if left else []
    if plain["scale"]:
        parts.append(_scale(plain["scale"]))
    judged = goals(benchmark)
    parts += ["\n".join(map(_goal, judged))] if judged else []
    return "\n\n".join(parts)


def _table(workload: str, rows: dict[str, Any]) -> str:
    """One workload's programs."""
    against = next(iter(rows.values()))["cpu_against"]["name"]
    head = (workload, "calls/s", "CPU per call", f"x {against}", "spread", "peak MB", "calls timed")
    cells = [head, *(_row(name, row) for name, row in rows.items())]
    notes = [f"  {name}: {row['note']}" for name, row in rows.items() if row["note"]]
    return "\n".join([columns(cells, frozenset(range(1, 7))), *notes])


def _row(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    against = row["cpu_against"]
    return (
        name,
        f"{row['calls_per_s']:,.0f}",
        f"{row['cpu_ns_per_call']:,.0f} ns",
        _three(against["median"]),
        f"{_three(against['least'])} to {_three(against['most'])}",
        f"{row['peak_rss_mb']:,.0f}",
        f"{row['calls']:,}",
    )


def _three(value: float) -> str:
    """Three significant figures, in plain notation."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _scale(points: list[dict[str, Any]]) -> str:
    head = ("calls in a run", "CPU per call", "peak MB", "records")
    rows = [
        (
            f"{point['calls']:,}",
            f"{point['cpu_ns_per_call']:,.0f} ns",
            f"{point['peak_rss_mb']:,.0f}",
            point["records"],
        )
        for point in points
    ]
    return columns([head, *rows], frozenset(range(3)))


def _goal(goal: "Goal") -> str:
    return (
        f"{'reached' if goal.reached else 'missed '}  {goal.text}: {_three(goal.found)} {goal.unit}"
    )
