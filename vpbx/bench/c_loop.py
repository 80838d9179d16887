"""The plain C loop: built by gcc where there is one, run as a program of its own.

Belongs here: building, passing numbers, reading what it prints. Does not belong here: the model
(`peers/heap.c`).
"""

import atexit
import shutil
import subprocess
import tempfile
from math import log, sqrt
from pathlib import Path
from typing import NamedTuple

from vpbx.bench.models import FIGURES, MODELS, SMALL, ClassSums, Model, Outcome, figures_of
from vpbx.bench.programs import Absent, Reading, Sample, readings

SOURCE = Path(__file__).parent / "peers" / "heap.c"
FLAGS = ("-O3", "-march=native", "-std=c11", "-D_POSIX_C_SOURCE=200809L")
ROUND_CALLS = 1_500_000
"""A round takes about half a second: it runs as many days as that needs."""
CHECK_DAYS = 40
CHECK_SMALL_DAYS = 400


def build(folder: Path, *defines: str) -> Path:
    """The program, built in a folder; raises `Absent` without gcc or when gcc refuses."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise Absent("there is no gcc here")
    program = folder / "heap"
    command = [gcc, *FLAGS, *(f"-D{name}" for name in defines), "-o", str(program), str(SOURCE)]
    done = subprocess.run([*command, "-lm"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Absent(f"gcc cannot build it: {last}")
    return program


class Ran(NamedTuple):
    """What the program says of its runs."""

    outcome: Outcome
    """Sums of all of them."""
    cpu_ns: int
    peak_rss_mb: float


def run(program: Path, model: Model, seed: int, runs: int) -> Ran:
    """Some runs of a model in one process; their sums together."""
    command = [str(program), str(seed), str(runs), *map(str, arguments(model))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    head, *rows = (line.split() for line in done.stdout.splitlines())
    by_class = [ClassSums(int(n), int(gone), int(late), float(s)) for n, gone, late, s in rows]
    return Ran(Outcome(int(head[0]), *by_class), int(head[1]), int(head[2]) * 1024 / 1e6)


def arguments(model: Model) -> tuple[float, ...]:
    """A model as the numbers that the program takes, in its order."""
    log_sd = sqrt(log(1.0 + model.handle_cv**2)) if model.handle_cv is not None else 0.0
    log_mean = log(model.handle_mean_s) - log_sd**2 / 2.0
    return (
        model.duration_s, model.warm_up_s, model.p_priority,
        model.handle_mean_s, int(model.handle_cv is not None), log_mean, log_sd,
        model.patience_mean_s, model.p_redial, model.redial_after_s,
        len(model.prompts_s), *model.prompts_s, *model.rates, *model.heads,
    )  # fmt: skip


class CRunner:
    """The C loop on a workload; it always runs whole days."""

    note = ""

    def __init__(self, workload: str) -> None:
        self.workload, self.model = workload, MODELS[workload]
        folder = Path(tempfile.mkdtemp(prefix="vpbx-bench-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self.program = build(folder)
        self.days = round(ROUND_CALLS / self.model.first_calls)
        self._peak_mb = 0.0

    def check(self) -> list[Reading]:
        """By whole days, and by many days of the small sibling."""
        found = []
        for model, name, days in (
            (SMALL[self.workload], f"{self.workload} small", CHECK_SMALL_DAYS),
            (self.model, self.workload, CHECK_DAYS),
        ):
            pooled = figures_of(run(self.program, model, 1, days)[0])
            found += readings([pooled], FIGURES[name], runs=days)
        return found

    def run(self, turn: int) -> Sample:
        """Some days in a process of their own, timed inside it."""
        outcome, cpu_ns, peak_mb = run(self.program, self.model, 100 + turn, self.days)
        self._peak_mb = max(self._peak_mb, peak_mb)
        return Sample(outcome.calls, cpu_ns)

    def peak_rss_mb(self) -> float:
        """Of the program, not of this process."""
        return self._peak_mb
