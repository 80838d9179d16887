"""The columns of the records: how much room they take, and what they hold at the edge of it."""

from pathlib import Path

import numpy as np
from timeline import calls, run, visits

from vpbx.engine.records import CALL_COLUMNS, VISIT_COLUMNS


def test_a_call_takes_96_bytes_at_most() -> None:
    """A call that visits one queue: its row of both tables."""
    columns = [*CALL_COLUMNS.values(), *VISIT_COLUMNS.values()]
    assert sum(np.dtype(column.dtype).itemsize for column in columns) <= 96


def test_the_longest_connection(tmp_path: Path) -> None:
    """An hour to get through is half an hour; the answer stands in the records so long after arrival."""
    of = run(
        tmp_path,
        """
numbers: {"100": {enter: q, connects: {takes: 1 h}}}
agents: {g: {serves: {q: {handle_time: 100 s}}, heads: 1}}
""",
        c=[5],
    )
    assert [(r["arrived"], r["answered"], r["ended"]) for r in calls(of)] == [("5", "1805", "1905")]
    assert of.records.calls.answered_after.tolist() == [1_800_000_000]


def test_the_longest_wait_told(tmp_path: Path) -> None:
    """One agent, talks of ten hours: whoever comes behind expects 36,000 s and more, but 32,767 s stands
    in the records."""
    of = run(
        tmp_path,
        """
flow: {q: {queue: q, announce: {wait: true}}}
agents: {g: {serves: {q: {handle_time: 10 h}}, heads: 1}}
""",
        c=[0, 10, 20],
    )
    assert [r["told"] for r in visits(of)][1:] == ["32767", "32767"]
