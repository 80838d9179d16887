"""Scenario → the tables of Asterisk's and FreeSWITCH's orders of service.

Belongs here: names → codes, rules that build on each other → what holds from when on. Does not belong
here: what a platform sets by default (`scenario.platforms`), who takes which call (`engine`).
"""

import numpy as np

from vpbx.codes import Platform
from vpbx.program.rare import Platforms, Windows
from vpbx.scenario.desks import Queue
from vpbx.scenario.models import Scenario

NO_LIMIT = 1 << 30
"""More than any penalty."""


def platform_tables(scenario: Scenario) -> tuple[Platforms, Windows]:
    """A row for each queue, and the windows of their penalties."""
    rows: list[dict[str, int]] = []
    windows: list[tuple[int, int, int, int]] = []
    for queue in scenario.queues.values():
        own = _windows(queue)
        rows.append(_row(queue) | {"first_window": len(windows), "n_windows": len(own)})
        windows += own
    columns = (np.array([row[name] for row in rows], np.int64) for name in Platforms._fields)
    table = np.array(windows, np.int64).reshape(-1, len(Windows._fields))
    return Platforms(*columns), Windows(*(np.ascontiguousarray(column) for column in table.T))


def _row(queue: Queue) -> dict[str, int]:
    rules = queue.tier_rules
    return {
        "platform": Platform[queue.platform.upper()] if queue.platform else Platform.OWN,
        "autofill": int(queue.autofill),
        "retry_us": queue.retry,
        "members_limit": queue.penalty_members_limit,
        "level_wait_us": -1 if rules is None else rules.wait,
        "multiplies": int(rules is not None and rules.multiply_by_level),
        "no_agent_no_wait": int(rules is not None and rules.no_agent_no_wait),
        "since_answer": int(queue.time_base_score == "system"),
    }


def _windows(queue: Queue) -> list[tuple[int, int, int, int]]:
    """The penalties in reach from each rule on; what a rule does not give stays as it was."""
    least, most, lifts_to = 0, NO_LIMIT, 0
    found = []
    for rule in queue.penalty_rules:
        least = least if rule.least is None else rule.least
        most = most if rule.most is None else rule.most
        lifts_to = lifts_to if rule.lifts_to is None else rule.lifts_to
        found.append((rule.after, least, most, lifts_to))
    return found
