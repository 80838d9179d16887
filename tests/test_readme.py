"""The README keeps its promises: its example is sound, its commands exist, its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

import vpbx
from vpbx.cli.main import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
LINKS = sorted(set(re.findall(r"\]\(([^)#:\s]+)\)", README)))


def commands() -> list[str]:
    """Every `vpbx …` that a shell block, a console block or a line of the prose names."""
    shell = "\n".join(text for kind, text in BLOCKS if kind in ("sh", "console", ""))
    lines = re.findall(r"(?:^|&& |\$ |do )(vpbx [^#&;\n]+)", shell, flags=re.MULTILINE)
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    return sorted({line.strip() for line in [*lines, *re.findall(r"`(vpbx [^`]+)`", prose)]})


def test_the_example_is_sound(tmp_path: Path) -> None:
    """The YAML of the README loads, and the lint has nothing to say of it."""
    examples = [text for kind, text in BLOCKS if kind == "yaml"]
    assert examples
    for text in examples:
        (tmp_path / "example.yaml").write_text(text, encoding="utf-8")
        assert [str(problem) for problem in vpbx.check(tmp_path / "example.yaml")] == []


def test_there_are_commands() -> None:
    """The tour names every command, so that the next test means something."""
    named = {shlex.split(line)[1] for line in commands()}
    assert set(COMMANDS) - {"schema"} <= named


@pytest.mark.parametrize("line", commands())
def test_each_command_exists_with_its_options(line: str) -> None:
    """What follows `vpbx` is a command line that the program takes."""
    _, name, *words = shlex.split(line)
    assert name in COMMANDS, f"there is no command {name}"
    known = {
        word for option in COMMANDS[name].params for word in (*option.opts, *option.secondary_opts)
    }
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in known, f"vpbx {name} has no option {word}"


@pytest.mark.parametrize("target", LINKS)
def test_each_link_leads_somewhere(target: str) -> None:
    """Every file that the README links to or shows is in the repository."""
    hint = "; make the example reports with: for s in scenarios/*.yaml; do vpbx run $s; done"
    assert (ROOT / target).exists(), f"{target} is not there{hint if 'reports/' in target else ''}"


def test_no_open_ends() -> None:
    """Nothing is left to fill in."""
    assert re.findall(r"@@\w+@@|TODO|TBD", README) == []


def test_exit_codes_are_those_of_the_help() -> None:
    """The README and `vpbx --help` list the same codes."""
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)}
    epilog = {int(code) for code in re.findall(r"^  (\d+) ", app.info.epilog or "", re.MULTILINE)}
    assert table == epilog


def test_the_public_names_are_few() -> None:
    """At most 15 names, and the README speaks of each function."""
    names = [name for name in vpbx.__all__ if not name.startswith("__")]
    assert len(names) <= 15
    for name in ("check", "draw", "load", "paths", "run", "schema", "write_report"):
        assert re.search(rf"\b(vpbx\.)?{name}\(", README), f"{name} is not documented"
