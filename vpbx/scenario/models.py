"""What the user wrote, as frozen models: the keys of the language, their types and their meaning.

Belongs here: the scenario and its smaller sections, each key with the description that hover, the
JSON Schema and the language reference show. Does not belong here: the larger sections (`nodes`,
`desks`, `people`), checks between sections (`check`), reading files
(`load`), anything about time passing.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from vpbx.scenario import rules
from vpbx.scenario.base import Model
from vpbx.scenario.desks import AgentGroup, Queue
from vpbx.scenario.distributions import constant
from vpbx.scenario.hours import TimeTable
from vpbx.scenario.licence_models import Licence
from vpbx.scenario.nodes import Node
from vpbx.scenario.people import CallerClass
from vpbx.scenario.targets import Target, parse_target
from vpbx.scenario.values import (
    ByHour,
    Dist,
    Duration,
    Factor,
    Flag,
    Heads,
    Hours,
    Name,
    Names,
    PhoneNumber,
    Price,
    Priority,
    Share,
    Whole,
)


class Clock(Model):
    """When the run starts, how long it lasts and how it ends."""

    timezone: Annotated[str, AfterValidator(rules.time_zone_name)] = Field(
        "UTC", description="IANA name of the time zone: Europe/Moscow"
    )
    start: Annotated[datetime, BeforeValidator(rules.dated)] = Field(
        description="first instant of the run, local time: 2019-04-15 00:00"
    )
    duration: Annotated[Duration, AfterValidator(rules.run_length)] = Field(
        description="how long first attempts keep arriving: 1 day"
    )
    at_end: Literal["drain", "cut"] = Field(
        "drain",
        description="drain: calls in the system are worked off, no new first attempts; "
        "cut: the run stops at the end of the duration",
    )
    drain_limit: Duration = Field(
        24 * 3_600_000_000, description="how long the draining may last before calls are cut"
    )
    warm_up: Duration = Field(
        0, description="time from the start left out of all measures (not out of the records)"
    )

    @field_validator("start")
    @classmethod
    def _start_exists(cls, value: datetime, info: ValidationInfo) -> datetime:
        return rules.local_time(value, info.data.get("timezone"))

    @field_validator("warm_up")
    @classmethod
    def _warm_up_within(cls, value: int, info: ValidationInfo) -> int:
        return rules.shorter(value, info.data.get("duration"))


class Connects(Model):
    """How calls get through to a number: late, or not at all, where the connection is bad."""

    takes: Dist = Field(
        description="from dialling to the number's answer; at most 30 min",
        default=constant(0, "0 s"),
    )
    fails: Share = Field(0.0, description="probability that the connection fails after that time")


class Number(Model):
    """A phone number: who may call it, where calls go, what they hold."""

    enter: str = Field(description="the node at which calls on this number enter the flow")
    accepts: Names = Field((), description="networks that may call; all, when empty")
    refuses: dict[str, str] = Field(
        {}, description="networks refused, each with the node (an announcement) they hear"
    )
    trunk: str | None = Field(None, description="the trunk whose channel a call holds")
    priority: Priority = Field(0, description="added to the caller's priority")
    free: Flag = Field(True, description="whether the call costs the caller nothing")
    charge: dict[str, Price] = Field(
        {},
        description='what a minute costs the caller, by network: {abroad: 30 RUB}; "*" for all others',
    )
    connects: Connects | None = Field(
        None, description="how calls get through to the number; at once, if none"
    )
    carrier: str | None = Field(None, description="the carrier that provides the number")


class Trunk(Model):
    """A bundle of lines; one channel is held from answer to hang-up."""

    channels: Heads = Field(description="channels, constant or by time")


class Forward(Model):
    """Where calls to an extension go on: names of other extensions."""

    always: str | None = Field(None, description="all calls")
    busy: str | None = Field(None, description="calls that find it busy")
    no_answer: str | None = Field(None, description="calls that it does not answer")
    outside: str | None = Field(None, description="opening hours (section hours), outside which …")
    outside_to: str | None = Field(None, description="… calls go on there")


class Extension(Model):
    """An extension, or an outside number (with a trunk), that can ring and talk."""

    answers_after: Dist = Field(
        description="from the first ring to the answer", default=constant(0, "0 s")
    )
    missed: ByHour = Field(
        TimeTable.constant(0), description="probability of no answer, constant or by time"
    )
    busy: ByHour = Field(
        TimeTable.constant(0),
        description="probability of being busy with something else, constant or by time",
    )
    talk: Dist = Field(description="how long a talk lasts")
    trunk: str | None = Field(
        None, description="an outside number: the trunk whose channel each leg holds"
    )
    lines: Whole = Field(1, ge=1, le=10_000, description="calls that it takes at once")
    number: PhoneNumber | None = Field(None, description="the phone number of an outside number")
    forward: Forward | None = Field(None, description="where its calls go on")
    facts: Names = Field((), description="ids of the facts that this rests on")


class Event(Model):
    """Something out of the ordinary: a surge, an outage or a slow robot for some time; or a whole day."""

    at: Annotated[str, AfterValidator(rules.moment_text)] | None = Field(
        None, description="when it starts: 2019-04-15 11:00, or 11:00 of each day"
    )
    lasts: Duration | None = Field(None, description="how long it lasts")
    on: Annotated[date, BeforeValidator(rules.dated)] | None = Field(
        None, description="the day, for a whole day"
    )
    volume: Factor | None = Field(None, description="factor on the volume meanwhile")
    outage: Annotated[str, AfterValidator(rules.outage_text)] | None = Field(
        None,
        description="what does not work meanwhile: trunk.NAME, agents.NAME, number.NUMBER, or all",
    )
    calls: Literal["cut", "spared"] = Field(
        "spared", description="outage: what becomes of the calls in progress"
    )
    slow: Factor | None = Field(
        None, description="factor on the time that announcements, menus and self-service take"
    )
    holiday: Flag = Field(False, description="on a day: it counts as a public holiday")
    classes: Names = Field((), description="caller classes whose volume changes; all, when empty")


class OpenHours(Model):
    """Opening hours, and what holidays do to them."""

    open: Hours = Field(description="mon-fri 09:00-18:00, sat 10:00-15:00")
    holidays: Literal["as_usual", "closed"] = Field("as_usual", description="on listed holidays")


class Measures(Model):
    """What is measured, and how finely."""

    interval: Annotated[Duration, AfterValidator(rules.interval)] = Field(
        1_800_000_000, description="5, 15, 30 or 60 min (a multiple of 5 min)"
    )
    service_level: tuple[Duration, ...] = Field(
        (20_000_000,), description="waits within which an answer counts as in time"
    )
    callback_counts_as: Literal["answered", "missed", "excluded"] = Field(
        "excluded",
        description="what a caller who hangs up to be called back counts as in service levels: "
        "answered: in time, once the call back is made; missed: offered, not answered; "
        "excluded: neither",
    )
    records: Literal["full", "summary"] = Field(
        "full",
        description="full: call data, too; summary: figures only, in memory that does not grow",
    )


def _open_hours(value: object) -> object:
    return {"open": value} if isinstance(value, str | list) else value


def _node(value: object) -> object:
    return {"hangup": True} if value == "hangup" else value


def _target(value: object) -> object:
    return parse_target(value)


class Scenario(Model):
    """A phone system and its load."""

    name: Annotated[str, AfterValidator(rules.said)] = Field(description="what this is, in a line")
    description: str = Field("", description="what it shows and where its figures come from")
    seed: Whole = Field(1, ge=0, lt=2**63, description="the seed of every draw")
    replications: Whole = Field(
        20, ge=1, le=1_000_000, description="independent days (or weeks …) run"
    )
    clock: Clock
    hours: dict[Name, Annotated[OpenHours, BeforeValidator(_open_hours)]] = Field(
        {}, description="named opening hours, for branches"
    )
    holidays: tuple[Annotated[date, BeforeValidator(rules.dated)], ...] = Field(
        (), description="dates of public holidays"
    )
    numbers: dict[PhoneNumber, Number] = Field(description="the phone numbers", min_length=1)
    trunks: dict[Name, Trunk] = Field({}, description="bundles of lines")
    flow: dict[Name, Annotated[Node, BeforeValidator(_node)]] = Field(
        description="the nodes of the call flow", min_length=1
    )
    extensions: dict[Name, Extension] = Field({}, description="what can ring beside agents")
    queues: dict[Name, Queue] = Field({}, description="waiting lines")
    agents: dict[Name, AgentGroup] = Field({}, description="groups of people")
    callers: dict[Name, CallerClass] = Field(description="caller classes", min_length=1)
    events: tuple[Event, ...] = Field((), description="surges, outages, special days")
    licence: Licence | None = Field(None, description="plans, modules, account and orders")
    measures: Measures = Field(Measures(), description="what is measured")
    targets: tuple[Annotated[Target, BeforeValidator(_target)], ...] = Field(
        (), description="what a run should come out at: support.mean_wait = 20 min ± 20%"
    )
    facts: Names = Field((), description="ids of the facts that the scenario rests on")

    @property
    def all_holidays(self) -> frozenset[date]:
        """The listed holidays, and the days of events that count as such."""
        days = (event.on for event in self.events if event.holiday)
        return frozenset((*self.holidays, *(day for day in days if day is not None)))
