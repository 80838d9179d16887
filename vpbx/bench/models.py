"""Workloads W1 and W2 as plain numbers, for programs that read no scenario.

Belongs here: the parameters of both call centres, smaller siblings of them, and what each comes out
at. Does not belong here: any program that runs them. The scenarios in `scenarios/benchmarks` say the
same in the language of scenarios; a test holds the two against each other.
"""

from dataclasses import dataclass, replace
from math import sqrt

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S

WEIGHTS = (
    0.25, 0.20, 0.15, 0.15, 0.20, 0.35, 0.60, 1.0, 1.5, 1.9, 2.0, 1.95,
    1.7, 1.6, 1.7, 1.75, 1.7, 1.5, 1.2, 0.95, 0.70, 0.50, 0.40, 0.30,
)  # fmt: skip
"""The load of W2 by hour of the day."""


@dataclass(frozen=True)
class Model:
    """A call centre with one pool of agents; times in seconds, rates in calls a second.

    `rates` and `heads` hold 24 values, one an hour, repeated every day. Callers hear `prompts_s` one
    after the other, wait, are served or abandon; a share `p_redial` of those who abandon starts
    again from the first prompt after `redial_after_s`, with fresh draws. First calls that arrive before
    `warm_up_s` (and their redials) are not counted in the waits. No first call arrives after
    `duration_s`; the run ends with its last call.
    """

    rates: tuple[float, ...]
    heads: tuple[int, ...]
    handle_mean_s: float
    handle_cv: float | None
    """Of a lognormal handle time; None: exponential."""
    patience_mean_s: float
    prompts_s: tuple[float, ...] = ()
    p_priority: float = 0.0
    p_redial: float = 0.0
    redial_after_s: float = 0.0
    duration_s: float = DAY_S
    warm_up_s: float = 0.0

    def rate_at(self, at: float) -> float:
        """Rate of first calls at an instant."""
        return self.rates[int(at / HOUR_S) % 24]

    def heads_in(self, hour: int) -> int:
        """Agents on duty in an hour counted from the start."""
        return self.heads[hour % 24]

    @property
    def constant(self) -> bool:
        """Whether neither load nor staffing ever changes and nobody has priority."""
        return len(set(self.rates)) == len(set(self.heads)) == 1 and self.p_priority == 0.0

    @property
    def first_calls(self) -> float:
        """First calls expected in a run."""
        hours = int(self.duration_s / HOUR_S)
        whole = sum(self.rates[hour % 24] * HOUR_S for hour in range(hours))
        return whole + self.rates[hours % 24] * (self.duration_s - hours * HOUR_S)


@dataclass(frozen=True)
class ClassSums:
    """What a run adds up for one class of callers."""

    calls: int = 0
    abandoned: int = 0
    waited: int = 0
    wait_s: float = 0.0
    """Of all calls, those that abandon included."""


@dataclass(frozen=True)
class Outcome:
    """What a peer's run comes out at: calls simulated, and the sums of both classes."""

    calls: int
    """All calls, redials included, the warm-up too: what the CPU time is divided by."""
    ordinary: ClassSums
    priority: ClassSums = ClassSums()


@dataclass(frozen=True)
class Figure:
    """A figure that runs must come out at: its expected value, and how one run scatters about it."""

    name: str
    expected: float
    sd: float

    def agrees(self, mean: float, runs: int) -> bool:
        """Whether the mean of some runs is within four standard errors."""
        return abs(mean - self.expected) <= 4.0 * self.sd / sqrt(runs)


FIGURES = {
    "W1": (
        Figure("ordinary abandoned", 0.018831995, 0.0019),
        Figure("ordinary mean wait", 5.6495986, 0.58),
        Figure("p(wait)", 0.53413226, 0.032),
    ),
    "W2": (
        Figure("ordinary abandoned", 0.02161, 0.0028),
        Figure("ordinary mean wait", 12.97, 1.7),
        Figure("priority abandoned", 0.000825, 0.000155),
        Figure("priority mean wait", 0.494, 0.030),
        Figure("p(wait)", 0.672, 0.042),
    ),
    "W1 small": (
        Figure("ordinary abandoned", 0.18493124, 0.018),
        Figure("ordinary mean wait", 55.479371, 6.1),
        Figure("p(wait)", 0.58968382, 0.035),
    ),
    "W2 small": (
        Figure("ordinary abandoned", 0.1185, 0.0172),
        Figure("ordinary mean wait", 71.07, 10.5),
        Figure("priority abandoned", 0.02695, 0.0063),
        Figure("priority mean wait", 16.23, 1.9),
        Figure("p(wait)", 0.6972, 0.049),
    ),
}
"""What the workloads and their small siblings come out at: W1 by Erlang A; W2 as five independent
programs agree; W2 small as 2,000 runs of the C loop found it, with SimPy and salabim in agreement.
The standard deviations of a run are those of 150 to 2,000 runs of the C loop, rounded up."""

W2_NAMED = (
    Figure("ordinary abandoned", 0.01624, 0.0026),
    Figure("ordinary mean wait", 9.727, 1.55),
    Figure("priority abandoned", 0.000561, 0.000127),
    Figure("priority mean wait", 0.3429, 0.0225),
    Figure("p(wait)", 0.6364, 0.048),
)
"""W2 as vpbx understands it, by 250 runs of the C loop built for that.

Why two: when the heads fall, five programs let whoever is freed first go home, so that nobody is
served until enough have gone; here the people whose shift ends finish their own call, and the others
go on serving, so that callers wait less.
"""


def figures_of(outcome: Outcome) -> dict[str, float]:
    """The figures of a run by the names that `Figure` uses."""
    found = {}
    for name, sums in (("ordinary", outcome.ordinary), ("priority", outcome.priority)):
        if sums.calls:
            found[f"{name} abandoned"] = sums.abandoned / sums.calls
            found[f"{name} mean wait"] = sums.wait_s / sums.calls
    both = (outcome.ordinary, outcome.priority)
    counted = sum(sums.calls for sums in both)
    found["p(wait)"] = sum(sums.waited for sums in both) / counted if counted else 0.0
    return found


def _w2(first_calls: float) -> Model:
    """W2 with this many first calls a day, staffed by the same rule: just the load offered."""
    rates = tuple(first_calls * weight / sum(WEIGHTS) / HOUR_S for weight in WEIGHTS)
    return Model(
        rates=rates,
        heads=tuple(round(rate * 240.0) for rate in rates),
        handle_mean_s=240.0,
        handle_cv=1.0,
        patience_mean_s=600.0,
        prompts_s=(12.0, 8.0),
        p_priority=0.2,
        p_redial=0.3,
        redial_after_s=900.0,
    )


W1 = Model(
    rates=(100.0 / 60.0,) * 24,
    heads=(400,) * 24,
    handle_mean_s=240.0,
    handle_cv=None,
    patience_mean_s=300.0,
    warm_up_s=HOUR_S,
)
W2 = _w2(200_000)
MODELS = {"W1": W1, "W2": W2}

SMALL = {"W1": replace(W1, rates=(1.0 / 60.0,) * 24, heads=(4,) * 24), "W2": _w2(4_000)}
"""A hundredth of W1 and a fiftieth of W2: few agents wait long, so that few calls check a program."""


def shortened(model: Model, calls: float) -> Model:
    """The model cut down to about so many first calls from its busiest stretch: same rates and heads.

    The whole model, if that is no more. A slow program is timed on this; its agents are as many.
    """
    if model.first_calls <= calls:
        return model
    busiest = max(range(24), key=lambda hour: model.rates[hour])
    turned = replace(
        model,
        rates=model.rates[busiest:] + model.rates[:busiest],
        heads=model.heads[busiest:] + model.heads[:busiest],
    )
    share = calls / (turned.rates[0] * HOUR_S)
    return replace(turned, duration_s=share * HOUR_S, warm_up_s=0.0)
