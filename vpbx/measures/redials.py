"""Redials by what made the caller call again: the causes, and what their columns are called.

Does not belong here: whether and when a caller calls again (`engine`), counting (`counting`).
"""

from vpbx.codes import Outcome

UNSETTLED = len(Outcome)
"""The cause that is no outcome: the talk did not settle the matter (as `program.UNSETTLED`)."""

USUAL_CAUSES = (
    Outcome.BLOCKED,
    Outcome.ABANDONED,
    Outcome.ABANDONED_IVR,
    Outcome.LOST,
    Outcome.REFUSED,
)
CAUSES = (
    *USUAL_CAUSES,
    Outcome.BALKED,
    Outcome.TIMED_OUT,
    Outcome.SUSPENDED,
    Outcome.FAILED,
    Outcome.CLEARED,
    Outcome.CALLBACK_FAILED,
    UNSETTLED,
)
"""Why a caller may call again: an outcome, or a matter left open."""

TALKED = (Outcome.ANSWERED, Outcome.CALLBACK_DONE)
"""Outcomes after which a caller calls again only because the matter was not settled."""


def cause_of(outcome: int) -> int:
    """Why a caller calls again whose call ended so."""
    return UNSETTLED if outcome in TALKED else outcome


def column_of(cause: int) -> str:
    """Name of the column, and of the measure: `redials_after_abandoned_ivr`."""
    return f"redials_after_{'unsettled' if cause == UNSETTLED else Outcome(cause).name.lower()}"
