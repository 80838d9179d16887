"""The page of `vpbx calibrate`: the parameters found, how sure they are, how it was found.

Belongs here: plain data of a calibration (`study.json`) → a page. Does not belong here: solving, the
frame of the page (`study_page`), drawing (`charts`).
"""

from collections.abc import Iterator, Mapping
from functools import partial
from math import nan
from typing import Any

import numpy as np

from vpbx.measures.result import Estimate
from vpbx.report import words
from vpbx.report.charts import Line, curves, floats, scale_of
from vpbx.report.comparison import label
from vpbx.report.labels import aim
from vpbx.report.page import MARKS, Verdict
from vpbx.report.study_page import Chart, Section, StudyPage, columns_of, effort_sentences
from vpbx.report.tables import Table


def calibration_page(data: Mapping[str, Any]) -> StudyPage:
    """The page of a calibration."""
    scenario = data["scenario"]
    return StudyPage(
        title=f"{scenario['title']}: calibrated",
        byline=f"{len(data['looks'])} points tried, {data['replications']:,} replications of each; "
        f"{words.span(scenario['duration_s'])} from {scenario['start']} ({scenario['timezone']})",
        sentences=tuple(sentences(data)),
        sections=(
            *_pictures(data),
            Section("Parameters", "", (), (parameters(data),)),
            Section("Figures", "", (), (figures(data),), (_looks(data),)),
        ),
        method=(
            "All points saw the same callers, so that each figure is a function of the parameters "
            "without noise of its own; its root was found by regula falsi (one parameter) or damped "
            "Gauss-Newton (several). A parameter's interval is the error of the figures, and that "
            "of the observation where it is given, through the slopes of the figures (the delta "
            "method). The figures of the fit were confirmed on callers that were not used to find "
            "it.",
            *effort_sentences(data.get("effort")),
        ),
        run=f"Seed {data['seed']}. The fitted scenario is {data['variant']}.",
        verdicts=tuple(_verdict(one) for one in data["observed"]),
        measures=tuple(one["measure"] for one in data["observed"]),
    )


def sentences(data: Mapping[str, Any]) -> Iterator[str]:
    """The parameters in words; what stands against them."""
    for one in data["parameters"]:
        half = "" if one["half_width"] is None else f" ± {one['half_width']:.3g}{one['unit']}"
        yield f"{one['path']} = {one['value']}{half}"
    if data["why"]:
        yield f"But: {data['why']}."


def _figure(found: list[float | None], unit: str) -> str:
    value, half = (nan if one is None else float(one) for one in found)
    return words.estimate(Estimate(value, half), unit)


def _verdict(one: Mapping[str, Any]) -> Verdict:
    kind = "met" if one["agrees"] else "missed"
    return Verdict(
        kind, MARKS[kind], aim(one["text"]), _figure(one["confirmed"], one["unit"]), "", "", ""
    )


def parameters(data: Mapping[str, Any]) -> Table:
    """Each parameter, its interval, and where it was looked for."""
    rows = []
    for one in data["parameters"]:
        half = one["half_width"]
        interval = words.NONE
        if half is not None:
            interval = f"{one['number'] - half:.4g} to {one['number'] + half:.4g}{one['unit']}"
        rows.append((one["path"], one["value"], interval, one["searched"]))
    heads = ("parameter", "value", "95 % interval", "looked for in")
    return Table("parameters", "Parameters", columns_of(heads), tuple(rows))


def figures(data: Mapping[str, Any]) -> Table:
    """Observed, fitted, and on callers that were not used."""
    rows = tuple(
        (aim(one["text"]), words.quantity(one["value"], one["unit"]), _figure(one["fitted"], one["unit"]),
         _figure(one["confirmed"], one["unit"]))
        for one in data["observed"]
    )  # fmt: skip
    heads = ("figure", "observed", "fitted", "on other callers")
    return Table("figures", "Figures", columns_of(heads), rows)


def _looks(data: Mapping[str, Any]) -> Table:
    heads = [one["path"] for one in data["parameters"]] + [
        aim(one["text"]) for one in data["observed"]
    ]
    units = [one["unit"] for one in data["observed"]]
    rows = tuple(
        (*(f"{x:.6g}" for x in look["point"]),
         *(_figure(f, unit) for f, unit in zip(look["figures"], units, strict=True)))
        for look in data["looks"]
    )  # fmt: skip
    return Table("looks", "Every point tried", columns_of(heads), rows)


def _pictures(data: Mapping[str, Any]) -> tuple[Section, ...]:
    charts = tuple(_charts(data))
    return (Section("Pictures", "", charts),) if charts else ()


def _charts(data: Mapping[str, Any]) -> Iterator[Chart]:
    """For one parameter: each figure over it, with what was observed."""
    if len(data["parameters"]) != 1:
        return
    for k, one in enumerate(data["observed"]):
        yield Chart(
            f"fit.{k}", f"{aim(one['text'])} over {data['parameters'][0]['path']}.",
            partial(_curve, data=data, k=k),
        )  # fmt: skip


def _curve(theme: Any, *, data: Any, k: int) -> Any:
    one, parameter = data["observed"][k], data["parameters"][0]
    looks = sorted(data["looks"], key=lambda look: look["point"][0])
    x = floats([look["point"][0] for look in looks])
    y = np.array([floats(look["figures"][k]) for look in looks])
    scale = scale_of(one["unit"], float(np.nanmax(y[:, 0])), label(one["measure"]))
    name = f"{parameter['path']}, {parameter['unit'].strip()}".rstrip(", ")
    return curves(theme, x, name, [Line("figure", y[:, 0], y[:, 1])], scale, one["value"])
