"""What drives a figure: published Sobol' indices, and a day whose drivers are plain."""

from pathlib import Path

import numpy as np
import pytest

from vpbx.cli.main import code_of
from vpbx.errors import UsageError
from vpbx.scenario.load import load
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.ranges import parse_ranges
from vpbx.study.sensitivity import default_ranges, indices, sobol_points, tornado, usable
from vpbx.study.variant import Variant

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SMALL = SCENARIOS / "sbermobile_901.yaml"
WAIT = Quantity("all", "mean_wait")


def test_the_ishigami_function_has_its_published_indices() -> None:
    """Ishigami and Homma (1990), a = 7, b = 0.1: alone 0.314, 0.442, 0; in all 0.558, 0.442, 0.244.

    4096 points of a Sobol' sequence: within 0.02.
    """

    def ishigami(u):  # type: ignore[no-untyped-def]
        x = np.pi * (2 * u - 1)
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    a, b = sobol_points(3, 4096, 1)
    mixed = [np.where(np.arange(3) == i, b, a) for i in range(3)]
    found = indices(["x", "y", "z"], np.array([ishigami(u) for u in (a, b, *mixed)]))
    alone, total = ({one.path: getattr(one, n) for one in found} for n in ("first", "total"))
    assert alone == pytest.approx({"x": 0.3139, "y": 0.4424, "z": 0.0}, abs=0.02)
    assert total == pytest.approx({"x": 0.5576, "y": 0.4424, "z": 0.2437}, abs=0.02)
    assert [one.path for one in found] == ["x", "y", "z"]
    with pytest.raises(UsageError, match="power of two"):
        sobol_points(3, 100, 1)


def test_the_tornado_of_a_day() -> None:
    """More callers wait longer, more heads less; the seed's neighbour does nothing."""
    scenario = load(SMALL).scenario
    caller, group = next(iter(scenario.callers)), next(iter(scenario.agents))
    texts = [f"callers.{caller}.volume=70%..130%:2", f"agents.{group}.heads=50%..200%:2"]
    ranges = parse_ranges([*texts, "clock.drain_limit=10 h..20 h:2"])

    def evaluated(points):  # type: ignore[no-untyped-def]
        found: list[Values] = evaluate(
            [Variant(SMALL, p) for p in points], Ask((WAIT,)), range(5), 3
        )
        return found

    found = tornado(ranges, WAIT, evaluated)
    by_path = {one.range.path: one for one in found}
    volume, heads = by_path[f"callers.{caller}.volume"], by_path[f"agents.{group}.heads"]
    assert volume.low.difference[0] < 0 < volume.high.difference[0]
    assert heads.low.difference[0] > 0 > heads.high.difference[0]
    assert by_path["clock.drain_limit"].size == 0
    assert found[-1].range.path == "clock.drain_limit"


def test_every_shipped_scenario_has_default_ranges() -> None:
    """Volumes and heads at least; each can be set to both ends."""
    loaded = load(SCENARIOS / "mts_0890.yaml")
    found = default_ranges(loaded.scenario)
    kept = usable(found, lambda sets: load(loaded.file, tuple(f"{p}={v}" for p, v in sets)))
    paths = {one.path for one in kept}
    assert "agents.region.heads" in paths
    assert "callers.prepaid.volume" in paths


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page, data, sentences; a wrong number of points is said at once."""
    monkeypatch.chdir(tmp_path)
    group = next(iter(load(SMALL).scenario.agents))
    command = ["sensitivity", str(SMALL), "--vary", f"agents.{group}.heads=50%..200%:2", "-n", "3"]
    command += ["--no-ledger", "--replications-a-point", "2"]
    assert code_of([*command, "--points", "8"]) == 0
    assert "explains most" in capsys.readouterr().out
    folder = Path("reports/sensitivity-sbermobile_901")
    assert (folder / "report.html").exists()
    assert (folder / "pictures" / "tornado.svg").exists()
    assert code_of([*command, "--points", "9"]) == 2
