"""How visits to queues end that are neither answered, abandoned nor blocked: columns and their names.

Belongs here: which rare sums make which columns. Does not belong here: counting them (`counting`).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Exit, Outcome
from vpbx.measures import sums
from vpbx.measures.frame import KEPT, Frame

Columns = dict[str, NDArray[np.generic]]

_ENDS = {
    "v_balked": (sums.R_BALKED, Outcome.BALKED),
    "v_timed_out": (sums.R_TIMED_OUT, Outcome.TIMED_OUT),
    "v_cleared": (sums.R_CLEARED, Outcome.CLEARED),
    "v_failed": (sums.R_FAILED, Outcome.FAILED),
}
"""Columns of callers on the line, the sum of each, and the outcome that must be possible."""


RARE = frozenset(
    (
        *_ENDS, "v_forwarded", "v_callbacks", "v_callback_done", "v_callback_failed", "wait_callback",
        "v_messages", "v_messages_done", "wait_message",
    )
)  # fmt: skip
"""All columns that some scenarios have."""

_CALLBACKS = (sums.R_CALLBACK_DONE, sums.R_CALLBACK_FAILED, sums.R_CALLBACK_CUT)


def there(fr: Frame) -> frozenset[str]:
    """Names of the columns that a frame has beyond the usual ones."""
    return frozenset(_places(fr))


@lru_cache(maxsize=KEPT)
def _places(fr: Frame) -> dict[str, tuple[tuple[int, ...], int]]:
    """Rare sums that make each column, and 0 for how many, 1 for how long they waited."""
    able, found = fr.possible, dict[str, tuple[tuple[int, ...], int]]()
    for name, (place, outcome) in _ENDS.items():
        if outcome in able.outcomes:
            found[name] = (place,), 0
    if Exit.LEFT in able.offers or Exit.ELSEWHERE in able.offers:
        found["v_forwarded"] = (sums.R_FORWARDED,), 0
    if able.callbacks:
        found["v_callbacks"] = _CALLBACKS, 0
        found["v_callback_done"] = (sums.R_CALLBACK_DONE,), 0
        found["v_callback_failed"] = (sums.R_CALLBACK_FAILED,), 0
        found["wait_callback"] = (sums.R_CALLBACK_DONE,), 1
    if able.mailbox is not None:
        found["v_messages"] = (sums.R_MESSAGE, sums.R_MESSAGE_DONE), 0
        found["v_messages_done"] = (sums.R_MESSAGE_DONE,), 0
        found["wait_message"] = (sums.R_MESSAGE_DONE,), 1
    return found


def rare_columns(fr: Frame, table: NDArray[np.int64], usual: Columns) -> Columns:
    """Columns of (cells, members, rare columns, 2) sums; and "v_handled", all that agents took up."""
    found: Columns = {}
    for name, (places, what) in _places(fr).items():
        amount = table[:, :, places, what].sum(axis=2)
        found[name] = amount if what else amount.astype(np.int32)
    handled = np.array(usual["v_answered"])
    for name in ("v_callback_done", "v_messages_done"):
        if name in found:
            handled = handled + np.asarray(found[name])
    return found | {"v_handled": handled}
