"""The closed forms of `measures.theory`, row by row against the reference tables.

Belongs here: which function a column is compared with. Does not belong here: runs.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from vpbx.measures import theory
from vpbx.measures.theory_redials import redials_exact
from vpbx.validation.cases import Formula, table


class Checked(NamedTuple):
    """A formula held against a column."""

    formula: Formula
    n_rows: int
    worst: float
    """Largest relative difference of a row."""

    @property
    def passed(self) -> bool:
        """Whether every row is within the tolerance."""
        return self.worst <= self.formula.tolerance


Cells = Mapping[str, float]


def _erlang_b(row: Cells) -> float:
    return theory.erlang_b(int(row["n"]), row["a"])


def _erlang_c(row: Cells) -> float:
    return theory.erlang_c(int(row["n"]), row["lam"] / row["mu"])


def _erlang_c_wait(row: Cells) -> float:
    return theory.erlang_c_wait(int(row["n"]), row["lam"], row["mu"])


def _erlang_a(field: str) -> Callable[[Cells], float]:
    def found(row: Cells) -> float:
        steady = theory.erlang_a(int(row["n"]), row["lam"], row["mu"], row["theta"])
        return float(getattr(steady, field))

    return found


def _orbit(row: Cells) -> float:
    """Callers between attempts in M/M/1 with classical retrials."""
    return redials_exact(1, row["lam"], row["mu"], 0.0, 1.0, row["gamma"], 0).mean_redialling


FORMULAS: dict[str, Callable[[Cells], float]] = {
    "erlang_b": _erlang_b,
    "erlang_c": _erlang_c,
    "erlang_c_wait": _erlang_c_wait,
    "erlang_a.p_wait": _erlang_a("p_wait"),
    "erlang_a.p_abandon": _erlang_a("p_abandon"),
    "erlang_a.mean_wait": _erlang_a("mean_wait"),
    "erlang_a.mean_queue": _erlang_a("mean_queue"),
    "erlang_a.occupancy": _erlang_a("occupancy"),
    "orbit": _orbit,
}
"""Every function that the suite may name."""


def check_formula(formula: Formula) -> Checked:
    """The formula in every row of its table."""
    rows = [{name: float(cell) for name, cell in row.items()} for row in table(formula.table)]
    function = FORMULAS[formula.function]
    worst = max(abs(function(row) / row[formula.column] - 1.0) for row in rows)
    return Checked(formula, len(rows), worst)
