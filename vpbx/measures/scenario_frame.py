"""The frame of a scenario: what is measured of it, how finely, and what its staff costs.

Belongs here: reading the scenario's own wishes (interval, thresholds, warm-up, wages) into a
`Frame`. Does not belong here: counting.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Exit
from vpbx.measures.frame import Frame, frame
from vpbx.measures.possible import Possible, possible
from vpbx.measures.verdicts import thresholds_us
from vpbx.units import HOUR_US

if TYPE_CHECKING:
    from vpbx.program.compile import Compiled
    from vpbx.scenario.desks import AgentGroup
    from vpbx.scenario.models import Scenario
    from vpbx.units import Money

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def scenario_frame(scenario: "Scenario", compiled: "Compiled") -> Frame:
    """Frame of a scenario and what it was compiled to."""
    clock = compiled.program.clock
    n_base = -(-clock.duration_us // clock.grid_us)
    week = compiled.local.minute_of_week[:n_base]
    starts = np.arange(n_base, dtype=np.int64) * clock.grid_us
    width = np.minimum(clock.grid_us, clock.duration_us - starts)
    return frame(
        compiled.program,
        minute_of_week=week,
        day=compiled.local.day[:n_base],
        warm_up_us=scenario.clock.warm_up,
        interval_us=scenario.measures.interval,
        thresholds_us=thresholds_us(scenario.targets, scenario.measures.service_level),
        cost=staff_cost(scenario.agents.values(), week, width),
        possible=_possible(scenario, compiled),
    )


def _possible(scenario: "Scenario", compiled: "Compiled") -> Possible:
    """What there is to count: of conversations at once and of money, the scenario knows."""
    groups = [group.at_once for group in scenario.agents.values()]
    return possible(
        compiled.program,
        callbacks=scenario.measures.callback_counts_as,
        at_once=np.array(groups, np.int64),
        charge=_charges(scenario),
        skip_price=_skip_prices(scenario, compiled),
    )


def _charges(scenario: "Scenario") -> Floats:
    """(numbers, classes) money a started minute: by the class's network, "*" for all others."""
    rows = [
        [_charge(number.charge, callers.network) for callers in scenario.callers.values()]
        for number in scenario.numbers.values()
    ]
    return np.array(rows, np.float64)


def _charge(charge: "Mapping[str, Money]", network: str) -> float:
    price = charge.get(network, charge.get("*"))
    return 0.0 if price is None else price.amount


def _skip_prices(scenario: "Scenario", compiled: "Compiled") -> Floats:
    """(edges) what callers pay for a place further ahead."""
    edges, names = compiled.program.edges, compiled.names.nodes
    nodes = list(scenario.flow.values())
    assert list(scenario.flow) == list(names)
    offers = [node.offers.paid_skip for node in nodes]
    prices = np.array([0.0 if offer is None else offer.price.amount for offer in offers])
    return np.asarray(np.where(edges.exit == Exit.PAID_SKIP, prices[edges.from_node], 0.0))


def staff_cost(
    groups: Iterable["AgentGroup"], minute_of_week: Ints, width_us: Ints
) -> Floats | None:
    """(intervals, groups) money: paid heads (on the phone or not) x wage; None: no wages."""
    listed = list(groups)
    if all(group.wage is None for group in listed):
        return None
    minutes, place = np.unique(minute_of_week, return_inverse=True)
    hours = width_us / HOUR_US
    columns = [
        _heads(group, minutes)[place] * hours * (group.wage.amount if group.wage else 0.0)
        for group in listed
    ]
    return np.stack(columns, axis=1)


def _heads(group: "AgentGroup", minutes: Ints) -> Floats:
    """Paid heads at minutes of the week."""
    return np.array([group.people.at(m // 1440, m % 1440) for m in minutes.tolist()], np.float64)
