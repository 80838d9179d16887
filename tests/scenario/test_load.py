"""Reading of scenario files: what scalars become, where things stand, caps, digests, robustness."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vpbx.errors import FileError, Problem, ScenarioError
from vpbx.scenario import tree
from vpbx.scenario.load import load, load_text
from vpbx.scenario.suggest import did_you_mean, nearest

GOOD = Path(__file__).parent / "good.yaml"


def values(text: str) -> Any:
    """Plain values of a YAML text."""
    return tree.plain(tree.parse(text, "f.yaml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True), ("Yes", True), ("NO", False), ("true", True), ("False", False),
        ("on", "on"), ("off", "off"), ("y", "y"),
        ("~", None), ("null", None), ("", None),
        ("0", 0), ("+1", 1), ("-5", -5), ("1.5", 1.5), (".5", 0.5), ("2e3", 2000.0),
        ("0605", "0605"), ("0o17", "0o17"), ("0x1F", "0x1F"), ("1_000", "1_000"),
        ("11:00", "11:00"), ("1:30:00", "1:30:00"), ("2019-04-15", "2019-04-15"),
        ("2019-04-15 00:00", "2019-04-15 00:00"), ("35%", "35%"), (".inf", ".inf"),
        ('"yes"', "yes"), ("'12'", "12"), ("!!str 12", "12"), ("4 min", "4 min"),
    ],
)  # fmt: skip
def test_scalars_become_only_what_the_language_has(text: str, value: object) -> None:
    """Octal, sexagesimal, dates and on/off stay text; quoted values always do."""
    got = values(f"a: {text}")["a"]
    assert value == got
    assert type(value) is type(got)


@pytest.mark.parametrize("key", ["on", "no", "0605", "0", "1.0", "~", "2019-05-01", "кто"])
def test_keys_stay_as_written(key: str) -> None:
    """A key is never turned into a boolean, number, date or nothing."""
    assert [key] == list(values(f"{key}: 1"))


def test_a_target_in_a_flow_mapping_is_one_key() -> None:
    """The text of a target needs no quotes."""
    text = "targets:\n  - {support.mean_wait = 20 min ± 20%: M13}"
    assert values(text) == {"targets": [{"support.mean_wait = 20 min ± 20%": "M13"}]}


def test_marks_point_at_values_and_at_heads_of_mappings() -> None:
    """A scalar's own place, a mapping's key, the nearest ancestor of what is not there."""
    marks = tree.marks_of(tree.parse("a:\n  bb: [10, {c: x}]\n  d:   e\n", "f.yaml"))
    assert str(marks.mark(("a", "d"))) == "f.yaml:3:8"
    assert str(marks.key_mark(("a", "d"))) == "f.yaml:3:3"
    assert str(marks.mark(("a", "bb"))) == "f.yaml:2:3"
    assert str(marks.mark(("a", "bb", 0))) == "f.yaml:2:8"
    assert str(marks.mark(("a", "bb", 1, "c"))) == "f.yaml:2:16"
    assert str(marks.mark(("a", "zz", "y"))) == "f.yaml:1:1"


def test_columns_count_characters_not_bytes() -> None:
    """Cyrillic before a value does not move its column."""
    marks = tree.marks_of(tree.parse("имя: {абв: 1}", "f.yaml"))
    assert marks.mark(("имя", "абв")).column == 12


def test_an_alias_is_read_where_it_is_used() -> None:
    """Anchors save writing; the values are the same."""
    assert values("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    """Nine levels of nine aliases would be 9**9 values."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
    )
    with pytest.raises(ScenarioError) as caught:
        values(text)
    assert caught.value.problems[0].kind == "alias-bomb"


def test_depth_through_aliases_is_capped() -> None:
    """Levels add up over aliases, so no chain of them can exhaust the stack."""
    text = "a0: &a0 x\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 60))
    with pytest.raises(ScenarioError) as caught:
        values(text)
    assert caught.value.problems[0].kind == "too-deep"


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_deep_nesting_is_refused_not_crashed(text: str) -> None:
    """A hundred thousand levels are a message."""
    with pytest.raises(ScenarioError):
        values(text)


def test_files_over_the_cap_are_refused(tmp_path: Path) -> None:
    """4 MB is read, one byte more is not."""
    file = tmp_path / "big.yaml"
    file.write_text("#" * (tree.MAX_BYTES + 1))
    with pytest.raises(ScenarioError, match="4 MB"):
        load(file)
    file.write_text("a: 1\n" + "#" * (tree.MAX_BYTES - 5))
    assert tree.plain(tree.read(file)) == {"a": 1}


def test_a_missing_file_is_a_file_error(tmp_path: Path) -> None:
    """The file itself, or a folder in its place, is not a fault of the scenario."""
    with pytest.raises(FileError, match=r"none\.yaml: there is no such file$"):
        load(tmp_path / "none.yaml")
    with pytest.raises(FileError, match=r"is a folder, not a file$"):
        load(tmp_path)


def test_a_good_scenario_comes_out_typed() -> None:
    """Units, short forms and siblings are worked in."""
    scenario = load(GOOD).scenario
    assert scenario.callers["prepaid"].volume == 2400.0
    assert scenario.callers["premium"].volume == 120.0
    assert scenario.callers["premium"].redial is None
    assert scenario.callers["prepaid"].patience == scenario.callers["premium"].patience
    assert scenario.numbers["0605"].accepts == ("mts",)
    assert scenario.numbers["0605"].priority == 1
    assert scenario.flow["bye"].hangup is True
    assert date(2019, 5, 1) == scenario.events[1].on
    assert scenario.agents["night"].heads.at(0, 0) == 5
    assert scenario.targets[0].facts == ("M13",)


def test_the_digest_follows_values_and_named_files_only(tmp_path: Path) -> None:
    """Comments and layout leave it; a value, or a byte of a file that is named, changes it."""
    text = GOOD.read_text(encoding="utf-8")
    (tmp_path / "talk.csv").write_text("seconds\n10\n20\n")
    text = text.replace('"exponential(mean=40 min)"', "empirical(talk.csv)")
    file = tmp_path / "s.yaml"
    file.write_text(text)
    first = load(file).digest
    file.write_text("# a comment\n" + text.replace("channels: 200", "channels:    200"))
    assert first == load(file).digest
    assert first != load(file, ["seed=2"]).digest
    (tmp_path / "talk.csv").write_text("seconds\n10\n21\n")
    assert first != load(file).digest
    assert len(first) == 64


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    """A wrong type does not hide an unknown name, nor the other way round."""
    text = GOOD.read_text(encoding="utf-8")
    text = text.replace("next: main_menu", "next: main_meun").replace("450 RUB/h", "450")
    text = text.replace("capacity: 300", "capacity: lots").replace("enter: federal", "enter: fed")
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == [
        "numbers.8-800-250-0890.enter",
        "flow.greeting.next",
        "queues.support.capacity",
        "agents.region.wage",
    ]


def test_what_a_sibling_takes_over_is_reported_once_where_it_is_written() -> None:
    """night extends region: the mistake is region's."""
    text = GOOD.read_text(encoding="utf-8").replace("450 RUB/h", "450")
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    assert [problem.path for problem in caught.value.problems] == ["agents.region.wage"]


def test_a_trace_that_is_not_there_is_located(tmp_path: Path) -> None:
    """The file that a class names must be readable."""
    text = GOOD.read_text(encoding="utf-8").replace(
        "    volume: 2400/day\n", "    trace: {file: gone.csv}\n"
    )
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert "callers.prepaid.trace.file" in [problem.path for problem in caught.value.problems]


def test_did_you_mean_offers_near_names_only() -> None:
    """Case does not matter; a far name offers nothing."""
    assert did_you_mean("mobil", ["mobile", "agent"]) == '; did you mean "mobile"?'
    assert did_you_mean("MAIN", ["Main"]) == '; did you mean "Main"?'
    assert did_you_mean("xyz", ["mobile"]) == ""
    assert nearest("спавка", ["справка", "оператор"]) == "справка"


def problems_of(text: str) -> list[Problem]:
    """What is wrong with a text; none, when it loads. Other exceptions go through."""
    try:
        load_text(text, str(GOOD))
    except ScenarioError as error:
        return error.problems
    return []


PLAIN = tree.plain(tree.read(GOOD))
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["5", "4 min", "120%", "hangup", "support", "2e9 s", "0890", "-1 h", "1e999 s",
                     "exponential(mean=)", "uniform(5 s)", "9" * 400, "erlang(mean=1 s, k=1e9)"]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in plain values."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path] + [place for key, item in inner for place in places(item, (*path, key))]


@settings(
    max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(data=st.data())
def test_no_mutation_raises_anything_but_a_scenario_error(data: st.DataObject) -> None:
    """Junk in place of values, keys gone or renamed: a valid scenario or located problems."""
    mutant = copy.deepcopy(PLAIN)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([p for p in places(mutant) if p] or [()]))
        parent = mutant
        for key in path[:-1]:
            parent = parent[key]
        action = data.draw(st.sampled_from(["junk", "drop", "rename"])) if path else "none"
        if action == "junk":
            parent[path[-1]] = data.draw(JUNK)
        elif action == "drop":
            del parent[path[-1]]
        elif action == "rename" and isinstance(parent, dict):
            parent[data.draw(st.text(max_size=8))] = parent.pop(path[-1])
    text = yaml.safe_dump(mutant, allow_unicode=True, sort_keys=False)
    found = problems_of(text)
    assert all(problem.message and problem.kind for problem in found)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(at=st.integers(0, 4000), cut=st.integers(0, 30), junk=st.text(max_size=4))
def test_no_cut_or_typing_slip_in_the_text_crashes(at: int, cut: int, junk: str) -> None:
    """Characters lost or added anywhere in the file: a valid scenario or located problems."""
    text = GOOD.read_text(encoding="utf-8")
    at %= len(text)
    found = problems_of(text[:at] + junk + text[at + cut :])
    assert all(problem.mark.line for problem in found)
