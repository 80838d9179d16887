"""What a study left in the ledger, as blocks of a long table.

Belongs here: the ledger's rows given names. Does not belong here: writing them (`store`).
"""

from collections.abc import Iterator

import numpy as np

from vpbx.store.long_table import Block
from vpbx.study.ledger import Ledger


def long_rows(ledger: Ledger, study: int) -> Iterator[Block]:
    """The units that a study ran, each a block; in order of variant, seed and replication."""
    for digest, seed, start, ask, values in ledger.rows(study):
        n_whole, n_timed = len(ask["whole"]), len(ask["quantities"])
        if not n_whole + n_timed:
            continue  # a pilot's numbers: of no use to anybody else
        places = (values.shape[2] - n_whole) // max(1, n_timed)
        intervals = np.tile(np.arange(-1, places - 1, dtype=np.int32), n_timed)
        yield Block(
            digest[:12],
            seed,
            start,
            [name for name in ask["quantities"] for _ in range(places)] + ask["whole"],
            np.append(intervals, np.full(n_whole, -1)).astype(np.int32),
            np.ascontiguousarray(values[:, 0]),
            np.ascontiguousarray(values[:, 1])
            if values.shape[1] > 1
            else np.ones_like(values[:, 0]),
        )
