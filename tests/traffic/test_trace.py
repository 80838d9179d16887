"""Recorded arrivals: reading, selecting, whole seconds spread, mistakes located."""

from pathlib import Path

import pytest
from loads import one_class

from vpbx.errors import ScenarioError
from vpbx.traffic.workload import Arrivals, workload

TRACE = "trace: {file: log.csv, dither: FLAG}"


def recorded(
    folder: Path, csv: str, keys: str = "", clock: str = "", seed: int = 1
) -> list[Arrivals]:
    """Day blocks of a class with this log; without dither unless the keys say otherwise."""
    (folder / "log.csv").write_text(csv, "utf-8")
    keys = keys or TRACE.replace("FLAG", "no")
    return list(workload(one_class(keys, clock=clock, folder=folder).load, seed, 0))


LOG = """arrived,line
2019-04-15 11:00:03,a
2019-04-15 09:00:00.250,b
2019-04-14 23:59:59,a
2019-04-16 00:00:00,a
2019-04-16T08:00:00,b
"""
TWO_DAYS = 'start: "2019-04-15 00:00", duration: 2 days'


def test_arrivals_are_sorted_and_cut_to_the_run(tmp_path: Path) -> None:
    """09:00:00.250 and 11:00:03 on Monday; midnight and 08:00 belong to Tuesday."""
    monday, tuesday = recorded(tmp_path, LOG, clock=TWO_DAYS)
    assert monday.arrived_at.tolist() == [32_400_250_000, 39_603_000_000]
    assert tuesday.arrived_at.tolist() == [86_400_000_000, 115_200_000_000]
    assert [monday.ordinal.tolist(), tuesday.ordinal.tolist()] == [[0, 1], [0, 1]]
    assert [monday.day.tolist(), tuesday.day.tolist()] == [[0, 0], [1, 1]]


def test_only_the_selected_rows(tmp_path: Path) -> None:
    """Line b: one on each day."""
    keys = "trace: {file: log.csv, dither: no, select: {line: b}}"
    found = [b.arrived_at.tolist() for b in recorded(tmp_path, LOG, keys, TWO_DAYS)]
    assert found == [[32_400_250_000], [115_200_000_000]]


def test_another_column_and_a_byte_order_mark(tmp_path: Path) -> None:
    """`когда` in a file that begins with a byte order mark."""
    keys = "trace: {file: log.csv, dither: no, column: когда}"
    (block,) = recorded(tmp_path, "\ufeffкогда\n2019-04-15 00:00:07\n", keys)
    assert block.arrived_at.tolist() == [7_000_000]


def test_whole_seconds_are_spread_over_their_second(tmp_path: Path) -> None:
    """1000 calls at 10 s come in [10, 11), half of them in each half; fractions stay as they are."""
    log = "arrived\n" + "2019-04-15 00:00:10\n" * 1000 + "2019-04-15 00:00:20.5\n"
    (block,) = recorded(tmp_path, log, TRACE.replace("FLAG", "yes"))
    *spread, last = block.arrived_at.tolist()
    assert last == 20_500_000
    assert 10_000_000 <= min(spread) < max(spread) < 11_000_000
    assert sorted(spread) == spread
    assert abs(sum(at < 10_500_000 for at in spread) - 500) <= 4 * (1000 / 4) ** 0.5


def test_the_spread_is_a_draw_of_the_caller(tmp_path: Path) -> None:
    """The same seed, the same instants; another seed, others."""
    log = "arrived\n" + "2019-04-15 00:00:10\n" * 20
    flag = TRACE.replace("FLAG", "yes")
    one, again, other = (recorded(tmp_path, log, flag, seed=s)[0].arrived_at for s in (1, 1, 2))
    assert one.tolist() == again.tolist() != other.tolist()


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    """Rows 3 and 5 of the file are no times: two problems, each with its line."""
    log = "arrived\n2019-04-15 11:00:03\nsoon\n2019-04-15 11:00:04\n2019-13-01 00:00\n"
    with pytest.raises(ScenarioError) as caught:
        recorded(tmp_path, log)
    marks = [(p.mark.line, p.kind) for p in caught.value.problems]
    assert marks == [(3, "bad-time"), (5, "bad-time")]
    assert '"soon"' in caught.value.problems[0].message


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    """The header is told."""
    with pytest.raises(ScenarioError) as caught:
        recorded(tmp_path, "when,line\n2019-04-15 11:00:03,a\n")
    (problem,) = caught.value.problems
    assert problem.kind == "unknown-column"
    assert '"arrived"' in problem.message
    assert "when, line" in problem.message


def test_a_missing_selected_column_is_named(tmp_path: Path) -> None:
    """`select` asks for a column that the file lacks."""
    with pytest.raises(ScenarioError) as caught:
        recorded(tmp_path, LOG, "trace: {file: log.csv, select: {queue: a}}")
    assert '"queue"' in caught.value.problems[0].message


def test_an_empty_log_is_no_load(tmp_path: Path) -> None:
    """A header and nothing else."""
    (block,) = recorded(tmp_path, "arrived\n")
    assert len(block.arrived_at) == 0


def test_a_short_row_is_a_bad_time(tmp_path: Path) -> None:
    """The row lacks the column of times."""
    with pytest.raises(ScenarioError) as caught:
        recorded(tmp_path, "line,arrived\na\n")
    assert [p.mark.line for p in caught.value.problems] == [2]
