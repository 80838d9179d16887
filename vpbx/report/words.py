"""Numbers as people read them: `20 min 12 s`, `12.3 %`, `2,175`, with their half widths.

Belongs here: number → text for pages, pictures and the printed summary. Does not belong here: which
numbers are shown (`tables`, `prose`). What is not there (NaN) is a dash everywhere.
"""

from math import isfinite, isnan

from vpbx.measures.result import Estimate
from vpbx.units import SECOND_US, duration_text

NONE = "–"
_SECONDS_A_DAY = 86_400


def duration(seconds: float) -> str:
    """Seconds as `7.5 s`, `4 min 20 s`, `1 h 05 min`."""
    if not isfinite(seconds):
        return NONE
    if 0 < abs(seconds) < 0.05:
        return "<0.1 s" if seconds > 0 else "0 s"
    return f"{seconds:.2g} s" if abs(seconds) < 10 else duration_text(seconds * SECOND_US)


def share(value: float) -> str:
    """A share as `12.3 %`; small ones keep two figures."""
    if not isfinite(value):
        return NONE
    percent = 100.0 * value
    small = 0.0 < abs(percent) < 0.95
    return f"{percent:.2g} %" if small else f"{percent:.1f} %"


def count(value: float) -> str:
    """Calls, agents or erlang: `2,175`, `12.3`, `0.04`."""
    if not isfinite(value):
        return NONE
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def clock(minutes: float) -> str:
    """Minutes after midnight as `16:45`; past midnight it starts anew."""
    if not isfinite(minutes):
        return NONE
    whole = round(minutes) % 1440
    return f"{whole // 60:02d}:{whole % 60:02d}"


def hour_span(minutes: float) -> str:
    """The hour that starts at these minutes after midnight: `16:45–17:45`."""
    return f"{clock(minutes)}–{clock(minutes + 60)}" if isfinite(minutes) else NONE


def quantity(value: float, unit: str) -> str:
    """A value in one of the units of `measures.result.Measure`."""
    if unit == "s":
        return duration(value)
    if unit == "share":
        return share(value)
    if unit == "clock time":
        return clock(value)
    return count(value)


def half_width(value: float, unit: str) -> str:
    """Half a confidence interval; a share's in percentage points, a clock time's in minutes.

    Two significant digits: an interval's width is itself an estimate.
    """
    if not isfinite(value):
        return NONE
    if unit == "share":
        return _two_digits(100 * value)
    if unit == "clock time":
        return f"{value:.0f} min"
    if unit == "s":
        return f"{_two_digits(value)} s" if value < 60 else duration(value)
    return _two_digits(value)


def _two_digits(value: float) -> str:
    """`0.034`, `2.2`, `33`, `1,234`; one decimal at most from 1 on."""
    if value == 0 or value >= 10:
        return f"{value:,.0f}"
    if value < 0.001:
        return "<0.001"
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2g}"


def estimate(value: Estimate | None, unit: str) -> str:
    """`20 min 12 s ± 48 s`, `12.3 ± 0.4 %`; without ± where there is a single replication."""
    if value is None or isnan(value.mean):
        return NONE
    text = quantity(value.mean, unit)
    if isnan(value.half_width) or value.half_width == 0:
        return text
    half = half_width(value.half_width, unit)
    return f"{text[:-2]} ± {half} %" if unit == "share" else f"{text} ± {half}"


def number(value: float) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,.0f}" if isfinite(value) else NONE


def scope_kind(scope: str) -> str:
    """`queue` of `queue.support`; `all` of `all`."""
    return scope.partition(".")[0]


def scope_name(scope: str) -> str:
    """`support` of `queue.support`; "all calls" of `all`."""
    return scope.partition(".")[2] or "all calls"


def span(seconds: float) -> str:
    """Length of a run: `1 day`, `7 days`, `9 h`."""
    days = seconds / _SECONDS_A_DAY
    if days >= 1 and days == round(days):
        return f"{days:.0f} day{'s' if days > 1 else ''}"
    return duration(seconds)
