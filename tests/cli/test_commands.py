"""The command line: what goes where, and the exit code of every way a command can end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

import vpbx
from vpbx.cli.main import code_of
from vpbx.errors import SimulationError

STARTER = Path(vpbx.__file__).parent / "cli" / "starter.yaml"
VPBX = [sys.executable, "-m", "vpbx"]


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A starter scenario in an empty folder, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    assert code_of(["init", "линия.yaml"]) == 0
    return "линия.yaml"


def run(*arguments: str, n: int = 2) -> int:
    """Exit code of a run of few replications in this process."""
    return code_of(["run", *arguments, "-n", str(n), "--workers", "1", "--no-report"])


def with_targets(scenario: str, *targets: str) -> str:
    """The scenario with other targets."""
    path = Path(scenario)
    text = path.read_text(encoding="utf-8").partition("\ntargets:")[0]
    lines = "".join(f"  - {target}\n" for target in targets)
    path.write_text(f"{text}\ntargets:\n{lines}", encoding="utf-8")
    return scenario


def test_a_listing_follows_the_problems(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers, nodes, queues and groups; none of a scenario with mistakes."""
    assert code_of(["check", scenario, "--listing", "--set", "agents.sellers.heads=3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("number 8-800-555-01-23: main, enter 000 by_hours")
    assert any(line.startswith("group sellers: 3 agents at most") for line in lines)
    assert code_of(["check", scenario, "--listing", "--set", "agents.nobody.heads=3"]) == 2
    said = capsys.readouterr().out
    assert 'there is no "nobody" here; there are: engineers, sellers' in said
    assert "group" not in said


# --- exit codes -----------------------------------------------------------------------------------


def test_0_all_is_well(scenario: str) -> None:
    """A starter scenario checks cleanly, runs, and meets its targets."""
    assert code_of(["check", scenario]) == 0
    assert run(scenario, "--fail-on-target", n=5) == 0


def test_1_target_missed(scenario: str) -> None:
    """A missed target fails only when that is asked for."""
    with_targets(scenario, "support.mean_wait >= 5 h")
    assert run(scenario, "-q") == 0
    assert run(scenario, "-q", "--fail-on-target") == 1


def test_2_wrong_option(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown option is explained on stderr."""
    assert code_of(["run", "--sede", "3", str(STARTER)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--sede" in err
    assert "--help" in err


def test_2_invalid_scenario(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """All mistakes are shown with their places, and nothing is written."""
    text = Path(scenario).read_text(encoding="utf-8")
    Path(scenario).write_text(
        text.replace("next: greeting", "next: greting").replace("play: 8 s", "play: 8"),
        encoding="utf-8",
    )
    assert code_of(["run", scenario]) == 2
    err = capsys.readouterr().err
    assert 'did you mean "greeting"' in err
    assert "flow.closed.play" in err
    assert f"{scenario}:" in err
    assert not Path("reports").exists()
    assert code_of(["check", scenario]) == 2


def test_2_nothing_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command, the help is shown."""
    assert code_of([]) == 2
    assert "vpbx init" in capsys.readouterr().err


def test_3_no_such_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there."""
    assert code_of(["run", "nix.yaml"]) == 3
    assert "nix.yaml" in capsys.readouterr().err


def test_3_cannot_be_written(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands where the report's folder should be."""
    Path("reports").write_text("in the way")
    assert run(scenario) == 3
    assert "file, not a folder" in capsys.readouterr().err


def test_3_init_overwrites_nothing(scenario: str) -> None:
    """What is there stays as it is."""
    Path(scenario).write_text("mine")
    assert code_of(["init", scenario]) == 3
    assert Path(scenario).read_text() == "mine"


def test_4_a_broken_rule_of_ours(
    scenario: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that breaks conservation is no report but an error, and the manifest says so."""

    def broken(*_: object) -> NoReturn:
        raise SimulationError("calls not conserved: 3 instead of 4")

    monkeypatch.setattr("vpbx.engine.run.run_replication", broken)
    assert run(scenario) == 4
    assert "not conserved" in capsys.readouterr().err
    manifest = json.loads(Path("reports/линия/manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "failed"
    assert "not conserved" in manifest["error"]
    assert manifest["ended"] >= manifest["started"]
    assert not Path("reports/линия/summary.json").exists()


def test_4_an_unexpected_fault(
    scenario: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is a message that asks for a report, without a traceback."""

    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("vpbx.engine.run.run_replication", broken)
    assert run(scenario) == 4
    err = capsys.readouterr().err
    assert "a fault of ours: ZeroDivisionError" in err
    assert "Traceback" not in err


def test_5_precision_not_reached(scenario: str) -> None:
    """With a single replication no target is decided."""
    with_targets(scenario, "support.mean_wait <= 10 s")
    assert run(scenario, "-q", "--fail-on-target", n=1) == 5


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_130_interrupted(scenario: str) -> None:
    """Ctrl-C ends a long run within seconds, and the manifest says so."""
    process = subprocess.Popen(
        [*VPBX, "run", scenario, "-n", "100000", "--workers", "2"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    manifest = Path("reports/линия/manifest.json")
    deadline = time.monotonic() + 60
    while not manifest.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert json.loads(manifest.read_text(encoding="utf-8"))["status"] == "interrupted"
    assert not Path("reports/линия/data/parts").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_130_keeps_what_is_finished(scenario: str) -> None:
    """Ctrl-C after some replications: the figures are those of so many, and say so."""
    process = subprocess.Popen(
        [*VPBX, "run", scenario, "-n", "100000", "--workers", "2", "--no-report"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    folder = Path("reports/линия")
    deadline = time.monotonic() + 60
    while not (folder / "data/parts/grid-0000004.parquet").exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    meta = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["meta"]
    assert manifest["status"] == "interrupted"
    assert meta["planned"] == 100_000
    assert manifest["finished"] == meta["replications"] >= 1
    assert f"{meta['replications']:,} of 100,000 replications are done" in out.decode()
    assert (folder / "data/calls.parquet").exists()
    assert not (folder / "data/parts").exists()


# --- what goes where ------------------------------------------------------------------------------


def test_json_on_stdout(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints the summary file and nothing else on stdout."""
    capsys.readouterr()
    assert run(scenario, "--json") == 0
    out, err = capsys.readouterr()
    data = json.loads(out)
    assert data == json.loads(Path("reports/линия/summary.json").read_text(encoding="utf-8"))
    assert {target["verdict"] for target in data["targets"]} <= {"met", "missed", "undecided"}
    assert data["meta"]["replications"] == 2
    assert "support" in err


def test_quiet_says_nothing(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--quiet` prints nothing at all when all is well."""
    capsys.readouterr()
    assert run(scenario, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_summary_ends_with_the_targets(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Queues first, then where the report is, a sign for each target last."""
    with_targets(scenario, "support.mean_wait <= 2 h", "support.mean_wait >= 5 h")
    capsys.readouterr()
    assert run(scenario) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("support ") and "±" in line for line in lines)
    assert lines[-3].startswith("✓ support.mean_wait <= 2 h")
    assert lines[-2].startswith("✗ support.mean_wait >= 5 h")
    assert lines[-1] == "1 met · 1 missed"


def test_a_run_leaves_its_files(scenario: str) -> None:
    """The page, the figures, the manifest, the pictures and the data are where they should be."""
    arguments = ["run", scenario, "-n", "2", "--workers", "1", "--csv", "--xlsx", "-q"]
    assert code_of([*arguments, "--out", "сюда", "--interval", "15 min"]) == 0
    there = {path.name for path in Path("сюда").iterdir()}
    assert there == {"report.html", "summary.json", "manifest.json", "pictures", "data"}
    data = {path.suffix for path in Path("сюда/data").iterdir()}
    assert data == {".parquet", ".csv", ".xlsx", ".md"}
    summary = json.loads(Path("сюда/summary.json").read_text(encoding="utf-8"))
    assert summary["meta"]["interval_s"] == 900
    manifest = json.loads(Path("сюда/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["seed"], manifest["replications"]) == ("well", 1, 2)


def test_set_changes_the_run(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--set` works on any path; a path that there is not is a mistake with its name."""
    assert run(scenario, "-q", "--set", "callers.customers.volume=10/day", "--seed", "4") == 0
    summary = json.loads(Path("reports/линия/summary.json").read_text(encoding="utf-8"))
    assert summary["totals"]["all"]["offered"]["mean"] < 40
    assert run(scenario, "--set", "queues.supprt.capacity=3") == 2
    assert "supprt" in capsys.readouterr().err


def test_trace_tells_one_call(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--trace` prints a call's story and writes nothing."""
    capsys.readouterr()
    assert code_of(["run", scenario, "--trace", "17"]) == 0
    assert "dials 8-800-555-01-23" in capsys.readouterr().out
    assert not Path("reports").exists()


def test_paths(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Sales is on key 1; a caller who listens hears 5 s of greeting, 3 s of menu, and reacts."""
    capsys.readouterr()
    assert code_of(["paths", scenario]) == 0
    assert "→ sales_desk: 1, 9.5 s listening" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.svg", b"<?xml"),
        ("a.png", b"\x89PNG"),
        ("a.mmd", b"flowchart"),
        ("a.dot", b"digraph"),
        ("a.graphml", b"<?xml"),
    ],
)
def test_draw(scenario: str, name: str, start: bytes) -> None:
    """The format follows the file's name."""
    assert code_of(["draw", scenario, "-o", name]) == 0
    assert Path(name).read_bytes().startswith(start)


def test_draw_refuses_unknown_formats(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A format that there is not is named with those that there are."""
    assert code_of(["draw", scenario, "-o", "a.bmp"]) == 2
    assert code_of(["draw", scenario, "--format", "bmp"]) == 2
    assert "graphml" in capsys.readouterr().err


def test_draw_after_a_run(scenario: str) -> None:
    """With a run's summary the drawing shows its shares."""
    assert run(scenario, "-q") == 0
    assert code_of(["draw", scenario, "-o", "a.svg"]) == 0
    assert code_of(["draw", scenario, "-o", "b.svg", "--after-run", "reports/линия"]) == 0
    assert Path("a.svg").read_bytes() != Path("b.svg").read_bytes()


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The schema is JSON; the reference is Markdown."""
    assert code_of(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")
    assert code_of(["schema", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("#")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is that of the package."""
    assert code_of(["--version"]) == 0
    assert capsys.readouterr().out == f"vpbx {vpbx.__version__}\n"


def test_help_teaches_and_is_quick() -> None:
    """The help shows examples and exit codes and imports nothing heavy."""
    code = (
        "import sys; from vpbx.cli.main import code_of; code_of(['--help']); "
        "heavy = {'numpy', 'numba', 'matplotlib', 'networkx', 'duckdb', 'scipy', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "vpbx run support.yaml" in done.stdout
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert f"\n    {code} " in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ")
def test_a_reader_that_goes_away(scenario: str) -> None:
    """`vpbx schema | head -1` ends quietly."""
    command = f"{sys.executable} -m vpbx schema | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == "{\n"
