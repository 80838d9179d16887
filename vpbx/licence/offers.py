"""What is on offer at a moment: plans and modules with their prices in hundredths.

Belongs here: an offer as numbers and names, and how published terms change it. Does not belong
here: who has bought it (`contract`).
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from vpbx.scenario.licence_models import Change, Licence, Module, Plan
from vpbx.scenario.licence_offers import NODE_MODULES, carriers_of, contracted
from vpbx.scenario.money import Price

__all__ = ["NODE_MODULES", "ModuleOffer", "Offers", "PlanOffer", "modules_of_kinds", "offers_of"]


class PlanOffer(NamedTuple):
    """A tariff plan."""

    name: str
    monthly: int
    connect: int
    channels: int
    licence_type: str
    version: str
    modules: tuple[str, ...]
    """Those of the plan itself and of its licence type, sorted."""


class ModuleOffer(NamedTuple):
    """A module sold separately."""

    name: str
    monthly: int | None
    """None: paid for once."""
    price: int
    channels_each: int
    versions: tuple[str, ...]
    """Versions that have it; all, when empty."""


@dataclass(frozen=True)
class Offers:
    """What one carrier sells."""

    carrier: str
    currency: str
    plans: dict[str, PlanOffer] = field(default_factory=dict)
    modules: dict[str, ModuleOffer] = field(default_factory=dict)

    def in_version(self, module: str, version: str) -> bool:
        """Whether a version of the software has a module."""
        sold = self.modules.get(module)
        return sold is None or not sold.versions or version in sold.versions

    def changed(self, change: Change) -> "Offers":
        """The offers with new terms in force."""
        if change.plan is not None:
            plan = _changed_plan(self.plans[change.plan], change)
            return replace(self, plans={**self.plans, plan.name: plan})
        module = self.modules[change.module or ""]
        monthly = module.monthly if change.monthly is None else change.monthly.hundredths
        price = module.price if change.price is None else change.price.hundredths
        module = module._replace(monthly=monthly, price=price)
        return replace(self, modules={**self.modules, module.name: module})


def _changed_plan(plan: PlanOffer, change: Change) -> PlanOffer:
    new: dict[str, object] = {}
    if change.monthly is not None:
        new["monthly"] = change.monthly.hundredths
    if change.connect is not None:
        new["connect"] = change.connect.hundredths
    if change.channels is not None:
        new["channels"] = change.channels
    if change.modules is not None:
        new["modules"] = tuple(sorted(change.modules))
    if change.version is not None:
        new["version"] = change.version
    return plan._replace(**new)  # type: ignore[arg-type]


def offers_of(licence: Licence, carrier: str | None = None) -> Offers:
    """What a carrier sells (that of the contract, if None)."""
    sellers = {seller.carrier: seller for seller in carriers_of(licence)}
    seller = contracted(licence) if carrier is None else sellers[carrier]
    if seller is None:
        raise ValueError("the licence does not say with which carrier the contract is")
    plans = {name: _plan_offer(name, plan, licence) for name, plan in seller.plans.items()}
    modules = {name: _module_offer(name, module) for name, module in seller.modules.items()}
    currency = next(iter(seller.plans.values())).monthly.currency
    return Offers(seller.carrier, currency, plans, modules)


def _plan_offer(name: str, plan: Plan, licence: Licence) -> PlanOffer:
    modules = {*plan.modules, *licence.types.get(plan.licence or "", ())}
    return PlanOffer(
        name,
        plan.monthly.hundredths,
        _hundredths(plan.connect),
        plan.channels,
        plan.licence or "",
        plan.version,
        tuple(sorted(modules)),
    )


def _module_offer(name: str, module: Module) -> ModuleOffer:
    monthly = None if module.monthly is None else module.monthly.hundredths
    price = _hundredths(module.price)
    return ModuleOffer(name, monthly, price, module.channels_each, module.versions)


def _hundredths(price: Price | None) -> int:
    return 0 if price is None else price.hundredths


def modules_of_kinds(licence: Licence) -> dict[str, tuple[str, ...]]:
    """The modules that license each kind of node, any one of them; a kind not in it needs none.

    A module with `enables` licenses those kinds and no others; the rest is `NODE_MODULES`.
    """
    seller = contracted(licence)
    modules = seller.modules if seller is not None else licence.modules
    found: dict[str, list[str]] = {kind: list(names) for kind, names in NODE_MODULES.items()}
    for name, module in modules.items():
        if module.enables:
            for names in found.values():
                names[:] = [other for other in names if other != name]
            for kind in module.enables:
                found.setdefault(kind, []).append(name)
    return {kind: tuple(names) for kind, names in found.items() if names}
