"""Which tariff plan, when: the cheapest that meets the targets over a year of growing load.

Belongs here: the study from a scenario to its findings as plain data. Does not belong here: prices
(`plan_options`), variants (`plan_months`), the search (`plan_search`), the page (`report.plan`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from vpbx.errors import UsageError
from vpbx.licence.cost import Cost, schedule_cost
from vpbx.licence.offers import offers_of
from vpbx.measures.result import Estimate
from vpbx.scenario.licence_offers import carriers_of
from vpbx.study.compare import about
from vpbx.study.data import number
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.plan_months import Office, load_factors
from vpbx.study.plan_options import (
    Means,
    Option,
    first_cost,
    month_start,
    options,
    orders_of,
    useful_modules,
)
from vpbx.study.plan_search import (
    Course,
    Judged,
    Known,
    cheapest,
    cheapest_lasting,
    refuse,
)
from vpbx.study.precision import Effort, Stopped, together
from vpbx.study.precision import as_data as effort_data
from vpbx.study.quantities import Ask, Quantity, parse_study_target, target_quantity
from vpbx.study.replicate import Progress
from vpbx.study.variant import Prepared
from vpbx.study.work import Unit, results

if TYPE_CHECKING:
    from vpbx.scenario.models import Scenario
    from vpbx.scenario.targets import Target
    from vpbx.study.ledger import Ledger

FORMAT = 1
PEAK_REPLICATIONS = 5
MOST_FRESH = 10_000
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Peak:
    """Calls in progress in a month with channels to spare: the mean day's most, and the most seen."""

    mean: float
    most: int


@dataclass(frozen=True)
class Found:
    """What the study found."""

    since: date
    factors: tuple[float, ...]
    course: Course
    lasting: Course | None
    """The cheapest single option for all months; None: none holds in all of them."""
    cost: Cost
    """Of the course, by the contract's own rules."""
    judged: tuple[tuple[Judged, ...], ...]
    """Each month's targets, as they were accepted."""
    fresh: tuple[tuple[Judged, ...], ...]
    """The same on fresh replications."""
    refused: tuple[tuple[Option, float, Judged], ...]
    """Options that cost less a month than one that was taken, the load at which they fail, and how."""
    peaks: tuple[Peak, ...]
    stopped: Stopped
    """How many replications all of this took, and whether they were enough."""
    tried: int
    """Options that were run, out of `sold`."""
    sold: int

    @property
    def confirmed(self) -> bool:
        """Whether fresh replications hold every target in every month."""
        return all(one.likely for month in self.fresh for one in month)


def targets_of(scenario: "Scenario", texts: Sequence[str]) -> tuple["Target", ...]:
    """The targets given, else the scenario's own; raises `UsageError` where there are none, and for
    those by the hour."""
    wanted = texts or [target.text for target in scenario.targets]
    found = tuple(parse_study_target(text, scenario) for text in wanted)
    if not found:
        raise UsageError(
            'the scenario has no targets: give one, such as --target "blocked<=1%" or '
            '--target "80% in 20 s"'
        )
    for target in found:
        target_quantity(target)
        if target.by:
            raise UsageError(f'"{target.text}": a plan is judged by whole runs, not by the hour')
    return found


def plan_year(
    base: Prepared,
    targets: Sequence["Target"],
    growth: float,
    months: int,
    effort: Effort,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
    ledger: "Ledger | None" = None,
    tell: Tell = lambda text: None,
) -> Found:
    """The cheapest course of plans, modules and channels over so many months.

    `growth` is a month's. Raises `UsageError` without a licence, and when nothing on sale meets the
    targets (with the best reached).
    """
    office = Office(base, seed)
    licence, factors = office.licence, load_factors(growth, months)
    since = licence.since or office.scenario.clock.start.date()
    run = _Runs(office, targets, effort, executor, progress, ledger)
    known = Known(targets, run)
    tell("calls in progress at once, with channels to spare")
    peaks = _peaks(office, factors, executor, ledger)
    most = max(one.most for one in peaks)
    sold = _sold(office, most + most // 4)  # a forwarded call may hold a channel more
    tell("searching for the cheapest course")
    course = cheapest(sold, factors, known)
    if course is None:
        raise refuse(sold, factors, known, useful_modules(office.scenario, licence))
    lasting = cheapest_lasting(sold, factors, known)
    pairs = [(o.means, f) for o, f in zip(course.options, factors, strict=True)]
    known.learn(pairs)
    tell("fresh replications of the course")
    fresh = dict(zip(dict.fromkeys(pairs), run(list(dict.fromkeys(pairs)), True), strict=True))
    timezone = office.scenario.clock.timezone
    orders = orders_of(course.options, since)
    until = month_start(since, months)
    carrier = course.options[0].carrier or None
    return Found(
        since=since,
        factors=factors,
        course=course,
        lasting=lasting,
        cost=schedule_cost(licence, orders, since, until, timezone, carrier),
        judged=tuple(known.found[pair] for pair in pairs),
        fresh=tuple(known.judged(fresh[pair]) for pair in pairs),
        refused=tuple(_refused(sold, course, known)),
        peaks=peaks,
        stopped=together(run.stopped),
        tried=len({means for means, _ in known.found}),
        sold=len({option.means for own in sold for option in own}),
    )


def _peaks(
    office: Office, factors: Sequence[float], executor: Executor | None, ledger: "Ledger | None"
) -> tuple[Peak, ...]:
    """Calls in progress at once in each month, with every module and channels to spare."""
    licence = office.licence
    useful = tuple(sorted(useful_modules(office.scenario, licence)))
    everything = Means(carriers_of(licence)[0].carrier, 0, useful)
    jobs = [office.busiest(everything, factor) for factor in factors]
    units = [Unit(month, 0, PEAK_REPLICATIONS) for month in range(len(jobs))]
    found = dict(results(jobs, units, executor, ledger))
    return tuple(Peak(float(found[u].mean()), int(found[u].max())) for u in units)


def _sold(office: Office, most_channels: int) -> list[list[Option]]:
    """The options of each carrier."""
    useful = useful_modules(office.scenario, office.licence)
    return [
        options(offers_of(office.licence, seller.carrier), useful, most_channels)
        for seller in carriers_of(office.licence)
    ]


@dataclass
class _Runs:
    """Runs means at loads, on the study's replications or on fresh ones."""

    office: Office
    targets: Sequence["Target"]
    effort: Effort
    executor: Executor | None
    progress: Progress | None
    ledger: "Ledger | None"
    stopped: list[Stopped] = field(default_factory=list)
    """What each of the runs ended with."""

    def __call__(self, pairs: Sequence[tuple[Means, float]], fresh: bool) -> list[Values]:
        variants = [self.office.variant(means, factor) for means, factor in pairs]
        quantities = tuple(dict.fromkeys(target_quantity(t) for t in self.targets))
        ask = Ask(quantities)

        def evaluated(stretch: range, stratify: bool) -> list[Values]:
            first = MOST_FRESH if fresh else 0
            return evaluate(
                variants, ask, range(stretch.start + first, stretch.stop + first),
                self.office.seed, self.executor, "auto", None, self.ledger, stratify,
            )  # fmt: skip

        stopped = self.effort.run(evaluated, quantities, self.office.scenario, self._is_missed)
        self.stopped.append(stopped)
        return stopped.values

    def _is_missed(self, quantity: Quantity, figure: Estimate) -> bool:
        """Whether a figure lies far beyond a target: twice its interval's half width."""
        reach = 2 * figure.half_width
        return any(
            figure.mean - reach > target.high or figure.mean + reach < target.low
            for target in self.targets
            if target_quantity(target) == quantity
        )


def _refused(
    sold: Sequence[Sequence[Option]], course: Course, known: Known
) -> list[tuple[Option, float, Judged]]:
    """For every way of failing the cheapest option with it that is cheaper than what was taken."""
    most = max(option.monthly for option in course.options)
    seen: dict[Means, Option] = {}
    for option in sorted((o for own in sold for o in own), key=lambda o: o.monthly):
        if option.monthly < most and option.means in known.failed_at:
            seen.setdefault(option.means, option)
    found = []
    for means, option in seen.items():
        factor = known.failed_at[means]
        worst = max(known.found[means, factor], key=lambda one: one.shortfall)
        found.append((option, factor, worst))
    return found


def as_data(
    base: Prepared,
    found: Found,
    targets: Sequence["Target"],
    growth: str,
    seed: int,
    effort: Effort,
) -> dict[str, Any]:
    """The findings as plain data, for JSON and for the page."""
    course = found.course
    return {
        "format": FORMAT,
        "study": "plan",
        "scenario": about(base),
        "seed": seed,
        "replications": found.stopped.replications,
        "effort": effort_data(effort, found.stopped, tuple(map(target_quantity, targets))),
        "growth": growth,
        "since": found.since.isoformat(),
        "currency": found.cost.currency,
        "carrier": course.options[0].carrier,
        "cost": found.cost.total / 100,
        "cost_by_subject": {name: v / 100 for name, v in found.cost.by_subject.items()},
        "confirmed": found.confirmed,
        "tried": found.tried,
        "sold": found.sold,
        "targets": [
            {"text": t.text, "measure": str(target_quantity(t)), "unit": target_quantity(t).unit,
             "low": number(t.low), "high": number(t.high)}
            for t in targets
        ],
        "months": [_month(found, m) for m in range(len(found.factors))],
        "lasting": None if found.lasting is None else {
            "plan": found.lasting.options[0].text,
            "carrier": found.lasting.options[0].carrier,
            "channels": found.lasting.options[0].means.channels,
            "cost": found.lasting.cost / 100,
        },
        "refused": [
            {"plan": option.text, "carrier": option.carrier, "channels": option.means.channels,
             "modules": list(option.means.modules), "monthly": option.monthly / 100,
             "load": number(factor), **_judged(one)}
            for option, factor, one in found.refused
        ],
        "orders": [
            order.model_dump(mode="json", exclude_defaults=True)
            for order in orders_of(course.options, found.since)
        ],
    }  # fmt: skip


def _month(found: Found, m: int) -> dict[str, Any]:
    """One month of the course."""
    option = found.course.options[m]
    before = found.course.options[m - 1] if m else None
    return {
        "month": m + 1,
        "from": month_start(found.since, m).isoformat(),
        "load": number(found.factors[m]),
        "plan": option.plan,
        "option": option.text,
        "channels": option.means.channels,
        "modules": list(option.means.modules),
        "fees": option.monthly / 100,
        "once": _once(before, option) / 100,
        "changes": before is not None and before != option,
        "peak_calls": number(found.peaks[m].mean),
        "most_calls": found.peaks[m].most,
        "targets": [
            {**_judged(one), "fresh": number(fresh.figure.mean)}
            for one, fresh in zip(found.judged[m], found.fresh[m], strict=True)
        ],
    }


def _once(before: Option | None, option: Option) -> int:
    """One-off charges at the beginning of a month, in hundredths."""
    from vpbx.study.plan_options import change_cost

    return first_cost(option) if before is None else change_cost(before, option)


def _judged(one: Judged) -> dict[str, Any]:
    return {
        "target": one.text,
        "value": number(one.figure.mean),
        "half_width": number(one.figure.half_width),
        "bound": number(one.bound),
        "met": one.met,
    }
