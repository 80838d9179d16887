"""Five calls, every figure worked by hand.

A run of one hour (Monday 10:00–11:00), base interval 5 min, report interval 30 min, then a drain.
One queue (short abandons below 5 s), one group of two agents, one trunk of three channels, two
classes on one number. In seconds:

call  class  arrives  joins  leaves  outcome      talk until  wrap-up until
0     a      10       12     12      answered     112         132
1     b      100      110    150     answered     250         250
2     a      200      220    223     abandoned (3 s: short); redials at 3700
3     b      2000     2010   2110    abandoned (100 s)
4     a      3000     -      -       blocked at the trunk
5     a      3700     3710   3730    answered     3830        3850     (redial of 2, in the drain)
"""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from vpbx.codes import Exit, Outcome
from vpbx.engine.records import LEG_COLUMNS, Calls, Grid, Legs, Records, Visits
from vpbx.errors import UsageError
from vpbx.measures.formulas import FORMULAS, PEAKS
from vpbx.measures.frame import Frame
from vpbx.measures.register import MEASURES, SERVICE_LEVELS, measure, measure_name
from vpbx.measures.result import Meta, Result
from vpbx.measures.summarise import summarise
from vpbx.measures.tally import tally
from vpbx.program.program import Names
from vpbx.scenario.targets import Target

S = 1_000_000
OK, GONE, FULL = Outcome.ANSWERED, Outcome.ABANDONED, Outcome.BLOCKED
NAMES = Names(
    nodes=("greeting", "agent"),
    goals=("agent",),
    numbers=("0890",),
    trunks=("main",),
    queues=("support",),
    groups=("region",),
    classes=("a", "b"),
    networks=("any",),
)
META = Meta("toy", "", "toy.yaml", "0", 1, 1, "2024-01-01 10:00", "UTC", 3600.0, 1800.0, "hand")


def frame() -> Frame:
    n = 12
    return Frame(
        grid_us=300 * S,
        duration_us=3600 * S,
        warm_up_us=0,
        interval_us=1800 * S,
        thresholds_us=(20 * S,),
        minute_of_week=np.arange(n) * 5 + 600,
        day=np.zeros(n, np.int64),
        short_abandon_us=np.array([5 * S]),
        trunk_of_number=np.array([0]),
        entry=np.array([[0, 0]]),
        serves=np.array([[True]]),
        edge_from=np.array([0, 1, 1]),
        edge_to=np.array([1, -1, -1]),
        edge_exit=np.array([Exit.NEXT, Exit.NEXT, Exit.HANG_UP], np.int64),
        edge_case=np.zeros(3, np.int64),
        n_numbers=1,
        n_classes=2,
        n_queues=1,
        n_groups=1,
        n_trunks=1,
        n_nodes=2,
        cost=np.full((n, 1), 50.0),
    )


def us(*seconds: int) -> np.ndarray:
    return np.array([s * S if s >= 0 else -1 for s in seconds], np.int64)


def records() -> Records:
    calls = Calls(
        arrived_at=us(10, 100, 200, 2000, 3000, 3700),
        ended_at=us(112, 250, 223, 2110, 3000, 3830),
        redial_at=us(-1, -1, 3700, -1, -1, -1),
        answered_after=np.array([0, 0, 0, 0, -1, 0], np.int32),
        ordinal=np.array([0, 0, 1, 1, 2, 1], np.int32),
        day=np.zeros(6, np.int16),
        caller_class=np.array([0, 1, 0, 1, 0, 0], np.int16),
        number=np.zeros(6, np.int16),
        goal=np.zeros(6, np.int16),
        last_node=np.array([1, 1, 1, 1, -1, 1], np.int16),
        attempt=np.array([0, 0, 0, 0, 0, 1], np.int8),
        outcome=np.array([OK, OK, GONE, GONE, FULL, OK], np.int8),
    )
    visits = Visits(
        call=np.array([0, 1, 2, 3, 5], np.int32),
        queue=np.zeros(5, np.int16),
        node=np.ones(5, np.int16),
        priority=np.zeros(5, np.int16),
        outcome=np.array([OK, OK, GONE, GONE, OK], np.int8),
        group=np.array([0, 0, -1, -1, 0], np.int16),
        agent=np.array([0, 1, -1, -1, 0], np.int16),
        waiting=np.zeros(5, np.int16),
        told_s=np.array([-1, 30, 30, -1, 25], np.int16),
        joined_at=us(12, 110, 220, 2010, 3710),
        left_at=us(12, 150, 223, 2110, 3730),
        talk_until=us(112, 250, -1, -1, 3830),
        wrap_up_until=us(132, 250, -1, -1, 3850),
    )
    return Records(calls, visits, no_legs(), grid(), 3850 * S)


def no_legs() -> Legs:
    """No channel beside the callers' own."""
    return Legs(*(np.zeros(0, column.dtype) for column in LEG_COLUMNS.values()))


def column(values: dict[int, int]) -> np.ndarray:
    out = np.zeros((13, 1), np.int64)
    for row, seconds in values.items():
        out[row, 0] = seconds * S
    return out


def grid() -> Grid:
    edges = np.zeros((13, 3), np.int64)
    edges[0], edges[7], edges[12] = (3, 2, 1), (1, 0, 1), (1, 1, 0)
    node_time = np.zeros((13, 2), np.int64)
    node_time[[0, 6, 12], 0] = us(32, 10, 10)
    count = np.zeros((13, 1), np.int64)
    peak = count.copy()
    peak[[0, 6, 7, 12], 0] = 1
    lines = count.copy()
    lines[[0, 6, 7, 12], 0] = (2, 1, 1, 1)
    return Grid(
        edges=edges,
        node_time=node_time,
        queue_time=column({0: 43, 6: 90, 7: 10, 12: 20}),
        queue_peak=peak,
        missed=count,
        autopauses=count,
        ringing=count,
        logged_in=np.full((13, 1), 600 * S, np.int64),
        talk=column({0: 200, 12: 100}),
        wrap_up=column({0: 20, 12: 20}),
        trunk_time=column({0: 275, 6: 100, 7: 10, 12: 130}),
        trunk_peak=lines,
        channels=np.full((13, 1), 900 * S, np.int64),
    )


@pytest.fixture(scope="module")
def result() -> Result:
    return summarise([tally(records(), frame())], frame(), NAMES, META)


TOTALS = {
    "all": {
        "offered": 6, "callers": 5, "redials": 1, "answered": 3, "abandoned_calls": 2,
        "abandoned": 2 / 5, "short_abandons": 1, "abandoned_without_short": 1 / 4,
        "blocked": 1 / 6, "blocked_calls": 1, "contained": 0, "self_served": 0, "lost": 0,
        "refused": 0, "attempts_per_caller": 6 / 5, "resolved_callers": 3, "resolved": 3 / 5,
        "time_to_queue": (2 + 10 + 20 + 10 + 10) / 5, "mean_wait": 60 / 3, "cost": 600,
        "longest_wait": 40, "service_level(answered_of_offered, 20 s)": 2 / 5,
        "mean_queue": 143 / 3600, "longest_queue": 1, "logged_in": 2, "occupancy": 220 / 7200,
        # call 5 is the redial of call 2, which was abandoned
        "redial_share": 1 / 6, "redials_after_abandoned": 1, "redials_after_blocked": 0,
        "redials_after_abandoned_ivr": 0, "redials_after_lost": 0, "redials_after_refused": 0,
        "redials_dropped": 0, "nobody_waiting": 3457 / 3600, "p95_queue": 0,
    },
    "class.a": {
        "offered": 4, "callers": 3, "answered": 2, "mean_wait": 10, "mean_wait_abandoned": 3,
        "abandoned": 1 / 3, "resolved": 2 / 3, "attempts_per_caller": 4 / 3,
        "redials_after_abandoned": 1, "redial_share": 1 / 4,
    },
    "class.b": {"offered": 2, "answered": 1, "mean_wait": 40, "abandoned": 1 / 2},
    "number.0890": {"offered": 6, "blocked": 1 / 6},
    "queue.support": {
        "offered": 5, "answered": 3, "abandoned_calls": 2, "abandoned": 2 / 5,
        "abandoned_without_short": 1 / 4, "blocked": 0, "mean_wait": 20,
        "mean_wait_abandoned": 103 / 2, "mean_wait_all": 163 / 5, "longest_wait": 40,
        "service_level(answered_of_answered, 20 s)": 2 / 3,
        "service_level(answered_of_offered, 20 s)": 2 / 5,
        "service_level(answered_of_offered_less_short, 20 s)": 2 / 4,
        "service_level(with_abandoned, 20 s)": 3 / 5,
        "told_wait": 55 / 2, "told_wait_error": (-10 + 5) / 2,
        "mean_handle_time": (120 + 100 + 120) / 3,
        # over time: the hour only
        "mean_queue": 143 / 3600, "longest_queue": 1, "logged_in": 2,
        "nobody_waiting": 3457 / 3600, "p95_queue": 0,
        "offered_load": 4 * (340 / 3) / 3600, "carried": 220 / 3600,
        # waits 0, 20, 40: none, [20, 21), [40, 41); rank 1.5 of 3 is the middle of the second
        "p50_wait": 20.5, "p80_wait": 40.4, "p99_wait": 40.97,
        # Kaplan–Meier at bin middles 0 seen, 3.5 +, 20.5 seen, 40.5 seen, 100.5 +
        "virtual_wait": 20.5 * 4 / 5 + 20 * 4 / 5 * 2 / 3 + 60 * 4 / 5 * 2 / 3 * 1 / 2,
    },
    "group.region": {
        "answered": 3, "occupancy": 220 / 7200, "logged_in": 2, "carried": 220 / 3600,
        "mean_handle_time": 340 / 3, "cost": 600,
    },
    "trunk.main": {
        "offered": 6, "blocked": 1 / 6, "blocked_calls": 1, "channels": 3,
        "utilisation": 385 / 10800, "carried": 385 / 3600, "peak_channels": 2,
    },
    "node.greeting": {"entered": 5, "mean_time": 52 / 5, "hang_ups": 0},
    "node.agent": {"entered": 5, "hang_ups": 2, "no_input": 0, "no_match": 0},
}  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "name", "value"),
    [(scope, name, value) for scope, row in TOTALS.items() for name, value in row.items()],
)
def test_totals(result: Result, scope: str, name: str, value: float) -> None:
    """Every figure over the run; one replication has no half width."""
    found = result.totals[scope][name]
    assert found.mean == pytest.approx(value, rel=1e-12)
    assert np.isnan(found.half_width)


INTERVALS = {
    ("all", "offered"): [3, 2],  # the redial in the drain has no interval
    ("all", "redials"): [0, 0],
    ("queue.support", "offered"): [3, 1],
    ("queue.support", "mean_wait"): [20, np.nan],
    ("queue.support", "mean_wait_abandoned"): [3, 100],
    ("queue.support", "longest_wait"): [40, 0],
    ("queue.support", "longest_queue"): [1, 1],
    ("queue.support", "mean_queue"): [43 / 1800, 100 / 1800],
    ("queue.support", "service_level(answered_of_offered, 20 s)"): [1 / 3, 0],
    ("queue.support", "offered_load"): [3 * 340 / 3 / 1800, 340 / 3 / 1800],
    ("group.region", "occupancy"): [220 / 3600, 0],
    ("group.region", "cost"): [300, 300],
    ("trunk.main", "peak_channels"): [2, 1],
    ("trunk.main", "blocked"): [0, 1 / 2],
}


@pytest.mark.parametrize(("where", "values"), INTERVALS.items())
def test_intervals(result: Result, where: tuple[str, str], values: list[float]) -> None:
    """Every interval by itself; a mean of nothing is NaN."""
    found = result.by_interval[where[0]][where[1]].mean
    np.testing.assert_allclose(found, values, rtol=1e-12)


def test_hours(result: Result) -> None:
    """All of the run lies in local hour 10; hours not seen are NaN; no week map for one hour."""
    offered = result.by_hour["all"]["offered"].mean
    assert offered[10] == 5.0
    assert np.isnan(np.delete(offered, 10)).all()
    wait = result.by_hour["queue.support"]
    assert wait["mean_wait"].mean[10] == 20.0
    assert wait["p50_wait"].mean[10] == 0.0  # waits 0 and 40: rank 1 of 2 did not wait
    assert result.by_week == result.by_weekday == {}


def eight_days() -> Frame:
    """The same system from Sunday 00:00 to the end of the next Sunday."""
    n = 8 * 288
    return replace(
        frame(),
        duration_us=8 * 86_400 * S,
        minute_of_week=(6 * 1440 + np.arange(n) * 5) % 10_080,
        day=np.arange(n) // 288,
        cost=None,
    )


def test_weekdays() -> None:
    """Call 3 comes on Monday, all others on the first of two Sundays: 5 calls in 48 hours of it."""
    r = records()
    monday = np.array([0, 0, 0, 86_400, 0, 0]) * S
    calls = r.calls._replace(
        **{name: getattr(r.calls, name) + monday for name in ("arrived_at", "ended_at")}
    )
    visits = r.visits._replace(
        joined_at=r.visits.joined_at + monday[:5], left_at=r.visits.left_at + monday[:5]
    )
    found = summarise(
        [tally(Records(calls, visits, r.extra_legs, r.grid, 8 * 86_400 * S), eight_days())],
        eight_days(), NAMES, META,
    )  # fmt: skip
    days = {name: s.mean.tolist() for name, s in found.by_weekday["queue.support"].items()}
    assert found.by_weekday["all"]["offered"].mean.tolist() == [1, 0, 0, 0, 0, 0, 5 / 2]
    assert days["offered"] == [1, 0, 0, 0, 0, 0, 4 / 2]
    assert days["abandoned"][0] == 1.0
    assert (days["abandoned"][6], days["mean_wait"][6], days["longest_wait"][6]) == (1 / 4, 20, 40)
    assert np.isnan(days["mean_wait"][:6]).all()
    # 43 + 90 + 10 + 20 s were waited in the first hour and what follows it, as the grid has it
    assert days["mean_queue"][6] == pytest.approx(163 / (2 * 86_400))
    assert found.by_week["all"]["offered"].mean.shape == (7, 24)
    assert days["blocked"][0] == 0.0
    assert np.isnan(days["blocked"][1])


def test_weekdays_not_seen_are_nothing() -> None:
    """Two days, Sunday and Monday: the other five have no figure."""
    fr = eight_days()
    short = replace(
        fr, duration_us=2 * 86_400 * S, minute_of_week=fr.minute_of_week[:576], day=fr.day[:576]
    )
    found = summarise([tally(records(), short)], short, NAMES, META).by_weekday["all"]["offered"]
    np.testing.assert_array_equal(found.mean, [0, *[np.nan] * 5, 6])


def test_axis(result: Result) -> None:
    """Interval starts and their local clock times."""
    assert result.interval_starts_s.tolist() == [0.0, 1800.0]
    assert result.interval_labels == ("10:00", "10:30")


def test_wait_bins(result: Result) -> None:
    """Counts per second of wait, answered and abandoned apart."""
    waits = result.waits["queue.support"]
    assert np.flatnonzero(waits.answered).tolist() == [0, 20, 40]
    assert np.flatnonzero(waits.abandoned).tolist() == [3, 100]
    assert len(waits.answered) == 4 * 3600 + 1
    assert waits.percentiles["longest"].mean == 40.0


def test_edges(result: Result) -> None:
    """Entries by number, then the edges with their shares of what left the node."""
    entry, through, served, gone = result.edges
    assert (entry.label, entry.to_node, entry.calls, entry.share) == ("0890", "greeting", 5.0, 1.0)
    assert (through.from_node, through.to_node, through.share) == ("greeting", "agent", 1.0)
    assert (served.to_node, served.calls, served.share) == ("", 3.0, 3 / 5)
    assert (gone.exit, gone.label, gone.share) == ("hang_up", "hang up", 2 / 5)


def test_warm_up_leaves_out_what_came_first() -> None:
    """Ten minutes of warm-up: calls 0–2 do not count; their redial, which came later, does."""
    fr = replace(frame(), warm_up_us=600 * S)
    totals = summarise([tally(records(), fr)], fr, NAMES, META).totals
    assert totals["all"]["offered"].mean == 3
    assert totals["queue.support"]["mean_wait"].mean == 20
    assert totals["queue.support"]["mean_queue"].mean == pytest.approx(100 / 3000)
    assert totals["queue.support"]["p50_wait"].mean == 20.5
    assert totals["group.region"]["cost"].mean == 500


def test_two_replications_make_a_ratio_of_sums() -> None:
    """A second day with call 3's wait only: abandoned 3 of 6, not the mean of 2/5 and 1."""
    second = records()
    v, c = second.visits, second.calls
    day = Records(Calls(*(col[3:4] for col in c)), Visits(*(col[3:4] for col in v)), *second[2:])
    day.visits.call[:] = 0
    totals = summarise(
        [tally(records(), frame()), tally(day, frame())], frame(), NAMES, META
    ).totals
    assert totals["queue.support"]["abandoned"].mean == 3 / 6
    assert totals["queue.support"]["mean_wait"].mean == 20.0
    assert totals["queue.support"]["offered"].mean == 3.0
    # z = (2 − 5/2, 1 − 1/2) / 3: sd = .5 sqrt 2 / 3, half width 12.7062 sd / sqrt 2
    assert totals["queue.support"]["abandoned"].half_width == pytest.approx(12.7062 / 6, rel=1e-5)


def test_nothing_happened() -> None:
    """No calls at all: counts are 0, ratios NaN, nothing breaks."""
    empty = records()
    nothing = Records(
        Calls(*(col[:0] for col in empty.calls)),
        Visits(*(col[:0] for col in empty.visits)),
        no_legs(),
        Grid(*(np.zeros_like(table) for table in empty.grid)),
        3600 * S,
    )
    found = summarise([tally(nothing, frame())] * 2, frame(), NAMES, META)
    assert found.totals["all"]["offered"] == (0.0, 0.0)
    assert np.isnan(found.totals["queue.support"]["mean_wait"].mean)
    assert np.isnan(found.totals["queue.support"]["p90_wait"].mean)
    assert found.totals["queue.support"]["mean_queue"].mean == 0.0


def test_a_tally_travels_and_is_small() -> None:
    """It survives pickling whole, in well under a megabyte."""
    data = pickle.dumps(tally(records(), frame()))
    assert len(data) < 300_000
    again = summarise([pickle.loads(data)], frame(), NAMES, META)
    assert again.totals["queue.support"]["mean_wait"].mean == 20.0


def test_every_formula_has_a_name_and_a_unit(result: Result) -> None:
    """The register and the arithmetic name the same measures."""
    known = {name for table in (*FORMULAS.values(), *PEAKS.values()) for name in table}
    assert known <= set(MEASURES)
    reported = {name for measures in result.totals.values() for name in measures}
    assert all(measure(name).unit for name in reported)
    assert measure("service_level(with_abandoned, 20 s)").formula == (
        "(answered + abandoned) within 20 s / offered to the queue"
    )


def test_names_of_service_levels() -> None:
    """Thresholds are named in seconds however they were written; nonsense is refused."""
    name = measure_name("service_level", ("answered_of_offered", "1 min 30 s"))
    assert name == "service_level(answered_of_offered, 90 s)"
    assert len(SERVICE_LEVELS) == 4
    with pytest.raises(UsageError, match="takes a definition"):
        measure_name("service_level", ("fast", "20 s"))
    with pytest.raises(UsageError, match='no measure "speed"'):
        measure("speed")


def test_targets_end_in_the_result() -> None:
    """A target of the queue by its scope, judged undecided on one replication."""
    target = Target("queue.support", "mean_wait", (), "", 10.0, 30.0, "…", ("M13",))
    found = summarise([tally(records(), frame())], frame(), NAMES, META, [target]).targets[0]
    assert (found.name, found.value, found.verdict) == ("queue.support.mean_wait", 20, "undecided")
    assert found.facts == ("M13",)
