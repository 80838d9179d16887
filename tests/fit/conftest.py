"""A made-up call centre with known parameters, run by our engine and written as a call log."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from written_log import write_log

from vpbx.engine.run import run_replication
from vpbx.interop.calls import CallLog
from vpbx.interop.read import read_log
from vpbx.program.compile import Compiled, compile_scenario
from vpbx.scenario.load import load_text

START = datetime(2024, 3, 4)  # a Monday
WEEKS = 5
HANDLE_S, HANDLE_CV = 180.0, 0.8
SERVICE_S = 240.0
PATIENCE_S = 150.0
WRAP_UP_S = 15.0
MENUS_S = 12.0
REDIAL, REDIAL_S = 0.4, 300.0
BUSYNESS = 0.15
VOLUME = 480
SATURDAY = 0.4
HEADS, SATURDAY_HEADS = 4, 2

SCENARIO = f"""
name: made up
clock: {{start: {START:%Y-%m-%d} 00:00, duration: {7 * WEEKS} days}}
numbers: {{"100": {{enter: menus}}}}
flow:
  menus: {{play: {MENUS_S} s, next: fork}}
  fork:
    branch: [{{class: buyers, next: sales}}]
    otherwise: service
  sales: {{queue: sales, next: bye}}
  service: {{queue: service, next: bye}}
  bye: hangup
queues: {{sales: {{}}, service: {{}}}}
agents:
  team:
    serves:
      sales:
        handle_time: "lognormal(mean={HANDLE_S} s, cv={HANDLE_CV})"
        wrap_up: {WRAP_UP_S} s
      service: {{handle_time: "exponential(mean={SERVICE_S} s)", wrap_up: {WRAP_UP_S} s}}
    heads: {{mon-fri 08:00-18:00: {HEADS}, sat 08:00-18:00: {SATURDAY_HEADS}}}
callers:
  buyers:
    volume: {VOLUME * 0.6}/day
    profile: [0,0,0,0,0,0,0,0,4,5,6,6,5,4,4,5,4,3,0,0,0,0,0,0]
    weekdays: {{sat: {SATURDAY}, sun: 0}}
    busyness: {{cv: {BUSYNESS}}}
    dials: {{"100": 1}}
    patience: "exponential(mean={PATIENCE_S} s)"
    redial: {{after: {{abandoned: {REDIAL}}}, delay: "exponential(mean={REDIAL_S} s)", attempts: 20}}
  users:
    extends: buyers
    volume: {VOLUME * 0.4}/day
"""


def _compiled() -> Compiled:
    return compile_scenario(load_text(SCENARIO).scenario, Path())


@pytest.fixture(scope="session")
def made_up_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The log of five weeks and its column map."""
    folder = tmp_path_factory.mktemp("made_up")
    records = run_replication(_compiled(), 11, 0)
    write_log(records, START, folder / "calls.csv")
    (folder / "map.yaml").write_text(
        "columns: {arrived: arrived, queued: queued, left: left, answered: answered, ended: ended,\n"
        "  outcome: what, type: type, agent: agent, caller: caller}\n"
    )
    return folder / "calls.csv", folder / "map.yaml"


@pytest.fixture(scope="session")
def made_up(made_up_file: tuple[Path, Path]) -> CallLog:
    """The log of five weeks, read."""
    file, form = made_up_file
    return read_log(file, str(form))


@pytest.fixture
def random() -> np.random.Generator:
    """Numbers for made-up samples: always the same."""
    return np.random.default_rng(7)
