"""The text on top of a report: what callers went through, when it was worst, why, and the targets.

Belongs here: a Result in a few English sentences for a manager. Does not belong here: tables,
pictures, HTML. Each sentence is left out when its figures are not there.
"""

from math import isfinite
from typing import NamedTuple

import numpy as np

from vpbx.measures.result import Estimate, Floats, Result, TargetResult
from vpbx.measures.wait_bins import N_BINS
from vpbx.report import keys, words
from vpbx.report.prose_pbx import callbacks_text, licence_text, messages_text

_HOURS_BACK = 4
"""How far back a queue's cause is looked for."""
_DAY_S = 86_400.0


class Worst(NamedTuple):
    """The interval with the longest mean wait."""

    row: int
    label: str
    wait_s: float


def manager_text(result: Result) -> list[str]:
    """Paragraphs of plain text: one a queue (one in all where there is none), then the targets."""
    queues = keys.scopes(result, "queue")
    paragraphs = [_queue_text(result, scope) for scope in queues]
    licence = [text] if (text := licence_text(result)) else []
    return [*(paragraphs or [_calls_text(result)]), *licence, targets_text(result)]


def per_run(result: Result) -> str:
    """`a day` for runs of a day, `in 7 days` for others: what counts refer to."""
    seconds = result.meta.duration_s
    return "a day" if seconds == _DAY_S else f"in {words.span(seconds)}"


def _queue_text(result: Result, scope: str) -> str:
    name = words.scope_name(scope)
    offered, answered, wait = (
        keys.total(result, scope, key) for key in (keys.OFFERED, keys.ANSWERED, keys.MEAN_WAIT)
    )
    if offered is None or not offered.mean > 0:
        return messages_text(result, scope) or f"No call came to the queue {name}."
    came = f"{words.count(offered.mean)} calls {per_run(result)}"
    if answered is not None and answered.mean == 0:
        return _joined(f"Queue {name}: none of the {came} was answered.", _gave_up(result, scope))
    if wait is None or not isfinite(wait.mean):
        return f"Queue {name}: {came}."
    answers = _answered_share(offered, answered, came)
    return _joined(
        f"Queue {name}: {answers} on average after {_wait(wait)}.",
        _tail(result, scope),
        _gave_up(result, scope),
        _length(result, scope),
        why(result, scope),
        callbacks_text(result, scope),
        messages_text(result, scope),
    )


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _answered_share(offered: Estimate, answered: Estimate | None, came: str) -> str:
    if answered is None:
        return f"{came}, answered"
    return f"{words.count(answered.mean)} of {came} are answered,"


def _wait(wait: Estimate) -> str:
    """`20 min 12 s (± 48 s)`."""
    text = words.duration(wait.mean)
    has_band = isfinite(wait.half_width) and wait.half_width > 0
    return f"{text} (± {words.half_width(wait.half_width, 's')})" if has_band else text


def _tail(result: Result, scope: str) -> str:
    """One in ten waits longer than …; the longest wait."""
    waits = keys.waits(result, scope)
    percentiles = waits.percentiles if waits else {}
    p90, longest = percentiles.get("p90"), percentiles.get("longest")
    if p90 is None or not isfinite(p90.mean):
        return ""
    few = "One in ten waits" if p90.mean < N_BINS - 1 else "More than one in ten wait"
    text = f"{few} longer than {words.duration(p90.mean)}"
    if longest is not None and isfinite(longest.mean):
        text += f", and the longest wait is {words.duration(longest.mean)} on average"
    return f"{text}."


def _gave_up(result: Result, scope: str) -> str:
    share = keys.total(result, scope, keys.ABANDONED_SHARE)
    if share is None or not isfinite(share.mean):
        return ""
    if share.mean == 0:
        return "Nobody gives up waiting."
    return f"{words.share(share.mean)} of those who wait give up before an agent answers."


def _length(result: Result, scope: str) -> str:
    longest = keys.total(result, scope, keys.QUEUE_MAX)
    if longest is None or not longest.mean >= 0.5:
        return ""
    callers = f"{longest.mean:,.0f} caller{'' if round(longest.mean) == 1 else 's'}"
    return f"At its longest the queue holds {callers} on average."


def worst_interval(result: Result, scope: str) -> Worst | None:
    """Interval with the longest mean wait; those with hardly a call count only if all are so."""
    series = keys.series(result, scope, keys.MEAN_WAIT)
    if series is None:
        return None
    waits = np.asarray(series.mean, dtype=np.float64)[: len(result.interval_labels)]
    answered = keys.series(result, scope, keys.ANSWERED)
    if answered is not None:
        busy = np.asarray(answered.mean, dtype=np.float64)[: len(waits)] >= 0.5
        waits = np.where(busy, waits, np.nan) if np.isfinite(waits[busy]).any() else waits
    if not np.isfinite(waits).any():
        return None
    index = int(np.nanargmax(waits))
    return Worst(index, result.interval_labels[index], float(waits[index]))


def interval_words(result: Result) -> str:
    """`hour`, `half-hour`, or the interval's length."""
    seconds = result.meta.interval_s
    return {3600.0: "hour", 1800.0: "half-hour"}.get(seconds, f"{words.duration(seconds)} interval")


def why(result: Result, scope: str) -> str:
    """When the wait is worst, and the load against the staff at that time."""
    worst = worst_interval(result, scope)
    if worst is None or worst.wait_s <= 0:
        return ""
    when = (
        f"It is worst in the {interval_words(result)} from {worst.label}: "
        f"{words.duration(worst.wait_s)} on average"
    )
    load, staff = (keys.series(result, scope, n) for n in (keys.OFFERED_LOAD, keys.AGENTS))
    if load is None or staff is None or worst.row >= min(len(load.mean), len(staff.mean)):
        return f"{when}."
    room = keys.series(result, scope, keys.ROOM)
    able = staff if room is None or worst.row >= len(room.mean) else room
    cause = _cause(result, load.mean, staff.mean, able.mean, worst.row)
    return f"{when}{cause}."


def _cause(result: Result, load: Floats, staff: Floats, able: Floats, index: int) -> str:
    """The load against the staff in that interval, and what it means.

    `able`: the conversations that the staff can hold; one each, unless several at once.
    """
    if not (isfinite(load[index]) and isfinite(staff[index])):
        return ""
    facing = (
        f"; calls then bring work for {words.count(load[index])} agents (offered load in erlang) "
        f"and {words.count(staff[index])} {'is' if staff[index] == 1 else 'are'} on the phone"
    )
    if able[index] != staff[index]:
        facing += f", who can hold {words.count(able[index])} conversations at once"
    back = max(0, index - round(_HOURS_BACK * 3600 / result.meta.interval_s))
    if load[index] > able[index]:
        return f"{facing}, so the queue grows until callers give up or the load falls"
    if np.any(load[back:index] > able[back:index]):
        return f"{facing}: enough by then, but the queue of earlier hours is not yet worked off"
    return f"{facing}: enough on average, so waits come from the ups and downs of arrivals"


def _calls_text(result: Result) -> str:
    """For systems without a queue."""
    offered, served, blocked = (
        keys.total(result, "all", name)
        for name in (keys.OFFERED, keys.CONTAINED, keys.BLOCKED_SHARE)
    )
    if offered is None or not offered.mean > 0:
        return "No call came in."
    text = f"{words.count(offered.mean)} calls {per_run(result)}; nobody waits in a queue here."
    if served is not None and isfinite(served.mean) and served.mean > 0:
        text += f" The robot settles {words.share(served.mean)} of them."
    if blocked is not None and isfinite(blocked.mean) and blocked.mean > 0:
        text += f" {words.share(blocked.mean)} find all lines busy."
    return text


def targets_text(result: Result) -> str:
    """How many targets are met, and which are not."""
    if not result.targets:
        return "The scenario sets no targets."
    by = {
        verdict: [target for target in result.targets if target.verdict == verdict]
        for verdict in ("met", "missed", "undecided")
    }
    n, met = len(result.targets), len(by["met"])
    if met == n:
        return "The target is met." if n == 1 else f"All {n} targets are met."
    sentences = [f"{met} of {n} target{'s are' if n > 1 else ' is'} met."]
    sentences += [f"Missed: {_target_words(target)}." for target in by["missed"]]
    sentences += [f"Undecided: {_target_words(t)}{_needed(t)}." for t in by["undecided"]]
    return " ".join(sentences)


def _target_words(target: TargetResult) -> str:
    came = words.estimate(Estimate(target.value, target.half_width), target.unit)
    at = f" at {target.at}" if target.at and target.unit != "clock time" else ""
    return f"{target.text} (came out at {came}{at})"


def _needed(target: TargetResult) -> str:
    if target.replications_needed <= 0:
        return ""
    return f"; about {target.replications_needed:,} replications would decide"
