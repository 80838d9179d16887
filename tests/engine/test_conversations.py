"""People who hold several conversations at once (chats)."""

from pathlib import Path

from timeline import check, run


def test_the_third_waits_for_the_first_to_end(tmp_path: Path) -> None:
    """One person, two at once: the chats of 0 s and 10 s begin at once, that of 20 s at 100 s."""
    check(
        run(
            tmp_path,
            "agents: {g: {serves: {q: {handle_time: 100 s}}, at_once: 2, heads: 1}}",
            c=(0, 10, 20),
        ),
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        10      10       110   q    answered
        20      20       200   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  100  0
        1    answered 0       10     10   110  110  1
        2    answered 0       20     100  200  200  0
        """,
    )


def test_wrap_up_keeps_the_place_of_its_conversation(tmp_path: Path) -> None:
    """Talks 0-100 and 10-110, each with 30 s of wrap-up: who comes at 20 s begins at 130 s."""
    check(
        run(
            tmp_path,
            "agents: {g: {serves: {q: {handle_time: 100 s, wrap_up: 30 s}}, at_once: 2, heads: 1}}",
            c=(0, 10, 20),
        ),
        calls_are="""
        arrived answered ended node outcome
        0       0        100   q    answered
        10      10       110   q    answered
        20      20       230   q    answered
        """,
        visits_are="""
        call outcome  waiting joined left talk wrap agent
        0    answered 0       0      0    100  130  0
        1    answered 0       10     10   110  140  1
        2    answered 0       20     130  230  260  0
        """,
    )
