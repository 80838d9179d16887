"""The Program's tables that most scenarios leave empty: offers, ringing, the licence, outages.

Belongs here: their columns, each with its meaning and unit. Does not belong here: the tables that
every run reads (`program`), how these are made (`rare_tables`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Waits(NamedTuple):
    """Queue nodes at which more than joining and waiting can happen; -1 and 0.0: it cannot."""

    max_wait_us: Ints
    timed_out: Ints
    leave_p: Floats
    leave_dist: Ints
    leave_to: Ints
    every_us: Ints
    """Between two announcements."""
    first_reaction: Ints
    """The node's rows in `Reactions`: from this one on …"""
    n_reactions: Ints
    """… so many."""
    stays: Floats
    """Factor on the patience left of callers who are told the wait and stay."""
    elsewhere_p: Floats
    elsewhere_case: Ints
    """The case (`Cases`) that must hold; -1: none."""
    elsewhere_to: Ints
    callback_p: Floats
    callback_case: Ints
    callback_answers: Floats
    callback_dist: Ints
    callback_gives_up_us: Ints
    callback_attempts: Ints
    callback_retry_us: Ints
    callback_trunk: Ints
    skip_p: Floats
    skip_case: Ints
    skip_priority: Ints
    checks_empty: Ints
    """1 when nobody may join while no agent is logged in."""
    empty: Ints
    keep_place: Ints
    holds_agent: Ints
    """0: no; 1: until answered; 2: to the end of the talk."""
    timed_out_edge: Ints
    leave_edge: Ints
    elsewhere_edge: Ints
    callback_edge: Ints
    skip_edge: Ints
    empty_edge: Ints
    cleared_edge: Ints


class Platforms(NamedTuple):
    """Queues by index: whose order of service they follow."""

    platform: Ints
    """`codes.Platform`"""
    autofill: Ints
    """Asterisk: 1 when several callers may be connected at once."""
    retry_us: Ints
    """Asterisk: the pause of a caller whom nobody answered."""
    members_limit: Ints
    """Asterisk: penalties do not count while no more agents are logged in."""
    first_window: Ints
    """Asterisk: the queue's rows in `Windows`: from this one on …"""
    n_windows: Ints
    """… so many."""
    level_wait_us: Ints
    """FreeSWITCH: the wait before a further level; -1: all levels are open."""
    multiplies: Ints
    """FreeSWITCH: 1 when level n opens after n times that wait."""
    no_agent_no_wait: Ints
    """FreeSWITCH: 1 when a level is open at once while nobody below it is logged in."""
    since_answer: Ints
    """FreeSWITCH: 1 when the wait that orders calls counts from the answer by the system."""


class Windows(NamedTuple):
    """Penalties that callers of Asterisk's queues reach, one queue after the other, by wait."""

    from_us: Ints
    """The wait from which it holds."""
    least: Ints
    most: Ints
    lifts_to: Ints
    """Lower penalties count as this one, before they are judged."""


class Reactions(NamedTuple):
    """How callers take an announced wait: from `told_us` on, `p` hang up."""

    told_us: Ints
    p: Floats


class Crowds(NamedTuple):
    """Patience of callers who find many waiting, by class and rising number."""

    waiting: Ints
    """From so many calls on that wait for the same agents …"""
    patience_dist: Ints
    """… patience is this."""


class Recording(NamedTuple):
    """What is recorded: of no consequence to any call, but counted."""

    node: Ints
    """(nodes) 1: the talks after a wait at this node."""
    calendar: Ints
    """(1) calendar, 1 while recording is licensed; -1: always."""


class Rings(NamedTuple):
    """Ring nodes."""

    mode: Ints
    """`codes.RingMode`"""
    first_leg: Ints
    n_legs: Ints
    answered_edge: Ints


class Legs(NamedTuple):
    """Legs of all ring nodes, one after the other."""

    extension: Ints
    ring_us: Ints


class Extensions(NamedTuple):
    """What rings beside agents."""

    answers_dist: Ints
    talk_dist: Ints
    missed: Ints
    """Calendar, in ten-thousandths."""
    busy: Ints
    """Calendar, in ten-thousandths."""
    trunk: Ints
    lines: Ints
    always: Ints
    """Extensions to which calls go on; -1: none."""
    busy_to: Ints
    no_answer_to: Ints
    outside_hours: Ints
    """Calendar, 0 while calls go on to `outside_to`."""
    outside_to: Ints


class Licence(NamedTuple):
    """What is allowed when; -1: everything."""

    active: Ints
    """(1) calendar: 1 while calls are served."""
    channels: Ints
    """(1) calendar: most channels held at once."""


class Moments(NamedTuple):
    """What happens at fixed instants beside staff changes, by (at, phase, order in the file)."""

    at: Ints
    phase: Ints
    """OUTAGE: calls are cut; CHANGE: a queue is emptied at closing."""
    trunk: Ints
    """OUTAGE: the trunk whose calls are cut; -1: none of its own."""
    group: Ints
    """OUTAGE: the group whose calls are cut."""
    queue: Ints
    """CHANGE: the queue emptied."""
