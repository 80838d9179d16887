"""The page of `vpbx sweep`: response curves, heat maps with the target's contour, the table.

Belongs here: plain data of a sweep (`study.json`) → a page. Does not belong here: estimates, the
frame of the page (`study_page`), drawing (`charts`).
"""

from collections.abc import Iterator, Mapping
from functools import partial
from math import nan
from typing import Any

import numpy as np

from vpbx.measures.result import Estimate
from vpbx.report import words
from vpbx.report.charts import Heat, Line, curves, floats, heat_map, scale_of
from vpbx.report.comparison import label
from vpbx.report.labels import aim
from vpbx.report.page import MARKS
from vpbx.report.study_page import (
    Chart,
    Section,
    StudyPage,
    columns_of,
    control_sentences,
    effort_sentences,
)
from vpbx.report.tables import Table

_MOST_LINES = 6


def sweep_page(data: Mapping[str, Any]) -> StudyPage:
    """The page of a sweep."""
    scenario = data["scenario"]
    charts = tuple(chart for measure in data["measures"] for chart in _charts(data, measure))
    note = (
        "Bands and ± are half the widths of 95 % confidence intervals. Every point saw the same "
        "callers, so that neighbours differ by less than their bands suggest."
    )
    return StudyPage(
        title=f"{scenario['title']}: {' × '.join(one['path'] for one in data['vary'])}",
        byline=f"{len(data['points']):,} points ({data['design']}), {data['replications']:,} "
        f"replications of each; {words.span(scenario['duration_s'])} from {scenario['start']} "
        f"({scenario['timezone']})",
        sentences=tuple(sentences(data)),
        sections=(
            Section("Pictures", note, charts),
            Section("Every point", "", (), (table(data),)),
        ),
        method=(
            "At every point replication r draws the same numbers for the same caller and purpose. "
            "Ratios are ratios of sums over the replications, their intervals by the delta method. "
            "A target is met at a point when the 95 % interval lies inside its band, missed when it "
            "lies outside, undecided otherwise.",
            *effort_sentences(data["effort"]),
            *control_sentences(data),
            *(
                [
                    "The best point was found by Kim and Nelson's procedure (2001): points are "
                    "dropped as soon as another is shown to be better."
                ]
                if "ranking" in data
                else []
            ),
        ),
        run=f"{len(data['points']) * data['replications']:,} replications, seed {data['seed']}.",
        measures=tuple(dict.fromkeys(one["measure"] for one in data["measures"])),
    )


def title_of(measure: Mapping[str, Any]) -> str:
    """`support: mean wait (ASA)`."""
    return f"{words.scope_name(measure['scope'])}: {label(measure['measure'])}"


def _currency(data: Mapping[str, Any], measure: Mapping[str, Any]) -> str:
    """The currency of a measure of money; "" for others."""
    return str(data["scenario"]["currency"]) if measure["unit"] == "money" else ""


def sentences(data: Mapping[str, Any]) -> Iterator[str]:
    """Where each target is met; from where to where each measure goes."""
    for target in data["targets"]:
        yield _about_target(data, target["text"])
    if "ranking" in data:
        yield _about_ranking(data)
    for measure in data["measures"]:
        yield _about_measure(data, measure)


def _about_measure(data: Mapping[str, Any], measure: Mapping[str, Any]) -> str:
    """Along one parameter from its first value on, by the scenario as it is; over several from the
    lowest figure to the highest."""
    name, unit = measure["name"], measure["unit"]
    there = [point for point in data["points"] if point["figures"][name][0] is not None]
    if not there:
        return f"{title_of(measure)} has no value anywhere."
    money = f" {currency}" if (currency := _currency(data, measure)) else ""

    def at(point: Mapping[str, Any]) -> str:
        where = f"{_where(data, point)}{', as it is,' if point is base else ''}"
        return f"{_figure(point['figures'][name], unit)}{money} at {where}"

    base = _as_it_is(data)
    low, high = (pick(there, key=lambda point: point["figures"][name][0]) for pick in (min, max))
    if low["figures"][name][0] == high["figures"][name][0]:
        return f"{title_of(measure)} is {_figure(low['figures'][name], unit)}{money} everywhere."
    if not _in_order(data):
        return f"{title_of(measure)} goes from {at(low)} to {at(high)}."
    first, last = there[0], there[-1]
    middle = f"over {at(base)} " if base is not None and base in there[1:-1] else ""
    beyond = [
        f"the {kind}, {at(point)}"
        for kind, point in (("least", low), ("most", high))
        if point not in (first, last, base)
    ]
    tail = f"; in between {' and '.join(beyond)}" if beyond else ""
    said = f"{title_of(measure)} goes from {at(first)} {middle}to {at(last)}{tail}."
    return said.replace(",.", ".").replace(",;", ";")


def _in_order(data: Mapping[str, Any]) -> bool:
    """Whether the points are those of one parameter of numbers."""
    return len(data["vary"]) == 1 and data["vary"][0]["numbers"] is not None


def _as_it_is(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The point at which nothing is changed, where ranges are in per cent of what the file says."""
    return next((p for p in data["points"] if all(v == "100%" for v in p["values"])), None)


def _about_ranking(data: Mapping[str, Any]) -> str:
    found = data["ranking"]
    where = _where(data, {"values": found["best"]})
    kind = "most" if found["most"] else "least"
    sure = (
        "the best so far: the cap came before all others were ruled out"
        if found["capped"]
        else "with 95 % confidence, unless another is within that difference (KN)"
    )
    return (
        f"{found['by']}: {where} has the {kind}, {sure}; {found['replications']:,} replications in "
        "all."
    )


def _about_target(data: Mapping[str, Any], text: str) -> str:
    answer = _answer(data, text) if _in_order(data) else None
    if answer is not None:
        return answer
    verdicts = [point["verdicts"][text] for point in data["points"]]
    counts = {word: verdicts.count(word) for word in ("met", "undecided", "missed")}
    met = [point for point in data["points"] if point["verdicts"][text] == "met"]
    n = len(verdicts)
    if not met:
        return f"{aim(text)}: met at none of the {n} points ({counts['undecided']} undecided)."
    tail = f"; {counts['undecided']} undecided" if counts["undecided"] else ""
    if len(data["vary"]) == 1:
        where = ", ".join(point["values"][0] for point in met)
        return f"{aim(text)}: met at {data['vary'][0]['path']} = {where}{tail}."
    return f"{aim(text)}: met at {len(met)} of {n} points{tail}."


def _answer(data: Mapping[str, Any], text: str) -> str | None:
    """What it takes to meet a target that is missed at one end and met at the other; None where the
    points do not lie like that."""
    points, start = list(data["points"]), _as_it_is(data) or data["points"][0]
    if points[0]["verdicts"][text] == "met":
        points.reverse()
    rank = [("missed", "undecided", "met").index(point["verdicts"][text]) for point in points]
    if rank != sorted(rank) or rank[-1] < 2 or start["verdicts"][text] == "met":
        return None
    maybe, sure = points[next(i for i, r in enumerate(rank) if r)], points[rank.index(2)]
    target = next(one for one in data["targets"] if one["text"] == text)
    own = next(one for one in data["measures"] if one["name"] == target["measure"])
    as_it_is = "as it is" if start is _as_it_is(data) else f"at {_where(data, start)}"
    takes = sure["values"][0] if maybe is sure else f"{maybe['values'][0]} to {sure['values'][0]}"
    doubt = "" if maybe is sure else f" ({maybe['values'][0]} is undecided)"
    bill = "".join(
        f"; {title_of(one)} {_span(maybe, sure, one)} instead of {_span(start, start, one)} "
        f"{_currency(data, one)}".rstrip()
        for one in data["measures"]
        if one["unit"] == "money"
    )
    return (
        f"To bring {title_of(own)} from {_figure(start['figures'][own['name']], own['unit'])}, "
        f"{as_it_is}, to {_bounds(target, own['unit'])} takes {data['vary'][0]['path']} = {takes}"
        f"{doubt}{bill}."
    )


def _bounds(target: Mapping[str, Any], unit: str) -> str:
    """A target's band: `≤ 20 s`, `≥ 80.0 %`, `2 min to 4 min`."""
    ends = (target["low"], target["high"])
    low, high = (None if end is None else words.quantity(end, unit) for end in ends)
    if low is None or high is None:
        return f"≤ {high}" if low is None else f"≥ {low}"
    return f"{low} to {high}"


def _span(low: Mapping[str, Any], high: Mapping[str, Any], measure: Mapping[str, Any]) -> str:
    """Figures of one or two points: `110,700 to 115,200`."""
    ends = [_figure(point["figures"][measure["name"]], measure["unit"]) for point in (low, high)]
    return " to ".join(dict.fromkeys(ends))


def _where(data: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    pairs = zip(data["vary"], point["values"], strict=True)
    return ", ".join(f"{one['path']} = {value}" for one, value in pairs)


def _figure(found: list[float | None], unit: str) -> str:
    value, half = (nan if one is None else float(one) for one in found)
    return words.estimate(Estimate(value, half), unit)


def table(data: Mapping[str, Any]) -> Table:
    """A row a point: its values, its figures, the targets' verdicts."""
    heads = [one["path"] for one in data["vary"]]
    for one in data["measures"]:
        currency = _currency(data, one)
        heads.append(f"{title_of(one)}, {currency}" if currency else title_of(one))
    heads += [aim(one["text"]) for one in data["targets"]]
    rows = []
    for point in data["points"]:
        figures = (_figure(point["figures"][m["name"]], m["unit"]) for m in data["measures"])
        marks = (
            f"{MARKS[point['verdicts'][t['text']]]} {point['verdicts'][t['text']]}"
            for t in data["targets"]
        )
        rows.append((*point["values"], *figures, *marks))
    return Table("points", "Points", columns_of(heads, 1), tuple(rows))


def _level(data: Mapping[str, Any], measure: str) -> float | None:
    """The first target's bound on a measure."""
    for target in data["targets"]:
        if target["measure"] == measure:
            bounds = (target["low"], target["high"])
            return next((float(bound) for bound in bounds if bound is not None), None)
    return None


def _charts(data: Mapping[str, Any], measure: Mapping[str, Any]) -> Iterator[Chart]:
    """Curves over one parameter; over two a heat map and curves; points over each of several."""
    found = np.array([_values(point, measure) for point in data["points"]])
    largest = float(np.nanmax(found[:, 0])) if np.isfinite(found[:, 0]).any() else 0.0
    if not np.isfinite(found[:, 0]).any():
        return
    scale = scale_of(measure["unit"], largest, label(measure["measure"]), _currency(data, measure))
    level, title = _level(data, measure["name"]), title_of(measure)
    name = measure["name"].replace(" ", "").replace("(", "_").replace(")", "").replace(",", "_")
    if data["design"] == "grid" and len(data["vary"]) == 2:
        yield Chart(
            f"{name}.map", f"{title}; the line is the target's." if level is not None else title,
            partial(_heat, data=data, measure=measure, scale=scale, level=level),
        )  # fmt: skip
    if data["design"] == "grid" and len(data["vary"]) <= 2:
        yield Chart(name, title, partial(_curves, data=data, found=found, scale=scale, level=level))
        return
    for i, one in enumerate(data["vary"]):
        yield Chart(
            f"{name}.{i}", f"{title} over {one['path']}; the other values differ from point to point.",
            partial(_scatter, data=data, found=found, scale=scale, level=level, axis=i),
        )  # fmt: skip


def _values(point: Mapping[str, Any], measure: Mapping[str, Any]) -> list[float]:
    return [float(value) for value in floats(point["figures"][measure["name"]])]


def _axis(one: Mapping[str, Any]) -> tuple[Any, list[str] | None]:
    """Positions of a parameter's values and, for names, their texts."""
    if one["numbers"] is None:
        return np.arange(len(one["values"]), dtype=np.float64), one["values"]
    return floats(one["numbers"]), None


def _axis_label(one: Mapping[str, Any]) -> str:
    unit = one["unit"] if one["numbers"] is not None else ""
    return f"{one['path']}, {unit}" if unit else str(one["path"])


def _curves(theme: Any, *, data: Any, found: Any, scale: Any, level: float | None) -> Any:
    first, *rest = data["vary"]
    n = len(first["values"])
    shaped = found.reshape(n, -1, 2)
    x, ticks = _axis(first)
    chosen = np.unique(np.linspace(0, shaped.shape[1] - 1, _MOST_LINES).round().astype(int))
    lines = [
        Line(f"{rest[0]['path']} = {rest[0]['values'][k]}" if rest else "", shaped[:, k, 0],
             shaped[:, k, 1])
        for k in chosen
    ]  # fmt: skip
    return curves(theme, x, _axis_label(first), lines, scale, level, ticks)


def _scatter(
    theme: Any, *, data: Any, found: Any, scale: Any, level: float | None, axis: int
) -> Any:
    from vpbx.report.charts import scatter

    x = floats([point["numbers"][axis] for point in data["points"]])
    line = Line("", found[:, 0], found[:, 1])
    one = data["vary"][axis]
    return scatter(theme, x, _axis_label(one), line, scale, level)


def _heat(theme: Any, *, data: Any, measure: Any, scale: Any, level: float | None) -> Any:
    first, second = data["vary"]
    values = floats([point["figures"][measure["name"]][0] for point in data["points"]])
    shaped = values.reshape(len(first["values"]), len(second["values"]))
    heat = Heat(second["values"], first["values"], second["path"], first["path"], shaped)
    return heat_map(theme, heat, measure["unit"], scale, level)
