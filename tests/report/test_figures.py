"""The pictures: labelled axes, the busy hour on every clock, the same bytes every time."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_day import made_up_day, made_up_scenario, near

from vpbx.measures.result import Series
from vpbx.report import axes as dress
from vpbx.report import figures, figures_queue, figures_system, figures_waits, render
from vpbx.report.style import DARK, LIGHT, drawing

DAY = made_up_day()
OVER_TIME = (
    figures_queue.wait_over_the_day,
    figures_queue.queue_over_the_day,
    figures_queue.calls_over_the_day,
    figures_queue.service_level_over_the_day,
    figures_system.agents_and_load,
    figures_system.trunk_use,
)
ALL = (*OVER_TIME, figures_waits.wait_distribution, figures_system.menu_funnel)


def week():
    """A week of the made-up day, with a heat map."""
    starts = np.arange(7 * 48) * 1800.0
    labels = tuple(f"2019-04-{15 + i // 48} {i % 48 // 2:02d}:{i % 2 * 30:02d}" for i in range(336))
    many = {
        scope: {
            name: Series(np.tile(s.mean, 7), np.tile(s.half_width, 7)) for name, s in table.items()
        }
        for scope, table in DAY.by_interval.items()
    }
    by_week = {"queue.support": {"mean_wait": near(np.arange(168.0).reshape(7, 24) * 10)}}
    meta = replace(DAY.meta, duration_s=7 * 86400.0)
    return replace(
        DAY,
        meta=meta,
        interval_starts_s=starts,
        interval_labels=labels,
        by_interval=many,
        by_week=by_week,
    )


@pytest.mark.parametrize("draw", ALL)
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_axis_says_what_it_measures(draw, theme):
    """Both axes of every picture are labelled, the shared one at the bottom."""
    with drawing(theme):
        figure = draw(DAY, theme)
    assert all(axes.get_ylabel() for axes in figure.axes)
    assert figure.axes[-1].get_xlabel()
    assert all(axes.get_title(loc="left") for axes in figure.axes)


@pytest.mark.parametrize("draw", OVER_TIME)
def test_the_busy_hour_is_marked_on_every_clock(draw):
    """A stripe from 11:15 to 12:15 on each time axis."""
    with drawing(LIGHT):
        figure = draw(DAY, LIGHT)
    for axes in figure.axes:
        stripes = [p for p in axes.patches if dress.BUSY_HOUR in p.get_label()]
        assert [p.get_label() for p in stripes] == ["busy hour 11:15–12:15"]
        assert (stripes[0].get_x(), stripes[0].get_width()) == (11.25, 1.0)


def test_the_busy_hour_is_marked_every_day_of_a_week():
    """Seven days, seven stripes, one entry in the legend."""
    with drawing(LIGHT):
        figure = figures_queue.wait_over_the_day(week(), LIGHT)
    stripes = [p for p in figure.axes[0].patches if dress.BUSY_HOUR in p.get_label()]
    assert [p.get_x() for p in stripes] == [11.25 + 24 * day for day in range(7)]
    assert [p.get_label().startswith("_") for p in stripes] == [False] + [True] * 6


def test_a_busy_hour_over_midnight_is_cut_at_the_ends_of_the_run():
    """23:30–00:30 shows as the last half-hour and the first one."""
    late = replace(DAY.busy_hours["all"], tcbh_min=23 * 60 + 30)
    result = replace(DAY, busy_hours={"all": late})
    assert dress._busy_stripes(result, late.tcbh_min) == [(0.0, 0.5), (23.5, 24.0)]


def test_ticks_carry_local_clock_time():
    """A run from 22:30 has its ticks at whole hours of the clock, not of the run."""
    result = replace(DAY, meta=replace(DAY.meta, start="2019-04-14 22:30"))
    positions, labels = dress._ticks(result)
    assert positions[:2] == [1.5, 4.5]
    assert labels[:2] == ["00:00", "03:00"]


def test_a_week_has_a_heat_map_and_a_day_has_none():
    """Weekday × hour needs a run that spans days."""
    with drawing(LIGHT):
        assert figures_waits.week_heat_map(DAY, LIGHT) is None
        figure = figures_waits.week_heat_map(week(), LIGHT)
    assert "(min)" in figure.axes[1].get_ylabel()
    assert figure.axes[0].collections[0].get_array().shape == (7, 24)


def test_small_multiples_have_a_row_a_queue():
    """Two queues, two rows; one queue, one."""
    with drawing(LIGHT):
        rows = [
            len(figures_queue.wait_over_the_day(made_up_day(queues), LIGHT).axes)
            for queues in (("a",), ("a", "b"))
        ]
    assert rows == [1, 2]


def test_pictures_are_the_same_bytes_every_time():
    """SVG and PNG of all pictures, made twice."""

    def made():
        with drawing(LIGHT):
            found = list(figures.pictures(DAY, made_up_scenario(), LIGHT))
            return [
                (p.name, render.svg(p.figure, LIGHT), render.png(p.figure, LIGHT)) for p in found
            ]

    assert made() == made()


def test_the_legend_stands_above_the_data():
    """No legend overlaps the axes that it belongs to."""
    with drawing(LIGHT):
        figure = figures_queue.calls_over_the_day(DAY, LIGHT)
        figure.draw_without_rendering()
    for axes in figure.axes:
        assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1 - 1


def test_empty_results_have_no_pictures_of_queues():
    """No queue, no trunk, no group: nothing is drawn, nothing fails."""
    bare = made_up_day(queues=())
    bare = replace(bare, totals={"all": {}}, by_interval={"all": {}}, edges=(), waits={})
    assert [draw(bare, LIGHT) for draw in ALL] == [None] * len(ALL)


def test_nobody_answered_still_draws():
    """Waits that are NaN throughout leave an empty picture with its axes, not an error."""
    table = dict(DAY.by_interval["queue.support"])
    table["mean_wait"] = Series(np.full(48, np.nan), np.full(48, np.nan))
    result = replace(DAY, by_interval={**DAY.by_interval, "queue.support": table}, by_hour={})
    with drawing(LIGHT):
        figure = figures_queue.wait_over_the_day(result, LIGHT)
        assert render.png(figure, LIGHT).startswith(b"\x89PNG")


def test_percentages_of_a_funnel_bar_add_up_to_the_whole():
    """The parts of each node's bar reach from 0 to 100."""
    with drawing(LIGHT):
        axes = figures_system.menu_funnel(DAY, LIGHT).axes[0]
    bars = [p for p in axes.patches if p.get_width() and p.get_height() == pytest.approx(0.72)]
    ends = [p.get_x() + p.get_width() for p in bars]
    assert max(ends) == pytest.approx(100)
    assert sum(p.get_width() for p in bars) == pytest.approx(200)  # main_menu and mobile


def test_a_wide_band_does_not_flatten_the_line():
    """The axis is at most twice as high as the highest line on it."""
    table = dict(DAY.by_interval["queue.support"])
    table["mean_wait"] = Series(np.full(48, 300.0), np.full(48, 6000.0))
    result = replace(DAY, by_interval={**DAY.by_interval, "queue.support": table}, by_hour={})
    with drawing(LIGHT):
        figure = figures_queue.wait_over_the_day(result, LIGHT)
    assert figure.axes[0].get_ylim() == (0.0, pytest.approx(2 * 300 / 60))


def test_agents_stand_beside_the_load_of_their_own_queue():
    """Two groups with a queue each: a row a group; a shared group adds rows for the queues."""
    staff = {"queue.a": 3.0, "queue.b": 5.0, "group.x": 5.0, "group.y": 3.0}
    by_interval = {
        scope: {"logged_in": near(np.full(48, n)), "offered_load": near(np.full(48, n / 2))}
        for scope, n in staff.items()
    }
    paired = replace(DAY, totals={scope: {} for scope in staff}, by_interval=by_interval)
    assert figures_system._own_queues(paired, ["group.x", "group.y"], ["queue.a", "queue.b"]) == {
        "group.x": ["queue.b"],
        "group.y": ["queue.a"],
    }
    mixed = {**by_interval, "queue.b": {"logged_in": near(np.full(48, 8.0))}}
    with drawing(LIGHT):
        rows = [
            len(figures_system.agents_and_load(replace(paired, by_interval=table), LIGHT).axes)
            for table in (by_interval, mixed)
        ]
    assert rows == [2, 4]
