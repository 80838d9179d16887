"""The stopping rule, variance reduction and ranking: coverage, unbiasedness, worth, guarantees."""

from pathlib import Path

import numpy as np
import pytest

from vpbx.errors import UsageError
from vpbx.measures.estimate import t_quantile
from vpbx.scenario.load import load
from vpbx.study.compare import compare
from vpbx.study.controls import ARRIVALS, Controls, controlled, controls_of
from vpbx.study.differences import deviations, difference
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.precision import (
    Effort,
    Precision,
    next_count,
    parse_precision,
    until_precise,
)
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.ranking import kim_nelson
from vpbx.study.strata import SET, uniform, worth_it
from vpbx.study.variant import Variant, prepare, prepared

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHARE, WAIT = Quantity("all", "abandoned"), Quantity("all", "mean_wait")


def _study(rng: np.random.Generator, quantity: Quantity):  # type: ignore[no-untyped-def]
    """Replications of a made-up ratio: gamma days, waits skewed; the true ratio is 0.3."""

    def run(replications: range) -> list[Values]:
        n = len(replications)
        below = rng.gamma(25, 4, (n, 1))
        above = 0.3 * below * rng.gamma(4, 0.25, (n, 1))
        return [Values("", "", Ask((quantity,)), above, below, replications.start)]

    return run


@pytest.mark.parametrize(("quantity", "asked"), [(WAIT, "10%"), (SHARE, "2%")])
def test_the_rule_covers(quantity: Quantity, asked: str) -> None:
    """Of 800 studies at nominal 95 %, not significantly fewer than 94 % hold the true ratio.

    The bound is 94 % less 1.645 standard errors (0.84 points): 92.6 %.
    """
    rng, covered, least = np.random.default_rng(11), 0, 0
    for _ in range(800):
        found = until_precise(_study(rng, quantity), [quantity], parse_precision(asked))
        figure = found.values[0].total(quantity)
        assert found.reached
        least += abs(figure.mean - 0.3) <= (0.02 if quantity is SHARE else 0.1 * figure.mean)
        covered += abs(figure.mean - 0.3) <= figure.half_width
    assert covered / 800 >= 0.94 - 1.645 * np.sqrt(0.94 * 0.06 / 800)
    assert least / 800 >= 0.94 - 1.645 * np.sqrt(0.94 * 0.06 / 800)


def test_the_rule_jumps_to_the_prediction_and_doubles_at_most() -> None:
    """From 10: to 20 when 500 are predicted, to 30 when 25 are, in whole tens; never over the cap."""
    assert next_count(10, 500, 10_000) == 20
    assert next_count(40, 65, 10_000) == 70
    assert next_count(100, 101, 10_000) == 110
    assert next_count(80, 500, 100) == 100


def test_what_is_settled_need_not_be_precise() -> None:
    """An impossible precision of a figure that is out of question at once: the first look is the last."""
    study = _study(np.random.default_rng(1), WAIT)
    found = until_precise(
        study, [WAIT], Precision(0.001, 0.001), cap=35, settled=lambda _, figure: figure.mean > 0.1
    )
    assert (found.replications, found.looks, found.reached) == (10, 1, True)


def test_a_cap_ends_it_and_is_told() -> None:
    """An impossible precision: the cap's replications, not reached, and which figure it was."""
    found = until_precise(
        _study(np.random.default_rng(1), WAIT), [WAIT], Precision(0.001, 0.001), cap=35
    )
    assert (found.replications, found.reached) == (35, False)
    assert "mean_wait" in found.worst


@pytest.mark.parametrize("text", ["0%", "100%", "fine", "-3%"])
def test_precisions_that_make_no_sense(text: str) -> None:
    """Refused, with what would be right."""
    with pytest.raises(UsageError, match="--precision"):
        parse_precision(text)


def test_strata_hold_one_day_each() -> None:
    """Every set of ten draws has one in each tenth, shuffled; other days and seeds differ."""
    draws = [uniform(3, r, -1, 0) for r in range(3 * SET)]
    for at in range(0, 3 * SET, SET):
        assert sorted(int(10 * u) for u in draws[at : at + SET]) == list(range(10))
    assert draws != sorted(draws)
    assert draws != [uniform(3, r, -1, 1) for r in range(3 * SET)]


def test_stratified_busyness_has_the_same_mean_and_less_variance() -> None:
    """Figures agree with plain replications within four standard errors, and are more precise.

    With days that differ by 20 %, most of the variance of the load is between days.
    """
    busy = tuple((f"callers.{name}.busyness.cv", "20%") for name in ("prepaid", "premium"))
    ready = prepare(Variant(SCENARIOS / "mts_0890.yaml", busy))
    assert worth_it(ready.loaded.scenario, 60)
    assert not worth_it(ready.loaded.scenario, 55)
    ask = Ask((Quantity("all", "callers"), Quantity("queue.support", "mean_wait")))
    plain = evaluate([ready], ask, range(60))[0]
    spread = evaluate([ready], ask, range(60), stratify=True)[0]
    assert spread.sets
    for quantity in ask.quantities:
        one, other = plain.total(quantity), spread.total(quantity)
        errors = np.hypot(one.half_width, other.half_width) / 2
        assert abs(one.mean - other.mean) < 4 * errors
        assert other.half_width < 0.7 * one.half_width


def test_controls_narrow_without_bias() -> None:
    """A day without random busyness: the interval narrows; 20 estimates with controls are on average
    where the plain ones of all replications are, within four standard errors."""
    file = SCENARIOS / "sber_900.yaml"
    scenario = prepare(Variant(file)).loaded.scenario
    calm = tuple(
        (f"callers.{name}.busyness", "") for name, c in scenario.callers.items() if c.busyness
    )
    ready = prepare(
        Variant(file, (*calm, ("clock.duration", "6 h"), ("clock.start", "2019-04-15 15:00")))
    )
    controls = controls_of(ready)
    assert controls is not None
    waits = Quantity("queue.specialists", "mean_wait")
    ask = Ask((waits,), None, controls.quantities)
    values = evaluate([ready], ask, range(400))[0]
    found = controlled(values, waits, controls)
    assert found.variance_ratio > 1.2
    plain = values.total(waits)
    assert abs(found.estimate.mean - plain.mean) < 4 * plain.half_width / 2
    callers = values.total(Quantity("all", "callers"))
    assert abs(callers.mean - controls.callers) < 4 * callers.half_width / 2


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_what_controls_save_is_what_the_correlation_says(correlation: float) -> None:
    """One control that explains r^2 of a figure's variance: 1 / (1 - r^2) times as many replications,
    up to a factor (n - 3) / (n - 2) of its coefficient (Lavenberg and Welch 1981), 1 when it saves nothing.

    4,000 made-up replications: a squared correlation has the standard error 2 r (1 - r^2) / sqrt(n), at
    most 0.009; of 1 / (1 - r^2) that is 5 % at most.
    """
    n, mean = 4_000, 500.0
    draws = np.random.default_rng(5).standard_normal((2, n))
    callers = mean + 20 * draws[0]
    figure = 60 + 8 * (correlation * draws[0] + np.sqrt(1 - correlation**2) * draws[1])
    asked = Quantity("all", "longest_queue")
    table = np.stack([figure, callers], axis=1)
    values = Values("made up", "", Ask((), None, (asked, ARRIVALS)), table, np.ones_like(table))
    found = controlled(values, asked, Controls(mean, {}))
    assert found.variance_ratio == pytest.approx(1 / (1 - correlation**2), rel=0.05)
    assert abs(found.estimate.mean - 60) < 4 * found.estimate.half_width / 1.96
    seen_too_many = controlled(values, asked, Controls(mean - 5, {}))
    assert seen_too_many.estimate.mean == pytest.approx(
        found.estimate.mean - 8 * correlation * 5 / 20, abs=0.1
    )


def test_a_comparison_of_calm_days_uses_controls() -> None:
    """Two specialists fewer, without random busyness: the same by covariances and normal equations, near
    the plain difference; A, B and the difference stay of one piece."""
    sets = [f"callers.{name}.busyness=" for name in ("mobile", "landline", "abroad")]
    sets += ["clock.duration=6 h", "clock.start=2019-04-15 15:00"]
    variants = []
    for name, more in (("a", []), ("b", ["agents.team.heads=16"])):
        loaded = load(SCENARIOS / "sber_900.yaml", (*sets, "agents.team.heads=18", *more))
        variants.append(prepared(loaded, name))
    found = compare(*variants, Effort(60))
    waits = Quantity("queue.specialists", "mean_wait")
    one = found.of(waits)
    assert one is not None
    assert one.saved_by_controls > 1
    controls = tuple(controls_of(v) for v in variants)
    assert all(own is not None for own in controls)
    asked = Ask((waits,), None, controls[0].quantities)  # type: ignore[union-attr]
    a, b = evaluate(variants, asked, range(60), found.seed)
    plain = difference(a, b, waits)
    z = deviations(*b.of(waits))[1][:, 0] - deviations(*a.of(waits))[1][:, 0]
    columns = []
    for values, own in zip((a, b), controls, strict=True):
        (handled,) = own.handle_s  # type: ignore[union-attr]
        above, below = values.plain(handled)
        columns.append(above[:, 0] - below[:, 0] * own.handle_s[handled])  # type: ignore[union-attr]
    columns.append(a.plain(ARRIVALS)[0][:, 0] - controls[0].callers)  # type: ignore[union-attr]
    c = np.array(columns)
    inner = np.cov(c)
    with_z = np.array([np.cov(row, z)[0, 1] for row in c])
    beta = np.linalg.solve(inner, with_z)
    left = (z - beta @ (c - c.mean(axis=1)[:, None])).var(ddof=1) * 59 / (59 - len(c))
    own_mean = c.mean(axis=1)
    spread = 1 / 60 + own_mean @ np.linalg.solve(inner, own_mean) / 59
    half = t_quantile(59 - len(c)) * np.sqrt(left * spread)
    assert one.half_width[0] == pytest.approx(half, rel=1e-6)
    assert one.difference[0] == pytest.approx(plain.difference[0] - beta @ own_mean, rel=1e-6)
    assert one.difference[0] == pytest.approx(one.b[0] - one.a[0])
    assert abs(one.difference[0] - plain.difference[0]) < 2 * plain.half_width[0]
    assert one.saved_by_controls == pytest.approx((plain.half_width[0] / half) ** 2, rel=1e-6)


def test_controls_are_refused_where_their_mean_is_not_known() -> None:
    """Random busyness moves the expectation from day to day."""
    assert controls_of(prepare(Variant(SCENARIOS / "mts_0890.yaml"))) is None


def test_kim_nelson_keeps_its_promise() -> None:
    """Five systems a step of 1 apart, delta 1, common noise: the best in at least 95 % of 300 runs.

    Three standard errors below 95 % are 91.2 %. The worse a system, the sooner it goes.
    """
    rng, right, dropped_at = np.random.default_rng(3), 0, np.zeros(5)
    for _ in range(300):

        def more(left, replications):  # type: ignore[no-untyped-def]
            common = rng.normal(0, 10, (len(replications), 1))
            own = rng.normal(0, 1.5, (len(replications), len(left)))
            return common + own + np.arange(5.0)[list(left)]

        found = kim_nelson(more, 5, 1.0)
        right += found.best == 0
        dropped_at += found.dropped_at
        assert found.replications < 5 * 200
    assert right / 300 >= 0.912
    assert dropped_at[4] < dropped_at[1]
