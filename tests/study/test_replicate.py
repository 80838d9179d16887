"""A study of one scenario: the same figures and files, whatever runs it."""

from pathlib import Path

import numpy as np
import pytest

import vpbx
from vpbx.errors import UsageError
from vpbx.report.summary import as_json, summary
from vpbx.scenario.load import load
from vpbx.study.replicate import replicate
from vpbx.study.story import call_row, story

STARTER = Path(vpbx.__file__).parent / "cli" / "starter.yaml"


def test_workers_change_nothing(tmp_path: Path) -> None:
    """One process or two: every figure and every byte of the records is the same."""
    loaded = load(STARTER)
    results = []
    for workers in (1, 2):
        results.append(
            replicate(loaded, 4, 7, workers=workers, records_folder=tmp_path / str(workers))
        )
    one, two = (as_json(summary(result)) for result in results)
    assert one == two
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == [
        "calls.parquet",
        "columns.md",
        "grid.parquet",
        "legs.parquet",
        "queue_visits.parquet",
    ]
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_more_replications_begin_with_the_same(tmp_path: Path) -> None:
    """Replication r is the same however many others there are."""
    import duckdb

    loaded = load(STARTER)
    for count in (1, 2):
        replicate(loaded, count, workers=1, records_folder=tmp_path / str(count))
    few, many = (
        duckdb.sql(f"FROM '{tmp_path / name / 'calls.parquet'}' WHERE replication = 0").fetchall()
        for name in ("1", "2")
    )
    assert few == many


def test_seeds_differ() -> None:
    """Another seed gives other callers."""
    first, second = (vpbx.run(STARTER, 1, seed, workers=1) for seed in (1, 2))
    assert first.totals["all"]["mean_wait"].mean != second.totals["all"]["mean_wait"].mean


def test_progress_counts_up() -> None:
    """Progress is told once a replication, to the last."""
    seen: list[tuple[int, int]] = []
    replicate(load(STARTER), 3, workers=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("replications", "workers"), [(0, 1), (-1, 1), (1, 0)])
def test_senseless_counts(replications: int, workers: int) -> None:
    """No replications, or no workers, is a mistake of the user."""
    with pytest.raises(UsageError, match="at least 1"):
        replicate(load(STARTER), replications, workers=workers)


def test_set_by_name() -> None:
    """`set` takes a mapping as well as texts."""
    mapping = vpbx.load(STARTER, {"agents.sellers.heads": 9})
    texts = vpbx.load(STARTER, ["agents.sellers.heads=9"])
    assert mapping.scenario == texts.scenario
    assert mapping.scenario.agents["sellers"].heads.at(0, 600) == 9


def test_story_of_a_call() -> None:
    """A call's story begins with the number dialled and ends with the outcome."""
    lines = story(load(STARTER), "customers/0/50")
    assert "customers/0/50, first attempt, wants " in lines[0]
    assert "dials 8-800-555-01-23" in lines[1]
    assert "ends: " in lines[-1]


def test_naming_a_call() -> None:
    """A call is a row, or the first attempt of a caller; anything else is explained."""
    from vpbx.engine.run import run_replication
    from vpbx.program.compile import compile_scenario

    loaded = load(STARTER)
    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    calls = run_replication(compiled, 1, 0).calls
    row = call_row("customers/0/50", calls, compiled.names)
    assert (calls.ordinal[row], calls.attempt[row]) == (50, 0)
    assert call_row(str(row), calls, compiled.names) == row
    for wrong in ("customers/0", "nobody/0/1", "customers/0/99999", str(len(calls.ordinal)), "x"):
        with pytest.raises(UsageError):
            call_row(wrong, calls, compiled.names)


def test_every_caller_is_accounted_for() -> None:
    """Mean calls by outcome add up to the calls offered."""
    totals = vpbx.run(STARTER, 2, workers=1).totals["all"]
    ends = ("answered", "abandoned_calls", "abandoned_ivr_calls", "blocked_calls", "self_served")
    found = sum(totals[name].mean for name in (*ends, "lost", "refused"))
    assert np.isclose(found, totals["offered"].mean)
