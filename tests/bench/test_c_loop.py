"""The plain C loop: it builds, it is right, and its variant judges how shifts end here."""

import shutil
from pathlib import Path

import pytest

from vpbx.bench import c_loop
from vpbx.bench.models import FIGURES, MODELS, SMALL, W2_NAMED, figures_of
from vpbx.bench.programs import Absent, readings

gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc here")


@gcc
@pytest.mark.parametrize("workload", ["W1", "W2"])
def test_the_loop_comes_out_at_the_known_figures(workload: str, tmp_path: Path) -> None:
    """Erlang A for W1, the agreement of other programs for W2; 300 small days each."""
    program = c_loop.build(tmp_path)
    outcome = c_loop.run(program, SMALL[workload], 7, 300).outcome
    found = readings([figures_of(outcome)], FIGURES[f"{workload} small"], runs=300)
    assert all(reading.agrees for reading in found), found


@gcc
def test_five_programs_agree_with_the_loop_on_the_whole_w2(tmp_path: Path) -> None:
    """Ten whole days."""
    outcome = c_loop.run(c_loop.build(tmp_path), MODELS["W2"], 3, 10).outcome
    found = readings([figures_of(outcome)], FIGURES["W2"], runs=10)
    assert all(reading.agrees for reading in found), found


@gcc
def test_the_variant_comes_out_at_its_own_figures(tmp_path: Path) -> None:
    """Ten whole days; callers wait less when the people who stay go on serving."""
    outcome = c_loop.run(c_loop.build(tmp_path, "NAMED"), MODELS["W2"], 3, 10).outcome
    found = readings([figures_of(outcome)], W2_NAMED, runs=10)
    assert all(reading.agrees for reading in found), found
    assert not all(one.agrees for one in readings([figures_of(outcome)], FIGURES["W2"], runs=10))


@gcc
def test_the_same_seed_gives_the_same_sums(tmp_path: Path) -> None:
    """A sequential generator, but a seeded one."""
    program = c_loop.build(tmp_path)
    first, second = (c_loop.run(program, SMALL["W2"], 5, 3).outcome for _ in range(2))
    assert first == second
    assert first != c_loop.run(program, SMALL["W2"], 6, 3).outcome


def test_without_gcc_the_loop_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not an error: it is left out, with a line that says why."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Absent, match="no gcc"):
        c_loop.build(tmp_path)
