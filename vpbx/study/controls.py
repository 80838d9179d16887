"""Control variates: what is known of arrivals and of work narrows the intervals of all else.

Belongs here: which controls a scenario has, with their exact means, and estimates and differences with
them. Does not belong here: plain ones (`evaluate`, `differences`), stratified busyness (`strata`).

The controls of a replication are the first attempts minus their expectation, and the handle time of
answered calls minus as many mean handle times. Both have mean 0: the first because rates are given,
the second because who is answered does not depend on how long the call will last. The deviations z
of a figure are regressed on them (Lavenberg and Welch, Management Science 27, 1981, 322-335); the
interval is Student's with n - 1 - q degrees of freedom. The coefficients come from the same
replications, which costs a bias of order 1/n.
"""

from collections.abc import Container
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import t_quantile
from vpbx.measures.result import Estimate
from vpbx.study.differences import Difference, deviations
from vpbx.study.quantities import Quantity
from vpbx.study.variant import Prepared
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.study.evaluate import Values

Floats = NDArray[np.float64]

ARRIVALS = Quantity("all", "callers")
_LEAST_FREEDOM = 5
_NOTHING_LEFT = 1e-6
"""Of the interval: the figure is a control itself, and stays as it was seen."""


class Controlled(NamedTuple):
    """An estimate with controls, and what they were worth."""

    estimate: Estimate
    variance_ratio: float
    """Plain variance over that with controls; 1: worth nothing."""


class Controls(NamedTuple):
    """The controls of a scenario: expected first attempts, mean handle time (s) of queues."""

    callers: float
    handle_s: dict[Quantity, float]

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What must be asked for, so that the controls are there."""
        return (ARRIVALS, *self.handle_s)

    def only(self, quantities: Container[Quantity]) -> "Controls":
        """Those of what is asked for."""
        return self._replace(handle_s={q: s for q, s in self.handle_s.items() if q in quantities})


def controls_of(ready: Prepared) -> Controls | None:
    """The controls that are valid for a scenario; None where there are none.

    Not with random busyness (the expectation is then not that of the day; see `strata`), a warm-up,
    or a clock that cuts calls off.
    """
    scenario = ready.loaded.scenario
    classes = scenario.callers.values()
    busy = any(c.busyness is not None and c.busyness.cv > 0 for c in classes)
    if busy or scenario.clock.warm_up or scenario.clock.at_end != "drain":
        return None
    return Controls(_expected_callers(ready), _mean_handle_s(ready))


def _expected_callers(ready: Prepared) -> float:
    """First attempts expected between the start and the end of the run."""
    load, duration = ready.compiled.load, ready.frame.duration_us
    drawn = sum(
        float(np.diff(np.interp([0, duration], rate.at, rate.expected))[0])
        for own in load.classes
        if not own.recorded
        for rate in own.rates
    )
    recorded = sum(
        int(((day >= 0) & (day < duration)).sum())
        for own in load.classes
        for day in own.recorded or ()
    )
    return drawn + recorded


def _mean_handle_s(ready: Prepared) -> dict[Quantity, float]:
    """Mean handle time (talk and wrap-up) of queues whose groups all have the same."""
    found: dict[Quantity, float] = {}
    for queue in ready.compiled.names.queues:
        means = {
            own.handle_time.mean_us + own.wrap_up.mean_us
            for group in ready.loaded.scenario.agents.values()
            for name, own in group.serves.items()
            if name == queue
        }
        if len(means) == 1:
            found[Quantity(f"queue.{queue}", "mean_handle_time")] = means.pop() / SECOND_US
    return found


def controlled(values: "Values", quantity: Quantity, controls: Controls | None) -> Controlled:
    """The figure of the whole run with controls; plain where they are worth nothing."""
    plain = values.total(quantity)
    ratio, z, n = _whole(values, quantity)
    if controls is None or n < len(values) or not np.isfinite(plain.half_width):
        return Controlled(plain, 1.0)
    c = _columns(values, controls)
    if not _enough(c):
        return Controlled(plain, 1.0)
    shift, half = _intercept(z, c)
    if not _NOTHING_LEFT * plain.half_width < half < plain.half_width:
        return Controlled(plain, 1.0)
    return Controlled(Estimate(ratio + shift, half), (plain.half_width / half) ** 2)


def controlled_difference(
    plain: Difference, a: "Values", b: "Values", controls: tuple[Controls, Controls] | None
) -> Difference:
    """A paired difference whose figures of the whole run have the controls of both variants; as it is
    where they are worth nothing to the difference."""
    (own_a, z_a, n_a), (own_b, z_b, n_b) = (_whole(one, plain.quantity) for one in (a, b))
    width = float(plain.half_width[0])
    if controls is None or min(n_a, n_b) < len(a) or not width > 0:
        return plain
    both = [_columns(one, own) for one, own in zip((a, b), controls, strict=True)]
    c = _independent(np.concatenate(both, axis=1))
    if not _enough(c):
        return plain
    (up_a, half_a), (up_b, half_b), (_, half) = (_intercept(z, c) for z in (z_a, z_b, z_b - z_a))
    if not _NOTHING_LEFT * width < half < width:
        return plain
    new_a, new_b = own_a + up_a, own_b + up_b
    times = new_b / new_a if new_a > 0 else float("nan")
    times_half = _intercept(z_b - times * z_a, c)[1] / abs(new_a) if new_a > 0 else float("nan")
    return plain._replace(
        a=_first(plain.a, new_a),
        b=_first(plain.b, new_b),
        a_half_width=_first(plain.a_half_width, half_a),
        b_half_width=_first(plain.b_half_width, half_b),
        difference=_first(plain.difference, new_b - new_a),
        half_width=_first(plain.half_width, half),
        independent_half_width=_first(
            plain.independent_half_width, float(np.hypot(half_a, half_b))
        ),
        times=_first(plain.times, times),
        times_half_width=_first(plain.times_half_width, times_half),
        saved_by_controls=(width / half) ** 2,
    )


def _first(places: Floats, value: float) -> Floats:
    """The places with another value for the whole run."""
    return np.concatenate([[value], places[1:]])


def _whole(values: "Values", quantity: Quantity) -> tuple[float, Floats, int]:
    """Ratio of the whole run, deviations of the replications, how many have a value."""
    above, below = values.plain(quantity)
    ratio, z, n = deviations(above[:, :1], below[:, :1])
    return float(ratio[0]), z[:, 0], int(n[0])


def _independent(c: Floats) -> Floats:
    """The columns that are no combination of those before them."""
    kept: list[int] = []
    for k in range(c.shape[1]):
        wanted = c[:, [*kept, k]] / c[:, [*kept, k]].std(axis=0)
        if np.linalg.matrix_rank(wanted - wanted.mean(axis=0), 1e-6) > len(kept):
            kept.append(k)
    return np.asarray(c[:, kept])


def _enough(c: Floats) -> bool:
    """Whether there are controls, and replications to learn their coefficients from."""
    return bool(c.shape[1] > 0 and len(c) - 1 - c.shape[1] >= _LEAST_FREEDOM)


def _columns(values: "Values", controls: Controls) -> Floats:
    """(replications, controls) with mean 0: arrivals, and work of all queues together."""
    callers = values.plain(ARRIVALS)[0][:, 0] - controls.callers
    work = np.zeros(len(values))
    for quantity, mean_s in controls.handle_s.items():
        handled, answered = (column[:, 0] for column in values.plain(quantity))
        work += handled - answered * mean_s
    c = np.stack([callers, work], axis=1)
    return np.asarray(c[:, c.std(axis=0) > 0])


def _intercept(z: Floats, c: Floats) -> tuple[float, float]:
    """The intercept of z on the controls and the half width of its 95 % interval."""
    n, freedom = len(z), len(z) - 1 - c.shape[1]
    design = np.column_stack([np.ones(n), c / c.std(axis=0)])
    beta, *_ = np.linalg.lstsq(design, z, rcond=None)
    residual = z - design @ beta
    variance = float(residual @ residual) / freedom
    spread = np.linalg.inv(design.T @ design)[0, 0]
    return float(beta[0]), t_quantile(freedom) * float(np.sqrt(variance * spread))
