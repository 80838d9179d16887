"""The page of `vpbx compare`: what B changes against A, in sentences, tables and pictures.

Belongs here: plain data of a comparison (`study.json`) → a page. Does not belong here: estimates,
the frame of the page (`study_page`).
"""

from collections.abc import Iterator, Mapping
from math import isfinite, nan
from typing import Any

import numpy as np

from vpbx.report import labels, words
from vpbx.report.charts import Line, floats, over_time, scale_of
from vpbx.report.study_page import (
    Chart,
    Section,
    StudyPage,
    columns_of,
    control_sentences,
    effort_sentences,
)
from vpbx.report.tables import Table

HEADLINES = ("mean_wait", "abandoned", "p90_wait", "blocked", "occupancy", "cost", "offered")
"""Measures that sentences are made of, where a scope has them and they change."""
_KINDS = (("all", "All calls"), ("queue", "Queues"), ("group", "Agent groups"), ("trunk", "Trunks"))
_FOLDED = (("number", "Numbers"), ("class", "Caller classes"))
_MOST_SENTENCES = 8
_IN_SENTENCES = {f"p{p}_wait": f"{p}th percentile of the wait" for p in (50, 80, 90, 95, 99)}
_BY_TIME = ("offered", "mean_wait", "abandoned", "mean_queue")


def comparison_page(data: Mapping[str, Any]) -> StudyPage:
    """The page of a comparison."""
    a, b = data["a"], data["b"]
    sections = [_pictures(data)] if data["interval_labels"] else []
    tables = [
        _table(scope, data["scopes"][scope], a["currency"]) for scope in _scopes(data, _KINDS)
    ]
    folded = [
        _table(scope, data["scopes"][scope], a["currency"]) for scope in _scopes(data, _FOLDED)
    ]
    if data["interval_labels"]:
        folded += [_time_table(scope, data) for scope in _scopes(data, (("queue", ""),))]
    note = (
        "Difference: B − A of the same replications, ± half the width of its 95 % confidence "
        "interval. Times: B / A. "
        "Saved: how many times as many replications independent runs would need for as narrow an "
        "interval."
    )
    sections.append(Section("Every measure", note, (), tuple(tables), tuple(folded)))
    return StudyPage(
        title=f"{a['name']} against {b['name']}",
        byline=_byline(data),
        sentences=tuple(sentences(data)),
        sections=tuple(sections),
        method=(*_method(data), *effort_sentences(data["effort"]), *control_sentences(data)),
        run=f"{data['replications']:,} replications of each, seed {data['seed']}. A: {a['title']} "
        f"({a['file']}). B: {b['title']} ({b['file']}).",
        measures=tuple(dict.fromkeys(m for own in data["scopes"].values() for m in own)),
    )


def _byline(data: Mapping[str, Any]) -> str:
    days = words.span(data["a"]["duration_s"])
    return (
        f"A: {data['a']['name']} · B: {data['b']['name']} · {days} from {data['a']['start']} "
        f"({data['a']['timezone']}), {data['replications']:,} replications of each, the same callers"
    )


def _scopes(data: Mapping[str, Any], kinds: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for kind, _ in kinds:
        yield from (s for s in data["scopes"] if s == kind or s.startswith(f"{kind}."))


def sentences(data: Mapping[str, Any]) -> Iterator[str]:
    """What changed, the queues first; then what pairing saved; then what only one of them has."""
    found = [
        sentence(scope, name, data["scopes"][scope][name], data["a"]["currency"])
        for scope in [*_scopes(data, (("queue", ""), ("group", ""), ("trunk", ""))), "all"]
        for name in _told(data["scopes"][scope])
    ]
    clear = [text for is_clear, text in found if is_clear]
    if clear:
        yield from clear[:_MOST_SENTENCES]
        if len(clear) > _MOST_SENTENCES:
            yield f"{len(clear) - _MOST_SENTENCES} more of the main measures differ: see the tables."
    else:
        yield "None of the main measures differs beyond chance."
    yield from _winners_and_losers(data)
    saved = _saved(data)
    if len(saved):
        yield (
            "Both saw the same callers: for differences as sure as these, independent runs would "
            f"need {_times(float(np.median(saved)))} times as many replications (half of the "
            f"measures lie between {_times(float(np.quantile(saved, 0.25)))} and "
            f"{_times(float(np.quantile(saved, 0.75)))})."
        )
    for which, name in (("only_in_a", "A"), ("only_in_b", "B")):
        if data[which]:
            yield f"Only {name} has {', '.join(data[which])}; not compared."


def _winners_and_losers(data: Mapping[str, Any]) -> Iterator[str]:
    """The caller class that gains most and the largest one that pays for it, where waits of some get
    shorter and of others longer."""
    found = {
        scope: own["mean_wait"]
        for scope, own in data["scopes"].items()
        if scope.startswith("class.") and _is_clear(own["mean_wait"])
    }
    shorter = [scope for scope, one in found.items() if one["difference"][0] < 0]
    longer = [scope for scope, one in found.items() if one["difference"][0] > 0]
    if not shorter or not longer:
        return
    gains = min(shorter, key=lambda scope: found[scope]["difference"][0])
    pays = max(longer, key=lambda scope: data["scopes"][scope]["offered"]["a"][0] or 0.0)
    yield sentence(gains, "mean_wait", found[gains])[1]
    yield sentence(pays, "mean_wait", found[pays])[1]


def _is_clear(entry: Mapping[str, Any]) -> bool:
    """Whether a difference is beyond chance."""
    diff, half = entry["difference"]
    return diff is not None and half is not None and abs(diff) > half


def _told(measures: Mapping[str, Any]) -> list[str]:
    levels = [name for name in measures if name.startswith("service_level(answered_of_offered,")]
    return [name for name in (*HEADLINES[:2], *levels[:1], *HEADLINES[2:]) if name in measures]


def _saved(data: Mapping[str, Any]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Variance saved, of every measure that differs at all."""
    found = [
        entry["variance_saved"]
        for own in data["scopes"].values()
        for entry in own.values()
        if entry["variance_saved"] is not None and entry["difference"][1]
    ]
    return np.array(found, np.float64)


def sentence(
    scope: str, name: str, entry: Mapping[str, Any], currency: str = ""
) -> tuple[bool, str]:
    """Whether a difference is beyond chance, and a sentence on it:
    `support: mean wait (ASA) is 0.61 ± 0.02 times as high, 12 min instead of 20 min (−8 min ± …).`"""
    unit, (diff, half) = entry["unit"], entry["difference"]
    if diff is None:
        return False, f"{words.scope_name(scope)}: {label(name)} has no value in one of them."
    is_clear = _is_clear(entry)
    gap = signed(diff, half, unit)
    a, b = (words.quantity(nan if v is None else v, unit) for v in (entry["a"][0], entry["b"][0]))
    where = f"{words.scope_name(scope)}: {label(name)}"
    where += f" ({currency})" if currency and unit == "money" else ""
    if not is_clear:
        return False, f"{where} shows no difference: {b} against {a} ({gap})."
    if entry["times"][0] is None or unit == "share":
        return True, f"{where} is {b} instead of {a} ({gap})."
    return True, f"{where} is {times(*entry['times'])} times A's: {b} instead of {a} ({gap})."


def label(name: str) -> str:
    """A measure as people call it."""
    return _IN_SENTENCES.get(name) or labels.label(name)


def signed(value: float | None, half: float | None, unit: str) -> str:
    """A difference with its sign: `−8 min 2 s ± 12 s`, `+3.1 ± 0.4 points` for shares."""
    if value is None or not isfinite(value):
        return words.NONE
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if unit == "share":
        points = 100 * abs(value)
        body = (
            f"{points:.1f}" if points >= 0.1 else f"{points:.2g}" if points >= 0.001 else "<0.001"
        )
        tail = " points"
    else:
        body, tail = words.quantity(abs(value), unit), ""
    if body.startswith("<"):
        sign = ""  # next to nothing, either way
    if half:
        body += f" ± {words.half_width(half, unit)}"
    return f"{sign}{body}{tail}"


def times(value: float | None, half: float | None) -> str:
    """A quotient: `1.89 ± 0.22`."""
    if value is None:
        return words.NONE
    digits = 2 if half is None or half >= 0.0095 else 3
    return f"{value:.{digits}f}" + (f" ± {half:.{digits}f}" if half else "")


def _times(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"


def _table(scope: str, measures: Mapping[str, Any], currency: str) -> Table:
    """Every measure of a scope, a row each; those that are nothing in both are left out."""
    rows = [
        _row(name, entry, currency)
        for name, entry in measures.items()
        if entry["a"][0] or entry["b"][0] or entry["difference"][0]
    ]
    heads = columns_of(("measure", "A", "B", "difference", "times", "saved"))
    kind = words.scope_kind(scope)
    title = "All calls" if kind == "all" else f"{kind.capitalize()} {words.scope_name(scope)}"
    return Table(scope.replace(" ", "_"), title, heads, tuple(rows))


def _row(name: str, entry: Mapping[str, Any], currency: str) -> tuple[str, ...]:
    unit, (diff, half) = entry["unit"], entry["difference"]
    a, b = (_figure(entry[side], unit) for side in ("a", "b"))
    saved = entry["variance_saved"]
    what = f"{label(name)} ({currency})" if currency and unit == "money" else label(name)
    return (
        what, a, b,
        "0" if diff == 0 else signed(diff, half, unit),
        times(*entry["times"]),
        words.NONE if saved is None or not half else _times(saved),
    )  # fmt: skip


def _figure(found: list[float | None], unit: str) -> str:
    from vpbx.measures.result import Estimate

    value, half = (nan if v is None else float(v) for v in found)
    return words.estimate(Estimate(value, half), unit)


def _time_table(scope: str, data: Mapping[str, Any]) -> Table:
    """Intervals of a queue, a row each: A, B and the difference of the main measures."""
    own = data["scopes"][scope]
    names = [name for name in _BY_TIME if name in own]
    heads = ["from"]
    for name in names:
        heads += [f"{label(name)}, A", "B", "difference"]
    rows = []
    for i, at in enumerate(data["interval_labels"]):
        cells = [at]
        for name in names:
            timed, unit = own[name]["by_interval"], own[name]["unit"]
            a, b = (words.quantity(nan if timed[s][i] is None else timed[s][i], unit) for s in "ab")
            cells += [a, b, signed(timed["difference"][i], timed["half_width"][i], unit)]
        rows.append(tuple(cells))
    title = f"{words.scope_name(scope)} by interval"
    return Table(f"time.{scope}".replace(" ", "_"), title, columns_of(heads), tuple(rows))


def _pictures(data: Mapping[str, Any]) -> Section:
    queues = list(_scopes(data, (("queue", ""),)))
    differing = [scope for scope in queues if _differs(data["scopes"][scope]["mean_wait"])]
    charts = [_chart(scope, "mean_wait", data) for scope in differing or queues[:1]]
    left = len(queues) - len(charts)
    note = (
        f" {left} queue{'s' if left > 1 else ''} in which nothing differs not shown."
        if left
        else ""
    )
    return Section(
        "Over time",
        f"Bands are 95 % confidence intervals; the lower panel is B − A.{note}",
        tuple(charts),
    )


def _differs(entry: Mapping[str, Any]) -> bool:
    return any(entry["by_interval"]["difference"])


def _chart(scope: str, name: str, data: Mapping[str, Any]) -> Chart:
    entry = data["scopes"][scope][name]
    timed = entry["by_interval"]
    lines = [
        Line(f"{which.upper()}: {data[which]['name']}", floats(timed[which]),
             floats(timed[f"{which}_half_width"]))
        for which in "ab"
    ]  # fmt: skip
    gap = Line("B − A", floats(timed["difference"]), floats(timed["half_width"]))
    largest = max(float(np.nan_to_num(line.values).max()) for line in lines)
    scale, title = scale_of(entry["unit"], largest), f"{words.scope_name(scope)}: {label(name)}"
    return Chart(
        f"{name}.{scope}".replace(" ", "_"),
        f"{title} by interval of joining, and the difference.",
        lambda theme: over_time(theme, data["interval_labels"], lines, scale, title, gap),
    )


def _method(data: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Replication r of both scenarios draws the same numbers for the same caller and purpose, so "
        "that both see the same callers, as far as they ask the same of them. The difference of "
        "each measure is taken within replications; its 95 % interval is Student's t on them. "
        "Ratios (mean waits, shares) are ratios of sums over all replications; their differences "
        "and quotients have intervals by the delta method (Law 2015, section 9.4.2)."
    )
    yield (
        "Percentiles of waits are means over replications of each one's own percentile. Each "
        f"interval holds with 95 %: of {sum(len(own) for own in data['scopes'].values()):,} "
        "measures, about one in twenty that did not change will seem to have changed."
    )
