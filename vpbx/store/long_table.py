"""A study's numbers as one long table: Parquet or CSV, a row a number.

Belongs here: the columns of that table, and writing it by DuckDB. Does not belong here: where the
numbers come from (`study.ledger_rows`), the call data (`tables`).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.store.files import replacing
from vpbx.store.tables import database_at, sql_text

FORMATS = {".parquet": "(FORMAT parquet, COMPRESSION zstd)", ".csv": "(FORMAT csv, HEADER)"}


class Block(NamedTuple):
    """Numbers of one variant: `above` and `below` (replications, places), with their names."""

    variant: str
    seed: int
    first: int
    quantities: list[str]
    """Name of each place's quantity."""
    intervals: NDArray[np.int32]
    """Interval of each place; -1: the whole run."""
    above: NDArray[np.float64]
    below: NDArray[np.float64]


def write_long(path: Path, blocks: Iterable[Block]) -> int:
    """Write blocks one after the other; how many rows. Raises `FileError` and `UsageError`."""
    if path.suffix not in FORMATS:
        raise UsageError(f"{path}: a table is written as .parquet or .csv")
    with replacing(path) as temporary, database_at(temporary.parent) as database:
        database.execute(
            "CREATE TABLE long (variant VARCHAR, seed BIGINT, replication INT, measure VARCHAR, "
            "interval INT, numerator DOUBLE, denominator DOUBLE)"
        )
        n = sum(_insert(database, block) for block in blocks)
        database.execute(f"COPY long TO {sql_text(temporary)} {FORMATS[path.suffix]}")
    return n


def _insert(database: Any, block: Block) -> int:
    n, places = block.above.shape
    names = list(dict.fromkeys(block.quantities))
    code = np.array([names.index(q) for q in block.quantities], np.int32)
    database.register(
        "block",
        {
            "replication": np.repeat(
                np.arange(block.first, block.first + n, dtype=np.int32), places
            ),
            "measure": np.tile(code, n),
            "interval": np.tile(block.intervals, n),
            "numerator": block.above.ravel(),
            "denominator": block.below.ravel(),
        },
    )
    listed = f"[{', '.join(map(sql_text, names))}]::VARCHAR[]"
    database.execute(
        f"INSERT INTO long SELECT {sql_text(block.variant)}, {block.seed}, replication, "
        f"list_extract({listed}, measure + 1), interval, numerator, denominator FROM block"
    )
    database.unregister("block")
    return int(n * places)
