"""Deliberate faults in the reference engine, each a change of one line, by name and area.

Belongs here: the list, and putting one in place. Does not belong here: finding them out.

A mutant is a function of the engine made again from its source with one text put in another's place,
so that the list says exactly what is wrong; a text that the source does not hold (exactly once) is an
error. Names say what the faulty engine does.
"""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

AREAS = (
    "phase order", "queue order", "choice of agent", "picks", "patience", "staffing change",
    "trunk seizure", "redial", "draw purpose", "interval booking",
)  # fmt: skip


class Mutant(NamedTuple):
    """One fault: in `where` (module:function) the text `right` is replaced by `wrong`."""

    area: str
    name: str
    where: str
    right: str
    wrong: str


_LIST = """
# phase order
patience ends before assignment
    desk:Desk.join | Phase.END_OF_PATIENCE => 6
patience ends after walks
    desk:Desk.join | Phase.END_OF_PATIENCE => 14
patience ends after arrivals
    desk:Desk.join | Phase.END_OF_PATIENCE => 15
assignment after patience
    desk:Desk._pend_assign | Phase.ASSIGN => 12
assignment after arrivals
    desk:Desk._pend_assign | Phase.ASSIGN => 15
staff changes before ends of talk
    desk:Desk.schedule_change | Phase.CHANGE => 2
staff changes after assignment
    desk:Desk.schedule_change | Phase.CHANGE => 8
wrap-up ends after staff changes
    desk:Desk.end_of_talk | Phase.END_OF_WRAP_UP => 6
talk ends after staff changes
    reference:Reference._queue | Phase.END_OF_TALK => 6
arrivals before ends of walks
    reference:Reference._call | else Phase.END_OF_WALK => else 15
redials before ends of walks
    reference:Reference._redial | Phase.ARRIVAL => 12
the duration ends before its last instant
    reference:Reference.run | Phase.HORIZON, 0 => 2, 0
# queue order
last come, first served
    state:Visit.__post_init__ | self.joined_at => -self.joined_at
priority upside down
    state:Visit.__post_init__ | -self.priority => self.priority
ties by the later caller
    state:Visit.__post_init__ | self.call.who => -self.call.who
ties by arrival, not by caller
    state:Visit.__post_init__ | self.call.who => self.call.row
the second in line is served
    state:Line.head | self.waiting[0] => self.waiting[min(1, len(self.waiting) - 1)]
full one caller later
    reference:Reference._visit | capacity <= len(waiting) => capacity < len(waiting)
# choice of agent
shortest idle
    desk:Desk._choose | (agent.idle_since, agent.index) => (-agent.idle_since, agent.index)
equally long idle: the last
    desk:Desk._choose | (agent.idle_since, agent.index) => (agent.idle_since, -agent.index)
most calls
    desk:Desk._choose | (agent.n_calls, agent.index) => (-agent.n_calls, agent.index)
equally few calls: the last
    desk:Desk._choose | (agent.n_calls, agent.index) => (agent.n_calls, -agent.index)
linear from the end
    desk:Desk._choose | return idle[0] => return idle[-1]
random, one off
    desk:Desk._choose | idle[int(u * len(idle))] => idle[int(u * len(idle)) - 1]
greatest penalty
    desk:Desk._choose | least = min( => least = max(
penalties unheeded
    desk:Desk._choose | penalty[agent.group] == least] => True]
freed agents in the opposite order
    desk:Desk._assign | key=lambda a: a.index => key=lambda a: -a.index
# picks
longest wait, weights unheeded
    desk:Desk._pick | (-weight[q], self => (0, self
longest wait, weights upside down
    desk:Desk._pick | -weight[q] => weight[q]
longest wait, priorities unheeded
    desk:Desk._pick | waiting[0][0]) => waiting[0][0][1:])
in order, from the end
    desk:Desk._pick | queue = queues[0] => queue = queues[-1]
the shortest queue
    desk:Desk._pick | queue = max( => queue = min(
equally long queues: the last listed
    desk:Desk._pick | max(queues, => max(queues[::-1],
# patience
kept patience drawn anew
    desk:Desk.join | 0 if kept else None => None
one draw for all visits
    desk:Desk.join | call.joins, 0 if => 0, 0 if
no end of patience at the horizon
    desk:Desk.join | until <= self.horizon => until < self.horizon
patience with the menus goes on after the answer
    desk:Desk._answer | call.gives_up_at = NEVER => pass
patience with the menus runs from the start of the clock
    reference:Reference._seize | call.answered_at + self => self
# staffing change
busy agents leave first
    desk:Desk._staff | (idle + busy) => (busy + idle)
the lowest idle leaves first
    desk:Desk._staff | agent in reversed(present) if agent.idle => agent in present if agent.idle
the lowest busy leaves first
    desk:Desk._staff | agent in reversed(present) if not => agent in present if not
new agents before those about to leave
    desk:Desk._staff | (leaving + absent) => (absent + leaving)
one stays too long
    desk:Desk._staff | len(present) - count => len(present) - count - (len(present) > count)
who is to leave stays
    desk:Desk._end_of_wrap_up | if agent.leaving: => if False:
logging in keeps the old idle time
    desk:Desk._become_idle | True, self.env.now => True, agent.idle_since
# trunk seizure
one channel too many
    reference:Reference._seize | level.value >= channels => level.value > channels
one channel too few
    reference:Reference._seize | level.value >= channels => level.value + 1 >= channels
channels change a moment late
    reference:Reference._calendar | self.env.now => self.env.now - 1
the first trunk is never released
    reference:Reference._hang_up | call.trunk >= 0 => call.trunk > 0
# redial
one attempt too many
    reference:Reference._end | call.attempt + 1 < => call.attempt <
the first attempt decides for all
    reference:Reference._end | Purpose.REDIAL, 0) => Purpose.REDIAL, 0, 0)
the first delay for all
    reference:Reference._end | Purpose.REDIAL_DELAY, 0) => Purpose.REDIAL_DELAY, 0, 0)
dropped at the horizon
    reference:Reference._redial | at > self.horizon => at >= self.horizon
a moment late
    reference:Reference._end | now + self.draws => now + 1 + self.draws
# draw purpose
patience for the handle time
    desk:Desk._answer | Purpose.HANDLE_TIME => Purpose.PATIENCE
handle time for the wrap-up
    desk:Desk.end_of_talk | Purpose.WRAP_UP => Purpose.HANDLE_TIME
wrap-up counted one on
    desk:Desk.end_of_talk | visit.answer_n => visit.answer_n + 1
one handle time for all answers
    desk:Desk._answer | call.answers, 0 if => 0, 0 if
redial for its delay
    reference:Reference._end | Purpose.REDIAL_DELAY => Purpose.REDIAL
patience in the queue for that in the menus
    reference:Reference._seize | Purpose.IVR_PATIENCE => Purpose.PATIENCE
another draw picks the agent
    desk:Desk._choose | Purpose.PICK_AGENT => Purpose.REDIAL
knowing the menu drawn anew
    reference:Reference._arrive | call.caller, 0, int => call.caller, call.attempt, int
# interval booking
an interval too long
    booking:Level._book | end = (interval + 1) * grid => end = (interval + 1) * grid + 1
the boundary belongs to the next interval
    booking:Level._book | last = (until - 1) // grid => last = until // grid
the peak is the last level
    booking:Level._book | max(self.peak[interval], value) => value
levels of no length leave a trace
    booking:Level.change | at > self.since => at >= self.since
exits booked at the entry
    reference:Reference._leave | self.counts.edges[now // => self.counts.edges[(entered or now) //
the last instant forgotten
    booking:fold | folded[-1] += counts[n:].sum(axis=0) => pass
"""


def _listed(text: str) -> Iterator[Mutant]:
    """The mutants of a list: `# area`, then of each its name, and where what is wrong."""
    area = name = ""
    for line in text.strip().splitlines():
        if line.startswith("# "):
            area = line[2:]
        elif not line.startswith(" "):
            name = line
        else:
            where, _, change = line.strip().partition(" | ")
            right, _, wrong = change.partition(" => ")
            yield Mutant(area, name, where, right, wrong)


MUTANTS = tuple(_listed(_LIST))


def put_in_place(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the function by its faulty self, for one test."""
    module_name, _, path = mutant.where.partition(":")
    module = importlib.import_module(f"vpbx.engine.{module_name}")
    *outer, name = path.split(".")
    holder: Any = module
    for part in outer:
        holder = getattr(holder, part)
    source = textwrap.dedent(inspect.getsource(_function(holder, name)))
    assert source.count(mutant.right) == 1, f"{mutant.where} does not hold {mutant.right!r} once"
    made: dict[str, Any] = {}
    exec(source.replace(mutant.right, mutant.wrong), vars(module), made)
    monkeypatch.setattr(holder, name, made[name])
    if holder is module:  # others have it by its name
        reference = importlib.import_module("vpbx.engine.reference")
        monkeypatch.setattr(reference, name, made[name])


def _function(holder: Any, name: str) -> Any:
    found = inspect.getattr_static(holder, name)
    return found.fget if isinstance(found, property) else found
