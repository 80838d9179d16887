"""The course of a contract: a history of what is allowed when, and what it costs.

Belongs here: events in order, one instant after another, and the history that comes of them. Does
not belong here: what an event does (`orders`, `contract`).

Within an instant: payments, new terms that come into force, orders in the order of the file, the
end of a breach's time, maintenance; then charges. So money paid at the moment a charge falls due
counts, and what is cancelled at that moment is not charged any more.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vpbx.licence.account import Account, Entry
from vpbx.licence.clock import ContractClock, Moment, months_later
from vpbx.licence.contract import (
    Contract,
    Notice,
    Shortfall,
    State,
    channels_now,
    modules_now,
    month_ends,
    settle,
    state_of,
)
from vpbx.licence.offers import Offers, offers_of
from vpbx.licence.orders import carry_out, deadline, give_version, pay_in
from vpbx.scenario.licence_models import Change, Licence, Order
from vpbx.scenario.models import Scenario

__all__ = ["NoEffect", "Period", "State", "Timeline", "history", "licence_timeline"]


class Period(NamedTuple):
    """From `at_us` (local time `at`) on, up to the next period, everything here is constant."""

    at_us: int
    """Microseconds from the run's start; negative before it."""
    at: datetime
    state: State
    plan: str
    """"" before one is chosen."""
    licence_type: str
    version: str
    modules: tuple[str, ...]
    """Switched on, sorted; none unless active or in maintenance."""
    channels: int
    """Calls that may be in progress at once; 0 unless active or in maintenance."""
    balance: int
    """Hundredths of the currency."""
    owed: int
    """Charges that fell due and could not be taken, in hundredths."""
    cause: str
    """What happened at `at`."""


class NoEffect(NamedTuple):
    """An order that does nothing (or not all it says), and why."""

    place: int
    """Its place among the orders, from 0."""
    moment: Moment
    reason: str


@dataclass(frozen=True)
class Timeline:
    """The history of a contract from `periods[0].at_us` up to `until_us`; never empty.

    The run begins at 0 us and ends at `run_us`. Amounts are in hundredths of `currency`. `entries`
    are all payments and charges in order; `shortfalls` the charges that were not covered when they
    fell due; `no_effect` the orders in vain.
    """

    carrier: str
    currency: str
    periods: tuple[Period, ...]
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...]
    shortfalls: tuple[Shortfall, ...]
    no_effect: tuple[NoEffect, ...]
    concluded: Moment | None
    ended: Moment | None
    run_us: int
    until_us: int
    until: datetime

    def at(self, at_us: int) -> Period:
        """What holds at an instant; before the first period, that one."""
        found = self.periods[0]
        for period in self.periods:
            if period.at_us > at_us:
                break
            found = period
        return found

    def paid_in(self) -> int:
        """All payments, in hundredths."""
        return sum(entry.amount for entry in self.entries if entry.amount > 0)

    def charged(self) -> int:
        """All charges taken, in hundredths (0 or more)."""
        return -sum(entry.amount for entry in self.entries if entry.amount < 0)


class _Rank(IntEnum):
    """Which of an instant's events come first."""

    PAYMENT = 0
    NEW_TERMS = 1
    ORDER = 2
    BREACH_END = 3
    WINDOW = 4
    MONTH_END = 5


class _Event(NamedTuple):
    """Something that happens; `place` keeps equals in order."""

    at_us: int
    rank: _Rank
    place: int
    subject: "Order | Change | int | None" = None
    """An order; new terms; hundredths paid in; +1 and -1 for a window; the instant of a notice."""
    what: str = ""


@dataclass
class _Course:
    """A contract on its way through time."""

    contract: Contract
    events: list[_Event] = field(default_factory=list)
    """A heap."""
    periods: list[Period] = field(default_factory=list)
    no_effect: list[NoEffect] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)
    """Month ends (us) that are on the calendar."""

    def push(self, event: _Event) -> None:
        heapq.heappush(self.events, event)


def licence_timeline(scenario: Scenario) -> Timeline:
    """The history of a scenario's licence, to the end of its run (of the draining, where it drains).

    Raises `ValueError` when the scenario has no licence.
    """
    clock, licence = scenario.clock, scenario.licence
    if licence is None:
        raise ValueError("the scenario has no licence")
    start = clock.start.replace(tzinfo=None)
    until_us = clock.duration + (clock.drain_limit if clock.at_end == "drain" else 0)
    contract_clock = ContractClock(start, ZoneInfo(clock.timezone))
    since = licence.since or start.date()
    return history(licence, contract_clock, since, until_us, run_us=clock.duration)


def history(
    licence: Licence,
    clock: ContractClock,
    since: date,
    until_us: int,
    *,
    run_us: int | None = None,
    unlimited: bool = False,
    offers: Offers | None = None,
) -> Timeline:
    """The history of a licence up to `until_us`; day 0 is `since`, with the opening balance.

    `unlimited`: every charge is taken, whatever the balance (which may become negative). `offers`
    are those of the contract's carrier, unless given.
    """
    account = Account(unlimited=unlimited)
    contract = Contract(clock, offers or offers_of(licence), licence.terms, account)
    course = _Course(contract)
    for event in _planned(licence, clock, since, until_us):
        course.push(event)
    _begin(course, clock.at(datetime.combine(since, datetime.min.time())))
    while course.events and course.events[0].at_us < until_us:
        _instant(course, clock.after(course.events[0].at_us, 0))
    return _timeline(course, until_us if run_us is None else run_us, until_us)


def _planned(
    licence: Licence, clock: ContractClock, since: date, until_us: int
) -> Iterator[_Event]:
    """All that the file says will happen before `until_us`."""
    yield from _payments(licence, clock, since, until_us)
    for place, order in enumerate(licence.orders):
        yield _Event(clock.at(order.moment.on(since)).at_us, _Rank.ORDER, place, order)
    for place, window in enumerate(licence.maintenance):
        wall, again = window.moment.on(since), 0
        while (begin := clock.at(wall + timedelta(microseconds=again))).at_us < until_us:
            yield _Event(begin.at_us, _Rank.WINDOW, place, +1)
            yield _Event(begin.at_us + window.lasts, _Rank.WINDOW, place, -1)
            if not window.every:
                break
            again += window.every


def _payments(
    licence: Licence, clock: ContractClock, since: date, until_us: int
) -> Iterator[_Event]:
    opening = licence.account.balance
    if opening is not None and opening.hundredths:
        at_us = clock.at(datetime.combine(since, datetime.min.time())).at_us
        yield _Event(at_us, _Rank.PAYMENT, -1, opening.hundredths, "opening balance")
    for place, payment in enumerate(licence.account.payments):
        first, times = payment.moment.on(since), 0
        while (wall := _again(first, times, payment.every)) is not None:
            at_us = clock.at(wall).at_us
            if at_us >= until_us:
                break
            amount = payment.amount.hundredths
            yield _Event(at_us, _Rank.PAYMENT, place, amount, "payment")
            times += 1


def _again(first: datetime, times: int, every: str | None) -> datetime | None:
    """The wall time of a payment's next occurrence."""
    if not times:
        return first
    if every == "month":
        return months_later(first, times)
    return first + timedelta(weeks=times) if every == "week" else None


def _begin(course: _Course, since: Moment) -> None:
    """The first period: from day 0, or earlier where something happens before it."""
    first = min([since.at_us, 0, *(event.at_us for event in course.events)])
    begin = course.contract.clock.after(first, 0)
    course.contract.notes.append("no contract yet")
    _record(course, begin)


def _instant(course: _Course, now: Moment) -> None:
    """Everything that happens at one moment, the charges that follow, and what then holds."""
    while course.events and course.events[0].at_us == now.at_us:
        _happen(course, heapq.heappop(course.events), now)
    settle(course.contract, now)
    for end_us in month_ends(course.contract):
        if end_us > now.at_us and end_us not in course.ends:
            course.ends.add(end_us)
            course.push(_Event(end_us, _Rank.MONTH_END, 0))
    _record(course, now)


def _happen(course: _Course, event: _Event, now: Moment) -> None:
    contract, subject = course.contract, event.subject
    if event.rank is _Rank.MONTH_END:
        return
    if isinstance(subject, Order):
        _order(course, subject, event.place, now)
    elif isinstance(subject, Change):
        _new_terms(contract, subject)
    elif event.rank is _Rank.BREACH_END:
        _breach_end(contract, subject, now)
    elif isinstance(subject, int) and event.rank is _Rank.PAYMENT:
        pay_in(contract, now, subject, event.what)
    elif isinstance(subject, int):
        contract.windows += subject
        contract.notes.append("maintenance begins" if subject > 0 else "maintenance ends")


def _order(course: _Course, order: Order, place: int, now: Moment) -> None:
    """Carry an order out, and put on the calendar what follows from it later."""
    contract = course.contract
    reason = carry_out(contract, order, now)
    if reason:
        course.no_effect.append(NoEffect(place, now, reason))
        return
    if order.announce is not None:
        effect = deadline(contract, now, contract.terms.notice)
        course.push(_Event(effect.at_us, _Rank.NEW_TERMS, place, order.announce))
    if order.breach_notice and contract.terms.breach_ends:
        last = deadline(contract, now, contract.terms.mend_within)
        course.push(_Event(last.at_us, _Rank.BREACH_END, place, now.at_us))


def _new_terms(contract: Contract, change: Change) -> None:
    """Published terms come into force; paid months stay as they were charged (V9)."""
    contract.offers = contract.offers.changed(change)
    contract.notes.append(f"new terms of {change.plan or change.module} in force")
    plan = contract.plan
    if plan is not None and plan.name == change.plan and change.version is not None:
        give_version(contract, change.version)


def _breach_end(contract: Contract, notice_us: object, now: Moment) -> None:
    """The contract ends if the breach of that notice is still not mended (V8)."""
    if contract.breach is not None and contract.breach.at_us == notice_us:
        contract.ended = now
        contract.notes.append("ended: the breach was not mended in time")


def _record(course: _Course, now: Moment) -> None:
    """Adds a period if anything differs from the last."""
    contract = course.contract
    period = _period(contract, now, "; ".join(contract.notes))
    contract.notes.clear()
    if course.periods and course.periods[-1].at_us == now.at_us:
        course.periods.pop()
    last = course.periods[-1] if course.periods else None
    if last is None or period[2:-1] != last[2:-1]:
        course.periods.append(period)


def _period(contract: Contract, now: Moment, cause: str) -> Period:
    state, offer = state_of(contract, now), contract.offer()
    works = state in (State.ACTIVE, State.MAINTENANCE)
    return Period(
        at_us=now.at_us,
        at=now.wall,
        state=state,
        plan="" if offer is None else offer.name,
        licence_type="" if offer is None else offer.licence_type,
        version=contract.version,
        modules=modules_now(contract, now) if works else (),
        channels=channels_now(contract, now) if works else 0,
        balance=contract.account.balance,
        owed=contract.account.owed,
        cause=cause,
    )


def _timeline(course: _Course, run_us: int, until_us: int) -> Timeline:
    contract = course.contract
    return Timeline(
        carrier=contract.offers.carrier,
        currency=contract.offers.currency,
        periods=tuple(course.periods),
        entries=tuple(contract.account.entries),
        notices=tuple(contract.notices),
        shortfalls=tuple(contract.shortfalls),
        no_effect=tuple(course.no_effect),
        concluded=contract.concluded,
        ended=contract.ended,
        run_us=run_us,
        until_us=until_us,
        until=contract.clock.after(until_us, 0).wall,
    )
