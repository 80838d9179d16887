"""Counter-based random draws and quantiles: a draw depends on whose it is and what for.

Belongs here: the generator (Philox4x32-10; Salmon, Moraes, Dror, Shaw 2011), the uniform of (seed,
replication, caller, attempt, purpose, n), the quantile functions. All are scalar and pure, compiled,
and shared by the workload and both engines. Does not belong here: state, or who draws what.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vpbx._jit import njit, njit_inline, njit_making
from vpbx.codes import Distribution
from vpbx.rows import Rows

_MASK = np.uint64(0xFFFFFFFF)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_HALF = np.uint64(32)

OCTAVE_POINTS = 64
"""Points a quantile table has for each halving of the tail probability."""
OCTAVES = 53

_CONSTANT = int(Distribution.CONSTANT)
_EXPONENTIAL = int(Distribution.EXPONENTIAL)
_UNIFORM = int(Distribution.UNIFORM)
_LOGNORMAL = int(Distribution.LOGNORMAL)
_WEIBULL = int(Distribution.WEIBULL)
_EMPIRICAL = int(Distribution.EMPIRICAL)


class Laws(NamedTuple):
    """Laws of durations, a row a law; parameters in microseconds where they are times.

    CONSTANT: p1 = value · EXPONENTIAL: p1 = mean · UNIFORM: p1, p2 = ends · LOGNORMAL: p1, p2 =
    mean and standard deviation of the logarithm · WEIBULL: p1 = scale, p2 = 1 / shape · TABLE: `points`
    values of the table from `first` on: half of them the lower tail, half the upper · EMPIRICAL:
    `points` sorted values of the table from `first` on.
    """

    kind: NDArray[np.int64]
    p1: NDArray[np.float64]
    p2: NDArray[np.float64]
    first: NDArray[np.int64]
    points: NDArray[np.int64]


class Distributions(NamedTuple):
    """All laws of a Program, and the quantiles of those that have no closed form."""

    law: Rows[Any]
    """Rows of `Laws`."""
    table: NDArray[np.float64]


def stream_key(seed: int, replication: int) -> int:
    """The generator's key for a replication: distinct for distinct replications of a seed."""
    mask = (1 << 64) - 1

    def mix(z: int) -> int:  # the finaliser of splitmix64 (Steele, Lea, Flood 2014), a bijection
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    key = mix((mix(seed & mask) + replication * 0x9E3779B97F4A7C15) & mask)
    return key - (1 << 64) if key >> 63 else key


def caller_id(caller_class: int, day: int, ordinal: int) -> int:
    """A caller as one int64; sorts by (class, day, ordinal)."""
    return caller_class << 52 | day << 32 | ordinal


def _philox(key: int, c0: int, c1: int, c2: int, c3: int) -> tuple[np.uint64, np.uint64]:
    """Philox4x32-10: the block of counter (c0, c1, c2, c3), 32 bits each, as two 64-bit words."""
    k0, k1 = np.uint64(key & 0xFFFFFFFF), np.uint64((key >> 32) & 0xFFFFFFFF)
    x0, x1, x2, x3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    for _ in range(10):
        a, b = _M0 * x0, _M1 * x2
        x0, x1, x2, x3 = (b >> _HALF) ^ x1 ^ k0, b & _MASK, (a >> _HALF) ^ x3 ^ k1, a & _MASK
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return x0 << _HALF | x1, x2 << _HALF | x3


philox = njit(_philox)
_philox_inline = njit_inline(_philox)


@njit_inline
def _unit(word: np.uint64) -> float:
    """A word's upper 52 bits as a number in (0, 1)."""
    return (np.float64(np.int64(word >> np.uint64(12))) + 0.5) * 2.0**-52


@njit_inline
def pair_inline(key: int, caller: int, attempt: int, purpose: int, n: int) -> tuple[float, float]:
    """As `uniform_pair`, put into loops, where the compiler draws several callers' at once."""
    first, second = _philox_inline(
        key, caller & 0xFFFFFFFF, (caller >> 32) & 0xFFFFFFFF, attempt << 8 | purpose >> 1, n
    )
    return _unit(first), _unit(second)


@njit
def uniform_pair(key: int, caller: int, attempt: int, purpose: int, n: int) -> tuple[float, float]:
    """The uniforms of an even purpose and of the next one, from one block."""
    return pair_inline(key, caller, attempt, purpose, n)


@njit
def uniform(key: int, caller: int, attempt: int, purpose: int, n: int) -> float:
    """Uniform number in (0, 1): of a caller's attempt, for the n-th use of a purpose.

    Purposes 2k and 2k + 1 are the two halves of one block. 52 bits, never 0 nor 1.
    """
    first, second = pair_inline(key, caller, attempt, purpose, n)
    return second if purpose & 1 else first


_MIDDLE = (
    (
        2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
        45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
        133.14166789178437745, 3.387132872796366608,
    ),
    (
        5226.495278852854561, 28729.085735721942674, 39307.89580009271061,
        21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
        42.313330701600911252, 1.0,
    ),
)  # fmt: skip
_SIDES = (
    (
        0.00077454501427834140764, 0.0227238449892691845833, 0.24178072517745061177,
        1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
        4.6303378461565452959, 1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9, 0.0005475938084995344946, 0.0151986665636164571966,
        0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
        2.05319162663775882187, 1.0,
    ),
)  # fmt: skip
_FAR_OUT = (
    (
        2.01033439929228813265e-7, 0.0000271155556874348757815, 0.0012426609473880784386,
        0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
        5.4637849111641143699, 6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
        0.0007868691311456132591, 0.0148753612908506148525, 0.13692988092273580531,
        0.59983220655588793769, 1.0,
    ),
)  # fmt: skip
"""Coefficients of AS 241 (over and under the fraction stroke, the highest power first), by distance from
the median."""


@njit_inline
def _polynomial(x: float, a: tuple[float, ...]) -> float:
    """A polynomial of degree 7, by halves (Estrin 1960): less of a chain than Horner's scheme."""
    square = x * x
    high = (a[0] * x + a[1]) * square + (a[2] * x + a[3])
    low = (a[4] * x + a[5]) * square + (a[6] * x + a[7])
    return high * (square * square) + low


@njit
def normal_quantile(u: float) -> float:
    """Quantile of the standard normal law (Wichura 1988, algorithm AS 241, PPND16)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _polynomial(r, _MIDDLE[0]) / _polynomial(r, _MIDDLE[1])
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        z = _polynomial(r - 1.6, _SIDES[0]) / _polynomial(r - 1.6, _SIDES[1])
    else:
        z = _polynomial(r - 5.0, _FAR_OUT[0]) / _polynomial(r - 5.0, _FAR_OUT[1])
    return -z if q < 0.0 else z


@njit
def _tail(table: NDArray[np.float64], start: int, x: float) -> float:
    """Value at tail probability x <= 1/2: linear between points, 64 for each halving of x."""
    mantissa, exponent = math.frexp(x)
    place = (2.0 * mantissa - 1.0) * OCTAVE_POINTS
    whole = int(place)
    i = start + (exponent + OCTAVES) * OCTAVE_POINTS + whole
    return table[i] + (place - whole) * (table[i + 1] - table[i])


@njit
def quantile(dists: Distributions, d: int, u: float) -> float:
    """Quantile at u of law d, in the law's own unit (microseconds for durations)."""
    law = dists.law[d]
    kind = law.kind
    if kind == _CONSTANT:
        return law.p1
    if kind == _EXPONENTIAL:
        return -law.p1 * math.log(1.0 - u)
    if kind == _LOGNORMAL:
        return math.exp(law.p1 + law.p2 * normal_quantile(u))
    if kind == _UNIFORM:
        return law.p1 + (law.p2 - law.p1) * u
    if kind == _WEIBULL:
        return law.p1 * (-math.log(1.0 - u)) ** law.p2
    if kind == _EMPIRICAL:
        return dists.table[law.first + int(u * law.points)]
    if u < 0.5:
        return _tail(dists.table, law.first, u)
    return _tail(dists.table, law.first + law.points // 2, 1.0 - u)


@njit
def constant_us(dists: Distributions, d: int) -> int:
    """Microseconds of law d when it is a constant, which needs no draw; else -1."""
    law = dists.law[d]
    return int(np.rint(law.p1)) if law.kind == _CONSTANT else -1


@njit
def duration_us(dists: Distributions, d: int, u: float) -> int:
    """Quantile at u of law d, rounded to a microsecond, half to even."""
    return int(np.rint(quantile(dists, d, u)))


@njit
def rounded(value: float) -> int:
    """The nearest whole number, half to even."""
    return int(np.rint(value))


@njit_making
def uniforms(key: int, first_caller: int, n: int, purpose: int) -> NDArray[np.float64]:
    """The uniforms of n consecutive callers for one purpose, attempt 0, first use."""
    out = np.empty(n)
    for i in range(n):
        out[i] = uniform(key, first_caller + i, 0, purpose, 0)
    return out
