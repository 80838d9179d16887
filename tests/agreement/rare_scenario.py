"""A scenario without ties that has all the rarer mechanisms, each so often that a fault in it shows.

Belongs here: that one scenario. Does not belong here: random ones (`random_scenarios`), ties
(`tie_scenarios`).
"""

from pathlib import Path
from random import Random

import yaml
from comparing import written

from vpbx.program.compile import Compiled

_TEXT = """
clock: {duration: 20 min, drain_limit: 6 min}
hours: {early: daily 00:00-00:12, late: daily 00:05-24:00}
trunks: {t: {channels: 14}, out: {channels: 2}}
numbers:
  "100": {enter: coin, trunk: t}
  "200": {enter: ringing, trunk: t, connects: {takes: "uniform(0 s, 4 s)", fails: 15%}}
  "300": {enter: turn}
  "400": {enter: mail, trunk: t}
  "500": {enter: second}
flow:
  coin: {branch: [{share: 30%, next: second}, {when: first.expected_wait > 200 s, next: mail}],
         otherwise: first}
  first:
    queue: first
    next: third
    max_wait: 70 s
    timed_out: second
    leave: {key: 1, taken_by: 30%, after: "exponential(mean=30 s)", to: mail}
    announce: {wait: yes, every: 11 s, balks: {5 s: 3%, 60 s: 20%}, stays: 130%}
    offers:
      elsewhere: {when: first.queue_length >= 5, taken_by: 20%, to: turn}
      callback: {when: first.queue_length >= 2, taken_by: 30%, answers: 60%,
                 rings: "uniform(1 s, 9 s)", gives_up_after: 8 s, attempts: 2, retry: 20 s, trunk: out}
      paid_skip: {taken_by: 20%, price: 50 RUB, priority: 2}
  second: {queue: second, keep_place: yes, full: mail, next: survey}
  third: {queue: second, holds_agent: until_answer, next: fourth}
  fourth: {queue: first, holds_agent: to_the_end, max_wait: 30 s}
  ringing:
    ring: {legs: [{to: x, ring_time: 9 s}, {to: y, ring_time: 12 s}], mode: all}
    otherwise: second
    next: survey
  turn:
    ring: {legs: [{to: x, ring_time: 7 s}, {to: z, ring_time: 7 s}, y], mode: one_by_one}
    otherwise: mail
  mail: {voicemail: {takes: "uniform(5 s, 20 s)", queue: letters, capacity: 4}, full: any}
  any: {ring: {legs: [x, y, z], mode: random}, otherwise: identify}
  identify: {identify: {takes: 4 s, passes: 70%}, next: first, otherwise: survey}
  survey: {survey: {takes: "uniform(3 s, 9 s)", taken_by: 40%}, next: trip}
  trip: {round_trip: exponential(mean=10 s)}
extensions:
  x: {talk: exponential(mean=40 s), answers_after: "uniform(1 s, 12 s)", missed: 20%, busy: 20%,
      forward: {busy: y, no_answer: w}}
  y: {talk: exponential(mean=30 s), answers_after: "uniform(1 s, 12 s)", trunk: out, lines: 3}
  z: {talk: 20 s, forward: {outside: late, outside_to: w}, answers_after: "uniform(1 s, 12 s)"}
  w: {talk: 25 s, answers_after: "uniform(1 s, 12 s)", forward: {always: v}}
  v: {talk: 35 s, answers_after: "uniform(1 s, 12 s)", missed: 10%}
queues:
  first: {strategy: longest_idle, credit: 20 s, estimator: agents_ahead}
  second: {strategy: ring_all, capacity: 6, closes: early, at_closing: clear}
  letters: {strategy: round_robin}
agents:
  g:
    serves:
      first: {handle_time: "exponential(mean=35 s)", wrap_up: "uniform(1 s, 9 s)", settles: 60%}
      second: {handle_time: "exponential(mean=25 s)", after: 12 s}
    heads: {00:00-00:07: 4, 00:07-00:12: 2, 00:12-24:00: 3}
    leaving: first_free
    phone: {answers_after: "exponential(mean=4 s)", ring_time: 7 s, missed: 35%, retry: 6 s,
            autopause: 2, pause: 40 s}
  h:
    serves:
      second: {handle_time: "exponential(mean=30 s)", wrap_up: 5 s}
      letters: {handle_time: "exponential(mean=20 s)", spare: 1}
    shifts: [{works: "daily 00:00-00:16", heads: 3, breaks: "00:06-00:09"}]
    leaving: first_free
    phone: {answers_after: "exponential(mean=3 s)", missed: 50%}
callers:
  c: {dials: {"100": 70%, "500": 30%}, patience: "exponential(mean=60 s)", balks: 4%,
      redial: {after: {abandoned: {share: 60%, number: "200"}, balked: 80%, failed: 70%,
                       timed_out: 50%, unsettled: {share: 80%, delay: 30 s, attempts: 2},
                       cleared: 90%, callback_failed: 90%}, delay: "exponential(mean=40 s)"}}
  d: {dials: {"200": 40%, "300": 40%, "400": 20%}, priority: 1,
      patience: "exponential(mean=40 s)"}
events:
  - {at: "00:03:20", lasts: 30 s, outage: trunk.t, calls: cut}
  - {at: "00:08:10", lasts: 40 s, outage: agents.g, calls: cut}
  - {at: "00:10:00", lasts: 50 s, slow: 150%}
  - {at: "00:14:00", lasts: 20 s, outage: trunk.out, calls: cut}
"""
_LICENCE = """
since: "2019-04-15"
plans: {small: {monthly: 5 RUB, channels: 7, modules: [greeting, queue, forwarding, survey]}}
modules: {line: {price: 2 RUB, each: 3 channels}, voicemail: {price: 1 RUB}}
account: {balance: 8 RUB, payments: [{at: day 0 00:13, amount: 20 RUB}]}
orders:
  - {at: day 0 00:00, choose: small}
  - {at: day 0 00:05, buy: line}
  - {at: day 0 00:09, buy: voicemail}
  - {at: day 0 00:11, breach_notice: yes}
  - {at: day 0 00:13, mend: yes}
"""


def rare(folder: Path, n_calls: int = 150, licensed: bool = False) -> Compiled:
    """The scenario, with so many calls of each class; `licensed`: on a small plan."""
    tree = yaml.safe_load(_TEXT)
    if licensed:
        tree["licence"] = yaml.safe_load(_LICENCE)
    random = Random(1)
    arrivals = {name: [random.uniform(0, 1200) for _ in range(n_calls)] for name in tree["callers"]}
    return written(folder, tree, arrivals)
