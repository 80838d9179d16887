"""Checks across keys: a sound scenario passes; each thing wrong is one located problem."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from vpbx.scenario.check import check, resolve_targets
from vpbx.scenario.models import Scenario
from vpbx.scenario.tree import marks_of, parse, plain

SOUND = """
name: A line
clock: {start: 2019-04-15 00:00, duration: 1 day, timezone: Europe/Moscow}
hours:
  office: mon-fri 09:00-18:00
trunks:
  main: {channels: 30}
numbers:
  0890: {enter: greeting, accepts: [mts, mts_app], trunk: main}
  8-800: {enter: greeting, refuses: {mts: not_served}, trunk: main}
flow:
  greeting: {play: 12 s, next: desk}
  desk:
    branch:
      - {closed: office, next: shut}
      - {class: premium, next: agent}
      - {network: [mts], next: menu}
      - {when: support.queue_length >= 30, next: shut}
    otherwise: menu
  menu:
    menu:
      1: {says: an agent, at: 4 s, next: agent, share: 60%}
      2: {says: balance, at: 8 s, next: balance, share: 40%}
    length: 10 s
    no_input: {then: shut}
    no_match: {then: shut}
  balance: {self_service: {takes: 25 s, settles: 95%}, next: shut, otherwise: agent}
  agent: {queue: support, next: shut, full: shut}
  shut: hangup
  not_served: {play: 5 s, next: shut}
queues:
  support: {capacity: 300}
agents:
  region: {serves: {support: {handle_time: 4 min}}, heads: 3}
callers:
  prepaid:
    network: mts
    volume: 2400/day
    dials: {0890: 85%, 8-800: 15%}
    wants: {agent: {share: 45%, keys: "1"}, balance: {share: 55%, keys: {0890: "2"}}}
  premium: {network: any, volume: 120/day, dials: {0890: 100%}, wants: {agent: 100%}}
events:
  - {at: 11:00, lasts: 2 h, volume: 150%, classes: [prepaid]}
  - {on: 2019-05-01, volume: 180%}
targets:
  - {support.mean_wait = 20 min ± 20%: M13}
  - region.occupancy <= 90%
  - main.blocked <= 1%
  - premium.mean_wait <= 1 min
  - 0890.offered >= 10
  - mean_wait <= 40 min
"""


def edited(*edits: tuple[str, Any]) -> dict[str, Any]:
    """The sound scenario as plain data with some keys put in; a value `...` takes a key out."""
    data = copy.deepcopy(plain(parse(SOUND, "line.yaml")))
    for path, value in edits:
        *parents, last = path.split("/")
        place = data
        for key in parents:
            place = place[int(key) if isinstance(place, list) else key]
        if value is ...:
            del place[last]
        elif isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return data


def problems(*edits: tuple[str, Any]) -> list[tuple[str, str, str]]:
    """Kind, path and message of each problem of the edited scenario."""
    scenario = Scenario.model_validate(edited(*edits))
    found = check(scenario, marks_of(parse(SOUND, "line.yaml")))
    return [(problem.kind, problem.path, problem.message) for problem in found]


def test_a_sound_scenario_has_no_problems() -> None:
    """Every kind of reference and every kind of node, all of them right."""
    assert problems() == []


@pytest.mark.parametrize(
    ("path", "value", "kind", "at", "words"),
    [
        ("numbers/0890/enter", "greting", "unknown-node", None, 'did you mean "greeting"?'),
        ("numbers/0890/trunk", "mian", "unknown-trunk", None, 'there is no trunk "mian"'),
        ("numbers/0890/accepts", ["mtss"], "unknown-network", "numbers.0890.accepts.0", '"mts"?'),
        ("numbers/8-800/accepts", ["mts"], "access", "numbers.8-800.refuses.mts", "both"),
        ("numbers/8-800/refuses/mts", "menu", "refusal", None, '"menu" is a menu'),
        ("numbers/8-800/refuses/mts", "nowhere", "unknown-node", None, '"nowhere"'),
        ("numbers/08-90", {"enter": "menu"}, "twice", None, 'the same number as "0890"'),
        ("flow/not_served/next", "not_served", "refusal", "numbers.8-800.refuses.mts", "for ever"),
        ("flow/greeting/next", "desc", "unknown-node", None, 'did you mean "desk"?'),
        (
            "flow/greeting/otherwise",
            "menu",
            "wrong-key",
            None,
            "self_service, branch, identify and ring",
        ),
        ("flow/greeting/full", "menu", "wrong-key", None, '"full" does not go with play'),
        ("flow/greeting/hangup", True, "node-kind", "flow.greeting", "this one is play and hangup"),
        ("flow/menu/menu/1/next", "agents", "unknown-node", None, 'did you mean "agent"?'),
        ("flow/menu/menu/1/at", "11 s", "menu-times", None, "after the end of the prompt at 10 s"),
        ("flow/menu/menu/1/share", 0.7, "shares", "flow.menu.menu", "110%, more than 100%"),
        ("flow/menu/replay_from", "11 s", "menu-times", None, "after the end"),
        ("flow/menu/no_input/then", "shot", "unknown-node", None, 'did you mean "shut"?'),
        ("flow/menu/no_match/then", "shot", "unknown-node", None, 'did you mean "shut"?'),
        ("flow/desk/otherwise", ..., "missing-otherwise", "flow.desk", "when no case holds"),
        ("flow/desk/branch/0/closed", "offise", "unknown-hours", None, 'did you mean "office"?'),
        (
            "flow/desk/branch/0/open",
            "office",
            "branch-case",
            "flow.desk.branch.0",
            "open and closed",
        ),
        ("flow/desk/branch/0/closed", ..., "branch-case", "flow.desk.branch.0", "has none"),
        (
            "flow/desk/branch/1/class",
            "vip",
            "unknown-caller-class",
            "flow.desk.branch.1.class.0",
            "",
        ),
        (
            "flow/desk/branch/2/network",
            ["mst"],
            "unknown-network",
            "flow.desk.branch.2.network.0",
            "",
        ),
        ("flow/desk/branch/3/when", "suport.position > 3", "unknown-queue", None, '"support"?'),
        ("flow/desk/branch/3/next", "x", "unknown-node", None, 'there is no node "x"'),
        ("flow/agent/queue", "suport", "unknown-queue", None, 'did you mean "support"?'),
        ("flow/agent/full", "shot", "unknown-node", None, 'did you mean "shut"?'),
        ("agents/region/serves", {}, "empty-serves", None, "serves no queue"),
        ("agents/region/heads", 40_000, "heads", "agents.region.heads", "at most 32,000"),
        ("callers/prepaid/volume", ..., "volume", "callers.prepaid", "has neither"),
        ("callers/premium/trace", {"file": "x.csv"}, "volume", "callers.premium", "has both"),
        ("callers/premium/dials", {}, "dials", None, "dials no number"),
        (
            "callers/premium/dials",
            {"0891": 1},
            "unknown-number",
            "callers.premium.dials.0891",
            '"0890"',
        ),
        (
            "callers/premium/wants",
            {"agnt": 1},
            "unknown-node",
            "callers.premium.wants.agnt",
            '"agent"',
        ),
        (
            "callers/prepaid/wants/balance/keys",
            {"0605": "1"},
            "unknown-dialled-number",
            "callers.prepaid.wants.balance.keys.0605",
            "",
        ),
        ("callers/prepaid/wants/balance/keys/0890", "23", "keys", None, 'key 2 of "23" (3)'),
        (
            "callers/premium/wants/agent",
            {"share": 1, "keys": "9"},
            "keys",
            "callers.premium.wants.agent.keys",
            "has the keys 1 2",
        ),
        (
            "events/0/classes",
            ["prepayd"],
            "unknown-caller-class",
            "events.0.classes.0",
            '"prepaid"',
        ),
        ("events/0/lasts", ..., "event", "events.0", "how long?"),
        ("events/0/on", "2019-05-01", "event", "events.0", "not both"),
        ("events/1/on", ..., "event", "events.1", "when?"),
        ("targets/1", "suport.mean_wait > 1 s", "unknown-scope", None, 'did you mean "support"?'),
        ("targets/1", "queue.region.mean_wait > 1 s", "unknown-scope", None, 'no queue "region"'),
        (
            "targets/1",
            "p90_wait by hour < 5 min",
            "wrong-scope",
            None,
            "queue, not of the whole run",
        ),
        ("targets/1", "support.utilisation > 1%", "wrong-scope", None, "a trunk, not of a queue"),
    ],
)
def test_one_thing_wrong(path: str, value: Any, kind: str, at: str | None, words: str) -> None:
    """One thing wrong is one problem, of its kind, at its place, in plain words."""
    found = [problem for problem in problems((path, value)) if problem[0] == kind]
    assert len(found) == 1
    ((_, where, message),) = found
    assert (at or path.replace("/", ".")) == where
    assert words in message


def test_a_node_without_a_kind_is_told_which_it_could_be() -> None:
    """The keys of a node without a kind narrow down what it could be."""
    ((kind, path, message),) = problems(("flow/shut", {"full": "menu"}))[:1]
    assert (kind, path) == ("node-kind", "flow.shut")
    assert message == "the node has no kind; add one of queue or voicemail"
    ((_, _, message),) = problems(("flow/shut", {"says": "goodbye"}))[:1]
    assert message.startswith("the node has no kind; add one of play, menu, self_service, branch")
    assert message.endswith("ring, voicemail, round_trip or hangup")


def test_menu_without_options_and_branch_without_cases() -> None:
    """An empty menu and an empty branch are of their kind and yet nothing."""
    kinds = {kind for kind, _, _ in problems(("flow/menu/menu", {}), ("flow/desk/branch", []))}
    assert {"empty-menu", "empty-branch"} <= kinds


def test_a_name_that_is_two_things_needs_its_kind() -> None:
    """A target's scope that is a queue and a group at once is refused; in full it is understood."""
    group = plain(parse(SOUND, "line.yaml"))["agents"]["region"]
    twin = ("agents/support", group)
    ((kind, path, message),) = problems(twin)
    assert (kind, path) == ("unknown-scope", "targets.0")
    assert message == '"support" is queue and group at once; write queue.support or group.support'
    assert problems(twin, ("targets/0", "queue.support.mean_wait > 1 s")) == []


def test_a_network_without_callers_may_be_named() -> None:
    """A number may accept networks from which nobody calls yet; only a slip is refused."""
    assert problems(("numbers/0890/accepts", ["mts", "beeline"])) == []


def test_problems_point_at_lines() -> None:
    """A problem stands at the value that is wrong, or at the key that is."""
    text = SOUND.replace("next: desk}", "next: desc}").replace(
        "serves: {support:", "serves: {suport:"
    )
    tree = parse(text, "line.yaml")
    scenario = Scenario.model_validate(plain(tree))
    node, queue = check(scenario, marks_of(tree))
    lines = text.splitlines()
    for problem, wrong in ((node, "desc"), (queue, "suport")):
        line = next(n for n, content in enumerate(lines, 1) if wrong in content)
        column = lines[line - 1].index(wrong) + 1
        assert ("line.yaml", line, column) == (
            problem.mark.file,
            problem.mark.line,
            problem.mark.column,
        )


def test_targets_are_resolved_to_their_scopes() -> None:
    """Bare names become queue, group, trunk, class and number; nothing stays all calls."""
    targets = resolve_targets(Scenario.model_validate(edited()))
    assert [target.scope for target in targets] == [
        "queue.support",
        "group.region",
        "trunk.main",
        "class.premium",
        "number.0890",
        "",
    ]
    assert targets[0].facts == ("M13",)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("clock/timezone", "Europe/Moskow", 'did you mean "Europe/Moscow"?'),
        ("clock/timezone", "../etc/passwd", "there is no time zone"),
        ("clock/duration", "0 s", "longer than 0 and at most 5 years"),
        ("clock/duration", "6000 days", "longer than 0 and at most 5 years"),
        ("clock/warm_up", "1 day", "nothing would be measured"),
        ("clock/start", 1555275600, "expected a date"),
        ("clock/start", "2019-04-15 00:00+03:00", "without an offset"),
        ("holidays", ["2019-02-30"], "date"),
        ("measures", {"interval": "7 min"}, "multiple of 5 min"),
        ("measures", {"interval": "0 s"}, "multiple of 5 min"),
        ("measures", {"interval": "25 min"}, "divides a day"),
        ("callers/prepaid/profile", [1.0] * 7, "7 weights do not divide a day"),
        ("callers/prepaid/profile", [0.0] * 24, "all weights are 0"),
        ("callers/prepaid/profile", [1.0, -1.0], "weight 2 is -1"),
        ("callers/prepaid/dials", {"0890": 0.85}, "the shares make 85%, not 100%"),
        ("callers/prepaid/wants", {"agent": {"share": 0.3}}, "the shares make 30%, not 100%"),
        ("flow/desk/branch/3/when", "support.colour > 3", 'a queue has no "colour"'),
        ("events/0/at", "noonish", "write it like 2019-04-15 11:00, or 11:00"),
        ("events/0/at", "25:00", "does not exist"),
        ("agents/region/heads", 100_000, "out of range"),
        ("agents/region/heads", -1, "out of range"),
    ],
)
def test_values_of_models(path: str, value: Any, words: str) -> None:
    """What one key alone cannot be is refused where it stands."""
    with pytest.raises(ValidationError) as error:
        Scenario.model_validate(edited((path, value)))
    ((location, message),) = [(e["loc"], e["msg"]) for e in error.value.errors()]
    assert words in message
    assert path.split("/")[:2] == [str(part) for part in location][: len(path.split("/")[:2])]


def test_local_times_that_clocks_skip() -> None:
    """In Berlin 02:30 of 31 March 2019 never was: clocks went from 02:00 to 03:00."""
    edits = (("clock/timezone", "Europe/Berlin"), ("clock/start", "2019-03-31 02:30"))
    with pytest.raises(ValidationError, match="never shows on the clocks"):
        Scenario.model_validate(edited(*edits))
    assert problems(edits[0], ("clock/start", "2019-10-27 02:30")) == []


def test_whole_intervals_and_thirds() -> None:
    """Days as intervals, and 33.3% three times, are taken as they are meant."""
    third = {"greeting": 0.333, "agent": 0.333, "balance": 0.333}
    edits = (("measures", {"interval": "1 day"}), ("callers/prepaid/wants", third))
    assert problems(*edits) == []
