"""The page of `vpbx sensitivity`: what drives a figure.

Belongs here: plain data of a sensitivity study (`study.json`) → a page. Does not belong here:
estimates, the frame of the page (`study_page`), drawing (`charts`).
"""

from collections.abc import Iterator, Mapping
from functools import partial
from math import nan
from typing import Any

from vpbx.report import words
from vpbx.report.charts import Bar, scale_of, shares
from vpbx.report.charts import tornado as tornado_chart
from vpbx.report.comparison import signed
from vpbx.report.study_page import Chart, Section, StudyPage, columns_of, effort_sentences
from vpbx.report.sweeping import title_of
from vpbx.report.tables import Table

_MOST_BARS = 20


def drivers_page(data: Mapping[str, Any]) -> StudyPage:
    """The page of a sensitivity study."""
    scenario, title = data["scenario"], title_of(data["measure"])
    sections = [
        Section(
            "One at a time",
            "Each parameter at both ends of its range, the others as they are; the line is the "
            "scenario as it is.",
            (
                Chart(
                    "tornado",
                    f"{title}: one parameter at a time; light: the low "
                    "end of its range, dark: the high end.",
                    partial(_tornado, data=data),
                ),
            ),
            (swings(data),),
        )
    ]
    if data["sobol"]:
        chart = Chart(
            "sobol",
            f"{title}: share of the variance, with interactions.",
            partial(_shares, data=data),
        )
        note = "Whiskers are 95 % intervals over the points."
        sections.append(Section("Shares of the variance", note, (chart,), (sobol_table(data),)))
    return StudyPage(
        title=f"{scenario['title']}: what drives {title}",
        byline=f"{words.span(scenario['duration_s'])} from {scenario['start']} "
        f"({scenario['timezone']}), {data['replications']:,} replications of each point",
        sentences=tuple(sentences(data)),
        sections=tuple(sections),
        method=(*_method(data), *effort_sentences(data.get("effort"))),
        run=f"Seed {data['seed']}.",
        measures=(data["measure"]["measure"],),
    )


def sentences(data: Mapping[str, Any]) -> Iterator[str]:
    """The strongest parameters; which do nothing; how much interaction there is."""
    unit = data["measure"]["unit"]
    told = [one for one in data["tornado"] if _clear(one["low"]) or _clear(one["high"])]
    still = [one for one in data["tornado"] if one not in told]
    for one in told[:3]:
        low, high = one["low"], one["high"]
        yield (
            f"{one['path']} from {low['setting']} to {high['setting']}: "
            f"{_value(low, unit)} to {_value(high, unit)} "
            f"({signed(*_pair(low), unit)}, {signed(*_pair(high), unit)})."
        )
    if still:
        yield f"No effect shown: {', '.join(one['path'] for one in still)}."
    alone = [one["first"][0] for one in data["sobol"] if one["first"][0] is not None]
    if alone:
        rest = max(0.0, 1.0 - sum(alone))
        yield (
            f"Over the ranges together, {data['sobol'][0]['path']} explains most: "
            f"{words.share(data['sobol'][0]['total'][0] or 0.0)} of the variance, with its "
            f"interactions; interactions of all are about {words.share(rest)}."
        )


def _pair(end: Mapping[str, Any]) -> tuple[float | None, float | None]:
    value, half = end["difference"]
    return value, half


def _clear(end: Mapping[str, Any]) -> bool:
    value, half = _pair(end)
    return value is not None and abs(value) > (half or 0.0)


def _value(end: Mapping[str, Any], unit: str) -> str:
    return words.quantity(nan if end["value"] is None else end["value"], unit)


def swings(data: Mapping[str, Any]) -> Table:
    """The tornado as a table."""
    unit = data["measure"]["unit"]
    rows = []
    for one in data["tornado"]:
        cells = [one["path"]]
        for end in (one["low"], one["high"]):
            cells += [end["setting"], _value(end, unit), signed(*_pair(end), unit)]
        rows.append(tuple(cells))
    heads = ("parameter", "low", "then", "difference", "high", "then", "difference")
    return Table("tornado", "One at a time", columns_of(heads), tuple(rows))


def sobol_table(data: Mapping[str, Any]) -> Table:
    """Indices, a row a parameter."""
    rows = tuple((one["path"], _index(one["first"]), _index(one["total"])) for one in data["sobol"])
    heads = ("parameter", "alone", "with interactions")
    return Table("sobol", "Shares of the variance", columns_of(heads), rows)


def _index(found: list[float | None]) -> str:
    value, half = found
    return words.NONE if value is None else f"{value:.2f}" + (f" ± {half:.2f}" if half else "")


def _tornado(theme: Any, *, data: Any) -> Any:
    base = data["base"][0] or 0.0
    bars = [
        Bar(one["path"], _or(one["low"]["value"], base), _or(one["high"]["value"], base))
        for one in data["tornado"][:_MOST_BARS]
    ]
    largest = max([base, *(max(bar.low, bar.high) for bar in bars)])
    scale = scale_of(
        data["measure"]["unit"], largest, title_of(data["measure"]), data["scenario"]["currency"]
    )
    return tornado_chart(theme, bars, base, scale)


def _or(value: float | None, base: float) -> float:
    """A value; the scenario's own where there is none."""
    return base if value is None else value


def _shares(theme: Any, *, data: Any) -> Any:
    found = data["sobol"][:_MOST_BARS]
    bars = [Bar(one["path"], 0.0, max(0.0, one["total"][0] or 0.0)) for one in found]
    return shares(theme, bars, [one["total"][1] or 0.0 for one in found], "share of the variance")


def _method(data: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "All points saw the same callers. Differences from the scenario as it is are paired over "
        "replications; ± is half the width of the 95 % interval (Student's t; the delta method for "
        "ratios)."
    )
    if data["sobol"]:
        yield (
            f"Shares of the variance: each parameter uniform over its range, independently; "
            f"{data['points']} points of a Sobol' sequence for each of two samples and of their "
            f"mixtures, {data['replications_a_point']} replications a point. First order by Saltelli "
            "and others (2010), totals by Jansen (1999), intervals by a bootstrap over the points."
        )
