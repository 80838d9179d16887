"""Menus: when a key is pressed, what silence and wrong keys lead to, who hangs up."""

from pathlib import Path

import pytest
from timeline import check, edges, node_seconds, run

FLOW = """
flow:
  keys:
    menu: {{1: {{at: 4 s, next: a}}, 2: {{at: 8 s, next: b}}}}
    length: 10 s
    reaction: 1 s
    {0}
  a: {{play: 5 s}}
  b: {{play: 6 s}}
  sorry: {{play: 2 s}}
callers: {{c: {{wants: {{b: 100%}}, {1}}}}}
"""


def flow(menu: str = "barge_in: no", caller: str = "knows_menu: 0%") -> str:
    """Two options at 4 s and 8 s of a 10 s prompt; everyone wants b, 6 s long."""
    return FLOW.format(menu, caller)


@pytest.mark.parametrize(
    ("barge_in", "knows", "pressed"),
    [
        ("yes", "0%", 9),  # the option at 8 s, then the reaction
        ("yes", "100%", 1),  # the reaction alone
        ("no", "0%", 11),  # the whole prompt, then the reaction
        ("no", "100%", 11),
    ],
)
def test_when_the_key_is_pressed(tmp_path: Path, barge_in: str, knows: str, pressed: float) -> None:
    """Barge-in and knowledge decide how much of the prompt is heard; the goal takes 6 s more."""
    made = run(tmp_path, flow(f"barge_in: {barge_in}", f"knows_menu: {knows}"), c=[20])
    check(
        made,
        calls_are=f"""
            arrived answered ended goal node outcome
            20      20       {20 + pressed + 6} b b self_served""",
    )
    assert {"keys": float(pressed), "b": 6.0} == node_seconds(made)
    assert edges(made) == {("keys", "2", "b"): 1, ("b", "next", "-"): 1}


def test_the_prompt_is_as_long_as_its_last_option(tmp_path: Path) -> None:
    """Without `length`, and without barge-in: 8 s of prompt and 1 s of reaction."""
    made = run(tmp_path, flow().replace("    length: 10 s\n", ""), c=[0])
    assert node_seconds(made) == {"keys": 9.0, "b": 6.0}


def test_silence_repeats_the_menu_and_then_leads_on(tmp_path: Path) -> None:
    """10 s of prompt and 5 s of silence, twice read again: 45 s, then 2 s of apology."""
    made = run(
        tmp_path,
        flow("no_input: {after: 5 s, repeat: 2, then: sorry}", "presses_nothing: 100%"),
        c=[0],
    )
    check(
        made,
        calls_are="""
            arrived answered ended goal node  outcome
            0       0        47    b    sorry lost""",
    )
    assert edges(made) == {
        ("keys", "repeat_no_input", "keys"): 2,
        ("keys", "no_input", "sorry"): 1,
        ("sorry", "next", "-"): 1,
    }
    assert node_seconds(made) == {"keys": 45.0, "sorry": 2.0}


def test_a_repeat_starts_where_the_menu_says(tmp_path: Path) -> None:
    """From 7 s on: 15 s the first time, then 3 s of prompt and 5 s of silence, twice: 31 s."""
    made = run(
        tmp_path,
        flow("replay_from: 7 s\n    no_input: {after: 5 s, repeat: 2}", "presses_nothing: 100%"),
        c=[0],
    )
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        31    b    keys lost""",
    )
    assert edges(made) == {("keys", "repeat_no_input", "keys"): 2, ("keys", "no_input", "-"): 1}


def test_a_reaction_longer_than_the_silence_allowed_is_silence(tmp_path: Path) -> None:
    """After the prompt the key would come at 6 s, the menu waits for 5 s: 15 s, then hung up on."""
    made = run(
        tmp_path,
        flow("no_input: {after: 5 s, repeat: 0}").replace("reaction: 1 s", "reaction: 6 s"),
        c=[0],
    )
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        15    b    keys lost""",
    )


def test_a_key_at_the_last_moment_of_the_silence_counts(tmp_path: Path) -> None:
    """Reaction 5 s, silence allowed 5 s: pressed at 15 s, in time."""
    made = run(
        tmp_path,
        flow("no_input: {after: 5 s, repeat: 0}").replace("reaction: 1 s", "reaction: 5 s"),
        c=[0],
    )
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        21    b    b    self_served""",
    )


ALL_BUT_ONE = """
flow:
  keys:
    menu: {2: {at: 8 s, next: b}}
    reaction: 1 s
    barge_in: yes
    no_match: {repeat: 1, then: sorry}
  b: {play: 6 s}
  sorry: {play: 2 s}
callers: {c: {wants: {b: 100%}, presses_wrong: 100%}}
"""


def test_an_unassigned_key_repeats_the_menu_and_then_leads_on(tmp_path: Path) -> None:
    """Every other key is unassigned: 9 s, again 9 s, then 2 s of apology, which is not the goal."""
    made = run(tmp_path, ALL_BUT_ONE, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node  outcome
            0       0        20    b    sorry lost""",
    )
    assert edges(made) == {
        ("keys", "repeat_no_match", "keys"): 1,
        ("keys", "no_match", "sorry"): 1,
        ("sorry", "next", "-"): 1,
    }


def test_a_repeat_after_an_unassigned_key_starts_where_the_menu_says(tmp_path: Path) -> None:
    """From 5 s on the option comes after 3 s: 9 s, then 4 s, then 2 s of apology."""
    text = ALL_BUT_ONE.replace("barge_in: yes", "barge_in: yes\n    replay_from: 5 s")
    made = run(tmp_path, text, c=[0])
    assert node_seconds(made) == {"keys": 13.0, "sorry": 2.0}


EVERY_KEY = """
flow:
  keys:
    menu:
      1: {at: 4 s, next: b}
OTHERS
    reaction: 1 s
    barge_in: yes
  b: {play: 6 s}
  wrong: {play: 3 s, next: back}
  back: {NEXT}
callers: {c: {wants: {b: 100%}, presses_wrong: 100%}}
""".replace("OTHERS", "\n".join(f"      {k!r}: {{next: wrong}}" for k in "023456789*#"))


def test_a_wrong_key_from_which_nothing_leads_back_loses_the_caller(tmp_path: Path) -> None:
    """Every other key leads astray: the caller hangs up at the press, 5 s into the call."""
    made = run(tmp_path, EVERY_KEY.replace("NEXT", "play: 1 s"), c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        5     b    keys lost""",
    )
    assert edges(made) == {("keys", "hang_up", "-"): 1}


def test_a_wrong_key_from_which_the_goal_can_be_reached_costs_time(tmp_path: Path) -> None:
    """Wrong at 5 s, 3 s of the wrong announcement, back to a menu without errors there: to b.

    The menu behind has one key, at 2 s: pressed wrong again (every press is), unassigned, twice
    read again, then the caller is led to b: 8 s + 3 × 3 s + 6 s.
    """
    second = "menu: {1: {at: 2 s, next: b}}, reaction: 1 s, barge_in: yes, no_match: {then: b}"
    made = run(tmp_path, EVERY_KEY.replace("NEXT", second), c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        23    b    b    self_served""",
    )
    assert node_seconds(made) == {"keys": 5.0, "wrong": 3.0, "back": 9.0, "b": 6.0}


def test_wrong_keys_are_spread_over_the_other_eleven_alike(tmp_path: Path) -> None:
    """Of 1100 wrong presses, 100 a key: chi-square over 10 degrees of freedom below 29.6 (0.1 %)."""
    text = EVERY_KEY.replace("NEXT", "play: 1 s").replace("next: wrong", "at: 9 s, next: b")
    made = run(tmp_path, text, c=range(0, 3300, 3))
    counts = {way: n for (node, way, _), n in edges(made).items() if node == "keys"}
    assert set("023456789*#") == set(counts)
    assert sum((n - 100) ** 2 / 100 for n in counts.values()) < 29.6


def test_who_wants_nothing_here_hangs_up_at_once(tmp_path: Path) -> None:
    """A caller without a goal does not know what to press."""
    made = run(tmp_path, flow().replace("wants: {b: 100%}, ", ""), c=[3])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            3       3        3     keys lost""",
    )


def test_forced_keys_are_pressed_whatever_the_menus_say(tmp_path: Path) -> None:
    """`12` leads through `more` to the goal, though 3 would lead there at once."""
    text = """
    flow:
      keys: {menu: {1: {at: 4 s, next: more}, 3: {at: 1 s, next: b}}, reaction: 1 s, barge_in: yes}
      more: {menu: {2: {at: 2 s, next: b}, 3: {at: 1 s, next: b}}, reaction: 1 s, barge_in: yes}
      b: {play: 6 s}
    callers: {c: {wants: {b: {share: 100%, keys: "12"}}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        14    b    b    self_served""",
    )
    assert edges(made) == {("keys", "1", "more"): 1, ("more", "2", "b"): 1, ("b", "next", "-"): 1}


def test_forced_keys_by_number(tmp_path: Path) -> None:
    """Keys given for number 200 only: callers of 100 find their own way."""
    text = """
    numbers: {"100": {enter: keys}, "200": {enter: keys}}
    flow:
      keys: {menu: {1: {at: 4 s, next: b}, 3: {at: 1 s, next: b}}, reaction: 1 s, barge_in: yes}
      b: {play: 6 s}
    callers:
      c: {wants: {b: {share: 100%, keys: {"200": "1"}}}, dials: {"200": 100%}}
      d: {wants: {b: {share: 100%}}}
    """
    made = run(tmp_path, text, c=[0], d=[50])
    check(
        made,
        calls_are="""
            class number arrived answered ended goal node outcome
            c     200    0       0        11    b    b    self_served
            d     100    50      50       58    b    b    self_served""",
    )


def test_after_the_forced_keys_the_caller_goes_by_the_goal(tmp_path: Path) -> None:
    """`1` leads to `more`; there the goal's key is 3: 5 s, 2 s, 6 s."""
    text = """
    flow:
      keys: {menu: {1: {at: 4 s, next: more}}, reaction: 1 s, barge_in: yes}
      more: {menu: {2: {at: 2 s, next: a}, 3: {at: 1 s, next: b}}, reaction: 1 s, barge_in: yes}
      a: {play: 1 s}
      b: {play: 6 s}
    callers: {c: {wants: {b: {share: 100%, keys: "1"}}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        13    b    b    self_served""",
    )


def test_key_shares_stand_for_goals(tmp_path: Path) -> None:
    """30 % press 1, 50 % press 2, the rest nothing: within 4 standard errors of 400 callers."""
    text = """
    flow:
      keys:
        menu: {1: {at: 4 s, next: a, share: 30%}, 2: {at: 8 s, next: b, share: 50%}}
        no_input: {after: 5 s, repeat: 0, then: sorry}
      a: {play: 5 s}
      b: {play: 6 s}
      sorry: {play: 2 s}
    """
    made = run(tmp_path, text, c=range(400))
    counts = {way: n for (node, way, _), n in edges(made).items() if node == "keys"}
    for way, p in (("1", 0.3), ("2", 0.5), ("no_input", 0.2)):
        assert abs(counts[way] - 400 * p) <= 4 * (400 * p * (1 - p)) ** 0.5


def test_a_key_share_that_leads_past_the_goal_does_not_end_the_call(tmp_path: Path) -> None:
    """All press 1 by share; who wanted b hears a out (5 s) and is lost at its end."""
    text = """
    flow:
      keys: {menu: {1: {at: 4 s, next: a, share: 100%}, 2: {next: b}}, reaction: 1 s, barge_in: yes}
      a: {play: 5 s}
      b: {play: 6 s}
    callers: {c: {wants: {b: 100%}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        10    b    a    lost""",
    )


def test_after_the_last_forced_key_the_goal_leads(tmp_path: Path) -> None:
    """Keys 1 for everybody; at the second menu the goal asks for 2, whatever another class presses.

    The keys of class d come right after those of class c: c must not go on with them.
    """
    made = run(
        tmp_path,
        """
        flow:
          one: {menu: {1: {at: 1 s, next: two}}, barge_in: yes, reaction: 1 s}
          two: {menu: {2: {at: 1 s, next: three}, 7: {at: 1 s, next: wrong}}, barge_in: yes, reaction: 1 s}
          three: {menu: {3: {at: 1 s, next: end}, 7: {at: 1 s, next: wrong}}, barge_in: yes, reaction: 1 s}
          end: {play: 5 s}
          wrong: {play: 6 s}
        callers:
          c: {wants: {end: {share: 100%, keys: "1"}}, knows_menu: 100%}
          d: {wants: {end: {share: 100%, keys: "1 7"}}, knows_menu: 100%}
        """,
        c=[0],
        d=[100],
    )
    assert edges(made)[("two", "2", "three")] == 1
    assert edges(made)[("three", "3", "end")] == 1
    assert edges(made)[("two", "7", "wrong")] == 1
