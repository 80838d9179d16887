"""What the user wrote, as frozen models: the keys of the language, their types and their meaning.

Belongs here: one model a section, each key with the description that hover, the JSON Schema and the
language reference show. Does not belong here: checks between sections (`check`), reading files
(`load`), anything about time passing.
"""

import math
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from vpbx.scenario import rules
from vpbx.scenario.conditions import Condition, parse_condition
from vpbx.scenario.distributions import constant
from vpbx.scenario.targets import Target, parse_target
from vpbx.scenario.values import (
    Dist,
    Duration,
    Factor,
    Flag,
    Heads,
    Hours,
    Key,
    KeyPath,
    Name,
    Names,
    PhoneNumber,
    Priority,
    Rate,
    Share,
    Wage,
    Whole,
)


class Model(BaseModel):
    """Base of all: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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


class Trunk(Model):
    """A bundle of lines; one channel is held from answer to hang-up."""

    channels: Heads = Field(description="channels, constant or by time")


class MenuOption(Model):
    """What one key of a menu does."""

    says: str = Field("", description="what the prompt offers")
    at: Duration = Field(0, description="when in the prompt the option has been read out")
    next: str = Field(description="the node that the key leads to")
    share: Share | None = Field(
        None, description="share of callers who press this key, where only shares are known"
    )


class NoInput(Model):
    """What happens when nothing is pressed."""

    after: Duration = Field(5_000_000, description="silence after the prompt that counts")
    repeat: Whole = Field(2, ge=0, le=99, description="how often the menu is read again")
    then: str | None = Field(None, description="the node after the last repeat; hang up, if none")


class NoMatch(Model):
    """What happens when an unassigned key is pressed."""

    repeat: Whole = Field(2, ge=0, le=99, description="how often the menu is read again")
    then: str | None = Field(None, description="the node after the last repeat; hang up, if none")


class SelfService(Model):
    """The robot answers the caller's question."""

    takes: Dist = Field(description="how long it takes")
    settles: Share = Field(1.0, description="probability that the matter is settled (or passed)")


class BranchCase(Model):
    """One case of a branch: exactly one of `open`, `closed`, `class`, `network`, `when`."""

    open: str | None = Field(None, description="holds while these hours (section hours) are open")
    closed: str | None = Field(None, description="holds while these hours are closed")
    caller_class: Names = Field((), alias="class", description="caller classes for which it holds")
    network: Names = Field((), description="callers' networks for which it holds")
    when: Annotated[str, AfterValidator(rules.condition_text)] | None = Field(
        None,
        description="state of a queue: support.expected_wait > 5 min, support.queue_length >= 30, "
        "support.agents_free < 1, support.position > 10",
    )
    next: str = Field(description="the node when the case holds")

    @property
    def condition(self) -> Condition | None:
        """What `when` asks, or None."""
        return None if self.when is None else parse_condition(self.when)


class Announce(Model):
    """What a waiting caller is told."""

    wait: Flag = Field(False, description="the expected wait is told at joining")


class Node(Model):
    """A node of the call flow: exactly one of the kinds, and what goes with it."""

    play: Dist | None = Field(None, description="an announcement of this length")
    menu: Annotated[dict[Key, MenuOption], BeforeValidator(rules.distinct_keys)] | None = Field(
        None, description="options by key"
    )
    self_service: SelfService | None = Field(None, description="the robot settles the matter")
    branch: list[BranchCase] | None = Field(None, description="cases, the first that holds wins")
    queue: str | None = Field(None, description="the queue to wait in")
    hangup: Literal[True] | None = Field(None, description="the system hangs up")

    says: str = Field("", description="what the caller hears, for drawings and stories")
    next: str | None = Field(
        None, description="play, self_service, queue: where the call goes on; hang up, if none"
    )
    otherwise: str | None = Field(
        None, description="branch: when no case holds; self_service: when it is not settled"
    )
    barge_in: Flag = Field(False, description="play, menu: a key cuts the prompt")
    length: Duration | None = Field(
        None, description="menu: the whole prompt; up to the last option, if not given"
    )
    reaction: Dist | None = Field(
        None, description="play, menu: from knowing the key to pressing it (1.5 s if not given)"
    )
    replay_from: Duration = Field(0, description="menu: where in the prompt a repeat starts")
    no_input: NoInput = Field(NoInput(), description="menu: nothing pressed")
    no_match: NoMatch = Field(NoMatch(), description="menu: an unassigned key pressed")
    priority: Priority = Field(0, description="queue: added to the call's priority")
    full: str | None = Field(
        None, description="queue: the node when the queue is full; busy tone, if none"
    )
    announce: Announce = Field(Announce(), description="queue: what the caller is told")
    facts: Names = Field((), description="ids of the facts that this rests on")


class Queue(Model):
    """A waiting line in front of agents."""

    capacity: Whole | None = Field(
        None, ge=0, le=1_000_000, description="most callers waiting; no limit, if none"
    )
    strategy: Literal["longest_idle", "linear", "fewest_calls", "random"] = Field(
        "longest_idle", description="which idle agent takes a call"
    )
    short_abandon: Duration = Field(5_000_000, description="abandoning sooner is counted apart")
    weight: Priority = Field(0, description="longest_wait picks from heavier queues first")
    estimator: Literal["agents_ahead", "asterisk", "last_served", "head_of_line"] = Field(
        "agents_ahead", description="how the expected wait is estimated"
    )
    facts: Names = Field((), description="ids of the facts that this rests on")


class Serves(Model):
    """How a group serves a queue."""

    handle_time: Dist = Field(description="talk time with the caller")
    wrap_up: Dist = Field(
        description="after-call work before the agent is free", default=constant(0, "0 s")
    )
    penalty: Whole = Field(0, ge=0, le=1000, description="lower is tried first")


class AgentGroup(Model):
    """Interchangeable people: what they serve, when, and how many."""

    serves: dict[str, Serves] = Field(description="the queues served, in the order of preference")
    picks: Literal["longest_wait", "in_order", "longest_queue"] = Field(
        "longest_wait", description="which waiting call a freed agent takes"
    )
    heads: Heads = Field(description="people by time")
    shrinkage: Share = Field(0.0, description="share of paid heads who are not on the phone")
    wage: Wage | None = Field(None, description="cost of a head an hour")
    facts: Names = Field((), description="ids of the facts that this rests on")

    def on_the_phone(self, heads: int) -> int:
        """Agents on the phone of so many paid: floor(heads x (1 - shrinkage) + 1/2)."""
        exact = round(heads * (1.0 - self.shrinkage), 9)  # 5 x (1 - 90%) is a half, not a hair less
        return math.floor(exact + 0.5)


class Busyness(Model):
    """How much one day differs from another: a gamma factor on the volume, mean 1."""

    cv: Share = Field(description="standard deviation of the day's factor")
    factor: Literal["shared", "own"] = Field(
        "shared", description="shared: classes are busy on the same days; own: independent"
    )


class Want(Model):
    """A goal, with its share and (if known) the keys that callers press for it."""

    share: Share = Field(description="share of the class's callers who want this")
    keys: KeyPath | dict[PhoneNumber, KeyPath] | None = Field(
        None, description='keys pressed in turn, whatever the menus say: "20", or by number'
    )


class Redial(Model):
    """Whether, when and how often a caller calls again."""

    after: dict[Literal["blocked", "abandoned", "abandoned_ivr", "lost", "refused"], Share] = Field(
        description="probability of calling again, by how the attempt ended"
    )
    delay: Dist = Field(description="from the end of one attempt to the next")
    attempts: Whole = Field(4, ge=1, le=100, description="most attempts in all, the first included")
    keeps: tuple[Literal["patience", "handle_time"], ...] = Field(
        (), description="draws that stay the same on every attempt"
    )


class Trace(Model):
    """Arrivals as recorded, in place of a random load."""

    file: str = Field(description="CSV file with a header, relative to the scenario")
    column: str = Field("arrived", description="column with the local time of arrival")
    select: dict[str, str] = Field({}, description="keep only the rows with these values")
    dither: Flag = Field(True, description="spread whole-second times over their second")


def _whole_wants(wants: dict[str, float | Want]) -> dict[str, float | Want]:
    rules.whole({k: w.share if isinstance(w, Want) else w for k, w in wants.items()})
    return wants


class CallerClass(Model):
    """Callers alike: how many, when, on which numbers, wanting what, how patient."""

    network: str = Field("any", description="the network they call from")
    volume: Rate | None = Field(None, description="first attempts on an ordinary day: 2400/day")
    trace: Trace | None = Field(None, description="recorded arrivals in place of a volume")
    profile: Annotated[tuple[float, ...], AfterValidator(rules.day_profile)] = Field(
        (1.0,), description="24, 48 or 96 weights over the day (any number that divides the day)"
    )
    weekdays: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Factor] = Field(
        {}, description="factor on the volume by day of the week"
    )
    holidays: Factor = Field(1.0, description="factor on the volume on holidays")
    busyness: Busyness | None = Field(None, description="difference between days")
    dials: Annotated[dict[PhoneNumber, Share], AfterValidator(rules.whole)] = Field(
        description="shares of the numbers dialled, 100% in all"
    )
    wants: Annotated[dict[str, Share | Want], AfterValidator(_whole_wants)] = Field(
        {}, description="shares of the goals (nodes of the flow), 100% in all"
    )
    knows_menu: Share = Field(0.0, description="share who know the keys and do not listen")
    presses_wrong: Share = Field(0.0, description="probability of a wrong key, at each menu")
    presses_nothing: Share = Field(0.0, description="probability of pressing nothing, at each menu")
    patience: Dist | None = Field(None, description="longest wait in a queue; endless, if none")
    ivr_patience: Dist | None = Field(None, description="longest time in menus and announcements")
    priority: Priority = Field(0, description="higher is served first")
    redial: Redial | None = Field(None, description="calling again")
    facts: Names = Field((), description="ids of the facts that this rests on")


class Event(Model):
    """Something out of the ordinary: a surge for some time, or a whole day."""

    at: Annotated[str, AfterValidator(rules.moment_text)] | None = Field(
        None, description="start of a surge: 2019-04-15 11:00, or 11:00 of each day"
    )
    lasts: Duration | None = Field(None, description="how long the surge lasts")
    on: Annotated[date, BeforeValidator(rules.dated)] | None = Field(
        None, description="the day, for a whole day"
    )
    volume: Factor = Field(description="factor on the volume meanwhile")
    classes: Names = Field((), description="caller classes concerned; all, when empty")


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
    queues: dict[Name, Queue] = Field({}, description="waiting lines")
    agents: dict[Name, AgentGroup] = Field({}, description="groups of people")
    callers: dict[Name, CallerClass] = Field(description="caller classes", min_length=1)
    events: tuple[Event, ...] = Field((), description="surges and special days")
    measures: Measures = Field(Measures(), description="what is measured")
    targets: tuple[Annotated[Target, BeforeValidator(_target)], ...] = Field(
        (), description="what a run should come out at: support.mean_wait = 20 min ± 20%"
    )
    facts: Names = Field((), description="ids of the facts that the scenario rests on")
