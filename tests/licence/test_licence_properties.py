"""What holds for every history: random orders and payments, the accounts always add up."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from made_licences import SMALL, course

from vpbx.licence.allowed import allowed
from vpbx.licence.timeline import State, Timeline
from vpbx.units import DAY_US, HOUR_US

DAYS = 120
MONTH_US = 31 * DAY_US

_times = st.builds("day {} {:02d}:00".format, st.integers(0, DAYS), st.integers(0, 23))
_acts: Any = st.one_of(
    st.sampled_from(
        [
            {"choose": "start"},
            {"choose": "business"},
            {"stop": True},
            {"buy": "queue"},
            {"buy": "recording"},
            {"buy": "voicemail"},
            {"buy": "channel", "count": 3},
            {"cancel": "queue"},
            {"cancel": "channel"},
            {"breach_notice": True},
            {"mend": True},
            {"login": "100"},
            {"announce": {"plan": "start", "monthly": "649.90 RUB"}},
        ]
    ),
    st.integers(1, 500_000).map(lambda kopecks: {"pay": f"{kopecks / 100:.2f} RUB"}),
)
_orders = st.lists(st.builds(lambda at, act: {"at": at, **act}, _times, _acts), max_size=25)
_balances = st.sampled_from(["0 RUB", "700 RUB", "5000.01 RUB"])
_histories = st.builds(
    lambda orders, balance: course(orders, DAYS, account={"balance": balance}), _orders, _balances
)


@given(_histories)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_account_adds_up(made: Timeline) -> None:
    """Balance = payments - charges at every line and period, and never below 0."""
    balance = 0
    for entry in made.entries:
        balance += entry.amount
        assert entry.balance == balance >= 0
    assert made.periods[-1].balance == balance == made.paid_in() - made.charged()
    assert [e.moment.at_us for e in made.entries] == sorted(e.moment.at_us for e in made.entries)


@given(_histories)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_never_active_with_an_unpaid_charge(made: Timeline) -> None:
    """While active nothing is owed, and the plan was charged at most a month before its end."""
    ends = [*(p.at_us for p in made.periods[1:]), made.until_us]
    for period, end in zip(made.periods, ends, strict=True):
        if period.state is not State.ACTIVE:
            assert period.channels == 0
            assert period.modules == ()
            continue
        assert period.owed == 0
        charges = [e.moment.at_us for e in made.entries if e.subject == period.plan]
        last = max(at for at in charges if at <= period.at_us)
        assert end <= last + MONTH_US or any(last < at < end for at in charges)
        assert made.concluded is not None
        assert made.concluded.at_us <= period.at_us


@given(_histories)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_periods_rise_and_differ(made: Timeline) -> None:
    """Piecewise constant: no two neighbours alike, none after the end of the contract but money."""
    for one, next_one in zip(made.periods, made.periods[1:], strict=False):
        assert one.at_us < next_one.at_us
        assert one[2:-1] != next_one[2:-1]
        assert one.state is not State.ENDED or next_one.state is State.ENDED


@given(_orders, st.integers(0, DAYS - 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_past_does_not_depend_on_the_future(orders: list[dict[str, Any]], day: int) -> None:
    """Leaving out all orders after a day changes nothing up to it."""
    before = [order for order in orders if int(order["at"].split()[1]) < day]
    whole = course(orders, DAYS, account={"balance": "3000 RUB"})
    cut = course(before, DAYS, account={"balance": "3000 RUB"})
    for at_us in range(0, day * DAY_US, 7 * HOUR_US):
        assert whole.at(at_us)[1:-1] == cut.at(at_us)[1:-1]


@given(_histories)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_calls_feel_is_what_the_history_says(made: Timeline) -> None:
    """The arrays agree with the periods at every hour."""
    steps = allowed(made)
    assert steps.at_us[0] == 0
    assert (steps.at_us[1:] > steps.at_us[:-1]).all()
    for at_us in range(0, DAYS * DAY_US, 11 * HOUR_US):
        row = int((steps.at_us <= at_us).sum()) - 1
        period = made.at(at_us)
        assert steps.active[row] == (period.state is State.ACTIVE)
        assert steps.channels[row] == period.channels
        on = [n for n, is_on in zip(steps.module_names, steps.modules[row], strict=True) if is_on]
        assert tuple(on) == period.modules


@given(st.sampled_from(["start", "business"]), _times, _balances)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_choice_with_the_money_for_it_acts_at_once(plan: str, at: str, balance: str) -> None:
    """From the order's own instant on it is active, if the account covers the charge."""
    made = course([{"at": at, "choose": plan}], DAYS + 1, account={"balance": balance})
    due = {"start": 50_000, "business": 290_000}[plan]
    held = {"0 RUB": 0, "700 RUB": 70_000, "5000.01 RUB": 500_001}[balance]
    _, day, hour = at.split()
    period = made.at(int(day) * DAY_US + int(hour[:2]) * HOUR_US)
    assert (period.state is State.ACTIVE) == (held >= due)
    assert period.balance == (held - due if held >= due else held)
    if held >= due:
        assert period.channels == SMALL["plans"][plan]["channels"]
