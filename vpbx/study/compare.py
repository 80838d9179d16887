"""Two scenarios against each other: every measure that both have, in total and by interval.

Belongs here: which quantities are compared, and the findings as plain data. Does not belong here:
estimates (`differences`), tables and pages (`report.comparison`).
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from vpbx.errors import UsageError
from vpbx.study.about import currency_of
from vpbx.study.controls import ARRIVALS, Controls, controlled_difference, controls_of
from vpbx.study.data import number, pair
from vpbx.study.differences import Difference, difference
from vpbx.study.evaluate import Values, evaluate
from vpbx.study.precision import Effort
from vpbx.study.precision import as_data as effort_data
from vpbx.study.quantities import Ask, Quantity, all_quantities, main_quantities
from vpbx.study.replicate import Progress
from vpbx.study.variant import Prepared
from vpbx.units import DAY_US, HOUR_US

if TYPE_CHECKING:
    from vpbx.study.ledger import Ledger

FORMAT = 1
"""Number of the layout of the data; it goes up when a key changes its meaning or goes away."""


@dataclass(frozen=True)
class Comparison:
    """What came of comparing B with A over common replications."""

    a: Prepared
    b: Prepared
    seed: int
    effort: dict[str, Any]
    """What was spent (`precision.as_data`)."""
    interval_us: int | None
    """None: the two last differently long, and are compared over the whole run only."""
    interval_labels: tuple[str, ...]
    differences: tuple[Difference, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]
    """Scopes that only A, and only B has: they are not compared."""

    def of(self, quantity: Quantity) -> Difference | None:
        """The difference in a quantity, if both have it."""
        return next((d for d in self.differences if d.quantity == quantity), None)


def compare(
    a: Prepared,
    b: Prepared,
    effort: Effort,
    seed: int | None = None,
    interval_us: int | None = None,
    executor: Executor | None = None,
    engine: str = "auto",
    progress: Progress | None = None,
    ledger: "Ledger | None" = None,
) -> Comparison:
    """Compare every measure of the scopes that both have.

    Intervals are hours, unless others are asked for (days, in runs beyond a week). Raises
    `UsageError` for fewer than two replications: a difference without its uncertainty is a rumour.
    """
    if effort.precision is None and effort.replications < 2:
        raise UsageError("a comparison needs at least 2 replications, so that it knows its error")
    quantities, only = common_quantities(a, b)
    seed = a.loaded.scenario.seed if seed is None else seed
    ask = _ask(a, b, quantities, interval_us)

    def run(replications: range, stratify: bool) -> list[Values]:
        return evaluate(
            [a, b], ask, replications, seed, executor, engine, progress, ledger, stratify
        )

    main = tuple(q for q in main_quantities(a.compiled.names, a.frame) if q in quantities)
    stopped = effort.run(run, main, a.loaded.scenario)
    return Comparison(
        a, b, seed, effort_data(effort, stopped, main), ask.interval_us,
        interval_labels_of(a, ask.interval_us),
        tuple(_differences(stopped.values, ask.everything, _controls(a, b, quantities))), only,
    )  # fmt: skip


def _ask(a: Prepared, b: Prepared, quantities: Sequence[Quantity], interval_us: int | None) -> Ask:
    """Numbers and caller classes over the whole run, everything else by interval, too."""
    timed = tuple(q for q in quantities if q.family not in ("number", "class"))
    rest = tuple(q for q in quantities if q.family in ("number", "class"))
    if a.frame.duration_us != b.frame.duration_us:
        return Ask(timed, None, rest)
    return Ask(timed, interval_us or study_interval_us(a), rest)


def study_interval_us(ready: Prepared) -> int:
    """An interval in which a study can be read: the hour, or the day in runs beyond a week."""
    return HOUR_US if ready.frame.duration_us <= 7 * DAY_US else DAY_US


def _controls(
    a: Prepared, b: Prepared, quantities: Sequence[Quantity]
) -> tuple[Controls, Controls] | None:
    """Controls of both, of what is asked for; None where one of them has none."""
    own, other = controls_of(a), controls_of(b)
    if own is None or other is None or ARRIVALS not in quantities:
        return None
    return own.only(quantities), other.only(quantities)


def _differences(
    found: Sequence[Values],
    quantities: Sequence[Quantity],
    controls: tuple[Controls, Controls] | None,
) -> list[Difference]:
    one, other = found
    return [
        controlled_difference(difference(one, other, q), one, other, controls) for q in quantities
    ]


def _saved_by_controls(found: Comparison) -> float | int | None:
    """The median of the differences that controls narrow; None where they narrow none."""
    ratios = [d.saved_by_controls for d in found.differences if d.saved_by_controls > 1]
    return number(median(ratios)) if ratios else None


def interval_labels_of(ready: Prepared, interval_us: int | None) -> tuple[str, ...]:
    """Clock time of each interval's start; none where there are no intervals."""
    from vpbx.measures.frame import interval_labels

    if interval_us is None:
        return ()
    start = ready.loaded.scenario.clock.start.isoformat(sep=" ", timespec="minutes")
    return interval_labels(replace(ready.frame, interval_us=interval_us), start)


def common_quantities(
    a: Prepared, b: Prepared
) -> tuple[tuple[Quantity, ...], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Quantities of both, in A's order; and the scopes that only one of them has."""
    ours, theirs = (all_quantities(one.compiled.names, one.frame) for one in (a, b))
    known = set(theirs)
    common = tuple(quantity for quantity in ours if quantity in known)
    scopes_a, scopes_b = (dict.fromkeys(q.scope for q in own) for own in (ours, theirs))
    only_a = tuple(scope for scope in scopes_a if scope not in scopes_b)
    only_b = tuple(scope for scope in scopes_b if scope not in scopes_a)
    return common, (only_a, only_b)


def as_data(found: Comparison) -> dict[str, Any]:
    """The comparison as plain data, for JSON and for the page."""
    return {
        "format": FORMAT,
        "study": "compare",
        "a": about(found.a),
        "b": about(found.b),
        "seed": found.seed,
        "replications": found.effort["replications"],
        "effort": found.effort,
        "variance_saved_by_controls": _saved_by_controls(found),
        "interval_s": None if found.interval_us is None else found.interval_us / 1e6,
        "interval_labels": list(found.interval_labels),
        "only_in_a": list(found.only[0]),
        "only_in_b": list(found.only[1]),
        "scopes": _scopes(found.differences),
    }


def about(ready: Prepared) -> dict[str, Any]:
    """What a variant is, in words and by its digest."""
    scenario = ready.loaded.scenario
    return {
        "name": ready.name,
        "title": scenario.name,
        "file": ready.loaded.file.name,
        "digest": ready.digest,
        "start": scenario.clock.start.isoformat(sep=" ", timespec="minutes"),
        "timezone": scenario.clock.timezone,
        "duration_s": ready.frame.duration_us / 1e6,
        "currency": currency_of(scenario),
    }


def _scopes(differences: Sequence[Difference]) -> dict[str, dict[str, Any]]:
    scopes: dict[str, dict[str, Any]] = {}
    for one in differences:
        scopes.setdefault(one.quantity.scope, {})[one.quantity.measure] = _entry(one)
    return scopes


def _entry(one: Difference) -> dict[str, Any]:
    """One measure: the whole run as pairs [value, half width], then its intervals."""
    entry: dict[str, Any] = {
        "unit": one.quantity.unit,
        "a": pair(one.a[0], one.a_half_width[0]),
        "b": pair(one.b[0], one.b_half_width[0]),
        "difference": pair(one.difference[0], one.half_width[0]),
        "times": pair(one.times[0], one.times_half_width[0]),
        "variance_saved": number(one.saved[0]),
    }
    if one.saved_by_controls > 1:
        entry["variance_saved_by_controls"] = number(one.saved_by_controls)
    if len(one.a) > 1:
        entry["by_interval"] = {
            name: [number(value) for value in column[1:]]
            for name, column in (
                ("a", one.a), ("a_half_width", one.a_half_width),
                ("b", one.b), ("b_half_width", one.b_half_width),
                ("difference", one.difference), ("half_width", one.half_width),
            )
        }  # fmt: skip
    return entry
