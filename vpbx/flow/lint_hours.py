"""What is doubtful about opening hours: calls after closing, calls kept with nobody there.

Belongs here: rules that compare the hours of a queue's `closes` with calls and staff, quarter by quarter
of the run's first week. Does not belong here: load against staff (`lint_load`).
"""

from collections.abc import Callable, Iterator

from vpbx.errors import Problem
from vpbx.flow.offered import Offered
from vpbx.flow.slots import SLOT_MIN, Slot, times_text
from vpbx.scenario.models import Scenario

Warn = Callable[[tuple[str | int, ...], str, str], Problem]


def hours_problems(scenario: Scenario, offered: Offered, warn: Warn) -> Iterator[Problem]:
    """Warnings on queues that close."""
    for name, queue in scenario.queues.items():
        if queue.closes is None:
            continue
        opened = [scenario.hours[queue.closes].open.at(s.weekday, s.minute) for s in offered.slots]
        late = [
            slot
            for slot, is_open, load in zip(offered.slots, opened, offered.loads, strict=True)
            if not is_open and load.calls(name) > 0
        ]
        if late:
            message = (
                f"callers come though {queue.closes} is closed: {times_text(late)}; lead them "
                f"elsewhere by a branch on closed: {queue.closes}"
            )
            yield warn(("queues", name, "closes"), "calls-after-closing", message)
        if queue.at_closing == "keep":
            yield from _kept(offered, name, opened, warn)


def _kept(offered: Offered, name: str, opened: list[int], warn: Warn) -> Iterator[Problem]:
    """Closings at which callers may still wait while everybody has gone home."""
    alone: list[Slot] = []
    for place in range(1, len(offered.slots)):
        slot, before = offered.slots[place], offered.slots[place - 1]
        closing = opened[place - 1] and not opened[place] and _follows(before, slot)
        came = offered.loads[place - 1].calls(name) > 0
        if closing and came and not offered.staff(name, slot):
            alone.append(slot)
    if alone:
        message = (
            f"callers who wait at closing are kept, but nobody is on the phone then: "
            f"{times_text(alone)}; keep people longer, or say at_closing: clear"
        )
        yield warn(("queues", name, "closes"), "kept-alone", message)


def _follows(before: Slot, slot: Slot) -> bool:
    """Whether a slot comes straight after another one."""
    return (slot.day - before.day) * 1440 + slot.minute - before.minute == SLOT_MIN
