"""What is doubtful in a licence, as `vpbx check` tells it."""

import pytest

from vpbx.licence.lint import lint
from vpbx.scenario.load import load_text

HEAD = """
name: A firm
clock: {start: 2023-03-01 00:00, duration: 60 days, timezone: Europe/Moscow}
numbers: {"100": {enter: hello}}
flow:
  hello: {play: 5 s, next: line}
  line: {queue: sales, next: bye}
  bye: hangup
queues: {sales: {}}
agents: {team: {serves: {sales: {handle_time: 3 min}}, heads: 2}}
callers: {people: {volume: 100/day, dials: {"100": 100%}}}
"""
LICENCE = """
licence:
  plans:
    start: {monthly: 500 RUB, channels: 3, modules: [greeting]}
  modules: {queue: {monthly: 700 RUB}}
  account: {balance: 5000 RUB}
  orders:
    - {at: day 0, choose: start}
    - {at: day 1, buy: queue}
"""


def warnings(text: str) -> list[tuple[int, str, str, str]]:
    """Line, key path, kind and message of each warning."""
    loaded = load_text(text)
    found = lint(loaded.scenario, loaded.marks)
    assert all(problem.warning for problem in found)
    return [(one.mark.line, one.path, one.kind, one.message) for one in found]


def test_a_sensible_licence_gives_no_warning() -> None:
    """Nor does a scenario without one."""
    assert warnings(HEAD + LICENCE) == []
    assert warnings(HEAD) == []


def test_money_that_runs_out_mid_month_with_the_date() -> None:
    """1300: 500 + 700 on 1 and 2 March; 100 left on 1 April; paid on 11 April."""
    text = HEAD + LICENCE.replace("5000", "1300") + "    - {at: day 41, pay: 5000 RUB}\n"
    assert warnings(text) == [
        (
            17,
            "licence.account",
            "money-runs-out",
            "the money runs out on 2023-04-01 00:00: 500 RUB are due for start, 100 RUB are in "
            "the account; the licence is suspended; active again on 2023-04-11 00:00",
        )
    ]


def test_money_that_does_not_do_for_a_module() -> None:
    """The licence goes on; and the queue of the flow is never there."""
    found = warnings(HEAD + LICENCE.replace("5000 RUB", "1100 RUB"))
    assert [(path, kind) for _, path, kind, _ in found] == [
        ("flow.line", "never-licensed"),
        ("licence.account", "money-runs-out"),
    ]
    assert found[1][3].endswith("that module is switched off")


@pytest.mark.parametrize(
    ("old", "new", "path", "kind", "fragment"),
    [
        ("    - {at: day 1, buy: queue}\n", "", "flow.line", "never-licensed", '"queue"'),
        ("modules: [greeting]", "modules: []", "flow.hello", "not-sold", "nobody sells"),
        ("buy: queue}", "buy: queue}\n    - {at: day 2, mend: yes}", "licence.orders.2",
         "no-effect", "no breach"),
        ("buy: queue}", "buy: queue}\n    - {at: day 2, choose: start}", "licence.orders.2",
         "no-effect", "in use already"),
        ("modules: [greeting]", "modules: [greeting, queue]", "licence.orders.1.buy", "paid-twice",
         "paid for twice"),
    ],
)  # fmt: skip
def test_each_doubt_is_one_warning(old: str, new: str, path: str, kind: str, fragment: str) -> None:
    """At the key concerned."""
    assert old in LICENCE
    found = warnings(HEAD + LICENCE.replace(old, new, 1))
    assert [(one[1], one[2]) for one in found] == [(path, kind)]
    assert fragment in found[0][3]


def test_a_licence_that_is_never_active() -> None:
    """No order at all: no call gets in, no module is there."""
    text = HEAD + LICENCE[: LICENCE.index("  orders:")]
    kinds = [one[2] for one in warnings(text)]
    assert sorted(kinds) == ["never-active", "never-licensed", "never-licensed"]
