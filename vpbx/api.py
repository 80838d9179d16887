"""The Python interface: what `import vpbx` offers, as plain functions.

Belongs here: short functions that put the rooms together. Does not belong here: logic of any room,
printing, exit codes (`cli`).
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vpbx.errors import Problem, ScenarioError
from vpbx.measures.result import Result

if TYPE_CHECKING:
    from vpbx.flow.paths import KeyPath
    from vpbx.scenario.load import Loaded

__version__ = version("vpbx")

Sets = Mapping[str, object] | Sequence[str]
"""Values to change: `{"agents.region.heads": 8}` or `["agents.region.heads=8"]`."""


def load(path: "str | Path | Loaded", set: Sets = ()) -> "Loaded":
    """The scenario at `path`, checked; raises `ScenarioError` with every mistake, or `FileError`.

    What is loaded already is given back as it is (`set` must be empty then).
    """
    from vpbx.scenario.load import load as load_file

    if isinstance(path, str | Path):
        return load_file(Path(path), _assignments(set))
    if set:
        raise TypeError(
            "set= changes a file's values while loading; give a path, not what is loaded"
        )
    return path


def check(path: "str | Path | Loaded", set: Sets = ()) -> list[Problem]:
    """Every mistake and doubt in a scenario, the call flow's included; empty when all is well."""
    from vpbx.flow.lint import lint
    from vpbx.licence.lint import lint as licence_lint

    try:
        loaded = load(path, set)
    except ScenarioError as error:
        return error.problems
    found = [lint(loaded.scenario, loaded.marks), licence_lint(loaded.scenario, loaded.marks)]
    return [*loaded.warnings, *found[0], *found[1]]


def run(
    path: "str | Path | Loaded",
    replications: int | None = None,
    seed: int | None = None,
    set: Sets = (),
    workers: int | None = None,
) -> Result:
    """Simulate a scenario and give back its figures; writes nothing.

    The same scenario, seed and replications give the same result, whatever `workers` is.
    """
    from vpbx.study.replicate import replicate, require_sound

    loaded = load(path, set)
    require_sound(loaded)
    return replicate(loaded, replications, seed, workers)


def paths(path: "str | Path | Loaded", set: Sets = ()) -> "list[KeyPath]":
    """The shortest keys from each number to each goal, and how long they take."""
    from vpbx.flow.paths import key_paths

    return key_paths(load(path, set).scenario)


def draw(
    path: "str | Path | Loaded",
    format: str = "svg",
    set: Sets = (),
    summary: Path | None = None,
) -> bytes:
    """The call flow as "svg", "png", "mermaid", "dot" or "graphml".

    With the `summary.json` of a run, edges show their share of callers, queues their mean wait.
    """
    from vpbx.report.flow_picture import draw_flow

    return draw_flow(load(path, set).scenario, format, summary)


def schema() -> dict[str, Any]:
    """The JSON Schema of the scenario language."""
    from vpbx.scenario.schema import json_schema

    return json_schema()


def write_report(result: Result, path: "str | Path | Loaded", folder: str | Path) -> None:
    """Write the HTML page, the pictures and `summary.json` of a result into `folder`."""
    from vpbx.report.write import write_report as write

    write(result, load(path).scenario, Path(folder))


def _assignments(sets: Sets) -> tuple[str, ...]:
    if isinstance(sets, Mapping):
        return tuple(f"{key}={value}" for key, value in sets.items())
    return tuple(sets)
