"""The kernel as plain Python, without its compiler: still the same answer."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from comparing import by_reference
from tie_scenarios import rich

_SCRIPT = """
import sys
import warnings
from pathlib import Path

warnings.simplefilter("error", RuntimeWarning)
import numba
import numpy as np
from comparing import agree, tell_the_same
from rare_scenario import rare
from tie_scenarios import PHASES, rich, tied
from vpbx.engine import kernel

assert numba.config.DISABLE_JIT and not hasattr(kernel.advance, "signatures")
folder = Path(sys.argv[1])
of = agree(rich(folder, "patience"), 1)
agree(rare(folder, 25, licensed=True), 1)
tell_the_same(rare(folder, 25, licensed=False), 1, most=15)
for number, phase in enumerate(PHASES):
    agree(tied(folder, phase, PHASES[number - 1], number), number)
visits = {f"visit_{name}": column for name, column in of.visits._asdict().items()}
np.savez(folder / "plain.npz", **of.calls._asdict(), **visits)
"""

_FAULTY = """
import sys
from pathlib import Path

from comparing import written
from test_diff_command import _TREE
from vpbx.cli.main import code_of
from vpbx.engine import kernel

written(Path(sys.argv[1]), _TREE, {"c": [0, 1, 2]})
kernel.pick = lambda program, state, agent: int(state.lines[0, 0].last)
assert code_of(["diff", sys.argv[1] + "/scenario.yaml"]) == 4
"""


def _without_jit(script: str, folder: Path) -> str:
    """What a script says that runs in a process of its own."""
    here = str(Path(__file__).parent)
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": here}
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_kernel_agrees_without_its_compiler(tmp_path: Path) -> None:
    """Agrees with the reference there, and with the compiled draws here."""
    _without_jit(_SCRIPT, tmp_path)
    plain = np.load(tmp_path / "plain.npz")
    compiled = by_reference(rich(tmp_path, "patience"), 1)
    for name, column in compiled.calls._asdict().items():
        assert np.array_equal(plain[name], column), name
    for name, column in compiled.visits._asdict().items():
        assert np.array_equal(plain[f"visit_{name}"], column), name


def test_a_fault_of_the_kernel_is_told(tmp_path: Path) -> None:
    """It serves the last first, so that the caller of second 1 loses patience at 16 s; rightly, the agent
    answers at 10 s: the compiled engine's trace says what it did."""
    said = _without_jit(_FAULTY, tmp_path).splitlines()
    (marked,) = (line for line in said if line.startswith(">"))
    rightly, wrongly = marked[1:].strip().split("   ", 1)
    assert rightly.endswith("00:00:10.000  answered by agent 1 of g, idle since 0 s")
    assert wrongly.strip().endswith("00:00:16.000  loses patience after 15 s")
