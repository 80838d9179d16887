"""Staffing targets as text."""

import pytest
from staffing_models import one_queue, two_types

from vpbx.errors import UsageError
from vpbx.study.staffing.aims import parse_aims
from vpbx.study.staffing.pose import Wish, posed


def _aims(*texts: str, definition: str = "answered_of_offered"):  # type: ignore[no-untyped-def]
    return parse_aims(texts, two_types().loaded.scenario, definition)


def test_a_short_target_is_of_every_queue_that_is_served() -> None:
    """Its definition is the one asked for."""
    first, second = _aims("80% in 20 s", definition="with_abandoned")
    assert (first.scope, second.scope) == ("first", "second")
    assert first[1:6] == ("service_level", "with_abandoned", 20_000_000, 0.8, True)


@pytest.mark.parametrize(
    ("text", "measure", "bound"),
    [
        ("mean_wait<=3min", "mean_wait", 180.0),
        ("abandoned<=5%", "abandoned", 0.05),
        ("p_wait<=20%", "p_wait", 0.2),
        ("first.mean_wait_all <= 90 s", "mean_wait_all", 90.0),
        ("queue.first.abandoned < 5%", "abandoned", 0.05),
        ("first: 90% in 1 min", "service_level", 0.9),
        ("99.9% in 20 s", "service_level", 0.999),
        ("first.92.5% in 20 s", "service_level", 0.925),
        ("first: p_wait <= 7.5%", "p_wait", 0.075),
        ("first: mean_wait <= 2 min", "mean_wait", 120.0),
    ],
)
def test_targets_of_the_language(text: str, measure: str, bound: float) -> None:
    """Measures with a bound on the side that costs people."""
    aim = _aims(text)[0]
    assert (measure, "first") == (aim.measure, aim.scope)
    assert aim.bound == pytest.approx(bound, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("80% within 20 s", "compares nothing"),
        ("80% in 20", "has no unit"),
        ("120% in 20 s", "not a share"),
        ("third: 80% in 20 s", 'is no "third"|there is no queue|"third"'),
        ("mean_wait >= 3 min", "mean_wait <= "),
        ("longest_queue <= 5", "staff is not planned for longest_queue"),
        ("mean_wait = 3 min ± 10%", "one bound"),
        ("mean_wait by hour <= 3 min", "--per"),
        ("service_level(no_such, 20 s) >= 80%", 'no service level "no_such"'),
    ],
)
def test_malformed_targets_say_what_is_wrong(text: str, words: str) -> None:
    """The message names the target and what would be right."""
    with pytest.raises(UsageError, match=words):
        _aims(text)


def test_unknown_definitions_and_groups_are_refused() -> None:
    """With a hint at what there is."""
    with pytest.raises(UsageError, match="did you mean"):
        _aims("80% in 20 s", definition="answered_of_offred")
    wish = Wish(("80% in 20 s",), groups=("crwe",))
    with pytest.raises(UsageError, match='no group "crwe"; did you mean "crew"'):
        posed(one_queue(), wish, lambda text: None)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(()), "needs a target"),
        (Wish(("80% in 20 s",), per_us=7 * 60_000_000), "divides the day"),
        (Wish(("80% in 20 s",), days=3), "at least 10"),
        (Wish(("80% in 20 s",), max_occupancy=1.5), "between 0% and 100%"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(wish: Wish, words: str) -> None:
    """Before anything long is run."""
    with pytest.raises(UsageError, match=words):
        posed(one_queue(), wish, lambda text: None)


def test_a_target_that_no_staffing_meets_names_the_best_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were two agents all there could be, a load of four erlang would leave most callers waiting."""
    monkeypatch.setattr("vpbx.study.staffing.demand._FIRST_AMPLE", 2)
    monkeypatch.setattr("vpbx.study.staffing.demand._MOST_AMPLE", 2)
    words = (
        r"no staffing meets line: 80% in 20 s .* at 00:00: with 2 agents .* best reached is .*%; "
    )
    with pytest.raises(UsageError, match=words):
        posed(one_queue(duration="2 h"), Wish(("80% in 20 s",), days=10), lambda text: None)


def test_a_group_of_which_nobody_is_on_the_phone_is_refused() -> None:
    """Shrinkage takes everybody."""
    with pytest.raises(UsageError, match="shrinkage leaves nobody"):
        posed(one_queue(shrinkage="100%"), Wish(("80% in 20 s",)), lambda text: None)
