"""Variants: extends between files and siblings, set, --set, percentages, and whose place counts."""

from pathlib import Path
from typing import Any

import pytest

from vpbx.errors import ScenarioError
from vpbx.scenario import overrides, tree
from vpbx.scenario.load import load

BASE = """
name: base
clock: {start: 2019-04-15 00:00, duration: 1 day}
numbers:
  "100": {enter: hello, trunk: main}
  "8-800": {enter: hello}
trunks: {main: {channels: 10}, other: {channels: 5}}
flow:
  hello: {play: 5 s, next: line}
  line: {queue: support}
queues:
  support: {capacity: 20}
agents:
  team:
    serves: {support: {handle_time: "lognormal(mean=4 min, cv=1.1)", wrap_up: 1 h 30 min}}
    heads: {00:00-12:00: 5, 12:00-24:00: 3}
    wage: 450 RUB/h
callers:
  people: {volume: 2400/day, dials: {"100": 90%, "8-800": 10%}, knows_menu: 40%, patience: 4 min}
  guests: {extends: people, volume: 10/day}
events:
  - {at: 11:00, lasts: 20 min, volume: 180%}
measures: {service_level: [20 s, 1 min]}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base file in a folder of its own."""
    file = tmp_path / "base.yaml"
    file.write_text(BASE, encoding="utf-8")
    return file


def resolved(file: Path, *sets: str) -> Any:
    """Plain values of a file with everything worked in."""
    result = overrides.resolve(file, sets)
    assert not result.problems, result.problems
    return tree.plain(result.tree)


def variant(base: Path, text: str, name: str = "variant.yaml") -> Path:
    """A file beside the base."""
    file = base.parent / name
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path, *sets: str) -> list[str]:
    """What is wrong, as text."""
    with pytest.raises(ScenarioError) as caught:
        load(file, sets)
    return [str(problem).replace(str(file.parent) + "/", "") for problem in caught.value.problems]


def test_mappings_merge_and_the_variant_wins(base: Path) -> None:
    """Keys not named stay, lists and tables of heads are replaced as a whole."""
    file = variant(
        base,
        "extends: base.yaml\nname: more\nqueues: {support: {weight: 3}}\n"
        "agents: {team: {heads: {08:00-20:00: 9}}}\nevents: []\n",
    )
    got = resolved(file)
    assert got["name"] == "more"
    assert got["queues"]["support"] == {"capacity": 20, "weight": 3}
    assert got["agents"]["team"]["heads"] == {"08:00-20:00": 9}
    assert got["agents"]["team"]["wage"] == "450 RUB/h"
    assert got["events"] == []
    assert "extends" not in got


def test_a_key_set_to_nothing_is_taken_away(base: Path) -> None:
    """In a variant and by --set; from a sibling, too."""
    file = variant(
        base,
        "extends: base.yaml\nqueues: {support: {capacity: ~}}\ncallers: {guests: {patience: ~}}",
    )
    got = resolved(file, "agents.team.wage=")
    assert got["queues"]["support"] == {}
    assert "wage" not in got["agents"]["team"]
    assert "patience" not in got["callers"]["guests"]
    assert got["callers"]["people"]["patience"] == "4 min"


def test_bases_are_found_beside_their_heirs_in_chains(base: Path) -> None:
    """c extends b extends base, over folders."""
    variant(base, "extends: ../base.yaml\nseed: 2\nreplications: 5\n", "sub/b.yaml")
    file = variant(base, "extends: sub/b.yaml\nseed: 3\n", "c.yaml")
    got = resolved(file)
    assert (got["seed"], got["replications"], got["name"]) == (3, 5, "base")


def test_files_named_in_a_base_are_found_from_its_folder(base: Path) -> None:
    """A distribution's file lies beside the file that names it."""
    (base.parent / "sub").mkdir()
    (base.parent / "sub" / "talk.csv").write_text("seconds\n60\n120\n")
    text = BASE.replace('"lognormal(mean=4 min, cv=1.1)"', "empirical(talk.csv)")
    variant(base, text, "sub/named.yaml")
    file = variant(base, "extends: sub/named.yaml\n")
    law = load(file).scenario.agents["team"].serves["support"].handle_time
    assert law.mean_us == 90e6


def test_a_cycle_of_files_is_shown(base: Path) -> None:
    """The whole chain, at the key that closes it."""
    variant(base, "extends: two.yaml\n", "one.yaml")
    variant(base, "extends: three.yaml\n", "two.yaml")
    file = variant(base, "extends: one.yaml\n", "three.yaml")
    (line,) = problems(file)
    assert "two.yaml:1:10  extends: extends itself:" in line
    assert "three.yaml → " in line
    assert "one.yaml → " in line


def test_places_follow_values_to_the_file_they_came_from(base: Path) -> None:
    """A value of the base is marked in the base, one of --set on the command line."""
    file = variant(base, "extends: base.yaml\nqueues: {support: {capacity: 7}}\n")
    marks = load(file, ["callers.people.volume=300/day"]).marks
    folder = f"{base.parent}/"
    capacity = str(marks.mark(("queues", "support", "capacity")))
    assert capacity.removeprefix(folder) == "variant.yaml:2:30"
    wage = str(marks.mark(("agents", "team", "wage")))
    assert wage.removeprefix(folder) == "base.yaml:17:11"
    volume = str(marks.mark(("callers", "people", "volume")))
    assert volume == "--set callers.people.volume=300/day"


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("agents.team.heads=14", "agents.team.heads", 14),
        ("seed=7", "seed", 7),
        ("clock.warm_up=1 h", "clock.warm_up", "1 h"),
        ("numbers.8-800.trunk=other", "numbers.8-800.trunk", "other"),
        ('numbers."8-800".trunk=other', "numbers.8-800.trunk", "other"),
        ("events.0.lasts=5 min", "events.0.lasts", "5 min"),
        ("callers.people.redial={after: {lost: 5%}, delay: 1 min}",
         "callers.people.redial.after.lost", "5%"),
        ("agents.team.heads.12:00-24:00=4", "agents.team.heads.12:00-24:00", 4),
        ("queues.extra={capacity: 3}", "queues.extra.capacity", 3),
        ("callers.people.knows_menu=50%", "callers.people.knows_menu", "50%"),
        ("events.0.volume=150%", "events.0.volume", "150%"),
        ("callers.guests.dials.8-800=20%", "callers.guests.dials.8-800", "20%"),
        ("name=a = b", "name", "a = b"),
        ("flow.line.next=no", "flow.line.next", False),
    ],
)  # fmt: skip
def test_a_setting_puts_a_value_at_its_path(
    base: Path, setting: str, path: str, value: object
) -> None:
    """Paths through phone numbers, lists, keys not written yet, and keys of a sibling."""
    got = resolved(base, setting)
    for key in path.split("."):
        got = got[int(key)] if isinstance(got, list) else got[key]
    assert value == got


def test_a_setting_on_a_sibling_leaves_the_other_alone(base: Path) -> None:
    """guests takes people's dials over, and then changes one share of its own copy."""
    got = resolved(base, "callers.guests.dials.8-800=20%")["callers"]
    assert got["guests"]["dials"] == {"100": "90%", "8-800": "20%"}
    assert got["people"]["dials"] == {"100": "90%", "8-800": "10%"}


def test_a_setting_reaches_those_who_extend(base: Path) -> None:
    """What guests does not say itself follows people."""
    got = resolved(base, "callers.people.patience=9 min")["callers"]
    assert got["guests"]["patience"] == "9 min"


@pytest.mark.parametrize(
    ("path", "percent", "value"),
    [
        ("callers.people.volume", "120%", "2880/day"),
        ("callers.guests.volume", "150%", "15/day"),
        ("callers.guests.patience", "50%", "2 min"),
        ("callers.people.patience", "120%", "4.8 min"),
        ("trunks.other.channels", "120%", 6),
        ("trunks.other.channels", "110%", 6),
        ("queues.support.capacity", "50%", 10),
        ("agents.team.heads", "150%", {"00:00-12:00": 8, "12:00-24:00": 5}),
        ("agents.team.serves.support.handle_time", "75%", "lognormal(mean=3 min, cv=1.1)"),
        ("agents.team.serves.support.wrap_up", "200%", "2 h 60 min"),
        ("agents.team.wage", "110%", "495 RUB/h"),
        ("measures.service_level", "50%", ["10 s", "0.5 min"]),
    ],
)
def test_a_percentage_is_of_the_value_that_was_there(
    base: Path, path: str, percent: str, value: object
) -> None:
    """Quantities are multiplied, people and lines rounded with halves up, cv left alone."""
    got = resolved(base, f"{path}={percent}")
    for key in path.split("."):
        got = got[key]
    assert value == got


def test_settings_come_in_turn(base: Path) -> None:
    """The file's own first, then those of the command line, each on the one before."""
    file = variant(base, "extends: base.yaml\nset: {callers.people.volume: 50%}\n")
    got = resolved(file, "callers.people.volume=50%", "callers.people.volume=150%")
    assert got["callers"]["people"]["volume"] == "900/day"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("agents.teem.heads=3", 'agents.teem: there is no "teem" here; did you mean "team"?'),
        ("agents.team.haeds=3", 'there is no "haeds" here; did you mean "heads"?'),
        ("queues.extra.capacity=3", 'there is no "extra" here'),
        ("queues.extra=3", 'there is no "extra" here'),
        ("events.3.volume=2", 'events is a list of 1; it has no "3"'),
        ("name.x=2", 'name is "base"; it has no "x"'),
        ("clock.drain_limit=50%", "there is no value to take 50% of"),
        ("heads", "expected path=value"),
        ("=3", "expected path=value"),
        ("seed=[1", "not YAML"),
        ("seed=x", 'seed: expected a whole number, got "x"'),
    ],
)
def test_a_setting_that_cannot_be_is_a_problem_of_the_command_line(
    base: Path, setting: str, message: str
) -> None:
    """Located at the setting, with what was meant where that is near."""
    (line,) = problems(base, setting)
    assert line.startswith(f"--set {setting}  ")
    assert message in line


def test_all_wrong_settings_are_told_with_what_else_is_wrong(base: Path) -> None:
    """Two settings and the file's own mistake."""
    base.write_text(BASE.replace("capacity: 20", "capacity: x"), encoding="utf-8")
    found = problems(base, "agents.teem.heads=3", "nonsense")
    assert len(found) == 3
    assert any("queues.support.capacity" in line for line in found)
