"""Distributions as text: `lognormal(mean=4 min, cv=1.1)` → a `Law`.

Belongs here: the grammar and the law's own parameters and moments. Does not belong here: quantiles
(`program.quantiles`) or random numbers.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Law:
    """A probability law of a duration; times in microseconds.

    `kind` is one of constant, exponential, uniform, lognormal, gamma, erlang, weibull,
    hyperexponential, empirical. `mean_us` and `cv` are set for every kind (cv = standard deviation /
    mean; 0 for a constant); `k` for erlang; `low_us`, `high_us` for uniform; `phases` = ((p, mean_us), …) for
    hyperexponential; `values_us` (sorted) for empirical. `text` is what the user wrote.
    """

    kind: str
    mean_us: float
    cv: float
    k: int = 0
    low_us: int = 0
    high_us: int = 0
    phases: tuple[tuple[float, float], ...] = ()
    values_us: tuple[int, ...] = ()
    text: str = ""
