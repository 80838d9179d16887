"""The peers written in Python: each is right before it may be timed."""

import importlib
import sys

import pytest

from vpbx.bench import models
from vpbx.bench.models import FIGURES, SMALL, ClassSums, Model, Outcome, figures_of
from vpbx.bench.programs import PROGRAMS, Absent, PeerRunner, prepare, readings

PEERS = [program for program in PROGRAMS.values() if program.module]


@pytest.mark.slow
@pytest.mark.parametrize("workload", ["W1", "W2"])
@pytest.mark.parametrize("program", PEERS, ids=lambda program: program.name)
def test_a_peer_comes_out_at_the_known_figures(program, workload: str) -> None:  # type: ignore[no-untyped-def]
    """Twelve small days, every figure within four standard errors."""
    pytest.importorskip(program.needs)
    module = importlib.import_module(f"vpbx.bench.peers.{program.module}")
    if hasattr(module, "REFUSES_SHIFTS") and workload == "W2":
        pytest.skip(module.REFUSES_SHIFTS)
    found = [figures_of(module.run(SMALL[workload], seed)) for seed in range(50, 62)]
    judged = readings(found, FIGURES[f"{workload} small"])
    assert all(reading.agrees for reading in judged), judged


def test_both_ways_with_simpy_serve_priority_first() -> None:
    """One agent, a day of W2 in small: callers with priority wait a fraction of the others' wait."""
    for name in ("simpy_idiomatic", "simpy_callbacks"):
        module = importlib.import_module(f"vpbx.bench.peers.{name}")
        found = figures_of(module.run(SMALL["W2"], 1))
        assert found["priority mean wait"] < found["ordinary mean wait"] / 2


def test_ciw_refuses_shifts() -> None:
    """It is left out of W2 with its reason, not run as another model."""
    pytest.importorskip("ciw")
    with pytest.raises(Absent, match="shift change"):
        prepare("ciw", "W2", quick=True)


def test_an_absent_library_is_a_line_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers are optional."""
    monkeypatch.setitem(sys.modules, "salabim", None)
    monkeypatch.delitem(sys.modules, "vpbx.bench.peers.with_salabim", raising=False)
    with pytest.raises(Absent, match=r"salabim is not installed.*vpbx\[bench\]"):
        prepare("salabim", "W1", quick=True)


def test_no_peer_reads_scenarios() -> None:
    """W3 is for the engines alone."""
    with pytest.raises(Absent, match="only vpbx reads scenarios"):
        prepare("c_heap", "W3", quick=True)


def test_a_peer_that_serves_nobody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the agents of W1 small: no figure is within four standard errors."""
    runner = PeerRunner(PROGRAMS["simpy_callbacks"], "W1", 1_000)
    right = runner._run

    def wrong(model: Model, seed: int) -> Outcome:
        return right(models.replace(model, heads=(2,) * 24), seed)

    monkeypatch.setattr(runner, "_run", wrong)
    assert not any(reading.agrees for reading in runner.check())


def test_figures_are_shares_of_the_calls_of_a_class() -> None:
    """10 ordinary calls, 2 abandoned, 5 waited 30 s in all; 4 with priority, 1 waited 2 s."""
    outcome = Outcome(14, ClassSums(10, 2, 5, 30.0), ClassSums(4, 0, 1, 2.0))
    assert figures_of(outcome) == {
        "ordinary abandoned": 0.2,
        "ordinary mean wait": 3.0,
        "priority abandoned": 0.0,
        "priority mean wait": 0.5,
        "p(wait)": 6 / 14,
    }
