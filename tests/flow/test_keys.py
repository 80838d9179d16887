"""The key table: hand-worked choices."""

import pytest

from vpbx.codes import Exit, Op
from vpbx.flow.graph import build, number_node, ways, with_numbers
from vpbx.flow.keys import key_table
from vpbx.flow.paths import key_paths


def _callers(*goals):
    wants = dict.fromkeys(goals[:1], "100%") | dict.fromkeys(goals[1:], "0%")
    return {"plain": {"volume": "240/day", "dials": {"100": "100%"}, "wants": wants}}


def test_keys_of_a_small_tree(tree):
    """Each menu has the key that leads to each goal behind it, and none for goals that are not."""
    table = key_table(tree)
    assert table.goals == ("tv", "balance", "agent")
    assert table.press == {
        ("main", "tv"): "1",
        ("main", "balance"): "2",
        ("main", "agent"): "2",
        ("mobile", "balance"): "1",
        ("mobile", "agent"): "0",
    }
    assert not table.reach["mobile", "tv"]
    assert table.reach["agent", "agent"]
    assert table.fallback_goal == {"balance": "agent"}


@pytest.mark.parametrize(("play", "key"), [("5 s", "2"), ("7 s", "1")])
def test_the_shorter_way_wins(make, play, key):
    """Key 1 is read out at 8 s, key 2 at 2 s with an announcement after it: 6 s decide."""
    scenario = make(
        {
            "menu": {
                "menu": {1: {"at": "8 s", "next": "goal"}, 2: {"at": "2 s", "next": "detour"}},
                "barge_in": True,
            },
            "detour": {"play": play, "next": "goal"},
            "goal": {"play": "1 s"},
        },
        callers=_callers("goal"),
    )
    assert key_table(scenario).press["menu", "goal"] == key


def test_ties_go_to_the_first_key_of_the_keypad(make):
    """0 comes first, then 1 to 9, * and #, whatever the order in the file."""
    options = {key: {"at": "3 s", "next": "goal"} for key in ("#", "*", 9, 5, 0)}
    scenario = make({"menu": {"menu": options}, "goal": {"play": "1 s"}}, callers=_callers("goal"))
    assert key_table(scenario).press["menu", "goal"] == "0"


def test_silence_is_a_way_only_where_no_key_leads_on(make):
    """No key leads to the goal, but waiting does: it can be reached, and no key is pressed."""
    scenario = make(
        {
            "menu": {
                "menu": {1: {"at": "3 s", "next": "other"}},
                "no_input": {"then": "goal"},
            },
            "other": {"play": "1 s"},
            "goal": {"play": "1 s"},
        },
        callers=_callers("goal"),
    )
    table = key_table(scenario)
    assert table.reach["menu", "goal"]
    assert ("menu", "goal") not in table.press


def test_a_key_beats_silence_even_when_it_takes_longer(make):
    """A long way by key is preferred to a short way by waiting."""
    scenario = make(
        {
            "menu": {
                "menu": {1: {"at": "3 s", "next": "detour"}},
                "no_input": {"after": "1 s", "repeat": 0, "then": "goal"},
            },
            "detour": {"play": "10 min", "next": "goal"},
            "goal": {"play": "1 s"},
        },
        callers=_callers("goal"),
    )
    assert key_table(scenario).press["menu", "goal"] == "1"


def test_nothing_leads_on_from_a_queue(make):
    """What comes after the call is no way to a goal."""
    scenario = make(
        {
            "menu": {"menu": {1: {"next": "agent"}}},
            "agent": {"queue": "support", "next": "goal"},
            "goal": {"play": "1 s"},
        },
        queues={"support": {}},
        callers=_callers("goal"),
    )
    table = key_table(scenario)
    assert not table.reach["menu", "goal"]
    assert not table.reach["agent", "goal"]


def test_a_way_by_chance_counts_its_tries(make):
    """10 s at 25% counts as 40 s: above 30 s of announcement, below 50 s."""
    for play, key in (("30 s", "2"), ("50 s", "1")):
        scenario = make(
            {
                "menu": {"menu": {1: {"next": "robot"}, 2: {"next": "detour"}}},
                "robot": {"self_service": {"takes": "10 s", "settles": "25%"}, "next": "goal"},
                "detour": {"play": play, "next": "goal"},
                "goal": {"play": "1 s"},
            },
            callers=_callers("goal"),
        )
        assert key_table(scenario).press["menu", "goal"] == key


def test_the_fallback_is_the_nearest_queue(make):
    """After a failure the caller heads for the nearer of two queues; for none where there is none."""
    scenario = make(
        {
            "robot": {"self_service": {"takes": "9 s", "settles": "50%"}, "otherwise": "menu"},
            "menu": {
                "menu": {1: {"at": "9 s", "next": "far"}, 2: {"at": "4 s", "next": "near"}},
                "barge_in": True,
            },
            "far": {"queue": "one"},
            "near": {"queue": "two"},
            "lonely": {"self_service": {"takes": "9 s"}},
        },
        queues={"one": {}, "two": {}},
        callers=_callers("robot"),
    )
    table = key_table(scenario)
    assert table.fallback_goal == {"robot": "near", "lonely": None}
    assert table.goals == ("robot", "near")


def test_following_the_table_always_arrives(make):
    """Menus that lead back to one another in no time still have keys that end at the goal."""
    scenario = make(
        {
            "a": {"menu": {0: {"next": "b"}, 1: {"next": "goal"}}, "reaction": "0 s"},
            "b": {"menu": {0: {"next": "a"}}, "reaction": "0 s"},
            "goal": {"play": "1 s"},
        },
        callers=_callers("goal"),
    )
    table = key_table(scenario)
    assert table.press["a", "goal"] == "1"
    assert [path.keys for path in key_paths(scenario)] == [("1",)]


def test_edges_of_a_menu(tree):
    """A menu has an edge a key and one for silence: (8 + 5) three times over, by hand 39 s."""
    graph = build(tree)
    edges = {data["exit"]: data for _, _, data in graph.out_edges("main", data=True)}
    assert set(edges) == {1, 2, int(Exit.NO_INPUT)}
    assert edges[2]["label"] == "2 mobile"
    assert edges[2]["seconds"] == 5.5
    assert edges[int(Exit.NO_INPUT)]["seconds"] == 39.0
    assert graph.nodes["main"]["op"] == Op.MENU
    assert graph.nodes["mobile"]["hangs_up"] == "no input, no match"


def test_a_replay_starts_where_it_says(make):
    """Prompt 10 s, replayed from 6 s, silence 5 s, one repeat: 15 + 9 = 24 s."""
    scenario = make(
        {
            "menu": {
                "menu": {1: {"at": "10 s", "next": "bye"}},
                "replay_from": "6 s",
                "no_input": {"after": "5 s", "repeat": 1, "then": "bye"},
            },
            "bye": "hangup",
        }
    )
    seconds = {way.exit: way.seconds for way in ways(scenario.flow["menu"])}
    assert seconds[Exit.NO_INPUT] == 24.0


def test_numbers_stand_before_the_flow(make):
    """A number leads to its entry and, for networks refused, to what they hear."""
    scenario = make(
        {"hello": {"play": "1 s"}, "no": {"play": "1 s"}},
        numbers={"100": {"enter": "hello", "refuses": {"abroad": "no"}}},
    )
    graph = with_numbers(scenario)
    labels = {
        head: data["label"] for _, head, data in graph.out_edges(number_node("100"), data=True)
    }
    assert labels == {"hello": "", "no": "refused: abroad"}
    assert number_node("100") not in build(scenario)
