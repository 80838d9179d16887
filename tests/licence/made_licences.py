"""Licences for tests, made from as few keys as each needs."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vpbx.licence.clock import ContractClock
from vpbx.licence.timeline import Timeline, history
from vpbx.scenario.licence_models import Licence
from vpbx.units import DAY_US

SMALL = {
    "plans": {
        "start": {"monthly": "500 RUB", "channels": 3, "modules": ["greeting", "forwarding"]},
        "business": {
            "monthly": "1900 RUB",
            "connect": "1000 RUB",
            "channels": 10,
            "modules": ["greeting", "forwarding", "menu", "statistics"],
        },
    },
    "modules": {
        "queue": {"monthly": "700 RUB"},
        "recording": {"monthly": "400 RUB", "price": "99.99 RUB"},
        "channel": {"monthly": "150 RUB", "each": "1 channel"},
        "voicemail": {"price": "1200 RUB"},
    },
}
"""Two plans, four modules; figures of the language's own example."""


def licence(orders: list[dict[str, Any]], **keys: Any) -> Licence:
    """The small licence with these orders, and other keys in place of its own."""
    return Licence.model_validate({**SMALL, "orders": orders, **keys})


def course(
    orders: list[dict[str, Any]],
    days: int,
    *,
    since: date = date(2023, 3, 1),
    zone: str = "Europe/Moscow",
    **keys: Any,
) -> Timeline:
    """The history of so many days from the midnight of `since`, at which the run begins."""
    clock = ContractClock(datetime(since.year, since.month, since.day), ZoneInfo(zone))
    return history(licence(orders, **keys), clock, since, days * DAY_US)


def steps(timeline: Timeline) -> list[tuple[str, str, int, int]]:
    """Local time, state, channels and balance (kopecks) of each period."""
    return [(f"{p.at:%m-%d %H:%M}", str(p.state), p.channels, p.balance) for p in timeline.periods]


def account(timeline: Timeline) -> list[tuple[str, str, int, int]]:
    """Local time, subject, amount and balance (kopecks) of each line of the account."""
    return [
        (f"{e.moment.wall:%Y-%m-%d %H:%M}", e.subject, e.amount, e.balance)
        for e in timeline.entries
    ]
