"""What studies take: the commands of the capacity planner, by the clock on the wall.

Belongs here: which studies are timed, in how many seconds each is to be done, timing them. Does not
belong here: the studies (`study`), the cost of a call (`measure`, `scale`).
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from vpbx.errors import SimulationError

Tell = Callable[[str], None]

DAY = """
name: A day of 5,000 calls
clock: {start: 2024-03-04 00:00, duration: 1 day}
seed: 1
numbers: {"1": {enter: menu}}
flow:
  menu:
    says: "Sales, service"
    menu:
      1: {says: sales, at: 3 s, next: sales}
      2: {says: service, at: 6 s, next: service}
    no_input: {after: 4 s, repeat: 1, then: service}
    no_match: {repeat: 1, then: service}
  sales: {queue: sales, next: bye}
  service: {queue: service, next: bye}
  bye: hangup
queues: {sales: {}, service: {}}
agents:
  sellers: {serves: {sales: {handle_time: "lognormal(mean=3 min, cv=0.8)", wrap_up: 20 s}}, heads: 8}
  team: {serves: {service: {handle_time: "lognormal(mean=4 min, cv=1)", wrap_up: 30 s}}, heads: 14}
callers:
  public:
    volume: 5000/day
    profile: [2, 1, 1, 1, 1, 2, 3, 5, 8, 9, 9, 9, 8, 8, 8, 8, 8, 8, 7, 6, 5, 4, 3, 2]
    busyness: {cv: 10%}
    dials: {"1": 100%}
    wants: {sales: 45%, service: 55%}
    patience: "exponential(mean=4 min)"
    redial: {after: {abandoned: 40%}, delay: "exponential(mean=10 min)", attempts: 3}
"""
"""Two queues behind a menu, impatient callers who call again."""

SHIFTS = """
shifts:
  short: {length: 6 h, starts: "00:00-23:00", every: 1 h}
  day:   {length: 8 h, starts: "00:00-23:00", every: 1 h, breaks: [{length: 30 min, from: 3 h, to: 5 h}]}
  long:  {length: 10 h, starts: "00:00-23:00", every: 1 h, breaks: [{length: 1 h, from: 4 h, to: 6 h}]}
premiums: {"22:00-06:00": 120%, "sat,sun": 150%}
"""
"""Three lengths at every hour of the week: 504 columns."""


class Timed(NamedTuple):
    """A study's command and how long it is to take."""

    name: str
    text: str
    goal_s: float
    command: tuple[str, ...]
    """What follows `vpbx`; `DAY`, `SHIFTS` and names of shipped scenarios stand for files."""


STUDIES = (
    Timed(
        "compare",
        "compare, 1,000 replications of a 5,000-call day",
        10,
        ("compare", "DAY", "--set", "agents.team.heads=15", "-n", "1000"),
    ),
    Timed(
        "sweep",
        "sweep, 7 x 7 points, 100 replications each",
        60,
        (
            "sweep", "DAY", "--vary", "agents.team.heads=11..17", "--vary",
            "callers.public.volume=80%..120%:7", "-n", "100",
        ),
    ),
    Timed(
        "staff",
        "staff, 48 half hours of the regional queue, 80 % in 20 s, one fewer fails",
        60,
        ("staff", "mts_0890.yaml", "--target", "support: 80% in 20 s", "--per", "30min"),
    ),
    Timed(
        "shifts",
        "staff --shifts, a week of 672 quarter hours, 504 shifts",
        60,
        (
            "staff", "DAY", "--set", "clock.duration=7 days", "--target", "service: 80% in 20 s",
            "--per", "15min", "--shifts", "SHIFTS", "-n", "40",
        ),
    ),
)  # fmt: skip


class StudyTime(NamedTuple):
    """How long a study took."""

    name: str
    text: str
    seconds: float
    """The median round's, from start to end of the command, without pictures."""
    least: float
    most: float
    goal_s: float
    done: bool
    """Whether the study ended as it should (confirmed, precise)."""


def time_studies(scenarios: Path, rounds: int, tell: Tell) -> tuple[StudyTime, ...]:
    """Each study so many times; the compiled engine is made ready first.

    Raises `SimulationError` for a command that fails.
    """
    from statistics import median

    found = []
    _run(("warmup",))
    for study in STUDIES:
        seconds, codes = [], []
        for turn in range(rounds):
            tell(f"studies: {study.name}, round {turn + 1} of {rounds}")
            with tempfile.TemporaryDirectory() as folder:
                line = arguments(study, scenarios, Path(folder))
                start = time.perf_counter()
                codes.append(_run(line))
                seconds.append(time.perf_counter() - start)
        found.append(
            StudyTime(
                study.name, study.text, median(seconds), min(seconds), max(seconds), study.goal_s,
                not any(codes),
            )
        )  # fmt: skip
    return tuple(found)


def arguments(study: Timed, scenarios: Path, folder: Path) -> tuple[str, ...]:
    """The command line of a study; its files are written into `folder`."""
    places = {"DAY": folder / "day.yaml", "SHIFTS": folder / "shifts.yaml"}
    places["DAY"].write_text(DAY, encoding="utf-8")
    places["SHIFTS"].write_text(SHIFTS, encoding="utf-8")
    places |= {word: scenarios / word for word in study.command if word.endswith(".yaml")}
    words = [str(places.get(word, word)) for word in study.command]
    return (*words, "--no-report", "-q", "--out", str(folder / "out"), "--no-ledger")


def _run(line: Sequence[str]) -> int:
    """Run a command of ours; its exit code, 0 or 5 (not confirmed)."""
    done = subprocess.run(
        [sys.executable, "-m", "vpbx", *line], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 5):
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SimulationError(f"vpbx {' '.join(line)} failed: {last}")
    return done.returncode
