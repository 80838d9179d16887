"""Patience from waits: Kaplan–Meier where callers were seen to give up, a stated tail beyond.

Belongs here: the curve, its standard error, the tail, and the values that stand for both. Does not
belong here: the estimate itself (`measures.survival`).

An abandoned wait is a patience seen; an answered one says only that patience was longer (it is
censored). Calls answered at once say nothing. Beyond the longest wait nobody knows anything: there
an exponential tail goes on at the rate at which callers gave up in the last part of what was seen.
Source: Brown et al. (2005), JASA 100, section 5; Kaplan and Meier (1958); Greenwood (1926).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vpbx.measures.survival import Survival, kaplan_meier, restricted_mean

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

N_VALUES = 1000
"""Values that stand for a curve: equally likely, so that each is a thousandth."""
LEAST_AT_RISK = 10
"""Where fewer callers than this were still waiting, the curve is noise; the tail begins."""
_TAIL_PART = 0.2
"""The tail's rate is that of the last part of what was seen: the last fifth of those who gave up."""
_LEAST_RATE = 1e-9
LONGEST_S = 30 * 86400.0


@dataclass(frozen=True)
class PatienceFit:
    """Patience of some callers; durations in seconds.

    `curve` is P(patience > t); `tail_from_s` where the tail begins, with what share of callers left
    (`tail_share`) and what mean beyond (`tail_mean_s`); `exponential_mean_s` is what an exponential
    patience would have (all waiting time / abandonments) with its standard error; `values_s` stand
    for the law: equally likely, rising.
    """

    n: int
    n_abandoned: int
    curve: Survival
    greenwood: Floats
    tail_from_s: float
    tail_share: float
    tail_mean_s: float
    exponential_mean_s: float
    exponential_se_s: float
    values_s: Floats

    @property
    def waited_s(self) -> float:
        """Time waited by all callers together, until answered or gone."""
        return self.exponential_mean_s * self.n_abandoned

    @property
    def restricted_mean_s(self) -> float:
        """Mean of patience cut at the longest wait seen."""
        return restricted_mean(self.curve)

    def quantile(self, p: float) -> float:
        """The patience that a share `p` of callers do not have."""
        return float(self.values_s[min(int(p * N_VALUES), N_VALUES - 1)])


def fit_patience(waits_s: Floats, abandoned: Bools) -> PatienceFit | None:
    """Patience of waits > 0 or abandoned at once; None where nobody gave up."""
    told = (waits_s > 0) | abandoned
    waits, seen = waits_s[told], abandoned[told]
    n_abandoned = int(seen.sum())
    if not n_abandoned:
        return None
    curve, error, at_risk = _curve(waits, seen)
    last = int(np.flatnonzero(at_risk >= min(LEAST_AT_RISK, at_risk[0]))[-1])
    share, start = float(curve.share[last]), float(curve.at[last])
    mean = _tail_mean(waits, seen, start)
    values = _values(curve.at[: last + 1], curve.share[: last + 1], mean)
    exposure = float(waits.sum())
    return PatienceFit(
        len(waits), n_abandoned, curve, error, start, share, mean,
        exposure / n_abandoned, exposure / n_abandoned / math.sqrt(n_abandoned), values,
    )  # fmt: skip


def _curve(waits: Floats, seen: Bools) -> tuple[Survival, Floats, Floats]:
    """The curve, Greenwood's standard error of its shares, and how many were at risk."""
    curve = kaplan_meier(waits, seen)
    ordered = np.sort(waits)
    at_risk = (len(ordered) - np.searchsorted(ordered, curve.at)).astype(np.float64)
    ends = np.sort(waits[seen])
    deaths = np.diff(np.append(np.searchsorted(ends, curve.at), len(ends)))
    left = np.maximum(at_risk - deaths, 1.0)
    return curve, curve.share * np.sqrt(np.cumsum(deaths / (at_risk * left))), at_risk


def _tail_mean(waits: Floats, seen: Bools, start: float) -> float:
    """Mean time from `start` on until a caller gives up: time waited / abandonments, late ones."""
    late = float(np.quantile(waits[seen], 1.0 - _TAIL_PART))
    late = min(late, start)
    exposure = float(np.maximum(waits - late, 0.0).sum())
    events = int((seen & (waits > late)).sum())
    if not events or exposure <= 0:
        exposure, events = float(waits.sum()), int(seen.sum())
    return max(exposure, _LEAST_RATE) / events


def _values(at: Floats, share: Floats, tail_mean: float) -> Floats:
    """Quantiles of the curve with its tail at (i + 1/2) / N."""
    p = (np.arange(N_VALUES) + 0.5) / N_VALUES
    place = np.searchsorted(1.0 - share, p, side="left")
    inside = place < len(at)
    values = np.empty(N_VALUES)
    values[inside] = at[place[inside]]
    beyond = (1.0 - p[~inside]) / share[-1] if share[-1] > 0 else np.empty(0)
    values[~inside] = at[-1] - tail_mean * np.log(np.minimum(beyond, 1.0))
    return np.minimum(values, LONGEST_S)
