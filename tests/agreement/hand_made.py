"""Small scenarios made by hand for ties and mechanisms that larger ones seldom meet.

Belongs here: each with what the contract (`semantics.md`) makes of it. Does not belong here: random ones
(`random_scenarios`), all phases in pairs (`tie_scenarios`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from comparing import written

from vpbx.program.compile import Compiled

_USUAL = """
clock: {duration: 5 min}
numbers: {"100": {enter: q}, "200": {enter: r}}
flow: {q: {queue: q}, r: {queue: r}}
queues: {q: {}, r: {}}
callers: {c: {dials: {"100": 100%}}, d: {dials: {"200": 100%}}}
"""


class HandMade(NamedTuple):
    """A scenario, and the visits that it must make."""

    text: str
    arrivals: Mapping[str, Sequence[float]]
    left_s: Sequence[int]
    """When each visit leaves its line (s)."""
    agents: Sequence[int]
    """The agent who takes it; -1: nobody."""


HAND_MADE = {
    # At 60 agents 0 and 1 ring, 2 talks, and one has to go: the change of staff comes before the
    # answer, so that nobody is idle and 2 is marked; 1, who does not win, stays and takes the call of 70.
    "one leaves as phones are answered": HandMade(
        """
queues: {q: {strategy: ring_all}, r: {strategy: ring_all}}
agents:
  g:
    serves: {q: {handle_time: 20 s}, r: {handle_time: 200 s}}
    heads: {00:00-00:01: 3, 00:01-24:00: 2}
    phone: {answers_after: 10 s}
""",
        {"c": [0, 0, 50, 70], "d": [15]},
        (10, 20, 30, 60, 80),
        (0, 1, 2, 0, 1),
    ),
    # All phones ring until the longest ring time is over, at 20; paused to 25, and again to 45; the
    # caller's patience ends at 50.
    "the longest ring time counts": HandMade(
        """
queues: {q: {strategy: ring_all}, r: {}}
agents:
  g: {serves: {q: {handle_time: 20 s}}, heads: 1, phone: {ring_time: 10 s, missed: 99.9999999%}}
  h: {serves: {q: {handle_time: 20 s}}, heads: 1, phone: {ring_time: 20 s, missed: 99.9999999%}}
callers: {c: {dials: {"100": 100%}, patience: 50 s}}
""",
        {"c": [0]},
        (50,),
        (-1,),
    ),
    # Told at 10 and 20 how long the first has waited; at 20 the longest wait is over before the caller
    # hears of 20 s and hangs up.
    "the longest wait ends as the wait is told": HandMade(
        """
flow:
  q:
    queue: q
    max_wait: 20 s
    timed_out: r
    announce: {wait: yes, every: 10 s, balks: {15 s: 100%}}
  r: {queue: r}
queues: {q: {estimator: head_of_line}, r: {}}
agents: {g: {serves: {r: {handle_time: 10 s}}, heads: 1}}
callers: {c: {dials: {"100": 100%}}}
""",
        {"c": [0]},
        (20, 20),
        (-1, 0),
    ),
    # Nobody is there until 60; patience ends then, as do the longest wait and 60 s to the key: the agent
    # who comes takes the first, patience ends for the second.
    "an agent comes as patience ends": HandMade(
        """
flow:
  q: {queue: q, max_wait: 60 s, timed_out: r, leave: {key: 1, taken_by: 100%, after: 60 s, to: r}}
  r: {queue: r}
agents: {g: {serves: {q: {handle_time: 10 s}}, heads: {00:01-24:00: 1}}}
callers: {c: {dials: {"100": 100%}, patience: 60 s}}
""",
        {"c": [0, 0]},
        (60, 60),
        (0, -1),
    ),
    # From 60 one of two is to go, whoever is free first. Both talks end at 70, that of agent 1 first (by
    # caller); wrap-ups of no length end after them, by agent: 0 goes home, 1 takes the call of 80.
    "two are free first": HandMade(
        """
agents:
  g:
    serves: {q: {handle_time: 20 s}, r: {handle_time: 60 s}}
    heads: {00:00-00:01: 2, 00:01-24:00: 1}
    leaving: first_free
""",
        {"c": [50, 80], "d": [10]},
        (10, 50, 80),
        (0, 1, 1),
    ),
    # The queue is emptied at 120: the caller of 100 is sent away, the message of 10 stays, until an agent
    # comes at 180.
    "a message waits as its queue closes": HandMade(
        """
hours: {early: daily 00:00-00:02}
flow: {q: {queue: q}, r: {voicemail: {takes: 10 s, queue: q}}}
queues: {q: {closes: early, at_closing: clear}}
agents: {g: {serves: {q: {handle_time: 10 s}}, heads: {00:03-24:00: 1}}}
""",
        {"c": [100], "d": [0]},
        (180, 120),
        (0, -1),
    ),
    # The phone is answered at 10, as an outage cuts the call: nobody answers any more, and the agent is
    # free for the call of 15, who is there after the outage.
    "an outage as the phone is answered": HandMade(
        """
trunks: {t: {channels: 5}}
numbers: {"100": {enter: q, trunk: t}}
agents: {g: {serves: {q: {handle_time: 20 s}}, heads: 1, phone: {answers_after: 10 s}}}
events: [{at: "00:00:10", lasts: 5 s, outage: trunk.t, calls: cut}]
callers: {c: {dials: {"100": 100%}}}
""",
        {"c": [0, 15]},
        (10, 25),
        (-1, 0),
    ),
    # Penalties count while more than one is logged in: the second cannot reach h. At 200 g, who was to
    # go home at 60, has done with the first, and goes: h, the only one left, takes the second.
    "penalties count no more as one goes home": HandMade(
        """
queues: {q: {platform: asterisk, penalty_members_limit: 1, penalty_rules: [{most: 0}]}, r: {}}
agents:
  g: {serves: {q: {handle_time: 200 s}}, heads: {00:00-00:01: 1}}
  h: {serves: {q: {handle_time: 10 s, penalty: 5}}, heads: 1}
callers: {c: {dials: {"100": 100%}}}
""",
        {"c": [0, 10]},
        (0, 200),
        (0, 1),
    ),
    # Both have hung up in second 10, agent 1 first: in whole seconds they are equal, and 0 is listed first.
    "the least recent in whole seconds": HandMade(
        """
queues: {q: {platform: asterisk, strategy: leastrecent}, r: {}}
agents:
  g: {serves: {q: {handle_time: 10700 ms}}, heads: 1}
  h: {serves: {q: {handle_time: 10300 ms}}, heads: 1}
callers: {c: {dials: {"100": 100%}}}
""",
        {"c": [0, 0, 20]},
        (0, 0, 20),
        (0, 1, 0),
    ),
}


def hand_made(folder: Path, name: str) -> Compiled:
    """One of them."""
    own = HAND_MADE[name]
    return written(folder, yaml.safe_load(_USUAL) | yaml.safe_load(own.text), own.arrivals)
