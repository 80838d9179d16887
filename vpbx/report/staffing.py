"""The page of a staffing plan.

Belongs here: which tables, pictures and sentences a plan has. Does not belong here: the study; what is
shown comes as the plain data that `study.json` holds.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from vpbx.report import words
from vpbx.report.labels import aim
from vpbx.report.page import MARKS, Verdict
from vpbx.report.study_page import Chart, Section, StudyPage, columns_of, effort_sentences
from vpbx.report.style import Theme, new_figure
from vpbx.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Data = dict[str, Any]
_MOST_PANELS = 3
"""Targets drawn under a group's staff."""


def page(data: Data) -> StudyPage:
    """All that stands on the page."""
    sections = [_plan_section(data)]
    if "shifts" in data:
        sections.append(_shift_section(data))
    if data["one_fewer"]:
        sections.append(_proof_section(data))
    run = data["days"]
    return StudyPage(
        title=f"How many people: {data['scenario']}",
        byline=f"{len(data['slots'])} intervals of {data['per_min']} min; "
        f"{', '.join(group['group'] for group in data['groups'])}",
        sentences=tuple(sentences(data)),
        verdicts=tuple(_verdict(data, target) for target in data["targets"]),
        sections=tuple(sections),
        method=_method(data),
        run=f"{run['simulated']:,} runs simulated, {run['search']:,} to search on and "
        f"{run['fresh']:,} fresh ones to confirm; seed {data['seed']}.",
    )


def sentences(data: Data) -> list[str]:
    """The plan in words: hours, cost, long-run level, days, proof."""
    found = [_hours(data)]
    for target in data["targets"]:
        found.append(
            f"{aim(target['text'])}: {said(target, target['long_run'])} in the long run "
            f"(± {said(target, target['half_width'])}; with the staff as it is "
            f"{said(target, target['before'])}). {words.share(target['days_meeting'])} of days meet "
            f"it; 19 days of 20 {_reach(target)} {said(target, target['worst_day'])}."
        )
    found.append(confirmation(data))
    proof = data["one_fewer"] or [
        row["one_fewer"] for row in data.get("shifts", {}).get("rows", ()) if row["one_fewer"]
    ]
    if proof:
        certain = sum(row["for_certain"] for row in proof)
        what = "person fewer on a shift" if "shifts" in data else "agent fewer in an interval"
        found.append(
            f"One {what} fails, wherever it is: of {len(proof)} tried, {certain} miss a target for "
            f"certain, the other {len(proof) - certain} cannot be shown to meet it."
        )
    return found


def _hours(data: Data) -> str:
    money = ""
    if data["cost"] is not None:
        money = f", {words.count(round(data['cost']))} {data['currency']}"
    if "shifts" in data:
        shifts = data["shifts"]
        money = f", {words.count(round(shifts['cost']))} {data['currency']}".rstrip()
        return (
            f"{shifts['people']:,} people on shifts, {words.count(shifts['hours'])} paid hours{money}; "
            f"the scenario has {words.count(data['paid_hours_before'])} hours."
        )
    return (
        f"{words.count(data['paid_hours'])} paid hours{money}; the scenario has "
        f"{words.count(data['paid_hours_before'])} hours."
    )


def confirmation(data: Data) -> str:
    """What the fresh days say."""
    runs, few = data["days"]["fresh"], data["short_on_fresh"]
    if data["confirmed"]:
        chance = f" ({few} figures lie below by chance)" if few else ""
        return f"Confirmed on {runs:,} fresh runs: none shows a target to be missed{chance}."
    return (
        f"Not confirmed: on {runs:,} fresh runs {few} figure{'s' if few != 1 else ''} of intervals or days "
        "miss a target. Search on more runs (-n) for a plan with a safer margin."
    )


def _reach(target: Data) -> str:
    return "reach at least" if target["at_least"] else "keep within"


def said(target: Data, value: float | None) -> str:
    """A value of a target in its unit."""
    number = float("nan") if value is None else value
    wait = target["measure"].startswith("mean_wait")
    return words.duration(number) if wait else words.share(number)


def _verdict(data: Data, target: Data) -> Verdict:
    fresh = [v for v in target["fresh"] if v is not None]
    missed = [
        v for v in fresh if (v < target["bound"]) == target["at_least"] and v != target["bound"]
    ]
    every = data["over"] == "interval"
    kind = "met" if data["confirmed"] or (every and not missed) else "undecided"
    short = f"{len(missed)} intervals short on fresh days" if missed and every else ""
    by_chance = ", as chance has it" if short and kind == "met" else ""
    return Verdict(
        kind, MARKS[kind], aim(target["text"]), said(target, target["long_run"]),
        "", short + by_chance, "",
    )  # fmt: skip


def _plan_section(data: Data) -> Section:
    charts = tuple(
        Chart(
            f"staff-{i + 1}",
            f"{group['group']}: agents on the phone, the offered load that they face, and "
            f"{', '.join(aim(target['text']) for target in _targets_of(data, group)) or 'no target'} "
            "by interval of arrival.",
            lambda theme, group=group: _figure(data, group, theme),  # type: ignore[misc]
        )
        for i, group in enumerate(data["groups"])
    )
    return Section(
        "The plan",
        f"The first guess is {_guess(data)}; the safe side is the one-sided "
        "95 % bound on which the plan was accepted.",
        charts,
        folded=tuple(plan_table(data, i) for i in range(len(data["groups"]))),
    )


def _guess(data: Data) -> str:
    """What the search began with."""
    if data["method"] == "isa":
        return "iterative staffing (ISA)"
    return "Erlang A on the modified offered load"


def _targets_of(data: Data, group: Data) -> list[Data]:
    """Targets of the queues that a group serves, and of its own occupancy."""
    own, served = group["group"], group["serves"]
    return [
        target
        for target in data["targets"]
        if (
            target["scope"] == own
            if target["measure"] == "occupancy"
            else target["scope"] in served
        )
    ]


def plan_table(data: Data, index: int) -> Table:
    """A row an interval: load, guess, plan, and how each target does."""
    group = data["groups"][index]
    targets = _targets_of(data, group)
    labels = [
        "from",
        "offered load (erlang)",
        "agents before",
        "first guess",
        "agents",
        "paid heads",
    ]
    for target in targets:
        labels += [aim(target["text"]), "safe side", "fresh days"]
    rows = []
    for i, slot in enumerate(data["slots"]):
        cells = [slot, words.count(group["offered_load"][i]), str(group["before"][i])]
        cells += [str(group[key][i]) for key in ("first_guess", "on_the_phone", "heads")]
        for target in targets:
            cells += [said(target, target[key][i]) for key in ("by_slot", "safe_side", "fresh")]
        rows.append(tuple(cells))
    return Table(
        f"plan-{index + 1}", f"{group['group']} by interval", columns_of(labels), tuple(rows)
    )


def _shift_section(data: Data) -> Section:
    rows = []
    for row in data["shifts"]["rows"]:
        breaks = "; ".join(
            ", ".join(f"{at} × {n}" for at, n in pause.items()) for pause in row["breaks"]
        )
        proof = row["one_fewer"]
        fails = (
            f"{proof['where']}: {words.share(proof['value'])}" if proof and proof["value"] else ""
        )
        rows.append(
            (row["shift"], row["group"], row["day"], row["start"],
             words.duration(row["length_min"] * 60), str(row["people"]), breaks, fails)
        )  # fmt: skip
    labels = (
        "shift",
        "group",
        "day",
        "start",
        "length",
        "people",
        "breaks from",
        "one fewer fails",
    )
    table = Table("shifts", "Shifts", columns_of(labels, 4), tuple(rows))
    note = (
        f"{data['shifts']['columns']} possible shifts, {data['shifts']['rounds']} rounds of integer "
        "programme and simulation."
    )
    return Section("Shifts", note, tables=(table,))


def _proof_section(data: Data) -> Section:
    targets = {target["text"]: target for target in data["targets"]}
    rows = []
    for one in data["one_fewer"]:
        target = targets[one["breaks"]]
        share = {**target, "measure": "share"} if one["where"] == "share of days" else target
        rows.append(
            (one["group"], one["at"], aim(one["breaks"]), one["where"], said(share, one["value"]),
             said(share, one["safe_side"]), "misses" if one["for_certain"] else "not shown to meet")
        )  # fmt: skip
    labels = ("group", "one fewer from", "breaks", "at", "comes to", "safe side", "verdict")
    table = Table("fewer", "One agent fewer", columns_of(labels, 4), tuple(rows))
    return Section(
        "One agent fewer",
        "Each agent taken out alone, with the same callers on the same days.",
        folded=(table,),
    )


def _method(data: Data) -> tuple[str, ...]:
    found = [
        "The first guess takes a pilot with ample staff: the calls that join each queue, their service "
        "times, and the mean number busy if nobody waited (the modified offered load: Jennings, "
        "Mandelbaum, Massey and Whitt 1996); Erlang A (Palm; Garnett, Mandelbaum and Reiman 2002) says "
        "how many agents that takes. Simulation under common random numbers then adds agents where a "
        "target is missed, from the first interval on, and takes out every agent that can be spared. "
        "Groups that share queues are staffed by cutting planes over a fluid bound (Atlason, Epelman "
        "and Henderson 2004; Cezik and L'Ecuyer 2008).",
        "A target is accepted when the lower end of its one-sided 95 % interval (ratio of sums, delta "
        "method) reaches the bound, and confirmed on fresh runs, for of plans accepted at their "
        "estimate about half would miss on other days.",
        "An agent fewer changes a day for a while only: agents six hours apart are taken out in one "
        "simulation, and a day that has not come back to the same course between them is simulated "
        "with each alone.",
    ]
    if data["method"] == "isa":
        found.insert(
            1,
            "This plan began with iterative staffing (Feldman, Mandelbaum, Massey and Whitt 2008): from "
            "ample staff on, each interval gets the least agents s for which the simulated number in the "
            "system is s or more with less than the target's probability, until that changes nothing.",
        )
    if "shifts" in data:
        found.append(
            "Shifts are the cheapest cover of a requirement (Dantzig 1954; breaks after Aykin 1996) by "
            "integer programming, the requirement raised only where a simulated roster misses."
        )
    found += effort_sentences(data["effort"])
    return tuple(found)


def _figure(data: Data, group: Data, theme: Theme) -> "Figure":
    """Staff over load, and the targets under them."""
    targets = _targets_of(data, group)[:_MOST_PANELS]
    figure = new_figure(2.8 + 1.8 * len(targets))
    top, *panels = figure.subplots(
        1 + len(targets), 1, sharex=True, squeeze=False, height_ratios=(3, *(2 for _ in targets))
    )[:, 0]
    hours = np.append(np.arange(len(data["slots"])), len(data["slots"])) * data["per_min"] / 60.0
    _staff(top, hours, group, theme)
    for panel, target in zip(panels, targets, strict=True):
        _level(panel, hours, target, theme)
    if panels:
        panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    bottom = panels[-1] if panels else top
    step = max(1, round(len(data["slots"]) / 8))
    ticks = list(range(0, len(data["slots"]), step))
    bottom.set_xticks([hours[i] for i in ticks], [data["slots"][i] for i in ticks])
    bottom.set_xlim(hours[0], hours[-1])
    bottom.set_xlabel("local time")
    return figure


def _staff(axes: "Axes", hours: Any, group: Data, theme: Theme) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.stairs(
        group["on_the_phone"], hours, fill=True, color=theme.staff, label="agents, the plan"
    )
    axes.stairs(group["before"], hours, color=theme.muted, ls="--", lw=1.2, label="as it is")
    axes.stairs(group["first_guess"], hours, color=theme.accent, lw=1.0, label="first guess")
    middle = (hours[:-1] + hours[1:]) / 2
    axes.plot(middle, group["offered_load"], color=theme.offered, label="offered load, erlang")
    shown = ("on_the_phone", "before", "first_guess", "offered_load")
    axes.set_ylim(0, max(1.0, *(value for key in shown for value in group[key])) * 1.08)
    axes.set_ylabel("agents")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.2)


def _level(axes: "Axes", hours: Any, target: Data, theme: Theme) -> None:
    wait = target["measure"].startswith("mean_wait")
    scale = 1.0 if wait else 100.0
    values = np.array([np.nan if v is None else v * scale for v in target["by_slot"]])
    safe = np.array([np.nan if v is None else v * scale for v in target["safe_side"]])
    middle = (hours[:-1] + hours[1:]) / 2
    axes.plot(middle, values, color=theme.wait, label="all days")
    axes.plot(middle, safe, ".", ms=4, color=theme.answered, label="safe side")
    axes.axhline(target["bound"] * scale, color=theme.target, lw=1.0, label="target")
    axes.set_ylabel(f"{target['measure'].replace('_', ' ')}, {'s' if wait else '%'}")
    if not wait and target["at_least"]:
        axes.set_ylim(min(50.0, float(np.nanmin(safe)) - 3), 101)
    elif not target["at_least"]:
        most = np.nanmax([*values, *safe, target["bound"] * scale])
        axes.set_ylim(0, float(most) * 1.08)
    axes.set_title(target["scope"], loc="right")
