"""The months of a plan's year: how the load grows, and a scenario under a licence at such a load.

Belongs here: growth, the variants that a search runs. Does not belong here: which are run
(`plan_search`), options and their prices (`plan_options`).
"""

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.study.plan_options import Means
from vpbx.study.variant import Prepared, prepared
from vpbx.study.work import CountedRuns

if TYPE_CHECKING:
    from vpbx.engine.records import Calls, Records
    from vpbx.program.compile import Compiled
    from vpbx.scenario.licence_models import Licence, Module
    from vpbx.scenario.load import Loaded
    from vpbx.scenario.models import Scenario

_GROWTH = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*%\s*/\s*(year|month)\s*")
MOST_MONTHS = 120
AMPLE = 20_000
"""Channels that never run out."""
_DEPOSIT = 10**12
"""Hundredths in the account: a study of needs does not ask whether the bills are paid."""


def parse_growth(text: str) -> float:
    """Growth a month of `20%/year` or `1.5%/month`; raises `UsageError`."""
    found = _GROWTH.fullmatch(text)
    value = float(found[1]) / 100 if found else -1.0
    if found is None or not -1 < value <= 10:
        raise UsageError(
            f'--growth "{text}": write it like 20%/year or -1%/month, above -100% and up to 1000%'
        )
    return value if found[2] == "month" else (1 + value) ** (1 / 12) - 1


def load_factors(growth: float, months: int) -> tuple[float, ...]:
    """Factor on the volume in each month: that of the month's middle, 1 at the beginning."""
    if not 1 <= months <= MOST_MONTHS:
        raise UsageError(f"a plan is for 1 to {MOST_MONTHS} months, got {months}")
    return tuple((1 + growth) ** (m + 0.5) for m in range(months))


_ASKED = json.dumps({"interval_us": None, "quantities": [], "whole": ["all.most_at_once"]})


@dataclass(frozen=True, kw_only=True)
class Busiest(CountedRuns):
    """The most calls in progress at one instant of a run."""

    asked: str = _ASKED

    def row(self, records: "Records") -> NDArray[np.float64]:
        """(1,) of a replication."""
        return np.array([_most_at_once(records.calls)], np.float64)


@dataclass
class Office:
    """A scenario whose licence and load are varied."""

    base: Prepared
    seed: int
    _by_means: dict[Means, Prepared] = field(default_factory=dict)
    _by_load: dict[float, "Compiled"] = field(default_factory=dict)

    @property
    def scenario(self) -> "Scenario":
        """The scenario as it is."""
        return self.base.loaded.scenario

    @cached_property
    def licence(self) -> "Licence":
        """Its licence; raises `UsageError` where there is none."""
        if self.scenario.licence is None:
            raise UsageError(
                f"{self.base.loaded.file}: the scenario has no section licence, and so no plans to "
                "choose from"
            )
        return self.scenario.licence

    def variant(self, means: Means, factor: float) -> Prepared:
        """The scenario under these means at this load."""
        ready = self._by_means.get(means)
        if ready is None:
            ready = self._by_means[means] = prepared(self._licensed(means))
        loaded = self._loaded(factor)
        text = f"{ready.digest}\nload {factor!r}"
        return replace(
            ready,
            compiled=replace(ready.compiled, load=loaded.load),
            digest=hashlib.sha256(text.encode()).hexdigest(),
            name=f"{means.channels} channels, load x {factor:.3g}",
        )

    def busiest(self, means: Means, factor: float) -> "Busiest":
        """The job of counting the most calls in progress at once, with channels to spare."""
        ample = self.variant(means._replace(channels=AMPLE), factor)
        return Busiest(compiled=ample.compiled, seed=self.seed, digest=ample.digest)

    def _licensed(self, means: Means) -> "Loaded":
        """The scenario with one plan that gives these means, all paid for."""
        from vpbx.scenario.licence_models import Account, Order, Plan
        from vpbx.scenario.money import Price

        seller = self.licence.carriers.get(means.carrier)
        plans = seller.plans if seller else self.licence.plans
        currency = next(iter(plans.values())).monthly.currency
        free = Price(0, currency)
        plan = Plan(monthly=free, channels=means.channels, modules=means.modules)
        offered = {"study": plan}
        change: dict[str, object] = {
            "carrier": means.carrier or None,
            "since": self.scenario.clock.start.date(),
            "account": Account(),
            "orders": (
                Order(at="day 0", pay=Price(_DEPOSIT, currency)),
                Order(at="day 0", choose="study"),
            ),
        }
        change["modules"] = _in_every_version(self.licence.modules)
        change["plans"] = {} if seller else offered
        if seller:
            sold = {"plans": offered, "modules": _in_every_version(seller.modules)}
            change["carriers"] = {means.carrier: seller.model_copy(update=sold)}
        licence = self.licence.model_copy(update=change)
        scenario = self.scenario.model_copy(update={"licence": licence})
        digest = hashlib.sha256(f"{self.base.digest}\n{means}".encode()).hexdigest()
        return replace(self.base.loaded, scenario=scenario, digest=digest)

    def _loaded(self, factor: float) -> "Compiled":
        """The scenario compiled at this load; what of it counts is the load."""
        from vpbx.program.compile import compile_scenario

        if factor not in self._by_load:
            scenario = scaled(self.scenario, factor)
            self._by_load[factor] = compile_scenario(scenario, self.base.loaded.file.parent)
        return self._by_load[factor]


def _in_every_version(modules: "dict[str, Module]") -> "dict[str, Module]":
    """Modules as if every version had them: the means say already which are switched on."""
    return {name: one.model_copy(update={"versions": ()}) for name, one in modules.items()}


def scaled(scenario: "Scenario", factor: float) -> "Scenario":
    """The scenario with every volume times a factor; raises `UsageError` where arrivals are recorded."""
    if factor == 1:
        return scenario
    callers = {}
    for name, one in scenario.callers.items():
        if one.volume is None:
            raise UsageError(
                f'the arrivals of "{name}" are recorded and do not grow: give it a volume, or leave '
                "--growth out"
            )
        callers[name] = one.model_copy(update={"volume": one.volume * factor})
    return scenario.model_copy(update={"callers": callers})


def _most_at_once(calls: "Calls") -> int:
    """The most calls in progress at one instant; one that ends makes room for one that begins."""
    begun, ended = calls.arrived_at, calls.ended_at
    in_progress = ended > begun
    at = np.concatenate([ended[in_progress], begun[in_progress]])
    step = np.concatenate([-np.ones(in_progress.sum()), np.ones(in_progress.sum())])
    order = np.argsort(at, kind="stable")
    return int(np.cumsum(step[order]).max(initial=0))
