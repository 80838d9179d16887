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
from itertools import pairwise
from math import inf, isclose
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.engine.records import Records, answered_at
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
    redials: float = 0.0
    """Probability that a caller calls again after abandoning."""
    redial_delay: str = "1 min"

    def expected(self, since: float, until: float) -> float:
        """Expected first attempts between two minutes of the run, which starts at midnight."""
        weights = np.array(self.profile) / np.mean(self.profile)
        slot = 1440 / len(weights)
        edges = np.arange(int(until // slot) + 2) * slot
        spans = np.diff(np.clip(edges, since, until))
        return float(self.rate * (weights[np.arange(len(spans)) % len(weights)] * spans).sum())


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
    second_moment: float | None = None
    """E[S^2] of the service time, where every call is served: adds the controls of bursts."""
    parts: int = 1
    """Parts of the window whose arrivals are controls of their own."""
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
    if callers.redials:
        after = {"abandoned": callers.redials}
        found["redial"] = {"after": after, "delay": callers.redial_delay, "attempts": 100}
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
        return np.asarray(self.records.visits.outcome == Outcome.ANSWERED)

    @property
    def abandoned(self) -> Bools:
        """Which visits were abandoned."""
        return np.asarray(self.records.visits.outcome == Outcome.ABANDONED)

    def controls(self) -> list[float]:
        """What is known to have mean 0, from the input alone.

        Arrivals less expected, by class and part of the window; service less mean x services (a
        service time does not depend on whether the call is answered, so that is a sum of mean-zero
        terms however many there are); bursts.
        """
        own, calls = self.model, self.records.calls
        at = calls.arrived_at[calls.attempt == 0] / MINUTE_US
        classes = calls.caller_class[calls.attempt == 0]
        edges = np.linspace(own.warm_up, own.duration - own.tail, own.parts + 1)
        found = [
            np.histogram(at[classes == c], (since, until))[0][0] - callers.expected(since, until)
            for c, callers in enumerate(own.callers)
            for since, until in pairwise(edges)
        ]
        served = (self.arrived() if own.lines_only else self.visited()) & ~np.isnan(self.service)
        return [*found, float((self.service[served] - own.mean_service).sum()), *self.bursts()]

    @property
    def service(self) -> Floats:
        """Service times of calls (where lines alone are held) or visits; nan where not served."""
        calls, visits = self.records.calls, self.records.visits
        if self.model.lines_only:
            spent = (calls.ended_at - answered_at(calls)) / MINUTE_US
            return np.where(calls.answered_after >= 0, spent, np.nan)
        return np.where(self.answered, (visits.talk_until - visits.left_at) / MINUTE_US, np.nan)

    def bursts(self) -> list[float]:
        """Squares, and products with the next, of the work that blocks of time bring, centred.

        The work X of a block of length L is compound Poisson: variance rate x L x E[S^2],
        independent of the next block's.
        """
        own, calls, visits = self.model, self.records.calls, self.records.visits
        if own.second_moment is None:
            return []
        rate = sum(callers.rate for callers in own.callers)
        at, found = calls.arrived_at[visits.call] / MINUTE_US, []
        for length in (5.0, 15.0, 45.0):
            n = int(own.duration / length)
            edges = np.arange(n + 1) * length
            work = np.histogram(at, edges, weights=self.service)[0]
            work -= rate * length * own.mean_service
            found += [
                float((work**2).sum() - n * rate * length * own.second_moment),
                float((work[1:] * work[:-1]).sum()),
            ]
        return found


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error."""

    mean: float
    error: float

    def __str__(self) -> str:
        return f"{self.mean:.6g} ± {self.error:.2g}"


def estimates(
    model: Model, engine: str, n: int, figures: Callable[[Run], Sequence[float]]
) -> tuple[Estimate, ...]:
    """Mean of each figure over replications 0 .. n - 1 of seed 1, by regression on the controls.

    The linear control-variates estimator of Lavenberg and Welch (1981): the intercept of the least-
    squares fit of a figure on the mean-zero controls, and that intercept's standard error.
    """
    rows, controls = [], []
    for replication in range(n):
        run = Run(model, run_replication(compiled(model), SEED, replication, engine))
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


def by_each_engine(
    reference: tuple[int, list[float]], compiled: tuple[int, list[float]]
) -> pytest.MarkDecorator:
    """(replications, power by row) of either engine; the reference engine's run is a slow one."""
    return pytest.mark.parametrize(
        ("engine", "n", "power"),
        [
            pytest.param("reference", *reference, id="reference", marks=pytest.mark.slow),
            pytest.param("compiled", *compiled, id="compiled"),
        ],
    )


class Row(NamedTuple):
    """One figure of a comparison."""

    name: str
    exact: float
    power: float
    """4 standard errors may be at most this share of the exact value."""


def compare(found: Sequence[Estimate], rows: Sequence[Row]) -> None:
    """Each estimate lies within 4 standard errors of the exact value, and these are small enough:
    a test that cannot see is no test."""
    verdicts = [_verdict(one, row) for one, row in zip(found, rows, strict=True)]
    wrong = [verdict for verdict in verdicts if not verdict.endswith("ok")]
    assert not wrong, "\n".join(["", *verdicts])


def _verdict(found: Estimate, row: Row) -> str:
    reach = STANDARD_ERRORS * found.error
    if isclose(found.mean, row.exact, rel_tol=1e-9) and reach <= 1e-9 * abs(row.exact):
        return f"{row.name}: exactly {row.exact:g} once the controls are allowed for: ok"
    away = (found.mean - row.exact) / found.error if found.error else inf
    text = f"{row.name}: {found} for {row.exact:.6g}, {away:+.2f} s.e., 4 s.e. = "
    text += f"{reach / row.exact:.2%}: "
    if abs(found.mean - row.exact) > reach:
        return text + "wrong"
    return text + ("ok" if reach <= row.power * abs(row.exact) else f"power {row.power:.2%} missed")
