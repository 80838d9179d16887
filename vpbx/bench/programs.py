"""The programs that are measured: by name, whether each is here, checked and run.

Belongs here: the list, and one way to handle an engine, a Python peer and the C loop alike. Does not
belong here: clocks over several rounds (`measure`), processes (`worker`).
"""

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from vpbx.bench.models import FIGURES, MODELS, SMALL, Figure, Model, Outcome, figures_of, shortened
from vpbx.errors import VpbxError

WORKLOADS = ("W1", "W2", "W3")
CHECK_RUNS = 6
"""Runs of a small sibling by which a peer is judged."""


class Absent(VpbxError):
    """A program cannot be measured here; the text says why."""

    exit_code = 2


class Sample(NamedTuple):
    """One timed round."""

    calls: int
    cpu_ns: int


@dataclass(frozen=True)
class Reading:
    """A figure that a program came out at, beside what it must."""

    what: str
    found: float
    expected: float
    agrees: bool


class Runner(Protocol):
    """A program made ready for a workload."""

    note: str
    """How the workload was cut down for it, if it was; "" if not."""

    def check(self) -> list[Reading]:
        """What it comes out at, beside what it must; nothing where nothing is known."""

    def run(self, turn: int) -> Sample:
        """One timed round; `turn` counts them, and takes other draws each time."""

    def peak_rss_mb(self) -> float:
        """Most memory that the program has held so far."""


@dataclass(frozen=True)
class Program:
    """A program that can be measured."""

    name: str
    title: str
    calls: float
    """About how many calls a round takes at most; a slow program gets a part of the workload."""
    quick_calls: float
    module: str = ""
    """Of a peer written in Python."""
    needs: str = ""
    """The library of a peer."""


_WHOLE = 1e9
PROGRAMS = {
    one.name: one
    for one in (
        Program("compiled", "vpbx, compiled engine", _WHOLE, _WHOLE),
        Program("reference", "vpbx, reference engine", 20_000, 5_000),
        Program("simpy_idiomatic", "SimPy, idiomatic", _WHOLE, 20_000, "simpy_idiomatic", "simpy"),
        Program(
            "simpy_callbacks", "SimPy, callbacks only", _WHOLE, 50_000, "simpy_callbacks", "simpy"
        ),
        Program("ciw", "Ciw", 8_000, 3_000, "with_ciw", "ciw"),
        Program("salabim", "salabim", 8_000, 3_000, "with_salabim", "salabim"),
        Program("c_heap", "plain C loop, one heap", _WHOLE, _WHOLE),
    )
}
"""All programs, in the order of the tables; bars and lines follow it."""


def prepare(name: str, workload: str, quick: bool) -> Runner:
    """A program made ready for a workload; raises `Absent` with the reason when it cannot be."""
    program = PROGRAMS[name]
    calls = program.quick_calls if quick else program.calls
    if name in ("compiled", "reference"):
        from vpbx.bench.engines import EngineRunner

        return EngineRunner(name, workload, calls)
    if workload not in MODELS:
        raise Absent("only vpbx reads scenarios: it has no peer on this workload")
    if name == "c_heap":
        from vpbx.bench.c_loop import CRunner

        return CRunner(workload)
    return PeerRunner(program, workload, calls)


def readings(
    found: Sequence[Mapping[str, float]], expected: Sequence[Figure], runs: int = 0
) -> list[Reading]:
    """The means of some runs beside what they must be; `runs`: how many runs each of them stands for."""
    result = []
    for figure in expected:
        mean = sum(one[figure.name] for one in found) / len(found)
        agrees = figure.agrees(mean, len(found) * max(1, runs))
        result.append(Reading(figure.name, mean, figure.expected, agrees))
    return result


class PeerRunner:
    """A peer written in Python."""

    def __init__(self, program: Program, workload: str, calls: float) -> None:
        self._run, refusal = _import(program)
        if refusal and not MODELS[workload].constant:
            raise Absent(refusal)
        self.workload, self.whole = workload, MODELS[workload]
        self.model = shortened(self.whole, calls)
        self.note = "" if self.model is self.whole else _cut(self.model)

    def check(self) -> list[Reading]:
        """By a small sibling of the workload; by a whole run, too, if that is what is timed."""
        small = [self._run(SMALL[self.workload], seed) for seed in range(1, CHECK_RUNS + 1)]
        result = readings(list(map(figures_of, small)), FIGURES[f"{self.workload} small"])
        if self.model is self.whole:
            result += readings([figures_of(self._run(self.whole, 1))], FIGURES[self.workload])
        return result

    def run(self, turn: int) -> Sample:
        """One run of the workload, or of its part."""
        start = time.process_time_ns()
        outcome = self._run(self.model, 100 + turn)
        return Sample(outcome.calls, time.process_time_ns() - start)

    def peak_rss_mb(self) -> float:
        """Of this process."""
        return peak_rss_mb()


def _import(program: Program) -> tuple[Callable[[Model, int], Outcome], str]:
    """A peer's function, and why it takes no shifts ("" if it does)."""
    try:
        module = importlib.import_module(f"vpbx.bench.peers.{program.module}")
    except ImportError as error:
        raise Absent(f"{program.needs} is not installed: pip install 'vpbx[bench]'") from error
    return module.run, getattr(module, "REFUSES_SHIFTS", "")


def _cut(model: Model) -> str:
    return f"{model.first_calls:,.0f} first calls from the busiest hour on, a round"


def peak_rss_mb() -> float:
    """Most memory that this process has held, in MB (of 10^6 bytes).

    Linux counts it from the start of this program in /proc; `getrusage` would begin with the size of
    the process that started this one.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return _peak_by_rusage_mb()


def _peak_by_rusage_mb() -> float:
    import sys

    if sys.platform == "win32":
        return float("nan")
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
