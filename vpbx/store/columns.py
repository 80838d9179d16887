"""The tables on disk: which columns they have and what each means.

Belongs here: how a column of the records becomes a column of a file (indices become names), and
the data dictionary. Does not belong here: DuckDB (`tables`), the records' own layout
(`engine.records`).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import KEYS, Exit, LegKind, Outcome
from vpbx.engine.records import (
    CALL_COLUMNS,
    LEG_COLUMNS,
    VISIT_COLUMNS,
    Column,
    Grid,
    Records,
    legs,
)
from vpbx.program.program import Edges, Names, Program
from vpbx.store.local import LocalStart, local_times

TABLES = ("calls", "queue_visits", "legs", "grid")
"""The tables, in the order of the data dictionary."""

_REPLICATION = Column("int32", "1", "replication, from 0")
_CALL = Column("int32", "index", "row of the call within its replication, from 0")

_LOCAL = {
    "calls": ("arrived", "arrived_at", "arrival at the number"),
    "queue_visits": ("joined", "joined_at", "joining the queue"),
    "grid": ("starts", "starts_at", "start of the interval"),
}
"""The column of local times that a table gets, the instants it shows, and its meaning."""

LOCAL_COLUMN = {table: column for table, (column, _, _) in _LOCAL.items()}
"""The column of local times of each table that has one."""

_AFTER = {
    "wrap_up_until": (
        "wrap_up",
        "talk_until",
        Column("int64", "us", "how long the agent's wrap-up took after the talk; -1: none"),
    ),
}
"""Instants that files hold as time since another column's: their name there, that column, meaning.
Nearly always 0 or the same, it takes no room so; as an instant it would be a tenth of a file."""

_SAID = {
    ("queue_visits", "outcome"): Column(
        "int8",
        "code",
        "how it left the queue, -1: it had not yet: answered, abandoned, blocked (queue full, or nobody "
        "there), balked (hung up on hearing the wait), timed_out, forwarded (to another node, by a key "
        "or for an offer), cleared (queue closed), callback_failed, failed (outage) or cut "
        "(codes.Outcome). Visits at a mailbox are messages; the last visit of a call that was called "
        "back is the call back",
    ),
    ("legs", "kind"): Column(
        "int8",
        "code",
        "0: the caller's own line, up to the hang-up; `forwarded`: an outside number that rings or "
        "talks; `callback`: a call back",
    ),
}
"""Meanings on disk, where codes are names and tables are together."""

GRID_COLUMNS = {
    "starts_at": Column("int64", "us", "start of the interval, since the start of the clock"),
    "quantity": Column("int16", "index", "what is counted; see the list below"),
    "name": Column("int16", "index", "the edge, node, queue, group or trunk concerned"),
    "value": Column("int64", "calls or us", "the count or integral; rows of 0 are left out"),
}

GRID_QUANTITIES = {
    "edges": ("calls", "calls that left a node by this edge"),
    "node_time": ("us", "caller-time in a node, booked where the node was left"),
    "queue_time": ("us", "integral of the number waiting: callers, call-backs and messages"),
    "queue_peak": ("calls", "most callers waiting at once"),
    "missed": ("calls", "phones of agents that rang in vain"),
    "autopauses": ("calls", "agents taken off the phone after misses in a row"),
    "ringing": ("us", "agent-time with the phone ringing, or dialling back"),
    "logged_in": (
        "us",
        "agent-time on the phone, working off a last call included; of people who hold "
        "several conversations at once: of their places for them",
    ),
    "talk": ("us", "agent-time talking"),
    "wrap_up": ("us", "agent-time in after-call work"),
    "trunk_time": ("us", "channel-time held"),
    "trunk_peak": ("channels", "most channels held at once"),
    "channels": ("us", "channel-time available"),
}


def _columns_of(name: str, own: dict[str, Column]) -> dict[str, Column]:
    """All columns of a table; its local times come last."""
    found = {"replication": _REPLICATION}
    for column, said in own.items():
        after, _, meaning = _AFTER.get(column, (column, "", _SAID.get((name, column), said)))
        found[after] = meaning
    if name in _LOCAL:
        local, _, shown = _LOCAL[name]
        found[local] = Column("timestamp", "local time, ms", shown)
    return found


TABLE_COLUMNS: dict[str, dict[str, Column]] = {
    "calls": _columns_of("calls", {"call": _CALL, **CALL_COLUMNS}),
    "queue_visits": _columns_of("queue_visits", VISIT_COLUMNS),
    "legs": _columns_of("legs", LEG_COLUMNS),
    "grid": _columns_of("grid", GRID_COLUMNS),
}
"""Every column of every table on disk."""

_TITLES = {
    "calls": "One row a call (an attempt), in the order of arrival.",
    "queue_visits": "One row a visit of a call to a queue, in the order of joining.",
    "legs": "One row a channel held.",
    "grid": "Counts and times by interval of 5 minutes.",
}
_OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)
_LEG_KINDS = tuple(
    {LegKind.OWN: "caller", LegKind.FORWARDED: "forwarded", LegKind.CALLBACK: "callback"}[kind]
    for kind in LegKind
)


Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Table:
    """A table ready for a file: columns in order, and the names behind those that hold indices."""

    columns: Columns
    names: dict[str, tuple[str, ...]]


class _GridNames(NamedTuple):
    """The names that the grid's rows speak of, one list for each kind of column."""

    edges: tuple[str, ...]
    nodes: tuple[str, ...]
    queues: tuple[str, ...]
    groups: tuple[str, ...]
    trunks: tuple[str, ...]


_GRID_KIND = {
    "edges": "edges", "node_time": "nodes", "queue_time": "queues", "queue_peak": "queues",
    "missed": "groups", "autopauses": "groups", "ringing": "groups",
    "logged_in": "groups", "talk": "groups", "wrap_up": "groups",
    "trunk_time": "trunks", "trunk_peak": "trunks", "channels": "trunks",
}  # fmt: skip


def tables_of(
    records: Records, program: Program, names: Names, replication: int, start: LocalStart
) -> dict[str, Table]:
    """The four tables of one replication, by name, in the order of `TABLES`."""
    held = legs(records, program.numbers.trunk)
    n_calls = len(records.calls.arrived_at)
    row: Columns = {"call": np.arange(n_calls, dtype=np.int32)}
    by_column = names_by_column(names)
    tables = {
        "calls": _table(row | records.calls._asdict(), by_column, replication),
        "queue_visits": _table(records.visits._asdict(), by_column, replication),
        "legs": _table(held._asdict(), by_column | {"kind": _LEG_KINDS}, replication),
        "grid": _grid_table(records.grid, program, names, replication),
    }
    return {name: _with_local_times(name, table, start) for name, table in tables.items()}


def _with_local_times(name: str, table: Table, start: LocalStart) -> Table:
    if name not in _LOCAL:
        return table
    column, source, _ = _LOCAL[name]
    local = local_times(table.columns[source].astype(np.int64), start).astype("datetime64[ms]")
    return Table(table.columns | {column: local}, table.names)


def names_by_column(names: Names) -> dict[str, tuple[str, ...]]:
    """The names that each column of indices or codes stands for."""
    return {
        "caller_class": names.classes,
        "number": names.numbers,
        "goal": names.goals,
        "last_node": names.nodes,
        "node": names.nodes,
        "queue": names.queues,
        "group": names.groups,
        "trunk": names.trunks,
        "outcome": _OUTCOMES,
    }


def _table(columns: Columns, names: dict[str, tuple[str, ...]], replication: int) -> Table:
    n_rows = len(next(iter(columns.values())))
    first: Columns = {"replication": np.full(n_rows, replication, np.int32)}
    kept = dict(_since(columns, name) for name in columns)
    return Table(first | kept, {name: names[name] for name in columns if name in names})


def _since(columns: Columns, name: str) -> tuple[str, NDArray[np.generic]]:
    """A column as files hold it, and its name there."""
    if name not in _AFTER:
        return name, columns[name]
    after, since, _ = _AFTER[name]
    at, start = columns[name].astype(np.int64), columns[since].astype(np.int64)
    return after, np.where(at < 0, -1, at - start)


def _grid_table(grid: Grid, program: Program, names: Names, replication: int) -> Table:
    """Long form: a row for each interval, quantity and name whose value is not 0."""
    kinds = _GridNames(
        edge_names(program.edges, names.nodes),
        names.nodes, names.queues, names.groups, names.trunks,
    )  # fmt: skip
    first = dict(zip(kinds._fields, np.cumsum([0, *map(len, kinds)]), strict=False))
    pieces = []
    for code, (quantity, kind) in enumerate(_GRID_KIND.items()):
        values = getattr(grid, quantity)
        interval, index = np.nonzero(values)
        pieces.append(
            (interval, np.full(len(index), code), index + first[kind], values[interval, index])
        )
    interval, quantity_code, name, value = (
        np.concatenate(column) for column in zip(*pieces, strict=True)
    )
    columns: Columns = {
        "starts_at": interval.astype(np.int64) * program.clock.grid_us,
        "quantity": quantity_code.astype(np.int16),
        "name": name.astype(np.int32),
        "value": value.astype(np.int64),
    }
    return _table(columns, {"quantity": tuple(_GRID_KIND), "name": sum(kinds, ())}, replication)


def edge_names(edges: Edges, nodes: tuple[str, ...]) -> tuple[str, ...]:
    """Each edge in words: `main_menu -[2]-> mobile`, `bye -[hang_up]->`."""
    return tuple(
        f"{nodes[start]} -[{_exit_name(way, case)}]-> {nodes[end] if end >= 0 else ''}".rstrip()
        for start, end, way, case in zip(*(column.tolist() for column in edges), strict=True)
    )


def _exit_name(way: int, case: int) -> str:
    if way < len(KEYS):
        return KEYS[way]
    name = Exit(way).name.lower()
    return f"{name} {case + 1}" if way == Exit.CASE else name


def data_dictionary() -> str:
    """What every column of every table means, as Markdown."""
    lines = [
        "# Columns", "",
        "Times are microseconds (us) since the start of the clock; those in `arrived`, `joined` and",
        "`starts` are what clocks on the wall show. `replication` and `call` together join",
        "`queue_visits` and `legs` to `calls`. Text columns are empty where nothing applies.",
    ]  # fmt: skip
    for table in TABLES:
        lines += ["", f"## {table}", "", _TITLES[table], "", "| column | type | unit | meaning |"]
        lines += ["|---|---|---|---|"]
        lines += [_dictionary_row(name, column) for name, column in TABLE_COLUMNS[table].items()]
    lines += ["", "| quantity | unit | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {unit} | {said} |" for name, (unit, said) in GRID_QUANTITIES.items()]
    return "\n".join(
        [*lines, "", "Outcomes: " + ", ".join(f"`{name}`" for name in _OUTCOMES) + ".", ""]
    )


def _dictionary_row(name: str, column: Column) -> str:
    if name in _TEXT_COLUMNS:
        meaning = column.meaning.replace("-1:", "empty:").replace("0: ", "`caller`: ")
        meaning = meaning.replace("(codes.Outcome)", "(see the outcomes below)")
        return f"| `{name}` | text | – | {meaning} |"
    return f"| `{name}` | {column.dtype} | {column.unit} | {column.meaning} |"


_TEXT_COLUMNS = {
    "caller_class", "number", "goal", "last_node", "node", "queue", "group", "trunk", "outcome",
    "kind", "quantity", "name",
}  # fmt: skip
