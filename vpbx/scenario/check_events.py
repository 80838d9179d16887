"""Checks of events: when they are, what they do, and to whom.

Belongs here: the section `events`. Does not belong here: whether the run reaches them (`flow.lint`).
"""

from vpbx.scenario.findings import Findings, listed
from vpbx.scenario.models import Event, Scenario
from vpbx.scenario.tree import Location

EFFECTS = ("volume", "outage", "slow", "holiday")


def check_events(found: Findings) -> None:
    """Notes every problem of the section `events`."""
    for place, event in enumerate(found.scenario.events):
        path = ("events", place)
        problem = _when(event) or _what(event)
        if problem:
            found.add(path, problem, "event")
        _outage(found, path, event)
        _classes(found, path, event)


def _when(event: Event) -> str:
    """What is wrong with an event's time, or ""."""
    if event.on is not None and (event.at is not None or event.lasts is not None):
        return "an event is either on a day, or at a moment and lasts for some time; not both"
    if event.on is None and event.at is None:
        return "when? Give on (a day), or at and lasts (a moment and how long)"
    if event.on is None and not event.lasts:
        return "how long? An event at a moment needs lasts, such as lasts: 2 h"
    return ""


def _what(event: Event) -> str:
    """What is wrong with an event's effect, or ""."""
    if event.holiday and event.on is None:
        return "a holiday is a whole day: give on in place of at and lasts"
    if not any(getattr(event, effect) not in (None, False) for effect in EFFECTS):
        return f"what happens? Give at least one of {listed(EFFECTS)}"
    return ""


def _outage(found: Findings, path: Location, event: Event) -> None:
    if event.outage is None:
        if "calls" in event.model_fields_set:
            message = '"calls" says what an outage does to calls in progress; there is no outage'
            found.add((*path, "calls"), message, "idle-key", at_key=True)
        return
    kind, _, name = event.outage.partition(".")
    if kind != "all":
        what = "agent group" if kind == "agents" else kind
        found.refers((*path, "outage"), name, _known(found.scenario)[kind], what)
    if kind == "number" and event.calls == "cut":
        message = "calls in progress go on when a number fails; a trunk or agents can cut them"
        found.add((*path, "calls"), message, "idle-key")


def _known(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """What can fail, by kind."""
    return {
        "trunk": tuple(scenario.trunks),
        "agents": tuple(scenario.agents),
        "number": tuple(scenario.numbers),
    }


def _classes(found: Findings, path: Location, event: Event) -> None:
    for index, name in enumerate(event.classes):
        known = found.scenario.callers
        found.refers((*path, "classes", index), name, known, "caller class")
    if event.classes and event.volume is None:
        message = '"classes" says whose volume changes; there is no volume'
        found.add((*path, "classes"), message, "idle-key", at_key=True)
