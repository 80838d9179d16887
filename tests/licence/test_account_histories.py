"""Histories worked out by hand, to the kopeck: every period, or every line of the account."""

from typing import Any

import pytest
from made_licences import account, course, steps

from vpbx.licence.timeline import State


def test_the_example_of_the_language() -> None:
    """3000 - 500 = 2500; - 700 = 1800 on day 4; business needs 2900 on day 9: suspended; the breach
    changes nothing for calls, and after 30 days ends the contract."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 4", "buy": "queue"},
        {"at": "day 9", "choose": "business"},
        {"at": "day 20", "breach_notice": True},
    ]
    made = course(orders, 60, account={"balance": "3000 RUB"})
    assert steps(made) == [
        ("03-01 00:00", "active", 3, 250_000),
        ("03-05 00:00", "active", 3, 180_000),
        ("03-10 00:00", "suspended", 0, 180_000),
        ("04-20 00:00", "ended", 0, 180_000),
    ]
    assert made.periods[1].modules == ("forwarding", "greeting", "queue")
    assert made.ended is not None
    assert f"{made.ended.wall:%m-%d}" == "04-20"


@pytest.mark.fact("V5")
@pytest.mark.fact("V13")
def test_charges_are_taken_in_advance_and_orders_act_at_once() -> None:
    """Connection 1000 and month 1900 at the choice; 99.99 + 400 for recording when it is bought."""
    orders = [
        {"at": "day 0 10:15", "choose": "business"},
        {"at": "day 2 16:40", "buy": "recording"},
    ]
    made = course(orders, 40, account={"balance": "10000 RUB"})
    assert account(made) == [
        ("2023-03-01 00:00", "", 1_000_000, 1_000_000),
        ("2023-03-01 10:15", "business", -290_000, 710_000),
        ("2023-03-03 16:40", "recording", -49_999, 660_001),
        ("2023-04-01 10:15", "business", -190_000, 470_001),
        ("2023-04-03 16:40", "recording", -40_000, 430_001),
    ]
    assert [(p.at_us, p.modules[-2:]) for p in made.periods[1:3]] == [
        ((10 * 60 + 15) * 60_000_000, ("menu", "statistics")),
        (((2 * 24 + 16) * 60 + 40) * 60_000_000, ("recording", "statistics")),
    ]


@pytest.mark.fact("V7")
def test_money_that_runs_out_suspends_until_it_is_paid() -> None:
    """700 covers one month of 500; 200 is left on 1 April; 299.99 more does not do, 0.01 does."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 40 12:00", "pay": "299.99 RUB"},
        {"at": "day 41 13:30", "pay": "0.01 RUB"},
    ]
    made = course(orders, 75, account={"balance": "700 RUB"})
    assert steps(made) == [
        ("03-01 00:00", "active", 3, 20_000),
        ("04-01 00:00", "suspended", 0, 20_000),
        ("04-10 12:00", "suspended", 0, 49_999),
        ("04-11 13:30", "active", 3, 0),
        ("05-11 13:30", "suspended", 0, 0),
    ]
    shortfalls = [(s.subject, s.due, s.balance) for s in made.shortfalls]
    assert shortfalls == [("start", 50_000, 20_000), ("start", 50_000, 0)]


@pytest.mark.fact("V7")
def test_a_plan_that_is_stopped_suspends_and_resumes() -> None:
    """Within the paid month nothing is charged again; after it, a new month begins."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 10", "stop": True},
        {"at": "day 12", "choose": "start"},
        {"at": "day 20", "stop": True},
        {"at": "day 50", "choose": "start"},
    ]
    made = course(orders, 70, account={"balance": "1000 RUB"})
    assert steps(made) == [
        ("03-01 00:00", "active", 3, 50_000),
        ("03-11 00:00", "suspended", 0, 50_000),
        ("03-13 00:00", "active", 3, 50_000),
        ("03-21 00:00", "suspended", 0, 50_000),
        ("04-20 00:00", "active", 3, 0),
    ]


@pytest.mark.fact("V4")
def test_a_module_without_money_is_switched_off_alone() -> None:
    """900 = 500 + 300 left for a queue of 700: the software works without it; 400 more switch it on."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 1", "buy": "queue"},
        {"at": "day 5", "pay": "400 RUB"},
    ]
    made = course(orders, 20, account={"balance": "800 RUB"})
    assert [(f"{p.at:%m-%d}", p.state, "queue" in p.modules, p.balance) for p in made.periods] == [
        ("03-01", State.ACTIVE, False, 30_000),
        ("03-06", State.ACTIVE, True, 0),
    ]


@pytest.mark.fact("V4")
def test_what_is_bought_once_stays_through_a_suspension() -> None:
    """Voicemail is paid once; the plan lapses on 1 April and comes back on 11 April."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 0", "buy": "voicemail"},
        {"at": "day 41", "pay": "500 RUB"},
    ]
    made = course(orders, 50, account={"balance": "1700 RUB"})
    assert [("voicemail" in p.modules, p.balance) for p in made.periods] == [
        (True, 0),
        (False, 0),
        (True, 0),
    ]


@pytest.mark.fact("V8")
def test_fees_run_on_during_a_breach_and_are_owed_before_it_resumes() -> None:
    """Suspended from 20 March; the month of 1 April falls due (500, with 100 in the account: owed);
    mended on 10 April it stays suspended until the 500 are there."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 19", "breach_notice": True},
        {"at": "day 40", "mend": True},
        {"at": "day 42", "pay": "450 RUB"},
    ]
    made = course(orders, 58, account={"balance": "600 RUB"})
    assert [(*step, p.owed) for step, p in zip(steps(made), made.periods, strict=True)] == [
        ("03-01 00:00", "active", 3, 10_000, 0),
        ("03-20 00:00", "suspended", 0, 10_000, 0),
        ("04-01 00:00", "suspended", 0, 10_000, 50_000),
        ("04-12 00:00", "active", 3, 5_000, 0),
    ]


@pytest.mark.fact("V8")
@pytest.mark.parametrize(("mended", "ended"), [("day 31 09:00", False), ("day 31 09:01", True)])
def test_a_breach_mended_on_the_thirtieth_day_is_mended(mended: str, ended: bool) -> None:
    """Notice on day 1 at 9:00; 30 days later at 9:00 is still in time, a minute later is not."""
    orders: list[dict[str, Any]] = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 1 09:00", "breach_notice": True},
        {"at": mended, "mend": True},
    ]
    made = course(orders, 50, account={"balance": "3000 RUB"})
    assert (made.ended is not None) == ended
    assert made.periods[-1].state == (State.ENDED if ended else State.ACTIVE)
    assert [one.reason for one in made.no_effect] == (["the contract has ended"] if ended else [])


@pytest.mark.parametrize(
    ("terms", "states"),
    [
        ({}, [("03-11 00:00", "suspended"), ("04-10 00:00", "ended")]),
        ({"breach_suspends": False}, [("04-10 00:00", "ended")]),
        ({"breach_ends": False}, [("03-11 00:00", "suspended")]),
        ({"mend_within": "5 days"}, [("03-11 00:00", "suspended"), ("03-16 00:00", "ended")]),
    ],
)
def test_terms_say_what_a_breach_leads_to(terms: dict[str, Any], states: list[Any]) -> None:
    """Notice on 11 March, not mended: suspended at once, ended after 30 days, unless agreed otherwise."""
    orders = [{"at": "day 0", "choose": "start"}, {"at": "day 10", "breach_notice": True}]
    made = course(orders, 50, account={"balance": "3000 RUB"}, terms=terms)
    changes = [(at, state) for at, state, *_ in steps(made)]
    told = [one for i, one in enumerate(changes) if i and one[1] != changes[i - 1][1]]
    assert told == states


def test_a_licence_suspended_for_money_runs_up_no_debts() -> None:
    """Without money on 1 April, notice of a breach on 5 April: nothing is owed on 1 May."""
    orders = [{"at": "day 0", "choose": "start"}, {"at": "day 35", "breach_notice": True}]
    made = course(orders, 64, account={"balance": "500 RUB"})
    assert {p.owed for p in made.periods} == {0}


@pytest.mark.fact("V8")
def test_what_is_owed_is_taken_even_after_the_end() -> None:
    """The month of 1 April fell due under the breach; the end of 19 April does not cancel it."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 19", "breach_notice": True},
        {"at": "day 60", "pay": "700 RUB"},
    ]
    made = course(orders, 70, account={"balance": "500 RUB"})
    assert [(f"{p.at:%m-%d}", p.state, p.balance, p.owed) for p in made.periods] == [
        ("03-01", State.ACTIVE, 0, 0),
        ("03-20", State.SUSPENDED, 0, 0),
        ("04-01", State.SUSPENDED, 0, 50_000),
        ("04-19", State.ENDED, 0, 50_000),
        ("04-30", State.ENDED, 20_000, 0),
    ]


@pytest.mark.fact("V9")
def test_new_prices_hold_after_ten_days_for_months_that_begin_then() -> None:
    """Published on 21 March: 1 April is 11 days later (600); published on 23 March it still is 500."""
    for day, fee in (("day 20", 60_000), ("day 22 00:01", 50_000)):
        orders: list[dict[str, Any]] = [
            {"at": "day 0", "choose": "start"},
            {"at": day, "announce": {"plan": "start", "monthly": "600 RUB"}},
        ]
        made = course(orders, 40, account={"balance": "5000 RUB"})
        assert [-e.amount for e in made.entries if e.subject] == [50_000, fee]


@pytest.mark.fact("V9")
def test_more_channels_hold_from_the_tenth_day() -> None:
    """A change of what is licensed is felt at once when it comes into force."""
    change = {"plan": "start", "channels": 5, "modules": ["greeting"]}
    orders = [{"at": "day 0", "choose": "start"}, {"at": "day 3 15:00", "announce": change}]
    made = course(orders, 20, account={"balance": "500 RUB"})
    assert [(f"{p.at:%d %H:%M}", p.channels, p.modules) for p in made.periods] == [
        ("01 00:00", 3, ("forwarding", "greeting")),
        ("14 15:00", 5, ("greeting",)),
    ]


@pytest.mark.fact("V9")
def test_claims_count_within_five_days_of_acceptance() -> None:
    """Accepted on day 1 at noon: day 6 at noon is in time, a minute later is not."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 1 12:00", "accept": True},
        {"at": "day 6 12:00", "claim": True},
        {"at": "day 6 12:01", "claim": True},
    ]
    made = course(orders, 20)
    assert [one.what for one in made.notices] == [
        "claim about access, in time",
        "claim about access, too late",
    ]
    assert [one.place for one in made.no_effect] == [3]


@pytest.mark.fact("V10")
def test_another_version_ends_the_rights_to_the_earlier() -> None:
    """Voicemail exists in 1.8 only; with the plan of 2.1 it is gone, and does not come back."""
    plans = {
        "old": {"monthly": "100 RUB", "channels": 1, "version": "1.8"},
        "new": {"monthly": "100 RUB", "channels": 1, "version": "2.1"},
    }
    modules = {"voicemail": {"price": "50 RUB", "versions": "1.8"}}
    orders = [
        {"at": "day 0", "choose": "old"},
        {"at": "day 1", "buy": "voicemail"},
        {"at": "day 2", "choose": "new"},
        {"at": "day 3", "buy": "voicemail"},
        {"at": "day 4", "choose": "old"},
    ]
    made = course(orders, 20, plans=plans, modules=modules, account={"balance": "1000 RUB"})
    assert [(p.version, p.modules) for p in made.periods] == [
        ("1.8", ()),
        ("1.8", ("voicemail",)),
        ("2.1", ()),
        ("1.8", ()),
    ]
    assert [one.place for one in made.no_effect] == [3]


@pytest.mark.fact("V11")
def test_maintenance_interrupts_and_costs_nothing() -> None:
    """Two hours every seven days; the month goes on meanwhile."""
    windows = [{"at": "day 3 02:00", "lasts": "2 h", "every": "7 days"}]
    orders = [{"at": "day 0", "choose": "start"}]
    made = course(orders, 12, account={"balance": "500 RUB"}, maintenance=windows)
    assert steps(made) == [
        ("03-01 00:00", "active", 3, 0),
        ("03-04 02:00", "maintenance", 3, 0),
        ("03-04 04:00", "active", 3, 0),
        ("03-11 02:00", "maintenance", 3, 0),
        ("03-11 04:00", "active", 3, 0),
    ]


@pytest.mark.fact("V6")
@pytest.mark.parametrize(
    ("first", "day"),
    [
        ({"at": "day 2", "login": "100"}, 3),
        ({"at": "day 2", "accept": True}, 3),
        ({"at": "day 2", "apply": True}, 3),
        ({"at": "day 2", "buy": "queue"}, 3),
        ({"at": "day 2", "pay": "500 RUB"}, 3),
        ({"at": "day 2", "pay": "499.99 RUB"}, 5),
    ],
)
def test_the_first_of_four_events_concludes(first: dict[str, Any], day: int) -> None:
    """Login or use, acceptance, application, or a payment that covers the charge; here the rest of
    the money comes on day 4."""
    orders = [{"at": "day 0", "choose": "start"}, first, {"at": "day 4", "pay": "10000 RUB"}]
    made = course(orders, 10)
    assert made.concluded is not None
    assert made.concluded.wall.day == day
    assert made.periods[0].state is State.NOT_CONCLUDED


def test_giving_up_some_of_the_channels() -> None:
    """3 + 4 channels for 600; one given up on day 5; the next month costs 450."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 0", "buy": "channel", "count": 4},
        {"at": "day 5", "cancel": "channel"},
    ]
    made = course(orders, 35, account={"balance": "3000 RUB"})
    assert [p.channels for p in made.periods] == [7, 6, 6]
    assert [e.amount for e in made.entries if e.subject == "channel"] == [-60_000, -45_000]


def test_at_one_moment_money_comes_first_and_what_is_cancelled_is_not_charged() -> None:
    """On 1 April: 500 paid in, the queue given up, then the plan's 500 taken."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 0", "buy": "queue"},
        {"at": "day 31", "cancel": "queue"},
        {"at": "day 31", "pay": "500 RUB"},
    ]
    made = course(orders, 40, account={"balance": "1200 RUB"})
    assert [e.amount for e in made.entries] == [120_000, -50_000, -70_000, 50_000, -50_000]
    assert [p.state for p in made.periods] == [State.ACTIVE, State.ACTIVE]


def test_orders_in_vain_are_listed_with_their_reasons() -> None:
    """Nothing happens, and the history says why."""
    orders = [
        {"at": "day 0 01:00", "stop": True},
        {"at": "day 0 02:00", "choose": "start"},
        {"at": "day 1", "choose": "start"},
        {"at": "day 2", "cancel": "queue"},
        {"at": "day 3", "mend": True},
        {"at": "day 4", "accept": True},
    ]
    made = course(orders, 10, account={"balance": "500 RUB"})
    assert [(one.place, one.reason) for one in made.no_effect] == [
        (0, "no plan is in use"),
        (2, 'the plan "start" is in use already'),
        (3, 'no module "queue" has been bought'),
        (4, "there is no breach to mend"),
        (5, "the contract is concluded already"),
    ]


@pytest.mark.fact("V8")
def test_a_month_that_had_ended_does_not_begin_again_under_a_breach() -> None:
    """No money on 1 April, notice on 5 April, 500 come on 10 April: charged when it is mended."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 35", "breach_notice": True},
        {"at": "day 40", "pay": "500 RUB"},
        {"at": "day 45", "mend": True},
    ]
    made = course(orders, 60, account={"balance": "500 RUB"})
    assert [line[:3] for line in account(made)][2:] == [
        ("2023-04-10 00:00", "", 50_000),
        ("2023-04-15 00:00", "start", -50_000),
    ]


@pytest.mark.fact("V8")
def test_what_is_owed_comes_first_and_the_oldest_of_it() -> None:
    """300 are left on 1 April: 500 owed; on 3 April 150 for a line are owed as well, though there are
    300; 250 more pay the 500, and 50 are left of 150."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 2", "buy": "channel"},
        {"at": "day 19", "breach_notice": True},
        {"at": "day 40", "pay": "250 RUB"},
    ]
    made = course(orders, 45, account={"balance": "950 RUB"})
    assert [(f"{p.at:%m-%d}", p.balance, p.owed) for p in made.periods[2:]] == [
        ("03-20", 30_000, 0),
        ("04-01", 30_000, 50_000),
        ("04-03", 30_000, 65_000),
        ("04-10", 5_000, 15_000),
    ]


def test_what_was_bought_last_is_given_up_first() -> None:
    """Lines of 1 March and 11 March, one given up on 16 March: that of 1 March is charged again."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 0", "buy": "channel"},
        {"at": "day 10", "buy": "channel"},
        {"at": "day 15", "cancel": "channel"},
    ]
    made = course(orders, 45, account={"balance": "3000 RUB"})
    lines = [line[0][5:10] for line in account(made) if line[1] == "channel"]
    assert lines == ["03-01", "03-11", "04-01"]


@pytest.mark.fact("V8")
def test_each_notice_of_a_breach_has_thirty_days_of_its_own() -> None:
    """The first is mended; the second, of 11 March, ends the contract on 10 April, not on 1 April."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 1", "breach_notice": True},
        {"at": "day 5", "mend": True},
        {"at": "day 10", "breach_notice": True},
    ]
    made = course(orders, 60, account={"balance": "3000 RUB"})
    assert [f"{p.at:%m-%d}" for p in made.periods if p.state is State.ENDED] == ["04-10"]


@pytest.mark.fact("V9")
def test_a_modules_new_price_holds_after_ten_days() -> None:
    """The queue of 1 March costs 700; 655.55 from 1 April."""
    orders = [
        {"at": "day 0", "choose": "start"},
        {"at": "day 0", "buy": "queue"},
        {"at": "day 5", "announce": {"module": "queue", "monthly": "655.55 RUB"}},
    ]
    made = course(orders, 40, account={"balance": "5000 RUB"})
    charged = [e.amount for e in made.entries if e.subject == "queue"]
    assert charged == [-70_000, -65_555]
