"""Redials by what made the caller call again: the causes, and what their columns are called.

Does not belong here: whether and when a caller calls again (`engine`), counting (`counting`).
"""

from vpbx.codes import Outcome

CAUSES = (
    Outcome.BLOCKED,
    Outcome.ABANDONED,
    Outcome.ABANDONED_IVR,
    Outcome.LOST,
    Outcome.REFUSED,
)
"""Outcomes after which a caller may call again."""


def column_of(cause: int) -> str:
    """Name of the column, and of the measure: `redials_after_abandoned_ivr`."""
    return f"redials_after_{Outcome(cause).name.lower()}"
