"""Who waits in a queue, told from the records: a caller on the line, one to be called back, a message.

Belongs here: the rule, over whole tables. Does not belong here: counting (`counting`, `columns`).
"""

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import LegKind, Outcome
from vpbx.engine.records import Calls, Legs, Visits
from vpbx.measures.frame import Frame
from vpbx.measures.sums import CALLBACK, MESSAGE, ON_THE_LINE

_CALLED_BACK = (Outcome.CALLBACK_DONE, Outcome.CALLBACK_FAILED)


def visit_kinds(fr: Frame, calls: Calls, visits: Visits, extra: Legs) -> NDArray[np.int8]:
    """(visits) ON_THE_LINE, CALLBACK or MESSAGE (`sums`).

    A message is what waits at a mailbox. Nothing follows a call back, so it is the last visit of a
    call that was called back; or that has given up its line, where an outage or the end of the run
    came first (on numbers without a trunk that is not seen: those count as callers on the line).
    """
    kinds = np.full(len(visits.call), ON_THE_LINE, np.int8)
    if fr.possible.callbacks:
        gone = np.isin(calls.outcome, _CALLED_BACK)
        gone[extra.call[extra.kind == LegKind.OWN]] = True
        last = np.full(len(gone), -1, np.int64)
        last[visits.call] = np.arange(len(visits.call))  # of equal places, the last one stays
        kinds[last[gone & (last >= 0)]] = CALLBACK
    if fr.possible.mailbox is not None:
        kinds[fr.possible.mailbox[visits.node]] = MESSAGE
    return kinds
