"""Numbers as people read them."""

import pytest

from vpbx.measures.result import Estimate
from vpbx.report import words

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (Estimate(1212.0, 48.0), "s", "20 min 12 s ± 48 s"),
        (Estimate(1212.0, 75.0), "s", "20 min 12 s ± 1 min 15 s"),
        (Estimate(72.0, 2.16), "s", "1 min 12 s ± 2.2 s"),
        (Estimate(0.0, 0.0), "s", "0 s"),
        (Estimate(0.123, 0.004), "share", "12.3 ± 0.4 %"),
        (Estimate(1.0, 0.0), "share", "100.0 %"),
        (Estimate(0.0034, NAN), "share", "0.34 %"),
        (Estimate(2175.4, 65.2), "calls", "2,175 ± 65"),
        (Estimate(0.04, 0.01), "calls", "0.04 ± 0.01"),
        (Estimate(16 * 60 + 45.0, 12.0), "clock time", "16:45 ± 12 min"),
        (Estimate(NAN, NAN), "s", "–"),
        (None, "share", "–"),
    ],
)
def test_estimates(value, unit, expected):
    """Value, half width and unit; a dash for what is not there."""
    assert words.estimate(value, unit) == expected


def test_hours_wrap_at_midnight():
    """The hour from 23:30 ends at 00:30."""
    assert words.hour_span(23 * 60 + 30) == "23:30–00:30"


@pytest.mark.parametrize(
    ("seconds", "expected"), [(86400, "1 day"), (7 * 86400, "7 days"), (9 * 3600, "9 h")]
)
def test_spans(seconds, expected):
    """Whole days as days, other lengths as durations."""
    assert words.span(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (0.03, "<0.1 s"), (0.26, "0.26 s"), (5.08, "5.1 s"), (12.3, "12 s"), (NAN, "–")],
)
def test_short_durations(seconds, expected):
    """Two digits are enough for seconds."""
    assert words.duration(seconds) == expected
