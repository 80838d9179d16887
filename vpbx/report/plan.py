"""The page of `vpbx plan`: which plan when, what it costs, how close the targets are.

Belongs here: plain data of a plan (`study.json`) → a page. Does not belong here: the study, the frame
of the page (`study_page`).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from vpbx.report import words
from vpbx.report.axes import from_zero, whole_numbers
from vpbx.report.charts import colours
from vpbx.report.labels import aim
from vpbx.report.page import MARKS, Verdict
from vpbx.report.study_page import Chart, Section, StudyPage, columns_of, effort_sentences
from vpbx.report.style import Theme, new_figure
from vpbx.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Data = Mapping[str, Any]


def plan_page(data: Data) -> StudyPage:
    """The page of a plan."""
    scenario = data["scenario"]
    charts = (
        Chart("course", "Which plan when: channels allowed, and calls in progress", partial(_course, data)),
        Chart("cost", "What each month costs", partial(_cost, data)),
        Chart("targets", "Each target, as a part of what it allows", partial(_closeness, data)),
    )  # fmt: skip
    note = (
        "Calls in progress are the most at once with channels to spare: the mean over replications, "
        "and the most seen. More channels than that change nothing."
    )
    return StudyPage(
        title=f"{scenario['title']}: which plan",
        byline=f"{len(data['months'])} months from {data['since']}, load growing by {data['growth']}; "
        f"each month stands for {words.span(scenario['duration_s'])} of the scenario",
        sentences=tuple(sentences(data)),
        verdicts=tuple(_verdicts(data)),
        sections=(
            Section("The year", note, charts, (month_table(data),)),
            Section(
                "Orders",
                "As the section licence takes them, under orders.",
                (),
                (order_table(data),),
            ),
            Section(
                "What was refused",
                "Options that cost less a month than the dearest taken, and the lowest load at which "
                "they were seen to fail.",
                (),
                (refused_table(data),),
            ),
        ),
        method=(
            "Every plan on sale is an option, with every set of modules that the call flow has a use "
            "for and every number of further channels, up to a quarter more than the most calls ever in "
            "progress. The run obeys the licence: calls beyond the channels are refused, nodes without their "
            "module take the way for that. The load of a month is that of its middle.",
            "The course is a shortest path over months and options: fees along the way, connection and "
            "one-off prices at changes; every option on the cheapest path is run before it counts. What "
            "meets the targets at one load is taken to meet them at lower ones, what fails to fail at "
            "higher ones. An option is accepted when the unfavourable end of the one-sided 95 % interval "
            "of every target lies within it, and is run again on fresh replications.",
            "Prices are those of day 0; the cost is reckoned by the contract's own rules of charging. "
            "Changes of the carrier within the time are not looked at.",
            *effort_sentences(data["effort"]),
        ),
        run=f"{data['tried']} of {data['sold']} options were run; seed {data['seed']}.",
        measures=tuple(dict.fromkeys(_measure(one) for one in data["targets"])),
    )  # fmt: skip


def _measure(target: Data) -> str:
    return str(target["measure"]).rpartition(".")[2] if "(" not in target["measure"] else (
        str(target["measure"]).partition("(")[0].rpartition(".")[2]
        + "(" + str(target["measure"]).partition("(")[2]
    )  # fmt: skip


def sentences(data: Data) -> Iterator[str]:
    """The choice, the changes, what one plan for all months would cost, how sure it is."""
    months, money = data["months"], partial(_money, currency=data["currency"])
    seller = f" of {data['carrier']}" if data["carrier"] else ""
    yield (
        f"The cheapest way to meet the targets in every one of {len(months)} months begins with "
        f"{months[0]['option']}{seller} ({months[0]['channels']} channels) and costs "
        f"{money(data['cost'])} in all."
    )
    for month in months:
        if month["changes"]:
            yield (
                f"In month {month['month']} (from {month['from']}, load "
                f"{100 * month['load']:.0f} %) change to {month['option']} "
                f"({month['channels']} channels)."
            )
    yield _against_lasting(data, money)
    worst = [_closest(data, i) for i in range(len(data["targets"]))]
    yield "Closest to the targets: " + "; ".join(worst) + "."
    yield (
        "Confirmed: on fresh replications every target holds in every month."
        if data["confirmed"]
        else "Not confirmed: fresh replications miss a target; use more replications (-n)."
    )


def _against_lasting(data: Data, money: Any) -> str:
    lasting = data["lasting"]
    if lasting is None:
        return "No single choice meets the targets in all months."
    if lasting["cost"] <= data["cost"]:
        return "No change of plan pays in this time."
    return (
        f"One choice for all months would be {lasting['plan']} ({lasting['channels']} channels) for "
        f"{money(lasting['cost'])}: changing saves {money(lasting['cost'] - data['cost'])}."
    )


def _closest(data: Data, i: int) -> str:
    """The month in which a target's bound is nearest to what it allows."""
    target = data["targets"][i]
    if target["high"] is None:
        month = min(data["months"], key=lambda m: m["targets"][i]["bound"])
    else:
        month = max(data["months"], key=lambda m: m["targets"][i]["bound"])
    own = month["targets"][i]
    value, bound = (words.quantity(own[key], target["unit"]) for key in ("value", "bound"))
    end = "at least" if target["high"] is None else "at most"
    return f"{aim(target['text'])}: {value} ({end} {bound}) in month {month['month']}"


def _verdicts(data: Data) -> Iterator[Verdict]:
    for i, target in enumerate(data["targets"]):
        fresh = [month["targets"][i]["fresh"] for month in data["months"]]
        holds = all(_within(value, target) for value in fresh)
        kind = "met" if holds else "undecided"
        said = "holds in every month" if holds else "missed on fresh replications"
        yield Verdict(kind, MARKS[kind], aim(target["text"]), said, "", "", "")


def _within(value: float | None, target: Data) -> bool:
    if value is None:
        return False
    low, high = target["low"], target["high"]
    return (low is None or value >= low) and (high is None or value <= high)


def _money(amount: float, currency: str) -> str:
    text = f"{amount:,.2f}".removesuffix(".00")
    return f"{text} {currency}"


def month_table(data: Data) -> Table:
    """A row a month."""
    rows = []
    for month in data["months"]:
        figures = (
            words.quantity(_nan(own["value"]), target["unit"])
            for own, target in zip(month["targets"], data["targets"], strict=True)
        )
        rows.append((
            month["from"], str(month["month"]), month["option"], f"{100 * month['load']:.0f} %",
            str(month["channels"]), words.count(_nan(month["peak_calls"])),
            _money(month["fees"], "").strip(), _money(month["once"], "").strip(), *figures,
        ))  # fmt: skip
    labels = (
        "from", "month", "plan", "load", "channels", "calls at once",
        f"fees, {data['currency']}", "once", *(aim(target["text"]) for target in data["targets"]),
    )  # fmt: skip
    return Table("months", "Month by month", columns_of(labels, 3), tuple(rows))


def order_table(data: Data) -> Table:
    """The orders, in time."""
    rows = tuple(
        (order["at"], next(k for k in ("choose", "buy", "cancel") if order.get(k)),
         next(order[k] for k in ("choose", "buy", "cancel") if order.get(k)),
         str(order.get("count", 1)))
        for order in data["orders"]
    )  # fmt: skip
    return Table("orders", "Orders", columns_of(("at", "order", "what", "pieces"), 3), rows)


def refused_table(data: Data) -> Table:
    """What was cheaper and failed."""
    units = {target["text"]: target["unit"] for target in data["targets"]}
    rows = tuple(
        (one["plan"], one["carrier"], ", ".join(one["modules"]), aim(one["target"]), str(one["channels"]),
         _money(one["monthly"], "").strip(), f"{100 * one['load']:.0f} %",
         words.quantity(_nan(one["value"]), units[one["target"]]),
         words.quantity(_nan(one["bound"]), units[one["target"]]))
        for one in data["refused"]
    )  # fmt: skip
    labels = (
        "option", "carrier", "modules in use", "target missed", "channels",
        f"a month, {data['currency']}", "at load", "figure", "its bound",
    )  # fmt: skip
    return Table("refused", "Cheaper, and not enough", columns_of(labels, 4), rows)


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _spans(data: Data) -> list[tuple[int, int, str]]:
    """Stretches of months with the same option: first, one after the last, which."""
    found: list[tuple[int, int, str]] = []
    for i, month in enumerate(data["months"]):
        if found and found[-1][2] == month["option"]:
            found[-1] = (found[-1][0], i + 1, month["option"])
        else:
            found.append((i, i + 1, month["option"]))
    return found


def _course(data: Data, theme: Theme) -> "Figure":
    """Channels as steps, calls in progress as points, the plans' names above."""
    figure = new_figure(3.0)
    axis = figure.subplots()
    months = data["months"]
    edges = [m["month"] - 0.5 for m in months] + [months[-1]["month"] + 0.5]
    axis.stairs(
        [m["channels"] for m in months], edges, baseline=None, color=theme.wait, lw=2,
        label="channels allowed",
    )  # fmt: skip
    x = [m["month"] for m in months]
    axis.plot(x, [_nan(m["peak_calls"]) for m in months], "o", color=theme.offered, ms=4,
              label="most calls at once, mean")  # fmt: skip
    axis.plot(x, [m["most_calls"] for m in months], "_", color=theme.muted, ms=8,
              label="most seen")  # fmt: skip
    whole_numbers(axis)
    top = axis.get_ylim()[1]
    axis.set_ylim(0, top * 1.18)
    for first, end, name in _spans(data):
        if first:
            axis.axvline(first + 0.5, color=theme.grid, lw=1)
        axis.text((first + end + 1) / 2, top * 1.08, _cut(name, end - first, len(months)),
                  ha="center", va="center", color=theme.ink)  # fmt: skip
    _month_axis(axis, months)
    axis.set_ylabel("calls")
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)
    return figure


def _cut(name: str, months: int, of: int) -> str:
    """A name that fits over its months."""
    room = max(3, round(95 * months / of))
    return name if len(name) <= room else name[: room - 1] + "…"


def _cost(data: Data, theme: Theme) -> "Figure":
    """Bars of fees and one-off charges by month."""
    figure = new_figure(2.4)
    axis = figure.subplots()
    months = data["months"]
    x = [m["month"] for m in months]
    fees, once = ([m[key] for m in months] for key in ("fees", "once"))
    axis.bar(x, fees, color=theme.staff, width=0.7, label="fees")
    if any(once):
        axis.bar(x, once, bottom=fees, color=theme.accent, width=0.7, label="once")
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.set_ylabel(data["currency"])
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    _month_axis(axis, months)
    return figure


def _closeness(data: Data, theme: Theme) -> "Figure":
    """Figures over the target's value (one over, for targets of at least so much), by month."""
    figure = new_figure(2.6)
    axis = figure.subplots()
    months = data["months"]
    x = [m["month"] for m in months]
    for i, (target, colour) in enumerate(zip(data["targets"], colours(theme), strict=False)):
        for key, style in (("value", "o-"), ("bound", ":")):
            parts = [_part(_nan(m["targets"][i][key]), target) for m in months]
            label = aim(target["text"]) if key == "value" else None
            axis.plot(x, parts, style, color=colour, ms=4, label=label)
    axis.axhline(100, color=theme.target, lw=1, ls="--")
    from_zero(axis)
    axis.set_ylabel("% of what is allowed")
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, borderaxespad=0.2)
    _month_axis(axis, months)
    return figure


def _part(value: float, target: Data) -> float:
    """How much of the room under a target is used, in per cent; of a share at least so much, what
    falls short of all against what may."""
    if target["high"] is not None:
        return 100 * value / float(target["high"]) if target["high"] else 100.0 * (value > 0)
    if target["unit"] == "share" and target["low"] < 1:
        return 100 * (1 - value) / (1 - float(target["low"]))
    return 100 * float(target["low"]) / value if value else float("nan")


def _month_axis(axis: "Axes", months: Sequence[Data]) -> None:
    step = max(1, len(months) // 12)
    axis.set_xticks([m["month"] for m in months][::step])
    axis.set_xlim(0.4, len(months) + 0.6)
    axis.set_xlabel(f"month, from {months[0]['from']}")
