"""Which columns a tally has that others lack: no call-backs, no figures of call-backs.

Belongs here: names of columns by what must be possible. Does not belong here: counting them.
"""

from typing import NamedTuple

from vpbx.codes import Exit, Outcome
from vpbx.measures.frame import Frame
from vpbx.measures.lines import LEG_KINDS, RECORDED
from vpbx.measures.offers import TAKEN
from vpbx.measures.outcomes import RARE, there
from vpbx.measures.possible import USUAL
from vpbx.measures.redials import CAUSES, column_of

SELDOM = frozenset(
    (
        *TAKEN, "skip_revenue", "unlicensed", "unlicensed_way", "refused_for_licence", "charge",
        *RECORDED,
        *(f"{name}_{what}" for name in LEG_KINDS for what in ("legs", "held")),
    )
)  # fmt: skip
"""Columns of offers, licences, legs and charges."""


class Rare(NamedTuple):
    """Names of columns."""

    may_lack: frozenset[str]
    """Those that not every tally has."""
    has: frozenset[str]
    """Those of them that there are."""


def rare_columns_of(fr: Frame) -> Rare:
    """The columns of a frame's tally that others may lack."""
    may_lack = {
        *SELDOM, *RARE, "cost", "ringing", "missed", "autopauses", "conversing", "room",
        "redials_dropped",
        *map(column_of, CAUSES),
        *_ended(tuple(set(Outcome) - set(USUAL))),
    }  # fmt: skip
    return Rare(frozenset(may_lack), frozenset(_has(fr)))


def _ended(outcomes: tuple[int, ...]) -> set[str]:
    names = {Outcome(outcome).name.lower() for outcome in outcomes}
    return names | {f"last_{name}" for name in names}


def _has(fr: Frame) -> set[str]:
    able = fr.possible
    found = {*there(fr), *_ended(able.outcomes), *map(column_of, fr.redials_after)}
    found |= {name for name, way in TAKEN.items() if way in able.offers}
    holds = {
        "skip_revenue": able.skip_price is not None and Exit.PAID_SKIP in able.offers,
        "unlicensed": able.unlicensed,
        "unlicensed_way": able.unlicensed,
        "refused_for_licence": able.limit is not None,
        "charge": able.charge is not None,
        **dict.fromkeys(RECORDED, able.recorded is not None),
        "cost": fr.cost is not None,
        "ringing": able.rings,
        "missed": able.misses,
        "autopauses": able.autopauses,
        "conversing": able.at_once is not None,
        "room": able.at_once is not None,
        "redials_dropped": bool(fr.redials_after),
        **{f"{name}_{what}": able.legs for name in LEG_KINDS for what in ("legs", "held")},
    }
    return found | {name for name, is_there in holds.items() if is_there}
