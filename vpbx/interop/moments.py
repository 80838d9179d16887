"""Times and durations as other systems write them.

Belongs here: text → microseconds. Does not belong here: which column holds what.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vpbx.interop.calls import instant
from vpbx.units import SECOND_US

_CLOCK = re.compile(r"(-?)(\d{1,3}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?$")
LARGEST_EPOCH_S = 32_503_680_000.0
"""The year 3000."""


def epoch(text: str, zone: ZoneInfo) -> int:
    """Local wall time (us) of seconds since 1970 UTC; raises `ValueError`."""
    if not _PLAIN.match(text) or not 0 <= float(text) < LARGEST_EPOCH_S:
        raise ValueError(f'"{text}" is not a time in seconds since 1970')
    whole, _, part = text.partition(".")
    moment = datetime.fromtimestamp(int(whole), UTC).astimezone(zone).replace(tzinfo=None)
    return instant(moment) + int((part + "000000")[:6])


def local(text: str, pattern: str, zone: ZoneInfo) -> int:
    """Local wall time (us) of a text: by `pattern` (strptime), or ISO 8601, or seconds since 1970.

    A time with an offset from UTC is turned into that of `zone`. Raises `ValueError`.
    """
    if not pattern and _PLAIN.match(text):
        return epoch(text, zone)
    try:
        moment = datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)
    except ValueError:
        like = f"the pattern {pattern}" if pattern else "ISO 8601, such as 2024-03-04 09:15:02"
        raise ValueError(f'the time "{text}" is not like {like}') from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone).replace(tzinfo=None)
    return instant(moment)


def duration(text: str) -> int:
    """Microseconds of `12.5` (seconds) or `0:02:17`; raises `ValueError`, of negative ones too."""
    clock = _CLOCK.match(text)
    if clock is not None:
        sign, hours, minutes, seconds, part = clock.groups(default="")
        total = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * SECOND_US
        total += int((part + "000000")[:6])
        total = -total if sign else total
    elif _PLAIN.match(text):
        total = round(float(text) * SECOND_US)
    else:
        raise ValueError(f'"{text}" is not a duration such as 12.5 (seconds) or 0:02:17')
    if total < 0:
        raise ValueError(f"a negative duration: {text}")
    return total
