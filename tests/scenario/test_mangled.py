"""Whatever is done to a scenario, it is read soundly or refused in place: never a traceback.

The fuzz of the slow run takes VPBX_FUZZ_SECONDS (60 unless given); ten minutes of it:
`VPBX_FUZZ_SECONDS=600 pytest -m slow tests/scenario/test_mangled.py`. VPBX_FUZZ_SEED gives other
mutants; a mutant that fails is kept in the test's folder and named.
"""

import os
import random
import re
import time
from pathlib import Path

import pytest
from mangling import SOUND, Mutant, noise, random_mutant, random_setting, systematic

from vpbx.cli.main import code_of
from vpbx.errors import Problem, ScenarioError, VpbxError
from vpbx.scenario.load import load
from vpbx.study.replicate import require_sound

BAD = Path(__file__).parent.parent / "bad"
EVERY = 18
"""Of the systematic mutants, one in so many is tried in the default run."""
JARGON = re.compile(r"\b(NoneType|dict|bool|Input should|validation|Value error|Traceback)\b")
COMMANDS = (
    *("check", "run", "draw", "paths", "licence"),
    *("staff", "sweep --vary agents.sellers.heads=1,2", "compare", "sensitivity"),
)


def refused(file: Path) -> list[Problem]:
    """What `load` finds wrong with a file; none when it is sound. Anything but our error is raised."""
    try:
        load(file)
    except ScenarioError as error:
        return error.problems
    return []


def errors(problems: list[Problem]) -> list[Problem]:
    """Those that are no warnings."""
    return [problem for problem in problems if not problem.warning]


def require_located(problems: list[Problem], what: str) -> None:
    """Each has a file, a line and a column, a kind, and words that a user knows."""
    for problem in problems:
        mark = problem.mark
        assert mark.file, what
        nowhere = problem.kind == "too-large" or mark.file.startswith("--set ")
        assert nowhere or (mark.line >= 1 and mark.column >= 1), (what, problem)
        assert problem.kind, what
        assert problem.message, what
        assert not JARGON.search(problem.message), (what, problem)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Mutant, list[Problem]]]:
    """A part of the systematic mutants, with what was found wrong with each."""
    file = tmp_path_factory.mktemp("mangled") / "scenario.yaml"
    found = []
    for mutant in systematic(EVERY):
        file.write_bytes(mutant.data)
        found.append((mutant, refused(file)))
    return found


def test_at_least_300_are_refused_in_place(outcomes: list[tuple[Mutant, list[Problem]]]) -> None:
    """A rule at every key and line: most mutants are wrong, and each mistake has its place."""
    for mutant, problems in outcomes:
        require_located(problems, mutant.what)
        assert errors(problems) or not mutant.surely_wrong, mutant.what
    assert sum(bool(errors(problems)) for _, problems in outcomes) >= 300


def test_at_least_60_kinds_of_message(outcomes: list[tuple[Mutant, list[Problem]]]) -> None:
    """Mutants and files written by hand are wrong in so many different ways."""
    by_hand = [refused(file) for file in BAD.glob("*.yaml")]
    everything = [*by_hand, *(problems for _, problems in outcomes)]
    kinds = {problem.kind for problems in everything for problem in errors(problems)}
    assert len(kinds) >= 60, sorted(kinds)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_no_command_goes_on(
    command: str,
    outcomes: list[tuple[Mutant, list[Problem]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, the message with its place, and neither a file nor a folder is made."""
    monkeypatch.chdir(tmp_path)
    file = Path("wrong.yaml")
    wrong = [mutant for mutant, problems in outcomes if errors(problems)]
    name, *rest = command.split()
    others = [str(SOUND[1])] if name == "compare" else []
    for mutant in wrong[:: len(wrong) // 5]:
        file.write_bytes(mutant.data)
        code = code_of([name, str(file), *others, *rest])
        said = capsys.readouterr()
        assert code == 2, (mutant.what, said.err)
        assert re.search(r"wrong\.yaml:\d+:\d+ ", said.out + said.err), (mutant.what, said.err)
        assert "Traceback" not in said.err
        assert name == "check" or not said.out, mutant.what
        assert os.listdir(tmp_path) == ["wrong.yaml"], mutant.what


def try_out(mutant: Mutant, file: Path, sets: tuple[str, ...] = ()) -> None:
    """Load, lint, compile and draw a mutant, with its licence.

    Any error that is not ours, or without a place, is raised.
    """
    from vpbx.licence import lint as licence
    from vpbx.licence.timeline import licence_timeline
    from vpbx.program.compile import compile_scenario
    from vpbx.report.flow_picture import draw_flow

    file.write_bytes(mutant.data)
    try:
        loaded = load(file, sets)
        scenario = loaded.scenario
        require_located(licence.lint(scenario, loaded.marks), mutant.what)
        if scenario.licence is not None:
            licence_timeline(scenario)
        draw_flow(scenario, "mermaid", None)
        require_sound(loaded)
        compile_scenario(scenario, file.parent)
    except ScenarioError as error:
        require_located(error.problems, mutant.what)
    except VpbxError:
        pass


def some_mutant(draws: random.Random) -> tuple[Mutant, tuple[str, ...]]:
    """A mutant, noise, or a sound scenario with strange settings; and those settings."""
    kind = draws.random()
    if kind < 0.1:
        return noise(draws), ()
    if kind < 0.3:
        sets = tuple(random_setting(draws) for _ in range(draws.randint(1, 3)))
        return Mutant("settings", draws.choice(SOUND).read_bytes()), sets
    return random_mutant(draws), ()


def fuzz(seconds: float, seed: int, folder: Path) -> int:
    """Try mutants out until the time is over; how many. The first that fails stays in `folder`."""
    draws, file = random.Random(seed), folder / "fuzzed.yaml"
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        mutant, sets = some_mutant(draws)
        try:
            try_out(mutant, file, sets)
        except Exception as error:
            error.add_note(f"{mutant.what}, seed {seed}, number {count}: {file} {sets}")
            raise
        count += 1
    return count


@pytest.mark.slow
def test_fuzz(tmp_path: Path) -> None:
    """Random changes of keys, values and bytes find nothing that is not said as it should be."""
    seconds = float(os.environ.get("VPBX_FUZZ_SECONDS", "60"))
    seed = int(os.environ.get("VPBX_FUZZ_SEED", "20240304"))
    assert fuzz(seconds, seed, tmp_path) >= 100


def test_a_little_fuzz(tmp_path: Path) -> None:
    """The same for a hundred mutants, of which the compiling is left out."""
    draws, file = random.Random(1), tmp_path / "fuzzed.yaml"
    for _ in range(100):
        mutant = random_mutant(draws)
        file.write_bytes(mutant.data)
        require_located(refused(file), mutant.what)
