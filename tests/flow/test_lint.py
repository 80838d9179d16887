"""The lint: each rule on a case that breaks it, and silence on sensible scenarios."""

from pathlib import Path

import pytest

from vpbx.errors import Mark
from vpbx.flow.lint import lint
from vpbx.flow.slots import Slot, times_text

QUEUE = {"support": {}}
REGION = {"region": {"serves": {"support": {"handle_time": "5 min"}}, "heads": 6}}
BYE = {"bye": "hangup"}
AGENT = {"agent": {"queue": "support", "next": "bye"}, **BYE}


class _Marks:
    def mark(self, path):
        return Mark("x.yaml", 1, 1)


def _found(scenario):
    """(kind, path, is a warning) of every problem."""
    return {(p.kind, p.path, p.warning) for p in lint(scenario, _Marks())}


def _messages(scenario, kind):
    return [p.message for p in lint(scenario, _Marks()) if p.kind == kind]


def _plain(**keys):
    return {"plain": {"volume": "240/day", "dials": {"100": "100%"}} | keys}


def test_a_sensible_scenario_is_silent(tree):
    """Nothing is said of the small carrier of these tests."""
    assert _found(tree) == set()


@pytest.mark.parametrize(
    "name", ["mts_0890", "sber_900", "sbermobile_901", "virtual_pbx_small_firm"]
)
def test_shipped_scenarios_have_no_errors(name):
    """The scenarios that come with the product hold nothing worse than warnings."""
    from vpbx.scenario.load import load

    loaded = load(Path(__file__).parents[2] / "scenarios" / f"{name}.yaml")
    assert [str(p) for p in lint(loaded.scenario, loaded.marks) if not p.warning] == []


def test_nodes_that_no_number_leads_to(make):
    """An orphan, and what only the orphan leads to."""
    scenario = make(
        {"hello": {"play": "1 s"}, "orphan": {"play": "1 s", "next": "child"}, "child": "hangup"}
    )
    assert _found(scenario) == {
        ("unreachable-node", "flow.orphan", True),
        ("unreachable-node", "flow.child", True),
    }


def test_what_the_refused_hear_is_reached(make):
    """An announcement for a refused network needs no other way to it."""
    scenario = make(
        {"hello": {"play": "1 s"}, "no": {"play": "1 s"}},
        numbers={"100": {"enter": "hello", "refuses": {"abroad": "no"}}},
    )
    assert _found(scenario) == set()


def test_announcements_for_ever_are_an_error(make):
    """Two announcements after one another in a circle: a loop, and no call ends."""
    scenario = make({"a": {"play": "1 s", "next": "b"}, "b": {"play": "2 s", "next": "a"}})
    assert _found(scenario) == {("loop", "flow.a", False), ("no-ending", "flow.a", False)}


def test_branches_in_a_circle_are_an_error(make):
    """Two branches that send calls to one another take no time at all."""
    scenario = make(
        {
            "a": {"branch": [{"network": "abroad", "next": "b"}], "otherwise": "bye"},
            "b": {"branch": [{"network": "abroad", "next": "a"}], "otherwise": "bye"},
            **BYE,
        }
    )
    assert _found(scenario) == {("zero-time-loop", "flow.a", False)}


@pytest.mark.parametrize(("capacity", "kinds"), [(5, {"zero-time-loop"}), (None, set())])
def test_queues_full_to_one_another(make, capacity, kinds):
    """Two limited queues that overflow into each other can pass a call round for ever."""
    queues = {"one": {"capacity": capacity}, "two": {"capacity": capacity}}
    serves = {queue: {"handle_time": "5 min"} for queue in queues}
    scenario = make(
        {"a": {"queue": "one", "full": "b"}, "b": {"queue": "two", "full": "a"}},
        queues=queues,
        agents={"region": {"serves": serves, "heads": 6}},
    )
    assert {kind for kind, _, _ in _found(scenario)} == kinds


def test_loops_through_menus_and_robots_are_fine(make):
    """A key that goes back, a robot that is asked again, an announcement before a state branch."""
    scenario = make(
        {
            "menu": {"menu": {1: {"next": "robot"}, 9: {"next": "menu"}}},
            "robot": {
                "self_service": {"takes": "5 s", "settles": "40%"},
                "next": "check",
                "otherwise": "robot",
            },
            "check": {
                "branch": [{"when": "support.queue_length >= 30", "next": "hold"}],
                "otherwise": "agent",
            },
            "hold": {"play": "30 s", "next": "check"},
            **AGENT,
        },
        queues=QUEUE,
        agents=REGION,
        callers=_plain(wants={"agent": "100%"}),
    )
    assert _found(scenario) == set()


def test_keys_behind_which_nothing_is_wanted(make):
    """Key 1 leads to a goal, key 9 back to it, key 0 hangs up, key 2 to what nobody wants."""
    scenario = make(
        {
            "menu": {
                "menu": {
                    1: {"next": "goal"},
                    2: {"next": "news"},
                    9: {"next": "menu"},
                    0: {"next": "bye"},
                }
            },
            "goal": {"play": "1 s"},
            "news": {"play": "9 s"},
            **BYE,
        },
        callers=_plain(wants={"goal": "100%"}),
    )
    assert _found(scenario) == {("unused-option", "flow.menu.menu.2", True)}


def test_goals_out_of_reach(make):
    """From one of two numbers: a warning; from the only one: an error."""
    flow = {
        "hello": {"play": "1 s", "next": "goal"},
        "goal": {"play": "1 s"},
        "other": {"play": "1 s"},
    }
    numbers = {"100": {"enter": "hello"}, "200": {"enter": "other"}}
    some = make(
        flow,
        numbers=numbers,
        callers=_plain(dials={"100": "50%", "200": "50%"}, wants={"goal": "100%"}),
    )
    none = make(
        flow, numbers=numbers, callers=_plain(dials={"200": "100%"}, wants={"goal": "100%"})
    )
    assert _found(some) == {("unreachable-goal", "callers.plain.wants.goal", True)}
    assert _found(none) == {("unreachable-goal", "callers.plain.wants.goal", False)}


def test_callers_whom_no_number_accepts(make):
    """A class that only dials numbers that refuse its network never gets in."""
    scenario = make(
        {"hello": {"play": "1 s"}},
        numbers={"100": {"enter": "hello", "accepts": "home"}},
        callers=_plain(network="abroad", wants={"hello": "100%"}),
    )
    assert _found(scenario) == {("refused-everywhere", "callers.plain.dials", True)}


def test_prescribed_keys_that_miss(make):
    """Keys that hang up in place of leading to the goal."""
    scenario = make(
        {
            "menu": {"menu": {1: {"next": "goal"}, 9: {"next": "bye"}}},
            "goal": {"play": "1 s"},
            **BYE,
        },
        callers=_plain(wants={"goal": {"share": "100%", "keys": "9"}}),
    )
    assert ("keys-miss-goal", "callers.plain.wants.goal.keys", True) in _found(scenario)


def test_queues_and_groups_without_one_another(make):
    """A queue that nobody serves is an error; an unused queue and its group are warnings."""
    scenario = make(
        {"agent": {"queue": "lonely"}},
        queues={"lonely": {}, "spare": {}},
        agents={"idle": {"serves": {"spare": {"handle_time": "5 min"}}, "heads": 2}},
        callers=_plain(wants={"agent": "100%"}),
    )
    assert _found(scenario) == {
        ("unserved-queue", "queues.lonely", False),
        ("queue-without-node", "queues.spare", True),
        ("idle-group", "agents.idle", True),
    }


def test_numbers_and_trunks_without_one_another(make):
    """Where there are trunks, a number without one stands out; so does an unused trunk."""
    scenario = make(
        {"hello": {"play": "1 s"}},
        numbers={"100": {"enter": "hello"}, "200": {"enter": "hello", "trunk": "main"}},
        trunks={"main": {"channels": 10}, "spare": {"channels": 10}},
    )
    assert _found(scenario) == {
        ("no-trunk", "numbers.100", True),
        ("unused-trunk", "trunks.spare", True),
    }


@pytest.mark.parametrize(("patience", "warned"), [("24 h", False), ("49 h", True)])
def test_patience_beyond_the_run(make, patience, warned):
    """A day and a day of draining: 48 h is the longest that anyone can wait."""
    scenario = make(
        AGENT,
        queues=QUEUE,
        agents=REGION,
        callers=_plain(wants={"agent": "100%"}, patience=f"exponential(mean={patience})"),
    )
    found = ("long-patience", "callers.plain.patience", True) in _found(scenario)
    assert found == warned


def test_closing_without_a_word(make):
    """An office that hangs up at night is warned of; one with an announcement is not."""
    hours = {"office": "mon-fri 09:00-18:00"}
    office = {"when": {"branch": [{"open": "office", "next": "hello"}], "otherwise": "bye"}}
    flow = {**office, "hello": {"play": "1 s"}, **BYE}
    assert _found(make(flow, hours=hours)) == {("silent-closing", "flow.when", True)}
    office["when"]["otherwise"] = "closed"
    polite = {**office, "hello": {"play": "1 s"}, "closed": {"play": "5 s", "next": "bye"}, **BYE}
    assert _found(make(polite, hours=hours)) == set()


DAY_SHIFT = {"region": REGION["region"] | {"heads": {"mon-sun 09:00-18:00": 6}}}


def test_hours_at_which_nobody_is_on_the_phone(make):
    """Callers come day and night, agents from nine to six: the hours before and after."""
    scenario = make(AGENT, queues=QUEUE, agents=DAY_SHIFT, callers=_plain(wants={"agent": "100%"}))
    (message,) = _messages(scenario, "unstaffed-queue")
    assert message.endswith("mon 00:00-09:00, 18:00-24:00")


def test_shrinkage_can_empty_a_shift(make):
    """One head at 60% shrinkage is floor(0.4 + 0.5) = 0 on the phone; at 50% it is one."""
    for shrinkage, n_found in (("60%", 1), ("50%", 0)):
        group = REGION["region"] | {"heads": 1, "shrinkage": shrinkage}
        scenario = make(
            AGENT,
            queues=QUEUE,
            agents={"region": group},
            callers=_plain(volume="24/day", wants={"agent": "100%"}),
        )
        assert len(_messages(scenario, "unstaffed-queue")) == n_found


@pytest.mark.parametrize(
    "case",
    [{"closed": "office", "next": "sorry"}, {"when": "support.agents_free < 1", "next": "sorry"}],
)
def test_a_queue_behind_opening_hours_is_fine(make, case):
    """A branch that keeps callers out while nobody works silences the rule."""
    scenario = make(
        {"door": {"branch": [case], "otherwise": "agent"}, "sorry": {"play": "5 s"}, **AGENT},
        queues=QUEUE,
        agents=DAY_SHIFT,
        hours={"office": "mon-sun 09:00-18:00"},
        callers=_plain(wants={"agent": "100%"}),
    )
    assert _found(scenario) == set()


def test_a_queue_is_fine_while_nobody_calls(make):
    """No calls at night by the profile: no agents are needed then."""
    profile = [0.0] * 9 + [1.0] * 9 + [0.0] * 6
    scenario = make(
        AGENT,
        queues=QUEUE,
        agents=DAY_SHIFT,
        callers=_plain(profile=profile, wants={"agent": "100%"}),
    )
    assert _found(scenario) == set()


def test_more_work_than_agents(make):
    """2400 calls a day, half for the queue, 5 min each: 50 an hour are 4.17 erlangs for 4 heads.

    The other half goes to an announcement.
    """
    flow = {
        "menu": {"menu": {1: {"next": "agent"}, 2: {"next": "news"}}},
        "news": {"play": "9 s"},
        **AGENT,
    }
    callers = _plain(volume="2400/day", wants={"agent": "50%", "news": "50%"})
    for heads, n_found in ((4, 1), (5, 0)):
        scenario = make(
            flow,
            queues=QUEUE,
            agents={"region": REGION["region"] | {"heads": heads}},
            callers=callers,
        )
        messages = _messages(scenario, "overload")
        assert len(messages) == n_found
        assert all("4.2 erlangs against 4 " in message for message in messages)


def test_a_robot_passes_on_only_its_failures(make):
    """2400 calls for a robot that settles 90%: 10 an hour at 5 min are 0.83 erlangs; one head does."""
    scenario = make(
        {
            "robot": {
                "self_service": {"takes": "20 s", "settles": "90%"},
                "next": "bye",
                "otherwise": "agent",
            },
            **AGENT,
        },
        queues=QUEUE,
        agents={"region": REGION["region"] | {"heads": 1}},
        callers=_plain(volume="2400/day", wants={"robot": "100%"}),
    )
    assert _messages(scenario, "overload") == []


def test_shared_agents_overloaded_together(make):
    """Two queues of 3 erlangs each on 5 common heads: neither alone is too much, both are."""
    queues = {"one": {}, "two": {}}
    serves = {queue: {"handle_time": "6 min"} for queue in queues}
    scenario = make(
        {
            "menu": {"menu": {1: {"next": "a"}, 2: {"next": "b"}}},
            "a": {"queue": "one"},
            "b": {"queue": "two"},
        },
        queues=queues,
        agents={"region": {"serves": serves, "heads": 5}},
        callers=_plain(volume="1440/day", wants={"a": "50%", "b": "50%"}),
    )
    (message,) = _messages(scenario, "overload")
    assert message.startswith("queues one, two together: ")
    assert "6.0 erlangs against 5 " in message


def test_priority_callers_who_take_everything(make):
    """Premium callers alone bring 5 erlangs for 4 heads: ordinary ones starve."""
    callers = _plain(volume="24/day", wants={"agent": "100%"})
    callers["premium"] = callers["plain"] | {"volume": "1440/day", "priority": 5}
    scenario = make(
        AGENT,
        queues=QUEUE,
        agents={"region": REGION["region"] | {"heads": 4}},
        callers=callers,
    )
    (message,) = _messages(scenario, "starvation")
    assert "priority 5 and more" in message
    assert "5.0 erlangs against 4" in message


@pytest.mark.parametrize(("channels", "n_found"), [(4, 1), (5, 0)])
def test_a_trunk_that_is_too_small(make, channels, n_found):
    """60 calls an hour of 60 s greeting and 4 min talk are 5 erlangs even if nobody waits."""
    scenario = make(
        {"hello": {"play": "60 s", "next": "agent"}, **AGENT},
        numbers={"100": {"enter": "hello", "trunk": "main"}},
        trunks={"main": {"channels": channels}},
        queues=QUEUE,
        agents={"region": {"serves": {"support": {"handle_time": "4 min"}}, "heads": 9}},
        callers=_plain(volume="1440/day", wants={"agent": "100%"}),
    )
    assert len(_messages(scenario, "small-trunk")) == n_found


def test_times_in_words():
    """Quarters of an hour are joined, and so are days that are alike."""
    week = [Slot(day, day, minute) for day in range(5) for minute in (*range(540, 600, 15), 720)]
    assert times_text(week) == "mon-fri 09:00-10:00, 12:00-12:15"
    assert times_text([Slot(0, 5, 1425), Slot(1, 6, 0)]) == "sat 23:45-24:00, sun 00:00-00:15"
