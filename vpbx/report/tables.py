"""The tables of a report as plain rows of text, for the page and for the printed summary.

Belongs here: which figures stand in which table, under what heading. Does not belong here: HTML
(`page`) or a terminal (`cli`), number formats (`words`). A column that would be empty is left out.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from vpbx.measures.register import measure
from vpbx.measures.result import OPEN_LENGTH, Estimate, Result, Series
from vpbx.report import keys, words
from vpbx.report.labels import label, told, told_in

MOST_INTERVALS = 200
"""A run of more intervals than this is shown by hour of day; summary.json has every interval."""

Row = tuple[str, ...]


class Column(NamedTuple):
    """Heading of a column; `hint` says the formula; numbers stand at the right."""

    label: str
    hint: str = ""
    numeric: bool = True


class Table(NamedTuple):
    """A table: `name` for machines (unique on a page), `title` for people."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


_CALLS = (
    *("offered", "callers", "answered", "self_served", "contained", "abandoned_calls"),
    *("abandoned_ivr_calls", "abandoned", "blocked_calls", "blocked", "lost", "refused"),
    *("forwarded", "voicemail", "callback_done", "callback_failed", "balked", "timed_out"),
    *("suspended", "failed", "cleared"),
    *("redials", "time_to_queue", "mean_wait", "p90_wait", "charge"),
    *("recorded", "recorded_time", "unrecorded"),
)
_QUEUES = (
    *("offered", "answered", "abandoned_calls", "abandoned", "blocked_calls", "balked"),
    *("timed_out", "left", "cleared", "failed", "callbacks", "mean_wait", "p90_wait"),
    *("longest_wait", "mean_queue", "longest_queue", "offered_load", "logged_in"),
)
_ALWAYS = ("offered", "answered", "mean_wait", "entered")
_GROUPS = (
    *("logged_in", "carried", "occupancy", "ringing", "conversations", "answered"),
    *("mean_handle_time", "missed_rings", "missed_share", "autopauses", "cost"),
)
_TRUNKS = (
    *("offered", "blocked_calls", "blocked", "refused_for_licence", "carried", "peak_channels"),
    *("utilisation", "forwarded_legs", "forwarded_carried", "callback_legs", "callback_carried"),
)
_REDIALS = (
    *("offered", "redials", "redial_share", "redials_after_blocked", "redials_after_abandoned"),
    *("redials_after_abandoned_ivr", "redials_after_lost", "redials_after_refused"),
    *("redials_after_balked", "redials_after_timed_out", "redials_after_cleared"),
    *("redials_after_callback_failed", "redials_after_failed", "redials_after_suspended"),
    "redials_after_unsettled",
    *("redials_dropped", "attempts_per_caller"),
)
_NODES = ("entered", "mean_time", "hang_ups", "no_input", "no_match")
_BY_TIME = (
    *("offered", "answered", "abandoned_calls", "blocked_calls", "balked", "timed_out", "left"),
    *(
        "callbacks",
        "messages",
        "mean_wait",
        "p90_wait",
        "mean_queue",
        "longest_queue",
        "waiting_at_end",
        "offered_load",
        "logged_in",
    ),
)
_WAYS = ("balked", "timed_out", "left", "callbacks", "messages")
_BY_WEEKDAY = (
    *("offered", "answered", "self_served", "abandoned_calls", "blocked_calls", "mean_wait"),
    *("mean_queue", "longest_queue", "offered_load", "logged_in"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LENGTHS = ((1, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 200), (201, OPEN_LENGTH))
"""Queue lengths told together; those beyond the longest seen are left out."""
_KINDS = (
    ("queue", "Queues", _QUEUES),
    ("number", "Phone numbers", _CALLS),
    ("class", "Caller classes", _CALLS),
    ("group", "Agents", _GROUPS),
    ("trunk", "Trunks", _TRUNKS),
    ("node", "Nodes of the call flow", _NODES),
)


def tables(result: Result) -> list[Table]:
    """All tables that have a row, in the order of the page."""
    found = [
        *time_tables(result),
        *weekday_tables(result),
        *(scope_table(result, kind, title, names) for kind, title, names in _KINDS),
        whole_table(result),
        waits_table(result),
        queue_length_table(result),
        redial_table(result),
        service_level_table(result),
        busy_hour_table(result),
    ]
    return [table for table in found if table.rows]


def target_table(result: Result) -> Table:
    """A row a target: as written, what came out, and the verdict."""
    heads = ("target", "result", "verdict", "at", "facts")
    columns = tuple(Column(text, "", text == "result") for text in heads)
    rows = tuple(
        (
            target.text,
            words.estimate(Estimate(target.value, target.half_width), target.unit),
            target.verdict,
            target.at,
            ", ".join(target.facts),
        )
        for target in result.targets
    )
    return Table("targets", "Targets", columns, rows)


def scope_table(result: Result, kind: str, title: str, names: tuple[str, ...]) -> Table:
    """A row a scope of a kind, a column a measure, over the whole run."""
    return measures_table(result, kind, title, keys.scopes(result, kind), names)


def measures_table(
    result: Result, kind: str, title: str, scopes: Sequence[str], names: tuple[str, ...]
) -> Table:
    """A row a scope, a column a measure that any of them has."""
    head = {"redials": "callers", "offers": "queue"}.get(kind, kind)
    used = [n for n in names if any(_tells(keys.total(result, scope, n), n) for scope in scopes)]
    rows = tuple(
        (
            words.scope_name(scope),
            *(told(keys.total(result, scope, n), n) for n in used),
        )
        for scope in scopes
    )
    return Table(kind, title, (Column(head, numeric=False), *_columns(used, result)), rows)


def whole_table(result: Result) -> Table:
    """All measures of all calls, a row a measure with its unit and formula."""
    columns = (Column("measure", numeric=False), Column("value"), Column("formula", numeric=False))
    rows = tuple(
        (label(name), told(value, name), measure(name).formula)
        for name, value in result.totals.get("all", {}).items()
        if _there(value)
    )
    return Table("all", "All calls", columns, rows)


def time_tables(result: Result) -> list[Table]:
    """For each queue, a row an interval (an hour of the day, in long runs)."""
    return [_time_table(result, scope) for scope in keys.scopes(result, "queue")]


def _time_table(result: Result, scope: str) -> Table:
    long = len(result.interval_labels) > MOST_INTERVALS
    table = (result.by_hour if long else result.by_interval).get(scope, {})
    labels = [f"{hour:02d}:00" for hour in range(24)] if long else list(result.interval_labels)
    level = keys.shown_service_level(result, scope)
    names = [n for n in (*_BY_TIME, *level) if n in table and _worth(table[n], n)]
    cells = [_cells(table[name], name, len(labels)) for name in names]
    title = f"{words.scope_name(scope)} by {'hour of the day' if long else 'interval'}"
    columns = (Column("from", numeric=False), *_columns(names, result))
    rows = tuple(zip(labels, *cells, strict=True)) if names else ()
    return Table(f"time.{scope}", title, columns, rows)


def _worth(series: Series, name: str) -> bool:
    """Whether figures over time are worth a column: ways out that nobody took are not."""
    return bool(np.isfinite(series.mean).any() and (name not in _WAYS or np.nansum(series.mean)))


def weekday_tables(result: Result) -> list[Table]:
    """For all calls and each queue, a row a weekday that the run touches; none in short runs."""
    scopes = [s for s in ("all", *keys.scopes(result, "queue")) if s in result.by_weekday]
    return [_weekday_table(result, scope) for scope in scopes]


def _weekday_table(result: Result, scope: str) -> Table:
    table = result.by_weekday[scope]
    names = [n for n in _BY_WEEKDAY if n in table and np.nansum(table[n].mean) > 0]
    cells = [_cells(table[name], name, len(_WEEKDAYS)) for name in names]
    rows = (row for row in zip(_WEEKDAYS, *cells, strict=True) if set(row[1:]) - {words.NONE})
    title = f"{words.scope_name(scope)} by weekday; counts are those of 24 hours"
    columns = (Column("weekday", numeric=False), *_columns(names, result))
    return Table(f"weekday.{scope}", _capital(title), columns, tuple(rows))


def _capital(text: str) -> str:
    return f"All{text[3:]}" if text.startswith("all calls") else text


def _cells(series: Series, name: str, rows: int) -> list[str]:
    """A column of figures with as many decimals each; mean waits with their half widths."""
    mean = np.asarray(series.mean, dtype=np.float64)[:rows]
    unit = measure(name).unit
    if unit == "s":
        halves = series.half_width if name == keys.MEAN_WAIT else np.full(len(mean), np.nan)
        pairs = zip(mean.tolist(), halves[:rows].tolist(), strict=True)
        return [words.estimate(Estimate(*pair), unit) for pair in pairs]
    scale, sign = (100.0, " %") if unit == "share" else (1.0, "")
    seen = mean[np.isfinite(mean)]
    decimals = 0 if unit != "share" and np.all(seen == np.round(seen)) else 1
    texts = (f"{value * scale:,.{decimals}f}{sign}" for value in mean.tolist())
    return [words.NONE if np.isnan(v) else t for v, t in zip(mean, texts, strict=True)]


def waits_table(result: Result) -> Table:
    """Percentiles of the waits of answered calls, a row a queue."""
    shown = [(s, w) for s in keys.scopes(result, "queue") if (w := keys.waits(result, s))]
    names = list(dict.fromkeys(name for _, waits in shown for name in waits.percentiles))
    heads = [f"{n[1:]} % wait less than" if n[1:].isdigit() else n for n in names]
    rows = tuple(
        (words.scope_name(scope), *(told_in(waits.percentiles.get(n), n, "s") for n in names))
        for scope, waits in shown
    )
    columns = (Column("queue", numeric=False), *(Column(head) for head in heads))
    return Table("waits", "Waits of answered calls", columns, rows if names else ())


def queue_length_table(result: Result) -> Table:
    """For what share of the time how many callers waited, a row a queue."""
    shown = [(s, q) for s in keys.scopes(result, "queue") if (q := keys.queue_lengths(result, s))]
    bands = [
        band for band in _LENGTHS if any(q.between(band[0], OPEN_LENGTH) > 0 for _, q in shown)
    ]
    rows = tuple(
        (
            words.scope_name(scope),
            words.estimate(lengths.nobody, "share"),
            *(words.share(lengths.between(*band)) for band in bands),
            words.estimate(lengths.percentiles.get("p95"), "calls"),
        )
        for scope, lengths in shown
    )
    heads = [f"{low}–{high}" if high < OPEN_LENGTH else f"over {low - 1}" for low, high in bands]
    columns = (
        Column("queue", numeric=False),
        *_columns(["nobody_waiting"], result),
        *(Column(head, "share of the time with so many callers waiting") for head in heads),
        *_columns(["p95_queue"], result),
    )
    return Table("queue_lengths", "Callers waiting, by share of the time", columns, rows)


def redial_table(result: Result) -> Table:
    """Second and later attempts by what came before, of all calls and each class."""
    scopes = ("all", *keys.scopes(result, "class"))
    callers = [s for s in scopes if _positive(keys.total(result, s, "redials"))]
    return measures_table(result, "redials", "Calls made again", callers, _REDIALS)


def _positive(value: Estimate | None) -> bool:
    return value is not None and value.mean > 0


def service_level_table(result: Result) -> Table:
    """Every definition of the service level, a row a queue and definition."""
    columns = tuple(Column(text, "", text == "value") for text in ("queue", "definition", "value"))
    rows = tuple(
        (words.scope_name(scope), measure(name).formula, words.estimate(figure, "share"))
        for scope in keys.scopes(result, "queue")
        for name in keys.service_levels(result, scope)
        if _there(figure := keys.total(result, scope, name))
    )
    return Table("service_levels", "Service levels, by definition", columns, rows)


def busy_hour_table(result: Result) -> Table:
    """The busy hours by both definitions."""
    columns = (
        Column("scope", numeric=False),
        Column("time-consistent (TCBH)", "the hour with the largest mean traffic over days"),
        Column("traffic (erlang)"),
        Column("each day's own (ADPH)", "mean start of each day's own peak hour"),
        Column("traffic (erlang)"),
    )
    rows = tuple(
        (
            scope,
            words.hour_span(busy.tcbh_min),
            words.count(busy.tcbh_erlang),
            words.hour_span(busy.adph_min),
            words.count(busy.adph_erlang),
        )
        for scope, busy in result.busy_hours.items()
        if busy.tcbh_min >= 0
    )
    return Table("busy_hours", "Busy hours", columns, rows)


def definitions(result: Result) -> Table:
    """Unit and formula of every measure that occurs in the Result."""
    columns = tuple(Column(text, "", False) for text in ("measure", "name", "unit", "formula"))
    names = dict.fromkeys(name for measures in result.totals.values() for name in measures)
    rows = tuple((label(n), n, measure(n).unit, measure(n).formula) for n in names)
    return Table("definitions", "Definitions", columns, rows)


def _there(value: Estimate | None) -> bool:
    return value is not None and bool(np.isfinite(value.mean))


def _tells(value: Estimate | None, name: str) -> bool:
    """Whether a figure is worth a column: it is there, and not 0 (but for the main ones)."""
    return _there(value) and (name in _ALWAYS or value != (0.0, 0.0))


def _columns(names: Iterable[str], result: Result) -> list[Column]:
    currency = result.meta.currency
    return [Column(label(name, currency), measure(name).formula) for name in names]
