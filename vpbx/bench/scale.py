"""Longer and longer runs: what a call costs from 10^4 to 10^8 of them; a year. Two threads against one.

Belongs here: the three measurements of the compiled engine alone. Does not belong here: comparisons
between programs (`measure`).
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from vpbx.bench.engines import (
    HOURLY_CALLS,
    compiled_scenario,
    run_engine,
    scenario_file,
    summary_runner,
)
from vpbx.bench.programs import peak_rss_mb
from vpbx.bench.results import LongRun, ScalePoint, Threads
from vpbx.errors import SimulationError
from vpbx.garbage import settle

if TYPE_CHECKING:
    from vpbx.measures.tally import Tally

SIZES = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
ONCE_FROM = 100_000_000
"""Runs as long as this take a minute: they are made once only."""
LEAST_CALLS = 1_000_000
"""Short runs are repeated until they make so many calls."""
THREAD_REPLICATIONS = 8
YEAR_DAYS = 365

Tell = Callable[[str], None]


class Scale(NamedTuple):
    """The points that could be measured, and why the others could not."""

    points: tuple[ScalePoint, ...]
    notes: tuple[str, ...]


def scale(engine: str, rounds: int, tell: Tell, sizes: tuple[int, ...] = SIZES) -> Scale:
    """The cost of a call of W1 in runs of these many calls, tallied as they go (`records: summary`);
    each size in processes of its own that have made `LEAST_CALLS` calls before.

    Rounds are taken in turn over the sizes; the longest run is made once only.
    """
    found: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
    notes = {}
    for turn in range(rounds):
        for size in sizes:
            if size in notes or (turn > 0 and size >= ONCE_FROM):
                continue
            tell(f"scale: {size:,} calls, round {turn + 1} of {rounds}")
            try:
                found[size].append(_in_a_process("point", engine, str(size)))
            except SimulationError as error:
                notes[size] = f"{size:,} calls are left out: {error}"
                tell(f"scale: {notes[size]}")
    points = [_point(size, answers) for size, answers in found.items() if answers]
    return Scale(tuple(points), tuple(notes.values()))


def _point(size: int, answers: list[dict[str, Any]]) -> ScalePoint:
    return ScalePoint(
        calls=int(answers[0]["calls"]),
        cpu_ns_per_call=median(answer["cpu_ns"] for answer in answers),
        peak_rss_mb=max(answer["peak_rss_mb"] for answer in answers),
        records="summary",
    )


def threads(engine: str, rounds: int, tell: Tell) -> Threads:
    """Replications of W2 in two threads against one, wall time, in a process of their own."""
    tell("threads: two against one")
    answer = _in_a_process("threads", engine, str(rounds))
    return Threads(**answer)


def year(engine: str, tell: Tell, days: int = YEAR_DAYS) -> LongRun:
    """So many days of W3 in one run (`records: summary`), once, in a process of its own."""
    tell(f"year: {days} days of W3 in one run; minutes")
    return LongRun(**_in_a_process("year", engine, str(days)))


def _in_a_process(*arguments: str) -> dict[str, Any]:
    """Have this module do something in a fresh process; raises `SimulationError` when that fails."""
    command = [sys.executable, "-m", "vpbx.bench.scale", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SimulationError(f"the measurement {' '.join(arguments)} failed: {last}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _measure_point(engine: str, size: int) -> dict[str, float]:
    whole, before = _w1(engine, size), _w1(engine, LEAST_CALLS)
    before(0)  # compiles what is not compiled yet; the system hands out memory, once a process
    repeats = max(1, LEAST_CALLS // size)
    settle()  # what loading left is not looked through again during the measurement
    start = time.process_time_ns()
    for replication in range(repeats):
        whole(replication)
    spent = time.process_time_ns() - start
    return {"calls": size, "cpu_ns": spent / (repeats * size), "peak_rss_mb": peak_rss_mb()}


def _w1(engine: str, calls: int) -> "Callable[[int], Tally]":
    """What runs a replication of about so many calls of W1."""
    minutes = max(1, round(calls / HOURLY_CALLS["W1"] * 60))
    return summary_runner(engine, "W1", (f"clock.duration={minutes} min", "clock.warm_up=0 s"))


def _measure_threads(engine: str, rounds: int) -> dict[str, float]:
    compiled = compiled_scenario("W2")
    calls = len(run_engine(engine, compiled, 0).calls.outcome)
    one, two = [], []
    for _ in range(rounds):
        one.append(_wall_s(engine, compiled, 1))
        two.append(_wall_s(engine, compiled, 2))
    each = [a / b for a, b in zip(one, two, strict=True)]
    return {
        "speed_up": median(each),
        "least": min(each),
        "most": max(each),
        "calls_per_s": calls * THREAD_REPLICATIONS / median(two),
    }


def _measure_year(engine: str, days: int) -> dict[str, float]:
    """The engine is compiled before; scenario, run and figures count."""
    from vpbx.scenario.load import load
    from vpbx.study.replicate import replicate
    from vpbx.study.warmup import warm_up

    warm_up()
    sets = (f"clock.duration={days} days", "measures.records=summary")
    start = time.perf_counter()
    result = replicate(load(scenario_file("W3"), sets), 1, engine=engine)
    seconds = time.perf_counter() - start
    calls = round(result.totals["all"]["offered"].mean)
    return {"days": days, "calls": calls, "seconds": seconds, "peak_rss_mb": peak_rss_mb()}


def _wall_s(engine: str, compiled: Any, workers: int) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        replications = range(THREAD_REPLICATIONS)
        for _ in pool.map(lambda index: _run(engine, compiled, index), replications):
            pass
    return time.perf_counter() - start


def _run(engine: str, compiled: Any, replication: int) -> None:
    """A replication whose records are dropped."""
    run_engine(engine, compiled, replication)


def main(arguments: list[str]) -> None:
    """`point ENGINE SIZE`, `threads ENGINE ROUNDS` or `year ENGINE DAYS`: a line of JSON on stdout."""
    what, engine, number = arguments
    measure = {"point": _measure_point, "threads": _measure_threads, "year": _measure_year}[what]
    sys.stdout.write(json.dumps(measure(engine, int(number))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
