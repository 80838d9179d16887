"""Any CSV with a header, read by a column map: a YAML file that says which column holds what.

Belongs here: the map's keys and how a row becomes a call by it. Does not belong here: formats that
need no map (`technion`, `queue_log`, `cdr`).

    columns: {arrived: Start, queued: Queued, answered: Answered, ended: End, outcome: Result,
              type: Skill, agent: Agent, priority: Prio, caller: CLI}
    outcomes: {answered: [OK, Completed], abandoned: [Lost], other: [Test]}
    time: "%d.%m.%Y %H:%M:%S"
"""

from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from vpbx.codes import Outcome
from vpbx.errors import Mark, Problem, ScenarioError
from vpbx.interop.calls import NONE, CallLog, Row, RowNote, log_of, require_order
from vpbx.interop.lines import read_sheet, require_columns
from vpbx.interop.moments import duration, local
from vpbx.scenario.suggest import did_you_mean
from vpbx.scenario.tree import Marks, marks_of, plain, read

COLUMNS = {
    "arrived": "time of arrival",
    "queued": "time of joining the queue; empty, if the call did not get there",
    "left": "time of leaving the queue",
    "answered": "time of the agent's answer",
    "ended": "time of the end of talk",
    "ivr_time": "duration in menus and announcements, in place of queued",
    "wait": "duration in the queue, in place of left or answered",
    "handle_time": "duration of talk, in place of ended",
    "outcome": "how the call ended",
    "type": "the call's type: a queue or a skill",
    "priority": "whole number, higher first",
    "agent": "who answered",
    "caller": "who called: a number or an id",
}
"""What a column may hold."""
OUTCOMES = {
    "answered": Outcome.ANSWERED,
    "abandoned": Outcome.ABANDONED,
    "abandoned_ivr": Outcome.ABANDONED_IVR,
    "blocked": Outcome.BLOCKED,
    "timed_out": Outcome.TIMED_OUT,
    "other": Outcome.FAILED,
}
_KEYS = ("columns", "outcomes", "time", "encoding", "delimiter")


class ColumnMap(NamedTuple):
    """A column map: `columns` (what → column), `outcomes` (the log's word → ours), and the rest."""

    columns: dict[str, str]
    outcomes: dict[str, Outcome]
    time: str
    encoding: str
    delimiter: str


def read_map(path: Path) -> ColumnMap:
    """The map of a YAML file; raises `FileError`, and `ScenarioError` with all that is wrong."""
    node = read(path)
    values, marks = plain(node), marks_of(node)
    if not isinstance(values, dict):
        raise ScenarioError(
            [Problem(Mark(str(path), 1, 1), "", "expected keys such as columns", "not-a-map")]
        )
    problems = [*_wrong_keys(values, marks), *_wrong_values(values, marks)]
    if problems:
        raise ScenarioError(problems)
    outcomes = {
        str(word): OUTCOMES[name]
        for name, words in (values.get("outcomes") or {}).items()
        for word in (words if isinstance(words, list) else [words])
    }
    text = {key: str(values.get(key) or "") for key in ("time", "encoding", "delimiter")}
    columns = {key: str(name) for key, name in values["columns"].items()}
    return ColumnMap(
        columns, outcomes, text["time"], text["encoding"] or "utf-8", text["delimiter"]
    )


def _wrong_keys(values: dict[str, Any], marks: Marks) -> list[Problem]:
    """Keys that a map does not have."""
    found: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = []
    found += [((key,), key, _KEYS) for key in values if key not in _KEYS]
    for part, known in (("columns", COLUMNS), ("outcomes", OUTCOMES)):
        inner = values.get(part)
        names = inner if isinstance(inner, dict) else {}
        found += [((part, key), key, tuple(known)) for key in names if key not in known]
    return [
        Problem(
            marks.key_mark(path), ".".join(path),
            f'there is no key "{key}"{did_you_mean(key, known) or "; keys are " + ", ".join(known)}',
            "unknown-key",
        )
        for path, key, known in found
    ]  # fmt: skip


def _wrong_values(values: dict[str, Any], marks: Marks) -> list[Problem]:
    """What a map must say and does not, or says in a wrong way."""
    found: list[tuple[tuple[str, ...], str, str]] = []
    columns = values.get("columns")
    if not isinstance(columns, dict):
        found.append(
            (("columns",), "expected a column for each of arrived, answered …", "not-a-map")
        )
    else:
        found += _missing(columns)
        found += [
            (("columns", key), f'expected the name of a column, got "{name}"', "not-text")
            for key, name in columns.items()
            if isinstance(name, dict | list) or name is None
        ]
    if not isinstance(values.get("outcomes") or {}, dict):
        found.append((("outcomes",), "expected words for answered, abandoned …", "not-a-map"))
    encoding = values.get("encoding")
    if encoding is not None and not _is_encoding(str(encoding)):
        found.append((("encoding",), f'there is no encoding "{encoding}"', "bad-encoding"))
    if len(str(values.get("delimiter") or ",")) != 1:
        found.append((("delimiter",), "expected one character", "bad-delimiter"))
    return [Problem(marks.mark(path), ".".join(path), text, kind) for path, text, kind in found]


def _missing(columns: dict[str, Any]) -> list[tuple[tuple[str, ...], str, str]]:
    """Columns without which calls cannot be told."""
    wrong = []
    if "arrived" not in columns:
        wrong.append("arrived is missing: the column with the time of arrival")
    if not {"answered", "wait", "left"} & set(columns):
        wrong.append("one of answered, wait, left is needed: nobody knows the waits otherwise")
    if not {"outcome", "answered"} & set(columns):
        wrong.append("one of outcome, answered is needed: nobody knows who was answered otherwise")
    return [(("columns",), text, "missing-key") for text in wrong]


def _is_encoding(name: str) -> bool:
    import codecs

    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def read_mapped(path: Path, map_path: Path, zone: ZoneInfo) -> CallLog:
    """The calls of a CSV by a column map; raises `FileError` and `ScenarioError`."""
    mapping = read_map(map_path)
    sheet = read_sheet(path, mapping.encoding, mapping.delimiter)
    hint = f"The map is {map_path}."
    require_columns(path, sheet.columns, tuple(mapping.columns.values()), hint)
    rows: list[Row] = []
    notes = list(sheet.notes)
    for line, cells in sheet.rows:
        try:
            rows.append(_row(line, cells, mapping, zone))
        except ValueError as error:
            notes.append(RowNote(line, str(error)))
    n_rows = len(sheet.rows) + len(sheet.notes)
    return log_of(str(path), str(map_path), n_rows, rows, notes)


class _Cells(NamedTuple):
    """A row's cells by what they hold."""

    by_name: dict[str, str]
    pattern: str
    zone: ZoneInfo

    def at(self, what: str) -> int:
        """An instant; -1 where the cell is empty or there is no such column."""
        text = self.by_name.get(what, "")
        return local(text, self.pattern, self.zone) if text else NONE

    def lasts(self, what: str) -> int:
        """A duration; -1 as above."""
        text = self.by_name.get(what, "")
        return duration(text) if text else NONE


def _row(line: int, cells: dict[str, str], mapping: ColumnMap, zone: ZoneInfo) -> Row:
    by_name = {what: cells[column] for what, column in mapping.columns.items()}
    own = _Cells(by_name, mapping.time, zone)
    arrived = own.at("arrived")
    if arrived < 0:
        raise ValueError("no time of arrival")
    answered = own.at("answered")
    queued = _first(own.at("queued"), _after(arrived, own.lasts("ivr_time")))
    outcome = _outcome(by_name, mapping, answered)
    row = Row(
        line, arrived, outcome, priority=_priority(by_name.get("priority", "")),
        kind=by_name.get("type", ""), caller=by_name.get("caller", ""),
        agent=by_name.get("agent", ""),
        ivr_us=queued - arrived if queued >= arrived else NONE,
    )  # fmt: skip
    if outcome == Outcome.ABANDONED_IVR:
        end = _first(own.at("ended"), own.at("left"))
        return row._replace(ivr_us=_first(own.lasts("ivr_time"), max(end - arrived, NONE)))
    if outcome in (Outcome.BLOCKED, Outcome.FAILED):
        return row
    return require_order(_with_queue(row, own, _first(queued, arrived), answered))


def _with_queue(row: Row, own: _Cells, joined: int, answered: int) -> Row:
    """The row with its wait and its talk, from instants where there are any, else durations."""
    left = _first(own.at("left"), answered, _after(joined, own.lasts("wait")))
    if left < 0:
        left = own.at("ended") if row.outcome != Outcome.ANSWERED else NONE
    if left < 0:
        raise ValueError("no time of leaving the queue: left, answered and wait are empty")
    row = row._replace(joined_at=joined, left_at=left)
    if row.outcome != Outcome.ANSWERED:
        return row
    answered = _first(answered, left)
    ended = _first(own.at("ended"), _after(answered, own.lasts("handle_time")))
    return row._replace(answered_at=answered if ended >= 0 else NONE, ended_at=ended)


def _first(*instants: int) -> int:
    return next((at for at in instants if at >= 0), NONE)


def _after(at: int, lasts: int) -> int:
    return at + lasts if at >= 0 and lasts >= 0 else NONE


def _outcome(by_name: dict[str, str], mapping: ColumnMap, answered: int) -> Outcome:
    """By the outcome's column, if there is one; else answered or abandoned."""
    if "outcome" not in by_name:
        return Outcome.ANSWERED if answered >= 0 else Outcome.ABANDONED
    word = by_name["outcome"]
    known = mapping.outcomes or OUTCOMES
    if word not in known:
        names = ", ".join(f'"{name}"' for name in known)
        raise ValueError(f'outcome "{word}" is not in the map; it knows {names}')
    return known[word]


def _priority(text: str) -> int:
    if not text:
        return 0
    if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 4:
        raise ValueError(f'priority "{text}" is not a whole number')
    return int(text)
