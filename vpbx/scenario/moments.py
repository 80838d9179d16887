"""Moments as text: `2019-04-15 11:00`, or `11:00` of each day; time zones by their IANA names.

Belongs here: the grammar of an instant on the wall clock. Does not belong here: where it falls in a
run (`traffic.calendar`).
"""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from vpbx.scenario.suggest import did_you_mean


def parse_moment(text: str) -> datetime | time:
    """A local date and time, or a time of every day; raises `ValueError`."""
    stripped = text.strip()
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", stripped):
            return time.fromisoformat(stripped.zfill(len(stripped) + stripped.index(":") % 2))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", stripped):
            return datetime.fromisoformat(stripped)
    except ValueError:
        raise ValueError(f'"{text}" does not exist on a clock or in a calendar') from None
    raise ValueError(f'"{text}" is not a moment; write it like 2019-04-15 11:00, or 11:00')


def time_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises `ValueError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones()) or "; write it like Europe/Moscow"
        raise ValueError(f'there is no time zone "{name}"{hint}') from None


def exists(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks of the zone ever show this local time (they skip some in spring)."""
    there_and_back = moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None, fold=0) == moment.replace(fold=0)
