"""What each order does to a contract, at once (V13).

Belongs here: a function an action, which gives the reason where the order has no effect. Does not
belong here: charges (`contract` takes them after the orders of an instant), time (`timeline`).
"""

from collections.abc import Callable
from datetime import timedelta

from vpbx.licence.clock import Moment
from vpbx.licence.contract import Contract, Notice, Subscription, conclude
from vpbx.scenario.licence_models import Order

NO_EFFECT_AFTER_END = "the contract has ended"

Effect = Callable[[Contract, Order, Moment], str]
"""What an order does; "" or why it does nothing."""


def carry_out(contract: Contract, order: Order, now: Moment) -> str:
    """Do what an order says; "" or why it has no effect."""
    action = order.actions[0]
    if contract.ended is not None and action != "pay":
        return NO_EFFECT_AFTER_END
    if action in ("buy", "cancel", "stop"):
        conclude(contract, now, "first use")
    return EFFECTS[action](contract, order, now)


def deadline(contract: Contract, now: Moment, span_us: int) -> Moment:
    """The moment so many days later by the calendar: the same local time."""
    return contract.clock.at(now.wall + timedelta(microseconds=span_us))


def _choose(contract: Contract, order: Order, now: Moment) -> str:
    name = order.choose or ""
    contract.notes.append(f"plan {name} chosen")
    if contract.plan is not None and contract.plan.name == name:
        if not contract.stopped:
            contract.notes.pop()
            return f'the plan "{name}" is in use already'
        contract.stopped = False
        return ""
    offer = contract.offers.plans[name]
    contract.plan, contract.stopped = Subscription(name, 1, offer.connect), False
    contract.missing.discard(name)
    give_version(contract, offer.version)
    return ""


def give_version(contract: Contract, version: str) -> None:
    """Another version ends the rights to the earlier one, and with them its modules (V10)."""
    if version in ("", contract.version):
        return
    if contract.version:
        contract.notes.append(
            f"version {version} given: the rights to version {contract.version} end"
        )
    contract.version = version
    for module in list(contract.modules):
        if not contract.offers.in_version(module.name, version):
            contract.modules.remove(module)
            contract.notes.append(f"version {version} has no {module.name}")


def _buy(contract: Contract, order: Order, _: Moment) -> str:
    name = order.buy or ""
    if not contract.offers.in_version(name, contract.version):
        return f'version {contract.version} has no module "{name}"'
    sold = contract.offers.modules[name]
    if not sold.channels_each and any(module.name == name for module in contract.modules):
        return f'the module "{name}" is bought already'
    first = sold.price * order.count
    contract.modules.append(Subscription(name, order.count, first))
    contract.missing.discard(name)
    contract.notes.append(f"{_pieces(order.count, name)} bought")
    return ""


def _pieces(count: int, name: str) -> str:
    return f"{count} x {name}" if count > 1 else name


def _cancel(contract: Contract, order: Order, _: Moment) -> str:
    name, left = order.cancel or "", order.count
    for module in reversed(list(contract.modules)):
        if module.name == name and left:
            gone = min(left, module.count)
            module.first = module.first // module.count * (module.count - gone)
            module.count, left = module.count - gone, left - gone
            if not module.count:
                contract.modules.remove(module)
    if left == order.count:
        return f'no module "{name}" has been bought'
    contract.notes.append(f"{_pieces(order.count - left, name)} given up")
    return f'only {order.count - left} of "{name}" had been bought' if left else ""


def _stop(contract: Contract, _: Order, __: Moment) -> str:
    if contract.plan is None or contract.stopped:
        return "no plan is in use"
    contract.stopped = True
    contract.notes.append(f"plan {contract.plan.name} stopped")
    return ""


def _pay(contract: Contract, order: Order, now: Moment) -> str:
    if order.pay is not None:
        pay_in(contract, now, order.pay.hundredths, "payment")
    return ""


def pay_in(contract: Contract, now: Moment, amount: int, what: str) -> None:
    """Money comes into the account."""
    contract.account.pay(now, amount, what)
    contract.notes.append(f"{what} of {contract.money(amount)}")


def _login(contract: Contract, order: Order, now: Moment) -> str:
    conclude(contract, now, f"login as {order.login}")
    return ""


def _accept(contract: Contract, _: Order, now: Moment) -> str:
    return "" if conclude(contract, now, "acceptance") else "the contract is concluded already"


def _apply(contract: Contract, _: Order, now: Moment) -> str:
    return "" if conclude(contract, now, "an application") else "the contract is concluded already"


def _claim(contract: Contract, _: Order, now: Moment) -> str:
    if contract.concluded is None:
        return "no contract is concluded yet"
    last = deadline(contract, contract.concluded, contract.terms.claim_within)
    if now.at_us > last.at_us:
        contract.notices.append(Notice(now, "claim about access, too late", None))
        return f"claims about access were possible until {last.wall:%Y-%m-%d %H:%M}"
    contract.notices.append(Notice(now, "claim about access, in time", now))
    contract.notes.append("claim about access")
    return ""


def _breach_notice(contract: Contract, _: Order, now: Moment) -> str:
    if contract.concluded is None:
        return "no contract is concluded yet"
    if contract.breach is not None:
        return "notice of a breach has been given already"
    contract.breach = now
    last = deadline(contract, now, contract.terms.mend_within)
    effect = last if contract.terms.breach_ends else None
    contract.notices.append(Notice(now, "notice of a breach", effect))
    contract.notes.append("notice of a breach")
    return ""


def _mend(contract: Contract, _: Order, __: Moment) -> str:
    if contract.breach is None:
        return "there is no breach to mend"
    contract.breach = None
    contract.notes.append("breach mended")
    return ""


def _announce(contract: Contract, order: Order, now: Moment) -> str:
    change = order.announce
    if change is None:
        return ""
    effect = deadline(contract, now, contract.terms.notice)
    name = change.plan or change.module
    contract.notices.append(Notice(now, f"new terms of {name}", effect))
    return ""


def _version(contract: Contract, order: Order, _: Moment) -> str:
    if contract.plan is None:
        return "no plan is chosen"
    if contract.version == order.version:
        return f"version {order.version} is in use already"
    give_version(contract, order.version or "")
    return ""


EFFECTS: dict[str, Effect] = {
    "choose": _choose,
    "buy": _buy,
    "cancel": _cancel,
    "stop": _stop,
    "pay": _pay,
    "login": _login,
    "accept": _accept,
    "apply": _apply,
    "claim": _claim,
    "breach_notice": _breach_notice,
    "mend": _mend,
    "announce": _announce,
    "version": _version,
}
"""What each action does."""
