"""What a report says of ways out of a PBX: outcomes, offers, licence; nothing where there are none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up_day import made_up_day

from vpbx.codes import Outcome
from vpbx.measures.register import MEASURES
from vpbx.measures.result import Estimate, Result, Series
from vpbx.report import figures_pbx, prose_pbx
from vpbx.report.inputs import input_tables
from vpbx.report.labels import told
from vpbx.report.page import callbacks_text
from vpbx.report.style import LIGHT, drawing
from vpbx.report.tables_pbx import (
    OUTCOME_WORDS,
    calls_ended,
    counted_outcomes,
    licence_table,
    offers_table,
    outcome_table,
)
from vpbx.scenario.load import load


def some(value: float) -> Estimate:
    return Estimate(value, 0.0)


def with_pbx(result: Result) -> Result:
    """The made-up day, with call-backs, messages, an outage and a suspension."""
    n = len(result.interval_starts_s)
    more = {
        "balked": 6,
        "callback_done": 12,
        "suspended": 30,
        "failed": 3,
        "refused_for_licence": 4,
    }
    totals = dict(result.totals)
    totals["all"] = totals["all"] | {name: some(value) for name, value in more.items()}
    totals["all"] |= {"callers_balked": some(2), "redials_after_balked": some(4)}
    queue = next(scope for scope in totals if scope.startswith("queue."))
    offers = {"callbacks": 15, "callback_done": 12, "callback_wait": 272, "messages": 7,
              "messages_handled": 7, "message_wait": 4000}  # fmt: skip
    totals[queue] = totals[queue] | {name: some(value) for name, value in offers.items()}
    by_interval = dict(result.by_interval)
    flat = Series(np.full(n, 1.0), np.zeros(n))
    by_interval["all"] = by_interval.get("all", {}) | dict.fromkeys(more, flat)
    by_interval[queue] = by_interval[queue] | {"callbacks": flat, "messages": flat}
    meta = replace(result.meta, callback_counts_as="excluded")
    return replace(result, totals=totals, by_interval=by_interval, meta=meta)


@pytest.fixture(scope="module")
def result() -> Result:
    return with_pbx(made_up_day())


def test_every_outcome_has_words_and_a_measure() -> None:
    assert set(OUTCOME_WORDS) == {one.name.lower() for one in Outcome}
    assert {calls_ended(name) for name in OUTCOME_WORDS} <= set(MEASURES)
    assert set(figures_pbx._LOOKS) == set(OUTCOME_WORDS)
    assert len(set(figures_pbx._LOOKS.values())) == len(OUTCOME_WORDS)  # no two look alike


def test_how_calls_ended(result: Result) -> None:
    """A row for each way that occurred; calls, callers and those who called again apart."""
    rows = {row[0]: row[1:] for row in outcome_table(result).rows}
    calls, _, callers, again = rows[OUTCOME_WORDS["balked"]]
    assert (calls, callers, again) == ("6", "2", "4")
    assert OUTCOME_WORDS["timed_out"] not in rows
    assert "suspended" in counted_outcomes(result)


def test_offers_and_messages(result: Result) -> None:
    table = offers_table(result)
    assert len(table.rows) == 1
    cells = dict(zip((column.label for column in table.columns), table.rows[0], strict=True))
    assert cells["want a call back"] == "15"
    assert cells["wait for the call back"] == "4 min 32 s"
    assert "paid to be sooner" not in cells


def test_calls_that_the_licence_cost(result: Result) -> None:
    assert [row[1] for row in licence_table(result).rows] == ["30", "4", "3"]
    assert prose_pbx.licence_text(result) == (
        "The licence costs calls: 30 while it was suspended, 4 for want of licensed channels."
    )


def test_nothing_where_there_is_nothing() -> None:
    plain = made_up_day()
    assert not offers_table(plain).rows
    assert not licence_table(plain).rows
    assert not prose_pbx.licence_text(plain)
    assert not callbacks_text(plain)
    assert figures_pbx.offers_over_the_day(plain, LIGHT) is None
    assert figures_pbx.outcomes_over_the_day(plain, LIGHT) is None


def test_the_pictures_name_every_part(result: Result) -> None:
    """Each part of a stack has a legend entry that lies within the figure."""
    with drawing(LIGHT):
        figure = figures_pbx.outcomes_over_the_day(result, LIGHT)
        assert figure is not None
        figure.canvas.draw()
        (axes,) = figure.axes
        texts = [text.get_text() for text in axes.get_legend().get_texts()]
        right = axes.get_legend().get_window_extent().x1
    assert {OUTCOME_WORDS[name] for name in counted_outcomes(result)} == set(texts)
    assert right <= figure.bbox.width


def test_percentiles_beyond_the_bins_say_so() -> None:
    """Waits are binned up to four hours: a percentile beyond is not four hours."""
    assert told(some(14_400), "p90_wait") == "over 4 h"
    assert told(some(14_400), "mean_wait") == "4 h"


def test_inputs_of_the_whole_pbx() -> None:
    """Every section of the language that has figures shows them."""
    scenario = load(Path(__file__).parents[1] / "scenario" / "whole_pbx.yaml").scenario
    found = {table.name: table.rows for table in input_tables(scenario)}
    assert set(found) >= {
        "input.shifts", "input.phones", "input.waiting", "input.extensions", "input.numbers",
        "input.events",
    }  # fmt: skip
    told_of = " ".join(cell for rows in found.values() for row in rows for cell in row)
    for said in ("11:00-11:15", "50 RUB", "30 RUB (abroad)", "settles 90.0 %", "busy: back"):
        assert said in told_of
