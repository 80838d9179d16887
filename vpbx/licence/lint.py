"""What is doubtful in a licence's course: money that runs out, orders in vain, modules missed.

Belongs here: warnings that follow from the history. Does not belong here: names and contradictions
in the section itself (`scenario.check_licence` has found those; they are errors).
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from vpbx.errors import Mark, Problem
from vpbx.licence.contract import Shortfall, State
from vpbx.licence.offers import modules_of_kinds
from vpbx.licence.timeline import Period, Timeline, licence_timeline
from vpbx.scenario.check_flow import kinds_of
from vpbx.scenario.findings import listed
from vpbx.scenario.licence_models import Licence
from vpbx.scenario.licence_offers import carriers_of, contracted
from vpbx.scenario.models import Scenario
from vpbx.scenario.money import amount_text

Place = tuple[str | int, ...]


class Places(Protocol):
    """Where keys of the scenario stand in their files."""

    def mark(self, path: Place) -> Mark:
        """Place of a key, or of its nearest known ancestor."""


def lint(scenario: Scenario, marks: Places) -> list[Problem]:
    """Warnings about the licence, in the order of the file; none without a licence."""
    licence = scenario.licence
    if licence is None:
        return []
    timeline = licence_timeline(scenario)
    found = [
        *_in_vain(timeline),
        *_money(timeline),
        *_double(licence),
        *_never_active(timeline),
        *_unlicensed(scenario, licence, timeline),
    ]
    problems = [_warning(marks, *one) for one in found]
    return sorted(problems, key=lambda p: (p.mark.file, p.mark.line, p.mark.column))


Doubt = tuple[Place, str, str]
"""Where, what sort, what is doubtful."""


def _warning(marks: Places, path: Place, kind: str, message: str) -> Problem:
    return Problem(marks.mark(path), ".".join(map(str, path)), message, kind, warning=True)


def _in_vain(timeline: Timeline) -> Iterator[Doubt]:
    for one in timeline.no_effect:
        yield ("licence", "orders", one.place), "no-effect", f"has no effect: {one.reason}"


def _money(timeline: Timeline) -> Iterator[Doubt]:
    """Charges that fall due without the money for them, each subject's first of a stretch."""
    for short in timeline.shortfalls:
        if short.moment.at_us >= timeline.run_us:
            continue
        yield ("licence", "account"), "money-runs-out", _runs_out(timeline, short)


def _runs_out(timeline: Timeline, short: Shortfall) -> str:
    due, held = amount_text(short.due), amount_text(short.balance)
    until = next((p for p in timeline.periods if _mended(p.at_us, p.state, short)), None)
    end = "" if until is None else f"; active again on {until.at:%Y-%m-%d %H:%M}"
    suspended = timeline.at(short.moment.at_us).state is not State.ACTIVE
    what = "the licence is suspended" if suspended else "that module is switched off"
    currency = timeline.currency
    return (
        f"the money runs out on {short.moment.wall:%Y-%m-%d %H:%M}: {due} {currency} are due for "
        f"{short.subject}, {held} {currency} are in the account; {what}{end if suspended else ''}"
    )


def _mended(at_us: int, state: State, short: Shortfall) -> bool:
    return at_us > short.moment.at_us and state is State.ACTIVE


def _double(licence: Licence) -> Iterator[Doubt]:
    """Modules bought that a plan in use includes already are paid for twice."""
    seller, plan = contracted(licence), None
    for place, order in enumerate(licence.orders):
        plan = order.choose or plan
        if order.buy is None or plan is None or seller is None:
            continue
        included = {*seller.plans[plan].modules}
        included.update(licence.types.get(seller.plans[plan].licence or "", ()))
        if order.buy in included and not seller.modules[order.buy].channels_each:
            message = f'the plan "{plan}" includes "{order.buy}": it is paid for twice'
            yield ("licence", "orders", place, "buy"), "paid-twice", message


def _never_active(timeline: Timeline) -> Iterator[Doubt]:
    during = [p for p in _during_run(timeline) if p.state is State.ACTIVE]
    if not during:
        message = "the licence is not active at any time of the run: no call gets in"
        yield ("licence",), "never-active", message


def _during_run(timeline: Timeline) -> list[Period]:
    first = timeline.at(0)
    later = [p for p in timeline.periods if 0 < p.at_us < timeline.run_us]
    return [first, *later]


def _unlicensed(scenario: Scenario, licence: Licence, timeline: Timeline) -> Iterator[Doubt]:
    """Nodes whose kind no module licenses at any time of the run."""
    needs = modules_of_kinds(licence)
    on = {name for period in _during_run(timeline) for name in period.modules}
    sold = _sold(licence)
    for name, node in scenario.flow.items():
        for kind in (*kinds_of(node), *(("recording",) if node.recorded else ())):
            modules = needs.get(kind)
            if modules is None or on & {*modules}:
                continue
            yield ("flow", name), *_missing(kind, modules, sold)


def _missing(kind: str, modules: tuple[str, ...], sold: Iterable[str]) -> tuple[str, str]:
    names = listed([f'"{name}"' for name in modules])
    if not {*modules} & {*sold}:
        return (
            "not-sold",
            f"a {kind} needs the module {names}, which no plan includes and nobody sells",
        )
    return (
        "never-licensed",
        f"a {kind} needs the module {names}, which is never switched on in the run",
    )


def _sold(licence: Licence) -> set[str]:
    """Every module that some plan includes or some carrier sells."""
    found: set[str] = set()
    for seller in carriers_of(licence):
        found.update(seller.modules)
        for plan in seller.plans.values():
            found.update(plan.modules, licence.types.get(plan.licence or "", ()))
    return found
