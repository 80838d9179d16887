"""The end of a run: drain, cut, the limit of the drain; a warm-up leaves the records alone."""

from pathlib import Path

from timeline import calls, check, run, visits

AGENT = "agents: {g: {serves: {q: {handle_time: 40 s, wrap_up: 10 s}}, heads: 1}}\n"


def test_drain_works_off_who_is_in_the_system(tmp_path: Path) -> None:
    """60 s long; the callers of 50 and 55 are served to 90 and 140; the wrap-up to 150 ends it."""
    made = run(tmp_path, AGENT + "clock: {duration: 60 s}", c=[50, 55, 60])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            50      50       90    q    answered
            55      55       140   q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    50     50   answered 0     0       90   100
            1    55     100  answered 0     0       140  150""",
    )
    assert made.records.end_at == 150_000_000


def test_a_run_without_anybody_left_ends_with_its_duration(tmp_path: Path) -> None:
    """The last wrap-up ends at 50: the run ends at 60."""
    assert run(tmp_path, AGENT + "clock: {duration: 60 s}", c=[0]).records.end_at == 60_000_000


def test_cut_ends_everything_at_the_duration(tmp_path: Path) -> None:
    """At 60 one talks (since 50), one waits, one listens: all are cut there."""
    text = """
    clock: {duration: 60 s, at_end: cut}
    numbers: {"100": {enter: q}, "200": {enter: tone}}
    flow: {q: {queue: q}, tone: {play: 30 s}}
    callers: {d: {dials: {"200": 100%}}}
    """
    made = run(tmp_path, AGENT + text.replace("\n    ", "\n"), c=[0, 50, 55], d=[40])
    check(
        made,
        calls_are="""
            class number arrived answered ended node outcome
            c     100    0       0        40    q    answered
            d     200    40      40       60    tone cut
            c     100    50      50       60    q    cut
            c     100    55      55       60    q    cut""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    0      0    answered 0     0       40   50
            2    50     50   answered 0     0       60   -
            3    55     60   cut      -     0       -    -""",
    )
    assert made.records.end_at == 60_000_000


def test_cut_ends_a_wrap_up(tmp_path: Path) -> None:
    """Talk 15 to 55, wrap-up due at 65: booked to 60."""
    made = run(tmp_path, AGENT + "clock: {duration: 60 s, at_end: cut}", c=[15])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            15      15       55    q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    15     15   answered 0     0       55   60""",
    )
    assert made.records.grid.wrap_up.sum() == 5_000_000


def test_the_drain_limit_cuts_who_is_left(tmp_path: Path) -> None:
    """60 s and 45 s of drain: the talk from 100 would end at 140, and is cut at 105."""
    made = run(tmp_path, AGENT + "clock: {duration: 60 s, drain_limit: 45 s}", c=[50, 55, 56])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            50      50       90    q    answered
            55      55       105   q    cut
            56      56       105   q    cut""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    50     50   answered 0     0       90   100
            1    55     100  answered 0     0       105  -
            2    56     105  cut      -     1       -    -""",
    )
    assert made.records.end_at == 105_000_000


def test_what_ends_at_the_horizon_itself_has_ended(tmp_path: Path) -> None:
    """Cut at 60: a talk that ends at 60 is answered, patience that ends at 60 abandoned."""
    text = AGENT + "clock: {duration: 60 s, at_end: cut}\ncallers: {c: {patience: 30 s}}"
    made = run(tmp_path, text, c=[20, 30])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            20      20       60    q    answered
            30      30       60    q    abandoned""",
        visits_are="""
            call joined left outcome   agent waiting talk wrap
            0    20     20   answered  0     0       60   60
            1    30     60   abandoned -     0       -    -""",
    )


def test_calendars_go_on_while_the_run_drains(tmp_path: Path) -> None:
    """Agents come at 00:02 only, after the duration of 60 s: the caller of 10 is answered at 120."""
    text = """
    clock: {duration: 60 s}
    agents: {g: {serves: {q: {handle_time: 5 s}}, heads: {"00:02-24:00": 1}}}
    """
    made = run(tmp_path, text, c=[10])
    check(
        made,
        calls_are="""
            arrived answered ended node outcome
            10      10       125   q    answered""",
        visits_are="""
            call joined left outcome  agent waiting talk wrap
            0    10     120  answered 0     0       125  125""",
    )


def test_a_warm_up_leaves_the_records_alone(tmp_path: Path) -> None:
    """The same rows with and without a warm-up of 30 s."""
    plain = run(tmp_path, AGENT + "clock: {duration: 60 s}", c=[10, 20, 50])
    warmed = run(tmp_path, AGENT + "clock: {duration: 60 s, warm_up: 30 s}", c=[10, 20, 50])
    assert calls(plain) == calls(warmed)
    assert visits(plain) == visits(warmed)
