"""Which plan, when: courses worked by hand, brute force, Erlang B, what cannot be met."""

from collections.abc import Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vpbx.cli.main import code_of
from vpbx.errors import UsageError
from vpbx.licence.cost import schedule_cost
from vpbx.licence.offers import offers_of
from vpbx.measures.estimate import t_quantile
from vpbx.measures.result import Estimate
from vpbx.measures.theory import erlang_b
from vpbx.scenario.licence_models import Licence
from vpbx.scenario.load import load_text
from vpbx.study.plan import plan_year, targets_of
from vpbx.study.plan_months import load_factors, parse_growth
from vpbx.study.plan_options import (
    Means,
    Option,
    change_cost,
    first_cost,
    options,
    orders_of,
)
from vpbx.study.plan_search import Judged, Known, cheapest, cheapest_lasting, judge, refuse
from vpbx.study.precision import Effort, Precision
from vpbx.study.quantities import parse_study_target
from vpbx.study.variant import prepared

SINCE = date(2024, 1, 1)
PLANS = {
    "plans": {
        "small": {"monthly": "10 RUB", "channels": 2},
        "large": {"monthly": "16 RUB", "connect": "5 RUB", "channels": 8},
    },
    "modules": {"channel": {"monthly": "2.50 RUB", "each": "1 channel"}},
}


class Rule(Known):
    """Knowledge by a rule in place of runs: so many channels for each unit of load."""

    def __init__(self, channels_a_load: float) -> None:
        super().__init__((), lambda pairs, fresh: [])
        self.each = channels_a_load

    def learn(self, pairs: Sequence[tuple[Means, float]]) -> None:
        for means, factor in pairs:
            good = means.channels >= self.each * factor - 1e-9
            over = 0.0 if good else self.each * factor - means.channels
            figure = Estimate(over, 0.0)
            self.found[means, factor] = (Judged("short", figure, over, good, good, over),)
            if good:
                self.met_at[means] = max(factor, self.met_at.get(means, factor))
            else:
                self.failed_at[means] = min(factor, self.failed_at.get(means, factor))


def sold(keys: dict[str, Any], most: int = 8) -> list[Option]:
    """The options of a licence without modules that the flow needs."""
    return options(offers_of(Licence.model_validate(keys)), frozenset(), most)


def test_a_course_worked_by_hand() -> None:
    """Needs of 2, 4, 6, 8 channels: small 10, small + 2 channels 15, then large 5 + 16, 16: 62.

    Large from the second month on is 63, large from the first 69, small all along 70.
    """
    known = Rule(2)
    found = cheapest([sold(PLANS)], (1, 2, 3, 4), known)
    assert found is not None
    assert [one.text for one in found.options] == ["small", "small + 2 channel", "large", "large"]
    assert found.cost == 6_200
    lasting = cheapest_lasting([sold(PLANS)], (1, 2, 3, 4), known)
    assert lasting is not None
    assert (lasting.options[0].text, lasting.cost) == ("large", 6_900)


def test_the_orders_of_a_course_cost_what_it_says() -> None:
    """By the contract's rules, day by day: the same 62; the orders name the changes only."""
    found = cheapest([sold(PLANS)], (1, 2, 3, 4), Rule(2))
    assert found is not None
    orders = orders_of(found.options, SINCE)
    assert [(o.at, o.actions[0], o.count) for o in orders] == [
        ("day 0", "choose", 1), ("2024-02-01", "buy", 2), ("2024-03-01", "choose", 1),
        ("2024-03-01", "cancel", 2),
    ]  # fmt: skip
    cost = schedule_cost(Licence.model_validate(PLANS), orders, SINCE, date(2024, 5, 1))
    assert cost.total == 6_200


def _brute(found: Sequence[Option], factors: Sequence[float], each: float) -> int:
    best = 10**9
    for course in product(found, repeat=len(factors)):
        if any(o.means.channels < each * f - 1e-9 for o, f in zip(course, factors, strict=True)):
            continue
        once = first_cost(course[0]) + sum(map(change_cost, course, course[1:]))
        best = min(best, once + sum(o.monthly for o in course))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_brute_force_over_random_prices(seed: int) -> None:
    """Every course of four months, and the contract's own charges for the cheapest."""
    rng = np.random.default_rng(seed)
    keys: dict[str, Any] = {
        "plans": {
            name: {
                "monthly": f"{rng.integers(5, 40)} RUB", "connect": f"{rng.integers(0, 30)} RUB",
                "channels": int(rng.integers(1, 6)),
            }
            for name in ("a", "b", "c")
        },
        "modules": {
            "channel": {
                "monthly": f"{rng.integers(1, 9)} RUB", "price": f"{rng.integers(0, 9)} RUB",
                "each": "1 channel",
            }
        },
    }  # fmt: skip
    factors = sorted(rng.uniform(1, 3, 4))
    own = sold(keys, 6)
    found = cheapest([own], factors, Rule(2))
    assert found is not None
    assert found.cost == _brute(own, factors, 2)
    licence = Licence.model_validate(keys)
    orders = orders_of(found.options, SINCE)
    assert schedule_cost(licence, orders, SINCE, date(2024, 5, 1)).total == found.cost


def test_more_load_never_costs_less() -> None:
    """By growth from none to tripling in the year."""
    own, costs = sold(PLANS, 40), []
    for growth in (0.0, 0.01, 0.02, 0.05, 0.1):
        found = cheapest([own], load_factors(growth, 12), Rule(3))
        assert found is not None
        costs.append(found.cost)
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


def test_a_module_is_bought_where_the_plan_lacks_it() -> None:
    """Only modules with a use are on offer, and none that the plan includes."""
    keys = {
        "plans": {
            "bare": {"monthly": "10 RUB", "channels": 2},
            "rich": {"monthly": "20 RUB", "channels": 2, "modules": ["queue"]},
        },
        "modules": {
            "queue": {"monthly": "5 RUB"}, "recording": {"monthly": "1 RUB"},
            "voicemail": {"price": "3 RUB", "versions": ["9"]},
        },
    }  # fmt: skip
    found = options(offers_of(Licence.model_validate(keys)), frozenset({"queue", "voicemail"}), 2)
    assert [(o.text, o.means.modules) for o in found] == [
        ("bare", ()), ("bare + queue", ("queue",)), ("rich", ("queue",)),
    ]  # fmt: skip


def test_growth() -> None:
    """A load of 120 % after a year; months stand for their middles."""
    assert (1 + parse_growth("20%/year")) ** 12 == pytest.approx(1.2)
    assert parse_growth("-1 %/month") == pytest.approx(-0.01)
    assert load_factors(0.21, 2) == pytest.approx((1.1, 1.331))
    for wrong in ("20%", "a lot", "-100%/year", "2000%/year", "20%/week"):
        with pytest.raises(UsageError, match="20%/year"):
            parse_growth(wrong)
    with pytest.raises(UsageError, match="1 to 120 months"):
        load_factors(0.0, 0)


def test_the_one_sided_bound() -> None:
    """Mean 10, standard error 1, 11 values: the bound is 10 + t(0.95; 10) = 11.812."""
    loaded = load_text(SCENARIO)
    target = parse_study_target("mean_wait <= 11.9 s", loaded.scenario)
    figure = Estimate(10.0, t_quantile(10))
    found = judge(target, figure, 11)
    assert found.bound == pytest.approx(11.8125, abs=1e-3)
    assert found.met
    stricter = parse_study_target("mean_wait <= 11.7 s", loaded.scenario)
    assert not judge(stricter, figure, 11).met
    assert not judge(target, Estimate(float("nan"), float("nan")), 11).met


SCENARIO = """
name: A recorded message
clock: {start: 2024-01-01 00:00, duration: 1 day}
seed: 3
licence:
  plans: {only: {monthly: 10 RUB, channels: 3, modules: [greeting]}}
  modules: {channel: {monthly: 1 RUB, each: 1 channel}}
  account: {balance: 1000 RUB}
  orders: [{at: day 0, choose: only}]
numbers: {"1": {enter: message}}
flow: {message: {play: 3 min, next: bye}, bye: hangup}
callers: {public: {volume: 1440/day, dials: {"1": 100%}}}
"""


def test_channels_by_erlang_b() -> None:
    """3.29 and 3.94 erlang in two months growing by a fifth: 7 and 8 channels keep 4.5 % (3.1 and
    2.9 %; one fewer 6.9 and 6.0 %), far beyond the error of 20 days (0.2 points)."""
    loads = [3 * f for f in load_factors(0.2, 2)]
    need = [next(n for n in range(1, 20) if erlang_b(n, a) <= 0.045) for a in loads]
    assert need == [7, 8]
    base = prepared(load_text(SCENARIO))
    targets = targets_of(base.loaded.scenario, ["blocked <= 4.5%"])
    found = plan_year(base, targets, 0.2, 2, Effort(20), 3)
    assert [one.means.channels for one in found.course.options] == need
    assert found.cost.total == 100 * (10 + 4 + 10 + 5)
    assert found.confirmed
    for judged, channels, load in zip(found.judged, need, loads, strict=True):
        assert judged[0].figure.mean == pytest.approx(erlang_b(channels, load), abs=0.006)


def test_hopeless_options_need_not_be_precise() -> None:
    """Shares to 0.3 points within 100 days: those of the plan are, that of 3 channels (a third of calls
    blocked) is not, and does not count."""
    base = prepared(load_text(SCENARIO))
    targets = targets_of(base.loaded.scenario, ["blocked <= 4.5%"])
    found = plan_year(base, targets, 0.2, 2, Effort(20, Precision(0.003, 0.003), 100), 3)
    assert found.stopped.reached
    assert [one.means.channels for one in found.course.options] == [7, 8]
    assert all(judged[0].figure.half_width <= 0.003 for judged in found.judged)
    assert max(judged.figure.half_width for _, _, judged in found.refused) > 0.003


def test_nothing_on_sale_meets_the_targets() -> None:
    """The month, and the best reached."""
    few = sold({"plans": PLANS["plans"]})
    known = Rule(3)
    assert cheapest([few], (1, 2, 3, 4), known) is None
    error = refuse([few], (1, 2, 3, 4), known)
    assert "in month 3 (load 300 %)" in str(error)
    assert "with large (8 channels)" in str(error)
    assert "vpbx staff says how many" in str(error)
    lacking = refuse([few], (1, 2, 3, 4), known, frozenset({"queue"}))
    assert "modules that nobody sells: queue" in str(lacking)


def test_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No licence, no targets, a target by the hour: exit code 2, and what would be right."""
    bare = SCENARIO[: SCENARIO.index("licence:")] + SCENARIO[SCENARIO.index("numbers:") :]
    cases = [
        (bare, ["--target", "blocked<=1%"], "no section licence"),
        (SCENARIO, [], "no targets"),
        (SCENARIO, ["--target", "blocked by hour <= 1%"], "not by the hour"),
        (SCENARIO, ["--target", "blocked<=1%", "--growth", "much"], "20%/year"),
        (SCENARIO, ["--target", "blocked<=1%", "-n", "5", "--precision", "2%"], "not both"),
    ]
    for number, (text, arguments, said) in enumerate(cases):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        assert code_of(["plan", str(file), *arguments, "--no-ledger", "-q"]) == 2
        assert said in capsys.readouterr().err


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page, its data, the same again from the same seed."""
    file = tmp_path / "firm.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    texts = []
    for folder in ("one", "two"):
        place = tmp_path / folder
        line = ["plan", str(file), "--target", "blocked<=4.5%", "--months", "2", "-n", "20"]
        assert code_of([*line, "--growth", "20%/month", "--no-ledger", "--out", str(place)]) == 0
        assert "7 channels" in capsys.readouterr().out
        assert "Which plan when" in (place / "report.html").read_text(encoding="utf-8")
        texts.append((place / "study.json").read_bytes())
    assert texts[0] == texts[1]
