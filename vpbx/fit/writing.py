"""A fitted scenario being written: what it is to show, the lines so far, the files beside it.

Belongs here: what all parts of the text share. Does not belong here: any part (`text`, `callers`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx.fit.fitted import Fitted
from vpbx.fit.law import LawFit

Ints = NDArray[np.int64]

NUMBER = "100"
"""The scenario's one number: a log of a call centre does not say which was dialled."""


@dataclass(frozen=True)
class Plan:
    """What a scenario is to show beyond what was fitted.

    `heads[group, weekday, minute]` on `weekdays`; `trace` is the file of recorded arrivals (columns
    arrived, class), "" for the fitted load; `stem` names the folder of values beside the scenario.
    """

    name: str
    description: str
    start: date
    n_days: int
    timezone: str
    heads: Ints
    weekdays: Sequence[int]
    stem: str
    trace: str = ""
    replications: int = 20
    service_level_s: float = 20.0


@dataclass
class Writing:
    """The text so far, and the files beside it."""

    fitted: Fitted
    plan: Plan
    lines: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def add(self, *lines: str) -> None:
        """More lines."""
        self.lines += lines

    def values(self, name: str, values: NDArray[np.float64]) -> str:
        """Keep values as a file; the law that names it."""
        file = f"{self.plan.stem}_values/{name}.csv"
        self.files[file] = "seconds\n" + "".join(f"{value:.3f}\n" for value in values)
        return f"empirical({file})"

    def law(self, name: str, law: LawFit) -> str:
        """A law in the language, its values kept where it has any."""
        if law.family == "empirical":
            return self.values(name, law.values_s)
        return law.text()


class Written(NamedTuple):
    """A scenario's YAML, and the files that it names by their path beside it."""

    text: str
    files: dict[str, str]


def quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


def about(law: LawFit) -> str:
    """How a law was found: `n = 900, mean 183.5 ± 2.1 s; lognormal is likeliest, …`."""
    told = f"n = {law.n:,}, mean {law.mean_s:.4g} s ± {1.96 * law.mean_se_s:.2g}, cv {law.cv:.2f}"
    if law.best is None:
        return f"{told}; no spread"
    second = law.candidates[1]
    told += f"; likeliest {law.best.family} (AIC {second.aic - law.best.aic:,.0f} better than "
    told += f"{second.family}), farthest from the measured curve by {law.best.distance:.1%}"
    if law.family == "empirical":
        return f"{told}: too far, so the measured values themselves"
    chance = f"chance alone: {law.critical:.1%}"
    return f"{told} ({chance})" + ("" if law.n >= 30 else "; too few to choose: exponential")
