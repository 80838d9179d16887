"""Staff cost by hand."""

import numpy as np
import pytest

from vpbx.measures.scenario_frame import staff_cost
from vpbx.scenario.desks import AgentGroup

MINUTES = np.array([535, 540, 545])  # Monday 08:55, 09:00, 09:05
WIDTH = np.array([300, 300, 150]) * 1_000_000


def group(wage: str | None) -> AgentGroup:
    return AgentGroup.model_validate(
        {
            "serves": {"support": {"handle_time": "4 min"}},
            "heads": {"00:00-09:00": 3, "09:00-24:00": 6},
            "shrinkage": "30%",
            "wage": wage,
        }
    )


def test_paid_heads_times_wage() -> None:
    """3 then 6 heads at 480 an hour, whatever the shrinkage: 120, 240, 120 in 5, 5 and 2.5 min."""
    found = staff_cost([group("480 RUB/h"), group(None)], MINUTES, WIDTH)
    assert found is not None
    assert found[:, 0] == pytest.approx([120.0, 240.0, 120.0])
    assert found[:, 1].tolist() == [0.0, 0.0, 0.0]


def test_no_wages_no_cost() -> None:
    """Without any wage there is no cost to report."""
    assert staff_cost([group(None)], MINUTES, WIDTH) is None
