"""The peers' numbers say what the scenarios say."""

import pytest

from vpbx.bench.engines import scenario_file
from vpbx.bench.models import MODELS, SMALL, W2, Figure, shortened
from vpbx.measures.theory import erlang_a
from vpbx.scenario.load import load
from vpbx.units import SECOND_US


@pytest.mark.parametrize("workload", ["W1", "W2"])
def test_a_model_has_the_scenarios_load_and_heads(workload: str) -> None:
    """Hour by hour, rates and heads are those of the scenario's compiled calendars."""
    from vpbx.program.compile import compile_scenario

    loaded = load(scenario_file(workload))
    compiled = compile_scenario(loaded.scenario, loaded.file.parent)
    model = MODELS[workload]
    calendars = compiled.program.flow.calendars
    heads_table = compiled.program.groups.calendar[0]
    begin, end = calendars.start[heads_table : heads_table + 2]
    at, heads = calendars.at[begin:end], calendars.value[begin:end]
    for hour in range(24):
        current = int(heads[at <= hour * 3600 * SECOND_US][-1])
        assert model.heads_in(hour) == current
    expected = sum(own.rates[0].expected[-1] for own in compiled.load.classes)
    assert model.first_calls == pytest.approx(expected, rel=1e-9)


def test_w2_is_the_day_that_was_agreed_on() -> None:
    """200,000 first calls, heads = round(rate x 240 s), a fifth of the callers with priority."""
    assert W2.first_calls == pytest.approx(200_000)
    assert W2.heads == tuple(round(rate * 240) for rate in W2.rates)
    scenario = load(scenario_file("W2")).scenario
    ordinary, priority = scenario.callers["customers"], scenario.callers["priority"]
    assert ordinary.volume is not None
    assert ordinary.volume * W2.p_priority / (1 - W2.p_priority) == pytest.approx(priority.volume)
    assert ordinary.profile == priority.profile
    assert (priority.priority, ordinary.priority) == (1, 0)
    assert scenario.callers["priority"].redial == scenario.callers["customers"].redial
    menus = [scenario.flow["first_menu"].menu, scenario.flow["second_menu"].menu]
    assert [menu["1"].at / SECOND_US for menu in menus if menu] == list(W2.prompts_s)


def test_w3_is_the_carriers_day_eighty_times() -> None:
    """Volumes, heads, channels and capacities alike."""
    large = load(scenario_file("W3")).scenario
    small = load(scenario_file("W3").parent.parent / "mts_0890.yaml").scenario
    for name, own in small.callers.items():
        assert own.volume is not None
        grown = large.callers[name].volume
        assert grown is not None
        assert grown == pytest.approx(80 * own.volume)
    for name, queue in small.queues.items():
        assert large.queues[name].capacity == 80 * (queue.capacity or 0)
    assert {**large.flow} == {**small.flow}


def test_every_calendar_of_w3_is_eighty_times() -> None:
    """Heads and channels, step by step, as the compiler sees them."""
    from vpbx.program.compile import compile_scenario

    tables = []
    for path in (scenario_file("W3"), scenario_file("W3").parent.parent / "mts_0890.yaml"):
        loaded = load(path)
        compiled = compile_scenario(loaded.scenario, path.parent)
        program = compiled.program
        indices = [*program.groups.calendar, *program.trunks.calendar]
        table = program.flow.calendars
        spans = [slice(table.start[i], table.start[i + 1]) for i in indices]
        tables.append([(list(table.at[one]), list(table.value[one])) for one in spans])
    large, small = tables
    assert large == [(at, [80 * value for value in values]) for at, values in small]


def test_small_w1_is_an_erlang_a_system_too() -> None:
    """The figures that peers are checked by are the exact ones."""
    from vpbx.bench.models import FIGURES

    for name, model in (("W1", MODELS["W1"]), ("W1 small", SMALL["W1"])):
        exact = erlang_a(model.heads[0], model.rates[0], 1 / 240, 1 / 300)
        found = {figure.name: figure.expected for figure in FIGURES[name]}
        assert found["ordinary abandoned"] == pytest.approx(exact.p_abandon, rel=1e-6)
        assert found["ordinary mean wait"] == pytest.approx(exact.mean_wait, rel=1e-6)
        assert found["p(wait)"] == pytest.approx(exact.p_wait, rel=1e-6)


def test_a_part_of_a_workload_begins_with_its_busiest_hour() -> None:
    """8,000 calls of W2 come at 4.58 a second to 1,100 agents."""
    part = shortened(W2, 8_000)
    assert part.first_calls == pytest.approx(8_000)
    assert (part.rate_at(0.0), part.heads_in(0)) == (max(W2.rates), 1_100)
    assert shortened(W2, 1e9) is W2


def test_a_figure_agrees_within_four_standard_errors() -> None:
    """Four runs with a standard deviation of 1 about 10: from 8 to 12."""
    figure = Figure("wait", 10.0, 1.0)
    assert figure.agrees(11.99, 4)
    assert not figure.agrees(12.01, 4)
    assert not figure.agrees(7.9, 4)
