"""What plans cost: the charges of a schedule of orders, money no object.

Belongs here: sums of charges over a period. Does not belong here: the rules of charging
(`contract`), what a plan is worth to callers (a study's question).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vpbx.licence.clock import ContractClock, months_later
from vpbx.licence.offers import offers_of
from vpbx.licence.timeline import history
from vpbx.scenario.licence_models import Account, Licence, Order
from vpbx.scenario.licence_offers import carriers_of


class Cost(NamedTuple):
    """Charges of a period, in hundredths of `currency`."""

    total: int
    by_subject: dict[str, int]
    """By plan or module, in the order of the first charge."""
    currency: str


def schedule_cost(
    licence: Licence,
    orders: Sequence[Order],
    since: date,
    until: date,
    timezone: str = "UTC",
    carrier: str | None = None,
) -> Cost:
    """What a schedule of orders costs from `since` (day 0) until `until`, both at midnight.

    Every charge is taken, whatever the balance; charges that fall due at `until` belong to the next
    period. `carrier` is that of the contract, unless given.
    """
    offers = offers_of(licence, carrier)
    clock = ContractClock(_midnight(since), ZoneInfo(timezone))
    plain = licence.model_copy(
        update={"orders": tuple(orders), "account": Account(), "maintenance": ()}
    )
    until_us = clock.at(_midnight(until)).at_us
    course = history(plain, clock, since, until_us, unlimited=True, offers=offers)
    by_subject: dict[str, int] = {}
    for entry in course.entries:
        if entry.amount < 0:
            by_subject[entry.subject] = by_subject.get(entry.subject, 0) - entry.amount
    return Cost(sum(by_subject.values()), by_subject, offers.currency)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


class PlanCost(NamedTuple):
    """A plan with what it costs and gives."""

    carrier: str
    plan: str
    channels: int
    modules: tuple[str, ...]
    cost: Cost


def plan_costs(
    licence: Licence,
    since: date,
    months: int = 12,
    modules: Mapping[str, int] | None = None,
    timezone: str = "UTC",
) -> list[PlanCost]:
    """What each plan of each carrier costs over so many months (12: the first year), cheapest first.

    `modules` are bought with it, so many pieces each: those that the plan includes are not, unless
    they add channels. Plans whose carrier does not sell one of them are left out.
    """
    until = months_later(_midnight(since), months).date()
    found = []
    for seller in carriers_of(licence):
        offers = offers_of(licence, seller.carrier)
        for name, plan in offers.plans.items():
            extra = {
                module: count
                for module, count in (modules or {}).items()
                if count and (module not in plan.modules or _adds_channels(licence, module))
            }
            if any(module not in offers.modules for module in extra):
                continue
            orders = [Order(at="day 0", choose=name)]
            orders += [Order(at="day 0", buy=module, count=n) for module, n in extra.items()]
            cost = schedule_cost(licence, orders, since, until, timezone, seller.carrier)
            more = sum(n * offers.modules[module].channels_each for module, n in extra.items())
            has = tuple(sorted({*plan.modules, *extra}))
            found.append(PlanCost(seller.carrier, name, plan.channels + more, has, cost))
    return sorted(found, key=lambda one: (one.cost.total, one.carrier, one.plan))


def _adds_channels(licence: Licence, module: str) -> bool:
    sold = [seller.modules.get(module) for seller in carriers_of(licence)]
    return any(one is not None and one.channels_each for one in sold)
