"""The help teaches by examples: each is a command line that the program takes, for the starter scenario."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from vpbx.cli.main import app, code_of
from vpbx.scenario.load import load

ROOT = typer.main.get_command(app)


def _commands(command: Any, name: str) -> list[tuple[str, Any]]:
    """Every command, with what calls it."""
    inner = getattr(command, "commands", {})
    found = [one for key, sub in inner.items() for one in _commands(sub, f"{name} {key}")]
    return [(name, command), *found]


COMMANDS = dict(_commands(ROOT, "vpbx"))


def _examples() -> list[str]:
    """Each example of each help, and of the README's tour; an aside after it is left out."""
    texts = [command.help or "" for command in COMMANDS.values()]
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    texts += re.findall(r"^```sh\n(.*?)^```$", readme, flags=re.MULTILINE | re.DOTALL)
    lines = re.sub(r"\\\n\s*", "", "\n".join(texts)).splitlines()
    found = [line.strip() for line in lines if line.strip().startswith("vpbx ")]
    return sorted({re.split(r"\s{3,}|\s+#|\s+[|>]\s", line)[0].strip() for line in found})


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_an_example(name: str) -> None:
    """One at least."""
    assert "vpbx " in (COMMANDS[name].help or "").split("Example", 1)[-1]


@pytest.mark.parametrize("line", _examples())
def test_examples_are_command_lines(line: str) -> None:
    """Commands, options and numbers of arguments are as the program wants them."""
    words = shlex.split(line)[1:]
    ROOT.make_context("vpbx", words, resilient_parsing=False)
    name = "vpbx"
    while words and f"{name} {words[0]}" in COMMANDS:
        name = f"{name} {words.pop(0)}"
    assert name != "vpbx"
    COMMANDS[name].make_context(name, words)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `vpbx init` writes."""
    file = tmp_path_factory.mktemp("starter") / "support.yaml"
    assert code_of(["init", str(file)]) == 0
    return file


@pytest.mark.parametrize("line", [one for one in _examples() if " support.yaml" in one])
def test_examples_fit_the_starter(starter: Path, line: str) -> None:
    """What is set or varied is there."""
    words = shlex.split(line)
    values = [words[i + 1] for i, word in enumerate(words) if word in ("--set", "--vary")]
    for value in values:
        path, _, wanted = value.partition("=")
        first = re.split(r"\.\.|:", wanted)[0]
        load(starter, [f"{path}={first or '100%'}"])
