"""Key paths: seconds worked out by hand."""

from math import inf

import pytest

from vpbx.flow.paths import SILENCE, key_paths, text

BYE = {"bye": "hangup"}


def _wants(**wants):
    return {"plain": {"volume": "240/day", "dials": {"100": "100%"}, "wants": wants}}


def test_paths_of_a_small_tree(tree):
    """Listening and knowing, as the tree's docstring works them out.

    Knowing: the greeting is cut after 1.5 s, the main menu takes the key at once, the second menu
    cannot be cut: 1.5 + 0 + 10.5 s.
    """
    paths = {path.goal: path for path in key_paths(tree)}
    assert {goal: path.keys for goal, path in paths.items()} == {
        "tv": ("1",),
        "balance": ("2", "1"),
        "agent": ("2", "0"),
    }
    assert [paths[goal].listening_s for goal in ("tv", "balance", "agent")] == [21.5, 28.0, 28.0]
    assert [paths[goal].knowing_s for goal in ("tv", "balance", "agent")] == [1.5, 12.0, 12.0]
    assert paths["agent"].nodes == ("greeting", "main", "mobile", "agent")


def test_a_path_in_words(tree):
    """The line that people read."""
    line = {path.goal: text(path) for path in key_paths(tree)}["agent"]
    assert line == "100 → agent: 2 0, 28 s listening, 12 s knowing the menu"


def test_one_key_cuts_all_greetings_before_a_menu(make):
    """Two greetings that can be cut: the reaction counts once."""
    scenario = make(
        {
            "one": {"play": "10 s", "barge_in": True, "next": "two"},
            "two": {"play": "20 s", "barge_in": True, "next": "menu"},
            "menu": {"menu": {1: {"at": "4 s", "next": "goal"}}},
            "goal": {"play": "1 s"},
        },
        callers=_wants(goal="100%"),
    )
    (path,) = key_paths(scenario)
    assert path.listening_s == 10 + 20 + 4 + 1.5
    assert path.knowing_s == 1.5


def test_a_menu_that_can_be_cut_takes_the_reaction_time(make):
    """Two such menus one after the other: a reaction each, and the greeting is heard out."""
    scenario = make(
        {
            "hello": {"play": "7 s", "next": "one"},
            "one": {
                "menu": {1: {"at": "4 s", "next": "two"}},
                "barge_in": True,
                "reaction": "2 s",
            },
            "two": {"menu": {1: {"at": "5 s", "next": "goal"}}, "barge_in": True},
            "goal": {"play": "1 s"},
        },
        callers=_wants(goal="100%"),
    )
    (path,) = key_paths(scenario)
    assert path.listening_s == 7 + 6 + 6.5
    assert path.knowing_s == 7 + 2 + 1.5


def test_forced_keys_are_followed(make):
    """The prescribed key leads the long way round, and that is what is timed."""
    flow = {
        "menu": {
            "menu": {1: {"at": "2 s", "next": "goal"}, 5: {"at": "9 s", "next": "sub"}},
            "barge_in": True,
        },
        "sub": {"menu": {0: {"at": "1 s", "next": "goal"}}},
        "goal": {"play": "1 s"},
    }
    scenario = make(flow, callers=_wants(goal={"share": "100%", "keys": "5 0"}))
    (path,) = key_paths(scenario)
    assert (path.keys, path.listening_s, path.forced) == (("5", "0"), 10.5 + 2.5, True)
    by_number = make(flow, callers=_wants(goal={"share": "100%", "keys": {"100": "50"}}))
    assert [path.keys for path in key_paths(by_number)] == [("5", "0")]


def test_forced_keys_that_miss_have_no_time(make):
    """A prescribed key that hangs up: the path says so."""
    scenario = make(
        {
            "menu": {"menu": {1: {"next": "goal"}, 9: {"next": "bye"}}},
            "goal": {"play": "1 s"},
            **BYE,
        },
        callers=_wants(goal={"share": "100%", "keys": "9"}),
    )
    (path,) = key_paths(scenario)
    assert path.listening_s == inf
    assert text(path) == "100 → goal: 9, does not lead there"


def test_waiting_in_silence_is_shown(make):
    """Where only silence leads on, the path waits: prompt 3 s and silence 4 s, read twice."""
    scenario = make(
        {
            "menu": {
                "menu": {1: {"at": "3 s", "next": "bye"}},
                "no_input": {"after": "4 s", "repeat": 1, "then": "goal"},
            },
            "goal": {"play": "1 s"},
            **BYE,
        },
        callers=_wants(goal="100%"),
    )
    (path,) = key_paths(scenario)
    assert path.keys == (SILENCE,)
    assert path.listening_s == 14.0


@pytest.mark.parametrize(("network", "n_paths"), [("home", 1), ("abroad", 0)])
def test_only_callers_who_are_let_in_have_paths(make, network, n_paths):
    """A network that the number does not accept has no path."""
    callers = _wants(goal="100%")
    callers["plain"]["network"] = network
    scenario = make(
        {"goal": {"play": "1 s"}},
        numbers={"100": {"enter": "goal", "accepts": ["home"]}},
        callers=callers,
    )
    assert len(key_paths(scenario)) == n_paths
