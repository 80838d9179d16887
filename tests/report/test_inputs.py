"""What the report says was assumed of queues that follow a platform."""

import pytest

from vpbx.report.inputs import queue_rules
from vpbx.scenario.desks import Queue


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"platform": "asterisk", "penalty_members_limit": 2},
            "as asterisk does, one caller at a time, looks again after 5 s, penalties count above 2 agents",
        ),
        (
            {
                "platform": "asterisk",
                "autofill": True,
                "retry": "2 s",
                "weight": 1,
                "penalty_rules": [{"most": 0, "least": 0}, {"after": "45 s", "most": 1}],
            },
            "as asterisk does, weight 1, several callers at once, looks again after 2 s, "
            "penalties from 0 to 0, penalties to 1 after 45 s",
        ),
        (
            {
                "platform": "freeswitch",
                "time_base_score": "system",
                "tier_rules": {"wait": "30 s", "no_agent_no_wait": True},
            },
            "as freeswitch does, each level after 30 s, levels without agents at once, "
            "scored from the answer by the system",
        ),
    ],
)
def test_rules_of_platforms_in_words(keys: dict[str, object], words: str) -> None:
    """Every key that changes the order of service."""
    assert queue_rules(Queue.model_validate(keys)) == words
