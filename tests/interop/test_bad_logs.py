"""Call logs that cannot be read as they stand: each says what is wrong, where, and what is there."""

from pathlib import Path

import pytest
from logs import AT_ONCE, CDR, QUEUE_LOG, TECHNION_HEADER, WAITED, technion, text

from vpbx.cli.main import code_of
from vpbx.errors import FileError, ScenarioError, UsageError, VpbxError
from vpbx.interop.read import period, read_log

GOOD_MAP = "columns: {arrived: at, answered: ans, ended: end}\n"
GOOD = "at,ans,end\n2024-02-01 08:00:00,2024-02-01 08:00:05,2024-02-01 08:01:00\n"


def _form(tmp_path: Path, content: str = GOOD_MAP) -> str:
    return str(text(tmp_path, content, "map.yaml"))


FILES = {
    "empty": ("", "technion", "the file is empty"),
    "header only": (TECHNION_HEADER + "\n", "technion", "a header and no rows"),
    "other format": (CDR, "technion", 'no column "priority"'),
    "columns there": ("a,b\n1,2\n", "technion", "the columns are a, b"),
    "column twice": ("a,a\n1,2\n", "technion", "occurs twice"),
    "not a queue_log": (CDR, "queue_log", "not a queue_log"),
    "not a cdr": ("a,b\n1,2\n", "cdr", "not a CDR file: 2 columns"),
    "cdr header": ("src,dst,start,duration\n1,2,3,4\n", "cdr", "no column billsec"),
    "queue_log as cdr": (QUEUE_LOG, "cdr", "not a CDR file"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_cannot_be_used(tmp_path: Path, name: str) -> None:
    """A wrong map, missing columns, empty files: one message that says so."""
    content, form, expected = FILES[name]
    with pytest.raises(ScenarioError) as caught:
        read_log(text(tmp_path, content), form)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xfea\x00", "UTF-16"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"at,ans\x00,end\n", "zero bytes"),
    ],
)
def test_files_that_are_not_text(tmp_path: Path, data: bytes, expected: str) -> None:
    """Spreadsheets and UTF-16 are named as such."""
    path = tmp_path / "calls.csv"
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match=expected):
        read_log(path, _form(tmp_path))


def test_damaged_gzip(tmp_path: Path) -> None:
    """A gzip file that is cut short is a file that cannot be read."""
    path = technion(tmp_path, *[AT_ONCE] * 50)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match="damaged"):
        read_log(path, "technion")


ROWS = {
    "time": ("yesterday,2024-02-01 08:00:05,2024-02-01 08:01:00", 'the time "yesterday"'),
    "order": ("2024-02-01 08:00:00,2024-02-01 07:00:05,2024-02-01 08:01:00", "times out of order"),
    "talk": ("2024-02-01 08:00:00,2024-02-01 08:00:05,2024-02-01 08:00:01", "times out of order"),
    "short": ("2024-02-01 08:00:00,2024-02-01 08:00:05", "2 cells where there are 3 columns"),
    "no arrival": (",2024-02-01 08:00:05,2024-02-01 08:01:00", "no time of arrival"),
    "no end": ("2024-02-01 08:00:00,,", "no time of leaving the queue"),
}


@pytest.mark.parametrize("name", ROWS)
def test_malformed_rows_are_told_by_line(tmp_path: Path, name: str) -> None:
    """A bad row among good ones is refused, counted, and told by its line."""
    row, expected = ROWS[name]
    content = GOOD + row + "\n" + GOOD.partition("\n")[2]
    log = read_log(text(tmp_path, content), _form(tmp_path))
    assert [note.line for note in log.refused] == [3]
    assert expected in log.refused[0].message
    assert len(log.calls.line) == 2
    assert log.n_rows == 3


def test_mixed_encodings(tmp_path: Path) -> None:
    """A line in another encoding is refused by its line; the others are read."""
    path = tmp_path / "calls.csv"
    head, _, row = GOOD.encode().partition(b"\n")
    path.write_bytes(head + b",name\n" + row[:-1] + b",Ann\n" + row[:-1] + b",\xc0\xed\xed\xe0\n")
    log = read_log(path, _form(tmp_path))
    assert [(note.line, "0xc0" in note.message) for note in log.refused] == [(3, True)]
    assert len(log.calls.line) == 1


def test_negative_durations(tmp_path: Path) -> None:
    """A negative wait is refused in words."""
    form = _form(tmp_path, "columns: {arrived: at, wait: w, handle_time: t, outcome: o}\n")
    rows = "at,w,t,o\n2024-02-01 08:00:00,-5,60,answered\n2024-02-01 08:00:00,5,60,answered\n"
    log = read_log(text(tmp_path, rows), form)
    assert [note.message for note in log.refused] == ["a negative duration: -5"]


def test_mostly_malformed_is_another_format(tmp_path: Path) -> None:
    """With more than half of the rows refused the map is taken to be wrong."""
    content = GOOD + "x,y,z\n" * 3
    with pytest.raises(ScenarioError, match="3 of 4 rows cannot be read as"):
        read_log(text(tmp_path, content), _form(tmp_path))


MAPS = {
    "unknown key": ("colums: {}\n", 'there is no key "colums"; did you mean "columns"?'),
    "unknown column": ("columns: {arived: at, answered: a}\n", 'did you mean "arrived"?'),
    "no columns": ("time: '%H'\n", "expected a column for each"),
    "no arrival": ("columns: {answered: a}\n", "arrived is missing"),
    "no waits": ("columns: {arrived: at, outcome: o}\n", "one of answered, wait, left is needed"),
    "no outcome": ("columns: {arrived: at, wait: w}\n", "one of outcome, answered is needed"),
    "list": ("columns: {arrived: [at], answered: a}\n", "expected the name of a column"),
    "outcomes": (GOOD_MAP + "outcomes: [OK]\n", "expected words for answered"),
    "outcome": (GOOD_MAP + "outcomes: {lost: OK}\n", 'there is no key "lost"'),
    "encoding": (GOOD_MAP + "encoding: utf-88\n", 'there is no encoding "utf-88"'),
    "delimiter": (GOOD_MAP + "delimiter: ';;'\n", "expected one character"),
    "not a map": ("- a\n", "expected keys such as columns"),
    "yaml": ("columns: {\n", ""),
}


@pytest.mark.parametrize("name", MAPS)
def test_maps_that_are_wrong(tmp_path: Path, name: str) -> None:
    """A map's mistakes are located in the map."""
    content, expected = MAPS[name]
    with pytest.raises(ScenarioError) as caught:
        read_log(text(tmp_path, GOOD), _form(tmp_path, content))
    assert expected in str(caught.value)
    assert "map.yaml:" in str(caught.value)


def test_map_of_columns_that_are_not_there(tmp_path: Path) -> None:
    """Missing columns are named with the nearest that is there."""
    form = _form(tmp_path, "columns: {arrived: At, answered: answer, ended: end}\n")
    with pytest.raises(ScenarioError) as caught:
        read_log(text(tmp_path, GOOD), form)
    assert '"At"; did you mean "at"?' in str(caught.value)
    assert "the columns are at, ans, end" in str(caught.value)


def test_unknown_format_and_zone(tmp_path: Path) -> None:
    """A format or a time zone that does not exist is named."""
    path = text(tmp_path, GOOD)
    with pytest.raises(UsageError, match="there is no such format"):
        read_log(path, "excel")
    with pytest.raises(UsageError, match="there is no time zone"):
        read_log(path, _form(tmp_path), "Mars/Olympus")
    with pytest.raises(VpbxError, match="no such file"):
        read_log(tmp_path / "none.csv", _form(tmp_path))


def test_period_without_calls(tmp_path: Path) -> None:
    """A period outside the log says from when to when the log goes."""
    from datetime import date

    log = read_log(technion(tmp_path, AT_ONCE, WAITED), "technion")
    with pytest.raises(UsageError, match="the log goes from 1999-01-03 to 1999-01-03"):
        period(log, date(2000, 1, 1), None)


COMMANDS = {
    "bad date": ["fit", "{file}", "--map", "technion", "--from", "soon"],
    "bad interval": ["fit", "{file}", "--map", "technion", "--interval", "7 min"],
    "no calls": ["fit", "{file}", "--map", "technion", "--from", "2001-01-01"],
    "no map": ["fit", "{file}"],
    "overlap": ["backtest", "{file}", "--map", "technion", "--fit-until", "1999-01-03",
                "--predict", "1999-01-03..1999-01-04"],
    "backwards": ["backtest", "{file}", "--map", "technion", "--fit-until", "1999-01-03",
                  "--predict", "1999-01-09..1999-01-04"],
    "nothing foretold": ["backtest", "{file}", "--map", "technion", "--fit-until", "1999-01-03",
                         "--predict", "1999-01-05..1999-01-06"],
    "staffing": ["backtest", "{file}", "--map", "technion", "--fit-until", "1999-01-03",
                 "--predict", "1999-01-04..1999-01-05", "--staffing", "guessed"],
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_refuse_with_exit_code_2(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong options end with code 2, a message, and nothing written."""
    file = technion(tmp_path, AT_ONCE, WAITED)
    arguments = [part.format(file=file) for part in COMMANDS[name]]
    before = set(tmp_path.iterdir())
    assert code_of([*arguments, "--output" if name in _FIT else "--out", str(tmp_path / "x")]) == 2
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    assert shown.err.strip()
    assert set(tmp_path.iterdir()) == before


_FIT = ("bad date", "bad interval", "no calls", "no map")


def test_nobody_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log without one answered call has nothing to be fitted."""
    from logs import GAVE_UP

    file = technion(tmp_path, GAVE_UP, GAVE_UP)
    assert code_of(["fit", str(file), "--map", "technion", "-o", str(tmp_path / "x.yaml")]) == 2
    assert "there is nothing to fit" in capsys.readouterr().err
