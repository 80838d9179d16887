"""What the user wrote about the licence: carriers, plans, modules, the account, orders in time.

Belongs here: the keys of the section `licence`, their types and their meaning. Does not belong here:
checks between keys (`check_licence`), what follows from them in time (`licence`).
"""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from vpbx.scenario import rules
from vpbx.scenario.money import Amount
from vpbx.scenario.order_time import OrderTime, order_time_text, parse_order_time
from vpbx.scenario.values import Duration, Flag, Name, Names, Whole
from vpbx.units import DAY_US

_EACH = re.compile(r"\s*(\d{1,5})\s+channels?\s*")


def channels_text(text: str) -> str:
    """A text such as `1 channel` or `5 channels`; raises `ValueError`."""
    if _EACH.fullmatch(text) is None:
        raise ValueError(f'"{text}" is not a number of channels; write it like 1 channel')
    return text


def near_day(day: date) -> date:
    """A day of this century or its neighbours; raises `ValueError`."""
    if not rules.FIRST_YEAR <= day.year <= rules.LAST_YEAR:
        years = f"{rules.FIRST_YEAR} and {rules.LAST_YEAR}"
        raise ValueError(f"the year lies between {years}, got {day.year}")
    return day


Moment = Annotated[str, AfterValidator(order_time_text)]


class LicencePart(BaseModel):
    """Base of all in this section: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Plan(LicencePart):
    """A tariff plan: its price, how much of the software it licenses, and which version."""

    monthly: Amount = Field(description="fee of a month, taken in advance: 500 RUB")
    connect: Amount | None = Field(None, description="one-off charge when the plan is taken up")
    channels: Whole = Field(ge=0, le=100_000, description="calls that may be in progress at once")
    licence: str | None = Field(None, description="licence type: an entry of types")
    version: str = Field("", description='version of the software, in quotes: "2.1"')
    modules: Names = Field((), description="modules that the plan includes")
    facts: Names = Field((), description="ids of the facts that this rests on")


class Module(LicencePart):
    """A functional module that is switched on after payment."""

    monthly: Amount | None = Field(None, description="fee of a month, taken in advance")
    price: Amount | None = Field(None, description="one-off charge when it is bought")
    each: Annotated[str, AfterValidator(channels_text)] | None = Field(
        None, description="channels that each piece adds: 1 channel"
    )
    enables: Names = Field(
        (), description="kinds of node that it licenses, in place of those it does by itself"
    )
    versions: Names = Field((), description="versions that have the module; all, when empty")
    facts: Names = Field((), description="ids of the facts that this rests on")

    @property
    def channels_each(self) -> int:
        """Channels that one piece of the module adds."""
        found = _EACH.fullmatch(self.each or "")
        return int(found[1]) if found else 0


class Carrier(LicencePart):
    """A carrier through which the software is used, with what it sells."""

    plans: dict[Name, Plan] = Field(description="its tariff plans", min_length=1)
    modules: dict[Name, Module] = Field({}, description="what it sells besides, or otherwise")
    facts: Names = Field((), description="ids of the facts that this rests on")


class Payment(LicencePart):
    """Money paid into the personal account."""

    at: Moment = Field(description="when: day 30, or 2024-03-04 11:00")
    amount: Amount = Field(description="how much: 2000 RUB")
    every: Literal["week", "month"] | None = Field(None, description="and again, for good")

    @property
    def moment(self) -> OrderTime:
        """The time of the (first) payment."""
        return parse_order_time(self.at)


class Account(LicencePart):
    """The personal account: charges are taken from what has been paid in."""

    balance: Amount | None = Field(None, description="money in it on day 0")
    payments: tuple[Payment, ...] = Field((), description="what is paid in later")
    login: str | None = Field(
        None, description="the number that the carrier allotted; who logs in counts as its owner"
    )


class Change(LicencePart):
    """New terms of a plan or a module, published now, in force after the notice."""

    plan: str | None = Field(None, description="the plan that changes")
    module: str | None = Field(None, description="the module that changes")
    monthly: Amount | None = Field(None, description="new fee of a month")
    connect: Amount | None = Field(None, description="plan: new charge at connection")
    price: Amount | None = Field(None, description="module: new one-off charge")
    channels: Whole | None = Field(None, ge=0, le=100_000, description="plan: new channels")
    modules: Names | None = Field(None, description="plan: modules that it includes from then on")
    version: str | None = Field(None, description="plan: new version of the software")


class Order(LicencePart):
    """Something done in time, by the licensee or the licensor: exactly one of the actions."""

    at: Moment = Field(description="when: day 4, day 4 12:30, or 2024-03-04 11:00")
    choose: str | None = Field(None, description="a plan is chosen, at once")
    buy: str | None = Field(None, description="a module is bought")
    cancel: str | None = Field(None, description="a bought module is given up")
    count: Whole = Field(1, ge=1, le=10_000, description="buy, cancel: how many pieces")
    stop: Flag = Field(False, description="the plan is used no longer; the licence is suspended")
    pay: Amount | None = Field(None, description="money is paid in")
    login: str | None = Field(None, description="first use: somebody logs in as this number")
    accept: Flag = Field(False, description="acceptance is ticked")
    apply: Flag = Field(False, description="an application is handed in")
    claim: Flag = Field(False, description="a claim about access is made")
    breach_notice: Flag = Field(False, description="the licensor gives notice of a breach")
    mend: Flag = Field(False, description="the breach is mended")
    announce: Change | None = Field(None, description="new terms are published")
    version: str | None = Field(None, description="another version is given, in quotes")
    facts: Names = Field((), description="ids of the facts that this rests on")

    @property
    def moment(self) -> OrderTime:
        """The time of the order."""
        return parse_order_time(self.at)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that the order claims: exactly one, if it is right."""
        return tuple(name for name in ACTIONS if getattr(self, name) not in (None, False))


ACTIONS = (
    "choose", "buy", "cancel", "stop", "pay", "login", "accept", "apply", "claim",
    "breach_notice", "mend", "announce", "version",
)  # fmt: skip


class Maintenance(LicencePart):
    """A window in which the software is not guaranteed to work."""

    at: Moment = Field(description="when it begins: day 12 02:00")
    lasts: Duration = Field(description="how long: 2 h")
    every: Duration | None = Field(None, description="and again after so many days: 7 days")

    @property
    def moment(self) -> OrderTime:
        """The time of the (first) window."""
        return parse_order_time(self.at)


class Terms(LicencePart):
    """Deadlines of the contract, and what a breach leads to."""

    notice: Duration = Field(10 * DAY_US, description="from publishing new terms to their force")
    mend_within: Duration = Field(30 * DAY_US, description="from notice of a breach to the end")
    claim_within: Duration = Field(5 * DAY_US, description="from acceptance, for claims on access")
    breach_suspends: Flag = Field(True, description="whether notice of a breach suspends access")
    breach_ends: Flag = Field(True, description="whether a breach that stays ends the contract")


class Licence(LicencePart):
    """The licensed software: who sells it, what was ordered and paid, and when.

    A month of a plan or module begins when it is taken up, is charged in advance, and ends on the
    same day and at the same local time of the next month (or on that month's last day). A plan's
    charge that the account does not cover suspends the licence until the money is there, a
    module's switches that module off; no fee runs meanwhile, and nothing is given back for days
    that were paid and not used. Under a breach, fees run on; those not covered are owed. At one
    moment, payments come first, then new terms, then orders as they stand, then charges. While the
    licence is not active, calls are not let in. Its channels are the most calls at once, over all
    numbers and outgoing legs: those that name no trunk hold one of the trunk licensed_lines.
    """

    since: Annotated[date, BeforeValidator(rules.dated), AfterValidator(near_day)] | None = Field(
        None, description="day 0 of orders and payments; the run's first day, if not given"
    )
    carrier: str | None = Field(None, description="the carrier of the contract")
    carriers: dict[Name, Carrier] = Field({}, description="the carriers, each with its plans")
    plans: dict[Name, Plan] = Field({}, description="tariff plans, where there is one carrier")
    types: dict[Name, Names] = Field({}, description="licence types: the modules of each")
    modules: dict[Name, Module] = Field({}, description="modules that are sold separately")
    account: Account = Field(Account(), description="the personal account")
    orders: tuple[Order, ...] = Field((), description="what is done, in time")
    maintenance: tuple[Maintenance, ...] = Field((), description="windows without guarantee")
    terms: Terms = Field(Terms(), description="deadlines, and what a breach leads to")
    facts: Names = Field((), description="ids of the facts that this rests on")
