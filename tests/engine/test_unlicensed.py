"""A node whose module is not licensed, and a licence that is suspended, minute by minute (V4, V7)."""

from pathlib import Path

from timeline import check, run

OFFICE = """
clock: {duration: 1 day}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 2}}
licence:
  plans: {start: {monthly: 0 RUB, channels: 9, modules: [greeting]}}
  modules: {queue: {monthly: 0 RUB}}
  orders:
    - {at: day -1, accept: yes}
    - {at: day -1, choose: start}
    - {at: day 0 00:01, buy: queue}
    - {at: day 0 00:10, stop: yes}
    - {at: day 0 00:20, choose: start}
"""
"""The queue is bought at 60 s; from 600 s to 1200 s no plan is used."""


def test_an_unlicensed_node_is_passed_through_to_its_branch(tmp_path: Path) -> None:
    """At 0 s the queue is not licensed: 10 s of announcement; at 70 s it is."""
    flow = "flow: {q: {queue: q, unlicensed: sorry}, sorry: {play: 10 s}}\n"
    check(
        run(tmp_path, flow + OFFICE, c=(0, 70)),
        calls_are="""
        arrived answered ended node  outcome
        0       0        10    sorry lost
        70      70       170   q     answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        1    answered 0       70     70   170  170  0
        """,
    )


def test_without_a_branch_there_is_a_busy_tone(tmp_path: Path) -> None:
    """The call of 0 s never gets past the queue node; it has held no agent."""
    check(
        run(tmp_path, "flow: {q: {queue: q}}\n" + OFFICE, c=(0, 70)),
        calls_are="""
        arrived answered ended node outcome
        0       0        0     q    blocked
        70      70       170   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        1    answered 0       70     70   170  170  0
        """,
    )


def test_no_call_is_taken_while_the_licence_is_suspended(tmp_path: Path) -> None:
    """599 s before, 600 s to 1199 s in vain, 1200 s after; the talk begun at 599 s goes on."""
    check(
        run(tmp_path, "flow: {q: {queue: q}}\n" + OFFICE, c=(599, 600, 1199, 1200)),
        calls_are="""
        arrived answered ended node outcome
        599     599      699   q    answered
        600     -        600   -    suspended
        1199    -        1199  -    suspended
        1200    1200     1300  q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       599    599  699  699  0
        3    answered 0       1200   1200 1300 1300 1
        """,
    )
