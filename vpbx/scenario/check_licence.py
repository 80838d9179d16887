"""Checks of the section `licence`: what is sold, what is ordered, and that the two fit.

Belongs here: names, carriers, one currency, orders that contradict each other. Does not belong
here: what follows in time, such as money that runs out (`licence.lint`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations

from vpbx.scenario.findings import Findings, listed
from vpbx.scenario.licence_models import Change, Licence, LicencePart, Module, Order
from vpbx.scenario.licence_offers import (
    NODE_MODULES,
    Sold,
    carriers_of,
    contracted,
    known_modules,
)
from vpbx.scenario.lines import LICENSED_LINES
from vpbx.scenario.money import Price
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Location
from vpbx.units import DAY_US

_OPPOSITES = (("choose", "stop"), ("buy", "cancel"), ("breach_notice", "mend"))


def check_licence(found: Findings) -> None:
    """Notes every problem of the section `licence`."""
    licence = found.scenario.licence
    if licence is None:
        return
    if LICENSED_LINES in found.scenario.trunks:
        message = f"{LICENSED_LINES} is the name of the lines of a licence; choose another name"
        found.add(("trunks", LICENSED_LINES), message, LICENSED_LINES, at_key=True)
    _carriers(found, licence)
    _sold_modules(found, licence)
    _login(found, licence)
    _maintenance(found, licence)
    _one_currency(found, licence)
    seller = contracted(licence)
    for place, order in enumerate(licence.orders):
        path: Location = ("licence", "orders", place)
        if _has_one_action(found, path, order) and seller is not None:
            _order(found, path, order, seller)
    _contradictions(found, licence)


def _carriers(found: Findings, licence: Licence) -> None:
    path: Location = ("licence",)
    if not licence.plans and not licence.carriers:
        found.add(path, "no plan is sold: give plans, or carriers with plans", "plans")
    elif licence.plans and licence.carriers:
        message = "with carriers, each plan stands under the carrier that sells it"
        found.add((*path, "plans"), message, "plans", at_key=True)
    elif licence.carrier is not None:
        found.refers((*path, "carrier"), licence.carrier, licence.carriers, "carrier")
    elif len(licence.carriers) > 1:
        names = listed([*licence.carriers])
        found.add(path, f"with whom is the contract? Give carrier: {names}", "carrier")


def _sold_modules(found: Findings, licence: Licence) -> None:
    known = known_modules(licence)
    for name, included in licence.types.items():
        _module_names(found, ("licence", "types", name), included, known)
    for seller in carriers_of(licence):
        for name, plan in seller.plans.items():
            path = (*seller.path, "plans", name)
            _module_names(found, (*path, "modules"), plan.modules, known)
            found.refers((*path, "licence"), plan.licence, licence.types, "licence type")
    for path, module in _modules_written(licence):
        _module(found, path, module)


def _modules_written(licence: Licence) -> Iterator[tuple[Location, Module]]:
    for name, module in licence.modules.items():
        yield ("licence", "modules", name), module
    for carrier, sold in licence.carriers.items():
        for name, module in sold.modules.items():
            yield ("licence", "carriers", carrier, "modules", name), module


def _module_names(found: Findings, path: Location, names: tuple[str, ...], known: set[str]) -> None:
    for place, name in enumerate(names):
        found.refers((*path, place), name, known, "module")


def _module(found: Findings, path: Location, module: Module) -> None:
    if module.monthly is None and module.price is None:
        message = "what does it cost? Give monthly or price (0 RUB where it is free)"
        found.add(path, message, "price", at_key=True)
    for place, kind in enumerate(module.enables):
        found.refers((*path, "enables", place), kind, _kinds(), "kind of node")


def _kinds() -> set[str]:
    from vpbx.scenario.check_flow import KINDS

    return {*NODE_MODULES, *KINDS}


def _maintenance(found: Findings, licence: Licence) -> None:
    for place, window in enumerate(licence.maintenance):
        path: Location = ("licence", "maintenance", place)
        if not window.lasts:
            found.add((*path, "lasts"), "a window lasts longer than 0", "maintenance")
        if window.every is not None and window.every < max(window.lasts + 1, DAY_US):
            message = "windows come back after a day or more, and after they have ended"
            found.add((*path, "every"), message, "maintenance")


def _login(found: Findings, licence: Licence) -> None:
    numbers, login = found.scenario.numbers, licence.account.login
    found.refers(("licence", "account", "login"), login, numbers, "number")
    for place, order in enumerate(licence.orders):
        path: Location = ("licence", "orders", place, "login")
        if order.login is None or not found.refers(path, order.login, numbers, "number"):
            continue
        if login is not None and order.login != login:
            message = f"only who logs in as {login} counts as the number's owner"
            found.add(path, message, "login")


def _has_one_action(found: Findings, path: Location, order: Order) -> bool:
    actions = order.actions
    if len(actions) == 1:
        if order.count != 1 and actions[0] not in ("buy", "cancel"):
            found.add((*path, "count"), "goes with buy and cancel only", "count", at_key=True)
        return True
    given = f"this one has {listed(actions, 'and')}" if actions else "this one has none"
    found.add(path, f"an order is exactly one action, such as choose or buy; {given}", "order")
    return False


def _order(found: Findings, path: Location, order: Order, seller: Sold) -> None:
    if order.choose is not None:
        _plan(found, (*path, "choose"), order.choose, seller)
    for action in ("buy", "cancel"):
        name = getattr(order, action)
        if name is not None:
            _bought(found, (*path, action), name, seller)
            _pieces(found, path, order.count, seller.modules.get(name))
    if order.announce is not None:
        _change(found, (*path, "announce"), order.announce, seller)


def _plan(found: Findings, path: Location, name: str | None, seller: Sold) -> None:
    licence = found.scenario.licence
    if name is None or name in seller.plans or licence is None:
        return
    others = [other.carrier for other in carriers_of(licence) if name in other.plans]
    if others:
        message = (
            f'"{name}" is a plan of {others[0]}; the contract is with {seller.carrier}'
            f"{did_you_mean(name, seller.plans) or _choice(seller)}"
        )
        found.add(path, message, "other-carrier")
        return
    found.refers(path, name, seller.plans, "plan")


def _choice(seller: Sold) -> str:
    return f", which sells {listed([*seller.plans], 'and')}"


def _bought(found: Findings, path: Location, name: str, seller: Sold) -> None:
    licence = found.scenario.licence
    if licence is None or name in seller.modules:
        return
    if name not in known_modules(licence):
        found.refers(path, name, seller.modules, "module")
        return
    message = f'nobody sells the module "{name}" separately; give it a price in modules'
    found.add(path, message, "not-sold")


def _pieces(found: Findings, path: Location, count: int, module: Module | None) -> None:
    if module is not None and count > 1 and not module.channels_each:
        message = "only modules that add channels (each: 1 channel) come in several pieces"
        found.add((*path, "count"), message, "count")


def _change(found: Findings, path: Location, change: Change, seller: Sold) -> None:
    named = [name for name in ("plan", "module") if getattr(change, name) is not None]
    if len(named) != 1:
        found.add(path, "new terms are those of a plan or of a module: give one of them", "change")
        return
    _plan(found, (*path, "plan"), change.plan, seller)
    if change.module is not None:
        _bought(found, (*path, "module"), change.module, seller)
    if change.modules is not None and found.scenario.licence is not None:
        known = known_modules(found.scenario.licence)
        _module_names(found, (*path, "modules"), change.modules, known)
    wrong = ("price",) if change.plan is not None else ("connect", "channels", "modules", "version")
    for key in wrong:
        if getattr(change, key) is not None:
            found.add((*path, key), f"is no term of a {named[0]}", "change", at_key=True)


def _one_currency(found: Findings, licence: Licence) -> None:
    """Charges and payments meet in one account, so they are in one currency."""
    first: Price | None = None
    for path, price in _prices(licence, ("licence",)):
        first = first or price
        if price.currency != first.currency:
            message = f"{price.currency} here, {first.currency} before: one currency for all"
            found.add(path, message, "currency")


def _prices(part: object, path: Location) -> Iterator[tuple[Location, Price]]:
    """Every price in a part of the section, with its place."""
    if isinstance(part, Price):
        yield path, part
    elif isinstance(part, LicencePart):
        for name in type(part).model_fields:
            yield from _prices(getattr(part, name), (*path, name))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _prices(value, (*path, key))
    elif isinstance(part, tuple):
        for place, value in enumerate(part):
            yield from _prices(value, (*path, place))


def _contradictions(found: Findings, licence: Licence) -> None:
    """Two orders of one instant that cannot both hold."""
    since = licence.since or found.scenario.clock.start.date()
    by_time: dict[datetime, list[int]] = defaultdict(list)
    for place, order in enumerate(licence.orders):
        by_time[order.moment.on(since)].append(place)
    for places in by_time.values():
        for first, second in combinations(places, 2):
            clash = _clash(licence.orders[first], licence.orders[second])
            if clash:
                message = f"contradicts orders.{first} ({clash}), given for the same moment"
                found.add(("licence", "orders", second), message, "contradiction")


def _clash(one: Order, other: Order) -> str:
    """What contradicts what, or ""."""
    if one.choose is not None and other.choose is not None:
        return f"choose: {one.choose}"
    for pair in _OPPOSITES:
        for mine, theirs in (pair, pair[::-1]):
            first, second = getattr(one, mine), getattr(other, theirs)
            if first in (None, False) or second in (None, False):
                continue
            if pair != ("buy", "cancel") or first == second:
                return mine if first is True else f"{mine}: {first}"
    return ""
