"""Verdicts on targets: met, missed or undecided, and how many replications would decide.

Belongs here: the comparison of an estimate with a band. Does not belong here: the grammar of
targets (`scenario.targets`).

A target is *met* when the 95 % confidence interval lies inside the band, *missed* when it lies
wholly outside, *undecided* otherwise (always so with one replication, which has no interval). The
forecast of replications assumes that the mean stays where it is and the spread as it was seen.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.measures.busy_hour import Busy, Contest, contest
from vpbx.measures.estimate import replications_needed
from vpbx.measures.formulas import FORMULAS
from vpbx.measures.register import measure, measure_name
from vpbx.measures.result import Estimate, Result, TargetResult
from vpbx.units import duration_us

if TYPE_CHECKING:
    from vpbx.scenario.targets import Target

_T = TypeVar("_T")

DAY_MIN = 24 * 60
MET, MISSED, UNDECIDED = "met", "missed", "undecided"
_GRAVITY = {MET: 0, UNDECIDED: 1, MISSED: 2}


class _Finding(NamedTuple):
    """A verdict on one figure."""

    verdict: str
    value: float
    half_width: float
    low: float
    high: float
    needed: int
    margin: float
    """How far inside the band the value lies; negative outside."""
    at: str = ""


def thresholds_us(targets: Sequence["Target"], asked: Sequence[int]) -> tuple[int, ...]:
    """Thresholds to tally: those asked for and those that targets name."""
    named = [
        duration_us(target.arguments[1])
        for target in targets
        if target.measure == "service_level" and len(target.arguments) == 2
    ]
    return tuple(sorted({*asked, *named}))


def verdict(
    target: "Target",
    result: Result,
    busy: Mapping[str, Sequence[Busy]],
    members: Mapping[str, int],
) -> TargetResult:
    """What came of a target.

    `busy` holds the traffic of each scope's family, one a replication; `members` the scope's place
    in it. Raises `UsageError` for a scope or measure that the result does not have.
    """
    scope = target.scope or "all"
    name = measure_name(target.measure, target.arguments)
    if name == "busy_hour":
        found = _busy_hour(target, busy.get(scope, ()), members.get(scope, 0))
    elif target.by == "hour":
        found = _by_hour(target, result, scope, name)
    else:
        figure = _figure(result, scope, name)
        found = _judge(figure, target.low, target.high, result.meta.replications)
    title = name if scope == "all" else f"{scope}.{name}"
    return TargetResult(
        name=f"{title} by {target.by}" if target.by else title,
        text=target.text,
        value=found.value,
        half_width=found.half_width,
        low=found.low,
        high=found.high,
        verdict=found.verdict,
        unit=measure(name).unit,
        at=found.at,
        facts=target.facts,
        replications_needed=found.needed,
    )


def _look_up(table: Mapping[str, Mapping[str, _T]], scope: str, name: str) -> _T:
    if scope not in table:
        raise UsageError(f'there is no "{scope}" to set a target for')
    if name not in table[scope]:
        raise UsageError(f'"{scope}" has no measure "{name}" that a target could be set for')
    return table[scope][name]


def _figure(result: Result, scope: str, name: str) -> Estimate:
    """A figure of the whole run; of events that the scenario cannot have, there are none."""
    own = result.totals.get(scope, {})
    family = FORMULAS.get(scope.partition(".")[0], {})
    if own and name not in own and name in family and not family[name].over:
        return Estimate(0.0, 0.0)
    return _look_up(result.totals, scope, name)


def _judge(figure: Estimate, low: float, high: float, n: int, at: str = "") -> _Finding:
    """Verdict on one estimate; NaN anywhere is undecided."""
    margin = min(figure.mean - low, high - figure.mean)
    if figure.low >= low and figure.high <= high:
        word = MET
    elif figure.high < low or figure.low > high:
        word = MISSED
    else:
        word = UNDECIDED
    needed = replications_needed(n, figure.half_width, abs(margin)) if word == UNDECIDED else 0
    return _Finding(
        word, figure.mean, figure.half_width, figure.low, figure.high, needed, margin, at
    )


def _by_hour(target: "Target", result: Result, scope: str, name: str) -> _Finding:
    """The worst hour of the day: gravest verdict first, then least margin.

    Every hour with data must lie inside; each has its own 95 % interval. The forecast is of the
    hour that needs most.
    """
    series = _look_up(result.by_hour, scope, name)
    n = result.meta.replications
    hours = [
        _judge(
            Estimate(float(series.mean[h]), float(series.half_width[h])),
            target.low, target.high, n, f"{h:02d}:00",
        )
        for h in range(len(series.mean))
        if not np.isnan(series.mean[h])
    ]  # fmt: skip
    if not hours:
        return _judge(Estimate(float("nan"), float("nan")), target.low, target.high, n)
    worst = max(hours, key=lambda hour: (_GRAVITY[hour.verdict], -hour.margin))
    needed = max(hour.needed for hour in hours) if worst.verdict == UNDECIDED else 0
    return worst._replace(needed=needed)


def _busy_hour(target: "Target", found: Sequence[Busy], member: int) -> _Finding:
    """Whether the busiest hour (TCBH) lies wholly in the window, both ends included.

    The confidence set is every hour whose mean traffic is not shown, by paired differences over
    replications at 95 %, to be below the busiest hour's (`busy_hour.contest`): met when all of them
    lie in the window, missed when none does. The value is the start of the busiest hour, in minutes
    after midnight; low and high are the least and greatest start in the set.
    """
    if not found:
        raise UsageError("a busy hour can be a target of all calls, a number, a queue or a trunk")
    hours = contest(list(found), member)
    if hours is None:
        nan = float("nan")
        return _Finding(UNDECIDED, nan, nan, nan, nan, 0, nan)
    inside = _in_window(target.low, target.high, len(hours.behind))
    may_be = hours.may_be_busiest()
    word = MET if inside[may_be].all() else UNDECIDED if inside[may_be].any() else MISSED
    if len(found) < 2:
        word = UNDECIDED
    value, low, high = (15.0 * int(k) for k in (hours.start, may_be[0], may_be[-1]))
    return _Finding(
        verdict=word,
        value=value,
        half_width=max(value - low, high - value) if len(found) > 1 else float("nan"),
        low=low,
        high=high,
        needed=_needed(hours, inside, len(found)) if word == UNDECIDED else 0,
        margin=0.0,
        at=f"{hours.start // 4:02d}:{hours.start % 4 * 15:02d}",
    )


def _in_window(low: float, high: float, n: int) -> NDArray[np.bool_]:
    """Which hour starts have their whole hour in the window; above 1440 it runs over midnight."""
    start = np.arange(n) * 15.0
    inside = (start >= low) & (start + 60 <= high)
    return inside | (start + 60 <= high - DAY_MIN)


def _needed(hours: Contest, inside: NDArray[np.bool_], n: int) -> int:
    """Replications that tell the busiest hour from every hour on the other side of the window."""
    may_be = hours.may_be_busiest()
    rivals = may_be[inside[may_be] != inside[hours.start]]
    return max(
        (
            replications_needed(n, float(hours.half_width[k]), float(hours.behind[k]))
            for k in rivals.tolist()
        ),
        default=0,
    )
