"""Several groups and queues: cutting planes from one agent more, over a fluid lower bound.

Belongs here: the master problem (integer agents, continuous flows of work) and its cuts. Does not belong
here: dropping and swapping afterwards (`polish`), shifts (`roster`).

Method: Atlason, Epelman and Henderson (2004); Cezik and L'Ecuyer (2008); gradients by +1 differences
under common random numbers as in the latter. Why the fluid bound: service level over staff is an S;
cuts taken in its convex foot would cut off the optimum.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vpbx.errors import UsageError
from vpbx.study.staffing.judge import Verdicts, daily
from vpbx.study.staffing.lab import Days, Floats, Ints
from vpbx.study.staffing.programme import solved
from vpbx.study.staffing.search import STRIDE, Problem, effects, given_up

_FLUID = 0.9
"""Share of the offered load that the staff must be able to carry before a cut is believed."""
_MOST_ROUNDS = 40
_FEW, _FINE_GAP, _GAP = 24, 1e-6, 5e-3
"""Up to so many numbers of agents the programme is solved to the end; beyond, to half a percent, which
the polish makes up for: a day of hours has thousands of answers of nearly one cost."""
_TIE = 1e-5
"""Of an agent's mean cost: what decides between answers of one cost."""
_NOISE = 0.05
_MOST_NODES = 2_000
_LEARN_ON = 60


@dataclass
class Master:
    """min cost y, y integer, with work flows f: sum_g f = 0.9 load by queue, sum_q f <= y by group.

    Variables: agents (groups x slots), then flows (able pairs x slots).
    """

    cost: Floats
    floor: Ints
    able: NDArray[np.bool_]
    """(groups, queues)"""
    load: Floats
    """(slots, queues) work that the varied groups must be able to carry."""
    rows: list[Floats] = field(default_factory=list)
    """Coefficients of the agents, a row a cut: rows . y >= least."""
    least: list[float] = field(default_factory=list)

    def solve(self) -> Ints:
        """The cheapest agents (groups, slots) within the cuts so far; ties by a tiny cost."""
        from scipy.sparse import csr_array

        n_y = self.cost.size
        pairs = np.argwhere(self.able)
        slots = self.cost.shape[1]
        n = n_y + len(pairs) * slots
        gap = _FINE_GAP if n_y <= _FEW else _GAP
        cost = np.zeros(n)
        unit = float(np.abs(self.cost).mean())
        cost[:n_y] = self.cost.ravel() / unit + _TIE * np.arange(n_y) / n_y
        found = solved(
            cost,
            (np.arange(n) < n_y).astype(np.int64),
            (np.concatenate([self.floor.ravel(), np.zeros(n - n_y)]), np.full(n, np.inf)),
            [
                (csr_array(matrix), low, np.full(len(low), np.inf))
                for matrix, low in (self._flows(pairs, n), self._cut_rows(n))
                if len(low)
            ],
            gap,
            _MOST_NODES,
        )
        if found.x is None:
            raise UsageError(f"the staffing problem has no solution: {found.message}")
        return np.asarray(np.round(found.x[:n_y]), np.int64).reshape(self.cost.shape)

    def _flows(self, pairs: Ints, n: int) -> tuple[Floats, Floats]:
        groups, slots = self.cost.shape
        queues = self.able.shape[1]
        matrix, low = np.zeros(((groups + queues) * slots, n)), np.zeros((groups + queues) * slots)
        for slot in range(slots):
            for g in range(groups):
                matrix[g * slots + slot, g * slots + slot] = 1.0
            for k, (g, q) in enumerate(pairs.tolist()):
                column = groups * slots + k * slots + slot
                matrix[g * slots + slot, column] = -1.0
                matrix[(groups + q) * slots + slot, column] = 1.0
            for q in range(queues):
                if self.able[:, q].any():
                    low[(groups + q) * slots + slot] = _FLUID * self.load[slot, q]
        return matrix, low

    def _cut_rows(self, n: int) -> tuple[Floats, Floats]:
        matrix = np.zeros((len(self.rows), n))
        for i, row in enumerate(self.rows):
            matrix[i, : row.size] = row.ravel()
        return matrix, np.array(self.least)

    def add(self, gradient: Floats, staff: Ints, missing: float) -> None:
        """gradient . (y - staff) >= missing, the largest coefficient 1 and the noise among them 0.

        Why so: with coefficients over three powers of ten the solver loses its way in rounding.
        """
        largest = float(gradient.max())
        row = np.where(gradient < _NOISE * largest, 0.0, gradient / largest)
        self.rows.append(row)
        self.least.append(float((row * staff).sum()) + missing / largest)


def cutting_planes(problem: Problem, master: Master) -> Ints:
    """Staff that keeps all rules on the days of the search, near the least cost.

    Raises `UsageError` when the cuts run out before the rules hold.
    """
    for round_ in range(_MOST_ROUNDS):
        staff = master.solve()
        found = problem.verdicts(staff)
        failing = np.flatnonzero(~found.accepted)
        problem.tell(f"cutting planes: round {round_ + 1}, {len(failing)} targets missed")
        if not len(failing):
            return staff
        _cut(problem, master, staff, found, failing)
    raise UsageError(given_up(problem, found, f"{_MOST_ROUNDS} rounds of cuts went by"))


def _cut(problem: Problem, master: Master, staff: Ints, found: Verdicts, failing: Ints) -> None:
    """A cut for each constraint that fails: gradient . (y - staff) >= what is missing."""
    n = min(_LEARN_ON, problem.n)
    effect = effects(problem, staff, +1, n)
    volume = _volume(problem, problem.days(staff, n))
    for index in failing.tolist():
        aim, slot = int(found.aim[index]), int(found.slot[index])
        gradient: Floats = np.zeros(master.cost.shape)
        if slot < 0:
            gradient[:] = effect[:, :, aim, :].sum(axis=2) / volume[aim].sum()
        else:
            for k in range(STRIDE):  # the slot lies k - 1 behind the one that is changed
                changed = slot + 1 - k
                if 0 <= changed < gradient.shape[1]:
                    gradient[:, changed] = effect[:, changed, aim, k] / max(volume[aim, slot], 1e-9)
        gradient = np.clip(gradient, 0.0, None)
        able = np.where(problem.serves[:, aim], 1e-3, 0.0)
        for own in range(gradient.shape[1]) if slot < 0 else (slot,):
            gradient[:, own] = np.maximum(gradient[:, own], able)
        missing = float(found.bound[index] - found.lower[index])
        missing = missing if np.isfinite(missing) and missing > 0 else 1e-3
        master.add(gradient, staff, missing)


def _volume(problem: Problem, days: Days) -> Floats:
    """(aims, slots + 1) mean denominators."""
    found = [
        daily(aim, member, problem.rules.thresholds_us, days)[1].mean(axis=0)
        for aim, member in zip(problem.rules.aims, problem.rules.member, strict=True)
    ]
    return np.array(found)
