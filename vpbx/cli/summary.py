"""The summary that a run prints: queues, then targets with a tick or a cross.

Belongs here: which figures are shown and in which columns. Does not belong here: how a figure is
computed (`measures`) or written (`report.words`).
"""

from collections.abc import Iterator, Sequence

from vpbx.cli.say import columns
from vpbx.measures.result import Estimate, Result, TargetResult
from vpbx.report.labels import told_in
from vpbx.report.words import estimate, scope_kind, scope_name, span

NO_CALL_DATA = "\nrecords: summary: figures only, no call data were kept"

TICKS = {"met": "✓", "missed": "✗", "undecided": "?"}
"""The sign of each verdict."""

_COLOURS = {"met": "\033[32m", "missed": "\033[31m", "undecided": "\033[33m"}
_PLAIN = "\033[0m"
_QUEUE_COLUMNS = (
    ("offered", "offered", "calls"),
    ("answered", "answered", "calls"),
    ("abandoned", "abandoned", "share"),
    ("mean wait", "mean_wait", "s"),
    ("90 % wait", "p90_wait", "s"),
    ("longest wait", "longest_wait", "s"),
    ("longest queue", "longest_queue", "calls"),
)
_OVERALL = (
    ("callers", "callers", "callers"),
    ("calls", "offered", "calls"),
    ("answered", "answered", "calls"),
    ("self-served", "self_served", "calls"),
    ("abandoned", "abandoned_calls", "calls"),
    ("blocked", "blocked_calls", "calls"),
)
_MORE = (
    ("forwarded", "forwarded", "calls"),
    ("messages", "voicemail", "calls"),
    ("called back", "callback_done", "calls"),
    ("called back in vain", "callback_failed", "calls"),
    ("hung up on hearing the wait", "balked", "calls"),
    ("longest wait over", "timed_out", "calls"),
    ("sent away at closing", "cleared", "calls"),
    ("failed", "failed", "calls"),
    ("licence suspended", "suspended", "calls"),
    ("blocked by the licence", "refused_for_licence", "calls"),
)
"""Told where there were any."""


def summary(result: Result, width: int | None = None) -> str:
    """What was run, all calls in a line, and a row for each queue; means ± 95 % half widths.

    Where the rows are longer than `width`, each queue is a list of its own.
    """
    parts = [_head(result), _overall(result)]
    rows = list(_queue_rows(result))
    if rows:
        header = ("queue", *(title for title, _, _ in _QUEUE_COLUMNS))
        table = columns([header, *rows], right=frozenset(range(1, len(header))))
        wide = width is not None and max(map(len, table.splitlines())) > width
        parts += [_list(header, row) for row in rows] if wide else [table]
    return "\n\n".join(parts)


def _list(header: Sequence[str], row: Sequence[str]) -> str:
    """One row of the table, a line for each column."""
    pairs = zip(header[1:], row[1:], strict=True)
    return f"{header[0]} {row[0]}\n" + columns([(f"  {head}", cell) for head, cell in pairs])


def _head(result: Result) -> str:
    meta = result.meta
    times = "replication" if meta.replications == 1 else "replications"
    stopped = f"\n{finished(result)}" if meta.interrupted else ""
    return (
        f"{meta.name}{stopped}\n{meta.replications} {times} of {span(meta.duration_s)}, seed {meta.seed}; "
        "per replication: mean ± half width of the 95 % confidence interval"
        f"{NO_CALL_DATA if meta.records == 'summary' else ''}"
    )


def finished(result: Result) -> str:
    """How far an interrupted run came."""
    meta = result.meta
    return f"Interrupted: {meta.replications:,} of {meta.planned:,} replications are done"


def _overall(result: Result) -> str:
    total = result.totals.get("all", {})
    shown = ((said, total.get(name), unit) for said, name, unit in _OVERALL)
    more = ((said, total.get(name), unit) for said, name, unit in _MORE)
    seen = [
        *((s, v, u) for s, v, u in shown if v),
        *((s, v, u) for s, v, u in more if v and v.mean),
    ]
    return " · ".join(f"{said} {estimate(value, unit)}" for said, value, unit in seen)


def _queue_rows(result: Result) -> Iterator[Sequence[str]]:
    for scope, figures in result.totals.items():
        if scope_kind(scope) == "queue":
            cells = (told_in(figures.get(name), name, unit) for _, name, unit in _QUEUE_COLUMNS)
            yield (scope_name(scope), *cells)


def verdicts(result: Result, coloured: bool) -> str:
    """A line for each target: its sign, what was asked, what came; "" where there are none."""
    lines = [_verdict(target) for target in result.targets]
    if not lines:
        return ""
    signs = [_sign(target, coloured) for target in result.targets]
    text = columns(lines).splitlines()
    counted = " · ".join(_counts(result.targets))
    return "\n".join([*(f"{sign} {line}" for sign, line in zip(signs, text, strict=True)), counted])


def _sign(target: TargetResult, coloured: bool) -> str:
    tick = TICKS[target.verdict]
    return f"{_COLOURS[target.verdict]}{tick}{_PLAIN}" if coloured else tick


def _verdict(target: TargetResult) -> tuple[str, str]:
    value = estimate(Estimate(target.value, target.half_width), target.unit)
    at = f" (worst at {target.at})" if target.at and target.unit != "clock time" else ""
    more = ""
    if target.verdict == "undecided" and target.replications_needed:
        more = f"; about {target.replications_needed} replications would decide"
    return target.text, f"{value}{at}{more}"


def _counts(targets: Sequence[TargetResult]) -> Iterator[str]:
    for verdict in TICKS:
        count = sum(target.verdict == verdict for target in targets)
        if count:
            yield f"{count} {verdict}"
