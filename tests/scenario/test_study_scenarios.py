"""The variants that the shipped studies run: sound, and different from each other as they say."""

from pathlib import Path

import pytest

from vpbx.scenario.load import load
from vpbx.scenario.nodes import Offers
from vpbx.study.replicate import require_sound

STUDIES = Path(__file__).parents[2] / "scenarios" / "studies"


@pytest.mark.parametrize("file", sorted(STUDIES.glob("*.yaml")), ids=lambda file: file.stem)
def test_they_are_sound(file: Path) -> None:
    """No error of the checks or the lint."""
    require_sound(load(file))


def test_each_differs_from_the_plain_queue_in_one_thing() -> None:
    """Nothing offered and nobody first; then one offer, or premium customers first."""
    plain = load(STUDIES / "mts_plain.yaml").scenario
    assert plain.flow["agent"].offers in (None, Offers())
    assert {one.priority for one in plain.callers.values()} == {0}
    for name, offered in (("callback", "callback"), ("paid_skip", "paid_skip")):
        other = load(STUDIES / f"mts_{name}.yaml").scenario
        offers = other.flow["agent"].offers
        assert offers is not None
        assert getattr(offers, offered) is not None
        assert other.callers == plain.callers
    premium = load(STUDIES / "mts_premium.yaml").scenario
    assert premium.flow == plain.flow
    assert premium.callers["premium"].priority > 0
