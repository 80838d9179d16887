"""The lint on ringing, mailboxes, closing, reserves and redials; silence where all is sensible."""

from pathlib import Path

import pytest

from vpbx.errors import Mark
from vpbx.flow.keys import key_table
from vpbx.flow.lint import lint
from vpbx.flow.offered import Offered
from vpbx.scenario.load import load

WHOLE = Path(__file__).parents[1] / "scenario" / "whole_pbx.yaml"
BYE = {"bye": "hangup"}
SERVES = {"support": {"handle_time": "5 min"}}
TEAM = {"team": {"serves": SERVES, "heads": 6}}
OFFICE = {"office": "mon-fri 09:00-18:00"}
RING = {"front": {"ring": {"legs": ["desk"]}, "next": "bye", "otherwise": "bye"}}


class _Marks:
    def mark(self, path):
        return Mark("x.yaml", 1, 1)


def _found(scenario):
    return {(p.kind, p.path, p.warning) for p in lint(scenario, _Marks())}


def _message(scenario, kind):
    (problem,) = [p for p in lint(scenario, _Marks()) if p.kind == kind]
    return problem.message


def _wants(goal, **keys):
    return {
        "plain": {"volume": "240/day", "dials": {"100": "100%"}, "wants": {goal: "100%"}} | keys
    }


def test_everything_at_once_is_sensible():
    """Of the PBX that uses every key, only letters that lie overnight are told of."""
    loaded = load(WHOLE)
    found = {(p.kind, p.path) for p in lint(loaded.scenario, loaded.marks)}
    assert found == {("unstaffed-queue", "queues.letters")}


def test_extensions_that_never_ring(make):
    """One that is rung, one that it forwards to, one that neither reaches."""
    desk = {"talk": "1 min", "forward": {"busy": "back"}}
    extensions = {"desk": desk, "back": {"talk": "1 min"}, "alone": {"talk": "1 min"}}
    scenario = make({**RING, **BYE}, extensions=extensions)
    assert _found(scenario) == {("unrung-extension", "extensions.alone", True)}


def test_an_outside_number_holds_no_line(make):
    """Where lines are counted at all, a leg to the outside without a trunk is doubtful."""
    extensions = {"desk": {"talk": "1 min", "number": "+7-900-000-00-00"}}
    assert _found(make({**RING, **BYE}, extensions=extensions)) == set()
    scenario = make(
        {**RING, **BYE},
        extensions=extensions,
        trunks={"city": {"channels": 4}},
        numbers={"100": {"enter": "front", "trunk": "city"}},
    )
    assert _found(scenario) == {("no-trunk", "extensions.desk", True)}


def test_messages_that_nobody_hears(make):
    """A mailbox without a queue; with one, its group is busy enough."""
    box = {"box": {"voicemail": {"takes": "30 s"}}}
    assert _found(make(box)) == {("unheard-messages", "flow.box.voicemail", True)}
    box = {"box": {"voicemail": {"takes": "30 s", "queue": "support"}}}
    assert _found(make(box, queues={"support": {}}, agents=TEAM)) == set()


def test_messages_may_wait_for_the_morning(make):
    """Nobody is there at night: calls would wait in vain, messages do not mind."""
    day = {"team": {"serves": SERVES, "heads": {"09:00-18:00": 6}}}
    box = {"box": {"voicemail": {"takes": "30 s", "queue": "support"}}}
    assert _found(make(box, queues={"support": {}}, agents=day)) == set()


def test_messages_pile_up(make):
    """240 messages a day of 5 min are 20 h of work; one agent is there for 8 h."""
    one = {"team": {"serves": SERVES, "heads": {"09:00-17:00": 1}}}
    box = {"box": {"voicemail": {"takes": "30 s", "queue": "support"}}}
    message = _message(make(box, queues={"support": {}}, agents=one), "backlog")
    assert "20 h of work" in message
    assert "there for 8 h" in message


def test_calls_after_closing(make):
    """Callers come round the clock to a queue that closes at six, with people there all the time."""
    scenario = make(
        {"line": {"queue": "support", "next": "bye"}, **BYE},
        hours=OFFICE,
        queues={"support": {"closes": "office", "at_closing": "clear"}},
        agents=TEAM,
        callers=_wants("line"),
    )
    message = _message(scenario, "calls-after-closing")
    assert "mon 00:00-09:00, 18:00-24:00" in message


def test_calls_kept_with_nobody_there(make):
    """A branch keeps callers out after six; those who wait then are kept, and all have gone home."""
    flow = {
        "door": {"branch": [{"open": "office", "next": "line"}], "otherwise": "shut"},
        "shut": {"play": "5 s", "next": "bye"},
        "line": {"queue": "support", "next": "bye"},
        **BYE,
    }
    day = {"team": {"serves": SERVES, "heads": {"mon-fri 09:00-18:00": 6}}}
    late = {"team": {"serves": SERVES, "heads": {"mon-fri 09:00-18:30": 6}}}
    keep = {"support": {"closes": "office"}}
    keys = {"hours": OFFICE, "callers": _wants("line")}
    assert "mon 18:00-18:15" in _message(make(flow, queues=keep, agents=day, **keys), "kept-alone")
    assert _found(make(flow, queues=keep, agents=late, **keys)) == set()
    clear = {"support": {"closes": "office", "at_closing": "clear"}}
    assert _found(make(flow, queues=clear, agents=day, **keys)) == set()


def test_where_nobody_may_join_an_empty_queue(make):
    """At night callers take the way for that, so nothing is wrong with the night."""
    day = {"team": {"serves": SERVES, "heads": {"09:00-18:00": 6}}}
    flow = {"line": {"queue": "support", "next": "bye", "empty": "bye"}, **BYE}
    queues = {"support": {"join_empty": False}}
    assert _found(make(flow, queues=queues, agents=day, callers=_wants("line"))) == set()


def test_a_number_without_opening_hours(make):
    """The gap at night is told, and that no branch asks for hours."""
    day = {"team": {"serves": SERVES, "heads": {"09:00-18:00": 6}}}
    flow = {"line": {"queue": "support", "next": "bye"}, **BYE}
    scenario = make(flow, queues={"support": {}}, agents=day, callers=_wants("line"))
    assert "no branch asks for opening hours" in _message(scenario, "unstaffed-queue")


def test_a_reserve_is_nobody(make):
    """While two of two are kept free, nobody serves the queue."""
    serves = {"support": {"handle_time": "5 min", "spare": 2}}
    heads = {"09:00-18:00": 6, "18:00-09:00": 2}
    flow = {"line": {"queue": "support", "next": "bye"}, **BYE}
    agents = {"team": {"serves": serves, "heads": heads}}
    scenario = make(flow, queues={"support": {}}, agents=agents, callers=_wants("line"))
    assert "mon 00:00-09:00, 18:00-24:00" in _message(scenario, "unstaffed-queue")


def test_groups_that_come_too_late(make):
    """The only group takes calls after 2 min of waiting; waits end after 1 min."""
    serves = {"support": {"handle_time": "5 min", "after": "2 min"}}
    flow = {"line": {"queue": "support", "max_wait": "1 min", "next": "bye"}, **BYE}
    agents = {"team": {"serves": serves, "heads": 6}}
    scenario = make(flow, queues={"support": {}}, agents=agents, callers=_wants("line"))
    assert _found(scenario) == {("never-served", "flow.line.max_wait", True)}


def test_phones_that_do_not_ring_together(make):
    """ring_all needs phones that ring."""
    flow = {"line": {"queue": "support", "next": "bye"}, **BYE}
    queues = {"support": {"strategy": "ring_all"}}
    scenario = make(flow, queues=queues, agents=TEAM, callers=_wants("line"))
    assert _found(scenario) == {("silent-phones", "queues.support.strategy", True)}
    phones = {"team": TEAM["team"] | {"phone": {"answers_after": "5 s"}}}
    assert _found(make(flow, queues=queues, agents=phones, callers=_wants("line"))) == set()


@pytest.mark.parametrize(
    "cause", ["timed_out", "cleared", "callback_failed", "unsettled", "balked"]
)
def test_redials_for_what_cannot_happen(make, cause):
    """A plain line times nobody out, clears nobody, calls nobody back, settles all."""
    flow = {"line": {"queue": "support", "next": "bye"}, **BYE}
    redial = {"after": {"abandoned": "50%", cause: "50%"}, "delay": "5 min"}
    callers = _wants("line", redial=redial)
    scenario = make(flow, queues={"support": {}}, agents=TEAM, callers=callers)
    assert _found(scenario) == {("idle-cause", f"callers.plain.redial.after.{cause}", True)}


def test_ringing_in_no_time(make):
    """When all are busy at once, two ring nodes pass a call to one another for ever."""
    flow = {
        "front": {"ring": {"legs": ["desk"]}, "next": "bye", "otherwise": "again"},
        "again": {"ring": {"legs": ["desk"]}, "next": "bye", "otherwise": "front"},
        **BYE,
    }
    scenario = make(flow, extensions={"desk": {"talk": "1 min"}})
    assert ("zero-time-loop", "flow.front", False) in _found(scenario)


def test_load_of_shares_offers_and_failed_connections(make):
    """240 a day are 10/h; 10% do not connect, 40% go by a share, a quarter of the rest elsewhere."""
    flow = {
        "lot": {"branch": [{"share": "40%", "next": "bye"}], "otherwise": "line"},
        "line": {
            "queue": "support",
            "offers": {"elsewhere": {"taken_by": "25%", "to": "bye"}},
            "next": "bye",
        },
        **BYE,
    }
    numbers = {"100": {"enter": "lot", "connects": {"fails": "10%"}}}
    scenario = make(flow, numbers=numbers, queues={"support": {}}, agents=TEAM)
    offered = Offered(scenario, key_table(scenario))
    assert offered.loads[0].calls("support") == pytest.approx(10 * 0.9 * 0.6 * 0.75)


def test_load_behind_ringing(make):
    """A desk that misses 20% to 50% by the hour leaves at least 20% for the queue behind it."""
    flow = {
        "front": {"ring": {"legs": ["desk"]}, "next": "bye", "otherwise": "line"},
        "line": {"queue": "support", "next": "bye"},
        **BYE,
    }
    missed = {"00:00-12:00": "20%", "12:00-24:00": "50%"}
    extensions = {"desk": {"talk": "1 min", "missed": missed}}
    scenario = make(flow, extensions=extensions, queues={"support": {}}, agents=TEAM)
    offered = Offered(scenario, key_table(scenario))
    assert offered.loads[0].calls("support") == pytest.approx(10 * 0.2)
