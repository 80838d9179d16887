"""Checks across keys: everything that a scenario names exists, and every part of it is whole.

Belongs here: the list of the checks. Does not belong here: the checks themselves (`check_flow`,
`check_waiting` and so on), values (`rules`, the grammars), ways through the graph
(`flow.lint`).
"""

from vpbx.errors import Problem
from vpbx.scenario.check_callers import check_callers, check_numbers
from vpbx.scenario.check_desks import check_desks
from vpbx.scenario.check_events import check_events
from vpbx.scenario.check_extensions import check_extensions
from vpbx.scenario.check_flow import check_flow
from vpbx.scenario.check_licence import check_licence
from vpbx.scenario.check_platforms import check_platforms
from vpbx.scenario.check_targets import check_targets, resolve_targets
from vpbx.scenario.check_waiting import check_waiting
from vpbx.scenario.findings import Findings
from vpbx.scenario.models import Scenario
from vpbx.scenario.tree import Marks

__all__ = ["check", "resolve_targets"]

CHECKS = (
    check_numbers,
    check_flow,
    check_waiting,
    check_extensions,
    check_desks,
    check_platforms,
    check_callers,
    check_events,
    check_licence,
    check_targets,
)


def check(scenario: Scenario, marks: Marks) -> list[Problem]:
    """All problems between the keys of a scenario, section by section; none if it is sound."""
    found = Findings(scenario, marks)
    for one in CHECKS:
        one(found)
    return found.problems
