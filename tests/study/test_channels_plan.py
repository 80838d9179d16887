"""Channels: Erlang B and busy hours by hand, the simulated number against Erlang B."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent / "staffing"))
from staffing_models import one_queue

from vpbx.errors import UsageError
from vpbx.measures.theory import erlang_b
from vpbx.study.busy_days import BusyHours, busy_hours
from vpbx.study.channels import plan_channels
from vpbx.study.ledger import opened
from vpbx.study.precision import Effort, Precision
from vpbx.study.trunk_days import Traffic
from vpbx.study.trunk_search import blocked_share, erlang_b_channels
from vpbx.study.variant import Variant, prepare

FIRM = Path(__file__).parents[2] / "scenarios" / "virtual_pbx_small_firm.yaml"


@pytest.mark.parametrize("load", [0.4, 3.0, 17.5, 80.0])
@pytest.mark.parametrize("target", [0.001, 0.01, 0.2])
def test_erlang_b_channels_is_the_smallest_number(load: float, target: float) -> None:
    """Counted up one by one; with redials of half the blocked it is no smaller."""
    smallest = next(c for c in range(1, 500) if erlang_b(c, load) <= target)
    assert smallest == erlang_b_channels(load, target)
    assert erlang_b_channels(load, target, 0.5) >= smallest


def test_redials_solve_their_fixed_point() -> None:
    """L = a + r B(L) L, so that a (1 - r B) L stays: checked by putting the answer in."""
    load, redial = 8.0, 0.7
    channels = erlang_b_channels(load, 0.02, redial)
    offered = load
    for _ in range(200):
        offered = load + redial * erlang_b(channels, offered) * offered
    assert erlang_b(channels, offered) <= 0.02
    offered = load
    for _ in range(200):
        offered = load + redial * erlang_b(channels - 1, offered) * offered
    assert erlang_b(channels - 1, offered) > 0.02


def test_busy_hours_by_hand() -> None:
    """Three days: two busy at 10, one busier at 14; a closed day is left out."""
    held = np.zeros((4, 96))
    held[:2, 40:44] = 1.0
    held[2, 56:60] = 1.5
    held[2, 40:44] = 0.5
    offered = 10 * held
    tcbh, adph, nth = busy_hours(held, offered, 1)
    assert tcbh.start.tolist() == [40, 40, 40, -1]
    assert tcbh.erlang == pytest.approx((4 + 4 + 2) / 3)
    assert tcbh.words.endswith("10:00")
    assert adph.start.tolist() == [40, 40, 56, -1]
    assert adph.erlang == pytest.approx((4 + 4 + 6) / 3)
    assert nth.start.tolist() == [-1, -1, 56, -1]
    assert (nth.erlang, nth.calls) == (6.0, 60.0)


def test_a_constant_load_without_redials_needs_what_erlang_b_says() -> None:
    """One channel either way of the formula's margin: 1 % lies between B(n) and B(n - 1) widely.

    120 calls/h held 4 min with agents to spare is M/M/c/c with 8 erlang; the busiest of the day's
    hours is a maximum over noise, so its traffic lies above 8 and the answer may be one more.
    """
    base = one_queue(volume="120/h", heads="60", channels="50", patience="null")
    plans, _, simulated = plan_channels(base, 0.01, effort=Effort(40))
    (plan,) = plans
    exact = erlang_b_channels(8.0, 0.01)
    assert plan.channels in (exact, exact + 1)
    assert plan.blocked_upper <= 0.01 < plan.fewer_upper
    assert simulated > 0
    assert plan.hours[0].erlang == pytest.approx(8.0, abs=0.6)


def test_what_the_ledger_has_is_not_run_again(tmp_path: Path) -> None:
    """The plan is the same to the last bit; another number of channels is another row."""
    base = one_queue(volume="120/h", heads="60", channels="50", patience="null")
    found = []
    for reused in (False, True):
        with opened(tmp_path / "kept.sqlite") as book:
            found.append(plan_channels(base, 0.01, effort=Effort(20), ledger=book))
            assert (book.units == 0) == reused
            assert book.reused >= (8 if reused else 0)
    again, once = ([(p.channels, p.blocked, p.hours[0].erlang) for p in x[0]] for x in found)
    assert once == again
    with opened(tmp_path / "kept.sqlite") as book:
        plan_channels(base, 0.3, effort=Effort(20), ledger=book)
        assert book.units > 0
        assert book.reused >= 4  # the pilot and its fresh days


def test_shares_refused_by_hand() -> None:
    """Days of 1 and 3 refused of 10: 20 %, deviations ± 0.1, so 0.1 is the standard error; Student's
    quantiles with one degree of freedom are 12.706 and 6.314. None of 100: exp(-100 p) = 5 %, 2.5 %."""
    held, offered, blocked = np.zeros((3, 2, 96, 1))
    offered[:, 40, 0] = 10
    blocked[:, 40, 0] = 1, 3
    hours = BusyHours("tcbh", "", np.array([38, 38]), 0.0, 0.0)
    found = blocked_share(Traffic(held, offered, blocked), 0, hours)
    assert found.share == pytest.approx(0.2)
    assert found.half_width == pytest.approx(12.7062 * 0.1, rel=1e-4)
    assert found.upper == pytest.approx(0.2 + 6.3138 * 0.1, rel=1e-4)
    none = blocked_share(Traffic(held, 5 * offered, 0 * blocked), 0, hours)
    assert none.share == 0
    assert np.exp(-100 * none.upper) == pytest.approx(0.05)
    assert np.exp(-100 * none.half_width) == pytest.approx(0.025)


def test_precision_takes_as_many_runs_as_the_share_needs() -> None:
    """No fewer would do: the plan is that of -n so many, and half as many runs are not precise.

    Six erlang and about eleven channels: 1 % refused of 90 attempts a day, correlated within the hour.
    """
    base = one_queue(volume="90/h", heads="60", channels="50", patience="null")
    asked = Effort(120, Precision(0.004, 0.004), cap=400)
    plans, stopped, _ = plan_channels(base, 0.02, effort=asked)
    assert stopped.reached
    assert stopped.looks > 1
    n = stopped.replications
    assert 10 < n < 400
    assert plans[0].blocked_half_width <= 0.004
    again = plan_channels(base, 0.02, effort=Effort(n)).plans
    assert repr(again) == repr(plans)
    (half,) = plan_channels(base, 0.02, effort=Effort(max(10, n // 20 * 10))).plans
    assert half.blocked_half_width > 0.004


def test_precision_beyond_the_cap_is_said() -> None:
    """The plan stands on as many runs as the cap allows, and is not called precise."""
    base = one_queue(volume="120/h", heads="60", channels="50", patience="null")
    plans, stopped, _ = plan_channels(base, 0.05, effort=Effort(9, Precision(1e-4, 1e-4), cap=20))
    assert not stopped.reached
    assert stopped.replications == 20
    assert stopped.worst == "trunk.lines.blocked"
    assert plans[0].blocked_half_width > 1e-4
    with pytest.raises(UsageError, match="too few to show"):
        plan_channels(base, 1e-5, effort=Effort(9, Precision(1e-4, 1e-4), cap=20))


@pytest.mark.parametrize(
    ("definition", "target", "words"),
    [
        ("nth:2", 0.05, r"nth:2 looks at 1 hour of 20 simulated days.*-n 60 or more"),
        ("tcbh", 1e-5, r"20 runs are too few to show 0\.001%.*give -n \d+ or more"),
    ],
)
def test_too_few_runs_are_said_before_the_search(
    definition: str, target: float, words: str
) -> None:
    """One hour has no error of its own; none refused of some 2,400 calls may still be 0.1 %."""
    base = one_queue(volume="120/h", heads="60", channels="50", patience="null")
    with pytest.raises(UsageError, match=words):
        plan_channels(base, target, definition=definition, effort=Effort(20))


def test_trunks_that_nobody_calls_over_are_left_out() -> None:
    """Said when all are planned; an error when such a one was asked for."""
    base = prepare(Variant(FIRM))
    said: list[str] = []
    plans, _, _ = plan_channels(base, 0.05, effort=Effort(10), tell=said.append)
    assert [plan.trunk for plan in plans] == ["multichannel"]
    assert any('"outgoing" is left out' in text for text in said)
    with pytest.raises(UsageError, match='nobody calls over the trunk "outgoing"'):
        plan_channels(base, 0.05, ["outgoing"], effort=Effort(10))


def test_the_definition_that_is_planned_for_comes_first() -> None:
    """And the fewer days it forgives, the more channels it takes."""
    base = one_queue(
        volume="60/h", heads="40", channels="30", patience="null", more="busyness: {cv: 20%}"
    )
    plans, _, _ = plan_channels(base, 0.02, definition="nth:2", effort=Effort(60))
    assert plans[0].hours[0].name == "nth:2"
    by_name = {h.name: b for h, b in zip(plans[0].hours, plans[0].by_erlang_b, strict=True)}
    assert by_name["nth:2"] >= by_name["adph"] >= by_name["tcbh"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"target": 0.0}, "share between 0% and 100%"),
        ({"trunks": ("lnes",)}, 'no trunk "lnes"; did you mean "lines"'),
        ({"definition": "peak"}, 'no busy hour "peak"'),
        ({"definition": "nth:99"}, "N from 1 to 30"),
        ({"effort": Effort(2)}, "at least 10"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(wanted: dict, words: str) -> None:  # type: ignore[type-arg]
    """Before anything is run."""
    with pytest.raises(UsageError, match=words):
        plan_channels(one_queue(channels="9"), **({"target": 0.01} | wanted))
    with pytest.raises(UsageError, match="no trunks"):
        plan_channels(one_queue(), 0.01)
