"""Measures programs against each other: a process each, rounds taken in turn.

Belongs here: starting and asking the processes, interleaving, what becomes of those that are absent
or wrong. Does not belong here: what a round is (`programs`), what is made of the figures (`results`).

Why in turn (A B C A B C …): a machine's speed drifts with heat and neighbours; what is compared must
have run at the same time.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from vpbx.bench.programs import PROGRAMS, WORKLOADS, Reading
from vpbx.bench.results import Benchmark, Left, Measured
from vpbx.errors import UsageError

Tell = Callable[[str], None]
"""Called with a line whenever there is something to tell."""


_PATIENCE_S = 5.0


class Asked:
    """A worker process that holds one program on one workload."""

    def __init__(self, name: str, workload: str, quick: bool) -> None:
        self.name, self.workload = name, workload
        command = [sys.executable, "-m", "vpbx.bench.worker", name, workload]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [*command, *(["quick"] if quick else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )
        self.first = self._answer()
        self.samples: list[dict[str, float]] = []

    def round(self, turn: int) -> None:
        """Have it run a round; keep what it says."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{turn}\n")
            self._process.stdin.flush()
            answer = self._answer()
        except BrokenPipeError:
            answer = self._died()
        if "failed" in answer:
            self.first = answer
        else:
            self.samples.append(answer)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            return self._died()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _died(self) -> dict[str, Any]:
        """What is left of it: the last line that it wrote to stderr."""
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return {"failed": lines[-1] if lines else "it ended without a word"}

    @property
    def left(self) -> Left | None:
        """Why it is not timed, or None when it is."""
        if "absent" in self.first:
            return Left(self.name, self.workload, self.first["absent"])
        if "failed" in self.first:
            return Left(self.name, self.workload, f"failed: {self.first['failed']}", wrong=True)
        wrong = [reading for reading in self._readings() if not reading.agrees]
        if wrong:
            texts = (f"{one.what} {one.found:.4g}, not {one.expected:.4g}" for one in wrong)
            return Left(self.name, self.workload, "wrong: " + "; ".join(texts), wrong=True)
        return None

    def _readings(self) -> tuple[Reading, ...]:
        return tuple(Reading(**reading) for reading in self.first.get("readings", ()))

    def measured(self) -> Measured:
        """All rounds together."""
        return Measured(
            name=self.name,
            workload=self.workload,
            calls=int(sum(sample["calls"] for sample in self.samples)),
            cpu_ns=tuple(sample["cpu_ns"] / sample["calls"] for sample in self.samples),
            peak_rss_mb=max(sample["peak_rss_mb"] for sample in self.samples),
            note=self.first["note"],
            readings=self._readings(),
        )

    def close(self) -> None:
        """End the process: it stops when nothing more is asked."""
        try:
            self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        finally:
            self._errors.close()


def measure(
    workloads: Sequence[str], names: Sequence[str], rounds: int, quick: bool, tell: Tell
) -> Benchmark:
    """Each program on each workload, `rounds` times in turn; raises `UsageError` for unknown names."""
    _known(workloads, WORKLOADS, "workload")
    _known(names, tuple(PROGRAMS), "program")
    measured: list[Measured] = []
    left: list[Left] = []
    for workload in workloads:
        found, others = _measure_one(workload, names, rounds, quick, tell)
        measured += found
        left += others
    return Benchmark(rounds, machine(), tuple(measured), tuple(left))


def _known(wanted: Sequence[str], known: Sequence[str], what: str) -> None:
    for one in wanted:
        if one not in known:
            raise UsageError(f'there is no {what} "{one}"; choose from {", ".join(known)}')


def _measure_one(
    workload: str, names: Sequence[str], rounds: int, quick: bool, tell: Tell
) -> tuple[list[Measured], list[Left]]:
    asked: list[Asked] = []
    try:
        for name in names:
            tell(f"{workload}: {name} is made ready and checked")
            asked.append(Asked(name, workload, quick))
            left = asked[-1].left
            if left is not None:
                tell(f"{workload}: {name} is left out: {left.reason}")
        for turn in range(rounds):
            tell(f"{workload}: round {turn + 1} of {rounds}")
            for one in asked:
                if one.left is None:
                    one.round(turn)
        timed = [one.measured() for one in asked if one.left is None]
        return timed, [one.left for one in asked if one.left is not None]
    finally:
        for one in asked:
            one.close()


def machine() -> dict[str, str]:
    """What it ran on: processor, cores, system, versions."""
    from importlib.metadata import version

    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "vpbx": version("vpbx"),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
