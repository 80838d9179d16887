"""The reports that lie in the repository say what the scenarios say now."""

import json
from pathlib import Path
from typing import Any

import pytest

from vpbx.cli.main import code_of

ROOT = Path(__file__).parents[2]
REPORTED = sorted(
    file.stem
    for file in (ROOT / "scenarios").glob("*.yaml")
    if (ROOT / "reports" / file.stem).exists()
)


def differing(one: Any, other: Any, path: str = "") -> list[str]:
    """Paths of the figures that differ by more than another machine's rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in one if key in other]
        missing = [f"{path}.{key}" for key in one.keys() ^ other.keys()]
        return missing + [
            p for key in keys for p in differing(one[key], other[key], f"{path}.{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [p for i, (a, b) in pairs for p in differing(a, b, f"{path}[{i}]")]
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    same = one == pytest.approx(other, rel=1e-6, abs=1e-9) if numbers else one == other
    return [] if same else [path]


@pytest.mark.slow
@pytest.mark.parametrize("name", REPORTED)
def test_figures_are_those_of_a_run_now(name: str, tmp_path: Path) -> None:
    """Every figure of the committed summary.json."""
    run = ["run", str(ROOT / "scenarios" / f"{name}.yaml"), "--no-report", "-q"]
    assert code_of([*run, "--out", str(tmp_path)]) == 0
    now = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    then = json.loads((ROOT / "reports" / name / "summary.json").read_text(encoding="utf-8"))
    found = differing(now, then)
    assert not found, f"{len(found)} differ, such as {found[:5]}: make reports/{name} again"


def test_most_scenarios_have_a_report() -> None:
    """So that the test above sees something."""
    assert len(REPORTED) > 10
