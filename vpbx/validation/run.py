"""Runs the suite: replications of each case on the compiled engine, figures, verdicts.

Belongs here: how often and on how many threads. Does not belong here: what is right (`cases`), pages
(`report`). The engine runs without the interpreter's lock, so that threads share the work; what comes
out depends on the suite alone, not on their number.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.units import SECOND_US
from vpbx.validation.cases import Case, Formula, Row, Suite, scenario_file
from vpbx.validation.cut import Cut, Model
from vpbx.validation.estimate import Estimate, Verdict, estimate, judge
from vpbx.validation.formulas import Checked, check_formula
from vpbx.validation.quantities import QUANTITIES
from vpbx.validation.traces import Replayed, Trace, replay, rows

Floats = NDArray[np.float64]
Tell = Callable[[str], None]
"""Told a line about each case as it ends."""

SEED = 1
MOST_THREADS = 2


class Judged(NamedTuple):
    """A row and what became of it."""

    row: Row
    found: Estimate
    verdict: Verdict


class Done(NamedTuple):
    """A case and what became of its rows."""

    case: Case
    rows: tuple[Judged, ...]
    n_units: int
    n_calls: int
    seconds: float
    """Wall time."""

    @property
    def passed(self) -> bool:
        """Whether every row is right, and known well enough."""
        return all(one.verdict.passed for one in self.rows)


class Outcome(NamedTuple):
    """What became of the suite."""

    formulas: tuple[Checked, ...]
    cases: tuple[Done, ...]
    quick: bool
    seconds: float
    traces: tuple[Replayed, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        parts: tuple[Sequence[Checked | Replayed | Done], ...]
        parts = (self.formulas, self.traces, self.cases)
        return all(one.passed for part in parts for one in part)


def chosen(suite: Suite, only: Sequence[str]) -> Suite:
    """The suite's formulas, traces and cases of these names; all, if none. Raises `UsageError`."""
    if not only:
        return suite
    parts: tuple[Sequence[Formula | Trace | Case], ...]
    parts = (suite.formulas, suite.traces, suite.cases)
    names = {one.name for part in parts for one in part}
    kept = set()
    for name in only:
        found = {name} & names or {one for one in names if one.startswith(name)}
        if not found:
            raise UsageError(
                f'there is no case "{name}"; cases are {", ".join(sorted(names))} '
                "(the beginning of a name is enough)"
            )
        kept |= found
    return Suite(
        tuple(one for one in suite.formulas if one.name in kept),
        tuple(one for one in suite.cases if one.name in kept),
        suite.sources,
        tuple(one for one in suite.traces if one.name in kept),
    )


def run_suite(suite: Suite, quick: bool, tell: Tell) -> Outcome:
    """Everything in it; `quick`: few runs, judged by their own standard errors, no power asked for."""
    started = time.monotonic()
    formulas = tuple(check_formula(one) for one in suite.formulas)
    for one in formulas:
        tell(
            f"{_word(one.passed)}  {one.formula.title}: {one.n_rows} rows, {one.worst:.1e} at most"
        )
    traces = tuple(replay(one) for one in suite.traces)
    for trace in traces:
        if trace.found:
            tell(f"{_word(trace.passed)}  timeline {trace.trace.name}: {trace.trace.title}")
    done = []
    for case in suite.cases:
        done.append(run_case(case, quick))
        tell(_line(done[-1]))
    return Outcome(formulas, tuple(done), quick, time.monotonic() - started, traces)


def _word(passed: bool) -> str:
    return "right" if passed else "WRONG"


def _line(done: Done) -> str:
    worst = max(done.rows, key=lambda one: abs(one.verdict.z))
    text = (
        f"{_word(done.passed)}  {done.case.title}: {done.n_calls:,} calls, {done.seconds:.1f} s, "
    )
    return text + f"farthest {worst.verdict.z:+.2f} of {worst.verdict.limit:.2f} standard errors"


def model_of(case: Case, quick: bool) -> Model:
    """The case's scenario, loaded and compiled."""
    from vpbx.program.compile import compile_scenario
    from vpbx.scenario.load import load

    sets = (*case.sets, *(case.quick_sets if quick else ()))
    loaded = load(scenario_file(case.scenario), sets)
    return Model(case, loaded.scenario, compile_scenario(loaded.scenario, loaded.file.parent))


def run_case(case: Case, quick: bool, engine: str = "compiled") -> Done:
    """All replications of a case, and its rows judged."""
    started = time.monotonic()
    model = model_of(case, quick)
    runs = case.quick_runs if quick else case.runs
    found = _figures(model, runs, engine)
    controls = np.concatenate([one.controls for one in found])
    rows = []
    for i, row in enumerate(case.rows):
        above = np.concatenate([one.above[i] for one in found])
        below = _below(model, row, [one.below[i] for one in found])
        value = estimate(above, below, controls)
        verdict = judge(value, row, len(case.rows), demand_power=not quick)
        rows.append(Judged(row, value, verdict))
    n_calls = sum(one.n_calls for one in found)
    return Done(case, tuple(rows), len(controls), n_calls, time.monotonic() - started)


def _below(model: Model, row: Row, sums: Sequence[Floats]) -> Floats | float:
    """What a sum is divided by: a number expected of every unit, or other sums."""
    if row.per:
        return row.per
    if row.over == ("calls",):
        return model.calls_of_unit(row.caller_class)
    if row.over == ("time",):
        return float(model.unit_us / model.case.time_us)
    return np.concatenate(sums)


class _Figures(NamedTuple):
    """One replication's sums by row and unit."""

    above: list[Floats]
    below: list[Floats]
    controls: Floats
    n_calls: int


def _figures(model: Model, runs: int, engine: str) -> list[_Figures]:
    """Every replication's sums, in order; the first one alone, so that it may compile."""
    first = _one(model, 0, engine)
    from vpbx.study.pool import cores

    with ThreadPoolExecutor(min(MOST_THREADS, cores())) as threads:
        rest = threads.map(lambda index: _one(model, index, engine), range(1, runs))
        return [first, *rest]


def _one(model: Model, replication: int, engine: str) -> _Figures:
    from vpbx.engine.run import run_replication

    cut = Cut(model, run_replication(model.compiled, SEED, replication, engine))
    nothing = np.zeros(model.n_units)
    above, below = [], []
    for row in model.case.rows:
        part = cut.of(row)
        above.append(QUANTITIES[row.sum](part, row))
        named = [QUANTITIES[name](part, row) for name in row.over if name in QUANTITIES]
        below.append(np.sum(named, axis=0) if named else nothing)
    return _Figures(above, below, cut.controls(), len(cut.records.calls.outcome))


def summary(outcome: Outcome, suite: Suite) -> dict[str, Any]:
    """All of it as JSON's types."""
    return {
        "passed": outcome.passed,
        "quick": outcome.quick,
        "seconds": round(outcome.seconds, 1),
        "seed": SEED,
        "sources": dict(suite.sources),
        "formulas": [
            {
                "name": one.formula.name,
                "title": one.formula.title,
                "table": one.formula.table,
                "rows": one.n_rows,
                "worst": one.worst,
                "tolerance": one.formula.tolerance,
                "source": one.formula.source,
                "passed": one.passed,
            }
            for one in outcome.formulas
        ],
        "traces": [_plain_trace(one) for one in outcome.traces],
        "cases": [_plain(done) for done in outcome.cases],
    }


def _plain_trace(one: Replayed) -> dict[str, Any]:
    trace = one.trace
    return {
        "name": trace.name,
        "title": trace.title,
        "source": trace.source,
        "calls": len(trace.ended.split()),
        "expected": rows(trace).splitlines(),
        "found": {engine: text.splitlines() for engine, text in one.found.items()},
        "why": trace.why,
        "passed": one.passed,
    }


def _plain(done: Done) -> dict[str, Any]:
    case = done.case
    return {
        "name": case.name,
        "title": case.title,
        "note": case.note,
        "scenario": case.scenario,
        "sets": list(case.sets),
        "unit": case.unit,
        "units": done.n_units,
        "calls": done.n_calls,
        "seconds": round(done.seconds, 2),
        "time_s": case.time_us / SECOND_US,
        "passed": done.passed,
        "rows": [_plain_row(one) for one in done.rows],
    }


def _plain_row(one: Judged) -> dict[str, Any]:
    row, found, verdict = one
    return {
        "what": row.what,
        "kind": row.kind,
        "reference": row.value,
        "reference_error": row.value_error,
        "source": row.source,
        "found": found.mean,
        "error": found.error,
        "z": verdict.z,
        "limit": verdict.limit,
        "reach": verdict.reach,
        "power": row.power,
        "verdict": verdict.word,
        "passed": verdict.passed,
    }
