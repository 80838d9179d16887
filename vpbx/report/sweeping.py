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
from vpbx.report.page import MARKS
from vpbx.report.study_page import Chart, Section, StudyPage, columns_of, effort_sentences
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
            *_controls(data),
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


def _controls(data: Mapping[str, Any]) -> Iterator[str]:
    saved = data["variance_saved_by_controls"]
    if saved is not None:
        yield (
            "Arrivals and work, whose means are known, served as control variates: half of the "
            f"figures are as precise as of {saved:.1f} times as many replications."
        )


def title_of(measure: Mapping[str, Any]) -> str:
    """`support: mean wait (ASA)`."""
    return f"{words.scope_name(measure['scope'])}: {label(measure['measure'])}"


def sentences(data: Mapping[str, Any]) -> Iterator[str]:
    """Where each target is met; from where to where each measure goes."""
    for target in data["targets"]:
        yield _about_target(data, target["text"])
    if "ranking" in data:
        yield _about_ranking(data)
    for measure in data["measures"]:
        pairs = [(point["figures"][measure["name"]], point) for point in data["points"]]
        there = [(found, point) for found, point in pairs if found[0] is not None]
        if not there:
            yield f"{title_of(measure)} has no value anywhere."
            continue
        low, high = (pick(there, key=lambda one: one[0][0]) for pick in (min, max))
        if low[0][0] == high[0][0]:
            yield f"{title_of(measure)} is {_figure(low[0], measure['unit'])} everywhere."
        else:
            yield (
                f"{title_of(measure)} goes from {_figure(low[0], measure['unit'])} at "
                f"{_where(data, low[1])} to {_figure(high[0], measure['unit'])} at "
                f"{_where(data, high[1])}."
            )


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
    verdicts = [point["verdicts"][text] for point in data["points"]]
    counts = {word: verdicts.count(word) for word in ("met", "undecided", "missed")}
    met = [point for point in data["points"] if point["verdicts"][text] == "met"]
    n = len(verdicts)
    if not met:
        return f"{text}: met at none of the {n} points ({counts['undecided']} undecided)."
    tail = f"; {counts['undecided']} undecided" if counts["undecided"] else ""
    if len(data["vary"]) == 1:
        where = ", ".join(point["values"][0] for point in met)
        return f"{text}: met at {data['vary'][0]['path']} = {where}{tail}."
    return f"{text}: met at {len(met)} of {n} points{tail}."


def _where(data: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    pairs = zip(data["vary"], point["values"], strict=True)
    return ", ".join(f"{one['path']} = {value}" for one, value in pairs)


def _figure(found: list[float | None], unit: str) -> str:
    value, half = (nan if one is None else float(one) for one in found)
    return words.estimate(Estimate(value, half), unit)


def table(data: Mapping[str, Any]) -> Table:
    """A row a point: its values, its figures, the targets' verdicts."""
    heads = [one["path"] for one in data["vary"]]
    heads += [title_of(one) for one in data["measures"]]
    heads += [one["text"] for one in data["targets"]]
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
    scale = scale_of(measure["unit"], largest, label(measure["measure"]))
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
