"""Small Markov chains, and the suite's values to hold them against."""

from collections.abc import Callable, Hashable, Iterator

import numpy as np

from vpbx.validation.cases import Case, read_suite

Moves = Callable[[Hashable], Iterator[tuple[Hashable, float]]]

SUITE = {case.name: case for case in read_suite().cases}


def value(name: str, what: str) -> float:
    """The reference value of a row."""
    case: Case = SUITE[name]
    return next(row.value for row in case.rows if row.what == what)


def stationary(start: Hashable, moves: Moves) -> dict[Hashable, float]:
    """Stationary probabilities of the chain that can be reached from a state."""
    place: dict[Hashable, int] = {start: 0}
    left = [start]
    while left:
        for state, _ in moves(left.pop()):
            if state not in place:
                place[state] = len(place)
                left.append(state)
    balance = np.zeros((len(place), len(place)))
    for state, here in place.items():
        for target, rate in moves(state):
            balance[place[target], here] += rate
            balance[here, here] -= rate
    balance[0] = 1.0
    right = np.zeros(len(place))
    right[0] = 1.0
    return dict(zip(place, np.linalg.solve(balance, right), strict=True))
