"""How many replications: until the intervals are as narrow as asked for.

Belongs here: the stopping rule. Does not belong here: estimates (`evaluate`), options (`cli`).

The rule: begin with 10; whenever some figure is not precise enough, go on to the number predicted
from its half width (n (h / allowed)^2: SSJ's and Law's), at most doubling, up to a cap. Counts of
replications are rounded up to whole blocks of ten after deciding, so that the outcome does not
depend on where it runs. With 10 and doubling, coverage of nominal 95 % intervals was 94.4 to 95.5 %
over means and shares of a queue.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from vpbx.errors import UsageError
from vpbx.measures.estimate import replications_needed
from vpbx.measures.result import Estimate
from vpbx.study.data import number
from vpbx.study.evaluate import Values, joined
from vpbx.study.quantities import Quantity
from vpbx.study.strata import FEWEST_SETS, SET, worth_it
from vpbx.study.work import BLOCK

if TYPE_CHECKING:
    from vpbx.scenario.models import Scenario

FIRST = 10
CAP = 10_000
"""Most replications, unless another cap is given."""

Evaluate = Callable[[range], list[Values]]
Settled = Callable[[Quantity, Estimate], bool]
"""Whether a figure says all that is asked of it, as imprecise as it is."""


def never(_: Quantity, __: Estimate) -> bool:
    """No figure is settled before it is precise."""
    return False


@dataclass(frozen=True)
class Precision:
    """What is asked for: half widths at most `share` (a share's own points) for shares, and at most
    `relative` times the figure for everything else."""

    share: float
    relative: float

    def allowed(self, quantity: Quantity, figure: Estimate) -> float:
        """The half width that is narrow enough."""
        return self.share if quantity.unit == "share" else self.relative * abs(figure.mean)


class Stopped(NamedTuple):
    """What the rule ended with."""

    values: list[Values]
    replications: int
    looks: int
    reached: bool
    """False: the cap came first."""
    worst: str
    """The figure that is (or was last) the least precise, in its own words."""


def together(stops: Sequence[Stopped]) -> Stopped:
    """Several runs of a study as one: reached when all of them reached it, named after one that did
    not, if any."""
    last = min(stops, key=lambda one: (one.reached, -one.replications))
    return Stopped(
        [values for one in stops for values in one.values],
        max(one.replications for one in stops),
        max(one.looks for one in stops),
        all(one.reached for one in stops),
        last.worst,
    )


def parse_precision(text: str) -> Precision:
    """`2%`: shares to ± 2 points, all else to ± 2 % of itself; raises `UsageError`."""
    from vpbx.units import UnitError, share

    try:
        value = share(text)
    except UnitError as error:
        raise UsageError(f"--precision: {error}") from error
    if not 0 < value < 1:
        raise UsageError(
            f"--precision {text}: expected more than 0% and less than 100%, such as 2%"
        )
    return Precision(value, value)


def until_precise(
    evaluate: Evaluate,
    quantities: Sequence[Quantity],
    precision: Precision,
    cap: int = CAP,
    first: int = FIRST,
    settled: Settled = never,
) -> Stopped:
    """Replications in stretches, until every quantity of every variant is precise or settled, or the cap.

    `evaluate` gives the values of a stretch of replications, the same variants each time. A quantity
    without a value anywhere (nobody waited) is left out.
    """
    if cap < 2:
        raise UsageError("a study needs at least 2 replications, so that it knows its error")
    n, looks = min(first, cap), 0
    found = evaluate(range(n))
    while True:
        looks += 1
        need, worst = _needed(found, quantities, precision, n, settled)
        if need <= n or n >= cap:
            return Stopped(found, n, looks, need <= n, worst)
        more = next_count(n, need, cap)
        rest = evaluate(range(n, more))
        found = [joined([a, b]) for a, b in zip(found, rest, strict=True)]
        n = more


def next_count(n: int, need: int, cap: int) -> int:
    """The next number of replications: towards `need`, a tenth more at least, doubling at most."""
    wanted = max(n + max(1, n // 10), min(need, 2 * n))
    return min(cap, ceil(wanted / BLOCK) * BLOCK)


def _needed(
    found: Sequence[Values],
    quantities: Sequence[Quantity],
    precision: Precision,
    n: int,
    settled: Settled,
) -> tuple[int, str]:
    """Replications predicted for the least precise figure, and which it is."""
    figures = [(values.name, q, values.total(q)) for values in found for q in quantities]
    needs = [
        (needed(figure, precision.allowed(q, figure), n), f"{q} ({name})")
        for name, q, figure in figures
        if not settled(q, figure)
    ]
    return max(needs, default=(n, ""))


def needed(figure: Estimate, allowed: float, n: int) -> int:
    """Predicted total of replications; n when the figure is precise, 0 when there is no figure.

    A figure seen in some replications only, without an interval yet, asks for twice as many.
    """
    if not isfinite(figure.mean):
        return 0
    if not isfinite(figure.half_width):
        return 2 * n
    if figure.half_width == 0 or figure.half_width <= allowed:
        return n
    return replications_needed(n, figure.half_width, allowed)


@dataclass(frozen=True)
class Effort:
    """How much a study may run: a number of replications, or a precision and a cap.

    `stratify`: spread the days' busyness evenly over sets of ten replications, where days differ at
    random and there are five whole sets or more.
    """

    replications: int
    precision: Precision | None = None
    cap: int = CAP
    stratify: bool = True

    def run(
        self,
        evaluate: Callable[[range, bool], list[Values]],
        quantities: Sequence[Quantity],
        scenario: "Scenario",
        settled: Settled = never,
    ) -> Stopped:
        """What comes of it; `evaluate` takes a stretch of replications and whether to stratify."""
        most = self.replications if self.precision is None else self.cap
        strata = self.stratify and worth_it(scenario, most // SET * SET)
        if self.precision is None:
            strata = strata and most % SET == 0
            return Stopped(evaluate(range(most), strata), most, 1, True, "")
        first, cap = (SET * FEWEST_SETS, most // SET * SET) if strata else (FIRST, most)
        return until_precise(
            lambda stretch: evaluate(stretch, strata), quantities, self.precision, cap, first,
            settled,
        )  # fmt: skip


def as_data(effort: Effort, stopped: Stopped, quantities: Sequence[Quantity]) -> dict[str, Any]:
    """What was spent, whether the precision was reached, and what stratifying was worth."""
    saved = [one.saved(q) for one in stopped.values for q in quantities if one.sets]
    saved = [value for value in saved if isfinite(value)]
    return {
        "replications": stopped.replications,
        "asked": None if effort.precision is None else effort.precision.relative,
        "reached": stopped.reached,
        "looks": stopped.looks,
        "least_precise": stopped.worst or None,
        "stratified": any(one.sets for one in stopped.values),
        "variance_saved_by_strata": number(median(saved)) if saved else None,
    }
