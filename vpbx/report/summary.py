"""summary.json: every figure of a Result for machines.

Belongs here: Result → plain data in a fixed order, and its JSON text. Does not belong here: text
for people (`words`, `prose`), files. What is not there (NaN) is null; numbers carry six significant
digits, beyond what the confidence intervals support; the same Result gives the same bytes.
"""

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.register import measure
from vpbx.measures.result import (
    OPEN_LENGTH,
    BusyHour,
    EdgeFlow,
    Estimate,
    QueueLengths,
    Result,
    Series,
    TargetResult,
    Waits,
)

FORMAT = 1
"""Number of this layout; it goes up when a key changes its meaning or goes away."""
_DIGITS = 6
_BAND_DIGITS = 3
"""Of half widths by interval, hour and week: they are rough estimates, and there are many."""


def summary(result: Result) -> dict[str, Any]:
    """Every figure of the Result as plain data: dictionaries, lists, numbers, texts and None."""
    return {
        "format": FORMAT,
        "meta": _meta(result),
        "targets": [_target(target) for target in result.targets],
        "units": _units(result),
        "totals": _nested(result.totals, _estimate),
        "busy_hours": {scope: _busy_hour(busy) for scope, busy in result.busy_hours.items()},
        "interval_starts_s": _numbers(result.interval_starts_s),
        "interval_labels": list(result.interval_labels),
        "by_interval": _nested(result.by_interval, _series),
        "by_hour": _nested(result.by_hour, _series),
        "by_week": _nested(result.by_week, _series),
        "by_weekday": _nested(result.by_weekday, _series),
        "waits": {scope: _waits(waits) for scope, waits in result.waits.items()},
        "queue_lengths": {
            scope: _queue_lengths(lengths) for scope, lengths in result.queue_lengths.items()
        },
        "edges": [_edge(edge) for edge in result.edges],
    }


def as_json(data: Mapping[str, Any]) -> bytes:
    """JSON text of plain data, UTF-8: an entry a line, lists of numbers on one line."""
    return (_text(data, "") + "\n").encode("utf-8")


def _text(value: Any, indent: str) -> str:
    """JSON of a value whose own lines start with `indent`."""
    deeper = indent + " "
    if isinstance(value, Mapping) and any(isinstance(v, Mapping | list) for v in value.values()):
        entries = (f"{deeper}{_scalar(str(k))}: {_text(v, deeper)}" for k, v in value.items())
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(v, Mapping | list) for v in value):
        return "[\n" + ",\n".join(deeper + _text(v, deeper) for v in value) + f"\n{indent}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _number(value: float, digits: int = _DIGITS) -> float | int | None:
    """Rounded to significant digits; whole numbers without a point; None for what is not there."""
    if not isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _numbers(values: NDArray[np.float64], digits: int = _DIGITS) -> list[Any]:
    """An array of any number of axes as nested lists."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1:
        return [_numbers(row, digits) for row in array]
    return [_number(value, digits) for value in array.tolist()]


def _nested(tables: Mapping[str, Mapping[str, Any]], convert: Any) -> dict[str, Any]:
    return {
        scope: {name: convert(figure) for name, figure in measures.items()}
        for scope, measures in tables.items()
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "mean": _number(estimate.mean),
        "half_width": _number(estimate.half_width),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
    }


def _series(series: Series) -> dict[str, Any]:
    return {"mean": _numbers(series.mean), "half_width": _numbers(series.half_width, _BAND_DIGITS)}


def _units(result: Result) -> dict[str, str]:
    """Unit of each measure that occurs, in the order of the alphabet."""
    by_time = (result.by_interval, result.by_hour, result.by_week, result.by_weekday)
    tables = (result.totals, *by_time)
    names = {name for table in tables for measures in table.values() for name in measures}
    return {name: measure(name).unit for name in sorted(names)}


def _meta(result: Result) -> dict[str, Any]:
    meta = result.meta
    return {
        "name": meta.name,
        "description": meta.description,
        "file": PurePath(meta.file).name,
        "version": meta.version,
        "seed": meta.seed,
        "replications": meta.replications,
        "start": meta.start,
        "timezone": meta.timezone,
        "duration_s": _number(meta.duration_s),
        "interval_s": _number(meta.interval_s),
        "facts": list(meta.facts),
        "currency": meta.currency or None,
        **({"planned": meta.planned} if meta.interrupted else {}),
        **({"records": meta.records} if meta.records != "full" else {}),
        **({"callback_counts_as": counts_as} if (counts_as := meta.callback_counts_as) else {}),
    }


def _target(target: TargetResult) -> dict[str, Any]:
    return {
        "name": target.name,
        "value": _number(target.value),
        "half_width": _number(target.half_width),
        "low": _number(target.low),
        "high": _number(target.high),
        "verdict": target.verdict,
        "unit": target.unit,
        "text": target.text,
        "at": target.at,
        "facts": list(target.facts),
        "replications_needed": target.replications_needed,
    }


def _busy_hour(busy: BusyHour) -> dict[str, Any]:
    return {
        "tcbh_min": busy.tcbh_min,
        "tcbh_erlang": _number(busy.tcbh_erlang),
        "adph_min": busy.adph_min,
        "adph_erlang": _number(busy.adph_erlang),
    }


def _waits(waits: Waits) -> dict[str, Any]:
    return {
        "percentiles": {name: _estimate(value) for name, value in waits.percentiles.items()},
        "bin_s": 1,
        "bins": len(waits.answered),
        "answered": _without_tail(waits.answered),
        "abandoned": _without_tail(waits.abandoned),
    }


def _queue_lengths(lengths: QueueLengths) -> dict[str, Any]:
    return {
        "percentiles": {name: _estimate(value) for name, value in lengths.percentiles.items()},
        "nobody": _estimate(lengths.nobody),
        "open_from": OPEN_LENGTH,
        "shares": _without_tail(lengths.shares),
    }


def _without_tail(counts: NDArray[np.float64]) -> list[Any]:
    """Counts up to the last that is not zero."""
    seen = np.flatnonzero(counts)
    return _numbers(counts[: seen[-1] + 1]) if seen.size else []


def _edge(edge: EdgeFlow) -> dict[str, Any]:
    return {
        "from": edge.from_node,
        "to": edge.to_node,
        "label": edge.label,
        "exit": edge.exit,
        "calls": _number(edge.calls),
        "share": _number(edge.share),
    }
