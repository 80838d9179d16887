"""The fold over parts gives the tally of the whole, to the bit, however the run is cut.

Held against `plain_tally`, which counts whole columns at once and shares no code with the fold.
"""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from plain_tally import plain_tally
from test_tally import frame, records

from vpbx.engine.compiled import run_in_cuts
from vpbx.engine.conservation import Laws
from vpbx.engine.parts import Part, part_of
from vpbx.engine.records import Records
from vpbx.engine.run import run_replication
from vpbx.measures.again import EMPTY, Again, recall, remember
from vpbx.measures.fold import Fold
from vpbx.measures.frame import Frame
from vpbx.measures.scenario_frame import scenario_frame
from vpbx.measures.tally import Tally, tally
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load
from vpbx.traffic.workload import workload

SCENARIOS = Path(__file__).parents[2] / "scenarios"

ACROSS_MIDNIGHT = """
name: Calls that last through the night, callers who call again the next day
clock: {start: 2024-03-04 20:00, duration: 30 h, warm_up: 100 min, at_end: drain}
numbers: {"100": {enter: hello, trunk: main}, "200": {enter: line}}
trunks: {main: {channels: 90}}
flow:
  hello:
    says: Hello
    menu: {1: {says: the desk, at: 2 s, next: line}, 2: {says: another, at: 4 s, next: other}}
  line: {queue: desk}
  other: {queue: back}
queues: {desk: {capacity: 30}, back: {}}
agents:
  team: {serves: {desk: {handle_time: "lognormal(mean=20 min, cv=3)", wrap_up: 3 min}}, heads: 12}
  few: {serves: {back: {handle_time: 2 h}, desk: {handle_time: 1 h}}, heads: 9}
callers:
  people:
    volume: 1500/day
    dials: {"100": 70%, "200": 30%}
    wants: {line: 60%, other: 40%}
    patience: exponential(mean=40 min)
    redial: {after: {blocked: 80%, abandoned: 90%}, delay: "exponential(mean=5 h)", attempts: 6}
  patient: {volume: 60/day, dials: {"200": 100%}}
measures: {interval: 15 min, service_level: [20 s, 3 min]}
"""


def differences(one: object, other: object, where: str = "tally") -> Iterator[str]:
    """Places where two tallies differ in type, shape or value."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.dtype != other.dtype or one.shape != other.shape:
            yield f"{where}: {one.dtype}{one.shape} {other.dtype}{other.shape}"
        elif not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
            yield where
    elif isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            yield f"{where}: {one.keys() ^ other.keys()}"
        for key in one.keys() & other.keys():
            yield from differences(one[key], other[key], f"{where}[{key}]")
    elif isinstance(one, tuple) and isinstance(other, tuple):
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{where}.{k}")
    elif isinstance(one, Tally) and isinstance(other, Tally):
        for field in fields(one):
            name = field.name
            yield from differences(getattr(one, name), getattr(other, name), f"{where}.{name}")
    elif one != other:
        yield f"{where}: {one} {other}"


def made(file: Path, *sets: str) -> tuple[Compiled, Frame]:
    loaded = load(file, sets)
    compiled = compile_scenario(loaded.scenario, file.parent)
    return compiled, scenario_frame(loaded.scenario, compiled)


def in_parts(compiled: Compiled, seed: int, rows: int) -> Iterator[Part]:
    days = workload(compiled.load, seed, 0)
    return map(part_of, run_in_cuts(compiled.program, seed, 0, days, rows))


def folded(compiled: Compiled, fr: Frame, seed: int, rows: int) -> tuple[Tally, int]:
    """The tally of a run in parts, and how many parts there were."""
    clock = compiled.program.clock
    fold, n, laws = Fold(fr, clock.duration_us + clock.drain_us), 0, Laws(compiled.program)
    for part in in_parts(compiled, seed, rows):
        laws.add(part.calls, part.visits, part.extra_legs)
        fold.add(part)
        n += 1
        if part.ending is not None:
            laws.check(part.ending.grid)
    return fold.tally(), n


def check(compiled: Compiled, fr: Frame, seed: int, rows: int) -> Records:
    whole = run_replication(compiled, seed, 0, "compiled")
    expected = plain_tally(whole, fr)
    found, n_parts = folded(compiled, fr, seed, rows)
    assert n_parts > 2
    assert not list(differences(found, expected))
    assert not list(differences(tally(whole, fr), expected))
    return whole


SMALL = {
    "mts_0890.yaml": (),
    "sber_900.yaml": (),
    "sbermobile_901.yaml": (),
    "virtual_pbx_small_firm.yaml": (),
    "benchmarks/w1.yaml": ("clock.duration=150 min",),
    "benchmarks/w2.yaml": ("clock.duration=5 h",),
    "benchmarks/w3.yaml": ("clock.duration=100 min",),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_shipped_scenario(name: str) -> None:
    """Full records and parts give one tally."""
    compiled, fr = made(SCENARIOS / name, *SMALL[name])
    check(compiled, fr, 3, 700 if "w" in name else 40)


@pytest.mark.parametrize("rows", [3, 60, 200])
def test_the_whole_pbx_across_cuts(rows: int) -> None:
    """Call-backs, messages, offers, forwarded legs, outages, charges: wherever the run is cut."""
    whole = Path(__file__).parents[1] / "scenario" / "whole_pbx.yaml"
    compiled, fr = made(whole, "clock.duration=2 days")
    run = check(compiled, fr, 5, rows)
    assert {*np.unique(run.calls.outcome).tolist()} >= {0, 2, 3, 4, 5, 7, 8, 13}
    assert len(run.extra_legs.call)


def test_a_suspended_licence_across_cuts() -> None:
    """Calls while suspended, and refused for lack of licensed channels."""
    compiled, fr = made(SCENARIOS / "firm_three_plans.yaml")
    run = check(compiled, fr, 5, 50)
    assert np.count_nonzero(run.calls.outcome == 12)


@pytest.mark.parametrize("rows", [1, 7, 100, 1000])
@pytest.mark.parametrize("at_end", ["cut", "drain"])
def test_calls_and_redials_across_cuts(tmp_path: Path, rows: int, at_end: str) -> None:
    """Talks of hours, redials of the next day, a drain: wherever the run is cut."""
    file = tmp_path / "night.yaml"
    file.write_text(ACROSS_MIDNIGHT.replace("at_end: drain", f"at_end: {at_end}"))
    compiled, fr = made(file)
    whole = check(compiled, fr, 11, rows)
    again = whole.calls.attempt > 0
    assert np.count_nonzero(
        whole.calls.arrived_at[again] // 86_400_000_000 != whole.calls.day[again]
    )
    assert np.count_nonzero(whole.visits.outcome == 10)  # some found the queue full
    assert (whole.end_at > compiled.program.clock.duration_us) == (at_end == "drain")


def test_the_records_in_parts_are_the_records(tmp_path: Path) -> None:
    """Every row comes once, as it stands in full records; visits name their calls."""
    file = tmp_path / "night.yaml"
    file.write_text(ACROSS_MIDNIGHT)
    compiled, _ = made(file)
    whole = run_replication(compiled, 4, 0, "compiled")
    rows, visits = [], []
    for part in in_parts(compiled, 4, 50):
        own = np.asarray(part.calls).tolist()
        rows += own
        for visit in np.asarray(part.visits).tolist():
            visits.append((own[visit[0]], visit[1:]))
    expected = list(zip(*(column.tolist() for column in whole.calls), strict=True))
    of_call = [expected[call] for call in whole.visits.call]
    rest = list(zip(*(column.tolist() for column in whole.visits[1:]), strict=True))
    assert sorted(rows) == sorted(expected)
    assert sorted(visits) == sorted(zip(of_call, rest, strict=True))


def test_by_hand() -> None:
    """The five calls of `test_tally`, by both ways."""
    assert not list(differences(tally(records(), frame()), plain_tally(records(), frame())))


def test_callers_are_remembered_until_they_call_again() -> None:
    """The table against a dictionary, nearly full, so that searches run into each other."""
    size, random = 64, np.random.default_rng(5)
    table = Again(np.full(size, EMPTY, np.int64), np.zeros(size, np.int64))
    there: dict[int, int] = {}
    for _ in range(20_000):
        caller = int(random.integers(0, 90)) << int(random.choice([0, 32, 52]))
        if caller in there or len(there) > 58:
            assert recall(table, caller) == there.pop(caller, -1)
        else:
            there[caller] = int(random.integers(0, 17))
            remember(table, caller, there[caller])
    for caller, outcome in there.items():
        assert recall(table, caller) == outcome
    assert (table.caller == EMPTY).all()
