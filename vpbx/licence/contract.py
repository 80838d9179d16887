"""A contract in its present state, and what money does to it: charges, suspension, resumption.

Belongs here: one contract at one instant, the charges that fall due, whether it is active. Does not
belong here: what the orders do (`orders`), the course of time (`timeline`).

The rules, where the facts say no more than "in advance" and "suspended":

* A month begins when a plan (or module) is chosen and paid, and ends on the same day and at the same
  local time of the next month, or on that month's last day.
* At its end the next month is charged, if the account covers it; else a plan's end suspends the
  licence (V7), a module's end switches the module off (V4). Nothing is charged meanwhile. As soon as
  the money is there, a new month begins.
* A stopped plan's paid days pass; taken up again within them it costs nothing. Nothing is given
  back for the unused days of a plan that is changed, stopped or suspended.
* While a breach suspends the licence, a month that ends is followed by another and its fee falls due
  (V8); what the account does not cover is owed, and has to be paid before the licence is active
  again. A licence that was suspended for want of money anyway does not run up debts.
* At one instant the plan is charged first, then modules in the order in which they were bought.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from vpbx.licence.account import Account
from vpbx.licence.clock import ContractClock, Moment, months_later
from vpbx.licence.offers import Offers, PlanOffer
from vpbx.scenario.licence_models import Terms
from vpbx.scenario.money import amount_text

FOREVER = 2**62
"""Microseconds; the end of what is paid for once."""


class State(StrEnum):
    """What a contract is at a moment; calls get in only while it is active."""

    NOT_CONCLUDED = "not_concluded"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    MAINTENANCE = "maintenance"
    ENDED = "ended"


class Shortfall(NamedTuple):
    """A charge that the account did not cover."""

    moment: Moment
    subject: str
    """The plan or module."""
    due: int
    balance: int


class Notice(NamedTuple):
    """Something told by one party to the other, and when it has its effect."""

    moment: Moment
    what: str
    effect: Moment | None
    """None: none is due."""


@dataclass(slots=True)
class Subscription:
    """A plan or a number of pieces of a module, paid by the month or once."""

    name: str
    count: int
    first: int
    """One-off charge that goes with the first month; 0 when it has been taken."""
    begun: datetime | None = None
    """Local time at which its run of months began; None before the first charge."""
    months: int = 0
    """Months since then that have been charged."""
    paid_until_us: int | None = None
    """End of the last of them; None before the first charge."""

    def runs(self, now: Moment) -> bool:
        """Whether the present month has been charged."""
        return self.paid_until_us is not None and self.paid_until_us > now.at_us

    def lapsed(self, now: Moment) -> bool:
        """Whether its last month ended before now, so that a new run would begin."""
        return self.paid_until_us is not None and self.paid_until_us < now.at_us


@dataclass(slots=True)
class Contract:
    """A contract's present state; `notes` gathers what happens at an instant, in words."""

    clock: ContractClock
    offers: Offers
    terms: Terms
    account: Account
    concluded: Moment | None = None
    plan: Subscription | None = None
    version: str = ""
    """The version given; that of the plan, until another is given."""
    stopped: bool = False
    modules: list[Subscription] = field(default_factory=list)
    breach: Moment | None = None
    """When notice of the breach was given that is not mended."""
    ended: Moment | None = None
    windows: int = 0
    """Maintenance windows open."""
    notes: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    """Plans and modules whose shortfall has been noted."""

    def money(self, hundredths: int) -> str:
        """An amount with its currency."""
        return f"{amount_text(hundredths)} {self.offers.currency}"

    def offer(self) -> PlanOffer | None:
        """The plan that is chosen, at its present terms."""
        return None if self.plan is None else self.offers.plans[self.plan.name]


def conclude(contract: Contract, now: Moment, by: str) -> bool:
    """The first event of acceptance concludes the contract (V6); whether this one did."""
    if contract.concluded is not None:
        return False
    contract.concluded = now
    contract.notes.append(f"concluded by {by}")
    return True


def settle(contract: Contract, now: Moment) -> None:
    """Take every charge that is due now, as far as the money goes."""
    _conclude_by_payment(contract, now)
    for debt in contract.account.settle_debts(now):
        contract.notes.append(f"{contract.money(debt.amount)} owed for {debt.subject} taken")
    over = contract.concluded is None or contract.ended is not None
    if over or contract.plan is None or contract.stopped:
        return
    _renew(contract, contract.plan, now)
    if contract.plan.runs(now):
        for module in contract.modules:
            _renew(contract, module, now)


def _conclude_by_payment(contract: Contract, now: Moment) -> None:
    """The first payment large enough to cover the charge concludes the contract (V6)."""
    if contract.concluded is not None or contract.plan is None:
        return
    account, (amount, _) = contract.account, _charge(contract, contract.plan)
    if account.unlimited or (account.paid_in and account.covers(amount)):
        conclude(contract, now, "a payment that covers the charge")


def _renew(contract: Contract, subscription: Subscription, now: Moment) -> None:
    """Charge the month that begins now, if the last has ended."""
    if subscription.runs(now):
        return
    if subscription.lapsed(now) and contract.breach is not None:
        return  # a month that had ended before the notice does not begin again under it
    amount, what = _charge(contract, subscription)
    account = contract.account
    if not account.debts and account.covers(amount):
        account.charge(now, amount, what, subscription.name)
        contract.notes.append(f"{contract.money(amount)} charged: {what}")
    elif contract.breach is not None and subscription.paid_until_us == now.at_us:
        account.owe(amount, what, subscription.name)
        contract.notes.append(f"{contract.money(amount)} owed: {what}")
        shortfall = Shortfall(now, subscription.name, account.owed, account.balance)
        contract.shortfalls.append(shortfall)
    else:
        _note_shortfall(contract, subscription.name, amount, now)
        return
    contract.missing.discard(subscription.name)
    _next_month(contract, subscription, now)


def _charge(contract: Contract, subscription: Subscription) -> tuple[int, str]:
    """What the next month costs, one-off charge included, and the words for it."""
    name, offers = subscription.name, contract.offers
    if subscription is contract.plan:
        monthly: int | None = offers.plans[name].monthly
    else:
        monthly = offers.modules[name].monthly
    pieces = f"{subscription.count} x {name}" if subscription.count > 1 else name
    amount = subscription.first + (monthly or 0) * subscription.count
    if monthly is None:
        return amount, f"{pieces}, once"
    return amount, f"{pieces}, connection and month" if subscription.first else f"{pieces}, month"


def _note_shortfall(contract: Contract, name: str, amount: int, now: Moment) -> None:
    if name in contract.missing:
        return
    account = contract.account
    contract.missing.add(name)
    contract.shortfalls.append(Shortfall(now, name, amount + account.owed, account.balance))
    held = contract.money(account.balance)
    needed = contract.money(amount + account.owed)
    contract.notes.append(f"{needed} due for {name}, {held} in the account")


def _next_month(contract: Contract, subscription: Subscription, now: Moment) -> None:
    """The paid time reaches a month further; a new run of months begins after a gap."""
    subscription.first = 0
    plan = subscription is contract.plan
    if not plan and contract.offers.modules[subscription.name].monthly is None:
        subscription.paid_until_us = FOREVER
        return
    if subscription.begun is None or subscription.lapsed(now):
        subscription.begun, subscription.months = now.wall, 0
    subscription.months += 1
    end = contract.clock.at(months_later(subscription.begun, subscription.months))
    subscription.paid_until_us = end.at_us


def month_ends(contract: Contract) -> list[int]:
    """Instants (us) at which months that are paid or owed end."""
    running = [contract.plan, *contract.modules] if contract.plan is not None else []
    ends = {one.paid_until_us for one in running if one is not None}
    return sorted(end for end in ends if end is not None and end < FOREVER)


def state_of(contract: Contract, now: Moment) -> State:
    """What the contract is now, after `settle`."""
    if contract.ended is not None:
        return State.ENDED
    if contract.concluded is None:
        return State.NOT_CONCLUDED
    barred = contract.breach is not None and contract.terms.breach_suspends
    plan = contract.plan
    if barred or contract.stopped or contract.account.debts or plan is None or not plan.runs(now):
        return State.SUSPENDED
    return State.MAINTENANCE if contract.windows else State.ACTIVE


def modules_now(contract: Contract, now: Moment) -> tuple[str, ...]:
    """The modules that are switched on, sorted: the plan's, and those bought and paid for."""
    offer = contract.offer()
    if offer is None:
        return ()
    bought = {module.name for module in contract.modules if module.runs(now)}
    has = contract.offers.in_version
    return tuple(sorted(n for n in {*offer.modules, *bought} if has(n, contract.version)))


def channels_now(contract: Contract, now: Moment) -> int:
    """Calls that may be in progress at once: the plan's, and those that modules add."""
    offer = contract.offer()
    if offer is None:
        return 0
    sold = contract.offers.modules
    pieces = [(m.count, sold[m.name].channels_each) for m in contract.modules if m.runs(now)]
    return offer.channels + sum(count * each for count, each in pieces)
