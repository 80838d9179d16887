"""Who was on duty when, inferred from who was busy when.

Belongs here: busy times and waits → stretches of duty, groups of agents by what they serve, and
after-call work. Does not belong here: tables of heads (`heads`), the scenario's text.

A log shows when an agent talks, not when the agent is there. The rule: between two talks an agent
is taken to be there, except
* where a caller whom the agent serves kept waiting although the agent did not talk: up to the last
  such moment of the pause the agent was away (a break), if that lasted longer than after-call work
  can; a shorter pause with callers waiting is after-call work;
* where the pause is longer than `longest_idle`: the agent had gone home, or to lunch.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.fit.groups import Groups, Talked, agent_groups, with_newcomers
from vpbx.interop.calls import NONE, CallLog, Calls
from vpbx.units import DAY_US, MINUTE_US, SECOND_US

Ints = NDArray[np.int64]

LONGEST_WRAP_UP_US = 2 * MINUTE_US
LONGEST_IDLE_US = 30 * MINUTE_US
_PASSING_US = 10 * SECOND_US
"""A wait as short as this is the telephone's, and no sign of a missing agent."""
_NEVER = 2**62
_QUARTER_US = 15 * MINUTE_US


class Rules(NamedTuple):
    """Pauses (us): longer ones with callers waiting are breaks; longer idle ones, absence."""

    longest_wrap_up_us: int
    longest_idle_us: int


class Stretches(NamedTuple):
    """Stretches of duty (us): `agent` from `start` to `end`, by agent and time.

    `falls` is when a table of heads is to fall so that duty ends at `end`. Who leaves while callers
    wait leaves after a talk; a simulated agent whose heads fall then is on a call and leaves a good
    part of a talk later, unless the heads rise again before that. So they fall half of the last talk
    earlier (of none, half and a whole one, the best forecast of weeks left out of a fit).
    """

    agent: Ints
    start: Ints
    end: Ints
    falls: Ints


@dataclass(frozen=True)
class Duty:
    """What is inferred of the agents.

    `wrap_up_s` are pauses with callers waiting, in which the agent worked off the last call;
    `breaks` how many longer ones there were, `unnamed` how many answered calls no agent is named
    for.
    """

    stretches: Stretches
    groups: Groups
    wrap_up_s: NDArray[np.float64]
    breaks: int
    unnamed: int


def infer_duty(
    log: CallLog,
    queue_of_call: Ints,
    n_queues: int,
    longest_wrap_up_us: int = LONGEST_WRAP_UP_US,
    longest_idle_us: int = LONGEST_IDLE_US,
    known: Groups | None = None,
) -> Duty:
    """Duty of every agent named in the log; `queue_of_call` says what an agent serves.

    Where none is named, one group is there as often as somebody talks: the least there can have been.

    `known` groups, of another period of the same log, are kept.
    """
    calls = log.calls
    answered = (calls.outcome == Outcome.ANSWERED) & (calls.ended_at >= 0)
    named = answered & (calls.agent >= 0)
    if not named.any():
        return _of_talks(calls, answered, n_queues)
    lasted_s = (calls.ended_at - calls.answered_at)[named] / SECOND_US
    talked = Talked(calls.agent[named], queue_of_call[named], lasted_s)
    groups = agent_groups(talked, len(log.agents), n_queues) if known is None else known
    groups = with_newcomers(groups, talked)
    group_of, serves = groups.group_of, groups.serves
    waited = [
        _waited(log, np.isin(queue_of_call, queues)) for queues in serves
    ]  # when somebody whom a group serves was waiting
    desk = _desk(calls.answered_at[named])
    rules = Rules(longest_wrap_up_us, longest_idle_us)
    rows: list[tuple[int, int, int, int]] = []
    wrap_ups: list[int] = []
    breaks = 0
    for agent in np.flatnonzero(group_of >= 0).tolist():
        mine = np.flatnonzero(named & (calls.agent == agent))
        if not len(mine):
            continue
        mine = mine[np.argsort(calls.answered_at[mine], kind="stable")]
        pauses = _pauses(calls.answered_at[mine], calls.ended_at[mine])
        back = _back_at(pauses, waited[group_of[agent]])
        found = _stretches(calls.answered_at[mine], calls.ended_at[mine], back, rules)
        starts, ends = _lengthened(found, waited[group_of[agent]], desk, rules)
        falls = _falls(found, ends, waited[group_of[agent]])
        spans = zip(starts.tolist(), ends.tolist(), falls.tolist(), strict=True)
        rows += [(agent, *span) for span in spans]
        breaks += found.breaks
        eager = calls.joined_at[mine][1:] <= pauses.start
        eager &= calls.left_at[mine][1:] > calls.joined_at[mine][1:]
        lasts = pauses.end - pauses.start
        wrap_ups += lasts[eager & (lasts <= longest_wrap_up_us)].tolist()
    rows += _unnamed(calls, answered, groups)
    table = np.array(rows, np.int64).reshape(len(rows), 4)
    return Duty(
        Stretches(*table.T), groups, np.array(wrap_ups, np.float64) / SECOND_US,
        breaks, int((answered & (calls.agent == NONE)).sum()),
    )  # fmt: skip


def _of_talks(calls: Calls, answered: NDArray[np.bool_], n_queues: int) -> Duty:
    """One group that serves everything, on duty for as many talks as there are at a time."""
    start, end = calls.answered_at[answered], calls.ended_at[answered]
    someone = np.zeros(len(start), np.int64)
    groups = Groups(np.zeros(1, np.int64), (tuple(range(n_queues)),), (1.0,))
    return Duty(Stretches(someone, start, end, end), groups, np.empty(0), 0, len(start))


def _unnamed(
    calls: Calls, answered: NDArray[np.bool_], groups: Groups
) -> list[tuple[int, int, int, int]]:
    """Somebody of the largest group was there for each answered call that names nobody.

    A minute each: whose heads have risen takes the call and stays with it to its end.
    """
    if not groups.serves:
        return []
    members = np.bincount(groups.group_of[groups.group_of >= 0])
    someone = int(np.flatnonzero(groups.group_of == members.argmax())[0])
    at = calls.answered_at[answered & (calls.agent == NONE)]
    return [(someone, start, start + MINUTE_US, start + MINUTE_US) for start in at.tolist()]


class _Spans(NamedTuple):
    """Spans of time that do not overlap, in order (us)."""

    start: Ints
    end: Ints


def _pauses(start: Ints, end: Ints) -> _Spans:
    """Between one talk and the next, at least no time (clocks may disagree by a second)."""
    done = np.maximum.accumulate(end)
    return _Spans(done[:-1], np.maximum(start[1:], done[:-1]))


def _waited(log: CallLog, mine: NDArray[np.bool_]) -> _Spans:
    """When somebody of these calls waited, the first seconds of each wait apart; joined."""
    calls = log.calls
    waiting = mine & (calls.joined_at >= 0) & (calls.left_at - calls.joined_at > _PASSING_US)
    start, end = calls.joined_at[waiting] + _PASSING_US, calls.left_at[waiting]
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order]) if len(order) else end
    first = np.flatnonzero(np.append(True, start[1:] > end[:-1])) if len(start) else np.arange(0)
    last = np.append(first[1:] - 1, len(start) - 1) if len(start) else first
    return _Spans(start[first], end[last])


class _Found(NamedTuple):
    """Stretches of one agent: where nobody knows when duty began or ended, and the usual pause."""

    start: Ints
    end: Ints
    came: NDArray[np.bool_]
    left: NDArray[np.bool_]
    last_talk: Ints
    """How long each stretch's last talk lasted."""
    usual_pause: int
    breaks: int


def _stretches(start: Ints, end: Ints, back: Ints, rules: Rules) -> _Found:
    """An agent's stretches of duty from talks in order; `back[p]`: away in pause p until then."""
    pauses = _pauses(start, end)
    away = back - pauses.start > rules.longest_wrap_up_us
    gone = ~away & (pauses.end - pauses.start > rules.longest_idle_us)
    gone |= away & (pauses.end - back > rules.longest_idle_us)
    cut = away | gone
    idle = (pauses.end - pauses.start)[~cut]
    return _Found(
        np.concatenate((start[:1], np.where(gone, pauses.end, back)[cut])),
        np.concatenate((pauses.start[cut], [end.max()])),
        np.concatenate(([True], gone[cut])),
        np.concatenate(((pauses.end - pauses.start > rules.longest_idle_us)[cut], [True])),
        np.concatenate(((end - start)[:-1][cut], (end - start)[-1:])),
        int(idle.mean()) if len(idle) else 0,
        int(away.sum()),
    )


def _lengthened(found: _Found, waited: _Spans, desk: _Spans, rules: Rules) -> tuple[Ints, Ints]:
    """Stretches with the idle time before the first talk and after the last one.

    An agent who first talks soon after the desk opens was there from then on, one who last talks
    soon before it closes stayed; else a usual pause is added: the first and last talk lie, on
    average, a pause within the shift. Never over a moment at which somebody waited.
    """
    place = np.searchsorted(desk.start, found.start, side="right") - 1
    opens = desk.start[np.maximum(place, 0)]
    soon = (place >= 0) & (found.start - opens <= rules.longest_idle_us)
    start = np.where(soon, opens, found.start - found.usual_pause)
    start = np.maximum(start, _last_wait(found.start, waited))
    place = np.minimum(np.searchsorted(desk.end, found.end, side="left"), len(desk.end) - 1)
    closes = desk.end[place]
    soon = (closes >= found.end) & (closes - found.end <= rules.longest_idle_us)
    end = np.where(soon, closes, found.end + found.usual_pause)
    end = np.minimum(end, _next_wait(found.end, waited))
    return np.where(found.came, start, found.start), np.where(found.left, end, found.end)


def _falls(found: _Found, end: Ints, waited: _Spans) -> Ints:
    """When the heads fall (`Stretches`): earlier where a talk ends and somebody waits."""
    leaves_callers = (end == found.end) & (_next_wait(end, waited) == end)
    early = np.where(leaves_callers, found.last_talk // 2, 0)
    return np.maximum(end - early, np.minimum(found.start, end))


def _desk(answered_at: Ints) -> _Spans:
    """Of each day, the quarter hour of the first answer and the end of that of the last."""
    day = answered_at // DAY_US
    ends = [(answered_at[day == d].min(), answered_at[day == d].max()) for d in np.unique(day)]
    low, high = np.array(ends, np.int64).reshape(len(ends), 2).T
    return _Spans(low // _QUARTER_US * _QUARTER_US, -(-high // _QUARTER_US) * _QUARTER_US)


def _last_wait(at: Ints, waited: _Spans) -> Ints:
    """The last moment up to each instant at which somebody waited (0: never)."""
    if not len(waited.start):
        return np.zeros_like(at)
    last = np.searchsorted(waited.start, at, side="left") - 1
    return np.where(last >= 0, np.minimum(waited.end[np.maximum(last, 0)], at), 0)


def _next_wait(at: Ints, waited: _Spans) -> Ints:
    """The first moment from each instant on at which somebody waits."""
    edge = np.append(waited.end, _NEVER)
    first = np.searchsorted(edge, at, side="right")
    begins = np.append(waited.start, _NEVER)[np.minimum(first, len(edge) - 1)]
    return np.asarray(np.maximum(begins, at))


def _back_at(pauses: _Spans, waited: _Spans) -> Ints:
    """The last moment of each pause at which somebody waited; the pause's start, if nobody did."""
    if not len(waited.start):
        return pauses.start
    last = np.searchsorted(waited.start, pauses.end, side="left") - 1
    until = np.where(last >= 0, waited.end[np.maximum(last, 0)], pauses.start)
    return np.clip(until, pauses.start, pauses.end)
