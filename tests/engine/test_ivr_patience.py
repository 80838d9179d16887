"""Patience in menus and announcements: from the answer on, and only there."""

from pathlib import Path

from timeline import check, edges, node_seconds, run


def test_patience_ends_in_an_announcement(tmp_path: Path) -> None:
    """7 s of patience, 10 s of announcement: the caller hangs up at 7."""
    text = """
    flow: {hello: {play: 10 s, next: q}, q: {queue: q}}
    callers: {c: {ivr_patience: 7 s}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended node  outcome
            0       0        7     hello abandoned_ivr""",
    )
    assert edges(made) == {("hello", "hang_up", "-"): 1}
    assert node_seconds(made) == {"hello": 7.0}


def test_patience_that_ends_with_the_announcement_has_ended(tmp_path: Path) -> None:
    """The end of patience comes before the end of a walk at the same instant."""
    text = """
    flow: {hello: {play: 10 s, next: q}, q: {queue: q}}
    agents: {g: {serves: {q: {handle_time: 1 s}}, heads: 1}}
    callers: {c: {ivr_patience: 10 s}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended node  outcome
            0       0        10    hello abandoned_ivr""",
    )


def test_patience_runs_through_several_nodes(tmp_path: Path) -> None:
    """5 s of greeting, 8 s of the menu, then it ends at 15 after 2 s with the robot."""
    text = """
    flow:
      hello: {play: 5 s, next: keys}
      keys: {menu: {1: {at: 7 s, next: robot}}, reaction: 1 s, barge_in: yes}
      robot: {self_service: {takes: 9 s}}
    callers: {c: {ivr_patience: 15 s, wants: {robot: 100%}}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal  node  outcome
            0       0        15    robot robot abandoned_ivr""",
    )
    assert (edges(made)) == {
        ("hello", "next", "keys"): 1,
        ("keys", "1", "robot"): 1,
        ("robot", "hang_up", "-"): 1,
    }
    assert node_seconds(made) == {"hello": 5.0, "keys": 8.0, "robot": 2.0}


def test_patience_that_ends_in_a_repeated_menu(tmp_path: Path) -> None:
    """Silence: 15 s a pass; patience ends at 20, 5 s into the second: 20 s in the menu in all."""
    text = """
    flow: {keys: {menu: {1: {at: 10 s, next: bye}}, no_input: {after: 5 s}}, bye: hangup}
    callers: {c: {ivr_patience: 20 s, wants: {bye: 100%}, presses_nothing: 100%}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended goal node outcome
            0       0        20    bye  keys abandoned_ivr""",
    )
    assert edges(made) == {("keys", "repeat_no_input", "keys"): 1, ("keys", "hang_up", "-"): 1}
    assert node_seconds(made) == {"keys": 20.0}


def test_waiting_in_a_queue_is_not_in_the_menus(tmp_path: Path) -> None:
    """7 s of patience with the menus, joined at 5: waits until the agent comes at 60."""
    text = """
    flow: {hello: {play: 5 s, next: q}, q: {queue: q, next: thanks}, thanks: {play: 9 s}}
    agents: {g: {serves: {q: {handle_time: 4 s}}, heads: {"00:01-24:00": 1}}}
    callers: {c: {ivr_patience: 7 s}}
    """
    made = run(tmp_path, text, c=[0])
    check(
        made,
        calls_are="""
            arrived answered ended node   outcome
            0       0        73    thanks answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    5      60   answered 0     0       64   64""",
    )


def test_no_patience_at_all_ends_the_call_where_it_enters(tmp_path: Path) -> None:
    """0 s of patience with the menus: gone at the instant of the answer, each exit counted once."""
    text = """
    numbers: {"100": {enter: hello}, "200": {enter: keys}}
    flow: {hello: {play: 5 s}, keys: {menu: {1: {next: hello}}}}
    callers: {c: {ivr_patience: 0 s}, d: {ivr_patience: 0 s, dials: {"200": 100%}}}
    """
    made = run(tmp_path, text, c=[3], d=[4])
    check(
        made,
        calls_are="""
            class number arrived answered ended node  outcome
            c     100    3       3        3     hello abandoned_ivr
            d     200    4       4        4     keys  abandoned_ivr""",
    )
    assert edges(made) == {("hello", "hang_up", "-"): 1, ("keys", "hang_up", "-"): 1}


def test_no_patience_with_menus_ends_before_a_queue_is_joined(tmp_path: Path) -> None:
    """0 s, and the number leads straight to a queue: the end of patience comes before the walk's."""
    text = """
    agents: {g: {serves: {q: {handle_time: 4 s}}, heads: 1}}
    callers: {c: {ivr_patience: 0 s}}
    """
    made = run(tmp_path, text, c=[3])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            3       3        3     q    abandoned_ivr""",
    )
