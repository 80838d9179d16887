"""Verdicts: the interval against the band."""

from math import inf, nan

import numpy as np
import pytest

from vpbx.errors import UsageError
from vpbx.measures.busy_hour import Busy
from vpbx.measures.result import Estimate, Meta, Result, Series, TargetResult
from vpbx.measures.verdicts import thresholds_us, verdict
from vpbx.scenario.targets import Target

META = Meta("toy", "", "toy.yaml", "0", 1, 20, "2024-01-01 00:00", "UTC", 86400.0, 1800.0, "hand")


def result(totals: dict[str, Estimate], by_hour: dict[str, Series] | None = None) -> Result:
    return Result(
        META, np.empty(0), (), {"queue.support": totals}, {}, {"queue.support": by_hour or {}},
        {}, {}, (), {}, (),
    )  # fmt: skip


def judged(mean: float, half_width: float, low: float, high: float) -> TargetResult:
    target = Target("queue.support", "mean_wait", (), "", low, high, "text")
    return verdict(target, result({"mean_wait": Estimate(mean, half_width)}), {}, {})


@pytest.mark.parametrize(
    ("mean", "half_width", "word"),
    [
        (1200.0, 100.0, "met"),  # 1100 … 1300 inside 960 … 1440
        (1340.0, 100.0, "met"),  # touching the end is inside
        (1400.0, 100.0, "undecided"),
        (1500.0, 100.0, "undecided"),
        (1541.0, 100.0, "missed"),
        (800.0, 100.0, "missed"),
        (1200.0, nan, "undecided"),
        (nan, nan, "undecided"),
        (1200.0, 300.0, "undecided"),  # wider than the band
    ],
)
def test_band(mean: float, half_width: float, word: str) -> None:
    """20 min ± 20 %: 960 … 1440 s."""
    assert judged(mean, half_width, 960.0, 1440.0).verdict == word


def test_open_band() -> None:
    """`> 30` has no upper end."""
    assert judged(95.0, 20.0, 30.0, inf).verdict == "met"
    assert judged(35.0, 20.0, 30.0, inf).verdict == "undecided"
    assert judged(5.0, 20.0, 30.0, inf).verdict == "missed"


def test_forecast() -> None:
    """40 s from the end with a half width of 100 s at 20 replications: 20 (100/40)^2 = 125."""
    assert judged(1400.0, 100.0, 960.0, 1440.0).replications_needed == 125
    assert judged(1480.0, 100.0, 960.0, 1440.0).replications_needed == 125
    assert judged(1200.0, 100.0, 960.0, 1440.0).replications_needed == 0


def by_hour(means: dict[int, float], widths: dict[int, float]) -> TargetResult:
    mean, half_width = np.full(24, nan), np.full(24, nan)
    for hour, value in means.items():
        mean[hour], half_width[hour] = value, widths.get(hour, 10.0)
    target = Target("queue.support", "mean_wait", (), "hour", 300.0, 2400.0, "text")
    return verdict(target, result({}, {"mean_wait": Series(mean, half_width)}), {}, {})


def test_by_hour_names_the_worst() -> None:
    """All inside: met, naming the hour nearest to an end; hours without data do not count."""
    found = by_hour({3: 400.0, 11: 1900.0, 12: 2350.0}, {})
    assert (found.verdict, found.at, found.value) == ("met", "12:00", 2350.0)
    assert found.name == "queue.support.mean_wait by hour"


def test_by_hour_one_miss_is_a_miss() -> None:
    """The gravest verdict wins over the least margin; one doubtful hour leaves doubt."""
    missed = by_hour({3: 280.0, 12: 2350.0, 4: 290.0}, {3: 5.0})
    assert (missed.verdict, missed.at) == ("missed", "03:00")
    doubt = by_hour({3: 500.0, 12: 2350.0}, {3: 210.0})
    assert (doubt.verdict, doubt.at, doubt.replications_needed) == ("undecided", "03:00", 23)


def test_by_hour_without_data() -> None:
    """No hour has data: undecided."""
    assert by_hour({}, {}).verdict == "undecided"


def days(peak_quarters: list[int], seed: int = 1, noise: float = 0.0) -> list[Busy]:
    """Traffic profiles of an hour's length: a tent around each replication's peak."""
    rng = np.random.default_rng(seed)
    found = []
    for peak in peak_quarters:
        hours = 50.0 - np.abs(np.arange(93) - peak) + noise * rng.standard_normal(93)
        found.append(Busy(hours[:, None], np.array([peak * 15.0]), np.array([50.0])))
    return found


def busy(found: list[Busy], low: float = 960.0, high: float = 1200.0) -> TargetResult:
    target = Target("", "busy_hour", (), "", low, high, "busy_hour in 16:00-20:00")
    return verdict(target, result({}), {"all": found}, {"all": 0})


def test_busy_hour_inside_and_outside() -> None:
    """Peak 17:30 each day: met in 16–20 h, missed in 10–12 h; from 19:15 it overruns the end."""
    found = busy(days([70] * 5))
    assert (found.verdict, found.value, found.at) == ("met", 17.5 * 60, "17:30")
    assert found.unit == "clock time"
    assert busy(days([70] * 5), 600.0, 720.0).verdict == "missed"
    assert busy(days([77] * 5)).verdict == "missed"
    assert busy(days([76] * 5)).verdict == "met"


def test_busy_hour_in_doubt() -> None:
    """Days that peak now at 15:30, now at 16:30: the hour could lie on either side."""
    found = busy(days([62, 66, 62, 66, 66]))
    assert found.verdict == "undecided"
    assert found.low < 960.0 <= found.high
    assert found.replications_needed > 5
    assert busy(days([70])).verdict == "undecided"


def test_busy_hour_over_midnight() -> None:
    """A window from 22:00 to 02:00 holds an hour from 23:00."""
    assert busy(days([92] * 3), 1320.0, 1560.0).verdict == "met"
    assert busy(days([48] * 3), 1320.0, 1560.0).verdict == "missed"


def test_unknown_scope_or_measure() -> None:
    """The message names what is not there."""
    target = Target("queue.nowhere", "mean_wait", (), "", 0.0, 1.0, "text")
    with pytest.raises(UsageError, match=r"queue\.nowhere"):
        verdict(target, result({}), {}, {})
    target = Target("queue.support", "occupancy", (), "", 0.0, 1.0, "text")
    with pytest.raises(UsageError, match="occupancy"):
        verdict(target, result({}), {}, {})


def test_thresholds_of_targets_are_tallied() -> None:
    """Those asked for and those that targets name, each once."""
    target = Target("", "service_level", ("answered_of_offered", "30 s"), "", 0.8, inf, "text")
    assert thresholds_us([target, target], (20_000_000,)) == (20_000_000, 30_000_000)
