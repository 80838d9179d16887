"""The timed studies: what is asked is what the goals name, and the commands can be run."""

from pathlib import Path

from vpbx.bench.measure import machine
from vpbx.bench.results import Benchmark, goals, summary
from vpbx.bench.studies import STUDIES, StudyTime, arguments
from vpbx.scenario.load import load
from vpbx.scenario.shifts import load_shifts
from vpbx.study.ranges import grid, parse_ranges
from vpbx.study.staffing.lab import slots_of
from vpbx.study.staffing.roster import columns_of
from vpbx.study.variant import Variant, prepare

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def _after(line: tuple[str, ...], option: str) -> list[str]:
    return [line[i + 1] for i, word in enumerate(line) if word == option]


def test_the_studies_are_as_large_as_they_say(tmp_path: Path) -> None:
    """5,000 calls, 49 points, 48 half hours, 672 quarter hours, 504 shifts."""
    by_name = {one.name: arguments(one, SCENARIOS, tmp_path) for one in STUDIES}
    day = load(by_name["compare"][1]).scenario
    assert sum(one.volume or 0 for one in day.callers.values()) == 5000
    assert _after(by_name["compare"], "-n") == ["1000"]
    assert len(grid(parse_ranges(_after(by_name["sweep"], "--vary")))) == 49
    assert slots_of(prepare(Variant(Path(by_name["staff"][1]))).compiled, 30).n == 48
    week = prepare(Variant(Path(by_name["shifts"][1]), (("clock.duration", "7 days"),)))
    slots = slots_of(week.compiled, 15)
    assert slots.n == 672
    (file,) = _after(by_name["shifts"], "--shifts")
    shifts = load_shifts(file, ("team",), 15 * 60_000_000)
    crew = {"team": week.loaded.scenario.agents["team"]}
    assert len(columns_of(shifts, slots, crew, 0)) == 504


def test_a_study_is_in_time_or_not() -> None:
    """Beyond its seconds, or not confirmed: missed."""
    times = tuple(
        StudyTime("x", "x", seconds, seconds, seconds, 10, done)
        for seconds, done in ((9.0, True), (11.0, True), (9.0, False))
    )
    benchmark = Benchmark(1, machine(), (), (), studies=times)
    assert [goal.reached for goal in goals(benchmark)] == [True, False, False]
    assert len(summary(benchmark)["studies"]) == 3
