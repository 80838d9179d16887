"""What a licence allows over the time of a run, as arrays: the part of a history that calls feel.

Belongs here: the history of `timeline` without its money. Does not belong here: what becomes of a
call that is not allowed (the engines).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.licence.offers import modules_of_kinds
from vpbx.licence.timeline import Period, State, Timeline
from vpbx.scenario.licence_models import Licence


class Allowed(NamedTuple):
    """A piecewise-constant function of simulated time: row i holds from `at_us[i]` on, up to
    `at_us[i + 1]`, the last for ever. Neighbouring rows differ; there is always one.

    * while not `active`, a call that arrives ends as `suspended`;
    * a call that arrives while `channels` calls are in progress ends as `blocked`; calls in
      progress are never cut when the number shrinks;
    * a node whose kind is not licensed at the instant of entry takes its `unlicensed` branch.
    """

    at_us: NDArray[np.int64]
    """(n,) microseconds from the run's start, rising; the first is 0."""
    active: NDArray[np.bool_]
    """(n,) whether calls are let in: the contract is active, outside maintenance windows."""
    modules: NDArray[np.bool_]
    """(n, m) whether a module is switched on; a column a name of `module_names`."""
    channels: NDArray[np.int64]
    """(n,) calls that may be in progress at once; 0 while suspended (then nobody gets in)."""
    module_names: tuple[str, ...]
    """Those that are switched on at some time of the run, sorted."""


def allowed(timeline: Timeline) -> Allowed:
    """What the run may do, and when."""
    rows = _felt([timeline.at(0), *(p for p in timeline.periods if p.at_us > 0)])
    names = tuple(sorted({name for period in rows for name in period.modules}))
    matrix = [[name in period.modules for name in names] for period in rows]
    return Allowed(
        at_us=np.array([max(period.at_us, 0) for period in rows], np.int64),
        active=np.array([period.state is State.ACTIVE for period in rows], np.bool_),
        modules=np.array(matrix, np.bool_).reshape(len(rows), len(names)),
        channels=np.array([period.channels for period in rows], np.int64),
        module_names=names,
    )


def _felt(periods: list[Period]) -> list[Period]:
    """The periods without those that differ from the one before in money or names only."""
    kept = periods[:1]
    for period in periods[1:]:
        if _for_calls(period) != _for_calls(kept[-1]):
            kept.append(period)
    return kept


def _for_calls(period: Period) -> tuple[bool, tuple[str, ...], int]:
    return period.state is State.ACTIVE, period.modules, period.channels


def kind_licensed(licence: Licence, steps: Allowed, kind: str) -> NDArray[np.bool_]:
    """(n,) whether nodes of a kind ("play", "queue", …) work: one of its modules is switched on.

    All true for kinds that need none, such as branches. Rows as in `steps`.
    """
    modules = modules_of_kinds(licence).get(kind)
    if modules is None:
        return np.ones(len(steps.at_us), np.bool_)
    columns = [steps.module_names.index(name) for name in modules if name in steps.module_names]
    return np.asarray(steps.modules[:, columns].any(axis=1))
