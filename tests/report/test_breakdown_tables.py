"""Tables of queue lengths, redials and weekdays: what stands where, and what is left out."""

from dataclasses import replace

import numpy as np
from made_up_day import made_up_day, near

from vpbx.measures.result import Estimate, QueueLengths
from vpbx.report.summary import summary
from vpbx.report.tables import tables


def named(result, name):
    """The table of this name as heads and rows; None where there is none."""
    found = [table for table in tables(result) if table.name == name]
    return ([c.label for c in found[0].columns], found[0].rows) if found else None


def lengths(**shares):
    """A distribution with these shares, `k7=0.2` for 7 callers."""
    counts = np.zeros(501)
    for name, share in shares.items():
        counts[int(name[1:])] = share
    percentiles = {"p95": Estimate(12.0, float("nan"))}
    return QueueLengths(counts, Estimate(counts[0], float("nan")), percentiles)


def test_queue_lengths_in_bands():
    """Shares of 1–5 and 6–10 added up; 11–20 stays as an empty band below the longest."""
    day = replace(
        made_up_day(queues=("support",)),
        queue_lengths={"queue.support": lengths(k0=0.5, k1=0.125, k5=0.125, k7=0.1, k30=0.15)},
    )
    heads, rows = named(day, "queue_lengths")
    assert heads == [
        *("queue", "nobody waits", "1–5", "6–10", "11–20", "21–50", "95 % of the time at most")
    ]
    assert rows == (("support", "50.0 %", "25.0 %", "10.0 %", "0.0 %", "15.0 %", "12"),)


def test_the_open_band():
    """500 and more stand in the last band."""
    day = replace(made_up_day(queues=("a",)), queue_lengths={"queue.a": lengths(k0=0.9, k500=0.1)})
    heads, rows = named(day, "queue_lengths")
    assert heads[-2] == "over 200"
    assert rows[0][-2] == "10.0 %"


def test_redials_by_cause():
    """All calls and each class that calls again; a cause that never occurs has no column."""
    day = made_up_day()
    causes = {
        "offered": Estimate(100.0, 1.0),
        "redials": Estimate(20.0, 1.0),
        "redial_share": Estimate(0.2, 0.01),
        "redials_after_blocked": Estimate(15.0, 1.0),
        "redials_after_lost": Estimate(0.0, 0.0),
        "redials_dropped": Estimate(5.0, 1.0),
    }
    totals = day.totals | {"all": causes, "class.prepaid": causes}
    heads, rows = named(replace(day, totals=totals), "redials")
    assert heads == [
        *("callers", "offered", "redials", "redials, share of calls"),
        *("redials after a busy tone", "redials due after the end"),
    ]
    assert [row[0] for row in rows] == ["all calls", "prepaid"]
    assert named(day, "redials") is None


def test_weekdays_that_were_run():
    """A row a weekday with a figure, for all calls and each queue; none in a run of a day."""
    week = {
        "offered": near([1, 2, 3, 4, 5, np.nan, np.nan]),
        "mean_wait": near([60] * 5 + [np.nan] * 2),
    }
    day = replace(made_up_day(), by_weekday={"all": week, "queue.support": week})
    heads, rows = named(day, "weekday.queue.support")
    assert heads == ["weekday", "offered", "mean wait (ASA)"]
    assert [row[:2] for row in rows] == [
        ("Monday", "1"), ("Tuesday", "2"), ("Wednesday", "3"), ("Thursday", "4"), ("Friday", "5"),
    ]  # fmt: skip
    assert named(day, "weekday.all") is not None
    assert named(made_up_day(), "weekday.all") is None


def test_they_are_in_the_summary():
    """summary.json: seven values a weekday, shares up to the longest queue, its percentiles."""
    week = {"all": {"offered": near(np.arange(7.0))}}
    found = {"queue.support": lengths(k0=0.75, k2=0.25)}
    data = summary(replace(made_up_day(), by_weekday=week, queue_lengths=found))
    assert data["by_weekday"]["all"]["offered"]["mean"] == [0, 1, 2, 3, 4, 5, 6]
    queue = data["queue_lengths"]["queue.support"]
    assert (queue["shares"], queue["open_from"]) == ([0.75, 0, 0.25], 500)
    assert queue["percentiles"]["p95"]["mean"] == 12
    assert queue["nobody"]["mean"] == 0.75
