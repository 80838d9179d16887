"""Distributions as text: parameters and moments by hand, and one clear message a mistake."""

import contextlib
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from vpbx.scenario.distributions import Law, constant
from vpbx.scenario.values import Dist


class Holder(BaseModel):
    """A model with one distribution."""

    law: Dist


def law(text: object, folder: Path | None = None) -> Law:
    """The law of a text, read as models do."""
    context = None if folder is None else {"folder": folder}
    return Holder.model_validate({"law": text}, context=context).law


def refusal(text: object, folder: Path | None = None) -> str:
    """The message for a wrong text."""
    with pytest.raises(ValidationError) as error:
        law(text, folder)
    (only,) = error.value.errors()
    return only["msg"]


@pytest.mark.parametrize("text", ["4 min", "240 s", " 4 min "])
def test_a_duration_is_a_constant(text: str) -> None:
    """A bare duration never varies."""
    assert law(text) == Law("constant", 240e6, 0.0, text=text.strip())


def test_zero_needs_no_unit() -> None:
    """0 is no time, in any unit."""
    assert law(0) == Law("constant", 0.0, 0.0, text="0")


def test_a_law_stays_as_it_is() -> None:
    """What has been read already is taken as it stands."""
    ready = constant(20_000_000)
    assert law(ready) == ready
    assert ready.text == "20 s"


@pytest.mark.parametrize(
    ("text", "kind", "mean_us", "cv"),
    [
        ("exponential(mean=4 min)", "exponential", 240e6, 1.0),
        ("lognormal(mean=4 min, cv=1.1)", "lognormal", 240e6, 1.1),
        ("lognormal( cv = 110% , mean = 4 min )", "lognormal", 240e6, 1.1),
        ("gamma(mean=90 s, cv=0.8)", "gamma", 90e6, 0.8),
        ("erlang(mean=4 min, k=4)", "erlang", 240e6, 0.5),
        ("weibull(mean=1 h 30 min, cv=1.5)", "weibull", 5400e6, 1.5),
        ("uniform(10 s, 30 s)", "uniform", 20e6, 20 / math.sqrt(12) / 20),
        ("uniform(5 s, 5 s)", "uniform", 5e6, 0.0),
    ],
)
def test_kind_mean_and_cv(text: str, kind: str, mean_us: float, cv: float) -> None:
    """Every law knows its mean and its coefficient of variation."""
    read = law(text)
    assert (kind, mean_us, text.strip()) == (read.kind, read.mean_us, read.text)
    assert cv == pytest.approx(read.cv, rel=1e-14)


def test_ends_of_uniform_and_k_of_erlang() -> None:
    """Uniform keeps its ends, Erlang its number of stages."""
    assert (
        law("uniform(10 s, 30 s)").low_us,
        law("uniform(10 s, 30 s)").high_us,
    ) == (10_000_000, 30_000_000)
    assert law("erlang(mean=4 min, k=3)").k == 3


def test_mixture_by_hand() -> None:
    """30% of mean 2 min, 70% of mean 10 min: mean 7.6 min, E X² = 2 (0.3·4 + 0.7·100) = 142.4."""
    read = law("hyperexponential(30%: 2 min, 70%: 10 min)")
    assert read.mean_us == pytest.approx(7.6 * 60e6, rel=1e-14)
    assert read.cv == pytest.approx(math.sqrt(142.4 / 7.6**2 - 1), rel=1e-14)
    assert read.phases == (
        (pytest.approx(0.3), 120e6),
        (pytest.approx(0.7), 600e6),
    )


@given(st.integers(1, 100_000), st.floats(1.0, 20.0))
def test_balanced_hyperexponential_has_its_moments(seconds: int, cv: float) -> None:
    """Two phases of balanced means have the mean and the cv that were asked for."""
    read = law(f"hyperexponential(mean={seconds} s, cv={cv:.6f})")
    (p, one), (q, two) = read.phases
    mean = p * one + q * two
    assert p + q == pytest.approx(1.0, rel=1e-14)
    assert p * one == pytest.approx(q * two, rel=1e-9)
    assert seconds * 1e6 == pytest.approx(mean, rel=1e-12)
    square = 2 * (p * one**2 + q * two**2)
    assert float(f"{cv:.6f}") ** 2 == pytest.approx(square / mean**2 - 1, rel=1e-9)


@given(
    st.sampled_from(["lognormal", "gamma"]),
    st.integers(1, 10**6),
    st.integers(1, 20_000),
)
def test_round_trip(kind: str, seconds: int, thousandths: int) -> None:
    """Parameters written out are the parameters read."""
    read = law(f"{kind}(mean={seconds} s, cv={thousandths / 1000})")
    assert read == law(read.text)
    assert (kind, seconds * 1e6, thousandths / 1000) == (read.kind, read.mean_us, read.cv)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lognormel(mean=4 min, cv=1)", 'no distribution "lognormel"; did you mean "lognormal"?'),
        ("cauchy(mean=4 min)", 'no distribution "cauchy"; known are exponential, lognormal'),
        ("constant(4 min)", 'without a law: "4 min"'),
        (
            "lognormal(mean=4 min)",
            "lognormal: cv is missing; write it like lognormal(mean=4 min, cv",
        ),
        ("exponential()", "exponential: mean is missing"),
        ("exponential(meen=4 min)", 'no parameter "meen"; did you mean "mean"?'),
        ("exponential(4 min)", '"4 min" needs a name; write it like exponential(mean=4 min)'),
        ("exponential(mean=4 min, mean=5 min)", "mean is given twice"),
        ("exponential(mean=4)", '"4" has no unit; write "4 s" or "4 min"'),
        ("exponential(mean=0 s)", "the mean must be above 0"),
        ("exponential(mean=-4 s)", "is negative"),
        ("gamma(mean=4 min, cv=21)", "cv=21 is out of range: it lies between 0 and 20"),
        ("gamma(mean=4 min, cv=0)", "for no spread write the mean alone"),
        ("gamma(mean=4 min, cv=big)", '"big" is not a number'),
        ("weibull(mean=4 min, cv=0.01)", "it lies between 0.02 and 10"),
        ("weibull(mean=4 min, cv=11)", "it lies between 0.02 and 10"),
        ("hyperexponential(mean=4 min, cv=0.9)", "it lies between 1 and 20"),
        ("hyperexponential(30%: 2 min, 60%: 10 min)", "the shares make 90.0000%, not 100%"),
        ("hyperexponential(30%: 2 min, mean=10 min)", '"2 min" needs a name'),
        ("erlang(mean=4 min, k=2.5)", "k=2.5 is not a whole number"),
        ("erlang(mean=4 min, k=0)", "k=0 is not a whole number"),
        ("uniform(30 s, 10 s)", "30 s is longer than 10 s"),
        ("uniform(30 s)", "uniform takes two durations"),
        ("uniform(low=1 s, high=2 s)", "uniform takes two durations"),
        ("lognormal(mean=4 min", "the bracket is not closed"),
        ("lognormal(mean=(4 min), cv=1)", "a bracket within the brackets"),
        ("lognormal(mean=4 min, cv=1) s", "nothing may follow the closing bracket"),
        ("lognormal(mean=4 min,, cv=1)", "a comma with nothing"),
        ("lognormal(mean==4 min, cv=1)", "is not an argument"),
        ("lognormal", "write it like lognormal(mean=4 min, cv=1.1)"),
        ("soon", '"soon" is not a duration or a distribution'),
        ("exponential=4 min", 'expected "(" after "exponential"'),
        ("4", '"4" has no unit'),
        (True, "expected a duration"),
        (None, "expected a duration"),
    ],
)
def test_refusals(text: object, words: str) -> None:
    """Each wrong thing has one message that says how to mend it."""
    assert words in refusal(text)


def test_empirical_by_hand(tmp_path: Path) -> None:
    """Rows 10 s, 20 s, 1 min: mean 30 s, variance (400 + 100 + 900) / 3 s²."""
    (tmp_path / "разговоры.csv").write_text("длительность\n10\n1 min\n\n20.0\n", encoding="utf-8")
    read = law("empirical(разговоры.csv)", tmp_path)
    assert read.values_us == (10_000_000, 20_000_000, 60_000_000)
    assert read.mean_us == 30e6
    assert read.cv == pytest.approx(math.sqrt(1400 / 3) / 30, rel=1e-14)


def test_empirical_name_in_quotes(tmp_path: Path) -> None:
    """A file name with a comma or a bracket goes in quotes."""
    (tmp_path / "talk (a, b).csv").write_text("1\n2\n")
    assert law('empirical("talk (a, b).csv")', tmp_path).mean_us == 1.5e6


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "talk.csv: there is no such file"),
        (b"", "talk.csv: the file holds no durations"),
        (b"seconds\n", "talk.csv: the file holds no durations"),
        (b"10\nsoon\n", 'talk.csv row 2: "soon" is not a duration'),
        (b"10\n-5\n", 'talk.csv row 2: "-5" is not a duration'),
        (b"10;20\n", 'talk.csv row 1: "10;20" is not a duration'),
        (b"\xff\xfe1\x00", "talk.csv: the file is not UTF-8"),
    ],
)
def test_empirical_refusals(tmp_path: Path, content: bytes | None, words: str) -> None:
    """A wrong file is named, with its row."""
    if content is not None:
        (tmp_path / "talk.csv").write_bytes(content)
    assert words in refusal("empirical(talk.csv)", tmp_path)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text whatever ends in anything but a law or a refusal."""
    with contextlib.suppress(ValidationError):
        assert isinstance(law(text), Law)
