"""summary.json: every figure, null for what is not there, the same bytes every time."""

import json
from dataclasses import replace

import numpy as np
from made_up_day import made_up_day

from vpbx.measures.result import Estimate, Series
from vpbx.report.summary import as_json, summary


def read(result):
    """The summary after a trip through JSON."""

    def refuse(text):
        raise AssertionError(f"{text} is not JSON")

    return json.loads(as_json(summary(result)), parse_constant=refuse)


def test_targets_have_the_keys_that_machines_rely_on():
    """name, value, half_width, low, high, verdict: numbers in the measure's unit."""
    first = read(made_up_day())["targets"][0]
    assert first["name"] == "queue.support.mean_wait"
    assert (first["value"], first["half_width"]) == (1212, 48)
    assert (first["low"], first["high"], first["verdict"]) == (1164, 1260, "met")
    assert (first["unit"], first["facts"]) == ("s", ["M13"])


def test_every_table_of_the_result_is_there():
    """All scopes and measures, series with a value an interval."""
    day = made_up_day()
    data = read(day)
    for name in ("totals", "by_interval", "by_hour"):
        table = getattr(day, name)
        assert {scope: set(m) for scope, m in data[name].items()} == {
            scope: set(measures) for scope, measures in table.items()
        }
    assert len(data["by_interval"]["queue.support"]["mean_wait"]["mean"]) == 48
    assert len(data["interval_starts_s"]) == len(data["interval_labels"]) == 48
    assert len(data["edges"]) == len(day.edges)
    assert data["busy_hours"]["all"]["tcbh_min"] == 675
    assert data["units"]["mean_wait"] == "s"


def test_what_is_not_there_is_null():
    """NaN and infinity have no place in JSON."""
    day = made_up_day()
    odd = {
        "all": {"mean_wait": Estimate(float("nan"), float("inf"))},
        "queue.support": {"mean_wait": Estimate(12.0, float("nan"))},
    }
    gap = {"all": {"mean_wait": Series(np.array([1.0, np.nan]), np.array([np.inf, 0.5]))}}
    data = read(replace(day, totals=odd, by_interval=gap))
    nothing = {"mean": None, "half_width": None, "low": None, "high": None}
    assert data["totals"]["all"]["mean_wait"] == nothing
    assert data["totals"]["queue.support"]["mean_wait"] == {**nothing, "mean": 12}
    expected = {"mean": [1, None], "half_width": [None, 0.5]}
    assert data["by_interval"]["all"]["mean_wait"] == expected


def test_numbers_carry_six_significant_digits():
    """1/3 is 0.333333; 1234567.8 is 1234570; whole numbers have no point."""
    day = made_up_day()
    totals = {"all": {"mean_wait": Estimate(1 / 3, 1234567.8), "offered": Estimate(7.0, 0.0)}}
    text = as_json(summary(replace(day, totals=totals))).decode()
    assert '"mean": 0.333333, "half_width": 1234570' in text
    assert '"mean": 7, "half_width": 0,' in text


def test_waits_leave_out_the_empty_tail():
    """Bins after the last call are not written; their number is."""
    day = made_up_day(queues=("a",))
    (scope,) = day.waits
    counts = np.zeros(100)
    counts[:3] = (2.0, 0.0, 0.5)
    data = read(replace(day, waits={scope: replace(day.waits[scope], answered=counts)}))
    assert data["waits"][scope]["answered"] == [2, 0, 0.5]
    assert data["waits"][scope]["bins"] == 100
    assert data["waits"][scope]["percentiles"]["p50"]["mean"] > 0


def test_a_week_is_seven_rows_of_24():
    """by_week keeps its shape, Monday first."""
    week = {"all": {"offered": Series(np.arange(168.0).reshape(7, 24), np.zeros((7, 24)))}}
    rows = read(replace(made_up_day(), by_week=week))["by_week"]["all"]["offered"]["mean"]
    assert (len(rows), len(rows[0]), rows[6][23]) == (7, 24, 167)


def test_same_result_same_bytes_and_no_trace_of_the_machine():
    """No clock, host or path: the scenario's file goes by its name."""
    day = made_up_day()
    moved = replace(day, meta=replace(day.meta, file="/home/someone/x/mts_0890.yaml"))
    assert as_json(summary(moved)) == as_json(summary(made_up_day()))


def test_cyrillic_is_written_as_it_is():
    """UTF-8, not escapes."""
    assert "Поддержка_VIP" in as_json(summary(made_up_day())).decode("utf-8")
