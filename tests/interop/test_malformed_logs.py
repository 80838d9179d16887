"""`vpbx fit` on some hundreds of malformed logs and maps: each refused with a reason and its place."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from logs import AT_ONCE, CDR, GAVE_UP, HUNG_UP, QUEUE_LOG, TECHNION_HEADER, WAITED

from vpbx.cli.main import code_of

MAP = """\
columns: {arrived: at, queued: queued, left: gone, answered: ans, ended: end, ivr_time: menu, outcome: how,
  type: skill, priority: prio, agent: who, caller: cli}
outcomes: {answered: [ok], abandoned: [lost], other: [test]}
"""
MAPPED_HEADER = "at,queued,gone,ans,end,menu,how,skill,prio,who,cli"
MAPPED_ROW = (
    "2024-02-01 08:00:00,2024-02-01 08:00:02,2024-02-01 08:00:05,2024-02-01 08:00:05,"
    "2024-02-01 08:01:00,2,ok,sales,1,Ann,100"
)
MAPPED = "\n".join([MAPPED_HEADER, *[MAPPED_ROW] * 4, ""])
TECHNION = "\n".join([TECHNION_HEADER, AT_ONCE, WAITED, GAVE_UP, HUNG_UP, ""])
BAD_CELLS = ("soon", "-5", "99:99:99", "", "1e9", "2024-13-45", "31.12.2023 25:61")
BAD_MAPS = (
    "", "[]", "columns", "columns: [at]", "columns: {}", "columns: {arrived: at}",
    "columns: {answered: ans}", "columns: {arrived: at, ended: end}", "colums: {arrived: at}",
    MAP + "tims: x", MAP.replace("queued: queued", "queud: queued"),
    MAP.replace("other: [test]", "othr: [test]"), MAP + "encoding: klingon", MAP + "delimiter: ab",
    MAP.replace("{answered: [ok], abandoned: [lost], other: [test]}", "ok"),
    MAP.replace("arrived: at", "arrived: {at: 1}"), MAP.replace("arrived: at", "arrived: [at]"),
    MAP.replace("arrived: at", "arrived:"), "columns: {arrived: at", "\tcolumns: x", "a: b: c",
    MAP + MAP, "columns: *nobody", "!!python/object:os.system {}", MAP + 'time: "%Q"',
    MAP + 'time: "%d.%m.%Y"', MAP + "delimiter: ;",
)  # fmt: skip


PLACE = re.compile(r"(calls\.csv|map\.yaml)(:\d+:\d+ |: |  )")
"""Line and column, or the file where it is wrong as a whole (empty, no text)."""


class Case(NamedTuple):
    """A log, the map's name, and the map's text."""

    log: bytes
    form: str
    map: str = MAP


def rows_of(text: str) -> list[list[str]]:
    """Cells of a CSV without quotes."""
    return [line.split(",") for line in text.splitlines()]


def joined(rows: list[list[str]]) -> bytes:
    """The file again."""
    return "\n".join(",".join(row) for row in [*rows, [""]]).encode()


def columns_mangled(form: str, text: str, header: bool) -> Iterator[Case]:
    """Each column left out, twice, renamed, misspelt, and with each bad cell in every row."""
    rows = rows_of(text)
    for c, name in enumerate(rows[0]):
        if header:
            yield Case(joined([row[:c] + row[c + 1 :] for row in rows]), form)
            yield Case(joined([[*row, row[c]] for row in rows]), form)
            yield Case(joined([[*rows[0][:c], name + "x", *rows[0][c + 1 :]], *rows[1:]]), form)
        for bad in BAD_CELLS:
            body = [[*row[:c], bad, *row[c + 1 :]] for row in rows[header:]]
            yield Case(joined(rows[:header] + body), form)


def events_mangled() -> Iterator[Case]:
    """Each field of each kind of event of a queue_log, the event left out, events swapped."""
    lines = QUEUE_LOG.splitlines()
    for i, line in enumerate(lines):
        cells = line.split("|")
        for f in (0, 4):
            for bad in ("soon", "", "-5", "99999999999999"):
                wrong = "|".join([*cells[:f], bad, *cells[f + 1 :]])
                yield Case("\n".join([wrong] * 3).encode(), "queue_log")
        yield Case("\n".join([line] * 4).encode(), "queue_log")
        yield Case("|".join(cells[: i % 4 + 1]).encode(), "queue_log")
        yield Case(line.replace("|", ";").encode(), "queue_log")
    yield Case("\n".join(reversed(lines)).encode(), "queue_log")


def whole_files() -> Iterator[Case]:
    """Files that are no text, no CSV, empty, or another format's."""
    texts = {"technion": TECHNION, "queue_log": QUEUE_LOG, "cdr": CDR, "map.yaml": MAPPED}
    for form, text in texts.items():
        for other in texts.values():
            if other != text:
                yield Case(other.encode(), form)
        data = text.encode()
        yield from (
            Case(one, form)
            for one in (b"", b"\n\n", b"\0\1\2", b"PK\3\4zip", b"\x1f\x8b\x08broken",
                        text.encode("utf-16"), b"\xff" * 40, data.splitlines()[0],
                        b'"' + data, data.replace(b"\n", b"\r\r\n") + b'"' * 3 + b"x\0")
        )  # fmt: skip


def cases() -> list[Case]:
    """All of them."""
    return [
        *columns_mangled("technion", TECHNION, True),
        *columns_mangled("map.yaml", MAPPED, True),
        *columns_mangled("cdr", CDR, False),
        *events_mangled(),
        *whole_files(),
        *(Case(MAPPED.encode(), "map.yaml", text) for text in BAD_MAPS),
    ]


def kind(said: str) -> str:
    """A message without its places, names and numbers."""
    first = next(line for line in said.splitlines() if PLACE.search(line))
    words = re.sub(r'"[^"]*"', '""', first)
    return re.sub(r"[\w.]*\.(csv|yaml)\S*|\d[\d:.,]*|(?<=columns are ).*", "", words)


def refusals(every: int, capsys: pytest.CaptureFixture[str]) -> tuple[int, set[str]]:
    """How many cases (one in so many is tried) `fit` refuses with code 2, and in which ways.

    Each says its place; there is no traceback, and no file.
    """
    refused, kinds = 0, set()
    for case in cases()[::every]:
        Path("calls.csv").write_bytes(case.log)
        Path("map.yaml").write_text(case.map, encoding="utf-8")
        code = code_of(["fit", "calls.csv", "--map", case.form, "-o", "fitted.yaml"])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        if code == 0:  # some cells do not matter
            Path("fitted.yaml").unlink()
            shutil.rmtree("fitted_values", ignore_errors=True)
            continue
        assert code in (2, 3), said.err
        assert PLACE.search(said.err), (case, said.err)
        assert not said.out
        assert sorted(path.name for path in Path().iterdir()) == ["calls.csv", "map.yaml"]
        refused += code == 2
        kinds.add(kind(said.err))
    return refused, kinds


def test_some_malformed_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One in seven of them: at least 40 are refused, in 20 ways."""
    monkeypatch.chdir(tmp_path)
    refused, kinds = refusals(7, capsys)
    assert refused >= 40
    assert len(kinds) >= 20, sorted(kinds)


@pytest.mark.slow
def test_300_malformed_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At least 300 are refused with code 2, in 60 ways."""
    monkeypatch.chdir(tmp_path)
    refused, kinds = refusals(1, capsys)
    assert refused >= 300
    assert len(kinds) >= 60, sorted(kinds)
