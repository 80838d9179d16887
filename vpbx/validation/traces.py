"""Timelines that other simulators' tests assert: replayed by both engines, or why they cannot be.

Belongs here: reading them from `traces.toml`, making a scenario of each, the comparison. Does not
belong here: figures with a chance in them (`run`).
"""

import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vpbx.codes import Outcome
from vpbx.units import SECOND_US

if TYPE_CHECKING:
    from vpbx.program.compile import Compiled

FILE = Path(__file__).with_name("traces.toml")
ENGINES = ("reference", "compiled")
START = datetime(2024, 3, 4)
_USUAL = {
    "clock": f"{{start: {START:%Y-%m-%d %H:%M}, duration: 1 h}}",
    "numbers": '{"100": {enter: q}}',
    "flow": "{q: {queue: q}}",
    "queues": "{q: {}}",
}
"""What a trace's scenario has where it says nothing."""


@dataclass(frozen=True)
class Trace:
    """A timeline: of each call, in order of arrival, when a talk began ("-": none), its end, how.

    `why` says what rule of ours it contradicts; it is then not replayed.
    """

    name: str
    title: str
    source: str
    scenario: str = ""
    arrivals: Mapping[str, list[float]] = field(default_factory=dict)
    talk_from: str = ""
    ended: str = ""
    outcome: str = ""
    why: str = ""


class Replayed(NamedTuple):
    """What came of a trace: the rows expected and found, by engine (none where it is not replayed)."""

    trace: Trace
    found: dict[str, str]

    @property
    def passed(self) -> bool:
        """Whether every engine found what was expected."""
        return all(text == rows(self.trace) for text in self.found.values())


def read_traces() -> tuple[Trace, ...]:
    """All of them, in order."""
    with FILE.open("rb") as opened:
        return tuple(Trace(**one) for one in tomllib.load(opened)["trace"])


def rows(trace: Trace) -> str:
    """What is expected of a trace, a line a call: talk from, end, outcome."""
    columns = (trace.talk_from.split(), trace.ended.split(), trace.outcome.split())
    return "\n".join(" ".join(row) for row in zip(*columns, strict=True))


def replay(trace: Trace) -> Replayed:
    """Runs a trace by both engines."""
    if trace.why:
        return Replayed(trace, {})
    with tempfile.TemporaryDirectory(prefix="vpbx-") as folder:
        compiled = _compiled(trace, Path(folder))
    return Replayed(trace, {engine: "\n".join(_run(compiled, engine)) for engine in ENGINES})


def _compiled(trace: Trace, folder: Path) -> "Compiled":
    """The trace's scenario with its arrivals as recorded, without dither."""
    from vpbx.program.compile import compile_scenario
    from vpbx.scenario.load import load

    for name, seconds in trace.arrivals.items():
        times = [str(START + timedelta(seconds=at)) for at in seconds]
        (folder / f"{name}.csv").write_text("\n".join(["arrived", *times, ""]), "utf-8")
    own = {line.partition(":")[0] for line in trace.scenario.splitlines()}
    usual = [f"{key}: {text}" for key, text in _USUAL.items() if key not in own]
    file = folder / "trace.yaml"
    file.write_text("\n".join([f"name: {trace.name}", *usual, trace.scenario]), "utf-8")
    return compile_scenario(load(file).scenario, folder)


def _run(compiled: "Compiled", engine: str) -> Iterator[str]:
    """A line a call, as `rows` has them."""
    from vpbx.engine.run import run_replication

    records = run_replication(compiled, 1, 0, engine)
    calls, visits = records.calls, records.visits
    talk_from = dict.fromkeys(range(len(calls.outcome)), "-")
    for call, left, agent in zip(visits.call, visits.left_at, visits.agent, strict=True):
        if agent >= 0:
            talk_from[int(call)] = _seconds(int(left))
    for i, (ended, outcome) in enumerate(zip(calls.ended_at, calls.outcome, strict=True)):
        yield f"{talk_from[i]} {_seconds(int(ended))} {Outcome(outcome).name.lower()}"


def _seconds(at_us: int) -> str:
    return f"{at_us / SECOND_US:g}"
