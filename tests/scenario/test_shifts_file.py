"""The shifts file: what it may say, and located messages for what it may not."""

import pytest

from vpbx.errors import ScenarioError
from vpbx.scenario.shifts import shifts_of

QUARTER_US = 900_000_000


def _problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        shifts_of(text, {"region"}, QUARTER_US)
    return [str(problem) for problem in caught.value.problems]


def test_stretches_and_single_times_are_starts() -> None:
    """Days, breaks, limits, premiums."""
    found = shifts_of(
        'shifts:\n  a: {length: 9 h, starts: ["mon-fri 07:00-12:00", "sat 09:00"], at_most: 4}\n'
        'premiums: {"22:00-06:00": 120%, "sun": 150%}',
        {"region"},
        QUARTER_US,
    )
    starts = found.shifts["a"].starts
    assert [(sorted(e.days), e.from_min, e.to_min) for e in starts] == [
        ([0, 1, 2, 3, 4], 420, 720),
        ([5], 540, 540),
    ]
    assert [found.factor(0, 23 * 60), found.factor(6, 600), found.factor(0, 600)] == [1.2, 1.5, 1.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{lenght: 9 h, starts: 07:00}", 'shifts.a.lenght: unknown key; did you mean "length"?'),
        ("{starts: 07:00}", "shifts.a.length: the key is missing: from start to end"),
        ("{length: 9, starts: 07:00}", 'shifts.a.length: "9" has no unit'),
        ("{length: 9 h, starts: soon}", "shifts.a.starts: "),
        (
            "{length: 9 h, starts: 07:00, groups: [regon]}",
            'no group "regon"; did you mean "region"?',
        ),
        (
            "{length: 9 h 5 min, starts: 07:00}",
            "shifts.a.length: is not a multiple of the interval",
        ),
        ("{length: 9 h, starts: 07:05}", "shifts.a.starts: is not a multiple of the interval"),
        ("{length: 30 h, starts: 07:00}", "is longer than a day"),
        (
            "{length: 4 h, starts: 07:00, breaks: [{length: 1 h, from: 2 h, to: 4 h}]}",
            "beyond the end",
        ),
        (
            "{length: 4 h, starts: 07:00, at_least: 3, at_most: 2}",
            "at_least 3 is more than at_most 2",
        ),
    ],
)
def test_mistakes_are_named_where_they_stand(line: str, message: str) -> None:
    """File, line, key, and what would be right."""
    found = _problems(f"shifts:\n  a: {line}")
    assert all(text.startswith("shifts.yaml:2:") for text in found)
    assert any(message in text for text in found)


def test_a_file_without_shifts_says_what_is_missing() -> None:
    """The one key that must be there."""
    (found,) = _problems("premiums: {}")
    assert "shifts: the key is missing" in found
