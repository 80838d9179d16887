"""Calibration: roots of known functions, known parameters found again, what is not identified."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vpbx.cli.main import code_of
from vpbx.errors import UsageError
from vpbx.measures.result import Estimate
from vpbx.scenario.load import load
from vpbx.study.calibrate import (
    Fit,
    Look,
    Observed,
    parse_observed,
    parse_parameter,
    solve,
    tries,
    variant_text,
)
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.ranges import parse_range
from vpbx.study.variant import Variant

Floats = NDArray[np.float64]
SMALL = Path(__file__).parents[2] / "scenarios" / "sbermobile_901.yaml"
WAIT, LOST = Quantity("all", "mean_wait"), Quantity("all", "abandoned")


def _known(*functions: Callable[[Floats], float], half: float = 0.1):  # type: ignore[no-untyped-def]
    """An attempt whose figures are these functions of the point, all with this half width."""

    def attempt(points: Sequence[Floats]) -> list[Look]:
        return [Look(p, tuple(Estimate(f(p), half) for f in functions)) for p in points]

    return attempt


def _observed(*values: float) -> list[Observed]:
    return [Observed(WAIT, value, 0.0, "") for value in values]


def test_the_root_of_a_waiting_time() -> None:
    """M/M/1: wait rho / (1 - rho) is 4 at rho = 0.8; its slope there is 1 / 0.2^2 = 25."""
    found = solve(
        [parse_range("a.rho=0.1..0.98:2")], _observed(4), _known(lambda p: p[0] / (1 - p[0]))
    )
    assert found.solved
    assert found.look.point[0] == pytest.approx(0.8, abs=1e-3)
    assert found.half_widths[0] == pytest.approx(0.1 / 25, rel=0.1)


def test_a_whole_number_is_the_nearest_that_there_is() -> None:
    """100 / heads is 15 between 6 and 7 heads: 16.7 and 14.3; 7 is nearer."""
    found = solve([parse_range("a.heads=2..40")], _observed(15), _known(lambda p: 100 / p[0]))
    assert found.look.point[0] == 7


def test_two_parameters_by_two_figures() -> None:
    """x y = 6 and x / y = 1.5 at x = 3, y = 2."""
    ranges = [parse_range("a.x=1..10 s:2"), parse_range("a.y=1..10 s:2")]
    found = solve(
        ranges, _observed(6, 1.5), _known(lambda p: p[0] * p[1], lambda p: p[0] / p[1], half=0.01)
    )
    assert found.solved
    assert found.look.point == pytest.approx([3, 2], rel=0.01)
    assert (found.half_widths > 0).all()


def test_what_the_figures_do_not_tell_apart() -> None:
    """Two figures of x + y alone: a fit, no intervals, both named."""
    ranges = [parse_range("a.x=1..10 s:2"), parse_range("a.y=1..10 s:2")]
    found = solve(ranges, _observed(8, 16), _known(lambda p: p.sum(), lambda p: 2 * p.sum()))
    assert found.solved
    assert np.isnan(found.half_widths).all()
    assert "do not tell a.x and a.y apart" in found.why


def test_a_figure_that_does_not_depend_on_the_parameter() -> None:
    """Flat within its own error: not identified."""
    found = solve([parse_range("a.x=1..9 s:2")], _observed(5), _known(lambda p: 4.99 + p[0] / 500))
    assert "do not identify" in found.why


def test_a_value_out_of_reach() -> None:
    """The range gives 2 to 20: 50 cannot be; the nearest end is shown."""
    found = solve([parse_range("a.x=1..10 s:2")], _observed(50), _known(lambda p: 2 * p[0]))
    assert not found.solved
    assert "no value in the range" in found.why
    assert found.look.point[0] == 10


def _fitted(observed: list[Observed], texts: list[str], seed: int, n: int) -> Fit:
    quantities = [one.quantity for one in observed]
    ranges = [parse_parameter(text) for text in texts]

    def evaluated(points: Sequence[tuple[tuple[str, str], ...]]) -> list[Values]:
        variants = [Variant(SMALL, point) for point in points]
        return evaluate(variants, Ask(tuple(quantities)), range(n), seed)

    return solve(ranges, observed, tries(evaluated, ranges, quantities))


def test_a_known_volume_is_found_again() -> None:
    """Figures of a scenario with 115 % of the volume, other callers: the interval holds 115.

    Each side's error counts; the interval is of 95 %, the seeds are fixed.
    """
    caller = next(iter(load(SMALL).scenario.callers))
    path = f'callers."{caller}".volume'
    truth = evaluate([Variant(SMALL, ((path, "115%"),))], Ask((WAIT,)), range(40), 77)[0].total(
        WAIT
    )
    observed = [Observed(WAIT, truth.mean, truth.half_width, "")]
    found = _fitted(observed, [f"{path}=70%..160%:2"], 5, 40)
    assert found.solved
    assert abs(found.look.point[0] - 115) <= found.half_widths[0]
    assert found.half_widths[0] < 15


def test_figures_and_parameters_as_text() -> None:
    """A value, a value with its error, a share; and what is refused."""
    scenario = load(SMALL).scenario
    assert parse_observed("mean_wait = 20 min", scenario)[:3] == (WAIT, 1200.0, 0.0)
    assert parse_observed("mean_wait = 20 min ± 1 min", scenario)[:3] == (WAIT, 1200.0, 60.0)
    assert parse_observed("abandoned = 12%", scenario)[1:3] == pytest.approx((0.12, 0))
    level = parse_observed("service_level(answered_of_offered, 20 s) = 80%", scenario)
    assert level.value == pytest.approx(0.8)
    with pytest.raises(UsageError, match="aims at a value"):
        parse_observed("mean_wait <= 3 min", scenario)
    with pytest.raises(UsageError, match="no measure"):
        parse_observed("mean_weight = 3 min", scenario)
    with pytest.raises(UsageError, match="names"):
        parse_parameter("queues.a.strategy=fifo,lifo")
    assert (parse_parameter("a.b").low, parse_parameter("a.b").high) == (25, 400)
    with pytest.raises(UsageError, match="as many observed figures"):
        solve([parse_parameter("a.b"), parse_parameter("a.c")], _observed(1), _known(lambda p: 1.0))


def test_the_command_writes_a_scenario_that_gives_the_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variant is valid, extends the file, and holds the value found."""
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_bytes(SMALL.read_bytes())
    caller = next(iter(load(SMALL).scenario.callers))
    command = ["calibrate", "small.yaml", "--target", "mean_wait = 60 s", "-n", "5", "--no-report"]
    assert code_of([*command, "--vary", f"callers.{caller}.volume"]) == 0
    assert f"callers.{caller}.volume = " in capsys.readouterr().out
    variant = Path("reports/calibrate-small/small-calibrated.yaml")
    (waited,) = evaluate([Variant(variant)], Ask((WAIT,)), range(5))
    assert waited.total(WAIT).mean == pytest.approx(
        60, abs=0.02 * 60 + waited.total(WAIT).half_width
    )
    assert code_of(command) == 2
    assert "give a figure and a parameter" in capsys.readouterr().err


def test_a_figure_out_of_reach_has_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The best that there is is written and said; scripts see code 5."""
    line = [
        "calibrate",
        str(SMALL),
        "--target",
        "mean_wait = 30 h",
        "--vary",
        "clock.duration=1 h..2 h",
    ]
    where = ["--no-ledger", "--no-report", "--out", str(tmp_path / "out")]
    assert code_of([*line, "-n", "2", *where]) == 5
    assert "But: no value in the range gives it" in capsys.readouterr().out
    assert list((tmp_path / "out").glob("*-calibrated.yaml"))


def test_a_variants_text_names_its_base_from_where_it_lies(tmp_path: Path) -> None:
    """Relative, in quotes, whatever the letters."""
    text = variant_text(
        tmp_path / "линия.yaml", tmp_path / "a" / "b.yaml", (('callers."x.y".volume', "3/h"),)
    )
    assert 'extends: "../линия.yaml"' in text
    assert r'"callers.\"x.y\".volume": "3/h"' in text
