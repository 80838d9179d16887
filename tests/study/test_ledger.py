"""The ledger: what is kept survives a kill, is found again, and never serves another scenario."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from vpbx.cli.main import code_of
from vpbx.errors import FileError, UsageError
from vpbx.study import ledger as ledgers
from vpbx.study.evaluate import evaluate
from vpbx.study.ledger import beside, opened
from vpbx.study.quantities import Ask, Quantity
from vpbx.study.variant import Prepared, Variant, prepare

SMALL = Path(__file__).parents[2] / "scenarios" / "sbermobile_901.yaml"
FIRM = SMALL.with_name("virtual_pbx_small_firm.yaml")
PLANS = SMALL.parent / "studies" / "small_firm_plans.yaml"
ASK = Ask((Quantity("all", "mean_wait"), Quantity("all", "offered")))


@pytest.fixture(scope="module")
def ready() -> Prepared:
    """A small scenario, compiled."""
    return prepare(Variant(SMALL))


def test_a_second_study_reuses_and_a_longer_one_goes_on(ready: Prepared, tmp_path: Path) -> None:
    """20 replications are 2 units; the same again runs none; 35 run the other 2."""
    for n, ran, reused in ((20, 2, 0), (20, 0, 2), (35, 2, 2)):
        with opened(tmp_path / "kept.sqlite") as book:
            found = evaluate([ready], ASK, range(n), ledger=book)[0]
            assert (book.units, book.reused) == (ran, reused)
    np.testing.assert_array_equal(found.numerator, evaluate([ready], ASK, range(35))[0].numerator)


def test_a_short_block_is_run_again_when_more_of_it_is_wanted(
    ready: Prepared, tmp_path: Path
) -> None:
    """3 of a block of 10 are kept; 10 are asked for: the block is run, and 3 come from it then."""
    with opened(tmp_path / "kept.sqlite") as book:
        for n, ran in ((3, 1), (10, 2), (3, 2)):
            evaluate([ready], ASK, range(n), ledger=book)
            assert book.units == ran


@pytest.mark.parametrize("what", ["settings", "seed", "measures", "version"])
def test_nothing_is_reused_for_another(
    what: str, ready: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another scenario, seed, measure or version: other rows."""
    with opened(tmp_path / "kept.sqlite") as book:
        evaluate([ready], ASK, range(2), 1, ledger=book)
        if what == "version":
            monkeypatch.setattr(ledgers, "program_digest", lambda: "0.0.1-another")
        changed = prepare(Variant(SMALL, (("clock.duration", "6 h"),)))
        evaluate(
            [changed if what == "settings" else ready],
            Ask(ASK.quantities[:1]) if what == "measures" else ASK,
            range(2), 2 if what == "seed" else 1, ledger=book,
        )  # fmt: skip
        assert (book.units, book.reused) == (2, 0)


@pytest.mark.slow
def test_killed_in_the_middle_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """kill -9 after a few units; again: what was done is not done again, the report is the same."""
    scenario = tmp_path / "small.yaml"
    shutil.copy(SMALL, scenario)
    command = [
        *("sweep", "small.yaml", "--vary", "callers.main.volume=80%..120%:4", "-n", "60", "-q"),
    ]
    command[3] = (
        f"callers.{next(iter(prepare(Variant(SMALL)).loaded.scenario.callers))}.volume=80%..120%:4"
    )
    again = _killed_and_again(tmp_path, scenario, command, "sweep-small")
    assert again.units + again.reused == 24


@pytest.mark.slow
def test_a_staffing_killed_in_the_middle_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """The search takes the same way again: every day that was kept is found, none is run twice."""
    scenario = tmp_path / "small.yaml"
    shutil.copy(SMALL, scenario)
    command = ["staff", "small.yaml", "--target", "80% in 20 s", "--per", "1h", "-n", "40", "-q"]
    again = _killed_and_again(tmp_path, scenario, command, "small-staff")
    assert again.units > 0


@pytest.mark.slow
def test_a_plan_of_channels_killed_in_the_middle_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """Pilot, search and confirmation: all that was kept is found."""
    scenario = tmp_path / "small.yaml"
    shutil.copy(FIRM, scenario)
    command = ["channels", "small.yaml", "--target", "blocked<=2%", "-n", "60", "-q"]
    again = _killed_and_again(tmp_path, scenario, command, "small-channels")
    assert again.units > 0


SUBSCRIBERS = "callers.own_sim.volume=60%..140%"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("plan", ["--growth", "60%/year", "--months", "4", "-n", "20"]),
        ("calibrate", ["--target", "agents.mean_wait = 60 s", "--vary", SUBSCRIBERS, "-n", "30"]),
        ("sensitivity", ["--vary", f"{SUBSCRIBERS}:2", "--points", "8", "-n", "30"]),
    ],
)
def test_other_studies_killed_in_the_middle_end_with_the_same_bytes(
    kind: str, options: list[str], tmp_path: Path
) -> None:
    """Steps that hang on what came before take the same way again, over what was kept."""
    scenario = tmp_path / "small.yaml"
    if kind == "plan":
        scenario.write_text(f"extends: {PLANS.as_posix()}\n", encoding="utf-8")
    else:
        shutil.copy(SMALL, scenario)
    again = _killed_and_again(
        tmp_path, scenario, [kind, "small.yaml", *options, "-q"], f"{kind}-small"
    )
    assert again.units > 0


def _killed_and_again(
    folder: Path, scenario: Path, command: list[str], report: str
) -> ledgers.Study:
    """Kills a study after a few units and runs it again; the second one's entry in the ledger.

    What was done is not done again, and the report is that of a study that was never killed.
    """
    line = [sys.executable, "-m", "vpbx", *command]
    running = subprocess.Popen(line, cwd=folder, start_new_session=True)
    kept = _wait_for_units(beside(scenario), 3)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(10)
    assert kept >= 3
    place = folder / "reports" / report
    assert not place.exists()
    code = subprocess.run(line, cwd=folder, check=False).returncode
    assert code in (0, 5)
    resumed = {f.name: f.read_bytes() for f in place.iterdir() if f.is_file()}
    with opened(beside(scenario)) as book:
        killed, again = book.studies()
        assert killed.ended_at is None
        assert again.status == "well"
        assert again.reused >= kept
    shutil.rmtree(place)
    shutil.rmtree(beside(scenario).parent)
    assert subprocess.run(line, cwd=folder, check=False).returncode == code
    assert resumed == {f.name: f.read_bytes() for f in place.iterdir() if f.is_file()}
    with opened(beside(scenario)) as book:
        whole = book.studies()[0]
        assert whole.units + whole.reused == again.units + again.reused
    return again


def _wait_for_units(path: Path, wanted: int) -> int:
    """Units in a ledger that another process writes, once there are so many (a minute at most)."""
    for _ in range(1200):
        time.sleep(0.05)
        with suppress(sqlite3.OperationalError):
            book = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            (n,) = book.execute("select count(*) from units").fetchone()
            book.close()
            if n >= wanted:
                return int(n)
    return 0


def test_ledgers_that_cannot_be_used(tmp_path: Path) -> None:
    """Another format, a text file, a folder in the way: each is said, with the way around."""
    place = tmp_path / "old.sqlite"
    with opened(place) as book, book.connection:
        book.connection.execute("update about set value = '99' where key = 'format'")
    with pytest.raises(UsageError, match="another version"), opened(place):
        pass
    (tmp_path / "notes.txt").write_text("not a ledger, though it is long enough to be one" * 99)
    with pytest.raises(FileError, match="no ledger"), opened(tmp_path / "notes.txt"):
        pass
    with pytest.raises(FileError, match="--no-ledger"), opened(tmp_path / "notes.txt" / "a"):
        pass


def test_the_commands_on_studies(
    ready: Prepared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """list, show, export and prune on a ledger of one study."""
    place = tmp_path / "kept.sqlite"
    with opened(place) as book, book.begun("sweep", "small.yaml", "vpbx sweep", "reports/x"):
        found = evaluate([ready], ASK, range(12), ledger=book)[0]
    where = ["--ledger", str(place)]
    assert code_of(["studies", "list", *where]) == 0
    assert "small.yaml" in capsys.readouterr().out
    assert code_of(["studies", "show", "1", *where]) == 0
    assert "12" in capsys.readouterr().out
    assert code_of(["studies", "show", "2", *where]) == 2
    assert "the last is 1" in capsys.readouterr().err
    assert code_of(["studies", "export", "1", "--out", str(tmp_path / "t.csv"), *where]) == 0
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * 12
    offered = [float(line.split(",")[5]) for line in lines if ",offered," in line]
    assert offered == found.of(ASK.quantities[1])[0][:, 0].tolist()
    assert code_of(["studies", "export", "1", "--out", str(tmp_path / "t.doc"), *where]) == 2
    assert code_of(["studies", "prune", *where]) == 0
    assert "0 units removed" in capsys.readouterr().err
    assert code_of(["studies", "prune", "1", *where]) == 0
    assert "2 units removed" in capsys.readouterr().err
    assert code_of(["studies", "list", "--ledger", str(tmp_path / "none")]) == 3


def test_work_of_another_version_is_said_and_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The study runs anew beside it, with the same figures; pruned, nothing is said any more."""
    shutil.copy(SMALL, tmp_path / "small.yaml")
    monkeypatch.chdir(tmp_path)
    command = [
        "sweep",
        "small.yaml",
        "--vary",
        "agents.team.heads=6,7",
        "-n",
        "4",
        "--no-report",
        "--out",
    ]
    command[3] = f"agents.{next(iter(prepare(Variant(SMALL)).loaded.scenario.agents))}.heads=6,7"
    with monkeypatch.context() as older:
        older.setattr(ledgers, "program_digest", lambda: "0.0.1-older")
        assert code_of([*command, "one"]) == 0
    assert "other versions" not in capsys.readouterr().err
    assert code_of([*command, "two"]) == 0
    said = capsys.readouterr().err
    assert "holds work of other versions of vpbx (0.0.1-older), which is not used" in said
    with opened(beside(Path("small.yaml"))) as book:
        assert [(one.units, one.reused) for one in book.studies()] == [(2, 0), (2, 0)]
    assert Path("one/study.json").read_bytes() == Path("two/study.json").read_bytes()
    assert code_of(["studies", "prune", "--ledger", str(beside(Path("small.yaml")))]) == 0
    capsys.readouterr()
    assert code_of([*command, "three"]) == 0
    assert "other versions" not in capsys.readouterr().err
