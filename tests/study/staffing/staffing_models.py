"""Small scenarios for the staffing tests: one queue with constant load, two queues with three groups."""

from vpbx.scenario.load import load_text
from vpbx.study.variant import Prepared, prepared

ONE_QUEUE = """
name: One queue
clock: {{start: 2024-03-04 00:00, duration: {duration}}}
seed: 7
numbers: {{"1": {{enter: wait{trunk}}}}}
{trunks}
flow:
  wait: {{queue: line}}
queues:
  line: {{{queue}}}
agents:
  crew:
    serves: {{line: {{handle_time: "exponential(mean=4 min)"}}}}
    heads: {heads}
    shrinkage: {shrinkage}
callers:
  all:
    volume: {volume}
    profile: {profile}
    dials: {{"1": 100%}}
    patience: {patience}
    {more}
"""

TWO_TYPES = """
name: Two types of call, three groups
clock: {start: 2024-03-04 00:00, duration: 8 h}
seed: 3
numbers: {"1": {enter: one}, "2": {enter: two}}
flow:
  one: {queue: first}
  two: {queue: second}
queues: {first: {}, second: {}}
agents:
  firsts:
    serves: {first: {handle_time: "exponential(mean=4 min)"}}
    heads: 3
    wage: 10 RUB/h
  seconds:
    serves: {second: {handle_time: "exponential(mean=5 min)"}}
    heads: 3
    wage: 10 RUB/h
  both:
    serves:
      first: {handle_time: "exponential(mean=4 min)"}
      second: {handle_time: "exponential(mean=5 min)"}
    heads: 1
    wage: 12 RUB/h
callers:
  a: {volume: 30/h, dials: {"1": 100%}, patience: "exponential(mean=3 min)"}
  b: {volume: 24/h, dials: {"2": 100%}, patience: "exponential(mean=3 min)"}
"""


def one_queue(
    volume: str = "60/h",
    profile: str = "[1]",
    patience: str = '"exponential(mean=3 min)"',
    duration: str = "1 day",
    heads: str = "6",
    queue: str = "",
    shrinkage: str = "0%",
    channels: str = "",
    more: str = "",
) -> Prepared:
    """One queue before one group, exponential service of 4 min."""
    text = ONE_QUEUE.format(
        volume=volume, profile=profile, patience=patience, duration=duration, heads=heads,
        queue=queue, shrinkage=shrinkage, more=more,
        trunk=", trunk: lines" if channels else "",
        trunks=f"trunks: {{lines: {{channels: {channels}}}}}" if channels else "",
    )  # fmt: skip
    return prepared(load_text(text))


def two_types() -> Prepared:
    """Two queues; a group for each, and a dearer one for both."""
    return prepared(load_text(TWO_TYPES))
