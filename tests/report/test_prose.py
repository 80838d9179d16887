"""The manager's text: true sentences, also in the odd cases."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_day import TARGETS, made_up_day

from vpbx.measures.result import Estimate, Series
from vpbx.report import prose

NAN = float("nan")


def one_queue(totals=None, series=None):
    """A day of one queue with some of its figures replaced."""
    day = made_up_day(queues=("a",))
    figures = {**day.totals["queue.a"], **(totals or {})}
    rows = {
        name: Series(np.array(v, float), np.zeros(len(v))) for name, v in (series or {}).items()
    }
    table = {**day.by_interval["queue.a"], **rows}
    return replace(
        day,
        totals={**day.totals, "queue.a": figures},
        by_interval={**day.by_interval, "queue.a": table},
    )


def worst_case(load, staff, **more):
    """Text of the cause when the wait is worst at 10:00."""
    waits = np.full(48, 60.0)
    waits[20] = 600.0
    return prose.why(
        one_queue(series={"mean_wait": waits, "offered_load": load, "logged_in": staff} | more),
        "queue.a",
    )


def test_average_worst_and_when():
    """The mean with its half width, and the interval with the longest mean wait."""
    text = prose.manager_text(one_queue({"mean_wait": Estimate(1212.0, 48.0)}))[0]
    assert "on average after 20 min 12 s (± 48 s)" in text
    worst = prose.worst_interval(made_up_day(), "queue.support")
    waits = made_up_day().by_interval["queue.support"]["mean_wait"].mean
    assert worst.wait_s == max(waits)
    assert f"half-hour from {worst.label}" in text


def test_why_more_load_than_staff():
    """10 erlang against 6 agents: the queue grows."""
    text = worst_case(np.full(48, 10.0), np.full(48, 6.0))
    assert "work for 10 agents (offered load in erlang) and 6 are on the phone" in text
    assert "the queue grows" in text


def test_why_where_one_person_holds_several_conversations():
    """6.2 erlang of chats against 3 people who hold 3 each: enough; against 2 each: not."""
    load, staff = np.full(48, 6.2), np.full(48, 3.0)
    text = worst_case(load, staff, room=np.full(48, 9.0))
    assert "3 are on the phone, who can hold 9 conversations at once: enough on average" in text
    assert "the queue grows" in worst_case(load, staff, room=np.full(48, 6.0))


def test_why_left_over_from_earlier():
    """Enough staff now, too few an hour ago."""
    load = np.full(48, 4.0)
    load[18] = 9.0
    assert "not yet worked off" in worst_case(load, np.full(48, 6.0))


def test_why_chance():
    """Enough staff all along: the ups and downs of arrivals."""
    assert "ups and downs" in worst_case(np.full(48, 4.0), np.full(48, 6.0))


def test_why_is_silent_about_what_is_not_known():
    """No load or staff figures: only when it is worst."""
    text = worst_case(np.full(48, np.nan), np.full(48, 1.0))
    assert text == "It is worst in the half-hour from 10:00: 10 min on average."


def test_the_worst_interval_needs_calls():
    """An interval with one answer in a hundred replications is not the worst one."""
    waits, answered = np.full(48, 60.0), np.full(48, 10.0)
    waits[3], answered[3] = 5000.0, 0.01
    waits[30] = 90.0
    result = one_queue(series={"mean_wait": waits, "answered": answered})
    assert prose.worst_interval(result, "queue.a").label == "15:00"


def test_nobody_called():
    """A queue without calls says so and nothing else."""
    result = one_queue({"offered": Estimate(0.0, 0.0), "mean_wait": Estimate(NAN, NAN)})
    assert prose.manager_text(result)[0] == "No call came to the queue a."


def test_nobody_was_answered():
    """No average wait is claimed."""
    odd = {
        "offered": Estimate(50.0, 1.0),
        "answered": Estimate(0.0, 0.0),
        "mean_wait": Estimate(NAN, NAN),
        "abandoned": Estimate(1.0, 0.0),
    }
    text = prose.manager_text(one_queue(odd))[0]
    assert text.startswith("Queue a: none of the 50 calls a day was answered.")
    assert "average" not in text


def test_no_queue():
    """A flow of menus only: calls and what the robot settles."""
    day = made_up_day(queues=())
    totals = {"all": {"offered": Estimate(100.0, 1.0), "contained": Estimate(0.8, 0.01)}}
    text = prose.manager_text(replace(day, totals=totals))[0]
    assert text == (
        "100 calls a day; nobody waits in a queue here. The robot settles 80.0 % of them."
    )


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((), "The scenario sets no targets."),
        (("met",), "The target is met."),
        (("met", "met"), "All 2 targets are met."),
        (("missed",), "0 of 1 target is met. Missed: "),
        (("met", "undecided"), "1 of 2 targets are met. Undecided: "),
    ],
)
def test_targets_in_words(verdicts, expected):
    """How many are met, which are not."""
    targets = tuple(replace(TARGETS[0], verdict=verdict) for verdict in verdicts)
    assert prose.targets_text(made_up_day(targets=targets)).startswith(expected)


def test_no_nan_in_any_sentence():
    """With every figure gone the text still reads."""
    day = made_up_day()
    gone = {scope: dict.fromkeys(table, Estimate(NAN, NAN)) for scope, table in day.totals.items()}
    empty = {
        scope: dict.fromkeys(table, Series(np.full(48, NAN), np.full(48, NAN)))
        for scope, table in day.by_interval.items()
    }
    text = " ".join(prose.manager_text(replace(day, totals=gone, by_interval=empty, waits={})))
    assert "nan" not in text


def test_runs_of_other_lengths_do_not_speak_of_days():
    """Seven days: `in 7 days`."""
    day = made_up_day()
    assert (
        prose.per_run(replace(day, meta=replace(day.meta, duration_s=7 * 86400.0))) == "in 7 days"
    )
