"""A call log → all that a scenario needs to know: the fit as a whole.

Belongs here: which calls go into which part of the fit, and pooling where a class is too small.
Does not belong here: any one estimate (the modules beside), the scenario's text (`text`).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from vpbx.codes import Outcome
from vpbx.errors import UsageError
from vpbx.fit import arrivals, crowd, duty
from vpbx.fit.classes import Classes, classes_of
from vpbx.fit.law import LawFit, fit_law
from vpbx.fit.opening import Opening, fit_opening
from vpbx.fit.parts import DayParts, day_parts
from vpbx.fit.patience import PatienceFit, fit_patience
from vpbx.fit.redials import RedialFit, redials
from vpbx.interop.calls import CallLog
from vpbx.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_ABANDONED = 50
"""A class of which fewer callers gave up has the patience of all classes together."""
LEAST_OWN_HANDLED = 200
LEAST_HANDLED = 30
"""A queue with fewer measured handle times has those of all queues together."""


@dataclass(frozen=True)
class Options:
    """What the user may set: widths in minutes."""

    interval_min: int = 30
    longest_wrap_up_s: float = 120.0
    longest_idle_min: float = 30.0


DEFAULTS = Options()


@dataclass(frozen=True)
class Band:
    """The patience of callers who find at least so many waiting: a fit, pooled over all classes?"""

    waiting: int
    fit: PatienceFit
    pooled: bool


@dataclass(frozen=True)
class Patience:
    """The patience of one class: the fit, and whether it is that of all classes together.

    `crowded` are the bands beyond the first where callers who find many waiting differ; `fit` is
    then that of the first.
    """

    fit: PatienceFit | None
    pooled: bool
    crowded: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """All that was inferred from the calls of a period (`log`; `set_aside` calls were not fitted).

    `handle[queue]` of all agents, `handle_of[group, queue]` where groups differ in speed;
    `patience[class]`; `ivr` is None where the log does not know menus.
    """

    log: CallLog
    set_aside: int
    days: tuple[date, ...]
    options: Options
    classes: Classes
    arrivals: arrivals.ArrivalFit
    opening: Opening | None
    closed: LawFit | None
    ivr: LawFit | None
    ivr_patience: PatienceFit | None
    handle: tuple[LawFit, ...]
    handle_of: dict[tuple[int, int], LawFit]
    parts: DayParts
    patience: tuple[Patience, ...]
    wrap_up: LawFit | None
    duty: duty.Duty
    redial: RedialFit | None

    @property
    def first(self) -> date:
        """First day of the period."""
        return self.days[0]

    @property
    def last(self) -> date:
        """Last day of the period."""
        return self.days[-1]


def days_between(first: date, last: date) -> tuple[date, ...]:
    """All days from one to another, both included."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def fitted_part(log: CallLog) -> CallLog:
    """The log without calls that are no callers' (outcome FAILED)."""
    return log.where(log.calls.outcome != Outcome.FAILED)


def fit_log(
    log: CallLog, options: Options = DEFAULTS, days: tuple[date, ...] | None = None
) -> Fitted:
    """Everything inferred from a log; `days` is the period (from its first call to the last).

    Raises `UsageError` where there is nothing to fit.
    """
    part = fitted_part(log)
    answered = (part.calls.outcome == Outcome.ANSWERED) & (part.calls.ended_at >= 0)
    if not answered.any():
        raise UsageError(
            f"{log.file}: no call of the period was answered by an agent with a known handle time; "
            "there is nothing to fit"
        )
    seen = part.days()
    period = days or days_between(seen[0], seen[-1])
    classes = classes_of(part)
    attempt, again = redials(part)
    fresh = attempt == 0
    opening = fit_opening(part.calls, period)
    served = part if opening is None else part.where(opening.holds(part.calls.arrived_at))
    agents = _agents(part, classes, options)
    return Fitted(
        log=part,
        set_aside=len(log.calls.line) - len(part.calls.line),
        days=period,
        options=options,
        classes=classes,
        arrivals=arrivals.fit_arrivals(
            part.calls.arrived_at[fresh], classes.of_call[fresh], len(classes.names), period,
            options.interval_min,
        ),
        opening=opening,
        closed=_closed(part, opening),
        ivr=_ivr(served),
        ivr_patience=_ivr_patience(served),
        handle=_handle(part, classes),
        patience=_patience(part, classes, agents),
        handle_of=_handle_of(part, classes, agents),
        parts=_parts(part, classes, agents),
        duty=agents,
        wrap_up=fit_law(agents.wrap_up_s) if len(agents.wrap_up_s) else None,
        redial=again,
    )  # fmt: skip


def _agents(log: CallLog, classes: Classes, options: Options) -> duty.Duty:
    return duty.infer_duty(
        log,
        classes.queue_of_call,
        len(classes.queues),
        round(options.longest_wrap_up_s * SECOND_US),
        round(options.longest_idle_min * MINUTE_US),
    )


def _ivr(log: CallLog) -> LawFit | None:
    """Time in menus of those who got through them: a hang-up there says only that it is longer."""
    times, hung_up = _ivr_times(log)
    if not len(times) or hung_up.all():
        return None
    if not hung_up.any():
        return fit_law(times)
    curve = fit_patience(times, ~hung_up)
    assert curve is not None
    whole = fit_law(curve.values_s)
    return LawFit(**{**whole.__dict__, "n": int((~hung_up).sum())})


def _closed(log: CallLog, opening: Opening | None) -> LawFit | None:
    """Time on the line of callers outside the hours who got to no queue."""
    if opening is None:
        return None
    calls = log.calls
    turned_away = ~opening.holds(calls.arrived_at) & (calls.ivr_us >= 0) & (calls.joined_at < 0)
    return fit_law(calls.ivr_us[turned_away] / SECOND_US) if turned_away.any() else None


def _ivr_patience(log: CallLog) -> PatienceFit | None:
    times, hung_up = _ivr_times(log)
    return fit_patience(times, hung_up) if len(times) else None


def _ivr_times(log: CallLog) -> tuple[Floats, Bools]:
    """Times in menus (s) where known, and who hung up there."""
    calls = log.calls
    known = calls.ivr_us >= 0
    return calls.ivr_us[known] / SECOND_US, calls.outcome[known] == Outcome.ABANDONED_IVR


def _handle(log: CallLog, classes: Classes) -> tuple[LawFit, ...]:
    calls = log.calls
    known = (calls.outcome == Outcome.ANSWERED) & (calls.ended_at >= 0)
    lasts = (calls.ended_at - calls.answered_at) / SECOND_US
    found = []
    for queue in range(len(classes.queues)):
        mine = known & (classes.queue_of_call == queue)
        enough = int(mine.sum()) >= LEAST_HANDLED
        found.append(fit_law(lasts[mine if enough else known]))
    return tuple(found)


def _handle_of(log: CallLog, classes: Classes, agents: duty.Duty) -> dict[tuple[int, int], LawFit]:
    """Laws by group and queue; empty where all groups are as fast.

    A group with too few calls of a queue has the queue's law at the group's pace.
    """
    groups, calls = agents.groups, log.calls
    if len(set(groups.pace)) < 2:
        return {}
    known = (calls.outcome == Outcome.ANSWERED) & (calls.ended_at >= 0) & (calls.agent >= 0)
    lasts = (calls.ended_at - calls.answered_at) / SECOND_US
    group = groups.group_of[calls.agent]
    found = {}
    for g, queues in enumerate(groups.serves):
        for q in queues:
            whole = known & (classes.queue_of_call == q)
            mine = whole & (group == g)
            own = int(mine.sum()) >= LEAST_OWN_HANDLED
            if own or whole.any():
                found[g, q] = fit_law(lasts[mine] if own else lasts[whole] * groups.pace[g])
    return found


def _parts(log: CallLog, classes: Classes, agents: duty.Duty) -> DayParts:
    """Parts of the day by handle time, each call against its queue and group."""
    groups, calls = agents.groups, log.calls
    known = (calls.outcome == Outcome.ANSWERED) & (calls.ended_at >= 0) & (calls.agent >= 0)
    lasted = (calls.ended_at - calls.answered_at)[known] / SECOND_US
    queue, group = classes.queue_of_call[known], groups.group_of[calls.agent[known]]
    kind = queue * max(len(groups.serves), 1) + group
    usual = (np.bincount(kind, lasted) / np.maximum(np.bincount(kind), 1))[kind]
    hour = calls.answered_at[known] % DAY_US // HOUR_US
    return day_parts(hour, lasted, usual, queue, len(classes.queues))


def _patience(log: CallLog, classes: Classes, agents: duty.Duty) -> tuple[Patience, ...]:
    """The patience of each class, by how many its callers found waiting where that tells."""
    calls = log.calls
    joined = calls.joined_at >= 0
    waits, gave_up = calls.wait_us / SECOND_US, calls.outcome == Outcome.ABANDONED
    found = crowd.found_waiting(calls, classes.queue_of_call, agents.groups.serves)
    starts = crowd.bands(found[joined], waits[joined], gave_up[joined])
    band = np.searchsorted(starts, found, side="right") - 1

    def fit(c: int, b: int) -> tuple[PatienceFit | None, bool]:
        """Of a class in a band, or of all classes in it where too few of the class gave up."""
        whole = joined & (band == b)
        mine = whole & (classes.of_call == c)
        own = int((mine & gave_up).sum()) >= LEAST_ABANDONED
        kept = mine if own else whole
        return fit_patience(waits[kept], gave_up[kept]), not own and len(classes.names) > 1

    found_fits = []
    for c in range(len(classes.names)):
        first, pooled = fit(c, 0)
        rest = [(start, *fit(c, b)) for b, start in enumerate(starts) if b]
        crowded = tuple(Band(start, own, wide) for start, own, wide in rest if own is not None)
        found_fits.append(Patience(first, pooled, crowded))
    return tuple(found_fits)
