"""What is in the system while the reference engine runs: calls, visits, agents, lines.

Belongs here: plain state of one replication. Does not belong here: rules (`reference`).
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from vpbx.codes import Exit, Outcome, Purpose
from vpbx.draws import Distributions, duration_us, uniform
from vpbx.engine.booking import Level
from vpbx.engine.story import Story
from vpbx.engine.walk import PROGRESS, Counts, Walker
from vpbx.program.program import Classes
from vpbx.units import NEVER, NEVER_YET


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one replication: pure, so that this holds no state."""

    key: int
    dists: Distributions

    def uniform(self, call: "Call", purpose: Purpose, n: int, attempt: int | None = None) -> float:
        """The uniform of a call's attempt (or of another of its attempts) for a purpose."""
        whose = call.attempt if attempt is None else attempt
        return uniform(self.key, call.caller, whose, int(purpose), n)

    def duration(self, dist: int, u: float) -> int:
        """Microseconds at u of a law."""
        return duration_us(self.dists, dist, u)


class Call:
    """One attempt of a caller."""

    __slots__ = (
        "_walker",
        "answered",
        "answered_at",
        "answers",
        "attempt",
        "caller",
        "caller_class",
        "first_joined_at",
        "forwarded",
        "gives_up_at",
        "goal",
        "held",
        "held_until",
        "joins",
        "leg",
        "legs_tried",
        "network",
        "number",
        "order_draws",
        "over",
        "progress",
        "reactions",
        "rings",
        "row",
        "story",
        "trunk",
        "unsettled",
        "visit",
        "who",
    )

    def __init__(
        self, caller: int, attempt: int, caller_class: int, number: int, goal: int
    ) -> None:
        self.caller, self.attempt = caller, attempt
        self.who = caller << 8 | attempt
        self.caller_class, self.number, self.goal = caller_class, number, goal
        self.network = -1
        self.row = -1
        self.trunk = -1
        self.answered_at = -1
        self.gives_up_at = NEVER
        self.joins = self.answers = 0
        self.answered = self.forwarded = self.unsettled = False
        self.over = False
        """Hung up: what was still to come does not happen."""
        self.first_joined_at = -1
        self.reactions = self.rings = self.legs_tried = self.order_draws = 0
        self.held: Visit | None = None
        """The visit whose agent stays with the call while it waits for another …"""
        self.held_until = 0
        """… 1: until it is answered; 2: to the end of that talk."""
        self.visit: Visit | None = None
        """The queue it is in, or the talk."""
        self.leg: Leg | None = None
        self.progress: NDArray[np.int32] = np.zeros(PROGRESS, np.int32)
        self.story: Story | None = None
        self._walker: Walker | None = None

    @property
    def day(self) -> int:
        """Local day of the first attempt."""
        return self.caller >> 32 & 0xFFFFF

    @property
    def ordinal(self) -> int:
        """Number within class and day."""
        return self.caller & 0xFFFFFFFF

    def walker(self, key: int, classes: Classes) -> Walker:
        """What the walk needs to know of this call."""
        if self._walker is None:
            self._walker = Walker(
                key, self.caller, self.attempt, self.caller_class, self.network,
                float(classes.presses_wrong[self.caller_class]),
                float(classes.presses_nothing[self.caller_class]),
            )  # fmt: skip
        return self._walker

    def hold(self, trunk: int) -> bool:
        """Whether the call holds a channel of this trunk, on its own line or on a leg."""
        legs = () if self.leg is None else self.leg.ringing
        return trunk >= 0 and (self.trunk == trunk or any(one.trunk == trunk for one in legs))

    def tell(self, at: int, event: str, **facts: int) -> None:
        """Adds a line to the call's story, if it is told."""
        if self.story is not None:
            self.story.add(at, event, **facts)

    def tell_step(self, node: int, edge: int, entered: int, left: int) -> None:
        """Adds an exit from a node to the story, if it is told."""
        if self.story is not None:
            self.story.add(left, "leaves", node=node, edge=edge, entered=entered)

    def traced(self, counts: Counts) -> Counts:
        """The counts, with a trail for a call whose story is told."""
        if self.story is None:
            return counts
        return counts._replace(trail=np.zeros((1000, 4), np.int64))

    def tell_trail(self, counts: Counts) -> None:
        """Adds what the walk passed to the story, if it is told."""
        if self.story is not None:
            for node, edge, entered, left in counts.trail[1 : counts.trail[0, 0] + 1].tolist():
                self.tell_step(node, edge, entered, left)


@dataclass(eq=False, slots=True)
class Agent:
    """One person; `index` runs through all groups, `place` through the own."""

    group: int
    index: int
    place: int
    logged_in: bool = False
    leaving: bool = False
    """Marked to log out after call and wrap-up."""
    idle: bool = False
    idle_since: int = 0
    n_calls: int = 0
    misses: int = 0
    """Calls missed in a row."""
    talked_at: int = NEVER_YET
    """When the last talk ended."""
    talk_us: int = 0
    """Time spent talking."""
    offered: int = 0
    """Number of the last offer by a platform's queue; 0: none yet."""


class Kind(Enum):
    """What waits in a queue."""

    CALL = "call"
    """A caller on the line."""
    CALLBACK = "callback"
    """A caller who has hung up and is called back."""
    MESSAGE = "message"
    """A message left behind."""


@dataclass(eq=False, slots=True)
class Leg:
    """What rings, or talks, for a call at a ring node."""

    ringing: "list[Ringing]"


@dataclass(eq=False, slots=True)
class Ringing:
    """An extension that rings or talks, with its channel."""

    extension: int
    trunk: int
    row: int
    """Row of the table of legs; -1: no channel is held."""


@dataclass(eq=False, slots=True)
class Visit:
    """A call in a queue, and then with an agent."""

    call: Call
    queue: int
    node: int
    priority: int
    joined_at: int
    told_s: int = -1
    """The wait that the caller was told last; -1: none, or unknown."""
    leg: int = -1
    """Row of the leg of a call back; -1: none."""
    first_joined_at: int = -1
    credit_us: int = -1
    """What a step of priority is worth in the queue; -1: priority is strict."""
    row: int = -1
    kind: Kind = Kind.CALL
    waiting: bool = True
    ringing: "tuple[Agent, ...]" = ()
    """The agents whose phones ring for it, or who dial back."""
    not_before: int = 0
    """A call back in vain: nobody takes it before."""
    tries: int = 0
    patience_at: int = NEVER
    balks: bool = False
    leaves_at: int = NEVER
    left: Exit | None = None
    """By which way it left the queue; None: it waits, or is answered."""
    outcome: Outcome | None = None
    """How the call ends when that way leads nowhere."""
    agent: Agent | None = None
    talk_until: int = -1
    answered_at: int = -1
    answer_n: int = 0
    """Which of the call's answers this is."""
    pointer: int = 0
    """Where in a platform's list of agents this caller's search goes on."""
    next_cursor: int = -1
    """Where the queue's search will go on when its phones have rung; -1: as it was."""
    overdue: bool = False
    """The longest wait is over; leaves when the phones that ring for it stop."""
    turn: simpy.Event = field(default=None)  # type: ignore[assignment]
    order: tuple[int, int, int] = field(init=False)
    """Order of service: priority, first join, caller and attempt."""

    def __post_init__(self) -> None:
        self.reorder()

    def reorder(self) -> None:
        """Settles the place in the line."""
        first = self.joined_at if self.first_joined_at < 0 else self.first_joined_at
        if self.credit_us < 0:
            self.order = (-self.priority, first, self.call.who)
        else:
            self.order = (0, first - self.priority * self.credit_us, self.call.who)

    @property
    def available(self) -> bool:
        """Whether it waits and nobody's phone rings for it."""
        return self.waiting and not self.ringing


@dataclass(eq=False, slots=True)
class Line:
    """A queue's waiting line, in the order of service."""

    level: Level
    waiting: list[Any] = field(default_factory=list)
    """(order, visit)"""
    average_s: int = 0
    last_served_s: int = 0
    cursor: int = -1
    """round_robin: the agent to whom the last call went."""

    @property
    def head(self) -> Visit:
        """Who is served next."""
        visit: Visit = self.waiting[0][1]
        return visit
