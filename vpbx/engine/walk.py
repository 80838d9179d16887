"""The walk: a caller's way through uncontended nodes, one pure function that both engines call.

Belongs here: announcements, menus, self-service and static branches (semantics §5). Does not belong
here: trunks, queues, agents, timers, or anything that depends on other calls.

A caller's progress is an int32 array of `PROGRESS` places, changed by the walk; the last places
count the uses of each purpose of the walk, so that every draw is a new one (semantics §3).
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx import draws
from vpbx._jit import njit, njit_inline, rarely
from vpbx.codes import Case, Op, Purpose
from vpbx.program.packed import PackedFlow
from vpbx.program.program import GRID_US, Calendars

Ints = NDArray[np.int64]
Places = NDArray[np.int32]
"""A caller's progress."""


class Walked(IntEnum):
    """Why a walk stopped."""

    AT_STATE_NODE = 0
    """It reached a node that depends on the state of the system."""
    HUNG_UP = 1
    """The call ended: by the system, or by the caller."""
    AT_LIMIT = 2
    """The limit came first: what lies after it did not happen."""
    UNLICENSED = 3
    """The node's module was not licensed, and there was no other way: busy tone."""
    LEFT_MESSAGE = 4
    """The caller has left a message."""


class Progress(IntEnum):
    """Places of a caller's progress."""

    GOAL = 0
    """What the caller is after; -1: nothing in particular."""
    KNOWS = 1
    """1 when the caller knows the keys."""
    TYPED = 2
    """1 when a key was typed ahead of the menu."""
    FORCED = 3
    """Place in the forced keys; -1: none."""
    REACHED = 4
    """1 when the caller has what was wanted."""
    USES = 5
    """From here on: uses of KEY, WRONG_KEY, REACTION, KEY_SHARE, PROMPT, SELF_SERVICE_TIME, SETTLED and
    SHARE."""


_FIRST_USED = int(Purpose.KEY)
PROGRESS = 16
"""As many places as the processor fetches at once; the last are not used."""
assert int(Progress.USES) + int(Purpose.SHARE) - _FIRST_USED < PROGRESS

_GOAL, _KNOWS, _TYPED = int(Progress.GOAL), int(Progress.KNOWS), int(Progress.TYPED)
_FORCED, _REACHED, _USES = int(Progress.FORCED), int(Progress.REACHED), int(Progress.USES)
_KEY, _WRONG_KEY = int(Purpose.KEY), int(Purpose.WRONG_KEY)
_REACTION, _KEY_SHARE = int(Purpose.REACTION), int(Purpose.KEY_SHARE)
_PROMPT, _SETTLED = int(Purpose.PROMPT), int(Purpose.SETTLED)
_SELF_SERVICE_TIME, _SHARE = int(Purpose.SELF_SERVICE_TIME), int(Purpose.SHARE)
_AT_STATE_NODE, _HUNG_UP = int(Walked.AT_STATE_NODE), int(Walked.HUNG_UP)
_AT_LIMIT, _UNLICENSED = int(Walked.AT_LIMIT), int(Walked.UNLICENSED)
_LEFT_MESSAGE = int(Walked.LEFT_MESSAGE)
_OP_HANGUP, _OP_PLAY, _OP_MENU = int(Op.HANGUP), int(Op.PLAY), int(Op.MENU)
_OP_BRANCH, _OP_ROUND_TRIP = int(Op.BRANCH), int(Op.ROUND_TRIP)
_OP_SURVEY = int(Op.SURVEY)
_OP_SELF_SERVICE, _OP_IDENTIFY = int(Op.SELF_SERVICE), int(Op.IDENTIFY)
_CASE_OPEN, _CASE_CLASS, _CASE_SHARE = int(Case.OPEN), int(Case.CLASS), int(Case.SHARE)
_SHARE_UNITS = 2.0**52
_NOTHING = -1
"""No key was pressed."""
_GAVE_UP = -2
"""The caller hung up instead of pressing."""


class Walker(NamedTuple):
    """Who walks: what the walk needs to know of a call."""

    key: int
    """The generator's key."""
    caller: int
    attempt: int
    caller_class: int
    network: int
    presses_wrong: float
    presses_nothing: float


class Counts(NamedTuple):
    """What is counted by base interval: exits from nodes when they are left, calls that agents miss."""

    edges: Ints
    """(intervals, edges)"""
    node_time: Ints
    """(intervals, nodes)"""
    missed: Ints
    """(intervals, groups) phones that rang in vain"""
    autopauses: Ints
    """(intervals, groups) agents taken off the phone after misses in a row"""
    trail: Ints
    """(n, 4) node, edge, entered, left of each step of a traced call; row 0 holds their number; no
    rows: not traced."""


def _calendar_value(calendars: Calendars, calendar: int, at: int) -> int:
    """Value of a calendar at an instant (us)."""
    low, high = calendars.start[calendar], calendars.start[calendar + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if calendars.at[middle] <= at:
            low = middle
        else:
            high = middle
    return calendars.value[low]


calendar_value = njit(_calendar_value)
_value = njit_inline(_calendar_value)


@njit_inline
def _draw(who: Walker, progress: Places, purpose: int) -> float:
    """The next uniform of a purpose of the walk."""
    use = _USES + purpose - _FIRST_USED
    n = int(progress[use])
    progress[use] = n + 1
    return draws.uniform(who.key, who.caller, who.attempt, purpose, n)


@njit_inline
def _leave(counts: Counts, node: int, edge: int, entered: int, at: int) -> None:
    """Books that a node, entered then, is left now by an edge."""
    interval = at // GRID_US
    counts.node_time[interval, node] += at - entered
    if edge >= 0:
        counts.edges[interval, edge] += 1
    n = counts.trail.shape[0]
    if rarely(n > 0) and counts.trail[0, 0] < n - 1:
        counts.trail[0, 0] += 1
        step = counts.trail[counts.trail[0, 0]]
        step[0], step[1], step[2], step[3] = node, edge, entered, at


@njit_inline
def _law_us(flow: PackedFlow, dist: int, who: Walker, progress: Places, purpose: int) -> int:
    """A duration (us) drawn for a purpose of the walk; a constant needs no draw, but counts as one."""
    constant = draws.constant_us(flow.dists, dist)
    if constant >= 0:
        progress[_USES + purpose - _FIRST_USED] += 1
        return constant
    return draws.duration_us(flow.dists, dist, _draw(who, progress, purpose))


@njit_inline
def _is_goal(own: Any, progress: Places) -> bool:
    """Whether a node is what the caller is after."""
    return progress[_GOAL] >= 0 and progress[_GOAL] == own.goal


@njit_inline
def _play_us(flow: PackedFlow, who: Walker, progress: Places, own: Any) -> int:
    """How long an announcement is heard; a caller who knows the menu types the key ahead (M3)."""
    length = _law_us(flow, own.dist, who, progress, _PROMPT)
    hears_out = progress[_REACHED] or _is_goal(own, progress)
    if not own.barge_in or not progress[_KNOWS] or hears_out:
        return length
    if progress[_TYPED]:
        return 0
    reaction = _law_us(flow, own.reaction_dist, who, progress, _REACTION)
    if reaction >= length:
        return length
    progress[_TYPED] = 1
    return reaction


@njit_inline
def static_case_inline(flow: PackedFlow, who: Walker, case: int, at: int, by_chance: int) -> bool:
    """Whether a case on opening hours, caller class, network or chance holds."""
    kind, operand = flow.cases[case].kind, flow.cases[case].operand
    if kind == _CASE_OPEN:
        open_now = _value(flow.calendars, operand, at) > 0
        return open_now != (flow.cases[case].negated == 1)
    if kind == _CASE_SHARE:
        return by_chance < flow.cases[case].value
    if kind == _CASE_CLASS:
        return flow.member[operand, who.caller_class] == 1
    return flow.member[operand, who.network] == 1


@njit
def static_case(flow: PackedFlow, who: Walker, case: int, at: int, by_chance: int) -> bool:
    """As `static_case_inline`, for Python."""
    return static_case_inline(flow, who, case, at, by_chance)


@njit_inline
def chance_inline(flow: PackedFlow, who: Walker, progress: Places, node: int) -> int:
    """The chance that decides a branch's cases on shares, in units of 2^-52; -1 when it has none."""
    own = flow.nodes[node]
    for case in range(own.row, own.row + own.n_cases):
        if flow.cases[case].kind == _CASE_SHARE:
            return int(_draw(who, progress, _SHARE) * _SHARE_UNITS)
    return -1


@njit
def chance(flow: PackedFlow, who: Walker, progress: Places, node: int) -> int:
    """As `chance_inline`, for Python."""
    return chance_inline(flow, who, progress, node)


@njit_inline
def _branch(flow: PackedFlow, who: Walker, progress: Places, node: int, at: int) -> tuple[int, int]:
    """Node and edge of the first case that holds."""
    first, by_chance = flow.nodes[node].row, chance_inline(flow, who, progress, node)
    for case in range(first, first + flow.nodes[node].n_cases):
        if static_case_inline(flow, who, case, at, by_chance):
            return flow.cases[case].next, flow.cases[case].edge
    return flow.nodes[node].otherwise, flow.nodes[node].otherwise_edge


@njit_inline
def _intended_key(flow: PackedFlow, who: Walker, progress: Places, node: int) -> int:
    """The key that the caller means to press; or nothing, or giving up."""
    row, goal, forced = flow.nodes[node].row, int(progress[_GOAL]), int(progress[_FORCED])
    if forced >= 0 and flow.forced_keys[forced] >= 0:
        return flow.forced_keys[forced]
    if flow.menus[row].by_share:
        u = _draw(who, progress, _KEY_SHARE)
        for key in range(12):
            if u < flow.menus[row].key_share[key]:
                return key
        return _NOTHING
    if progress[_REACHED] or goal < 0:
        return _GAVE_UP
    key = flow.press[row, goal]
    if key >= 0:
        return key
    return _NOTHING if flow.reach[node, goal] else _GAVE_UP  # silence can be the way


@njit_inline
def _pressed_key(who: Walker, progress: Places, by_share: int, intended: int) -> int:
    """The key really pressed: errors go to the other eleven keys alike, or to silence."""
    if intended < 0 or by_share:
        return intended
    if who.presses_nothing + who.presses_wrong == 0.0:
        progress[_USES + _KEY - _FIRST_USED] += 1
        return intended
    u = _draw(who, progress, _KEY)
    if u < who.presses_nothing:
        return intended if progress[_TYPED] else _NOTHING
    if u >= who.presses_nothing + who.presses_wrong:
        return intended
    other = int(_draw(who, progress, _WRONG_KEY) * 11.0)
    return other if other < intended else other + 1


@njit_inline
def _press_us(
    flow: PackedFlow,
    who: Walker,
    progress: Places,
    own: Any,
    menu: Any,
    intended: int,
    skipped: int,
) -> int:
    """From the start of the prompt to the key: reaction alone, or listening and reaction."""
    if progress[_TYPED]:
        return 0
    reaction = _law_us(flow, own.reaction_dist, who, progress, _REACTION)
    if not own.barge_in:
        return max(menu.length_us - skipped, 0) + reaction
    if progress[_KNOWS]:
        return reaction
    return max(menu.key_at_us[intended] - skipped, 0) + reaction


@njit_inline
def _slowed(flow: PackedFlow, at: int, takes: int) -> int:
    """What a step of the robot takes (us) that begins now: more, while it is slow."""
    if flow.slow[0] < 0:
        return takes
    return takes * _value(flow.calendars, flow.slow[0], at) // 1000


@njit
def leave_message(
    flow: PackedFlow,
    who: Walker,
    progress: Places,
    counts: Counts,
    node: int,
    at: int,
    limit_at: int,
    gives_up: bool,
) -> tuple[int, int]:
    """A voicemail node: why it ended (the message is left, or the limit came first), and when."""
    own = flow.nodes[node]
    until = at + _law_us(flow, own.dist, who, progress, _PROMPT)
    if until < limit_at:
        _leave(counts, node, own.next_edge, at, until)
        return _LEFT_MESSAGE, until
    if gives_up:
        _leave(counts, node, own.hang_up_edge, at, limit_at)
    return _AT_LIMIT, limit_at


@njit_inline
def _menu(
    flow: PackedFlow,
    who: Walker,
    progress: Places,
    counts: Counts,
    node: int,
    at: int,
    limit_at: int,
) -> tuple[int, int, int]:
    """A keypad menu: the node after it (-1: hung up; -2: the limit came first), when, and when the
    last pass through the prompt began.

    Books each pass that came to its end.
    """
    own = flow.nodes[node]
    menu = flow.menus[own.row]
    silences, mismatches, skipped = 0, 0, 0
    while True:
        intended = _intended_key(flow, who, progress, node)
        if intended == _GAVE_UP:
            _leave(counts, node, own.hang_up_edge, at, at)
            return -1, at, at
        pressed = _pressed_key(who, progress, menu.by_share, intended)
        takes = max(menu.length_us - skipped, 0) + menu.no_input_after_us
        if pressed >= 0:
            press = _press_us(flow, who, progress, own, menu, intended, skipped)
            if press > takes:
                pressed = _NOTHING
            else:
                takes = press
        takes = _slowed(flow, at, takes)
        if at + takes >= limit_at:
            return -2, max(at + takes, limit_at), at
        entered, at = at, at + takes
        progress[_TYPED] = 0
        skipped = menu.replay_from_us
        if pressed == _NOTHING:
            silences += 1
            if silences <= menu.no_input_repeat:
                _leave(counts, node, menu.repeat_no_input_edge, entered, at)
                continue
            _leave(counts, node, menu.no_input_edge, entered, at)
            return menu.no_input_then, at, entered
        following = menu.key_next[pressed]
        if following < 0:
            mismatches += 1
            if mismatches <= menu.no_match_repeat:
                _leave(counts, node, menu.repeat_no_match_edge, entered, at)
                continue
            _leave(counts, node, menu.no_match_edge, entered, at)
            return menu.no_match_then, at, entered
        if _led_astray(flow, progress, menu.by_share, following, pressed == intended):
            _leave(counts, node, own.hang_up_edge, entered, at)
            return -1, at, entered
        _leave(counts, node, menu.key_edge[pressed], entered, at)
        return following, at, entered


@njit_inline
def _led_astray(
    flow: PackedFlow, progress: Places, by_share: int, following: int, as_meant: bool
) -> bool:
    """An assigned key was pressed: whether the caller, led astray for good, hangs up."""
    goal = int(progress[_GOAL])
    astray = goal >= 0 and not progress[_REACHED] and flow.reach[following, goal] == 0
    if (
        progress[_FORCED] >= 0
    ):  # -1 stands after the last of the keys: from there on, the goal leads
        on_course = as_meant and flow.forced_keys[progress[_FORCED]] >= 0
        progress[_FORCED] = progress[_FORCED] + 1 if on_course else -1
        astray = astray and not on_course
    if astray and by_share:
        progress[_GOAL] = -1
        return False
    return astray


@njit_inline
def _self_service(who: Walker, progress: Places, own: Any) -> bool:
    """Whether the robot settles the matter; what the caller is after from now on."""
    settled = _draw(who, progress, _SETTLED) < own.settles
    own_goal = _is_goal(own, progress)
    if settled and (own_goal or progress[_GOAL] < 0):
        progress[_REACHED] = 1
    if not settled and own_goal:
        progress[_GOAL] = own.fallback_goal
    return settled


@njit
def _step(flow: PackedFlow, who: Walker, progress: Places, node: int) -> tuple[int, int, int]:
    """Identification, a survey, a writer's answer: the node after it, by which edge, and how long."""
    own, takes = flow.nodes[node], 0
    succeeds = own.op == _OP_ROUND_TRIP or _draw(who, progress, _SETTLED) < own.settles
    if succeeds or own.op == _OP_IDENTIFY:
        takes = _law_us(flow, own.dist, who, progress, _SELF_SERVICE_TIME)
    if succeeds:
        return own.next, own.next_edge, takes
    return own.otherwise, own.otherwise_edge, takes


@njit_inline
def _usual(flow: PackedFlow, who: Walker, progress: Places, presses: int) -> bool:
    """Whether a step may be taken by the table of steps; counts what it would have drawn."""
    if progress[_FORCED] >= 0 or progress[_TYPED] or progress[_REACHED]:
        return False
    if not presses:
        progress[_USES + _PROMPT - _FIRST_USED] += 1
        return True
    if who.presses_nothing + who.presses_wrong > 0.0:
        return False
    progress[_USES + _KEY - _FIRST_USED] += 1
    progress[_USES + _REACTION - _FIRST_USED] += 1
    return True


@njit_inline
def walk_inline(
    flow: PackedFlow,
    who: Walker,
    progress: Places,
    counts: Counts,
    node: int,
    at: int,
    limit_at: int,
    gives_up: bool,
) -> tuple[int, int, int]:
    """Walks from `node` at `at`; (why it stopped, last node, when).

    Nothing at or after `limit_at` happens: then the walk stops there, at the limit; `gives_up` says
    that the caller hangs up at it. Exits are booked in `counts` as they are taken.
    """
    if rarely(at >= limit_at):  # no patience at all: not even a queue is joined
        _leave(counts, node, flow.nodes[node].hang_up_edge, at, at)
        return _AT_LIMIT, node, at
    while True:
        step = flow.steps[node, 2 * progress[_GOAL] + 2 + progress[_KNOWS]]
        until = at + step.takes_us
        if at <= until < limit_at and _usual(flow, who, progress, step.presses):
            _leave(counts, node, step.edge, at, until)
            at = until
            if step.next < 0:
                return _HUNG_UP, node, at
            node = step.next
            continue
        own = flow.nodes[node]
        if rarely(own.module >= 0) and _value(flow.calendars, own.module, at) == 0:
            _leave(counts, node, own.unlicensed_edge, at, at)
            if own.unlicensed < 0:
                return _UNLICENSED, node, at
            node = own.unlicensed
            continue
        if own.state_dependent:
            return _AT_STATE_NODE, node, at
        op = own.op
        following, edge, entered = -1, -1, at
        if op == _OP_HANGUP:
            edge = own.hang_up_edge
        elif op == _OP_MENU:
            following, at, entered = _menu(flow, who, progress, counts, node, at, limit_at)
        elif op == _OP_PLAY:
            at += _slowed(flow, at, _play_us(flow, who, progress, own))
            following, edge = own.next, own.next_edge
        elif op == _OP_SELF_SERVICE:
            at += _slowed(flow, at, _law_us(flow, own.dist, who, progress, _SELF_SERVICE_TIME))
        elif op == _OP_BRANCH:
            following, edge = _branch(flow, who, progress, node, at)
        else:
            following, edge, takes = _step(flow, who, progress, node)
            by_robot = op == _OP_IDENTIFY or op == _OP_SURVEY
            at += _slowed(flow, at, takes) if by_robot else takes
        if at >= limit_at:
            if gives_up:
                _leave(counts, node, own.hang_up_edge, entered, limit_at)
            return _AT_LIMIT, node, limit_at
        if op == _OP_SELF_SERVICE:
            settled = _self_service(who, progress, own)
            following = own.next if settled else own.otherwise
            edge = own.next_edge if settled else own.otherwise_edge
        if op == _OP_PLAY and _is_goal(own, progress):
            progress[_REACHED] = 1
        if op != _OP_MENU:
            _leave(counts, node, edge, entered, at)
        if following < 0:
            return _HUNG_UP, node, at
        node = following


@njit
def walk(
    flow: PackedFlow,
    who: Walker,
    progress: Places,
    counts: Counts,
    node: int,
    at: int,
    limit_at: int,
    gives_up: bool,
) -> tuple[int, int, int]:
    """As `walk_inline`, for Python."""
    return walk_inline(flow, who, progress, counts, node, at, limit_at, gives_up)
