"""Which calls are alike: a caller class for each type and priority that is common enough.

Belongs here: classes, queues, and names that the scenario language takes. Does not belong here:
what is fitted to a class.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vpbx.interop.calls import CallLog

Ints = NDArray[np.int64]

LEAST_SHARE = 0.005
"""A rarer type, or a rarer priority of a type, joins the most common one."""
LEAST_TOLD = 50
TOLD_APART = 0.9
_GOLDEN = 0.6180339887498949
_REST = "calls"


@dataclass(frozen=True)
class Classes:
    """Caller classes and the queues they wait in, with the class and the queue of each call.

    `priority[c]` and `queue_of[c]` are a class's; `merged` says in words what was put together.
    """

    names: tuple[str, ...]
    priority: tuple[int, ...]
    queue_of: tuple[int, ...]
    queues: tuple[str, ...]
    of_call: Ints
    queue_of_call: Ints
    merged: tuple[str, ...]


def classes_of(log: CallLog) -> Classes:
    """Classes by type and priority, queues by type (handle times go by queue)."""
    kind, merged = _merged_kinds(log)
    level, spread = _known_levels(log, kind)
    merged += spread
    kinds = np.unique(kind)
    queues = _distinct([identifier(log.kinds[k]) for k in kinds])
    names: list[str] = []
    priorities: list[int] = []
    queue_of: list[int] = []
    of_call = np.zeros(len(kind), np.int64)
    for place, k in enumerate(kinds):
        mine = np.flatnonzero(kind == k)
        levels, told = _merged_levels(level[mine], len(kind), queues[place])
        merged += told
        for one in np.unique(levels):
            of_call[mine[levels == one]] = len(names)
            single = len(np.unique(levels)) == 1
            names.append(queues[place] if single else f"{queues[place]}_{one}".replace("-", "m"))
            priorities.append(log.rank(int(one)))
            queue_of.append(place)
    names = _distinct([f"{name}_callers" if name in queues else name for name in names])
    in_queue = np.searchsorted(kinds, kind)
    return Classes(
        tuple(names), tuple(priorities), tuple(queue_of), tuple(queues), of_call, in_queue,
        tuple(merged),
    )  # fmt: skip


def classify(log: CallLog, known: CallLog, classes: Classes) -> Ints:
    """The class of each call of another period: that of its type and priority in `known`.

    A priority that the type did not have counts as its most common class, a type that was not there
    as the most common class of all.
    """
    before, _ = _known_levels(known, known.calls.kind)
    now, _ = _known_levels(log, log.calls.kind)
    exact = dict(zip(zip(known.calls.kind.tolist(), before.tolist(), strict=True),
                     classes.of_call.tolist(), strict=True))  # fmt: skip
    common = int(np.bincount(classes.of_call).argmax())
    usual = {
        int(k): int(np.bincount(classes.of_call[known.calls.kind == k]).argmax())
        for k in np.unique(known.calls.kind)
    }
    pairs = zip(log.calls.kind.tolist(), now.tolist(), strict=True)
    return np.array([exact.get((k, p), usual.get(k, common)) for k, p in pairs], np.int64)


def _merged_kinds(log: CallLog) -> tuple[Ints, list[str]]:
    """The type of each call, rare types put to the most common one."""
    kind = log.calls.kind.copy()
    counts = np.bincount(kind, minlength=len(log.kinds))
    common, told = int(counts.argmax()), []
    for k in np.flatnonzero((counts > 0) & (counts < LEAST_SHARE * len(kind))):
        kind[kind == k] = common
        told.append(f"type {log.kinds[k]} ({counts[k]} calls) counts as {log.kinds[common]}")
    return kind, told


def _known_levels(log: CallLog, kind: Ints) -> tuple[Ints, list[str]]:
    """The priority of each call, where a priority is known only of calls that waited.

    Some systems look a caller up only when the call has to wait: then one level (the default) is
    that of all calls answered at once and of hardly any other, and says nothing of the caller. Such
    calls are shared out among the other levels in the proportions of those who waited.
    """
    found, told = log.calls.priority.copy(), []
    waited = log.calls.wait_us > 0
    for k in np.unique(kind):
        mine = kind == k
        at_once, later = (found[mine & side] for side in (~waited, waited))
        if len(at_once) < LEAST_TOLD or len(later) < LEAST_TOLD:
            continue
        usual = int(np.bincount(at_once - at_once.min()).argmax() + at_once.min())
        known = later[later != usual]
        if (at_once == usual).mean() > TOLD_APART and len(known) > TOLD_APART * len(later):
            blank = mine & (found == usual)
            found[blank] = _shared_out(known, int(blank.sum()))
            told.append(
                f"{log.kinds[k]}: priority {usual} stands for not looked up (all calls answered at "
                f"once have it, {len(known) / len(later):.0%} of those that waited do not); those "
                f"{int(blank.sum()):,} calls are shared out as the others are"
            )
    return found, told


def _shared_out(known: Ints, n: int) -> Ints:
    """`n` levels in the proportions of `known`, evenly spread along the log (golden section)."""
    levels, counts = np.unique(known, return_counts=True)
    u = (np.arange(n) * _GOLDEN) % 1.0
    return np.asarray(levels[np.searchsorted(np.cumsum(counts) / counts.sum(), u, side="right")])


def _merged_levels(priority: Ints, n_calls: int, queue: str) -> tuple[Ints, list[str]]:
    levels, counts = np.unique(priority, return_counts=True)
    common, told = levels[counts.argmax()], []
    found = priority.copy()
    for level, count in zip(levels, counts, strict=True):
        if count < LEAST_SHARE * n_calls and level != common:
            found[found == level] = common
            told.append(f"{queue} of priority {level} ({count} calls) counts as priority {common}")
    return found, told


def identifier(text: str) -> str:
    """A name of the scenario language for any text."""
    name = re.sub(r"[^\w-]+", "_", text.strip()).strip("_-")
    if not name:
        return _REST
    return name if not name[0].isdigit() else f"{_REST}_{name}"


def _distinct(names: list[str]) -> list[str]:
    """The names, each once: a second one of a kind gets a number."""
    found: list[str] = []
    for name in names:
        other, n = name, 2
        while other in found:
            other, n = f"{name}_{n}", n + 1
        found.append(other)
    return found
