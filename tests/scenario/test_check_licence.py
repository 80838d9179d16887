"""The section `licence`: a sound one passes; each thing wrong is one located problem."""

import copy
from typing import Any

import pytest

from vpbx.errors import ScenarioError
from vpbx.scenario.load import load_text
from vpbx.scenario.money import Price, price
from vpbx.scenario.order_time import parse_order_time
from vpbx.units import UnitError

HEAD = """
name: A firm
clock: {start: 2024-01-15 00:00, duration: 60 days, timezone: Europe/Moscow}
numbers:
  "100": {enter: hello}
  "200": {enter: hello}
flow:
  hello: {play: 5 s}
callers:
  people: {volume: 100/day, dials: {"100": 100%}}
"""
SOUND = (
    HEAD
    + """
licence:
  carrier: volga
  types: {basic: [greeting]}
  carriers:
    volga:
      plans:
        start: {monthly: 500 RUB, channels: 3, licence: basic, modules: [forwarding]}
        large: {monthly: 1900.50 RUB, connect: 1000 RUB, channels: 10, version: "2.1"}
    neva:
      plans: {solo: {monthly: 450 RUB, channels: 2}}
  modules:
    queue: {monthly: 700 RUB}
    line: {monthly: 150 RUB, each: 1 channel}
  account: {balance: 9000 RUB, login: "100", payments: [{at: day 30, amount: 1 RUB, every: month}]}
  orders:
    - {at: day 0, choose: start}
    - {at: day 0 10:30, buy: line, count: 2}
    - {at: 2024-01-20 12:00, announce: {plan: start, monthly: 600 RUB}}
  maintenance:
    - {at: day 3 02:00, lasts: 2 h, every: 7 days}
"""
)


def problems(text: str) -> list[tuple[str, str]]:
    """Key path and message of every problem of a scenario."""
    try:
        return [(one.path, one.message) for one in load_text(text).warnings]
    except ScenarioError as error:
        return [(one.path, one.message) for one in error.problems]


def test_a_sound_section_has_no_problem() -> None:
    """As written."""
    assert problems(SOUND) == []
    assert problems(HEAD) == []


@pytest.mark.parametrize(
    ("old", "new", "path", "fragment"),
    [
        ("choose: start", "choose: strat", "orders.0.choose", 'no plan "strat"; did you mean "start"'),
        ("choose: start", "choose: solo", "orders.0.choose", '"solo" is a plan of neva'),
        ("buy: line", "buy: lime", "orders.1.buy", 'did you mean "line"'),
        ("buy: line, count: 2", "buy: menu", "orders.1.buy", "nobody sells"),
        ("buy: line, count: 2", "buy: queue, count: 2", "orders.1.count", "several pieces"),
        ("buy: line, count: 2", "stop: yes, count: 2", "orders.1.count", "buy and cancel only"),
        ("buy: line, count: 2", "buy: line, stop: yes", "orders.1", "this one has buy and stop"),
        ("buy: line, count: 2", "count: 1", "orders.1", "this one has none"),
        ("at: day 0 10:30, buy: line, count: 2", "at: day 0, stop: yes", "orders.1", "contradicts"),
        ("at: day 0 10:30, buy: line, count: 2", "at: day 0, choose: large", "orders.1", "contradicts"),
        ("at: day 0 10:30, buy: line, count: 2", "at: 2024-01-15, stop: yes", "orders.1", "contradic"),
        ("at: day 0 10:30", "at: noon", "orders.1.at", "write it like day 4"),
        ("at: day 0 10:30", "at: day 0 25:30", "orders.1.at", "does not exist"),
        ("at: day 0 10:30", "at: 2023-02-29", "orders.1.at", "does not exist"),
        ("at: day 0 10:30", "at: day 9999", "orders.1.at", "more than 3660 days"),
        ("carrier: volga", "carrier: vogla", "carrier", 'did you mean "volga"'),
        ("  carrier: volga", "  since: 0001-01-01\n  carrier: volga", "since", "the year lies"),
        ("  carrier: volga\n", "", "", "with whom is the contract"),
        ("  types:", "  plans: {x: {monthly: 1 RUB, channels: 1}}\n  types:", "plans", "under the carrier"),
        ("licence: basic", "licence: basics", "carriers.volga.plans.start.licence", "licence type"),
        ("[forwarding]", "[forwading]", "carriers.volga.plans.start.modules.0", 'mean "forwarding"'),
        ("basic: [greeting]", "basic: [greting]", "types.basic.0", 'did you mean "greeting"'),
        ("{monthly: 700 RUB}", "{}", "modules.queue", "what does it cost"),
        ("{monthly: 700 RUB}", "{monthly: 700 EUR}", "modules.queue.monthly", "one currency"),
        ("{monthly: 700 RUB}", "{monthly: 700}", "modules.queue.monthly", "has no currency"),
        ("{monthly: 700 RUB}", "{monthly: -1 RUB}", "modules.queue.monthly", "negative"),
        ("{monthly: 700 RUB}", "{monthly: 0.001 RUB}", "modules.queue.monthly", "two decimals"),
        ("{monthly: 700 RUB}", "{price: 1 RUB, enables: quue}", "modules.queue.enables.0", "queue"),
        ("each: 1 channel", "each: many", "modules.line.each", "write it like 1 channel"),
        ('login: "100"', 'login: "101"', "account.login", 'no number "101"'),
        ("lasts: 2 h", "lasts: 0 s", "maintenance.0.lasts", "longer than 0"),
        ("every: 7 days", "every: 1 h", "maintenance.0.every", "after a day or more"),
        ("{plan: start, monthly", "{monthly", "orders.2.announce", "of a plan or of a module"),
        ("{plan: start, monthly", "{plan: solo, monthly", "orders.2.announce.plan", "plan of neva"),
        ("monthly: 600 RUB}", "price: 600 RUB}", "orders.2.announce.price", "no term of a plan"),
        ("every: month", "every: year", "account.payments.0.every", "week, month"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_problem(old: str, new: str, path: str, fragment: str) -> None:
    """One message, at the key that is wrong, that says what would be right."""
    assert old in SOUND
    found = problems(SOUND.replace(old, new, 1))
    assert [one for one, _ in found] == [f"licence.{path}".rstrip(".")], found
    assert fragment in found[0][1]


def test_who_logs_in_must_be_the_owner() -> None:
    """Only the allotted number counts (V12)."""
    text = SOUND.replace("{at: day 0 10:30, buy: line, count: 2}", '{at: day 0, login: "200"}')
    assert problems(text) == [
        ("licence.orders.1.login", "only who logs in as 100 counts as the number's owner")
    ]


def test_without_any_plan() -> None:
    """There must be something to choose."""
    assert problems(HEAD + "licence: {}\n")[0][1].startswith("no plan is sold")


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("500 RUB", 50_000), ("499.5 RUB", 49_950), ("0.01 RUB", 1), ("1 900 RUB", 190_000),
     ("1_000.10 RUB", 100_010), ("1e3 RUB", 100_000), ("0.07 RUB", 7), ("1.10 RUB", 110)],
)  # fmt: skip
def test_prices_are_exact(text: str, hundredths: int) -> None:
    """In kopecks, with no binary fractions in between."""
    assert price(text) == Price(hundredths, "RUB")
    assert price(str(price(text))) == price(text)


@pytest.mark.parametrize("text", ["500", "RUB", "1,5 RUB", "500 rub", "1e99 RUB", "0.005 RUB"])
def test_what_is_no_price(text: str) -> None:
    """Each refused with a message."""
    with pytest.raises(UnitError):
        price(text)


def test_days_are_counted_from_day_0() -> None:
    """Before it as well; a date stands for itself."""
    from datetime import date, datetime

    day = date(2024, 2, 28)
    assert parse_order_time("day 2 9:05").on(day) == datetime(2024, 3, 1, 9, 5)
    assert parse_order_time("day -28").on(day) == datetime(2024, 1, 31)
    assert parse_order_time("2024-02-29T10:00").on(day) == datetime(2024, 2, 29, 10, 0)


def test_values_can_be_set_by_their_paths() -> None:
    """A price is taken up by a fifth; a plan chosen otherwise."""
    sets = ["licence.carriers.volga.plans.start.monthly=120%", "licence.orders.0.choose=large"]
    made = load_text(SOUND, sets=sets).scenario.licence
    assert made is not None
    assert made.carriers["volga"].plans["start"].monthly == Price(60_000, "RUB")
    assert made.orders[0].choose == "large"


def test_the_schema_takes_the_section() -> None:
    """And refuses what the loader refuses."""
    import jsonschema

    from vpbx.scenario import tree
    from vpbx.scenario.schema import json_schema

    validator: Any = jsonschema.Draft202012Validator(json_schema())
    plain = tree.plain(tree.parse(SOUND, "x.yaml"))
    assert [error.message for error in validator.iter_errors(plain)] == []
    wrong = copy.deepcopy(plain)
    wrong["licence"]["modules"]["queue"]["monthly"] = "700"
    assert not validator.is_valid(wrong)
