"""Who sells what: carriers, their plans and modules, and which module each kind of node needs.

Belongs here: reading the section `licence` for what is on offer. Does not belong here: what is
wrong with it (`check_licence`), what is bought when (`licence`).
"""

from typing import NamedTuple

from vpbx.scenario.licence_models import Licence, Module, Plan
from vpbx.scenario.tree import Location

NODE_MODULES: dict[str, tuple[str, ...]] = {
    "play": ("greeting",),
    "menu": ("menu",),
    "self_service": ("menu",),
    "queue": ("queue",),
    "ring": ("forwarding",),
    "forward": ("forwarding",),
    "transfer": ("forwarding",),
    "voicemail": ("voicemail",),
    "callback": ("callback",),
    "survey": ("survey",),
    "identify": ("identification",),
    "record": ("recording",),
    "recording": ("recording",),
    "conference": ("conference",),
    "statistics": ("statistics",),
}
"""The modules that license each kind of node (any one of them does), unless a module says
`enables`. Kinds that are not named here, such as a branch or hanging up, need none."""


class Sold(NamedTuple):
    """What one carrier sells, and where that stands in the file."""

    carrier: str
    path: Location
    plans: dict[str, Plan]
    modules: dict[str, Module]
    """By name; a carrier's own come before those of the section."""


def carriers_of(licence: Licence) -> list[Sold]:
    """Each carrier with what it sells; plans without a carrier are those of one named ""."""
    found = []
    if licence.plans:
        found.append(Sold("", ("licence",), licence.plans, licence.modules))
    for name, carrier in licence.carriers.items():
        modules = {**licence.modules, **carrier.modules}
        found.append(Sold(name, ("licence", "carriers", name), carrier.plans, modules))
    return found


def contracted(licence: Licence) -> Sold | None:
    """What the carrier of the contract sells; None where the section does not say which it is."""
    sellers = carriers_of(licence)
    named = [seller for seller in sellers if seller.carrier == licence.carrier]
    if named:
        return named[0]
    return sellers[0] if len(sellers) == 1 and licence.carrier is None else None


def known_modules(licence: Licence) -> set[str]:
    """The modules that the product has, and those that the section adds."""
    known = {module for modules in NODE_MODULES.values() for module in modules}
    return known.union(*(seller.modules for seller in carriers_of(licence)))
