"""What a scenario assumes beyond queues and menus: shifts, phones, offers, extensions, events.

Belongs here: the scenario's own words in rows. Does not belong here: results (`tables`), the licence
(`licence`).
"""

from collections.abc import Iterator

from vpbx.report import words
from vpbx.report.tables import Column, Row, Table
from vpbx.scenario.desks import AgentGroup
from vpbx.scenario.models import Event, Extension, Number, Scenario
from vpbx.scenario.nodes import Node
from vpbx.units import SECOND_US


def more_tables(scenario: Scenario) -> list[Table]:
    """Tables of what most scenarios do not have; those without a row are left out by the caller."""
    return [
        _table("input.shifts", "Shifts, as assumed", _SHIFTS, _shifts(scenario)),
        _table("input.phones", "Agents' phones, as assumed", _PHONES, _phones(scenario)),
        _table("input.waiting", "While callers wait, as assumed", _WAITING, _waiting(scenario)),
        _table("input.extensions", "Extensions, as assumed", _EXTENSIONS, _extensions(scenario)),
        _table("input.numbers", "Phone numbers, as assumed", _NUMBERS, _numbers(scenario)),
        _table("input.events", "Events, as assumed", _EVENTS, _events(scenario)),
    ]


def _table(name: str, title: str, heads: tuple[str, ...], rows: Iterator[Row]) -> Table:
    columns = tuple(Column(text, "", False) for text in heads)
    return Table(name, title, columns, tuple(rows))


_SHIFTS = ("group", "works", "people", "breaks", "shrinkage")
_PHONES = ("group", "answers after", "rings for", "missed", "after a miss", "conversations at once")
_WAITING = ("node", "what", "how")
_EXTENSIONS = (
    "extension",
    "answers after",
    "no answer",
    "busy",
    "talk",
    "trunk",
    "forwards",
    "facts",
)
_NUMBERS = ("number", "a minute costs", "gets through", "carrier")
_EVENTS = ("when", "what", "of whom")


def _shifts(scenario: Scenario) -> Iterator[Row]:
    for name, group in scenario.agents.items():
        for shift in group.shifts:
            shrinkage = group.shrinkage if shift.shrinkage is None else shift.shrinkage
            yield (
                name, shift.works, str(shift.heads), ", ".join(shift.breaks) or "none",
                words.share(shrinkage),
            )  # fmt: skip


def _phones(scenario: Scenario) -> Iterator[Row]:
    for name, group in scenario.agents.items():
        if group.phone is not None or group.at_once > 1:
            yield (name, *_phone(group), str(group.at_once))


def _phone(group: AgentGroup) -> Row:
    phone = group.phone
    if phone is None:
        return ("at once", words.NONE, words.NONE, words.NONE)
    pause = f"next call after {_time(phone.retry)}"
    if phone.autopause is not None:
        pause += f"; {_time(phone.pause)} after {phone.autopause} in a row"
    return (phone.answers_after.text, _time(phone.ring_time), words.share(phone.missed), pause)


def _time(span_us: int) -> str:
    return words.duration(span_us / SECOND_US)


def _waiting(scenario: Scenario) -> Iterator[Row]:
    for name, node in scenario.flow.items():
        for what, how in (*_announced(node), *_ways_out(node), *_offers(node)):
            yield (name, what, how)


def _announced(node: Node) -> Iterator[tuple[str, str]]:
    announce = node.announce
    told = [w for w, said in (("wait", announce.wait), ("place", announce.position)) if said]
    if told:
        again = f", every {_time(announce.every)}" if announce.every else ""
        yield "callers are told", " and ".join(told) + again
    if announce.balks:
        shares = (f"{words.share(p)} from {_time(at)} on" for at, p in announce.balks.items())
        yield "hang up on hearing the wait", ", ".join(shares)
    if announce.stays != 1.0:
        yield "patience of those who stay", f"times {words.count(announce.stays)}"


def _ways_out(node: Node) -> Iterator[tuple[str, str]]:
    if node.max_wait is not None:
        yield "longest wait", f"{_time(node.max_wait)}, then {node.timed_out or 'the end'}"
    if node.leave is not None:
        key = (
            f"{words.share(node.leave.taken_by)}, after {node.leave.after.text}, to {node.leave.to}"
        )
        yield f"press {node.leave.key} to leave", key
    if node.empty is not None:
        yield "nobody there", f"to {node.empty}"
    if node.keep_place:
        yield "place in the line", "counts from the first queue"
    if node.holds_agent != "no":
        yield "the agent who passes the call on", f"stays {node.holds_agent.replace('_', ' ')}"


def _offers(node: Node) -> Iterator[tuple[str, str]]:
    offers = node.offers
    if offers.elsewhere is not None:
        where = (
            f"{_taken(offers.elsewhere.taken_by, offers.elsewhere.when)}, to {offers.elsewhere.to}"
        )
        yield "offered: another channel", where
    if offers.callback is not None:
        back = offers.callback
        tries = f"{back.attempts} attempts" if back.attempts > 1 else "1 attempt"
        text = f"{_taken(back.taken_by, back.when)}; {words.share(back.answers)} answer, {tries}"
        yield "offered: a call back", text
    if offers.paid_skip is not None:
        skip = offers.paid_skip
        text = f"{_taken(skip.taken_by, skip.when)}, for {skip.price}, priority +{skip.priority}"
        yield "offered: a place further ahead", text


def _taken(share: float, when: str | None) -> str:
    return f"taken by {words.share(share)}" + (f" while {when}" if when else "")


def _extensions(scenario: Scenario) -> Iterator[Row]:
    for name, one in scenario.extensions.items():
        yield (
            name, one.answers_after.text or "at once", _levels(one.missed), _levels(one.busy),
            one.talk.text, one.trunk or words.NONE, _forwards(one), ", ".join(one.facts),
        )  # fmt: skip


def _levels(table: object) -> str:
    """The least and the greatest probability over the week; values are ten-thousandths."""
    values = sorted({entry.value for entry in getattr(table, "entries", ())} or {0})
    shares = [words.share(value / 10_000) for value in values]
    return shares[0] if len(shares) == 1 else f"{shares[0]} to {shares[-1]}, by time"


def _forwards(one: Extension) -> str:
    forward = one.forward
    if forward is None:
        return "no"
    ways = (
        ("always", forward.always), ("busy", forward.busy), ("no answer", forward.no_answer),
        (f"outside {forward.outside}", forward.outside_to),
    )  # fmt: skip
    return ", ".join(f"{when}: {to}" for when, to in ways if to)


def _numbers(scenario: Scenario) -> Iterator[Row]:
    for name, number in scenario.numbers.items():
        if number.charge or number.connects is not None or number.carrier:
            prices = (f"{price} ({network})" for network, price in number.charge.items())
            yield (name, ", ".join(prices) or "nothing", _connects(number), number.carrier or "")


def _connects(number: Number) -> str:
    if number.connects is None:
        return "at once"
    after = number.connects.takes.text or "at once"
    return f"after {after}; {words.share(number.connects.fails)} fail"


def _events(scenario: Scenario) -> Iterator[Row]:
    for event in scenario.events:
        lasts = f"{event.at}, {_time(event.lasts or 0)}"
        when = lasts if event.on is None else f"{event.on}"
        yield (when, "; ".join(_what(event)), ", ".join(event.classes) or "everybody")


def _what(event: Event) -> Iterator[str]:
    if event.holiday:
        yield "public holiday"
    if event.volume is not None:
        yield f"volume times {words.count(event.volume)}"
    if event.slow is not None:
        yield f"announcements and menus take {words.count(event.slow)} times as long"
    if event.outage is not None:
        yield f"outage of {event.outage}, calls {event.calls}"
