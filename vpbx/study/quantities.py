"""Quantities: which measures of which scopes a study asks for, and over which intervals.

Belongs here: naming, finding and listing quantities of a scenario. Does not belong here: counting
them (`counting`), estimates (`evaluate`), the formulas themselves (`measures.formulas`).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vpbx.errors import UsageError
from vpbx.measures.formulas import FORMULAS, PEAKS, Formula, service_level_formula
from vpbx.measures.register import SERVICE_LEVELS, measure, measure_name, service_level_name
from vpbx.measures.wait_bins import PERCENTILES
from vpbx.scenario.suggest import did_you_mean

if TYPE_CHECKING:
    from vpbx.measures.frame import Frame
    from vpbx.program.program import Names
    from vpbx.scenario.models import Scenario
    from vpbx.scenario.targets import Target

KINDS = ("number", "class", "queue", "group", "trunk")
_WAITING = ("all", "number", "class", "queue")
PERCENTILE_WAITS = {f"{name}_wait": p for name, p in PERCENTILES.items()}
"""Percentiles of the wait of answered calls: of the whole run only, each replication's own."""


class Quantity(NamedTuple):
    """A measure of a scope: ("queue.support", "mean_wait"), ("all", "offered")."""

    scope: str
    measure: str

    @property
    def family(self) -> str:
        """Kind of the scope: "all", "queue", …"""
        return self.scope.partition(".")[0]

    @property
    def unit(self) -> str:
        """Unit of the measure (`measures.register`)."""
        return measure(self.measure).unit

    def __str__(self) -> str:
        return self.measure if self.scope == "all" else f"{self.scope}.{self.measure}"


@dataclass(frozen=True)
class Ask:
    """What is wanted of every replication.

    `interval_us`: None for figures of the whole run only; otherwise figures by intervals of this
    length, too (a multiple of the base grid, five minutes). `whole`: further quantities, of which
    only the whole run is wanted.
    """

    quantities: tuple[Quantity, ...]
    interval_us: int | None = None
    whole: tuple[Quantity, ...] = ()

    def __post_init__(self) -> None:
        if not self.everything:
            raise UsageError("no measure is asked for")

    @property
    def everything(self) -> tuple[Quantity, ...]:
        """All quantities, those of the whole run only at the end."""
        return self.quantities + self.whole

    def layout(self, n_places: int) -> dict[Quantity, slice]:
        """Where each quantity's places lie in a flat row of numbers."""
        n = len(self.quantities)
        found = {q: slice(i * n_places, (i + 1) * n_places) for i, q in enumerate(self.quantities)}
        end = n * n_places
        return found | {q: slice(end + i, end + i + 1) for i, q in enumerate(self.whole)}


@lru_cache(maxsize=64)
def ask_text(ask: Ask) -> str:
    """Every number of a row (`work.Work.asked`)."""
    return json.dumps(
        {
            "interval_us": ask.interval_us,
            "quantities": [str(quantity) for quantity in ask.quantities],
            "whole": [str(quantity) for quantity in ask.whole],
        }
    )


def formula_of(
    quantity: Quantity, thresholds_us: Sequence[int], callbacks: str = ""
) -> Formula | None:
    """The formula of a quantity; None for peaks and percentiles, which have none.

    `thresholds_us` are those of the frame: a service level's columns are numbered by them; so is
    `callbacks`, what call-backs count as.
    """
    for k, threshold in enumerate(thresholds_us):
        for definition in SERVICE_LEVELS:
            if quantity.measure == service_level_name(definition, threshold):
                return service_level_formula(definition, k, callbacks)
    return FORMULAS[quantity.family].get(quantity.measure)


def peak_of(quantity: Quantity) -> tuple[str, float] | None:
    """Column and scale of a quantity that is the largest of something; None for the others."""
    return PEAKS[quantity.family].get(quantity.measure)


def scopes(names: "Names") -> dict[str, tuple[str, ...]]:
    """Scopes of each family, in the order of the Program's indices."""
    lists = (names.numbers, names.classes, names.queues, names.groups, names.trunks)
    found = {
        kind: tuple(f"{kind}.{n}" for n in own) for kind, own in zip(KINDS, lists, strict=True)
    }
    return {"all": ("all",), **found}


def all_quantities(
    names: "Names", frame: "Frame", families: Iterable[str] = ("all", *KINDS)
) -> tuple[Quantity, ...]:
    """Every quantity of the families that a scenario has, in the register's order."""
    by_family = scopes(names)
    found = []
    for family in families:
        for scope in by_family[family]:
            found += [Quantity(scope, name) for name in _measures(family, frame)]
    return tuple(found)


def main_quantities(names: "Names", frame: "Frame") -> tuple[Quantity, ...]:
    """What a planner looks at first: waits, losses and service of queues, occupancy of groups."""
    found = []
    for queue in names.queues:
        found += [Quantity(f"queue.{queue}", name) for name in ("mean_wait", "abandoned")]
        found += [
            Quantity(f"queue.{queue}", service_level_name("answered_of_offered", threshold))
            for threshold in frame.thresholds_us[:1]
        ]
    found += [Quantity(f"group.{group}", "occupancy") for group in names.groups]
    found += [Quantity(f"trunk.{trunk}", "blocked") for trunk in names.trunks]
    return tuple(found) or (Quantity("all", "offered"),)


def _measures(family: str, frame: "Frame") -> list[str]:
    listed = [name for name in FORMULAS[family] if _there(family, name, frame)]
    if family in _WAITING:
        listed += [
            service_level_name(definition, threshold)
            for threshold in frame.thresholds_us
            for definition in SERVICE_LEVELS
        ]
        listed += PERCENTILE_WAITS
    return listed + list(PEAKS[family])


def _there(family: str, name: str, frame: "Frame") -> bool:
    """Whether a frame can count a measure: no wage, no cost; nobody calls again, no redials."""
    from vpbx.measures.there import rare_columns_of

    formula, columns = FORMULAS[family][name], rare_columns_of(frame)
    needed = {column.lstrip("-") for column in formula.above + formula.over}
    if needed & columns.may_lack - columns.has:
        return False
    return not (family == "all" and not frame.n_groups and name in ("logged_in", "occupancy"))


def target_quantity(target: "Target") -> Quantity:
    """What a target (its scope in full) is about; raises `UsageError` for a busy hour."""
    if target.measure == "busy_hour":
        raise UsageError(f'"{target.text}": a busy hour cannot be a target of a study')
    return Quantity(target.scope or "all", measure_name(target.measure, target.arguments))


def parse_quantity(text: str, scenario: "Scenario") -> Quantity:
    """`support.mean_wait`, `all.offered`, `main.blocked`, `region.cost` → a Quantity.

    Raises `UsageError`.
    """
    head, _, name = text.strip().rpartition(".")
    if name == "cost":  # no target of the language, but what a planner weighs targets against
        if not any(group.wage for group in scenario.agents.values()):
            raise UsageError(f"{text}: no group has a wage, and so nothing costs anything")
        of_staff = parse_quantity(f"{head}.occupancy" if head else "occupancy", scenario)
        return of_staff._replace(measure="cost")
    target = parse_study_target(f"{text} >= {_any_value(text)}", scenario)
    return target_quantity(target)


def _any_value(text: str) -> str:
    """A value that any measure of the name would take, so that the target's grammar can be used."""
    from vpbx.scenario.targets import AIMS

    name = text.partition("(")[0].rpartition(".")[2].strip()
    kind = AIMS[name].kind if name in AIMS else "count"
    return {"duration": "0 s", "share": "0%"}.get(kind, "0")


def parse_study_target(text: str, scenario: "Scenario") -> "Target":
    """A target as the language has it or as people type it, its scope resolved; raises `UsageError`
    saying what is wrong."""
    from vpbx.scenario.check_targets import resolved
    from vpbx.scenario.targets import parse_target, spelt_out

    try:
        return resolved(parse_target(spelt_out(text)), scenario)
    except ValueError as error:
        raise UsageError(f"{text}: {error}") from error


def require_known(quantities: Iterable[Quantity], names: "Names") -> None:
    """Raises `UsageError` for a quantity whose scope or measure there is not."""
    known = {scope for own in scopes(names).values() for scope in own}
    for quantity in quantities:
        if quantity.scope not in known:
            hint = did_you_mean(quantity.scope, known)
            raise UsageError(f'there is no "{quantity.scope}" in the scenario{hint}')
        measure(quantity.measure)
