"""The shipped firm that grows through three plans: its account by hand."""

from pathlib import Path

import pytest
from made_licences import account

from vpbx.api import check, load
from vpbx.licence.timeline import State, Timeline, licence_timeline
from vpbx.units import DAY_US

FILE = Path(__file__).parents[2] / "scenarios" / "firm_three_plans.yaml"


@pytest.fixture(scope="module")
def firm() -> Timeline:
    """Its history."""
    return licence_timeline(load(FILE).scenario)


def test_it_has_no_mistake_but_the_suspension_it_shows() -> None:
    """The one warning is the money that runs out."""
    assert [problem.kind for problem in check(FILE)] == ["money-runs-out"]


@pytest.mark.fact("V2")
@pytest.mark.fact("V3")
@pytest.mark.fact("V5")
def test_its_account(firm: Timeline) -> None:
    """20,000 paid in, 15,200 charged, in thirteen lines."""
    assert [(at, who, kopecks // 100) for at, who, kopecks, _ in account(firm)] == [
        ("2024-01-15 09:30", "", 3000),
        ("2024-01-15 09:30", "start", -500),
        ("2024-01-15 10:00", "menu", -300),
        ("2024-01-15 10:05", "queue", -700),
        ("2024-01-16 10:00", "voicemail", -1200),
        ("2024-01-29 11:00", "channel", -150),
        ("2024-02-05 09:00", "", 4000),
        ("2024-02-05 10:00", "business", -2900),
        ("2024-02-15 10:05", "queue", -700),
        ("2024-02-29 11:00", "channel", -150),
        ("2024-03-07 10:20", "", 4000),
        ("2024-03-07 10:20", "business", -1900),
        ("2024-03-15 09:00", "", 9000),
        ("2024-03-15 10:00", "growth", -6700),
    ]
    assert (firm.paid_in(), firm.charged()) == (2_000_000, 1_520_000)


@pytest.mark.fact("V7")
@pytest.mark.fact("V8")
def test_its_suspensions(firm: Timeline) -> None:
    """From 5 March 10:00 to 7 March 10:20 for want of money; 18 March 9:00 to 19 March 15:00."""
    ends = [*(p.at_us for p in firm.periods[1:]), firm.until_us]
    spans = [
        (f"{p.at:%m-%d %H:%M}", (end - p.at_us) / DAY_US)
        for p, end in zip(firm.periods, ends, strict=True)
        if p.state is State.SUSPENDED
    ]
    assert spans == [
        ("03-05 10:00", pytest.approx(2 + 20 / 1440)),
        ("03-18 09:00", pytest.approx(1.25)),
    ]


@pytest.mark.fact("V1")
@pytest.mark.fact("V12")
def test_how_many_calls_at_once(firm: Timeline) -> None:
    """2, with a line more 3; 4 + 1; 8 + 1; orders are those of the number's owner."""
    active = [p for p in firm.periods if p.state is State.ACTIVE]
    assert list(dict.fromkeys((p.plan, p.channels) for p in active)) == [
        ("start", 2), ("start", 3), ("business", 5), ("growth", 9),
    ]  # fmt: skip
    licence = load(FILE).scenario.licence
    assert licence is not None
    assert {o.login for o in licence.orders if o.login} == {licence.account.login}
