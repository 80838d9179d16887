"""How many replications a study of many points takes, so that one point is as precise as asked for.

Belongs here: precision for studies whose points all see the same callers, and so as many
replications each. Does not belong here: the stopping rule (`precision`), the studies.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

from vpbx.study.evaluate import Values, evaluate
from vpbx.study.precision import Effort, Stopped
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.variant import Variant, prepare

if TYPE_CHECKING:
    from vpbx.study.ledger import Ledger


def pace(
    variant: Variant,
    quantities: Sequence[Quantity],
    effort: Effort,
    seed: int,
    executor: Executor | None = None,
    ledger: "Ledger | None" = None,
) -> Stopped:
    """Replications of one variant until its figures are precise, or as many as the effort says.

    Plain draws, as studies of many points use them. Raises what `evaluate` raises.
    """
    ready = prepare(variant)
    ask = Ask(tuple(dict.fromkeys(quantities)))

    def run(stretch: range, _: bool) -> list[Values]:
        return evaluate([ready], ask, stretch, seed, executor, ledger=ledger)

    plain = replace(effort, stratify=False)
    return plain.run(run, ask.quantities, ready.loaded.scenario)
