"""What can be ordered: plans with modules and further channels, what each costs, what a change costs.

Belongs here: the options of one carrier as numbers, and orders in time. Does not belong here: the
rules of charging (`licence`), what an option is worth to callers (`plan_search`).

Prices are those of day 0: new terms that the scenario announces for later are not looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.licence.clock import months_later
from vpbx.licence.offers import ModuleOffer, Offers, PlanOffer, modules_of_kinds
from vpbx.scenario.check_flow import kinds_of

if TYPE_CHECKING:
    from vpbx.scenario.licence_models import Licence, Order
    from vpbx.scenario.models import Scenario

Ints = NDArray[np.int64]

MOST_OPTIONS = 1_000
"""Of one carrier; beyond, the search is no longer a matter of seconds."""


class Means(NamedTuple):
    """What calls feel of an option: options with the same means do the same to callers."""

    carrier: str
    channels: int
    modules: tuple[str, ...]
    """Those switched on that the call flow has a use for, sorted."""


@dataclass(frozen=True)
class Option:
    """A plan with what is bought besides, as it could be held for a month."""

    carrier: str
    plan: str
    bought: tuple[tuple[str, int], ...]
    """Modules and how many pieces of each, sorted."""
    means: Means
    monthly: int
    """Hundredths a month."""
    connect: int
    """Hundredths when the plan is taken up."""
    once: tuple[tuple[str, int, int], ...]
    """Of what is paid for once: module, pieces, hundredths a piece."""

    @property
    def text(self) -> str:
        """`growth + queue + 2 channel`."""
        pieces = (f"{n} {name}" if n > 1 else name for name, n in self.bought)
        return " + ".join((self.plan, *pieces))


def useful_modules(scenario: "Scenario", licence: "Licence") -> frozenset[str]:
    """The modules that some node of the call flow needs."""
    needs = modules_of_kinds(licence)
    found: set[str] = set()
    for node in scenario.flow.values():
        found.update(*(needs.get(kind, ()) for kind in kinds_of(node)))
        found.update({node.module} if node.module else ())
    return frozenset(found)


def options(offers: Offers, useful: frozenset[str], most_channels: int) -> list[Option]:
    """What one carrier sells, cheapest month first; channels are bought up to `most_channels`.

    Modules without a use are never bought. Raises `UsageError` when there are too many.
    """
    found = [
        option
        for plan in offers.plans.values()
        for option in _of_plan(offers, plan, useful, most_channels)
    ]
    if len(found) > MOST_OPTIONS:
        raise UsageError(
            f"there are {len(found):,} combinations of plans, modules and channels, more than "
            f"{MOST_OPTIONS:,}: leave plans or modules out of the licence for this study"
        )
    return sorted(found, key=lambda one: (one.monthly, one.connect, one.text))


def _of_plan(
    offers: Offers, plan: PlanOffer, useful: frozenset[str], most_channels: int
) -> Iterator[Option]:
    sold = [m for m in offers.modules.values() if offers.in_version(m.name, plan.version)]
    extra = [m for m in sold if m.name in useful - {*plan.modules} and not m.channels_each]
    subsets = chain.from_iterable(combinations(extra, n) for n in range(len(extra) + 1))
    ways = [*_channels(sold, plan.channels, most_channels)]
    for modules in subsets:
        for pieces in ways:
            yield _option(offers, plan, [*((m, 1) for m in modules), *pieces], useful)


def _channels(
    sold: Sequence[ModuleOffer], included: int, most: int
) -> Iterator[list[tuple[ModuleOffer, int]]]:
    """No further channels, then every number of pieces of each module that adds some."""
    yield []
    for module in sold:
        if module.channels_each:
            needed = max(0, -(-(most - included) // module.channels_each))
            yield from ([(module, n)] for n in range(1, needed + 1))


def _option(
    offers: Offers, plan: PlanOffer, bought: Sequence[tuple[ModuleOffer, int]],
    useful: frozenset[str],
) -> Option:  # fmt: skip
    included = {name for name in plan.modules if offers.in_version(name, plan.version)}
    names = (included | {module.name for module, _ in bought}) & useful
    channels = plan.channels + sum(n * module.channels_each for module, n in bought)
    return Option(
        offers.carrier,
        plan.name,
        tuple(sorted((module.name, n) for module, n in bought)),
        Means(offers.carrier, channels, tuple(sorted(names))),
        plan.monthly + sum(n * (module.monthly or 0) for module, n in bought),
        plan.connect,
        tuple(sorted((module.name, n, module.price) for module, n in bought if module.price)),
    )


def first_cost(option: Option) -> int:
    """Hundredths due once when the contract begins with an option."""
    return option.connect + sum(n * price for _, n, price in option.once)


def change_costs(found: Sequence[Option]) -> Ints:
    """(from, to) hundredths due once at a change: connection of another plan, new pieces' prices."""
    return np.array([[change_cost(a, b) for b in found] for a in found], np.int64)


def change_cost(held: Option, then: Option) -> int:
    """What one change costs, in hundredths."""
    had = dict(held.bought)
    more = sum(max(0, n - had.get(name, 0)) * price for name, n, price in then.once)
    return more + (then.connect if then.plan != held.plan else 0)


def orders_of(course: Sequence[Option], since: date) -> list["Order"]:
    """The orders by which options are held, one a month from `since` on; changes at midnight."""
    found = _beginning(course[0])
    for month in range(1, len(course)):
        before, after = course[month - 1], course[month]
        if before != after:
            found += _change(before, after, month_start(since, month).isoformat())
    return found


def month_start(since: date, month: int) -> date:
    """The first day of a month of the contract, counted from 0."""
    return months_later(datetime(since.year, since.month, since.day), month).date()


def _beginning(option: Option) -> list["Order"]:
    from vpbx.scenario.licence_models import Order

    bought = [Order(at="day 0", buy=name, count=n) for name, n in option.bought]
    return [Order(at="day 0", choose=option.plan), *bought]


def _change(before: Option, after: Option, at: str) -> list["Order"]:
    from vpbx.scenario.licence_models import Order

    found = [] if before.plan == after.plan else [Order(at=at, choose=after.plan)]
    had, has = dict(before.bought), dict(after.bought)
    for name in sorted({*had, *has}):
        more = has.get(name, 0) - had.get(name, 0)
        if more > 0:
            found.append(Order(at=at, buy=name, count=more))
        elif more < 0:
            found.append(Order(at=at, cancel=name, count=-more))
    return found
