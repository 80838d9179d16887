"""Caller classes → tables.

Belongs here: names → indices. Does not belong here: when calls come (`traffic`).
"""

from typing import Any

import numpy as np

from vpbx.codes import KEYS, Outcome
from vpbx.program.program import UNSETTLED, Classes, Names
from vpbx.program.quantiles import DistributionTable
from vpbx.program.rare import Crowds
from vpbx.scenario.models import Scenario
from vpbx.scenario.people import CallerClass, RedialAfter, Want


def class_table(scenario: Scenario, names: Names, dists: DistributionTable) -> Classes:
    """The caller classes."""
    classes = list(scenario.callers.values())
    keeps = [c.redial.keeps if c.redial else () for c in classes]
    forced_start, forced_keys = _forced(classes, names)
    return Classes(
        network=np.array([names.networks.index(c.network) for c in classes], np.int64),
        priority=np.array([c.priority for c in classes], np.int64),
        knows_menu=np.array([c.knows_menu for c in classes]),
        presses_wrong=np.array([c.presses_wrong for c in classes]),
        presses_nothing=np.array([c.presses_nothing for c in classes]),
        patience_dist=np.array([dists.add(c.patience) for c in classes], np.int64),
        first_crowd=np.cumsum([0, *(len(c.crowded) for c in classes[:-1])]).astype(np.int64),
        n_crowds=np.array([len(c.crowded) for c in classes], np.int64),
        ivr_patience_dist=np.array([dists.add(c.ivr_patience) for c in classes], np.int64),
        balks=np.array([c.balks for c in classes]),
        **_redials(classes, names, dists),
        keeps_patience=np.array(["patience" in k for k in keeps], np.int64),
        keeps_handle_time=np.array(["handle_time" in k for k in keeps], np.int64),
        forced_start=forced_start,
        forced_keys=forced_keys,
    )


def crowd_table(scenario: Scenario, dists: DistributionTable) -> Crowds:
    """Patience by how many wait, class after class."""
    rows = [row for caller in scenario.callers.values() for row in caller.crowded.items()]
    return Crowds(
        waiting=np.array([waiting for waiting, _ in rows], np.int64),
        patience_dist=np.array([dists.add(law) for _, law in rows], np.int64),
    )


def _redials(classes: list[CallerClass], names: Names, dists: DistributionTable) -> dict[str, Any]:
    """(classes, causes) columns on calling again."""
    shape = (len(classes), UNSETTLED + 1)
    redial, delay = np.zeros(shape), np.full(shape, -1, np.int64)
    attempts, number = np.ones(shape, np.int64), np.full(shape, -1, np.int64)
    for c, caller in enumerate(classes):
        if caller.redial is None:
            continue
        usual = dists.add(caller.redial.delay)
        for name, given in caller.redial.after.items():
            own = given if isinstance(given, RedialAfter) else RedialAfter(share=given)
            cause = UNSETTLED if name == "unsettled" else Outcome[name.upper()]
            redial[c, cause] = own.share
            delay[c, cause] = usual if own.delay is None else dists.add(own.delay)
            attempts[c, cause] = own.attempts or caller.redial.attempts
            if own.number is not None:
                number[c, cause] = names.numbers.index(own.number)
    return {
        "redial": redial,
        "redial_delay_dist": delay,
        "attempts": attempts,
        "redial_number": number,
    }


def _forced(
    classes: list[CallerClass], names: Names
) -> tuple[
    np.ndarray[tuple[int, ...], np.dtype[np.int64]], np.ndarray[tuple[int, ...], np.dtype[np.int64]]
]:
    """Key sequences that callers press whatever the menus say, and where each starts."""
    start = np.full((len(classes), len(names.goals), len(names.numbers)), -1, np.int64)
    flat: list[int] = []
    for c, caller in enumerate(classes):
        for goal, want in caller.wants.items():
            keys = want.keys if isinstance(want, Want) else None
            if keys is None:
                continue
            for n, number in enumerate(names.numbers):
                own = keys.get(number) if isinstance(keys, dict) else keys
                if own is not None:
                    start[c, names.goals.index(goal), n] = len(flat)
                    flat += [*(KEYS.index(key) for key in own.replace(" ", "")), -1]
    return start, np.array(flat, np.int64)
