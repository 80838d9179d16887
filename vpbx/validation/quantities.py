"""The sums that figures are made of, by name; each gives a number a unit.

Belongs here: their definitions. Does not belong here: ratios, expectations, references. Times come out
in the case's unit of time; a visit is a call's stay in the queue.
"""

from collections.abc import Callable

import numpy as np

from vpbx.codes import Outcome
from vpbx.units import HOUR_US
from vpbx.validation.cases import Row
from vpbx.validation.cut import Bools, Cut, Floats

Quantity = Callable[[Cut, Row], Floats]


def _all(cut: Cut) -> Bools:
    return np.ones(len(cut.wait_us), bool)


def _attempts(cut: Cut, row: Row) -> Floats:
    """Calls, redials among them."""
    return cut.of_calls(np.ones(len(cut.unit_of_call), bool), row.caller_class)


def _answered(cut: Cut, row: Row) -> Floats:
    """Visits answered."""
    return cut.of_visits(cut.answered, row.caller_class)


def _abandoned(cut: Cut, row: Row) -> Floats:
    """Visits abandoned."""
    return cut.of_visits(cut.abandoned, row.caller_class)


def _gave_up(cut: Cut, row: Row) -> Floats:
    """Visits abandoned, at once (balked) or after a while."""
    balked = cut.records.visits.outcome == Outcome.BALKED
    return cut.of_visits(cut.abandoned | balked, row.caller_class)


def _timed_out(cut: Cut, row: Row) -> Floats:
    """Visits that reach the longest wait."""
    return cut.of_visits(cut.records.visits.outcome == Outcome.TIMED_OUT, row.caller_class)


def _cleared(cut: Cut, row: Row) -> Floats:
    """Visits ended because the queue closed."""
    return cut.of_visits(cut.records.visits.outcome == Outcome.CLEARED, row.caller_class)


def _blocked(cut: Cut, row: Row) -> Floats:
    """Calls turned away by a full trunk or a full queue."""
    return cut.of_calls(cut.records.calls.outcome == Outcome.BLOCKED, row.caller_class)


def _waited(cut: Cut, row: Row) -> Floats:
    """Visits that wait at all."""
    return cut.of_visits(cut.wait_us > 0, row.caller_class)


def _waited_longer(cut: Cut, row: Row) -> Floats:
    """Visits that wait for longer than the row's time."""
    return cut.of_visits(cut.wait_us > row.at_us, row.caller_class)


def _wait(cut: Cut, row: Row) -> Floats:
    """Time waited, by whoever."""
    return cut.of_visits(_all(cut), row.caller_class, cut.wait_us) / cut.case.time_us


def _wait_answered(cut: Cut, row: Row) -> Floats:
    """Time waited by those answered."""
    return cut.of_visits(cut.answered, row.caller_class, cut.wait_us) / cut.case.time_us


def _in_time(cut: Cut, row: Row) -> Floats:
    """Visits answered within the case's threshold, strictly."""
    soon = cut.answered & (cut.wait_us < cut.case.threshold_us)
    return cut.of_visits(soon, row.caller_class)


def _left_soon(cut: Cut, row: Row) -> Floats:
    """Visits that end within the case's threshold, answered or abandoned."""
    return cut.of_visits(cut.wait_us < cut.case.threshold_us, row.caller_class)


def _abandoned_late(cut: Cut, row: Row) -> Floats:
    """Visits abandoned after the case's threshold."""
    late = cut.abandoned & (cut.wait_us >= cut.case.threshold_us)
    return cut.of_visits(late, row.caller_class)


def _first_waited(cut: Cut, row: Row) -> Floats:
    """First attempts that wait."""
    first = cut.records.calls.attempt[cut.records.visits.call] == 0
    return cut.of_visits(first & (cut.wait_us > 0), row.caller_class)


def _first_at_once(cut: Cut, row: Row) -> Floats:
    """First attempts answered without a wait."""
    first = cut.records.calls.attempt[cut.records.visits.call] == 0
    return cut.of_visits(first & cut.answered & (cut.wait_us == 0), row.caller_class)


def _retries(cut: Cut, row: Row) -> Floats:
    """Attempts that are not the first."""
    return cut.of_calls(cut.records.calls.attempt > 0, row.caller_class)


def _retries_waited(cut: Cut, row: Row) -> Floats:
    """Attempts that are not the first and wait."""
    again = cut.records.calls.attempt[cut.records.visits.call] > 0
    return cut.of_visits(again & (cut.wait_us > 0), row.caller_class)


def _lost(cut: Cut, row: Row) -> Floats:
    """Attempts that are abandoned and not followed by another."""
    last = cut.records.calls.redial_at[cut.records.visits.call] < 0
    return cut.of_visits(cut.abandoned & last, row.caller_class)


def _between_attempts(cut: Cut, row: Row) -> Floats:
    """Time from the end of an attempt to the next."""
    calls = cut.records.calls
    again = calls.redial_at >= 0
    delay = np.where(again, calls.redial_at - calls.ended_at, 0)
    return cut.of_calls(again, row.caller_class, delay) / cut.case.time_us


def _busy(cut: Cut, row: Row) -> Floats:
    """Agents' time spent talking."""
    talk = cut.records.grid.talk
    own = talk if cut.group < 0 else talk[:, cut.group : cut.group + 1]
    return cut.of_grid(own) / cut.case.time_us


def _busy_in_hours(cut: Cut, row: Row) -> Floats:
    """Agents' time spent talking from 08:00 to 16:00 of each day."""
    return cut.of_days(cut.records.grid.talk, 8 * HOUR_US, 16 * HOUR_US) / cut.case.time_us


def _busy_all_day(cut: Cut, row: Row) -> Floats:
    """Agents' time spent talking in each day."""
    return cut.of_days(cut.records.grid.talk, 0, 24 * HOUR_US) / cut.case.time_us


def _busy_at_hour(cut: Cut, row: Row) -> Floats:
    """Mean number talking in the hour of a unit that begins at the row's time."""
    grid_us = cut.model.compiled.program.clock.grid_us
    first, n = row.at_us // grid_us, int(HOUR_US // grid_us)
    return np.array([cut.records.grid.talk[first : first + n].sum() / (n * grid_us)])


def _queue_time(cut: Cut, row: Row) -> Floats:
    """Integral of the number waiting from midnight to the row's time of each day."""
    return cut.of_days(cut.records.grid.queue_time, 0, row.at_us) / cut.case.time_us


def _present(cut: Cut, row: Row) -> Floats:
    """Number waiting or talking at the row's time of each day."""
    visits = cut.records.visits
    at = np.maximum(cut.unit_of_visit, 0) * cut.model.unit_us + row.at_us
    until = np.where(cut.answered, visits.talk_until, visits.left_at)
    return cut.of_visits((visits.joined_at < at) & (until >= at), row.caller_class)


def _all_busy(cut: Cut, row: Row) -> Floats:
    """Whether, at the row's time of each day, as many are present as there are agents, or more."""
    return np.asarray(_present(cut, row) >= _agents(cut), float)


def _waiting(cut: Cut, row: Row) -> Floats:
    """Number present beyond the agents at the row's time of each day."""
    return np.maximum(_present(cut, row) - _agents(cut), 0.0)


def _agents(cut: Cut) -> int:
    return int(cut.model.compiled.program.groups.first_agent[-1])


QUANTITIES: dict[str, Quantity] = {
    "attempts": _attempts,
    "answered": _answered,
    "abandoned": _abandoned,
    "gave_up": _gave_up,
    "timed_out": _timed_out,
    "cleared": _cleared,
    "blocked": _blocked,
    "waited": _waited,
    "waited_longer": _waited_longer,
    "wait": _wait,
    "wait_answered": _wait_answered,
    "in_time": _in_time,
    "left_soon": _left_soon,
    "abandoned_late": _abandoned_late,
    "first_waited": _first_waited,
    "first_at_once": _first_at_once,
    "retries": _retries,
    "retries_waited": _retries_waited,
    "lost": _lost,
    "between_attempts": _between_attempts,
    "busy": _busy,
    "busy_in_hours": _busy_in_hours,
    "busy_all_day": _busy_all_day,
    "busy_at_hour": _busy_at_hour,
    "queue_time": _queue_time,
    "present": _present,
    "all_busy": _all_busy,
    "waiting": _waiting,
}
"""Every sum that a row may name."""
