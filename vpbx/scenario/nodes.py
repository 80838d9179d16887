"""The nodes of the call flow as the user wrote them: one model a kind, and what goes with it.

Belongs here: the keys of the section `flow`. Does not belong here: checks between sections
(`check_flow`), what a node does when a call comes to it (`engine`).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from vpbx.scenario import rules
from vpbx.scenario.base import Model
from vpbx.scenario.conditions import Condition, parse_condition
from vpbx.scenario.distributions import constant
from vpbx.scenario.values import (
    Dist,
    Duration,
    Factor,
    Flag,
    Key,
    Names,
    Price,
    Priority,
    Share,
    WaitTold,
    Whole,
)


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
    """One case of a branch: exactly one of `open`, `closed`, `class`, `network`, `when`, `share`."""

    open: str | None = Field(None, description="holds while these hours (section hours) are open")
    closed: str | None = Field(None, description="holds while these hours are closed")
    caller_class: Names = Field((), alias="class", description="caller classes for which it holds")
    network: Names = Field((), description="callers' networks for which it holds")
    when: Annotated[str, AfterValidator(rules.condition_text)] | None = Field(
        None,
        description="state of a queue: support.expected_wait > 5 min, support.queue_length >= 30, "
        "support.agents_free < 1, support.position > 10",
    )
    share: Share | None = Field(
        None, description="this share of all calls that come to the branch, by chance"
    )
    next: str = Field(description="the node when the case holds")

    @property
    def condition(self) -> Condition | None:
        """What `when` asks, or None."""
        return None if self.when is None else parse_condition(self.when)


class Announce(Model):
    """What a waiting caller is told, and how callers take it."""

    wait: Flag = Field(False, description="the expected wait is told at joining")
    position: Flag = Field(False, description="the place in the line is told at joining")
    every: Duration | None = Field(
        None,
        description="said again after each such time in the queue, and callers react to it again; at "
        "joining only, if none",
    )
    balks: Annotated[dict[WaitTold, Share], AfterValidator(rules.rising)] = Field(
        {},
        description="share who hang up on hearing a wait of at least so much: {5 min: 10%, 10 min: 30%}",
    )
    stays: Factor = Field(
        1.0, description="factor on the patience left of callers who hear the wait and stay"
    )


class Callback(Model):
    """An offer to be called back: the caller hangs up and keeps the place in the queue."""

    when: Annotated[str, AfterValidator(rules.condition_text)] | None = Field(
        None, description="offered while this holds at joining; always, if none"
    )
    taken_by: Share = Field(description="share of callers who take it")
    answers: Share = Field(1.0, description="probability that the caller answers a call back")
    rings: Dist = Field(
        description="from dialling to the caller's answer", default=constant(0, "0 s")
    )
    gives_up_after: Duration = Field(
        30_000_000, description="how long the agent lets it ring before giving up"
    )
    attempts: Whole = Field(1, ge=1, le=20, description="most calls back")
    retry: Duration = Field(0, description="from a call back in vain to the next one")
    trunk: str | None = Field(None, description="the trunk whose channel the call back holds")

    @property
    def condition(self) -> Condition | None:
        """What `when` asks, or None."""
        return None if self.when is None else parse_condition(self.when)


class PaidSkip(Model):
    """An offer to be served sooner for money."""

    when: Annotated[str, AfterValidator(rules.condition_text)] | None = Field(
        None, description="offered while this holds at joining; always, if none"
    )
    taken_by: Share = Field(description="share of callers who take it")
    price: Price = Field(description="what the caller pays: 50 RUB")
    priority: Priority = Field(10, description="added to the call's priority")

    @property
    def condition(self) -> Condition | None:
        """What `when` asks, or None."""
        return None if self.when is None else parse_condition(self.when)


class Elsewhere(Model):
    """An offer of another number or channel: the caller leaves the queue for another node."""

    when: Annotated[str, AfterValidator(rules.condition_text)] | None = Field(
        None, description="offered while this holds at joining; always, if none"
    )
    taken_by: Share = Field(description="share of callers who take it")
    to: str = Field(description="the node where the call goes on")

    @property
    def condition(self) -> Condition | None:
        """What `when` asks, or None."""
        return None if self.when is None else parse_condition(self.when)


class Offers(Model):
    """What a caller is offered on joining, in this order; the first one taken counts."""

    elsewhere: Elsewhere | None = Field(None, description="another number or channel")
    callback: Callback | None = Field(None, description="to be called back")
    paid_skip: PaidSkip | None = Field(None, description="a place further ahead, for money")


class LeaveQueue(Model):
    """A key that leaves the queue."""

    key: Key = Field(description="the key")
    taken_by: Share = Field(description="share of waiting callers who press it, sooner or later")
    after: Dist = Field(description="from joining to pressing it")
    to: str = Field(description="the node where the call goes on")


class Identify(Model):
    """The caller proves who is calling."""

    takes: Dist = Field(description="how long it takes")
    passes: Share = Field(1.0, description="probability that it succeeds")


class Survey(Model):
    """The caller is asked to rate the service."""

    takes: Dist = Field(description="how long it takes those who rate")
    taken_by: Share = Field(description="share of callers who rate; the others go on at once")


class Voicemail(Model):
    """The caller leaves a message, and hangs up."""

    takes: Dist = Field(description="greeting and message")
    queue: str | None = Field(None, description="the queue in which messages wait for an agent")
    capacity: Whole | None = Field(
        None, ge=0, le=1_000_000, description="most messages waiting; no limit, if none"
    )


class Leg(Model):
    """One extension or outside number that rings."""

    to: str = Field(description="an extension, or an outside number, of the section extensions")
    ring_time: Duration = Field(
        20_000_000, description="how long it rings before the next one does"
    )


class Ring(Model):
    """Extensions or outside numbers ring until somebody answers."""

    legs: Annotated[tuple[Leg, ...], BeforeValidator(rules.legs)] = Field(
        description="whom to ring: names of the section extensions; {to: NAME, ring_time: 30 s} where the "
        "time differs",
        min_length=1,
        max_length=16,
    )
    mode: Literal["all", "in_order", "one_by_one", "random"] = Field(
        "in_order",
        description="all: at once, the first to answer counts; in_order: one after the other as listed; "
        "one_by_one: the same, starting after whoever answered last; random: in any order",
    )
    melody: str = Field("", description="what the caller hears while it rings, for stories")


class Node(Model):
    """A node of the call flow: exactly one of the kinds, and what goes with it."""

    play: Dist | None = Field(None, description="an announcement of this length")
    menu: Annotated[dict[Key, MenuOption], BeforeValidator(rules.distinct_keys)] | None = Field(
        None, description="options by key"
    )
    self_service: SelfService | None = Field(None, description="the robot settles the matter")
    branch: list[BranchCase] | None = Field(None, description="cases, the first that holds wins")
    queue: str | None = Field(None, description="the queue to wait in")
    identify: Identify | None = Field(None, description="the caller proves who is calling")
    survey: Survey | None = Field(None, description="the caller is asked to rate the service")
    ring: Ring | None = Field(None, description="extensions or outside numbers ring")
    voicemail: Voicemail | None = Field(None, description="the caller leaves a message")
    round_trip: Dist | None = Field(
        None, description="written channels: a question goes back, the writer answers after this"
    )
    hangup: Literal[True] | None = Field(None, description="the system hangs up")

    says: str = Field("", description="what the caller hears, for drawings and stories")
    next: str | None = Field(
        None,
        description="play, self_service, identify, survey, queue, ring, round_trip: where the call "
        "goes on; hang up, if none",
    )
    otherwise: str | None = Field(
        None,
        description="branch: when no case holds; self_service: when it is not settled; identify: "
        "when it fails; ring: when nobody answers",
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
        None,
        description="queue, voicemail: the node when the queue (the mailbox) is full; busy tone, if none",
    )
    empty: str | None = Field(
        None,
        description="queue: the node when nobody who serves it is there (join_empty: no at the queue); "
        "busy tone, if none",
    )
    max_wait: Duration | None = Field(None, description="queue: longest wait; no limit, if none")
    timed_out: str | None = Field(
        None, description="queue: the node after the longest wait; hang up, if none"
    )
    leave: LeaveQueue | None = Field(None, description="queue: a key that leaves it")
    announce: Announce = Field(Announce(), description="queue: what the caller is told")
    offers: Offers = Field(Offers(), description="queue: what the caller is offered at joining")
    keep_place: Flag = Field(
        False, description="queue: the place counts from the call's first queue, not from this one"
    )
    holds_agent: Literal["no", "until_answer", "to_the_end"] = Field(
        "no",
        description="queue: the agent who passes the call on stays with it until it is answered "
        "(a warm transfer), or to the end of the talk (a conference)",
    )
    module: str | None = Field(
        None, description="the licensed module that this node needs, in place of its kind's"
    )
    unlicensed: str | None = Field(
        None, description="the node when the module is not licensed; busy tone, if none"
    )
    recorded: Flag = Field(
        False,
        description="queue: the talk with the agent is recorded; under a licence, one that begins "
        "while the module recording is on",
    )
    facts: Names = Field((), description="ids of the facts that this rests on")
