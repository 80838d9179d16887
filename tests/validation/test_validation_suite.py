"""The suite itself: sound as data, right on the engine, and able to say that something is wrong."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vpbx.cli.main import code_of
from vpbx.errors import UsageError
from vpbx.scenario.load import load
from vpbx.validation.cases import Case, Row, read_suite, scenario_file, table
from vpbx.validation.formulas import FORMULAS, check_formula
from vpbx.validation.quantities import QUANTITIES
from vpbx.validation.run import chosen, run_case, run_suite, summary
from vpbx.validation.traces import Trace, replay, rows

SUITE = read_suite()
FAST = ("erlang_a_5", "redials", "mmc_ab_day")
"""Cases that the default tests run, in the quick form."""


def named(name: str) -> Case:
    """The case of this name."""
    return next(case for case in SUITE.cases if case.name == name)


def test_every_name_in_the_suite_is_known() -> None:
    """Sums, sources, scenarios, tables, formulas exist; names of cases are distinct."""
    for case in SUITE.cases:
        assert scenario_file(case.scenario).is_file()
        for row in case.rows:
            assert {row.sum} | (set(row.over) - {"calls", "time"}) <= QUANTITIES.keys()
            assert row.source in SUITE.sources
    for formula in SUITE.formulas:
        assert formula.function in FORMULAS
        assert formula.column in table(formula.table)[0]
        assert formula.source in SUITE.sources
    names = [one.name for one in (*SUITE.cases, *SUITE.formulas, *SUITE.traces)]
    assert len(set(names)) == len(names)


def test_every_scenario_of_the_suite_is_used() -> None:
    """No scenario of the folder is left out."""
    folder = scenario_file(SUITE.cases[0].scenario).parent
    used = {case.scenario for case in SUITE.cases}
    assert {file.name for file in folder.glob("*.yaml")} <= used | extended(folder)


def extended(folder: Path) -> set[str]:
    """Files that others build upon."""
    texts = [file.read_text("utf-8") for file in folder.glob("*.yaml")]
    lines = [line for text in texts for line in text.splitlines()]
    return {line.partition(":")[2].strip() for line in lines if line.startswith("extends:")}


@pytest.mark.parametrize("case", SUITE.cases, ids=lambda case: case.name)
def test_every_case_loads_in_both_forms(case: Case) -> None:
    """The settings of the full and of the quick form are settings of its scenario."""
    for sets in (case.sets, (*case.sets, *case.quick_sets)):
        load(scenario_file(case.scenario), sets)


@pytest.mark.parametrize("formula", SUITE.formulas, ids=lambda one: one.name)
def test_formulas_reproduce_their_tables(formula) -> None:  # type: ignore[no-untyped-def]
    """Each closed form is within 1e-9 of every row."""
    assert check_formula(formula).worst <= 1e-9


@pytest.mark.parametrize("name", FAST)
def test_quick_cases(name: str) -> None:
    """Steady state, redials, a transient day: right within their own standard errors."""
    done = run_case(named(name), quick=True)
    assert [one.row.what for one in done.rows if not one.verdict.passed] == []


def test_both_engines_give_the_same_figures() -> None:
    """A case by the reference engine: the same estimates, to the last bit."""
    case = replace(named("mmc_ab_day"), quick_runs=2, quick_sets=("clock.duration=2 days",))
    one, two = (run_case(case, quick=True, engine=engine) for engine in ("compiled", "reference"))
    assert [row.found for row in one.rows] == [row.found for row in two.rows]


def wrong_by(row: Row, share: float) -> Row:
    """The row with another reference value."""
    return replace(row, value=row.value * (1.0 + share))


def test_a_wrong_value_is_found() -> None:
    """A mean wait that is ten percent off fails, and so does the suite."""
    case = named("erlang_a_5")
    case = replace(case, rows=(wrong_by(case.rows[0], 0.1), *case.rows[1:]))
    outcome = run_suite(replace(SUITE, formulas=(), traces=(), cases=(case,)), True, lambda _: None)
    assert [one.verdict.word for one in outcome.cases[0].rows].count("wrong") == 1
    assert not outcome.passed
    assert json.loads(json.dumps(summary(outcome, SUITE)))["passed"] is False


def test_unknown_names_are_refused() -> None:
    """A case that is not there is said, with those that are."""
    with pytest.raises(UsageError, match=r'no case "erlang_z"; cases are .*mmc_day'):
        chosen(SUITE, ["erlang_z"])
    assert {case.name for case in chosen(SUITE, ["mmc_"]).cases} == {
        "mmc_day",
        "mmc_ab_day",
        "mmc_blocked_day",
    }


def test_the_command_writes_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Page, figures, pictures; exit code 0, and 2 for a case that does not exist."""
    folder = tmp_path / "validation"
    assert code_of(["validate", "--quick", "--only", "erlang_a_5", "--out", str(folder)]) == 0
    plain = json.loads((folder / "summary.json").read_text("utf-8"))
    assert [case["name"] for case in plain["cases"]] == ["erlang_a_5"]
    html = (folder / "report.html").read_text("utf-8")
    assert "Palm (1957)" in html
    assert (folder / "pictures" / "differences.png").stat().st_size > 5000
    assert "4 of 4 figures right, 0 of 0 formulas, 0 of 0 timelines" in capsys.readouterr().out
    assert code_of(["validate", "--only", "nothing"]) == 2


@pytest.mark.parametrize("trace", SUITE.traces, ids=lambda trace: trace.name)
def test_timelines_are_replayed(trace: Trace) -> None:
    """Both engines give what the other simulator's test asserts; else it is said why not."""
    replayed = replay(trace)
    assert bool(trace.why) != (replayed.found.keys() == {"reference", "compiled"})
    assert set(replayed.found.values()) <= {rows(trace)}


def test_a_timeline_that_differs_is_wrong() -> None:
    """A talk that begins a second later than it does fails, and so does the suite."""
    (trace,) = (one for one in SUITE.traces if one.name == "G1")
    late = replace(trace, talk_from="8 - 21 -")
    outcome = run_suite(replace(SUITE, formulas=(), cases=(), traces=(late,)), True, lambda _: None)
    assert not outcome.passed
    assert summary(outcome, SUITE)["traces"][0]["passed"] is False


@pytest.mark.slow
@pytest.mark.parametrize("case", SUITE.cases, ids=lambda case: case.name)
def test_full_cases(case: Case) -> None:
    """Every figure right, and known as well as the suite demands."""
    done = run_case(case, quick=False)
    assert [str(one) for one in done.rows if not one.verdict.passed] == []
