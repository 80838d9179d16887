"""The JSON Schema takes good scenarios and refuses planted mistakes; the reference tells every key."""

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from vpbx.scenario import reference, shape, tree
from vpbx.scenario.check_flow import KEYS_OF, KINDS, kinds_of
from vpbx.scenario.nodes import Node
from vpbx.scenario.schema import json_schema, markdown, models_in_order

HERE = Path(__file__).parent
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOOD = tree.plain(tree.read(HERE / "good.yaml"))
SHIPPED = sorted((HERE.parent.parent / "scenarios").glob("*.yaml"))


def put(path: str, value: object) -> Any:
    """The good scenario with a value at a path; `...` takes the key away."""
    mutant = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    at = mutant
    for key in parents:
        at = at[int(key)] if isinstance(at, list) else at[key]
    if isinstance(at, list):
        at[int(last)] = value
    elif value is ...:
        del at[last]
    else:
        at[last] = value
    return mutant


def deepest(instance: Any) -> list[str]:
    """Paths at which the schema finds fault, unions looked into."""
    found: list[str] = []
    waiting = list(VALIDATOR.iter_errors(instance))
    while waiting:
        error = waiting.pop()
        found.append("/".join(map(str, error.absolute_path)))
        waiting.extend(error.context or [])
    return found


def test_it_is_a_schema_of_its_draft() -> None:
    """Valid against the meta-schema of draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "file", [HERE / "good.yaml", HERE / "whole_pbx.yaml", *SHIPPED], ids=lambda file: file.stem
)
def test_good_scenarios_pass(file: Path) -> None:
    """Short forms, siblings and all."""
    assert [error.message for error in VALIDATOR.iter_errors(tree.plain(tree.read(file)))] == []


def test_a_variant_needs_nothing_but_its_base() -> None:
    """No key is required, parts of entries are fine, a key may be set to nothing."""
    variant = {
        "extends": "base.yaml",
        "set": {"agents.team.heads": 14},
        "agents": {"team": {"heads": {"08:00-20:00": 3}}},
        "callers": {"people": {"redial": None}},
        "flow": {"bye": None},
    }
    assert VALIDATOR.is_valid(variant)
    assert not VALIDATOR.is_valid({**variant, "agnets": {}})
    assert not VALIDATOR.is_valid({**variant, "queues": {"support": {"capacity": "x"}}})


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("clok", {}, ""),
        ("name", ..., ""),
        ("clock/duration", "5", "clock/duration"),
        ("clock/duration", 5, "clock/duration"),
        ("clock/start", "yesterday", "clock/start"),
        ("clock/at_end", "drian", "clock/at_end"),
        ("numbers/0890/enter", ..., "numbers/0890"),
        ("numbers/0890/entr", "x", "numbers/0890"),
        ("numbers/office", {"enter": "agent"}, "numbers"),
        ("flow/2nd node", "hangup", "flow"),
        ("flow/bye", "hangupp", "flow/bye"),
        ("flow/greeting/play", "expnential(mean=4 min)", "flow/greeting/play"),
        ("flow/greeting/barge_in", "perhaps", "flow/greeting/barge_in"),
        ("flow/main_menu/menu/12", {"next": "bye"}, "flow/main_menu/menu"),
        ("flow/main_menu/menu/1/at", "8", "flow/main_menu/menu/1/at"),
        ("queues/support/capacity", -1, "queues/support/capacity"),
        ("queues/support/strategy", "longest", "queues/support/strategy"),
        ("agents/region/heads", "many", "agents/region/heads"),
        ("agents/region/serves/support/handle_time", 4, "agents/region/serves/support/handle_time"),
        ("agents/region/wage", "450", "agents/region/wage"),
        ("agents/region/heads", ..., "agents/region"),
        ("callers/prepaid/volume", 2400, "callers/prepaid/volume"),
        ("callers/prepaid/knows_menu", 40, "callers/prepaid/knows_menu"),
        ("callers/prepaid/redial/after/abandonned", "5%", "callers/prepaid/redial/after"),
        ("callers/prepaid/wants/balance/shar", "5%", "callers/prepaid/wants/balance"),
        ("events/1/on", "1 May", "events/1/on"),
        ("targets/0", {"a": "b", "c": "d"}, "targets/0"),
    ],
)
def test_planted_mistakes_are_refused_where_they_are(path: str, value: object, where: str) -> None:
    """An editor underlines the place."""
    assert where in deepest(put(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("flow/greeting/barge_in", "yes"),
        ("flow/greeting/play", 0),
        ("flow/очередь", {"queue": "support"}),
        ("hours/office", ["mon-fri 09:00-18:00"]),
        ("hours/office", {"open": "mon-fri 09:00-18:00", "holidays": "closed"}),
        ("agents/region/heads", [3] * 24),
        ("clock/duration", "1 h 30 min"),
        ("callers/prepaid/wants/balance/keys", 21),
        ("flow/agent/priority", -5),
        ("targets/0", "support.mean_wait < 1 min"),
    ],
)
def test_all_ways_of_writing_a_value_pass(path: str, value: object) -> None:
    """What the loader reads, the schema takes."""
    assert deepest(put(path, value)) == []


def test_every_key_has_a_description_and_its_row_in_the_reference() -> None:
    """Hover and the reference say what a key means."""
    page = markdown()
    for model in models_in_order():
        definition = SCHEMA["$defs"][model.__name__]
        keys = (definition.get("else") or definition)["properties"]
        for key in shape.fields(model):
            assert keys[key]["description"], (model, key)
            assert f"| `{key}` |" in page


def test_links_of_the_reference_lead_somewhere() -> None:
    """Each (#anchor) is a heading."""
    page = markdown()
    anchors = {
        line.lstrip("# ").lower().replace(" ", "-") for line in page.splitlines() if line[:1] == "#"
    }
    for part in page.split("](#")[1:]:
        assert part.split(")")[0] in anchors


def test_defaults_are_shown_as_people_write_them() -> None:
    """Durations carry a unit, not microseconds."""
    page = markdown()
    assert "| `interval` | [duration](#durations) | 30 min |" in page
    assert "| `service_level` | list of [duration](#durations) | 20 s |" in page
    assert "| `free` | yes / no | yes |" in page


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("flow/secretary/ring/legs", [], "flow/secretary/ring/legs"),
        ("flow/secretary/ring/legs/1/ring_time", "25", "flow/secretary/ring/legs/1/ring_time"),
        ("flow/secretary/ring/mode", "one_by_won", "flow/secretary/ring/mode"),
        ("flow/sales/announce/balks", {"soon": "5%"}, "flow/sales/announce/balks"),
        ("flow/sales/offers/paid_skip/price", 50, "flow/sales/offers/paid_skip/price"),
        ("flow/sales/offers/callbak", {}, "flow/sales/offers"),
        ("extensions/front/missed", 7, "extensions/front/missed"),
        ("events/0/outage", "city", "events/0/outage"),
        ("agents/sellers/shifts/0/works", 9, "agents/sellers/shifts/0/works"),
        (
            "callers/customers/redial/after/failed/share",
            "x",
            "callers/customers/redial/after/failed",
        ),
    ],
)
def test_planted_mistakes_in_the_whole_pbx(path: str, value: object, where: str) -> None:
    """The keys of a whole PBX are checked as the others are."""
    mutant = copy.deepcopy(tree.plain(tree.read(HERE / "whole_pbx.yaml")))
    *parents, last = path.split("/")
    at = mutant
    for key in parents:
        at = at[int(key)] if isinstance(at, list) else at[key]
    at[int(last) if isinstance(at, list) else last] = value
    assert any(found.startswith(where) for found in deepest(mutant))


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_kinds_are_nodes_of_their_kind(kind: str) -> None:
    """What the reference shows can be copied."""
    text = reference._EXAMPLES[kind]
    value = tree.plain(tree.parse(f"node: {text}", "example.yaml"))["node"]
    node = Node.model_validate({"hangup": True} if value == "hangup" else value)
    assert kinds_of(node) == (kind,)
    assert node.model_fields_set - {kind} <= KEYS_OF[kind]
