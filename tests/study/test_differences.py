"""Paired differences: by hand, against the plain paired t interval, and on shipped scenarios."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from vpbx.errors import UsageError
from vpbx.study.compare import as_data, compare
from vpbx.study.differences import difference
from vpbx.study.evaluate import Values
from vpbx.study.precision import Effort
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.variant import Variant, prepare

SCENARIOS = Path(__file__).parents[2] / "scenarios"
COUNT = Quantity("all", "offered")
SHARE = Quantity("all", "abandoned")


def _values(quantity: Quantity, above: list[float], below: list[float] | None = None) -> Values:
    ones = [1.0] * len(above) if below is None else below
    return Values("", "", Ask((quantity,)), np.array([above]).T, np.array([ones]).T)


def test_the_difference_of_counts_is_the_paired_t_interval() -> None:
    """A = 1, 2, 3, B = 2, 4, 9: the differences 1, 2, 6 have mean 3 and Student's interval."""
    found = difference(_values(COUNT, [1, 2, 3]), _values(COUNT, [2, 4, 9]), COUNT)
    low, high = stats.t.interval(0.95, 2, loc=3, scale=stats.sem([1, 2, 6]))
    assert found.difference[0] == 3
    assert found.half_width[0] == pytest.approx((high - low) / 2)
    assert found.times[0] == pytest.approx(15 / 6)
    independent = np.hypot(stats.sem([1, 2, 3]), stats.sem([2, 4, 9])) * stats.t.ppf(0.975, 2)
    assert found.independent_half_width[0] == pytest.approx(independent)


def test_the_quotient_has_the_delta_interval() -> None:
    """B = 2 A + (-1, 0, 1): quotient 2, its deviations (-1, 0, 1) / mean A."""
    a = [5.0, 7.0, 9.0]
    found = difference(
        _values(COUNT, a),
        _values(COUNT, [2 * x + e for x, e in zip(a, (-1, 0, 1), strict=True)]),
        COUNT,
    )
    assert found.times[0] == pytest.approx(2)
    assert found.times_half_width[0] == pytest.approx(
        stats.t.ppf(0.975, 2) * stats.sem([-1, 0, 1]) / 7
    )


def test_ratios_of_equal_denominators_are_differences_of_numerators() -> None:
    """With 10 calls each, shares differ as their numerators do, a tenth of them."""
    a, b, tens = [1.0, 5.0, 3.0], [2.0, 5.0, 5.0], [10.0] * 3
    share = difference(_values(SHARE, a, tens), _values(SHARE, b, tens), SHARE)
    count = difference(_values(COUNT, a), _values(COUNT, b), COUNT)
    assert share.difference[0] == pytest.approx(count.difference[0] / 10)
    assert share.half_width[0] == pytest.approx(count.half_width[0] / 10)


def test_the_interval_of_a_ratios_difference_covers() -> None:
    """95 % intervals of a known difference of ratios: 1000 samples cover it in 95 ± 2.1 %.

    G = D x share + noise, D gamma and common to both; 2.1 points are three standard errors.
    """
    rng, covered = np.random.default_rng(5), 0
    for _ in range(1000):
        d = rng.gamma(16, 10, 40)
        a, b = (d * share + rng.normal(0, 4, 40) for share in (0.3, 0.35))
        found = difference(_values(SHARE, a, d), _values(SHARE, b, d), SHARE)
        covered += abs(found.difference[0] - 0.05) <= found.half_width[0]
    assert covered / 1000 == pytest.approx(0.95, abs=0.021)


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("sber_900.yaml", (("agents.team.heads", "110%"),)),
        ("mts_0890.yaml", (("agents.region.heads", "120%"),)),
    ],
)
def test_pairing_saves_variance_on_shipped_scenarios(
    file: str, settings: tuple[tuple[str, str], ...]
) -> None:
    """More agents: shorter waits, and the pairs tell it with less than the independent variance."""
    one, other = prepare(Variant(SCENARIOS / file)), prepare(Variant(SCENARIOS / file, settings))
    found = compare(one, other, Effort(10))
    waits = found.of(Quantity("all", "mean_wait"))
    assert waits is not None
    assert waits.difference[0] < 0
    assert waits.clear[0]
    assert waits.saved[0] > 1.5
    data = as_data(found)
    assert data["scopes"]["all"]["mean_wait"]["difference"][0] == pytest.approx(
        waits.difference[0], rel=1e-5
    )
    assert len(data["interval_labels"]) == 24


def test_a_scenario_does_not_differ_from_itself() -> None:
    """Every difference is exactly nothing."""
    ready = prepare(Variant(SCENARIOS / "sbermobile_901.yaml"))
    found = compare(ready, ready, Effort(3))
    assert all(not np.nan_to_num(one.difference).any() for one in found.differences)
    with pytest.raises(UsageError, match="at least 2"):
        compare(ready, ready, Effort(1))
