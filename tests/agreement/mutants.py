"""Deliberate faults in the reference engine, each a change of one line, by name and area.

Belongs here: the list, and putting one in place. Does not belong here: finding them out.

A mutant is a function of the engine made again from its source with one text put in another's place,
so that the list says exactly what is wrong; a text that the source does not hold (exactly once) is an
error. Names say what the faulty engine does.
"""

import importlib
import inspect
import textwrap
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


_JOIN, _ANSWER, _CHOOSE = "desk:Desk.join", "desk:Desk._answer", "desk:Desk._choose"
_PICK, _STAFF, _ASSIGN = "desk:Desk._pick", "desk:Desk._staff", "desk:Desk._assign"
_CALL, _SEIZE, _END = "reference:Reference._call", "reference:Reference._seize", "reference:Reference._end"
_REDIAL, _BOOK = "reference:Reference._redial", "booking:Level._book"
_ORDER, _QUEUE = "state:Visit.__post_init__", "reference:Reference._queue"

MUTANTS = (
    # --- phase order
    Mutant("phase order", "patience ends before assignment", _JOIN, "Phase.END_OF_PATIENCE", "6"),
    Mutant("phase order", "patience ends after walks", _JOIN, "Phase.END_OF_PATIENCE", "14"),
    Mutant("phase order", "patience ends after arrivals", _JOIN, "Phase.END_OF_PATIENCE", "15"),
    Mutant("phase order", "assignment after patience", "desk:Desk._pend_assign", "Phase.ASSIGN", "12"),
    Mutant("phase order", "assignment after arrivals", "desk:Desk._pend_assign", "Phase.ASSIGN", "15"),
    Mutant("phase order", "staff changes before ends of talk", "desk:Desk.schedule_change", "Phase.CHANGE", "2"),
    Mutant("phase order", "staff changes after assignment", "desk:Desk.schedule_change", "Phase.CHANGE", "8"),
    Mutant("phase order", "wrap-up ends after staff changes", "desk:Desk.end_of_talk", "Phase.END_OF_WRAP_UP", "6"),
    Mutant("phase order", "talk ends after staff changes", _QUEUE, "Phase.END_OF_TALK", "6"),
    Mutant("phase order", "arrivals before ends of walks", _CALL, "else Phase.END_OF_WALK", "else 15"),
    Mutant("phase order", "redials before ends of walks", _REDIAL, "Phase.ARRIVAL", "12"),
    Mutant("phase order", "the duration ends before its last instant", "reference:Reference.run", "Phase.HORIZON, 0", "2, 0"),
    # --- queue order
    Mutant("queue order", "last come, first served", _ORDER, "self.joined_at", "-self.joined_at"),
    Mutant("queue order", "priority upside down", _ORDER, "-self.priority", "self.priority"),
    Mutant("queue order", "ties by the later caller", _ORDER, "self.call.who", "-self.call.who"),
    Mutant("queue order", "ties by arrival, not by caller", _ORDER, "self.call.who", "self.call.row"),
    Mutant("queue order", "the second in line is served", "state:Line.head", "self.waiting[0]", "self.waiting[min(1, len(self.waiting) - 1)]"),
    Mutant("queue order", "full one caller later", "reference:Reference._visit", "capacity <= len(waiting)", "capacity < len(waiting)"),
    # --- choice of agent
    Mutant("choice of agent", "shortest idle", _CHOOSE, "(agent.idle_since, agent.index)", "(-agent.idle_since, agent.index)"),
    Mutant("choice of agent", "equally long idle: the last", _CHOOSE, "(agent.idle_since, agent.index)", "(agent.idle_since, -agent.index)"),
    Mutant("choice of agent", "most calls", _CHOOSE, "(agent.n_calls, agent.index)", "(-agent.n_calls, agent.index)"),
    Mutant("choice of agent", "equally few calls: the last", _CHOOSE, "(agent.n_calls, agent.index)", "(agent.n_calls, -agent.index)"),
    Mutant("choice of agent", "linear from the end", _CHOOSE, "return idle[0]", "return idle[-1]"),
    Mutant("choice of agent", "random, one off", _CHOOSE, "idle[int(u * len(idle))]", "idle[int(u * len(idle)) - 1]"),
    Mutant("choice of agent", "greatest penalty", _CHOOSE, "least = min(", "least = max("),
    Mutant("choice of agent", "penalties unheeded", _CHOOSE, "penalty[agent.group] == least]", "True]"),
    Mutant("choice of agent", "freed agents in the opposite order", _ASSIGN, "key=lambda a: a.index", "key=lambda a: -a.index"),
    # --- picks
    Mutant("picks", "longest wait, weights unheeded", _PICK, "(-weight[q], self", "(0, self"),
    Mutant("picks", "longest wait, weights upside down", _PICK, "-weight[q]", "weight[q]"),
    Mutant("picks", "longest wait, priorities unheeded", _PICK, "waiting[0][0])", "waiting[0][0][1:])"),
    Mutant("picks", "in order, from the end", _PICK, "queue = queues[0]", "queue = queues[-1]"),
    Mutant("picks", "the shortest queue", _PICK, "queue = max(", "queue = min("),
    Mutant("picks", "equally long queues: the last listed", _PICK, "max(queues,", "max(queues[::-1],"),
    # --- patience
    Mutant("patience", "kept patience drawn anew", _JOIN, "0 if kept else None", "None"),
    Mutant("patience", "one draw for all visits", _JOIN, "call.joins, 0 if", "0, 0 if"),
    Mutant("patience", "no end of patience at the horizon", _JOIN, "until <= self.horizon", "until < self.horizon"),
    Mutant("patience", "patience with the menus goes on after the answer", _ANSWER, "call.gives_up_at = NEVER", "pass"),
    Mutant("patience", "patience with the menus runs from the start of the clock", _SEIZE, "call.answered_at + self", "self"),
    # --- staffing change
    Mutant("staffing change", "busy agents leave first", _STAFF, "(idle + busy)", "(busy + idle)"),
    Mutant("staffing change", "the lowest idle leaves first", _STAFF, "agent in reversed(present) if agent.idle", "agent in present if agent.idle"),
    Mutant("staffing change", "the lowest busy leaves first", _STAFF, "agent in reversed(present) if not", "agent in present if not"),
    Mutant("staffing change", "new agents before those about to leave", _STAFF, "(leaving + absent)", "(absent + leaving)"),
    Mutant("staffing change", "one stays too long", _STAFF, "len(present) - count", "len(present) - count - (len(present) > count)"),
    Mutant("staffing change", "who is to leave stays", "desk:Desk._end_of_wrap_up", "if agent.leaving:", "if False:"),
    Mutant("staffing change", "logging in keeps the old idle time", "desk:Desk._become_idle", "agent.idle_since = True, self.env.now", "agent.idle_since = True, agent.idle_since"),
    # --- trunk seizure
    Mutant("trunk seizure", "one channel too many", _SEIZE, "level.value >= channels", "level.value > channels"),
    Mutant("trunk seizure", "one channel too few", _SEIZE, "level.value >= channels", "level.value + 1 >= channels"),
    Mutant("trunk seizure", "channels change a moment late", "reference:Reference._calendar", "self.env.now", "self.env.now - 1"),
    Mutant("trunk seizure", "the first trunk is never released", "reference:Reference._hang_up", "call.trunk >= 0", "call.trunk > 0"),
    # --- redial
    Mutant("redial", "one attempt too many", _END, "call.attempt + 1 <", "call.attempt <"),
    Mutant("redial", "the first attempt decides for all", _END, "Purpose.REDIAL, 0)", "Purpose.REDIAL, 0, 0)"),
    Mutant("redial", "the first delay for all", _END, "Purpose.REDIAL_DELAY, 0)", "Purpose.REDIAL_DELAY, 0, 0)"),
    Mutant("redial", "dropped at the horizon", _REDIAL, "at > self.horizon", "at >= self.horizon"),
    Mutant("redial", "the delay runs from the answer", _END, "now + self.draws", "max(call.answered_at, 0) + (now - max(call.answered_at, 0)) // 2 + self.draws"),
    # --- draw purpose
    Mutant("draw purpose", "patience for the handle time", _ANSWER, "Purpose.HANDLE_TIME", "Purpose.PATIENCE"),
    Mutant("draw purpose", "handle time for the wrap-up", "desk:Desk.end_of_talk", "Purpose.WRAP_UP", "Purpose.HANDLE_TIME"),
    Mutant("draw purpose", "wrap-up counted one on", "desk:Desk.end_of_talk", "visit.answer_n", "visit.answer_n + 1"),
    Mutant("draw purpose", "one handle time for all answers", _ANSWER, "call.answers, 0 if", "0, 0 if"),
    Mutant("draw purpose", "redial for its delay", _END, "Purpose.REDIAL_DELAY", "Purpose.REDIAL"),
    Mutant("draw purpose", "patience in the queue for that in the menus", _SEIZE, "Purpose.IVR_PATIENCE", "Purpose.PATIENCE"),
    Mutant("draw purpose", "another draw picks the agent", _CHOOSE, "Purpose.PICK_AGENT", "Purpose.REDIAL"),
    Mutant("draw purpose", "knowing the menu drawn anew", "reference:Reference._arrive", "call.caller, 0, int", "call.caller, call.attempt, int"),
    # --- interval booking
    Mutant("interval booking", "an interval too long", _BOOK, "end = (interval + 1) * grid", "end = (interval + 1) * grid + 1"),
    Mutant("interval booking", "the boundary belongs to the next interval", _BOOK, "last = (until - 1) // grid", "last = until // grid"),
    Mutant("interval booking", "the peak is the last level", _BOOK, "max(self.peak[interval], value)", "value"),
    Mutant("interval booking", "levels of no length leave a trace", "booking:Level.change", "at > self.since", "at >= self.since"),
    Mutant("interval booking", "exits booked at the entry", "reference:Reference._leave", "self.counts.edges[now //", "self.counts.edges[(entered or now) //"),
    Mutant("interval booking", "the last instant forgotten", "booking:fold", "folded[-1] += counts[n:].sum(axis=0)", "pass"),
)  # fmt: skip


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
