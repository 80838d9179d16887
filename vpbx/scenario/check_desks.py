"""Checks of queues, agents, their phones and their shifts against the other sections.

Belongs here: the sections `queues` and `agents`, and the one currency of all money. Does not belong
here: queue nodes (`check_waiting`), whether there are enough people (`flow.lint_load`).
"""

from collections.abc import Iterator

from vpbx.scenario.check_shifts import check_shifts
from vpbx.scenario.desks import AgentGroup, Phone
from vpbx.scenario.findings import Findings
from vpbx.scenario.tree import Location
from vpbx.units import MOST_AGENTS, Money, duration_text


def check_desks(found: Findings) -> None:
    """Notes every problem of the sections `queues` and `agents`."""
    for name, queue in found.scenario.queues.items():
        here: Location = ("queues", name)
        found.refers((*here, "closes"), queue.closes, found.scenario.hours, "hours")
        if queue.at_closing == "clear" and queue.closes is None:
            message = "the queue never closes: add closes, the opening hours"
            found.add((*here, "at_closing"), message, "idle-key", at_key=True)
    for name, group in found.scenario.agents.items():
        _group(found, ("agents", name), group)
    _one_currency(found)


def _group(found: Findings, path: Location, group: AgentGroup) -> None:
    if not group.serves:
        found.add((*path, "serves"), "the group serves no queue", "empty-serves")
    for queue in group.serves:
        known = found.scenario.queues
        found.refers((*path, "serves", queue), queue, known, "queue", at_key=True)
    given = [key for key in ("heads", "shifts") if key in group.model_fields_set]
    if len(given) != 1:
        both = "both" if given else "neither"
        message = f"a group has exactly one of heads and shifts; this one has {both}"
        found.add(path, message, "heads")
    check_shifts(found, (*path, "shifts"), group.shifts)
    most = max((entry.value for entry in group.present.entries), default=0) * group.at_once
    if most > MOST_AGENTS:
        _too_many(found, path, group, most)
    _spare(found, path, group, most)
    if group.phone is not None:
        _phone(found, (*path, "phone"), group.phone)


def _too_many(found: Findings, path: Location, group: AgentGroup, most: int) -> None:
    """More agents than the records can number."""
    key = "heads" if group.heads is not None else "shifts"
    who = "agents" if group.at_once == 1 else "conversations"
    message = (
        f"up to {most:,} {who} at once; a group has at most {MOST_AGENTS:,}: make it several groups"
    )
    found.add((*path, key), message, "heads")


def _spare(found: Findings, path: Location, group: AgentGroup, most: int) -> None:
    """A reserve as large as the group leaves nobody for the queue."""
    for queue, serves in group.serves.items():
        if serves.spare and serves.spare >= most:
            message = (
                f"keeps {serves.spare} free, but never more than {most} are on the phone: nobody "
                f"would ever take a call from {queue}"
            )
            found.add((*path, "serves", queue, "spare"), message, "spare")


def _phone(found: Findings, path: Location, phone: Phone) -> None:
    """A phone that somebody can answer, whose every key does something."""
    if phone.missed >= 1.0:
        found.add((*path, "missed"), "no call would ever be answered", "phone")
    law, limit = phone.answers_after, phone.ring_time
    if law.kind == "constant" and law.mean_us > limit:
        message = (
            f"it rings for {duration_text(limit)}, but is answered only after "
            f"{duration_text(law.mean_us)}: no call would ever be answered"
        )
        found.add((*path, "ring_time"), message, "phone")
    for key in ("pause", "autopause_delay"):
        if key in phone.model_fields_set and phone.autopause is None:
            message = (
                "nobody is ever paused: add autopause, the misses in a row that pause an agent"
            )
            found.add((*path, key), message, "idle-key", at_key=True)


def _one_currency(found: Findings) -> None:
    """Money is added up, so it is all in one currency."""
    first = ""
    for path, money in _amounts(found):
        first = first or money.currency
        if money.currency != first:
            message = f"{money.currency} here, {first} before: one currency for all"
            found.add(path, message, "currency")


def _amounts(found: Findings) -> Iterator[tuple[Location, Money]]:
    """All money of the scenario with its place, in the usual order of sections."""
    for name, number in found.scenario.numbers.items():
        for network, price in number.charge.items():
            yield ("numbers", name, "charge", network), price
    for name, node in found.scenario.flow.items():
        if node.offers.paid_skip is not None:
            path = ("flow", name, "offers", "paid_skip", "price")
            yield path, node.offers.paid_skip.price
    for name, group in found.scenario.agents.items():
        if group.wage:
            yield ("agents", name, "wage"), group.wage
