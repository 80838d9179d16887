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
from comparing import agree
from rare_scenario import rare
from tie_scenarios import PHASES, rich, tied
from vpbx.engine import kernel

assert numba.config.DISABLE_JIT and not hasattr(kernel.advance, "signatures")
folder = Path(sys.argv[1])
of = agree(rich(folder, "patience"), 1)
agree(rare(folder, 25, licensed=True), 1)
for number, phase in enumerate(PHASES):
    agree(tied(folder, phase, PHASES[number - 1], number), number)
visits = {f"visit_{name}": column for name, column in of.visits._asdict().items()}
np.savez(folder / "plain.npz", **of.calls._asdict(), **visits)
"""


def test_the_kernel_agrees_without_its_compiler(tmp_path: Path) -> None:
    """In a process of its own: agrees with the reference there, and with the compiled draws here."""
    here = str(Path(__file__).parent)
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": here}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path)],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    plain = np.load(tmp_path / "plain.npz")
    compiled = by_reference(rich(tmp_path, "patience"), 1)
    for name, column in compiled.calls._asdict().items():
        assert np.array_equal(plain[name], column), name
    for name, column in compiled.visits._asdict().items():
        assert np.array_equal(plain[f"visit_{name}"], column), name
