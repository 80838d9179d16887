"""Distributions as text: `lognormal(mean=4 min, cv=1.1)` → a `Law`.

Belongs here: the grammar and the law's own parameters and moments. Does not belong here: quantiles
(`program.quantiles`) or random numbers; files of durations (`empirical`).

    law      := duration | name "(" [argument {"," argument}] ")"
    argument := [name "="] text | share ":" text
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from pydantic import ValidationInfo

from vpbx import units
from vpbx.scenario.empirical import read_durations
from vpbx.scenario.suggest import did_you_mean

MAX_CV = 20.0
WEIBULL_CV = (0.02, 10.0)
"""Weibull shapes from 0.25 to 63: beyond, the shape that gives a cv cannot be found exactly."""
MAX_K = 10_000
SHARES_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Law:
    """A probability law of a duration; times in microseconds.

    `kind` is one of constant, exponential, uniform, lognormal, gamma, erlang, weibull,
    hyperexponential, empirical. `mean_us` and `cv` are set for every kind (cv = standard deviation
    / mean; 0 for a constant); `k` for erlang; `low_us`, `high_us` for uniform; `phases` =
    ((p, mean_us), …) for hyperexponential; `values_us` (sorted) for empirical. `text` is what the
    user wrote.
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


class Argument(NamedTuple):
    """One argument: `name` is "" for a bare one; `share` is set in `30%: 2 min`."""

    name: str
    share: str
    text: str


_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[(),=:]|[^(),=:\"']+|[\"']")
_EXAMPLES = {
    "exponential": "exponential(mean=4 min)",
    "lognormal": "lognormal(mean=4 min, cv=1.1)",
    "gamma": "gamma(mean=4 min, cv=0.8)",
    "erlang": "erlang(mean=4 min, k=3)",
    "weibull": "weibull(mean=4 min, cv=1.5)",
    "hyperexponential": "hyperexponential(mean=4 min, cv=2)",
    "uniform": "uniform(10 s, 30 s)",
    "empirical": "empirical(file.csv)",
}


def parse_law(value: object, info: ValidationInfo) -> Law:
    """Law of a text; raises `ValueError` with one clear message.

    A file in `empirical(file.csv)` is read relative to `info.context["folder"]`.
    """
    if isinstance(value, Law):
        return value
    if not isinstance(value, str) or not re.match(r"\s*[^\W\d]", value):
        return constant(units.duration_us(value), str(value))
    context = info.context if isinstance(info.context, dict) else {}
    return replace(_call(value, str(context.get("folder", "."))), text=value.strip())


def constant(us: int, text: str = "") -> Law:
    """The law of a duration that never varies."""
    return Law("constant", float(us), 0.0, text=text.strip() or units.duration_text(us))


def _call(text: str, folder: str) -> Law:
    name, arguments = _parse(text)
    if name == "constant":
        raise ValueError('a constant is written without a law: "4 min"')
    law = _LAWS.get(name)
    if law is None:
        hint = did_you_mean(name, _LAWS) or f"; known are {', '.join(_LAWS)}"
        raise ValueError(f'there is no distribution "{name}"{hint}')
    if name == "empirical":
        return _empirical(arguments, folder)
    return law(arguments)


def _parse(text: str) -> tuple[str, list[Argument]]:
    tokens = [token.strip() for token in _TOKEN.findall(text) if token.strip()]
    name = tokens[0]
    if len(tokens) == 1:
        example = _EXAMPLES.get(name, "4 min or exponential(mean=4 min)")
        raise ValueError(f'"{text}" is not a duration or a distribution; write it like {example}')
    if tokens[1] != "(":
        raise ValueError(f'"{text}": expected "(" after "{name}", got "{tokens[1]}"')
    if ")" not in tokens:
        raise ValueError(
            f'"{text}": the bracket is not closed; inside {{ }} a distribution needs quotes'
        )
    if "(" in tokens[2:]:
        raise ValueError(f'"{text}": a bracket within the brackets')
    end = tokens.index(")")
    if end != len(tokens) - 1:
        raise ValueError(f'"{text}": nothing may follow the closing bracket')
    return name, _arguments(text, tokens[2:end])


def _arguments(text: str, tokens: list[str]) -> list[Argument]:
    if not tokens:
        return []
    groups: list[list[str]] = [[]]
    for token in tokens:
        if token == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    return [_argument(text, group) for group in groups]


def _argument(text: str, tokens: list[str]) -> Argument:
    match tokens:
        case [value] if value not in "=:":
            return Argument("", "", _unquoted(value))
        case [name, "=", value] if {name, value}.isdisjoint("=:"):
            return Argument(name, "", _unquoted(value))
        case [share, ":", value] if {share, value}.isdisjoint("=:"):
            return Argument("", share, value)
        case []:
            raise ValueError(f'"{text}": a comma with nothing before or after it')
    raise ValueError(f'"{text}": "{" ".join(tokens)}" is not an argument such as mean=4 min')


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0] else text


def _named(law: str, arguments: list[Argument], *names: str) -> dict[str, str]:
    """Arguments by name; complains of a bare, unknown, repeated or missing one."""
    example = f"; write it like {_EXAMPLES[law]}"
    found: dict[str, str] = {}
    for argument in arguments:
        if not argument.name:
            raise ValueError(f'{law}: "{argument.text}" needs a name{example}')
        if argument.name not in names:
            hint = did_you_mean(argument.name, names) or example
            raise ValueError(f'{law} has no parameter "{argument.name}"{hint}')
        if argument.name in found:
            raise ValueError(f"{law}: {argument.name} is given twice")
        found[argument.name] = argument.text
    for name in names:
        if name not in found:
            raise ValueError(f"{law}: {name} is missing{example}")
    return found


def _mean_us(law: str, text: str) -> float:
    try:
        mean = units.duration_us(text)
    except units.UnitError as error:
        raise ValueError(f"{law}: mean: {error}") from None
    if mean == 0:
        raise ValueError(f'{law}: the mean must be above 0; a constant of no length is "0 s"')
    return float(mean)


def _cv(law: str, text: str, low: float = 0.0, high: float = MAX_CV) -> float:
    try:
        cv = units.factor(text)
    except units.UnitError:
        raise ValueError(f'{law}: cv: "{text}" is not a number such as 1.1') from None
    if cv == 0.0:
        raise ValueError(f"{law}: cv must be above 0; for no spread write the mean alone")
    if not low <= cv <= high:
        raise ValueError(f"{law}: cv={text} is out of range: it lies between {low:g} and {high:g}")
    return cv


def _mean_cv(law: str, low: float = 0.0, high: float = MAX_CV) -> Callable[[list[Argument]], Law]:
    def read(arguments: list[Argument]) -> Law:
        given = _named(law, arguments, "mean", "cv")
        return Law(law, _mean_us(law, given["mean"]), _cv(law, given["cv"], low, high))

    return read


def _exponential(arguments: list[Argument]) -> Law:
    given = _named("exponential", arguments, "mean")
    return Law("exponential", _mean_us("exponential", given["mean"]), 1.0)


def _erlang(arguments: list[Argument]) -> Law:
    given = _named("erlang", arguments, "mean", "k")
    if not re.fullmatch(r"\d+", given["k"]) or not 1 <= int(given["k"]) <= MAX_K:
        raise ValueError(f"erlang: k={given['k']} is not a whole number from 1 to {MAX_K}")
    k = int(given["k"])
    return Law("erlang", _mean_us("erlang", given["mean"]), 1.0 / math.sqrt(k), k=k)


def _hyperexponential(arguments: list[Argument]) -> Law:
    if arguments and all(argument.share for argument in arguments):
        return _mixture(arguments)
    given = _named("hyperexponential", arguments, "mean", "cv")
    cv = _cv("hyperexponential", given["cv"], 1.0)
    return _balanced(_mean_us("hyperexponential", given["mean"]), cv)


def _balanced(mean_us: float, cv: float) -> Law:
    """Two phases of balanced means, p1 m1 = p2 m2 (Whitt 1982, Operations Research 30, eq. 3.7)."""
    p = (1.0 + math.sqrt((cv * cv - 1.0) / (cv * cv + 1.0))) / 2.0
    phases = ((p, mean_us / (2.0 * p)), (1.0 - p, mean_us / (2.0 * (1.0 - p))))
    return Law("hyperexponential", mean_us, cv, phases=phases)


def _mixture(arguments: list[Argument]) -> Law:
    shares = [units.share(argument.share) for argument in arguments]
    if abs(sum(shares) - 1.0) > SHARES_TOLERANCE:
        raise ValueError(f"hyperexponential: the shares make {sum(shares):.4%}, not 100%")
    means = [_mean_us("hyperexponential", argument.text) for argument in arguments]
    phases = tuple((p / sum(shares), mean) for p, mean in zip(shares, means, strict=True))
    mean = math.fsum(p * m for p, m in phases)
    square = math.fsum(2.0 * p * m * m for p, m in phases)
    cv = math.sqrt(max(square / (mean * mean) - 1.0, 0.0))
    return Law("hyperexponential", mean, cv, phases=phases)


def _uniform(arguments: list[Argument]) -> Law:
    if len(arguments) != 2 or any(argument.name or argument.share for argument in arguments):
        raise ValueError(f"uniform takes two durations; write it like {_EXAMPLES['uniform']}")
    low, high = (units.duration_us(argument.text) for argument in arguments)
    if low > high:
        raise ValueError(
            f"uniform: {arguments[0].text} is longer than {arguments[1].text}; the shorter first"
        )
    mean = (low + high) / 2.0
    cv = (high - low) / (math.sqrt(12.0) * mean) if mean else 0.0
    return Law("uniform", mean, cv, low_us=low, high_us=high)


def _empirical(arguments: list[Argument], folder: str = ".") -> Law:
    if len(arguments) != 1 or arguments[0].name or arguments[0].share:
        raise ValueError(f"empirical takes one file; write it like {_EXAMPLES['empirical']}")
    values = read_durations(folder, arguments[0].text)
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
    cv = math.sqrt(variance) / mean if mean else 0.0
    return Law("empirical", mean, cv, values_us=values)


_LAWS: dict[str, Callable[[list[Argument]], Law]] = {
    "exponential": _exponential,
    "lognormal": _mean_cv("lognormal"),
    "gamma": _mean_cv("gamma"),
    "erlang": _erlang,
    "weibull": _mean_cv("weibull", *WEIBULL_CV),
    "hyperexponential": _hyperexponential,
    "uniform": _uniform,
    "empirical": _empirical,
}
