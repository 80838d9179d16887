"""The Program: a scenario as flat read-only tables, the only thing that engines see.

Belongs here: the tables, each column with its meaning, unit and dtype, and the names behind the
indices. Does not belong here: how the tables are made (`compile`), how they are run (`engine`).

Conventions: an index of -1 means "none"; times are int64 microseconds since `clock.start`; a table
of n rows is a NamedTuple of n-long arrays; `*_dist` columns index the distributions (`vpbx.draws`).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.draws import Distributions
from vpbx.program.rare import (
    Crowds,
    Extensions,
    Legs,
    Licence,
    Moments,
    Platforms,
    Reactions,
    Recording,
    Rings,
    Waits,
    Windows,
)

Ints = NDArray[np.int64]

GRID_US = 300_000_000
"""Base interval of all counts over time: 5 minutes."""
Floats = NDArray[np.float64]


class Calendars(NamedTuple):
    """Piecewise-constant functions of simulated time, one after the other.

    Calendar c has the steps `start[c] <= i < start[c + 1]`: from `at[i]` on its value is `value[i]`;
    the first step of each is at or before 0, `at` rises strictly.
    """

    start: Ints
    at: Ints
    value: Ints


class Nodes(NamedTuple):
    """The call flow, a row a node."""

    op: Ints
    """What the node does (`codes.Op`)."""
    dist: Ints
    """PLAY, SELF_SERVICE, IDENTIFY, SURVEY, VOICEMAIL, ROUND_TRIP: how long it takes."""
    barge_in: Ints
    """PLAY, MENU: 1 when a key cuts the prompt."""
    reaction_dist: Ints
    """PLAY, MENU: from knowing the key to pressing it."""
    settles: Floats
    """SELF_SERVICE, IDENTIFY, SURVEY: probability that it succeeds (is taken)."""
    next: Ints
    """The node after this one; -1: the system hangs up."""
    otherwise: Ints
    """BRANCH: when no case holds; SELF_SERVICE: when it fails (-1: hangs up)."""
    full: Ints
    """QUEUE, VOICEMAIL: when no more are taken; -1: busy tone."""
    capacity: Ints
    """VOICEMAIL: most messages waiting; -1: no limit."""
    row: Ints
    """MENU: row in `Menus`; QUEUE, VOICEMAIL: the queue's index (-1: none); BRANCH: its first case;
    RING: row in `Rings`."""
    n_cases: Ints
    """BRANCH: how many cases."""
    state_dependent: Ints
    """1 for nodes that end a walk: QUEUE, RING, VOICEMAIL, and BRANCH with a case on a
    queue's state."""
    priority: Ints
    """QUEUE: added to the call's priority."""
    announces: Ints
    """QUEUE: 1 when the expected wait is told at joining."""
    wait: Ints
    """QUEUE: row in `Waits`; -1: joining and waiting are all there is."""
    module: Ints
    """Calendar of the module that the node needs, 1 while licensed; -1: none needed."""
    unlicensed: Ints
    """The node when the module is not licensed; -1: busy tone."""
    goal: Ints
    """The goal that this node is; -1: nobody's."""
    fallback_goal: Ints
    """SELF_SERVICE: the goal of its own callers after it failed: the nearest queue; -1: none."""
    next_edge: Ints
    otherwise_edge: Ints
    full_edge: Ints
    hang_up_edge: Ints
    unlicensed_edge: Ints
    """Edges (rows of `Edges`) of the exits above; -1 where the node has no such exit."""


class Menus(NamedTuple):
    """Keypad menus, a row a menu; key columns have 12 places in the order of `codes.KEYS`."""

    length_us: Ints
    replay_from_us: Ints
    no_input_after_us: Ints
    no_input_repeat: Ints
    no_input_then: Ints
    no_match_repeat: Ints
    no_match_then: Ints
    key_next: Ints
    """(n, 12) the node that a key leads to; -1: unassigned."""
    key_at_us: Ints
    """(n, 12) when in the prompt the option has been read out."""
    key_share: Floats
    """(n, 12) cumulative share of callers who press a key up to this one, in the order of `KEYS`."""
    by_share: Ints
    """1 when callers press by share, not by goal."""
    press: Ints
    """(n, goals) the key that leads towards a goal soonest; -1: it cannot be reached."""
    key_edge: Ints
    """(n, 12) edges of the keys."""
    no_input_edge: Ints
    no_match_edge: Ints
    repeat_no_input_edge: Ints
    repeat_no_match_edge: Ints


class Cases(NamedTuple):
    """Cases of all branches, one after the other; the first that holds wins."""

    kind: Ints
    """What it asks (`codes.Case`)."""
    operand: Ints
    """OPEN: calendar; CLASS, NETWORK: row of `member`; SHARE: unused; else: queue."""
    negated: Ints
    """OPEN: 1 when it holds while closed."""
    relation: Ints
    """State cases: `codes.Relation`."""
    value: Ints
    """State cases: what is compared with; EXPECTED_WAIT in microseconds. SHARE: the branch's shares up
    to this one, in units of 2^-52."""
    next: Ints
    edge: Ints
    member: Ints
    """(rows, max(classes, networks)) 1 where the class or network is listed."""


class Edges(NamedTuple):
    """Every way out of every node."""

    from_node: Ints
    to_node: Ints
    """-1: the call ends."""
    exit: Ints
    """`codes.Exit`; a key's code for keys."""
    case: Ints
    """CASE: the case's place in its branch; else 0."""


class Flow(NamedTuple):
    """All that the walk through uncontended nodes reads."""

    nodes: Nodes
    menus: Menus
    cases: Cases
    calendars: Calendars
    dists: Distributions
    reach: Ints
    """(nodes, goals) 1 when the goal can be reached from the node."""
    slow: Ints
    """(1) calendar of the factor on the robot's times, in thousandths; -1: always 1000."""


class Numbers(NamedTuple):
    """Phone numbers."""

    enter: Ints
    trunk: Ints
    priority: Ints
    connect_dist: Ints
    """How long calls take to get through; -1: no time."""
    connect_fails: Floats
    out: Ints
    """Calendar: 1 while calls to the number fail; -1: never."""
    access: Ints
    """(numbers, networks) -2: accepted; -1: refused; else the node that the refused caller hears."""


class Trunks(NamedTuple):
    """Bundles of lines."""

    calendar: Ints
    """The calendar of its channels."""


class Queues(NamedTuple):
    """Waiting lines."""

    capacity: Ints
    """Most callers waiting; -1: no limit."""
    strategy: Ints
    weight: Ints
    short_abandon_us: Ints
    estimator: Ints
    aht_s: Ints
    """Mean handle time and wrap-up in whole seconds, weighted by the groups' heads, for agents_ahead."""
    credit_us: Ints
    """What a step of priority is worth; -1: priority is strict."""
    staged: Ints
    """1 when some group serves only callers who have waited."""


class Groups(NamedTuple):
    """Agent groups; agents are numbered through: group g has `first_agent[g] <= a < first_agent[g+1]`."""

    calendar: Ints
    """The calendar of its agents on the phone, shrinkage taken off."""
    picks: Ints
    first_agent: Ints
    """(groups + 1)"""
    leaving: Ints
    """`codes.Leaving`"""
    rings: Ints
    """1 when the agents' phones ring before they answer."""
    phone_dist: Ints
    ring_us: Ints
    missed: Floats
    retry_us: Ints
    autopause: Ints
    """Misses in a row that pause an agent; -1: none do."""
    pause_us: Ints
    autopause_delay_us: Ints
    """A miss so soon after the agent's last talk does not count."""
    penalty: Ints
    """(groups, queues) penalty; -1: not served."""
    after_us: Ints
    """(groups, queues) serves only callers who have waited so long."""
    spare: Ints
    """(groups, queues) takes from the queue only while more than so many of the group are idle."""
    settled_p: Floats
    """(groups, queues) probability that the talk settles the matter."""
    handle_dist: Ints
    """(groups, queues)"""
    wrap_up_dist: Ints
    """(groups, queues)"""
    queue_order: Ints
    """(groups, queues) the queues served, as listed; -1 after the last."""


class Classes(NamedTuple):
    """Caller classes."""

    network: Ints
    priority: Ints
    knows_menu: Floats
    presses_wrong: Floats
    presses_nothing: Floats
    patience_dist: Ints
    """-1: endless."""
    first_crowd: Ints
    """The class's rows in `Crowds`: from this one on …"""
    n_crowds: Ints
    """… so many; 0: patience is the same whoever waits."""
    ivr_patience_dist: Ints
    """-1: endless."""
    balks: Floats
    """Probability of leaving at once when not answered at once."""
    redial: Floats
    """(classes, causes) probability of calling again; causes are outcomes, then UNSETTLED."""
    redial_delay_dist: Ints
    """(classes, causes)"""
    attempts: Ints
    """(classes, causes) most attempts in all."""
    redial_number: Ints
    """(classes, causes) the number dialled then; -1: the same."""
    keeps_patience: Ints
    keeps_handle_time: Ints
    forced_start: Ints
    """(classes, goals, numbers) first place in `forced_keys`; -1: no forced keys."""
    forced_keys: Ints
    """Key codes one after the other, each sequence closed by -1."""


UNSETTLED = len(Outcome)
"""The cause of a redial that is no outcome: the talk did not settle the matter."""


class Clock(NamedTuple):
    """Length of the run, all in microseconds."""

    duration_us: int
    drain_us: int
    """How long draining may last; 0 when the clock cuts."""
    grid_us: int
    """The base interval of all counts over time: 5 minutes."""


class Program(NamedTuple):
    """A scenario, compiled."""

    clock: Clock
    flow: Flow
    waits: Waits
    reactions: Reactions
    rings: Rings
    legs: Legs
    extensions: Extensions
    edges: Edges
    numbers: Numbers
    trunks: Trunks
    queues: Queues
    platforms: Platforms
    windows: Windows
    groups: Groups
    classes: Classes
    crowds: Crowds
    licence: Licence
    recording: Recording
    moments: Moments


@dataclass(frozen=True)
class Names:
    """The user's names behind the Program's indices, each list in index order."""

    nodes: tuple[str, ...]
    goals: tuple[str, ...]
    numbers: tuple[str, ...]
    trunks: tuple[str, ...]
    queues: tuple[str, ...]
    groups: tuple[str, ...]
    classes: tuple[str, ...]
    networks: tuple[str, ...]
    extensions: tuple[str, ...] = ()
