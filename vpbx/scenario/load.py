"""A scenario file → a validated `Scenario`, or every problem in it at once.

Belongs here: the order of the steps (read, join, validate, check) and the digest. Does not belong
here: any one of the steps.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vpbx.errors import Problem, ScenarioError
from vpbx.scenario import overrides
from vpbx.scenario.check import check
from vpbx.scenario.models import Scenario
from vpbx.scenario.problems import in_order, located
from vpbx.scenario.recorded import check_traces
from vpbx.scenario.salvage import salvaged
from vpbx.scenario.tree import Marks, Node, dotted, marks_of, plain


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid scenario, where each of its keys was written, and what it was read from.

    `digest` is a sha256 (hex) over the resolved keys and values and the contents of the files that
    they name: it changes when the outcome may, not with comments or formatting. `warnings` are the
    doubtful things found.
    """

    scenario: Scenario
    marks: Marks
    file: Path
    digest: str
    warnings: tuple[Problem, ...] = ()


def load(path: str | Path, sets: Sequence[str] = ()) -> Loaded:
    """Scenario of a YAML file, with settings `path=value` worked in.

    Raises `FileError` when the file cannot be read and `ScenarioError` with all problems when it
    (or a file that it names) is wrong.
    """
    file = Path(path)
    return _loaded(overrides.resolve(file, sets), file)


def load_text(text: str, shown: str = "scenario.yaml", sets: Sequence[str] = ()) -> Loaded:
    """The same for a text; files that it names are looked for beside `shown`."""
    return _loaded(overrides.resolve_text(text, shown, sets), Path(shown))


def _loaded(resolved: overrides.Resolved, file: Path) -> Loaded:
    tree = resolved.tree
    values, marks = plain(tree), marks_of(tree)
    folder = file.parent
    try:
        scenario = Scenario.model_validate(values, context={"folder": folder})
    except ValidationError as error:
        problems = _with_checks(located(error, values, marks), values, marks, folder)
        raise ScenarioError(_with_resolution(resolved.problems, problems)) from None
    contents, missing = _contents(tree, marks, folder)
    traces = [] if missing else check_traces(scenario, marks, folder)
    problems = _distinct([*resolved.problems, *check(scenario, marks), *missing, *traces], marks)
    if any(not problem.warning for problem in problems):
        raise ScenarioError(in_order(problems))
    return Loaded(scenario, marks, file, _digest(values, contents), tuple(in_order(problems)))


def _with_checks(problems: list[Problem], values: Any, marks: Marks, folder: Path) -> list[Problem]:
    """The problems, with those that checks between keys find in what is right."""
    wrong = {problem.path for problem in problems}
    rest = salvaged(values, folder)
    if rest is None:
        return in_order(_distinct(problems, marks))
    found = [
        problem
        for problem in check(rest.scenario, marks)
        if problem.kind.startswith("unknown-")
        and problem.path not in wrong
        and not any(f'"{name}"' in problem.message for name in rest.dropped)
    ]
    return in_order(_distinct([*problems, *found], marks))


def _with_resolution(first: list[Problem], others: list[Problem]) -> list[Problem]:
    """Problems of joining and of the rest, without keys missing only because joining failed."""
    broken = tuple(p.path.removesuffix(".extends") for p in first if p.path.endswith(".extends"))
    real = [p for p in others if p.kind != "missing-key" or not p.path.startswith(broken)]
    return in_order([*first, *real])


def _distinct(problems: list[Problem], marks: Marks) -> list[Problem]:
    """Each problem once: of those at one place, the one in the entry that the place belongs to.

    What a caller class takes over from a sibling is wrong in both, but written once.
    """
    found: dict[tuple[Any, ...], Problem] = {}
    for problem in sorted(problems, key=lambda problem: _distance(problem, marks)):
        found.setdefault((problem.mark, problem.message, problem.kind), problem)
    return list(found.values())


def _distance(problem: Problem, marks: Marks) -> tuple[int, int]:
    """Lines and columns from the head of the entry that a problem is in to its place."""
    head = marks.key_mark(tuple(problem.path.split(".")[:2]))
    if head.file != problem.mark.file or head.line > problem.mark.line:
        return sys.maxsize, 0
    return problem.mark.line - head.line, problem.mark.column - head.column


def _contents(
    tree: Node, marks: Marks, folder: Path
) -> tuple[list[tuple[str, str]], list[Problem]]:
    """The files that a scenario names with the sha256 of each, and those that cannot be read."""
    contents, problems = [], []
    for path, name in overrides.named_files(tree).items():
        try:
            contents.append((name, _sha256(folder / name)))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a file that can be read"
            problems.append(Problem(marks.mark(path), dotted(path), f"{name}: {reason}", "no-file"))
    return contents, problems


def _sha256(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise ValueError
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest(values: Any, contents: list[tuple[str, str]]) -> str:
    """sha256 of the values in their order, then of each file's name and contents."""
    text = json.dumps([values, contents], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
