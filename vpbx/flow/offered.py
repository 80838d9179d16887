"""Where callers mean to go at a given time, and the load that this offers to queues and trunks.

Belongs here: expected first attempts on their way through the flow, slot by slot of the first week,
for the lint. Does not belong here: waiting, abandoning, redials, random arrivals: a run does those.

Every figure leans to the low side, so that what is warned of is certain: first attempts only, no
wrong keys, no waiting, queue-state cases taken not to hold, offers elsewhere taken whenever they can
be. A call back is work for the queue like the call that it stands for; messages are work that can
wait, counted apart.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from vpbx.codes import KEYS, Case, Exit, Op, Relation
from vpbx.flow.graph import (
    Way,
    accepts,
    by_share,
    chance_of,
    mean_s,
    op_of,
    options,
    success,
    ways,
)
from vpbx.flow.keys import KeyTable
from vpbx.flow.paths import forced_keys
from vpbx.flow.slots import WEEKDAYS, Slot, slots
from vpbx.scenario.conditions import Condition
from vpbx.scenario.desks import AgentGroup
from vpbx.scenario.hours import DAY_MIN, TimeTable
from vpbx.scenario.models import Scenario
from vpbx.scenario.nodes import BranchCase, Node
from vpbx.scenario.people import CallerClass, Want
from vpbx.units import SECOND_US, TEN_THOUSANDTHS

_NEGLIGIBLE = 1e-4
_MOST_STEPS = 500
_RELATIONS: dict[Relation, Callable[[int, int], bool]] = {
    Relation.LT: operator.lt,
    Relation.LE: operator.le,
    Relation.GT: operator.gt,
    Relation.GE: operator.ge,
}


@dataclass(frozen=True)
class State:
    """What decides branches at a time."""

    open_hours: frozenset[str]
    unstaffed: frozenset[str]


@dataclass
class Course:
    """What becomes of one caller on average."""

    visits: dict[tuple[str, int], float]
    """(queue, priority) → visits."""
    messages: dict[str, float]
    """Queue → messages left for it."""
    seconds: float
    """Time in announcements, menus, self-service, and talks with extensions."""


@dataclass(frozen=True)
class _At:
    """A caller's place: the node, the goal still ahead, the forced keys still to press."""

    node: str | None
    goal: str | None
    keys: str


@dataclass
class Load:
    """The offered load of one slot."""

    calls_per_h: dict[tuple[str, int], float]
    """(queue, priority) → visits an hour."""
    trunk_erlangs: dict[str, float]
    messages_per_h: dict[str, float]
    """Queue → messages an hour: work that can wait."""

    def calls(self, queue: str) -> float:
        """Visits to a queue an hour, whatever their priority."""
        return sum(rate for (name, _), rate in self.calls_per_h.items() if name == queue)


def on_phone(group: AgentGroup, slot: Slot) -> int:
    """Conversations that a group can hold: people on the phone, each so many at once."""
    return group.present.at(slot.weekday, slot.minute) * group.at_once


def available(group: AgentGroup, queue: str, slot: Slot) -> int:
    """Agents whom a queue can have of a group: none of a reserve (`spare`)."""
    agents = on_phone(group, slot)
    return agents if agents > group.serves[queue].spare else 0


def servers(scenario: Scenario, queue: str) -> list[AgentGroup]:
    """The groups that serve a queue."""
    return [group for group in scenario.agents.values() if queue in group.serves]


def handle_s(scenario: Scenario, queue: str, slot: Slot) -> float:
    """Mean handle time and wrap-up in seconds, weighted by the groups' agents; 0 without groups."""
    groups = servers(scenario, queue)
    heads = [on_phone(group, slot) for group in groups]
    weights = heads if sum(heads) else [1] * len(groups)
    times = [
        (group.serves[queue].handle_time.mean_us + group.serves[queue].wrap_up.mean_us) / SECOND_US
        for group in groups
    ]
    total = sum(weights)
    return sum(w * t for w, t in zip(weights, times, strict=True)) / total if total else 0.0


def class_rate_per_h(callers: CallerClass, slot: Slot) -> float:
    """Expected first attempts an hour of a class in a slot; 0 for recorded arrivals."""
    weights = callers.profile
    if callers.volume is None or not sum(weights):
        return 0.0
    factor = callers.weekdays.get(WEEKDAYS[slot.weekday], 1.0)  # type: ignore[call-overload]
    share = weights[slot.minute * len(weights) // 1440] / sum(weights)
    return float(callers.volume * factor * share * len(weights) / 24)


def wants_of(callers: CallerClass) -> list[tuple[str | None, float]]:
    """Goals with their shares; a class that wants nothing in particular goes where it is led."""
    wants: list[tuple[str | None, float]] = [
        (goal, want.share if isinstance(want, Want) else want)
        for goal, want in callers.wants.items()
    ]
    return wants or [(None, 1.0)]


class Offered:
    """The load that a scenario's callers offer, slot by slot; keeps what it has worked out."""

    def __init__(self, scenario: Scenario, table: KeyTable) -> None:
        self.scenario, self.table = scenario, table
        self._courses: dict[tuple[str, str, State], Course] = {}

    @cached_property
    def slots(self) -> list[Slot]:
        """The slots looked at."""
        return slots(self.scenario)

    @cached_property
    def loads(self) -> list[Load]:
        """The offered load of each of `slots`."""
        return [self._load(slot) for slot in self.slots]

    def state(self, slot: Slot) -> State:
        """Which hours are open and which queues have nobody on the phone."""
        queues, hours = self.scenario.queues, self.scenario.hours
        return State(
            frozenset(name for name in hours if hours[name].open.at(slot.weekday, slot.minute)),
            frozenset(queue for queue in queues if not self.staff(queue, slot)),
        )

    def staff(self, queue: str, slot: Slot) -> int:
        """Agents on the phone who serve a queue."""
        return sum(available(group, queue, slot) for group in servers(self.scenario, queue))

    def _load(self, slot: Slot) -> Load:
        state = self.state(slot)
        load = Load(defaultdict(float), defaultdict(float), defaultdict(float))
        for name, callers in self.scenario.callers.items():
            rate = class_rate_per_h(callers, slot)
            for number, share in callers.dials.items():
                if rate * share > 0 and accepts(self.scenario.numbers[number], callers.network):
                    self._add(load, (name, number), rate * share, slot, state)
        return load

    def _add(self, load: Load, who: tuple[str, str], rate: float, slot: Slot, state: State) -> None:
        number = self.scenario.numbers[who[1]]
        rate *= 1.0 if number.connects is None else 1.0 - number.connects.fails
        course = self.course(*who, state)
        hold_s = course.seconds
        for (queue, priority), visits in course.visits.items():
            load.calls_per_h[queue, priority] += rate * visits
            hold_s += visits * self._talk_s(queue, slot)
        for queue, messages in course.messages.items():
            load.messages_per_h[queue] += rate * messages
        if number.trunk is not None:
            load.trunk_erlangs[number.trunk] += rate * hold_s / 3600

    def _talk_s(self, queue: str, slot: Slot) -> float:
        """Mean handle time where somebody serves; without agents nobody is held that long."""
        if not self.staff(queue, slot):
            return 0.0
        groups = servers(self.scenario, queue)
        return min(group.serves[queue].handle_time.mean_us for group in groups) / SECOND_US

    def course(self, name: str, number: str, state: State) -> Course:
        """What becomes on average of a class's callers on a number."""
        key = (name, number, state)
        if key not in self._courses:
            self._courses[key] = self._walk(name, number, state)
        return self._courses[key]

    def _walk(self, name: str, number: str, state: State) -> Course:
        callers, entry = self.scenario.callers[name], self.scenario.numbers[number]
        course = Course(defaultdict(float), defaultdict(float), 0.0)
        priority = callers.priority + entry.priority
        crowd: dict[_At, float] = defaultdict(float)
        for goal, share in wants_of(callers):
            keys = forced_keys(callers, number, goal) if goal is not None else ""
            crowd[_At(entry.enter, goal, keys)] += share
        for _ in range(_MOST_STEPS):
            if not crowd:
                break
            crowd = self._step(crowd, callers, name, priority, state, course)
        return course

    def _step(
        self,
        crowd: dict[_At, float],
        callers: CallerClass,
        name: str,
        priority: int,
        state: State,
        course: Course,
    ) -> dict[_At, float]:
        """Moves everybody on by one node."""
        moved: dict[_At, float] = defaultdict(float)
        for at, share in crowd.items():
            if at.node is None or share < _NEGLIGIBLE:
                continue
            node = self.scenario.flow[at.node]
            if node.queue is not None:
                joining = share * self._joins(node, state)
                course.visits[node.queue, priority + node.priority] += joining
            if node.voicemail is not None and node.voicemail.queue is not None:
                course.messages[node.voicemail.queue] += share
            for to, chance, seconds in self._moves(at, node, callers, name, state):
                listens = 1.0 - callers.knows_menu if options(node) or node.barge_in else 1.0
                course.seconds += share * chance * seconds * listens
                moved[to] += share * chance
        return moved

    def _moves(
        self, at: _At, node: Node, callers: CallerClass, name: str, state: State
    ) -> Iterator[tuple[_At, float, float]]:
        """Where callers at a node go: place, probability, seconds meanwhile."""
        goal = None if at.goal == at.node else at.goal
        match op_of(node):
            case Op.PLAY | Op.SURVEY | Op.ROUND_TRIP:
                yield _At(node.next, goal, at.keys), 1.0, mean_s(node) * (success(node) or 1.0)
            case Op.QUEUE:
                yield from self._queued(node, goal, at.keys, state)
            case Op.BRANCH:
                for to, chance in _decided(node, callers, name, state):
                    yield _At(to, goal, at.keys), chance, 0.0
            case Op.SELF_SERVICE:
                yield from self._served(at, node, goal)
            case Op.IDENTIFY:
                for way in ways(node):
                    yield _At(way.to, goal, at.keys), chance_of(node, way), way.seconds
            case Op.RING:
                for to, chance, seconds in ring_ends(self.scenario, node):
                    yield _At(to, goal, at.keys), chance, seconds
            case Op.VOICEMAIL:
                yield _At(None, None, ""), 1.0, mean_s(node)
            case Op.MENU:
                for way, chance in self._pressed(at, node, goal):
                    yield _At(way.to, goal, at.keys[1:]), chance, way.seconds

    def _joins(self, node: Node, state: State) -> float:
        """Share of those who come to a queue node that certainly wait there, or are served."""
        queue = str(node.queue)
        if queue in state.unstaffed and not self.scenario.queues[queue].join_empty:
            return 0.0
        elsewhere = node.offers.elsewhere
        return 1.0 if elsewhere is None else 1.0 - elsewhere.taken_by

    def _queued(
        self, node: Node, goal: str | None, keys: str, state: State
    ) -> Iterator[tuple[_At, float, float]]:
        """After a queue: on with those served; where nobody may join, the way for that."""
        joining = self._joins(node, state)
        if joining == 0.0 and node.queue in state.unstaffed:
            yield _At(node.empty, goal, keys), 1.0, 0.0
        else:
            yield _At(node.next, None, ""), joining, 0.0

    def _served(self, at: _At, node: Node, goal: str | None) -> Iterator[tuple[_At, float, float]]:
        assert node.self_service is not None
        settles = node.self_service.settles
        then = self.table.fallback_goal[at.node or ""] if at.goal == at.node else goal
        yield _At(node.next, goal, at.keys), settles, mean_s(node)
        yield _At(node.otherwise, then, at.keys), 1.0 - settles, mean_s(node)

    def _pressed(self, at: _At, node: Node, goal: str | None) -> Iterator[tuple[Way, float]]:
        by_exit = {way.exit: way for way in ways(node)}
        if at.keys:
            key = KEYS.index(at.keys[0])
            yield from ((by_exit[exit_], 1.0) for exit_ in (key,) if exit_ in by_exit)
        elif by_share(node):
            for key_name, option in options(node):
                yield by_exit[KEYS.index(key_name)], option.share or 0.0
        elif goal is not None and self.table.reach.get((at.node or "", goal)):
            pressed = self.table.press.get((at.node or "", goal))
            yield by_exit[Exit.NO_INPUT if pressed is None else KEYS.index(pressed)], 1.0


def ring_ends(scenario: Scenario, node: Node) -> Iterator[tuple[str | None, float, float]]:
    """Where calls certainly go from a ring node: node, least probability, mean seconds of talk.

    The probabilities are the least over all hours, so that they make less than 1 together.
    """
    legs = [scenario.extensions[leg.to] for leg in node.ring.legs] if node.ring else []
    none_worst, none_best, talk_s = 1.0, 1.0, 0.0
    for one in legs:
        missed, busy = _shares(one.missed), _shares(one.busy)
        none_worst *= 1.0 - (1.0 - max(missed)) * (1.0 - max(busy))
        none_best *= 1.0 - (1.0 - min(missed)) * (1.0 - min(busy))
    if legs:
        talk_s = min(one.talk.mean_us for one in legs) / SECOND_US
    yield node.next, 1.0 - none_worst, talk_s
    yield node.otherwise, none_best, 0.0


def _shares(table: TimeTable) -> list[float]:
    """The shares that a table takes over a week."""
    found = [entry.value / TEN_THOUSANDTHS for entry in table.entries]
    covered = sum(len(entry.days) * (entry.to_min - entry.from_min) for entry in table.entries)
    return found if covered == 7 * DAY_MIN else [*found, 0.0]


def _decided(
    node: Node, callers: CallerClass, name: str, state: State
) -> Iterator[tuple[str | None, float]]:
    """Where a branch sends callers, each with its share.

    Cases on a queue's state hold only where nobody is on the phone.
    """
    left = 1.0
    for case in node.branch or ():
        if case.share is not None:
            yield case.next, min(case.share, left)
            left = max(left - case.share, 0.0)
        elif _holds(case, callers, name, state):
            yield case.next, left
            return
    yield node.otherwise, left


def _holds(case: BranchCase, callers: CallerClass, name: str, state: State) -> bool:
    if case.open is not None:
        return case.open in state.open_hours
    if case.closed is not None:
        return case.closed not in state.open_hours
    if case.condition is not None:
        return _holds_unstaffed(case.condition, state)
    return name in case.caller_class or callers.network in case.network


def _holds_unstaffed(condition: Condition, state: State) -> bool:
    """Whether a case on free agents holds because nobody is on the phone."""
    if condition.what is not Case.AGENTS_FREE or condition.queue not in state.unstaffed:
        return False
    return _RELATIONS[condition.relation](0, condition.value)
