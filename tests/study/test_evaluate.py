"""Evaluation of variants: the same figures as a run, common callers, other heads without compiling."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vpbx.errors import ScenarioError, UsageError
from vpbx.scenario.load import load
from vpbx.study import executors
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.quantities import (
    PERCENTILE_WAITS,
    Ask,
    Quantity,
    all_quantities,
    parse_quantity,
    parse_study_target,
)
from vpbx.study.replicate import replicate
from vpbx.study.variant import Prepared, Variant, prepare, with_agents, with_heads
from vpbx.units import HOUR_US, MINUTE_US

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))
WHOLE_PBX = Path(__file__).parents[1] / "scenario" / "whole_pbx.yaml"
BUSY = SCENARIOS / "sber_900.yaml"


def _asked(ready: Prepared) -> Ask:
    return Ask(all_quantities(ready.compiled.names, ready.frame), ready.frame.interval_us)


@pytest.mark.parametrize("file", [*SHIPPED, WHOLE_PBX], ids=lambda file: file.stem)
def test_every_quantity_is_what_a_run_reports(file: Path) -> None:
    """Totals and intervals are those of `vpbx run`, counted by other code: equal to rounding."""
    ready = prepare(Variant(file))
    values = evaluate([ready], _asked(ready), range(3))[0]
    result = replicate(ready.loaded, 3)
    for quantity in values.ask.quantities:
        if quantity.measure in PERCENTILE_WAITS:
            continue
        total, found = result.totals[quantity.scope][quantity.measure], values.total(quantity)
        assert found.mean == pytest.approx(total.mean, rel=1e-9, nan_ok=True), quantity
        # the half width of what never varies (wages) is the rounding of its mean
        rounding = 1e-12 * max(1.0, abs(total.mean))
        assert found.half_width == pytest.approx(
            total.half_width, rel=1e-9, abs=rounding, nan_ok=True
        ), quantity
        series = result.by_interval[quantity.scope][quantity.measure].mean
        assert values.by_interval(quantity).mean == pytest.approx(series, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_percentile_is_the_mean_of_each_days_own(file: Path) -> None:
    """With one replication nothing is pooled: the percentile is that of the run, whether everything is
    asked for or it alone."""
    ready = prepare(Variant(file))
    everything = _asked(ready)
    waits = tuple(q for q in everything.quantities if q.measure in PERCENTILE_WAITS)
    result = replicate(ready.loaded, 1)
    for asked in (everything, Ask(waits[-1:], everything.interval_us)):
        values = evaluate([ready], asked, range(1))[0]
        for quantity in set(asked.quantities) & set(waits):
            expected = result.totals[quantity.scope][quantity.measure].mean
            assert values.total(quantity).mean == pytest.approx(expected, nan_ok=True), quantity


def _same(one: Values, other: Values) -> None:
    np.testing.assert_array_equal(one.numerator, other.numerator)
    np.testing.assert_array_equal(one.denominator, other.denominator)


def test_heads_set_afterwards_give_what_heads_in_the_file_give() -> None:
    """`with_heads` leaves what `--set agents.….heads=[…]` compiles to, value for value."""
    base = prepare(Variant(BUSY))
    group = base.groups[0]
    heads = [3 + hour % 5 for hour in range(24)]
    written = prepare(Variant(BUSY, ((f"agents.{group}.heads", str(heads)),)))
    changed = with_heads(base, {group: heads * 3}, HOUR_US)  # the drain included
    for name, column in written.compiled.program.groups._asdict().items():
        np.testing.assert_array_equal(column, getattr(changed.compiled.program.groups, name))
    np.testing.assert_array_equal(
        written.compiled.program.queues.aht_s, changed.compiled.program.queues.aht_s
    )
    ask = _asked(base)
    _same(evaluate([written], ask, range(2))[0], evaluate([changed], ask, range(2))[0])


def test_other_paid_heads_are_another_variant_even_where_shrinkage_hides_it() -> None:
    """With half the people off the phone, 3 and 4 paid heads are 2 agents, at other costs."""
    group = next(iter(load(BUSY).scenario.agents))
    base = prepare(Variant(BUSY, ((f"agents.{group}.shrinkage", "50%"),)))
    three, four = (with_heads(base, {group: [n] * 24}, HOUR_US) for n in (3, 4))
    cost = Quantity(f"group.{group}", "cost")
    found = evaluate([three, four], Ask((cost,)), range(1))
    assert found[0].total(cost).mean == pytest.approx(found[1].total(cost).mean * 3 / 4)
    assert three.digest != four.digest


def test_agents_after_the_last_entry_are_those_of_the_table() -> None:
    """Two hours are given; from then on the group's own table goes on."""
    base = prepare(Variant(BUSY))
    group = base.groups[0]
    changed = with_agents(base, {group: [7, 7]}, HOUR_US)
    ask = Ask((Quantity(f"group.{group}", "logged_in"),), HOUR_US)
    before, after = (
        v.by_interval(ask.quantities[0]).mean for v in evaluate([base, changed], ask, range(1))
    )
    assert after[:2].tolist() == [7.0, 7.0]
    assert after[2:].tolist() == before[2:].tolist()
    assert changed.digest != base.digest


def test_variants_see_the_same_callers() -> None:
    """More agents change waits, not one first attempt."""
    group = next(iter(load(BUSY).scenario.agents))
    variants = [Variant(BUSY), Variant(BUSY, ((f"agents.{group}.heads", "150%"),))]
    ask = Ask((Quantity("all", "callers"), Quantity("all", "mean_wait")), HOUR_US)
    one, other = evaluate(variants, ask, range(3))
    np.testing.assert_array_equal(one.of(ask.quantities[0])[0], other.of(ask.quantities[0])[0])
    assert other.total(ask.quantities[1]).mean < one.total(ask.quantities[1]).mean


def test_values_depend_on_neither_executor_nor_engine() -> None:
    """One thread, three, and the reference engine in processes: the same bits."""
    ready = prepare(Variant(SCENARIOS / "sbermobile_901.yaml"))
    ask = _asked(ready)
    found = evaluate([ready], ask, range(12))[0]
    for workers in (1, 3):
        with ThreadPoolExecutor(workers) as pool:
            _same(found, evaluate([ready], ask, range(12), executor=pool)[0])
    _same(replace(found, numerator=found.numerator[:2], denominator=found.denominator[:2]),
          evaluate([ready], ask, range(2), engine="reference")[0])  # fmt: skip


def test_long_studies_run_in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes give what threads give, bit by bit; by how many units they differ is a detail."""
    ready = prepare(Variant(BUSY))
    asked = _asked(ready)
    here = evaluate([ready], asked, range(30), engine="compiled")[0]
    monkeypatch.setattr(executors, "WORTH_PROCESSES", 1)
    there = evaluate([ready], asked, range(30), engine="compiled")[0]
    np.testing.assert_array_equal(here.numerator, there.numerator)
    np.testing.assert_array_equal(here.denominator, there.denominator)


def test_a_later_stretch_is_part_of_the_whole() -> None:
    """Replications 15 to 24 alone are rows 15 to 24 of the first thirty."""
    ready = prepare(Variant(SCENARIOS / "sbermobile_901.yaml"))
    ask = Ask((Quantity("all", "mean_wait"),))
    whole, part = (evaluate([ready], ask, r)[0] for r in (range(30), range(15, 25)))
    np.testing.assert_array_equal(whole.numerator[15:25], part.numerator)


def test_of_some_quantities_only_the_whole_run_is_kept() -> None:
    """Asked for at the end, a quantity has one place, with the same figure."""
    ready = prepare(Variant(BUSY))
    waits, lines = Quantity("all", "mean_wait"), Quantity("all", "mean_queue")
    both = evaluate([ready], Ask((waits, lines), HOUR_US), range(2))[0]
    less = evaluate([ready], Ask((waits,), HOUR_US, (lines,)), range(2))[0]
    assert less.total(lines) == both.total(lines)
    assert [one.shape for one in less.of(lines)] == [(2, 1), (2, 1)]
    np.testing.assert_array_equal(less.by_interval(waits).mean, both.by_interval(waits).mean)


def test_a_ratio_is_a_ratio_of_sums() -> None:
    """Two days, 1 of 10 and 30 of 30 in time: 31 of 40, not the mean of 10 % and 100 %.

    z = (1 - 7.75, 30 - 23.25) / 20 = -+0.3375; half width = t(1) 0.3375 sqrt(2) / sqrt(2).
    """
    quantity = Quantity("all", "abandoned")
    above, below = np.array([[1.0], [30.0]]), np.array([[10.0], [30.0]])
    values = Values("", "", Ask((quantity,)), above, below)
    found = values.total(quantity)
    assert found.mean == pytest.approx(31 / 40)
    assert found.half_width == pytest.approx(12.7062 * 0.3375, rel=1e-4)
    assert values.each(quantity)[:, 0].tolist() == [0.1, 1.0]


def test_names_of_quantities_are_those_of_targets() -> None:
    """A bare name is found in its section; a short target is spelt out."""
    scenario = load(SCENARIOS / "mts_0890.yaml").scenario
    assert Quantity("queue.support", "mean_wait") == parse_quantity("support.mean_wait", scenario)
    assert Quantity("all", "offered") == parse_quantity("all.offered", scenario)
    target = parse_study_target("support.80% in 20 s", scenario)
    assert (target.scope, target.low) == ("queue.support", 0.8)
    assert target.arguments == ("answered_of_offered", "20 s")
    for text, scope in (("99.9% in 20 s", ""), ("support: 99.9% in 20 s", "queue.support")):
        target = parse_study_target(text, scenario)
        assert (target.scope, target.low) == (scope, pytest.approx(0.999))
    with pytest.raises(UsageError, match="did you mean"):
        parse_quantity("suport.mean_wait", scenario)


def test_what_cannot_be_asked() -> None:
    """Unknown paths, groups and scopes are refused by name."""
    with pytest.raises(ScenarioError, match="nobody"):
        prepare(Variant(BUSY, (("agents.nobody.heads", "3"),)))
    ready = prepare(Variant(BUSY))
    with pytest.raises(UsageError, match='no group "nobody"'):
        with_heads(ready, {"nobody": [1]}, 5 * MINUTE_US)
    with pytest.raises(UsageError, match=r"queue\.nowhere"):
        evaluate([ready], Ask((Quantity("queue.nowhere", "mean_wait"),)), range(1))
    with pytest.raises(UsageError, match="at least one replication"):
        evaluate([ready], Ask((Quantity("all", "offered"),)), range(0))
