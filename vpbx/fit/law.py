"""A distribution for measured durations: the likeliest family, or the measurements themselves.

Belongs here: maximum likelihood, goodness of fit, the choice. Does not belong here: censored
durations (`patience`), which durations are meant (`fitted`).

Why whole seconds matter: logs round to seconds, so a 0 is "less than half a second" and takes part
as such; otherwise no continuous law could have made it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_VALUE_S = 0.25
"""What a recorded 0 stands for."""
LEAST_N = 30
"""With fewer durations no family is chosen: exponential, which needs the mean only."""
CLOSE = 0.04
"""A family whose curve is nowhere farther than this from the measured one, its sampling error
apart, will do: 4 % of calls misplaced."""
MOST_VALUES = 1000
"""An empirical law is written as so many values at most."""
_MOST_CV = 15.0


class Candidate(NamedTuple):
    """A family fitted: its log-likelihood, AIC, and Kolmogorov's distance to the measurements."""

    family: str
    mean_s: float
    cv: float
    log_likelihood: float
    aic: float
    distance: float


@dataclass(frozen=True)
class LawFit:
    """The law chosen for some durations.

    `family`: exponential, lognormal, gamma, weibull, constant, or empirical; `mean_s` with its
    standard error, `cv`; `candidates` by rising AIC; `values_s` for empirical (else empty);
    `critical` is the distance that sampling alone passes in 5 % of cases (1.36 / sqrt(n)).
    """

    family: str
    n: int
    mean_s: float
    mean_se_s: float
    cv: float
    candidates: tuple[Candidate, ...]
    critical: float
    values_s: Floats

    def text(self, file: str = "") -> str:
        """The law in the scenario's language; `file` holds the values of an empirical one."""
        mean = seconds(self.mean_s)
        match self.family:
            case "constant":
                return mean
            case "exponential":
                return f"exponential(mean={mean})"
            case "empirical":
                return f"empirical({file})"
        return f"{self.family}(mean={mean}, cv={self.cv:.3g})"

    def scaled(self, factor: float) -> "LawFit":
        """The law of durations `factor` times as long."""
        return replace(
            self,
            mean_s=self.mean_s * factor,
            mean_se_s=self.mean_se_s * factor,
            values_s=self.values_s * factor,
        )

    @property
    def best(self) -> Candidate | None:
        """The likeliest family, None where none was tried."""
        return self.candidates[0] if self.candidates else None


def fit_law(durations_s: Floats, empirical: bool = True) -> LawFit:
    """The law of durations (s, at least one).

    The likeliest of the families; the measurements themselves where even that one is too far off
    (and `empirical` laws are wanted).
    """
    n = len(durations_s)
    mean = float(durations_s.mean())
    spread = float(durations_s.std(ddof=1)) if n > 1 else 0.0
    error = spread / math.sqrt(n)
    cv = spread / mean if mean > 0 else 0.0
    critical = 1.36 / math.sqrt(n)
    if cv < 1e-3 or mean <= 0:
        return LawFit("constant", n, mean, error, 0.0, (), critical, np.empty(0))
    tried = sorted(_candidates(durations_s), key=lambda one: one.aic)
    best = tried[0]
    if n < LEAST_N:
        return LawFit("exponential", n, mean, error, 1.0, tuple(tried), critical, np.empty(0))
    if empirical and (best.distance > CLOSE + critical or best.cv > _MOST_CV):
        values = condensed(durations_s)
        return LawFit("empirical", n, mean, error, cv, tuple(tried), critical, values)
    return LawFit(best.family, n, best.mean_s, error, best.cv, tuple(tried), critical, np.empty(0))


def seconds(value: float) -> str:
    """A duration of four significant figures at least: `183.5 s`."""
    return f"{value:.0f} s" if value >= 1000 else f"{value:.4g} s"


def condensed(durations_s: Floats, most: int = MOST_VALUES) -> Floats:
    """At most so many values with the same mean: the means of equal parts of the sorted ones."""
    ordered = np.sort(durations_s)
    if len(ordered) <= most:
        return ordered
    edges = np.linspace(0, len(ordered), most + 1)
    cumulative = np.concatenate(([0.0], np.cumsum(ordered)))
    sums = np.interp(edges, np.arange(len(cumulative)), cumulative)
    return np.diff(sums) / np.diff(edges)


def _candidates(durations_s: Floats) -> list[Candidate]:
    values = np.maximum(durations_s, LEAST_VALUE_S)
    return [_candidate(name, fit, values) for name, fit in _FAMILIES.items()]


def _candidate(name: str, fit: "Callable[[Floats], _Fitted]", values: Floats) -> Candidate:
    law = fit(values)
    likelihood = float(law.log_density.sum())
    aic = 2.0 * law.n_parameters - 2.0 * likelihood
    return Candidate(name, law.mean, law.cv, likelihood, aic, _distance(values, law.cdf))


def _distance(values: Floats, cdf: "Callable[[Floats], Floats]") -> float:
    """Largest distance of a curve from the measured one, in the middle of each recorded value."""
    at, counts = np.unique(values, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2.0) / len(values)
    return float(np.abs(cdf(at) - middle).max())


class _Fitted(NamedTuple):
    mean: float
    cv: float
    n_parameters: int
    log_density: Floats
    cdf: Callable[[Floats], Floats]


def _exponential(x: Floats) -> _Fitted:
    mean = float(x.mean())
    return _Fitted(mean, 1.0, 1, -math.log(mean) - x / mean, lambda t: 1.0 - np.exp(-t / mean))


def _lognormal(x: Floats) -> _Fitted:
    from scipy.special import ndtr

    logs = np.log(x)
    mu, sigma = float(logs.mean()), float(logs.std())
    z = (logs - mu) / sigma
    density = -logs - math.log(sigma * math.sqrt(2.0 * math.pi)) - z * z / 2.0
    variance = min(sigma * sigma, 50.0)
    mean, cv = math.exp(mu + variance / 2.0), math.sqrt(math.expm1(variance))
    return _Fitted(mean, cv, 2, density, lambda t: np.asarray(ndtr((np.log(t) - mu) / sigma)))


def _gamma(x: Floats) -> _Fitted:
    """Shape k by Newton's method (Minka 2002, Estimating a gamma distribution, eq. 6)."""
    from scipy.special import digamma, gammainc, gammaln, polygamma

    mean = float(x.mean())
    gap = math.log(mean) - float(np.log(x).mean())
    k = (3.0 - gap + math.sqrt((gap - 3.0) ** 2 + 24.0 * gap)) / (12.0 * gap)
    for _ in range(20):
        slope = k * k * (1.0 / k - float(polygamma(1, k)))
        k = 1.0 / (1.0 / k + (math.log(k) - float(digamma(k)) - gap) / slope)
    scale = mean / k
    density = (k - 1.0) * np.log(x) - x / scale - k * math.log(scale) - float(gammaln(k))
    return _Fitted(
        mean, 1.0 / math.sqrt(k), 2, density, lambda t: np.asarray(gammainc(k, t / scale))
    )


def _weibull(x: Floats) -> _Fitted:
    """Shape by bisection of the likelihood's derivative, which rises in it."""
    logs = np.log(x)
    top = float(logs.max())

    def slope(shape: float) -> float:
        weights = np.exp(shape * (logs - top))
        return float((weights @ logs) / weights.sum() - logs.mean()) - 1.0 / shape

    low, high = 0.05, 60.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    shape = math.sqrt(low * high)
    scale = math.exp(top) * float(np.exp(shape * (logs - top)).mean()) ** (1.0 / shape)
    ratio = logs - math.log(scale)
    density = math.log(shape / scale) + (shape - 1.0) * ratio - np.exp(shape * ratio)
    mean = scale * math.gamma(1.0 + 1.0 / shape)
    cv = math.sqrt(max(math.gamma(1.0 + 2.0 / shape) / math.gamma(1.0 + 1.0 / shape) ** 2 - 1, 0))
    return _Fitted(mean, cv, 2, density, lambda t: -np.expm1(-((t / scale) ** shape)))


_FAMILIES: dict[str, Callable[[Floats], _Fitted]] = {
    "exponential": _exponential,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
}
