"""Control variates: what is known of arrivals and of work narrows the intervals of all else.

Belongs here: which controls a scenario has, with their exact means, and the estimate with them.
Does not belong here: plain estimates (`evaluate`), stratified busyness (`strata`).

The controls of a replication are the first attempts minus their expectation, and the handle time of
answered calls minus as many mean handle times. Both have mean 0: the first because rates are given,
the second because who is answered does not depend on how long the call will last. The deviations z
of a figure are regressed on them (Lavenberg and Welch, Management Science 27, 1981, 322-335); the
interval is Student's with n - 1 - q degrees of freedom. The coefficients come from the same
replications, which costs a bias of order 1/n.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.estimate import t_quantile
from vpbx.measures.result import Estimate
from vpbx.study.differences import deviations
from vpbx.study.quantities import Quantity
from vpbx.study.variant import Prepared
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.study.evaluate import Values

Floats = NDArray[np.float64]

ARRIVALS = Quantity("all", "callers")


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
    above, below = values.plain(quantity)
    ratio, z, n = deviations(above[:, :1], below[:, :1])
    if controls is None or n[0] < len(above) or not np.isfinite(plain.half_width):
        return Controlled(plain, 1.0)
    c = _columns(values, controls)
    freedom = len(above) - 1 - c.shape[1]
    if freedom < 5 or not c.shape[1]:
        return Controlled(plain, 1.0)
    return _regressed(plain, float(ratio[0]), z[:, 0], c, freedom)


def _columns(values: "Values", controls: Controls) -> Floats:
    """(replications, controls) with mean 0: arrivals, and work of all queues together."""
    callers = values.plain(ARRIVALS)[0][:, 0] - controls.callers
    work = np.zeros(len(values))
    for quantity, mean_s in controls.handle_s.items():
        handled, answered = (column[:, 0] for column in values.plain(quantity))
        work += handled - answered * mean_s
    c = np.stack([callers, work], axis=1)
    return np.asarray(c[:, c.std(axis=0) > 0])


def _regressed(plain: Estimate, ratio: float, z: Floats, c: Floats, freedom: int) -> Controlled:
    """The intercept of z on the controls, and its interval."""
    n = len(z)
    design = np.column_stack([np.ones(n), c / c.std(axis=0)])
    beta, *_ = np.linalg.lstsq(design, z, rcond=None)
    residual = z - design @ beta
    variance = float(residual @ residual) / freedom
    spread = np.linalg.inv(design.T @ design)[0, 0]
    half = t_quantile(freedom) * float(np.sqrt(variance * spread))
    if not half < plain.half_width:
        return Controlled(plain, 1.0)
    found = Estimate(ratio + float(beta[0]), half)
    return Controlled(found, (plain.half_width / half) ** 2)
