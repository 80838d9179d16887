"""Fourteen calls that leave by every way out of a PBX, every figure worked by hand.

One hour, one queue, one group of two places, one number on one trunk, one class. In seconds:

call  arrives  joins  leaves  how                          to its end
0     10       20     20      balked                       20; calls again at 500
1     100      110    170     timed out                    170
2     200      215    400     called back                  talk until 460, wrap-up until 470
3     300      310    700     called back in vain          700
4     500      505    515     answered (redial of 0)       575, wrap-up until 580
5     600      630    900     message, seen to until 960   630
6     1000     -      -       an outside number talks      1090
7     1200     -      -       licence suspended            1200
8     1300     1310   1330    cut off by an outage         1330
9     1400     1410   1440    a key leads to an extension  1500
10    2000     -      -       no channel: the licence      2000
11    2100     2110   2160    cleared at closing           2160
12    2200     2210   2210    answered, not settled        2270; calls again at 3000
13    3000     -      -       no channel: the licence      3000
"""

from dataclasses import replace

import numpy as np
import pytest
from plain_tally import plain_tally
from test_fold import differences
from test_tally import META, NAMES, S, frame, grid, records, us

from vpbx.codes import Exit, LegKind, Outcome
from vpbx.engine.records import Calls, Legs, Records, Visits
from vpbx.measures.frame import Frame
from vpbx.measures.lines import started_minutes
from vpbx.measures.possible import Limit, Possible, Recorded
from vpbx.measures.redials import CAUSES
from vpbx.measures.register import MEASURES
from vpbx.measures.result import Result
from vpbx.measures.summarise import summarise
from vpbx.measures.tally import tally
from vpbx.scenario.targets import parse_target

O = Outcome  # noqa: E741
OUTCOMES = [
    O.BALKED, O.TIMED_OUT, O.CALLBACK_DONE, O.CALLBACK_FAILED, O.ANSWERED, O.VOICEMAIL,
    O.FORWARDED, O.SUSPENDED, O.FAILED, O.FORWARDED, O.BLOCKED, O.CLEARED, O.ANSWERED, O.BLOCKED,
]  # fmt: skip
EXITS = [
    Exit.NEXT, Exit.NEXT, Exit.HANG_UP, Exit.PAID_SKIP, Exit.ELSEWHERE, Exit.UNLICENSED,
]  # fmt: skip
MAILBOX = 2


def pbx_frame(callbacks: str = "excluded") -> Frame:
    possible = Possible(
        outcomes=tuple(Outcome),
        offers=(
            Exit.EMPTY,
            Exit.CALLBACK,
            Exit.PAID_SKIP,
            Exit.ELSEWHERE,
            Exit.LEFT,
            Exit.TIMED_OUT,
        ),
        mailbox=np.array([False, False, True]),
        callbacks=callbacks,
        rings=True,
        misses=True,
        autopauses=True,
        legs=True,
        unlicensed=True,
        edge_queue=np.array([-1, 0, 0, 0, 0, -1]),
        recorded=Recorded(np.array([False, True, False]), np.array([0, 450 * S]), np.array([0, 1])),
        limit=Limit(np.array([0, 1800 * S]), np.array([0, 1])),
        at_once=np.array([2]),
        charge=np.array([[2.0, 0.0]]),
        skip_price=np.array([0.0, 0, 0, 50, 0, 0]),
    )
    return replace(
        frame(),
        n_nodes=3,
        edge_from=np.array([0, 1, 1, 1, 1, 0]),
        edge_to=np.array([1, -1, -1, 1, 2, -1]),
        edge_exit=np.array(EXITS, np.int64),
        edge_case=np.zeros(6, np.int64),
        redials_after=CAUSES,
        possible=possible,
    )


NAMES3 = replace(NAMES, nodes=("greeting", "agent", "mailbox"))


def pbx_records() -> Records:
    arrived = us(10, 100, 200, 300, 500, 600, 1000, 1200, 1300, 1400, 2000, 2100, 2200, 3000)
    n = len(arrived)
    answered = np.zeros(n, np.int32)
    answered[[7, 10, 13]] = -1
    redial = np.full(n, -1)
    redial[[0, 12]] = 500 * S, 3000 * S
    attempt = np.zeros(n, np.int8)
    attempt[[4, 13]] = 1
    ordinal = np.arange(n, dtype=np.int32)
    ordinal[[4, 13]] = 0, 12
    calls = Calls(
        arrived_at=arrived,
        ended_at=us(20, 170, 460, 700, 575, 630, 1090, 1200, 1330, 1500, 2000, 2160, 2270, 3000),
        redial_at=redial,
        answered_after=answered,
        ordinal=ordinal,
        day=np.zeros(n, np.int16),
        caller_class=np.zeros(n, np.int16),
        number=np.zeros(n, np.int16),
        goal=np.zeros(n, np.int16),
        last_node=np.ones(n, np.int16),
        attempt=attempt,
        outcome=np.array(OUTCOMES, np.int8),
    )
    return Records(calls, pbx_visits(), pbx_legs(), pbx_grid(), 3600 * S)


def pbx_visits() -> Visits:
    outcome = np.array(
        [O.BALKED, O.TIMED_OUT, O.ANSWERED, O.CALLBACK_FAILED, O.ANSWERED, O.ANSWERED, O.FAILED,
         O.FORWARDED, O.CLEARED, O.ANSWERED], np.int8,
    )  # fmt: skip
    served = outcome == O.ANSWERED
    n = len(outcome)
    return Visits(
        call=np.array([0, 1, 2, 3, 4, 5, 8, 9, 11, 12], np.int32),
        queue=np.zeros(n, np.int16),
        node=np.where(np.arange(n) == 5, MAILBOX, 1).astype(np.int16),
        priority=np.zeros(n, np.int16),
        outcome=outcome,
        group=np.where(served, 0, -1).astype(np.int16),
        agent=np.where(served, 0, -1).astype(np.int16),
        waiting=np.zeros(n, np.int16),
        told_s=np.full(n, -1, np.int16),
        joined_at=us(20, 110, 215, 310, 505, 630, 1310, 1410, 2110, 2210),
        left_at=us(20, 170, 400, 700, 515, 900, 1330, 1440, 2160, 2210),
        talk_until=us(-1, -1, 460, -1, 575, 960, -1, -1, -1, 2270),
        wrap_up_until=us(-1, -1, 470, -1, 580, 960, -1, -1, -1, 2270),
    )


def pbx_legs() -> Legs:
    own, forwarded, back = LegKind.OWN, LegKind.FORWARDED, LegKind.CALLBACK
    return Legs(
        call=np.array([2, 3, 2, 3, 6], np.int32),
        trunk=np.zeros(5, np.int16),
        kind=np.array([own, own, back, back, forwarded], np.int8),
        held_from=us(200, 300, 385, 690, 1010),
        held_until=us(215, 310, 460, 700, 1090),
    )


def pbx_grid():  # type: ignore[no-untyped-def]
    """Agents: 25 s dialling back, 240 s talk, 15 s wrap-up, 6 calls missed, one of them in the drain,
    a pause; 3 paid skips, one of them in the drain."""
    base = grid()
    zero = np.zeros((13, 1), np.int64)
    one, talk, wrap = zero.copy(), zero.copy(), zero.copy()
    one[1], talk[1], wrap[1] = 25 * S, 240 * S, 15 * S
    missed, paused = zero.copy(), zero.copy()
    missed[[1, 12], 0], paused[1] = (5, 1), 1
    edges = np.zeros((13, 6), np.int64)
    edges[0, 3], edges[12, 3], edges[0, 4], edges[3, 5] = 2, 1, 1, 1
    return base._replace(
        edges=edges,
        node_time=np.zeros((13, 3), np.int64),
        missed=missed,
        autopauses=paused,
        ringing=one,
        talk=talk,
        wrap_up=wrap,
    )


def found(callbacks: str = "excluded") -> Result:
    fr = pbx_frame(callbacks)
    return summarise([tally(pbx_records(), fr)], fr, NAMES3, META)


@pytest.fixture(scope="module")
def result() -> Result:
    return found()


FIGURES = {
    "all": {
        "offered": 14, "callers": 12, "redials": 2, "answered": 2, "balked": 1, "timed_out": 1,
        "callback_done": 1, "callback_failed": 1, "voicemail": 1, "forwarded": 2, "suspended": 1,
        "failed": 1, "cleared": 1, "blocked_calls": 2, "cut": 0,
        "callers_balked": 0, "callers_answered": 1, "callers_blocked": 2, "callers_forwarded": 2,
        "callers_voicemail": 1, "redials_after_balked": 1, "redials_after_unsettled": 1,
        "resolved_callers": 4, "charge": 32, "refused_for_licence": 2, "unlicensed": 1,
        "unlicensed_way": 0, "recorded": 2, "recorded_time": 120, "unrecorded": 1,
        "paid_skips": 3, "skip_revenue": 150, "elsewhere": 1,
    },
    "class.b": {"offered": 0, "charge": 0},
    "queue.support": {
        "offered": 9, "answered": 2, "abandoned_calls": 0, "balked": 1, "timed_out": 1, "left": 1,
        "cleared": 1, "failed": 1, "callbacks": 2, "callback_done": 1, "callback_failed": 1,
        "callback_wait": 185, "messages": 1, "messages_handled": 1, "message_wait": 270,
        "mean_wait": 5, "mean_wait_all": 170 / 6, "longest_wait": 10, "time_to_queue": 65 / 7,
        "mean_handle_time": 255 / 4, "offered_load": 10 * 63.75 / 3600, "paid_skips": 3, "room": 2,
        "service_level(answered_of_offered, 20 s)": 2 / 7,
    },
    "group.region": {
        "answered": 4, "mean_handle_time": 255 / 4, "occupancy": 280 / 7200, "ringing": 25 / 280,
        "conversations": 280 / 3600, "logged_in": 1, "room": 2, "carried": 280 / 3600, "missed_rings": 6,
        "missed_share": 6 / (6 + 4), "autopauses": 1,
    },
    "trunk.main": {
        "offered": 13, "blocked_calls": 2, "refused_for_licence": 2, "forwarded_legs": 1,
        "forwarded_carried": 80 / 3600, "callback_legs": 2, "callback_carried": 85 / 3600,
    },
}  # fmt: skip


@pytest.mark.parametrize(("scope", "name"), [(s, n) for s, row in FIGURES.items() for n in row])
def test_figures(result: Result, scope: str, name: str) -> None:
    assert result.totals[scope][name].mean == pytest.approx(FIGURES[scope][name], rel=1e-12)


def test_every_call_and_every_caller_ends_once(result: Result) -> None:
    totals, n = result.totals["all"], 0.0
    for outcome in Outcome:
        n += totals[f"callers_{outcome.name.lower()}"].mean
    assert n == totals["callers"].mean


@pytest.mark.parametrize(
    ("counts_as", "of_offered", "of_answered"),
    [("excluded", 2 / 7, 2 / 2), ("missed", 2 / 9, 2 / 2), ("answered", 3 / 9, 3 / 3)],
)
def test_what_a_call_back_counts_as(counts_as: str, of_offered: float, of_answered: float) -> None:
    """Nine came to the queue, two of them to be called back, one of those was."""
    totals = found(counts_as).totals["queue.support"]
    assert totals["service_level(answered_of_offered, 20 s)"].mean == pytest.approx(of_offered)
    assert totals["service_level(answered_of_answered, 20 s)"].mean == pytest.approx(of_answered)


def test_every_measure_is_reported(result: Result) -> None:
    """By these calls, or by those of `test_tally`; but for the measures of intervals and hours."""
    usual = summarise([tally(records(), frame())], frame(), NAMES, META)
    both = (*result.totals.values(), *usual.totals.values())
    reported = {name for measures in both for name in measures}
    assert set(MEASURES) - reported == {"busy_hour", "waiting_at_end"}


def test_offers_by_interval(result: Result) -> None:
    """What is taken in the drain counts in the total only."""
    assert result.by_interval["queue.support"]["paid_skips"].mean.tolist() == [2, 0]
    assert result.by_interval["all"]["refused_for_licence"].mean.tolist() == [0, 2]


def test_a_started_minute_is_charged() -> None:
    """The one who is called back pays up to the hang-up: 15 s; nobody pays for a busy tone."""
    r = pbx_records()
    minutes = started_minutes(r.calls, r.visits, np.array([0, 0, 1, 1, 0, 2, 0, 0, 0, 0], np.int8))
    assert minutes.tolist() == [1, 2, 1, 1, 2, 1, 2, 0, 1, 2, 0, 1, 2, 0]


def test_the_plain_way() -> None:
    """Whole columns at once give the same tally, to the bit."""
    fr = pbx_frame()
    one, other = tally(pbx_records(), fr), plain_tally(pbx_records(), fr)
    assert list(differences(one, other)) == []


def test_a_scenario_without_them_has_no_such_figures() -> None:
    totals = summarise([tally(records(), frame())], frame(), NAMES, META).totals
    names = {name for scope in totals.values() for name in scope}
    assert not names & {
        "balked",
        "callbacks",
        "messages",
        "ringing",
        "charge",
        "conversations",
        "room",
    }


def test_a_target_for_what_cannot_happen_is_met() -> None:
    """No caller balks where none can: 0, not an error after a long run."""
    target = parse_target("balked < 5")
    fr = frame()
    found = summarise([tally(records(), fr)] * 2, fr, NAMES, META, [target]).targets[0]
    assert (found.verdict, found.value) == ("met", 0.0)
