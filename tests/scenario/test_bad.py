"""Every file of tests/bad is refused with exactly the problems that its head (or .expected) lists.

A line is `# expect: LINE:COLUMN path: part of the message`, LINE:COLUMN `-` for the file as a whole.
"""

import re
from pathlib import Path

import pytest

from vpbx.errors import Problem, ScenarioError
from vpbx.scenario.load import load

BAD = Path(__file__).parent.parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))
JARGON = re.compile(r"\b(NoneType|dict|bool|str|int|Input should|validation|Value error)\b")


def expected(file: Path) -> list[tuple[str, str, str]]:
    """Place, key path and message fragment of each problem that a file must have."""
    beside = file.with_suffix(".expected")
    text = (beside if beside.exists() else file).read_text(encoding="utf-8")
    lines = re.findall(r"^# expect: (\S+) (.*?): ?(.+)$", text, flags=re.MULTILINE)
    return [(place, path, fragment) for place, path, fragment in lines]


def place(problem: Problem) -> str:
    """Line and column, `-` for the file as a whole."""
    return f"{problem.mark.line}:{problem.mark.column}" if problem.mark.line else "-"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_mistake_is_reported_where_it_stands(file: Path) -> None:
    """The places, key paths and messages are those planted, no more and no fewer."""
    wanted = expected(file)
    assert wanted, "the file says what is wrong with it"
    with pytest.raises(ScenarioError) as caught:
        load(file)
    problems = caught.value.problems
    got = [(place(problem), problem.path) for problem in problems]
    assert [(where, path) for where, path, _ in wanted] == got, "\n".join(map(str, problems))
    for (_, _, fragment), problem in zip(wanted, problems, strict=True):
        assert fragment in problem.message
        assert not JARGON.search(problem.message.replace(fragment, ""))
        assert problem.kind


def test_there_are_enough_of_them() -> None:
    """At least 30 sorts of mistakes are planted."""
    assert len(FILES) >= 30
