"""Simple queueing models as scenarios, and estimates from independent replications of them.

Belongs here: scenarios with no menus (a number leads straight to a queue or to a held line), the
loop over replications, an unbiased estimate with its standard error, the comparison with an exact
value. Does not belong here: formulas, and which models are compared.

A model's unit of time is the minute. All of one replication's figures are sums over the calls that
arrive, or the time that passes, in a window after the warm-up: their expectations are rate x window
x the stationary mean, without the bias of a ratio.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Records
from vpbx.engine.run import run_replication
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SEED = 1
MINUTE_US = 60_000_000
STANDARD_ERRORS = 4.0


@dataclass(frozen=True)
class Callers:
    """One class of callers; `rate` in calls a minute, averaged over the day."""

    rate: float
    priority: int = 0
    patience: str | None = None
    profile: tuple[float, ...] = (1.0,)
    redial: dict[str, Any] | None = None


@dataclass(frozen=True)
class Model:
    """A number, a queue, a group of agents; or, without agents, lines that calls hold.

    Times in minutes. Calls that arrive in [warm_up, duration - tail) count. `service` is a law of
    the language, of mean `mean_service`.
    """

    servers: int
    callers: tuple[Callers, ...]
    duration: int
    service: str = "exponential(mean=1 min)"
    mean_service: float = 1.0
    warm_up: int = 0
    tail: int = 0
    capacity: int | None = None
    lines_only: bool = False
    name: str = field(default="model", compare=False)

    @property
    def window(self) -> int:
        """Minutes in which arrivals count."""
        return self.duration - self.warm_up - self.tail


def scenario_of(model: Model) -> dict[str, Any]:
    """The model in the scenario language."""
    agent = {"play": model.service} if model.lines_only else {"queue": "waiting"}
    number = {"enter": "agent"} | ({"trunk": "lines"} if model.lines_only else {})
    found: dict[str, Any] = {
        "name": model.name,
        "clock": {"start": "2019-04-15 00:00", "duration": f"{model.duration} min"},
        "numbers": {"100": number},
        "flow": {"agent": agent},
        "callers": {f"class{i}": _class(callers) for i, callers in enumerate(model.callers)},
    }
    if model.lines_only:
        return found | {"trunks": {"lines": {"channels": model.servers}}}
    queue = {} if model.capacity is None else {"capacity": model.capacity}
    group = {"serves": {"waiting": {"handle_time": model.service}}, "heads": model.servers}
    return found | {"queues": {"waiting": queue}, "agents": {"group": group}}


def _class(callers: Callers) -> dict[str, Any]:
    found: dict[str, Any] = {
        "volume": f"{callers.rate * 1440:.9f}/day",
        "dials": {"100": "100%"},
        "priority": callers.priority,
        "profile": list(callers.profile),
    }
    if callers.patience is not None:
        found["patience"] = callers.patience
    if callers.redial is not None:
        found["redial"] = callers.redial
    return found


@cache
def compiled(model: Model) -> Compiled:
    """The model, loaded from a file and compiled."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.yaml"
        file.write_text(json.dumps(scenario_of(model)), encoding="utf-8")
        return compile_scenario(load(file).scenario, Path(folder))


@dataclass(frozen=True)
class Run:
    """One replication of a model, cut to its window. Times in minutes, a row a visit or a call."""

    model: Model
    records: Records

    def arrived(self, caller_class: int | None = None) -> Bools:
        """Which calls (attempts) arrived in the window."""
        calls, model = self.records.calls, self.model
        since, until = model.warm_up * MINUTE_US, (model.duration - model.tail) * MINUTE_US
        found = (calls.arrived_at >= since) & (calls.arrived_at < until)
        return found if caller_class is None else found & (calls.caller_class == caller_class)

    def visited(self, caller_class: int | None = None) -> Bools:
        """Which visits are of calls that arrived in the window (calls join as they arrive)."""
        return self.arrived(caller_class)[self.records.visits.call]

    @property
    def wait(self) -> Floats:
        """Waits of all visits."""
        visits = self.records.visits
        return (visits.left_at - visits.joined_at) / MINUTE_US

    @property
    def answered(self) -> Bools:
        """Which visits were answered."""
        return self.records.visits.outcome == Outcome.ANSWERED

    @property
    def abandoned(self) -> Bools:
        """Which visits were abandoned."""
        return self.records.visits.outcome == Outcome.ABANDONED

    def controls(self) -> list[float]:
        """What is known to have mean 0: arrivals less expected, service less mean x services.

        A service time does not depend on whether the call is answered, so the second is a sum of
        mean-zero terms however many there are.
        """
        model, calls, visits = self.model, self.records.calls, self.records.visits
        first = calls.attempt == 0
        found = [
            float(np.count_nonzero(self.arrived(c) & first)) - own.rate * model.window
            for c, own in enumerate(model.callers)
            if own.profile == (1.0,)
        ]
        if model.lines_only:
            served = self.arrived() & (calls.answered_at >= 0)
            spent = (calls.ended_at - calls.answered_at)[served]
        else:
            served = self.visited() & self.answered
            spent = (visits.talk_until - visits.left_at)[served]
        return [*found, float((spent / MINUTE_US - model.mean_service).sum())]


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error."""

    mean: float
    error: float

    def __str__(self) -> str:
        return f"{self.mean:.6g} ± {self.error:.2g}"


def estimates(
    model: Model, n: int, figures: Callable[[Run], Sequence[float]]
) -> tuple[Estimate, ...]:
    """Mean of each figure over replications 0 .. n - 1 of seed 1, by regression on the controls.

    The linear control-variates estimator of Lavenberg and Welch (1981): the intercept of the least-
    squares fit of a figure on the mean-zero controls, and that intercept's standard error.
    """
    rows, controls = [], []
    for replication in range(n):
        run = Run(model, run_replication(compiled(model), SEED, replication))
        rows.append([float(figure) for figure in figures(run)])
        controls.append(run.controls())
    return regress(np.array(rows), np.array(controls))


def regress(figures: Floats, controls: Floats) -> tuple[Estimate, ...]:
    """Intercept of each column of `figures` (n, k) on `controls` (n, m), with standard errors."""
    n = len(figures)
    design = np.column_stack([np.ones(n), controls[:, controls.std(axis=0) > 0]])
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ figures
    residual = figures - design @ fitted
    variance = (residual**2).sum(axis=0) / (n - design.shape[1])
    errors = np.sqrt(variance * inverse[0, 0])
    return tuple(Estimate(float(m), float(s)) for m, s in zip(fitted[0], errors, strict=True))


def compare(found: Estimate, exact: float, power: float) -> None:
    """The estimate lies within 4 standard errors of the exact value, and these are at most
    `power` x the exact value: a test that cannot see is no test."""
    reach = STANDARD_ERRORS * found.error
    assert reach <= power * abs(exact), f"too little power: {found}, 4 s.e. = {reach / exact:.2%}"
    assert abs(found.mean - exact) <= reach, (
        f"{found} instead of {exact:.6g}: {(found.mean - exact) / found.error:+.1f} s.e."
    )
