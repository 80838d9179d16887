"""A licence's history on paper: rows for the terminal, JSON, and a page with tables and a picture.

Belongs here: words and columns. Does not belong here: the history (`licence`), drawing
(`licence_picture`).
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vpbx.licence.account import Entry
from vpbx.licence.clock import Moment
from vpbx.licence.contract import Shortfall
from vpbx.licence.cost import PlanCost
from vpbx.licence.timeline import Period, Timeline
from vpbx.report.licence_picture import STATE_WORDS, licence_figure
from vpbx.report.page import Drawing
from vpbx.report.style import LIGHT, drawing
from vpbx.report.tables import Column, Table
from vpbx.report.template import fill

COLUMNS = (
    Column("from", "local time", numeric=False),
    Column("state", numeric=False),
    Column("plan", "with its version", numeric=False),
    Column("modules", "switched on", numeric=False),
    Column("channels", "calls that may be in progress at once"),
    Column("charged", "taken from the account"),
    Column("paid in"),
    Column("balance", "in the account afterwards"),
    Column("owed", "fell due and could not be taken"),
    Column("cause", numeric=False),
)
"""Columns of the timeline's table, on the terminal and on the page."""
CAPTION = (
    "The licence over time: its state and plan, the modules switched on, the channels, and the "
    "personal account. Crosses are charges that the account did not cover."
)


def money(hundredths: int) -> str:
    """An amount to the hundredth: `1,900.00`."""
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100:,}.{abs(hundredths) % 100:02d}"


def _or_nothing(hundredths: int) -> str:
    return money(hundredths) if hundredths else ""


def _at(moment: Moment) -> str:
    return f"{moment.wall:%Y-%m-%d %H:%M}"


def timeline_rows(timeline: Timeline) -> list[tuple[str, ...]]:
    """A row a period, with the cells of `COLUMNS`."""
    begins = [period.at_us for period in timeline.periods]
    amounts: list[list[int]] = [[] for _ in begins]
    for entry in timeline.entries:
        amounts[bisect_right(begins, entry.moment.at_us) - 1].append(entry.amount)
    return [_row(*pair) for pair in zip(timeline.periods, amounts, strict=True)]


def _row(period: Period, amounts: Sequence[int]) -> tuple[str, ...]:
    version = f" {period.version}" if period.plan and period.version else ""
    return (
        f"{period.at:%Y-%m-%d %H:%M}",
        STATE_WORDS[period.state],
        f"{period.plan}{version}",
        ", ".join(period.modules),
        str(period.channels),
        _or_nothing(-sum(amount for amount in amounts if amount < 0)),
        _or_nothing(sum(amount for amount in amounts if amount > 0)),
        money(period.balance),
        _or_nothing(period.owed),
        period.cause,
    )


def head(timeline: Timeline) -> str:
    """The contract in a line or two: with whom, since when, what was paid and charged."""
    with_whom = f" with {timeline.carrier}" if timeline.carrier else ""
    concluded = timeline.concluded
    since = "not concluded" if concluded is None else f"concluded on {_at(concluded)}"
    end = f", ended on {_at(timeline.ended)}" if timeline.ended is not None else ""
    paid, charged = money(timeline.paid_in()), money(timeline.charged())
    last = money(timeline.paid_in() - timeline.charged())
    return (
        f"Contract{with_whom}: {since}{end}. {timeline.currency} {paid} paid in, {charged} charged, "
        f"{last} left at the end."
    )


def tables(timeline: Timeline, costs: Sequence[PlanCost]) -> list[Table]:
    """The tables of the page; those without a row are left out."""
    found = [
        Table("licence", "What was allowed, and what it cost", COLUMNS, _rows(timeline)),
        _account(timeline),
        _notices(timeline),
        _plan_costs(costs),
    ]
    return [table for table in found if table.rows]


def _rows(timeline: Timeline) -> tuple[tuple[str, ...], ...]:
    return tuple(timeline_rows(timeline))


def _account(timeline: Timeline) -> Table:
    columns = (Column("at", numeric=False), Column("what", numeric=False), Column("amount"))
    rows = tuple(
        (_at(entry.moment), entry.what, money(entry.amount), money(entry.balance))
        for entry in timeline.entries
    )
    title = f"The personal account, {timeline.currency}"
    return Table("licence.account", title, (*columns, Column("balance")), rows)


def _notices(timeline: Timeline) -> Table:
    heads = ("at", "notice", "effect")
    rows = tuple(
        (_at(one.moment), one.what, "none" if one.effect is None else _at(one.effect))
        for one in timeline.notices
    )
    columns = tuple(Column(label, numeric=False) for label in heads)
    return Table("licence.notices", "Notices", columns, rows)


def _plan_costs(costs: Sequence[PlanCost]) -> Table:
    columns = (
        Column("carrier", numeric=False),
        Column("plan", numeric=False),
        Column("channels"),
        Column("modules", numeric=False),
        Column("cost", "connection and twelve months, at today's prices"),
    )
    rows = tuple(
        (one.carrier, one.plan, str(one.channels), ", ".join(one.modules), money(one.cost.total))
        for one in costs
    )
    currency = costs[0].cost.currency if costs else ""
    return Table("licence.plans", f"The first year of each plan, {currency}", columns, rows)


def as_data(timeline: Timeline, costs: Sequence[PlanCost]) -> dict[str, Any]:
    """The history as plain data for JSON; amounts are texts with two decimals, exact."""
    return {
        "carrier": timeline.carrier,
        "currency": timeline.currency,
        "concluded": _when(timeline.concluded),
        "ended": _when(timeline.ended),
        "run_us": timeline.run_us,
        "until_us": timeline.until_us,
        "paid_in": _exact(timeline.paid_in()),
        "charged": _exact(timeline.charged()),
        "periods": [_period(period) for period in timeline.periods],
        "account": [_entry(entry) for entry in timeline.entries],
        "notices": [
            {**_moment(one.moment), "what": one.what, "effect": _when(one.effect)}
            for one in timeline.notices
        ],
        "shortfalls": [_shortfall(one) for one in timeline.shortfalls],
        "without_effect": [
            {**_moment(one.moment), "order": one.place, "reason": one.reason}
            for one in timeline.no_effect
        ],
        "first_year": [_plan_cost(one) for one in costs],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        **_moment(entry.moment),
        "amount": _exact(entry.amount),
        "what": entry.what,
        "subject": entry.subject,
        "balance": _exact(entry.balance),
    }


def _shortfall(short: Shortfall) -> dict[str, Any]:
    return {
        **_moment(short.moment),
        "subject": short.subject,
        "due": _exact(short.due),
        "balance": _exact(short.balance),
    }


def _plan_cost(one: PlanCost) -> dict[str, Any]:
    return {
        "carrier": one.carrier,
        "plan": one.plan,
        "channels": one.channels,
        "modules": list(one.modules),
        "cost": _exact(one.cost.total),
        "by_subject": {name: _exact(cost) for name, cost in one.cost.by_subject.items()},
    }


def _when(moment: Moment | None) -> dict[str, Any] | None:
    return None if moment is None else _moment(moment)


def _exact(hundredths: int) -> str:
    return money(hundredths).replace(",", "")


def _moment(moment: Moment) -> dict[str, Any]:
    return {"at": moment.wall.isoformat(timespec="seconds"), "at_us": moment.at_us}


def _period(period: Period) -> dict[str, Any]:
    return {
        **_moment(Moment(period.at_us, period.at)),
        "state": str(period.state),
        "plan": period.plan,
        "licence_type": period.licence_type,
        "version": period.version,
        "modules": list(period.modules),
        "channels": period.channels,
        "balance": _exact(period.balance),
        "owed": _exact(period.owed),
        "cause": period.cause,
    }


def as_json(timeline: Timeline, costs: Sequence[PlanCost]) -> str:
    """`as_data` as JSON text."""
    return json.dumps(as_data(timeline, costs), indent=2, ensure_ascii=False) + "\n"


def section(timeline: Timeline, costs: Sequence[PlanCost], shown: Drawing) -> dict[str, Any]:
    """What the template `licence_section.html.j2` shows: give it as `licence` to a page."""
    from markupsafe import Markup

    return {
        "head": head(timeline),
        "picture": shown._replace(svg=Markup(shown.svg)),
        "tables": tables(timeline, costs),
    }


def page(name: str, timeline: Timeline, costs: Sequence[PlanCost], shown: Drawing) -> str:
    """A page of its own as HTML text."""
    return fill(
        "licence.html.j2",
        name=name,
        licence=section(timeline, costs, shown),
        columns=lambda table, row: zip(table.columns, row, strict=True),
    )


def drawn(
    timeline: Timeline, formats: Sequence[str] = ("png", "svg")
) -> tuple[Drawing, dict[str, bytes]]:
    """The picture for a page, and its files by name."""
    from vpbx.report import render

    files = {}
    with drawing(LIGHT):
        figure = licence_figure(timeline, LIGHT)
        document = render.svg(figure, LIGHT)
        render.settle(figure)
        if "svg" in formats:
            files["licence.svg"] = document.encode()
        if "png" in formats:
            files["licence.png"] = render.png(figure, LIGHT)
    inline = render.inline(document, "licence", CAPTION, LIGHT)
    return Drawing("licence", CAPTION, inline), files


def write_licence(name: str, timeline: Timeline, costs: Sequence[PlanCost], folder: Path) -> None:
    """Write licence.html, licence.json and the picture as SVG and PNG; raises `FileError`."""
    from vpbx.store.files import write_atomically

    shown, files = drawn(timeline)
    for file, data in files.items():
        write_atomically(folder / "pictures" / file, data)
    html = page(name, timeline, costs, shown)
    write_atomically(folder / "licence.json", as_json(timeline, costs).encode())
    write_atomically(folder / "licence.html", html.encode())
