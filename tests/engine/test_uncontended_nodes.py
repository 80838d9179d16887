"""Hang-up, announcements and self-service: when each is left, and how the call ends."""

from pathlib import Path

from timeline import check, edges, node_seconds, run


def test_hangup_ends_a_call_at_once(tmp_path: Path) -> None:
    """A number that leads to a hang-up: the call ends as it arrives, and did not get anywhere."""
    made = run(tmp_path, "flow: {bye: hangup}", c=[5])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            5       5        5     bye  lost""",
    )
    assert edges(made) == {("bye", "hang_up", "-"): 1}


def test_an_announcement_that_is_wanted_serves_the_caller(tmp_path: Path) -> None:
    """12 s of announcement, then the system hangs up: self-served for whom it is the goal."""
    text = "flow: {news: {play: 12 s}}\ncallers: {c: {wants: {news: 100%}}, other: {}}"
    made = run(tmp_path, text, c=[5], other=[6])
    check(
        made,
        calls_are="""
            class arrived answered ended goal node outcome
            c     5       5        17    news news self_served
            other 6       6        18    -    news lost""",
    )
    assert edges(made) == {("news", "next", "-"): 2}
    assert node_seconds(made) == {"news": 24.0}


def test_announcements_follow_one_another(tmp_path: Path) -> None:
    """12 s, then 3 s, then a hang-up: 15 s in all."""
    text = """
    flow: {hello: {play: 12 s, next: news}, news: {play: 3 s, next: bye}, bye: hangup}
    callers: {c: {wants: {news: 100%}}}
    """
    made = run(tmp_path, text, c=[100])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            100     100      115   news bye  self_served""",
    )
    assert node_seconds(made) == {"hello": 12.0, "news": 3.0}


GREETING = """
flow:
  hello: {play: 12 s, barge_in: yes, reaction: 2 s, next: keys}
  keys: {menu: {1: {at: 4 s, next: a}, 2: {at: 8 s, next: b}}, reaction: 1 s, barge_in: yes}
  a: {play: 5 s}
  b: {play: 6 s}
"""


def test_who_knows_the_menu_types_the_key_ahead(tmp_path: Path) -> None:
    """The greeting is cut after the reaction of 2 s; the menu has the key already, and takes 0 s."""
    text = GREETING + "callers: {c: {wants: {b: 100%}, knows_menu: 100%}}"
    made = run(tmp_path, text, c=[10])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            10      10       18    b    b    self_served""",
    )
    assert node_seconds(made) == {"hello": 2.0, "b": 6.0}


def test_who_does_not_know_the_menu_hears_the_greeting_out(tmp_path: Path) -> None:
    """12 s of greeting, 8 s to the option, 1 s of reaction, 6 s of goal: 27 s."""
    text = GREETING + "callers: {c: {wants: {b: 100%}}}"
    made = run(tmp_path, text, c=[10])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            10      10       37    b    b    self_served""",
    )
    assert node_seconds(made) == {"hello": 12.0, "keys": 9.0, "b": 6.0}


def test_without_barge_in_nobody_cuts_a_greeting(tmp_path: Path) -> None:
    """12 s of greeting, then 1 s of reaction at the menu, which does allow it: 13 s and the goal."""
    text = GREETING.replace("play: 12 s, barge_in: yes, reaction: 2 s", "play: 12 s")
    made = run(tmp_path, text + "callers: {c: {wants: {b: 100%}, knows_menu: 100%}}", c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        19    b    b    self_served""",
    )
    assert node_seconds(made) == {"hello": 12.0, "keys": 1.0, "b": 6.0}


def test_a_greeting_shorter_than_the_reaction_is_heard_out(tmp_path: Path) -> None:
    """Greeting 2 s, reaction 2 s: nothing was typed in time; the menu costs its reaction of 1 s."""
    text = GREETING.replace("play: 12 s", "play: 2 s")
    made = run(tmp_path, text + "callers: {c: {wants: {b: 100%}, knows_menu: 100%}}", c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        9     b    b    self_served""",
    )
    assert node_seconds(made) == {"hello": 2.0, "keys": 1.0, "b": 6.0}


def test_a_key_typed_ahead_skips_the_greetings_after_it(tmp_path: Path) -> None:
    """Reaction 2 s in the first greeting; the second and the menu, which forbids barge-in, take 0 s."""
    text = """
    flow:
      hello: {play: 12 s, barge_in: yes, reaction: 2 s, next: news}
      news: {play: 7 s, barge_in: yes, next: keys}
      keys: {menu: {1: {at: 4 s, next: a}}}
      a: {play: 5 s}
    callers: {c: {wants: {a: 100%}, knows_menu: 100%}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        7     a    a    self_served""",
    )
    assert node_seconds(made) == {"hello": 2.0, "a": 5.0}


def test_self_service_that_settles_goes_on_to_next(tmp_path: Path) -> None:
    """25 s with the robot, settled for certain; then 3 s of good-bye."""
    text = """
    flow:
      robot: {self_service: {takes: 25 s, settles: 100%}, next: thanks, otherwise: q}
      thanks: {play: 3 s}
      q: {queue: q}
    callers: {c: {wants: {robot: 100%}}}
    """
    made = run(tmp_path, text, c=[1])
    check(
        made,
        calls_are="""
            arrived answered ended goal  node   outcome
            1       1        29    robot thanks self_served""",
    )
    assert edges(made) == {("robot", "next", "thanks"): 1, ("thanks", "next", "-"): 1}


def test_self_service_that_fails_goes_to_an_agent(tmp_path: Path) -> None:
    """25 s with the robot, never settled: on to the queue at 26, talk 10 s, wrap-up 4 s."""
    text = """
    flow:
      robot: {self_service: {takes: 25 s, settles: 0%}, next: thanks, otherwise: q}
      thanks: {play: 3 s}
      q: {queue: q}
    agents: {g: {serves: {q: {handle_time: 10 s, wrap_up: 4 s}}, heads: 1}}
    callers: {c: {wants: {robot: 100%}}}
    """
    made = run(tmp_path, text, c=[1])
    check(
        made,
        calls_are="""
            arrived answered ended goal  node outcome
            1       1        36    robot q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    26     26   answered 0     0       36   40""",
    )
    assert edges(made) == {("robot", "otherwise", "q"): 1, ("q", "next", "-"): 1}


def test_whom_the_robot_failed_heads_for_the_nearest_queue(tmp_path: Path) -> None:
    """Goal balance failed: at the menu after it the caller presses 0, for the queue.

    10 s of robot, 4 s to the option, 1.5 s of usual reaction: joins at 15.5.
    """
    text = """
    flow:
      balance: {self_service: {takes: 10 s, settles: 0%}, otherwise: keys}
      keys: {menu: {1: {at: 2 s, next: news}, 0: {at: 4 s, next: q}}}
      news: {play: 3 s}
      q: {queue: q}
    agents: {g: {serves: {q: {handle_time: 10 s}}, heads: 1}}
    callers: {c: {wants: {balance: 100%}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal    node outcome
            0       0        25.5  balance q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    15.5   15.5 answered 0     0       25.5 25.5""",
    )
    assert ("keys", "0", "q") in edges(made)


def test_failed_self_service_without_a_way_on_loses_the_caller(tmp_path: Path) -> None:
    """No `otherwise`: the system hangs up after the 10 s."""
    text = """
    flow: {robot: {self_service: {takes: 10 s, settles: 0%}}}
    callers: {c: {wants: {robot: 100%}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal  node  outcome
            0       0        10    robot robot lost""",
    )
    assert edges(made) == {("robot", "otherwise", "-"): 1}


def test_identification_on_the_way_keeps_the_goal(tmp_path: Path) -> None:
    """A robot that is not the goal passes its caller on: 5 s, then the goal's 7 s."""
    text = """
    flow:
      code: {self_service: {takes: 5 s}, next: balance, otherwise: bye}
      balance: {self_service: {takes: 7 s}}
      bye: hangup
    callers: {c: {wants: {balance: 100%}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal    node    outcome
            0       0        12    balance balance self_served""",
    )


def test_settles_is_a_share_of_callers(tmp_path: Path) -> None:
    """Of 400 callers 75 % are settled: 300 with a standard error of 8.7, so within 4 of them."""
    text = """
    flow: {robot: {self_service: {takes: 1 s, settles: 75%}}}
    callers: {c: {wants: {robot: 100%}}}
    """
    made = run(tmp_path, text, c=range(400))
    assert abs(edges(made)["robot", "next", "-"] - 300) <= 4 * (400 * 0.75 * 0.25) ** 0.5
