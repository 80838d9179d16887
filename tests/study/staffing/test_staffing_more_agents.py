"""More agents never lengthen the wait in a single queue served in order, caller by caller."""

import numpy as np
import pytest
from staffing_models import one_queue

from vpbx.engine.run import run_replication
from vpbx.study.variant import with_agents
from vpbx.units import HOUR_US


@pytest.mark.parametrize("replication", range(6))
def test_nobody_waits_longer_with_an_agent_more(replication: int) -> None:
    """Of the same patient callers with talks of their own, each begins no later (Kiefer and Wolfowitz
    1955: the workloads seen are ordered); so no mean is longer, at a load of 4 for 4 to 8 agents."""
    base = one_queue(volume="60/h", heads="8", patience="null")
    hours = -(-base.frame.duration_us // HOUR_US)
    before = None
    for agents in range(4, 9):
        ready = with_agents(base, {base.groups[0]: [agents] * hours}, HOUR_US)
        visits = run_replication(ready.compiled, 3, replication, "compiled").visits
        order = np.argsort(visits.joined_at, kind="stable")
        waits = (visits.left_at - visits.joined_at)[order]
        if before is not None:
            n = min(len(before), len(waits))
            assert (waits[:n] <= before[:n]).all()
            assert waits[:n].sum() < before[:n].sum()
        before = waits
    assert before is not None
