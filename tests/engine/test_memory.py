"""Memory that replications of a program share, also several at once in threads."""

import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from vpbx.engine import kernel_core as core
from vpbx.engine.memory import Spare, with_leaves
from vpbx.program.compile import compile_scenario
from vpbx.program.packed import pack
from vpbx.scenario.load import load

SCENARIO = Path(__file__).parents[2] / "scenarios" / "sber_900.yaml"


@pytest.fixture
def hurried() -> object:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_two_that_need_more_room_at_once() -> None:
    """Each gives back a larger state; whatever comes next has as many free leaves as leaves."""
    program = compile_scenario(load(SCENARIO).scenario, SCENARIO.parent).program
    packed, found = pack(program), list[tuple[int, int]]()
    for _ in range(100):
        spare, together = Spare(program, packed), Barrier(2)

        def work(spare: Spare = spare, together: Barrier = together) -> None:
            kept = spare.take(1)
            grown = with_leaves(kept.state, 512)
            together.wait()
            spare.give_back(kept, grown)
            again = spare.take(2).state
            found.append((int(again.scalars[core.N_FREE]), again.slots.shape[0]))

        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 200
    assert set(found) == {(512, 512)}
